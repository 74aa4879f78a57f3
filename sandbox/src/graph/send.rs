//! `POST /{page}/messages`: judges a message as Meta does, records it and sends its echo on its way. Owns limits and the window; cards and
//! quick replies are [`template`]'s.
//! Sources: Messenger Platform "Send API", "Message tags", "Sender actions"; Instagram Platform "Send a message".

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::{MediaKind, Platform};
use chrono::TimeDelta;
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::call::{Call, linked};
use super::error::GraphError;
use super::{template, with_faults};
use crate::config::Page;
use crate::content::Content;
use crate::delivery::{Event, enqueue};
use crate::fault::{self, Hit};
use crate::media::Attachment;
use crate::payload::Leaf;
use crate::payload::message::{self, By};
use crate::thread::{From, Side, rfc3339};
use crate::world::{Action, Sent, Writing};
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

pub(super) async fn send(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Send, "/messages", async |hit| {
        let judged = call.own_page(&hub, "post").and_then(|page| judged(&hub, &call, page));
        match judged {
            Ok((page, customer_id, Wish::Act(deed))) => acted(&hub, &page, &customer_id, &deed),
            Ok((page, customer_id, Wish::Say(said))) => sent(&hub, &page, &customer_id, said, &hit).await,
            Err(error) => error.into_response(),
        }
    })
    .await
}

enum Wish {
    Act(Deed),
    Say(Said),
}

/// A sender action.
enum Deed {
    Typing(bool),
    Seen,
    React { mid: String, emoji: Option<String> },
}

struct Said {
    content: Content,
    metadata: Option<String>,
    tag: Option<String>,
}

/// In whose name it goes out: the page's, or the linked account's when the customer is that one's.
fn speaker(hub: &Hub, page: Page, customer_id: &str) -> Page {
    let Some(account) = linked(hub, &page) else { return page };
    let of = |page: &Page| {
        hub.read(|world| world.page(&page.page_id).is_some_and(|page| page.customer(customer_id).is_some()))
    };
    if !of(&page) && of(&account) { account } else { page }
}

fn judged(hub: &Hub, call: &Call, page: Page) -> Result<(Page, String, Wish), GraphError> {
    let recipient = call.object("recipient").unwrap_or_default();
    let customer_id = match recipient.get("id") {
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return Err(GraphError::parameter("param recipient must be non-empty.")),
    };
    let page = speaker(hub, page, &customer_id);
    let now = hub.clock.now();
    let silence = hub
        .change(|world| {
            world.admit(&page.page_id, &customer_id, now);
            world.silence(&page.page_id, &customer_id, now)
        })
        .ok_or_else(|| GraphError::no_recipient(page.platform))?;
    let message = call.object("message");
    if let Some(action) = call.param("sender_action") {
        if message.is_some() {
            return Err(GraphError::parameter("Only one of message and sender_action can be set."));
        }
        return Ok((page, customer_id, Wish::Act(deed(call, action)?)));
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
    let mut content = match message.get("attachment") {
        None | Some(Value::Null) => text(page.platform, &message)?.as_str().into(),
        Some(_) if message.contains_key("text") => {
            return Err(GraphError::parameter("Only one of message[text] and message[attachment] can be set."));
        }
        Some(attachment) if attachment["type"] == "template" => {
            Content { cards: template::cards(&attachment["payload"])?, ..Content::default() }
        }
        Some(attachment) => Content { attachments: vec![file(hub, &page, attachment)?], ..Content::default() },
    };
    content.quick_replies = template::quick_replies(&message)?;
    let metadata = metadata(&message)?;
    if silence > open {
        return Err(GraphError::window_closed(page.platform));
    }
    let tag = call.param("tag").map(str::to_owned);
    Ok((page, customer_id, Wish::Say(Said { content, metadata, tag })))
}

fn deed(call: &Call, action: &str) -> Result<Deed, GraphError> {
    let payload = call.object("payload").unwrap_or_default();
    let of = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    let mid =
        || of("message_id").ok_or_else(|| GraphError::parameter("The parameter payload[message_id] is required."));
    match action {
        "typing_on" => Ok(Deed::Typing(true)),
        "typing_off" => Ok(Deed::Typing(false)),
        "mark_seen" => Ok(Deed::Seen),
        "react" => Ok(Deed::React { mid: mid()?, emoji: Some(of("reaction").unwrap_or_else(|| "❤".to_owned())) }),
        "unreact" => Ok(Deed::React { mid: mid()?, emoji: None }),
        _ => Err(GraphError::parameter("Invalid sender_action.")),
    }
}

/// Does it, and records it.
fn acted(hub: &Hub, page: &Page, customer_id: &str, deed: &Deed) -> Response {
    let now = hub.clock.now();
    let name = match deed {
        Deed::Typing(true) => "typing_on",
        Deed::Typing(false) => "typing_off",
        Deed::Seen => "mark_seen",
        Deed::React { emoji: Some(_), .. } => "react",
        Deed::React { .. } => "unreact",
    };
    hub.change(|world| {
        world.act(&page.page_id, customer_id, |thread, version| match deed {
            Deed::Typing(on) => thread.show_typing(*on, now, version),
            Deed::Seen => thread.see(now, version),
            Deed::React { mid, emoji } => thread.react(mid, Side::Page, emoji.as_deref(), version),
        });
        world.record_action(Action {
            page_id: page.page_id.clone(),
            recipient_id: customer_id.to_owned(),
            action: name.to_owned(),
            at: rfc3339(now.timestamp_millis()),
        });
    });
    Json(json!({ "recipient_id": customer_id })).into_response()
}

/// A file by its id or by its address.
fn file(hub: &Hub, page: &Page, attachment: &Value) -> Result<Attachment, GraphError> {
    match attachment["payload"]["url"].as_str() {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            let kind = attachment["type"].as_str().filter(|kind| kind.parse::<MediaKind>().is_ok());
            let kind = kind.ok_or_else(GraphError::wrong_media)?.to_owned();
            Ok(Attachment { kind, url: url.to_owned(), name: None, payload: None })
        }
        Some(_) => Err(GraphError::wrong_media()),
        None => uploaded(hub, page, attachment),
    }
}

