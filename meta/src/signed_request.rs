//! The `signed_request` of Meta's deauthorize and data-deletion callbacks. Owns its form and its check; refuses every
//! algorithm but HMAC-SHA256, padding, and anything that no secret of ours signed.
//! Source: App Dashboard, "Data deletion callback": base64url without padding of the signature, a dot, base64url of the
//! JSON; what is signed is the encoded JSON.

use crate::AppSecrets;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The longest request looked at, in bytes; a real one has about 150 (judgement).
const LONGEST: usize = 8 * 1024;
/// The longest id of a person taken, in bytes.
const LONGEST_ID: usize = 128;

/// What Meta signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// The person, by the id that is scoped to the app.
    pub user_id: String,
    /// Seconds since 1970.
    pub issued_at: Option<i64>,
}

/// Why a request is not taken. The caller should not tell whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not two parts of base64url, or far too long.
    #[error("the request is not of the form that Meta uses")]
    Malformed,
    /// No secret of ours signed it.
    #[error("the signature is not ours")]
    Signature,
    /// Signed with another algorithm than HMAC-SHA256.
    #[error("the algorithm is not HMAC-SHA256")]
    Algorithm,
    /// It names nobody.
    #[error("the request names nobody")]
    Nobody,
}

/// Reads a signed request. Which of Meta's two apps' secrets signs those of an Instagram login is not documented, so
/// `secrets` should hold both apps' ([`AppSecrets::and`]).
///
/// # Errors
/// [`Refused`].
pub fn verify(secrets: &AppSecrets, text: &str) -> Result<SignedRequest, Refused> {
    if text.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    let (signature, payload) = text.split_once('.').ok_or(Refused::Malformed)?;
    let tag = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Malformed)?;
    let json = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refused::Malformed)?;
    // Nothing of the payload counts before this.
    if !secrets.verify_raw(&tag, payload.as_bytes()) {
        return Err(Refused::Signature);
    }
    let claims: Value = serde_json::from_slice(&json).map_err(|_| Refused::Malformed)?;
    let algorithm = claims.get("algorithm").and_then(Value::as_str).unwrap_or_default();
    if !algorithm.eq_ignore_ascii_case("HMAC-SHA256") {
        return Err(Refused::Algorithm);
    }
    let user_id = match claims.get("user_id") {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) if id.is_u64() => id.to_string(),
        _ => return Err(Refused::Nobody),
    };
    let plain = user_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if user_id.is_empty() || user_id.len() > LONGEST_ID || !plain {
        return Err(Refused::Nobody);
    }
    Ok(SignedRequest { user_id, issued_at: claims.get("issued_at").and_then(Value::as_i64) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::hmac;
    use proptest::prelude::*;

    const SECRET: &str = "chatdesk-test-app-secret";
    const KNOWN: &str = "LRmWdWJCjsHbrkq49xTCbVyXOGkTpLSAM5bWFns7ItA.eyJ1c2VyX2lkIjoiMTAxNTg4MDAxMjM0NTY3ODkiLCJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTM2NjgwMH0";

    fn secrets(list: &str) -> AppSecrets {
        AppSecrets::parse(list).expect("a secret")
    }

    fn signed(secret: &str, json: &[u8]) -> String {
        let payload = URL_SAFE_NO_PAD.encode(json);
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        format!("{}.{payload}", URL_SAFE_NO_PAD.encode(hmac::sign(&key, payload.as_bytes())))
    }

    fn ours(json: &str) -> Result<SignedRequest, Refused> {
        verify(&secrets(SECRET), &signed(SECRET, json.as_bytes()))
    }

    #[test]
    fn the_known_answer_is_read() {
        let expected = SignedRequest { user_id: "10158800123456789".to_owned(), issued_at: Some(1_795_366_800) };
        assert_eq!(verify(&secrets(SECRET), KNOWN), Ok(expected.clone()));
        assert_eq!(verify(&secrets(&format!("new,{SECRET}")), KNOWN), Ok(expected.clone()));
        assert_eq!(verify(&secrets("other").and(&secrets(SECRET)), KNOWN), Ok(expected));
        assert_eq!(verify(&secrets("other"), KNOWN), Err(Refused::Signature));
    }

    #[test]
    fn only_metas_form_is_taken() {
        let (signature, payload) = KNOWN.split_once('.').expect("two parts");
        let standard = |text: &str| text.replace('-', "+").replace('_', "/");
        for text in [
            String::new(),
            ".".to_owned(),
            signature.to_owned(),
            format!("{signature}={}", &KNOWN[signature.len()..]),
            format!("{KNOWN}="),
            format!("{KNOWN}\n"),
            format!(" {KNOWN}"),
            format!("{KNOWN}.{payload}"),
            format!("{}.{payload}", &signature[..signature.len() - 2]),
            format!("{signature}.{payload}!"),
            format!("ấ.{payload}"),
            format!("{signature}."),
            format!(".{payload}"),
            format!("{KNOWN}{}", "A".repeat(1 << 20)),
        ] {
            assert!(verify(&secrets(SECRET), &text).is_err(), "{}", text.chars().take(80).collect::<String>());
        }
        // Of this one the two alphabets differ.
        let odd = signed(SECRET, "{\"user_id\":\"1\",\"algorithm\":\"HMAC-SHA256\",\"x\":\"???>>>\"}".as_bytes());
        assert!(verify(&secrets(SECRET), &odd).is_ok());
        assert_eq!(verify(&secrets(SECRET), &standard(&odd)).is_ok(), standard(&odd) == odd);
    }

    #[test]
    fn what_is_signed_must_say_how_and_who() {
        for (json, expected) in [
            (r#"{"user_id":"1","algorithm":"HMAC-SHA1"}"#, Refused::Algorithm),
            (r#"{"user_id":"1","algorithm":"none"}"#, Refused::Algorithm),
            (r#"{"user_id":"1"}"#, Refused::Algorithm),
            (r#"{"user_id":"1","algorithm":["HMAC-SHA256"]}"#, Refused::Algorithm),
            (r#"{"algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            (r#"{"user_id":"","algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            (r#"{"user_id":"1 2","algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            (r#"{"user_id":-1,"algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            (r#"{"user_id":1.5,"algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            (r#"{"user_id":{},"algorithm":"HMAC-SHA256"}"#, Refused::Nobody),
            ("[]", Refused::Algorithm),
            ("{", Refused::Malformed),
            ("", Refused::Malformed),
        ] {
            assert_eq!(ours(json), Err(expected), "{json}");
        }
        let exact = ours(r#"{"user_id":9007199254740993,"algorithm":"hmac-sha256","issued_at":"soon"}"#);
        assert_eq!(exact, Ok(SignedRequest { user_id: "9007199254740993".to_owned(), issued_at: None }));
        let deep = format!(r#"{{"user_id":"1","algorithm":"HMAC-SHA256","x":{}"#, "[".repeat(4000));
        assert_eq!(ours(&deep), Err(Refused::Malformed));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_is_an_answer(text in "\\PC{0,200}|[A-Za-z0-9_=.-]{0,200}") {
            prop_assert!(verify(&secrets(SECRET), &text).is_err());
        }

        #[test]
        fn one_changed_character_is_refused(at in 0..KNOWN.len(), to in "[A-Za-z0-9_-]") {
            let mut text = KNOWN.to_owned();
            text.replace_range(at..=at, &to);
            prop_assert_eq!(verify(&secrets(SECRET), &text).is_ok(), text == KNOWN);
        }

        #[test]
        fn no_other_secret_signs(secret in "[a-z-]{1,30}", user in "[0-9]{1,20}") {
            let json = format!(r#"{{"user_id":"{user}","algorithm":"HMAC-SHA256"}}"#);
            let text = signed(&secret, json.as_bytes());
            prop_assert_eq!(verify(&secrets(SECRET), &text).is_ok(), secret == SECRET);
        }
    }
}
