//! What a question asks for, as the catalogue can look for it: words with what else they may be called, and wishes for the price.
//! Made by the same words as products' (see [`words`](crate::words)). Pure.
//!
//! A question becomes groups. Each is one thing that is looked for: a word, a pair of neighbours, or what a phrase stands for. The terms
//! of a group are ways to call it, and a product that has several of them has it once, by the best.

mod marks;
mod price;
mod shorts;
mod spelling;
mod table;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::words;
pub use marks::{Marks, legible, stands, toned};
pub use price::{Order, Price};
pub use spelling::{Correction, corrections, keys};
use table::{ENGLISH, Match, NEEDS, SAME};
pub use table::{MOST_PHRASES, Table};

/// Bounds on what one question can cost.
const MOST_TERMS: usize = 96;
const MOST_WORDS: usize = 40;

/// A pair of which one word only asks, and a word that may only ask.
const HALF: f32 = 0.5;
/// A word that says little, such as "loại" or a single digit.
const LITTLE: f32 = 0.3;
/// What a phrase of the shared tables stands for, and how much less its last term says than its first.
const NEED: f32 = 0.9;
const NEED_LOSS: f32 = 0.6;
/// What the English word is called in Vietnamese.
const TRANSLATED: f32 = 0.95;
/// Words that only ask between the words of such a phrase.
const MOST_BETWEEN: usize = 4;
/// What remains of a word beside such a phrase.
const BESIDE_NEED: f32 = 0.5;
/// What remains of a word that is part of such a phrase.
const IN_LONG_NEED: f32 = 0.4;
const IN_SHORT_NEED: f32 = 0.6;

/// A term to look for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// One folded word, or two with a space between.
    pub term: String,
    /// Above 0, at most 1.
    pub weight: f32,
    /// Whether its group counts even if no product has it. What may only say how one asks does not.
    pub is_certain: bool,
    /// Which group it belongs to, from 0; those of one group stand together.
    pub group: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Says how one asks.
    Asks,
    /// Says perhaps how one asks, or little.
    Perhaps,
    /// Is looked for.
    Content,
}

#[derive(Debug, Clone, PartialEq)]
struct Word {
    text: String,
    role: Role,
    weight: f32,
    /// What it may have been meant to be.
    others: Vec<Correction>,
    /// Whether its own form is looked for.
    is_itself: bool,
}

/// A question as it is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    words: Vec<Word>,
    marks: Marks,
    /// Groups of phrases: weighted terms, and whether they count when no product has any.
    phrases: Vec<(Vec<(String, f32)>, bool)>,
    price: Option<Price>,
}

impl Question {
    /// Reads a question of any length; of a very long one the beginning. `synonyms` are the shop's own.
    pub fn read(text: &str, synonyms: &Table) -> Self {
        let (price, rest) = price::read(text);
        let marks = Marks::of(&rest);
        let mut texts = shorts::written_out(words::split(&rest), &marks);
        texts.truncate(MOST_WORDS);
        let is_english = shorts::is_english(&texts, &marks);
        let mut question = Self { words: classed(&texts, &marks, is_english), marks, phrases: Vec::new(), price };
        question.add_phrases(&texts, synonyms, is_english);
        question
    }

    /// What it wishes of the price.
    pub const fn price(&self) -> Option<Price> {
        self.price
    }

