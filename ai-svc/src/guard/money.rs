//! Amounts and bare numbers: each must be a retrieved price of the product it speaks of, a quantity times it, a total of such, an amount of
//! the shop's policies in the same connection, or a number that stands in the sources.

use super::amount::Scope;
use super::numbers::{Figure, ONE, Unit, currency, time_follows};
use super::reading::{Phrases, Reading};
use super::{Blocked, Evidence, Rule, block, spelled};
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

static PRICE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("giá|price|prices|priced|cost|costs|tổng|total|thành tiền|tính|bán|chỉ|sell|only|just|tiền|hết")
});
/// Of these, what speaks of money only right before a number: "chỉ có cho iPhone 13" does not, nor does "địa chỉ ở 27".
static NEARLY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("chỉ|only|just|bán|sell|tính|hết"));
static ADDRESS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("địa chỉ|dia chi"));
/// Words from one of them to its number.
const NEAR: usize = 2;
/// What introduces the most a customer would pay.
pub(super) static LIMIT: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("dưới|duoi|under|below|less than|tầm|khoảng|tối đa|with|với|within|có"));
static WISH: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("chúc|wish|have a"));
static SLANG: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("lít|xị|chai|củ|cành|vé|tờ|lá|quả|bills|notes"));
static FOREIGN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "cien|ciento|doscientos|mille|hundert|tausend|cinquante|cincuenta|deux|trois|zwei|drei|cents|cent|centavos|\
        fiver|tenner|nickel|dime|a grand|nửa củ|nửa chai|nửa lít|nửa vé|half a grand|won|baht|rupiah|ringgit|rubles|rub|peso|pesos|half a million|nửa triệu|vài trăm|vài chục|mấy trăm|dozen",
    )
});

/// Counted things: the number before one is a quantity.
pub(super) fn is_counter(token: &Token) -> bool {
    matches!(
        token.fold.as_str(),
        "cai"
            | "chiec"
            | "doi"
            | "bo"
            | "hop"
            | "set"
            | "mon"
            | "goi"
            | "tui"
            | "cap"
            | "sp"
            | "pcs"
            | "piece"
            | "pieces"
            | "item"
            | "items"
            | "pair"
            | "pairs"
            | "unit"
            | "units"
            | "x"
            | "×"
            | "mau"
            | "san"
            | "loai"
            | "lua"
            | "option"
            | "options"
            | "product"
            | "products"
            | "model"
            | "models"
            | "style"
            | "styles"
            | "ao"
            | "quan"
            | "vay"
            | "dam"
            | "giay"
            | "mu"
            | "non"
            | "chai"
            | "hu"
            | "lo"
            | "thung"
            | "con"
            | "cay"
            | "quyen"
            | "cuon"
            | "shirt"
            | "shirts"
            | "box"
            | "boxes"
            | "bottle"
            | "bottles"
            | "pack"
            | "packs"
            | "bag"
            | "bags"
            | "jar"
            | "jars"
            | "tube"
            | "tubes"
            | "mug"
            | "mugs"
            | "dress"
            | "dresses"
            | "tuyp"
            | "lon"
            | "ly"
            | "coc"
            | "thoi"
            | "bich"
            | "vi"
    )
}

/// Counted things of which there are as many as were retrieved.
pub(super) fn is_kind(token: &Token) -> bool {
    matches!(
        token.fold.as_str(),
        "mau"
            | "san"
            | "loai"
            | "lua"
            | "mon"
            | "option"
            | "options"
            | "product"
            | "products"
            | "item"
            | "items"
            | "model"
            | "models"
            | "style"
            | "styles"
    )
}

/// Units of what is measured, never of money.
pub(super) fn is_measure(token: &Token) -> bool {
    matches!(
        token.fold.as_str(),
        "cm" | "mm"
            | "m"
            | "kg"
            | "g"
            | "gr"
            | "gram"
            | "ml"
            | "l"
            | "lit"
            | "inch"
            | "oz"
            | "gb"
            | "tb"
            | "mah"
            | "w"
            | "v"
            | "hz"
            | "tuoi"
            | "lop"
            | "ngan"
            | "tang"
            | "inches"
            | "meter"
            | "meters"
            | "metres"
            | "metre"
            | "met"
            | "feet"
            | "foot"
            | "litre"
            | "liter"
            | "grams"
            | "years"
    )
}

enum Class {
    Amount,
    /// A number that needs no more.
    Fine,
    Unsourced,
}

