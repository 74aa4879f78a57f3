//! What became of a message that was handed to Meta. Owns the table from status and error codes to outcomes; refuses to
//! call a message unsent when it may have been delivered, because the Send API has no idempotency key and a second copy
//! cannot be taken back.
//! Sources: Messenger Platform "Error codes", "Send API"; Graph API "Handling errors".

use super::error::{DEFAULT_WAIT, ErrorBody, Group};
use serde_json::Value;
use std::time::Duration;

/// The outcome of one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// Meta took it.
    Sent {
        /// Meta's message id; the echo carries it too.
        mid: String,
        /// A limit is nearly used up: how long this page's or account's next calls should hold back.
        pace: Option<Duration>,
    },
    /// Certainly not sent, and the same request would be refused again.
    Refused {
        /// Why.
        reason: RefusedReason,
        /// Meta's code, when there was one.
        code: Option<i64>,
        /// Its finer code.
        subcode: Option<i64>,
        /// For Meta's support.
        fbtrace_id: Option<String>,
    },
    /// Certainly not sent; worth another attempt.
    TryLater {
        /// How long to wait.
        after: Duration,
        /// What else to hold back meanwhile.
        scope: Scope,
    },
    /// It may have been sent. Never to be repeated blindly: the echo settles it.
    Unknown {
        /// What was seen.
        why: Unclear,
    },
}

/// Why Meta refused a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusedReason {
    /// The reply window has closed.
    WindowClosed,
    /// The customer cannot receive messages: blocked the business, or is gone.
    RecipientUnavailable,
    /// No such customer for this page.
    RecipientUnknown,
    /// The conversation is gone, or a private reply was already made.
    ThreadGone,
    /// Meta restricts or blocked the page or account.
    Restricted,
    /// The token is dead.
    NeedsReconnect,
    /// The token lacks a permission, or the app its approval.
    Permission,
    /// The customer's consent is missing.
    ConsentRequired,
    /// The content is empty, too big or wrong.
    InvalidContent,
    /// The request is wrong: a fault of ours.
    InvalidRequest,
    /// Any other refusal.
    Rejected,
}

/// What a refusal says about the whole channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelHealth {
    /// Someone must connect it again; nothing is sent until then.
    NeedsReconnect,
    /// Meta restricts it; sending pauses.
    Restricted,
}

/// How far a delay reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// This page or account.
    Channel,
    /// All of our app's calls.
    App,
    /// The Graph host could not be reached.
    Host,
}

/// What left the outcome open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unclear {
    /// No answer in time.
    Timeout,
    /// The connection broke after the request may have gone out.
    ConnectionLost,
    /// Meta failed, or a status that settles nothing.
    Status(u16),
    /// Meta reports a temporary failure, after which messages were seen to arrive.
    Temporary(i64),
    /// A success that names no message.
    NoMessageId,
}

impl RefusedReason {
    /// A fixed code for rows and API answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WindowClosed => "window_closed",
            Self::RecipientUnavailable => "recipient_unavailable",
            Self::RecipientUnknown => "recipient_unknown",
            Self::ThreadGone => "thread_gone",
            Self::Restricted => "restricted",
            Self::NeedsReconnect => "needs_reconnect",
            Self::Permission => "permission",
            Self::ConsentRequired => "consent_required",
            Self::InvalidContent => "invalid_content",
            Self::InvalidRequest => "invalid_request",
            Self::Rejected => "rejected",
        }
    }

    /// What this says about the channel; nothing when only this message or customer is concerned.
    #[must_use]
    pub const fn health(self) -> Option<ChannelHealth> {
        match self {
            Self::NeedsReconnect | Self::Permission => Some(ChannelHealth::NeedsReconnect),
            Self::Restricted => Some(ChannelHealth::Restricted),
            Self::WindowClosed
            | Self::RecipientUnavailable
            | Self::RecipientUnknown
            | Self::ThreadGone
            | Self::ConsentRequired
            | Self::InvalidContent
            | Self::InvalidRequest
            | Self::Rejected => None,
        }
    }
}

impl SendOutcome {
    /// What is to be done; nothing about a message that went out. One that may have gone out is never simply repeated,
    /// although the fault is temporary.
    #[must_use]
    pub const fn group(&self) -> Option<Group> {
        match self {
            Self::Sent { .. } => None,
            Self::Unknown { .. } | Self::TryLater { scope: Scope::Host, .. } => Some(Group::Retry),
            Self::TryLater { scope: Scope::Channel | Scope::App, .. } => Some(Group::Wait),
            Self::Refused { reason, .. } => Some(match reason.health() {
                Some(ChannelHealth::NeedsReconnect) => Group::Reconnect,
                Some(ChannelHealth::Restricted) => Group::Restricted,
                None => Group::Fail,
            }),
        }
    }
}

