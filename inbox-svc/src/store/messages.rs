//! Messages. Their statuses are changed under the lock of their conversation.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::known;
use crate::model::{
    Attachment, Context, Failure, Message, MessageOrigin, MessageStatus, Provenance, Reaction, Rich, SenderType,
    Sending,
};

struct Row {
    id: Uuid,
    conversation_id: Uuid,
    arrival: i64,
    mid: Option<String>,
    sender_type: String,
    content: String,
    attachments: Json<Vec<Attachment>>,
    status: String,
    failure_code: Option<String>,
    failure_detail: Option<String>,
    provenance: Option<Json<Provenance>>,
    platform_at: DateTime<Utc>,
    received_at: DateTime<Utc>,
    turn: Option<Uuid>,
    part_no: i16,
    answers_after: i64,
    due_at: Option<DateTime<Utc>>,
    send_after: Option<DateTime<Utc>>,
    author: Option<Uuid>,
    client_id: Option<String>,
    attachment_id: Option<Uuid>,
    rich: Option<Json<Rich>>,
    sending_at: Option<DateTime<Utc>>,
    send_tries: i16,
    unknown_at: Option<DateTime<Utc>>,
    settle_tries: i16,
    was_resent: bool,
    needs_decision: bool,
    origin: String,
    context: Option<Json<Context>>,
    reply_to: Option<Uuid>,
    reactions: Json<Vec<Reaction>>,
    edited_at: Option<DateTime<Utc>>,
    num_edit: i32,
    deleted_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for Message {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            conversation_id: row.conversation_id,
            arrival: row.arrival,
            mid: row.mid,
            sender: known(&row.sender_type)?,
            content: row.content,
            attachments: row.attachments.0,
            status: known(&row.status)?,
            failure: row.failure_code.map(|code| Failure { code, detail: row.failure_detail.unwrap_or_default() }),
            provenance: row.provenance.map(|provenance| provenance.0),
            platform_at: row.platform_at,
            received_at: row.received_at,
            turn: row.turn,
            part_no: row.part_no,
            answers_after: row.answers_after,
            due_at: row.due_at,
            send_after: row.send_after,
            author: row.author,
            client_id: row.client_id,
            attachment_id: row.attachment_id,
            rich: row.rich.map(|rich| rich.0),
            sending: Sending {
                at: row.sending_at,
                tries: row.send_tries,
                unknown_at: row.unknown_at,
                absences: row.settle_tries,
                was_resent: row.was_resent,
                needs_decision: row.needs_decision,
            },
            origin: known(&row.origin)?,
            context: row.context.map(|context| context.0),
            reply_to: row.reply_to,
            reactions: row.reactions.0,
            edited_at: row.edited_at,
            num_edit: row.num_edit,
            deleted_at: row.deleted_at,
        })
    }
}

/// The one list of columns; `$tail` says which rows.
macro_rules! rows {
    ($tail:tt, $($arg:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select id, conversation_id, arrival, mid, sender_type, content,
                 attachments as "attachments: Json<Vec<Attachment>>", status, failure_code, failure_detail,
                 provenance as "provenance: Json<Provenance>", platform_at, received_at, turn, part_no, answers_after, due_at,
                 send_after, author, client_id, attachment_id, rich as "rich: Json<Rich>", sending_at, send_tries, unknown_at,
                 settle_tries, was_resent, needs_decision, origin, context as "context: Json<Context>",
                 (select r.id from inbox.messages r
                  where r.channel_id = m.channel_id and r.mid = m.context->>'reply_to_mid') as reply_to,
                 reactions as "reactions: Json<Vec<Reaction>>", edited_at, num_edit, deleted_at
             from inbox.messages m "# + $tail,
            $($arg),+
        )
    };
}

mod outgoing;
mod revised;

pub use outgoing::*;
pub use revised::*;

fn all(rows: Vec<Row>) -> Result<Vec<Message>, Error> {
    rows.into_iter().map(Message::try_from).collect()
}

/// A message to add.
pub struct NewMessage<'a> {
    /// Its id.
    pub id: Uuid,
    /// Its conversation and channel.
    pub place: (Uuid, Uuid),
    /// Its position.
    pub arrival: i64,
    /// Meta's id, when it is known.
    pub mid: Option<&'a str>,
    /// Who wrote it.
    pub sender: SenderType,
    /// Its text.
    pub content: &'a str,
    /// Its attachments.
    pub attachments: &'a [Attachment],
    /// How far it got.
    pub status: MessageStatus,
    /// Where the assistant's words come from.
    pub provenance: Option<&'a Provenance>,
    /// Whether the assistant may take it for a question.
    pub answerable: bool,
    /// Meta's time, or ours.
    pub platform_at: DateTime<Utc>,
    /// The present moment.
    pub received_at: DateTime<Utc>,
    /// The person who wrote it here.
    pub author: Option<Uuid>,
    /// The key it was sent with.
    pub client_id: Option<&'a str>,
    /// The upload it carries instead of a text.
    pub attachment_id: Option<Uuid>,
    /// Cards and answers to tap.
    pub rich: Option<&'a Rich>,
    /// The reply it is a part of: its id, the part's number, and up to where the customer had been answered before.
    pub part: Option<(Uuid, i16, i64)>,
    /// When that reply was due.
    pub due_at: Option<DateTime<Utc>>,
    /// How it came to us.
    pub origin: MessageOrigin,
    /// What it answers or came from.
    pub context: Option<&'a Context>,
}

