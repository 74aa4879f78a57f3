//! How often the same was refused. The audit log hears of the first, second, fourth, eighth … time within an hour, with the count, so that no
//! flood of refusals drowns what else is in it. Counts in this process only, in bounded memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// What is counted together.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// The most that is told apart in each of the two generations.
const ROOM: usize = 10_000;

#[derive(Clone, Copy)]
struct Counted {
    since: DateTime<Utc>,
    times: u64,
}

/// Two generations: when the younger is full, the older is forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<String, Counted>,
    old: HashMap<String, Counted>,
}

/// Counts refusals.
#[derive(Default)]
pub struct Tally(Mutex<Generations>);

impl Tally {
    /// Counts one more; how many there were within the hour, if that is to be noted.
    pub fn count(&self, what: String, now: DateTime<Utc>) -> Option<u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.young.get(&what).or_else(|| all.old.get(&what)).copied();
        let known = known.filter(|counted| now - counted.since < HOUR).unwrap_or(Counted { since: now, times: 0 });
        let times = known.times.saturating_add(1);
        if all.young.len() >= ROOM && !all.young.contains_key(&what) {
            all.old = std::mem::take(&mut all.young);
        }
        all.young.insert(what, Counted { times, ..known });
        times.is_power_of_two().then_some(times)
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Clock;

    use super::*;

    #[test]
    fn a_flood_leaves_a_few_records_and_one_more_each_hour() {
        let (tally, mut now) = (Tally::default(), Clock::system().now());
        let noted = |now| (0..1000).filter_map(|_| tally.count("a".to_owned(), now)).collect::<Vec<_>>();
        assert_eq!(noted(now), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
        assert_eq!(tally.count("b".to_owned(), now), Some(1), "another is another");
        now += HOUR;
        assert_eq!(noted(now)[..2], [1, 2]);
    }

    #[test]
    fn the_memory_is_bounded() {
        let (tally, now) = (Tally::default(), Clock::system().now());
        for n in 0..3 * ROOM {
            tally.count(n.to_string(), now);
        }
        let all = tally.0.lock().unwrap();
        assert!(all.young.len() + all.old.len() <= 2 * ROOM);
    }
}