/// The first amount or number without a source.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    if let Some(blocked) = unread(reply, evidence) {
        return Some(blocked);
    }
    let mut carried: Option<Vec<usize>> = None;
    let subjects = evidence.subjects(reply);
    for (n, ((clause, sentence), subject)) in reply.clauses.iter().zip(&subjects).enumerate() {
        let sentence = reply.sentences.get(*sentence).cloned().unwrap_or_else(|| clause.clone());
        let mut amounts = Vec::new();
        for figure in reply.figures_in(clause) {
            if figure.value.is_none() {
                return block(Rule::Unreadable, "a number that cannot be read");
            }
            match classify(reply, clause, figure, subject, evidence) {
                Class::Amount => amounts.push(figure),
                Class::Fine => {}
                Class::Unsourced => return block(Rule::Number, "a number that stands in no source"),
            }
        }
        let mut groups = evidence.groups(reply.slice(clause), carried.as_deref());
        if groups.is_empty() && !amounts.is_empty() && carried.is_none() {
            // "Giá 150k, áo thun xanh": the name follows.
            let next = reply.clauses.get(n + 1).filter(|(_, s)| reply.sentences.get(*s) == Some(&sentence));
            groups = next
                .filter(|(c, _)| reply.figures_in(c).next().is_none())
                .map(|(c, _)| evidence.groups(reply.slice(c), None))
                .unwrap_or_default();
        }
        let spoken: Vec<Vec<usize>> = if groups.is_empty() {
            vec![carried.clone().unwrap_or_else(|| evidence.default_subject())]
        } else {
            groups.iter().map(|g| g.products.clone()).collect()
        };
        let before = carried.as_deref().unwrap_or_default();
        let scope = Scope { reply, evidence, clause, sentence: &sentence, before };
        if let Some(blocked) = scope.judge(&amounts, &groups, &spoken) {
            return Some(blocked);
        }
        if !groups.is_empty() {
            let mut all: Vec<usize> = spoken.concat();
            all.sort_unstable();
            all.dedup();
            carried = Some(all);
        }
    }
    None
}

/// Money words outside every figure that was read: whatever number they belong to, the guard did not see it.
fn unread(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let inside = |at: usize| reply.figures.iter().any(|f| (f.first.saturating_sub(1)..=f.last).contains(&at));
    let known = |at: usize| {
        let token = reply.tokens.get(at);
        evidence.trusted().iter().any(|s| s.tokens.iter().any(|t| token.is_some_and(|own| own.same_word(t))))
    };
    for (at, token) in reply.tokens.iter().enumerate() {
        let money = currency(token).is_some()
            || token.fold == "nghin"
            || (token.fold == "trieu" && token.text != "triều")
            || token.text == "ngàn"
            || token.fold == "dongs"
            || matches!(token.fold.as_str(), "thousand" | "million" | "hundred");
        if money && !inside(at) && !known(at) {
            return block(Rule::Unreadable, "money without a number that can be read");
        }
        let slang = SLANG.find(std::slice::from_ref(token)).is_some();
        let counted = at.checked_sub(1).and_then(|i| reply.tokens.get(i)).is_some_and(|t| {
            matches!(t.text.as_str(), "một" | "hai" | "ba" | "bốn" | "năm" | "sáu" | "bảy" | "tám" | "chín")
        });
        let clause = reply.clauses.iter().find(|(c, _)| c.contains(&at));
        let priced = clause.is_some_and(|(c, _)| reply.has(c, &PRICE));
        // "Hai chai" may be bottles, where the shop or the customer has any.
        let goods = evidence.facts.iter().chain([&evidence.asked]).any(|s| s.tokens.iter().any(|t| t.same_word(token)));
        if slang && counted && (priced || !goods) {
            return block(Rule::Unreadable, "an amount in slang");
        }
    }
    if spelled::in_digits(reply, evidence) {
        return block(Rule::Unreadable, "a number in words that nobody can read for sure");
    }
    if let Some((at, length)) = FOREIGN.find(&reply.tokens) {
        let percent = reply.tokens.get(at.saturating_sub(1)).is_some_and(|t| t.fold == "per");
        if !percent && !(at..at + length).all(known) {
            return block(Rule::Unreadable, "a number word of another language");
        }
    }
    None
}

