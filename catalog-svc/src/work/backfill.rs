//! Finds the products that a model has no vector for, tenant by tenant: all of them when the model is new, else the few whose due
//! work was lost. On its way it forgets the products that were deleted long ago.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdesk_platform::db::{Db, Wakes, schedule_missing};
use chatdesk_platform::{Caller, Clock, Error, Shutdown, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{EMBED, KEPT_ASIDE};
use crate::model::Model;
use crate::store::{deleted, tenants, vectors};

/// Rows in one transaction.
const BATCH: i64 = 500;

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
                self.sweep(&caller.acting_for(tenant)?, tenant, model).await?;
            }
        }
    }

    async fn sweep(&self, caller: &Caller, tenant: TenantId, model: &Model) -> Result<(), Error> {
        self.forget_deleted(caller).await?;
        let mut after = Uuid::nil();
        while !self.shutdown.has_begun() {
            let mut tx = self.db.begin(caller).await?;
            let ids = vectors::lacking(&mut tx, model, after, BATCH).await?;
            let Some(last) = ids.last() else { return Ok(()) };
            after = *last;
            vectors::set_pending(&mut tx, &ids).await?;
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
}