/// Adds a message; false when the channel has one with that mid.
pub async fn insert(tx: &mut TenantTx, new: &NewMessage<'_>) -> Result<bool, Error> {
    let (turn, part_no, answers_after) = match new.part {
        Some((turn, part_no, answers_after)) => (Some(turn), part_no, answers_after),
        None => (None, 0, 0),
    };
    let added = sqlx::query!(
        "insert into inbox.messages (id, conversation_id, channel_id, arrival, mid, sender_type, content, attachments, status,
             provenance, answerable, platform_at, received_at, author, turn, part_no, answers_after, due_at, client_id,
             attachment_id, origin, context, rich)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
         on conflict (tenant_id, channel_id, mid) do nothing",
        new.id,
        new.place.0,
        new.place.1,
        new.arrival,
        new.mid,
        new.sender.as_str(),
        new.content,
        Json(new.attachments) as _,
        new.status.as_str(),
        new.provenance.map(Json) as _,
        new.answerable,
        new.platform_at,
        new.received_at,
        new.author,
        turn,
        part_no,
        answers_after,
        new.due_at,
        new.client_id,
        new.attachment_id,
        new.origin.as_str(),
        new.context.map(Json) as _,
        new.rich.map(Json) as _
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// These messages, in no order.
pub async fn by_ids(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Message>, Error> {
    all(rows!("where id = any($1)", ids).fetch_all(tx.conn()).await?)
}

/// The page of a conversation after a key, by platform time and arrival, newest first.
pub async fn page(
    tx: &mut TenantTx,
    conversation: Uuid,
    (at, arrival): (DateTime<Utc>, i64),
    limit: i64,
) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and (platform_at, arrival) < ($2, $3)
         order by platform_at desc, arrival desc limit $4",
        conversation,
        at,
        arrival,
        limit
    );
    all(found.fetch_all(tx.conn()).await?)
}

/// The customer's messages after a position that the assistant may answer, in the order they were written; at most the last 50.
pub async fn questions(
    tx: &mut TenantTx,
    conversation: Uuid,
    after: i64,
    since: DateTime<Utc>,
) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and arrival > $2 and received_at >= $3 and answerable and sender_type = 'contact'
         order by platform_at desc, arrival desc limit 50",
        conversation,
        after,
        since
    );
    let mut questions = all(found.fetch_all(tx.conn()).await?)?;
    questions.reverse();
    Ok(questions)
}

/// What was said before the questions, oldest first: the last `limit` messages after position `after` that have text and went out.
pub async fn history(
    tx: &mut TenantTx,
    conversation: Uuid,
    after: i64,
    without: &[Uuid],
    limit: i64,
) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and arrival > $2 and id <> all($3) and status <> 'failed' and content <> ''
         order by platform_at desc, arrival desc limit $4",
        conversation,
        after,
        without,
        limit
    );
    let mut history = all(found.fetch_all(tx.conn()).await?)?;
    history.reverse();
    Ok(history)
}

/// How many of the customer's messages came after a position, and the last such the assistant may answer.
pub async fn since(tx: &mut TenantTx, conversation: Uuid, after: i64) -> Result<(i32, Option<i64>), Error> {
    let row = sqlx::query!(
        r#"select count(*)::integer as "count!", max(arrival) filter (where answerable) as newest from inbox.messages
           where conversation_id = $1 and arrival > $2 and sender_type = 'contact' and origin <> 'history'"#,
        conversation,
        after
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.count, row.newest))
}

/// How many replies of the assistant were queued in a conversation since a time.
pub async fn turns_since(tx: &mut TenantTx, conversation: Uuid, since: DateTime<Utc>) -> Result<i64, Error> {
    let turns = sqlx::query_scalar!(
        r#"select count(distinct turn) as "turns!" from inbox.messages
           where conversation_id = $1 and sender_type = 'ai' and received_at >= $2"#,
        conversation,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(turns)
}

/// The message with this mid.
pub async fn by_mid(tx: &mut TenantTx, channel: Uuid, mid: &str) -> Result<Option<Message>, Error> {
    let row = rows!("where channel_id = $1 and mid = $2", channel, mid).fetch_optional(tx.conn()).await?;
    row.map(Message::try_from).transpose()
}

/// Our messages that may be out and whose mid is not known, with exactly this text, that were handed over at most ten minutes before
/// `at` (or a minute after, as clocks differ): at most 10, the newest first, one that is being sent before all that are lost.
pub async fn in_flight(
    tx: &mut TenantTx,
    conversation: Uuid,
    content: &str,
    at: DateTime<Utc>,
) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and mid is null and status in ('sending', 'unknown') and content = $2
             and sending_at between $3::timestamptz - interval '10 minutes' and $3::timestamptz + interval '1 minute'
         order by status = 'sending' desc, arrival desc limit 10",
        conversation,
        content,
        at
    );
    all(found.fetch_all(tx.conn()).await?)
}

/// Keeps what a message carries.
pub async fn set_attachments(tx: &mut TenantTx, id: Uuid, attachments: &[Attachment]) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set attachments = $2 where id = $1", id, Json(attachments) as _)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes Meta's id from a message.
pub async fn clear_mid(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set mid = null where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// Keeps Meta's id of a message.
pub async fn set_mid(tx: &mut TenantTx, id: Uuid, mid: &str) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set mid = $2 where id = $1", id, mid).execute(tx.conn()).await?;
    Ok(())
}
