//! Access tokens: EdDSA JWTs (RFC 8037) that live ten minutes and that only the gateway makes and reads.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chatdesk_platform::{Clock, Identity, KeyError, Role, SecretKey, TenantId, UserId, VarError, Vars};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Seconds that an access token lives.
pub const LIFE: i64 = 600;
/// Seconds that clocks of two gateways may differ.
const LEEWAY: i64 = 30;
const ISSUER: &str = "chatdesk";
const AUDIENCE: &str = "chatdesk-api";
const LONGEST: usize = 4096;

/// Keys for access tokens. The first signs; all verify, so that a key can be replaced while tokens of the old one live.
#[derive(Clone)]
pub struct AccessKeys(Vec<[u8; 32]>);

impl AccessKeys {
    /// ACCESS_TOKEN_KEY, a comma-separated list of 32 bytes in base64 each, or else derived from SECRET_KEY.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let bad = |name: &str, why: KeyError| VarError { name: name.to_owned(), problem: why.to_string() };
        let listed = vars.list("ACCESS_TOKEN_KEY");
        if listed.is_empty() {
            let what_for = "access tokens are signed with it; make one with: openssl rand -base64 48";
            let secret = SecretKey::parse(&vars.require("SECRET_KEY", what_for)?);
            return Ok(Self::derived(&secret.map_err(|why| bad("SECRET_KEY", why))?));
        }
        let seed = |text: &String| STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        let seeds: Option<Vec<_>> = listed.iter().map(seed).collect();
        seeds.map(Self).ok_or_else(|| bad("ACCESS_TOKEN_KEY", KeyError::Malformed))
    }

    /// The one key that belongs to a secret.
    #[must_use]
    pub fn derived(secret: &SecretKey) -> Self {
        Self(vec![secret.derive("access token")])
    }

    /// The keys as ACCESS_TOKEN_KEY takes them, for setting up a split installation.
    #[must_use]
    pub fn export(&self) -> SecretString {
        let keys: Vec<_> = self.0.iter().map(|seed| STANDARD.encode(seed)).collect();
        keys.join(",").into()
    }
}

/// Who holds a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// A member or a platform admin.
    pub identity: Identity,
    /// Constant over the session's refreshes.
    pub session: Uuid,
}

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the access token key cannot be used; make another with: openssl rand -base64 32")]
pub struct BadKey;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: Uuid,
    role: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<TenantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_role: Option<Role>,
    /// The platform admin inside the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<UserId>,
    nbf: i64,
    exp: i64,
}

#[derive(Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Business,
    Admin,
    /// A role of its own, so that a gateway that knows nothing of visits refuses them.
    Visitor,
}

/// Makes and reads access tokens.
pub struct AccessTokens {
    header: Header,
    signing: EncodingKey,
    /// By key id.
    known: Vec<(String, DecodingKey)>,
    validation: Validation,
    clock: Clock,
}

impl AccessTokens {
    /// Checks that the keys work, by signing and reading one token.
    pub fn new(keys: &AccessKeys, clock: Clock) -> Result<Self, BadKey> {
        let pairs: Result<Vec<_>, _> = keys.0.iter().map(|seed| Ed25519KeyPair::from_seed_unchecked(seed)).collect();
        let pairs = pairs.map_err(|_| BadKey)?;
        let first = pairs.first().ok_or(BadKey)?;
        let signing = EncodingKey::from_ed_der(first.to_pkcs8v1().map_err(|_| BadKey)?.as_ref());
        let known: Vec<_> = pairs.iter().map(|pair| known(pair.public_key().as_ref())).collect();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = known.first().map(|(kid, _)| kid.clone());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        // Both are checked below, against the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let tokens = Self { header, signing, known, validation, clock };
        let probe = Holder { identity: Identity::PlatformAdmin { user: UserId(Uuid::nil()) }, session: Uuid::nil() };
        let token = tokens.issue(&probe).map_err(|_| BadKey)?;
        (tokens.read(&token) == Some(probe)).then_some(tokens).ok_or(BadKey)
    }

    /// A token for a person who logged in. People only: a service's identity gives none.
    pub fn issue(&self, holder: &Holder) -> Result<String, jsonwebtoken::errors::Error> {
        self.issue_until(holder, self.clock.now().timestamp() + LIFE)
    }

    /// The same with its end, in seconds since 1970. For visits, which are never renewed.
    pub fn issue_until(&self, holder: &Holder, exp: i64) -> Result<String, jsonwebtoken::errors::Error> {
        let (sub, role, tenant, member_role, act) = match holder.identity {
            Identity::Member { tenant, user, role } => (user, Kind::Business, Some(tenant), Some(role), None),
            Identity::PlatformAdmin { user } => (user, Kind::Admin, None, None, None),
            Identity::Visitor { tenant, admin } => {
                (admin, Kind::Visitor, Some(tenant), Some(Role::Viewer), Some(admin))
            }
            Identity::Service { .. } => return Err(jsonwebtoken::errors::ErrorKind::InvalidSubject.into()),
        };
        let now = self.clock.now().timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub,
            sid: holder.session,
            role,
            tenant,
            member_role,
            act,
            nbf: now,
            exp,
        };
        jsonwebtoken::encode(&self.header, &claims, &self.signing)
    }

    /// Who holds the token; none for anything that is not exactly right.
    pub fn read(&self, token: &str) -> Option<Holder> {
        if token.len() > LONGEST {
            return None;
        }
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let (_, key) = self.known.iter().find(|(known, _)| *known == kid)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        let now = self.clock.now().timestamp();
        if claims.exp.saturating_add(LEEWAY) <= now || claims.nbf.saturating_sub(LEEWAY) > now {
            return None;
        }
        let identity = match claims.role {
            Kind::Business => Identity::Member { tenant: claims.tenant?, user: claims.sub, role: claims.member_role? },
            Kind::Admin => Identity::PlatformAdmin { user: claims.sub },
            Kind::Visitor => Identity::Visitor { tenant: claims.tenant?, admin: claims.act? },
        };
        Some(Holder { identity, session: claims.sid })
    }
}

