//! Keys that make a person's send repeatable.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// What was sent under a key: the digest of the request, and the message.
pub async fn find(tx: &mut TenantTx, key: &str) -> Result<Option<(Vec<u8>, Uuid)>, Error> {
    let row = sqlx::query!("select digest, message_id from inbox.idempotency_keys where key = $1", key)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| (row.digest, row.message_id)))
}

/// Keeps what was sent; false when the key was used at the same moment.
pub async fn keep(
    tx: &mut TenantTx,
    key: &str,
    digest: &[u8],
    message: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let kept = sqlx::query!(
        "insert into inbox.idempotency_keys (key, digest, message_id, created_at) values ($1, $2, $3, $4)
         on conflict (tenant_id, key) do nothing",
        key,
        digest,
        message,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() == 1)
}

/// Forgets keys older than `before`.
pub async fn forget(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let gone =
        sqlx::query!("delete from inbox.idempotency_keys where created_at < $1", before).execute(tx.conn()).await?;
    Ok(gone.rows_affected())
}
