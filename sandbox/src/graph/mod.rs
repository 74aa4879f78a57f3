//! The Graph API, on both hosts: pages, profiles, subscriptions, uploads and sending. Owns routes and what they answer; a call's parts are
//! read in [`call`], a message is judged in [`send`], a file in [`upload`].
//! Sources: Graph API "Page"; Messenger Platform "User Profile API"; Instagram Platform "API with Instagram Login"; "Subscribed apps".

mod call;
mod error;
mod form;
mod send;
mod upload;

use std::collections::HashSet;
use std::future::Future;

use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use chatdesk_meta::Platform;
use serde_json::{Map, Value, json};

use crate::config::{Customer, Page};
use crate::fault::{self, Hit, Target};
use crate::world::{World, is_id, stranger};
use crate::{Hub, Shared, media};
use call::Call;
use error::GraphError;

/// Which of the two hosts is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// graph.facebook.com: Page tokens.
    Facebook,
    /// graph.instagram.com: Instagram user tokens.
    Instagram,
}

impl Host {
    const fn target(self) -> Target {
        match self {
            Self::Facebook => Target::Graph,
            Self::Instagram => Target::Instagram,
        }
    }
}

/// The routes of one host.
pub(crate) fn routes(host: Host) -> Router<Shared> {
    Router::new()
        .route("/{version}/{node}", get(node))
        .route("/{version}/{node}/subscribed_apps", get(subscription).post(subscribe).delete(unsubscribe))
        .route("/{version}/{node}/messages", post(send::send))
        .route(
            "/{version}/{node}/message_attachments",
            post(upload::upload).layer(DefaultBodyLimit::max(media::LARGEST)),
        )
        .fallback(unknown)
        .layer(Extension(host))
}

async fn unknown() -> Response {
    GraphError::unknown_path().into_response()
}

/// Lets the faults on order happen around a call.
async fn with_faults<F: Future<Output = Response>>(
    hub: &Hub,
    host: Host,
    call: fault::Call,
    line: &crate::line::Line,
    act: impl FnOnce(Hit) -> F,
) -> Response {
    let hit = hub.faults(|faults| faults.take(host.target(), call));
    if hit.cut_before {
        return line.cut();
    }
    if let Some(fault) = &hit.status {
        return GraphError::ordered(fault).into_response();
    }
    let (delay, cut_after) = (hit.delay, hit.cut_after);
    let response = act(hit).await;
    tokio::time::sleep(delay).await;
    if cut_after { line.cut() } else { response }
}

/// A page, or a customer of the token's page.
async fn node(State(hub): State<Shared>, call: Call) -> Response {
    let of_page = call.node == "me" || hub.read(|world| world.page(&call.node).is_some());
    let kind = if of_page { fault::Call::Page } else { fault::Call::Profile };
    with_faults(&hub, call.host, kind, &call.line, async |_| {
        let page = match call.page(&hub) {
            Ok(page) => page,
            Err(error) => return error.into_response(),
        };
        let known = if call.node == "me" || call.node == page.page_id {
            page_fields(call.host, &page)
        } else if let Some(customer) = hub.read(|world| customer(world, &page.page_id, &call.node)) {
            customer_fields(&hub, page.platform, &customer)
        } else {
            return GraphError::no_object("get", &call.node).into_response();
        };
        match chosen(&known, call.param("fields")) {
            Ok(fields) => Json(fields).into_response(),
            Err(error) => error.into_response(),
        }
    })
    .await
}

/// A customer of the page, also one whose messages went past the sandbox so far; never another page's.
fn customer(world: &World, page_id: &str, id: &str) -> Option<Customer> {
    let page = world.page(page_id)?;
    page.customer(id).or_else(|| (world.takes_strangers() && is_id(id) && !world.is_taken(id)).then(|| stranger(id)))
}

