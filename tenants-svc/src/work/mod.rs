//! Background work, as due work, so that of several processes one does it.

pub mod attachments;
pub mod check;
pub mod expiry;
pub mod grants;
pub mod withdrawals;

use std::future::Future;
use std::time::Duration;

use chatdesk_platform::{Error, Shutdown};

/// How often a process asks whether it is its turn.
const POLL: Duration = Duration::from_secs(60);

/// Asks until the shutdown begins. A turn that fails is told in the log as `failure`, and comes again.
fn take_turns<F>(shutdown: &Shutdown, failure: &'static str, mut turn: impl FnMut() -> F + Send + 'static)
where
    F: Future<Output = Result<(), Error>> + Send,
{
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let mut turns = tokio::time::interval(POLL);
        turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => {}
            }
            if let Err(error) = turn().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "{failure}");
            }
        }
    });
}
