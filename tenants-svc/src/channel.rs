//! A connected page or account: its states, its health as people see it, and what the outcome of a send means to a shop. Pure.

use std::time::Duration;

use chatdesk_meta::graph::{Account, ChannelHealth, GraphError, RefusedReason, Scope, SendOutcome};
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Error;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::model::Refused;

/// Without a webhook for this long a channel is shown as silent.
const SILENT_AFTER: TimeDelta = TimeDelta::days(7);

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing is known to be wrong.
    Ok,
    /// Its token is dead.
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

    /// Reads what is stored.
    #[must_use]
    pub fn of_stored(text: &str) -> Option<Self> {
        [Self::Ok, Self::NeedsReconnect, Self::Restricted].into_iter().find(|health| health.as_str() == text)
    }

    /// One sentence for the shop; empty when all is well.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Ok => "",
            Self::NeedsReconnect => "Meta no longer accepts this page's access token. Connect the page again.",
            Self::Restricted => "Meta restricts what this page may send.",
            Self::Silent => {
                "Nothing has arrived for 7 days. If customers did write, check the page's connection to the app."
            }
        }
    }
}

impl From<ChannelHealth> for Health {
    fn from(health: ChannelHealth) -> Self {
        match health {
            ChannelHealth::NeedsReconnect => Self::NeedsReconnect,
            ChannelHealth::Restricted => Self::Restricted,
        }
    }
}

/// A connected page or account, without its token.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Ours.
    pub id: Uuid,
    /// Where its customers write.
    pub platform: Platform,
    /// Which login gave its token.
    pub login: Login,
    /// Meta's id of it.
    pub external_id: String,
    /// Its name when it was connected.
    pub page_name: String,
    /// False after a disconnect.
    pub is_active: bool,
    /// As stored.
    pub health: Health,
    /// When it was last connected.
    pub connected_at: DateTime<Utc>,
    /// When a webhook for it last arrived.
    pub last_webhook_at: Option<DateTime<Utc>>,
    /// When it was first connected.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Channel {
    /// The health to show: the stored one, or silence.
    #[must_use]
    pub fn shown_health(&self, now: DateTime<Utc>) -> Health {
        let last = self.last_webhook_at.map_or(self.connected_at, |at| at.max(self.connected_at));
        match self.health {
            Health::Ok if self.is_active && now - last >= SILENT_AFTER => Health::Silent,
            health => health,
        }
    }

    /// How the Graph API client knows it.
    #[must_use]
    pub fn account(&self, token: SecretString) -> Account {
        Account { platform: self.platform, login: self.login, page_id: self.external_id.clone(), token }
    }
}

/// Meta's id of a page or account: digits, at most 32.
pub fn external_id(text: &str) -> Result<String, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(("required", "is needed".to_owned()));
    }
    let good = text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_digit());
    if good { Ok(text.to_owned()) } else { Err(("malformed", "takes the page's id, which is digits".to_owned())) }
}

/// A token as Meta gives it: visible ASCII, at most 4096 characters.
pub fn access_token(text: &str) -> Result<SecretString, Refused> {
    let text = text.trim();
    if text.is_empty() {
        return Err(("required", "is needed".to_owned()));
    }
    let good = text.len() <= 4096 && text.bytes().all(|byte| byte.is_ascii_graphic());
    if good { Ok(text.into()) } else { Err(("malformed", "is not an access token".to_owned())) }
}

/// What became of a text, in the words that the other services know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Meta took it.
    Sent {
        /// Meta's message id.
        mid: String,
    },
    /// Refused for good.
    Refused {
        /// Stable.
        code: &'static str,
        /// One sentence for the shop.
        detail: &'static str,
    },
    /// Certainly not gone out.
    TryLater {
        /// How long to wait.
        after: Duration,
        /// Stable.
        code: &'static str,
    },
    /// Perhaps gone out.
    Unknown {
        /// What was seen.
        detail: &'static str,
    },
}

impl Outcome {
    /// The business is suspended.
    pub const SUSPENDED: Self =
        Self::Refused { code: "tenant_suspended", detail: "This business is suspended, so nothing is sent for it." };
    /// The channel has no token any more.
    pub const DISCONNECTED: Self =
        Self::Refused { code: "channel_disconnected", detail: "This page is disconnected. Connect it again to send." };
    /// The token is known to be dead.
    pub const NEEDS_RECONNECT: Self =
        Self::Refused { code: "needs_reconnect", detail: sentence(RefusedReason::NeedsReconnect) };
}

impl From<SendOutcome> for Outcome {
    fn from(outcome: SendOutcome) -> Self {
        match outcome {
            SendOutcome::Sent { mid } => Self::Sent { mid },
            SendOutcome::Refused { reason, .. } => Self::Refused { code: reason.as_str(), detail: sentence(reason) },
            SendOutcome::TryLater { after, scope: Scope::Host } => Self::TryLater { after, code: "unreachable" },
            SendOutcome::TryLater { after, scope: Scope::Channel | Scope::App } => {
                Self::TryLater { after, code: "rate_limited" }
            }
            SendOutcome::Unknown { why } => Self::Unknown { detail: why.as_str() },
        }
    }
}

