//! What the customer's words ask of the retrieved products: how well these cover them, how many pieces, for how much.

use super::Evidence;
use crate::attribute::{MATERIALS, SIZE};
use crate::guard::money;
use crate::guard::numbers::{Figure, ONE, Unit, figures};
use crate::guard::reading;
use crate::language::Language;
use crate::text::{Phrases, Token, tokens};
use crate::topic;
use std::sync::LazyLock;

/// Before the number of pieces that somebody wants.
static TAKES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("lấy|mua|chốt|đặt|get|take|buy|order|want"));
static BETWEEN: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("đến|tới|to|-|and"));
static OVER: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("trên|over|above|more than"));
/// A word that no more of the retrieved names have tells a thing by itself.
const FEW: usize = 2;

/// How well what was retrieved covers what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Every word, or enough of a name.
    Whole,
    /// The kind of thing, but not all that was said of it: "áo mưa" where there are other áo.
    Part,
    /// At most a side word: "laptop màu đen" where there are black shirts.
    Nothing,
}

impl Evidence<'_> {
    /// How well these of the retrieved products cover the customer's words; none means all.
    ///
    /// A thing is named by two words of its name, by the word for its kind, or by the first word of a Vietnamese question, when few names
    /// have it: "croptop". An unknown word beside it makes another thing of it: "áo mưa" where there are other áo.
    #[must_use]
    pub fn coverage(&self, of: &[usize]) -> Coverage {
        let counted = |at: usize| self.asked.figures.iter().any(|f| (f.first..=f.last).contains(&at));
        let content: Vec<(usize, &Token)> =
            topic::content_at(&self.asked.tokens).filter(|(at, _)| !counted(*at)).collect();
        let rows: Vec<usize> = (0..self.products.len()).filter(|p| of.is_empty() || of.contains(p)).collect();
        let tells = |p: usize, word: &Token| {
            self.facts.get(p).is_some_and(|f| f.tokens.iter().any(|w| topic::same_thing(w, word)))
        };
        if content.iter().all(|(_, word)| rows.iter().any(|p| tells(*p, word))) {
            return Coverage::Whole;
        }
        let named = |p: &usize| content.iter().filter(|(_, t)| self.names.belongs(*p, t)).count();
        if rows.iter().any(|p| named(p) >= 2) {
            return Coverage::Whole;
        }
        let english = self.language == Some(Language::English);
        let kind = |p: &usize, word: &Token| {
            self.products.get(*p).is_some_and(|product| topic::says_kind(std::slice::from_ref(word), product))
        };
        let mut best = Coverage::Nothing;
        for (n, (at, word)) in content.iter().enumerate() {
            let meant: Vec<usize> =
                rows.iter().copied().filter(|p| kind(p, word) || self.names.belongs(*p, word)).collect();
            let is_few = (1..=FEW).contains(&meant.len()) && !MATERIALS.contains(&word.text.as_str());
            if !meant.iter().any(|p| kind(p, word)) && (n > 0 || english || !is_few) {
                continue;
            }
            let neighbour = if english { at.checked_sub(1) } else { Some(at + 1) };
            let beside = content.iter().find(|(at, _)| Some(*at) == neighbour);
            if is_few && beside.is_none_or(|(_, word)| meant.iter().any(|p| tells(*p, word))) {
                return Coverage::Whole;
            }
            best = Coverage::Part;
        }
        best
    }

    /// The quantity that the customer asked for: the one small plain number before a counted thing or behind "lấy", unless a product is
    /// called so.
    #[must_use]
    pub fn asked_quantity(&self) -> Option<i64> {
        let counted = |f: &&Figure| {
            let after = self.asked.tokens.get(f.last + 1);
            let thing = after.is_some_and(|t| money::is_counter(t) || self.names.has(t));
            let named = f.value.is_some_and(|v| self.facts.iter().any(|s| s.pairs(v, None, after)));
            let before = f.first.checked_sub(1).and_then(|at| self.asked.tokens.get(at));
            let is = |phrases: &Phrases| before.is_some_and(|t| phrases.find(std::slice::from_ref(t)).is_some());
            let taken = is(&TAKES) && after.is_none_or(|t| !t.glued && !money::is_measure(t));
            f.unit == Unit::Plain && (thing || taken) && !named && !is(&SIZE)
        };
        let values = self.asked.figures.iter().filter(counted).filter_map(|f| f.value);
        let mut found = values.filter(|v| v % ONE == 0 && (2 * ONE..=50 * ONE).contains(v));
        let first = found.next()?;
        if found.next().is_some() { None } else { i64::try_from(first / ONE).ok() }
    }

    /// How many of the customer's words stand in what is known of a product.
    #[must_use]
    pub fn asked_words_in(&self, product: usize) -> usize {
        let content = self.asked.tokens.iter().filter(|t| !reading::is_filler(t) && !reading::only_asks(t));
        let Some(facts) = self.facts.get(product) else { return 0 };
        content.filter(|t| facts.tokens.iter().any(|w| w.same_word(t))).count()
    }

    /// The least and the most that the customer would pay.
    #[must_use]
    pub fn asked_prices(&self) -> Option<(i128, i128)> {
        prices(&self.asked.tokens, &self.asked.figures)
    }
}

/// The least and the most that somebody would pay ("dưới 200k", "từ 200 đến 300k"), in thousandths of the main unit.
#[must_use]
pub fn asked_prices(question: &str) -> Option<(i128, i128)> {
    let tokens = tokens(question);
    prices(&tokens, &figures(&tokens))
}

fn prices(asked: &[Token], figures: &[Figure]) -> Option<(i128, i128)> {
    let money: Vec<&Figure> = figures.iter().filter(|f| f.unit == Unit::Money).collect();
    for (at, _) in BETWEEN.all(asked) {
        let high = money.iter().find(|f| f.first == at + 1).and_then(|f| f.value);
        let low = figures.iter().find(|f| f.last + 1 == at).and_then(|f| f.value);
        // "200 đến 300k"
        let low = low.map(|low| if low < 1000 * ONE { low * 1000 } else { low });
        if let Some(prices) = low.zip(high).filter(|(low, high)| low < high) {
            return Some(prices);
        }
    }
    // What was said last counts.
    let behind = |phrases: &Phrases| {
        phrases.all(asked).filter_map(|(at, _)| money.iter().find(|f| f.first > at)).last().and_then(|f| f.value)
    };
    behind(&OVER).map(|low| (low, i128::MAX)).or_else(|| behind(&money::LIMIT).map(|high| (0, high)))
}
