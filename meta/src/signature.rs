//! Signatures under the app secret: those on webhooks and the proof that goes with a token. Owns the secrets' use;
//! refuses the old `sha1=` header, re-serialised bodies (only the raw bytes count) and any other spelling than Meta's.

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

const PREFIX: &[u8] = b"sha256=";
const HEX_LEN: usize = 64;

/// The app secrets of one Meta app. The first signs; every one verifies, so that a secret can be rotated without losing
/// a webhook.
#[derive(Clone)]
pub struct AppSecrets {
    /// The first in its own words, for the calls that a login takes.
    text: SecretString,
    first: hmac::Key,
    rest: Vec<hmac::Key>,
}

/// No secret in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the list of app secrets holds none")]
pub struct NoSecret;

impl AppSecrets {
    /// Reads a comma-separated list. Blanks around a secret do not belong to it and empty places are skipped.
    ///
    /// # Errors
    /// [`NoSecret`] when nothing is left.
    pub fn parse(list: &str) -> Result<Self, NoSecret> {
        let mut secrets = list.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        let first = secrets.next().ok_or(NoSecret)?;
        Ok(Self { text: first.into(), first: key(first), rest: secrets.map(key).collect() })
    }

    /// These secrets and then another app's. Which secret signs the webhooks of an Instagram login is not documented
    /// for certain, so that endpoint accepts both apps' secrets (judgement).
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.rest.push(other.first.clone());
        self.rest.extend(other.rest.iter().cloned());
        self
    }

    /// Whether `header`, the value of `X-Hub-Signature-256`, signs exactly these bytes under one of the secrets. The
    /// header must be `sha256=` and 64 lower-case hex digits. The comparison takes the same time for every wrong
    /// signature.
    /// Source: Messenger Platform, "Webhooks", validate payloads.
    #[must_use]
    pub fn verify(&self, header: Option<impl AsRef<[u8]>>, body: &[u8]) -> bool {
        let Some(tag) = header.and_then(|header| tag(header.as_ref())) else { return false };
        self.verify_raw(&tag, body)
    }

    /// The `X-Hub-Signature-256` value for these bytes, under the first secret.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        format!("sha256={}", hex::encode(hmac::sign(&self.first, body)))
    }

    /// The `appsecret_proof` that goes with a token on graph.facebook.com, under the first secret: lower-case hex.
    /// Source: Graph API, "Secure requests".
    #[must_use]
    pub fn appsecret_proof(&self, token: &SecretString) -> String {
        hex::encode(hmac::sign(&self.first, token.expose_secret().as_bytes()))
    }

    /// The first secret itself: Meta's logins want it sent.
    pub(crate) const fn first(&self) -> &SecretString {
        &self.text
    }

    /// Whether `tag` is the HMAC of these bytes under one of the secrets.
    pub(crate) fn verify_raw(&self, tag: &[u8], message: &[u8]) -> bool {
        // Every key is tried, so that the time does not tell which one signed.
        self.keys().fold(false, |found, key| found | hmac::verify(key, message, tag).is_ok())
    }

    fn keys(&self) -> impl Iterator<Item = &hmac::Key> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl fmt::Debug for AppSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppSecrets([REDACTED]; {})", self.rest.len() + 1)
    }
}

fn key(secret: &str) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())
}

/// The 32 bytes a well-formed header names.
fn tag(header: &[u8]) -> Option<[u8; HEX_LEN / 2]> {
    let digits = header.strip_prefix(PREFIX)?;
    if digits.len() != HEX_LEN || digits.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut tag = [0; HEX_LEN / 2];
    hex::decode_to_slice(digits, &mut tag).ok()?;
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESAME: &str = "f39034b29165ec6a5104d9aef27266484ab26c8caa7bca8bcb2dd02e8be61b17";

    fn sesame() -> AppSecrets {
        AppSecrets::parse("sesame").expect("one secret")
    }

    #[test]
    fn known_answers() {
        let secrets = sesame();
        assert_eq!(secrets.sign(b"hello world"), format!("sha256={SESAME}"));
        assert_eq!(
            secrets.sign(b"hello world2"),
            "sha256=60905fdf409d0b4f721e99f6f25b31567a68a6b45e933d814e17a246be4c5a53"
        );
        assert!(secrets.verify(Some(format!("sha256={SESAME}")), b"hello world"));
        let test = AppSecrets::parse("chatdesk-test-app-secret").expect("one secret");
        assert_eq!(
            test.appsecret_proof(&"EAAtesttoken123".into()),
            "d79d22aa806829fabb46cfbe3c89fc1fc2200fe810338a9043c1b00d4f6c8d89"
        );
        assert_eq!(
            test.appsecret_proof(&"EAAtesttoken123|1795366800".into()),
            "023cee9e6d84b75441187198d2d1e14c3ed62e914ce4ad9d6310bcc5389995ee"
        );
    }

    #[test]
    fn only_metas_spelling_is_taken() {
        let secrets = sesame();
        let body = b"hello world";
        assert!(!secrets.verify(None::<&str>, body));
        for header in [
            String::new(),
            "sha256=".to_owned(),
            SESAME.to_owned(),
            format!("sha1={SESAME}"),
            format!("SHA256={SESAME}"),
            format!("sha256={}", SESAME.to_uppercase()),
            format!("sha256={}", &SESAME[..63]),
            format!("sha256={SESAME}0"),
            format!("sha256={SESAME} "),
            format!(" sha256={SESAME}"),
            format!("sha256={}g", &SESAME[..63]),
            format!("sha256={SESAME},sha256={SESAME}"),
        ] {
            assert!(!secrets.verify(Some(&header), body), "{header}");
        }
        assert!(!secrets.verify(Some(b"sha256=\xff\xfe".as_slice()), body));
    }

    #[test]
    fn one_changed_byte_is_refused() {
        let secrets = sesame();
        let body = b"hello world".to_vec();
        let header = secrets.sign(&body);
        for at in 0..body.len() {
            let mut other = body.clone();
            other[at] ^= 1;
            assert!(!secrets.verify(Some(&header), &other));
        }
    }

    #[test]
    fn rotation_first_signs_and_all_verify() {
        let both = AppSecrets::parse(" new , ,old,").expect("two secrets");
        let new = AppSecrets::parse("new").expect("one secret");
        let old = AppSecrets::parse("old").expect("one secret");
        assert_eq!(both.sign(b"x"), new.sign(b"x"));
        assert!(both.verify(Some(old.sign(b"x")), b"x"));
        assert!(!new.verify(Some(old.sign(b"x")), b"x"));
        assert!(new.clone().and(&old).verify(Some(old.sign(b"x")), b"x"));
        assert_eq!(new.and(&old).sign(b"x"), both.sign(b"x"));
    }

    #[test]
    fn nothing_is_not_a_secret_and_secrets_are_not_shown() {
        for list in ["", " ", ",", " , ,"] {
            assert_eq!(AppSecrets::parse(list).err(), Some(NoSecret));
        }
        let shown = format!("{:?}", AppSecrets::parse("sesame,open").expect("two secrets"));
        assert_eq!(shown, "AppSecrets([REDACTED]; 2)");
    }
}
