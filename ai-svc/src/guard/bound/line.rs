//! A line of the shop's texts: what it says, what it denies, which numbers it has and what it goes on with.

use super::Part;
use super::words::{BOUNDS, FREE};
use crate::guard::numbers::{Figure, Unit, currency};
use crate::guard::reading::{Line, Phrases, Reading};
use crate::guard::{gloss, negation::denies, places, promises};
use crate::text::{Kind, Token};
use std::ops::Range;

/// A line and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Told<'s> {
    pub source: &'s Reading,
    pub line: &'s Line,
    /// Of a product or of the shop itself rather than of its policies.
    pub of_goods: bool,
}

/// Whether one of the phrases stands right beside a number: "từ 500k", "500k trở lên". Of a range none does, which tells itself.
pub(super) fn is_led(reading: &Reading, figure: &Figure, phrases: &Phrases) -> bool {
    let joins = |at: usize| {
        reading
            .tokens
            .get(at)
            .is_some_and(|t| t.is('-') || matches!(t.text.as_str(), "đến" | "tới" | "to" | "den" | "toi"))
    };
    let counted = |at: usize| reading.figures.iter().any(|f| (f.first..=f.last).contains(&at));
    let closes = figure.first > 1 && joins(figure.first - 1) && counted(figure.first - 2);
    // "Từ 9:00 đến 18:00"
    let opens = (figure.last + 1..figure.last + 4).any(|at| joins(at) && counted(at + 1));
    let before: Vec<Token> = reading.tokens.get(..figure.first).unwrap_or_default().to_vec();
    let end = before.iter().rposition(|t| t.kind != Kind::Symbol).map_or(0, |at| at + 1);
    let before = before.get(end.saturating_sub(3)..end).unwrap_or_default();
    let after = reading.tokens.get(figure.last + 1..).unwrap_or_default();
    let skipped = after.iter().take_while(|t| is_money_word(t)).count();
    let after = after.get(skipped..(skipped + 3).min(after.len())).unwrap_or_default();
    let leads = phrases.all(before).any(|(at, n)| at + n == before.len());
    !closes && !opens && (leads || phrases.all(after).any(|(at, _)| at == 0))
}

impl Told<'_> {
    /// Whether the heading of its line says the word.
    pub fn is_headed(&self, word: &Token) -> bool {
        let sentence = self.source.sentences.get(self.line.sentence);
        let heading = sentence.and_then(|sentence| self.source.heading(sentence));
        heading.is_some_and(|heading| self.source.says(&heading, word) || says_loosely(self.source, &heading, word))
    }

    pub fn says(&self, word: &Token) -> bool {
        self.source.line_says(self.line, word) || says_loosely(self.source, &self.line.range, word)
    }

    /// The same, or what it belongs to does.
    pub fn says_something(&self, tokens: &[Token], part: &Part<'_>, lines: &[Told<'_>]) -> bool {
        let place =
            |at: Range<usize>| places::holds_for(self.source, &self.line.range, tokens.get(at).unwrap_or_default());
        let telling = |t: &Token| t.kind == Kind::Word && !FREE.has(t) && (self.says(t) || part.is_of(*self, t, lines));
        let counted = |f: &Figure| self.has(f) && !part.is_aside_figure(f);
        tokens.iter().any(telling)
            || part.reply.figures_in(&part.range).any(counted)
            || tokens.iter().any(promises::is_topic)
            || places::named(tokens).into_iter().any(place)
    }

    /// Whether it says something of the words beside the free ones.
    pub fn says_what(&self, tokens: &[Token]) -> bool {
        tokens.iter().any(|t| t.kind == Kind::Word && !FREE.has(t) && self.says(t))
    }

    pub fn has(&self, figure: &Figure) -> bool {
        self.source.figures_in(&self.line.range).any(|f| {
            let same = figure.unit == f.unit;
            let currency = figure.currency.is_none() || f.currency.is_none() || f.currency == figure.currency;
            f.value == figure.value && same && currency
        })
    }

    pub fn counts(&self) -> bool {
        self.source.figures_in(&self.line.range).next().is_some()
    }

    pub fn denies(&self) -> bool {
        let tokens = self.source.slice(&self.line.range);
        (0..tokens.len()).any(|at| denies(tokens, at))
    }

    /// Whether the line goes on with what the one before begins, and that says the word: "engraving takes 2 weeks and costs $10".
    pub fn goes_on(&self, word: &Token) -> bool {
        let own = self.source.slice(&self.line.range);
        let joined = own.first().is_some_and(|t| matches!(t.text.as_str(), "và" | "and" | "but" | "nhưng"));
        let before =
            self.source.lines.iter().find(|l| l.range.end == self.line.range.start && l.sentence == self.line.sentence);
        let subject = before.map(|before| {
            let first = self.source.figures_in(&before.range).next().map_or(before.range.end, |f| f.first);
            before.range.start..first
        });
        let topicless = !own.iter().any(promises::tells_promise);
        joined
            && topicless
            && !places::is_of_a_place(own)
            && subject.is_some_and(|range| {
                self.source.slice(&range).iter().any(|t| t.same_word(word) || gloss::same_meaning(t, word))
            })
    }

    /// Whether the words are in the stretch by their meaning, as phrases.
    pub fn is_glossed(&self, stretch: &[Token], own: &[&Token]) -> bool {
        stretch.iter().any(|t| {
            t.kind == Kind::Word
                && !FREE.has(t)
                && self.source.line_says(self.line, t)
                && !promises::is_topic(t)
                && !own.is_empty()
                && !is_money_word(t)
        })
    }

    /// What kind of number it has: money, days, or what stands behind it; none where it is what something depends on.
    pub fn unit(&self) -> Option<String> {
        let figure = self.source.figures_in(&self.line.range).last()?;
        if is_led(self.source, figure, &BOUNDS[0]) {
            return None;
        }
        match figure.unit {
            Unit::Plain => self.source.tokens.get(figure.last + 1).map(|t| t.fold.clone()),
            unit => Some(format!("{unit:?}")),
        }
    }
}

pub(super) fn is_money_word(word: &Token) -> bool {
    let short = matches!(
        word.fold.as_str(),
        "k" | "nghin" | "ngan" | "trieu" | "tr" | "dong" | "h" | "am" | "pm" | "vnd" | "usd"
    );
    currency(word).is_some() || short || word.text == "đ"
}

/// A word by its meaning: "tiếng" for "giờ".
pub(super) fn says_loosely(source: &Reading, range: &Range<usize>, word: &Token) -> bool {
    source.slice(range).iter().any(|t| gloss::same_meaning(t, word))
}
