//! Conversations: locked for a change, or read for their cards.

use chatdesk_meta::Platform;
use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::known;
use crate::model::{Ai, Referral, Thread};

struct Row {
    id: Uuid,
    channel_id: Uuid,
    contact_id: Uuid,
    platform: String,
    status: String,
    ai_mode: String,
    ai_reason: String,
    ai_until: Option<DateTime<Utc>>,
    unread_count: i32,
    last_message_at: DateTime<Utc>,
    last_message_id: Option<Uuid>,
    last_opening_at: Option<DateTime<Utc>>,
    last_arrival: i64,
    answered_arrival: i64,
    human_arrival: i64,
    history_arrival: i64,
    reply_first_at: Option<DateTime<Utc>>,
    reply_due_at: Option<DateTime<Utc>>,
    drafts_dropped: i16,
    stale_drops: i16,
    created_at: DateTime<Utc>,
    assignee_id: Option<Uuid>,
    note_count: i32,
    delivered_to: Option<DateTime<Utc>>,
    read_to: Option<DateTime<Utc>>,
    owner_app: String,
    owner_at: Option<DateTime<Utc>>,
    source: Option<Json<Referral>>,
    source_at: Option<DateTime<Utc>>,
    forgotten_to: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Thread {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            channel_id: row.channel_id,
            contact_id: row.contact_id,
            platform: known(&row.platform)?,
            status: known(&row.status)?,
            ai: Ai { mode: known(&row.ai_mode)?, reason: row.ai_reason, until: row.ai_until },
            unread: row.unread_count,
            last_message_at: row.last_message_at,
            last_message_id: row.last_message_id,
            last_opening_at: row.last_opening_at,
            last_arrival: row.last_arrival,
            answered_arrival: row.answered_arrival,
            human_arrival: row.human_arrival,
            history_arrival: row.history_arrival,
            reply_first_at: row.reply_first_at,
            reply_due_at: row.reply_due_at,
            drafts_dropped: row.drafts_dropped,
            stale_drops: row.stale_drops,
            created_at: row.created_at,
            assignee: row.assignee_id,
            note_count: row.note_count,
            delivered_to: row.delivered_to,
            read_to: row.read_to,
            owner_app: row.owner_app,
            owner_at: row.owner_at,
            source: row.source.map(|source| source.0),
            source_at: row.source_at,
            forgotten_to: row.forgotten_to,
        })
    }
}

/// The one list of columns; `$tail` says which rows.
macro_rules! rows {
    ($tail:tt, $($arg:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select v.id, v.channel_id, v.contact_id, v.platform, v.status, v.ai_mode, v.ai_reason, v.ai_until, v.unread_count,
                 v.last_message_at, v.last_message_id, v.last_opening_at, v.last_arrival, v.answered_arrival, v.human_arrival,
                 v.history_arrival, v.reply_first_at, v.reply_due_at, v.drafts_dropped, v.stale_drops, v.created_at,
                 v.assignee_id, v.note_count, v.delivered_to, v.read_to, v.owner_app, v.owner_at,
                 v.source as "source: Json<Referral>", v.source_at, v.forgotten_to
             from inbox.conversations v "# + $tail,
            $($arg),+
        )
    };
}

/// Locks a conversation until the end of the transaction. Before anything else in a transaction that changes it, due work included.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<Thread>, Error> {
    let row = rows!("where v.id = $1 for no key update", id).fetch_optional(tx.conn()).await?;
    row.map(Thread::try_from).transpose()
}

/// Locks the conversation with a customer of a channel. The contact is a subquery, so that a database that has no statistics yet does
/// not look through all of a channel's conversations for it.
pub async fn lock_with(tx: &mut TenantTx, channel: Uuid, user: &str) -> Result<Option<Thread>, Error> {
    let row = rows!(
        "where v.channel_id = $1
             and v.contact_id = (select id from inbox.contacts where channel_id = $1 and platform_user_id = $2)
         for no key update of v",
        channel,
        user
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Thread::try_from).transpose()
}

/// Waits for whoever begins, or just found missing, the conversation with a customer of a channel, and keeps others waiting until the end of
/// the transaction: what is not there cannot be locked. Look again afterwards.
pub async fn reserve(tx: &mut TenantTx, channel: Uuid, user: &str) -> Result<(), Error> {
    sqlx::query_scalar!(
        r#"select 1 as "held!" from pg_advisory_xact_lock(hashtextextended($1 || $2, 0))"#,
        channel.to_string(),
        user
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Locks the conversation with a customer of a channel; when there is none, nobody else begins it before the end of the transaction.
pub async fn lock_or_reserve(tx: &mut TenantTx, channel: Uuid, user: &str) -> Result<Option<Thread>, Error> {
    if let Some(thread) = lock_with(tx, channel, user).await? {
        return Ok(Some(thread));
    }
    reserve(tx, channel, user).await?;
    lock_with(tx, channel, user).await
}

/// These conversations as they are, in no order.
pub async fn by_ids(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Thread>, Error> {
    let rows = rows!("where v.id = any($1)", ids).fetch_all(tx.conn()).await?;
    rows.into_iter().map(Thread::try_from).collect()
}

/// Begins the conversation of a channel with a contact; false when it is there already.
pub async fn create(
    tx: &mut TenantTx,
    (id, channel, contact, platform): (Uuid, Uuid, Uuid, Platform),
    ai: &Ai,
    forgotten_to: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let made = sqlx::query!(
        "insert into inbox.conversations
             (id, channel_id, contact_id, platform, ai_mode, ai_reason, last_message_at, created_at, forgotten_to)
         values ($1, $2, $3, $4, $5, $6, $7, $7, $8) on conflict (tenant_id, channel_id, contact_id) do nothing",
        id,
        channel,
        contact,
        platform.as_str(),
        ai.mode.as_str(),
        ai.reason,
        now,
        forgotten_to
    )
    .execute(tx.conn())
    .await?;
    Ok(made.rows_affected() == 1)
}

/// Keeps the state of a locked conversation.
pub async fn save(tx: &mut TenantTx, thread: &Thread) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.conversations set status = $2, ai_mode = $3, ai_reason = $4, ai_until = $5, unread_count = $6,
             last_message_at = $7, last_message_id = $8, last_opening_at = $9, last_arrival = $10, answered_arrival = $11,
             human_arrival = $12, history_arrival = $13, reply_first_at = $14, reply_due_at = $15, drafts_dropped = $16,
             stale_drops = $17, assignee_id = $18, note_count = $19, delivered_to = $20, read_to = $21, owner_app = $22,
             owner_at = $23, source = $24, source_at = $25
         where id = $1",
        thread.id,
        thread.status.as_str(),
        thread.ai.mode.as_str(),
        thread.ai.reason,
        thread.ai.until,
        thread.unread,
        thread.last_message_at,
        thread.last_message_id,
        thread.last_opening_at,
        thread.last_arrival,
        thread.answered_arrival,
        thread.human_arrival,
        thread.history_arrival,
        thread.reply_first_at,
        thread.reply_due_at,
        thread.drafts_dropped,
        thread.stale_drops,
        thread.assignee,
        thread.note_count,
        thread.delivered_to,
        thread.read_to,
        thread.owner_app,
        thread.owner_at,
        thread.source.as_ref().map(Json) as _,
        thread.source_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The conversations with a contact.
pub async fn of_contact(tx: &mut TenantTx, contact: Uuid) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select v.id from inbox.contacts c
         join inbox.conversations v on v.tenant_id = c.tenant_id and v.channel_id = c.channel_id and v.contact_id = c.id
         where c.id = $1",
        contact
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}
