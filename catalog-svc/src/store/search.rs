//! Retrieval: exact cosine over the tenant's own vectors, fused with the words found.
//!
//! - *words*: how much of what the question looks for the product has, 0 to 1 (see [`rank`](crate::rank)).
//! - *meaning* = cosine similarity, −1 to 1.
//! - *score* = words + (1 − words) · max(meaning, 0) / 6. Words that match decide, because small models know little Vietnamese;
//!   meaning settles ties and finds what no word finds. A product without a vector loses nothing it has. A wish for a price, and what the
//!   conversation is about, move the score; nothing is left out by them.
//!
//! Fused are the 20 nearest vectors (or as many as are asked for), found by a scan of all of them, and the 40 best by the rarer words:
//! as many words, rarest first, as have 2,000 entries together. Counting goes to 500 products; a word that more have is just common, and
//! when the rarest is, its newest products stand for it. So an ordinary shop is searched by all words, and one of 10,000 products
//! costs little more than the bare scan of its vectors. Every score that is given is complete.
//!
//! A word that no product has may be a slip: then the shop's words that are spelled like it are looked for as well, in a second search
//! without vectors. The shop's synonyms come from the [`Shelf`].

mod candidates;
mod entries;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use uuid::Uuid;

use super::{products, spellings};
use crate::model::{Embedding, Model, Product, Status};
use crate::query::{Asked, Question, corrections, keys, legible};
use crate::rank::{self, Fit, Written};
use candidates::{Candidates, Scored};
pub use entries::FoundEntry;
pub use shelf::Shelf;

/// The most products whose text is looked at before the best are told; more when the price is part of the question.
const READ: usize = 24;
const READ_PRICED: usize = 240;
/// Words that may be slips, in one question.
const MOST_SLIPS: usize = 8;

/// A question's vector and the model that made it.
pub struct Meaning {
    /// The vector.
    pub embedding: Embedding,
    /// Only this model's vectors compare with it.
    pub model: Model,
}