    fn add_phrases(&mut self, texts: &[String], synonyms: &Table, is_english: bool) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let marks = self.marks.clone();
        let fits = |at: usize, toned: &str| texts.get(at).is_some_and(|text| marks.fits(text, toned));
        let tells = |at: usize, toned: &str| texts.get(at).is_some_and(|text| marks.tells(text, toned));
        for found in synonyms.matches(&texts, fits) {
            let terms = found.terms.iter().map(|term| ((*term).to_owned(), 1.0)).collect();
            self.phrases.push((terms, true));
            self.weaken(&found, HALF);
        }
        for found in ENGLISH.matches(&texts, |_, _| true) {
            let span = texts.get(found.at..found.at + found.len).unwrap_or_default();
            if !is_english
                && (span.iter().all(|word| shorts::may_be_vietnamese(word))
                    || self.marks.is_marked(span.first().unwrap_or(&"")))
            {
                continue;
            }
            let mut terms: Vec<(String, f32)> =
                found.terms.iter().map(|term| ((*term).to_owned(), TRANSLATED)).collect();
            for (n, (_, weight)) in terms.iter_mut().enumerate().skip(1) {
                *weight -= 0.1 * f32::from(u8::try_from(n.min(3)).unwrap_or(3));
            }
            if let [word] = span
                && !shorts::may_be_vietnamese(word)
            {
                terms.insert(0, ((*word).to_owned(), 1.0));
            }
            self.phrases.push((terms, true));
            for at in found.at..found.at + found.len {
                if let Some(word) = self.words.get_mut(at) {
                    (word.role, word.is_itself) =
                        (Role::Perhaps, found.len > 1 && !shorts::may_be_vietnamese(&word.text));
                    word.weight = word.weight.min(HALF);
                }
            }
        }
        // By itself a word needs its marks to tell a need: "chó", not "cho". Of "yoga" nothing is missing.
        let is_told = |found: &Match<'_>| {
            let is_one = |word: &Word| {
                marks.is_marked(&word.text) || (word.role == Role::Content && !shorts::may_be_vietnamese(&word.text))
            };
            found.len > 1 || self.words.get(found.at).is_some_and(is_one)
        };
        // "Vay" without its marks is rather "vậy" than "váy".
        let names = |found: &Match<'_>| {
            let is_one = |word: &Word| marks.is_marked(&word.text) || word.role == Role::Content;
            self.words.iter().skip(found.at).take(found.len).all(is_one)
        };
        let same: Vec<Match<'_>> = SAME.matches(&texts, tells).into_iter().filter(names).collect();
        let mut needs: Vec<Match<'_>> = NEEDS.matches(&texts, tells).into_iter().filter(is_told).collect();
        needs.extend(self.apart(&texts, tells));
        for found in same {
            let Some(word) = self.words.get_mut(found.at) else { continue };
            let others = found.terms.iter().filter(|term| found.len > 1 || **term != word.text);
            let weighted = others.map(|term| ((*term).to_owned(), TRANSLATED));
            if found.len > 1 {
                self.phrases.push((weighted.collect(), false));
            } else {
                word.others = weighted.map(|(term, factor)| Correction { term, factor }).collect();
            }
        }
        // Where a need is told, what stands beside it is rather what one has than what one wants: "my phone runs out of power".
        if needs.iter().any(|found| found.len > 1) {
            for (at, word) in self.words.iter_mut().enumerate() {
                if !needs.iter().any(|found| (found.at..found.at + found.len).contains(&at)) {
                    word.weight = word.weight.min(BESIDE_NEED);
                }
            }
        }
        for found in needs {
            let last = found.terms.len().max(2) - 1;
            let weighted = found.terms.iter().enumerate().map(|(n, term)| {
                let loss = NEED_LOSS * f32::from(u8::try_from(n).unwrap_or(u8::MAX))
                    / f32::from(u8::try_from(last).unwrap_or(u8::MAX));
                ((*term).to_owned(), NEED - loss)
            });
            let terms = weighted.collect();
            self.phrases.push((terms, false));
            self.weaken(&found, if found.len > 1 { IN_LONG_NEED } else { IN_SHORT_NEED });
        }
    }

    /// Needs between whose words stand words that only ask: "tóc của em rụng" is "tóc rụng".
    fn apart(&self, texts: &[&str], tells: impl Fn(usize, &str) -> bool) -> Vec<Match<'static>> {
        let told = self.words.iter().enumerate().filter(|(_, word)| word.role != Role::Asks);
        let places: Vec<usize> = told.map(|(at, _)| at).collect();
        let kept: Vec<&str> = places.iter().filter_map(|at| texts.get(*at).copied()).collect();
        let mut found = NEEDS.matches(&kept, |n, toned| places.get(n).is_some_and(|at| tells(*at, toned)));
        found.retain_mut(|one| {
            let ends = places.get(one.at).zip(places.get(one.at + one.len - 1));
            let Some((first, last)) = ends else { return false };
            let between = last + 1 - first - one.len;
            (one.at, one.len) = (*first, last + 1 - first);
            (1..=MOST_BETWEEN).contains(&between)
        });
        found
    }

    fn weaken(&mut self, found: &Match<'_>, factor: f32) {
        for word in self.words.iter_mut().skip(found.at).take(found.len) {
            word.weight = word.weight.min(factor);
            if word.role == Role::Content {
                word.role = Role::Perhaps;
            }
        }
    }

    /// The terms to look for. The groups have the same numbers each time.
    pub fn asked(&self) -> Vec<Asked> {
        let mut out: Vec<Asked> = Vec::new();
        let mut seen = HashSet::new();
        let mut group = 0;
        let mut add = |terms: Vec<(String, f32)>, is_certain: bool| {
            let fresh: Vec<(String, f32)> = terms.into_iter().filter(|(term, _)| seen.insert(term.clone())).collect();
            if fresh.is_empty() || out.len() + fresh.len() > MOST_TERMS {
                return;
            }
            out.extend(fresh.into_iter().map(|(term, weight)| Asked { term, weight, is_certain, group }));
            group += 1;
        };
        for word in self.words.iter().filter(|word| word.role != Role::Asks) {
            add(word.terms(), word.role == Role::Content);
        }
        for (a, b) in self.words.iter().zip(self.words.iter().skip(1)) {
            add(pair(a, b), false);
        }
        for (terms, is_certain) in &self.phrases {
            add(terms.clone(), *is_certain);
        }
        out
    }

    /// The terms to look for among questions and answers, where words that only ask are words as well: "ship bao nhiêu".
    pub fn asked_of_entries(&self) -> Vec<Asked> {
        let spoken = |word: &Word| match word.role {
            Role::Asks => Word { role: Role::Perhaps, weight: LITTLE, ..word.clone() },
            _ => word.clone(),
        };
        let words = self.words.iter().map(spoken).collect();
        Self { words, marks: Marks::default(), phrases: self.phrases.clone(), price: None }.asked()
    }

    /// The words of it that may be slips, when no product has them, each with its neighbours.
    pub fn doubtful(&self, is_known: impl Fn(&str) -> bool) -> Vec<(String, Vec<String>)> {
        let doubtful = self.words.iter().enumerate().filter(|(_, word)| {
            let letters: String = word.text.chars().filter(char::is_ascii_lowercase).collect();
            word.role == Role::Content
                && word.is_itself
                && word.others.is_empty()
                && spelling::is_word(&letters)
                && !shorts::is_code(&word.text)
                && !is_known(&word.text)
        });
        let beside = |at: usize| {
            let before = at.checked_sub(1).and_then(|at| self.words.get(at));
            [before, self.words.get(at + 1)].into_iter().flatten().map(|word| word.text.clone()).collect()
        };
        doubtful.map(|(at, word)| (word.text.clone(), beside(at))).collect()
    }

    /// Takes what these words may have been meant to be.
    pub fn correct(&mut self, corrections: &HashMap<String, Vec<Correction>>) {
        for word in &mut self.words {
            if let Some(others) = corrections.get(&word.text) {
                word.others.clone_from(others);
            }
        }
    }

    /// How a term is written with its marks, each of its words in all ways that fit; nothing for a word that was typed without.
    pub fn written(&self, term: &str) -> Vec<Vec<String>> {
        term.split(' ').filter_map(|word| self.marks.written(word)).collect()
    }
}

