//! Some days, and what happened in them.

use chrono::{Days, NaiveDate};

/// The longest period, in days.
const LONGEST: i64 = 366;
/// Days of a period that nobody bounded.
const USUAL: u64 = 7;

/// Some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first.
    pub from: NaiveDate,
    /// The last.
    pub to: NaiveDate,
}

/// Why days are no period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPeriod {
    /// The last is before the first.
    Backwards,
    /// More than 366 days.
    TooLong,
}

impl Period {
    /// The days between, both included. Without a last day it is today; without a first, there are seven.
    pub fn new(from: Option<NaiveDate>, to: Option<NaiveDate>, today: NaiveDate) -> Result<Self, NoPeriod> {
        let to = to.unwrap_or(today);
        let from = from.or_else(|| to.checked_sub_days(Days::new(USUAL - 1))).unwrap_or(to);
        match (to - from).num_days() {
            ..0 => Err(NoPeriod::Backwards),
            0..LONGEST => Ok(Self { from, to }),
            _ => Err(NoPeriod::TooLong),
        }
    }

    /// Every day, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take_while(move |day| *day <= self.to)
    }
}

/// The figures of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayFigures {
    /// Which.
    pub date: NaiveDate,
    /// With any message of their customer.
    pub conversations: i64,
    /// Messages of customers.
    pub messages_in: i64,
    /// Replies of the assistant that went out.
    pub answers_ai: i64,
    /// Messages of people that went out.
    pub answers_human: i64,
    /// The assistant gave up.
    pub handovers: i64,
}

impl DayFigures {
    /// A day on which nothing happened.
    #[must_use]
    pub const fn none(date: NaiveDate) -> Self {
        Self { date, conversations: 0, messages_in: 0, answers_ai: 0, answers_human: 0, handovers: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_has_bounds() {
        let today = day("2026-11-22");
        let usual = Period::new(None, None, today).unwrap();
        assert_eq!((usual.from, usual.to, usual.days().count()), (day("2026-11-16"), today, 7));
        let of = |from: &str, to: &str| Period::new(Some(day(from)), Some(day(to)), today);
        assert_eq!(of("2026-02-28", "2026-03-01").unwrap().days().count(), 2);
        assert_eq!(of("2024-01-01", "2024-12-31").unwrap().days().count(), 366);
        assert_eq!(of("2025-01-01", "2026-01-02"), Err(NoPeriod::TooLong));
        assert_eq!(of("2026-01-02", "2026-01-01"), Err(NoPeriod::Backwards));
        assert_eq!(Period::new(None, Some(NaiveDate::MIN), today).unwrap().from, NaiveDate::MIN);
    }
}
