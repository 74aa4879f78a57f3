//! What became of each item of a webhook, and what waits for a message.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;
use crate::model::ItemOutcome;

/// Items that are asked for, expired or forgotten by one statement.
const PIECE: i64 = 10_000;

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
    /// What it is parked for; set exactly then.
    pub waits_for: Option<String>,
    /// The message it made or changed.
    pub message: Option<Uuid>,
    /// The same for a repetition.
    pub key: String,
    /// Which list of its entry it stood in.
    pub section: &'static str,
    /// The time of its entry.
    pub entry_at: Option<DateTime<Utc>>,
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
    let messages: Vec<Option<Uuid>> = items.iter().map(|item| item.message).collect();
    let sections: Vec<String> = items.iter().map(|item| item.section.to_owned()).collect();
    let entries: Vec<Option<DateTime<Utc>>> = items.iter().map(|item| item.entry_at).collect();
    let mut reasons = Vec::with_capacity(items.len());
    let mut waits = Vec::with_capacity(items.len());
    let mut keys = Vec::with_capacity(items.len());
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        reasons.push(item.reason);
        waits.push(item.waits_for);
        keys.push(item.key);
        // Outside strings a NUL byte may have survived the repair, and Postgres takes none.
        texts.push(item.item.replace('\0', ""));
    }
    sqlx::query!(
        "insert into inbox.webhook_items (event_id, index, channel_id, kind, outcome, reason, key, item, created_at, waits_for,
             message_id, section, entry_at)
         select event_id, index, channel_id, kind, outcome, reason, key, item, $9, waits_for, message_id, section, entry_at
         from unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                 $10::text[], $11::uuid[], $12::text[], $13::timestamptz[])
             as t(event_id, index, channel_id, kind, outcome, reason, key, item, waits_for, message_id, section, entry_at)
         on conflict (tenant_id, event_id, index) do nothing",
        &events,
        &indexes,
        &channels,
        &kinds,
        &outcomes,
        &reasons,
        &keys,
        &texts,
        now,
        &waits as &[Option<String>],
        &messages as &[Option<Uuid>],
        &sections,
        &entries as &[Option<DateTime<Utc>>]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An item that has an outcome and is to be worked off again.
pub struct KeptItem {
    /// The webhook event it came in.
    pub event: Uuid,
    /// Its place in the body.
    pub index: i32,
    /// Where it came to.
    pub channel_id: Uuid,
    /// What became of it so far.
    pub outcome: ItemOutcome,
    /// Which list of its entry it stood in.
    pub section: String,
    /// The time of its entry.
    pub entry_at: Option<DateTime<Utc>>,
    /// As Meta sent it.
    pub item: String,
}

struct Row {
    event_id: Uuid,
    index: i32,
    channel_id: Uuid,
    outcome: String,
    section: String,
    entry_at: Option<DateTime<Utc>>,
    item: String,
}

fn all(rows: Vec<Row>) -> Result<Vec<KeptItem>, Error> {
    let one = |row: Row| {
        Ok(KeptItem {
            event: row.event_id,
            index: row.index,
            channel_id: row.channel_id,
            outcome: known(&row.outcome)?,
            section: row.section,
            entry_at: row.entry_at,
            item: row.item,
        })
    };
    rows.into_iter().map(one).collect()
}

/// What is parked for these, each a channel and what is waited for, in the order it came; at most 1,000.
pub async fn parked_for(tx: &mut TenantTx, arrived: &[(Uuid, String)]) -> Result<Vec<KeptItem>, Error> {
    let (channels, keys): (Vec<Uuid>, Vec<String>) = arrived.iter().cloned().unzip();
    let rows = sqlx::query_as!(
        Row,
        "select i.event_id, i.index, i.channel_id, i.outcome, i.section, i.entry_at, i.item
         from unnest($1::uuid[], $2::text[]) as w(channel, key)
         join inbox.webhook_items i on i.channel_id = w.channel and i.waits_for = w.key
         where i.outcome = 'parked' and i.item <> '' order by i.created_at, i.event_id, i.index limit 1000",
        &channels,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    all(rows)
}

/// The items of an event that are to be worked off again, in their order; at most `limit`.
pub async fn wanted(tx: &mut TenantTx, event: Uuid, limit: i64) -> Result<Vec<KeptItem>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select event_id, index, channel_id, outcome, section, entry_at, item from inbox.webhook_items
         where event_id = $1 and wants_redrive order by index limit $2",
        event,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    all(rows)
}

