//! The keys of this service, all from one root: the envelope key of each tenant, the keys that e-mails and
//! people at Meta are hashed with, and the key that makes a refresh token's successor. Refuses to show any of them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use chatdesk_platform::{SecretKey, TenantId, VarError, Vars};
use secrecy::SecretString;

/// What this installation's ENCRYPTION_KEY is when only SECRET_KEY is given.
const PURPOSE: &str = "key encryption key";

/// Keys derived from the key-encryption key. Cheap to clone, never printed.
#[derive(Clone)]
pub struct Keys(Arc<Derived>);

struct Derived {
    root: SecretKey,
    id: String,
    email: hmac::Key,
    successor: hmac::Key,
    meta_user: hmac::Key,
    deletion: hmac::Key,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.id)
    }
}

impl Keys {
    /// ENCRYPTION_KEY when it is set, as in a split installation; else what [`encryption_key`] makes of SECRET_KEY.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let short = |name: &str| VarError {
            name: name.to_owned(),
            problem: "needs at least 32 characters; make one with: openssl rand -base64 48".to_owned(),
        };
        if let Some(own) = vars.get("ENCRYPTION_KEY") {
            return Ok(Self::new(SecretKey::parse(&own).map_err(|_| short("ENCRYPTION_KEY"))?));
        }
        let secret = vars.require("SECRET_KEY", "Meta tokens are encrypted under it; or set ENCRYPTION_KEY")?;
        let secret = SecretKey::parse(&secret).map_err(|_| short("SECRET_KEY"))?;
        let derived = SecretKey::parse(&hex::encode(secret.derive(PURPOSE))).map_err(|_| short("SECRET_KEY"))?;
        Ok(Self::new(derived))
    }

    fn new(root: SecretKey) -> Self {
        let hmac = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &root.derive(purpose));
        let (email, successor) = (hmac("login e-mail"), hmac("refresh token successor"));
        let (meta_user, deletion) = (hmac("person at Meta"), hmac("deletion code"));
        let id = hex::encode(&root.derive("key id")[..6]);
        Self(Arc::new(Derived { root, id, email, successor, meta_user, deletion }))
    }

    /// Names the root key without telling anything about it: 12 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The key that a tenant's secrets are sealed with.
    #[must_use]
    pub fn of_tenant(&self, tenant: TenantId) -> [u8; 32] {
        self.0.root.derive(&format!("envelope of tenant {tenant}"))
    }

    /// How `routing` knows an e-mail: its HMAC-SHA-256, so that the table tells nobody's address.
    #[must_use]
    pub fn email_hash(&self, email: &str) -> [u8; 32] {
        tag(&self.0.email, email.as_bytes())
    }

    /// How `routing` knows a person at Meta.
    #[must_use]
    pub fn meta_user_hash(&self, meta_user_id: &str) -> [u8; 32] {
        tag(&self.0.meta_user, meta_user_id.as_bytes())
    }

    /// What a person can ask about their deletion with: 32 hexadecimal digits, the same every time, from which nobody learns who they are.
    #[must_use]
    pub fn deletion_code(&self, meta_user_id: &str) -> String {
        hex::encode(&tag(&self.0.deletion, meta_user_id.as_bytes())[..16])
    }

    /// The 32 bytes of the refresh token that follows this one. Always the same, so it can be handed out again without being stored.
    #[must_use]
    pub fn successor(&self, token: &[u8; 32]) -> [u8; 32] {
        tag(&self.0.successor, token)
    }
}

/// The ENCRYPTION_KEY to give the tenants process of a split installation, so that it reads what one process with this SECRET_KEY wrote.
#[must_use]
pub fn encryption_key(secret: &SecretKey) -> SecretString {
    hex::encode(secret.derive(PURPOSE)).into()
}

fn tag(key: &hmac::Key, message: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(key, message).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::new_id;
    use secrecy::ExposeSecret as _;

    use super::*;

    const SECRET: &str = "a secret of at least thirty-two characters";

    fn keys(pairs: &[(&str, &str)]) -> Result<Keys, VarError> {
        Keys::from_vars(&Vars::fixed(pairs.iter().copied()))
    }

    #[test]
    fn the_exported_key_reads_what_the_secret_wrote() {
        let one = keys(&[("SECRET_KEY", SECRET)]).unwrap();
        let exported = encryption_key(&SecretKey::parse(SECRET).unwrap());
        let split = keys(&[("ENCRYPTION_KEY", exported.expose_secret())]).unwrap();
        assert_eq!(one.id(), split.id());
        assert_eq!(one.email_hash("a@b.vn"), split.email_hash("a@b.vn"));
        let tenant = TenantId(new_id());
        assert_eq!(one.of_tenant(tenant), split.of_tenant(tenant));
    }

    #[test]
    fn tenants_and_purposes_have_unrelated_keys() {
        let keys = keys(&[("SECRET_KEY", SECRET)]).unwrap();
        assert_ne!(keys.of_tenant(TenantId(new_id())), keys.of_tenant(TenantId(new_id())));
        assert_ne!(keys.successor(&[7; 32]), keys.email_hash("\u{7}"));
        assert_ne!(keys.successor(&[7; 32]), keys.successor(&[8; 32]));
        let code = keys.deletion_code("10158");
        assert_eq!((code.len(), &code), (32, &keys.deletion_code("10158")));
        assert_ne!(code, keys.deletion_code("10159"));
        assert!(!hex::encode(keys.meta_user_hash("10158")).starts_with(&code));
    }

    #[test]
    fn a_missing_or_short_key_is_named_and_no_key_is_shown() {
        assert_eq!(keys(&[]).unwrap_err().name, "SECRET_KEY");
        assert_eq!(keys(&[("ENCRYPTION_KEY", "short"), ("SECRET_KEY", SECRET)]).unwrap_err().name, "ENCRYPTION_KEY");
        let shown = format!("{:?}", keys(&[("SECRET_KEY", SECRET)]).unwrap());
        assert_eq!(shown.len(), "Keys()".len() + 12);
    }
}
