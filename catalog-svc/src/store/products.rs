//! Products.

mod list;
mod row;
mod write;

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use crate::model::Product;
use crate::words::VERSION;

pub use list::{Filter, categories, list};
pub(super) use row::Row;
pub use write::{insert, insert_all, update};

/// The ones that exist, in no particular order.
pub async fn get(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Product>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
             variants as "variants: _", image_urls, embedding_status, created_at, updated_at
         from catalog.products where tenant_id = $1 and product_id = any($2)"#,
        tx.tenant().0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// One, held until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<Product>, Error> {
    Ok(lock_all(tx, &[id]).await?.pop())
}

/// The ones that exist, held until the end of the transaction.
pub async fn lock_all(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Product>, Error> {
    // In one order for everybody, so that two writers wait for each other and never both.
    let rows = sqlx::query_as!(
        Row,
        r#"select product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
             variants as "variants: _", image_urls, embedding_status, created_at, updated_at
         from catalog.products where tenant_id = $1 and product_id = any($2) order by product_id for update"#,
        tx.tenant().0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// Some whose words were made by other rules than today's, in the order of their ids and after the given one, held until the end of the
/// transaction. One that is being changed right now is left out: there is a next time.
pub async fn of_other_words(tx: &mut TenantTx, after: Uuid, limit: i64) -> Result<Vec<Product>, Error> {
    let rows = sqlx::query_as!(
        Row,
        r#"select product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
             variants as "variants: _", image_urls, embedding_status, created_at, updated_at
         from catalog.products where tenant_id = $1 and product_id > $2 and words_version <> $3
         order by product_id limit $4 for update skip locked"#,
        tx.tenant().0,
        after,
        VERSION,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// Whether a product has this id, or has had it and may come back.
pub async fn has_id(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let has = sqlx::query_scalar!(
        r#"select exists (select from catalog.products where tenant_id = $1 and product_id = $2)
             or exists (select from catalog.deleted_products where tenant_id = $1 and product_id = $2) as "has!""#,
        tx.tenant().0,
        id
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(has)
}

/// Which products have these ids, skus or names: each with its id, sku and name.
pub async fn named(
    tx: &mut TenantTx,
    ids: &[Uuid],
    skus: &[String],
    names: &[String],
) -> Result<Vec<(Uuid, String, String)>, Error> {
    // Each by its own index.
    let rows = sqlx::query!(
        r#"select product_id as "product_id!", sku as "sku!", name as "name!" from catalog.products
         where tenant_id = $1 and product_id = any($2)
         union select product_id, sku, name from catalog.products where tenant_id = $1 and sku = any($3) and sku <> ''
         union select product_id, sku, name from catalog.products where tenant_id = $1 and name = any($4)"#,
        tx.tenant().0,
        ids,
        skus,
        names
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.product_id, row.sku, row.name)).collect())
}
