//! What every request passes, each layer with its reason. Knows nothing of what the endpoints do.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use chatdesk_platform::new_id;
use metrics::{Label, SharedString};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Instrument as _;

use crate::app::App;
use crate::problem::{self, Problem};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Thousands of these may come in a second, and each that was kept can be seen in the journal: they are counted, and logged when they fail.
const WEBHOOKS: &str = "/api/webhooks/";

/// Names one request in every log and answer.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// As it goes into headers.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one the client sent when it is harmless in a log and a header, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let sent = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
        let sent = sent.filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(harmless));
        Self(sent.map_or_else(|| new_id().to_string().into(), Arc::from))
    }
}

/// Puts the layers around all routes. The last one added meets a request first.
pub fn around(routes: Router, app: &App) -> Router {
    routes
        // A panic in one handler is that request's 500 and nobody else's end.
        .layer(CatchPanicLayer::custom(panicked))
        // Browsers must not guess types, frame our pages or keep answers that hold customers' words.
        .layer(from_fn(secure))
        // Other origins may call only when they are listed; nobody is by default.
        .layer(cors(app.origins.allowed()))
        // One line and one measurement for each request, whatever became of it.
        .layer(from_fn(observe))
        // Everything above is named by the request's id, and a failure is told with it.
        .layer(from_fn(identify))
}

/// Ends a request that takes longer than `limit`, so that a stuck one gives its connection back.
pub async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "timeout", "took too long").into_response(),
    }
}

/// Lets a request in while there is room, and tells it to come again otherwise, so that a crowd does not end everybody's.
pub async fn in_room(room: Arc<Semaphore>, request: Request, next: Next) -> Response {
    match room.try_acquire_owned() {
        Ok(_place) => next.run(request).await,
        Err(_full) => {
            metrics::counter!("chatdesk_gateway_overloaded_total", "what" => "requests").increment(1);
            Problem::overloaded().into_response()
        }
    }
}

async fn identify(mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let mut response = problem::render(next.run(request).await, &id);
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

async fn observe(request: Request, next: Next) -> Response {
    let method = known(request.method());
    let path: Arc<str> = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).into();
    let id = request.extensions().get::<RequestId>().map_or("-", RequestId::as_str);
    let span = tracing::info_span!("http", request_id = %id, method, path = &*path);
    let started = Instant::now();
    let response = next.run(request).instrument(span.clone()).await;
    let spent = started.elapsed();
    let status = response.status();
    let label = || SharedString::from(Arc::clone(&path));
    let labels = vec![
        Label::new("method", method),
        Label::new("path", label()),
        Label::new("status", status.as_str().to_owned()),
    ];
    metrics::counter!("chatdesk_gateway_http_requests_total", labels).increment(1);
    metrics::histogram!("chatdesk_gateway_http_request_seconds", "method" => method, "path" => label())
        .record(spent.as_secs_f64());
    let code = response.extensions().get::<Problem>().map_or("", Problem::code);
    let is_routine = matches!(&*path, "/livez" | "/readyz") || status.is_success() && path.starts_with(WEBHOOKS);
    let (status, ms) = (status.as_u16(), u64::try_from(spent.as_millis()).unwrap_or(u64::MAX));
    span.in_scope(|| match status {
        500.. => tracing::warn!(status, ms, code, "answered"),
        _ if is_routine => tracing::debug!(status, ms, code, "answered"),
        _ => tracing::info!(status, ms, code, "answered"),
    });
    response
}

/// Methods come from outside and label measurements, so only the known ones keep their name.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

async fn secure(request: Request, next: Next) -> Response {
    let is_docs = request.uri().path().starts_with("/api/docs");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if is_docs {
        // Swagger UI sets styles and icons from its script.
        let policy =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        return response;
    }
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn cors(allowed: &[String]) -> CorsLayer {
    if allowed.is_empty() {
        return CorsLayer::new();
    }
    let origins = allowed.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let wait = Duration::from_secs(600);
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-cd-csrf"),
            HeaderName::from_static("x-file-name"),
            X_REQUEST_ID,
        ])
        .expose_headers([X_REQUEST_ID, header::RETRY_AFTER])
        .max_age(wait)
}

fn panicked(why: Box<dyn Any + Send>) -> Response<Body> {
    // The message may hold a customer's words; the panic hook has told where it happened.
    drop(why);
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn broken() -> &'static str {
        panic!("with a customer's words")
    }

    #[tokio::test]
    async fn a_panic_is_one_requests_problem() {
        let routes: Router = Router::new().route("/", get(broken)).layer(CatchPanicLayer::custom(panicked));
        let answer = routes.layer(from_fn(identify)).oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "internal");
        assert!(!body.to_string().contains("customer"));
    }

    #[test]
    fn only_harmless_request_ids_are_kept() {
        let id = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            RequestId::of(&headers)
        };
        assert_eq!(id("abc-1_2.3").as_str(), "abc-1_2.3");
        for bad in ["", "a b", "a\"b", "é", &"a".repeat(65)] {
            assert_ne!(id(bad).as_str(), bad);
        }
    }
}
