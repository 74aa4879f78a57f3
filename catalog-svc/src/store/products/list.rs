//! Lists of products, and the categories they are in.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use super::Row;
use crate::model::{Category, Product, Status, Stock};
use crate::words::Beginning;

/// Which products of a list.
#[derive(Default)]
pub struct Filter {
    /// Only those that have all of these words; none for all.
    pub words: Vec<Beginning>,
    /// Only those that are shown so; none for all.
    pub status: Option<Status>,
    /// Only those of this category; none for all.
    pub category: Option<Category>,
    /// Only those of which something is counted and at most so many are left; none for all.
    pub low_stock: Option<Stock>,
}

/// Those older than `before`, newest first.
pub async fn list(tx: &mut TenantTx, filter: &Filter, before: Option<Uuid>, limit: i64) -> Result<Vec<Product>, Error> {
    if !filter.words.is_empty() {
        return list_with_words(tx, filter, before, limit).await;
    }
    let rows = sqlx::query_as!(
        Row,
        r#"select product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
             variants as "variants: _", image_urls, embedding_status, created_at, updated_at
         from catalog.products
         where tenant_id = $1 and product_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             and ($4::text is null or case when sold_out then 'out_of_stock' else status end = $4)
             and ($5::text is null or category = $5) and ($6::bigint is null or least_stock <= $6)
         order by product_id desc limit $3"#,
        tx.tenant().0,
        before,
        limit,
        filter.status.map(Status::as_str),
        filter.category.as_ref().map(Category::as_str),
        filter.low_stock.map(Stock::count)
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

async fn list_with_words(
    tx: &mut TenantTx,
    filter: &Filter,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Product>, Error> {
    let numbers: Vec<i32> = filter.words.iter().map(|one| one.word).collect();
    let lows: Vec<String> = filter.words.iter().map(|one| one.low.clone()).collect();
    let highs: Vec<String> = filter.words.iter().map(|one| one.high.clone()).collect();
    // `offset 0` keeps the ranges a loop over the index; a plan without statistics would read all of the tenant's words.
    let rows = sqlx::query_as!(
        Row,
        r#"with fitting as materialized (
             select product_id from (
                 select distinct t.product_id, w.word
                 from unnest($7::int[], $8::text[], $9::text[]) as w(word, low, high)
                 cross join lateral (
                     select product_id from catalog.terms
                     where tenant_id = $1 and term >= w.low and term < w.high offset 0) t) found
             group by product_id having count(*) = (select count(distinct word) from unnest($7::int[]) as u(word)))
         select product_id, name, description, price_minor, currency, status, extra_info, sku, category, stock,
             variants as "variants: _", image_urls, embedding_status, created_at, updated_at
         from catalog.products
         where tenant_id = $1 and product_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             and ($4::text is null or case when sold_out then 'out_of_stock' else status end = $4)
             and ($5::text is null or category = $5) and ($6::bigint is null or least_stock <= $6)
             and product_id in (select product_id from fitting)
         order by product_id desc limit $3"#,
        tx.tenant().0,
        before,
        limit,
        filter.status.map(Status::as_str),
        filter.category.as_ref().map(Category::as_str),
        filter.low_stock.map(Stock::count),
        &numbers,
        &lows,
        &highs
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// The categories there are, by name, each with the number of its products; at most so many.
pub async fn categories(tx: &mut TenantTx, most: i64) -> Result<Vec<(String, i64)>, Error> {
    let rows = sqlx::query!(
        r#"select category, count(*) as "products!" from catalog.products
         where tenant_id = $1 and category <> '' group by category order by category limit $2"#,
        tx.tenant().0,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.category, row.products)).collect())
}
