//! How far each channel was compared with what Meta keeps.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Sync;

/// Where a channel stands; none when it was never compared. Locked until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, channel: Uuid) -> Result<Option<Sync>, Error> {
    let row = sqlx::query_as!(
        Sync,
        "select connected_at, synced_to, pass_from, pass_to, pass_cursor, pass_done, last_error
         from inbox.channel_sync where channel_id = $1 for no key update",
        channel
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Keeps where a channel stands. `checked_at` stays when it is none.
pub async fn save(
    tx: &mut TenantTx,
    channel: Uuid,
    sync: &Sync,
    checked_at: Option<DateTime<Utc>>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.channel_sync
             (channel_id, connected_at, synced_to, pass_from, pass_to, pass_cursor, pass_done, last_error, checked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (tenant_id, channel_id) do update set connected_at = excluded.connected_at,
             synced_to = excluded.synced_to, pass_from = excluded.pass_from, pass_to = excluded.pass_to,
             pass_cursor = excluded.pass_cursor, pass_done = excluded.pass_done, last_error = excluded.last_error,
             checked_at = coalesce(excluded.checked_at, channel_sync.checked_at)",
        channel,
        sync.connected_at,
        sync.synced_to,
        sync.pass_from,
        sync.pass_to,
        sync.pass_cursor,
        &sync.pass_done,
        sync.last_error,
        checked_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// So many messages were added of a channel.
pub async fn count(tx: &mut TenantTx, channel: Uuid, history: i64, recovered: i64) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.channel_sync set history_count = history_count + $2, recovered_count = recovered_count + $3
         where channel_id = $1",
        channel,
        history,
        recovered
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
