//! Labels.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{Label, LabelColor, List, show};

/// A label as it shall be.
#[derive(ToSchema)]
pub struct NewLabel {
    /// 1 to 40 characters, unique in the business whatever the case.
    name: String,
    #[schema(value_type = LabelColor)]
    color: pb::LabelColor,
}

const COLORS: [(&str, pb::LabelColor); 6] = [
    ("gray", pb::LabelColor::Gray),
    ("red", pb::LabelColor::Red),
    ("orange", pb::LabelColor::Orange),
    ("green", pb::LabelColor::Green),
    ("blue", pb::LabelColor::Blue),
    ("purple", pb::LabelColor::Purple),
];

impl FromFields for NewLabel {
    fn read(fields: &mut Fields) -> Self {
        let name = fields.name("name", 1..=40);
        let color = fields.choice_opt("color", &COLORS);
        if color.is_none() && !fields.has_noted("color") {
            fields.note("color", "required", "is missing");
        }
        Self { name, color: color.unwrap_or_default() }
    }
}

/// All labels by name.
#[utoipa::path(get, path = "/api/labels", operation_id = "list_labels", tag = "labels",
    security(("bearer" = [])), responses((status = 200, body = List<Label>)))]
pub async fn list(session: Session) -> Result<Json<List<Label>>, Problem> {
    let found = session.calls.labels()?.list_labels(pb::ListLabelsRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// Add a label.
#[utoipa::path(post, path = "/api/labels", operation_id = "create_label", tag = "labels",
    security(("bearer" = [])), request_body = NewLabel,
    responses((status = 201, body = Label),
        (status = 409, description = "`name_in_use`, or `too_many_labels` beyond 100")))]
pub async fn create(session: Session, Input(wish): Input<NewLabel>) -> Result<Answer<Label>, Problem> {
    let request = pb::CreateLabelRequest { name: wish.name, color: wish.color.into() };
    let label = session.calls.labels()?.create_label(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(Label::try_from(label)?)))
}

/// Rename or recolour a label. Owners and managers only.
#[utoipa::path(put, path = "/api/labels/{id}", operation_id = "update_label", tag = "labels",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = NewLabel,
    responses((status = 200, body = Label), (status = 409, description = "`name_in_use`")))]
pub async fn update(session: Session, Id(id): Id, Input(wish): Input<NewLabel>) -> Result<Json<Label>, Problem> {
    let request = pb::UpdateLabelRequest { id: id.to_string(), name: wish.name, color: wish.color.into() };
    show(session.calls.labels()?.update_label(request).await?)
}

/// Remove a label, also from its conversations. Owners and managers only.
#[utoipa::path(delete, path = "/api/labels/{id}", operation_id = "delete_label", tag = "labels",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Removed")))]
pub async fn delete(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.labels()?.delete_label(pb::DeleteLabelRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
