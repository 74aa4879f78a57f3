//! Texts that a business's people send often.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{List, SavedReply, show};

/// A text to keep, or to put in another's place.
#[derive(ToSchema)]
pub struct NewSavedReply {
    /// 1 to 40 letters, digits, `-` and `_`.
    #[schema(example = "gia-ship")]
    shortcut: String,
    /// 1 to 2,000 characters.
    text: String,
}

impl FromFields for NewSavedReply {
    fn read(fields: &mut Fields) -> Self {
        Self { shortcut: fields.name("shortcut", 1..=40), text: fields.text("text", 1..=2000) }
    }
}

/// All saved replies, by shortcut.
#[utoipa::path(get, path = "/api/saved-replies", operation_id = "list_saved_replies", tag = "saved replies",
    security(("bearer" = [])), responses((status = 200, body = List<SavedReply>)))]
pub async fn list(session: Session) -> Result<Json<List<SavedReply>>, Problem> {
    let found = session.calls.saved_replies()?.list_saved_replies(pb::ListSavedRepliesRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// Keep a text.
#[utoipa::path(post, path = "/api/saved-replies", operation_id = "create_saved_reply", tag = "saved replies",
    security(("bearer" = [])), request_body = NewSavedReply,
    responses((status = 201, body = SavedReply), (status = 409, description = "The shortcut is in use")))]
pub async fn create(session: Session, Input(wish): Input<NewSavedReply>) -> Result<Answer<SavedReply>, Problem> {
    let request = pb::CreateSavedReplyRequest { shortcut: wish.shortcut, text: wish.text };
    Ok((StatusCode::CREATED, show(session.calls.saved_replies()?.create_saved_reply(request).await?)?))
}

/// Replace a saved reply.
#[utoipa::path(put, path = "/api/saved-replies/{id}", operation_id = "update_saved_reply", tag = "saved replies",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = NewSavedReply,
    responses((status = 200, body = SavedReply), (status = 409, description = "Another has the shortcut")))]
pub async fn update(
    session: Session,
    Id(id): Id,
    Input(wish): Input<NewSavedReply>,
) -> Result<Json<SavedReply>, Problem> {
    let request = pb::UpdateSavedReplyRequest { id: id.to_string(), shortcut: wish.shortcut, text: wish.text };
    show(session.calls.saved_replies()?.update_saved_reply(request).await?)
}

/// Forget a saved reply.
#[utoipa::path(delete, path = "/api/saved-replies/{id}", operation_id = "delete_saved_reply", tag = "saved replies",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
pub async fn delete(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.saved_replies()?.delete_saved_reply(pb::DeleteSavedReplyRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