impl Word {
    fn terms(&self) -> Vec<(String, f32)> {
        let mut terms = Vec::new();
        if self.is_itself {
            terms.push((self.text.clone(), self.weight));
            terms.extend(shorts::other_forms(&self.text).into_iter().map(|form| (form, self.weight * TRANSLATED)));
        }
        terms.extend(self.others.iter().map(|other| (other.term.clone(), self.weight * other.factor)));
        terms
    }

    /// The forms that stand beside a neighbour.
    fn forms(&self) -> Vec<(&str, f32)> {
        let own = self.is_itself.then_some((self.text.as_str(), 1.0));
        let others = self.others.iter().filter(|other| !other.term.contains(' ')).take(3);
        own.into_iter().chain(others.map(|other| (other.term.as_str(), other.factor))).collect()
    }
}

fn pair(a: &Word, b: &Word) -> Vec<(String, f32)> {
    let weight = match (a.role, b.role) {
        (Role::Asks, Role::Asks) => return Vec::new(),
        (Role::Asks, _) | (_, Role::Asks) => HALF * a.weight.min(b.weight).max(HALF),
        _ => a.weight.min(b.weight),
    };
    let mut terms = Vec::new();
    for (one, first) in a.forms() {
        for (other, second) in b.forms() {
            terms.push((format!("{one} {other}"), weight * first * second));
            if let Some(joined) = shorts::joined(one, other) {
                terms.push((joined, weight * first * second));
            }
        }
    }
    terms
}

/// What each word is there for.
fn classed(texts: &[String], marks: &Marks, is_english: bool) -> Vec<Word> {
    let thanks = |at: usize| {
        let pair = |first: Option<&String>, second: Option<&String>| {
            first.zip(second).is_some_and(|(a, b)| shorts::asks_together(a, b))
        };
        pair(at.checked_sub(1).and_then(|at| texts.get(at)), texts.get(at)) || pair(texts.get(at), texts.get(at + 1))
    };
    let class = |(at, text): (usize, &String)| {
        let (role, weight) = if thanks(at) || shorts::only_asks(text, marks, is_english) {
            (Role::Asks, 1.0)
        } else if shorts::perhaps_asks(text, marks) {
            (Role::Perhaps, HALF)
        } else if shorts::says_little(text, marks, is_english) {
            (Role::Perhaps, LITTLE)
        } else {
            (if is_english { Role::Perhaps } else { Role::Content }, 1.0)
        };
        Word { text: text.clone(), role, weight, others: Vec::new(), is_itself: true }
    };
    texts.iter().enumerate().map(class).collect()
}