/// What became of an item that had an outcome already.
pub struct Again {
    /// The webhook event it came in.
    pub event: Uuid,
    /// Its place in the body.
    pub index: i32,
    /// A fixed name; none leaves the one it has.
    pub kind: Option<&'static str>,
    /// What became of it now.
    pub outcome: ItemOutcome,
    /// Why, where that is not plain.
    pub reason: String,
    /// What it is parked for; set exactly then.
    pub waits_for: Option<String>,
    /// The message it made or changed; none leaves the one it has.
    pub message: Option<Uuid>,
}

/// Keeps another outcome of an item. With a time, somebody asked for that, and it is done then.
pub async fn settle_again(tx: &mut TenantTx, again: &Again, asked_at: Option<DateTime<Utc>>) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_items set kind = coalesce($3, kind), outcome = $4, reason = $5, waits_for = $6,
             message_id = coalesce($7, message_id), redriven_at = coalesce($8, redriven_at),
             wants_redrive = wants_redrive and $8::timestamptz is null
         where event_id = $1 and index = $2",
        again.event,
        again.index,
        again.kind,
        again.outcome.as_str(),
        again.reason,
        again.waits_for,
        again.message,
        asked_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Asks for what an older version left waiting, and for what is parked for a message or a conversation that is there, to be worked off
/// again. What came in the moment in which that was stored is found so. `contact` begins the name of a conversation. Conversations are looked
/// for one item at a time: as a join, it is cheapest on paper to read all of the tenant's contacts, and they are many where items are few.
pub async fn want_overdue(tx: &mut TenantTx, contact: &str) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_items set wants_redrive = true where (event_id, index) in (
             select event_id, index from inbox.webhook_items
             where outcome = 'waiting' and item <> '' and not wants_redrive limit 1000)"
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update inbox.webhook_items set wants_redrive = true where (event_id, index) in (
             select i.event_id, i.index from inbox.webhook_items i
             join inbox.messages m on m.channel_id = i.channel_id and m.mid = i.waits_for
             where i.outcome = 'parked' and i.item <> '' and not i.wants_redrive limit 1000)"
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update inbox.webhook_items set wants_redrive = true where (event_id, index) in (
             select i.event_id, i.index from inbox.webhook_items i
             where i.outcome = 'parked' and starts_with(i.waits_for, $1) and i.item <> '' and not i.wants_redrive
                 and (select v.id from inbox.conversations v where v.channel_id = i.channel_id
                         and v.contact_id = (select c.id from inbox.contacts c where c.channel_id = i.channel_id
                             and c.platform_user_id = substr(i.waits_for, length($1) + 1))) is not null
             limit 1000)",
        contact
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Events with items that are to be worked off again; at most 1,000.
pub async fn wanted_events(tx: &mut TenantTx) -> Result<Vec<Uuid>, Error> {
    let events = sqlx::query_scalar!(
        "select distinct event_id from inbox.webhook_items where wants_redrive order by event_id limit 1000"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(events)
}

/// What is parked since before then waited long enough.
pub async fn expire(tx: &mut TenantTx, before: DateTime<Utc>, reason: &str) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "update inbox.webhook_items set outcome = 'ignored', reason = $2, waits_for = null where (event_id, index) in (
             select event_id, index from inbox.webhook_items where outcome = 'parked' and created_at < $1 limit $3)",
        before,
        reason,
        PIECE
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Forgets at most 10,000 items older than `outcome`, and what at most so many older than `raw` said, of which the outcome stays.
pub async fn forget(tx: &mut TenantTx, raw: DateTime<Utc>, outcome: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "delete from inbox.webhook_items where (event_id, index) in (
             select event_id, index from inbox.webhook_items where created_at < $1 limit $2)",
        outcome,
        PIECE
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update inbox.webhook_items set item = '', wants_redrive = false where (event_id, index) in (
             select event_id, index from inbox.webhook_items where created_at < $1 and item <> '' limit $2)",
        raw,
        PIECE
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
