//! Whether a channel works, why not, and what a shop is to do about it, for each group of Meta's error table. Pure.
//! Sources: Messenger Platform "Error codes"; Graph API "Handling errors".

use chatdesk_meta::graph::{ChannelHealth, GraphError, Group, RefusedReason};

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing is known to be wrong.
    Ok,
    /// Someone must connect it again.
    NeedsReconnect,
    /// Meta limits it.
    Restricted,
    /// Nothing has arrived for a long time. Never stored: it follows from the times.
    Silent,
}

impl Health {
    /// What is stored for it; silence is not.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok | Self::Silent => "ok",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Restricted => "restricted",
        }
    }
}

/// What is wrong with a channel, as far as Meta said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The token is refused, without a finer reason.
    TokenRefused,
    /// 458: the app was taken out of the person's account.
    AppRemoved,
    /// 459: the person must prove themselves at Meta.
    Checkpoint,
    /// 460: the person changed their password.
    PasswordChanged,
    /// 463, or its time is over.
    Expired,
    /// 464: the person's account is not confirmed.
    Unconfirmed,
    /// 467: the person logged out, or ended the session.
    LoggedOut,
    /// 492: the person has no role on the page any more.
    RoleLost,
    /// The token answers for another page.
    OtherPage,
    /// A permission is missing.
    Permission,
    /// The person took the app's rights away, and Meta told us.
    Deauthorized,
    /// Meta limits what it may send.
    Restricted,
    /// 368: Meta blocks it for a time.
    Blocked,
}

impl Trouble {
    /// All of them.
    const ALL: [Self; 14] = [
        Self::None,
        Self::TokenRefused,
        Self::AppRemoved,
        Self::Checkpoint,
        Self::PasswordChanged,
        Self::Expired,
        Self::Unconfirmed,
        Self::LoggedOut,
        Self::RoleLost,
        Self::OtherPage,
        Self::Permission,
        Self::Deauthorized,
        Self::Restricted,
        Self::Blocked,
    ];

    /// The name that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::TokenRefused => "token_refused",
            Self::AppRemoved => "app_removed",
            Self::Checkpoint => "checkpoint",
            Self::PasswordChanged => "password_changed",
            Self::Expired => "expired",
            Self::Unconfirmed => "unconfirmed",
            Self::LoggedOut => "logged_out",
            Self::RoleLost => "role_lost",
            Self::OtherPage => "other_page",
            Self::Permission => "permission",
            Self::Deauthorized => "deauthorized",
            Self::Restricted => "restricted",
            Self::Blocked => "blocked",
        }
    }

    /// Reads what is stored. Older rows have a health without a reason.
    #[must_use]
    pub fn of_stored(health: &str, reason: &str) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|trouble| trouble.as_str() == reason);
        match health {
            _ if known.is_some_and(|known| known.health().as_str() == health) => known,
            "ok" => Some(Self::None),
            "needs_reconnect" => Some(Self::TokenRefused),
            "restricted" => Some(Self::Restricted),
            _ => None,
        }
    }

    /// What a refused message or file tells about the whole channel; none when it tells nothing.
    #[must_use]
    pub fn of_refusal(reason: RefusedReason, code: Option<i64>, subcode: Option<i64>) -> Option<Self> {
        Some(match (reason.health()?, reason, code, subcode) {
            (ChannelHealth::Restricted, _, Some(368), _) => Self::Blocked,
            (ChannelHealth::Restricted, ..) => Self::Restricted,
            (ChannelHealth::NeedsReconnect, RefusedReason::Permission, ..) => Self::Permission,
            (ChannelHealth::NeedsReconnect, _, _, Some(458)) => Self::AppRemoved,
            (ChannelHealth::NeedsReconnect, _, _, Some(459)) => Self::Checkpoint,
            (ChannelHealth::NeedsReconnect, _, _, Some(460)) => Self::PasswordChanged,
            (ChannelHealth::NeedsReconnect, _, _, Some(463)) => Self::Expired,
            (ChannelHealth::NeedsReconnect, _, _, Some(464)) => Self::Unconfirmed,
            (ChannelHealth::NeedsReconnect, _, _, Some(467)) => Self::LoggedOut,
            (ChannelHealth::NeedsReconnect, _, _, Some(492)) => Self::RoleLost,
            (ChannelHealth::NeedsReconnect, ..) => Self::TokenRefused,
        })
    }

    /// What a check of the channel itself tells when it fails; none when it tells nothing yet.
    #[must_use]
    pub const fn of_check(error: &GraphError) -> Option<Self> {
        match (error.group(), error) {
            (Group::Retry | Group::Wait, _) | (_, GraphError::Rejected { .. }) => None,
            (Group::Restricted, _) => Some(Self::Restricted),
            (_, GraphError::Permission) => Some(Self::Permission),
            (_, GraphError::OtherAccount | GraphError::NotFound) => Some(Self::OtherPage),
            (Group::Reconnect | Group::Fail, _) => Some(Self::TokenRefused),
        }
    }

    /// Whether the channel works with it.
    #[must_use]
    pub const fn health(self) -> Health {
        match self {
            Self::None => Health::Ok,
            Self::Restricted | Self::Blocked => Health::Restricted,
            Self::TokenRefused
            | Self::AppRemoved
            | Self::Checkpoint
            | Self::PasswordChanged
            | Self::Expired
            | Self::Unconfirmed
            | Self::LoggedOut
            | Self::RoleLost
            | Self::OtherPage
            | Self::Permission
            | Self::Deauthorized => Health::NeedsReconnect,
        }
    }

    /// Whether, met by a message, it is over only when a message goes out again: a page that can be asked for may still not send.
    #[must_use]
    pub const fn is_met_by_sending(self) -> bool {
        matches!(self, Self::Permission | Self::Restricted | Self::Blocked)
    }

    /// What is wrong and what to do, for the shop; empty when nothing is wrong.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::None => "",
            Self::TokenRefused => "Meta no longer accepts this page's access token. Connect the page again.",
            Self::AppRemoved => {
                "The app was removed from the account that connected this page. Connect the page again and allow all that is asked for."
            }
            Self::Checkpoint => {
                "Meta asks the person who connected this page to confirm who they are. They log in at facebook.com once, then check this page here."
            }
            Self::PasswordChanged => {
                "The person who connected this page has changed their password. Connect the page again."
            }
            Self::Expired => "This page's access token has expired. Connect the page again.",
            Self::Unconfirmed => {
                "The account of the person who connected this page is not confirmed at Meta. They confirm it, then connect the page again."
            }
            Self::LoggedOut => {
                "The person who connected this page has ended their session at Meta. Connect the page again."
            }
            Self::RoleLost => {
                "The person who connected this page may not manage it any more. Someone who may connects it again."
            }
            Self::OtherPage => "This page's access token no longer reaches the page. Connect the page again.",
            Self::Permission => {
                "The page's access token lacks a permission. Connect the page again and allow all that is asked for."
            }
            Self::Deauthorized => {
                "The person who connected this page has taken the app's rights away. Connect the page again."
            }
            Self::Restricted => {
                "Meta restricts what this page may send. See the page's support inbox at Meta; sending is tried again by itself."
            }
            Self::Blocked => {
                "Meta has blocked this page from sending for a time. See the page's support inbox at Meta; sending is tried again by itself."
            }
        }
    }
}

