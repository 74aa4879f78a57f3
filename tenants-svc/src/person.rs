//! A transaction for what is a person's own: of their business for a member, of the installation for a platform admin.

use chatdesk_platform::db::{Connection, Db, SystemTx, TenantTx};
use chatdesk_platform::{Caller, Error, TenantId, UserId};
use chrono::{DateTime, Utc};

use crate::audit::{self, Entry};
use crate::model::User;
use crate::store::{account, session};

/// The two kinds of it.
pub enum PersonTx {
    /// A member's.
    Member(TenantTx),
    /// A platform admin's.
    Admin(SystemTx),
}

impl PersonTx {
    /// Begins it for a caller who is this person, or for a service that knows no business yet and has found out theirs.
    pub async fn begin(db: &Db, caller: &Caller, tenant: Option<TenantId>) -> Result<Self, Error> {
        let Some(tenant) = tenant else { return Ok(Self::Admin(db.system().await?)) };
        let caller = match caller.tenant() {
            Some(own) if own == tenant => *caller,
            _ => caller.acting_for(tenant)?,
        };
        Ok(Self::Member(db.begin(&caller).await?))
    }

    /// The connection.
    pub fn conn(&mut self) -> &mut Connection {
        match self {
            Self::Member(tx) => tx.conn(),
            Self::Admin(tx) => tx.conn(),
        }
    }

    /// The person with their password hash; none when they are not there, or no longer.
    pub async fn find(&mut self, user: UserId) -> Result<Option<(User, String)>, Error> {
        match self {
            Self::Member(tx) => account::member(tx, user).await,
            Self::Admin(tx) => account::admin(tx, user).await,
        }
    }

    /// The password's hash, which nobody replaces until the end of the transaction.
    pub async fn hold_password(&mut self, user: UserId) -> Result<Option<String>, Error> {
        match self {
            Self::Member(tx) => account::hold_password(tx, user).await,
            Self::Admin(tx) => account::hold_admin_password(tx, user).await,
        }
    }

    /// Holds the person: no session of theirs begins until the end of the transaction, and what was beginning has begun.
    pub async fn hold(&mut self, user: UserId) -> Result<(), Error> {
        match self {
            Self::Member(tx) => account::hold_member(tx, user).await,
            Self::Admin(tx) => account::hold_admin(tx, user).await,
        }
    }

    /// Replaces the password's hash; false when it changed meanwhile.
    pub async fn rehash(&mut self, user: UserId, old: &str, new: &str) -> Result<bool, Error> {
        match self {
            Self::Member(tx) => account::rehash_member(tx, user, old, new).await,
            Self::Admin(tx) => account::rehash_admin(tx, user, old, new).await,
        }
    }

    /// Forgets what is told of sessions that are over; of an admin's nothing is.
    pub async fn forget_over(&mut self, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
        match self {
            Self::Member(tx) => session::forget_over(tx, user, now).await,
            Self::Admin(_) => Ok(()),
        }
    }

    /// Notes what this person did in their chain. Call it last.
    pub async fn note(&mut self, caller: &Caller, user: UserId, entry: Entry) -> Result<(), Error> {
        match self {
            Self::Member(tx) => audit::note(tx, caller, entry.by_member(user)).await,
            Self::Admin(tx) => audit::note_installation(tx, caller, entry.by_admin(user)).await,
        }
    }

    /// Notes what was done to this person by an operator. Call it last.
    pub async fn note_service(&mut self, caller: &Caller, entry: Entry) -> Result<(), Error> {
        match self {
            Self::Member(tx) => audit::note(tx, caller, entry).await,
            Self::Admin(tx) => audit::note_installation(tx, caller, entry).await,
        }
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Member(tx) => tx.commit().await,
            Self::Admin(tx) => tx.commit().await,
        }
    }
}
