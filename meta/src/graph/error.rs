//! Errors of the Graph API. Owns the reading of an error reply, what an error means for a call that sends nothing, and
//! what is to be done about it; refuses to let a token into a message.
//! Sources: Graph API "Handling errors" and "Rate limiting"; Messenger Platform "Error codes".

use serde_json::Value;
use std::time::Duration;

/// How long to hold back when a limit is reported without a time.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// The longest message kept, in characters.
const LONGEST_MESSAGE: usize = 300;
/// A word this long in an error message may be a token.
const TOKEN_LIKE: usize = 32;

/// What is to be done about an error: the rows of Meta's table, as the product treats them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Temporary: again after a while, a few times.
    Retry,
    /// A rate limit: again after the time named.
    Wait,
    /// Token or permission: someone must connect the page again.
    Reconnect,
    /// Meta restricts the page: nothing is sent until Meta relents.
    Restricted,
    /// Only this call or message is concerned, and it would fail again.
    Fail,
}

/// Why a call that sends no message failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// The token is wrong, expired or withdrawn: the account must be connected again.
    #[error("Meta does not accept the access token")]
    InvalidToken,
    /// The token lacks a permission for this.
    #[error("the access token lacks a permission")]
    Permission,
    /// Meta restricts or blocks the page or account.
    #[error("Meta restricts this page or account")]
    Restricted,
    /// There is no such page, account or person for this token.
    #[error("Meta knows no such account for this token")]
    NotFound,
    /// The token works, but for another page or account than the one named.
    #[error("the access token belongs to another account")]
    OtherAccount,
    /// A rate limit; `after` is the time to wait.
    #[error("Meta's rate limit is reached, try again in {} s", after.as_secs())]
    RateLimited {
        /// At least 1 s, at most 24 h.
        after: Duration,
    },
    /// Meta could not be reached, did not answer in time, or failed on its side.
    #[error("Meta is not available")]
    Unavailable,
    /// Any other refusal.
    #[error("Meta refused: {message}")]
    Rejected {
        /// Meta's code, when there was one.
        code: Option<i64>,
        /// Meta's words, shortened; whatever looks like a token is blanked.
        message: String,
    },
}

impl GraphError {
    /// What is to be done.
    #[must_use]
    pub const fn group(&self) -> Group {
        match self {
            Self::Unavailable => Group::Retry,
            Self::RateLimited { .. } => Group::Wait,
            Self::InvalidToken | Self::Permission | Self::OtherAccount => Group::Reconnect,
            Self::Restricted => Group::Restricted,
            Self::NotFound | Self::Rejected { .. } => Group::Fail,
        }
    }
}

/// The `error` object of a reply; every field may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorBody {
    /// Meta's code.
    pub code: Option<i64>,
    /// Its finer code.
    pub subcode: Option<i64>,
    /// Meta says that trying again may help.
    pub is_transient: bool,
    /// For Meta's support.
    pub fbtrace_id: Option<String>,
    /// Meta's words, already without anything that looks like a token.
    pub message: String,
}

impl ErrorBody {
    /// Reads a reply; `None` when it holds no error object.
    #[must_use]
    pub fn read(reply: &[u8]) -> Option<Self> {
        let reply: Value = serde_json::from_slice(reply).ok()?;
        let error = match reply.get("error").filter(|error| error.is_object()) {
            Some(error) => error,
            // Instagram's login has a form of its own, flat and with `code` like a status.
            None => Some(&reply).filter(|reply| reply.get("error_type").is_some())?,
        };
        let text = |key: &str| error.get(key).and_then(Value::as_str);
        Some(Self {
            code: integer(error.get("code")),
            subcode: integer(error.get("error_subcode")),
            is_transient: error.get("is_transient").and_then(Value::as_bool).unwrap_or_default(),
            fbtrace_id: text("fbtrace_id").map(|id| id.chars().take(64).collect()),
            message: blanked(text("message").or_else(|| text("error_message")).unwrap_or_default()),
        })
    }

