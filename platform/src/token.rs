//! Internal tokens: EdDSA JWTs that live a minute, for one audience, from one issuer of the call graph.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{self, SHA256};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{Caller, Clock, Identity, Role, ServiceName, TenantId, UserId};

/// Seconds that an internal token lives.
const LIFE: i64 = 60;
/// Seconds by which two hosts' clocks may differ.
const LEEWAY: i64 = 30;
/// More proved tokens than this are not remembered at once.
const MOST_PROVED: usize = 4096;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: ServiceName,
    aud: Vec<ServiceName>,
    sub: String,
    nbf: i64,
    exp: i64,
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// The platform admin inside the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<UserId>,
    /// Where the person's request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<IpAddr>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Member,
    Admin,
    Visitor,
    Service,
}

/// Signs internal tokens as one issuer.
#[derive(Clone)]
pub struct Minter {
    issuer: ServiceName,
    key: Arc<EncodingKey>,
}

impl Minter {
    pub(crate) fn new(issuer: ServiceName, key: EncodingKey) -> Self {
        Self { issuer, key: Arc::new(key) }
    }

    /// As whom it signs.
    #[must_use]
    pub const fn issuer(&self) -> ServiceName {
        self.issuer
    }

    /// A token that lets `identity` call any of `audience` for the next 60 seconds.
    pub fn mint(
        &self,
        identity: &Identity,
        audience: &[ServiceName],
        clock: &Clock,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.mint_at(identity, None, audience, clock)
    }

    /// The same for a request that came from this address.
    pub fn mint_at(
        &self,
        identity: &Identity,
        address: Option<IpAddr>,
        audience: &[ServiceName],
        clock: &Clock,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let (kind, sub, role, act) = match identity {
            Identity::Member { user, role, .. } => (Kind::Member, user.to_string(), Some(*role), None),
            Identity::PlatformAdmin { user } => (Kind::Admin, user.to_string(), None, None),
            Identity::Visitor { admin, .. } => (Kind::Visitor, admin.to_string(), Some(Role::Viewer), Some(*admin)),
            Identity::Service { name, .. } => (Kind::Service, name.to_string(), None, None),
        };
        let now = clock.now().timestamp();
        let claims = Claims {
            iss: self.issuer,
            aud: audience.to_vec(),
            sub,
            nbf: now,
            exp: now + LIFE,
            kind,
            tenant: identity.tenant(),
            role,
            act,
            ip: address,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)
    }
}

/// Checks internal tokens for one audience. Cheap to clone; the clones remember together.
#[derive(Clone)]
pub struct Verifier {
    audience: ServiceName,
    issuers: Arc<HashMap<ServiceName, DecodingKey>>,
    validation: Arc<Validation>,
    clock: Clock,
    proved: Arc<Mutex<HashMap<[u8; 32], Proved>>>,
}

/// What a signature proved, and for how long. A signature is dear to check and its token comes many times in its minute.
#[derive(Clone, Copy)]
struct Proved {
    caller: Caller,
    nbf: i64,
    exp: i64,
}

impl Proved {
    const fn is_valid(&self, now: i64) -> bool {
        self.nbf.saturating_sub(LEEWAY) <= now && now <= self.exp.saturating_add(LEEWAY)
    }
}

