//! How many of what: "hai đôi đũa", "three compartments", "159k một cặp". A count is of the thing that the row counts, and a price is for as
//! many as the row sells it by.

use super::money::is_kind;
use super::numbers::{Figure, Unit};
use super::reading::{Phrases, Reading, WordList};
use super::{Blocked, Evidence, Rule, amount, block, gloss, speech};
use crate::attribute::{COLOUR, SIZE};
use crate::text::{Kind, Token, fold};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

/// By what one thing is counted; these say nothing of how many are in it.
static ONE_OF: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "cái chiếc sản phẩm món em mẫu loại cây quyển hộp chai hũ lọ tuýp gói túi thỏi con trong số chút lát xíu ít phần lần người bạn ngày chỗ nơi \
        trường màu size cỡ piece item one each product bottle jar box tube pack bag day moment bit person time colour color style option question few lot \
        little couple link kind great good nice lovely wonderful perfect different cách điều vài dạng kiểu dòng tin nhân of is more to in for with and or at",
    )
});
/// By what several things are sold together.
static SETS: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "cặp bộ đôi set combo tá thùng lốc kg ký lít mét tấm đơn pair pairs sets dozen kilo metre meter order case",
    )
});
/// What comes in pairs.
static PAIRED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giày|dép|vớ|tất|găng|bông tai|hoa tai|khuyên|đũa|shoe|shoes|sandal|sandals|sock|socks|boot|boots|slippers|flats|sneakers|gloves|earrings|pants|trousers|jeans|shorts|leggings",
    )
});
/// What a number of the row's own kinds of: colours and sizes.
static FORMS: LazyLock<WordList> = LazyLock::new(|| WordList::new("màu colour colours color colors size sizes cỡ"));

/// The first count that no row has.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    for ((clause, _), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let whole = reply.slice(clause);
        if speech::asks(whole) || speech::unknown(whole, evidence).is_some() {
            continue;
        }
        for range in reply.parts(clause) {
            let part = Part { reply, range, subject: &subject, evidence };
            if part.counts_wrongly() {
                return block(Rule::Number, "a count of what the row does not count so");
            }
            if part.sells_otherwise() {
                return block(Rule::Amount, "a price for as many as the row does not sell it by");
            }
        }
    }
    None
}

struct Part<'a> {
    reply: &'a Reading,
    range: Range<usize>,
    subject: &'a [usize],
    evidence: &'a Evidence<'a>,
}

