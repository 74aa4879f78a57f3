//! Words that mean the same in a shop's policies and in what is said of them, in either language: "free" and "miễn phí", "within" and
//! "trong". A reply in English may rest on a policy in Vietnamese only where its words are known here.

use crate::text::{Token, tokens};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Groups of phrases of one meaning, one a line, separated by `|`; `#` begins a remark.
const GROUPS: &str = include_str!("gloss.txt");

/// The groups.
fn groups() -> impl Iterator<Item = &'static str> {
    GROUPS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

struct Meanings {
    /// The words of each group.
    words: Vec<Vec<Token>>,
    /// Phrases with their group, by their first word without marks.
    phrases: HashMap<String, Vec<(Vec<Token>, usize)>>,
}

static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| {
    let mut phrases: HashMap<String, Vec<(Vec<Token>, usize)>> = HashMap::new();
    for (n, list) in groups().enumerate() {
        for phrase in list.split('|').map(tokens) {
            if let Some(first) = phrase.first() {
                phrases.entry(first.fold.clone()).or_default().push((phrase, n));
            }
        }
    }
    let words = groups().map(|list| list.split('|').flat_map(tokens).collect()).collect();
    Meanings { words, phrases }
});

/// Where phrases stand in a stretch: the place and the group.
fn places(stretch: &[Token]) -> impl Iterator<Item = (usize, usize)> {
    stretch.iter().enumerate().flat_map(move |(at, first)| {
        let here = MEANINGS.phrases.get(&first.fold).map(Vec::as_slice).unwrap_or_default();
        here.iter().filter_map(move |(phrase, group)| {
            let window = stretch.get(at..at + phrase.len())?;
            window.iter().zip(phrase).all(|(t, p)| t.is_exactly(p)).then_some((at, *group))
        })
    })
}

/// The words that a stretch of a source may also be told with.
pub(super) fn meanings(stretch: &[Token]) -> Vec<&'static Token> {
    let mut groups: Vec<usize> = places(stretch).map(|(_, group)| group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.into_iter().filter_map(|g| MEANINGS.words.get(g)).flatten().collect()
}

/// Where a stretch says what the phrase means.
pub(super) fn meant_at(stretch: &[Token], phrase: &[Token]) -> Vec<usize> {
    let groups: Vec<usize> = places(phrase).filter(|(at, _)| *at == 0).map(|(_, group)| group).collect();
    places(stretch).filter(|(_, group)| groups.contains(group)).map(|(at, _)| at).collect()
}

/// Whether two words, each alone, mean the same.
pub(super) fn same_meaning(a: &Token, b: &Token) -> bool {
    let groups = |word: &Token| places(std::slice::from_ref(word)).map(|(_, g)| g).collect::<Vec<_>>();
    a.same_word(b) || groups(a).iter().any(|g| groups(b).contains(g))
}
