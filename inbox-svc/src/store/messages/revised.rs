//! What happens to messages after they were said: revisions, and receipts.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use crate::model::Message;

/// Keeps what was revised of a message. One that was taken back is no question any more.
pub async fn revise(tx: &mut TenantTx, message: &Message) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.messages set content = $2, attachments = $3, context = $4, reactions = $5, edited_at = $6, num_edit = $7,
             deleted_at = $8, answerable = answerable and $8::timestamptz is null
         where id = $1",
        message.id,
        message.content,
        Json(&message.attachments) as _,
        message.context.as_ref().map(Json) as _,
        Json(&message.reactions) as _,
        message.edited_at,
        message.num_edit,
        message.deleted_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The customer has what went out up to the first time, or is among these ids of Meta's, and read what went out up to the second. What is
/// as far already is left alone; gives what was not, with its time. What waited here was not out before it was handed over, whatever its
/// own time says.
pub async fn reach(
    tx: &mut TenantTx,
    conversation: Uuid,
    delivered_to: Option<DateTime<Utc>>,
    read_to: Option<DateTime<Utc>>,
    mids: &[String],
) -> Result<Vec<(DateTime<Utc>, Uuid)>, Error> {
    let rows = sqlx::query!(
        "update inbox.messages
         set status = case when greatest(platform_at, sending_at) <= $3 then 'read' else 'delivered' end
         where conversation_id = $1 and status in ('sent', 'delivered')
             and (greatest(platform_at, sending_at) <= $3
                 or (status = 'sent' and (greatest(platform_at, sending_at) <= $2 or mid = any($4))))
         returning platform_at, id",
        conversation,
        delivered_to,
        read_to,
        mids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.platform_at, row.id)).collect())
}

/// The last of these messages of a conversation to go out, and when. One with another conversation's id of Meta's is passed over.
pub async fn last_out(
    tx: &mut TenantTx,
    channel: Uuid,
    conversation: Uuid,
    mids: &[String],
) -> Result<Option<(DateTime<Utc>, Uuid)>, Error> {
    let row = sqlx::query!(
        r#"select id, greatest(platform_at, sending_at) as "at!" from inbox.messages
           where channel_id = $1 and conversation_id = $2 and mid = any($3) order by 2 desc, 1 desc limit 1"#,
        channel,
        conversation,
        mids
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.at, row.id)))
}

/// How many messages of these conversations a person must say something about; conversations without such are left out.
pub async fn undecided(tx: &mut TenantTx, conversations: &[Uuid]) -> Result<Vec<(Uuid, i64)>, Error> {
    let rows = sqlx::query!(
        r#"select conversation_id, count(*) as "count!" from inbox.messages
           where conversation_id = any($1) and status = 'unknown' and needs_decision group by conversation_id"#,
        conversations
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.conversation_id, row.count)).collect())
}
