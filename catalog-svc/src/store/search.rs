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
//! when the rarest is, its newest products stand for it. So an ordinary shop is searched by all words, and one of 10,000 products
//! costs little more than the bare scan of its vectors. Every score that is given is complete.
//!
//! The database finds those candidates, and gives the words of each in one piece (`catalog.product_words`); the scores are made here.

use std::collections::HashMap;

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use pgvector::HalfVector;
use uuid::Uuid;

use super::products;
use crate::model::{Embedding, Model, Product};
use crate::words::Asked;

#[cfg(test)]
mod tests;

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

/// The question's words in their order, and what is worth a score. A product that is near and has a rare word comes twice.
struct Candidates {
    /// Of the words, one after the other.
    fingerprints: Vec<u8>,
    /// How many products have each word, up to 500.
    counts: Vec<i64>,
    /// How many products there are, up to 500.
    products: i64,
    product_ids: Vec<Uuid>,
    /// Of each product's vector, where it has one.
    distances: Vec<Option<f64>>,
    /// The words of each product.
    words: Vec<Option<Vec<u8>>>,
}

#[derive(Clone, Copy, PartialEq)]
struct Scored {
    product_id: Uuid,
    score: f64,
    meaning: f64,
    words: f64,
}

/// The products that fit best, best first; of equals the newest first.
pub async fn search(
    tx: &mut TenantTx,
    asked: Vec<Asked>,
    meaning: Option<&Meaning>,
    limit: i64,
) -> Result<Vec<Found>, Error> {
    let mut scored = candidates(tx, &asked, meaning, limit).await?.scored(&asked);
    scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.product_id.cmp(&a.product_id)));
    scored.dedup_by_key(|scored| scored.product_id);
    scored.truncate(usize::try_from(limit).map_err(Error::internal)?);
    let ids: Vec<Uuid> = scored.iter().map(|scored| scored.product_id).collect();
    let found = products::get(tx, &ids).await?;
    let mut found: HashMap<Uuid, Product> = found.into_iter().map(|product| (product.id, product)).collect();
    let complete = |Scored { product_id, score, meaning, words }| {
        found.remove(&product_id).map(|product| Found { product, score, meaning, words })
    };
    Ok(scored.into_iter().filter_map(complete).collect())
}

