//! Who works for a business: invitations, roles, and who leaves.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use super::account::hang_up;
use crate::auth::{Session, Throttled};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{Invitation, List, Member, show};

const ROLES: [(&str, pb::MemberRole); 4] = [
    ("owner", pb::MemberRole::Owner),
    ("manager", pb::MemberRole::Manager),
    ("agent", pb::MemberRole::Agent),
    ("viewer", pb::MemberRole::Viewer),
];
const LANGUAGES: [(&str, pb::MailLanguage); 2] = [("vi", pb::MailLanguage::Vi), ("en", pb::MailLanguage::En)];

/// A person to invite.
#[derive(ToSchema)]
pub struct NewInvitation {
    email: String,
    /// `owner`, `manager`, `agent` or `viewer`; at most one's own.
    #[schema(value_type = String, example = "agent")]
    member_role: pb::MemberRole,
    /// The mail's: `vi` or `en`; Vietnamese when absent.
    #[schema(value_type = Option<String>, example = "vi")]
    language: pb::MailLanguage,
}

impl FromFields for NewInvitation {
    fn read(fields: &mut Fields) -> Self {
        Self { email: fields.email("email"), member_role: role(fields), language: language(fields) }
    }
}

/// A person's new role.
#[derive(ToSchema)]
pub struct RoleChange {
    /// `owner`, `manager`, `agent` or `viewer`; at most one's own.
    #[schema(value_type = String, example = "agent")]
    member_role: pb::MemberRole,
}

impl FromFields for RoleChange {
    fn read(fields: &mut Fields) -> Self {
        Self { member_role: role(fields) }
    }
}

fn role(fields: &mut Fields) -> pb::MemberRole {
    if !fields.has("member_role") {
        fields.note("member_role", "required", "is missing");
    }
    fields.choice_opt("member_role", &ROLES).unwrap_or_default()
}

/// The language of a mail, `language` in a body; unspecified when absent.
pub fn language(fields: &mut Fields) -> pb::MailLanguage {
    fields.choice_opt("language", &LANGUAGES).unwrap_or_default()
}

/// Invitations that were neither accepted nor revoked, the newest first; also those that are too old. Owners and managers.
#[utoipa::path(get, path = "/api/team/invitations", operation_id = "list_invitations", tag = "team",
    security(("bearer" = [])), responses((status = 200, body = List<Invitation>)))]
pub async fn list_invitations(session: Session) -> Result<Json<List<Invitation>>, Problem> {
    let found = session.calls.team()?.list_invitations(pb::ListInvitationsRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// Mail a person a link, good for 7 days and once, with which they join the business. Owners and managers; nobody gives more than they have.
#[utoipa::path(post, path = "/api/team/invitations", operation_id = "create_invitation", tag = "team",
    security(("bearer" = [])), request_body = NewInvitation,
    responses((status = 201, body = Invitation), (status = 409, description = "The e-mail is in use, or no mail is sent here"),
        (status = 429, description = "`invited_too_often`: today, or this person")))]
pub async fn create_invitation(
    session: Session,
    _: Throttled,
    Input(wish): Input<NewInvitation>,
) -> Result<Answer<Invitation>, Problem> {
    let request = pb::CreateInvitationRequest {
        email: wish.email,
        member_role: wish.member_role.into(),
        language: wish.language.into(),
        session_id: session.id.to_string(),
    };
    let invitation = session.calls.team()?.create_invitation(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(Invitation::try_from(invitation)?)))
}

/// Take an invitation back. Owners and managers.
#[utoipa::path(delete, path = "/api/team/invitations/{id}", operation_id = "revoke_invitation", tag = "team",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Its link is dead")))]
pub async fn revoke_invitation(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    let request = pb::RevokeInvitationRequest { id: id.to_string(), session_id: session.id.to_string() };
    session.calls.team()?.revoke_invitation(request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Change what a person may do. Owners change anybody, managers those below them. A business keeps an owner.
#[utoipa::path(patch, path = "/api/team/members/{id}", operation_id = "change_role", tag = "team",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = RoleChange,
    responses((status = 200, body = Member), (status = 409, description = "The last owner stays one")))]
pub async fn change_role(
    session: Session,
    Id(id): Id,
    Input(wish): Input<RoleChange>,
) -> Result<Json<Member>, Problem> {
    let request = pb::ChangeRoleRequest {
        user_id: id.to_string(),
        member_role: wish.member_role.into(),
        session_id: session.id.to_string(),
    };
    let changed = session.calls.team()?.change_role(request).await?;
    session.forget();
    show(changed)
}

/// End a person's membership and their sessions; what they wrote stays. Owners remove anybody, managers those below them and themselves.
#[utoipa::path(delete, path = "/api/team/members/{id}", operation_id = "remove_member", tag = "team",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "They are out"), (status = 409, description = "The last owner stays")))]
pub async fn remove_member(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    let request = pb::RemoveMemberRequest { user_id: id.to_string(), session_id: session.id.to_string() };
    let removed = session.calls.team()?.remove_member(request).await?.into_inner();
    hang_up(session.calls.app(), session.calls.identity().tenant(), &removed.ended_session_ids);
    Ok(StatusCode::NO_CONTENT)
}
