//! How well a product fits a question: its words against the question's groups, its marks and its price against what was typed. Pure.
//!
//! - A term's value is its weight · ln(1 + n/df), n products of which df have it: the rarer, the more it says. A group is worth the
//!   greatest weight in it with its rarest term; one that no product has is worth half of the rarest if it is certain (the customer asked
//!   for what is not here), else nothing.
//! - *words* = Σ over groups of the best term that the product has · where it stands / Σ over groups of what they are worth, 0 to 1.

use crate::query::{Asked, Order, Question, stands};

/// What meaning adds to what no word says. Little, because small models know little Vietnamese: with a half the fused order of needs
/// was worse than that of the words alone, with a sixth it is no worse for either model of docs/evaluation.md.
const MEANING: f64 = 1.0 / 6.0;
/// What remains of a word that stands there with other marks: "đen" of a question in "đèn ngủ".
const OTHER_MARKS: f64 = 0.25;
/// What remains of a product whose price is not what was wished for.
const WRONG_PRICE: f64 = 0.2;
/// Of the best words, what a product must have to be the cheapest of what was asked for.
const SAME_KIND: f64 = 0.6;
/// What the right end of the prices is worth.
const BY_PRICE: f64 = 0.35;
/// Of two that are the same otherwise, the one that can be bought comes first.
const IN_STOCK: f64 = 0.01;
/// How far a product that the conversation is about is lifted towards a perfect fit.
const ABOUT: f64 = 0.45;

/// What the question's terms and groups are worth in this shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Worth {
    terms: Vec<(usize, f64)>,
    groups: usize,
    total: f64,
}

impl Worth {
    /// From how many products have each term, and how many there are, both as far as they are counted.
    #[expect(clippy::cast_precision_loss, reason = "counts of some hundreds")]
    pub fn of(asked: &[Asked], counts: &[i64], products: i64) -> Self {
        let products = products as f64;
        let groups = asked.last().map_or(0, |last| last.group + 1);
        // Of each group the greatest weight, the rarest term's information, and whether it counts when there is none.
        let mut sums = vec![(0.0_f64, 0.0_f64, false); groups];
        let mut terms = Vec::with_capacity(asked.len());
        for (asked, df) in asked.iter().zip(counts) {
            let weight = f64::from(asked.weight);
            let rarity = if *df > 0 { (1.0 + products / *df as f64).ln() } else { 0.0 };
            terms.push((asked.group, weight * rarity));
            if let Some((most, rarest, is_certain)) = sums.get_mut(asked.group) {
                *most = most.max(weight);
                *rarest = rarest.max(rarity);
                *is_certain |= asked.is_certain;
            }
        }
        let worth = |(weight, rarest, is_certain): &(f64, f64, bool)| match (*rarest > 0.0, is_certain) {
            (true, _) => weight * rarest,
            (false, true) => weight * (1.0 + products).ln() / 2.0,
            (false, false) => 0.0,
        };
        Self { terms, groups, total: sums.iter().map(worth).sum() }
    }

    /// What a product has of each group, from the terms it has and where they stand (0 to 1).
    pub fn had(&self, terms: impl Iterator<Item = (usize, f64)>) -> Had {
        let mut had = Had { best: vec![(0.0, usize::MAX); self.groups] };
        for (term, place) in terms {
            if let Some((group, value)) = self.terms.get(term)
                && let Some(best) = had.best.get_mut(*group)
                && value * place > best.0
            {
                *best = (value * place, term);
            }
        }
        had
    }

    /// How much of the question that is, 0 to 1.
    pub fn share(&self, had: &Had) -> f64 {
        if self.total <= 0.0 {
            return 0.0;
        }
        (had.best.iter().map(|(value, _)| value).sum::<f64>() / self.total).min(1.0)
    }
}

/// What a product has of each group: the value, and the term.
#[derive(Debug, Clone, PartialEq)]
pub struct Had {
    best: Vec<(f64, usize)>,
}

