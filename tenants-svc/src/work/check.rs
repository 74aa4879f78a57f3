//! Asks Meta once a day how each channel is. Each is a work of its own, so that one that fails never holds up another.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::db::{Done, DueItem, Handler, Job, Wakes, Worker, WorkerConfig, schedule};
use chatdesk_platform::{Error, ServiceName, Shutdown, TenantId};
use chrono::TimeDelta;
use uuid::Uuid;

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
    let handler = Check { service: service.clone() };
    Worker::new(service.state.db.clone(), Wakes::default(), WORKER, ServiceName::Tenants, handler).start(shutdown);
}

struct Check {
    service: Service,
}

impl Handler for Check {
    const KIND: &'static str = KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let state = &self.service.state;
        match self.service.check(&job.caller()?, job.entity).await {
            Ok(_) => {}
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
