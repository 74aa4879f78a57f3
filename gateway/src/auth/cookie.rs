//! The refresh token's cookie, and the proof that our own page asked for what it does.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::app::App;
use crate::problem::Problem;

/// The refresh token that came with a request, if one did.
pub struct RefreshCookie(pub Option<SecretString>);

const fn name(secure: bool) -> &'static str {
    // The prefix makes browsers refuse the cookie unless it is Secure, for `/` and for this very host (RFC 6265bis §4.1.3).
    if secure { "__Host-cd_rt" } else { "cd_rt" }
}

impl RefreshCookie {
    fn find(headers: &HeaderMap, secure: bool) -> Option<SecretString> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(key, value)| *key == name(secure) && !value.is_empty()).map(|(_, value)| value.into())
    }

    /// The header that keeps a token in the browser until it expires; none for a token that no cookie can hold.
    pub fn keep(app: &App, token: &SecretString, expires: DateTime<Utc>) -> Option<HeaderValue> {
        let token = token.expose_secret();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
        if token.is_empty() || !token.bytes().all(plain) {
            return None;
        }
        let seconds = (expires - app.clock.now()).num_seconds().max(0);
        Self::header(app.origins.secure(), token, seconds)
    }

    /// The header that makes the browser forget the token.
    pub fn forget(app: &App) -> Option<HeaderValue> {
        Self::header(app.origins.secure(), "", 0)
    }

    fn header(secure: bool, token: &str, seconds: i64) -> Option<HeaderValue> {
        let name = name(secure);
        let flag = if secure { "; Secure" } else { "" };
        let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{flag}");
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl FromRequestParts<Arc<App>> for RefreshCookie {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Ok(Self(Self::find(&parts.headers, app.origins.secure())))
    }
}

/// Proof that a page of ours sent the request: a header that no form can set, and the browser's word on where it came from.
/// An `Origin` decides; only without one does `Sec-Fetch-Site`, and a client that sends neither is no browser.
pub struct Csrf;

impl FromRequestParts<Arc<App>> for Csrf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
        let marked = text("x-cd-csrf") == Some("1");
        let near = text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
        let ours = text("origin").map_or(near, |origin| app.origins.takes(origin));
        if marked && ours {
            Ok(Self)
        } else {
            Err(Problem::new(StatusCode::FORBIDDEN, "csrf", "send the header X-CD-CSRF: 1 from our own page"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_by_its_whole_name() {
        let find = |line: &str, secure| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, line.parse().unwrap());
            RefreshCookie::find(&headers, secure).map(|token| token.expose_secret().to_owned())
        };
        assert_eq!(find("a=1; cd_rt=tok; b=2", false).as_deref(), Some("tok"));
        assert_eq!(find("__Host-cd_rt=tok=", true).as_deref(), Some("tok="));
        assert_eq!(find("xcd_rt=tok", false), None);
        assert_eq!(find("cd_rt=tok", true), None);
        assert_eq!(find("cd_rt=", false), None);
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let plain = RefreshCookie::header(false, "t", 5).unwrap();
        assert_eq!(plain.to_str().unwrap(), "cd_rt=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=5");
        let secure = RefreshCookie::header(true, "t", 5).unwrap();
        assert_eq!(secure.to_str().unwrap(), "__Host-cd_rt=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=5; Secure");
    }
}
