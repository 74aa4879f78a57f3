//! What people asked Meta to have deleted, by a code that tells nobody who they are.

use chatdesk_platform::Error;
use chatdesk_platform::db::SystemTx;
use chrono::{DateTime, Utc};

/// How far a deletion is.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// What the person asks with.
    pub code: String,
    /// When it was first asked for.
    pub requested_at: DateTime<Utc>,
    /// When it was last done.
    pub completed_at: Option<DateTime<Utc>>,
}

/// Notes that it is asked for, and not done; again is the same one.
pub async fn request(tx: &mut SystemTx, code: &str, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.deletions (code, requested_at) values ($1, $2)
         on conflict (code) do update set completed_at = null",
        code,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that it is done.
pub async fn complete(tx: &mut SystemTx, code: &str, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!("update routing.deletions set completed_at = $2 where code = $1", code, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// How far it is.
pub async fn get(tx: &mut SystemTx, code: &str) -> Result<Deletion, Error> {
    let found = sqlx::query_as!(
        Deletion,
        "select code, requested_at, completed_at from routing.deletions where code = $1",
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    found.ok_or(Error::NotFound("deletion"))
}
