//! A user's own sessions and password.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chatdesk_platform::TenantId;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;
use uuid::Uuid;

use super::auth::with_cookie;
use crate::app::App;
use crate::auth::{RefreshCookie, Session};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::live::Ending;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{List, SessionInfo};

/// A password to replace.
#[derive(ToSchema)]
pub struct PasswordChange {
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// 8 to 256 characters.
    #[schema(value_type = String, format = Password)]
    new_password: SecretString,
}

impl FromFields for PasswordChange {
    fn read(fields: &mut Fields) -> Self {
        Self {
            current_password: fields.secret("current_password", 1..=10_000),
            new_password: fields.secret("new_password", 8..=256),
        }
    }
}

/// The sessions of the user who is logged in, the newest use first.
#[utoipa::path(get, path = "/api/auth/sessions", operation_id = "list_sessions", tag = "auth",
    security(("bearer" = [])), responses((status = 200, body = List<SessionInfo>)))]
pub async fn list_sessions(session: Session) -> Result<Json<List<SessionInfo>>, Problem> {
    let found = session.calls.accounts()?.list_sessions(pb::ListSessionsRequest {}).await?.into_inner();
    let items = found.items.into_iter().map(|told| SessionInfo::seen_from(session.id, told)).collect::<Result<_, _>>();
    Ok(Json(List { items: items?, next_cursor: None }))
}

/// End one of one's own sessions. Its sockets close, and its access token is refused within seconds.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", operation_id = "end_session", tag = "auth",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 204, description = "It is over")))]
pub async fn end_session(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.accounts()?.end_session(pb::EndSessionRequest { id: id.to_string() }).await?;
    hang_up(session.calls.app(), session.calls.identity().tenant(), &[id.to_string()]);
    Ok(StatusCode::NO_CONTENT)
}

/// End all of one's own sessions, this one too.
#[utoipa::path(post, path = "/api/auth/logout-everywhere", operation_id = "logout_everywhere", tag = "auth",
    security(("bearer" = [])), responses((status = 204, description = "All of them are over")))]
pub async fn logout_everywhere(session: Session) -> Result<Response, Problem> {
    let ended = session.calls.accounts()?.end_all_sessions(pb::EndAllSessionsRequest {}).await?.into_inner();
    hang_up(session.calls.app(), session.calls.identity().tenant(), &ended.ended_session_ids);
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), RefreshCookie::forget(session.calls.app())))
}

/// Change one's own password. All other sessions end.
#[utoipa::path(put, path = "/api/auth/password", operation_id = "change_password", tag = "auth",
    security(("bearer" = [])), request_body = PasswordChange, responses((status = 204, description = "Changed")))]
pub async fn change_password(session: Session, Input(wish): Input<PasswordChange>) -> Result<StatusCode, Problem> {
    let request = pb::ChangePasswordRequest {
        current_password: wish.current_password.expose_secret().to_owned(),
        new_password: wish.new_password.expose_secret().to_owned(),
        session_id: session.id.to_string(),
    };
    let changed = session.calls.accounts()?.change_password(request).await?.into_inner();
    hang_up(session.calls.app(), session.calls.identity().tenant(), &changed.ended_session_ids);
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses the tokens and closes the sockets of sessions that are over, where this process holds them; other gateways ask by themselves.
pub fn hang_up(app: &App, tenant: Option<TenantId>, ended: &[String]) {
    let ended: Vec<Uuid> = ended.iter().filter_map(|id| id.parse().ok()).collect();
    app.standings.end(&ended);
    if let Some(tenant) = tenant {
        app.hub.end_where(tenant, Ending::SessionOver, |seated| ended.contains(seated));
    }
}
