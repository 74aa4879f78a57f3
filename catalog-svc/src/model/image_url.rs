//! The link to a product's picture. Browsers follow it, so it is checked for what they would make of it.

use url::Url;

use super::{Refusal, parse_text};

/// An absolute https URL of at most 2,000 characters, or none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageUrl(String);

impl ImageUrl {
    /// An empty text is no picture. Refuses other schemes, http too, of which a page over https shows nothing, and what is no URL; blanks and controls too, which parsers would drop without a
    /// word (URL standard, "basic URL parser"), so that the text would not be what it leads to.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = parse_text(text, 2_000)?;
        if text.is_empty() {
            return Ok(Self(text));
        }
        let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let is_web = Url::parse(&text).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if plain && is_web {
            Ok(Self(text))
        } else {
            Err(("malformed", "must be a link that begins with https://".to_owned()))
        }
    }

    /// As it was parsed before.
    pub const fn stored(url: String) -> Self {
        Self(url)
    }

    /// Its text; empty when there is no picture.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_links_to_the_web_pass() {
        for good in [
            "https://cdn.shop.vn/áo thun.jpg".replace(' ', "%20").as_str(),
            "https://127.0.0.1:8090/a?b=c#d",
            "HTTPS://a.vn/x",
            "",
        ] {
            assert_eq!(ImageUrl::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(ImageUrl::parse(" https://a.vn/x ").unwrap().as_str(), "https://a.vn/x");
        for bad in [
            "http://cdn.shop.vn/x.jpg",
            "javascript:alert(1)",
            "data:image/png;base64,AAAA",
            "//a.vn/x.jpg",
            "/x.jpg",
            "x.jpg",
            "https://",
            "https:// a.vn/x",
            "ht\ntps://a.vn",
            "https://a.vn/x y",
            "file:///etc/passwd",
            "https://a.vn/\0",
        ] {
            assert_eq!(ImageUrl::parse(bad).unwrap_err().0, "malformed", "{bad:?}");
        }
        assert_eq!(ImageUrl::parse(&format!("https://a.vn/{}", "x".repeat(2_000))).unwrap_err().0, "too_long");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused(text in "(https?://)?\\PC{0,60}") {
            if let Ok(url) = ImageUrl::parse(&text) {
                prop_assert!(url.as_str().is_empty() || url.as_str().to_ascii_lowercase().starts_with("https://"));
                prop_assert_eq!(ImageUrl::parse(url.as_str()).unwrap(), url);
            }
        }
    }
}
