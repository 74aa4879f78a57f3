//! What is said in a conversation.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use chatdesk_proto::catalog::v1::GetProductsRequest;
use chatdesk_proto::inbox::v1 as pb;
use chatdesk_proto::tenants::v1::{Card, GetAssistantSettingsRequest};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Answer;
use crate::app::Calls;
use crate::auth::Session;
use crate::body::{Draft, FromFields, Input};
use crate::cards::{Language, card};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Ids, Query, both};
use crate::view::{List, Message, show};

/// What to send to the customer: one of a text, an attachment and products.
#[derive(ToSchema)]
pub struct NewMessage {
    /// What is longer than the platform takes at once goes out as several messages, in order; the first is answered.
    #[schema(max_length = 10_000)]
    text: Option<String>,
    /// Answers to tap under the text, at most 13 of up to 20 characters.
    #[schema(value_type = Option<Vec<String>>, max_items = 13)]
    quick_replies: Vec<String>,
    /// Of an upload for this conversation.
    attachment_id: Option<Uuid>,
    /// Products to show as cards, at most 10, in this order.
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 10)]
    product_ids: Vec<Uuid>,
}

impl FromFields for NewMessage {
    fn read(fields: &mut Fields) -> Self {
        let mut new = Self { text: None, quick_replies: Vec::new(), attachment_id: None, product_ids: Vec::new() };
        let whole = ["attachment_id", "product_ids"].into_iter().find(|name| fields.has(name));
        let Some(whole) = whole else {
            // The platform's own limit is shorter and the inbox's to know.
            new.text = Some(fields.text("text", 1..=10_000));
            new.quick_replies = fields.texts_opt("quick_replies", 0..=13, 1..=20).unwrap_or_default();
            return new;
        };
        for other in ["text", "quick_replies", "product_ids"] {
            if other != whole && fields.has(other) {
                fields.note(whole, "exclusive", format!("goes without {other}"));
            }
        }
        if whole == "attachment_id" {
            new.attachment_id = fields.id(whole);
        } else {
            new.product_ids = fields.ids_opt(whole, 1..=10).unwrap_or_default();
        }
        new
    }
}

/// What a person found out about a message of which nobody knows.
#[derive(ToSchema)]
pub struct Resolution {
    /// The customer has it. False: they do not, and it counts as failed.
    was_delivered: bool,
}

impl FromFields for Resolution {
    fn read(fields: &mut Fields) -> Self {
        Self { was_delivered: fields.flag("was_delivered") }
    }
}

/// A page of a conversation.
#[derive(Serialize, ToSchema)]
pub struct Messages {
    /// Newest first.
    items: Vec<Message>,
    /// Towards older messages; null on the last page.
    next_cursor: Option<String>,
    /// Towards newer messages; null when the page shows the newest. Only a page around a message has one, and those it leads to.
    previous_cursor: Option<String>,
}

/// Messages of a conversation, newest first.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", operation_id = "list_messages", tag = "messages",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("around" = Option<Uuid>, Query, description = "A message to show in the middle; without a cursor")),
    responses((status = 200, body = Messages)))]
pub async fn list(session: Session, Id(id): Id, query: Query) -> Result<Json<Messages>, Problem> {
    let (page, around) = both(query.page(), query.id_opt("around"))?;
    let request = pb::ListMessagesRequest {
        conversation_id: id.to_string(),
        cursor: page.cursor,
        limit: page.limit,
        around: around.map(|id| id.to_string()).unwrap_or_default(),
    };
    let found = session.calls.messages()?.list_messages(request).await?.into_inner();
    let previous_cursor = Some(found.previous_cursor).filter(|cursor| !cursor.is_empty());
    let Json(List { items, next_cursor }) = List::show(found.items, found.next_cursor)?;
    Ok(Json(Messages { items, next_cursor, previous_cursor }))
}

/// Queue a text, an attachment or products to the customer. It pauses the assistant.
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
    let cards = cards(&session.calls, &message.product_ids, &mut fields).await?;
    fields.finish()?;
    let request = pb::SendMessageRequest {
        conversation_id: id.to_string(),
        text: message.text.unwrap_or_default(),
        idempotency_key,
        attachment_id: message.attachment_id.map(|id| id.to_string()).unwrap_or_default(),
        cards,
        quick_replies: message.quick_replies,
    };
    let message = session.calls.messages()?.send_message(request).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Message::try_from(message)?)))
}

/// Products as cards in the business's language. Notes those that are not there.
async fn cards(calls: &Calls, ids: &[Uuid], fields: &mut Fields) -> Result<Vec<Card>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let request = GetProductsRequest { ids: ids.iter().map(Uuid::to_string).collect() };
    let products = calls.products()?.get_products(request).await?.into_inner().items;
    let settings = calls.settings()?.get_assistant_settings(GetAssistantSettingsRequest {}).await?.into_inner();
    let language = Language::first(&settings.languages);
    let mut cards = Vec::with_capacity(ids.len());
    for (at, id) in ids.iter().enumerate() {
        match products.iter().find(|product| product.id.parse() == Ok(*id)) {
            Some(product) => cards.push(card(product, language)),
            None => fields.note(&format!("product_ids[{at}]"), "unknown", "is no product of this business"),
        }
    }
    Ok(cards)
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

/// Say what became of a message of which nobody knows.
#[utoipa::path(post, path = "/api/conversations/{id}/messages/{message_id}/resolve", operation_id = "resolve_message",
    tag = "messages", security(("bearer" = [])), request_body = Resolution,
    params(("id" = Uuid, Path), ("message_id" = Uuid, Path)),
    responses((status = 200, body = Message), (status = 409, description = "`not_undecided`: it is known what became of it")))]
pub async fn resolve(
    session: Session,
    Ids(id, message): Ids,
    Input(found): Input<Resolution>,
) -> Result<Json<Message>, Problem> {
    let (conversation_id, message_id) = (id.to_string(), message.to_string());
    let request = pb::ResolveMessageRequest { conversation_id, message_id, was_delivered: found.was_delivered };
    show(session.calls.messages()?.resolve_message(request).await?)
}

/// Ask Meta where a message's attachments are now: their addresses stop working after a while.
#[utoipa::path(post, path = "/api/conversations/{id}/messages/{message_id}/attachments/refresh",
    operation_id = "refresh_attachments", tag = "messages", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("message_id" = Uuid, Path)),
    responses((status = 200, body = Message), (status = 404, description = "No such message, or Meta has them no longer")))]
pub async fn refresh_attachments(session: Session, Ids(id, message): Ids) -> Result<Json<Message>, Problem> {
    let request = pb::RefreshAttachmentsRequest { conversation_id: id.to_string(), message_id: message.to_string() };
    show(session.calls.messages()?.refresh_attachments(request).await?)
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
