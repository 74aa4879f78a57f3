//! The journal of raw webhook bodies.

use chatdesk_meta::Platform;
use chatdesk_platform::Error;
use chatdesk_platform::db::{SystemTx, TenantTx};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;

/// A body as it came.
pub struct Raw {
    /// Its id.
    pub id: Uuid,
    /// Whose endpoint took it.
    pub platform: Platform,
    /// The bytes.
    pub body: Vec<u8>,
}

/// A body that is to be worked off.
pub struct Kept {
    /// Whose endpoint took it.
    pub platform: Platform,
    /// The bytes.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Keeps bodies and makes the work they mean, in one statement.
pub async fn keep(tx: &mut SystemTx, kind: &str, events: Vec<Raw>, now: DateTime<Utc>) -> Result<(), Error> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let platforms: Vec<String> = events.iter().map(|event| event.platform.as_str().to_owned()).collect();
    let bodies: Vec<Vec<u8>> = events.into_iter().map(|event| event.body).collect();
    sqlx::query!(
        "with kept as (
             insert into inbox.webhook_events (id, platform, body, received_at)
             select id, platform, body, $4 from unnest($1::uuid[], $2::text[], $3::bytea[]) as t(id, platform, body))
         insert into routing.due_work (kind, entity_id, due_at) select $5, id, now() from unnest($1::uuid[]) as t(id)",
        &ids,
        &platforms,
        &bodies,
        now,
        kind
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A body that waits to be worked off; none when it is done.
pub async fn waiting(tx: &mut SystemTx, id: Uuid) -> Result<Option<Kept>, Error> {
    let row = sqlx::query!(
        "select platform, body, received_at from inbox.webhook_events where id = $1 and state = 'new'",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok(Kept { platform: known(&row.platform)?, body: row.body, received_at: row.received_at }))
        .transpose()
}

/// Everything in it was worked off; `reason` says what of it could not be read.
pub async fn finish(tx: &mut SystemTx, id: Uuid, reason: &str) -> Result<(), Error> {
    sqlx::query!("update inbox.webhook_events set state = 'done', reason = $2 where id = $1", id, reason)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// It could not be worked off. It stays for a while, for a person to look at. One that was worked off meanwhile is left alone.
pub async fn fail(tx: &mut SystemTx, id: Uuid, reason: &str) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_events set state = 'failed', reason = $2 where id = $1 and state = 'new'",
        id,
        reason
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Bodies that came before `before` and were not worked off, oldest first, at most 1,000.
pub async fn overdue(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from inbox.webhook_events where state = 'new' and received_at < $1 order by received_at limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Forgets at most 1,000 bodies: those that were worked off and came before `done`, and those that could not be and came before `failed`.
pub async fn forget(tx: &mut SystemTx, done: DateTime<Utc>, failed: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from inbox.webhook_events where id in (
             select id from inbox.webhook_events
             where (state = 'done' and received_at < $1) or (state = 'failed' and received_at < $2) limit 1000)",
        done,
        failed
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Which items of an event have an outcome.
pub async fn settled_items(tx: &mut TenantTx, event: Uuid) -> Result<Vec<i32>, Error> {
    let seen = sqlx::query_scalar!("select index from inbox.webhook_items where event_id = $1", event)
        .fetch_all(tx.conn())
        .await?;
    Ok(seen)
}
