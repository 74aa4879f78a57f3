//! Words for the sizes, colours and materials of goods, and which words of a text tell such a property. Pure.

use crate::text::{Kind, Phrases, Token, fold};
use std::sync::LazyLock;

/// Colours in both languages, as they are written with marks.
pub const COLOURS: &[&str] = &[
    "đỏ", "xanh", "vàng", "trắng", "đen", "hồng", "tím", "nâu", "xám", "ghi", "be", "bạc", "rêu", "cam", "kem", "red",
    "blue", "green", "yellow", "white", "black", "pink", "purple", "brown", "grey", "gray", "beige", "silver", "gold",
    "orange", "navy", "cream", "violet",
];

/// Materials in both languages, as they are written with marks.
pub const MATERIALS: &[&str] = &[
    "cotton",
    "kaki",
    "lụa",
    "jean",
    "denim",
    "da",
    "nhung",
    "len",
    "lanh",
    "linen",
    "polyester",
    "thun",
    "gỗ",
    "inox",
    "nhựa",
    "sứ",
    "bạc",
    "vàng",
    "silk",
    "leather",
    "wool",
    "wood",
    "wooden",
    "steel",
    "plastic",
    "ceramic",
    "organic",
    "waterproof",
    "canvas",
    "nỉ",
    "voan",
    "ren",
];

/// What shops call a colour that customers name in English. A lone "xanh" may be blue or green, so it is neither.
const IN_VIETNAMESE: &[(&str, &str)] = &[
    ("black", "đen"),
    ("white", "trắng"),
    ("red", "đỏ"),
    ("yellow", "vàng"),
    ("pink", "hồng"),
    ("purple", "tím"),
    ("violet", "tím"),
    ("brown", "nâu"),
    ("grey", "xám|ghi"),
    ("gray", "xám|ghi"),
    ("beige", "be"),
    ("orange", "cam"),
    ("cream", "kem"),
    ("navy", "xanh than"),
    ("blue", "xanh dương|xanh biển|xanh than|xanh navy|xanh lam|xanh lơ|xanh da trời|xanh nước biển|xanh nhạt"),
    ("green", "xanh lá|xanh rêu|xanh bạc hà|xanh ngọc|xanh cốm|xanh chuối|xanh lục|rêu"),
];

/// What introduces a size.
pub static SIZE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("size|cỡ|sz|sizes"));
/// What introduces a colour.
pub static COLOUR: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("màu|color|colour|colors|colours|màu sắc"));
/// What introduces a material.
pub static MATERIAL: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("chất liệu|chất vải|vải|chất|làm bằng|làm từ|made of|made from|material|bằng"));

/// Whether the word is a size in letters.
#[must_use]
pub fn is_size(token: &Token) -> bool {
    matches!(token.text.as_str(), "s" | "m" | "l" | "xl" | "xxl" | "xxxl" | "xs" | "freesize" | "free")
}

/// The colour that the word is; `loose` also takes one without its marks, which only tells after "mau".
#[must_use]
pub fn colour(token: &Token, loose: bool) -> Option<&'static str> {
    let unmarked = |c: &&&str| loose && token.text.is_ascii() && !token.bare && fold(c) == token.text;
    let exact = COLOURS.iter().find(|c| **c == token.text);
    exact.or_else(|| COLOURS.iter().find(unmarked)).filter(|_| token.kind == Kind::Word).copied()
}

/// Whether the word tells a size or colour, introduces a property, or is what was introduced: "trắng", "màu" and "khói" of "màu khói".
#[must_use]
pub fn tells_property(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    let introduces = |phrases: &Phrases, until: usize| phrases.all(tokens).any(|(from, n)| from + n == until);
    let within = |phrases: &Phrases| phrases.all(tokens).any(|(from, n)| (from..from + n).contains(&at));
    let headings: [&Phrases; 3] = [&SIZE, &COLOUR, &MATERIAL];
    is_size(token)
        || colour(token, false).is_some()
        || headings.iter().any(|heading| within(heading) || introduces(heading, at))
}

/// Whether these words name a colour as the English word does: "black" and "đen".
#[must_use]
pub fn says_in_vietnamese(english: &Token, words: &[Token]) -> bool {
    let Some((_, names)) = IN_VIETNAMESE.iter().find(|(colour, _)| *colour == english.text) else { return false };
    names.split('|').any(|name| {
        let name: Vec<&str> = name.split(' ').collect();
        words.windows(name.len()).any(|w| w.iter().zip(&name).all(|(word, part)| word.text == *part))
    })
}

/// The English word for a colour that a shop names in Vietnamese.
#[must_use]
pub fn in_english(words: &[Token]) -> Option<&'static str> {
    let says = |english: &str| crate::text::tokens(english).iter().any(|e| says_in_vietnamese(e, words));
    IN_VIETNAMESE.iter().map(|(english, _)| *english).find(|english| says(english))
}

/// Whether it is known what the English word would be among a shop's Vietnamese ones.
#[must_use]
pub fn is_translated(english: &Token, words: &[Token]) -> bool {
    // With a lone "xanh" among them, blue and green may be there or not.
    let unsure = matches!(english.text.as_str(), "blue" | "green" | "navy") && words.iter().any(|w| w.text == "xanh");
    !unsure && IN_VIETNAMESE.iter().any(|(colour, _)| *colour == english.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    #[test]
    fn properties_and_what_they_are_properties_of() {
        for (text, expected) in [
            ("còn màu đen size L không ạ", "màu đen size l"),
            ("con mau den khong", "mau den"),
            ("đèn ngủ màu khói", "màu khói"),
            ("chất liệu cotton hả", "chất liệu cotton"),
            ("do you have it in black", "black"),
            ("bình giữ nhiệt giá sao", ""),
        ] {
            let tokens = tokens(text);
            let told = (0..tokens.len()).filter(|at| tells_property(&tokens, *at));
            let told: Vec<&str> = told.map(|at| tokens[at].text.as_str()).collect();
            assert_eq!(told.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn english_colours_among_vietnamese_ones() {
        let says = |english: &str, vietnamese: &str| says_in_vietnamese(&tokens(english)[0], &tokens(vietnamese));
        assert!(says("black", "trắng, đen, đỏ đô") && says("green", "be, xanh rêu") && says("navy", "xanh than"));
        assert!(!says("blue", "xanh rêu") && !says("green", "xanh") && !says("beige", "bẻ") && !says("black", "đèn"));
        let sure = |english: &str, vietnamese: &str| is_translated(&tokens(english)[0], &tokens(vietnamese));
        assert!(sure("purple", "trắng, xanh") && !sure("blue", "trắng, xanh") && !sure("gold", "trắng"));
    }
}
