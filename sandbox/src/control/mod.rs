//! The sandbox's own HTTP interface, for the phone page, scripts and tests: everything under `/sandbox`. Owns its routes and refusals.
//! What customers do is [`customer`]'s, what pages do [`page`]'s, logins and tokens [`people`]'s, files [`files`]'s, what is looked at
//! [`look`]'s, mails [`letters`]'s, faults and the model [`orders`]'s.

mod customer;
mod files;
mod letters;
mod look;
mod orders;
mod page;
mod people;

use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use chatdesk_meta::Platform;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::delivery::announce;
use crate::media;
use crate::payload::Leaf;
use crate::{Hub, Shared};

/// The longest text taken, in characters: more than Meta lets a customer write, so that tests can be rude.
const LONGEST_TEXT: usize = 20_000;

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

    fn no_conversation() -> Self {
        Self::not_found("no such page with such a customer")
    }

    fn no_page() -> Self {
        Self::not_found("no such page")
    }
}

type Answer = Result<(StatusCode, Json<Value>), Refusal>;

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/pages", get(look::pages))
        .route("/pages/{page_id}/human", post(page::human))
        .route("/pages/{page_id}/echo", post(page::echo))
        .route("/pages/{page_id}/handover", post(page::handover))
        .route("/pages/{page_id}/policy", post(page::policy))
        .route("/pages/{page_id}/events", post(page::event))
        .route("/pages/{page_id}/history", post(page::history))
        .route("/pages/{page_id}/subscription", put(page::subscribe).delete(page::unsubscribe))
        .route("/customers/{customer_id}/messages", post(customer::write))
        .route("/customers/{customer_id}/events", post(customer::event))
        .route("/threads/{page_id}/{customer_id}", get(look::thread))
        .route("/sent", get(look::sent))
        .route("/actions", get(look::actions))
        .route("/login", put(people::answer).delete(people::ask))
        .route("/tokens/revoke", post(people::revoke))
        .route("/tokens/restore", post(people::restore))
        .route("/tokens/issue", post(people::issue))
        .route("/users/{user_id}/deauthorize", post(people::deauthorize))
        .route("/users/{user_id}/delete", post(people::delete))
        .route("/faults", get(orders::faults).put(orders::add_fault).delete(orders::clear_faults))
        .route("/mails", get(letters::list).delete(letters::clear))
        .route("/codes", get(letters::codes))
        .route("/groq", get(orders::asked).put(orders::set_model).delete(orders::reset_model))
        .route("/handshake", post(look::handshake))
        .route("/pictures/{file}", get(files::picture))
        .route("/media", post(files::keep).layer(DefaultBodyLimit::max(media::LARGEST)))
        .route("/media/expire", post(files::expire))
        .route("/media/{id}", get(files::served))
        .fallback(unknown)
}

pub(crate) async fn unknown() -> Response {
    Refusal::not_found("there is nothing here").into_response()
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::invalid(error.to_string()))
}

fn checked(text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Refusal::invalid(format!("text must have 1 to {LONGEST_TEXT} characters")));
    }
    Ok(())
}

/// Refuses what the page's queue has no room for.
fn room(hub: &Hub, page_id: &str) -> Result<(), Refusal> {
    if hub.post.has_room(page_id) {
        return Ok(());
    }
    let detail = "too many webhooks of this page wait already".to_owned();
    Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "busy", detail))
}

/// The platform of a page.
fn platform(hub: &Hub, page_id: &str) -> Result<Platform, Refusal> {
    hub.read(|world| world.page(page_id).map(|page| page.page.platform)).ok_or_else(Refusal::no_page)
}

/// Sends an item on its way when the page is subscribed to its field, or to anything when there is no field; whether it was.
fn told(hub: &Shared, page_id: &str, customer_id: &str, mid: &str, leaf: Leaf, field: Option<&str>) -> bool {
    let platform = hub.read(|world| {
        let page = world.page(page_id)?;
        let wanted = field.map_or(page.fields.is_some(), |field| page.gets(field));
        wanted.then_some(page.page.platform)
    });
    if let Some(platform) = platform {
        announce(hub, page_id, platform, customer_id, mid, leaf);
    }
    platform.is_some()
}

/// A time in milliseconds since 1970; now when none is given.
fn moment(hub: &Hub, at: Option<DateTime<Utc>>) -> i64 {
    at.unwrap_or_else(|| hub.clock.now()).timestamp_millis()
}
