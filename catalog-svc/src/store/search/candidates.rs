//! Which products are worth a score, and what they are scored by. The database finds them, and gives the words of each in one piece
//! (`catalog.product_words`); the scores are made in Rust.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use pgvector::HalfVector;
use uuid::Uuid;

use super::Meaning;
use crate::model::Currency;
use crate::query::{Asked, Order, Price};
use crate::rank::{self, Had, Worth};

/// As many bytes name a word in the database.
const FINGERPRINT: usize = 7;

/// What is worth a score. A product that is near and has a rare word comes twice.
pub struct Candidates {
    /// Of the question's words, one after the other.
    pub fingerprints: Vec<u8>,
    /// How many products have each word, up to 500.
    pub counts: Vec<i64>,
    /// How many products there are, up to 500.
    pub products: i64,
    pub product_ids: Vec<Uuid>,
    /// Of each product's vector, where it has one.
    pub distances: Vec<Option<f64>>,
    /// The words of each product.
    pub words: Vec<Option<Vec<u8>>>,
    /// How many entries the shop has, and a number that grows with each change of one.
    pub entries: Vec<i64>,
    /// Whether the question's vector may be ranked by (see [`serving`](crate::store::serving)).
    pub serves: bool,
}

/// A product among the others, before its text is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub product_id: Uuid,
    /// Fused, 0 to 1.
    pub score: f64,
    /// Of the vectors, −1 to 1.
    pub meaning: f64,
    /// Of the words, 0 to 1.
    pub words: f64,
    /// What it has of each group.
    pub had: Had,
}

/// Finds them, in one row, because taking a hundred apart would take longer than making them. `is_near` says whether the nearest vectors
/// are among them.
pub async fn find(
    tx: &mut TenantTx,
    asked: &[Asked],
    meaning: Option<&Meaning>,
    limit: i64,
    is_near: bool,
) -> Result<Candidates, Error> {
    let tenant = tx.tenant().0;
    let vector = meaning.map(|meaning| HalfVector::from_f32_slice(meaning.embedding.values()));
    let model = meaning.map_or("", |meaning| meaning.model.as_str());
    let terms: Vec<String> = asked.iter().map(|asked| asked.term.clone()).collect();
    let weights: Vec<f32> = asked.iter().map(|asked| asked.weight).collect();
    let certain: Vec<bool> = asked.iter().map(|asked| asked.is_certain).collect();
    let candidates = sqlx::query_as!(
        Candidates,
        r#"with serving as materialized (
    select coalesce((select s.model = $6 from catalog.serving_models s where s.tenant_id = $1), true) as ours),
asked as materialized (
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
    order by sum(t.weight * rarest.value) filter (where rarest.df < 500) desc nulls last, t.product_id desc
    limit greatest($7::bigint, 40)),
near as (
    select product_id, e <=> $5 as distance from catalog.vectors
    where tenant_id = $1 and model = $6 and $5::halfvec is not null and $8 and e is not null and (select ours from serving)
    order by e <=> $5 limit greatest($7::bigint, 20)),
pool as (
    select product_id, distance from near
    union all
    select product_id, (
        select v.e <=> $5 from catalog.vectors v
        where v.tenant_id = $1 and v.product_id = rare.product_id and v.model = $6 and (select ours from serving))
    from rare)
select (select coalesce(string_agg(catalog.fingerprint(term), '' order by place), '') from asked) as "fingerprints!",
    (select coalesce(array_agg(df order by place), '{}') from asked) as "counts!", (select n from shop) as "products!",
    coalesce(array_agg(product_id), '{}') as "product_ids!",
    coalesce(array_agg(distance), '{}') as "distances!: Vec<Option<f64>>",
    coalesce(array_agg((
        select w.words from catalog.product_words w
        where w.tenant_id = $1 and w.product_id = pool.product_id)), '{}') as "words!: Vec<Option<Vec<u8>>>",
    (select array[count(*), coalesce(sum(xmin::text::bigint), 0)::bigint] from catalog.entries where tenant_id = $1) as "entries!",
    (select ours from serving) as "serves!"
from pool"#,
        tenant,
        &terms,
        &weights,
        &certain,
        vector as Option<HalfVector>,
        model,
        limit,
        is_near
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(candidates)
}