impl ChannelHealth {
    /// The channel's health state.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsReconnect => "needs_reconnect",
            Self::Restricted => "restricted",
        }
    }
}

impl Scope {
    /// A fixed code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Channel => "channel",
            Self::App => "app",
            Self::Host => "host",
        }
    }
}

impl Unclear {
    /// A fixed code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ConnectionLost => "connection_lost",
            Self::Status(_) => "server_error",
            Self::Temporary(_) => "temporary",
            Self::NoMessageId => "no_message_id",
        }
    }
}

/// The outcome that a complete reply stands for, without its pace. `wait` is how long its headers ask to wait.
#[must_use]
pub fn classify_send(status: u16, wait: Option<Duration>, reply: &[u8]) -> SendOutcome {
    let error = ErrorBody::read(reply);
    if (200..300).contains(&status) && error.is_none() {
        return match message_id(reply) {
            Some(mid) => SendOutcome::Sent { mid, pace: None },
            None => SendOutcome::Unknown { why: Unclear::NoMessageId },
        };
    }
    let error = error.unwrap_or_default();
    if status == 429 || error.is_rate_limit() && status < 500 {
        // 4 is the app's own limit; all others are the page's or account's.
        let scope = if error.code == Some(4) && error.subcode.is_none() { Scope::App } else { Scope::Channel };
        return SendOutcome::TryLater { after: wait.unwrap_or(DEFAULT_WAIT), scope };
    }
    // A success with an error (Meta does that) counts by its code; 408 is a timeout at Meta's door.
    if !(200..300).contains(&status) && !(400..500).contains(&status) || status == 408 {
        return SendOutcome::Unknown { why: Unclear::Status(status) };
    }
    if error.is_temporary() {
        return SendOutcome::Unknown { why: Unclear::Temporary(error.code.unwrap_or_default()) };
    }
    SendOutcome::Refused {
        reason: reason(&error),
        code: error.code,
        subcode: error.subcode,
        fbtrace_id: error.fbtrace_id,
    }
}

/// The rows of Meta's error table that are final, the finer codes first.
fn reason(error: &ErrorBody) -> RefusedReason {
    if error.is_pair(10, &[2_018_278, 2_018_065, 2_018_276]) || error.is_any(&[2_534_022, 2_534_044]) {
        RefusedReason::WindowClosed
    } else if error.is_pair(10, &[2_018_108]) || error.is_pair(200, &[1_545_041]) || error.code == Some(551) {
        RefusedReason::RecipientUnavailable
    } else if error.is_restriction() {
        RefusedReason::Restricted
    } else if error.is_any(&[2_018_001, 2_534_014]) {
        RefusedReason::RecipientUnknown
    } else if error.is_any(&[2_018_109, 36_000, 2_018_015, 2_018_034, 2_018_032, 2_018_047]) {
        RefusedReason::InvalidContent
    } else if error.is_any(&[2_534_001, 2_534_025]) || error.code == Some(10_900) {
        RefusedReason::ThreadGone
    } else {
        match error.code {
            Some(190 | 102) => RefusedReason::NeedsReconnect,
            Some(230) => RefusedReason::ConsentRequired,
            Some(10 | 200) => RefusedReason::Permission,
            Some(100) => RefusedReason::InvalidRequest,
            _ => RefusedReason::Rejected,
        }
    }
}

