//! Vectors of entries, one per entry and model, as [`super::vectors`] keeps those of products. Synonyms have none.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use pgvector::HalfVector;
use uuid::Uuid;

use super::vectors::Made;
use crate::model::{EntryContent, EntryKind, Model};

/// An entry that is embedded.
pub struct Text {
    /// Whose.
    pub id: Uuid,
    /// What a person wrote.
    pub content: EntryContent,
    /// Whether the model is done with it.
    pub is_done: bool,
}

/// Those of the ids that are entries to embed.
pub async fn texts(tx: &mut TenantTx, ids: &[Uuid], model: &Model) -> Result<Vec<Text>, Error> {
    let rows = sqlx::query!(
        r#"select e.id, e.kind, e.title, e.body, exists (
             select from catalog.entry_vectors v
             where v.tenant_id = $1 and v.entry_id = e.id and v.model = $3 and v.text_hash = e.text_hash) as "is_done!"
         from catalog.entries e where e.tenant_id = $1 and e.id = any($2) and e.kind <> 'synonym'"#,
        tx.tenant().0,
        ids,
        model.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    let mut texts = Vec::with_capacity(rows.len());
    for row in rows {
        let kind = EntryKind::named(&row.kind).ok_or_else(|| Error::internal("a stored entry has an unknown kind"))?;
        let content = EntryContent { kind, title: row.title, body: row.body };
        texts.push(Text { id: row.id, content, is_done: row.is_done });
    }
    Ok(texts)
}

/// Writes the vectors whose text is still the entry's, with what follows for its status, and tells which those were.
pub async fn put(tx: &mut TenantTx, model: &Model, made: &[Made]) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = made.iter().map(|made| made.id).collect();
    // In one order for everybody, so that two writers wait for each other and never both.
    let current = sqlx::query!(
        "select id, text_hash from catalog.entries
         where tenant_id = $1 and id = any($2) and kind <> 'synonym' order by id for update",
        tx.tenant().0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let (mut kept, mut hashes, mut vectors) = (Vec::new(), Vec::new(), Vec::new());
    for row in current {
        let Some(made) = made.iter().find(|made| made.id == row.id && made.text_hash == row.text_hash) else {
            continue;
        };
        kept.push(row.id);
        hashes.push(row.text_hash);
        vectors.push(made.embedding.as_ref().map(|embedding| HalfVector::from_f32_slice(embedding.values())));
    }
    sqlx::query!(
        "insert into catalog.entry_vectors (tenant_id, entry_id, model, text_hash, e)
         select $1, entry_id, $2, text_hash, e from unnest($3::uuid[], $4::text[], $5::halfvec[]) as t(entry_id, text_hash, e)
         on conflict (tenant_id, entry_id, model) do update set text_hash = excluded.text_hash, e = excluded.e",
        tx.tenant().0,
        model.as_str(),
        &kept,
        &hashes,
        vectors as Vec<Option<HalfVector>>
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from catalog.entry_vectors v using unnest($3::uuid[], $4::text[]) as t(entry_id, text_hash)
         where v.tenant_id = $1 and v.entry_id = t.entry_id and v.model <> $2 and v.text_hash <> t.text_hash",
        tx.tenant().0,
        model.as_str(),
        &kept,
        &hashes
    )
    .execute(tx.conn())
    .await?;
    settle(tx, model, &kept).await?;
    Ok(kept)
}

/// Brings the status of these entries in line with what the model has for their present text.
pub async fn settle(tx: &mut TenantTx, model: &Model, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "with settled as (
             select e.id, case when v.e is null then 'failed' else 'ready' end as status
             from catalog.entries e join catalog.entry_vectors v
                 on v.tenant_id = $1 and v.entry_id = e.id and v.model = $2 and v.text_hash = e.text_hash
             where e.tenant_id = $1 and e.id = any($3) order by e.id for update of e)
         update catalog.entries e set embedding_status = s.status
         from settled s where e.tenant_id = $1 and e.id = s.id and e.embedding_status <> s.status",
        tx.tenant().0,
        model.as_str(),
        ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks at most `limit` entries that this model has nothing for as waiting, and gives them; they are held until the end of the
/// transaction. One that is being changed right now is left out: the change schedules it by itself.
pub async fn set_lacking_pending(
    tx: &mut TenantTx,
    model: &Model,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "with lacking as (
             select e.id from catalog.entries e
             where e.tenant_id = $1 and e.id > $3 and e.kind <> 'synonym' and not exists (
                 select from catalog.entry_vectors v
                 where v.tenant_id = $1 and v.entry_id = e.id and v.model = $2 and v.text_hash = e.text_hash)
             order by e.id limit $4 for update skip locked)
         update catalog.entries e set embedding_status = 'pending' from lacking l
         where e.tenant_id = $1 and e.id = l.id returning e.id",
        tx.tenant().0,
        model.as_str(),
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}
