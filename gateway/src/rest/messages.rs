//! What is said in a conversation.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use chatdesk_proto::inbox::v1 as pb;
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{Draft, FromFields};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{List, Message};

/// A text to send to the customer.
#[derive(ToSchema)]
pub struct NewMessage {
    /// Up to 2,000 characters on Facebook, 1,000 bytes on Instagram.
    text: String,
}

impl FromFields for NewMessage {
    fn read(fields: &mut Fields) -> Self {
        // The platform's own limit is shorter and the inbox's to know.
        Self { text: fields.text("text", 1..=10_000) }
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

/// Queue a text to the customer. It pauses the assistant.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", operation_id = "send_message", tag = "messages",
    security(("bearer" = [])), request_body = NewMessage,
    params(("id" = uuid::Uuid, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "Same key and text: same answer. Same key, other text: 409")),
    responses((status = 202, body = Message), (status = 409, description = "Meta's window is closed, or the key was used for another text")))]
pub async fn send(
    session: Session,
    Id(id): Id,
    headers: HeaderMap,
    Draft { value: message, mut fields }: Draft<NewMessage>,
) -> Result<Answer<Message>, Problem> {
    let idempotency_key = idempotency_key(&headers, &mut fields);
    fields.finish()?;
    let request = pb::SendMessageRequest { conversation_id: id.to_string(), text: message.text, idempotency_key };
    let message = session.calls.messages()?.send_message(request).await?.into_inner();
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
