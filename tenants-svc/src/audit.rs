//! Who did what: a chain of records per business and one for the installation, in which each link holds the hash of the one before. The role
//! that writes it may add and read, nothing else; whoever changes a link by other means breaks every hash after it.
//!
//! A record holds ids, states and names of settings. It never holds a customer's words, a mail address, a password or a token.

use aws_lc_rs::digest::{Context, SHA256};
use chatdesk_platform::db::{Connection, Db, DbConfig, DbError, SystemTx, TenantTx};
use chatdesk_platform::{Caller, Clock, Error, Identity, Keyring, Role, ServiceName, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::store::{audit as store, status};

/// SHA-256.
pub type Hash = [u8; 32];

/// The most characters of what was before and is after; what is longer is told by its length.
const LONGEST: usize = 4000;

/// What can be noted.
pub const ACTIONS: [&str; 35] = [
    "admin.created",
    "business.changed",
    "business.registered",
    "channel.connected",
    "channel.disconnected",
    "contact.erased",
    "deletion.cancelled",
    "deletion.requested",
    "export.fetched",
    "export.requested",
    "invitation.accepted",
    "invitation.created",
    "invitation.revoked",
    "member.added",
    "member.removed",
    "member.role_changed",
    "password.changed",
    "password.reset",
    "session.ended",
    "session.refused",
    "session.started",
    "settings.changed",
    "tenant.capped",
    "tenant.deleted",
    "tenant.entered",
    "tenant.resumed",
    "tenant.suspended",
    "totp.cleared",
    "totp.disabled",
    "totp.enabled",
    "transfer.decided",
    "transfer.requested",
    "visit.refused",
    "work.discarded",
    "work.retried",
];

/// What is to be noted: `Entry::new("channel.connected", format!("channel:{id}"))`, then what else is known.
#[derive(Debug, Clone)]
pub struct Entry {
    action: &'static str,
    object: String,
    before: Value,
    after: Value,
    by: Option<Actor>,
}

#[derive(Debug, Clone, Copy)]
enum Actor {
    Member(UserId),
    Admin(UserId),
    Nobody,
}

impl Entry {
    /// `action` is `noun.verb` in the past tense, `object` is `noun:id` of what it was done to, without a person's address or words.
    pub fn new(action: &'static str, object: impl Into<String>) -> Self {
        debug_assert!(ACTIONS.contains(&action), "{action} is missing in the list of actions");
        Self { action, object: object.into(), before: Value::Null, after: Value::Null, by: None }
    }

    /// What was changed, such as `json!({"role": "agent"})`; null for what was not there. Redacted by the caller.
    #[must_use]
    pub fn change(mut self, before: Value, after: Value) -> Self {
        (self.before, self.after) = (before, after);
        self
    }

    /// Done by this member, where the call proves nobody yet: they are just logging in.
    #[must_use]
    pub const fn by_member(mut self, user: UserId) -> Self {
        self.by = Some(Actor::Member(user));
        self
    }

    /// Done by this platform admin, where the call proves nobody yet.
    #[must_use]
    pub const fn by_admin(mut self, user: UserId) -> Self {
        self.by = Some(Actor::Admin(user));
        self
    }

    /// Done by somebody who proved nothing, such as a login with a wrong password.
    #[must_use]
    pub const fn by_nobody(mut self) -> Self {
        self.by = Some(Actor::Nobody);
        self
    }
}

/// Notes it in the chain of the business whose transaction this is. The chain's end is locked until the commit, so call it last.
pub async fn note(tx: &mut TenantTx, caller: &Caller, entry: Entry) -> Result<(), Error> {
    let head = store::next(tx).await?;
    let link = link(&tx.tenant().to_string(), head, caller, &entry);
    store::add(tx, &link).await
}

/// Notes what belongs to no business, or what an admin did to one, in the installation's chain. Call it last, as [`note`].
pub async fn note_installation(tx: &mut SystemTx, caller: &Caller, entry: Entry) -> Result<(), Error> {
    note_in_installation(tx.conn(), caller, entry).await
}

/// Notes what an admin did to a business in both chains. `caller` is the admin. Call it last.
pub async fn note_both(tx: &mut TenantTx, caller: &Caller, entry: Entry) -> Result<(), Error> {
    note(tx, caller, entry.clone()).await?;
    note_in_installation(tx.conn(), caller, entry).await
}

async fn note_in_installation(connection: &mut Connection, caller: &Caller, entry: Entry) -> Result<(), Error> {
    let head = store::next_of_installation(connection).await?;
    let link = link(INSTALLATION, head, caller, &entry);
    store::add_to_installation(connection, &link).await
}

/// What stands in the hashes of the installation's chain where others have the business's id.
const INSTALLATION: &str = "installation";

/// One record, as it is stored, shown and hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its place in the chain, from 1.
    pub n: i64,
    /// When, in microseconds.
    pub at: DateTime<Utc>,
    /// `member`, `admin`, `service` or `nobody`.
    pub actor_kind: String,
    /// The person's id or the service's name.
    pub actor: String,
    /// The role that an admin, or an operator's client, took on; else empty.
    pub acting_as: String,
    /// `noun.verb`.
    pub action: String,
    /// `noun:id`.
    pub object: String,
    /// JSON, or empty.
    pub before: String,
    /// JSON, or empty.
    pub after: String,
    /// The client's, as the gateway saw it; maybe empty.
    pub address: String,
}

