//! A connected page or account: its states, its health as people see it, and what the outcome of a send means to a shop. Pure.

use std::time::Duration;

use chatdesk_meta::graph::{Account, GraphError, RefusedReason, Scope, SendOutcome};
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Error;
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::health::{Health, SILENT, Trouble};
use crate::model::Refused;
use crate::policy::{Policy, Sending};

/// Without a webhook for this long a channel is shown as silent.
pub const SILENT_AFTER: TimeDelta = TimeDelta::days(7);
/// An Instagram token is renewed in its last days; Meta gives it about 60.
const RENEWED_BEFORE: TimeDelta = TimeDelta::days(10);
/// Meta renews no younger token (Instagram Platform, "Refresh access token").
const YOUNGEST: TimeDelta = TimeDelta::hours(24);

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
    /// What is wrong with it.
    pub trouble: Trouble,
    /// Meta told so when it refused a message, so that asking for the page proves nothing about it.
    pub was_refused: bool,
    /// Whoever sends is told that it may be tried.
    pub may_try: bool,
    /// What Meta last told of enforcing its policy on it.
    pub policy: Policy,
    /// When Meta told that.
    pub policy_at: Option<DateTime<Utc>>,
    /// When its token ends, if it is known to end.
    pub token_expires_at: Option<DateTime<Utc>>,
    /// When it got its token.
    pub token_since: DateTime<Utc>,
    /// When Meta was last asked how it is.
    pub checked_at: Option<DateTime<Utc>>,
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
    /// The health to show, and one sentence about it: the stored one, or silence.
    #[must_use]
    pub fn shown_health(&self, now: DateTime<Utc>) -> (Health, &'static str) {
        let last = self.last_webhook_at.map_or(self.connected_at, |at| at.max(self.connected_at));
        match self.trouble.health() {
            Health::Ok if self.is_active && now - last >= SILENT_AFTER => (Health::Silent, SILENT),
            health => (health, self.trouble.detail()),
        }
    }

    /// Whether this is known of it already, and whoever sends goes by it.
    #[must_use]
    pub fn is_known(&self, trouble: Trouble, was_refused: bool) -> bool {
        (self.trouble, self.was_refused) == (trouble, was_refused) && self.may_try == (trouble.health() == Health::Ok)
    }

    /// Whether messages go out through it.
    #[must_use]
    pub const fn sending(&self) -> Sending {
        Sending::of(self.is_active, self.trouble.health(), self.policy)
    }

    /// Whether its token wants to be renewed, and can be: only Instagram's own login gives tokens that end by time.
    #[must_use]
    pub fn wants_renewal(&self, now: DateTime<Utc>) -> bool {
        // Of one given by hand nobody knows how old it is; its renewal tells.
        let due = self.token_expires_at.is_none_or(|end| end - now <= RENEWED_BEFORE);
        self.login == Login::Instagram && due && now - self.token_since >= YOUNGEST
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
            SendOutcome::Sent { mid, .. } => Self::Sent { mid },
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
        RefusedReason::Restricted => Trouble::Restricted.detail(),
        RefusedReason::NeedsReconnect => Trouble::TokenRefused.detail(),
        RefusedReason::Permission => Trouble::Permission.detail(),
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
        GraphError::Restricted => rejected("Meta restricts this page. See its quality page at Meta."),
        GraphError::OtherAccount => rejected("This access token belongs to another page."),
        GraphError::Rejected { .. } => rejected("Meta refused to connect this page with this access token."),
        GraphError::RateLimited { after } => Error::Exhausted { code: "rate_limited", retry_after: Some(*after) },
        GraphError::Unavailable => Error::Unavailable("Meta"),
    }
}

