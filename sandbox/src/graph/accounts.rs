//! The pages that a person granted: `/me/accounts`, and each of them by itself. Owns the tokens given with them.
//! Sources: Graph API "User accounts", "Page"; Instagram Platform "Get started with Facebook Login".

use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use super::call::Call;
use super::error::GraphError;
use super::fields::chosen;
use super::node::{answered, username};
use super::with_faults;
use crate::config::Page;
use crate::login::Grant;
use crate::{Hub, Shared, fault};

/// Pages in one answer, whatever was asked for: Meta may give fewer too, so a client must follow the paging.
const AT_ONCE: usize = 2;

pub(super) async fn list(State(hub): State<Shared>, call: Call) -> Response {
    with_faults(&hub, &call, fault::Call::Login, "/accounts", async |_| answered(listed(&hub, &call))).await
}

fn listed(hub: &Hub, call: &Call) -> Result<Value, GraphError> {
    let grant = call.grant(hub)?.ok_or_else(GraphError::bad_token)?;
    if call.node != "me" && call.node != grant.person {
        return Err(GraphError::no_object("get", &call.node));
    }
    if !grant.has("pages_show_list") {
        return Ok(json!({ "data": [] }));
    }
    let person = hub.people.iter().find(|person| person.id == grant.person);
    let mut pages: Vec<&str> = person
        .into_iter()
        .flat_map(|person| &person.roles)
        .filter(|role| role.is_listed && grant.pages.contains(&role.page_id))
        .map(|role| role.page_id.as_str())
        .collect();
    if let Some(after) = call.param("after") {
        let at = pages.iter().position(|id| *id == after).ok_or_else(|| GraphError::parameter("Invalid cursor."))?;
        pages.drain(..=at);
    }
    let more = pages.len() > AT_ONCE.min(call.number("limit").unwrap_or(AT_ONCE).max(1));
    pages.truncate(AT_ONCE.min(call.number("limit").unwrap_or(AT_ONCE).max(1)));
    let fields = call.param("fields").unwrap_or("id,name,access_token,tasks,category");
    let may_miss = ["instagram_business_account"];
    let data: Vec<Value> = pages
        .iter()
        .filter_map(|id| granted(hub, &grant, id))
        .map(|page| chosen(&page, Some(fields), &may_miss))
        .collect::<Result<_, _>>()?;
    Ok(match (pages.first(), pages.last()) {
        (Some(first), Some(last)) if more => json!({
            "data": data, "paging": { "cursors": { "before": first, "after": last }, "next": call.next(hub, "/accounts", last) },
        }),
        (Some(first), Some(last)) => {
            json!({ "data": data, "paging": { "cursors": { "before": first, "after": last } } })
        }
        _ => json!({ "data": data }),
    })
}

/// A page that the person granted, with a token of its own; none when it is not among them.
pub(super) fn granted(hub: &Hub, grant: &Grant, page_id: &str) -> Option<Value> {
    let person = hub.people.iter().find(|person| person.id == grant.person)?;
    let role = person.roles.iter().find(|role| role.page_id == page_id && grant.pages.contains(&role.page_id))?;
    let now = hub.clock.now();
    let (state, token) = hub.change(|world| {
        let token = world.tokens.issue(page_id, Some(&grant.person), now);
        (world.page(page_id).map(|state| state.page.clone()), token)
    });
    let mut known = page(hub, &state?);
    known["access_token"] = json!(token?);
    known["tasks"] = json!(role.tasks);
    if !grant.has("instagram_basic") {
        known.as_object_mut()?.remove("instagram_business_account");
    }
    Some(known)
}

/// What a Page tells of itself.
pub(super) fn page(hub: &Hub, page: &Page) -> Value {
    let mut known = json!({ "id": page.page_id, "name": page.name, "category": "Shopping & retail" });
    let linked = hub.read(|world| {
        world.linked(&page.page_id).map(|account| (account.page.page_id.clone(), account.page.name.clone()))
    });
    if let Some((account, name)) = linked {
        known["instagram_business_account"] = json!({ "id": account, "username": username(&account), "name": name });
    }
    known
}
