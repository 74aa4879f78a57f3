//! What the assistant knows beside the products.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::catalog::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{Entry, List, show};

const KINDS: [(&str, pb::EntryKind); 3] =
    [("faq", pb::EntryKind::Faq), ("policy", pb::EntryKind::Policy), ("synonym", pb::EntryKind::Synonym)];

/// An entry to add.
#[derive(ToSchema)]
pub struct NewEntry {
    /// `faq`, `policy` or `synonym`.
    #[schema(value_type = String, example = "faq")]
    kind: Option<pb::EntryKind>,
    /// The question, the topic, or the customers' words, separated by commas: up to 500 characters.
    #[schema(example = "Phí ship bao nhiêu?")]
    title: String,
    /// The answer, the rule, or the shop's words: up to 8,000 characters, of a synonym 500.
    #[schema(example = "Nội thành 20.000đ, tỉnh khác 30.000đ.")]
    body: String,
}

impl FromFields for NewEntry {
    fn read(fields: &mut Fields) -> Self {
        if !fields.has("kind") {
            fields.note("kind", "required", "is missing");
        }
        let kind = fields.choice_opt("kind", &KINDS);
        Self { kind, title: fields.text("title", 1..=500), body: fields.text("body", 1..=longest(kind)) }
    }
}

/// Fields of an entry to change; an absent one stays.
#[derive(ToSchema)]
pub struct EntryChange {
    /// `faq`, `policy` or `synonym`.
    #[schema(value_type = Option<String>, example = "policy")]
    kind: Option<pb::EntryKind>,
    title: Option<String>,
    body: Option<String>,
}

impl FromFields for EntryChange {
    fn read(fields: &mut Fields) -> Self {
        let kind = fields.choice_opt("kind", &KINDS);
        Self { kind, title: fields.text_opt("title", 1..=500), body: fields.text_opt("body", 1..=longest(kind)) }
    }
}

const fn longest(kind: Option<pb::EntryKind>) -> usize {
    match kind {
        Some(pb::EntryKind::Synonym) => 500,
        _ => 8_000,
    }
}

/// Entries, newest first.
#[utoipa::path(get, path = "/api/entries", operation_id = "list_entries", tag = "entries", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("kind" = Option<String>, Query, description = "`faq`, `policy` or `synonym`"),
        ("q" = Option<String>, Query, description = "Words that all must be in it, marks and case aside")),
    responses((status = 200, body = List<Entry>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Entry>>, Problem> {
    let filters = both(query.text_opt("q", 200), query.choice_opt("kind", &KINDS));
    let (page, (text, kind)) = both(query.page(), filters)?;
    let request = pb::ListEntriesRequest {
        cursor: page.cursor,
        limit: page.limit,
        kind: kind.unwrap_or_default().into(),
        query: text.unwrap_or_default(),
    };
    let found = session.calls.entries()?.list_entries(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Add an entry.
#[utoipa::path(post, path = "/api/entries", operation_id = "create_entry", tag = "entries", security(("bearer" = [])),
    request_body = NewEntry,
    responses((status = 201, body = Entry), (status = 409, description = "`too_many_entries`: there are 2,000 already")))]
pub async fn create(session: Session, Input(wish): Input<NewEntry>) -> Result<Answer<Entry>, Problem> {
    let kind = wish.kind.unwrap_or_default().into();
    let request = pb::CreateEntryRequest { kind, title: wish.title, body: wish.body, id: String::new() };
    Ok((StatusCode::CREATED, show(session.calls.entries()?.create_entry(request).await?)?))
}

/// Change an entry.
#[utoipa::path(put, path = "/api/entries/{id}", operation_id = "update_entry", tag = "entries",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = EntryChange,
    responses((status = 200, body = Entry)))]
pub async fn update(session: Session, Id(id): Id, Input(change): Input<EntryChange>) -> Result<Json<Entry>, Problem> {
    let kind = change.kind.unwrap_or_default().into();
    let request = pb::UpdateEntryRequest { id: id.to_string(), kind, title: change.title, body: change.body };
    show(session.calls.entries()?.update_entry(request).await?)
}

/// Remove an entry.
#[utoipa::path(delete, path = "/api/entries/{id}", operation_id = "delete_entry", tag = "entries",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Gone")))]
pub async fn delete(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.entries()?.delete_entry(pb::DeleteEntryRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}
