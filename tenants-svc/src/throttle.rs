//! Slows down guessing at one account. The first tries are free, then each further one must wait longer, up to a minute; while an
//! account waits, tries are refused without being counted, so nobody locks another out. Counts in this process only, in bounded
//! memory, for known and unknown addresses alike, so that a refusal tells nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Tries without a wait: several browsers of one person may come back at once.
const FREE: u32 = 10;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long without a try all is forgotten.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// The most accounts in each of the two generations.
const ROOM: usize = 10_000;

/// An account, known by its e-mail's hash.
type Account = [u8; 32];

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: DateTime<Utc>,
}

/// Two generations: when the younger is full, the older is forgotten. That keeps every step short and the memory bounded.
#[derive(Default)]
struct Generations {
    young: HashMap<Account, Tries>,
    old: HashMap<Account, Tries>,
}

/// Counts tries per account.
#[derive(Default)]
pub struct Throttle(Mutex<Generations>);

impl Throttle {
    /// Counts a try as failed until [`Throttle::succeeded`] says otherwise, so that tries at the same time count too.
    /// The error is how long to wait.
    pub fn admit(&self, account: &Account, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.young.get(account).or_else(|| all.old.get(account)).copied();
        let known = known.filter(|tries| now - tries.last < MEMORY);
        if let Some(tries) = known {
            let passed = (now - tries.last).to_std().unwrap_or_default();
            let left = wait(tries.count).saturating_sub(passed);
            if !left.is_zero() {
                return Err(left);
            }
        }
        if all.young.len() >= ROOM && !all.young.contains_key(account) {
            all.old = std::mem::take(&mut all.young);
        }
        let count = known.map_or(0, |tries| tries.count).saturating_add(1);
        all.young.insert(*account, Tries { count, last: now });
        Ok(())
    }

    /// The password was right: the account starts afresh.
    pub fn succeeded(&self, account: &Account) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.remove(account);
        all.old.remove(account);
    }
}

/// How long to wait after so many failures.
fn wait(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => Duration::from_secs(2_u64.saturating_pow(more)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Clock;

    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let throttle = Throttle::default();
        let (one, other) = ([1; 32], [2; 32]);
        let mut now = Clock::system().now();
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&one, now), Ok(()));
        }
        assert_eq!(throttle.admit(&one, now), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit(&other, now), Ok(()));
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = throttle.admit(&one, now).unwrap_err();
            waits.push(wait.as_secs());
            now += TimeDelta::from_std(wait).unwrap();
            assert_eq!(throttle.admit(&one, now), Ok(()), "the right password is heard after the wait");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_refused_try_does_not_lengthen_the_wait() {
        let throttle = Throttle::default();
        let now = Clock::system().now();
        for _ in 0..FREE {
            throttle.admit(&[1; 32], now).unwrap();
        }
        for _ in 0..100 {
            assert_eq!(throttle.admit(&[1; 32], now), Err(Duration::from_secs(1)));
        }
    }

    #[test]
    fn success_and_time_forgive() {
        let throttle = Throttle::default();
        let now = Clock::system().now();
        for account in [[1; 32], [2; 32]] {
            for _ in 0..FREE {
                throttle.admit(&account, now).unwrap();
            }
        }
        throttle.succeeded(&[1; 32]);
        assert_eq!(throttle.admit(&[1; 32], now), Ok(()));
        let later = now + MEMORY;
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&[2; 32], later), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded_and_a_flood_of_others_does_not_free_an_account() {
        let throttle = Throttle::default();
        let now = Clock::system().now();
        for _ in 0..FREE {
            throttle.admit(&[255; 32], now).unwrap();
        }
        for number in 0..u32::try_from(ROOM).unwrap() {
            let mut account = [0; 32];
            account[..4].copy_from_slice(&number.to_be_bytes());
            throttle.admit(&account, now).unwrap();
        }
        assert!(throttle.admit(&[255; 32], now).is_err());
        let all = throttle.0.lock().unwrap();
        assert!(all.young.len() <= ROOM && all.old.len() <= ROOM);
    }
}
