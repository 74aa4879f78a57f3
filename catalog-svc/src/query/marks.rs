//! Marks of a question's words: where the customer typed them, they tell "đèn" from "đen" and "bạn" from "bàn". Pure.

use std::collections::HashMap;

use chatdesk_platform::fold;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::words;

const fn is_tone(c: char) -> bool {
    matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}')
}

/// Lower case letters with the tone behind them, so that "hoà" and "hòa" are one.
pub fn toned(word: &str) -> String {
    let lower: String = word.nfd().flat_map(char::to_lowercase).collect();
    let base: String = lower.chars().filter(|c| !is_tone(*c)).nfc().collect();
    let tone: String = lower.chars().filter(|c| is_tone(*c)).collect();
    base + &tone
}

/// Both places of the tone in oa, oe and uy, as texts are written.
fn places(word: &str) -> Vec<String> {
    let mut all = vec![word.to_owned()];
    let chars: Vec<char> = word.nfd().collect();
    let Some(at) = chars.iter().position(|c| is_tone(*c)) else { return all };
    let Some(tone) = chars.get(at).copied() else { return all };
    let plain: Vec<char> = chars.iter().copied().filter(|c| !is_tone(*c)).collect();
    for (n, pair) in plain.windows(2).enumerate() {
        if matches!(pair, ['o', 'a' | 'e'] | ['u', 'y']) {
            for place in [n + 1, n + 2] {
                let mut moved = plain.clone();
                moved.insert(place, tone);
                let moved: String = moved.into_iter().nfc().collect();
                if !all.contains(&moved) {
                    all.push(moved);
                }
            }
        }
    }
    all
}

/// The words of a text that have marks, by the same words without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    known: HashMap<String, Vec<Mark>>,
    /// Whether so many words have marks that one without means itself.
    is_literal: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    toned: String,
    written: Vec<String>,
}

impl Marks {
    /// Of every word.
    pub fn of(text: &str) -> Self {
        let mut marks = Self::default();
        let lower: String = text.nfc().flat_map(char::to_lowercase).nfc().collect();
        for word in
            lower.split(|c: char| !(c.is_alphanumeric() || is_combining_mark(c))).filter(|word| !word.is_empty())
        {
            if let [folded] = words::split(word).as_slice()
                && fold(word) == *folded
            {
                let known = marks.known.entry(folded.clone()).or_default();
                let toned = toned(word);
                if !known.iter().any(|mark| mark.toned == toned) {
                    known.push(Mark { toned, written: places(word) });
                }
            }
        }
        let with_marks = marks.known.keys().filter(|word| marks.is_marked(word)).count();
        marks.is_literal = with_marks * 5 >= marks.known.len() * 2 && with_marks >= 2;
        marks
    }

    /// Whether the customer types marks, so that a word without any means itself.
    pub const fn is_literal(&self) -> bool {
        self.is_literal
    }

    /// Whether a word stands for a phrase's word: as [`Marks::fits`], and without marks only where nobody types them.
    pub fn tells(&self, folded: &str, toned: &str) -> bool {
        self.fits(folded, toned) && (!self.is_literal || self.is_marked(folded) || toned == folded)
    }

    /// Whether a word that was typed with marks was typed with these; one without any may be anything.
    pub fn fits(&self, folded: &str, toned: &str) -> bool {
        let Some(known) = self.known.get(folded) else { return true };
        known.iter().any(|mark| mark.toned == toned || mark.toned == folded)
    }

    /// Whether the word was typed with marks, each time.
    pub fn is_marked(&self, folded: &str) -> bool {
        self.known.get(folded).is_some_and(|known| known.iter().all(|mark| mark.toned != folded))
    }

    /// How the word is written with its marks; none when it was typed without.
    pub fn written(&self, folded: &str) -> Option<Vec<String>> {
        if !self.is_marked(folded) {
            return None;
        }
        let known = self.known.get(folded)?;
        Some(known.iter().flat_map(|mark| mark.written.iter().cloned()).collect())
    }
}

/// A text as words are looked for in it: lower case, composed.
pub fn legible(text: &str) -> String {
    let composed = if text.chars().any(is_combining_mark) { text.nfc().collect() } else { text.to_owned() };
    composed.to_lowercase()
}

/// Whether the word stands in a legible text.
pub fn stands(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, found)| {
        let (before, behind) = (text.get(..at), text.get(at + found.len()..));
        !joins(before.and_then(|text| text.chars().next_back())) && !joins(behind.and_then(|text| text.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_may_stand_on_either_vowel() {
        assert_eq!(toned("hoà"), toned("hòa"));
        assert_ne!(toned("đèn"), toned("đen"));
        assert!(places("hoà").contains(&"hòa".to_owned()) && places("thuỷ").contains(&"thủy".to_owned()));
    }

    #[test]
    fn marks_count_where_they_were_typed() {
        let marks = Marks::of("Đèn ngủ den hoà");
        assert!(
            marks.fits("den", &toned("đèn")) && marks.fits("ngu", &toned("ngủ")) && !marks.fits("ngu", &toned("ngu"))
        );
        assert!(marks.fits("den", &toned("đen")), "typed without marks once, it may be anything");
        assert!(!marks.is_marked("den") && marks.is_marked("ngu"));
        assert_eq!(marks.written("ngu"), Some(vec!["ngủ".to_owned()]));
        assert!(marks.fits("hoa", &toned("hòa")));
    }

    #[test]
    fn a_word_stands_by_itself() {
        let text = legible("Áo thun ĐEN, co\u{302}\u{309} tròn");
        assert!(stands(&text, "đen") && stands(&text, "cổ") && !stands(&text, "đe") && !stands(&text, "un"));
    }
}