fn classify(
    reply: &Reading,
    clause: &Range<usize>,
    figure: &Figure,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Class {
    let value = figure.value.unwrap_or(0);
    if figure.unit == Unit::Money {
        return Class::Amount;
    }
    let before = figure.first.checked_sub(1).and_then(|i| reply.tokens.get(i));
    let after = reply.tokens.get(figure.last + 1);
    let trusted = evidence.trusted();
    let facts = evidence.facts_of(subject);
    let sources: Vec<&Reading> = facts.iter().chain(&trusted).copied().collect();
    let yes = |sourced: bool| if sourced { Class::Fine } else { Class::Unsourced };
    if figure.unit == Unit::Percent {
        // Percentages of a product are what it is made of; all others are policy and are judged with the promises.
        return Class::Fine;
    }
    let digits = reply.tokens.get(figure.first).map_or(0, |t| t.text.len());
    if figure.first == figure.last
        && digits >= 8
        && reply.tokens.get(figure.first).is_some_and(|t| t.text.bytes().all(|b| b.is_ascii_digit()))
    {
        // Phone and account numbers have been judged as such.
        return Class::Fine;
    }
    let line_start = before.is_none_or(|t| t.is('\n'));
    if line_start && after.is_some_and(|t| t.is('.') || t.is(')')) && value <= 20 * ONE {
        return Class::Fine;
    }
    if subject.iter().any(|p| evidence.is_named_in(*p, reply, figure))
        || super::stock::is_count(reply, clause, figure, evidence) && stock_count(reply, clause)
    {
        return Class::Fine;
    }
    // "Chúc bạn một ngày tốt lành"
    if value == ONE && WISH.find(reply.slice(&(clause.start..figure.first))).is_some() {
        return Class::Fine;
    }
    if time_follows(&reply.tokens, figure.last + 1) {
        return yes(facts.iter().chain(&trusted).any(|s| s.pairs(value, None, after)));
    }
    let letters = |t: &&Token| t.kind == Kind::Word && t.text != "x";
    let left = before.filter(letters).filter(|_| reply.tokens.get(figure.first).is_some_and(|t| t.glued));
    let right = after.filter(letters).filter(|t| t.glued);
    if left.is_some() || right.is_some() {
        return yes(sources.iter().copied().chain([&evidence.asked]).any(|s| s.pairs(value, left, right)));
    }
    let label = before
        .is_some_and(|t| matches!(t.fold.as_str(), "size" | "co" | "sz" | "so" | "no" | "model" | "ma" | "sizes"));
    let lead = reply.slice(&(clause.start..figure.first));
    let nearly = |at: usize| NEARLY.find(lead.get(at..=at).unwrap_or_default()).is_some();
    let addressed = |at: usize| ADDRESS.all(lead).any(|(from, n)| (from..from + n).contains(&at));
    // "Giá đỡ" is a thing.
    let named = |at: usize| lead.get(at..at + 2).is_some_and(|words| evidence.in_title(words));
    let of_money =
        |(at, n): (usize, usize)| !addressed(at) && !named(at) && (!nearly(at) || lead.len() - at - n <= NEAR);
    let priced = PRICE.all(lead).any(of_money);
    // Beside a price word only a unit or a label explains a number: a description may say "price is 1 today" for its own ends.
    let explained = !priced || label || after.is_some_and(is_measure);
    let open = echoes(reply, clause, evidence);
    if explained
        && (sources.iter().any(|s| s.pairs(value, before, after))
            || (open && value < 1000 * ONE && evidence.asked.pairs(value, before, after)))
    {
        return Class::Fine;
    }
    if after.is_some_and(|thing| super::counted::is_listed(value / ONE, thing, subject, evidence)) {
        return Class::Fine;
    }
    if after.is_some_and(is_counter) || before.is_some_and(|t| t.text == "x") {
        let listed = after.is_some_and(is_kind) && value <= ONE * evidence.products.len() as i128;
        let multiplies = reply.figures_in(clause).filter(|f| f.unit == Unit::Money).any(|f| {
            evidence
                .products
                .iter()
                .any(|p| f.value.is_some_and(|v| v * ONE == p.price_milli() * value || v == p.price_milli()))
                && (f.first > figure.last || value == ONE)
                && !stock_count(reply, clause)
        });
        return yes(value <= 100 * ONE && (listed || multiplies || evidence.asked.counts(value)));
    }
    // "12 cho áo này" is a price too, though twelve be a number of the shop's address.
    let paid_for = after.is_some_and(|t| matches!(t.fold.as_str(), "cho" | "for"));
    if (priced || paid_for) && !label {
        return Class::Amount;
    }
    if after.is_some_and(is_measure) {
        return Class::Unsourced;
    }
    if facts.iter().any(|s| s.counts(value)) || trusted.iter().any(|s| s.counts(value)) {
        return Class::Fine;
    }
    if value >= 1000 * ONE || evidence.is_price(figure) {
        return Class::Amount;
    }
    yes(open && evidence.asked.counts(value))
}

/// Whether a clause may say the customer's own number back: it asks, denies or leaves open, or a size answers it.
fn echoes(reply: &Reading, clause: &Range<usize>, evidence: &Evidence<'_>) -> bool {
    let tokens = reply.slice(clause);
    super::speech::asks(tokens)
        || super::speech::unknown(tokens, evidence).is_some()
        || (0..tokens.len()).any(|at| super::negation::denies(tokens, at))
        || tokens.iter().any(crate::attribute::is_size)
        || super::stock::says_gone(tokens)
        || LIMIT.find(tokens).is_some()
}

fn stock_count(reply: &Reading, clause: &Range<usize>) -> bool {
    static LEFT: LazyLock<Phrases> = LazyLock::new(|| {
        Phrases::new("còn|left|remain|remains|remaining|in stock|available|we have|there are|sẵn|tồn|hiện có|on hand")
    });
    reply.has(clause, &LEFT)
}
