//! Meta's webhooks: the handshake, and bodies that are kept unread once their signature is right.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatdesk_meta::AppSecrets;
use chatdesk_proto::inbox::v1::IngestRequest;
use chatdesk_proto::tenants::v1::Platform;
use secrecy::ExposeSecret as _;

use crate::app::{App, OwnCalls};
use crate::body::{self, WEBHOOK_LIMIT};
use crate::problem::Problem;
use crate::query::Query;

/// How long the journal may take. Meta waits 20 s and comes again (Messenger Platform, "Webhooks").
const PATIENCE: Duration = Duration::from_secs(5);
const SIGNATURE: HeaderName = HeaderName::from_static("x-hub-signature-256");

/// Meta's check that this address is ours.
#[utoipa::path(get, path = "/api/webhooks/facebook", operation_id = "verify_facebook_webhook", tag = "webhooks",
    params(("hub.mode" = String, Query), ("hub.verify_token" = String, Query), ("hub.challenge" = String, Query)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 403, description = "Another token")))]
pub async fn verify_facebook(State(app): State<Arc<App>>, query: Query) -> Result<Response, Problem> {
    handshake(&app, &query)
}

/// Meta's check that this address is ours.
#[utoipa::path(get, path = "/api/webhooks/instagram", operation_id = "verify_instagram_webhook", tag = "webhooks",
    params(("hub.mode" = String, Query), ("hub.verify_token" = String, Query), ("hub.challenge" = String, Query)),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 403, description = "Another token")))]
pub async fn verify_instagram(State(app): State<Arc<App>>, query: Query) -> Result<Response, Problem> {
    handshake(&app, &query)
}

/// News from Facebook, answered when it is kept.
#[utoipa::path(post, path = "/api/webhooks/facebook", operation_id = "receive_facebook_webhook", tag = "webhooks",
    params(("X-Hub-Signature-256" = String, Header)), request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, description = "The signature is wrong")))]
pub async fn receive_facebook(calls: OwnCalls, request: Request) -> Result<Response, Problem> {
    receive(calls, Platform::Facebook, |app| app.facebook_secrets.as_ref(), request).await
}

/// News from Instagram, answered when it is kept.
#[utoipa::path(post, path = "/api/webhooks/instagram", operation_id = "receive_instagram_webhook", tag = "webhooks",
    params(("X-Hub-Signature-256" = String, Header)), request_body(content = String, content_type = "application/json"),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, description = "The signature is wrong")))]
pub async fn receive_instagram(calls: OwnCalls, request: Request) -> Result<Response, Problem> {
    receive(calls, Platform::Instagram, |app| app.instagram_secrets.as_ref(), request).await
}

fn handshake(app: &App, query: &Query) -> Result<Response, Problem> {
    let refused = || Problem::new(StatusCode::FORBIDDEN, "wrong_verify_token", "the verify token is another");
    let wanted = app.verify_token.as_ref().ok_or_else(refused)?.expose_secret().as_bytes();
    let shown = query.get("hub.verify_token").unwrap_or_default().as_bytes();
    let same = constant_time::verify_slices_are_equal(wanted, shown).is_ok();
    let challenge = query.get("hub.challenge").filter(|challenge| challenge.len() <= 1024);
    match challenge {
        Some(challenge) if same && query.get("hub.mode") == Some("subscribe") => Ok(plain(challenge.to_owned())),
        _ => Err(refused()),
    }
}

async fn receive(
    OwnCalls(calls): OwnCalls,
    platform: Platform,
    secrets: impl FnOnce(&App) -> Option<&AppSecrets>,
    request: Request,
) -> Result<Response, Problem> {
    let refused = || {
        metrics::counter!("chatdesk_gateway_webhooks_refused_total", "platform" => platform.as_str_name()).increment(1);
        Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", "the signature is not right")
    };
    let (parts, body) = request.into_parts();
    let header = parts.headers.get(SIGNATURE).map(HeaderValue::as_bytes);
    let (Some(secrets), Some(header)) = (secrets(calls.app()), header.filter(|header| is_signature(header))) else {
        return Err(refused());
    };
    let (body, _share) = body::read(body, WEBHOOK_LIMIT, &calls.app().webhook_budget).await?;
    if !secrets.verify(Some(header), &body) {
        return Err(refused());
    }
    let request = IngestRequest { platform: platform.into(), body: body.into() };
    match calls.within(PATIENCE).webhooks()?.ingest(request).await {
        Ok(_kept) => Ok(plain("EVENT_RECEIVED")),
        // Whatever went wrong, Meta shall come again with it: nothing is kept.
        Err(status) => {
            tracing::warn!(code = ?status.code(), "a webhook could not be kept");
            Err(Problem::unavailable())
        }
    }
}

/// Whether a header could be Meta's signature of something, so that no memory goes to a body that nobody signed.
fn is_signature(header: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    header.strip_prefix(b"sha256=").is_some_and(|digits| digits.len() == 64 && digits.iter().all(is_digit))
}

fn plain(text: impl Into<Body>) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text.into()).into_response()
}
