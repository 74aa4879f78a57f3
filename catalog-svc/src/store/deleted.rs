//! Products that somebody deleted, kept aside for a while as they were.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::products::Row;
use crate::model::Product;

/// Takes a product out, with its words and vectors, and keeps it aside; false when there is none.
pub async fn put_aside(tx: &mut TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let kept = sqlx::query!(
        "with gone as (delete from catalog.products where tenant_id = $1 and product_id = $2 returning *)
         insert into catalog.deleted_products (tenant_id, product_id, name, description, price_minor, currency, status,
             extra_info, image_url, created_at, updated_at, sku, category, stock, variants, image_urls, deleted_at)
         select tenant_id, product_id, name, description, price_minor, currency, status, extra_info, image_url, created_at,
             updated_at, sku, category, stock, variants, image_urls, $3
         from gone",
        tx.tenant().0,
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Takes back a product that was put aside after `since`, to be inserted anew; none when there is none.
pub async fn take_back(tx: &mut TenantTx, id: Uuid, since: DateTime<Utc>) -> Result<Option<Product>, Error> {
    let row = sqlx::query_as!(
        Row,
        r#"delete from catalog.deleted_products where tenant_id = $1 and product_id = $2 and deleted_at > $3
           returning product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
               variants as "variants: _", image_urls, 'pending' as "embedding_status!", created_at, updated_at"#,
        tx.tenant().0,
        id,
        since
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::product).transpose()
}

/// Forgets what was put aside at `until` or before, at most so many; how many.
pub async fn forget(tx: &mut TenantTx, until: DateTime<Utc>, most: i64) -> Result<u64, Error> {
    let gone = sqlx::query_scalar!(
        r#"with gone as (
             delete from catalog.deleted_products where tenant_id = $1 and product_id in (
                 select product_id from catalog.deleted_products
                 where tenant_id = $1 and deleted_at <= $2 order by deleted_at limit $3)
             returning product_id),
         prices as (
             delete from catalog.price_changes p using gone where p.tenant_id = $1 and p.product_id = gone.product_id)
         select count(*) as "gone!" from gone"#,
        tx.tenant().0,
        until,
        most
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(gone.unsigned_abs())
}
