//! Conversations, and the assistant's switch in each.

use axum::Json;
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Conversation, List, show};

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

/// Conversations, the one with the newest message first.
#[utoipa::path(get, path = "/api/conversations", operation_id = "list_conversations", tag = "conversations",
    security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Conversation>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Conversation>>, Problem> {
    let page = query.page()?;
    let request = pb::ListConversationsRequest { cursor: page.cursor, limit: page.limit };
    let found = session.calls.conversations()?.list_conversations(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// One conversation.
#[utoipa::path(get, path = "/api/conversations/{id}", operation_id = "get_conversation", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Conversation)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Conversation>, Problem> {
    show(session.calls.conversations()?.get_conversation(pb::GetConversationRequest { id: id.to_string() }).await?)
}

/// Switch the assistant on or off in one conversation.
#[utoipa::path(patch, path = "/api/conversations/{id}/ai", operation_id = "set_conversation_ai", tag = "conversations",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = AiSwitch,
    responses((status = 200, body = Conversation)))]
pub async fn set_ai(
    session: Session,
    Id(id): Id,
    Input(switch): Input<AiSwitch>,
) -> Result<Json<Conversation>, Problem> {
    let request = pb::SetAiEnabledRequest { conversation_id: id.to_string(), is_ai_enabled: switch.is_ai_enabled };
    show(session.calls.conversations()?.set_ai_enabled(request).await?)
}
