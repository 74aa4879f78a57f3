//! What a word that the shop does not know may have been meant to be: typing slips, letters that a Vietnamese keyboard left behind,
//! and the spellings of chats ("qần", "fím", "hàg"). Pure: it says what to look up, and weighs what was found.

use std::collections::{BTreeSet, HashMap};

use super::shorts::may_be_vietnamese;

/// A shorter word is too near to everything.
const SHORTEST: usize = 2;
/// A longer one is not looked up.
const LONGEST: usize = 20;
/// Ways to read one word.
const MOST_READINGS: usize = 24;
/// Corrections that are tried.
const MOST_CORRECTIONS: usize = 4;

/// A correction counts so much of the word itself: of another reading, one slip away, two slips away.
const READ_OTHERWISE: f32 = 0.9;
const ONE_SLIP: f32 = 0.75;
const TWO_SLIPS: f32 = 0.55;

/// What remains of a correction that no neighbour confirms; less when what was typed may be a word of its own.
const BY_ITSELF: f32 = 0.8;
const OF_A_WORD: f32 = 0.45;

/// How chats and keyboards write sounds; the first is replaced by the second.
const SOUNDS: &[(&str, &str)] = &[
    ("w", "qu"),
    ("q", "qu"),
    ("f", "ph"),
    ("j", "gi"),
    ("z", "d"),
    ("z", "gi"),
    ("z", "v"),
    ("dz", "d"),
    ("dz", "v"),
    ("k", "c"),
    ("k", "kh"),
    ("c", "k"),
    ("ck", "ch"),
    ("tk", "th"),
    ("x", "s"),
    ("s", "x"),
    ("ch", "tr"),
    ("tr", "ch"),
    ("d", "gi"),
    ("gi", "d"),
    ("r", "d"),
    ("r", "gi"),
    ("d", "r"),
    ("n", "l"),
    ("l", "n"),
    ("ng", "ngh"),
    ("g", "gh"),
    ("y", "i"),
    ("i", "y"),
];
const ENDINGS: &[(&str, &str)] = &[
    ("g", "ng"),
    ("k", "ch"),
    ("h", "nh"),
    ("p", "b"),
    ("t", "c"),
    ("c", "t"),
    ("n", "ng"),
    ("ng", "n"),
    ("i", "y"),
    ("y", "i"),
    ("im", "iem"),
    ("iu", "ieu"),
    ("um", "uom"),
    ("ui", "uoi"),
    ("in", "ien"),
    ("un", "uon"),
];

/// Whether a word is looked up at all: letters, and not too many or too few.
pub fn is_word(word: &str) -> bool {
    (SHORTEST..=LONGEST).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Telex and VNI keep their letters when the keyboard did not turn them into marks: "aso", "ddor", "quaanf", "ao1".
fn without_keys(word: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let letters: Vec<char> = word.chars().collect();
    let is_vowel = |c: char| "aeiouy".contains(c);
    // Double letters and a w behind a vowel are marks; so are digits.
    let mut plain = String::new();
    for (at, c) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied();
        let doubled = before == Some(*c) && matches!(c, 'a' | 'e' | 'o' | 'd');
        let breve = *c == 'w' && before.is_some_and(is_vowel);
        if !(doubled || breve || (at > 0 && c.is_ascii_digit())) {
            plain.push(*c);
        }
    }
    for form in [word.to_owned(), plain] {
        // One tone key behind a vowel, wherever it stands.
        let chars: Vec<char> = form.chars().collect();
        for (at, c) in chars.iter().enumerate().skip(1) {
            if matches!(c, 's' | 'f' | 'r' | 'x' | 'j') && chars.iter().take(at).any(|c| is_vowel(*c)) {
                let rest: String =
                    chars.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| *c).collect();
                out.insert(rest);
            }
        }
        out.insert(form);
    }
    // The double may also stand apart: "dadm" for "đam", "oo" around a consonant as in "suoots".
    for double in ['a', 'e', 'o', 'd'] {
        let places: Vec<usize> = letters.iter().enumerate().filter(|(_, c)| **c == double).map(|(at, _)| at).collect();
        if let [_, second] = places[..] {
            out.insert(letters.iter().enumerate().filter(|(at, _)| *at != second).map(|(_, c)| *c).collect());
        }
    }
    out
}

