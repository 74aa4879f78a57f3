//! Does what people took back at Meta, where doing it at once was cut off.

use std::time::Duration;

use chatdesk_platform::db::{Done, DueItem, Handler, Job, Worker, WorkerConfig};
use chatdesk_platform::{Error, ServiceName, Shutdown};
use uuid::Uuid;

use crate::{Service, State};

/// The kind of the work.
pub const KIND: &str = "withdrawal";
const WORKER: WorkerConfig = WorkerConfig {
    concurrency: 2,
    lease: Duration::from_secs(60),
    // Nobody else would ever do it.
    max_attempts: i32::MAX,
    base_wait: Duration::from_secs(1),
};

/// The work of one withdrawal, which may concern several businesses.
pub const fn item(withdrawal: Uuid) -> DueItem {
    DueItem { kind: KIND, tenant: None, entity: withdrawal }
}

/// Runs until the shutdown begins.
pub fn start(service: &Service, shutdown: &Shutdown) {
    let State { db, wakes, .. } = &*service.state;
    let handler = Withdraw { service: service.clone() };
    Worker::new(db.clone(), wakes.clone(), WORKER, ServiceName::Tenants, handler).start(shutdown);
}

struct Withdraw {
    service: Service,
}

impl Handler for Withdraw {
    const KIND: &'static str = KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        // Doing it twice harms nobody, so the lease is not asked for.
        self.service.withdraw(job.entity, |tenant| Ok(job.scope.caller(tenant))).await?;
        Ok(Done::Finished)
    }
}