/// One row, because taking a hundred apart would take longer than making them.
async fn candidates(
    tx: &mut TenantTx,
    asked: &[Asked],
    meaning: Option<&Meaning>,
    limit: i64,
) -> Result<Candidates, Error> {
    let tenant = tx.tenant().0;
    let vector = meaning.map(|meaning| HalfVector::from_f32_slice(meaning.embedding.values()));
    let model = meaning.map_or("", |meaning| meaning.model.as_str());
    let terms: Vec<String> = asked.iter().map(|asked| asked.term.clone()).collect();
    let weights: Vec<f32> = asked.iter().map(|asked| asked.weight).collect();
    let certain: Vec<bool> = asked.iter().map(|asked| asked.is_certain).collect();
    // Planning this anew for each question would take half as long as answering it, and would find the same plan.
    sqlx::query!("set local plan_cache_mode = force_generic_plan").execute(tx.conn()).await?;
    let candidates = sqlx::query_as!(
        Candidates,
        r#"with asked as materialized (
    select a.term, a.weight, a.is_certain, a.place,
        case when exists (select from catalog.common_terms c where c.tenant_id = $1 and c.term = a.term) then 500 else (
            select count(*) from (
                select from catalog.terms t where t.tenant_id = $1 and t.term = a.term limit 500) counted) end as df
    from unnest($2::text[], $3::real[], $4::bool[]) with ordinality as a(term, weight, is_certain, place)),
shop as materialized (
    select case when (select max(df) from asked) = 500 then 500 else (
        select count(*) from (select from catalog.products where tenant_id = $1 limit 500) counted) end as n),
rarest as materialized (
    select term, df, weight * ln(1 + (select n from shop)::float8 / df) as value
    from (
        select term, weight, df, df < 500 and sum(df) over rarest <= 2000 or row_number() over rarest = 1 as is_rare
        from asked where df > 0 window rarest as (order by df, is_certain, term)) known
    where is_rare),
-- When the rarest word is common there is no other here, and it says nothing about which of its products are better.
rare as (
    select t.product_id
    from rarest cross join lateral (
        select product_id, weight from catalog.terms
        where tenant_id = $1 and term = rarest.term
        order by product_id desc limit case when rarest.df < 500 then 500 else 64 end) t
    group by t.product_id
    order by sum(t.weight * rarest.value) filter (where rarest.df < 500) desc nulls last, t.product_id desc limit 64),
near as (
    select product_id, e <=> $5 as distance from catalog.vectors
    where tenant_id = $1 and model = $6 and $5::halfvec is not null and e is not null
    order by e <=> $5 limit greatest($7::bigint, 20)),
pool as (
    select product_id, distance from near
    union all
    select product_id, (
        select v.e <=> $5 from catalog.vectors v
        where v.tenant_id = $1 and v.product_id = rare.product_id and v.model = $6)
    from rare)
select (select coalesce(string_agg(catalog.fingerprint(term), '' order by place), '') from asked) as "fingerprints!",
    (select coalesce(array_agg(df order by place), '{}') from asked) as "counts!", (select n from shop) as "products!",
    coalesce(array_agg(product_id), '{}') as "product_ids!",
    coalesce(array_agg(distance), '{}') as "distances!: Vec<Option<f64>>",
    coalesce(array_agg((
        select w.words from catalog.product_words w
        where w.tenant_id = $1 and w.product_id = pool.product_id)), '{}') as "words!: Vec<Option<Vec<u8>>>"
from pool"#,
        tenant,
        &terms,
        &weights,
        &certain,
        vector as Option<HalfVector>,
        model,
        limit
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(candidates)
}

/// As many bytes name a word in the database.
const FINGERPRINT: usize = 7;

type Fingerprint = [u8; FINGERPRINT];

/// The value of each of the question's words that some product has, and that of all together.
struct Values {
    known: HashMap<Fingerprint, f64>,
    total: f64,
}

impl Values {
    #[expect(clippy::cast_precision_loss, reason = "counts up to 500")]
    fn of(asked: &[Asked], candidates: &Candidates) -> Self {
        let fingerprints = candidates.fingerprints.as_chunks().0;
        let products = candidates.products as f64;
        let (mut known, mut total) = (HashMap::new(), 0.0);
        for ((asked, fingerprint), df) in asked.iter().zip(fingerprints).zip(&candidates.counts) {
            let weight = f64::from(asked.weight);
            if *df > 0 {
                let value = weight * (1.0 + products / *df as f64).ln();
                known.insert(*fingerprint, value);
                total += value;
            } else if asked.is_certain {
                total += weight * (1.0 + products).ln() / 2.0;
            }
        }
        Self { known, total }
    }

    /// How much of the question a product's words answer, 0 to 1.
    fn words(&self, words: &[u8]) -> f64 {
        if self.total <= 0.0 {
            return 0.0;
        }
        let matched = words.as_chunks().0.iter().map(|[fingerprint @ .., weight]: &[u8; FINGERPRINT + 1]| {
            self.known.get(fingerprint).map_or(0.0, |value| value * f64::from(*weight) / 100.0)
        });
        matched.sum::<f64>() / self.total
    }
}

impl Candidates {
    fn scored(&self, asked: &[Asked]) -> Vec<Scored> {
        let values = Values::of(asked, self);
        let candidates = self.product_ids.iter().zip(&self.distances).zip(&self.words);
        let scored = candidates.map(|((product_id, distance), words)| {
            let words = words.as_deref().map_or(0.0, |words| values.words(words));
            let meaning = distance.map_or(0.0, |distance| 1.0 - distance);
            let score = words + (1.0 - words) * meaning.max(0.0) / 2.0;
            Scored { product_id: *product_id, score, meaning, words }
        });
        scored.collect()
    }
}
