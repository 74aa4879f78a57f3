//! What a login at Meta allows to connect. Pure.

use chatdesk_meta::{Login, Platform};
use chatdesk_platform::TenantId;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::channel;
use crate::model::Refused;

/// How long a grant can be used.
pub const LIFE: TimeDelta = TimeDelta::minutes(15);
/// The most pages of a grant that are kept.
pub const MOST_PAGES: usize = 500;
/// The longest address that a login returns to.
const LONGEST_URI: usize = 2048;
/// The longest code.
const LONGEST_CODE: usize = 4096;
/// The longest name of a page, in characters.
const LONGEST_NAME: usize = 200;

/// A page that a login showed.
pub struct Offer {
    /// Where its customers write.
    pub platform: Platform,
    /// Meta's id.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its token; none when the person may not manage its messages.
    pub token: Option<SecretString>,
    /// When the token ends, if it does.
    pub token_expires_at: Option<DateTime<Utc>>,
}

impl Offer {
    /// A page as Meta named it; none when its id is not of the form that webhooks have.
    #[must_use]
    pub fn new(platform: Platform, id: &str, name: &str, token: Option<SecretString>) -> Option<Self> {
        let external_id = channel::external_id(id).ok()?;
        let shown: String = name.chars().filter(|one| !one.is_control()).take(LONGEST_NAME).collect();
        let name = if shown.trim().is_empty() { external_id.clone() } else { shown };
        Some(Self { platform, external_id, name, token, token_expires_at: None })
    }
}

/// A page of a grant that is kept.
#[derive(Debug, Clone)]
pub struct Granted {
    /// Ours: what its token is sealed for.
    pub id: Uuid,
    /// Which login gave the token.
    pub login: Login,
    /// Its name.
    pub name: String,
    /// Sealed; none when the person may not manage its messages.
    pub sealed: Option<String>,
    /// When the token ends, if it does.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// The person at Meta by keyed hash, under each id that Meta may call them.
    pub meta_users: Vec<Vec<u8>>,
}

/// Whether a page can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageState {
    /// It can.
    Available,
    /// It is connected here.
    Connected,
    /// Another business has it, or it is kept for one.
    Taken,
    /// The person may not manage its messages.
    NoRight,
}

impl PageState {
    /// For a business, by who has the page.
    #[must_use]
    pub fn of(has_token: bool, owner: Option<TenantId>, asks: TenantId) -> Self {
        match owner {
            _ if !has_token => Self::NoRight,
            None => Self::Available,
            Some(owner) if owner == asks => Self::Connected,
            Some(_) => Self::Taken,
        }
    }
}

/// An address that a login returns to: http or https, without a fragment. Whether it is ours the edge knows.
pub fn redirect_uri(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(("required", "is needed".to_owned()));
    }
    let web = text.starts_with("https://") || text.starts_with("http://");
    let good = web && text.len() <= LONGEST_URI && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if good { Ok(text.to_owned()) } else { Err(("malformed", "takes the address of a page of the app".to_owned())) }
}

/// A code as Meta's dialog gives it: visible ASCII.
pub fn code(text: &str) -> Result<SecretString, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(("required", "is needed".to_owned()));
    }
    let good = text.len() <= LONGEST_CODE && text.bytes().all(|byte| byte.is_ascii_graphic());
    if good { Ok(text.into()) } else { Err(("malformed", "is not a code of Meta's".to_owned())) }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;

    use super::*;

    #[test]
    fn a_page_is_free_ours_taken_or_not_allowed() {
        let (ours, theirs) = (TenantId(new_id()), TenantId(new_id()));
        for (has_token, owner, expected) in [
            (true, None, PageState::Available),
            (true, Some(ours), PageState::Connected),
            (true, Some(theirs), PageState::Taken),
            (false, None, PageState::NoRight),
            (false, Some(theirs), PageState::NoRight),
        ] {
            assert_eq!(PageState::of(has_token, owner, ours), expected);
        }
    }

    #[test]
    fn addresses_and_codes_have_a_form() {
        assert!(redirect_uri("https://chat.example.com/channels/callback?x=1").is_ok());
        for bad in [
            "javascript:alert(1)",
            "ftp://x",
            "https://x/#f",
            "https://x/ y",
            "//x",
            &format!("https://{}", "x".repeat(2050)),
        ] {
            assert_eq!(redirect_uri(bad).unwrap_err().0, "malformed", "{bad}");
        }
        assert_eq!(redirect_uri(" ").unwrap_err().0, "required");
        assert!(code("AQD-x_1#_").is_ok());
        assert!(!format!("{:?}", code("AQDsecret").unwrap()).contains("AQD"));
        for bad in ["a b", "á", "a\0"] {
            assert_eq!(code(bad).unwrap_err().0, "malformed");
        }
    }

    #[test]
    fn an_offer_has_digits_and_a_name() {
        assert!(Offer::new(Platform::Facebook, "1/2", "x", None).is_none());
        let offer = Offer::new(Platform::Facebook, "104", " \n", None).unwrap();
        assert_eq!((offer.external_id.as_str(), offer.name.as_str()), ("104", "104"));
        assert_eq!(Offer::new(Platform::Facebook, "1", &"ă".repeat(300), None).unwrap().name.chars().count(), 200);
    }
}
