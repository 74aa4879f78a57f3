//! What a business and its people are, and what is taken for one of their fields. Pure: no I/O, no wire types.

use std::fmt;

use chatdesk_platform::{Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

/// Why a field is not taken: a stable code and one sentence.
pub type Refused = (&'static str, String);

/// An e-mail address as it is compared: trimmed, NFC, lower case.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes `local@domain.tld`. Whether it reaches anyone only a letter can tell, so this checks no more than its form
    /// (lengths: RFC 5321 §4.5.3.1).
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let malformed = || ("malformed", "is not an e-mail address".to_owned());
        if text.len() > 1024 {
            return Err(malformed());
        }
        let email: String = text.trim().nfc().collect::<String>().to_lowercase();
        if email.is_empty() {
            return Err(("required", "is needed".to_owned()));
        }
        let (local, domain) = email.rsplit_once('@').ok_or_else(malformed)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@,;:<>()[]\\\"".contains(c);
        let label = |part: &str| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let fits = email.len() <= 254 && !local.is_empty() && local.len() <= 64;
        let good = fits && local.chars().all(plain) && domain.contains('.') && domain.split('.').all(label);
        if good { Ok(Self(email)) } else { Err(malformed()) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

/// A password in NFC, so that it is the same from every keyboard.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

impl Password {
    /// The most characters.
    const LONGEST: usize = 256;

    /// A password that is being chosen: at least `least` characters.
    pub fn chosen(text: &str, least: usize) -> Result<Self, Refused> {
        let password = Self::given(text)?;
        if password.expose().chars().count() < least {
            return Err(("too_short", format!("needs at least {least} characters")));
        }
        Ok(password)
    }

    /// A password that is being tried. Shorter ones are wrong, not malformed: other systems' rules made the stored ones.
    pub fn given(text: &str) -> Result<Self, Refused> {
        let long = || ("too_long", format!("has more than {} characters", Self::LONGEST));
        if text.is_empty() {
            return Err(("required", "is needed".to_owned()));
        }
        // No character is longer than 4 bytes, and NFC at most triples the bytes (UAX #15).
        if text.len() > Self::LONGEST * 12 {
            return Err(long());
        }
        if text.contains('\0') {
            return Err(("malformed", "has a character that cannot be typed".to_owned()));
        }
        let text: String = text.nfc().collect();
        if text.chars().count() > Self::LONGEST { Err(long()) } else { Ok(Self(text.into())) }
    }

    /// The text, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// A text field: trimmed, without NUL, which Postgres cannot keep, and at most `most` characters.
pub fn text(value: &str, most: usize) -> Result<String, Refused> {
    let value = value.trim();
    if value.contains('\0') {
        return Err(("malformed", "has a NUL character".to_owned()));
    }
    if value.chars().count() > most {
        return Err(("too_long", format!("has more than {most} characters")));
    }
    Ok(value.to_owned())
}

/// A text field that may not be blank.
pub fn needed_text(value: &str, most: usize) -> Result<String, Refused> {
    let value = text(value, most)?;
    if value.is_empty() { Err(("required", "is needed".to_owned())) } else { Ok(value) }
}

/// A business's profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Business {
    /// 1 to [`Business::NAME`] characters.
    pub name: String,
    /// Up to [`Business::DESCRIPTION`] characters.
    pub description: String,
    /// Up to [`Business::PHONE`] characters.
    pub phone: String,
    /// The IANA name of its time zone.
    pub time_zone: String,
}

impl Business {
    /// The longest name.
    pub const NAME: usize = 200;
    /// The longest description.
    pub const DESCRIPTION: usize = 4000;
    /// The longest phone number.
    pub const PHONE: usize = 32;
    /// The longest name of a time zone.
    pub const ZONE: usize = 64;
    /// The time zone of a new business: most of them are Vietnamese.
    pub const USUAL_ZONE: &str = "Asia/Ho_Chi_Minh";
}

/// What to change in a profile; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct BusinessChange {
    /// See [`Business`].
    pub name: Option<String>,
    /// See [`Business`].
    pub description: Option<String>,
    /// See [`Business`].
    pub phone: Option<String>,
    /// See [`Business`].
    pub time_zone: Option<String>,
}

impl BusinessChange {
    /// Whether there is nothing to change.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.name.is_none() && self.description.is_none() && self.phone.is_none() && self.time_zone.is_none()
    }
}

/// A person who logs in.
#[derive(Debug, Clone)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// What colleagues call them; see [`shown_name`].
    pub name: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When they, or their business's profile, last changed.
    pub updated_at: DateTime<Utc>,
    /// Whether their logins need a one-time code.
    pub has_totp: bool,
    /// As what.
    pub standing: Standing,
}