/// A record in its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is told.
    pub record: Record,
    /// The hash of the link before; zeros for the first.
    pub prev_hash: Hash,
    /// Of the chain's name, the hash before and the record.
    pub hash: Hash,
}

fn link(chain: &str, head: store::Head, caller: &Caller, entry: &Entry) -> Link {
    let (actor_kind, actor, acting_as) = actor(caller, entry.by);
    let address = caller.address().map(|address| address.to_string());
    let record = Record {
        n: head.next,
        at: head.at,
        actor_kind: actor_kind.to_owned(),
        actor,
        acting_as: acting_as.to_owned(),
        action: entry.action.to_owned(),
        object: entry.object.chars().take(200).collect(),
        before: text(&entry.before),
        after: text(&entry.after),
        address: address.unwrap_or_default(),
    };
    let prev_hash = Hash::try_from(head.hash).unwrap_or_default();
    Link { hash: hash(chain, &prev_hash, &record), prev_hash, record }
}

fn actor(caller: &Caller, by: Option<Actor>) -> (&'static str, String, &'static str) {
    match (by, caller.identity()) {
        (Some(Actor::Nobody), _) => ("nobody", String::new(), ""),
        (Some(Actor::Member(user)), _) | (None, Identity::Member { user, .. }) => ("member", user.to_string(), ""),
        (Some(Actor::Admin(user)), _) | (None, Identity::PlatformAdmin { user }) => ("admin", user.to_string(), ""),
        (None, Identity::Visitor { admin, .. }) => ("admin", admin.to_string(), Role::Viewer.as_str()),
        // An operator's client that acts for a business may do what its owner may.
        (None, Identity::Service { name, tenant }) => {
            let is_operator = caller.issuer() == ServiceName::Cli && tenant.is_some();
            ("service", name.to_string(), if is_operator { Role::Owner.as_str() } else { "" })
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        value => {
            let text = value.to_string();
            let length = text.chars().count();
            if length > LONGEST { format!("{{\"characters\":{length}}}") } else { text }
        }
    }
}

/// Each part is led by its length, so that no two records give the same bytes.
fn hash(chain: &str, prev: &Hash, record: &Record) -> Hash {
    let mut context = Context::new(&SHA256);
    let mut part = |bytes: &[u8]| {
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    };
    part(chain.as_bytes());
    part(prev);
    part(&record.n.to_be_bytes());
    part(&record.at.timestamp_micros().to_be_bytes());
    let Record { actor_kind, actor, acting_as, action, object, before, after, address, .. } = record;
    for text in [actor_kind, actor, acting_as, action, object, before, after, address] {
        part(text.as_bytes());
    }
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The business's id, or `installation`.
    pub chain: String,
    /// The number of the first link that is not what it was; one more than the last when links are missing at the end.
    pub at: i64,
}

/// What a look at all chains found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Chains that were looked at.
    pub chains: u64,
    /// Links in them.
    pub links: u64,
    /// Chains that are not what they were.
    pub broken: Vec<Break>,
}

/// Links that are looked at at once.
const AT_ONCE: i64 = 500;

/// Looks at every link of every chain as the service's own role, as the operator whose keys these are.
pub async fn verify_audit(config: &DbConfig, keyring: &Keyring) -> Result<Verified, VerifyError> {
    let db = Db::connect(config).await?;
    let found = verify_all(&db, keyring).await;
    db.close().await;
    Ok(found?)
}

/// Why what is stored cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DbError),
    /// It answered and then failed.
    #[error("it cannot be read: {0}")]
    Read(#[from] Error),
}

async fn verify_all(db: &Db, keyring: &Keyring) -> Result<Verified, Error> {
    let mut tx = db.system().await?;
    let tenants = status::ever(&mut tx).await?;
    let (mut found, mut chain) = (Verified::default(), Chain::new(INSTALLATION));
    // What is added meanwhile is not looked at.
    let head = store::head_of_installation(&mut tx).await?;
    while chain.follow(&store::onward_of_installation(&mut tx, chain.n, AT_ONCE).await?, head.as_ref()) {}
    chain.end(head, &mut found);
    tx.commit().await?;
    let minter = keyring.minter(ServiceName::Cli).ok_or(Error::Unauthenticated)?;
    let verifier = keyring.verifier(ServiceName::Tenants);
    for tenant in tenants {
        // The operator's own key proves the operator to each tenant's rows, as it does over the wire.
        let who = Identity::Service { name: ServiceName::Tenants, tenant: Some(tenant) };
        let token = minter.mint(&who, &[ServiceName::Tenants], &Clock::system()).map_err(Error::internal)?;
        let mut tx = db.begin(&verifier.verify(&token).ok_or(Error::Unauthenticated)?).await?;
        let mut chain = Chain::new(&tenant.to_string());
        let head = store::head(&mut tx).await?;
        while chain.follow(&store::onward(&mut tx, chain.n, AT_ONCE).await?, head.as_ref()) {}
        chain.end(head, &mut found);
        tx.commit().await?;
    }
    Ok(found)
}

