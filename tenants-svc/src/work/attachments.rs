//! Forgets uploads that Meta no longer keeps, tenant by tenant.

use std::time::Duration;

use chatdesk_platform::db::{Claimer, Db, DueItem, Wakes, schedule};
use chatdesk_platform::{Clock, Error, ServiceName, Shutdown};
use chrono::TimeDelta;
use uuid::Uuid;

use super::take_turns;
use crate::attachment::KEPT;
use crate::store::{attachment, status};

/// The kind of the work.
pub const KIND: &str = "attachment_expiry";
const WORK: DueItem = DueItem { kind: KIND, tenant: None, entity: Uuid::nil() };
const EVERY: TimeDelta = TimeDelta::days(1);
/// Long enough for a transaction of each of many tenants.
const LEASE: Duration = Duration::from_secs(600);

/// Claims this work.
#[must_use]
pub fn claimer(db: Db, wakes: Wakes) -> Claimer {
    Claimer::new(db, wakes, KIND, LEASE, ServiceName::Tenants)
}

/// Runs until the shutdown begins.
pub fn start(db: Db, claimer: Claimer, clock: Clock, shutdown: &Shutdown) {
    take_turns(shutdown, Some(claimer.clone()), "cannot forget old uploads", move || {
        turn(db.clone(), claimer.clone(), clock.clone())
    });
}

async fn turn(db: Db, claimer: Claimer, clock: Clock) -> Result<(), Error> {
    for job in claimer.claim(1).await? {
        let before = clock.now() - KEPT;
        let mut tx = db.system().await?;
        let tenants = status::all(&mut tx).await?;
        tx.commit().await?;
        let mut gone = 0;
        // Forgetting twice harms nobody, so the lease is asked for only at the end.
        for tenant in tenants {
            let mut tx = db.begin(&job.scope.caller(tenant)).await?;
            gone += attachment::forget(&mut tx, before).await?;
            tx.commit().await?;
        }
        let mut tx = db.system().await?;
        job.fence(tx.conn()).await?;
        schedule(tx.conn(), WORK, clock.now() + EVERY).await?;
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        tracing::debug!(gone, "forgot old uploads");
    }
    Ok(())
}

/// Makes the next turn now.
pub async fn plan(db: &Db, clock: &Clock) -> Result<(), Error> {
    let mut tx = db.system().await?;
    schedule(tx.conn(), WORK, clock.now()).await?;
    tx.commit().await
}
