//! Questions with answers, policies, and other words for the same thing.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{EmbeddingStatus, Entry, EntryContent, EntryKind};

struct Row {
    id: Uuid,
    kind: String,
    title: String,
    body: String,
    embedding_status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl Row {
    fn entry(self) -> Result<Entry, Error> {
        let unknown = |what: &str| Error::internal(format!("a stored entry has an unknown {what}"));
        let kind = EntryKind::named(&self.kind).ok_or_else(|| unknown("kind"))?;
        Ok(Entry {
            id: self.id,
            content: EntryContent { kind, title: self.title, body: self.body },
            embedding: EmbeddingStatus::named(&self.embedding_status).ok_or_else(|| unknown("embedding status"))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Adds an entry unless there are `most` already, or one with its id; whether it was added.
pub async fn insert(tx: &mut TenantTx, entry: &Entry, most: i64) -> Result<bool, Error> {
    let content = &entry.content;
    let added = sqlx::query!(
        "insert into catalog.entries (tenant_id, id, kind, title, body, text_hash, embedding_status, created_at, updated_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9
         where (select count(*) from catalog.entries where tenant_id = $1) < $10::bigint
         on conflict (tenant_id, id) do nothing",
        tx.tenant().0,
        entry.id,
        content.kind.as_str(),
        content.title,
        content.body,
        content.text_hash(),
        entry.embedding.as_str(),
        entry.created_at,
        entry.updated_at,
        most
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() > 0)
}

/// One, held until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<Entry>, Error> {
    let row = sqlx::query_as!(
        Row,
        "select id, kind, title, body, embedding_status, created_at, updated_at
         from catalog.entries where tenant_id = $1 and id = $2 for update",
        tx.tenant().0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::entry).transpose()
}

/// Writes what a person changed, and what follows for the embedding.
pub async fn update(tx: &mut TenantTx, entry: &Entry) -> Result<(), Error> {
    let content = &entry.content;
    sqlx::query!(
        "update catalog.entries set kind = $3, title = $4, body = $5, text_hash = $6, embedding_status = $7, updated_at = $8
         where tenant_id = $1 and id = $2",
        tx.tenant().0,
        entry.id,
        content.kind.as_str(),
        content.title,
        content.body,
        content.text_hash(),
        entry.embedding.as_str(),
        entry.updated_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes one away, with its vectors; false when there is none.
pub async fn delete(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let gone = sqlx::query!("delete from catalog.entries where tenant_id = $1 and id = $2", tx.tenant().0, id)
        .execute(tx.conn())
        .await?;
    Ok(gone.rows_affected() > 0)
}

/// Those of a kind older than `before`, newest first.
pub async fn list(
    tx: &mut TenantTx,
    kind: Option<EntryKind>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select id, kind, title, body, embedding_status, created_at, updated_at
         from catalog.entries
         where tenant_id = $1 and id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             and ($3::text is null or kind = $3)
         order by id desc limit $4",
        tx.tenant().0,
        before,
        kind.map(EntryKind::as_str),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::entry).collect()
}
