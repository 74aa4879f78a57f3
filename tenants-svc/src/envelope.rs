//! How a secret, such as a Meta token, lies in the database: XChaCha20-Poly1305 under the tenant's key, bound to tenant, channel and purpose, so that a
//! ciphertext copied to another row, tenant or column does not open. Text form: `v1.<key id>.<nonce>.<ciphertext>`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chatdesk_platform::db::Connection;
use chatdesk_platform::{Error, TenantId};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use crate::keys::Keys;
use crate::store::key;

const VERSION: &str = "v1";

/// The purpose of the token that the Graph API takes.
pub const ACCESS_TOKEN: &str = "access_token";
/// The purpose of a token that a login gave and that nobody connected yet.
pub const GRANTED_TOKEN: &str = "granted_token";

/// Stands for no business where a secret is the installation's own.
pub const INSTALLATION: TenantId = TenantId(Uuid::nil());

/// What a secret is for and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Whose.
    pub tenant: TenantId,
    /// Of which channel, page of a grant, person or mail.
    pub channel: Uuid,
    /// For what.
    pub purpose: &'static str,
}

/// A sealed secret that does not open: another key, another place, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored secret does not open with this key in this place")]
pub struct Sealed;

impl Binding {
    fn aad(&self) -> String {
        format!("cd|{VERSION}|{}|{}|{}", self.tenant, self.channel, self.purpose)
    }
}

/// Seals a secret for its place, in the transaction that keeps it: from then on it is known that something needs the key.
pub async fn seal(
    connection: &mut Connection,
    keys: &Keys,
    place: &Binding,
    secret: &SecretString,
) -> Result<String, Error> {
    key::add_sealing(connection, keys.sealing_id()).await?;
    close(keys, place, secret)
}

/// The nonce is 24 random bytes, too many to meet twice.
fn close(keys: &Keys, place: &Binding, secret: &SecretString) -> Result<String, Error> {
    let mut nonce = [0; 24];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| Error::internal("the system has no randomness"))?;
    let cipher = XChaCha20Poly1305::new(&keys.to_seal(place.tenant).into());
    let aad = place.aad();
    let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: aad.as_bytes() };
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::internal("sealing failed"))?;
    Ok(format!("{VERSION}.{}.{}.{}", keys.sealing_id(), BASE64.encode(nonce), BASE64.encode(sealed)))
}

/// Opens a secret in the place it was sealed for.
pub fn open(keys: &Keys, place: &Binding, sealed: &str) -> Result<SecretString, Sealed> {
    let mut parts = sealed.split('.');
    let mut next = || parts.next().ok_or(Sealed);
    let (version, key, nonce, text) = (next()?, next()?, next()?, next()?);
    if version != VERSION || parts.next().is_some() {
        return Err(Sealed);
    }
    let nonce: [u8; 24] = BASE64.decode(nonce).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Sealed)?;
    let text = BASE64.decode(text).map_err(|_| Sealed)?;
    let cipher = XChaCha20Poly1305::new(&keys.to_open(key, place.tenant).ok_or(Sealed)?.into());
    let aad = place.aad();
    let payload = Payload { msg: &text, aad: aad.as_bytes() };
    let plain = cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| Sealed)?;
    String::from_utf8(plain).map(SecretString::from).map_err(|_| Sealed)
}

/// The same secret in the same place, sealed with the key that seals now, which is known to be needed.
pub fn seal_anew(keys: &Keys, place: &Binding, sealed: &str) -> Result<String, Error> {
    let secret = open(keys, place, sealed).map_err(Error::internal)?;
    close(keys, place, &secret)
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::{Vars, new_id};
    use proptest::prelude::*;

    use super::*;

    fn keys(secret: &str) -> Keys {
        Keys::from_vars(&Vars::fixed([("SECRET_KEY", secret)])).unwrap()
    }

    fn ours() -> Keys {
        keys("a secret of at least thirty-two characters")
    }

    fn place() -> Binding {
        Binding { tenant: TenantId(new_id()), channel: new_id(), purpose: ACCESS_TOKEN }
    }

    proptest! {
        #[test]
        fn opens_in_its_place_and_in_no_other(token in "\\PC{0,300}") {
            let (keys, home) = (ours(), place());
            let sealed = close(&keys, &home, &token.clone().into()).unwrap();
            let opened = open(&keys, &home, &sealed).unwrap();
            prop_assert_eq!(opened.expose_secret(), token.as_str());
            let elsewhere = [
                Binding { tenant: TenantId(new_id()), ..home },
                Binding { channel: new_id(), ..home },
                Binding { purpose: "app_secret", ..home },
                Binding { tenant: TenantId(home.channel), channel: home.tenant.0, ..home },
            ];
            for other in elsewhere {
                prop_assert_eq!(open(&keys, &other, &sealed).err(), Some(Sealed));
            }
            let foreign = keys_of_another_house();
            prop_assert_eq!(open(&foreign, &home, &sealed).err(), Some(Sealed));
        }

        #[test]
        fn a_changed_character_does_not_open(at in 0_usize..200, with in "[A-Za-z0-9._-]") {
            let (keys, home) = (ours(), place());
            let sealed = close(&keys, &home, &"EAAtesttoken123".into()).unwrap();
            let mut changed = sealed.clone();
            let at = at % sealed.len();
            changed.replace_range(at..=at, &with);
            if changed != sealed {
                prop_assert_eq!(open(&keys, &home, &changed).err(), Some(Sealed));
            }
        }

        #[test]
        fn any_text_is_refused_without_a_panic(text in "\\PC{0,80}") {
            prop_assert_eq!(open(&ours(), &place(), &text).err(), Some(Sealed));
        }
    }

    fn keys_of_another_house() -> Keys {
        keys("another secret of more than 32 characters")
    }

    #[test]
    fn the_same_secret_never_looks_the_same_and_is_not_shown() {
        let (keys, home) = (ours(), place());
        let secret = SecretString::from("EAAtesttoken123");
        let sealed = close(&keys, &home, &secret).unwrap();
        assert_ne!(sealed, close(&keys, &home, &secret).unwrap());
        assert!(sealed.starts_with(&format!("v1.{}.", keys.id())) && !sealed.contains("EAA"));
        assert!(!format!("{:?}", open(&keys, &home, &sealed)).contains("EAA"));
    }
}
