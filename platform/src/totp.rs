//! One-time codes (RFC 6238 over RFC 4226: SHA-1, 6 digits, 30 seconds), as authenticator apps make them. Pure.

use std::fmt;

use aws_lc_rs::{hmac, rand};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

/// Seconds that a code lives.
const STEP: i64 = 30;
/// Bytes of a secret: as many as the hash gives (RFC 4226 §4, R6).
const BYTES: usize = 20;
/// The alphabet of base32 (RFC 4648 §6).
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What a person's device and we share.
#[derive(Clone)]
pub struct TotpSecret([u8; BYTES]);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(..)")
    }
}

impl TotpSecret {
    /// A new one; none when the system has no randomness.
    #[must_use]
    pub fn random() -> Option<Self> {
        let mut bytes = [0; BYTES];
        rand::fill(&mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Reads what [`TotpSecret::show`] wrote; none for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |letter: u8| ALPHABET.iter().position(|known| *known == letter);
        let digits =
            text.bytes().map(digit).collect::<Option<Vec<_>>>().filter(|digits| digits.len() == BYTES * 8 / 5)?;
        let mut bytes = [0; BYTES];
        for (bytes, digits) in bytes.chunks_exact_mut(5).zip(digits.chunks_exact(8)) {
            let bits = digits.iter().fold(0_u64, |bits, digit| (bits << 5) | *digit as u64);
            bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(Self(bytes))
    }

    /// Its text: 32 characters of base32.
    #[must_use]
    pub fn show(&self) -> SecretString {
        let digits = self.0.chunks_exact(5).flat_map(|bytes| {
            let bits = bytes.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
            (0..8).rev().map(move |at| char::from(ALPHABET[((bits >> (at * 5)) & 31) as usize]))
        });
        digits.collect::<String>().into()
    }

    /// The address that an authenticator app reads from a QR code, for an account of ChatDesk (Key Uri Format of Google Authenticator).
    #[must_use]
    pub fn uri(&self, account: &str) -> SecretString {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let mut label = String::with_capacity(account.len());
        for byte in account.bytes() {
            if plain(byte) {
                label.push(char::from(byte));
            } else {
                label.push('%');
                label.push_str(&hex::encode_upper([byte]));
            }
        }
        format!("otpauth://totp/ChatDesk:{label}?secret={}&issuer=ChatDesk", self.show().expose_secret()).into()
    }

    /// The code of a time step, see [`totp_step`].
    #[must_use]
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let at = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let word =
            tag.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes).unwrap_or_default();
        format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
    }

    /// The time step that a code is of: this one, the one before or the one after, for devices whose clocks are not ours (RFC 6238 §6).
    #[must_use]
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Option<i64> {
        let now = totp_step(now);
        // All three are compared, so that the time tells nothing.
        [now - 1, now, now + 1].into_iter().fold(None, |found, step| {
            let known = self.code(step);
            let is_it = aws_lc_rs::constant_time::verify_slices_are_equal(known.as_bytes(), code.as_bytes()).is_ok();
            if is_it { Some(step) } else { found }
        })
    }
}

/// Which half minute since 1970 it is.
#[must_use]
pub const fn totp_step(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(STEP)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6238, appendix B: the last six digits of its codes for SHA-1.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret(*b"12345678901234567890");
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(at / STEP), code);
        }
        assert_eq!(secret.show().expose_secret(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let uri = secret.uri("lan+1@gốm.vn");
        let expected =
            "otpauth://totp/ChatDesk:lan%2B1%40g%E1%BB%91m.vn?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ChatDesk";
        assert_eq!(uri.expose_secret(), expected);
        assert_eq!(format!("{secret:?}"), "TotpSecret(..)");
    }

    #[test]
    fn a_code_is_good_half_a_minute_before_and_after() {
        let secret = TotpSecret::random().unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let now = at(1_795_336_200);
        let code = secret.code(totp_step(now));
        for (shift, expected) in [(-31, None), (-30, Some(0)), (0, Some(0)), (29, Some(0)), (59, Some(0)), (60, None)] {
            let found = secret.step_of(&code, at(1_795_336_200 + shift));
            assert_eq!(found, expected.map(|add: i64| totp_step(now) + add), "{shift}");
        }
        for bad in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(secret.step_of(bad, now), None);
        }
    }

    proptest! {
        #[test]
        fn secrets_go_there_and_back(bytes in any::<[u8; BYTES]>()) {
            let shown = TotpSecret(bytes).show();
            prop_assert_eq!(TotpSecret::parse(shown.expose_secret()).map(|secret| secret.0), Some(bytes));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            if let Some(secret) = TotpSecret::parse(&text) {
                let shown = secret.show();
                prop_assert_eq!(shown.expose_secret(), text.as_str());
            }
        }
    }
}
