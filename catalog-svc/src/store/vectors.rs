//! Vectors, one per product and model. Without one the product is found by its words only; a null one says that its text cannot be embedded.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use pgvector::HalfVector;
use uuid::Uuid;

use crate::model::{Embedding, Model};

/// A vector of a text; none when the text cannot be embedded.
pub struct Made {
    /// Whose.
    pub id: Uuid,
    /// Names the text.
    pub text_hash: String,
    /// The vector.
    pub embedding: Option<Embedding>,
}

/// Those of the products whose present text the model is done with.
pub async fn done(tx: &mut TenantTx, ids: &[Uuid], model: &Model) -> Result<Vec<Uuid>, Error> {
    let done = sqlx::query_scalar!(
        "select p.product_id from catalog.products p join catalog.vectors v
             on v.tenant_id = $1 and v.product_id = p.product_id and v.model = $3 and v.text_hash = p.text_hash
         where p.tenant_id = $1 and p.product_id = any($2)",
        tx.tenant().0,
        ids,
        model.as_str()
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(done)
}

/// Writes the vectors whose text is still the product's, with what follows for its status, and tells which those were. Old
/// vectors of other models go when their text is gone too; the others serve should that model come back.
pub async fn put(tx: &mut TenantTx, model: &Model, made: &[Made]) -> Result<Vec<Uuid>, Error> {
    let ids: Vec<Uuid> = made.iter().map(|made| made.id).collect();
    // In one order for everybody, so that two writers wait for each other and never both.
    let current = sqlx::query!(
        "select product_id, text_hash from catalog.products
         where tenant_id = $1 and product_id = any($2) order by product_id for update",
        tx.tenant().0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut kept = Vec::new();
    let (mut hashes, mut vectors) = (Vec::new(), Vec::new());
    for row in current {
        let Some(made) = made.iter().find(|made| made.id == row.product_id && made.text_hash == row.text_hash) else {
            continue;
        };
        kept.push(row.product_id);
        hashes.push(row.text_hash);
        vectors.push(made.embedding.as_ref().map(|embedding| HalfVector::from_f32_slice(embedding.values())));
    }
    sqlx::query!(
        "insert into catalog.vectors (tenant_id, product_id, model, text_hash, e)
         select $1, product_id, $2, text_hash, e from unnest($3::uuid[], $4::text[], $5::halfvec[]) as t(product_id, text_hash, e)
         on conflict (tenant_id, product_id, model) do update set text_hash = excluded.text_hash, e = excluded.e",
        tx.tenant().0,
        model.as_str(),
        &kept,
        &hashes,
        vectors as Vec<Option<HalfVector>>
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from catalog.vectors v using unnest($3::uuid[], $4::text[]) as t(product_id, text_hash)
         where v.tenant_id = $1 and v.product_id = t.product_id and v.model <> $2 and v.text_hash <> t.text_hash",
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

/// Brings the status of these products in line with what the model has for their present text.
pub async fn settle(tx: &mut TenantTx, model: &Model, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "with settled as (
             select p.product_id, case when v.e is null then 'failed' else 'ready' end as status
             from catalog.products p join catalog.vectors v
                 on v.tenant_id = $1 and v.product_id = p.product_id and v.model = $2 and v.text_hash = p.text_hash
             where p.tenant_id = $1 and p.product_id = any($3) order by p.product_id for update of p)
         update catalog.products p set embedding_status = s.status
         from settled s where p.tenant_id = $1 and p.product_id = s.product_id and p.embedding_status <> s.status",
        tx.tenant().0,
        model.as_str(),
        ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks products as waiting for their vector.
pub async fn set_pending(tx: &mut TenantTx, ids: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "update catalog.products set embedding_status = 'pending'
         where tenant_id = $1 and product_id = any($2) and embedding_status <> 'pending'",
        tx.tenant().0,
        ids
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Products after `after` that this model has nothing for, held until the end of the transaction. One that is being changed
/// right now is left out: the change schedules it by itself.
pub async fn lacking(tx: &mut TenantTx, model: &Model, after: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select p.product_id from catalog.products p
         where p.tenant_id = $1 and p.product_id > $3 and not exists (
             select from catalog.vectors v
             where v.tenant_id = $1 and v.product_id = p.product_id and v.model = $2 and v.text_hash = p.text_hash)
         order by p.product_id limit $4 for update skip locked",
        tx.tenant().0,
        model.as_str(),
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}
