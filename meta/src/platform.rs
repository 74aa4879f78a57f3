//! The two platforms and the two ways to log in to them. Owns their names on our side; refuses any other.

use std::{fmt, str::FromStr};

/// Where a customer writes from. Instagram accounts are platforms of their own even when they are reached through a
/// Facebook Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Platform {
    /// Messenger, through a Facebook Page.
    Facebook,
    /// Instagram Direct, to a professional account.
    Instagram,
}

impl Platform {
    /// `facebook` or `instagram`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
        }
    }

    /// The platform of a webhook's `object`: `page` or `instagram`; none for any other.
    #[must_use]
    pub fn of_object(object: &str) -> Option<Self> {
        match object {
            "page" => Some(Self::Facebook),
            "instagram" => Some(Self::Instagram),
            _ => None,
        }
    }

    /// The login a channel uses when it names none: its own platform's.
    #[must_use]
    pub const fn default_login(self) -> Login {
        match self {
            Self::Facebook => Login::Facebook,
            Self::Instagram => Login::Instagram,
        }
    }
}

/// Which login gave the token, and so which Graph host takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Login {
    /// A Page token, for graph.facebook.com. Serves Pages and the Instagram accounts linked to them.
    Facebook,
    /// An Instagram user token, for graph.instagram.com. Serves that one Instagram account.
    Instagram,
}

impl Login {
    /// `facebook` or `instagram`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facebook => "facebook",
            Self::Instagram => "instagram",
        }
    }
}

/// A platform or login we do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be facebook or instagram")]
pub struct UnknownName;

impl FromStr for Platform {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "facebook" => Ok(Self::Facebook),
            "instagram" => Ok(Self::Instagram),
            _ => Err(UnknownName),
        }
    }
}

impl FromStr for Login {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "facebook" => Ok(Self::Facebook),
            "instagram" => Ok(Self::Instagram),
            _ => Err(UnknownName),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_back_and_no_other_is_taken() {
        for platform in [Platform::Facebook, Platform::Instagram] {
            assert_eq!(platform.as_str().parse(), Ok(platform));
            assert_eq!(platform.default_login().as_str().parse(), Ok(platform.default_login()));
        }
        for name in ["Facebook", "page", "", "whatsapp"] {
            assert_eq!(name.parse::<Platform>(), Err(UnknownName));
            assert_eq!(name.parse::<Login>(), Err(UnknownName));
        }
        assert_eq!(Platform::of_object("page"), Some(Platform::Facebook));
        assert_eq!(Platform::of_object("user"), None);
    }
}
