//! Background work, as due work, so that of several processes one does it.

pub mod attachments;
pub mod check;
pub mod expiry;
pub mod grants;
pub mod leave;
pub mod mail;
pub mod sealing;
pub mod withdrawals;

use std::future::Future;
use std::time::Duration;

use chatdesk_platform::db::Claimer;
use chatdesk_platform::{Error, Shutdown};

/// Every kind of work of this service.
pub const KINDS: &[&str] = &[
    attachments::KIND,
    check::KIND,
    expiry::KIND,
    grants::KIND,
    leave::CLOSE,
    leave::ERASE,
    leave::EXPORT,
    leave::FORGET_CONTACT,
    mail::KIND,
    sealing::KIND,
    withdrawals::KIND,
];

/// Of all but mails rows, or nothing but the work itself, say that it is owed: nobody can give it up.
pub const OWED: &[&str] = &[
    attachments::KIND,
    check::KIND,
    expiry::KIND,
    grants::KIND,
    leave::CLOSE,
    leave::ERASE,
    leave::EXPORT,
    leave::FORGET_CONTACT,
    sealing::KIND,
    withdrawals::KIND,
];

/// How often a process asks whether it is its turn.
const POLL: Duration = Duration::from_secs(60);

/// Asks until the shutdown begins, and at once when the claimer is woken. A turn that fails is told in the log as `failure`, and comes again.
fn take_turns<F>(
    shutdown: &Shutdown,
    claimer: Option<Claimer>,
    failure: &'static str,
    mut turn: impl FnMut() -> F + Send + 'static,
) where
    F: Future<Output = Result<(), Error>> + Send,
{
    let woken = move || {
        let claimer = claimer.clone();
        async move {
            match claimer {
                Some(claimer) => claimer.woken().await,
                None => std::future::pending().await,
            }
        }
    };
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let mut turns = tokio::time::interval(POLL);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => {}
                () = woken() => {}
            }
            if let Err(error) = turn().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "{failure}");
            }
        }
    });
}
