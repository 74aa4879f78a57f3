//! Whether an amount is one that may be said of what it speaks of: a price, a quantity times it, a
//! total, a fee of the policies, or the customer's own budget.

use super::mention::Group;
use super::money::{is_counter, is_kind};
use super::numbers::{Figure, ONE, Unit, currency};
use super::reading::{Phrases, Reading, is_filler};
use super::variants::{meant, prices};
use super::{Blocked, Evidence, Rule, block, bound};
use crate::model::Product;
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) static TOTAL: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("tổng|tổng cộng|total|altogether|together|cả hai|cả|hết|cộng|combo|both|thành tiền|in all|=")
});
static FREELY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("miễn phí|free|freeship|free ship|miễn"));
/// What may introduce a sum of what was named.
static MAKES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "là|thành|nên|tính ra|come to|comes to|comes out|add up|adds up|so|makes|would be|will be|that's|are|costs|cost|is",
    )
});
static SUM: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("tổng|tổng cộng|total|altogether|in all|hết thảy|thành tiền"));
static BUDGET: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("dưới|duoi|under|below|less than|within|ngân sách|budget|trong tầm|tầm|with|với"));
static SHIPPING: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("ship|shipping|giao|giao hàng|vận chuyển|delivery"));
static WRAPPING: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("gói quà|hộp quà|gift wrap|gift wrapping|wrapping|wrapped|gift box"));
/// What stands before an amount that an order must reach.
static FROM: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("từ|trên|over|from|above|at least|dưới|under|below|hơn|minimum|tối thiểu"));
/// What makes a price the price of one, whatever quantity stands beside it.
static EACH: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("mỗi|một cái|1 cái|/ cái|/ chiếc|/ áo|/ đôi|/ bộ|each|per|apiece|lần lượt|đều"));

static DENIES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("không phải|chứ không|chứ không phải|thay vì|instead of|not|rather than|khỏi|không cần")
});

/// A clause and all that judges its amounts.
pub(super) struct Scope<'a> {
    pub reply: &'a Reading,
    pub evidence: &'a Evidence<'a>,
    pub clause: &'a Range<usize>,
    pub sentence: &'a Range<usize>,
    /// What the clauses before speak of.
    pub before: &'a [usize],
}

