//! What the mail page shows: mails that were taken, and the codes of the demo's authenticator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatdesk_platform::totp_step;
use serde_json::{Value, json};

use crate::Shared;

/// `{items: [{id, at, from, to, subject, text, message_id}]}`, the newest first.
pub(super) async fn list(State(hub): State<Shared>) -> Json<Value> {
    Json(json!({ "items": hub.letters(|letters| letters.all()) }))
}

pub(super) async fn clear(State(hub): State<Shared>) -> StatusCode {
    hub.letters(|letters| letters.clear());
    StatusCode::NO_CONTENT
}

/// `{items: [{account, code, expires_in}]}`: as an authenticator app would show them.
pub(super) async fn codes(State(hub): State<Shared>) -> Json<Value> {
    let now = hub.clock.now();
    let expires_in = 30 - now.timestamp().rem_euclid(30);
    let items = hub.authenticator(|accounts| {
        let shown = accounts.iter().map(|(account, secret)| {
            json!({ "account": account, "code": secret.code(totp_step(now)), "expires_in": expires_in })
        });
        shown.collect::<Vec<_>>()
    });
    Json(json!({ "items": items }))
}
