//! `POST /{page}/messages`: judges a message as Meta does, records it and sends its echo on its way. Owns limits and the window.
//! Sources: Messenger Platform "Send API", "Message tags"; Instagram Platform "Send a message".

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::Platform;
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::call::Call;
use super::error::GraphError;
use super::with_faults;
use crate::config::Page;
use crate::delivery::{Event, enqueue};
use crate::fault::{self, Hit};
use crate::media::Attachment;
use crate::payload::{self, By};
use crate::thread::{Content, From, rfc3339};
use crate::world::Sent;
use crate::{Hub, Shared};

/// An answer is allowed this long after the customer's last message.
const WINDOW: TimeDelta = TimeDelta::hours(24);
/// A person's answer, with its tag, this long.
const HUMAN_WINDOW: TimeDelta = TimeDelta::days(7);
/// Messenger's longest text, in characters.
const LONGEST_TEXT: usize = 2000;
/// Instagram's longest text, in bytes of UTF-8.
const LONGEST_INSTAGRAM_TEXT: usize = 1000;
/// Metadata must be shorter, in characters.
const LONGEST_METADATA: usize = 1000;
/// How long a send waits for an echo that is to come first.
const ECHO_FIRST_LIMIT: Duration = Duration::from_secs(5);

pub(crate) async fn send(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, call.host, fault::Call::Send, &call.line, async |hit| {
        let page = match call.own_page(&hub, "post") {
            Ok(page) => page,
            Err(error) => return error.into_response(),
        };
        match judged(&hub, &call, &page) {
            Ok(Wish::Typing { customer_id, on }) => {
                hub.change(|world| world.typing(&page.page_id, &customer_id, on, hub.clock.now()));
                Json(json!({ "recipient_id": customer_id })).into_response()
            }
            Ok(Wish::Say(said)) => sent(&hub, &page, said, &hit).await,
            Err(error) => error.into_response(),
        }
    })
    .await
}

enum Wish {
    Typing { customer_id: String, on: bool },
    Say(Said),
}

struct Said {
    customer_id: String,
    content: Content,
    metadata: Option<String>,
}

fn judged(hub: &Hub, call: &Call, page: &Page) -> Result<Wish, GraphError> {
    let recipient = call.object("recipient").unwrap_or_default();
    let customer_id = match recipient.get("id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err(GraphError::parameter("param recipient must be non-empty.")),
    };
    let now = hub.clock.now();
    let silence = hub
        .change(|world| {
            world.admit(&page.page_id, &customer_id, now);
            world.silence(&page.page_id, &customer_id, now)
        })
        .ok_or_else(|| GraphError::no_recipient(page.platform))?;
    let message = call.object("message");
    if let Some(action) = call.param("sender_action") {
        return match (action, message) {
            (_, Some(_)) => Err(GraphError::parameter("Only one of message and sender_action can be set.")),
            ("typing_on", None) => Ok(Wish::Typing { customer_id, on: true }),
            ("typing_off" | "mark_seen", None) => Ok(Wish::Typing { customer_id, on: false }),
            _ => Err(GraphError::parameter("Invalid sender_action.")),
        };
    }
    let message = message.ok_or_else(|| GraphError::parameter("The parameter message is required."))?;
    let open = match (call.param("messaging_type"), call.param("tag")) {
        (None | Some("RESPONSE" | "UPDATE"), None) => WINDOW,
        (None | Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) => HUMAN_WINDOW,
        (Some("MESSAGE_TAG"), None) => return Err(GraphError::parameter("The parameter tag is required.")),
        (Some("RESPONSE" | "UPDATE" | "MESSAGE_TAG") | None, Some(_)) => {
            return Err(GraphError::parameter("Invalid or unsupported tag."));
        }
        (Some(_), _) => return Err(GraphError::parameter("Invalid messaging_type.")),
    };
    let content = match message.get("attachment") {
        None | Some(Value::Null) => text(page.platform, &message)?.as_str().into(),
        Some(_) if message.contains_key("text") => {
            return Err(GraphError::parameter("Only one of message[text] and message[attachment] can be set."));
        }
        Some(attachment) => Content { text: String::new(), attachments: vec![uploaded(hub, page, attachment)?] },
    };
    let metadata = metadata(&message)?;
    if silence > open {
        return Err(GraphError::window_closed(page.platform));
    }
    Ok(Wish::Say(Said { customer_id, content, metadata }))
}

