//! The person behind a request, proved by an access token, with the calls that person may make.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use chatdesk_platform::{Identity, Role, ServiceName, TenantId, UserId};
use chatdesk_proto::tenants::v1 as pb;
use uuid::Uuid;

use super::Holder;
use crate::app::{App, Calls};
use crate::problem::Problem;

/// A person who is logged in.
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
        if let Identity::Visitor { tenant, .. } = holder.identity {
            session.needs_host(tenant).await?;
        }
        Ok(session)
    }
}

impl Session {
    /// A visit ends with the session that it began in. It lasts longer than an access token does, and its token says nothing of that.
    async fn needs_host(&self, tenant: TenantId) -> Result<(), Problem> {
        let own = Identity::Service { name: ServiceName::Gateway, tenant: Some(tenant) };
        let request = pb::CheckSessionsRequest { session_ids: vec![self.id.to_string()] };
        let answer = self.calls.clone().with_identity(own).accounts()?.check_sessions(request).await?.into_inner();
        if answer.ended_session_ids.is_empty() { Ok(()) } else { Err(Problem::unauthenticated()) }
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
        let shown = |text: &str| text.trim().chars().filter(|one| !one.is_control()).take(Self::LONGEST).collect();
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
