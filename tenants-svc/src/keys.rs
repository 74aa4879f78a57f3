//! The keys of this service: from one root the keys that e-mails, people at Meta and recovery codes are hashed with, and those that make a
//! refresh token's successor and the token of a mail's link; from the root, or from keys that can be replaced, the envelope key of each
//! tenant. Refuses to show any of them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use chatdesk_platform::{SecretKey, TenantId, UserId, VarError, Vars};
use secrecy::SecretString;
use uuid::Uuid;

/// What this installation's ENCRYPTION_KEY is when only SECRET_KEY is given.
const PURPOSE: &str = "key encryption key";

/// Keys derived from the key-encryption key. Cheap to clone, never printed.
#[derive(Clone)]
pub struct Keys(Arc<Derived>);

struct Derived {
    seals: Sealing,
    /// What else opens.
    opens: Vec<Sealing>,
    id: String,
    email: hmac::Key,
    successor: hmac::Key,
    meta_user: hmac::Key,
    deletion: hmac::Key,
    mail_token: hmac::Key,
    recovery: hmac::Key,
}

/// A key that secrets are sealed with.
struct Sealing {
    id: String,
    key: SecretKey,
}

impl Sealing {
    fn new(key: SecretKey) -> Self {
        Self { id: hex::encode(&key.derive("key id")[..6]), key }
    }

    fn of_tenant(&self, tenant: TenantId) -> [u8; 32] {
        self.key.derive(&format!("envelope of tenant {tenant}"))
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({})", self.0.id)
    }
}

impl Keys {
    /// ENCRYPTION_KEY when it is set, as in a split installation; else what [`encryption_key`] makes of SECRET_KEY. SEALING_KEY, a
    /// comma-separated list, seals instead of it: the first key; the others and the root still open.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let short = |name: &str| VarError {
            name: name.to_owned(),
            problem: "needs at least 32 characters; make one with: openssl rand -base64 48".to_owned(),
        };
        let listed = vars.list("SEALING_KEY");
        let listed: Result<Vec<_>, _> = listed.iter().map(|text| SecretKey::parse(text)).collect();
        let listed = listed.map_err(|_| short("SEALING_KEY"))?;
        if let Some(own) = vars.get("ENCRYPTION_KEY") {
            return Ok(Self::new(&SecretKey::parse(&own).map_err(|_| short("ENCRYPTION_KEY"))?, listed));
        }
        let secret = vars.require("SECRET_KEY", "Meta tokens are encrypted under it; or set ENCRYPTION_KEY")?;
        let secret = SecretKey::parse(&secret).map_err(|_| short("SECRET_KEY"))?;
        let derived = SecretKey::parse(&hex::encode(secret.derive(PURPOSE))).map_err(|_| short("SECRET_KEY"))?;
        Ok(Self::new(&derived, listed))
    }

    fn new(root: &SecretKey, listed: Vec<SecretKey>) -> Self {
        let hmac = |purpose| hmac::Key::new(hmac::HMAC_SHA256, &root.derive(purpose));
        let (email, successor) = (hmac("login e-mail"), hmac("refresh token successor"));
        let (meta_user, deletion) = (hmac("person at Meta"), hmac("deletion code"));
        let (mail_token, recovery) = (hmac("link in a mail"), hmac("recovery code"));
        let root = Sealing::new(root.clone());
        let id = root.id.clone();
        let mut listed = listed.into_iter().map(Sealing::new);
        let (seals, opens) = match listed.next() {
            Some(first) => (first, listed.chain([root]).collect()),
            None => (root, Vec::new()),
        };
        Self(Arc::new(Derived { seals, opens, id, email, successor, meta_user, deletion, mail_token, recovery }))
    }

    /// Names the root key without telling anything about it: 12 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn sealing_id(&self) -> &str {
        &self.0.seals.id
    }

    /// The key that a tenant's secrets are sealed with.
    #[must_use]
    pub fn to_seal(&self, tenant: TenantId) -> [u8; 32] {
        self.0.seals.of_tenant(tenant)
    }

    /// The key that opens what was sealed with the one of this id for a tenant; none when we do not have it.
    #[must_use]
    pub fn to_open(&self, id: &str, tenant: TenantId) -> Option<[u8; 32]> {
        self.opening(id).map(|one| one.of_tenant(tenant))
    }

    /// Whether we have the key of this id.
    #[must_use]
    pub fn opens(&self, id: &str) -> bool {
        self.opening(id).is_some()
    }

    fn opening(&self, id: &str) -> Option<&Sealing> {
        [&self.0.seals].into_iter().chain(&self.0.opens).find(|one| one.id == id)
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

    /// The 32 bytes of the token in a mail's link. Always the same, so that it is nowhere stored, and a mail sent again has the same link.
    #[must_use]
    pub fn mail_token(&self, mail: Uuid) -> [u8; 32] {
        tag(&self.0.mail_token, mail.as_bytes())
    }

    /// How a person's recovery code is known.
    #[must_use]
    pub fn recovery_hash(&self, user: UserId, code: &str) -> [u8; 32] {
        tag(&self.0.recovery, &[user.0.as_bytes(), code.as_bytes()].concat())
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
        assert_eq!(one.to_seal(tenant), split.to_seal(tenant));
    }

    #[test]
    fn tenants_and_purposes_have_unrelated_keys() {
        let keys = keys(&[("SECRET_KEY", SECRET)]).unwrap();
        assert_ne!(keys.to_seal(TenantId(new_id())), keys.to_seal(TenantId(new_id())));
        assert_ne!(keys.successor(&[7; 32]), keys.email_hash("\u{7}"));
        assert_ne!(keys.successor(&[7; 32]), keys.successor(&[8; 32]));
        let code = keys.deletion_code("10158");
        assert_eq!((code.len(), &code), (32, &keys.deletion_code("10158")));
        assert_ne!(code, keys.deletion_code("10159"));
        assert!(!hex::encode(keys.meta_user_hash("10158")).starts_with(&code));
    }

    #[test]
    fn the_first_listed_key_seals_and_all_open_and_nothing_else_follows_them() {
        let listed = "a key for sealing that is new and long enough, an older key for sealing that is long too";
        let (before, tenant) = (keys(&[("SECRET_KEY", SECRET)]).unwrap(), TenantId(new_id()));
        let after = keys(&[("SECRET_KEY", SECRET), ("SEALING_KEY", listed)]).unwrap();
        assert_eq!((before.id(), before.email_hash("a@b.vn")), (after.id(), after.email_hash("a@b.vn")));
        assert_ne!(after.to_seal(tenant), before.to_seal(tenant));
        assert_eq!(after.to_open(after.sealing_id(), tenant), Some(after.to_seal(tenant)));
        assert_eq!(after.to_open(before.sealing_id(), tenant), Some(before.to_seal(tenant)));
        assert!(!before.opens(after.sealing_id()));
    }

    #[test]
    fn a_missing_or_short_key_is_named_and_no_key_is_shown() {
        assert_eq!(keys(&[]).unwrap_err().name, "SECRET_KEY");
        assert_eq!(keys(&[("ENCRYPTION_KEY", "short"), ("SECRET_KEY", SECRET)]).unwrap_err().name, "ENCRYPTION_KEY");
        assert_eq!(keys(&[("SEALING_KEY", "short"), ("SECRET_KEY", SECRET)]).unwrap_err().name, "SEALING_KEY");
        let shown = format!("{:?}", keys(&[("SECRET_KEY", SECRET)]).unwrap());
        assert_eq!(shown.len(), "Keys()".len() + 12);
    }
}
