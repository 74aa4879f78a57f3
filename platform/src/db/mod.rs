//! Postgres, reached as a service's own role. The only way to a tenant's rows is [`TenantTx`], and the only key to that is a [`Caller`](crate::Caller).

mod claimer;
mod due;
mod job;
mod migrate;
mod pool;
mod sole;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod worker;

pub use claimer::Claimer;
pub use due::{DueItem, Wakes, schedule, schedule_missing, unschedule, void_leases};
pub use job::{Job, WorkScope};
pub use migrate::{MigrateError, check_database, migrate, role_url};
pub use pool::{Connection, Db, DbConfig, DbError, OnConstraint};
pub use sole::{Sole, SoleError};
pub use tx::{SystemLine, SystemTx, TenantTx};
pub use worker::{Done, Handler, Worker, WorkerConfig};
