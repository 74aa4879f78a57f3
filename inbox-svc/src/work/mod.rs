//! What is done in the background: webhooks worked off, replies written, messages handed over, profiles asked for, old
//! messages' words collected, and what was forgotten found again.

mod dispatch;
mod ingest;
mod profile;
mod reconcile;
mod redrive;
mod replay;
mod reply;
mod send;
mod settle;
mod sweep;
mod terms;

use chatdesk_platform::db::{Handler, Worker, WorkerConfig};
use chatdesk_platform::{Error, ServiceName};

pub use ingest::Ingest;
pub use profile::Profile;
pub use reconcile::Reconcile;
pub use redrive::Redrive;
pub use replay::Replay;
pub use reply::Reply;
pub use send::Send;
pub use settle::Settle;

use crate::desk::Desk;
use sweep::Sweep;
use terms::Terms;

/// Starts every worker, and a first sweep.
pub async fn start(desk: &Desk) -> Result<(), Error> {
    sweep::ensure(desk).await?;
    run(desk, desk.config.ingest, Ingest::new(desk.clone()));
    run(desk, desk.config.reply, Reply::new(desk.clone()));
    run(desk, desk.config.send, Send::new(desk.clone()));
    run(desk, desk.config.settle, Settle::new(desk.clone()));
    run(desk, desk.config.profile, Profile::new(desk.clone()));
    run(desk, desk.config.reconcile(), Reconcile::new(desk.clone()));
    run(desk, desk.config.terms(), Redrive::new(desk.clone()));
    run(desk, desk.config.terms(), Replay::new(desk.clone()));
    run(desk, desk.config.terms(), Terms::new(desk.clone()));
    run(desk, desk.config.sweep(), Sweep::new(desk.clone()));
    sweep::keep_going(desk);
    Ok(())
}

fn run<H: Handler>(desk: &Desk, config: WorkerConfig, handler: H) {
    Worker::new(desk.db.clone(), desk.wakes.clone(), config, ServiceName::Inbox, handler).start(&desk.shutdown);
}
