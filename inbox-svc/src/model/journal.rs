//! The journal as people look at it.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::names::text_enum;

text_enum! {
    /// What became of an item of a webhook.
    ItemOutcome {
        /// A message of its own.
        Stored = "stored",
        /// It changed what was there.
        Status = "status",
        /// It waits for the message it speaks of.
        Parked = "parked",
        /// Nothing to do, ever.
        Ignored = "ignored",
        /// Already known.
        Deduplicated = "deduplicated",
        /// Could not be taken; the reason says why.
        Failed = "failed",
        /// Kept by an older version for what it could not do yet.
        Waiting = "waiting",
    }
}

impl ItemOutcome {
    /// What an item is shown with that came to `now` when it was worked off again: the message that it stored is found there, and is
    /// still its.
    #[must_use]
    pub const fn again(self, now: Self) -> Self {
        match (self, now) {
            (Self::Stored, Self::Deduplicated) => Self::Stored,
            _ => now,
        }
    }
}

/// One item of a webhook.
#[derive(Debug, Clone)]
pub struct JournalItem {
    /// The webhook event it came in.
    pub event: Uuid,
    /// Its place in the body.
    pub index: i32,
    /// Where it came to.
    pub channel_id: Uuid,
    /// A fixed name.
    pub kind: String,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Why; maybe empty.
    pub reason: String,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// The message it made or changed.
    pub message: Option<Uuid>,
    /// That message's conversation.
    pub conversation: Option<Uuid>,
    /// When it was last worked off again.
    pub redriven_at: Option<DateTime<Utc>>,
    /// What Meta sent is still kept.
    pub is_kept: bool,
    /// What Meta sent; empty when nobody asked for it.
    pub raw: String,
}

/// How a channel compares with what Meta keeps.
#[derive(Debug, Clone)]
pub struct ChannelSync {
    /// Which.
    pub channel_id: Uuid,
    /// Everything up to then was compared.
    pub synced_to: Option<DateTime<Utc>>,
    /// When it was last compared, or tried.
    pub checked_at: Option<DateTime<Utc>>,
    /// Messages from before it was connected.
    pub history_count: i64,
    /// Messages that Meta never told us of.
    pub recovered_count: i64,
    /// Why the last comparison did not end; empty when it did.
    pub last_error: String,
}

/// The longest stretch of the journal that is looked at as a whole.
const LONGEST: TimeDelta = TimeDelta::days(31);
/// One that nobody bounded.
const USUAL: TimeDelta = TimeDelta::days(7);

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its beginning.
    pub from: DateTime<Utc>,
    /// Its end, which is not in it.
    pub to: DateTime<Utc>,
}

/// Why two moments bound no stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSpan {
    /// The end is not after the beginning.
    Backwards,
    /// More than 31 days.
    TooLong,
}

impl Span {
    /// Between two moments. Without an end it is now; without a beginning, there are seven days.
    pub fn new(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Self, NoSpan> {
        let to = to.unwrap_or(now);
        let from = from.unwrap_or(to - USUAL);
        if from >= to {
            Err(NoSpan::Backwards)
        } else if to - from > LONGEST {
            Err(NoSpan::TooLong)
        } else {
            Ok(Self { from, to })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_has_bounds() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let days = |days| Some(now - TimeDelta::days(days));
        let usual = Span::new(None, None, now).unwrap();
        assert_eq!((usual.from, usual.to), (now - USUAL, now));
        assert_eq!(Span::new(days(40), days(9), now).unwrap().to, now - TimeDelta::days(9));
        assert_eq!(Span::new(days(40), days(8), now), Err(NoSpan::TooLong));
        assert_eq!(Span::new(days(1), days(1), now), Err(NoSpan::Backwards));
        assert_eq!(Span::new(days(1), days(2), now), Err(NoSpan::Backwards));
    }

    #[test]
    fn what_was_stored_stays_so_and_what_failed_may_come_to_anything() {
        for now in ItemOutcome::ALL {
            assert_eq!(ItemOutcome::Failed.again(*now), *now);
        }
        assert_eq!(ItemOutcome::Stored.again(ItemOutcome::Deduplicated), ItemOutcome::Stored);
        assert_eq!(ItemOutcome::Deduplicated.again(ItemOutcome::Deduplicated), ItemOutcome::Deduplicated);
    }
}
