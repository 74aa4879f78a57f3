//! Frequent questions and policies that fit a question, by the same words and the same formula as products.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use pgvector::HalfVector;
use std::collections::HashMap;
use uuid::Uuid;

use super::Meaning;
use super::shelf::Known;
use crate::model::EntryKind;
use crate::query::Question;
use crate::rank::{self, Worth};

/// As many are given, and as many are looked up by their vectors.
const MOST: usize = 5;
const NEAR: i64 = 10;
/// What has fewer of the words, and means less of the question, is not told.
const LEAST_WORDS: f64 = 0.1;
const LEAST_MEANING: f64 = 0.2;

/// An entry and how well it fits.
pub struct FoundEntry {
    /// UUIDv7.
    pub id: Uuid,
    /// A question or a policy.
    pub kind: EntryKind,
    /// The question, or the topic.
    pub title: String,
    /// The answer, or the rule.
    pub body: String,
    /// Fused, 0 to 1.
    pub score: f64,
    /// Of the vectors, −1 to 1.
    pub meaning: f64,
    /// Of the words, 0 to 1.
    pub words: f64,
}

/// The best, best first.
pub async fn search(
    tx: &mut TenantTx,
    known: &Known,
    question: &Question,
    meaning: Option<&Meaning>,
) -> Result<Vec<FoundEntry>, Error> {
    if known.len() == 0 {
        return Ok(Vec::new());
    }
    let near = match meaning {
        Some(meaning) => near(tx, meaning).await?,
        None => HashMap::new(),
    };
    let asked = question.asked_of_entries();
    let worth = Worth::of(&asked, &known.counts(&asked), i64::try_from(known.len()).map_err(Error::internal)?);
    let mut scored: Vec<(Uuid, f64, f64, f64)> = known
        .matched(&asked)
        .map(|(id, terms)| {
            let words = worth.share(&worth.had(terms.into_iter()));
            let meaning = near.get(&id).copied().unwrap_or(0.0);
            (id, rank::fused(words, meaning), meaning, words)
        })
        .filter(|(_, _, meaning, words)| *words >= LEAST_WORDS || *meaning >= LEAST_MEANING)
        .collect();
    scored.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    scored.truncate(MOST);
    if scored.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = scored.iter().map(|(id, ..)| *id).collect();
    let rows = sqlx::query!(
        "select id, kind, title, body from catalog.entries where tenant_id = $1 and id = any($2)",
        tx.tenant().0,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, score, meaning, words) in scored {
        let Some(row) = rows.iter().find(|row| row.id == id) else { continue };
        let kind = EntryKind::named(&row.kind).ok_or_else(|| Error::internal("a stored entry has an unknown kind"))?;
        let (title, body) = (row.title.clone(), row.body.clone());
        found.push(FoundEntry { id, kind, title, body, score, meaning, words });
    }
    Ok(found)
}

/// The cosine of the nearest.
async fn near(tx: &mut TenantTx, meaning: &Meaning) -> Result<HashMap<Uuid, f64>, Error> {
    let rows = sqlx::query!(
        r#"select entry_id, e <=> $2 as "distance!" from catalog.entry_vectors
         where tenant_id = $1 and model = $3 and e is not null
             and coalesce((select s.model = $3 from catalog.serving_models s where s.tenant_id = $1), true)
         order by e <=> $2 limit $4"#,
        tx.tenant().0,
        HalfVector::from_f32_slice(meaning.embedding.values()) as HalfVector,
        meaning.model.as_str(),
        NEAR
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.entry_id, 1.0 - row.distance)).collect())
}
