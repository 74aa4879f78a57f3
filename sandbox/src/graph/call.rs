//! One Graph call: its path, its parameters from query and body (JSON, form or multipart), its token and proof. Owns who may speak for a page.

use axum::RequestExt as _;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequest, Path, Request};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, RequestPartsExt as _};
use chatdesk_meta::Platform;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::Host;
use super::error::GraphError;
use super::form::{self, Part};
use crate::config::Page;
use crate::line::Line;
use crate::{Hub, Shared, media};

pub(crate) struct Call {
    pub(super) host: Host,
    pub(super) node: String,
    pub(super) line: Line,
    /// What a form carried as `filedata`.
    pub(super) file: Option<Part>,
    params: Map<String, Value>,
    bearer: Option<String>,
}

impl FromRequest<Shared> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, _hub: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.with_limited_body().into_parts();
        let Path((version, node)) =
            parts.extract::<Path<(String, String)>>().await.map_err(axum::response::IntoResponse::into_response)?;
        let Extension(host) =
            parts.extract::<Extension<Host>>().await.map_err(axum::response::IntoResponse::into_response)?;
        let ConnectInfo(line) =
            parts.extract::<ConnectInfo<Line>>().await.map_err(axum::response::IntoResponse::into_response)?;
        if !is_version(&version) {
            return Err(GraphError::unknown_path().into_response());
        }
        let bearer = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_form = kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        let boundary = form::boundary(kind);
        let mut file = None;
        let mut params = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        // The route's own limit is around the body already.
        let body = to_bytes(body, media::LARGEST).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        if is_form {
            params.extend(pairs(&body));
        } else if let Some(boundary) = boundary {
            let whole = form::parts(&body, &boundary);
            for part in whole.ok_or_else(|| GraphError::parameter("The body is no whole form.").into_response())? {
                if part.name == "filedata" {
                    file = Some(part);
                } else if let Ok(text) = String::from_utf8(part.body.to_vec()) {
                    params.insert(part.name, Value::String(text));
                }
            }
        } else if !body.is_empty() {
            match serde_json::from_slice(&body) {
                Ok(Value::Object(map)) => params.extend(map),
                _ => return Err(GraphError::parameter("The body must be a JSON object.").into_response()),
            }
        }
        Ok(Self { host, node, line, file, params, bearer })
    }
}

impl Call {
    /// A parameter that is text.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// A parameter that is an object; a form carries it as JSON.
    pub(super) fn object(&self, name: &str) -> Option<Map<String, Value>> {
        match self.params.get(name)? {
            Value::Object(map) => Some(map.clone()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    /// The page the token speaks for.
    pub(super) fn page(&self, hub: &Hub) -> Result<Page, GraphError> {
        let token = self.bearer.as_deref().or_else(|| self.param("access_token")).ok_or_else(GraphError::no_token)?;
        let page = hub.read(|world| world.page_of(token).map(|page| page.page.clone()));
        let page = page
            // A Page token is unknown to Instagram's host.
            .filter(|page| self.host == Host::Facebook || page.platform == Platform::Instagram)
            .ok_or_else(GraphError::bad_token)?;
        if let Some(proof) = self.param("appsecret_proof") {
            // A proof of made-up tokens needs no constant time.
            if hub.secrets.appsecret_proof(&SecretString::from(token)) != proof {
                return Err(GraphError::bad_proof());
            }
        }
        Ok(page)
    }

    /// The same, when the path names it.
    pub(super) fn own_page(&self, hub: &Hub, verb: &str) -> Result<Page, GraphError> {
        let page = self.page(hub)?;
        if self.node == "me" || self.node == page.page_id {
            Ok(page)
        } else {
            Err(GraphError::no_object(verb, &self.node))
        }
    }
}

fn is_version(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|numbers| numbers.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn pairs(text: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(text).map(|(key, value)| (key.into_owned(), Value::String(value.into_owned()))).collect()
}
