//! What people asked Meta to have deleted, by a code that tells nobody who they are.

use chatdesk_platform::Error;
use chatdesk_platform::db::SystemTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// How far a deletion is.
#[derive(Debug, Clone)]
pub struct Deletion {
    /// What the person asks with.
    pub code: String,
    /// When it was first asked for.
    pub requested_at: DateTime<Utc>,
    /// When it was last done, unless a contact is still looked for.
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

/// Has contacts looked for who are this person, as Meta asked at `issued_at`; gives what names that, the same until none is left.
pub async fn seek(
    tx: &mut SystemTx,
    (id, code): (Uuid, &str),
    platform_user_id: &str,
    issued_at: DateTime<Utc>,
) -> Result<Uuid, Error> {
    let id = sqlx::query_scalar!(
        "insert into routing.person_erasures as e (id, code, platform_user_id, issued_at) values ($1, $2, $3, $4)
         on conflict (code) do update set issued_at = greatest(e.issued_at, excluded.issued_at) returning id",
        id,
        code,
        platform_user_id,
        issued_at
    );
    Ok(id.fetch_one(tx.conn()).await?)
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
        "select code, requested_at, case when not exists (
             select from routing.person_erasures e where e.code = d.code) then completed_at end as completed_at
         from routing.deletions d where code = $1",
        code
    )
    .fetch_optional(tx.conn())
    .await?;
    found.ok_or(Error::NotFound("deletion"))
}
