//! Finds what is overdue and has no due work, and makes it: from the rows, tenant by tenant. Also forgets what was kept long enough.
//! Losing the whole table of due work is healed by one pass, and so is work that was set aside but could not say so.

use chatdesk_platform::db::{Done, Handler, Job, SystemTx, schedule_missing};
use chatdesk_platform::{Error, TenantId};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::desk::Desk;
use crate::intake::waits_for_contact;
use crate::store;
use crate::work::terms::Terms;
use crate::work::{FindPerson, Forget, Ingest, Profile, Reconcile, Redrive, Replay, Reply, Send, Settle};

/// Idempotency keys are good for a day.
const KEEP_KEYS: TimeDelta = TimeDelta::days(1);
/// A question that nobody asked for so long is no gap any more.
const KEEP_QUESTIONS: TimeDelta = TimeDelta::days(90);
/// How long an item waits for the message it speaks of: as long as Meta brings what it could not deliver (Graph API, "Webhooks").
const PARKED_FOR: TimeDelta = TimeDelta::hours(36);
/// Why it waits no more.
const NEVER_CAME: &str = "message_never_came";
/// Work of no tenant.
const NOBODY: TenantId = TenantId(Uuid::nil());

/// The work of kind `sweep`: one piece for the whole installation.
pub struct Sweep {
    desk: Desk,
}

/// Makes the sweep's own work, if it is not there.
pub async fn ensure(desk: &Desk) -> Result<(), Error> {
    let mut tx = desk.db.system().await?;
    schedule_missing(tx.conn(), Sweep::KIND, NOBODY, &[Uuid::nil()], desk.clock.now()).await?;
    tx.commit().await?;
    desk.wakes.wake(Sweep::KIND);
    Ok(())
}

/// Keeps the sweep's own work there: it is in the table that it heals.
pub fn keep_going(desk: &Desk) {
    let (stop, desk) = (desk.shutdown.token(), desk.clone());
    desk.shutdown.clone().spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(desk.config.sweep_every) => {}
            }
            if let Err(error) = ensure(&desk).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot schedule the sweep");
            }
        }
    });
}

impl Sweep {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn journal(&self) -> Result<Vec<TenantId>, Error> {
        let now = self.desk.clock.now();
        let mut tx: SystemTx = self.desk.db.system().await?;
        let late = store::journal::overdue(&mut tx, now - self.desk.config.sweep_grace).await?;
        let made = schedule_missing(tx.conn(), Ingest::KIND, NOBODY, &late, now).await?;
        let sought = store::people::all(&mut tx).await?;
        schedule_missing(tx.conn(), FindPerson::KIND, NOBODY, &sought, now).await?;
        let config = &self.desk.config;
        store::journal::forget(&mut tx, now - config.keep_bodies, now - config.keep_outcomes).await?;
        let tenants = store::routing::tenants(&mut tx).await?;
        tx.commit().await?;
        self.made(Ingest::KIND, made);
        Ok(tenants)
    }

    async fn tenant(&self, job: &Job, tenant: TenantId) -> Result<(), Error> {
        let now = self.desk.clock.now();
        let late = now - self.desk.config.sweep_grace;
        let mut tx = self.desk.db.begin(&job.scope.caller(tenant)).await?;
        let replies = store::overdue::replies(&mut tx, late).await?;
        let sends = store::overdue::sends(&mut tx, late).await?;
        let profiles = store::overdue::profiles(&mut tx, late).await?;
        let replays = store::replays::running(&mut tx, late).await?;
        let settles = store::overdue::settles(&mut tx, late - self.desk.config.settle_wait).await?;
        store::items::expire(&mut tx, now - PARKED_FOR, NEVER_CAME).await?;
        store::items::want_overdue(&mut tx, &waits_for_contact("")).await?;
        let redrives = store::items::wanted_events(&mut tx).await?;
        let mut made = Vec::new();
        if !store::terms::progress(&mut tx).await?.is_done
            && schedule_missing(tx.conn(), Terms::KIND, tenant, &[tenant.0], now).await? > 0
        {
            let wakes = self.desk.wakes.clone();
            tx.after_commit(move || wakes.wake(Terms::KIND));
        }
        for (kind, entities) in [
            (Reply::KIND, replies),
            (Send::KIND, sends),
            (Settle::KIND, settles),
            (Profile::KIND, profiles),
            (Replay::KIND, replays),
        ] {
            if !entities.is_empty() {
                made.push((kind, schedule_missing(tx.conn(), kind, tenant, &entities, now).await?));
            }
        }
        // Not overdue: this is how they come about.
        if schedule_missing(tx.conn(), Redrive::KIND, tenant, &redrives, now).await? > 0 {
            let wakes = self.desk.wakes.clone();
            tx.after_commit(move || wakes.wake(Redrive::KIND));
        }
        let forgotten = store::erasures::asked(&mut tx).await?;
        schedule_missing(tx.conn(), Forget::KIND, tenant, &forgotten, now).await?;
        let uncompared = store::routing::uncompared(&mut tx, now - self.desk.config.reconcile_every).await?;
        if schedule_missing(tx.conn(), Reconcile::KIND, tenant, &uncompared, now).await? > 0 {
            let wakes = self.desk.wakes.clone();
            tx.after_commit(move || wakes.wake(Reconcile::KIND));
        }
        let config = &self.desk.config;
        store::items::forget(&mut tx, now - config.keep_bodies, now - config.keep_outcomes).await?;
        store::events::forget(&mut tx, now - config.keep_events).await?;
        store::idempotency::forget(&mut tx, now - KEEP_KEYS).await?;
        store::unanswered::forget(&mut tx, now - config.keep_outcomes, now - KEEP_QUESTIONS).await?;
        store::replays::forget(&mut tx, now - config.keep_outcomes).await?;
        tx.commit().await?;
        made.into_iter().for_each(|(kind, count)| self.made(kind, count));
        Ok(())
    }

    fn made(&self, kind: &'static str, count: u64) {
        if count > 0 {
            metrics::counter!("chatdesk_inbox_overdue_total", "kind" => kind).increment(count);
            tracing::warn!(kind, count, "found overdue work that nobody had");
            self.desk.wakes.wake(kind);
        }
    }
}

impl Handler for Sweep {
    const KIND: &'static str = "sweep";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        // One tenant's trouble, or a passing one, must not slow the next pass down: it is noted, and looked at again in time.
        let failed = |error: Error| tracing::warn!(error = &error as &dyn std::error::Error, "a sweep is incomplete");
        match self.journal().await {
            Ok(tenants) => {
                for tenant in tenants {
                    self.tenant(&job, tenant).await.unwrap_or_else(failed);
                }
            }
            Err(error) => failed(error),
        }
        let next = TimeDelta::from_std(self.desk.config.sweep_every).unwrap_or(TimeDelta::seconds(30));
        Ok(Done::At(self.desk.clock.now() + next))
    }
}
