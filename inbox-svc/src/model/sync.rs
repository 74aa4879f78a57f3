//! How a channel is compared with what Meta keeps: first its history, once for each connection, then what happened since the last time.
//! A pass goes through Meta's list page by page and goes on where it stood.

use chrono::{DateTime, TimeDelta, Utc};

use super::MessageOrigin;

/// How far back a new connection's history is fetched.
const HISTORY: TimeDelta = TimeDelta::days(30);
/// How much two passes overlap: webhooks come late, and Meta's times are not ours.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);
/// Begins the word for what was passed over, not only put off.
const MISSED: &str = "missed_";
/// A pass that missed something is repeated from the same moment, but not for ever.
const LONGEST_REPEAT: TimeDelta = TimeDelta::days(1);

/// How far a channel was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sync {
    /// The connection it is about.
    pub connected_at: DateTime<Utc>,
    /// Everything up to then was compared; none while the history is being fetched.
    pub synced_to: Option<DateTime<Utc>>,
    /// Of the pass under way: from when.
    pub pass_from: Option<DateTime<Utc>>,
    /// And up to when.
    pub pass_to: Option<DateTime<Utc>>,
    /// And Meta's page.
    pub pass_cursor: String,
    /// And the customers on it whose conversations need no look any more. By name, because Meta's list moves while it is read.
    pub pass_done: Vec<String>,
    /// What went wrong in it, or in the last one: one stable word, which begins with `missed_` once something was passed over. Empty
    /// when nothing did.
    pub last_error: String,
}

impl Sync {
    /// Of a new connection.
    #[must_use]
    pub const fn new(connected_at: DateTime<Utc>) -> Self {
        Self {
            connected_at,
            synced_to: None,
            pass_from: None,
            pass_to: None,
            pass_cursor: String::new(),
            pass_done: Vec::new(),
            last_error: String::new(),
        }
    }

    /// The pass under way, begun if there is none: from when to when. What is newer than `up_to` is left to its webhook.
    pub fn pass(&mut self, up_to: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        if let (Some(from), Some(to)) = (self.pass_from, self.pass_to) {
            return (from, to);
        }
        let from = self.synced_to.map_or(up_to.max(self.connected_at) - HISTORY, |synced| synced - OVERLAP);
        // A clock that was set back must not make a pass that ends before it begins.
        let to = up_to.max(from);
        self.pass_from = Some(from);
        self.pass_to = Some(to);
        self.pass_cursor.clear();
        self.pass_done.clear();
        self.last_error.clear();
        (from, to)
    }

    /// A conversation on the page needs no look any more.
    pub fn go_past(&mut self, user: &str) {
        if !self.is_past(user) {
            self.pass_done.push(user.to_owned());
        }
    }

    /// Whether a conversation on the page was looked at already.
    #[must_use]
    pub fn is_past(&self, user: &str) -> bool {
        self.pass_done.iter().any(|done| done == user)
    }

    /// Something could not be read and is passed over; the pass goes on.
    pub fn miss(&mut self, error: &str) {
        self.last_error = format!("{MISSED}{error}");
    }

    /// The pass is put off and goes on at the same place. What was passed over is not forgotten for that.
    pub fn rest(&mut self, error: &str) {
        if !self.is_missing() {
            error.clone_into(&mut self.last_error);
        }
    }

    /// A page was gone through: what put it off is over.
    pub fn turn_page(&mut self, next: String) {
        self.pass_cursor = next;
        self.pass_done.clear();
        if !self.is_missing() {
            self.last_error.clear();
        }
    }

    fn is_missing(&self) -> bool {
        self.last_error.starts_with(MISSED)
    }

    /// The pass went through all pages. When something in it could not be read, the next one begins where it did, for a day.
    pub fn finish(&mut self) {
        let Some(to) = self.pass_to else { return };
        self.turn_page(String::new());
        self.synced_to = match self.synced_to {
            Some(synced) if self.is_missing() => Some(synced.max(to - LONGEST_REPEAT)),
            Some(synced) => Some(synced.max(to)),
            None if self.is_missing() && to - self.connected_at < LONGEST_REPEAT => None,
            None => Some(to),
        };
        self.end();
    }

    /// The pass is given up, and another begins anew in time.
    pub fn give_up(&mut self, error: &str) {
        error.clone_into(&mut self.last_error);
        self.end();
    }

    fn end(&mut self) {
        self.pass_from = None;
        self.pass_to = None;
        self.pass_cursor.clear();
        self.pass_done.clear();
    }

