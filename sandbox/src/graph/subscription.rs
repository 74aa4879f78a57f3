//! `/{page}/subscribed_apps`: whether the app gets a page's webhooks, and which.
//! Source: Graph API "Page subscribed apps".

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::call::Call;
use super::error::GraphError;
use super::{Host, with_faults};
use crate::{Shared, fault};

pub(super) async fn get(State(hub): State<Shared>, call: Call) -> Response {
    on_page(&hub, &call, "get", |page_id| {
        let fields = hub.read(|world| world.page(page_id).and_then(|page| page.fields.clone()));
        // Each login has an app of its own.
        let app_id = if call.host == Host::Facebook { hub.app_id } else { hub.instagram_app_id };
        let apps: Vec<Value> = fields
            .into_iter()
            .map(|fields| {
                let mut fields: Vec<String> = fields.into_iter().collect();
                fields.sort_unstable();
                json!({ "id": app_id.to_string(), "name": "ChatDesk", "subscribed_fields": fields })
            })
            .collect();
        Json(json!({ "data": apps })).into_response()
    })
    .await
}

pub(super) async fn subscribe(State(hub): State<Shared>, call: Call) -> Response {
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

pub(super) async fn unsubscribe(State(hub): State<Shared>, call: Call) -> Response {
    on_page(&hub, &call, "delete", |page_id| {
        hub.subscribe(page_id, None);
        Json(json!({ "success": true })).into_response()
    })
    .await
}

/// Acts on the token's own page.
async fn on_page(hub: &Shared, call: &Call, verb: &str, act: impl FnOnce(&str) -> Response) -> Response {
    with_faults(hub, call, fault::Call::Page, "/subscribed_apps", async |_| match call.own_page(hub, verb) {
        Ok(page) => act(&page.page_id),
        Err(error) => error.into_response(),
    })
    .await
}
