//! Hands out due work of one kind to a process that does it elsewhere, where a [`Worker`](super::Worker) does it here.

use std::time::Duration;

use super::due;
use super::{Db, Job, Wakes, WorkScope};
use crate::{Error, ServiceName};

/// Claims work of one kind. Cheap to clone. What is neither finished nor scheduled anew is handed out again when its lease runs out.
#[derive(Clone)]
pub struct Claimer {
    db: Db,
    wakes: Wakes,
    kind: &'static str,
    lease: Duration,
    scope: WorkScope,
}

impl Claimer {
    /// A claimer of `service`, which its jobs act as; a lease lasts `lease` and is never renewed.
    #[must_use]
    pub const fn new(db: Db, wakes: Wakes, kind: &'static str, lease: Duration, service: ServiceName) -> Self {
        Self { db, wakes, kind, lease, scope: WorkScope { service } }
    }

    /// Leases at most `limit` pieces of what is due, oldest first; maybe none.
    pub async fn claim(&self, limit: u32) -> Result<Vec<Job>, Error> {
        let mut tx = self.db.system().await?;
        let claimed = due::claim(tx.conn(), self.kind, i64::from(limit), self.lease).await?;
        tx.commit().await?;
        Ok(claimed.iter().map(|row| Job::claimed(row, self.kind, self.scope)).collect())
    }

    /// Waits until this process schedules work of the kind. Remembers a wake that came before the wait.
    pub async fn woken(&self) {
        self.wakes.of(self.kind).notified().await;
    }
}
