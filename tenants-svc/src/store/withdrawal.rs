//! What people took back at Meta and is not done yet.

use chatdesk_platform::Error;
use chatdesk_platform::db::SystemTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Rights that a person took away, with or without their data.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    /// Ours.
    pub id: Uuid,
    /// Who, by keyed hash.
    pub meta_user_hash: Vec<u8>,
    /// What was given after it stays.
    pub issued_at: DateTime<Utc>,
    /// The deletion that is done with it.
    pub deletion_code: Option<String>,
}

/// Notes what is asked for, together with what the same person asked for and is not done; which one it is now.
pub async fn request(tx: &mut SystemTx, asked: &Withdrawal) -> Result<Uuid, Error> {
    let id = sqlx::query_scalar!(
        "insert into routing.withdrawals as w (id, meta_user_hash, issued_at, deletion_code) values ($1, $2, $3, $4)
         on conflict (meta_user_hash) do update
         set issued_at = greatest(w.issued_at, excluded.issued_at),
             deletion_code = coalesce(excluded.deletion_code, w.deletion_code)
         returning id",
        asked.id,
        asked.meta_user_hash,
        asked.issued_at,
        asked.deletion_code
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(id)
}

/// One that is not done; none when it is.
pub async fn get(tx: &mut SystemTx, id: Uuid) -> Result<Option<Withdrawal>, Error> {
    let found = sqlx::query_as!(
        Withdrawal,
        "select id, meta_user_hash, issued_at, deletion_code from routing.withdrawals where id = $1",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// Forgets what is done, unless more was asked for meanwhile; gives whether it was forgotten.
pub async fn done(tx: &mut SystemTx, done: &Withdrawal) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "delete from routing.withdrawals
         where id = $1 and issued_at = $2 and deletion_code is not distinct from $3",
        done.id,
        done.issued_at,
        done.deletion_code
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected() > 0)
}
