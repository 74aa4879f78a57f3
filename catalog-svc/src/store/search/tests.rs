//! The search against its formula spelled out in SQL alone, with every word counted, over made-up shops.

use chatdesk_platform::db::testing::{TestDb, member};
use chatdesk_platform::{Role, TenantId, new_id};
use sqlx::PgPool;

use pgvector::HalfVector;

use super::*;
use crate::model::DIMENSIONS;
use crate::store::terms;
use crate::words::Weighted;

const MODEL: &str = "m";
const SIZE: usize = 1_300;
/// Of a hundred products, how many have each word: counted ones, some about as frequent as is counted, and common ones.
const WORDS: [u64; 14] = [100, 90, 70, 43, 41, 39, 37, 35, 25, 12, 5, 2, 1, 0];

const FORMULA: &str = "with asked as materialized (
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
    (select product_id, points from rare order by points desc nulls last, product_id desc limit greatest($7::bigint, 40))
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
    select product_id, words, meaning, words + (1 - words) * greatest(meaning, 0) / 6 as score
    from (
        select worded.product_id, coalesce(worded.words, 0) as words, coalesce(1 - coalesce(near.distance, (
            select v.e <=> $5 from catalog.vectors v
            where v.tenant_id = $1 and v.product_id = worded.product_id and v.model = $6)), 0) as meaning
        from worded left join near using (product_id)) both_sides
    order by score desc, product_id desc limit $7)
select product_id, words, meaning, score from best order by score desc, product_id desc";

/// A product as the formula ranks it.
struct Wanted {
    product_id: Uuid,
    score: f64,
    meaning: f64,
    words: f64,
}

/// Pseudo-random numbers, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn vector(&mut self) -> Vec<f32> {
        let raw: Vec<f32> = (0..DIMENSIONS).map(|_| self.below(2_001) as f32 / 1_000.0 - 1.0).collect();
        let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
        raw.into_iter().map(|value| value / length).collect()
    }

    fn question(&mut self) -> Vec<Asked> {
        let length = self.below(13) as usize;
        let mut places: Vec<usize> = (0..WORDS.len()).collect();
        let mut asked = Vec::new();
        while asked.len() < length {
            let term = format!("w{}", places.swap_remove(self.below(places.len() as u64) as usize));
            let weight = [1.0, 0.5][self.below(2) as usize];
            asked.push(Asked { term, weight, is_certain: self.below(3) > 0, group: asked.len() });
        }
        asked
    }
}

async fn shop(tx: &mut TenantTx, dice: &mut Dice) {
    for _ in 0..SIZE {
        let id = new_id();
        sqlx::query(
            "insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status,
                 extra_info, text_hash, created_at, updated_at)
             values ($1, $2, 'x', '', 0, 'VND', 'available', '{}', '', now(), now())",
        )
        .bind(tx.tenant().0)
        .bind(id)
        .execute(tx.conn())
        .await
        .unwrap();
        let has = |dice: &mut Dice| {
            let words = (0..).zip(WORDS).filter(|(_, share)| dice.below(100) < *share).map(|(place, _)| place);
            let words: Vec<usize> = words.collect();
            // Any hundredth, so that hardly two sums are the same but for rounding.
            let weighted = words
                .into_iter()
                .map(|place| Weighted { term: format!("w{place}"), weight: (1 + dice.below(100)) as f32 / 100.0 });
            weighted.collect()
        };
        // Written twice, as if somebody had changed it.
        if dice.below(10) == 0 {
            terms::replace(tx, id, has(dice)).await.unwrap();
        }
        terms::replace(tx, id, has(dice)).await.unwrap();
        if dice.below(10) > 0 {
            let vector = (dice.below(50) > 0).then(|| HalfVector::from_f32_slice(&dice.vector()));
            sqlx::query("insert into catalog.vectors values ($1, $2, $3, '', $4)")
                .bind(tx.tenant().0)
                .bind(id)
                .bind(MODEL)
                .bind(vector)
                .execute(tx.conn())
                .await
                .unwrap();
        }
    }
}

