//! A page that one business asks of another: who may say what, and when. Both owners must want it. Pure.

use chatdesk_meta::Platform;
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long the owner has for an answer, and then the asker for connecting.
pub const PATIENCE: TimeDelta = TimeDelta::days(7);
/// How long transfers are shown.
pub const SHOWN: TimeDelta = TimeDelta::days(30);

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The owner has not answered.
    Pending,
    /// The page is kept free for the asker.
    Accepted,
    /// The owner keeps it.
    Declined,
    /// Withdrawn, or its time is over.
    Cancelled,
    /// The asker connected it.
    Done,
}

impl State {
    const ALL: [Self; 5] = [Self::Pending, Self::Accepted, Self::Declined, Self::Cancelled, Self::Done];

    /// The name that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
        }
    }

    /// Reads what is stored.
    #[must_use]
    pub fn of_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It was given before.
    Stays,
    /// To this state.
    To(State),
}

/// A transfer.
#[derive(Debug, Clone)]
pub struct Transfer {
    /// Ours.
    pub id: Uuid,
    /// Where its customers write.
    pub platform: Platform,
    /// Meta's id of the page.
    pub external_id: String,
    /// Its name, where the caller knows it; maybe empty.
    pub page_name: String,
    /// Who had it when it was asked for.
    pub owner: TenantId,
    /// Who wants it.
    pub asker: TenantId,
    /// As stored.
    pub state: State,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When the state that waits is over.
    pub expires_at: DateTime<Utc>,
}

impl Transfer {
    /// The state to show: whoever let the time pass has lost it.
    #[must_use]
    pub fn shown(&self, now: DateTime<Utc>) -> State {
        match self.state {
            State::Pending | State::Accepted if now >= self.expires_at => State::Cancelled,
            state => state,
        }
    }

    /// What an answer of one of the two comes to. The asker can only withdraw.
    pub fn decide(&self, by: TenantId, accept: bool, now: DateTime<Utc>) -> Result<Step, Error> {
        let is_owner = by == self.owner;
        if !is_owner && by != self.asker {
            return Err(Error::NotFound("transfer"));
        }
        match (is_owner, accept, self.shown(now)) {
            (false, true, _) => {
                let detail = "Only the business that has the page can give it away.".to_owned();
                Err(Error::Precondition { code: "not_yours", detail })
            }
            (true, true, State::Pending) => Ok(Step::To(State::Accepted)),
            (true, false, State::Pending) => Ok(Step::To(State::Declined)),
            (false, false, State::Pending | State::Accepted) => Ok(Step::To(State::Cancelled)),
            (true, true, State::Accepted) | (true, false, State::Declined) | (false, false, State::Cancelled) => {
                Ok(Step::Stays)
            }
            (true, _, _) | (false, false, State::Declined | State::Done) => Err(already_decided()),
        }
    }
}

/// The answer comes too late.
#[must_use]
pub fn already_decided() -> Error {
    let detail = "This was decided before, or its time is over.".to_owned();
    Error::Precondition { code: "already_decided", detail }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::{Clock, new_id};
    use proptest::prelude::*;

    use super::*;

    fn transfer(state: State, now: DateTime<Utc>) -> Transfer {
        Transfer {
            id: new_id(),
            platform: Platform::Facebook,
            external_id: "104".to_owned(),
            page_name: String::new(),
            owner: TenantId(new_id()),
            asker: TenantId(new_id()),
            state,
            created_at: now,
            expires_at: now + PATIENCE,
        }
    }

    #[test]
    fn states_go_there_and_back() {
        for state in State::ALL {
            assert_eq!(State::of_stored(state.as_str()), Some(state));
        }
        assert_eq!(State::of_stored("gone"), None);
    }

    #[test]
    fn time_ends_what_waits_and_nothing_else() {
        let now = Clock::system().now();
        for (state, after) in [
            (State::Pending, State::Cancelled),
            (State::Accepted, State::Cancelled),
            (State::Declined, State::Declined),
            (State::Done, State::Done),
        ] {
            let transfer = transfer(state, now);
            assert_eq!(transfer.shown(now + PATIENCE - TimeDelta::seconds(1)), state);
            assert_eq!(transfer.shown(now + PATIENCE), after);
        }
    }

    #[test]
    fn a_third_business_knows_of_nothing() {
        let now = Clock::system().now();
        let transfer = transfer(State::Pending, now);
        assert!(matches!(transfer.decide(TenantId(new_id()), false, now), Err(Error::NotFound(_))));
    }

    proptest! {
        /// Whatever both say in whatever order, the page is free for the asker only if the owner said yes and the asker never withdrew.
        #[test]
        fn both_must_want_it(answers in proptest::collection::vec((any::<bool>(), any::<bool>(), 0_i64..40), 0..12)) {
            let mut now = Clock::system().now();
            let mut transfer = transfer(State::Pending, now);
            let (mut said_yes, mut withdrew, mut declined) = (false, false, false);
            for (by_owner, accept, hours) in answers {
                now += TimeDelta::hours(hours);
                let by = if by_owner { transfer.owner } else { transfer.asker };
                if let Ok(Step::To(state)) = transfer.decide(by, accept, now) {
                    prop_assert!(transfer.shown(now) == State::Pending || state == State::Cancelled);
                    said_yes |= by_owner && accept;
                    declined |= by_owner && !accept;
                    withdrew |= !by_owner;
                    transfer.state = state;
                    if state == State::Accepted {
                        transfer.expires_at = now + PATIENCE;
                    }
                }
                if transfer.shown(now) == State::Accepted {
                    prop_assert!(said_yes && !withdrew && !declined);
                }
            }
        }
    }
}