impl Scope<'_> {
    /// The first amount that fits nothing.
    pub fn judge(&self, amounts: &[&Figure], groups: &[Group], spoken: &[Vec<usize>]) -> Option<Blocked> {
        let wrong = || block(Rule::Amount, "an amount that is not a price of what it speaks of");
        for (n, amount) in amounts.iter().enumerate() {
            let fits = |set: &Vec<usize>| set.iter().any(|p| self.is_price(amount, *p));
            let paired = match (spoken.len(), amounts.len()) {
                (1, _) => spoken.iter().any(fits),
                (subjects, count) if subjects == count => spoken.get(n).is_some_and(fits),
                _ => spoken.iter().all(fits) || (amounts.len() > 1 && self.nearest(amount, groups).is_some_and(fits)),
            };
            // "Retinol đắt hơn, 365k so với toner 210k"
            let at = amount.first - self.clause.start;
            let carried =
                groups.first().is_some_and(|g| g.at > at) && self.before.iter().any(|p| self.is_price(amount, *p));
            let paired = paired || carried;
            // "Tổng" of what was asked for is of all of it.
            let partly = self.reply.has(self.clause, &SUM) && self.asks_several() && amounts.len() == 1;
            let paired = paired && !partly;
            // "320k không phải 640k": only the customer's own figure may be denied, and no true one.
            let before = self.reply.slice(&(self.clause.start..amount.first));
            let denied = DENIES.all(before).any(|(at, n)| before.len() - at - n <= 2);
            let true_one = paired || self.is_total(amount, spoken);
            if denied {
                if true_one || !self.evidence.asked.counts(amount.value.unwrap_or(0)) {
                    return wrong();
                }
                continue;
            }
            let known = self.evidence.policies.counts(amount.value.unwrap_or(0));
            let borne = || {
                known
                    && groups.is_empty()
                    && bound::is_borne(
                        self.reply,
                        self.clause,
                        self.sentence,
                        at..at + 1,
                        &[],
                        self.evidence,
                        Rule::Delivery,
                    )
            };
            let ours =
                paired || self.is_total(amount, spoken) || self.is_policy(amount) || self.is_budget(amount, groups);
            if !ours && !borne() {
                return wrong();
            }
        }
        None
    }

    /// Whether the customer asked for several products, and the sentence names none of them or all.
    fn asks_several(&self) -> bool {
        let asked = self.evidence.groups(&self.evidence.asked.tokens, None).len();
        let named = self.evidence.groups(self.reply.slice(self.sentence), None).len();
        asked > 1 && (named == 0 || named >= asked)
    }

    /// The group named last before the amount, else the first one after it.
    fn nearest<'g>(&self, amount: &Figure, groups: &'g [Group]) -> Option<&'g Vec<usize>> {
        let at = amount.first - self.clause.start;
        groups.iter().rev().find(|g| g.at < at).or(groups.first()).map(|g| &g.products)
    }

    /// A clause that counts ("2 áo thun đỏ là …", "… cho 2 cái") states the price of so many, unless it says that it is the price of each
    /// or goes on to state the total.
    fn is_price(&self, amount: &Figure, product: usize) -> bool {
        let counted = self.counted(self.reply, self.clause);
        let times = self.reply.tokens.get(amount.last + 1..self.clause.end).unwrap_or_default();
        let before = self.reply.tokens.get(self.clause.start..amount.first).unwrap_or_default();
        let times = times.iter().take(2).chain(before.iter().rev().take(2));
        let each = counted.is_empty()
            || self.reply.has(self.clause, &EACH)
            || times.into_iter().any(|t| matches!(t.text.as_str(), "x" | "×" | "*"));
        let one = each.then_some(1);
        let mut quantities = one.into_iter().chain(counted);
        let Some(row) = self.evidence.products.get(product) else { return false };
        let prices = self.prices(row);
        quantities.any(|q| prices.iter().any(|price| self.evidence.is_times(amount, row, *price, q)))
    }

    /// The prices of the variants that the clause speaks of, or the sentence, or the customer.
    fn prices(&self, product: &Product) -> Vec<i128> {
        let stretches = [self.reply.slice(self.clause), self.reply.slice(self.sentence), &self.evidence.asked.tokens];
        prices(product, &meant(product, &stretches))
    }

    /// The quantities above one that a stretch counts.
    fn counted(&self, reading: &Reading, range: &Range<usize>) -> Vec<i128> {
        let counts =
            |noun: Option<&Token>| noun.is_some_and(|t| (is_counter(t) && !is_kind(t)) || self.evidence.names.has(t));
        let figures = reading.figures_in(range).filter(|f| f.unit == Unit::Plain).filter_map(|f| {
            let (before, after) =
                (f.first.checked_sub(1).and_then(|i| reading.tokens.get(i)), reading.tokens.get(f.last + 1));
            // "Set 3 áo" is a name and counts nothing.
            let named = f.value.is_some_and(|v| self.evidence.facts.iter().any(|s| s.pairs(v, None, after)));
            let times = before.is_some_and(|t| matches!(t.text.as_str(), "x" | "×"));
            let named = named || self.evidence.is_named(reading, f);
            let boxed = after.is_some_and(is_counter) || counts(after);
            f.value.filter(|_| (boxed || times) && !named)
        });
        let words = reading.slice(range).windows(2).filter_map(|pair| match pair {
            [number, noun] if counts(Some(noun)) && !self.evidence.says_together(number, noun) => {
                small_word(&number.text).map(|n| n * ONE)
            }
            _ => None,
        });
        figures.chain(words).filter(|v| v % ONE == 0 && (2 * ONE..=100 * ONE).contains(v)).map(|v| v / ONE).collect()
    }

    /// What the sentence counts, else what the customer asked for; also one, unless all of it is about one product.
    fn quantities(&self, single: bool) -> Vec<i128> {
        let said = self.counted(self.reply, self.sentence);
        let asked = self.counted(&self.evidence.asked, &(0..self.evidence.asked.tokens.len()));
        let told = if single && !said.is_empty() { said } else { said.into_iter().chain(asked).collect() };
        if single && !told.is_empty() { told } else { [1].into_iter().chain(told).collect() }
    }

    /// A total over what the sentence names, or the whole reply when it names nothing, with a quantity for each.
    fn is_total(&self, amount: &Figure, spoken: &[Vec<usize>]) -> bool {
        let several = self.evidence.groups(self.reply.slice(self.sentence), None).len() > 1
            || !self.quantities(true).contains(&1)
            || [&*SHIPPING, &*WRAPPING].iter().any(|extra| self.reply.has(self.sentence, extra));
        let summed = self.reply.has(self.sentence, &TOTAL) || (several && self.reply.has(self.sentence, &MAKES));
        if !summed {
            return false;
        }
        let Some(value) = amount.value else { return false };
        let in_sentence = self.evidence.groups(self.reply.slice(self.sentence), None);
        let whole = if in_sentence.len() > 1 { in_sentence } else { self.evidence.groups(&self.reply.tokens, None) };
        // "Tổng cộng 770k" names nothing: it is about what the customer named.
        let asked = || self.evidence.groups(&self.evidence.asked.tokens, None);
        let named = if whole.is_empty() { asked() } else { whole };
        let sets: Vec<Vec<usize>> =
            if named.len() > 1 { named.into_iter().map(|g| g.products).collect() } else { spoken.to_vec() };
        let quantities = self.quantities(sets.len() == 1);
        let mut sums: Vec<i128> = vec![0];
        for set in sets.iter().take(4) {
            let prices = set
                .iter()
                .take(4)
                .filter_map(|p| self.evidence.products.get(*p))
                .filter(|p| amount.currency.is_none_or(|c| c == p.currency));
            let prices = prices.flat_map(|p| self.prices(p));
            let steps: Vec<i128> = prices.flat_map(|price| quantities.iter().map(move |q| q * price)).collect();
            sums = sums.iter().flat_map(|s| steps.iter().map(move |x| s + x)).collect();
            sums.sort_unstable();
            sums.dedup();
        }
        let of = |extra: &Phrases| {
            let said = self.reply.has(self.sentence, extra);
            let fees = if said { self.fees(extra) } else { Vec::new() };
            // A fee that the reply names is the one.
            let named: Vec<i128> = fees.iter().copied().filter(|fee| self.reply.counts(*fee)).collect();
            [0].into_iter().chain(if named.is_empty() { fees } else { named }).collect::<Vec<i128>>()
        };
        let (shipping, wrapping) = (of(&SHIPPING), of(&WRAPPING));
        let free_from = self.free_from();
        sums.iter().filter(|goods| **goods > 0).any(|goods| {
            let fits = |fee: &i128, wrap: &i128| {
                let free = free_from.is_some_and(|from| *goods >= from);
                goods + fee + wrap == value && !(free && *fee > 0)
            };
            shipping.iter().any(|fee| wrapping.iter().any(|wrap| fits(fee, wrap)))
        })
    }

    /// From which sum of goods on the policies send them for nothing.
    fn free_from(&self) -> Option<i128> {
        let policies = &self.evidence.policies;
        let free = policies.lines.iter().filter(|line| {
            let own = policies.slice(&line.range);
            FREELY.find(own).is_some()
                && (SHIPPING.find(own).is_some() || super::promises::speaks_of_delivery(policies, line.sentence))
        });
        let from = |f: &&Figure| {
            let before = policies.tokens.get(f.first.saturating_sub(3)..f.first).unwrap_or_default();
            f.unit == Unit::Money && FROM.find(before).is_some()
        };
        free.flat_map(|line| policies.figures_in(&line.range).filter(from).filter_map(|f| f.value).collect::<Vec<_>>())
            .min()
    }

    /// The fees that the policies name for a service; what an order must reach is none.
    fn fees(&self, service: &Phrases) -> Vec<i128> {
        let policies = &self.evidence.policies;
        let threshold = |f: &&Figure| {
            let before = policies.tokens.get(f.first.saturating_sub(3)..f.first).unwrap_or_default();
            FROM.find(before).is_some()
        };
        let sentences = policies.sentences.iter().filter(|s| policies.has(s, service));
        let figures = sentences.flat_map(|s| policies.figures_in(s)).filter(|f| f.unit == Unit::Money);
        figures.filter(|f| !threshold(f)).filter_map(|f| f.value).collect()
    }

    /// An amount of the policies, in a clause that speaks of the same thing as the policy's sentence.
    fn is_policy(&self, amount: &Figure) -> bool {
        let content: Vec<&Token> = self
            .reply
            .slice(self.clause)
            .iter()
            .filter(|t| !is_filler(t) && !self.evidence.names.has(t))
            .filter(|t| {
                currency(t).is_none()
                    && !matches!(t.fold.as_str(), "k" | "nghin" | "trieu" | "tr" | "d" | "dong" | "vnd")
            })
            .collect();
        self.evidence.policies.sentences.iter().any(|sentence| {
            let policy = &self.evidence.policies;
            let same = policy.figures_in(sentence).any(|f| {
                f.unit == Unit::Money
                    && f.value == amount.value
                    && (amount.currency.is_none() || f.currency.is_none() || f.currency == amount.currency)
            });
            let shared = content.iter().filter(|t| policy.says(sentence, t)).count();
            same && shared > 0 && shared * 2 >= content.len()
        })
    }

    /// The customer's own limit, said back, where what is offered does cost no more.
    fn is_budget(&self, amount: &Figure, groups: &[Group]) -> bool {
        let said =
            self.evidence.asked.figures.iter().any(|f| {
                f.value == amount.value || (f.unit == Unit::Plain && f.value.map(|v| v * 1000) == amount.value)
            });
        let before = self.reply.slice(&(self.clause.start..amount.first));
        let sign = before.last().is_some_and(|t| currency(t).is_some());
        let before = before.get(..before.len() - usize::from(sign)).unwrap_or_default();
        let introduced =
            before.len() <= 4 && BUDGET.find(before).is_some_and(|(at, length)| at + length == before.len());
        let named: Vec<usize> = self
            .evidence
            .groups(self.reply.slice(self.sentence), None)
            .into_iter()
            .flat_map(|g| g.products)
            .chain(groups.iter().flat_map(|g| g.products.clone()))
            .collect();
        let offered = if named.is_empty() { (0..self.evidence.products.len()).collect() } else { named };
        let affordable = offered
            .iter()
            .filter_map(|p| self.evidence.products.get(*p))
            .all(|p| amount.value.is_some_and(|v| p.price_milli() <= v));
        said && introduced && affordable && !offered.is_empty()
    }
}

/// A quantity in one word.
pub(super) fn small_word(word: &str) -> Option<i128> {
    const VIETNAMESE: [&str; 9] = ["hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    const ENGLISH: [&str; 9] = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let at = [VIETNAMESE, ENGLISH].iter().find_map(|list| list.iter().position(|w| *w == word))?;
    i128::try_from(at).ok().map(|at| at + 2)
}
