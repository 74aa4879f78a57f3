//! Questions that the assistant had no answer to.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{Unanswered, Wondered};

/// Where a question was asked: the conversation, and its messages.
pub type Place<'a> = (Uuid, &'a [Uuid]);

/// Keeps a question, or counts up the one that is open; a dismissed one stays as it is.
pub async fn keep(
    tx: &mut TenantTx,
    id: Uuid,
    wondered: &Wondered,
    (conversation, messages): Place<'_>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.unanswered as u
             (id, question, folded, digest, conversation_id, message_ids, reason, first_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         on conflict (tenant_id, digest) where state <> 'answered' do update
             set question = excluded.question, conversation_id = excluded.conversation_id,
                 message_ids = excluded.message_ids, reason = excluded.reason, asked = u.asked + 1,
                 last_at = greatest(u.last_at, excluded.last_at)
             where u.state = 'open'",
        id,
        wondered.question,
        wondered.folded,
        wondered.digest.as_slice(),
        conversation,
        messages,
        reason,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was said in this message is not what it was: a question with its words goes.
pub async fn forget_message(tx: &mut TenantTx, conversation: Uuid, message: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "delete from inbox.unanswered where conversation_id = $1 and state = 'open' and $2 = any(message_ids)",
        conversation,
        message
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The page of the open ones after a key: most asked first, then the newest.
pub async fn page(
    tx: &mut TenantTx,
    (asked, at, id): (i32, DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Unanswered>, Error> {
    let found = sqlx::query_as!(
        Unanswered,
        "select id, question, conversation_id as conversation, reason, asked, first_at, last_at from inbox.unanswered
         where state = 'open' and (asked, last_at, id) < ($1, $2, $3)
         order by asked desc, last_at desc, id desc limit $4",
        asked,
        at,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found)
}

/// One that is not dismissed.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Option<Unanswered>, Error> {
    let found = sqlx::query_as!(
        Unanswered,
        "select id, question, conversation_id as conversation, reason, asked, first_at, last_at from inbox.unanswered
         where id = $1 and state <> 'dismissed'",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// Closes an open question and forgets its words: as answered, or as dismissed. False when no such question is open, nor closed in the
/// same way before.
pub async fn close(tx: &mut TenantTx, id: Uuid, is_answered: bool, now: DateTime<Utc>) -> Result<bool, Error> {
    let state = if is_answered { "answered" } else { "dismissed" };
    let closed = sqlx::query!(
        "update inbox.unanswered set state = $2, question = '', folded = '', conversation_id = null, message_ids = '{}',
             closed_at = coalesce(closed_at, $3)
         where id = $1 and state in ('open', $2)",
        id,
        state,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(closed.rows_affected() == 1)
}

/// Forgets what was answered before the first time, and what nobody asked since the second.
pub async fn forget(tx: &mut TenantTx, answered: DateTime<Utc>, asked: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "delete from inbox.unanswered
         where (state = 'answered' and closed_at < $1) or (state = 'open' and last_at < $2)",
        answered,
        asked
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
