//! Who may invite, change and remove whom. Pure.

use chatdesk_platform::{Error, Role, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

/// How long an invitation's link works.
pub const INVITED_FOR: TimeDelta = TimeDelta::days(7);
/// The most open invitations of one business.
pub const MOST_INVITATIONS: usize = 100;

/// The most invitations that a business sends in a day: each is a mail in the installation's name to whomever they say.
pub const MOST_A_DAY: i64 = 50;
/// The most of them to one address, from all businesses.
pub const MOST_TO_ONE: i64 = 3;
/// That day.
pub const DAY: TimeDelta = TimeDelta::days(1);

/// An invitation that is open.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Ours.
    pub id: Uuid,
    /// For whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By whom.
    pub invited_by: UserId,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

impl Invitation {
    /// Whether its link works.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at
    }
}

/// Whether somebody may make another person that: owners and managers, and nobody gives more than they have.
#[must_use]
pub fn may_give(own: Role, role: Role) -> bool {
    own >= Role::Manager && role <= own
}

/// Whether somebody may change or remove a person of this role: owners anybody, managers those below them.
#[must_use]
pub fn may_touch(own: Role, theirs: Role) -> bool {
    own == Role::Owner || (own == Role::Manager && theirs < own)
}

/// Refuses to take an owner away where there is no other.
pub fn keep_an_owner(theirs: Role, next: Option<Role>, owners: i64) -> Result<(), Error> {
    if theirs == Role::Owner && next != Some(Role::Owner) && owners <= 1 {
        let detail = "A business keeps an owner; make somebody else one first.".to_owned();
        return Err(Error::Precondition { code: "last_owner", detail });
    }
    Ok(())
}

/// A link of a mail that does not work, for whatever reason.
pub fn link_invalid() -> Error {
    let detail = "This link was used already, is too old, or was taken back.".to_owned();
    Error::Precondition { code: "link_invalid", detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Role; 4] = [Role::Viewer, Role::Agent, Role::Manager, Role::Owner];

    #[test]
    fn nobody_gives_more_than_they_have() {
        let given = |own| ALL.into_iter().filter(|role| may_give(own, *role)).count();
        assert_eq!(ALL.map(given), [0, 0, 3, 4]);
    }

    #[test]
    fn managers_touch_those_below_them_and_owners_everybody() {
        let touched = |own| ALL.into_iter().filter(|theirs| may_touch(own, *theirs)).count();
        assert_eq!(ALL.map(touched), [0, 0, 2, 4]);
    }

    /// Case 79: the last owner stays one.
    #[test]
    fn the_last_owner_stays() {
        for (theirs, next, owners, is_kept) in [
            (Role::Owner, None, 1, false),
            (Role::Owner, Some(Role::Manager), 1, false),
            (Role::Owner, Some(Role::Owner), 1, true),
            (Role::Owner, None, 2, true),
            (Role::Manager, None, 1, true),
        ] {
            assert_eq!(keep_an_owner(theirs, next, owners).is_ok(), is_kept, "{theirs:?} {next:?} {owners}");
        }
    }
}
