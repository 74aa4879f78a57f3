//! Whether a text shows anything at all.

/// Whether a text has nothing to see: it is empty, or holds only spaces, controls and characters without a shape.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|one| one.is_whitespace() || one.is_control() || is_shapeless(one))
}

/// Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties), the annotation marks, and the braille cell without dots.
const fn is_shapeless(one: char) -> bool {
    matches!(
        one,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_blank() {
        for text in
            ["", " ", "\n\t\u{A0}\u{3000}", "\u{200B}", "\u{202E} \u{2060}", "\u{FEFF}\u{AD}", "\u{3164}\u{2800}"]
        {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", ".", "ạ", "\u{200B}a", "👍\u{FE0F}", "👩\u{200D}👧", "٣"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn one_letter_is_enough(around in "\\PC{0,8}", letter in "[a-z0-9]") {
            let text = format!("{around}{letter}{around}");
            prop_assert!(!is_blank(&text));
        }
    }
}
