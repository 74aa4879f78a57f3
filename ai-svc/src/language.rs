//! Which of the assistant's languages a text is in, told by its letters and its small words.

use crate::text::{Kind, Token, tokens};

/// Words of English that are also Vietnamese ones without their marks.
const BOTH: &[&str] = &["an", "do", "may", "can", "to", "me", "so", "the", "them", "am", "on", "my", "in"];

/// The languages the assistant answers in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Vietnamese,
    English,
}

const VIETNAMESE: &[&str] = &[
    "ad", "anh", "ao", "ban", "bao", "bn", "cai", "cam", "cao", "chao", "chi", "cho", "chua", "co", "con", "cua",
    "dat", "dc", "dep", "di", "duoc", "em", "gi", "gia", "giao", "giay", "hang", "hom", "ib", "ko", "khong", "la",
    "lam", "lay", "loai", "mau", "mac", "minh", "mua", "muon", "nao", "nay", "nha", "nhe", "nhieu", "nhu", "oi",
    "quan", "roi", "sao", "tien", "tim", "thi", "toi", "tra", "tui", "tu", "van", "vay", "vs", "xem", "xin", "yeu",
    "đc", "dam", "vay", "doi", "phi", "bi", "hu", "loi", "gap",
];

const ENGLISH: &[&str] = &[
    "an",
    "and",
    "any",
    "are",
    "available",
    "buy",
    "can",
    "cheapest",
    "color",
    "colour",
    "cost",
    "could",
    "deliver",
    "discount",
    "delivery",
    "do",
    "does",
    "fee",
    "for",
    "good",
    "have",
    "hello",
    "hey",
    "hi",
    "hours",
    "how",
    "i",
    "i'm",
    "in",
    "is",
    "it",
    "it's",
    "looking",
    "me",
    "much",
    "my",
    "need",
    "of",
    "on",
    "order",
    "please",
    "price",
    "recommend",
    "return",
    "shirt",
    "shipping",
    "shoes",
    "show",
    "stock",
    "talk",
    "tell",
    "thank",
    "thanks",
    "that",
    "the",
    "there",
    "this",
    "to",
    "under",
    "want",
    "warranty",
    "what",
    "what's",
    "when",
    "where",
    "which",
    "who",
    "with",
    "would",
    "you",
    "your",
];

/// The language of a customer's text: marked Vietnamese by its letters, unmarked Vietnamese by its
/// small words. `None` when nothing tells ("ok", "39", an emoji).
#[must_use]
pub fn language(text: &str) -> Option<Language> {
    language_of(&tokens(text))
}

/// As [`language`], of tokens from which the caller took the words that tell nothing, such as product names.
#[must_use]
pub fn language_of(tokens: &[Token]) -> Option<Language> {
    let marks = "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ";
    let words: Vec<&Token> = tokens.iter().filter(|t| t.kind == Kind::Word).collect();
    let marked = words.iter().filter(|t| t.text.chars().any(|c| marks.contains(c))).count();
    let count = |list: &[&str]| words.iter().filter(|t| list.contains(&t.text.as_str())).count();
    let (vietnamese, english) = (count(VIETNAMESE) + 2 * marked, count(ENGLISH));
    // "bo do gom may mon" is Vietnamese without its marks.
    let told = words.iter().any(|t| ENGLISH.contains(&t.text.as_str()) && !BOTH.contains(&t.text.as_str()));
    let english = if told { english } else { 0 };
    match vietnamese.cmp(&english) {
        std::cmp::Ordering::Greater => Some(Language::Vietnamese),
        std::cmp::Ordering::Less => Some(Language::English),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for text in
            ["Áo này còn không?", "ao thun do gia bao nhieu", "shop oi", "con hang ko ad", "cho minh gap nhan vien"]
        {
            assert_eq!(language(text), Some(Language::Vietnamese), "{text}");
        }
        for text in
            ["How much is the red shirt?", "do you have size 39", "hello", "Thank you", "I want to talk to a person"]
        {
            assert_eq!(language(text), Some(Language::English), "{text}");
        }
        for text in ["", "39", "👍", "ok"] {
            assert_eq!(language(text), None, "{text}");
        }
    }
}
