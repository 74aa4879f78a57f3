//! Forgets refresh tokens, socket tickets, links of mails and mails that expired.

use std::time::Duration;

use chatdesk_platform::db::{Claimer, Db, DueItem, Wakes, schedule};
use chatdesk_platform::{Clock, Error, ServiceName, Shutdown};
use chrono::TimeDelta;
use uuid::Uuid;

use super::take_turns;
use crate::store::{invitation, mail, reset, session};

/// The kind of the work.
pub const KIND: &str = "session_expiry";
const WORK: DueItem = DueItem { kind: KIND, tenant: None, entity: Uuid::nil() };
const EVERY: TimeDelta = TimeDelta::minutes(10);
const LEASE: Duration = Duration::from_secs(60);

/// Claims this work.
#[must_use]
pub fn claimer(db: Db, wakes: Wakes) -> Claimer {
    Claimer::new(db, wakes, KIND, LEASE, ServiceName::Tenants)
}

/// Runs until the shutdown begins.
pub fn start(db: Db, claimer: Claimer, clock: Clock, shutdown: &Shutdown) {
    take_turns(shutdown, Some(claimer.clone()), "cannot forget what expired", move || {
        turn(db.clone(), claimer.clone(), clock.clone())
    });
}

async fn turn(db: Db, claimer: Claimer, clock: Clock) -> Result<(), Error> {
    for job in claimer.claim(1).await? {
        let now = clock.now();
        let mut tx = db.system().await?;
        job.fence(tx.conn()).await?;
        let gone = session::forget_expired(&mut tx, now).await?
            + invitation::forget_expired(&mut tx, now).await?
            + reset::forget_expired(&mut tx, now).await?
            // One that could not be sent, and whose work nobody wants tried again.
            + mail::forget_expired(&mut tx, now).await?;
        schedule(tx.conn(), WORK, now + EVERY).await?;
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        tracing::debug!(gone, "forgot expired tokens, tickets, links and mails");
    }
    Ok(())
}

/// Makes the next turn now.
pub async fn plan(db: &Db, clock: &Clock) -> Result<(), Error> {
    let mut tx = db.system().await?;
    schedule(tx.conn(), WORK, clock.now()).await?;
    tx.commit().await
}