/// Instagram answers the `message_id` alone, Messenger also a `recipient_id`: only the first is asked for.
fn message_id(reply: &[u8]) -> Option<String> {
    let reply: Value = serde_json::from_slice(reply).ok()?;
    let mid = reply.get("message_id")?.as_str()?;
    let usable = !mid.is_empty() && mid.chars().count() <= crate::webhook::LONGEST_MID && !mid.contains('\0');
    usable.then(|| mid.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(code: i64, subcode: Option<i64>) -> Vec<u8> {
        let subcode = subcode.map(|subcode| format!(r#","error_subcode":{subcode}"#)).unwrap_or_default();
        format!(r#"{{"error":{{"message":"No","code":{code}{subcode},"fbtrace_id":"A1"}}}}"#).into_bytes()
    }

    #[test]
    fn rate_limits_are_waited_for() {
        let after = Duration::from_secs(90);
        for code in [17, 32, 341, 613, 80001, 80002, 80006, 2_534_013] {
            let expected = SendOutcome::TryLater { after, scope: Scope::Channel };
            assert_eq!(classify_send(400, Some(after), &reply(code, None)), expected, "{code}");
        }
        let late = |after, scope| SendOutcome::TryLater { after, scope };
        assert_eq!(classify_send(400, None, &reply(4, Some(2_018_022))), late(DEFAULT_WAIT, Scope::Channel));
        assert_eq!(classify_send(400, None, &reply(4, None)), late(DEFAULT_WAIT, Scope::App));
        assert_eq!(classify_send(400, None, &reply(100, Some(2_534_013))), late(DEFAULT_WAIT, Scope::Channel));
        assert_eq!(classify_send(429, Some(after), b"slow down"), late(after, Scope::Channel));
        assert_eq!(classify_send(429, None, &reply(987, None)), late(DEFAULT_WAIT, Scope::Channel));
        let transient = br#"{"error":{"code":613,"is_transient":true}}"#;
        assert_eq!(classify_send(200, None, transient), late(DEFAULT_WAIT, Scope::Channel));
    }

    #[test]
    fn what_may_have_arrived_is_unknown() {
        for code in [1, 2, 1200, 1_545_133] {
            let expected = SendOutcome::Unknown { why: Unclear::Temporary(code) };
            assert_eq!(classify_send(400, None, &reply(code, None)), expected);
            assert_eq!(classify_send(200, None, &reply(code, None)), expected);
        }
        let expected = SendOutcome::Unknown { why: Unclear::Temporary(1) };
        assert_eq!(classify_send(400, None, &reply(1, Some(1_357_046))), expected);
        let transient = br#"{"error":{"code":100,"is_transient":true}}"#;
        assert_eq!(classify_send(400, None, transient), SendOutcome::Unknown { why: Unclear::Temporary(100) });
        for status in [100, 302, 408, 500, 502, 503, 504] {
            for body in [b"".as_slice(), b"<html>", &reply(190, None), br#"{"message_id":"m_1"}"#] {
                let expected = SendOutcome::Unknown { why: Unclear::Status(status) };
                assert_eq!(classify_send(status, None, body), expected, "{status}");
            }
        }
        let too_long = format!(r#"{{"message_id":"{}"}}"#, "m".repeat(513));
        for body in ["", "ok", "[]", "{}", r#"{"message_id":""}"#, r#"{"message_id":5}"#, &too_long] {
            let expected = SendOutcome::Unknown { why: Unclear::NoMessageId };
            assert_eq!(classify_send(200, None, body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn success_needs_only_a_message_id() {
        let sent = SendOutcome::Sent { mid: "m_1".to_owned(), pace: None };
        assert_eq!(classify_send(200, None, br#"{"recipient_id":"6","message_id":"m_1"}"#), sent);
        assert_eq!(classify_send(200, None, br#"{"message_id":"m_1"}"#), sent);
    }

    #[test]
    fn a_success_with_an_error_is_a_refusal() {
        let outcome = classify_send(200, None, &reply(10, Some(2_018_278)));
        assert!(matches!(outcome, SendOutcome::Refused { reason: RefusedReason::WindowClosed, .. }));
        let both = br#"{"message_id":"m_1","error":{"code":551}}"#;
        assert!(matches!(classify_send(200, None, both), SendOutcome::Refused { .. }));
    }

    #[test]
    fn a_refusal_without_words_is_a_refusal() {
        for status in [400, 401, 403, 404, 413] {
            let outcome = classify_send(status, None, b"<html>");
            assert!(matches!(outcome, SendOutcome::Refused { reason: RefusedReason::Rejected, code: None, .. }));
        }
    }

    #[test]
    fn only_channel_wide_refusals_touch_its_health() {
        assert_eq!(RefusedReason::NeedsReconnect.health(), Some(ChannelHealth::NeedsReconnect));
        assert_eq!(RefusedReason::Permission.health(), Some(ChannelHealth::NeedsReconnect));
        assert_eq!(RefusedReason::Restricted.health(), Some(ChannelHealth::Restricted));
        assert_eq!(RefusedReason::WindowClosed.health(), None);
        assert_eq!(RefusedReason::RecipientUnavailable.health(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_server_error_is_never_final(status in 500_u16..600, body in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(classify_send(status, None, &body), SendOutcome::Unknown { why: Unclear::Status(status) });
        }

        #[test]
        fn sent_only_with_success_and_without_error(status in 100_u16..600, code in 0_i64..1000) {
            let body = format!(r#"{{"message_id":"m","error":{{"code":{code}}}}}"#);
            let sent = |body: &[u8]| matches!(classify_send(status, None, body), SendOutcome::Sent { .. });
            prop_assert!(!sent(body.as_bytes()));
            prop_assert_eq!(sent(br#"{"message_id":"m"}"#), (200..300).contains(&status));
        }
    }
}
