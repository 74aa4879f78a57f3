//! The Graph API, on both hosts. Owns the routes, and faults around a call; a call's parts are read in [`call`], pages, customers and people
//! are told by [`node`], a message is judged in [`send`], a file in [`upload`].
//! Sources: Graph API "Page"; Messenger Platform "User Profile API", "Conversations API"; Instagram Platform "API with Instagram Login".

mod accounts;
mod call;
mod error;
mod fields;
mod form;
mod node;
mod reading;
mod send;
mod subscription;
mod template;
mod token;
mod upload;

use std::future::Future;

use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use serde_json::json;

use crate::fault::{self, About, Hit, Target};
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
    let login = match host {
        Host::Facebook => Router::new()
            .route("/oauth/access_token", get(token::facebook).post(token::facebook))
            .route("/{version}/oauth/access_token", get(token::facebook).post(token::facebook))
            .route("/debug_token", get(token::debug))
            .route("/{version}/debug_token", get(token::debug))
            .route("/{version}/{node}/accounts", get(accounts::list)),
        Host::Instagram => Router::new()
            .route("/access_token", get(token::long_lived))
            .route("/{version}/access_token", get(token::long_lived))
            .route("/refresh_access_token", get(token::refreshed))
            .route("/{version}/refresh_access_token", get(token::refreshed)),
    };
    login
        .route("/{version}", get(node::nodes))
        .route("/{version}/", get(node::nodes))
        .route("/{version}/{node}", get(node::node))
        .route(
            "/{version}/{node}/subscribed_apps",
            get(subscription::get).post(subscription::subscribe).delete(subscription::unsubscribe),
        )
        .route("/{version}/{node}/conversations", get(reading::conversations))
        .route("/{version}/{node}/messages", get(reading::messages).post(send::send))
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

/// Lets the faults on order happen around a call. `path` is what stands behind the node.
async fn with_faults<F: Future<Output = Response>>(
    hub: &Hub,
    call: &Call,
    kind: fault::Call,
    path: &str,
    act: impl FnOnce(Hit) -> F,
) -> Response {
    let pages = call.pages(hub);
    let about = About { target: call.host.target(), call: kind, path, pages: &pages };
    let hit = hub.faults(|faults| faults.take(&about));
    if hit.cut_before {
        return call.line.cut();
    }
    let usage = hit.usage.clone();
    let mut response = if let Some(fault) = &hit.status {
        GraphError::ordered(fault).into_response()
    } else {
        let (delay, cut_after) = (hit.delay, hit.cut_after);
        let response = act(hit).await;
        tokio::time::sleep(delay).await;
        if cut_after {
            return call.line.cut();
        }
        response
    };
    if let Some(usage) = usage {
        tell_usage(&mut response, &usage, pages.first().map_or("0", String::as_str), call.host);
    }
    response
}

/// The headers that tell how much of the limits is used, in percent. Source: Graph API "Rate limits".
fn tell_usage(response: &mut Response, fault: &fault::Fault, page_id: &str, host: Host) {
    let percent = fault.usage.unwrap_or_default();
    let plain = json!({ "call_count": percent, "total_cputime": 3, "total_time": 5 });
    let kind = if host == Host::Facebook { "messenger" } else { "instagram" };
    let mut of_business = plain.clone();
    of_business["type"] = json!(kind);
    of_business["estimated_time_to_regain_access"] = json!(fault.regain_minutes.unwrap_or_default());
    let business = json!({ page_id: [of_business] });
    for (name, value) in [("x-app-usage", &plain), ("x-page-usage", &plain), ("x-business-use-case-usage", &business)] {
        // Digits and ASCII only.
        if let Ok(value) = HeaderValue::try_from(value.to_string()) {
            response.headers_mut().insert(name, value);
        }
    }
}
