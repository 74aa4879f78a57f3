//! `GET /{id}`: a page, an account, a customer of the token's page, one message, or the person who logged in; `GET /?ids=`: several of them
//! by id. Owns their fields.
//! Sources: Graph API "Page", "Multiple ID read requests"; Messenger Platform "User Profile API"; Instagram Platform "API with Instagram Login".

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::Platform;
use serde_json::{Value, json};

use super::call::{Call, linked};
use super::error::GraphError;
use super::fields::{chosen, names};
use super::{Host, accounts, reading, with_faults};
use crate::config::{Customer, Page};
use crate::login::scoped_id;
use crate::world::{World, is_id, stranger};
use crate::{Hub, Shared, fault};

/// Fields that a page may have none of.
const PAGE_MAY_MISS: [&str; 4] = ["instagram_business_account", "tasks", "access_token", "profile_picture_url"];

pub(super) async fn node(State(hub): State<Shared>, call: Call) -> Response {
    if call.node.starts_with("m_") {
        return with_faults(&hub, &call, fault::Call::Conversations, "/conversations/message", async |_| {
            answered(reading::message(&hub, &call))
        })
        .await;
    }
    let of_page = call.node == "me" || hub.read(|world| world.page(&call.node).is_some());
    let kind = if of_page { fault::Call::Page } else { fault::Call::Profile };
    with_faults(&hub, &call, kind, "/", async |_| answered(told(&hub, &call, &call.node))).await
}

/// The most ids of one call.
const MOST_IDS: usize = 50;

/// Several nodes by their ids, all or none.
pub(super) async fn nodes(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Page, "/", async |_| answered(told_each(&hub, &call))).await
}

fn told_each(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    if !call.node.is_empty() {
        return Err(GraphError::unknown_path());
    }
    let ids: Vec<&str> = call.param("ids").unwrap_or_default().split(',').map(str::trim).collect();
    if ids.iter().any(|id| id.is_empty()) {
        return Err(GraphError::parameter(
            "(#100) The parameter ids is required and takes ids with commas between them.",
        ));
    }
    if ids.len() > MOST_IDS {
        return Err(GraphError::parameter("(#100) Too many ids, 50 at the most."));
    }
    let told = ids.iter().map(|id| Ok(((*id).to_owned(), told(hub, call, id)?)));
    Ok(Value::Object(told.collect::<Result<_, GraphError>>()?))
}

pub(super) fn answered(result: Result<Value, GraphError>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => error.into_response(),
    }
}

fn told(hub: &Hub, call: &Call, node: &str) -> Result<Value, GraphError> {
    if let Some(grant) = call.grant(hub)? {
        let known = if node == "me" || node == grant.person {
            let person = hub.people.iter().find(|person| person.id == grant.person);
            json!({ "id": grant.person, "name": person.map(|person| person.name.as_str()) })
        } else {
            accounts::granted(hub, &grant, node).ok_or_else(|| GraphError::no_object("get", node))?
        };
        return chosen(&known, call.param("fields"), &PAGE_MAY_MISS);
    }
    let page = call.page(hub)?;
    let account = linked(hub, &page);
    let known = if node == "me" || node == page.page_id {
        let asks = call.param("fields").is_some_and(|fields| names(fields).contains(&"instagram_business_account"));
        if let Some(account) = account.as_ref().filter(|_| asks) {
            hub.change(|world| world.reach(&account.page_id));
        }
        page_fields(hub, call.host, &page)
    } else if let Some(account) = account.as_ref().filter(|account| account.page_id == node) {
        hub.change(|world| world.reach(&account.page_id));
        page_fields(hub, call.host, account)
    } else {
        let found = [Some(&page), account.as_ref()].into_iter().flatten().find_map(|page| {
            let customer = hub.read(|world| customer(world, &page.page_id, node))?;
            Some(customer_fields(hub, page.platform, &customer))
        });
        found.ok_or_else(|| GraphError::no_object("get", node))?
    };
    chosen(&known, call.param("fields"), &PAGE_MAY_MISS)
}

/// A customer of the page, also one whose messages went past the sandbox so far; never another page's.
fn customer(world: &World, page_id: &str, id: &str) -> Option<Customer> {
    let page = world.page(page_id)?;
    page.customer(id).or_else(|| (world.takes_strangers() && is_id(id) && !world.is_taken(id)).then(|| stranger(id)))
}

/// The user name of an Instagram account.
pub(super) fn username(page_id: &str) -> String {
    format!("shop.{}", page_id.get(page_id.len().saturating_sub(8)..).unwrap_or_default())
}

fn page_fields(hub: &Hub, host: Host, page: &Page) -> Value {
    match (host, page.platform) {
        // The app-scoped id is another one than the webhooks' there.
        (Host::Instagram, _) => json!({
            "id": scoped_id(&page.page_id), "user_id": page.page_id,
            "username": username(&page.page_id), "name": page.name, "account_type": "BUSINESS",
        }),
        (Host::Facebook, Platform::Instagram) => {
            let mut known = json!({ "id": page.page_id, "username": username(&page.page_id), "name": page.name });
            // Its own token stands for that of a Page of which nobody has said more.
            known["instagram_business_account"] = known.clone();
            known
        }
        (Host::Facebook, Platform::Facebook) => accounts::page(hub, page),
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