/// A question as it came.
pub struct Ask {
    /// What was typed.
    pub text: String,
    /// What it means.
    pub meaning: Option<Meaning>,
    /// The products that the conversation is about.
    pub about: Vec<Uuid>,
    /// The most products to give.
    pub limit: usize,
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

/// The products and entries that fit best, each best first; of equal products the newest first.
pub async fn search(tx: &mut TenantTx, shelf: &Shelf, ask: &Ask) -> Result<(Vec<Found>, Vec<FoundEntry>), Error> {
    let limit = i64::try_from(ask.limit).map_err(Error::internal)?;
    let mut known = shelf.of(tx.tenant());
    let mut question = Question::read(&ask.text, known.synonyms());
    let mut asked = question.asked();
    let mut found = candidates::find(tx, &asked, ask.meaning.as_ref(), limit, true).await?;
    let meaning = ask.meaning.as_ref().filter(|_| found.serves);
    if !known.is_of(&found.entries) {
        let fresh = shelf.fill(tx, found.entries.clone()).await?;
        if fresh.synonyms() != known.synonyms() {
            question = Question::read(&ask.text, fresh.synonyms());
            asked = question.asked();
            again(tx, &mut found, &asked, meaning, limit).await?;
        }
        known = fresh;
    }
    if correct(tx, &mut question, &asked, &found).await? {
        asked = question.asked();
        again(tx, &mut found, &asked, meaning, limit).await?;
    }
    let price = question.price();
    let mut more = ask.about.clone();
    if let Some(wish) = price.filter(|wish| !wish.is_named) {
        more.extend(candidates::priced(tx, &asked, &wish).await?);
    }
    candidates::add(tx, &mut found, &more, meaning).await?;
    let worth = found.worth(&asked);
    let mut scored = found.scored(&worth);
    let is_about = |scored: &Scored| ask.about.contains(&scored.product_id);
    let read = if price.is_some() { READ_PRICED } else { READ }.max(ask.limit + READ / 2);
    let mut place = 0;
    scored.retain(|scored| {
        place += 1;
        (place <= read && (scored.score > 0.0 || price.is_some())) || is_about(scored)
    });
    // Those that the conversation is about come first, whatever they score.
    scored.sort_by_key(|scored| !is_about(scored));
    let written = Written::of(&question, &asked);
    let mut fitting: Vec<(Product, Fit)> = Vec::with_capacity(scored.len());
    let mut unread = scored.into_iter().peekable();
    let at_once = if price.is_some() { READ_PRICED } else { ask.limit + READ / 4 };
    while unread.peek().is_some() {
        let some: Vec<Scored> = unread.by_ref().take(at_once).collect();
        let ids: Vec<Uuid> = some.iter().map(|scored| scored.product_id).collect();
        let rows = products::get(tx, &ids).await?;
        let mut rows: HashMap<Uuid, Product> = rows.into_iter().map(|product| (product.id, product)).collect();
        for mut scored in some {
            let Some(product) = rows.remove(&scored.product_id) else { continue };
            scored.had.agree(&written, || legible(&product.content.embedded_text()));
            let fit = Fit {
                words: worth.share(&scored.had),
                meaning: scored.meaning,
                prices: if price.is_some() { product.content.prices() } else { Vec::new() },
                is_available: product.content.shown_status() == Status::Available,
                is_about: is_about(&scored),
                score: 0.0,
            };
            fitting.push((product, fit));
        }
        rank::score(&question, &mut fitting, |(_, fit)| fit);
        fitting.sort_by(|(a, x), (b, y)| y.score.total_cmp(&x.score).then(b.id.cmp(&a.id)));
        // What a text says takes off a score and never adds to it, so none that follows can still be among the best.
        let worst = ask.limit.checked_sub(1).and_then(|last| fitting.get(last)).map(|(_, fit)| fit.score);
        let next = unread.peek().map(|next| next.score);
        if price.is_none() && worst.zip(next).is_some_and(|(worst, next)| next < worst) {
            break;
        }
    }
    fitting.truncate(ask.limit);
    let complete =
        |(product, fit): (Product, Fit)| Found { product, score: fit.score, meaning: fit.meaning, words: fit.words };
    let entries = entries::search(tx, &known, &question, meaning).await?;
    Ok((fitting.into_iter().map(complete).collect(), entries))
}

/// Finds what other words of the same question find; the nearest vectors are there already.
async fn again(
    tx: &mut TenantTx,
    found: &mut Candidates,
    asked: &[Asked],
    meaning: Option<&Meaning>,
    limit: i64,
) -> Result<(), Error> {
    let fresh = candidates::find(tx, asked, meaning, limit, false).await?;
    let former = std::mem::replace(found, fresh);
    found.absorb(former);
    Ok(())
}

/// Whether the question has words that no product has and that are slips of others; if so they are looked for too.
async fn correct(
    tx: &mut TenantTx,
    question: &mut Question,
    asked: &[Asked],
    found: &Candidates,
) -> Result<bool, Error> {
    let unknown: HashSet<&str> =
        asked.iter().zip(&found.counts).filter(|(_, df)| **df == 0).map(|(asked, _)| asked.term.as_str()).collect();
    let mut doubtful = question.doubtful(|word| !unknown.contains(word));
    doubtful.truncate(MOST_SLIPS);
    if doubtful.is_empty() {
        return Ok(false);
    }
    let keys: Vec<Vec<String>> = doubtful.iter().map(|(word, _)| keys(word)).collect();
    let spelled = spellings::find(tx, &keys.concat()).await?;
    if spelled.is_empty() {
        return Ok(false);
    }
    let mut pairs = Vec::new();
    let mut near: Vec<Vec<(String, String)>> = Vec::new();
    for ((_, beside), keys) in doubtful.iter().zip(&keys) {
        let keys: HashSet<&str> = keys.iter().map(String::as_str).collect();
        let own: Vec<(String, String)> =
            spelled.iter().filter(|(key, _)| keys.contains(key.as_str())).cloned().collect();
        for (_, term) in &own {
            pairs.extend(beside.iter().flat_map(|other| [format!("{other} {term}"), format!("{term} {other}")]));
        }
        near.push(own);
    }
    let pairs = spellings::known(tx, &pairs).await?;
    let mut all = HashMap::new();
    for ((word, beside), own) in doubtful.iter().zip(&near) {
        let is_beside = |term: &str| {
            let stands = |other: &String| {
                pairs.contains(&format!("{other} {term}")) || pairs.contains(&format!("{term} {other}"))
            };
            beside.is_empty() || beside.iter().any(stands)
        };
        all.insert(word.clone(), corrections(word, own, is_beside));
    }
    question.correct(&all);
    Ok(all.values().any(|corrections| !corrections.is_empty()))
}
