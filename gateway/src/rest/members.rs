//! The people of a business.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::Answer;
use crate::auth::{Session, Throttled};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{List, Member};

const ROLES: [(&str, pb::MemberRole); 3] =
    [("manager", pb::MemberRole::Manager), ("agent", pb::MemberRole::Agent), ("viewer", pb::MemberRole::Viewer)];

/// A person to add to the business.
#[derive(ToSchema)]
pub struct NewMember {
    email: String,
    /// 8 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// `manager`, `agent` or `viewer`.
    #[schema(value_type = String, example = "agent")]
    member_role: pb::MemberRole,
    /// 1 to 80 characters; the e-mail's part before the @ when absent.
    name: Option<String>,
}

impl FromFields for NewMember {
    fn read(fields: &mut Fields) -> Self {
        if !fields.has("member_role") {
            fields.note("member_role", "required", "is missing");
        }
        Self {
            email: fields.email("email"),
            password: fields.secret("password", 8..=256),
            member_role: fields.choice_opt("member_role", &ROLES).unwrap_or_default(),
            name: fields.name_opt("name", 1..=80),
        }
    }
}

/// The people of the business, in the order they came.
#[utoipa::path(get, path = "/api/members", operation_id = "list_members", tag = "members",
    security(("bearer" = [])), responses((status = 200, body = List<Member>)))]
pub async fn list(session: Session) -> Result<Json<List<Member>>, Problem> {
    let found = session.calls.accounts()?.list_members(pb::ListMembersRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// Add a person to the business. Owners add managers, agents and viewers; managers add agents and viewers.
#[utoipa::path(post, path = "/api/members", operation_id = "add_member", tag = "members",
    security(("bearer" = [])), request_body = NewMember,
    responses((status = 201, body = Member), (status = 409, description = "The e-mail is in use")))]
pub async fn add(session: Session, _: Throttled, Input(wish): Input<NewMember>) -> Result<Answer<Member>, Problem> {
    let request = pb::AddMemberRequest {
        email: wish.email,
        password: wish.password.expose_secret().to_owned(),
        member_role: wish.member_role.into(),
        name: wish.name.unwrap_or_default(),
        session_id: session.id.to_string(),
    };
    let member = session.calls.accounts()?.add_member(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(Member::try_from(member)?)))
}