impl User {
    /// The longest name.
    pub const NAME: usize = 80;
}

/// What colleagues call a person: the name they gave, else what stands before the @ of their address.
#[must_use]
pub fn shown_name(name: String, email: &str) -> String {
    if name.is_empty() { email.split('@').next().unwrap_or_default().to_owned() } else { name }
}

/// A person of a business, as colleagues see them.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// What colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Whether their logins need a one-time code.
    pub has_totp: bool,
}

/// One of a user's sessions, as they see it themselves.
#[derive(Debug, Clone)]
pub struct SessionInfo {
    /// Constant over its refreshes.
    pub id: uuid::Uuid,
    /// When they logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last refreshed.
    pub last_used_at: DateTime<Utc>,
    /// The browser as it names itself; maybe empty.
    pub user_agent: String,
}

/// The beginning of what a browser calls itself: it is a stranger's text, so whatever cannot be kept is left out.
#[must_use]
pub fn user_agent(text: &str) -> String {
    text.trim().chars().filter(|one| !one.is_control()).take(200).collect()
}

impl User {
    /// Their business; none for a platform admin.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        match self.standing {
            Standing::Member { tenant, .. } => Some(tenant),
            Standing::Admin => None,
        }
    }
}

/// As what a person logs in.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Of a business.
    Member {
        /// Which.
        tenant: TenantId,
        /// What they may do.
        role: Role,
        /// Its profile.
        business: Business,
    },
    /// Of the installation.
    Admin,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_are_compared_trimmed_and_in_lower_case() {
        let email = Email::parse("  Lan.Nguyen@Shop.VN ").unwrap();
        assert_eq!(email.as_str(), "lan.nguyen@shop.vn");
        assert_eq!(Email::parse("a+b@x-y.co.uk").unwrap().as_str(), "a+b@x-y.co.uk");
        // The same letter, composed and decomposed.
        assert_eq!(Email::parse("l\u{e2}n@a.vn").unwrap(), Email::parse("la\u{302}n@a.vn").unwrap());
        assert!(!format!("{email:?}").contains("lan"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@a.vn", "a".repeat(65));
        for bad in ["x", "@a.vn", "a@", "a@b", "a b@c.vn", "a@b..vn", "a@.vn", "a@-b.vn", "a@b@c.vn", "a\0@b.vn", &long]
        {
            assert_eq!(Email::parse(bad).unwrap_err().0, "malformed", "{bad}");
        }
        assert_eq!(Email::parse("  ").unwrap_err().0, "required");
    }

    #[test]
    fn a_person_without_a_name_goes_by_their_address() {
        assert_eq!(shown_name(String::new(), "lan.nguyen@gom.vn"), "lan.nguyen");
        assert_eq!(shown_name("Lan".to_owned(), "x@gom.vn"), "Lan");
    }

    #[test]
    fn what_a_browser_calls_itself_is_cut_and_cleaned() {
        assert_eq!(user_agent(" Firefox\0/1\n "), "Firefox/1");
        assert_eq!(user_agent(&"ă".repeat(1000)).chars().count(), 200);
    }

    /// Case 73: a megabyte is refused, and the same word is the same from every keyboard.
    #[test]
    fn passwords_have_a_form_and_are_not_shown() {
        assert_eq!(Password::chosen("1234567", 8).unwrap_err().0, "too_short");
        assert_eq!(Password::chosen(&"x".repeat(257), 8).unwrap_err().0, "too_long");
        assert_eq!(Password::given(&"x".repeat(1_000_000)).unwrap_err().0, "too_long");
        assert_eq!(Password::chosen("1234567\0", 8).unwrap_err().0, "malformed");
        assert_eq!(Password::given("").unwrap_err().0, "required");
        assert_eq!(Password::chosen("m\u{1ead}t kh\u{1ea9}u", 8).unwrap().expose(), "mật khẩu");
        assert_eq!(
            Password::given("ma\u{323}\u{302}t").unwrap().expose(),
            Password::given("m\u{1ead}t").unwrap().expose()
        );
        assert!(!format!("{:?}", Password::given("hunter22").unwrap()).contains("hunter"));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_stable(input in any::<String>()) {
            if let Ok(email) = Email::parse(&input) {
                prop_assert_eq!(Email::parse(email.as_str()).unwrap(), email);
            }
            if let Ok(password) = Password::given(&input) {
                let again = Password::given(password.expose()).unwrap();
                prop_assert_eq!(again.expose(), password.expose());
            }
            if let Ok(kept) = text(&input, 10) {
                prop_assert!(kept.chars().count() <= 10 && !kept.contains('\0'));
            }
        }
    }
}