/// Ways to read the word without a slip; it is one of them.
fn readings(word: &str) -> Vec<String> {
    let mut all: Vec<String> = vec![word.to_owned()];
    let add = |reading: String, all: &mut Vec<String>| {
        if is_word(&reading) && all.len() < MOST_READINGS && !all.contains(&reading) {
            all.push(reading);
        }
    };
    for plain in without_keys(word) {
        add(plain, &mut all);
    }
    for base in all.clone().into_iter().take(6) {
        for (written, meant) in SOUNDS {
            if let Some(rest) = base.strip_prefix(written).filter(|rest| !rest.is_empty()) {
                add(format!("{meant}{rest}"), &mut all);
            }
        }
        for (written, meant) in ENDINGS {
            if let Some(rest) = base.strip_suffix(written).filter(|rest| !rest.is_empty()) {
                add(format!("{rest}{meant}"), &mut all);
            }
        }
    }
    all
}

/// The word, and the word without each of its letters: two words one slip apart share one of these.
pub fn spellings(word: &str) -> Vec<String> {
    let mut out = vec![word.to_owned()];
    for at in 0..word.len() {
        if let (Some(head), Some(tail)) = (word.get(..at), word.get(at + 1..)) {
            let shorter = format!("{head}{tail}");
            if !shorter.is_empty() && !out.contains(&shorter) {
                out.push(shorter);
            }
        }
    }
    out
}

/// What to look up for a word that is not known: every reading with its spellings, and its two halves if it is two words in one.
pub fn keys(word: &str) -> Vec<String> {
    let word: String = word.chars().filter(char::is_ascii_lowercase).collect();
    let mut keys: BTreeSet<String> = readings(&word).into_iter().collect();
    for base in without_keys(&word).into_iter().chain([word.clone()]).filter(|base| is_word(base)) {
        keys.extend(spellings(&base).into_iter().filter(|key| key.len() >= SHORTEST));
    }
    for at in SHORTEST..word.len().saturating_sub(1) {
        keys.extend([word.get(..at), word.get(at..)].into_iter().flatten().map(str::to_owned));
    }
    keys.into_iter().collect()
}

/// Slips between two words: letters left out, added, changed, or two neighbours in the other order (optimal string alignment).
pub fn slips(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let cell = |back: usize, at: usize| {
                rows.get(rows.len() - back).and_then(|row| row.get(at)).copied().unwrap_or(usize::MAX / 2)
            };
            let changed = cell(1, j) + usize::from(x != y);
            let mut best = changed.min(cell(1, j + 1) + 1).min(row.last().copied().unwrap_or(0) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(cell(2, j - 1) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(0)
}

/// What a word may have been meant to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// A word of the shop's, or two.
    pub term: String,
    /// How much it counts of the word itself.
    pub factor: f32,
}

/// Corrections of the word, best first, among the shop's words that share a key with it. `is_beside` tells whether a word stands beside
/// the question's neighbouring words somewhere in the shop.
pub fn corrections(word: &str, found: &[(String, String)], is_beside: impl Fn(&str) -> bool) -> Vec<Correction> {
    let plain: String = word.chars().filter(char::is_ascii_lowercase).collect();
    let readings = readings(&plain);
    let bare = without_keys(&plain);
    let is_syllable = may_be_vietnamese(&plain);
    let mut best: HashMap<String, f32> = HashMap::new();
    for (_, term) in found {
        let factor = if bare.contains(term) {
            READ_OTHERWISE + 0.05
        } else if readings.contains(term) {
            READ_OTHERWISE
        } else {
            let slips = bare.iter().map(|reading| slips(reading, term)).min().unwrap_or(usize::MAX);
            let long = plain.len().max(term.len());
            match slips {
                0 | 1 if long >= 3 => ONE_SLIP + if plain.chars().next() == term.chars().next() { 0.05 } else { 0.0 },
                2 if long >= 6 => TWO_SLIPS,
                _ => continue,
            }
        };
        let factor = match (is_beside(term), is_syllable) {
            (true, _) => factor,
            (false, false) => factor * BY_ITSELF,
            (false, true) => factor * OF_A_WORD,
        };
        let known = best.entry(term.clone()).or_insert(0.0);
        *known = known.max(factor);
    }
    let knows = |half: &str| found.iter().any(|(key, term)| key == half && term == half);
    for at in SHORTEST..plain.len().saturating_sub(1) {
        if let (Some(a), Some(b)) = (plain.get(..at), plain.get(at..))
            && knows(a)
            && knows(b)
        {
            best.insert(format!("{a} {b}"), READ_OTHERWISE);
        }
    }
    let mut all: Vec<Correction> = best.into_iter().map(|(term, factor)| Correction { term, factor }).collect();
    all.sort_by(|a, b| b.factor.total_cmp(&a.factor).then_with(|| a.term.cmp(&b.term)));
    all.truncate(MOST_CORRECTIONS);
    all
}
