//! Text as it is compared: lower case, without marks. One function for writing and for asking.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Lower case without marks, compatibility forms (full-width letters and the like) made plain: `Đỏ` becomes `do`.
/// Source: Unicode Standard Annex 15, NFKD; `đ` has no decomposition there.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkd()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_case_do_not_count() {
        assert_eq!(fold("Áo THUN đỏ Đậm, Ｆｒｅｅ ½"), "ao thun do dam, free 1⁄2");
        assert_eq!(fold("ÁO"), fold("áo"));
        assert_eq!(fold("a\u{301}o"), fold("áo"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }
}
