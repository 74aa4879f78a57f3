//! The tokens that calls carry: minted for one identity and one audience, and carried again by that identity's calls for some seconds,
//! because a signature costs more than the rest of a call within one process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};

use crate::{Clock, Identity, Minter, ServiceName};

/// How long after its minting a token goes with further calls; a sixth of its life.
const REUSED: TimeDelta = TimeDelta::seconds(10);
/// Tokens of more identities than this are not kept at once.
const MOST: usize = 1024;

/// Tokens for one audience. Cheap to clone; the clones keep them together.
#[derive(Clone)]
pub(super) struct Bearers {
    audience: ServiceName,
    minter: Minter,
    clock: Clock,
    kept: Arc<Mutex<HashMap<Origin, Kept>>>,
}

/// Who calls, and from where.
type Origin = (Identity, Option<IpAddr>);

#[derive(Clone)]
struct Kept {
    /// Marked as sensitive, so that no log shows it.
    header: MetadataValue<Ascii>,
    minted_at: DateTime<Utc>,
}

impl Kept {
    /// A clock that was set back must not make it good for longer.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        self.minted_at <= now && now < self.minted_at + REUSED
    }
}

impl Bearers {
    pub(super) fn new(audience: ServiceName, minter: Minter, clock: Clock) -> Self {
        Self { audience, minter, clock, kept: Arc::default() }
    }

    /// Who signs.
    pub(super) const fn issuer(&self) -> ServiceName {
        self.minter.issuer()
    }

    /// The value of `authorization` for calls as `identity`, good for at least 50 seconds.
    pub(super) fn of(&self, identity: &Identity, address: Option<IpAddr>) -> Result<MetadataValue<Ascii>, Status> {
        let now = self.clock.now();
        let from = (*identity, address);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&from).cloned();
        if let Some(kept) = kept.filter(|kept| kept.is_fresh(now)) {
            return Ok(kept.header);
        }
        let token = self.minter.mint_at(identity, address, &[self.audience], &self.clock);
        let token = token.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot sign an internal token");
            Status::internal("internal error")
        })?;
        let header = MetadataValue::try_from(format!("Bearer {token}"));
        let mut header = header.map_err(|_| Status::internal("internal error"))?;
        header.set_sensitive(true);
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, kept| kept.is_fresh(now));
        }
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(from, Kept { header: header.clone(), minted_at: now });
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caller, Keyring, Role, SecretKey, TenantId, UserId, new_id};

    fn keys() -> Keyring {
        Keyring::derived(&SecretKey::parse("a secret of at least thirty-two characters").unwrap())
    }

    fn bearers(audience: ServiceName, clock: &Clock) -> Bearers {
        Bearers::new(audience, keys().minter(ServiceName::Gateway).unwrap(), clock.clone())
    }

    fn member() -> Identity {
        Identity::Member { tenant: TenantId(new_id()), user: UserId(new_id()), role: Role::Agent }
    }

    fn proved(header: &MetadataValue<Ascii>, audience: ServiceName) -> Option<Caller> {
        keys().verifier(audience).verify(header.to_str().unwrap().strip_prefix("Bearer ").unwrap())
    }

    #[test]
    fn a_token_goes_with_one_identitys_calls_for_some_seconds() {
        let (clock, hand) = Clock::manual(Clock::system().now());
        let (bearers, who) = (bearers(ServiceName::Inbox, &clock), member());
        let first = bearers.of(&who, None).unwrap();
        hand.advance(REUSED - TimeDelta::seconds(1));
        assert_eq!(bearers.of(&who, None).unwrap(), first);
        hand.advance(TimeDelta::seconds(1));
        let second = bearers.of(&who, None).unwrap();
        assert_ne!(second, first);
        hand.advance(TimeDelta::seconds(-2));
        assert_ne!(bearers.of(&who, None).unwrap(), second, "the clock was set back");
    }

    #[test]
    fn nobody_gets_anothers_token() {
        let clock = Clock::system();
        let (inbox, catalog) = (bearers(ServiceName::Inbox, &clock), bearers(ServiceName::Catalog, &clock));
        let (one, other) = (member(), member());
        let Identity::Member { tenant, user, .. } = one else { panic!("a member") };
        let promoted = Identity::Member { tenant, user, role: Role::Owner };
        for who in [one, other, promoted, one] {
            assert_eq!(proved(&inbox.of(&who, None).unwrap(), ServiceName::Inbox).unwrap().identity(), who);
            let elsewhere = catalog.of(&who, None).unwrap();
            assert!(proved(&elsewhere, ServiceName::Inbox).is_none());
            assert_eq!(proved(&elsewhere, ServiceName::Catalog).unwrap().identity(), who);
        }
    }

    #[test]
    fn a_token_says_where_its_request_came_from() {
        let bearers = bearers(ServiceName::Inbox, &Clock::system());
        let (who, here) = (member(), IpAddr::from([203, 0, 113, 7]));
        let there = IpAddr::from([203, 0, 113, 8]);
        for address in [Some(here), Some(there), None, Some(here)] {
            let caller = proved(&bearers.of(&who, address).unwrap(), ServiceName::Inbox).unwrap();
            assert_eq!((caller.identity(), caller.address()), (who, address));
        }
    }

    #[test]
    fn a_token_is_not_shown_and_only_so_many_are_kept() {
        let bearers = bearers(ServiceName::Inbox, &Clock::system());
        let header = bearers.of(&member(), None).unwrap();
        assert_eq!(format!("{header:?}"), "Sensitive");
        let kept = Kept { header, minted_at: Clock::system().now() };
        let many = (0..MOST).map(|_| ((member(), None), kept.clone()));
        bearers.kept.lock().unwrap().extend(many);
        let who = member();
        bearers.of(&who, None).unwrap();
        assert_eq!(bearers.kept.lock().unwrap().keys().collect::<Vec<_>>(), [&(who, None)]);
    }
}
