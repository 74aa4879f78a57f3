//! Conversations and their messages as Meta keeps them: lists with paging, the latest first, and one message by its id. Owns the ids of
//! conversations and the form of a message; attachments get addresses that are good now.
//!
//! Meta gives the words of a conversation's latest 20 messages only; this gives all that are kept.
//! Sources: Messenger Platform "Conversations API"; Graph API "Conversation", "Message"; Instagram Platform "Conversations API".

use axum::extract::State;
use axum::response::Response;
use chatdesk_meta::Platform;
use chrono::DateTime;
use serde_json::{Value, json};

use super::call::{Call, linked};
use super::error::GraphError;
use super::fields::chosen;
use super::node::{answered, username};
use super::{Host, with_faults};
use crate::config::Page;
use crate::media::Attachment;
use crate::thread::{From, Item};
use crate::world::PageState;
use crate::{Hub, Shared, fault};

/// Items in one answer when none are asked for, and at most.
const USUAL: usize = 25;
const MOST: usize = 100;
/// Fields that a message may have none of.
const MESSAGE_MAY_MISS: [&str; 8] =
    ["attachments", "shares", "sticker", "story", "reply_to", "reactions", "is_unsupported", "tags"];

pub(super) async fn conversations(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Conversations, "/conversations", async |_| answered(listed(&hub, &call)))
        .await
}

pub(super) async fn messages(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Conversations, "/conversations/messages", async |_| {
        answered(said(&hub, &call))
    })
    .await
}

/// The page or account whose conversations are meant.
fn account(hub: &Hub, call: &Call) -> Result<Page, GraphError> {
    let page = call.own_page(hub, "get")?;
    match (call.host, call.param("platform")) {
        (Host::Facebook, None | Some("messenger" | "MESSENGER")) if page.platform == Platform::Facebook => Ok(page),
        (_, None | Some("instagram" | "INSTAGRAM")) if page.platform == Platform::Instagram => Ok(page),
        (Host::Facebook, Some("instagram" | "INSTAGRAM")) => {
            linked(hub, &page).ok_or_else(|| GraphError::parameter("The page has no linked Instagram account."))
        }
        _ => Err(GraphError::parameter("Invalid parameter platform.")),
    }
}

fn limit(call: &Call) -> usize {
    call.number("limit").unwrap_or(USUAL).clamp(1, MOST)
}

fn conversation_id(page: &Page, customer_id: &str) -> String {
    let kind = if page.platform == Platform::Facebook { "t" } else { "aWdf" };
    format!("{kind}_{}_{customer_id}", page.page_id)
}

fn listed(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let page = account(hub, call)?;
    hub.read(|world| {
        let Some(state) = world.page(&page.page_id) else { return Err(GraphError::no_object("get", &call.node)) };
        let mut list = state.conversations();
        if let Some(customer) = call.param("user_id") {
            list.retain(|(id, ..)| *id == customer);
        }
        let cursor = |(id, at, _): &(&str, i64, usize)| format!("{at}_{id}");
        if let Some((at, id)) = after(call)? {
            list.retain(|(other, other_at, _)| (*other_at, *other) < (at, id));
        }
        let more = list.len() > limit(call);
        list.truncate(limit(call));
        let fields = call.param("fields").unwrap_or("id,updated_time");
        let data: Vec<Value> = list
            .iter()
            .map(|(id, at, count)| {
                let known = json!({
                    "id": conversation_id(&page, id), "updated_time": time(*at), "message_count": count,
                    "participants": { "data": [side(state, id), own_side(&page)] },
                });
                chosen(&known, Some(fields), &["link", "name", "snippet", "unread_count"])
            })
            .collect::<Result<_, _>>()?;
        let ends = (list.first().map(cursor), list.last().map(cursor));
        Ok(paged(hub, call, "/conversations", &data, ends, more))
    })
}

fn said(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let own = call.page(hub)?;
    let account = linked(hub, &own);
    let lost = || GraphError::no_object("get", &call.node);
    let page = [Some(own), account].into_iter().flatten();
    let found = page.filter_map(|page| {
        let customer = call.node.strip_prefix(&conversation_id(&page, "")).map(str::to_owned)?;
        Some((page, customer))
    });
    let (page, customer) = found.last().ok_or_else(lost)?;
    hub.read(|world| {
        let state = world.page(&page.page_id).ok_or_else(lost)?;
        let thread = state.threads.get(&customer).ok_or_else(lost)?;
        let mut list: Vec<&Item> = thread.newest_first().collect();
        if let Some((at, n)) = after(call)? {
            let n: u64 = n.parse().map_err(|_| GraphError::parameter("Invalid cursor."))?;
            list.retain(|item| (item.at_ms, item.n) < (at, n));
        }
        let more = list.len() > limit(call);
        list.truncate(limit(call));
        let fields = call.param("fields").unwrap_or("id,created_time");
        let data: Vec<Value> = list
            .iter()
            .map(|item| chosen(&known(hub, state, &customer, item), Some(fields), &MESSAGE_MAY_MISS))
            .collect::<Result<_, _>>()?;
        let cursor = |item: &&Item| format!("{}_{}", item.at_ms, item.n);
        let ends = (list.first().map(cursor), list.last().map(cursor));
        Ok(paged(hub, call, "/messages", &data, ends, more))
    })
}

