//! The sandbox's own HTTP interface, for the phone page, scripts and tests: everything under `/sandbox`. Owns its bodies and refusals.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chatdesk_meta::{MediaKind, Platform};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::Shared;
use crate::delivery::{Event, enqueue};
use crate::fault::Fault;
use crate::groq::Mode;
use crate::media::{self, Attachment, Media};
use crate::payload::{self, By};
use crate::phone;
use crate::thread::{Content, From};
use crate::world::{is_id, stranger};

/// The longest text taken, in characters: more than Meta lets a customer write, so that tests can be rude.
const LONGEST_TEXT: usize = 20_000;
/// The longest address of a customer's file, in bytes.
const LONGEST_URL: usize = 2000;
/// Files in one message of a customer's.
const MOST_ATTACHMENTS: usize = 30;
/// Pages in one list.
const MOST_PAGES: usize = 200;
/// The longest wait for a change in a conversation.
const LONGEST_WAIT: Duration = Duration::from_secs(25);

/// A refusal: `{"error": {"code", "detail"}}`.
struct Refusal(StatusCode, &'static str, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": { "code": self.1, "detail": self.2 } }))).into_response()
    }
}

impl Refusal {
    fn not_found(what: &str) -> Self {
        Self(StatusCode::NOT_FOUND, "not_found", what.to_owned())
    }

    fn invalid(why: impl Into<String>) -> Self {
        Self(StatusCode::UNPROCESSABLE_ENTITY, "invalid", why.into())
    }
}

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/pages", get(pages))
        .route("/pages/{page_id}/human", post(human))
        .route("/customers/{customer_id}/messages", post(write))
        .route("/threads/{page_id}/{customer_id}", get(thread))
        .route("/sent", get(sent))
        .route("/faults", get(faults).put(add_fault).delete(clear_faults))
        .route("/groq", get(asked).put(set_model).delete(reset_model))
        .route("/handshake", post(handshake))
        .route("/pictures/{file}", get(picture))
        .route("/media", post(keep).layer(DefaultBodyLimit::max(media::LARGEST)))
        .route("/media/{id}", get(served))
        .fallback(unknown)
}

pub(crate) async fn unknown() -> Response {
    Refusal::not_found("there is nothing here").into_response()
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(error.to_string()))
}

async fn pages(State(hub): State<Shared>) -> Json<Value> {
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
struct Writing {
    page_id: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    attachments: Vec<Attachment>,
}

/// A customer writes: the message goes to the webhook of the page.
async fn write(
    State(hub): State<Shared>,
    Path(customer_id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let Writing { page_id, text, attachments } = read(&body)?;
    if attachments.is_empty() {
        checked(&text)?;
    } else {
        all_checked(&text, &attachments)?;
    }
    let content = Content { text, attachments };
    if !hub.post.has_room(&page_id) {
        let detail = "too many webhooks of this page wait already".to_owned();
        return Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "busy", detail));
    }
    let written = hub
        .change(|world| {
            let now = hub.clock.now();
            world.admit(&page_id, &customer_id, now);
            world.customer_writes(&page_id, &customer_id, &content, now)
        })
        .ok_or_else(|| Refusal::not_found("no such page with such a customer"))?;
    if written.subscribed {
        let item = payload::message(&page_id, &customer_id, &written.mid, &content, written.at);
        let mid = written.mid.clone();
        let event = Event { customer_id, mid, item, due: Instant::now(), copies: 0, done: None };
        enqueue(&hub, &page_id, written.platform, event);
    }
    Ok((StatusCode::CREATED, Json(json!({ "mid": written.mid, "subscribed": written.subscribed }))))
}

#[derive(Deserialize)]
struct HumanWriting {
    customer_id: String,
    text: String,
}

/// A person of the business answers in Meta's own app.
async fn human(
    State(hub): State<Shared>,
    Path(page_id): Path<String>,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let HumanWriting { customer_id, text } = read(&body)?;
    checked(&text)?;
    let content = text.as_str().into();
    let written = hub
        .change(|world| {
            let now = hub.clock.now();
            world.admit(&page_id, &customer_id, now);
            world.business_writes(&page_id, &customer_id, &content, From::Human, now)
        })
        .ok_or_else(|| Refusal::not_found("no such page with such a customer"))?;
    if written.subscribed {
        let item = payload::echo(&payload::Echo {
            platform: written.platform,
            page_id: &page_id,
            customer_id: &customer_id,
            mid: &written.mid,
            content: &content,
            metadata: None,
            by: By::Human,
            at: written.at,
        });
        let mid = written.mid.clone();
        let event = Event { customer_id, mid, item, due: Instant::now(), copies: 0, done: None };
        enqueue(&hub, &page_id, written.platform, event);
    }
    Ok((StatusCode::CREATED, Json(json!({ "mid": written.mid, "subscribed": written.subscribed }))))
}