/// A public key with its id: the beginning of its digest.
fn known(public: &[u8]) -> (String, DecodingKey) {
    let digest = digest::digest(&digest::SHA256, public);
    (URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9]), DecodingKey::from_ed_der(public))
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::{ManualClock, new_id};
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use super::*;

    fn tokens(keys: &[u8]) -> (AccessTokens, ManualClock) {
        let (clock, hand) = Clock::manual(Clock::system().now());
        let keys = AccessKeys(keys.iter().map(|byte| [*byte; 32]).collect());
        (AccessTokens::new(&keys, clock).unwrap(), hand)
    }

    fn member() -> Holder {
        let identity = Identity::Member { tenant: TenantId(new_id()), user: UserId(new_id()), role: Role::Manager };
        Holder { identity, session: new_id() }
    }

    #[test]
    fn a_token_says_who_holds_it_for_ten_minutes() {
        let (tokens, hand) = tokens(&[1]);
        let admin = Holder { identity: Identity::PlatformAdmin { user: UserId(new_id()) }, session: new_id() };
        let visit = Identity::Visitor { tenant: TenantId(new_id()), admin: UserId(new_id()) };
        for holder in [member(), admin, Holder { identity: visit, session: new_id() }] {
            assert_eq!(tokens.read(&tokens.issue(&holder).unwrap()), Some(holder));
        }
        let token = tokens.issue(&member()).unwrap();
        hand.advance(TimeDelta::seconds(LIFE + LEEWAY - 1));
        assert!(tokens.read(&token).is_some());
        hand.advance(TimeDelta::seconds(1));
        assert!(tokens.read(&token).is_none());
    }

    /// Case 68: an old key is good until it is retired.
    #[test]
    fn a_retired_key_is_refused_and_a_listed_one_is_not() {
        let (old, _) = tokens(&[1]);
        let token = old.issue(&member()).unwrap();
        assert!(tokens(&[2, 1]).0.read(&token).is_some());
        assert!(tokens(&[2]).0.read(&token).is_none());
    }

    #[test]
    fn a_service_gets_no_access_token() {
        let identity = Identity::Service { name: chatdesk_platform::ServiceName::Gateway, tenant: None };
        assert!(tokens(&[1]).0.issue(&Holder { identity, session: new_id() }).is_err());
    }

    /// Case 67: another algorithm, an unknown or strange key id, wrongly typed or missing claims, too long a token.
    #[test]
    fn forged_headers_and_claims_are_refused() {
        let (tokens, _) = tokens(&[1]);
        let now = tokens.clock.now().timestamp();
        let good = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": new_id(), "sid": new_id(), "role": "admin", "nbf": now, "exp": now + 60,
        });
        let sign = |header: &Header, claims: &Value| jsonwebtoken::encode(header, claims, &tokens.signing).unwrap();
        assert!(tokens.read(&sign(&tokens.header, &good)).is_some());
        let changes = [
            ("exp", json!((now + 60).to_string())),
            ("exp", json!(now - 31)),
            ("exp", Value::Null),
            ("nbf", json!(now + 31)),
            ("nbf", Value::Null),
            ("aud", json!("other")),
            ("aud", Value::Null),
            ("iss", json!("other")),
            ("sub", Value::Null),
            ("role", json!("business")),
            ("role", json!("visitor")),
            ("role", json!("root")),
        ];
        for (name, value) in changes {
            let mut claims = good.clone();
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
            assert!(tokens.read(&sign(&tokens.header, &claims)).is_none(), "{name} = {value}");
        }
        for kid in [None, Some("../../etc/passwd".to_owned()), Some(String::new())] {
            let header = Header { kid, ..tokens.header.clone() };
            assert!(tokens.read(&sign(&header, &good)).is_none(), "{:?}", header.kid);
        }
        let public = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
        let mut header = Header::new(Algorithm::HS256);
        header.kid.clone_from(&tokens.header.kid);
        let hmac = EncodingKey::from_secret(public.public_key().as_ref());
        assert!(tokens.read(&jsonwebtoken::encode(&header, &good, &hmac).unwrap()).is_none());
        let token = sign(&tokens.header, &good);
        let (_, rest) = token.split_once('.').unwrap();
        let none = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": tokens.header.kid}).to_string());
        assert!(tokens.read(&format!("{none}.{rest}")).is_none());
        assert!(tokens.read(&token[..token.len() - 4]).is_none());
        assert!(tokens.read(&"a".repeat(10_000)).is_none());
        assert!(tokens.read("").is_none());
    }
}
