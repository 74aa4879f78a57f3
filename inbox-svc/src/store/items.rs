//! What became of each item of a webhook.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::ItemOutcome;

/// An item with its outcome.
pub struct Settled {
    /// The webhook event it came in.
    pub event: Uuid,
    /// Its place in the body.
    pub index: i32,
    /// Where it came to.
    pub channel_id: Uuid,
    /// A fixed name.
    pub kind: &'static str,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why, where that is not plain.
    pub reason: String,
    /// The same for a repetition.
    pub key: String,
    /// As Meta sent it, strings repaired.
    pub item: String,
}

/// Keeps the outcomes of items.
pub async fn keep(tx: &mut TenantTx, items: Vec<Settled>, now: DateTime<Utc>) -> Result<(), Error> {
    let events: Vec<Uuid> = items.iter().map(|item| item.event).collect();
    let indexes: Vec<i32> = items.iter().map(|item| item.index).collect();
    let channels: Vec<Uuid> = items.iter().map(|item| item.channel_id).collect();
    let kinds: Vec<String> = items.iter().map(|item| item.kind.to_owned()).collect();
    let outcomes: Vec<String> = items.iter().map(|item| item.outcome.as_str().to_owned()).collect();
    let mut reasons = Vec::with_capacity(items.len());
    let mut keys = Vec::with_capacity(items.len());
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        reasons.push(item.reason);
        keys.push(item.key);
        // Outside strings a NUL byte may have survived the repair, and Postgres takes none.
        texts.push(item.item.replace('\0', ""));
    }
    sqlx::query!(
        "insert into inbox.webhook_items (event_id, index, channel_id, kind, outcome, reason, key, item, created_at)
         select event_id, index, channel_id, kind, outcome, reason, key, item, $9
         from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
             as t(event_id, index, channel_id, kind, outcome, reason, key, item)
         on conflict (tenant_id, event_id, index) do nothing",
        &events,
        &indexes,
        &channels,
        &kinds,
        &outcomes,
        &reasons,
        &keys,
        &texts,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets at most 10,000 items older than `outcome`, and what at most so many older than `raw` said, of which the outcome stays.
pub async fn forget(tx: &mut TenantTx, raw: DateTime<Utc>, outcome: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "delete from inbox.webhook_items where (event_id, index) in (
             select event_id, index from inbox.webhook_items where created_at < $1 limit 10000)",
        outcome
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update inbox.webhook_items set item = '' where (event_id, index) in (
             select event_id, index from inbox.webhook_items where created_at < $1 and item <> '' limit 10000)",
        raw
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
