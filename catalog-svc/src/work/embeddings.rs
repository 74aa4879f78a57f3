//! Hands texts out to be embedded and takes their vectors back.

use std::collections::{BTreeMap, HashMap};

use chatdesk_platform::db::{Claimer, Db, DueItem, Job, TenantTx, unschedule};
use chatdesk_platform::{Caller, Error, TenantId};
use uuid::Uuid;

use super::EMBED;
use crate::model::{Model, Product};
use crate::store::vectors::{self, Made};
use crate::store::{entry_vectors, products, serving};

/// A text that was handed out this often and never came back ends whoever takes it.
const MOST_ATTEMPTS: i32 = 8;

/// What a text is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A product.
    Product,
    /// A question with its answer, or a policy.
    Entry,
}

/// A text to embed.
pub struct Task {
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is of.
    pub kind: Kind,
    /// The product or entry.
    pub entity: Uuid,
    /// What to embed.
    pub text: String,
    /// Names the text.
    pub text_hash: String,
}

/// The texts that wait. Cheap to clone.
#[derive(Clone)]
pub struct Embeddings {
    db: Db,
    claimer: Claimer,
}

impl Embeddings {
    /// Claims with the claimer, which must be of kind [`EMBED`].
    pub const fn new(db: Db, claimer: Claimer) -> Self {
        Self { db, claimer }
    }

    /// Waits until something is scheduled in this process.
    pub async fn woken(&self) {
        self.claimer.woken().await;
    }

    /// Claims at most `limit` texts. Work that is done already, or whose product is gone, is settled here; so fewer may come than
    /// wait, and none together with true when it is worth asking again at once.
    pub async fn claim(&self, model: &Model, limit: u32) -> Result<(Vec<Task>, bool), Error> {
        let jobs = self.claimer.claim(limit).await?;
        let more = !jobs.is_empty();
        let mut by_tenant: BTreeMap<TenantId, Vec<Job>> = BTreeMap::new();
        for job in jobs {
            if let Some(tenant) = job.tenant {
                by_tenant.entry(tenant).or_default().push(job);
            }
        }
        let mut tasks = Vec::new();
        for (tenant, jobs) in by_tenant {
            match self.texts(tenant, &jobs, model).await {
                Ok(texts) => tasks.extend(texts),
                // The others' texts are claimed already; this tenant's come back when their lease runs out.
                Err(error) => {
                    tracing::warn!(%tenant, error = &error as &dyn std::error::Error, "cannot read texts to embed");
                }
            }
        }
        Ok((tasks, more))
    }

    async fn texts(&self, tenant: TenantId, jobs: &[Job], model: &Model) -> Result<Vec<Task>, Error> {
        let Some(first) = jobs.first() else { return Ok(Vec::new()) };
        let mut tx = self.db.begin(&first.caller()?).await?;
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.entity).collect();
        let products = product_texts(&mut tx, &ids, model).await?;
        let entries = entry_texts(&mut tx, &ids, model).await?;
        let (mut tasks, mut settled) = (Vec::new(), Vec::new());
        let (mut hopeless_products, mut hopeless_entries) = (Vec::new(), Vec::new());
        for job in jobs {
            let id = job.entity;
            let (kind, text, hopeless) = match (products.get(&id), entries.get(&id)) {
                (Some(text), _) => (Kind::Product, text, &mut hopeless_products),
                (None, Some(text)) => (Kind::Entry, text, &mut hopeless_entries),
                (None, None) => {
                    settled.push(job);
                    continue;
                }
            };
            let Text { text, text_hash, is_done } = text.clone();
            if is_done {
                settled.push(job);
            } else if job.attempts > MOST_ATTEMPTS {
                tracing::warn!(%tenant, entity = %id, "a text was never embedded; it is found by words only");
                hopeless.push(Made { id, text_hash, embedding: None });
                settled.push(job);
            } else {
                tasks.push(Task { tenant, kind, entity: id, text, text_hash });
            }
        }
        if !hopeless_products.is_empty() {
            vectors::put(&mut tx, model, &hopeless_products).await?;
        }
        if !hopeless_entries.is_empty() {
            entry_vectors::put(&mut tx, model, &hopeless_entries).await?;
        }
        if !settled.is_empty() {
            // The text may be an old one again, with its vector still there: then only the status is behind.
            let ids: Vec<Uuid> = settled.iter().map(|job| job.entity).collect();
            vectors::settle(&mut tx, model, &ids).await?;
            entry_vectors::settle(&mut tx, model, &ids).await?;
            serving::complete(&mut tx, model).await?;
        }
        for job in settled {
            job.finish(tx.conn()).await?;
        }
        tx.commit().await?;
        Ok(tasks)
    }

    /// Keeps the vectors whose text is still the product's or entry's and takes their work out; gives the number of vectors kept.
    pub async fn store(
        &self,
        caller: &Caller,
        model: &Model,
        products: &[Made],
        entries: &[Made],
    ) -> Result<usize, Error> {
        let mut tx = self.db.begin(caller).await?;
        let mut kept = vectors::put(&mut tx, model, products).await?;
        if !entries.is_empty() {
            kept.extend(entry_vectors::put(&mut tx, model, entries).await?);
        }
        let tenant = Some(tx.tenant());
        for entity in &kept {
            // It is locked, so nobody can have scheduled a newer text since.
            unschedule(tx.conn(), DueItem { kind: EMBED, tenant, entity: *entity }).await?;
        }
        serving::complete(&mut tx, model).await?;
        tx.commit().await?;
        let is_vector =
            |id: &Uuid| products.iter().chain(entries).any(|made| made.id == *id && made.embedding.is_some());
        Ok(kept.iter().filter(|id| is_vector(id)).count())
    }
}

/// What is embedded of a product or entry.
#[derive(Clone)]
struct Text {
    text: String,
    text_hash: String,
    /// Whether the model has something for it already.
    is_done: bool,
}

async fn product_texts(tx: &mut TenantTx, ids: &[Uuid], model: &Model) -> Result<HashMap<Uuid, Text>, Error> {
    let there = products::get(tx, ids).await?;
    let done = vectors::done(tx, ids, model).await?;
    let text = |product: Product| {
        let content = &product.content;
        let is_done = done.contains(&product.id);
        (product.id, Text { text: content.embedded_text(), text_hash: content.text_hash(), is_done })
    };
    Ok(there.into_iter().map(text).collect())
}

async fn entry_texts(tx: &mut TenantTx, ids: &[Uuid], model: &Model) -> Result<HashMap<Uuid, Text>, Error> {
    let there = entry_vectors::texts(tx, ids, model).await?;
    let text = |entry_vectors::Text { id, content, is_done }| {
        (id, Text { text: content.embedded_text(), text_hash: content.text_hash(), is_done })
    };
    Ok(there.into_iter().map(text).collect())
}
