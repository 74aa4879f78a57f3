//! How long channels hold back because Meta's usage headers ask for it. In this process only, in bounded memory: another process hears it
//! from Meta itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// The most channels that hold back at once; past that the oldest news is as good as none.
const ROOM: usize = 10_000;

/// Since when and until when.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// Who holds back.
#[derive(Default)]
pub struct Paces(Mutex<HashMap<Uuid, Span>>);

impl Paces {
    /// A channel holds back for so long from now on; the longer of two waits counts.
    pub fn hold(&self, channel: Uuid, wait: Duration, now: DateTime<Utc>) {
        let Some(until) = TimeDelta::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait)) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ROOM && !all.contains_key(&channel) {
            all.retain(|_, (since, until)| *since <= now && now < *until);
            if all.len() >= ROOM {
                all.clear();
            }
        }
        let held = all.entry(channel).or_insert((now, until));
        if held.1 < until || now < held.0 {
            *held = (now, until);
        }
    }

    /// How long a channel still holds back; none when it need not. A clock that was set back ends the wait.
    pub fn left(&self, channel: Uuid, now: DateTime<Utc>) -> Option<Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, until) = *all.get(&channel)?;
        let left = (until - now).to_std().ok().filter(|left| !left.is_zero() && since <= now);
        if left.is_none() {
            all.remove(&channel);
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::{Clock, new_id};

    use super::*;

    #[test]
    fn the_longer_wait_counts_and_ends() {
        let (paces, channel, other) = (Paces::default(), new_id(), new_id());
        let now = Clock::system().now();
        paces.hold(channel, Duration::from_secs(60), now);
        paces.hold(channel, Duration::from_secs(5), now);
        assert_eq!(paces.left(channel, now + TimeDelta::seconds(20)), Some(Duration::from_secs(40)));
        assert_eq!(paces.left(other, now), None);
        assert_eq!(paces.left(channel, now + TimeDelta::seconds(60)), None);
        assert_eq!(paces.left(channel, now), None, "what is over stays over");
    }

    #[test]
    fn a_clock_set_back_holds_nobody() {
        let (paces, channel) = (Paces::default(), new_id());
        let now = Clock::system().now();
        paces.hold(channel, Duration::from_secs(60), now);
        assert_eq!(paces.left(channel, now - TimeDelta::hours(1)), None);
    }

    #[test]
    fn memory_is_bounded() {
        let paces = Paces::default();
        let now = Clock::system().now();
        for _ in 0..=ROOM {
            paces.hold(new_id(), Duration::from_secs(60), now);
        }
        assert!(paces.0.lock().unwrap().len() <= ROOM);
    }
}