impl Part<'_> {
    /// The prices of the part that are a product's, each as often as this.
    fn is_times(&self, quantity: i128) -> bool {
        let own = |f: &Figure| self.subject.iter().any(|p| self.evidence.is_multiple(f, *p, quantity));
        self.reply.figures_in(&self.range).any(own)
    }

    fn counts_wrongly(&self) -> bool {
        let tokens = self.reply.slice(&self.range);
        let polite: Vec<(usize, usize)> = speech::COURTESY.all(tokens).filter(|(_, n)| *n > 1).collect();
        let counted = |at: usize| {
            self.reply.figures.iter().any(|f| f.first < f.last && (f.first..=f.last).contains(&(self.range.start + at)))
        };
        tokens.iter().enumerate().any(|(at, token)| {
            let amount = self
                .reply
                .figures
                .iter()
                .any(|f| f.unit != Unit::Plain && (f.first..=f.last).contains(&(self.range.start + at)));
            let Some(value) = value(token)
                .filter(|_| !amount && !self.is_code(at))
                .filter(|_| !counted(at) && !polite.iter().any(|(from, n)| (*from..from + n).contains(&at)))
            else {
                return false;
            };
            let thing = tokens.get(at + 1..).unwrap_or_default().iter().find(|t| !t.is('-'));
            let Some(thing) = thing.filter(|t| t.kind == Kind::Word) else { return false };
            let plain = ONE_OF.has(thing)
                || is_kind(thing)
                || thing.text.chars().count() < 2
                || super::numbers::currency(thing).is_some();
            let bought = self.is_times(value) || self.asked(value);
            !(bought
                || (value == 1 && plain)
                || is_listed(value, thing, self.subject, self.evidence)
                || self.is_told(value, thing)
                || (plain && !FORMS.has(thing))
                || scale(thing))
                && !tokens.get(at..at + 2).is_some_and(|words| self.evidence.in_title(words))
        })
    }

    /// Whether the digits at `at` are part of a name, a size, a range or a time.
    fn is_code(&self, at: usize) -> bool {
        let here = self.range.start + at;
        let number = |i: usize| {
            self.reply
                .tokens
                .get(i)
                .is_some_and(|t| t.kind == Kind::Number || t.is('-') || t.is('/') || t.is(':') || t.text == "x")
        };
        let Some(token) = self.reply.tokens.get(here).filter(|t| t.kind == Kind::Number) else { return false };
        let next = self.reply.tokens.get(here + 1);
        let left = here.checked_sub(1).and_then(|i| self.reply.tokens.get(i));
        let label = left.is_some_and(|t| {
            t.kind == Kind::Word
                && (token.glued || SIZE.find(std::slice::from_ref(t)).is_some() || self.evidence.names.has(t))
        });
        let stocked = self
            .reply
            .slice(&self.range)
            .iter()
            .any(|t| matches!(t.text.as_str(), "còn" | "left" | "have" | "stock" | "sẵn"));
        label || stocked || next.is_some_and(|t| t.glued) || number(here + 1) || (here > 0 && number(here - 1))
    }

    /// Whether the customer wants so many.
    fn asked(&self, value: i128) -> bool {
        self.evidence.asked.counts(value * 1000)
            || self.evidence.asked.tokens.iter().any(|t| self::value(t) == Some(value) && value > 1)
    }

    /// Whether a line of the sources counts so many of it.
    fn is_told(&self, value: i128, thing: &Token) -> bool {
        let sources = self.evidence.facts_of(self.subject).into_iter().chain(self.evidence.trusted());
        let same = |t: &Token| t.same_word(thing) || gloss::same_meaning(t, thing);
        sources.into_iter().any(|source| {
            source.tokens.iter().enumerate().any(|(at, token)| {
                let near = source.tokens.get(at + 1..(at + 5).min(source.tokens.len())).unwrap_or_default();
                self::value(token) == Some(value) && near.iter().any(same)
            }) || source.lines.iter().any(|line| {
                let own = source.slice(&line.range);
                own.iter().any(|t| self::value(t) == Some(value)) && source.line_says(line, thing)
            })
        })
    }

    /// "159k một cặp", "for two", "a pair" where the row knows of no pair.
    fn sells_otherwise(&self) -> bool {
        let tokens = self.reply.slice(&self.range);
        let priced = self.reply.figures_in(&self.range).any(|f| f.unit == Unit::Money);
        let facts = self.evidence.facts_of(self.subject);
        let known = |word: &Token| {
            let told = |s: &&Reading| s.tokens.iter().any(|t| t.same_word(word) || gloss::same_meaning(t, word));
            let paired = |s: &&Reading| {
                PAIRED.find(&s.tokens).is_some() && matches!(word.text.as_str(), "đôi" | "pair" | "pairs" | "doi")
            };
            facts.iter().any(|s| told(s) || paired(s))
                || self.evidence.policies.tokens.iter().any(|t| t.same_word(word))
        };
        let by = |w: &[Token]| match w {
            [a, b] => {
                matches!(a.text.as_str(), "một" | "1" | "mỗi" | "a" | "per" | "/" | "each" | "cả" | "nguyên")
                    && SETS.has(b)
                    && !known(b)
            }
            _ => false,
        };
        let for_several = |w: &[Token]| match w {
            [a, b] => matches!(a.text.as_str(), "for" | "cho") && value(b).is_some_and(|n| n > 1 && !self.is_times(n)),
            _ => false,
        };
        let price = |f: &Figure| self.subject.iter().any(|p| self.evidence.is_multiple(f, *p, 1));
        let own = self.reply.figures_in(&self.range).any(price);
        let last_counts = tokens.iter().rfind(|t| t.kind == Kind::Word || t.kind == Kind::Number);
        let ends = last_counts.and_then(value).is_some_and(|n| n > 1 && tokens.len() > 2);
        priced && own && (tokens.windows(2).any(by) || (ends && tokens.windows(2).any(for_several)))
    }
}

/// Whether the row has so many colours or sizes.
pub(super) fn is_listed(value: i128, thing: &Token, subject: &[usize], evidence: &Evidence<'_>) -> bool {
    let of = |phrases: &Phrases| phrases.find(std::slice::from_ref(thing)).is_some();
    let heading = if of(&COLOUR) { &*COLOUR } else { &*SIZE };
    let named = |key: &str| heading.find(&crate::text::tokens(key)).is_some();
    let counts = |product: &crate::model::Product| {
        let extra = product.extra.iter().filter(|(key, _)| named(key));
        let listed = extra.map(|(_, value)| value.split([',', ';', '/']).count());
        let variants = product.variants.iter().flat_map(|variant| &variant.attributes);
        let values: BTreeSet<String> = variants.filter(|(key, _)| named(key)).map(|(_, value)| fold(value)).collect();
        listed.chain([values.len()]).any(|n| i128::try_from(n) == Ok(value))
    };
    FORMS.has(thing) && subject.iter().filter_map(|p| evidence.products.get(*p)).any(counts)
}

/// A number of things: in one small word, or in digits.
fn value(token: &Token) -> Option<i128> {
    match token.kind {
        Kind::Word if matches!(token.text.as_str(), "một" | "one") => Some(1),
        Kind::Word => amount::small_word(&token.text),
        Kind::Number => token.text.parse().ok().filter(|n| (1..=20).contains(n)),
        Kind::Symbol => None,
    }
}

/// Words that make a greater number of the one before, and units: those are read as figures.
fn scale(thing: &Token) -> bool {
    static UNITS: LazyLock<WordList> = LazyLock::new(|| {
        WordList::new(
            "trăm nghìn ngàn triệu mươi chục phẩy phần hundred thousand million giờ tiếng ngày tháng năm tuần phút hour hours day days month months year years \
             week weeks minute minutes working business giây",
        )
    });
    super::money::is_measure(thing)
        || UNITS.has(thing)
        || matches!(thing.text.as_str(), "k" | "h" | "am" | "pm" | "gsm" | "x" | "w" | "độ")
}
