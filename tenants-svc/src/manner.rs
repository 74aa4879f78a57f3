//! How the assistant speaks for a business, as its people set it. Pure: no I/O, no wire types.

use crate::model::Refused;

/// How the assistant speaks for a business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Up to [`Settings::TONE`] characters.
    pub tone: String,
    /// Up to [`Settings::POLICIES`] characters.
    pub policies: String,
    /// BCP 47 tags, the first is the default; 1 to [`Settings::LANGUAGES`].
    pub languages: Vec<String>,
    /// For new conversations.
    pub ai_enabled_by_default: bool,
    /// Up to [`Settings::OPENING_HOURS`] characters.
    pub opening_hours: String,
    /// Whether answers that rest on few products show their cards.
    pub send_cards: bool,
}

impl Settings {
    /// The longest tone.
    pub const TONE: usize = 500;
    /// The longest policies.
    pub const POLICIES: usize = 8000;
    /// The longest opening hours.
    pub const OPENING_HOURS: usize = 500;
    /// The most languages.
    pub const LANGUAGES: usize = 10;
}

/// What to change in the settings; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct SettingsChange {
    /// See [`Settings`].
    pub tone: Option<String>,
    /// See [`Settings`].
    pub policies: Option<String>,
    /// See [`Settings`].
    pub languages: Option<Vec<String>>,
    /// See [`Settings`].
    pub ai_enabled_by_default: Option<bool>,
    /// See [`Settings`].
    pub opening_hours: Option<String>,
    /// See [`Settings`].
    pub send_cards: Option<bool>,
}

/// A list of language tags such as `vi` or `en-GB`, each once (the form of RFC 5646: a language of 2 or 3 letters, then subtags).
pub fn languages(tags: &[String]) -> Result<Vec<String>, Refused> {
    if tags.is_empty() {
        return Err(("required", "needs at least one language".to_owned()));
    }
    if tags.len() > Settings::LANGUAGES {
        return Err(("too_long", format!("has more than {} languages", Settings::LANGUAGES)));
    }
    let mut seen = Vec::with_capacity(tags.len());
    for tag in tags {
        let mut parts = tag.trim().split('-');
        let language = parts.next().unwrap_or_default();
        let is_language = matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_alphabetic());
        let subtag = |part: &str| matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_language || tag.len() > 35 || !parts.all(subtag) {
            return Err(("malformed", "takes language tags such as vi or en".to_owned()));
        }
        let tag = tag.trim().to_owned();
        if seen.iter().any(|other: &String| other.eq_ignore_ascii_case(&tag)) {
            return Err(("duplicate", "names a language twice".to_owned()));
        }
        seen.push(tag);
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags() {
        let list = |tags: &[&str]| languages(&tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["vi", "en-GB", "zh-Hant-TW"]).unwrap().len(), 3);
        assert_eq!(list(&[]).unwrap_err().0, "required");
        assert_eq!(list(&["vi", "VI"]).unwrap_err().0, "duplicate");
        assert_eq!(list(&["vi"; 11]).unwrap_err().0, "too_long");
        for bad in ["", "v", "viet", "v1", "en_GB", "en-", "vi\0"] {
            assert_eq!(list(&[bad]).unwrap_err().0, "malformed", "{bad}");
        }
    }
}
