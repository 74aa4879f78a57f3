//! The person behind a request, proved by an access token, with the calls that person may make.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header;
use axum::http::request::Parts;
use chatdesk_platform::{Identity, Role, ServiceName, UserId};
use chatdesk_proto::tenants::v1 as pb;
use uuid::Uuid;

use super::Holder;
use super::standing::Standing;
use crate::app::{App, Calls};
use crate::problem::Problem;
use crate::visible::tidy;

/// How long it is waited for what became of a session.
const PATIENCE: Duration = Duration::from_secs(2);

/// A person who is logged in: a token that is good, of a session that goes on, for the role that its member has now, of a business that may
/// do what is asked. The only way to somebody's calls.
pub struct Session {
    /// Constant over refreshes.
    pub id: Uuid,
    /// Calls to the services as this person.
    pub calls: Calls,
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let header = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        // RFC 9110 §11.1: the scheme's name has no case.
        let (scheme, token) = header.and_then(|text| text.split_once(' ')).ok_or_else(Problem::unauthenticated)?;
        let held = scheme.eq_ignore_ascii_case("bearer").then(|| app.tokens.read(token.trim())).flatten();
        let holder = held.ok_or_else(Problem::unauthenticated)?;
        let calls = Calls::new(Arc::clone(app), holder.identity, parts.extensions.get().cloned());
        let calls = calls.from(app.client_address(&parts.extensions, &parts.headers));
        let session = Self { id: holder.session, calls };
        match session.standing().await {
            standing if standing.refuses(session.role()) => Err(Problem::unauthenticated()),
            Standing::Live { halt: Some(halt), .. } => {
                let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
                halt.admit(parts.method.as_str(), path).map(|()| session)
            }
            _ => Ok(session),
        }
    }
}

impl Session {
    /// What became of the session. A visit's is the platform admin's that it began in.
    async fn standing(&self) -> Standing {
        let tenant = match self.calls.identity() {
            Identity::Member { tenant, .. } => Some(tenant),
            _ => None,
        };
        let ask = async {
            let own = Identity::Service { name: ServiceName::Gateway, tenant };
            let request = pb::CheckSessionsRequest { session_ids: vec![self.id.to_string()] };
            let mut accounts = self.calls.clone().with_identity(own).within(PATIENCE).accounts()?;
            Ok::<_, Problem>(Standing::of(self.id, &accounts.check_sessions(request).await?.into_inner()))
        };
        self.calls.app().standings.of(self.id, tenant, self.role(), ask).await
    }

    /// What a member's token says they may do.
    const fn role(&self) -> Option<Role> {
        match self.calls.identity() {
            Identity::Member { role, .. } => Some(role),
            _ => None,
        }
    }

    /// Something changed for the whole business: what is remembered of its sessions is of another time.
    pub fn forget(&self) {
        if let Some(tenant) = self.calls.identity().tenant() {
            self.calls.app().standings.forget(tenant);
        }
    }

    /// Takes one try of this person at what asks Meta, or says when there will be one.
    pub fn admit(&self) -> Result<(), Problem> {
        match self.calls.identity() {
            Identity::Member { user, .. }
            | Identity::PlatformAdmin { user }
            | Identity::Visitor { admin: user, .. } => self.calls.app().throttle.admit_person(user),
            Identity::Service { .. } => Ok(()),
        }
    }
}

/// How the browser names itself, to tell a user's sessions apart: its first characters, without what cannot be shown; maybe empty.
pub struct UserAgent(pub String);

impl UserAgent {
    /// The most characters that are kept.
    const LONGEST: usize = 200;
}

impl FromRequestParts<Arc<App>> for UserAgent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        let header = parts.headers.get(header::USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let shown = |text: &str| tidy(text.trim()).chars().take(Self::LONGEST).collect();
        Ok(Self(header.as_deref().map(shown).unwrap_or_default()))
    }
}

/// Whom a session just started or renewed belongs to; none when the service's words make no sense.
pub fn session_identity(session: &pb::Session) -> Option<Holder> {
    let user = session.user.as_ref()?;
    let id = UserId(user.id.parse().ok()?);
    let identity = match user.role() {
        pb::UserRole::Business => {
            Identity::Member { tenant: user.tenant_id.parse().ok()?, user: id, role: role(user.member_role())? }
        }
        pb::UserRole::Admin => Identity::PlatformAdmin { user: id },
        pb::UserRole::Unspecified => return None,
    };
    Some(Holder { identity, session: session.session_id.parse().ok()? })
}

/// A member's role as callers carry it.
pub const fn role(role: pb::MemberRole) -> Option<Role> {
    match role {
        pb::MemberRole::Unspecified => None,
        pb::MemberRole::Owner => Some(Role::Owner),
        pb::MemberRole::Manager => Some(Role::Manager),
        pb::MemberRole::Agent => Some(Role::Agent),
        pb::MemberRole::Viewer => Some(Role::Viewer),
    }
}