/// What a refusal means, for the shop.
pub const fn sentence(reason: RefusedReason) -> &'static str {
    match reason {
        RefusedReason::WindowClosed => "The time in which Meta lets a page answer this customer is over.",
        RefusedReason::RecipientUnavailable => "This customer cannot receive messages from the page.",
        RefusedReason::RecipientUnknown => "Meta does not know this customer for this page.",
        RefusedReason::ThreadGone => "Meta no longer has this conversation.",
        RefusedReason::Restricted => Health::Restricted.detail(),
        RefusedReason::NeedsReconnect => Health::NeedsReconnect.detail(),
        RefusedReason::Permission => "The page's access token lacks a permission to send. Connect the page again.",
        RefusedReason::ConsentRequired => "This customer has not agreed to receive messages.",
        RefusedReason::InvalidContent => {
            "Meta does not take this message: it is empty, too long, too large or not allowed."
        }
        RefusedReason::InvalidRequest => "Meta did not take the request for this message.",
        RefusedReason::Rejected => "Meta refused this message.",
    }
}

/// Why a page cannot be connected, for the person who tries.
#[must_use]
pub fn connect_error(error: &GraphError) -> Error {
    let rejected = |detail: &str| Error::Precondition { code: "token_rejected", detail: detail.to_owned() };
    match error {
        GraphError::InvalidToken => rejected("Meta does not accept this access token. Make a new one and try again."),
        GraphError::Permission => rejected("This access token lacks a permission. Allow all that is asked for."),
        GraphError::NotFound => rejected("This access token does not reach a page with this id."),
        GraphError::OtherAccount => rejected("This access token belongs to another page."),
        GraphError::Rejected { .. } => rejected("Meta refused to connect this page with this access token."),
        GraphError::RateLimited { after } => Error::Exhausted { code: "rate_limited", retry_after: Some(*after) },
        GraphError::Unavailable => Error::Unavailable("Meta"),
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_meta::graph::Unclear;
    use chatdesk_platform::{Clock, new_id};
    use secrecy::ExposeSecret as _;

    use super::*;

    fn channel(now: DateTime<Utc>) -> Channel {
        Channel {
            id: new_id(),
            platform: Platform::Facebook,
            login: Login::Facebook,
            external_id: "104".to_owned(),
            page_name: "Gốm".to_owned(),
            is_active: true,
            health: Health::Ok,
            connected_at: now,
            last_webhook_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn silence_is_seven_days_without_a_webhook() {
        let start = Clock::system().now();
        let mut channel = channel(start);
        let almost = start + SILENT_AFTER - TimeDelta::seconds(1);
        assert_eq!(channel.shown_health(almost), Health::Ok);
        assert_eq!(channel.shown_health(start + SILENT_AFTER), Health::Silent);
        channel.last_webhook_at = Some(start + TimeDelta::days(3));
        assert_eq!(channel.shown_health(start + SILENT_AFTER), Health::Ok);
        // Connected again: an old webhook does not count against it.
        channel.connected_at = start + TimeDelta::days(20);
        assert_eq!(channel.shown_health(start + TimeDelta::days(26)), Health::Ok);
        channel.health = Health::NeedsReconnect;
        assert_eq!(channel.shown_health(start + TimeDelta::days(99)), Health::NeedsReconnect);
        channel.health = Health::Ok;
        channel.is_active = false;
        assert_eq!(channel.shown_health(start + TimeDelta::days(99)), Health::Ok);
    }

    #[test]
    fn stored_health_goes_there_and_back() {
        for health in [Health::Ok, Health::NeedsReconnect, Health::Restricted] {
            assert_eq!(Health::of_stored(health.as_str()), Some(health));
        }
        assert_eq!(Health::of_stored("silent"), None);
    }

    #[test]
    fn outcomes_keep_what_meta_said() {
        let after = Duration::from_secs(9);
        for (given, expected) in [
            (SendOutcome::Sent { mid: "m_1".to_owned() }, Outcome::Sent { mid: "m_1".to_owned() }),
            (SendOutcome::TryLater { after, scope: Scope::Channel }, Outcome::TryLater { after, code: "rate_limited" }),
            (SendOutcome::TryLater { after, scope: Scope::Host }, Outcome::TryLater { after, code: "unreachable" }),
            (SendOutcome::Unknown { why: Unclear::Timeout }, Outcome::Unknown { detail: "timeout" }),
        ] {
            assert_eq!(Outcome::from(given), expected);
        }
        let reason = RefusedReason::WindowClosed;
        let refused = SendOutcome::Refused { reason, code: Some(10), subcode: None, fbtrace_id: None };
        assert!(matches!(Outcome::from(refused), Outcome::Refused { code: "window_closed", .. }));
    }

    #[test]
    fn ids_are_digits_and_tokens_are_visible_and_not_shown() {
        assert_eq!(external_id(" 104 ").unwrap(), "104");
        for bad in ["1 2", "../1", "١٢", "1\0", &"1".repeat(33)] {
            assert_eq!(external_id(bad).unwrap_err().0, "malformed", "{bad}");
        }
        let token = access_token(" EAAtesttoken123\n").unwrap();
        assert_eq!(token.expose_secret(), "EAAtesttoken123");
        assert!(!format!("{token:?}").contains("EAA"));
        for bad in ["a b", "a\0", "á", &"x".repeat(4097)] {
            assert_eq!(access_token(bad).unwrap_err().0, "malformed");
        }
        assert_eq!(access_token(" ").unwrap_err().0, "required");
    }
}
