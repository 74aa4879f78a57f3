//! Whether an amount is one that may be said of what it speaks of: a price, a quantity times it, a
//! total, a fee of the policies, or the customer's own budget.

use super::mention::Group;
use super::money::{is_counter, is_kind};
use super::numbers::{Figure, ONE, Unit, currency};
use super::reading::{Phrases, Reading, is_filler};
use super::{Blocked, Evidence, Rule, block};
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

pub(super) static TOTAL: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("tổng|tổng cộng|total|altogether|together|cả hai|cả|hết|cộng|combo|both|thành tiền|in all|=")
});
static BUDGET: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("dưới|duoi|under|below|less than|within|ngân sách|budget|trong tầm|tầm|with|với"));
static SHIPPING: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("ship|shipping|giao|giao hàng|vận chuyển|delivery|phí"));
/// What makes a price the price of one, whatever quantity stands beside it.
static EACH: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("mỗi|một cái|1 cái|/ cái|/ chiếc|/ áo|/ đôi|/ bộ|each|per|apiece|lần lượt|đều|cùng giá|cùng")
});

/// A clause and all that judges its amounts.
pub(super) struct Scope<'a> {
    pub reply: &'a Reading,
    pub evidence: &'a Evidence<'a>,
    pub clause: &'a Range<usize>,
    pub sentence: &'a Range<usize>,
    /// How many amounts the clause states.
    pub amounts: usize,
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
            if !paired && !self.is_total(amount, spoken) && !self.is_policy(amount) && !self.is_budget(amount, groups) {
                return wrong();
            }
        }
        None
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
        let each = counted.is_empty() || self.amounts > 1 || self.reply.has(self.clause, &EACH);
        let one = each.then_some(1);
        one.into_iter().chain(counted).any(|q| self.evidence.is_multiple(amount, product, q))
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
            f.value.filter(|_| (counts(after) || times) && !named)
        });
        let words = reading.slice(range).windows(2).filter_map(|pair| match pair {
            [number, noun] if counts(Some(noun)) && !self.evidence.says_together(number, noun) => {
                small_word(&number.text).map(|n| n * ONE)
            }
            _ => None,
        });
        figures.chain(words).filter(|v| v % ONE == 0 && (2 * ONE..=100 * ONE).contains(v)).map(|v| v / ONE).collect()
    }

    /// One, what the clause counts, and what the customer asked for.
    fn quantities(&self) -> Vec<i128> {
        let asked = self.counted(&self.evidence.asked, &(0..self.evidence.asked.tokens.len()));
        [1].into_iter().chain(self.counted(self.reply, self.clause)).chain(asked).collect()
    }

    /// A total over what the sentence names, or the whole reply when it names nothing, with a quantity for each.
    fn is_total(&self, amount: &Figure, spoken: &[Vec<usize>]) -> bool {
        if !self.reply.has(self.sentence, &TOTAL) {
            return false;
        }
        let Some(value) = amount.value else { return false };
        let in_sentence = self.evidence.groups(self.reply.slice(self.sentence), None);
        let whole = if in_sentence.len() > 1 { in_sentence } else { self.evidence.groups(&self.reply.tokens, None) };
        let sets: Vec<Vec<usize>> =
            if whole.len() > 1 { whole.into_iter().map(|g| g.products).collect() } else { spoken.to_vec() };
        let quantities = self.quantities();
        let mut sums: Vec<i128> = vec![0];
        for set in sets.iter().take(4) {
            let prices = set
                .iter()
                .take(4)
                .filter_map(|p| self.evidence.products.get(*p))
                .filter(|p| amount.currency.is_none_or(|c| c == p.currency));
            let steps: Vec<i128> = prices.flat_map(|p| quantities.iter().map(|q| q * p.price_milli())).collect();
            sums = sums.iter().flat_map(|s| steps.iter().map(move |x| s + x)).collect();
            sums.sort_unstable();
            sums.dedup();
        }
        let mut fees = vec![0];
        if self.reply.has(self.sentence, &SHIPPING) {
            fees.extend(
                self.evidence.policies.figures.iter().filter(|f| f.unit == Unit::Money).filter_map(|f| f.value),
            );
        }
        sums.iter().any(|s| *s > 0 && fees.iter().any(|f| s + f == value))
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
            let shared = content.iter().filter(|t| policy.slice(sentence).iter().any(|p| p.same_word(t))).count();
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
fn small_word(word: &str) -> Option<i128> {
    const VIETNAMESE: [&str; 9] = ["hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười"];
    const ENGLISH: [&str; 9] = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let at = [VIETNAMESE, ENGLISH].iter().find_map(|list| list.iter().position(|w| *w == word))?;
    i128::try_from(at).ok().map(|at| at + 2)
}