fn page_fields(host: Host, page: &Page) -> Value {
    let username = format!("shop.{}", page.page_id.get(page.page_id.len().saturating_sub(8)..).unwrap_or_default());
    match (host, page.platform) {
        // The app-scoped id is another one than the webhooks' there.
        (Host::Instagram, _) => json!({
            "id": format!("2{}", page.page_id.get(1..).unwrap_or_default()), "user_id": page.page_id, "username": username,
            "name": page.name, "account_type": "BUSINESS",
        }),
        (Host::Facebook, Platform::Instagram) => {
            json!({ "id": page.page_id, "username": username, "name": page.name })
        }
        (Host::Facebook, Platform::Facebook) => {
            json!({ "id": page.page_id, "name": page.name, "category": "Shopping & retail" })
        }
    }
}

fn customer_fields(hub: &Hub, platform: Platform, customer: &Customer) -> Value {
    let picture = format!("{}/sandbox/pictures/{}.svg", hub.base, customer.id);
    // The names are put together as first and last; Vietnamese names are written with the family name first.
    let (first, last) = customer.name.rsplit_once(' ').unwrap_or((&customer.name, ""));
    match platform {
        Platform::Facebook => json!({
            "id": customer.id, "first_name": first, "last_name": last, "name": customer.name, "profile_pic": picture,
        }),
        Platform::Instagram => json!({
            "id": customer.id, "name": customer.name, "username": format!("user.{}", customer.id), "profile_pic": picture,
        }),
    }
}

/// The fields asked for, and always the id; without a list what Meta gives by itself.
fn chosen(known: &Value, fields: Option<&str>) -> Result<Value, GraphError> {
    let Some(fields) = fields else {
        let plain = known.as_object().into_iter().flatten().filter(|(key, _)| matches!(key.as_str(), "id" | "name"));
        return Ok(Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect()));
    };
    let mut out = Map::new();
    for field in fields.split(',').map(str::trim).filter(|field| !field.is_empty()).chain(["id"]) {
        let value = known.get(field).ok_or_else(|| GraphError::no_field(field))?;
        out.insert(field.to_owned(), value.clone());
    }
    Ok(Value::Object(out))
}

async fn subscription(State(hub): State<Shared>, call: Call) -> Response {
    on_page(&hub, &call, "get", |page_id| {
        let fields = hub.read(|world| world.page(page_id).and_then(|page| page.fields.clone()));
        let apps: Vec<Value> = fields
            .into_iter()
            .map(|fields| {
                let mut fields: Vec<String> = fields.into_iter().collect();
                fields.sort_unstable();
                json!({ "id": hub.app_id.to_string(), "name": "ChatDesk", "subscribed_fields": fields })
            })
            .collect();
        Json(json!({ "data": apps })).into_response()
    })
    .await
}

async fn subscribe(State(hub): State<Shared>, call: Call) -> Response {
    on_page(&hub, &call, "post", |page_id| {
        let list = call.param("subscribed_fields").unwrap_or_default();
        let fields: HashSet<String> =
            list.split(',').map(str::trim).filter(|field| !field.is_empty()).map(str::to_owned).collect();
        if fields.is_empty() {
            return GraphError::parameter("The parameter subscribed_fields is required.").into_response();
        }
        hub.subscribe(page_id, Some(fields));
        Json(json!({ "success": true })).into_response()
    })
    .await
}

async fn unsubscribe(State(hub): State<Shared>, call: Call) -> Response {
    on_page(&hub, &call, "delete", |page_id| {
        hub.subscribe(page_id, None);
        Json(json!({ "success": true })).into_response()
    })
    .await
}

/// Acts on the token's own page.
async fn on_page(hub: &Shared, call: &Call, verb: &str, act: impl FnOnce(&str) -> Response) -> Response {
    with_faults(hub, call.host, fault::Call::Page, &call.line, async |_| match call.own_page(hub, verb) {
        Ok(page) => act(&page.page_id),
        Err(error) => error.into_response(),
    })
    .await
}