/// A file of this page's, under the address where the customer sees it.
fn uploaded(hub: &Hub, page: &Page, attachment: &Value) -> Result<Attachment, GraphError> {
    let id = attachment["payload"]["attachment_id"].as_str().ok_or_else(GraphError::no_attachment)?;
    let media = hub.media(|store| store.get(id)).filter(|media| media.page_id.as_ref() == Some(&page.page_id));
    let media =
        media.filter(|media| attachment["type"] == media.kind.as_str()).ok_or_else(GraphError::no_attachment)?;
    Ok(Attachment { kind: media.kind, url: hub.file_url(id), name: media.name, payload: None })
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
async fn sent(hub: &Shared, page: &Page, customer_id: &str, said: Said, hit: &Hit) -> Response {
    let Said { content, metadata, tag } = said;
    let written = hub.change(|world| {
        let writing = Writing {
            page_id: &page.page_id,
            customer_id,
            from: From::App,
            content: &content,
            at: None,
            is_dropped: false,
        };
        let written = world.write(&writing, hub.clock.now())?;
        world.record(Sent {
            mid: written.mid.clone(),
            page_id: page.page_id.clone(),
            recipient_id: customer_id.to_owned(),
            content: content.clone(),
            metadata: metadata.clone(),
            tag,
            at: rfc3339(written.at),
        });
        Some(written)
    });
    let Some(written) = written else { return GraphError::no_recipient(page.platform).into_response() };
    if written.subscribed && !hit.drop_echo {
        let item = message::echo(&message::Echo {
            platform: page.platform,
            page_id: &page.page_id,
            customer_id,
            mid: &written.mid,
            content: &content,
            metadata: metadata.as_deref(),
            by: By::App(hub.app_id),
            at: written.at,
        });
        let (done, delivered) = oneshot::channel();
        let now = Instant::now();
        let event = Event {
            customer_id: customer_id.to_owned(),
            mid: written.mid.clone(),
            leaf: Leaf::messaging(item),
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
    if hit.no_mid {
        return Json(json!({ "recipient_id": customer_id })).into_response();
    }
    Json(json!({ "recipient_id": customer_id, "message_id": written.mid })).into_response()
}
