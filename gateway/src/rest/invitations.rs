//! The other end of an invitation: whoever holds its link, and has no account yet.

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::auth::started;
use crate::app::OwnCalls;
use crate::auth::{Throttled, UserAgent};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{InvitationOffer, SessionView, show};

/// The longest token that is looked up.
pub const LONGEST_TOKEN: usize = 100;

/// A link that was followed.
#[derive(ToSchema)]
pub struct Look {
    /// As it stood in the link, after the `#`.
    #[schema(value_type = String)]
    token: SecretString,
}

impl FromFields for Look {
    fn read(fields: &mut Fields) -> Self {
        Self { token: fields.secret("token", 1..=LONGEST_TOKEN) }
    }
}

/// Who comes. The address and the role are the invitation's, whatever stands here.
#[derive(ToSchema)]
pub struct Acceptance {
    /// As it stood in the link, after the `#`.
    #[schema(value_type = String)]
    token: SecretString,
    /// 8 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// 1 to 80 characters; the e-mail's part before the @ when absent.
    name: Option<String>,
}

impl FromFields for Acceptance {
    fn read(fields: &mut Fields) -> Self {
        Self {
            token: fields.secret("token", 1..=LONGEST_TOKEN),
            password: fields.secret("password", 8..=256),
            name: fields.name_opt("name", 1..=80),
        }
    }
}

/// What an invitation's link invites to. Asked with a body, for addresses are kept in the logs of whatever stands between.
#[utoipa::path(post, path = "/api/invitations/look", operation_id = "look_at_invitation", tag = "team",
    request_body = Look,
    responses((status = 200, body = InvitationOffer),
        (status = 409, description = "The link is over: `link_invalid`"), (status = 429, description = "Too many tries")))]
pub async fn look(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    Input(wish): Input<Look>,
) -> Result<Json<InvitationOffer>, Problem> {
    let request = pb::GetInvitationRequest { token: wish.token.expose_secret().to_owned() };
    show(calls.team()?.get_invitation(request).await?)
}

/// Join the business that invited, and start a session.
#[utoipa::path(post, path = "/api/invitations/accept", operation_id = "accept_invitation", tag = "team",
    request_body = Acceptance,
    responses((status = 201, body = SessionView), (status = 409, description = "The link is over, or the e-mail in use by now")))]
pub async fn accept(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    UserAgent(user_agent): UserAgent,
    Input(wish): Input<Acceptance>,
) -> Result<Response, Problem> {
    let request = pb::AcceptInvitationRequest {
        token: wish.token.expose_secret().to_owned(),
        password: wish.password.expose_secret().to_owned(),
        name: wish.name.unwrap_or_default(),
        user_agent,
    };
    let session = calls.team()?.accept_invitation(request).await?.into_inner();
    started(calls.app(), StatusCode::CREATED, session)
}
