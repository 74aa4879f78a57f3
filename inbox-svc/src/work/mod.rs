//! What is done in the background: webhooks worked off, replies written, messages handed over, profiles asked for, old
//! messages' words collected, and what was forgotten found again.

mod dispatch;
mod forget;
mod ingest;
mod leave;
mod people;
mod profile;
mod reconcile;
mod redrive;
mod replay;
mod reply;
mod send;
mod settle;
mod sweep;
mod terms;

use chatdesk_platform::db::aside::WorkId;
use chatdesk_platform::db::erase::{Erase as _, Eraser};
use chatdesk_platform::db::export::{Exporter, Share as _};
use chatdesk_platform::db::{Handler, System, SystemTx, Worker, WorkerConfig};
use chatdesk_platform::{Error, ServiceName};
use futures::future::BoxFuture;

pub use forget::Forget;
pub use ingest::Ingest;
pub use leave::InboxShare;
pub use people::FindPerson;
pub use profile::Profile;
pub use reconcile::Reconcile;
pub use redrive::Redrive;
pub use replay::Replay;
pub use reply::Reply;
pub use send::Send;
pub use settle::Settle;

use crate::desk::Desk;
use crate::store::journal;
use leave::EraseInbox;
use sweep::Sweep;
use terms::Terms;

/// Every kind of work of this service.
const KINDS: &[&str] = &[
    Ingest::KIND,
    Reply::KIND,
    Send::KIND,
    Settle::KIND,
    Profile::KIND,
    Reconcile::KIND,
    Redrive::KIND,
    Replay::KIND,
    Terms::KIND,
    Forget::KIND,
    FindPerson::KIND,
    Sweep::KIND,
    InboxShare::KIND,
    EraseInbox::KIND,
];

/// Once set aside, these have shown what they did not do: messages as not sent or unknown, a conversation as a person's, a replay as failed.
const ENDED: &[&str] = &[Reply::KIND, Send::KIND, Settle::KIND, Profile::KIND, Replay::KIND];
/// The sweep, or what plans exports and deletions, makes these anew as long as rows ask for them.
const OWED: &[&str] = &[
    Reconcile::KIND,
    Redrive::KIND,
    Terms::KIND,
    Forget::KIND,
    FindPerson::KIND,
    Sweep::KIND,
    InboxShare::KIND,
    EraseInbox::KIND,
];

/// What platform admins see and decide of it.
pub fn system(desk: &Desk) -> System {
    let system = System::new(desk.db.clone(), desk.wakes.clone(), KINDS).ended(ENDED).owed(OWED);
    system.lost(Settle::KIND).reopening(reopen)
}

/// Bodies that were set aside with their work are worked off again with it.
fn reopen<'a>(tx: &'a mut SystemTx, held: &'a [WorkId]) -> BoxFuture<'a, Result<(), Error>> {
    Box::pin(async move {
        for id in held.iter().filter(|id| id.kind == Ingest::KIND) {
            journal::reopen(tx, id.entity).await?;
        }
        Ok(())
    })
}

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
    run(desk, desk.config.terms(), Forget::new(desk.clone()));
    run(desk, desk.config.terms(), FindPerson::new(desk.clone()));
    let (db, clock) = (desk.db.clone(), desk.clock.clone());
    run(desk, desk.config.terms(), Exporter::new(db.clone(), clock.clone(), desk.shutdown.clone(), InboxShare));
    run(desk, desk.config.sweep(), Eraser::new(db, clock, EraseInbox));
    run(desk, desk.config.sweep(), Sweep::new(desk.clone()));
    sweep::keep_going(desk);
    Ok(())
}

fn run<H: Handler>(desk: &Desk, config: WorkerConfig, handler: H) {
    Worker::new(desk.db.clone(), desk.wakes.clone(), config, ServiceName::Inbox, handler).start(&desk.shutdown);
}
