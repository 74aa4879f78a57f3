//! Keys. One SECRET_KEY gives every key of an installation that runs as one process; a split installation gets its keys one by one.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::hkdf;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret as _, SecretString};

use crate::{Minter, ServiceName, VarError, Vars, Verifier};

/// The PKCS#8 v1 header of an Ed25519 private key (RFC 8410 §7); the 32 bytes of the seed follow.
const PKCS8_ED25519: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The secret all others are derived from, with HKDF-SHA-256 (RFC 5869).
#[derive(Clone)]
pub struct SecretKey(SecretString);

/// A key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Too easy to guess.
    #[error("SECRET_KEY needs at least 32 characters; make one with: openssl rand -base64 48")]
    Short,
    /// Not 32 bytes of base64.
    #[error("a signing key is 32 bytes in base64; make a set with: chatdesk keys")]
    Malformed,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

impl SecretKey {
    /// Takes any text of at least 32 characters.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.chars().count() < 32 { Err(KeyError::Short) } else { Ok(Self(text.into())) }
    }

    /// The text itself, for handing it to another part of the same process.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// 32 bytes for one purpose. The same purpose always gives the same bytes, another one unrelated bytes.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"chatdesk.v1");
        let mut out = [0; 32];
        let info = [purpose.as_bytes()];
        let filled = salt
            .extract(self.0.expose_secret().as_bytes())
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut out));
        debug_assert!(filled.is_ok(), "32 bytes are within what HKDF-SHA-256 can give");
        out
    }

    /// The password of a database role.
    #[must_use]
    pub fn role_password(&self, role: &str) -> String {
        hex::encode(self.derive(&format!("database role {role}")))
    }
}

/// Who can sign as whom, and whose signatures are known.
#[derive(Clone)]
pub struct Keyring {
    seeds: HashMap<ServiceName, [u8; 32]>,
    publics: HashMap<ServiceName, Vec<u8>>,
}

impl Keyring {
    /// Every issuer's key from the one secret.
    #[must_use]
    pub fn derived(secret: &SecretKey) -> Self {
        let seeds: HashMap<_, _> =
            ServiceName::ALL.into_iter().map(|name| (name, secret.derive(&format!("token issuer {name}")))).collect();
        let publics = seeds.iter().filter_map(|(name, seed)| Some((*name, public_key(seed)?))).collect();
        Self { seeds, publics }
    }

    /// `SIGNING_KEY` of the one service that this process is, and `PEER_KEYS` (`name=key,…`) of the others.
    pub fn split(own: ServiceName, vars: &Vars) -> Result<Self, VarError> {
        let bad = |name: &str| VarError { name: name.to_owned(), problem: KeyError::Malformed.to_string() };
        let seed =
            vars.require("SIGNING_KEY", "it is this service's own private key; make a set with: chatdesk keys")?;
        let seed = decode(&seed).ok_or_else(|| bad("SIGNING_KEY"))?;
        let mut publics = HashMap::from([(own, public_key(&seed).ok_or_else(|| bad("SIGNING_KEY"))?)]);
        for pair in vars.list("PEER_KEYS") {
            let (name, key) = pair.split_once('=').ok_or_else(|| bad("PEER_KEYS"))?;
            let name: ServiceName = name.parse().map_err(|_| bad("PEER_KEYS"))?;
            publics.insert(name, decode(key).ok_or_else(|| bad("PEER_KEYS"))?.to_vec());
        }
        Ok(Self { seeds: HashMap::from([(own, seed)]), publics })
    }

    /// Signs as this issuer, if the key is here.
    #[must_use]
    pub fn minter(&self, issuer: ServiceName) -> Option<Minter> {
        let seed = self.seeds.get(&issuer)?;
        Some(Minter::new(issuer, EncodingKey::from_ed_der(&[PKCS8_ED25519.as_slice(), seed].concat())))
    }

    /// Checks tokens for this audience, from the issuers that may call it.
    #[must_use]
    pub fn verifier(&self, audience: ServiceName) -> Verifier {
        let known = audience.callers().iter().filter_map(|issuer| {
            let public = self.publics.get(issuer)?;
            Some((*issuer, DecodingKey::from_ed_der(public)))
        });
        Verifier::new(audience, known.collect())
    }

    /// The private and public key of an issuer in base64, for setting up a split installation.
    #[must_use]
    pub fn export(&self, issuer: ServiceName) -> Option<(SecretString, String)> {
        let seed = self.seeds.get(&issuer)?;
        Some((STANDARD.encode(seed).into(), STANDARD.encode(self.publics.get(&issuer)?)))
    }
}

fn public_key(seed: &[u8; 32]) -> Option<Vec<u8>> {
    Some(Ed25519KeyPair::from_seed_unchecked(seed).ok()?.public_key().as_ref().to_vec())
}

fn decode(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretKey {
        SecretKey::parse("a secret of at least thirty-two characters").unwrap()
    }

    #[test]
    fn purposes_give_unrelated_keys() {
        assert_eq!(secret().derive("a"), secret().derive("a"));
        assert_ne!(secret().derive("a"), secret().derive("b"));
        assert_ne!(secret().derive("a"), [0; 32]);
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(SecretKey::parse("short").unwrap_err(), KeyError::Short);
    }

    #[test]
    fn a_split_keyring_signs_only_as_itself() {
        let all = Keyring::derived(&secret());
        let (own, _) = all.export(ServiceName::Ai).unwrap();
        let (_, gateway) = all.export(ServiceName::Gateway).unwrap();
        let vars =
            Vars::fixed([("SIGNING_KEY", own.expose_secret().to_owned()), ("PEER_KEYS", format!("gateway={gateway}"))]);
        let split = Keyring::split(ServiceName::Ai, &vars).unwrap();
        assert!(split.minter(ServiceName::Ai).is_some());
        assert!(split.minter(ServiceName::Gateway).is_none());
    }
}