impl Had {
    /// Takes off what stands in the product's text with other marks than were typed: of each term how it is written, and the text.
    pub fn agree(&mut self, written: &[Written], text: impl Fn() -> String) {
        let of = |term: usize| written.get(term).filter(|written| !written.forms.is_empty());
        if !self.best.iter().any(|(value, term)| *value > 0.0 && of(*term).is_some()) {
            return;
        }
        let text = text();
        for (value, term) in self.best.iter_mut().filter(|(value, _)| *value > 0.0) {
            if of(*term).is_some_and(|written| !written.stands_in(&text)) {
                *value *= OTHER_MARKS;
            }
        }
    }
}

/// A term as it was typed with marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Of each of its words that was typed with marks, the ways to write it.
    forms: Vec<Vec<String>>,
    /// Its words without marks.
    bare: Vec<String>,
}

impl Written {
    /// How the question's terms were typed.
    pub fn of(question: &Question, asked: &[Asked]) -> Vec<Self> {
        let written = |asked: &Asked| Self {
            forms: question.written(&asked.term),
            bare: asked.term.split(' ').map(str::to_owned).collect(),
        };
        asked.iter().map(written).collect()
    }

    /// Whether it stands in a text so, or without any marks.
    fn stands_in(&self, text: &str) -> bool {
        self.forms.iter().all(|forms| forms.iter().any(|form| stands(text, form)))
            || self.bare.iter().all(|word| stands(text, word))
    }
}

/// A product as it is ranked.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Of the words, 0 to 1.
    pub words: f64,
    /// Of the vectors, −1 to 1.
    pub meaning: f64,
    /// Its price and those of its variants, in whole units of its currency.
    pub prices: Vec<i64>,
    /// Whether it can be bought.
    pub is_available: bool,
    /// Whether the conversation is about it.
    pub is_about: bool,
    /// Fused, 0 to 1.
    pub score: f64,
}

/// Words, 0 to 1, and meaning, −1 to 1, as one score, 0 to 1.
pub fn fused(words: f64, meaning: f64) -> f64 {
    words + (1.0 - words) * meaning.max(0.0) * MEANING
}

/// Scores the products, each among the others.
pub fn score<T>(question: &Question, products: &mut [T], fit: impl Fn(&mut T) -> &mut Fit) {
    let price = question.price();
    for fit in products.iter_mut().map(&fit) {
        let mut score = fused(fit.words, fit.meaning);
        if let Some(wish) = price {
            let best = fit.prices.iter().map(|price| wish.fits(*price)).fold(0.0, f64::max);
            // What fits the price alone is an answer when nothing else was asked for.
            score = score.max(0.1) * (WRONG_PRICE + (1.0 - WRONG_PRICE) * best);
        }
        if fit.is_about {
            score += (1.0 - score) * ABOUT;
        }
        if !fit.is_available {
            score *= 1.0 - IN_STOCK;
        }
        fit.score = score;
    }
    if let Some(order) = price.and_then(|wish| wish.order) {
        let mut fits: Vec<&mut Fit> = products.iter_mut().map(fit).collect();
        by_price(order, &mut fits);
    }
}

/// Lifts the cheapest, or the dearest, of what has the question's words.
#[expect(clippy::cast_precision_loss, reason = "there are some hundreds")]
fn by_price(order: Order, fits: &mut [&mut Fit]) {
    let best = fits.iter().map(|fit| fit.words).fold(0.0, f64::max);
    let mut alike: Vec<&mut &mut Fit> = fits.iter_mut().filter(|fit| fit.words >= best * SAME_KIND).collect();
    alike.sort_by_key(|fit| match order {
        Order::Cheapest => fit.prices.iter().min().copied().unwrap_or(i64::MAX),
        Order::Dearest => fit.prices.iter().max().map_or(0, |price| -price),
    });
    let count = alike.len().max(1) as f64;
    for (place, fit) in alike.into_iter().enumerate() {
        fit.score += BY_PRICE / (1.0 - BY_PRICE) * (1.0 - place as f64 / count);
    }
    for fit in fits.iter_mut() {
        fit.score *= 1.0 - BY_PRICE;
    }
}
