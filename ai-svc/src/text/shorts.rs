//! Short forms of chats: what customers type to save letters, written out so that every reader of a question knows them. Pure.

use super::{fold, has_marks};
use crate::language::{Language, language};

/// Forms that are words of their own are missing on purpose.
const SHORTS: &[(&str, &str)] = &[
    ("k ko kh hk hok hog hem khg khum khong hông hôg kô", "không"),
    ("bn bnh bnhiu bnhieu bnhiêu baonhieu", "bao nhiêu"),
    ("nhiu", "nhiêu"),
    ("dc đc dk đk duoc", "được"),
    ("j gj", "gì"),
    ("z zậy dzậy dzay zay", "vậy"),
    ("mik mk", "mình"),
    ("sz siz", "size"),
    ("sp", "sản phẩm"),
    ("vs", "với"),
    ("ntn", "như thế nào"),
    ("bh", "bảo hành"),
    ("cn", "chủ nhật"),
    ("gtien", "giá tiền"),
];

/// The text with its short forms written out: without marks where it has none, since it is then read as one without. English stays.
#[must_use]
pub fn written_out(text: &str) -> String {
    if language(text) == Some(Language::English) {
        return text.to_owned();
    }
    let marked = has_marks(text);
    let mut counts = false;
    let words = text.split_inclusive(char::is_whitespace).map(|piece| {
        let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
        // "200 k" is an amount.
        let after_number = std::mem::replace(&mut counts, word.ends_with(|c: char| c.is_ascii_digit()));
        let lower = word.to_lowercase();
        let is_it = |list: &str| list.split(' ').any(|short| short == lower);
        match SHORTS.iter().find(|(list, _)| is_it(list)) {
            Some((_, long)) if !(after_number && lower == "k") => {
                piece.replacen(word, &if marked { (*long).to_owned() } else { fold(long) }, 1)
            }
            _ => piece.to_owned(),
        }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_written_out_as_the_text_is_written() {
        for (text, expected) in [
            ("cái croptop ấy bn tiền k?", "cái croptop ấy bao nhiêu tiền không?"),
            ("dep sz 38 bnhiu", "dep size 38 bao nhieu"),
            ("dưới 200 k có j đẹp k", "dưới 200 k có gì đẹp không"),
            ("dưới 200k", "dưới 200k"),
            ("do you have size k", "do you have size k"),
            ("mua\nđc  hem", "mua\nđược  không"),
        ] {
            assert_eq!(written_out(text), expected);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = written_out(&text);
        }
    }
}
