//! What a platform admin tries inside a business beyond looking is refused by the services, and noted here in the business's audit log.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use chatdesk_platform::Identity;
use chatdesk_proto::tenants::v1 as pb;

use crate::app::{App, Calls};

/// The most characters of a path that are noted.
const LONGEST: usize = 180;

/// Notes what a visitor was refused. What only looks where nothing is to be seen is no news.
pub async fn noted(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION).cloned();
    let is_telling = request.method() != Method::GET || request.uri().path().ends_with("/export");
    let what = format!("{} {}", request.method(), request.uri().path());
    let address = app.client_address(request.extensions(), request.headers());
    let response = next.run(request).await;
    if response.status() != StatusCode::FORBIDDEN || !is_telling {
        return response;
    }
    let token = token.as_ref().and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(' '));
    let holder = token.and_then(|(_, token)| app.tokens.read(token.trim()));
    if let Some(identity) = holder.map(|holder| holder.identity).filter(|who| matches!(who, Identity::Visitor { .. })) {
        let calls = Calls::new(Arc::clone(&app), identity, None).from(address);
        app.shutdown.spawn(note(calls, what.chars().take(LONGEST).collect()));
    }
    response
}

async fn note(calls: Calls, what: String) {
    let noted =
        async { Ok::<_, crate::problem::Problem>(calls.audit()?.note_refusal(pb::NoteRefusalRequest { what }).await?) };
    if let Err(problem) = noted.await {
        tracing::warn!(code = problem.code(), "what a visitor was refused could not be noted");
    }
}
