//! Texts that are sent often, and the shortcuts they are found by. Pure.

use chrono::{DateTime, Utc};
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::model::{Refused, needed_text};

/// The most saved replies of one business: a list of all of them is one answer.
pub const MOST: i64 = 500;
/// The longest text, in characters.
const LONGEST: usize = 2000;

/// What one types after a slash: 1 to 40 letters, digits, `-` and `_`, in NFC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortcut(String);

impl Shortcut {
    /// The most characters.
    const MOST: usize = 40;

    /// Refuses other characters, blanks among them: a shortcut ends where the next word begins.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = needed_text(text, Self::MOST * 4)?.nfc().collect::<String>();
        if text.chars().count() > Self::MOST {
            return Err(("too_long", format!("has more than {} characters", Self::MOST)));
        }
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        if text.chars().all(fits) {
            Ok(Self(text))
        } else {
            Err(("malformed", "takes letters, digits, - and _ only".to_owned()))
        }
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: two that differ in case only are one.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

/// The text of a saved reply. Its lines and blanks within stay as they are.
pub fn text(text: &str) -> Result<String, Refused> {
    needed_text(text, LONGEST)
}

/// A text that is sent often.
#[derive(Debug, Clone)]
pub struct SavedReply {
    /// Its id.
    pub id: Uuid,
    /// See [`Shortcut`].
    pub shortcut: String,
    /// May hold `{name}` and `{shop}`, which the browser replaces.
    pub text: String,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shortcuts_are_letters_digits_and_dashes_in_any_script() {
        for good in ["ship", "giá-ship", "GIA_ship2", "á", &"đ".repeat(40)] {
            assert_eq!(Shortcut::parse(good).unwrap().as_str(), good);
        }
        // Composed and decomposed are one.
        assert_eq!(Shortcut::parse("gia\u{301}").unwrap(), Shortcut::parse(" giá ").unwrap());
        assert_eq!(Shortcut::parse("GIÁ").unwrap().key(), Shortcut::parse("giá").unwrap().key());
        for (bad, code) in [
            ("", "required"),
            (" ", "required"),
            ("a b", "malformed"),
            ("/ship", "malformed"),
            ("a\0", "malformed"),
            ("😀", "malformed"),
            ("\u{202e}a", "malformed"),
        ] {
            assert_eq!(Shortcut::parse(bad).unwrap_err().0, code, "{bad:?}");
        }
        assert_eq!(Shortcut::parse(&"a".repeat(41)).unwrap_err().0, "too_long");
    }

    proptest! {
        #[test]
        fn any_shortcut_is_taken_or_refused(input in any::<String>()) {
            if let Ok(shortcut) = Shortcut::parse(&input) {
                prop_assert!((1..=40).contains(&shortcut.as_str().chars().count()));
                prop_assert_eq!(Shortcut::parse(shortcut.as_str()).unwrap(), shortcut);
            }
        }
    }
}