impl Verifier {
    pub(crate) fn new(audience: ServiceName, issuers: HashMap<ServiceName, DecodingKey>) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[audience.as_str()]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        // The times are looked at each time a token comes, and its signature only once: see `verify_at`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            audience,
            issuers: Arc::new(issuers),
            validation: Arc::new(validation),
            clock: Clock::system(),
            proved: Arc::default(),
        }
    }

    /// Whose tokens it takes.
    #[must_use]
    pub const fn audience(&self) -> ServiceName {
        self.audience
    }

    /// The caller behind a token; none for anything that is not exactly right.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<Caller> {
        self.verify_at(token, self.clock.now().timestamp())
    }

    /// A token that was proved is known by the digest of all of it, and its times are looked at each time it comes.
    fn verify_at(&self, token: &str, now: i64) -> Option<Caller> {
        if token.len() > 4096 {
            return None;
        }
        let key: [u8; 32] = digest::digest(&SHA256, token.as_bytes()).as_ref().try_into().ok()?;
        let known = self.proved.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
        let proved = known.map_or_else(|| self.prove(token), Some).filter(|proved| proved.is_valid(now))?;
        if known.is_none() {
            self.remember(key, proved, now);
        }
        Some(proved.caller)
    }

    fn prove(&self, token: &str) -> Option<Proved> {
        // An issuer's name is not secret and its key decides, so each known key is asked in turn.
        self.issuers.iter().find_map(|(issuer, key)| {
            let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
            let who = (claims.iss == *issuer).then(|| identity(&claims)).flatten()?;
            Some(Proved { caller: Caller::proved(who, *issuer).at(claims.ip), nbf: claims.nbf, exp: claims.exp })
        })
    }

    fn remember(&self, key: [u8; 32], proved: Proved, now: i64) {
        let mut all = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_PROVED {
            all.retain(|_, proved| proved.is_valid(now));
        }
        if all.len() >= MOST_PROVED {
            all.clear();
        }
        all.insert(key, proved);
    }
}

