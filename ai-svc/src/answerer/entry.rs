//! Answers in the shop's own words: an entry that fits the question, or the sentence of a description.

use super::policy::{lower_first, quote, unended};
use super::{Draft, Ground, fact, policy, shown};
use crate::intent::Intent;
use crate::language::{Language, language};
use crate::model::Product;
use crate::text::{Phrases, Token, plain, tokens};
use crate::topic::is_telling;
use std::cmp::Reverse;

/// Characters of an entry that are quoted.
const QUOTED: usize = 450;

/// Drafts that quote the entries whose title is what was asked.
pub(super) fn entries(ground: &Ground<'_>) -> Vec<Draft> {
    if !matches!(ground.intent, Intent::Goods | Intent::Policy(_) | Intent::Promotion) {
        return Vec::new();
    }
    let asked = telling(&tokens(&ground.asked.question));
    let vietnamese = ground.language == Language::Vietnamese;
    let fits = |text: &str| language(text).is_none_or(|l| l == ground.language);
    let same = |title: &str| {
        let title = telling(&tokens(title));
        let shared = |a: &[Token], b: &[Token]| a.iter().filter(|t| b.iter().any(|w| w.same_word(t))).count();
        // Most of the question stands in the title, and most of the title in the question or in what it follows.
        !asked.is_empty() && shared(&asked, &title) * 3 >= asked.len() * 2 && shared(&title, &asked) * 2 >= title.len()
    };
    let found = ground.entries.iter().filter(|e| fits(&e.body) && same(&e.title));
    found.map(|e| (quote(&plain(&e.body, QUOTED), vietnamese), Vec::new())).take(1).collect()
}

/// The sentence of the description that holds all that is asked of the product beside its name, or that speaks of one of the topics.
pub(super) fn described(product: &Product, asked: &[Token], topics: &[&Phrases], vietnamese: bool) -> Vec<Draft> {
    let name = tokens(&product.name);
    let able = |t: &Token| fact::ABLE.find(std::slice::from_ref(t)).is_some();
    let mut wanted = telling(asked);
    wanted.retain(|t| !able(t) && t.fold != "lau" && !name.iter().any(|n| n.same_word(t)));
    // "Giữ nóng bao lâu" is told by hours.
    let timed = policy::asks_time(asked);
    let held = |words: &[Token]| {
        let held = wanted.iter().filter(|t| words.iter().any(|w| w.same_word(t))).count();
        if timed && !policy::tells_time(words) { 0 } else { held }
    };
    let fits = |words: &[Token]| {
        (!wanted.is_empty() && held(words) == wanted.len()) || topics.iter().any(|topic| topic.find(words).is_some())
    };
    let own = if vietnamese { Language::Vietnamese } else { Language::English };
    // A pair's value may speak of a topic that its key does not name: "Chất liệu: len, giặt tay".
    let pairs = product.extra.iter().filter(|(_, value)| !topics.is_empty() && !value.contains("://"));
    let pairs = pairs.map(|(key, value)| plain(&format!("{key}: {value}"), 300));
    let sentences = product.description.split(['\n', ';', '!']).flat_map(|line| line.split(". "));
    let found = sentences.map(|s| plain(s, 300)).chain(pairs).map(|s| unended(&s).to_owned());
    let found = found.filter(|s| !s.is_empty() && language(s).is_none_or(|l| l == own)).map(|s| (tokens(&s), s));
    let best = found.filter(|(words, _)| fits(words)).min_by_key(|(words, _)| Reverse(held(words)));
    let said = |sentence: &str| {
        let name = shown(product, vietnamese);
        if vietnamese { format!("Dạ {name}: {} ạ.", lower_first(sentence)) } else { format!("{name}: {sentence}.") }
    };
    best.map(|(_, sentence)| (said(&sentence), vec![product.id])).into_iter().collect()
}

/// The words that say what is asked.
fn telling(words: &[Token]) -> Vec<Token> {
    words.iter().filter(|t| is_telling(t)).cloned().collect()
}
