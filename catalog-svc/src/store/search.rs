//! Retrieval: exact cosine over the tenant's own vectors, fused with the words found.
//!
//! - *words* = Σ value · weight of the question's words that the product has / Σ value of all of them, 0 to 1. A word's value is
//!   ln(1 + n/df), n products of which df have it: the rarer, the more it says. A word that no product has counts half of the
//!   rarest (the customer asked for something that is not here); a pair that no product has counts nothing, and so does a word
//!   that may be only a way of asking.
//! - *meaning* = cosine similarity, −1 to 1.
//! - *score* = words + (1 − words) · max(meaning, 0) / 2. Words that match decide, because small models know little Vietnamese;
//!   meaning settles ties and finds what no word finds. A product without a vector loses nothing it has.
//!
//! Fused are the 20 nearest vectors (or as many as are asked for), found by a scan of all of them, and the 64 best by the rarer words:
//! as many words, rarest first, as have 2,000 entries together. Counting goes to 500 products; a word that more have is just common, and
//! when the rarest is, its newest 500 products stand for it. So an ordinary shop is searched by all words, and one of 10,000 products
//! costs little more than the bare scan of its vectors. Every score that is given is complete.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use pgvector::HalfVector;
use uuid::Uuid;

use super::products::Row;
use crate::model::{Embedding, Model, Product};
use crate::words::Asked;

/// A question's vector and the model that made it.
pub struct Meaning {
    /// The vector.
    pub embedding: Embedding,
    /// Only this model's vectors compare with it.
    pub model: Model,
}

/// A product and how well it fits.
pub struct Found {
    /// The product as it is now.
    pub product: Product,
    /// Fused, 0 to 1.
    pub score: f64,
    /// Of the vectors, −1 to 1.
    pub meaning: f64,
    /// Of the words, 0 to 1.
    pub words: f64,
}

struct FoundRow {
    product_id: Uuid,
    name: String,
    description: String,
    price_minor: i64,
    currency: String,
    status: String,
    extra_info: String,
    embedding_status: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    words: f64,
    meaning: f64,
    score: f64,
}

/// The products that fit best, best first; of equals the newest first.
pub async fn search(
    tx: &mut TenantTx,
    asked: Vec<Asked>,
    meaning: Option<&Meaning>,
    limit: i64,
) -> Result<Vec<Found>, Error> {
    let tenant = tx.tenant().0;
    let vector = meaning.map(|meaning| HalfVector::from_f32_slice(meaning.embedding.values()));
    let model = meaning.map_or("", |meaning| meaning.model.as_str());
    let certain: Vec<bool> = asked.iter().map(|asked| asked.is_certain).collect();
    let (terms, weights): (Vec<String>, Vec<f32>) = asked.into_iter().map(|asked| (asked.term, asked.weight)).unzip();
    // Planning this anew for each question would take half as long as answering it, and would find the same plan.
    sqlx::query!("set local plan_cache_mode = force_generic_plan").execute(tx.conn()).await?;
    let rows = sqlx::query_as!(
        FoundRow,
        r#"with asked as materialized (
    select a.term, a.weight, a.is_certain, (
        select count(*) from (
            select from catalog.terms t where t.tenant_id = $1 and t.term = a.term limit 500) counted) as df
    from unnest($2::text[], $3::real[], $4::bool[]) as a(term, weight, is_certain)),
valued as materialized (
    select term, df, weight * case
            when df > 0 then ln(1 + n::float8 / df) when is_certain then ln(1 + n::float8) / 2 else 0 end as value,
        df > 0 and (df < 500 and sum(df) over rarest <= 2000 or row_number() over rarest = 1) as is_rare
    from asked, (
        select count(*) as n from (select from catalog.products where tenant_id = $1 limit 500) counted) shop
    window rarest as (partition by df = 0 order by df, is_certain, term)),
-- A word that was counted to the end gives its points here, one that was not only gives candidates.
rare as materialized (
    select t.product_id, sum(t.weight * v.value) filter (where v.df < 500) as points
    from valued v cross join lateral (
        select product_id, weight from catalog.terms
        where tenant_id = $1 and term = v.term order by product_id desc limit 500) t
    where v.is_rare group by t.product_id),
near as materialized (
    select product_id, e <=> $5 as distance from catalog.vectors
    where tenant_id = $1 and model = $6 and $5::halfvec is not null and e is not null
    order by e <=> $5 limit greatest($7::bigint, 20)),
pool as (
    (select product_id, points from rare order by points desc nulls last, product_id desc limit 64)
    union
    select near.product_id, rare.points from near left join rare using (product_id)),
worded as materialized (
    select pool.product_id, (coalesce(pool.points, 0) + coalesce((
        select sum(v.value * (
            select t.weight from catalog.terms t
            where t.tenant_id = $1 and t.term = v.term and t.product_id = pool.product_id))
        from valued v where v.df >= 500 or (v.df > 0 and not v.is_rare)), 0)) / (select nullif(sum(value), 0) from valued) as words
    from pool),
best as (
    select product_id, words, meaning, words + (1 - words) * greatest(meaning, 0) / 2 as score
    from (
        select worded.product_id, coalesce(worded.words, 0) as words, coalesce(1 - coalesce(near.distance, (
            select v.e <=> $5 from catalog.vectors v
            where v.tenant_id = $1 and v.product_id = worded.product_id and v.model = $6)), 0) as meaning
        from worded left join near using (product_id)) both_sides
    order by score desc, product_id desc limit $7)
select p.product_id, p.name, p.description, p.price_minor, p.currency, p.status, p.extra_info, p.embedding_status,
    p.created_at, p.updated_at, best.words as "words!", best.meaning as "meaning!", best.score as "score!"
from best join catalog.products p on p.tenant_id = $1 and p.product_id = best.product_id
order by best.score desc, p.product_id desc"#,
        tenant,
        &terms,
        &weights,
        &certain,
        vector as Option<HalfVector>,
        model,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(found).collect()
}

fn found(row: FoundRow) -> Result<Found, Error> {
    let product = Row {
        product_id: row.product_id,
        name: row.name,
        description: row.description,
        price_minor: row.price_minor,
        currency: row.currency,
        status: row.status,
        extra_info: row.extra_info,
        embedding_status: row.embedding_status,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
    .product()?;
    Ok(Found { product, score: row.score, meaning: row.meaning, words: row.words })
}
