//! Notes about conversations.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Note;

/// Adds a note.
pub async fn add(tx: &mut TenantTx, note: &Note) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.notes (id, conversation_id, author_id, text, created_at) values ($1, $2, $3, $4, $5)",
        note.id,
        note.conversation_id,
        note.author,
        note.text,
        note.created_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The page of a conversation's notes after a key, newest first.
pub async fn page(
    tx: &mut TenantTx,
    conversation: Uuid,
    (at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<Note>, Error> {
    let notes = sqlx::query_as!(
        Note,
        "select id, conversation_id, author_id as author, text, created_at from inbox.notes
         where conversation_id = $1 and (created_at, id) < ($2, $3)
         order by created_at desc, id desc limit $4",
        conversation,
        at,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(notes)
}

/// Who wrote a note of a conversation: none when there is no such note.
pub async fn author(tx: &mut TenantTx, conversation: Uuid, id: Uuid) -> Result<Option<Option<Uuid>>, Error> {
    let author = sqlx::query_scalar!(
        "select author_id from inbox.notes where conversation_id = $1 and id = $2",
        conversation,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(author)
}

/// Removes a note; false when it is not there.
pub async fn remove(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let gone = sqlx::query!("delete from inbox.notes where id = $1", id).execute(tx.conn()).await?;
    Ok(gone.rows_affected() == 1)
}
