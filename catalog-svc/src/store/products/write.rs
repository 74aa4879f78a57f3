//! Writes products, one or many in one statement.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use sqlx::types::Json;

use super::row::VariantRow;
use crate::model::{Product, Stock};
use crate::words;

/// Adds a product. Another one with its sku is a conflict.
pub async fn insert(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    insert_all(tx, std::slice::from_ref(product)).await
}

/// Adds products, whose words are to follow in the same transaction. Another one with the sku of one of them is a conflict.
pub async fn insert_all(tx: &mut TenantTx, products: &[Product]) -> Result<(), Error> {
    let contents = || products.iter().map(|product| &product.content);
    let texts = |text: fn(&Product) -> String| products.iter().map(text).collect::<Vec<String>>();
    let ids: Vec<_> = products.iter().map(|product| product.id).collect();
    let prices: Vec<i64> = contents().map(|content| content.price.minor()).collect();
    let stocks: Vec<Option<i64>> = contents().map(|content| content.stock.map(Stock::count)).collect();
    let left = || contents().map(|content| content.left());
    let sold_out: Vec<bool> = left().map(|left| left.is_sold_out).collect();
    let least: Vec<Option<i64>> = left().map(|left| left.least.map(Stock::count)).collect();
    let variants: Vec<_> = contents().map(|content| Json(VariantRow::all(&content.variants))).collect();
    // Lists of lists must be of one length in Postgres, so each product's pictures are a JSON list on the way.
    let pictures: Vec<_> = contents().map(|content| Json(content.image_urls.texts())).collect();
    let created: Vec<_> = products.iter().map(|product| product.created_at).collect();
    let updated: Vec<_> = products.iter().map(|product| product.updated_at).collect();
    sqlx::query!(
        r#"insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status, extra_info,
             text_hash, embedding_status, created_at, updated_at, image_url, sku, category, stock, variants, image_urls,
             sold_out, least_stock, words_version)
         select $1, product_id, name, description, price_minor, currency, status, extra_info, text_hash, embedding_status,
             created_at, updated_at, coalesce(pictures ->> 0, ''), sku, category, stock, variants,
             array(select url from jsonb_array_elements_text(pictures) with ordinality as p(url, place) order by place),
             sold_out, least_stock, $20
         from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
             $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::bigint[], $16::jsonb[], $17::jsonb[],
             $18::bool[], $19::bigint[])
             as t(product_id, name, description, price_minor, currency, status, extra_info, text_hash, embedding_status,
                 created_at, updated_at, sku, category, stock, variants, pictures, sold_out, least_stock)"#,
        tx.tenant().0,
        &ids,
        &texts(|product| product.content.name.as_str().to_owned()),
        &texts(|product| product.content.description.as_str().to_owned()),
        &prices,
        &texts(|product| product.content.price.currency().code().to_owned()),
        &texts(|product| product.content.status.as_str().to_owned()),
        &texts(|product| product.content.extra_info.as_str().to_owned()),
        &texts(|product| product.content.text_hash()),
        &texts(|product| product.embedding.as_str().to_owned()),
        &created,
        &updated,
        &texts(|product| product.content.sku.as_str().to_owned()),
        &texts(|product| product.content.category.as_str().to_owned()),
        &stocks as &[Option<i64>],
        &variants as &[Json<Vec<VariantRow>>],
        &pictures as &[Json<Vec<String>>],
        &sold_out,
        &least as &[Option<i64>],
        words::VERSION
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    Ok(())
}

/// Writes what changed, and what follows for the embedding. Another product with its sku is a conflict.
pub async fn update(tx: &mut TenantTx, product: &Product) -> Result<(), Error> {
    let content = &product.content;
    let left = content.left();
    sqlx::query!(
        "update catalog.products set name = $3, description = $4, price_minor = $5, currency = $6, status = $7,
             extra_info = $8, text_hash = $9, embedding_status = $10, updated_at = $11, image_url = $12, sku = $13,
             category = $14, stock = $15, variants = $16, image_urls = $17, sold_out = $18, least_stock = $19
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
        content.image_urls.first(),
        content.sku.as_str(),
        content.category.as_str(),
        content.stock.map(Stock::count),
        Json(VariantRow::all(&content.variants)) as _,
        &content.image_urls.texts(),
        left.is_sold_out,
        left.least.map(Stock::count)
    )
    .execute(tx.conn())
    .await
    .map_err(taken)?;
    Ok(())
}

/// Says so when it is the sku that another product has.
fn taken(error: sqlx::Error) -> Error {
    if error.as_database_error().is_some_and(|error| error.constraint() == Some("products_sku")) {
        return Error::Conflict { code: "sku_taken", detail: "another product has this sku".to_owned() };
    }
    error.into()
}
