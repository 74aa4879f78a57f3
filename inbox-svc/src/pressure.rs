//! Who goes first: what Meta waits for, before what can wait. While many bodies share each commit, those who work bodies off take turns
//! and rest between two turns; so the acknowledgements get most of the machine, and the backlog is still worked off all the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::{Instant, sleep_until};

/// So many bodies in one commit mean that many wait at once. A single sender, or a few, never gets there.
const CROWD: usize = 8;
/// For how long after such a commit the crowd is taken to be there still.
const LASTS: Duration = Duration::from_millis(200);
/// A turn is followed by a rest of its own length, but of no more than this, so that a slow turn, as when the database hangs, does not
/// stop the work.
const LONGEST_REST: Duration = Duration::from_millis(500);
/// How often one who rests looks whether the crowd is gone.
const LOOK: Duration = Duration::from_millis(50);

/// Shared by the journal, which notes the crowd, and the workers, which give way to it. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pressure {
    crowded_at: Arc<Mutex<Option<Instant>>>,
    /// Held by the one whose turn it is; says until when to rest after the last turn.
    turn: Arc<tokio::sync::Mutex<Option<Instant>>>,
}

/// The right to work, until it is dropped.
pub struct Turn {
    began: Instant,
    /// None when there is no crowd, and everybody may work at once.
    rest: Option<OwnedMutexGuard<Option<Instant>>>,
}

impl Pressure {
    /// Notes how many bodies shared a commit.
    pub fn committed(&self, bodies: usize) {
        if bodies >= CROWD {
            *self.crowded_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }

    fn is_on(&self) -> bool {
        let crowded_at = *self.crowded_at.lock().unwrap_or_else(PoisonError::into_inner);
        crowded_at.is_some_and(|at| at.elapsed() < LASTS)
    }

    /// At once while there is no crowd; else after all who came before, and after a rest.
    pub async fn turn(&self) -> Turn {
        if self.is_on() {
            let held = Arc::clone(&self.turn).lock_owned().await;
            let until = held.unwrap_or_else(Instant::now);
            while self.is_on() && Instant::now() < until {
                sleep_until(until.min(Instant::now() + LOOK)).await;
            }
            if self.is_on() {
                return Turn { began: Instant::now(), rest: Some(held) };
            }
        }
        Turn { began: Instant::now(), rest: None }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(rest) = &mut self.rest {
            **rest = Some(Instant::now() + self.began.elapsed().min(LONGEST_REST));
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn without_a_crowd_everybody_works_at_once() {
        let pressure = Pressure::default();
        pressure.committed(CROWD - 1);
        let first = pressure.turn().now_or_never();
        let second = pressure.turn().now_or_never();
        assert!(first.is_some_and(|turn| turn.rest.is_none()) && second.is_some_and(|turn| turn.rest.is_none()));
    }

    #[tokio::test]
    async fn in_a_crowd_they_take_turns_and_rest_between_them() {
        let pressure = Pressure::default();
        pressure.committed(CROWD);
        let mut first = pressure.turn().now_or_never().unwrap();
        assert!(first.rest.is_some());
        assert!(pressure.turn().now_or_never().is_none(), "one at a time");
        first.began = Instant::now().checked_sub(Duration::from_secs(3)).unwrap();
        drop(first);
        pressure.committed(CROWD);
        assert!(pressure.turn().now_or_never().is_none(), "a rest comes first");
        let until = pressure.turn.try_lock().unwrap().unwrap();
        assert!(until <= Instant::now() + LONGEST_REST);
        *pressure.turn.try_lock().unwrap() = Some(Instant::now());
        assert!(pressure.turn().now_or_never().is_some(), "and then a turn");
    }

    #[tokio::test]
    async fn when_the_crowd_is_gone_nobody_rests() {
        let pressure = Pressure::default();
        *pressure.turn.try_lock().unwrap() = Some(Instant::now() + Duration::from_secs(3600));
        pressure.committed(CROWD);
        assert!(pressure.turn().now_or_never().is_none());
        *pressure.crowded_at.lock().unwrap() = None;
        assert!(pressure.turn().now_or_never().is_some());
        // Also those who rested already.
        pressure.committed(CROWD);
        assert!(pressure.turn().await.rest.is_none());
    }
}
