//! What waits and who holds connections, looked at now and then for whoever measures.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::MissedTickBehavior;

use super::{Db, aside};
use crate::{Error, Shutdown};

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(10);
/// How work can stand.
const STATES: [&str; 4] = ["waiting", "due", "leased", "failed"];

/// Measures the connections of a service's pools, by their names, until the process drains.
pub fn watch_connections(pools: Vec<(&'static str, Db)>, shutdown: &Shutdown) {
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            for (pool, db) in &pools {
                let (used, free) = db.connections();
                let set = |state: &'static str, count| {
                    metrics::gauge!("chatdesk_db_connections", "pool" => *pool, "state" => state).set(f64::from(count));
                };
                set("used", used);
                set("free", free);
            }
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
        }
    });
}

/// Measures all due work, whoever does it, until the process drains: one service of an installation is enough. While the database does not
/// answer, what was last known stays.
pub fn watch_work(db: Db, shutdown: &Shutdown) {
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known = HashMap::new();
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            match count(&db).await {
                Ok(found) => tell(&mut known, found),
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "due work cannot be counted");
                }
            }
        }
    });
}

/// Work of a kind: how much stands how, and for how many seconds the oldest has been due that nobody has.
type Standing = ([i64; 4], f64);

async fn count(db: &Db) -> Result<HashMap<String, Standing>, Error> {
    let mut tx = db.system().await?;
    let kinds = aside::kinds(tx.conn()).await?;
    let queues = aside::queues(tx.conn(), &kinds).await?;
    tx.commit().await?;
    let standing =
        queues.into_iter().map(|one| (one.kind, ([one.later, one.due, one.leased, one.set_aside], one.oldest)));
    Ok(standing.collect())
}

/// A kind without any work has no row, and is told as none for as long as it is known.
fn tell(known: &mut HashMap<String, Standing>, mut found: HashMap<String, Standing>) {
    for (kind, standing) in &mut *known {
        *standing = found.remove(kind).unwrap_or_default();
    }
    known.extend(found);
    for (kind, (counts, oldest)) in known {
        for (state, count) in STATES.into_iter().zip(counts) {
            metrics::gauge!("chatdesk_work_items", "kind" => kind.clone(), "state" => state).set(*count as f64);
        }
        metrics::gauge!("chatdesk_work_oldest_seconds", "kind" => kind.clone()).set(*oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_is_done_with_is_told_as_none() {
        let mut known = HashMap::new();
        tell(&mut known, HashMap::from([("send".to_owned(), ([1, 2, 3, 4], 5.0))]));
        tell(&mut known, HashMap::from([("reply".to_owned(), ([0, 1, 0, 0], 2.0))]));
        assert_eq!(known["send"], ([0; 4], 0.0));
        assert_eq!(known["reply"], ([0, 1, 0, 0], 2.0));
    }
}
