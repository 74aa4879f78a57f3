//! What of a text can be seen.

/// Whether a text has nothing to see: it is empty, or holds only spaces, controls and characters without a shape.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|one| one.is_whitespace() || one.is_control() || is_shapeless(one))
}

/// A name as it is kept: without controls, and without characters that have no shape and can only hide or turn around what stands beside
/// them. Those that emoji and some scripts are joined by stay, and NUL, which is refused elsewhere.
pub fn tidy(name: &str) -> String {
    let joins = |one| matches!(one, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}');
    let hides = |one: char| one != '\0' && (one.is_control() || is_shapeless(one) && !joins(one));
    let breaks = |one| matches!(one, '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}');
    name.chars().map(|one| if breaks(one) { ' ' } else { one }).filter(|one| !hides(*one)).collect()
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

    #[test]
    fn a_name_reads_as_it_stands() {
        for (typed, kept) in [
            ("Tiệm Mây", "Tiệm Mây"),
            ("\u{202E}yaM\u{202C} Tiệm", "yaM Tiệm"),
            ("\u{2066}ad\u{2069}min\u{200F}", "admin"),
            ("VI\u{200B}P\u{FEFF}\u{AD}", "VIP"),
            ("Áo\nthun\u{7}\u{1b}[31m", "Áo thun[31m"),
            ("👩\u{200D}👧 ♥\u{FE0F}", "👩\u{200D}👧 ♥\u{FE0F}"),
            ("a\0", "a\0"),
        ] {
            assert_eq!(tidy(typed), kept);
        }
    }

    proptest! {
        #[test]
        fn a_tidy_name_stays_as_it_is(name in any::<String>()) {
            let tidied = tidy(&name);
            prop_assert_eq!(tidy(&tidied), tidied);
        }

        #[test]
        fn one_letter_is_enough(around in "\\PC{0,8}", letter in "[a-z0-9]") {
            let text = format!("{around}{letter}{around}");
            prop_assert!(!is_blank(&text));
        }
    }
}