async fn spelled_out(tx: &mut TenantTx, asked: &[Asked], meaning: Option<&Meaning>, limit: i64) -> Vec<Wanted> {
    let rows: Vec<(Uuid, f64, f64, f64)> = sqlx::query_as(FORMULA)
        .bind(tx.tenant().0)
        .bind(asked.iter().map(|asked| asked.term.clone()).collect::<Vec<_>>())
        .bind(asked.iter().map(|asked| asked.weight).collect::<Vec<_>>())
        .bind(asked.iter().map(|asked| asked.is_certain).collect::<Vec<_>>())
        .bind(meaning.map(|meaning| HalfVector::from_f32_slice(meaning.embedding.values())))
        .bind(MODEL)
        .bind(limit)
        .fetch_all(tx.conn())
        .await
        .unwrap();
    rows.into_iter().map(|(product_id, words, meaning, score)| Wanted { product_id, score, meaning, words }).collect()
}

async fn compare(tx: &mut TenantTx, dice: &mut Dice) {
    for round in 0..80 {
        let asked = dice.question();
        let meaning = (round % 4 > 0).then(|| Meaning {
            embedding: Embedding::parse(dice.vector()).unwrap(),
            model: Model::parse(MODEL).unwrap(),
        });
        let limit = [5, 20, 50][dice.below(3) as usize];
        let want = spelled_out(tx, &asked, meaning.as_ref(), limit).await;
        let found = candidates::find(tx, &asked, meaning.as_ref(), limit, true).await.unwrap();
        let mut got = found.scored(&found.worth(&asked));
        got.truncate(limit as usize);
        assert_eq!(got.len(), want.len(), "{asked:?}");
        let same = |a: f64, b: f64| (a - b).abs() < 1e-6;
        for (got, ranked) in got.iter().zip(&want) {
            let (got_score, score) = (got.score, ranked.score);
            assert!(same(got_score, score), "{round}: {asked:?}: {got_score} instead of {score}");
            // Of products whose scores are the same but for rounding, either may be the last.
            match want.iter().find(|want| want.product_id == got.product_id) {
                Some(want) => assert!(same(got.words, want.words) && same(got.meaning, want.meaning), "{asked:?}"),
                None => assert!(same(got.score, want[want.len() - 1].score), "{asked:?}"),
            }
        }
    }
}

/// Words that are taken for common though they are counted, and products whose words in one piece are not their words.
async fn astray(pool: &PgPool) -> (i64, i64) {
    sqlx::query_as(
        "select (select count(*) from catalog.common_terms c where 550 > (
                select count(*) from catalog.terms t where (t.tenant_id, t.term) = (c.tenant_id, c.term))),
            (select count(*) from catalog.product_words w where octet_length(words) <> coalesce((
                select sum(case when position(catalog.packed(term, weight) in w.words) > 0 then 8 else -1 end)
                from catalog.terms t where (t.tenant_id, t.product_id) = (w.tenant_id, w.product_id)), 0))",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn the_search_is_its_formula() {
    let db = TestDb::new().await;
    let pool = db.superuser().await;
    let service = db.pool("cd_catalog", 1).await;
    let caller = member(TenantId(new_id()), Role::Owner);
    let mut dice = Dice(7);
    let mut tx = service.begin(&caller).await.unwrap();
    shop(&mut tx, &mut dice).await;
    tx.commit().await.unwrap();
    // Each time half of the products go, by which first one and then the other two are no longer common.
    for common in [&["w0", "w1", "w2"][..], &["w0", "w1"], &[]] {
        let known: Vec<String> =
            sqlx::query_scalar("select term from catalog.common_terms order by term").fetch_all(&pool).await.unwrap();
        assert_eq!(known, common);
        assert_eq!(astray(&pool).await, (0, 0));
        let mut tx = service.begin(&caller).await.unwrap();
        compare(&mut tx, &mut dice).await;
        sqlx::query(
            "delete from catalog.products p using (
                 select product_id, row_number() over (order by product_id) as place from catalog.products) numbered
             where p.product_id = numbered.product_id and place % 2 = 0",
        )
        .execute(tx.conn())
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }
}