    /// Whether code or subcode is one of these. Meta gives its seven-digit numbers in either place.
    pub(super) fn is_any(&self, numbers: &[i64]) -> bool {
        [self.code, self.subcode].into_iter().flatten().any(|number| numbers.contains(&number))
    }

    /// Whether this is that code with one of these subcodes.
    pub(super) fn is_pair(&self, code: i64, subcodes: &[i64]) -> bool {
        self.code == Some(code) && self.subcode.is_some_and(|subcode| subcodes.contains(&subcode))
    }

    pub(super) fn is_rate_limit(&self) -> bool {
        matches!(self.code, Some(4 | 17 | 32 | 341 | 613 | 80001 | 80002 | 80006)) || self.is_any(&[2_534_013])
    }

    /// The page or account is restricted or blocked.
    pub(super) fn is_restriction(&self) -> bool {
        self.is_pair(10, &[1_893_063]) || self.is_any(&[2_534_029, 2_534_122]) || self.code == Some(368)
    }

    /// Only the message or its customer is concerned, not the token, although the code is one of permissions.
    fn is_about_the_message(&self) -> bool {
        self.is_pair(10, &[2_018_278, 2_018_065, 2_018_276, 2_018_108, 2_534_022, 2_534_044])
            || self.is_pair(200, &[1_545_041])
            // The person did not consent.
            || self.code == Some(230)
    }

    pub(super) fn is_temporary(&self) -> bool {
        self.is_transient || matches!(self.code, Some(1 | 2 | 1200)) || self.is_any(&[1_545_133, 1_357_046])
    }
}

/// What a failed call that sends nothing comes to ([`GraphError::group`] says what follows). `wait` is how long its headers ask to wait.
#[must_use]
pub fn classify_call(status: u16, wait: Option<Duration>, reply: &[u8]) -> GraphError {
    let error = ErrorBody::read(reply);
    let known = error.clone().unwrap_or_default();
    if status == 429 || known.is_rate_limit() {
        return GraphError::RateLimited { after: wait.unwrap_or(DEFAULT_WAIT) };
    }
    match (known.code, known.subcode) {
        (Some(190 | 102), _) => GraphError::InvalidToken,
        (Some(803), _) | (Some(100), Some(33 | 2_018_001)) | (Some(2_534_014), _) | (_, Some(2_534_014)) => {
            GraphError::NotFound
        }
        _ if status >= 500 || status == 408 || known.is_temporary() => GraphError::Unavailable,
        _ if known.is_restriction() => GraphError::Restricted,
        _ if known.is_about_the_message() => GraphError::Rejected { code: known.code, message: known.message },
        (Some(3 | 10 | 200..=299), _) => GraphError::Permission,
        // No word of Meta's: something stands between Meta and us, and says nothing about a token or a page.
        (None, _) if error.is_none() && (status < 400 || matches!(status, 401 | 403 | 404 | 407)) => {
            GraphError::Unavailable
        }
        (None, _) if status == 401 => GraphError::InvalidToken,
        (None, _) if status == 403 => GraphError::Permission,
        (None, _) if status == 404 => GraphError::NotFound,
        (code, _) => GraphError::Rejected { code, message: known.message },
    }
}