/// Adds products that were not found by their words or vectors.
pub async fn add(
    tx: &mut TenantTx,
    candidates: &mut Candidates,
    ids: &[Uuid],
    meaning: Option<&Meaning>,
) -> Result<(), Error> {
    let fresh: Vec<Uuid> = ids.iter().copied().filter(|id| !candidates.product_ids.contains(id)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let vector = meaning.map(|meaning| HalfVector::from_f32_slice(meaning.embedding.values()));
    let model = meaning.map_or("", |meaning| meaning.model.as_str());
    let rows = sqlx::query!(
        r#"select p.product_id, w.words as "words?", (
             select v.e <=> $3 from catalog.vectors v
             where v.tenant_id = $1 and v.product_id = p.product_id and v.model = $4
                 and coalesce((select s.model = $4 from catalog.serving_models s where s.tenant_id = $1), true)) as distance
         from catalog.products p left join catalog.product_words w on w.tenant_id = $1 and w.product_id = p.product_id
         where p.tenant_id = $1 and p.product_id = any($2)"#,
        tx.tenant().0,
        &fresh,
        vector as Option<HalfVector>,
        model
    )
    .fetch_all(tx.conn())
    .await?;
    for row in rows {
        candidates.product_ids.push(row.product_id);
        candidates.distances.push(row.distance);
        candidates.words.push(row.words);
    }
    Ok(())
}

/// Products with some of the words whose price is what was wished for: those with most of the words first, of equals those at the end
/// of the prices that was wished for. At most 64.
pub async fn priced(tx: &mut TenantTx, asked: &[Asked], wish: &Price) -> Result<Vec<Uuid>, Error> {
    let terms: Vec<String> = asked.iter().filter(|asked| asked.weight > 0.5).map(|asked| asked.term.clone()).collect();
    let (codes, units): (Vec<String>, Vec<i64>) = Currency::units().map(|(code, unit)| (code.to_owned(), unit)).unzip();
    let ids = sqlx::query_scalar!(
        "with worded as materialized (
             select product_id, sum(weight) as points from catalog.terms
             where tenant_id = $1 and term = any($2) group by product_id)
         select p.product_id from catalog.products p
             join unnest($5::text[], $6::bigint[]) as u(currency, unit) on u.currency = p.currency
             left join worded w on w.product_id = p.product_id
         where p.tenant_id = $1 and p.price_minor between $3 * u.unit and $4 * u.unit
             and (w.points is not null or cardinality($2) = 0)
         order by w.points desc nulls last, case when $7 then -p.price_minor else p.price_minor end, p.product_id desc limit 64",
        tx.tenant().0,
        &terms,
        wish.low.unwrap_or(0),
        // No amount has more than 15 digits, and no unit more than three.
        wish.high.unwrap_or(1_000_000_000_000_000),
        &codes,
        &units,
        wish.order == Some(Order::Dearest)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

fn fingerprint(bytes: &[u8; FINGERPRINT]) -> u64 {
    bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

impl Candidates {
    /// Takes over what another search found.
    pub fn absorb(&mut self, other: Self) {
        self.product_ids.extend(other.product_ids);
        self.distances.extend(other.distances);
        self.words.extend(other.words);
    }

    /// What the question's words are worth here.
    pub fn worth(&self, asked: &[Asked]) -> Worth {
        Worth::of(asked, &self.counts, self.products)
    }

    /// Each product with its score, the best first, of equals the newest.
    pub fn scored(&self, worth: &Worth) -> Vec<Scored> {
        let mut places: Vec<(u64, usize)> = self
            .fingerprints
            .as_chunks()
            .0
            .iter()
            .enumerate()
            .map(|(place, bytes)| (fingerprint(bytes), place))
            .collect();
        places.sort_unstable();
        let term = |bytes: &[u8; FINGERPRINT]| {
            let wanted = fingerprint(bytes);
            let at = places.binary_search_by_key(&wanted, |(known, _)| *known).ok()?;
            places.get(at).map(|(_, place)| *place)
        };
        let candidates = self.product_ids.iter().zip(&self.distances).zip(&self.words);
        let mut scored: Vec<Scored> = candidates
            .map(|((product_id, distance), words)| {
                let words = words.as_deref().unwrap_or_default().as_chunks().0.iter();
                let terms = words.filter_map(|[fingerprint @ .., weight]: &[u8; FINGERPRINT + 1]| {
                    term(fingerprint).map(|place| (place, f64::from(*weight) / 100.0))
                });
                let had = worth.had(terms);
                let words = worth.share(&had);
                let meaning = distance.map_or(0.0, |distance| 1.0 - distance);
                Scored { product_id: *product_id, score: rank::fused(words, meaning), meaning, words, had }
            })
            .collect();
        scored.sort_by(|a, b| b.score.total_cmp(&a.score).then(b.product_id.cmp(&a.product_id)));
        scored.dedup_by_key(|scored| scored.product_id);
        scored
    }
}
