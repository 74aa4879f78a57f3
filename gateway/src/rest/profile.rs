//! The profile of the user and the business.

use axum::Json;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{User, show};

/// Fields of the business to change; an absent one stays.
#[derive(ToSchema)]
pub struct ProfileChange {
    business_name: Option<String>,
    business_description: Option<String>,
    phone: Option<String>,
}

impl FromFields for ProfileChange {
    fn read(fields: &mut Fields) -> Self {
        Self {
            business_name: fields.text_opt("business_name", 1..=200),
            business_description: fields.text_opt("business_description", 0..=4000),
            phone: fields.text_opt("phone", 0..=32),
        }
    }
}

/// The user who is logged in, with the business.
#[utoipa::path(get, path = "/api/users/profile", operation_id = "get_profile", tag = "profile",
    security(("bearer" = [])), responses((status = 200, body = User)))]
pub async fn get(session: Session) -> Result<Json<User>, Problem> {
    show(session.calls.accounts()?.get_profile(pb::GetProfileRequest {}).await?)
}

/// Change the business's profile. Owners and managers only.
#[utoipa::path(put, path = "/api/users/profile", operation_id = "update_profile", tag = "profile",
    security(("bearer" = [])), request_body = ProfileChange, responses((status = 200, body = User)))]
pub async fn update(session: Session, Input(change): Input<ProfileChange>) -> Result<Json<User>, Problem> {
    let request = pb::UpdateProfileRequest {
        business_name: change.business_name,
        business_description: change.business_description,
        phone: change.phone,
    };
    show(session.calls.accounts()?.update_profile(request).await?)
}