/// An integer that may have been sent as a string.
pub(super) fn integer(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Meta repeats a malformed token in its message.
fn blanked(message: &str) -> String {
    let is_token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '|' | '.' | '%');
    let mut out = String::new();
    for piece in message.split_inclusive(|c| !is_token(c)) {
        let word = piece.trim_end_matches(|c| !is_token(c));
        out.push_str(if word.len() >= TOKEN_LIKE { "…" } else { word });
        out.push_str(&piece[word.len()..]);
    }
    out.chars().take(LONGEST_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: i64, subcode: i64) -> Vec<u8> {
        format!(r#"{{"error":{{"message":"No","type":"OAuthException","code":{code},"error_subcode":{subcode},"fbtrace_id":"A1"}}}}"#)
            .into_bytes()
    }

    #[test]
    fn calls_are_classified() {
        let after = DEFAULT_WAIT;
        for (status, code, subcode, expected) in [
            (400, 190, 463, GraphError::InvalidToken),
            (401, 190, 0, GraphError::InvalidToken),
            (500, 190, 0, GraphError::InvalidToken),
            (400, 102, 0, GraphError::InvalidToken),
            (400, 10, 0, GraphError::Permission),
            (403, 200, 0, GraphError::Permission),
            (400, 230, 0, GraphError::Rejected { code: Some(230), message: "No".to_owned() }),
            (400, 100, 33, GraphError::NotFound),
            (404, 803, 0, GraphError::NotFound),
            (400, 4, 2_018_022, GraphError::RateLimited { after }),
            (400, 613, 0, GraphError::RateLimited { after }),
            (429, 99, 0, GraphError::RateLimited { after }),
            (500, 2, 0, GraphError::Unavailable),
            (400, 1, 0, GraphError::Unavailable),
            (503, 99, 0, GraphError::Unavailable),
            (400, 100, 0, GraphError::Rejected { code: Some(100), message: "No".to_owned() }),
            (200, 99, 0, GraphError::Rejected { code: Some(99), message: "No".to_owned() }),
        ] {
            assert_eq!(classify_call(status, None, &reply(code, subcode)), expected, "{status} {code} {subcode}");
        }
        for (status, expected) in [
            (200, GraphError::Unavailable),
            (302, GraphError::Unavailable),
            (401, GraphError::Unavailable),
            (403, GraphError::Unavailable),
            (404, GraphError::Unavailable),
            (407, GraphError::Unavailable),
            (408, GraphError::Unavailable),
            (502, GraphError::Unavailable),
            (418, GraphError::Rejected { code: None, message: String::new() }),
        ] {
            assert_eq!(classify_call(status, None, b"<html>"), expected, "{status}");
        }
        for (status, expected) in
            [(401, GraphError::InvalidToken), (403, GraphError::Permission), (404, GraphError::NotFound)]
        {
            assert_eq!(classify_call(status, None, br#"{"error":{}}"#), expected, "{status}");
        }
        let after = Duration::from_secs(7);
        assert_eq!(classify_call(429, Some(after), b""), GraphError::RateLimited { after });
    }

    #[test]
    fn error_bodies_are_read_leniently() {
        let error = ErrorBody::read(br#"{"error":{"code":"190","error_subcode":"463","is_transient":true}}"#)
            .expect("an error");
        assert_eq!((error.code, error.subcode, error.is_transient), (Some(190), Some(463), true));
        let flat = br#"{"error_type":"OAuthException","code":400,"error_message":"Invalid authorization code"}"#;
        let flat = ErrorBody::read(flat).expect("an error");
        assert_eq!((flat.code, flat.message.as_str()), (Some(400), "Invalid authorization code"));
        assert_eq!(ErrorBody::read(br#"{"error":{}}"#), Some(ErrorBody::default()));
        for reply in [b"".as_slice(), b"[]", b"null", b"{}", br#"{"error":null}"#, br#"{"error":"x"}"#, b"\xff"] {
            assert_eq!(ErrorBody::read(reply), None);
        }
    }

    #[test]
    fn a_token_in_a_message_is_blanked() {
        let token = "EAAnobodys-token-made-up-for-this-test-0001";
        let reply = format!(r#"{{"error":{{"message":"Malformed access token {token}, try again","code":1}}}}"#);
        let error = ErrorBody::read(reply.as_bytes()).expect("an error");
        assert_eq!(error.message, "Malformed access token …, try again");
        assert!(blanked(&"x ".repeat(1000)).chars().count() <= LONGEST_MESSAGE);
    }
}
