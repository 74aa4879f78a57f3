//! What the assistant could not answer, and how it is taught.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::inbox::v1 as pb;
use tonic::Code;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Entry, List, UnansweredQuestion};

const KINDS: [(&str, catalog::EntryKind); 2] =
    [("faq", catalog::EntryKind::Faq), ("policy", catalog::EntryKind::Policy)];

/// What the assistant is taught.
#[derive(ToSchema)]
pub struct Lesson {
    /// `faq` or `policy`.
    #[schema(value_type = String, example = "faq")]
    kind: catalog::EntryKind,
    /// The question, or the topic: up to 500 characters.
    title: String,
    /// The answer, or the rule: up to 8,000 characters.
    body: String,
}

impl FromFields for Lesson {
    fn read(fields: &mut Fields) -> Self {
        let kind = fields.choice_opt("kind", &KINDS);
        if kind.is_none() && !fields.has_noted("kind") {
            fields.note("kind", "required", "is missing");
        }
        Self {
            kind: kind.unwrap_or_default(),
            title: fields.text("title", 1..=500),
            body: fields.text("body", 1..=8000),
        }
    }
}

/// Questions that the assistant could not answer: most asked first, then the newest.
#[utoipa::path(get, path = "/api/assistant/unanswered", operation_id = "list_unanswered", tag = "assistant",
    security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<UnansweredQuestion>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<UnansweredQuestion>>, Problem> {
    let page = query.page()?;
    let request = pb::ListUnansweredRequest { cursor: page.cursor, limit: page.limit };
    let found = session.calls.unanswered()?.list_unanswered(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Dismiss a question: its words are forgotten, and asked again it is not shown. Owners and managers only.
#[utoipa::path(delete, path = "/api/assistant/unanswered/{id}", operation_id = "dismiss_unanswered", tag = "assistant",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 204, description = "Dismissed")))]
pub async fn dismiss(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.unanswered()?.dismiss_unanswered(pb::DismissUnansweredRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Teach the assistant the answer: makes the entry and closes the question. Owners and managers only. The entry has the question's id, so
/// that trying again after a failure makes no second one.
#[utoipa::path(post, path = "/api/assistant/unanswered/{id}/entry", operation_id = "answer_unanswered", tag = "assistant",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Lesson,
    responses((status = 201, body = Entry),
        (status = 409, description = "`too_many_entries` beyond 2,000, or `id_in_use` with another text before")))]
pub async fn teach(session: Session, Id(id): Id, Input(lesson): Input<Lesson>) -> Result<Answer<Entry>, Problem> {
    let id = id.to_string();
    let mut questions = session.calls.unanswered()?;
    questions.get_unanswered(pb::GetUnansweredRequest { id: id.clone() }).await?;
    let Lesson { kind, title, body } = lesson;
    let request = catalog::CreateEntryRequest { kind: kind.into(), title, body, id: id.clone() };
    let entry = session.calls.entries()?.create_entry(request).await?.into_inner();
    match questions.close_unanswered(pb::CloseUnansweredRequest { id }).await {
        // Dismissed or taken back at this moment: it is gone, and what was taught stays.
        Err(status) if status.code() != Code::NotFound => return Err(status.into()),
        Ok(_) | Err(_) => {}
    }
    Ok((StatusCode::CREATED, Json(Entry::try_from(entry)?)))
}
