//! The page at `/`, for as long as no other one is built in.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::app::App;
use crate::problem::Problem;

const STYLE: &str = "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;\
color:#1c2430;background:#fbfbfd}h1{font-size:1.7rem}a{color:#0b5fff}li{margin:.5rem 0}\
@media(prefers-color-scheme:dark){body{color:#e8ebf0;background:#14181f}a{color:#7fb0ff}}";

/// What is here, for a person who came by.
#[utoipa::path(get, path = "/", operation_id = "home", tag = "health",
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn home(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let phone = app.phone_url.as_deref().map(|url| {
        let url = escaped(url);
        format!("<li><a href=\"{url}\">Nhắn tin như khách hàng · Chat as a customer</a></li>")
    });
    let page = format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>ChatDesk</title><style>{STYLE}</style></head>\
<body><main><h1>ChatDesk</h1><p>Hộp thư và trợ lý bán hàng cho cửa hàng của bạn.<br>\
<span lang=\"en\">One inbox and a sales assistant for your shop.</span></p>\
<ul>{}<li><a href=\"/api/docs/\">API</a></li></ul></main></body></html>",
        phone.unwrap_or_default()
    );
    // The one style is allowed by its digest, so that nothing else inline is.
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    let policy = format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; frame-ancestors 'none'");
    let policy = HeaderValue::try_from(policy).map_err(|_| Problem::internal())?;
    Ok(([(header::CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
