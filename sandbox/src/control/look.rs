//! What is looked at: pages, conversations, what the app sent and did, and whether the product answers the handshake.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::Platform;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use super::Refusal;
use crate::Shared;

/// Pages in one list.
const MOST_PAGES: usize = 200;
/// The longest wait for a change in a conversation.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

pub(super) async fn pages(State(hub): State<Shared>) -> Json<Value> {
    let list: Vec<Value> = hub.read(|world| {
        world
            .pages(MOST_PAGES)
            .map(|state| {
                let page = &state.page;
                let customers: Vec<Value> =
                    page.customers.iter().take(MOST_PAGES).map(|c| json!({ "id": c.id, "name": c.name })).collect();
                json!({
                    "platform": page.platform.as_str(), "page_id": page.page_id, "name": page.name,
                    "subscribed": state.fields.is_some(), "customers": customers,
                })
            })
            .collect()
    });
    Json(json!({ "items": list }))
}

#[derive(Deserialize)]
pub(super) struct ThreadQuery {
    #[serde(default)]
    after: u64,
    /// How long to wait for a change; 0 answers at once.
    #[serde(default)]
    wait_ms: u64,
}

/// A conversation as the customer sees it, from a version on.
pub(super) async fn thread(
    State(hub): State<Shared>,
    Path((page_id, customer_id)): Path<(String, String)>,
    Query(ThreadQuery { after, wait_ms }): Query<ThreadQuery>,
) -> Result<Response, Refusal> {
    let until = Instant::now() + Duration::from_millis(wait_ms).min(LONGEST_WAIT);
    let stop = hub.shutdown.token();
    let mut changed = hub.changed.subscribe();
    loop {
        changed.borrow_and_update();
        let view = hub
            .read(|world| world.thread(&page_id, &customer_id, after, hub.clock.now()))
            .ok_or_else(Refusal::no_conversation)?;
        if view.change.changed || Instant::now() >= until {
            return Ok(Json(view).into_response());
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(Json(view).into_response()),
            () = tokio::time::sleep_until(until) => {}
            _ = changed.changed() => {}
        }
    }
}

#[derive(Deserialize)]
pub(super) struct SentQuery {
    /// A mid: only what was sent after it.
    after: Option<String>,
}

pub(super) async fn sent(State(hub): State<Shared>, Query(query): Query<SentQuery>) -> Json<Value> {
    let items = hub.read(|world| world.sent_after(query.after.as_deref()));
    Json(json!({ "items": items }))
}

#[derive(Deserialize)]
pub(super) struct ActionQuery {
    page_id: Option<String>,
}

pub(super) async fn actions(State(hub): State<Shared>, Query(query): Query<ActionQuery>) -> Json<Value> {
    let items = hub.read(|world| world.actions(query.page_id.as_deref()));
    Json(json!({ "items": items }))
}

/// Meta's webhook handshake with the target, for both objects: whether the challenge came back.
/// Source: Graph API "Webhooks, getting started".
pub(super) async fn handshake(State(hub): State<Shared>) -> Result<Json<Value>, Refusal> {
    let Some(target) = hub.post.target() else {
        return Err(Refusal(StatusCode::CONFLICT, "no_target", "no webhook target is set".to_owned()));
    };
    let mut result = serde_json::Map::new();
    for platform in [Platform::Facebook, Platform::Instagram] {
        let challenge = Uuid::new_v4().as_u128().to_string();
        let request = hub.post.client().get(format!("{target}/api/webhooks/{}", platform.as_str())).query(&[
            ("hub.mode", "subscribe"),
            ("hub.challenge", &challenge),
            ("hub.verify_token", &hub.verify_token),
        ]);
        let good = match request.send().await {
            Ok(response) if response.status() == reqwest::StatusCode::OK => {
                response.text().await.is_ok_and(|text| text == challenge)
            }
            _ => false,
        };
        result.insert(platform.as_str().to_owned(), Value::Bool(good));
    }
    Ok(Json(Value::Object(result)))
}
