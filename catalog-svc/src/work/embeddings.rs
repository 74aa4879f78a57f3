//! Hands texts out to be embedded and takes their vectors back.

use std::collections::BTreeMap;

use chatdesk_platform::db::{Claimer, Db, DueItem, Job, unschedule};
use chatdesk_platform::{Caller, Error, TenantId};
use uuid::Uuid;

use super::EMBED;
use crate::model::Model;
use crate::store::products;
use crate::store::vectors::{self, Made};

/// A text that was handed out this often and never came back ends whoever takes it.
const MOST_ATTEMPTS: i32 = 8;

/// A text to embed.
pub struct Task {
    /// Whose it is.
    pub tenant: TenantId,
    /// The product.
    pub product: Uuid,
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
        let there = products::get(&mut tx, &ids).await?;
        let done = vectors::done(&mut tx, &ids, model).await?;
        let (mut tasks, mut hopeless, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        for job in jobs {
            let Some(product) = there.iter().find(|product| product.id == job.entity) else {
                settled.push(job);
                continue;
            };
            let text_hash = product.content.text_hash();
            if done.contains(&job.entity) {
                settled.push(job);
            } else if job.attempts > MOST_ATTEMPTS {
                tracing::warn!(%tenant, product = %job.entity, "a text was never embedded; its product is found by words only");
                hopeless.push(Made { id: job.entity, text_hash, embedding: None });
                settled.push(job);
            } else {
                let text = product.content.embedded_text();
                tasks.push(Task { tenant, product: job.entity, text, text_hash });
            }
        }
        if !hopeless.is_empty() {
            vectors::put(&mut tx, model, &hopeless).await?;
        }
        // The text may be an old one again, with its vector still there: then only the status is behind.
        vectors::settle(&mut tx, model, &settled.iter().map(|job| job.entity).collect::<Vec<_>>()).await?;
        for job in settled {
            job.finish(tx.conn()).await?;
        }
        tx.commit().await?;
        Ok(tasks)
    }

    /// Keeps the vectors whose text is still the product's and takes their work out; gives the number of vectors kept.
    pub async fn store(&self, caller: &Caller, model: &Model, made: &[Made]) -> Result<usize, Error> {
        let mut tx = self.db.begin(caller).await?;
        let kept = vectors::put(&mut tx, model, made).await?;
        let tenant = Some(tx.tenant());
        for entity in &kept {
            // The product is locked, so nobody can have scheduled a newer text since.
            unschedule(tx.conn(), DueItem { kind: EMBED, tenant, entity: *entity }).await?;
        }
        tx.commit().await?;
        let is_vector = |id: &Uuid| made.iter().any(|made| made.id == *id && made.embedding.is_some());
        Ok(kept.iter().filter(|id| is_vector(id)).count())
    }
}
