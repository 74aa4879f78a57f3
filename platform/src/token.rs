//! Internal tokens: EdDSA JWTs that live a minute, for one audience, from one issuer of the call graph.

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{Caller, Clock, Identity, Role, ServiceName, TenantId, UserId};

/// Seconds that an internal token lives.
const LIFE: i64 = 60;

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
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Member,
    Admin,
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
        let (kind, sub, role) = match identity {
            Identity::Member { user, role, .. } => (Kind::Member, user.to_string(), Some(*role)),
            Identity::PlatformAdmin { user } => (Kind::Admin, user.to_string(), None),
            Identity::Service { name, .. } => (Kind::Service, name.to_string(), None),
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
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)
    }
}

/// Checks internal tokens for one audience.
#[derive(Clone)]
pub struct Verifier {
    audience: ServiceName,
    issuers: Arc<HashMap<ServiceName, DecodingKey>>,
    validation: Arc<Validation>,
}

impl Verifier {
    pub(crate) fn new(audience: ServiceName, issuers: HashMap<ServiceName, DecodingKey>) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[audience.as_str()]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 30;
        Self { audience, issuers: Arc::new(issuers), validation: Arc::new(validation) }
    }

    /// Whose tokens it takes.
    #[must_use]
    pub const fn audience(&self) -> ServiceName {
        self.audience
    }

    /// The caller behind a token; none for anything that is not exactly right.
    #[must_use]
    pub fn verify(&self, token: &str) -> Option<Caller> {
        if token.len() > 4096 {
            return None;
        }
        // An issuer's name is not secret and its key decides, so each known key is asked in turn.
        self.issuers.iter().find_map(|(issuer, key)| {
            let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
            (claims.iss == *issuer).then(|| identity(&claims)).flatten().map(|who| Caller::proved(who, *issuer))
        })
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
        Kind::Service => {
            let name: ServiceName = claims.sub.parse().ok()?;
            (name == claims.iss || claims.iss == ServiceName::Cli)
                .then_some(Identity::Service { name, tenant: claims.tenant })
        }
        Kind::Member | Kind::Admin => None,
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
