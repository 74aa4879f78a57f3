//! What goes out: the queue of a conversation, what became of each message, and what Meta's record is compared with.

use std::collections::HashMap;

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::known;
use super::{Row, all};
use crate::model::{Attachment, Context, Failure, Holder, Message, MessageStatus, Provenance, Reaction, Rich};

/// What waits to be sent or is being sent, in order.
pub async fn unsent(tx: &mut TenantTx, conversation: Uuid) -> Result<Vec<Message>, Error> {
    let found = rows!("where conversation_id = $1 and status in ('queued', 'sending') order by arrival", conversation);
    all(found.fetch_all(tx.conn()).await?)
}

/// The later parts of a reply that still wait.
pub async fn later_parts(tx: &mut TenantTx, turn: Uuid, part_no: i16) -> Result<Vec<Message>, Error> {
    let found = rows!("where turn = $1 and part_no > $2 and status = 'queued' order by part_no", turn, part_no);
    all(found.fetch_all(tx.conn()).await?)
}

/// Sets the status, which the model allowed, with what belongs to it. Of a message that went out the receipt may have come first. A message that becomes unknown is so since `now`; one that is sent
/// is as far as its conversation's receipts say. Gives the status that it has then.
pub async fn set_status(
    tx: &mut TenantTx,
    id: Uuid,
    status: MessageStatus,
    failure: Option<&Failure>,
    (sending_at, send_after): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    now: DateTime<Utc>,
) -> Result<MessageStatus, Error> {
    let status = sqlx::query_scalar!(
        "update inbox.messages m set failure_code = $3, failure_detail = $4,
             sending_at = coalesce($5, sending_at), send_after = $6,
             unknown_at = case when $2 = 'unknown' then $7::timestamptz end, settle_tries = 0, needs_decision = false,
             status = coalesce((
                 select case when v.read_to >= coalesce(m.sending_at, m.platform_at) then 'read'
                     when v.delivered_to >= coalesce(m.sending_at, m.platform_at) then 'delivered' end
                 from inbox.conversations v where v.id = m.conversation_id and $2 = 'sent'), $2)
         where id = $1 returning status",
        id,
        status.as_str(),
        failure.map(|failure| failure.code.as_str()),
        failure.map(|failure| failure.detail.as_str()),
        sending_at,
        send_after,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    known(&status)
}

/// A queued message is not sent before then, nor before it was to be already.
pub async fn set_send_after(tx: &mut TenantTx, id: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.messages set send_after = greatest(send_after, $2) where id = $1 and status = 'queued'",
        id,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// It was put back so often.
pub async fn set_tries(tx: &mut TenantTx, id: Uuid, tries: i16) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set send_tries = $2 where id = $1", id, tries).execute(tx.conn()).await?;
    Ok(())
}

/// Meta showed its record without it so often.
pub async fn set_absences(tx: &mut TenantTx, id: Uuid, absences: i16) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set settle_tries = $2 where id = $1", id, absences).execute(tx.conn()).await?;
    Ok(())
}

/// It is sent again, for the only time.
pub async fn set_resent(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set was_resent = true where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}

/// A person must say what became of it.
pub async fn set_undecided(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    sqlx::query!("update inbox.messages set needs_decision = true where id = $1 and status = 'unknown'", id)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A message that was given up waits anew, and stands where one of now would. Whatever was tried before is forgotten: a person asked.
pub async fn set_waiting(tx: &mut TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.messages set received_at = $2, platform_at = $2, send_tries = 0, was_resent = false where id = $1",
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes a message that only an echo told us of; false, and nothing is changed, when it is one that was written here.
pub async fn remove_echo(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "delete from inbox.messages where id = $1 and sender_type = 'business' and author is null and turn is null
             and sending_at is null and not exists (select from inbox.idempotency_keys where message_id = $1)",
        id
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// The position and the time of the last messages that persons wrote in a conversation.
pub async fn last_of_persons(tx: &mut TenantTx, conversation: Uuid) -> Result<Option<(i64, DateTime<Utc>)>, Error> {
    let row = sqlx::query!(
        "select max(arrival) as arrival, max(platform_at) as at from inbox.messages
         where conversation_id = $1 and sender_type = 'business' and origin <> 'history'",
        conversation
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row.arrival.zip(row.at))
}

/// Our messages of which nobody knows whether they are out, oldest first.
pub async fn undetermined(tx: &mut TenantTx, conversation: Uuid) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and mid is null and status in ('sending', 'unknown') order by arrival limit 50",
        conversation
    );
    all(found.fetch_all(tx.conn()).await?)
}

/// Which of these ids of Meta's a channel's messages have.
pub async fn holders(tx: &mut TenantTx, channel: Uuid, mids: &[String]) -> Result<HashMap<String, Holder>, Error> {
    let rows = sqlx::query!(
        r#"select mid as "mid!", (sender_type = 'business' and sending_at is null and author is null) as "echo!"
           from inbox.messages where channel_id = $1 and mid = any($2)"#,
        channel,
        mids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.mid, if row.echo { Holder::Echo } else { Holder::Certain })).collect())
}

/// Meta's id of the first message of a conversation that has one.
pub async fn first_mid(tx: &mut TenantTx, conversation: Uuid) -> Result<Option<String>, Error> {
    let first = sqlx::query_scalar!(
        r#"select mid as "mid!" from inbox.messages where conversation_id = $1 and mid is not null
           order by platform_at, arrival limit 1"#,
        conversation
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(first)
}

/// When the customer of a conversation was last written to, by Meta's time.
pub async fn last_answer_at(tx: &mut TenantTx, conversation: Uuid) -> Result<Option<DateTime<Utc>>, Error> {
    let at = sqlx::query_scalar!(
        "select max(platform_at) from inbox.messages
         where conversation_id = $1 and sender_type <> 'contact' and status in ('sent', 'delivered', 'read')",
        conversation
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(at)
}

/// The messages of a conversation that follow a key, by platform time and arrival, the next first.
pub async fn newer(
    tx: &mut TenantTx,
    conversation: Uuid,
    (at, arrival): (DateTime<Utc>, i64),
    limit: i64,
) -> Result<Vec<Message>, Error> {
    let found = rows!(
        "where conversation_id = $1 and (platform_at, arrival) > ($2, $3) order by platform_at, arrival limit $4",
        conversation,
        at,
        arrival,
        limit
    );
    all(found.fetch_all(tx.conn()).await?)
}
