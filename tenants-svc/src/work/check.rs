//! Asks Meta once a day how each channel is. Each is a work of its own, so that one that fails never holds up another.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::db::{Done, DueItem, Handler, Job, Worker, WorkerConfig, schedule};
use chatdesk_platform::{Error, ServiceName, Shutdown, TenantId, full_jitter};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::health::Health;
use crate::held::RESTRICTED_FOR;
use crate::store::page;
use crate::{Service, State};

/// The kind of the work.
pub const KIND: &str = "channel_check";
/// How it is worked off: few at once, for nobody waits.
const WORKER: WorkerConfig = WorkerConfig {
    concurrency: 4,
    lease: Duration::from_secs(120),
    max_attempts: 20,
    base_wait: Duration::from_secs(5),
};

/// The work of one channel.
pub const fn item(tenant: TenantId, channel: Uuid) -> DueItem {
    DueItem { kind: KIND, tenant: Some(tenant), entity: channel }
}

/// Runs until the shutdown begins.
pub fn start(service: &Service, shutdown: &Shutdown) {
    let State { db, wakes, .. } = &*service.state;
    let handler = Check { service: service.clone() };
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, handler).start(shutdown);
}

/// The wait where Meta wants to be left alone or does not answer, and names no time.
const REST: Duration = Duration::from_secs(15 * 60);
/// The shortest wait, and how far waits are spread so that the channels of an app that is limited do not come back together.
const SHORTEST: Duration = Duration::from_secs(60);

struct Check {
    service: Service,
}

impl Check {
    /// After a wait, and a little.
    fn after(&self, wait: Duration) -> Result<Done, Error> {
        let wait = wait.saturating_add(full_jitter(0, SHORTEST, SHORTEST));
        let wait = TimeDelta::from_std(wait).map_err(Error::internal)?;
        Ok(Done::At(self.service.state.clock.now() + wait))
    }
}

impl Handler for Check {
    const KIND: &'static str = KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let state = &self.service.state;
        if let Some(wait) = self.service.holds_back(job.entity) {
            return self.after(wait);
        }
        match self.service.check(&job.caller()?, job.entity).await {
            // Tried again by itself, as long as it takes; where messages try it, one that is refused brings the check back.
            Ok(channel) if channel.trouble.health() == Health::Restricted && !channel.may_try => {
                return Ok(Done::At(state.clock.now() + RESTRICTED_FOR.min(state.check_every)));
            }
            Ok(_) => {}
            Err(Error::Exhausted { retry_after, .. }) => return self.after(retry_after.unwrap_or(REST).max(SHORTEST)),
            Err(Error::Unavailable("Meta")) => return self.after(REST),
            Err(Error::NotFound(_) | Error::Precondition { code: "channel_disconnected", .. }) => {
                return Ok(Done::Finished);
            }
            // It cannot be asked now, and will be soon.
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => {
                tracing::warn!(channel = %job.entity, error = &error as &dyn std::error::Error, "a channel could not be checked");
            }
        }
        Ok(Done::At(state.clock.now() + state.check_every))
    }
}

/// Makes the work of channels that have none, such as those from before there was any. It is spread over the whole interval.
pub async fn plan(state: &Arc<State>) -> Result<(), Error> {
    let mut tx = state.db.system().await?;
    let missing = page::unchecked(&mut tx, KIND).await?;
    let count = i32::try_from(missing.len()).unwrap_or(i32::MAX);
    for (at, (tenant, channel)) in (1..).zip(missing) {
        let wait = state.check_every / count.max(1) * at;
        schedule(tx.conn(), item(tenant, channel), state.clock.now() + wait.min(state.check_every)).await?;
    }
    tx.commit().await
}

/// The usual interval.
pub const DAILY: TimeDelta = TimeDelta::days(1);
