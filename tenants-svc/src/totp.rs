//! One-time codes at login: a secret that is shown, confirmed and then in force, codes that work once, and recovery codes for the day the
//! device is lost.

use chatdesk_platform::db::Connection;
use chatdesk_platform::{Error, TenantId, TotpSecret, UserId};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use crate::envelope::{self, Binding, INSTALLATION};
use crate::keys::Keys;
use crate::model::User;
use crate::store::sealed::Codes;
use crate::store::second_factor;

/// The purpose of a sealed secret.
const TOTP: &str = "totp";
/// How many recovery codes a person gets.
const RECOVERY_CODES: usize = 10;
/// The letters of recovery codes: none that look alike. 32 of them, so that a random byte gives each as often.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Letters of a recovery code: 50 random bits, which are tried as seldom as one-time codes.
const LENGTH: usize = 10;

/// What proved that the person has their device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A one-time code.
    Code,
    /// A recovery code; so many are left.
    Recovery(usize),
}

/// Whose codes.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    user: UserId,
    tenant: Option<TenantId>,
}

impl From<&User> for Holder {
    fn from(user: &User) -> Self {
        Self { user: user.id, tenant: user.tenant() }
    }
}

impl Holder {
    /// Somebody, of this business or a platform admin.
    pub const fn of(user: UserId, tenant: Option<TenantId>) -> Self {
        Self { user, tenant }
    }

    /// Their secrets, sealed with the key that seals now.
    pub fn seal_anew(self, keys: &Keys, codes: &Codes) -> Result<Codes, Error> {
        let anew = |sealed: &String| envelope::seal_anew(keys, &self.place(), sealed);
        let secret = codes.secret.as_ref().map(anew).transpose()?;
        let pending = codes.pending.as_ref().map(anew).transpose()?;
        Ok(Codes { secret, pending, ..*codes })
    }

    fn place(self) -> Binding {
        Binding { tenant: self.tenant.unwrap_or(INSTALLATION), channel: self.user.0, purpose: TOTP }
    }

    fn open(self, keys: &Keys, sealed: &str) -> Result<TotpSecret, Error> {
        let text = envelope::open(keys, &self.place(), sealed).map_err(Error::internal)?;
        TotpSecret::parse(text.expose_secret()).ok_or_else(|| Error::internal("a stored secret is none"))
    }

    /// Makes a secret to be confirmed. Precondition `totp_on` when one is in force.
    pub async fn start(self, connection: &mut Connection, keys: &Keys) -> Result<TotpSecret, Error> {
        let secret = TotpSecret::random().ok_or_else(|| Error::internal("the system has no randomness"))?;
        let sealed = envelope::seal(&mut *connection, keys, &self.place(), &secret.show()).await?;
        if second_factor::propose(connection, self.user, self.tenant, &sealed).await? {
            return Ok(secret);
        }
        let detail = "One-time codes are in use; turn them off first.".to_owned();
        Err(Error::Precondition { code: "totp_on", detail })
    }

    /// Puts the secret in force that this is a code of, and gives the recovery codes.
    pub async fn confirm(
        self,
        connection: &mut Connection,
        keys: &Keys,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<SecretString>, Error> {
        let factor = second_factor::hold(&mut *connection, self.user).await?;
        let Some(pending) = factor.and_then(|factor| factor.pending) else {
            let detail = "Nothing was started that could be confirmed.".to_owned();
            return Err(Error::Precondition { code: "totp_not_started", detail });
        };
        let step = self.open(keys, &pending)?.step_of(&plain(code), now).ok_or_else(wrong)?;
        second_factor::confirm(&mut *connection, self.user, step).await?;
        let codes = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
        let hashes: Vec<_> = codes.iter().map(|code| self.recovery_hash(keys, code.expose_secret())).collect();
        second_factor::keep_recovery(connection, self.user, &hashes).await?;
        Ok(codes)
    }

    /// Uses up a one-time or recovery code. A code that was used, or comes before one that was, is wrong.
    pub async fn spend(
        self,
        connection: &mut Connection,
        keys: &Keys,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Proof, Error> {
        let factor = second_factor::hold(&mut *connection, self.user).await?;
        let sealed = factor.and_then(|factor| factor.secret).ok_or_else(wrong)?;
        let code = plain(code);
        if let Some(step) = self.open(keys, &sealed)?.step_of(&code, now) {
            let is_new = second_factor::spend(connection, self.user, step).await?;
            return if is_new { Ok(Proof::Code) } else { Err(wrong()) };
        }
        let hash = self.recovery_hash(keys, &code);
        let left = second_factor::spend_recovery(connection, self.user, &hash).await?;
        left.map(Proof::Recovery).ok_or_else(wrong)
    }

    fn recovery_hash(self, keys: &Keys, code: &str) -> Vec<u8> {
        keys.recovery_hash(self.user, &plain(code)).to_vec()
    }
}

fn wrong() -> Error {
    Error::invalid("code", "wrong", "is not a code that works now")
}

/// A code without what people put between its characters, and in lower case.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).take(LENGTH + 1).collect()
}

fn recovery_code() -> Result<SecretString, Error> {
    let mut bytes = [0; LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("the system has no randomness"))?;
    let text: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    let (one, other) = text.split_at(LENGTH / 2);
    Ok(format!("{one}-{other}").into())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for typed in ["123456", " 123 456 ", "123-456"] {
            assert_eq!(plain(typed), "123456");
        }
        assert_eq!(plain("ABCDE-fghjk"), "abcdefghjk");
        assert_eq!(plain(&"9".repeat(1000)).len(), LENGTH + 1);
    }

    #[test]
    fn recovery_codes_differ_and_have_no_letters_that_look_alike() {
        assert_eq!(LETTERS.iter().collect::<HashSet<_>>().len(), 32);
        let codes: HashSet<_> = (0..100).map(|_| recovery_code().unwrap().expose_secret().to_owned()).collect();
        assert_eq!(codes.len(), 100);
        assert!(codes.iter().all(|code| code.len() == 11 && !code.contains(['i', 'l', 'o', '1'])));
    }
}
