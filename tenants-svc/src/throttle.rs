//! Slows down guessing at one account. The first tries are free, then each further one must wait longer, up to a minute; while it waits,
//! tries are refused without being counted, so nobody locks themselves out. Counted by account and by where the tries come from: who
//! guesses elsewhere never delays the owner. Counts in this process only, in bounded memory, for known and unknown accounts alike, so that
//! a refusal tells nothing. How often one address may try at all, whatever the account, is the gateway's.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chatdesk_platform::neighbourhood;
use chrono::{DateTime, TimeDelta, Utc};

/// Passwords without a wait: several browsers of one person may come back at once.
const FREE_PASSWORDS: u32 = 10;
/// One-time codes without a wait.
const FREE_CODES: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long without a try all is forgotten.
const MEMORY: TimeDelta = TimeDelta::minutes(15);
/// The most accounts in each of the two generations.
const ROOM: usize = 10_000;

/// What tries are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// Known by its e-mail's hash.
    account: [u8; 32],
    /// An address, or a /64 of them.
    place: IpAddr,
}

impl Target {
    /// An account tried from an address. All whose address nobody knows are in one place.
    #[must_use]
    pub fn from_address(account: [u8; 32], address: Option<IpAddr>) -> Self {
        Self { account, place: address.map_or(NOWHERE, neighbourhood) }
    }

    /// An account, wherever it is tried from. Only for what needs the password first: who has that is no stranger to be ignored.
    #[must_use]
    pub const fn anywhere(account: [u8; 32]) -> Self {
        Self { account, place: NOWHERE }
    }
}

const NOWHERE: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

#[derive(Clone, Copy)]
struct Tries {
    count: u32,
    last: DateTime<Utc>,
}

/// Two generations: when the younger is full, the older is forgotten. That keeps every step short and the memory bounded.
#[derive(Default)]
struct Generations {
    young: HashMap<Target, Tries>,
    old: HashMap<Target, Tries>,
}

/// Counts tries.
pub struct Throttle {
    free: u32,
    all: Mutex<Generations>,
}

impl Throttle {
    /// For passwords.
    #[must_use]
    pub fn of_passwords() -> Self {
        Self { free: FREE_PASSWORDS, all: Mutex::default() }
    }

    /// For one-time codes.
    #[must_use]
    pub fn of_codes() -> Self {
        Self { free: FREE_CODES, all: Mutex::default() }
    }

    /// Counts a try as failed until [`Throttle::succeeded`] says otherwise, so that tries at the same time count too.
    /// The error is how long to wait.
    pub fn admit(&self, target: &Target, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.young.get(target).or_else(|| all.old.get(target)).copied();
        let known = known.filter(|tries| now - tries.last < MEMORY);
        if let Some(tries) = known {
            let passed = (now - tries.last).to_std().unwrap_or_default();
            let left = self.wait(tries.count).saturating_sub(passed);
            if !left.is_zero() {
                return Err(left);
            }
        }
        if all.young.len() >= ROOM && !all.young.contains_key(target) {
            all.old = std::mem::take(&mut all.young);
        }
        let count = known.map_or(0, |tries| tries.count).saturating_add(1);
        all.young.insert(*target, Tries { count, last: now });
        Ok(())
    }

    /// It was right: the target starts afresh.
    pub fn succeeded(&self, target: &Target) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.remove(target);
        all.old.remove(target);
    }

    /// How long to wait after so many failures.
    fn wait(&self, failures: u32) -> Duration {
        match failures.checked_sub(self.free) {
            None => Duration::ZERO,
            Some(more) => Duration::from_secs(2_u64.saturating_pow(more)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Clock;

    use super::*;

    const FREE: u32 = FREE_PASSWORDS;

    fn of(account: u8) -> Target {
        Target::from_address([account; 32], Some(IpAddr::from([203, 0, 113, 1])))
    }

    #[test]
    fn waits_grow_and_end() {
        let throttle = Throttle::of_passwords();
        let mut now = Clock::system().now();
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&of(1), now), Ok(()));
        }
        assert_eq!(throttle.admit(&of(1), now), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit(&of(2), now), Ok(()));
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = throttle.admit(&of(1), now).unwrap_err();
            waits.push(wait.as_secs());
            now += TimeDelta::from_std(wait).unwrap();
            assert_eq!(throttle.admit(&of(1), now), Ok(()), "the right password is heard after the wait");
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    /// Case 71: a guesser elsewhere does not delay the owner; a guesser in the same /64 is the same guesser.
    #[test]
    fn places_are_counted_apart() {
        let throttle = Throttle::of_passwords();
        let now = Clock::system().now();
        let from = |text: &str| Target::from_address([1; 32], Some(text.parse().unwrap()));
        for last in 0..FREE {
            throttle.admit(&from(&format!("2001:db8::{last}")), now).unwrap();
        }
        assert!(throttle.admit(&from("2001:db8::ffff"), now).is_err());
        for owner in ["2001:db8:0:1::1", "203.0.113.1"] {
            assert_eq!(throttle.admit(&from(owner), now), Ok(()), "{owner}");
        }
        assert_eq!(throttle.admit(&Target::from_address([1; 32], None), now), Ok(()));
    }

    /// Case 76: the sixth wrong code waits, wherever it comes from.
    #[test]
    fn codes_have_fewer_free_tries() {
        let throttle = Throttle::of_codes();
        let now = Clock::system().now();
        for _ in 0..FREE_CODES {
            assert_eq!(throttle.admit(&Target::anywhere([1; 32]), now), Ok(()));
        }
        assert!(throttle.admit(&Target::anywhere([1; 32]), now).is_err());
    }

    #[test]
    fn a_refused_try_does_not_lengthen_the_wait() {
        let throttle = Throttle::of_passwords();
        let now = Clock::system().now();
        for _ in 0..FREE {
            throttle.admit(&of(1), now).unwrap();
        }
        for _ in 0..100 {
            assert_eq!(throttle.admit(&of(1), now), Err(Duration::from_secs(1)));
        }
    }

    #[test]
    fn success_and_time_forgive() {
        let throttle = Throttle::of_passwords();
        let now = Clock::system().now();
        for account in [1, 2] {
            for _ in 0..FREE {
                throttle.admit(&of(account), now).unwrap();
            }
        }
        throttle.succeeded(&of(1));
        assert_eq!(throttle.admit(&of(1), now), Ok(()));
        let later = now + MEMORY;
        for _ in 0..FREE {
            assert_eq!(throttle.admit(&of(2), later), Ok(()));
        }
    }

    #[test]
    fn memory_is_bounded_and_a_flood_of_others_does_not_free_an_account() {
        let throttle = Throttle::of_passwords();
        let now = Clock::system().now();
        for _ in 0..FREE {
            throttle.admit(&of(255), now).unwrap();
        }
        for number in 0..u32::try_from(ROOM).unwrap() {
            let mut account = [0; 32];
            account[..4].copy_from_slice(&number.to_be_bytes());
            throttle.admit(&Target::from_address(account, None), now).unwrap();
        }
        assert!(throttle.admit(&of(255), now).is_err());
        let all = throttle.all.lock().unwrap();
        assert!(all.young.len() <= ROOM && all.old.len() <= ROOM);
    }
}
