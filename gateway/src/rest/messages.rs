//! What is said in a conversation.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Answer;
use crate::auth::Session;
use crate::body::{Draft, FromFields};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Ids, Query};
use crate::view::{List, Message};

/// What to send to the customer: a text or an attachment, exactly one of them.
#[derive(ToSchema)]
pub struct NewMessage {
    /// Up to 2,000 characters on Facebook, 1,000 bytes on Instagram.
    text: Option<String>,
    /// Of an upload for this conversation.
    attachment_id: Option<Uuid>,
}

impl FromFields for NewMessage {
    fn read(fields: &mut Fields) -> Self {
        if fields.has("attachment_id") {
            if fields.has("text") {
                fields.note("attachment_id", "exclusive", "goes without a text");
            }
            return Self { text: None, attachment_id: fields.id("attachment_id") };
        }
        // The platform's own limit is shorter and the inbox's to know.
        Self { text: Some(fields.text("text", 1..=10_000)), attachment_id: None }
    }
}

/// Messages of a conversation, newest first.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", operation_id = "list_messages", tag = "messages",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Message>)))]
pub async fn list(session: Session, Id(id): Id, query: Query) -> Result<Json<List<Message>>, Problem> {
    let page = query.page()?;
    let request = pb::ListMessagesRequest { conversation_id: id.to_string(), cursor: page.cursor, limit: page.limit };
    let found = session.calls.messages()?.list_messages(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Queue a text or an attachment to the customer. It pauses the assistant.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", operation_id = "send_message", tag = "messages",
    security(("bearer" = [])), request_body = NewMessage,
    params(("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Same key and message: same answer. Same key, other message: 409")),
    responses((status = 202, body = Message), (status = 409, description = "Meta's window is closed, or the key was used for another message")))]
pub async fn send(
    session: Session,
    Id(id): Id,
    headers: HeaderMap,
    Draft { value: message, mut fields }: Draft<NewMessage>,
) -> Result<Answer<Message>, Problem> {
    let idempotency_key = idempotency_key(&headers, &mut fields);
    fields.finish()?;
    let request = pb::SendMessageRequest {
        conversation_id: id.to_string(),
        text: message.text.unwrap_or_default(),
        idempotency_key,
        attachment_id: message.attachment_id.map(|id| id.to_string()).unwrap_or_default(),
    };
    let message = session.calls.messages()?.send_message(request).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Message::try_from(message)?)))
}

/// Queue a person's message again that failed.
#[utoipa::path(post, path = "/api/conversations/{id}/messages/{message_id}/retry", operation_id = "retry_message",
    tag = "messages", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("message_id" = Uuid, Path)),
    responses((status = 202, body = Message),
        (status = 409, description = "`not_failed`, or why it cannot be sent, as when sending")))]
pub async fn retry(session: Session, Ids(id, message): Ids) -> Result<Answer<Message>, Problem> {
    let request = pb::RetryMessageRequest { conversation_id: id.to_string(), message_id: message.to_string() };
    let message = session.calls.messages()?.retry_message(request).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Message::try_from(message)?)))
}

/// The key as it came, empty when there is none or it was refused.
fn idempotency_key(headers: &HeaderMap, fields: &mut Fields) -> String {
    let Some(value) = headers.get("idempotency-key") else { return String::new() };
    match value.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) => key.to_owned(),
        _ => {
            fields.note("Idempotency-Key", "malformed", "must be 1 to 200 characters of ASCII");
            String::new()
        }
    }
}