fn checked(text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::invalid(format!("text must have 1 to {LONGEST_TEXT} characters")));
    }
    Ok(())
}

fn all_checked(text: &str, attachments: &[Attachment]) -> Result<(), Refusal> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::invalid(format!("text must have at most {LONGEST_TEXT} characters")));
    }
    let good = |one: &Attachment| (1..=64).contains(&one.kind.len()) && (1..=LONGEST_URL).contains(&one.url.len());
    if attachments.len() > MOST_ATTACHMENTS || !attachments.iter().all(good) {
        return Err(Refusal::invalid(format!("attachments: at most {MOST_ATTACHMENTS}, each with a type and a url")));
    }
    Ok(())
}

#[derive(Deserialize)]
struct ThreadQuery {
    #[serde(default)]
    after: u64,
    /// How long to wait for a change; 0 answers at once.
    #[serde(default)]
    wait_ms: u64,
}

/// A conversation as the customer sees it, from a version on.
async fn thread(
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
            .ok_or_else(|| Refusal::not_found("no such page with such a customer"))?;
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
struct SentQuery {
    /// A mid: only what was sent after it.
    after: Option<String>,
}

async fn sent(State(hub): State<Shared>, Query(query): Query<SentQuery>) -> Json<Value> {
    let items = hub.read(|world| world.sent_after(query.after.as_deref()));
    Json(json!({ "items": items }))
}

async fn faults(State(hub): State<Shared>) -> Json<Value> {
    Json(json!({ "items": hub.faults(|faults| faults.all()) }))
}

async fn add_fault(State(hub): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let fault: Fault = read(&body)?;
    hub.faults(|faults| faults.add(fault)).map_err(Refusal::invalid)?;
    Ok(Json(json!({ "items": hub.faults(|faults| faults.all()) })))
}

async fn clear_faults(State(hub): State<Shared>) -> StatusCode {
    hub.faults(|faults| faults.clear());
    StatusCode::NO_CONTENT
}

async fn asked(State(hub): State<Shared>) -> Json<Value> {
    Json(json!({ "items": hub.model(|model| model.asked()) }))
}

/// `{reply}` or `{raw}`: see [`Mode`].
async fn set_model(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let mode: Mode = read(&body).map_err(|_| Refusal::invalid("the body must be {\"reply\": …} or {\"raw\": …}"))?;
    hub.model(|model| model.mode = mode);
    Ok(StatusCode::NO_CONTENT)
}

async fn reset_model(State(hub): State<Shared>) -> StatusCode {
    hub.model(|model| model.mode = Mode::Rule);
    StatusCode::NO_CONTENT
}

/// Meta's webhook handshake with the target, for both objects: whether the challenge came back.
/// Source: Graph API "Webhooks, getting started".
async fn handshake(State(hub): State<Shared>) -> Result<Json<Value>, Refusal> {
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

/// A customer's picture: their initials.
async fn picture(State(hub): State<Shared>, Path(file): Path<String>) -> Result<Response, Refusal> {
    let id = file.strip_suffix(".svg").unwrap_or(&file);
    let customer = hub.read(|world| {
        let known = world.pages(usize::MAX).find_map(|page| page.customer(id));
        known.or_else(|| (world.takes_strangers() && is_id(id)).then(|| stranger(id)))
    });
    let customer = customer.ok_or_else(|| Refusal::not_found("no such customer"))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], phone::picture(&customer.name)).into_response())
}

/// Keeps a customer's file, whose bytes are the body: the address to name it by.
async fn keep(
    State(hub): State<Shared>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = MediaKind::of_type(Platform::Facebook, content_type).filter(|_| !bytes.is_empty());
    let kind = kind.ok_or_else(|| Refusal::invalid("send a file with its Content-Type"))?.as_str();
    let (kind, content_type) = (kind.to_owned(), content_type.to_owned());
    let media = Media { page_id: None, kind: kind.clone(), name: None, content_type, bytes };
    let id = hub.media(|store| store.keep(media));
    let url = format!("{}/sandbox/media/{id}", hub.base);
    Ok((StatusCode::CREATED, Json(json!({ "type": kind, "url": url }))))
}

/// A file as customers and the business see it.
async fn served(State(hub): State<Shared>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let media = hub.media(|store| store.get(&id)).ok_or_else(|| Refusal::not_found("no such file, or no longer"))?;
    Ok(media.served())
}
