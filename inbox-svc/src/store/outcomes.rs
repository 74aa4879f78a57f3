//! The items of webhooks as people look for them: lists, one of them, figures, and which are to be worked off again.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;
use crate::model::{ChannelSync, ItemOutcome, JournalItem};

/// What items are narrowed to. The conditions combine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Narrow {
    /// With this outcome.
    pub outcome: Option<ItemOutcome>,
    /// Of this channel.
    pub channel: Option<Uuid>,
    /// Come at that time or later.
    pub from: Option<DateTime<Utc>>,
    /// Come before that time.
    pub to: Option<DateTime<Utc>>,
}

/// The place of an item in the list: when it came, its event, its place there.
pub type Key = (DateTime<Utc>, Uuid, i32);

struct Row {
    event_id: Uuid,
    index: i32,
    channel_id: Uuid,
    kind: String,
    outcome: String,
    reason: String,
    created_at: DateTime<Utc>,
    message_id: Option<Uuid>,
    conversation_id: Option<Uuid>,
    redriven_at: Option<DateTime<Utc>>,
    is_kept: bool,
    raw: String,
}

impl TryFrom<Row> for JournalItem {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            event: row.event_id,
            index: row.index,
            channel_id: row.channel_id,
            kind: row.kind,
            outcome: known(&row.outcome)?,
            reason: row.reason,
            created_at: row.created_at,
            message: row.message_id,
            conversation: row.conversation_id,
            redriven_at: row.redriven_at,
            is_kept: row.is_kept,
            raw: row.raw,
        })
    }
}

/// The one list of columns; `$raw` says how much of what Meta sent, `$tail` which rows.
macro_rules! rows {
    ($raw:tt, $tail:tt, $($arg:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select i.event_id, i.index, i.channel_id, i.kind, i.outcome, i.reason, i.created_at, i.message_id,
                 (select m.conversation_id from inbox.messages m where m.id = i.message_id) as conversation_id, i.redriven_at,
                 i.item <> '' as "is_kept!", "# + $raw + r#" as "raw!"
             from inbox.webhook_items i "# + $tail,
            $($arg),+
        )
    };
}

/// A page of the list after a key, newest first, without what Meta sent.
pub async fn page(tx: &mut TenantTx, narrow: &Narrow, after: Key, limit: i64) -> Result<Vec<JournalItem>, Error> {
    let (at, event, index) = after;
    let outcome = narrow.outcome.map(ItemOutcome::as_str);
    // Most are stored or deduplicated; the others have an index of their own.
    let is_rare =
        narrow.outcome.is_some_and(|outcome| !matches!(outcome, ItemOutcome::Stored | ItemOutcome::Deduplicated));
    let rows = if is_rare {
        let found = rows!(
            "''",
            "where i.outcome = $1 and i.outcome not in ('stored', 'deduplicated')
                 and ($2::uuid is null or i.channel_id = $2) and ($3::timestamptz is null or i.created_at >= $3)
                 and ($4::timestamptz is null or i.created_at < $4)
                 and i.created_at <= $5 and (i.created_at, i.event_id, i.index) < ($5, $6, $7)
             order by i.created_at desc, i.event_id desc, i.index desc limit $8",
            outcome,
            narrow.channel,
            narrow.from,
            narrow.to,
            at,
            event,
            index,
            limit
        );
        found.fetch_all(tx.conn()).await?
    } else {
        let found = rows!(
            "''",
            "where ($1::text is null or i.outcome = $1)
                 and ($2::uuid is null or i.channel_id = $2) and ($3::timestamptz is null or i.created_at >= $3)
                 and ($4::timestamptz is null or i.created_at < $4)
                 and i.created_at <= $5 and (i.created_at, i.event_id, i.index) < ($5, $6, $7)
             order by i.created_at desc, i.event_id desc, i.index desc limit $8",
            outcome,
            narrow.channel,
            narrow.from,
            narrow.to,
            at,
            event,
            index,
            limit
        );
        found.fetch_all(tx.conn()).await?
    };
    rows.into_iter().map(JournalItem::try_from).collect()
}

/// One item, with what Meta sent.
pub async fn get(tx: &mut TenantTx, event: Uuid, index: i32) -> Result<Option<JournalItem>, Error> {
    let row = rows!("i.item", "where i.event_id = $1 and i.index = $2", event, index);
    row.fetch_optional(tx.conn()).await?.map(JournalItem::try_from).transpose()
}

/// Asks for one item to be worked off again, if what Meta sent is kept.
pub async fn want(tx: &mut TenantTx, event: Uuid, index: i32) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_items set wants_redrive = true where event_id = $1 and index = $2 and item <> ''
             and not wants_redrive",
        event,
        index
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Asks for at most `limit` items to be worked off again that are kept and not asked for, and gives their events, each as often as it has
/// such items. Without an outcome: those that are neither stored nor deduplicated. What was worked off again
/// since `begun` is not asked for again, and what longest was not comes first.
pub async fn want_all(
    tx: &mut TenantTx,
    narrow: &Narrow,
    begun: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let events = sqlx::query_scalar!(
        "update inbox.webhook_items set wants_redrive = true where (event_id, index) in (
             select event_id, index from inbox.webhook_items
             where not wants_redrive and item <> '' and created_at >= $1 and created_at < $2
                 and ($3::uuid is null or channel_id = $3)
                 and case when $4::text is null then outcome not in ('stored', 'deduplicated') else outcome = $4 end
                 and (redriven_at is null or redriven_at < $6)
             order by redriven_at nulls first, created_at limit $5)
         returning event_id",
        narrow.from,
        narrow.to,
        narrow.channel,
        narrow.outcome.map(ItemOutcome::as_str),
        limit,
        begun
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(events)
}

/// How many items of a period came to which outcome. The index has all of it: some hundred thousand are counted in a tenth of a second.
pub async fn counts(
    tx: &mut TenantTx,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<(ItemOutcome, i64)>, Error> {
    let rows = sqlx::query!(
        r#"select outcome, count(*) as "count!" from inbox.webhook_items where created_at >= $1 and created_at < $2
           group by outcome order by outcome"#,
        from,
        to
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((known(&row.outcome)?, row.count))).collect()
}

/// How each channel compares with what Meta keeps.
pub async fn channels(tx: &mut TenantTx) -> Result<Vec<ChannelSync>, Error> {
    let rows = sqlx::query_as!(
        ChannelSync,
        "select channel_id, synced_to, checked_at, history_count, recovered_count, last_error
         from inbox.channel_sync order by channel_id"
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