/// A file of this page's, under the address where the customer sees it.
fn uploaded(hub: &Hub, page: &Page, attachment: &Value) -> Result<Attachment, GraphError> {
    let id = attachment["payload"]["attachment_id"].as_str().ok_or_else(GraphError::no_attachment)?;
    let media = hub.media(|store| store.get(id)).filter(|media| media.page_id.as_ref() == Some(&page.page_id));
    let media =
        media.filter(|media| attachment["type"] == media.kind.as_str()).ok_or_else(GraphError::no_attachment)?;
    Ok(Attachment { kind: media.kind, url: format!("{}/sandbox/media/{id}", hub.base), name: media.name })
}

fn text(platform: Platform, message: &Map<String, Value>) -> Result<String, GraphError> {
    let Some(text) = message.get("text").and_then(Value::as_str).filter(|text| !text.trim().is_empty()) else {
        return Err(GraphError::parameter("Message cannot be empty, must provide valid text."));
    };
    let fits = match platform {
        Platform::Facebook => text.chars().count() <= LONGEST_TEXT,
        Platform::Instagram => text.len() <= LONGEST_INSTAGRAM_TEXT,
    };
    if fits {
        return Ok(text.to_owned());
    }
    Err(GraphError::parameter(match platform {
        Platform::Facebook => "Length of param message[text] must be less than or equal to 2000",
        Platform::Instagram => "Length of param message[text] must be less than or equal to 1000 bytes",
    }))
}

fn metadata(message: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    match message.get("metadata") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(metadata)) if metadata.chars().count() < LONGEST_METADATA => Ok(Some(metadata.clone())),
        Some(_) => Err(GraphError::parameter("Length of param message[metadata] must be less than 1000")),
    }
}

/// Records the message and its echo in one go: whatever becomes of the answer, both are there.
async fn sent(hub: &Shared, page: &Page, said: Said, hit: &Hit) -> Response {
    let Said { customer_id, content, metadata } = said;
    let written = hub.change(|world| {
        let written = world.business_writes(&page.page_id, &customer_id, &content, From::App, hub.clock.now())?;
        world.record(Sent {
            mid: written.mid.clone(),
            page_id: page.page_id.clone(),
            recipient_id: customer_id.clone(),
            content: content.clone(),
            metadata: metadata.clone(),
            at: rfc3339(written.at),
        });
        Some(written)
    });
    let Some(written) = written else { return GraphError::no_recipient(page.platform).into_response() };
    if written.subscribed && !hit.drop_echo {
        let item = payload::echo(&payload::Echo {
            platform: page.platform,
            page_id: &page.page_id,
            customer_id: &customer_id,
            mid: &written.mid,
            content: &content,
            metadata: metadata.as_deref(),
            by: By::App(hub.app_id),
            at: written.at,
        });
        let (done, delivered) = oneshot::channel();
        let now = Instant::now();
        let event = Event {
            customer_id: customer_id.clone(),
            mid: written.mid.clone(),
            item,
            due: if hit.echo_first { now } else { now + hub.post.echo_delay() },
            copies: hit.duplicates,
            done: hit.echo_first.then_some(done),
        };
        enqueue(hub, &page.page_id, page.platform, event);
        if hit.echo_first {
            // Past the limit the answer goes out first after all: a sender must not hang on its own webhook.
            let _ = tokio::time::timeout(ECHO_FIRST_LIMIT, delivered).await;
        }
    }
    Json(json!({ "recipient_id": customer_id, "message_id": written.mid })).into_response()
}
