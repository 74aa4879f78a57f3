//! Products.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{
    Content, Currency, Description, EmbeddingStatus, ExtraInfo, ImageUrl, Minor, Money, Name, Product, Status,
};
use crate::words::Beginning;

pub(super) struct Row {
    pub product_id: Uuid,
    pub name: String,
    pub description: String,
    pub price_minor: i64,
    pub currency: String,
    pub status: String,
    pub extra_info: String,
    pub image_url: String,
    pub embedding_status: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Row {
    pub(super) fn product(self) -> Result<Product, Error> {
        let unknown = |what: &str| Error::internal(format!("a stored product has an unknown {what}"));
        let currency = Currency::parse(&self.currency).map_err(|_| unknown("currency"))?;
        Ok(Product {
            id: self.product_id,
            content: Content {
                name: Name::stored(self.name),
                description: Description::stored(self.description),
                price: Money::new(Minor::parse(self.price_minor).map_err(|_| unknown("price"))?, currency),
                status: Status::named(&self.status).ok_or_else(|| unknown("status"))?,
                extra_info: ExtraInfo::stored(self.extra_info),
                image_url: ImageUrl::stored(self.image_url),
            },
            embedding: EmbeddingStatus::named(&self.embedding_status).ok_or_else(|| unknown("embedding status"))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// Adds a product.
pub async fn insert(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    let content = &product.content;
    sqlx::query!(
        "insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status, extra_info,
             text_hash, embedding_status, created_at, updated_at, image_url)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        tx.tenant().0,
        product.id,
        content.name.as_str(),
        content.description.as_str(),
        content.price.minor(),
        content.price.currency().code(),
        content.status.as_str(),
        content.extra_info.as_str(),
        content.text_hash(),
        product.embedding.as_str(),
        product.created_at,
        product.updated_at,
        content.image_url.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes what a person changed, and what follows for the embedding.
pub async fn update(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    let content = &product.content;
    sqlx::query!(
        "update catalog.products set name = $3, description = $4, price_minor = $5, currency = $6, status = $7,
             extra_info = $8, text_hash = $9, embedding_status = $10, updated_at = $11, image_url = $12
         where tenant_id = $1 and product_id = $2",
        tx.tenant().0,
        product.id,
        content.name.as_str(),
        content.description.as_str(),
        content.price.minor(),
        content.price.currency().code(),
        content.status.as_str(),
        content.extra_info.as_str(),
        content.text_hash(),
        product.embedding.as_str(),
        product.updated_at,
        content.image_url.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which products of a list.
#[derive(Default)]
pub struct Filter {
    /// Only those that have all of these words; none for all.
    pub words: Vec<Beginning>,
    /// Only these; none for all.
    pub status: Option<Status>,
}

/// Those older than `before`, newest first.
pub async fn list(tx: &mut TenantTx, filter: &Filter, before: Option<Uuid>, limit: i64) -> Result<Vec<Product>, Error> {
    let status = filter.status.map(Status::as_str);
    if !filter.words.is_empty() {
        return list_with_words(tx, &filter.words, status, before, limit).await;
    }
    let rows = sqlx::query_as!(
        Row,
        "select product_id, name, description, price_minor, currency, status, extra_info, image_url, embedding_status,
             created_at, updated_at
         from catalog.products
         where tenant_id = $1 and product_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             and ($4::text is null or status = $4)
         order by product_id desc limit $3",
        tx.tenant().0,
        before,
        limit,
        status
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

async fn list_with_words(
    tx: &mut TenantTx,
    words: &[Beginning],
    status: Option<&str>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Product>, Error> {
    let numbers: Vec<i32> = words.iter().map(|one| one.word).collect();
    let lows: Vec<String> = words.iter().map(|one| one.low.clone()).collect();
    let highs: Vec<String> = words.iter().map(|one| one.high.clone()).collect();
    // `offset 0` keeps the ranges a loop over the index; a plan without statistics would read all of the tenant's words.
    let rows = sqlx::query_as!(
        Row,
        "with fitting as materialized (
             select product_id from (
                 select distinct t.product_id, w.word
                 from unnest($5::int[], $6::text[], $7::text[]) as w(word, low, high)
                 cross join lateral (
                     select product_id from catalog.terms
                     where tenant_id = $1 and term >= w.low and term < w.high offset 0) t) found
             group by product_id having count(*) = (select count(distinct word) from unnest($5::int[]) as u(word)))
         select product_id, name, description, price_minor, currency, status, extra_info, image_url, embedding_status,
             created_at, updated_at
         from catalog.products
         where tenant_id = $1 and product_id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
             and ($4::text is null or status = $4) and product_id in (select product_id from fitting)
         order by product_id desc limit $3",
        tx.tenant().0,
        before,
        limit,
        status,
        &numbers,
        &lows,
        &highs
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// The ones that exist, in no particular order.
pub async fn get(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Product>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select product_id, name, description, price_minor, currency, status, extra_info, image_url, embedding_status,
             created_at, updated_at
         from catalog.products where tenant_id = $1 and product_id = any($2)",
        tx.tenant().0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::product).collect()
}

/// One, held until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<Product>, Error> {
    let row = sqlx::query_as!(
        Row,
        "select product_id, name, description, price_minor, currency, status, extra_info, image_url, embedding_status,
             created_at, updated_at
         from catalog.products where tenant_id = $1 and product_id = $2 for update",
        tx.tenant().0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Row::product).transpose()
}