/// What is shown of a channel from which nothing comes.
pub const SILENT: &str =
    "Nothing has arrived for 7 days. If customers did write, check the page's connection to the app.";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn stored_troubles_go_there_and_back_and_old_rows_are_read() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::of_stored(trouble.health().as_str(), trouble.as_str()), Some(trouble));
            assert_eq!(trouble.detail().is_empty(), trouble == Trouble::None);
            assert!(trouble == Trouble::None || trouble.detail().ends_with('.'));
        }
        assert_eq!(Trouble::of_stored("needs_reconnect", ""), Some(Trouble::TokenRefused));
        assert_eq!(Trouble::of_stored("restricted", "expired"), Some(Trouble::Restricted));
        assert_eq!(Trouble::of_stored("ok", "of tomorrow"), Some(Trouble::None));
        assert_eq!(Trouble::of_stored("silent", ""), None);
    }

    #[test]
    fn every_row_of_the_error_table_has_its_words() {
        use RefusedReason as R;
        for (reason, code, subcode, expected) in [
            (R::NeedsReconnect, 190, Some(458), Trouble::AppRemoved),
            (R::NeedsReconnect, 190, Some(459), Trouble::Checkpoint),
            (R::NeedsReconnect, 190, Some(460), Trouble::PasswordChanged),
            (R::NeedsReconnect, 190, Some(463), Trouble::Expired),
            (R::NeedsReconnect, 190, Some(464), Trouble::Unconfirmed),
            (R::NeedsReconnect, 190, Some(467), Trouble::LoggedOut),
            (R::NeedsReconnect, 190, Some(492), Trouble::RoleLost),
            (R::NeedsReconnect, 190, None, Trouble::TokenRefused),
            (R::NeedsReconnect, 102, None, Trouble::TokenRefused),
            (R::Permission, 200, Some(2_018_028), Trouble::Permission),
            (R::Permission, 10, None, Trouble::Permission),
            (R::Restricted, 10, Some(1_893_063), Trouble::Restricted),
            (R::Restricted, 368, None, Trouble::Blocked),
        ] {
            assert_eq!(Trouble::of_refusal(reason, Some(code), subcode), Some(expected), "{code}/{subcode:?}");
        }
        for only_this_message in [R::WindowClosed, R::RecipientUnavailable, R::InvalidContent, R::ConsentRequired] {
            assert_eq!(Trouble::of_refusal(only_this_message, Some(10), Some(458)), None);
        }
    }

    #[test]
    fn a_check_that_could_not_be_made_tells_nothing() {
        let after = Duration::from_secs(1);
        assert_eq!(Trouble::of_check(&GraphError::Unavailable), None);
        assert_eq!(Trouble::of_check(&GraphError::RateLimited { after }), None);
        let odd = GraphError::Rejected { code: Some(100), message: String::new() };
        assert_eq!(Trouble::of_check(&odd), None, "a fault of ours is not the page's");
        assert_eq!(Trouble::of_check(&GraphError::InvalidToken), Some(Trouble::TokenRefused));
        assert_eq!(Trouble::of_check(&GraphError::Permission), Some(Trouble::Permission));
        assert_eq!(Trouble::of_check(&GraphError::OtherAccount), Some(Trouble::OtherPage));
        assert_eq!(Trouble::of_check(&GraphError::Restricted), Some(Trouble::Restricted));
    }
}
