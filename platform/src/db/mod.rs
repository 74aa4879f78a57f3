//! Postgres, reached as a service's own role. The only way to a tenant's rows is [`TenantTx`], and the only key to that is a [`Caller`](crate::Caller).

pub mod aside;
mod claimer;
mod due;
pub mod erase;
pub mod export;
mod gauges;
mod job;
mod migrate;
mod pool;
mod sole;
mod system;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod worker;

pub use claimer::Claimer;
pub use due::{DueItem, Wakes, schedule, schedule_missing, unschedule, void_leases};
pub use gauges::{watch_connections, watch_work};
pub use job::{Job, WorkScope};
pub use migrate::{MigrateError, check_database, migrate, role_url};
pub use pool::{Connection, Connections, Db, DbConfig, DbError, OnConstraint};
pub use sole::{Sole, SoleError};
pub use system::{Reopen, System};
pub use tx::{SystemLine, SystemTx, TenantTx};
pub use worker::{Done, Handler, Worker, WorkerConfig};