/// One message of the token's page or its linked account.
pub(super) fn message(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let own = call.page(hub)?;
    let account = linked(hub, &own);
    hub.read(|world| {
        let states = [Some(&own), account.as_ref()].into_iter().flatten().filter_map(|page| world.page(&page.page_id));
        let found = states.filter_map(|state| state.message(&call.node).map(|(id, item)| (state, id, item))).last();
        let (state, customer, item) = found.ok_or_else(|| GraphError::no_object("get", &call.node))?;
        chosen(&known(hub, state, customer, item), call.param("fields").or(Some("id,created_time")), &MESSAGE_MAY_MISS)
    })
}

/// A cursor: a time in milliseconds and an id, as this gave it.
fn after(call: &Call) -> Result<Option<(i64, &str)>, GraphError> {
    let Some(cursor) = call.param("after").filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    let parts = cursor.split_once('_').and_then(|(at, id)| Some((at.parse().ok()?, id)));
    parts.map(Some).ok_or_else(|| GraphError::parameter("Invalid cursor."))
}

fn paged(
    hub: &Hub,
    call: &Call,
    edge: &str,
    data: &[Value],
    ends: (Option<String>, Option<String>),
    more: bool,
) -> Value {
    let (Some(before), Some(after)) = ends else { return json!({ "data": data }) };
    let mut paging = json!({ "cursors": { "before": before, "after": after } });
    if more {
        paging["next"] = json!(call.next(hub, edge, &after));
    }
    json!({ "data": data, "paging": paging })
}

fn known(hub: &Hub, state: &PageState, customer_id: &str, item: &Item) -> Value {
    let (customer, own) = (side(state, customer_id), own_side(&state.page));
    let (from, to) = if item.from == From::Customer { (customer, own) } else { (own, customer) };
    let content = &item.content;
    let mut known = json!({
        "id": item.mid, "created_time": time(item.at_ms), "from": from, "to": { "data": [to] }, "message": content.text,
    });
    let mut attachments: Vec<Value> = content.attachments.iter().filter_map(|one| file(hub, one)).collect();
    if !content.cards.is_empty() {
        attachments.push(json!({ "generic_template": { "elements": content.cards } }));
    }
    if !attachments.is_empty() {
        known["attachments"] = json!({ "data": attachments });
    }
    if content.is_unsupported {
        known["is_unsupported"] = json!(true);
    }
    if let Some(reply_to) = &content.reply_to {
        known["reply_to"] = reply_to.clone();
    }
    known
}

/// A file, at an address that is good now; none when it is not a file.
fn file(hub: &Hub, one: &Attachment) -> Option<Value> {
    if one.url.is_empty() {
        return None;
    }
    let id = one.url.split_once('?').map_or(one.url.as_str(), |(bare, _)| bare).rsplit('/').next().unwrap_or_default();
    let (url, media) = hub.media(|store| (store.fresh(&one.url), store.get(id)));
    let usual = match one.kind.as_str() {
        "image" | "sticker" | "story_mention" => "image/jpeg",
        "video" | "ig_reel" | "reel" => "video/mp4",
        "audio" => "audio/mp4",
        _ => "application/octet-stream",
    };
    let mime = media.as_ref().map_or(usual, |media| media.content_type.as_str());
    let mut known = json!({ "id": id, "mime_type": mime });
    if let Some(name) = &one.name {
        known["name"] = json!(name);
    }
    if let Some(media) = &media {
        known["size"] = json!(media.bytes.len());
    }
    let shown =
        json!({ "width": 640, "height": 640, "max_width": 640, "max_height": 640, "url": url, "preview_url": url });
    match mime.split('/').next() {
        Some("image") => known["image_data"] = shown,
        Some("video") => known["video_data"] = shown,
        _ => known["file_url"] = json!(url),
    }
    Some(known)
}

/// The customer, as participants are named.
fn side(state: &PageState, customer_id: &str) -> Value {
    let name = state.customer(customer_id).map(|customer| customer.name);
    match state.page.platform {
        Platform::Facebook => {
            json!({ "id": customer_id, "name": name, "email": format!("{customer_id}@facebook.com") })
        }
        Platform::Instagram => json!({ "id": customer_id, "username": format!("user.{customer_id}") }),
    }
}

fn own_side(page: &Page) -> Value {
    match page.platform {
        Platform::Facebook => {
            json!({ "id": page.page_id, "name": page.name, "email": format!("{}@facebook.com", page.page_id) })
        }
        Platform::Instagram => json!({ "id": page.page_id, "username": username(&page.page_id) }),
    }
}

/// A time in milliseconds as Meta writes it, to the second.
fn time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}