    /// How a message of that time came to us when only the comparison shows it.
    #[must_use]
    pub fn origin(&self, at: DateTime<Utc>) -> MessageOrigin {
        if at < self.connected_at { MessageOrigin::History } else { MessageOrigin::Recovered }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    #[test]
    fn the_first_pass_fetches_thirty_days_and_the_next_what_came_since() {
        let mut sync = Sync::new(at(0));
        assert_eq!(sync.pass(at(60)), (at(60) - TimeDelta::days(30), at(60)));
        assert_eq!(sync.pass(at(900)), (at(60) - TimeDelta::days(30), at(60)), "it goes on");
        assert_eq!((sync.origin(at(-1)), sync.origin(at(0))), (MessageOrigin::History, MessageOrigin::Recovered));
        sync.finish();
        assert_eq!(sync.pass(at(960)), (at(60) - OVERLAP, at(960)));
    }

    #[test]
    fn what_was_given_up_or_missed_is_done_again() {
        let mut sync = Sync::new(at(0));
        sync.pass(at(60));
        sync.give_up("needs_reconnect");
        assert_eq!((sync.synced_to, sync.last_error.as_str()), (None, "needs_reconnect"));
        assert_eq!(sync.pass(at(960)).0, at(960) - TimeDelta::days(30));
        assert_eq!(sync.last_error, "");
        sync.finish();
        sync.pass(at(2000));
        sync.miss("internal");
        sync.finish();
        assert_eq!(sync.synced_to, Some(at(960)));
        // Of a history too.
        let mut history = Sync::new(at(0));
        for (now, synced) in [(60, None), (960, None), (86_400, Some(at(86_400)))] {
            history.pass(at(now));
            history.miss("internal");
            history.finish();
            assert_eq!(history.synced_to, synced);
        }
        sync.pass(at(960) + TimeDelta::days(3));
        sync.miss("internal");
        sync.finish();
        assert_eq!(sync.synced_to, Some(at(960) + TimeDelta::days(2)), "not for ever");
    }

    #[test]
    fn what_was_only_put_off_is_not_done_again_and_what_was_missed_is() {
        let mut sync = Sync::new(at(0));
        sync.pass(at(60));
        sync.rest("rate_limited");
        assert_eq!(sync.last_error, "rate_limited");
        sync.pass(at(90));
        sync.finish();
        assert_eq!((sync.synced_to, sync.last_error.as_str()), (Some(at(60)), ""));
        sync.pass(at(960));
        sync.miss("rejected");
        sync.rest("rate_limited");
        sync.turn_page("2".to_owned());
        sync.finish();
        assert_eq!((sync.synced_to, sync.last_error.as_str()), (Some(at(60)), "missed_rejected"));
    }

    #[test]
    fn a_place_is_kept_over_a_rest_and_no_longer_than_its_page() {
        let mut sync = Sync::new(at(0));
        sync.pass(at(60));
        sync.go_past("a");
        sync.go_past("a");
        sync.rest("rate_limited");
        sync.pass(at(90));
        assert_eq!((sync.is_past("a"), sync.is_past("b"), sync.pass_done.len()), (true, false, 1));
        let ends: [fn(&mut Sync); 3] = [|sync| sync.turn_page("2".to_owned()), Sync::finish, |sync| sync.give_up("x")];
        for end in ends {
            let mut ended = sync.clone();
            end(&mut ended);
            assert!(!ended.is_past("a"));
        }
    }

    #[test]
    fn an_old_connection_that_was_never_compared_is_read_over_thirty_days_too() {
        let mut sync = Sync::new(at(0) - TimeDelta::days(700));
        assert_eq!(sync.pass(at(0)), (at(0) - TimeDelta::days(30), at(0)));
    }

    proptest! {
        /// Passes leave no gap between them, whatever fails and whenever they are looked at.
        #[test]
        fn passes_leave_no_gap(steps in prop::collection::vec((0_i64..2000, 0_u8..4), 1..40)) {
            let mut sync = Sync::new(at(0));
            let mut now = at(0);
            let mut compared: Option<DateTime<Utc>> = None;
            for (wait, what) in steps {
                now += TimeDelta::seconds(wait);
                let (from, to) = sync.pass(now);
                prop_assert!(from <= to && to <= now);
                if let Some(compared) = compared {
                    prop_assert!(from <= compared, "a gap");
                }
                match what {
                    0 => sync.give_up("x"),
                    1 => {}
                    2 => {
                        sync.miss("x");
                        sync.finish();
                    }
                    _ => {
                        sync.finish();
                        compared = Some(compared.map_or(to, |known| known.max(to)));
                    }
                }
            }
        }
    }
}