/// A chain that is being looked at, link by link.
struct Chain {
    name: String,
    n: i64,
    hash: Hash,
    broken_at: Option<i64>,
}

impl Chain {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), n: 0, hash: Hash::default(), broken_at: None }
    }

    /// Whether there may be more after these. The first that is not the next link is noted.
    fn follow(&mut self, links: &[Link], head: Option<&(i64, Vec<u8>)>) -> bool {
        for link in links {
            if head.is_some_and(|(end, _)| self.n == *end) {
                return false;
            }
            let is_next = link.record.n == self.n + 1 && link.prev_hash == self.hash;
            if !is_next || link.hash != hash(&self.name, &link.prev_hash, &link.record) {
                self.broken_at = Some(self.n + 1);
                return false;
            }
            (self.n, self.hash) = (link.record.n, link.hash);
        }
        !links.is_empty()
    }

    /// Compares the end with what is noted of it.
    fn end(self, head: Option<(i64, Vec<u8>)>, found: &mut Verified) {
        let is_whole = match head {
            Some((n, hash)) => n == self.n && hash == self.hash,
            None => self.n == 0,
        };
        found.chains += 1;
        found.links += self.n.unsigned_abs();
        if let Some(at) = self.broken_at.or((!is_whole).then_some(self.n + 1)) {
            found.broken.push(Break { chain: self.name, at });
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::db::testing::member;
    use chatdesk_platform::{TenantId, new_id};
    use serde_json::json;

    use super::*;

    fn chain(name: &str, length: i64) -> Vec<Link> {
        let caller = member(TenantId(new_id()), Role::Owner);
        let mut links: Vec<Link> = Vec::new();
        for next in 1..=length {
            let hash = links.last().map(|link| link.hash.to_vec()).unwrap_or_default();
            let head = store::Head { next, hash, at: DateTime::UNIX_EPOCH };
            let entry =
                Entry::new("member.role_changed", "user:1").change(json!({"role": "agent"}), json!({"role": "owner"}));
            links.push(link(name, head, &caller, &entry));
        }
        links
    }

    fn look(name: &str, links: &[Link], head: Option<(i64, Vec<u8>)>) -> Option<i64> {
        let (mut looked, mut found) = (Chain::new(name), Verified::default());
        looked.follow(links, head.as_ref());
        looked.end(head, &mut found);
        found.broken.first().map(|broken| broken.at)
    }

    /// Case 116: a broken chain is detected, wherever it is broken.
    #[test]
    fn whatever_is_changed_taken_out_or_put_elsewhere_breaks_the_chain() {
        let links = chain("a", 5);
        let head = || links.last().map(|link| (link.record.n, link.hash.to_vec()));
        assert_eq!(look("a", &links, head()), None);
        assert_eq!(look("a", &[], None), None);
        assert_eq!(look("b", &links, head()), Some(1), "another's chain");
        type Change = fn(&mut Record);
        let changes: [Change; 9] = [
            |one| one.actor = "x".into(),
            |one| one.actor_kind = "admin".into(),
            |one| one.acting_as = "owner".into(),
            |one| one.action = "member.role_changedx".into(),
            |one| one.object = "user:2".into(),
            |one| one.before.clear(),
            |one| one.after.push(' '),
            |one| one.address = "127.0.0.1".into(),
            |one| one.at += chrono::TimeDelta::microseconds(1),
        ];
        for change in changes {
            let mut changed = links.clone();
            change(&mut changed[2].record);
            assert_eq!(look("a", &changed, head()), Some(3), "{:?}", changed[2].record);
        }
        let without = [&links[..2], &links[3..]].concat();
        assert_eq!(look("a", &without, head()), Some(3), "one is missing");
        assert_eq!(look("a", &links[..4], head()), Some(5), "the end is missing");
        assert_eq!(look("a", &[], head()), Some(1), "all is missing");
        let mut swapped = links.clone();
        swapped.swap(1, 2);
        assert_eq!(look("a", &swapped, head()), Some(2));
    }

    #[test]
    fn the_parts_of_a_record_do_not_run_into_each_other() {
        let one = chain("a", 1).remove(0);
        let mut other = one.clone();
        (other.record.action, other.record.object) = ("member.role_changedu".into(), "ser:1".into());
        assert_ne!(hash("a", &one.prev_hash, &one.record), hash("a", &one.prev_hash, &other.record));
    }

    #[test]
    fn what_is_too_long_is_told_by_its_length() {
        assert_eq!(text(&json!("x".repeat(4000))), "{\"characters\":4002}");
        assert_eq!(text(&Value::Null), "");
        assert_eq!(text(&json!({"a": 1})), "{\"a\":1}");
    }
}