/// Only the gateway vouches for people, and a service only for itself; the operator's command line may stand in for any service.
fn identity(claims: &Claims) -> Option<Identity> {
    match claims.kind {
        Kind::Member if claims.iss == ServiceName::Gateway => Some(Identity::Member {
            tenant: claims.tenant?,
            user: claims.sub.parse::<UserId>().ok()?,
            role: claims.role?,
        }),
        Kind::Admin if claims.iss == ServiceName::Gateway => {
            Some(Identity::PlatformAdmin { user: claims.sub.parse().ok()? })
        }
        Kind::Visitor if claims.iss == ServiceName::Gateway => {
            Some(Identity::Visitor { tenant: claims.tenant?, admin: claims.act? })
        }
        Kind::Service => {
            let name: ServiceName = claims.sub.parse().ok()?;
            (name == claims.iss || claims.iss == ServiceName::Cli)
                .then_some(Identity::Service { name, tenant: claims.tenant })
        }
        Kind::Member | Kind::Admin | Kind::Visitor => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{Keyring, SecretKey, new_id};

    fn keys() -> Keyring {
        Keyring::derived(&SecretKey::parse("a secret of at least thirty-two characters").unwrap())
    }

    fn member() -> Identity {
        Identity::Member { tenant: TenantId(new_id()), user: UserId(new_id()), role: Role::Agent }
    }

    fn mint(issuer: ServiceName, who: &Identity, audience: ServiceName) -> String {
        keys().minter(issuer).unwrap().mint(who, &[audience], &Clock::system()).unwrap()
    }

    #[test]
    fn a_member_vouched_for_by_the_gateway_is_proved() {
        let who = member();
        let token = mint(ServiceName::Gateway, &who, ServiceName::Inbox);
        let caller = keys().verifier(ServiceName::Inbox).verify(&token).unwrap();
        assert_eq!((caller.identity(), caller.issuer()), (who, ServiceName::Gateway));
    }

    #[test]
    fn another_audience_refuses_it() {
        let token = mint(ServiceName::Gateway, &member(), ServiceName::Inbox);
        assert!(keys().verifier(ServiceName::Catalog).verify(&token).is_none());
    }

    #[test]
    fn an_issuer_outside_the_call_graph_is_refused() {
        let who = Identity::Service { name: ServiceName::Catalog, tenant: None };
        let token = mint(ServiceName::Catalog, &who, ServiceName::Inbox);
        assert!(keys().verifier(ServiceName::Inbox).verify(&token).is_none());
    }

    #[test]
    fn only_the_gateway_vouches_for_people_and_nobody_for_another_service() {
        let verifier = keys().verifier(ServiceName::Tenants);
        assert!(verifier.verify(&mint(ServiceName::Ai, &member(), ServiceName::Tenants)).is_none());
        let admin = Identity::PlatformAdmin { user: UserId(new_id()) };
        assert!(verifier.verify(&mint(ServiceName::Inbox, &admin, ServiceName::Tenants)).is_none());
        let other = Identity::Service { name: ServiceName::Gateway, tenant: None };
        assert!(verifier.verify(&mint(ServiceName::Ai, &other, ServiceName::Tenants)).is_none());
    }

    #[test]
    fn an_expired_token_is_refused() {
        let (clock, hand) = Clock::manual(Clock::system().now());
        hand.advance(TimeDelta::seconds(-(LIFE + 31)));
        let token =
            keys().minter(ServiceName::Gateway).unwrap().mint(&member(), &[ServiceName::Inbox], &clock).unwrap();
        assert!(keys().verifier(ServiceName::Inbox).verify(&token).is_none());
    }

    #[test]
    fn a_token_that_was_proved_is_refused_once_it_has_expired() {
        let now = Clock::system().now();
        let (clock, _) = Clock::manual(now);
        let minter = keys().minter(ServiceName::Gateway).unwrap();
        let token = minter.mint(&member(), &[ServiceName::Inbox], &clock).unwrap();
        let (verifier, now) = (keys().verifier(ServiceName::Inbox), now.timestamp());
        let caller = verifier.verify_at(&token, now);
        assert!(caller.is_some());
        assert_eq!(verifier.proved.lock().unwrap().len(), 1);
        assert_eq!(verifier.verify_at(&token, now + LIFE + LEEWAY), caller);
        assert_eq!(verifier.verify_at(&token, now + LIFE + LEEWAY + 1), None);
        assert_eq!(verifier.verify_at(&token, now - LEEWAY - 1), None);
    }

    #[test]
    fn what_was_proved_of_one_token_proves_nothing_of_another() {
        let verifier = keys().verifier(ServiceName::Inbox);
        let (one, other) = (member(), member());
        let token = mint(ServiceName::Gateway, &one, ServiceName::Inbox);
        assert_eq!(verifier.verify(&token).unwrap().identity(), one);
        let second = mint(ServiceName::Gateway, &other, ServiceName::Inbox);
        assert_eq!(verifier.verify(&second).unwrap().identity(), other);
        assert!(keys().verifier(ServiceName::Catalog).verify(&token).is_none());
        // The one's claims under the other's signature.
        let (claims, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = second.rsplit_once('.').unwrap();
        assert!(verifier.verify(&format!("{claims}.{signature}")).is_none());
        assert!(verifier.verify(&format!("{token}=")).is_none());
    }

    #[test]
    fn only_so_many_proved_tokens_are_remembered_and_the_expired_go_first() {
        let verifier = keys().verifier(ServiceName::Inbox);
        let caller = verifier.verify(&mint(ServiceName::Gateway, &member(), ServiceName::Inbox)).unwrap();
        let key = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            key
        };
        let proved = |exp| Proved { caller, nbf: 0, exp };
        verifier.proved.lock().unwrap().clear();
        for number in 0..MOST_PROVED {
            verifier.remember(key(number), proved(if number == 7 { 10_000 } else { 100 }), 0);
        }
        assert_eq!(verifier.proved.lock().unwrap().len(), MOST_PROVED);
        verifier.remember(key(MOST_PROVED), proved(10_000), 1_000);
        let left = verifier.proved.lock().unwrap();
        assert_eq!(left.len(), 2);
        assert!(left.contains_key(&key(7)) && left.contains_key(&key(MOST_PROVED)));
    }

    #[test]
    fn other_algorithms_and_broken_tokens_are_refused() {
        let verifier = keys().verifier(ServiceName::Inbox);
        let token = mint(ServiceName::Gateway, &member(), ServiceName::Inbox);
        let (_, rest) = token.split_once('.').unwrap();
        // {"alg":"none"} and {"alg":"HS256"}
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
            assert!(verifier.verify(&format!("{header}.{rest}")).is_none());
        }
        assert!(verifier.verify("").is_none());
        assert!(verifier.verify(&"a".repeat(10_000)).is_none());
    }
}
