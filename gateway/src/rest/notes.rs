//! What people write about a conversation for each other.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Ids, Query};
use crate::view::{List, Note};

/// A note to add.
#[derive(ToSchema)]
pub struct NewNote {
    /// 1 to 4,000 characters.
    text: String,
}

impl FromFields for NewNote {
    fn read(fields: &mut Fields) -> Self {
        Self { text: fields.text("text", 1..=4000) }
    }
}

/// Notes about a conversation, newest first.
#[utoipa::path(get, path = "/api/conversations/{id}/notes", operation_id = "list_notes", tag = "notes",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Note>)))]
pub async fn list(session: Session, Id(id): Id, query: Query) -> Result<Json<List<Note>>, Problem> {
    let page = query.page()?;
    let request = pb::ListNotesRequest { conversation_id: id.to_string(), cursor: page.cursor, limit: page.limit };
    let found = session.calls.notes()?.list_notes(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Add a note.
#[utoipa::path(post, path = "/api/conversations/{id}/notes", operation_id = "add_note", tag = "notes",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = NewNote,
    responses((status = 201, body = Note)))]
pub async fn add(session: Session, Id(id): Id, Input(wish): Input<NewNote>) -> Result<Answer<Note>, Problem> {
    let request = pb::AddNoteRequest { conversation_id: id.to_string(), text: wish.text };
    let note = session.calls.notes()?.add_note(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(Note::try_from(note)?)))
}

/// Remove a note: one's own, and any as owner or manager.
#[utoipa::path(delete, path = "/api/conversations/{id}/notes/{note_id}", operation_id = "delete_note",
    tag = "notes", security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("note_id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Removed")))]
pub async fn delete(session: Session, Ids(id, note): Ids) -> Result<StatusCode, Problem> {
    let request = pb::DeleteNoteRequest { conversation_id: id.to_string(), id: note.to_string() };
    session.calls.notes()?.delete_note(request).await?;
    Ok(StatusCode::NO_CONTENT)
}