/// Why a login gave nothing to connect, for the person who logged in.
#[must_use]
pub fn login_error(error: &GraphError) -> Error {
    let refused = |detail: &str| Error::Precondition { code: "login_refused", detail: detail.to_owned() };
    match error {
        GraphError::Permission => {
            refused("Not all that is needed was allowed. Start again and allow all that is asked for.")
        }
        GraphError::OtherAccount => refused("This login was made for another app. Start again."),
        GraphError::Restricted => refused("Meta restricts this account. See its support inbox at Meta."),
        GraphError::InvalidToken | GraphError::NotFound | GraphError::Rejected { .. } => {
            refused("Meta did not accept this login: it is used up, too old or not ours. Start again.")
        }
        GraphError::RateLimited { after } => Error::Exhausted { code: "rate_limited", retry_after: Some(*after) },
        GraphError::Unavailable => Error::Unavailable("Meta"),
    }
}

/// Why Meta told nothing that was asked through a channel.
#[must_use]
pub fn read_error(error: &GraphError, noun: &'static str) -> Error {
    let refused = |code, detail: &str| Error::Precondition { code, detail: detail.to_owned() };
    match error {
        GraphError::InvalidToken => refused("needs_reconnect", Trouble::TokenRefused.detail()),
        GraphError::OtherAccount => refused("needs_reconnect", Trouble::OtherPage.detail()),
        GraphError::Permission => refused("permission", Trouble::Permission.detail()),
        GraphError::Restricted => refused("restricted", Trouble::Restricted.detail()),
        GraphError::NotFound => Error::NotFound(noun),
        GraphError::Rejected { .. } => refused("rejected", "Meta refused to tell this."),
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
            trouble: Trouble::None,
            was_refused: false,
            may_try: true,
            policy: Policy::None,
            policy_at: None,
            token_expires_at: None,
            token_since: now,
            checked_at: None,
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
        assert_eq!(channel.shown_health(almost), (Health::Ok, ""));
        assert_eq!(channel.shown_health(start + SILENT_AFTER), (Health::Silent, SILENT));
        channel.last_webhook_at = Some(start + TimeDelta::days(3));
        assert_eq!(channel.shown_health(start + SILENT_AFTER).0, Health::Ok);
        // Connected again: an old webhook does not count against it.
        channel.connected_at = start + TimeDelta::days(20);
        assert_eq!(channel.shown_health(start + TimeDelta::days(26)).0, Health::Ok);
        channel.trouble = Trouble::Expired;
        let expired = (Health::NeedsReconnect, Trouble::Expired.detail());
        assert_eq!(channel.shown_health(start + TimeDelta::days(99)), expired);
        channel.trouble = Trouble::None;
        channel.is_active = false;
        assert_eq!(channel.shown_health(start + TimeDelta::days(99)).0, Health::Ok);
    }

    #[test]
    fn instagrams_tokens_are_renewed_in_their_last_ten_days_and_never_on_their_first() {
        let start = Clock::system().now();
        let mut channel = Channel { login: Login::Instagram, platform: Platform::Instagram, ..channel(start) };
        channel.token_expires_at = Some(start + TimeDelta::days(60));
        assert!(!channel.wants_renewal(start + TimeDelta::days(50) - TimeDelta::seconds(1)));
        assert!(channel.wants_renewal(start + TimeDelta::days(50)));
        // One that lasts a week is renewed on its second day.
        channel.token_expires_at = Some(start + TimeDelta::days(7));
        assert!(!channel.wants_renewal(start + TimeDelta::hours(23)));
        assert!(channel.wants_renewal(start + TimeDelta::hours(24)));
        // Given by hand: nobody knows, so it is renewed as soon as it can be.
        channel.token_expires_at = None;
        assert!(!channel.wants_renewal(start + TimeDelta::hours(23)));
        assert!(channel.wants_renewal(start + TimeDelta::hours(24)));
        channel.login = Login::Facebook;
        assert!(!channel.wants_renewal(start + TimeDelta::days(99)), "a Page's token does not end by time");
    }

    #[test]
    fn outcomes_keep_what_meta_said() {
        let after = Duration::from_secs(9);
        for (given, expected) in [
            (SendOutcome::Sent { mid: "m_1".to_owned(), pace: None }, Outcome::Sent { mid: "m_1".to_owned() }),
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
