//! Times: Meta's windows, how old a question may be, the quiet moment before a reply, and Meta's timestamps made sane.

use chrono::{DateTime, TimeDelta, Utc};

/// How long after a customer's last event an automated answer is allowed (Messenger Platform, "Standard messaging window").
pub const AI_WINDOW: TimeDelta = TimeDelta::hours(24);
/// How long a person may answer, with the HUMAN_AGENT tag after the first day.
pub const HUMAN_WINDOW: TimeDelta = TimeDelta::days(7);
/// An older question is not answered by the assistant any more, and an older answer of it is not sent.
pub const FRESH: TimeDelta = TimeDelta::minutes(10);
/// 2010-01-01: before Meta had pages to write to. A smaller timestamp is no time.
const EARLIEST_MS: i64 = 1_262_304_000_000;

/// Meta's time of an event in milliseconds since 1970: never in the future, and now when there is none that can be true.
#[must_use]
pub fn platform_time(millis: Option<i64>, now: DateTime<Utc>) -> DateTime<Utc> {
    millis
        .filter(|millis| *millis >= EARLIEST_MS)
        .and_then(DateTime::from_timestamp_millis)
        .map_or(now, |at| at.min(now))
}

/// The time up to which a receipt speaks: never in the future, and none when it cannot be true. To take it for now would call everything
/// read.
#[must_use]
pub fn watermark(millis: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let at = DateTime::from_timestamp_millis(millis).filter(|_| millis >= EARLIEST_MS)?;
    Some(at.min(now))
}

/// How long to wait for the customer to finish.
#[derive(Debug, Clone, Copy)]
pub struct Quiet {
    /// Silence after the last message.
    pub window: TimeDelta,
    /// The longest wait after the first unanswered one.
    pub cap: TimeDelta,
}

impl Quiet {
    /// When a reply is due to messages of which the first and the last came then.
    #[must_use]
    pub fn due(&self, first: DateTime<Utc>, last: DateTime<Utc>) -> DateTime<Utc> {
        (last + self.window).min(first + self.cap)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap()
    }

    #[test]
    fn impossible_times_become_now_and_old_ones_stay() {
        for bad in [None, Some(0), Some(-5), Some(EARLIEST_MS - 1), Some(i64::MAX), Some(1_795_000_000_001)] {
            assert_eq!(platform_time(bad, now()), now(), "{bad:?}");
        }
        let old = now().timestamp_millis() - 25 * 3_600_000;
        assert_eq!(platform_time(Some(old), now()), now() - TimeDelta::hours(25));
    }

    #[test]
    fn a_watermark_that_cannot_be_true_is_none() {
        for bad in [0, -5, EARLIEST_MS - 1, i64::MAX] {
            assert_eq!(watermark(bad, now()), None, "{bad}");
        }
        assert_eq!(watermark(now().timestamp_millis() + 5000, now()), Some(now()));
    }

    proptest! {
        #[test]
        fn never_in_the_future(millis in any::<i64>()) {
            prop_assert!(platform_time(Some(millis), now()) <= now());
            prop_assert!(watermark(millis, now()).is_none_or(|at| at <= now()));
        }

        #[test]
        fn a_reply_waits_for_quiet_but_never_past_the_cap(gaps in prop::collection::vec(0_i64..3000, 1..40)) {
            let quiet = Quiet { window: TimeDelta::milliseconds(2500), cap: TimeDelta::milliseconds(8000) };
            let mut last = now();
            for gap in gaps {
                last += TimeDelta::milliseconds(gap);
                let due = quiet.due(now(), last);
                prop_assert!(due <= now() + quiet.cap);
                prop_assert!(due == now() + quiet.cap || due == last + quiet.window);
            }
        }
    }
}
