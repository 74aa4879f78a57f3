//! Finds the products and entries that a model has no vector for, tenant by tenant: all of them when the model is new, else the few whose due
//! work was lost. On its way it brings lost imports back, makes words anew that were made by other rules, and forgets what was deleted.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdesk_platform::db::{Db, Wakes, schedule_missing};
use chatdesk_platform::{Caller, Clock, Error, Shutdown, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{EMBED, IMPORT, KEPT_ASIDE};
use crate::model::Model;
use crate::store::{deleted, entry_vectors, imports, products, serving, spellings, tenants, terms, vectors};

/// Rows in one transaction.
const BATCH: i64 = 500;

/// Products whose words are made anew in one transaction, and of long ones fewer: until there are so many words.
const REMADE: i64 = 100;
const MOST_WORDS: usize = 5_000;

/// After a sweep that failed.
const AGAIN: Duration = Duration::from_secs(10);

/// Sweeps for the models that are asked for. Cheap to clone.
#[derive(Clone)]
pub struct Backfill {
    db: Db,
    wakes: Wakes,
    clock: Clock,
    shutdown: Shutdown,
    every: Duration,
    next: Arc<Mutex<HashMap<Model, DateTime<Utc>>>>,
}

impl Backfill {
    /// Sweeps at most once per `every` and model.
    pub fn new(db: Db, wakes: Wakes, clock: Clock, shutdown: Shutdown, every: Duration) -> Self {
        Self { db, wakes, clock, shutdown, every, next: Arc::default() }
    }

    /// Starts a sweep for the model unless one ran lately, on behalf of the service that asks for its texts.
    pub fn ensure(&self, model: &Model, caller: Caller) {
        if !self.is_due(model) {
            return;
        }
        let (sweep, model) = (self.clone(), model.clone());
        self.shutdown.spawn(async move {
            if let Err(error) = sweep.run(&model, &caller).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot look for products without a vector");
                sweep.set_next(&model, AGAIN);
            }
        });
    }

    fn is_due(&self, model: &Model) -> bool {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner).get(model).copied();
        let is_due = next.is_none_or(|next| next <= self.clock.now());
        if is_due {
            self.set_next(model, self.every);
        }
        is_due
    }

    fn set_next(&self, model: &Model, wait: Duration) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        next.insert(model.clone(), self.clock.now() + wait);
    }

    async fn run(&self, model: &Model, caller: &Caller) -> Result<(), Error> {
        let mut after = None;
        loop {
            let mut tx = self.db.system().await?;
            let page = tenants::active(&mut tx, after, BATCH).await?;
            tx.commit().await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(*last);
            for tenant in page {
                self.sweep(&caller.acting_for(tenant)?, tenant, model).await;
            }
        }
    }

    /// What fails for a business stays until the next sweep, and keeps neither the other steps nor other businesses from theirs.
    async fn sweep(&self, caller: &Caller, tenant: TenantId, model: &Model) {
        let note = |step: &'static str, done: Result<(), Error>| {
            if let Err(error) = done {
                tracing::warn!(%tenant, step, error = &error as &dyn std::error::Error, "a step of a sweep failed");
            }
        };
        note("forget_deleted", self.forget_deleted(caller).await);
        note("resume_imports", self.resume_imports(caller, tenant).await);
        note("schedule_lacking", self.schedule_lacking(caller, tenant, model).await);
        note("remake_words", self.remake_words(caller).await);
        note("forget_words", self.forget_words(caller).await);
    }

    async fn schedule_lacking(&self, caller: &Caller, tenant: TenantId, model: &Model) -> Result<(), Error> {
        let (mut product, mut entry) = (Uuid::nil(), Uuid::nil());
        while !self.shutdown.has_begun() {
            let mut tx = self.db.begin(caller).await?;
            let mut ids = vectors::lacking(&mut tx, model, product, BATCH).await?;
            vectors::set_pending(&mut tx, &ids).await?;
            product = ids.last().copied().unwrap_or(product);
            let entries = entry_vectors::set_lacking_pending(&mut tx, model, entry, BATCH).await?;
            entry = entries.iter().max().copied().unwrap_or(entry);
            ids.extend(entries);
            if ids.is_empty() {
                serving::complete(&mut tx, model).await?;
                return tx.commit().await;
            }
            schedule_missing(tx.conn(), EMBED, tenant, &ids, self.clock.now()).await?;
            let wakes = self.wakes.clone();
            tx.after_commit(move || wakes.wake(EMBED));
            tx.commit().await?;
        }
        Ok(())
    }

    async fn forget_deleted(&self, caller: &Caller) -> Result<(), Error> {
        let until = self.clock.now() - KEPT_ASIDE;
        while !self.shutdown.has_begun() {
            let mut tx = self.db.begin(caller).await?;
            let gone = deleted::forget(&mut tx, until, BATCH).await?;
            tx.commit().await?;
            if gone < BATCH.unsigned_abs() {
                break;
            }
        }
        Ok(())
    }

    async fn resume_imports(&self, caller: &Caller, tenant: TenantId) -> Result<(), Error> {
        let mut tx = self.db.begin(caller).await?;
        let open = imports::open(&mut tx).await?;
        if !open.is_empty() {
            schedule_missing(tx.conn(), IMPORT, tenant, &open, self.clock.now()).await?;
            let wakes = self.wakes.clone();
            tx.after_commit(move || wakes.wake(IMPORT));
        }
        tx.commit().await
    }

    async fn remake_words(&self, caller: &Caller) -> Result<(), Error> {
        let mut after = Uuid::nil();
        while !self.shutdown.has_begun() {
            let mut tx = self.db.begin(caller).await?;
            let (mut words, mut remade) = (Vec::new(), Vec::new());
            for product in products::of_other_words(&mut tx, after, REMADE).await? {
                let made = product.content.terms();
                words.extend(made.iter().map(|one| one.term.clone()));
                remade.push((product.id, made));
                if words.len() >= MOST_WORDS {
                    break;
                }
            }
            let Some((last, _)) = remade.last() else { return tx.commit().await };
            after = *last;
            // Words that stay are not written, so nothing but this spells them. First, for all spellings to be locked in one order.
            spellings::spell(&mut tx, &words).await?;
            terms::replace_all(&mut tx, remade).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn forget_words(&self, caller: &Caller) -> Result<(), Error> {
        let mut after = String::new();
        while !self.shutdown.has_begun() {
            let mut tx = self.db.begin(caller).await?;
            let dead = spellings::dead(&mut tx, &after, BATCH).await?;
            let Some(last) = dead.last() else { return tx.commit().await };
            after.clone_from(last);
            spellings::forget(&mut tx, &dead).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
