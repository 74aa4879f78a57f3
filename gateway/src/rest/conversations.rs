//! Conversations, and the assistant's switch in each.

use axum::Json;
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{Conversation, ConversationCounts, List, show};

/// The assistant's switch.
#[derive(ToSchema)]
pub struct AiSwitch {
    /// On also ends a pause or a handover.
    is_ai_enabled: bool,
}

impl FromFields for AiSwitch {
    fn read(fields: &mut Fields) -> Self {
        Self { is_ai_enabled: fields.flag("is_ai_enabled") }
    }
}

/// What may be set; the assistant alone says `needs_human`.
const STATUSES: [(&str, pb::ConversationStatus); 2] =
    [("open", pb::ConversationStatus::Open), ("closed", pb::ConversationStatus::Closed)];

/// What a list may be narrowed to.
#[derive(Clone, Copy, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ConversationFilter {
    /// No condition.
    All,
    /// Not closed.
    Open,
    /// With messages that nobody has read.
    Unread,
    /// Assigned to the caller.
    Mine,
    /// The assistant answers now.
    Ai,
    /// A person must act.
    NeedsHuman,
    /// The customer waits and Meta's 24 hours end within 4.
    ClosingSoon,
    /// Done.
    Closed,
}

const FILTERS: [(&str, ConversationFilter); 8] = [
    ("all", ConversationFilter::All),
    ("open", ConversationFilter::Open),
    ("unread", ConversationFilter::Unread),
    ("mine", ConversationFilter::Mine),
    ("ai", ConversationFilter::Ai),
    ("needs_human", ConversationFilter::NeedsHuman),
    ("closing_soon", ConversationFilter::ClosingSoon),
    ("closed", ConversationFilter::Closed),
];

impl From<ConversationFilter> for pb::ConversationFilter {
    fn from(filter: ConversationFilter) -> Self {
        match filter {
            ConversationFilter::All => Self::Unspecified,
            ConversationFilter::Open => Self::Open,
            ConversationFilter::Unread => Self::Unread,
            ConversationFilter::Mine => Self::Mine,
            ConversationFilter::Ai => Self::Ai,
            ConversationFilter::NeedsHuman => Self::NeedsHuman,
            ConversationFilter::ClosingSoon => Self::ClosingSoon,
            ConversationFilter::Closed => Self::Closed,
        }
    }
}

/// What shall change; what is absent stays.
#[derive(ToSchema)]
pub struct ConversationChange {
    /// `open` or `closed`. Closing also marks everything read, and ends a pause or a handover of an assistant that is on.
    #[schema(value_type = Option<String>, example = "closed")]
    status: Option<pb::ConversationStatus>,
    /// The member who looks after it; null takes it from whoever does.
    #[schema(value_type = Option<Uuid>)]
    assignee_id: Option<Option<Uuid>>,
    /// All its labels, at most 20.
    label_ids: Option<Vec<Uuid>>,
}

impl FromFields for ConversationChange {
    fn read(fields: &mut Fields) -> Self {
        Self {
            status: fields.choice_opt("status", &STATUSES),
            assignee_id: fields.id_or_null("assignee_id"),
            label_ids: fields.ids_opt("label_ids", 0..=20),
        }
    }
}

/// Conversations, the one with the newest message first. The conditions combine.
#[utoipa::path(get, path = "/api/conversations", operation_id = "list_conversations", tag = "conversations",
    security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("filter" = Option<ConversationFilter>, Query),
        ("q" = Option<String>, Query, description = "Beginnings of words in the contact's name or any message, marks aside"),
        ("label_id" = Option<Uuid>, Query), ("channel_id" = Option<Uuid>, Query)),
    responses((status = 200, body = List<Conversation>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Conversation>>, Problem> {
    let words = both(query.choice_opt("filter", &FILTERS), query.text_opt("q", 200));
    let places = both(query.id_opt("label_id"), query.id_opt("channel_id"));
    let (page, ((filter, q), (label, channel))) = both(query.page(), both(words, places))?;
    let request = pb::ListConversationsRequest {
        cursor: page.cursor,
        limit: page.limit,
        filter: filter.map(pb::ConversationFilter::from).unwrap_or_default().into(),
        q: q.unwrap_or_default(),
        label_id: label.map(|id| id.to_string()).unwrap_or_default(),
        channel_id: channel.map(|id| id.to_string()).unwrap_or_default(),
    };
    let found = session.calls.conversations()?.list_conversations(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// How many conversations each filter would find.
#[utoipa::path(get, path = "/api/conversations/counts", operation_id = "count_conversations", tag = "conversations",
    security(("bearer" = [])), responses((status = 200, body = ConversationCounts)))]
pub async fn count(session: Session) -> Result<Json<ConversationCounts>, Problem> {
    show(session.calls.conversations()?.count_conversations(pb::CountConversationsRequest {}).await?)
}

/// One conversation.
#[utoipa::path(get, path = "/api/conversations/{id}", operation_id = "get_conversation", tag = "conversations",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 200, body = Conversation)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Conversation>, Problem> {
    show(session.calls.conversations()?.get_conversation(pb::GetConversationRequest { id: id.to_string() }).await?)
}

/// Switch the assistant on or off in one conversation.
#[utoipa::path(patch, path = "/api/conversations/{id}/ai", operation_id = "set_conversation_ai", tag = "conversations",
    security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = AiSwitch,
    responses((status = 200, body = Conversation)))]
pub async fn set_ai(
    session: Session,
    Id(id): Id,
    Input(switch): Input<AiSwitch>,
) -> Result<Json<Conversation>, Problem> {
    let request = pb::SetAiEnabledRequest { conversation_id: id.to_string(), is_ai_enabled: switch.is_ai_enabled };
    show(session.calls.conversations()?.set_ai_enabled(request).await?)
}

/// Close or open a conversation, assign it, label it.
#[utoipa::path(patch, path = "/api/conversations/{id}", operation_id = "update_conversation", tag = "conversations",
    security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = ConversationChange,
    responses((status = 200, body = Conversation)))]
pub async fn update(
    session: Session,
    Id(id): Id,
    Input(change): Input<ConversationChange>,
) -> Result<Json<Conversation>, Problem> {
    use pb::update_conversation_request::{Assignee, Labels};
    let text = |id: Uuid| id.to_string();
    let request = pb::UpdateConversationRequest {
        conversation_id: id.to_string(),
        status: change.status.unwrap_or_default().into(),
        assignee: change.assignee_id.map(|id| Assignee { user_id: id.map(text).unwrap_or_default() }),
        labels: change.label_ids.map(|ids| Labels { ids: ids.into_iter().map(text).collect() }),
    };
    show(session.calls.conversations()?.update_conversation(request).await?)
}

/// Mark everything in a conversation as read.
#[utoipa::path(post, path = "/api/conversations/{id}/read", operation_id = "mark_read", tag = "conversations",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 200, body = Conversation)))]
pub async fn mark_read(session: Session, Id(id): Id) -> Result<Json<Conversation>, Problem> {
    let request = pb::MarkReadRequest { conversation_id: id.to_string() };
    show(session.calls.conversations()?.mark_read(request).await?)
}

/// Mark a conversation as unread again.
#[utoipa::path(post, path = "/api/conversations/{id}/unread", operation_id = "mark_unread", tag = "conversations",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 200, body = Conversation)))]
pub async fn mark_unread(session: Session, Id(id): Id) -> Result<Json<Conversation>, Problem> {
    let request = pb::MarkUnreadRequest { conversation_id: id.to_string() };
    show(session.calls.conversations()?.mark_unread(request).await?)
}
