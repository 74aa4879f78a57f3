//! The profile of the user and the business.

use axum::Json;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{User, show};

/// Fields to change; an absent one stays. All but the name are the business's, for owners and managers.
#[derive(ToSchema)]
pub struct ProfileChange {
    /// The caller's own: 1 to 80 characters.
    name: Option<String>,
    business_name: Option<String>,
    business_description: Option<String>,
    phone: Option<String>,
    /// An IANA name.
    #[schema(example = "Asia/Ho_Chi_Minh")]
    time_zone: Option<String>,
}

impl FromFields for ProfileChange {
    fn read(fields: &mut Fields) -> Self {
        Self {
            name: fields.name_opt("name", 1..=80),
            business_name: fields.name_opt("business_name", 1..=200),
            business_description: fields.text_opt("business_description", 0..=4000),
            phone: fields.text_opt("phone", 0..=32),
            time_zone: fields.text_opt("time_zone", 1..=64),
        }
    }
}

/// The user who is logged in, with the business.
#[utoipa::path(get, path = "/api/users/profile", operation_id = "get_profile", tag = "profile",
    security(("bearer" = [])), responses((status = 200, body = User)))]
pub async fn get(session: Session) -> Result<Json<User>, Problem> {
    show(session.calls.accounts()?.get_profile(pb::GetProfileRequest {}).await?)
}

/// Change one's own name, and, as owner or manager, the business's profile.
#[utoipa::path(put, path = "/api/users/profile", operation_id = "update_profile", tag = "profile",
    security(("bearer" = [])), request_body = ProfileChange, responses((status = 200, body = User)))]
pub async fn update(session: Session, Input(change): Input<ProfileChange>) -> Result<Json<User>, Problem> {
    let request = pb::UpdateProfileRequest {
        business_name: change.business_name,
        business_description: change.business_description,
        phone: change.phone,
        name: change.name,
        time_zone: change.time_zone,
    };
    show(session.calls.accounts()?.update_profile(request).await?)
}
