//! What Meta sent, item by item: found, shown, and worked off again. For owners and managers.

use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chatdesk_proto::inbox::v1 as pb;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Query, both};
use crate::view::{ItemOutcome, JournalItem, JournalSummary, List, Redriven, show};

const OUTCOMES: [(&str, pb::ItemOutcome); 7] = [
    ("stored", pb::ItemOutcome::Stored),
    ("status", pb::ItemOutcome::Status),
    ("parked", pb::ItemOutcome::Parked),
    ("ignored", pb::ItemOutcome::Ignored),
    ("deduplicated", pb::ItemOutcome::Deduplicated),
    ("failed", pb::ItemOutcome::Failed),
    ("waiting", pb::ItemOutcome::Waiting),
];

/// An item's id in a path: an event's and a place in it. What is none names nothing, so it is not found.
pub struct ItemId(String);

impl<S: Send + Sync> FromRequestParts<S> for ItemId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let text = path.ok().map(|Path(text)| text).filter(|text| is_item_id(text));
        text.map(Self).ok_or_else(Problem::not_found)
    }
}

fn is_item_id(text: &str) -> bool {
    text.split_once('.').is_some_and(|(event, index)| event.parse::<Uuid>().is_ok() && index.parse::<u32>().is_ok())
}

/// What to work off again: one item, or those of a period.
#[derive(ToSchema)]
pub struct Redrive {
    /// One item; then nothing else stands beside it.
    id: Option<String>,
    /// Beginning of the period.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<DateTime<Utc>>,
    /// Up to and without, at most 31 days after the beginning.
    #[schema(value_type = Option<String>, format = DateTime)]
    to: Option<DateTime<Utc>>,
    /// Only items of this outcome; absent: all that are neither stored nor deduplicated.
    #[schema(value_type = Option<ItemOutcome>)]
    outcome: Option<pb::ItemOutcome>,
    /// Only items of this channel.
    channel_id: Option<Uuid>,
}

impl FromFields for Redrive {
    fn read(fields: &mut Fields) -> Self {
        let id = fields.text_opt("id", 1..=100);
        if id.as_ref().is_some_and(|id| !is_item_id(id)) {
            fields.note("id", "malformed", "is not the id of an item");
        }
        let is_one = id.is_some() || fields.has_noted("id");
        for name in ["from", "to", "outcome", "channel_id"] {
            if is_one && fields.has(name) {
                fields.note(name, "exclusive", "goes without an id");
            } else if !is_one && !fields.has(name) && matches!(name, "from" | "to") {
                fields.note(name, "required", "is missing");
            }
        }
        let channel_id = fields.has("channel_id").then(|| fields.id("channel_id")).flatten();
        let outcome = fields.choice_opt("outcome", &OUTCOMES);
        Self { id, from: fields.moment_opt("from"), to: fields.moment_opt("to"), outcome, channel_id }
    }
}

fn stamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

fn text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// The items that Meta sent, newest first. The conditions combine.
#[utoipa::path(get, path = "/api/journal", operation_id = "list_journal", tag = "journal",
    security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("outcome" = Option<ItemOutcome>, Query), ("channel_id" = Option<Uuid>, Query),
        ("from" = Option<String>, Query, format = DateTime, description = "Without it from the beginning"),
        ("to" = Option<String>, Query, format = DateTime, description = "Up to and without")),
    responses((status = 200, body = List<JournalItem>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<JournalItem>>, Problem> {
    let what = both(query.choice_opt("outcome", &OUTCOMES), query.id_opt("channel_id"));
    let period = both(query.moment_opt("from"), query.moment_opt("to"));
    let (page, ((outcome, channel), (from, to))) = both(query.page(), both(what, period))?;
    let request = pb::ListItemsRequest {
        cursor: page.cursor,
        limit: page.limit,
        outcome: outcome.unwrap_or_default().into(),
        channel_id: text(channel),
        from: from.map(stamp),
        to: to.map(stamp),
    };
    let found = session.calls.journal()?.list_items(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// One item, with what Meta sent as long as it is kept.
#[utoipa::path(get, path = "/api/journal/{id}", operation_id = "get_journal_item", tag = "journal",
    security(("bearer" = [])), params(("id" = String, Path)), responses((status = 200, body = JournalItem)))]
pub async fn get(session: Session, ItemId(id): ItemId) -> Result<Json<JournalItem>, Problem> {
    show(session.calls.journal()?.get_item(pb::GetItemRequest { id }).await?)
}

/// Work one item off again, or all of a period. What has its outcome already comes to the same one: nothing is stored twice.
#[utoipa::path(post, path = "/api/journal/redrive", operation_id = "redrive_journal", tag = "journal",
    security(("bearer" = [])), request_body = Redrive,
    responses((status = 202, body = Redriven), (status = 404, description = "There is no such item"),
        (status = 409, description = "`not_kept`: what Meta sent is no longer kept")))]
pub async fn redrive(session: Session, Input(wish): Input<Redrive>) -> Result<Answer<Redriven>, Problem> {
    let request = pb::RedriveRequest {
        id: wish.id.unwrap_or_default(),
        outcome: wish.outcome.unwrap_or_default().into(),
        channel_id: text(wish.channel_id),
        from: wish.from.map(stamp),
        to: wish.to.map(stamp),
    };
    let begun = session.calls.journal()?.redrive(request).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Redriven::try_from(begun)?)))
}

/// How many items came to which outcome in a period of at most 31 days, and what each channel missed.
#[utoipa::path(get, path = "/api/journal/summary", operation_id = "summarize_journal", tag = "journal",
    security(("bearer" = [])),
    params(("from" = Option<String>, Query, format = DateTime, description = "Without it seven days before the end"),
        ("to" = Option<String>, Query, format = DateTime, description = "Up to and without; without it now")),
    responses((status = 200, body = JournalSummary)))]
pub async fn summarize(session: Session, query: Query) -> Result<Json<JournalSummary>, Problem> {
    let (from, to) = both(query.moment_opt("from"), query.moment_opt("to"))?;
    let request = pb::SummarizeJournalRequest { from: from.map(stamp), to: to.map(stamp) };
    show(session.calls.journal()?.summarize_journal(request).await?)
}
