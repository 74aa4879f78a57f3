//! Forgets what logins at Meta allowed once it is over, with the tokens nobody used.

use std::time::Duration;

use chatdesk_platform::db::{Db, Done, DueItem, Handler, Job, Wakes, Worker, WorkerConfig};
use chatdesk_platform::{Error, ServiceName, Shutdown, TenantId};
use uuid::Uuid;

use crate::store::grant;

/// The kind of the work.
pub const KIND: &str = "grant_expiry";
const WORKER: WorkerConfig = WorkerConfig {
    concurrency: 2,
    lease: Duration::from_secs(30),
    max_attempts: 20,
    base_wait: Duration::from_secs(1),
};

/// The work of one grant.
pub const fn item(tenant: TenantId, grant: Uuid) -> DueItem {
    DueItem { kind: KIND, tenant: Some(tenant), entity: grant }
}

/// Runs until the shutdown begins.
pub fn start(db: Db, wakes: Wakes, shutdown: &Shutdown) {
    let handler = Forget { db: db.clone() };
    Worker::new(db, wakes, WORKER, ServiceName::Tenants, handler).start(shutdown);
}

struct Forget {
    db: Db,
}

impl Handler for Forget {
    const KIND: &'static str = KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.db.begin(&job.caller()?).await?;
        grant::forget(&mut tx, job.entity).await?;
        tx.commit().await?;
        Ok(Done::Finished)
    }
}
