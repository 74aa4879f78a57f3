//! Words by which conversations are found: without marks, in lower case, each told by its beginning. Pure.

use std::collections::HashSet;

use chatdesk_platform::fold;

/// Different words kept of one message.
const MOST_OF_TEXT: usize = 200;
/// Words of a question that count, the longest of them.
const MOST_OF_QUESTION: usize = 12;
/// A longer word is told by its beginning, in characters.
const LONGEST: usize = 40;
/// The longest excerpt, in characters.
const EXCERPT: usize = 200;
/// What an excerpt shows before the word that was found, in characters.
const BEFORE: usize = 60;
/// Greater than every character of a word: the end of what begins with the word before it.
const AFTER_ALL: char = '\u{10FFFF}';
/// Less than every character of a word: the end of what is the word before it and nothing more.
const BEFORE_ALL: char = '\u{1}';

fn split(folded: &str) -> impl Iterator<Item = String> {
    folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(LONGEST).collect())
}

/// The different words of a text, in their order.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    split(&fold(text)).filter(|word| seen.insert(word.clone())).take(MOST_OF_TEXT).collect()
}

/// Whether a word that was said answers to one that is looked for: it begins so. A single letter begins so many that it must be all of it.
fn answers(said: &str, wanted: &str) -> bool {
    said == wanted || (!is_letter(wanted) && said.starts_with(wanted))
}

fn is_letter(word: &str) -> bool {
    word.chars().nth(1).is_none()
}

/// What somebody looks for: every word must be the beginning of a word, or a word when it is one letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted(Vec<String>);

impl Wanted {
    /// Reads a question; none when it holds no words. A word that begins another of them says nothing more and is left out.
    #[must_use]
    pub fn read(question: &str) -> Option<Self> {
        let mut words = words_of(question);
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let mut kept: Vec<String> = Vec::new();
        for word in words {
            if kept.len() < MOST_OF_QUESTION && !kept.iter().any(|longer| answers(longer, &word)) {
                kept.push(word);
            }
        }
        (!kept.is_empty()).then_some(Self(kept))
    }

    /// Each word's place in the order of code points, and the end of what answers to it.
    #[must_use]
    pub fn ranges(&self) -> (Vec<String>, Vec<String>) {
        let end = |word: &String| format!("{word}{}", if is_letter(word) { BEFORE_ALL } else { AFTER_ALL });
        (self.0.clone(), self.0.iter().map(end).collect())
    }

    /// At most 200 characters of a text that was found, around the first word that was looked for.
    #[must_use]
    pub fn excerpt(&self, text: &str) -> String {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() <= EXCERPT {
            return text.to_owned();
        }
        let from = self.place(text).saturating_sub(BEFORE).min(chars.len() - EXCERPT);
        let cut = &chars[from..from + EXCERPT];
        let (start, end) = (from > 0, from + EXCERPT < chars.len());
        let shown = cut.iter().enumerate().map(|(at, c)| {
            let is_edge = (start && at == 0) || (end && at + 1 == EXCERPT);
            if is_edge { '…' } else { *c }
        });
        shown.collect()
    }

    /// Where the first word stands that was looked for, in characters; 0 when there is none.
    fn place(&self, text: &str) -> usize {
        let mut at = 0;
        for piece in text.split_inclusive(char::is_whitespace) {
            if split(&fold(piece)).any(|word| self.0.iter().any(|wanted| answers(&word, wanted))) {
                return at;
            }
            at += piece.chars().count();
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_lose_marks_and_case_and_repetition() {
        assert_eq!(words_of("Áo THUN đỏ, áo-thun (150.000đ)!"), ["ao", "thun", "do", "150", "000d"]);
        assert!(words_of("👍 … ?!").is_empty());
        let flood: String = (0..5000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words_of(&flood).len(), MOST_OF_TEXT);
        assert_eq!(words_of(&"đ".repeat(500)), ["d".repeat(LONGEST)]);
    }

    #[test]
    fn a_question_counts_its_longest_words_once() {
        assert_eq!(Wanted::read("  ?? "), None);
        assert_eq!(Wanted::read("Ao  áo thun th"), Some(Wanted(vec!["thun".to_owned(), "ao".to_owned()])));
        let (from, to) = Wanted::read("đỏ").unwrap().ranges();
        assert_eq!((from[0].as_str(), to[0].as_str()), ("do", "do\u{10FFFF}"));
        assert_eq!(Wanted::read("a ao"), Some(Wanted(vec!["ao".to_owned(), "a".to_owned()])));
        let (from, to) = Wanted::read("a").unwrap().ranges();
        let within = |word: &str| word >= from[0].as_str() && word < to[0].as_str();
        assert!(within("a") && !within("a0") && !within("ao"), "one letter is a whole word");
        let many: String = (0..50).map(|n| format!("x{n}y ")).collect();
        assert_eq!(Wanted::read(&many).unwrap().0.len(), MOST_OF_QUESTION);
    }

    #[test]
    fn an_excerpt_shows_what_was_found() {
        let wanted = Wanted::read("do").unwrap();
        assert_eq!(wanted.excerpt("áo Đỏ"), "áo Đỏ");
        let long = format!("{} áo Đỏ {}", "lê ".repeat(100), "na ".repeat(100));
        let shown = wanted.excerpt(&long);
        assert!(shown.contains("áo Đỏ") && shown.starts_with('…') && shown.ends_with('…'), "{shown}");
    }

    proptest! {
        #[test]
        fn every_beginning_of_a_word_finds_it(text in "[a-zà-ỹĐđ0-9 .,]{1,60}", at in any::<prop::sample::Index>(), cut in 2_usize..8) {
            let words = words_of(&text);
            prop_assume!(!words.is_empty());
            let word = &words[at.index(words.len())];
            let beginning: String = word.chars().take(cut).collect();
            let (from, to) = Wanted::read(&beginning).unwrap().ranges();
            prop_assert!(words.iter().any(|word| *word >= from[0] && *word < to[0]));
        }

        #[test]
        fn an_excerpt_is_short_and_never_panics(text in "\\PC{0,600}", question in "\\PC{0,20}") {
            if let Some(wanted) = Wanted::read(&question) {
                prop_assert!(wanted.excerpt(&text).chars().count() <= EXCERPT);
            }
        }
    }
}
