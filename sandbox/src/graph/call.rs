//! One Graph call: its path, its parameters from query and body (JSON, form or multipart), its token and proof. Owns who may speak for a
//! page, and for the Instagram account that is linked to it.

use axum::RequestExt as _;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequest, Request};
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
use crate::login::Grant;
use crate::world::Dead;
use crate::{Hub, Shared, media};

/// Nodes that are asked without a version too.
const UNVERSIONED: [&str; 4] = ["oauth", "access_token", "refresh_access_token", "debug_token"];

pub(crate) struct Call {
    pub(crate) host: Host,
    pub(super) node: String,
    /// What addresses of further pages begin with.
    version: String,
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
        let mut segments = parts.uri.path().trim_start_matches('/').split('/');
        let first = segments.next().unwrap_or_default().to_owned();
        let is_versioned = is_version(&first);
        if !is_versioned && !UNVERSIONED.contains(&first.as_str()) {
            return Err(GraphError::unknown_path().into_response());
        }
        let node = if is_versioned { segments.next().unwrap_or_default().to_owned() } else { first.clone() };
        let version = if is_versioned { first } else { String::new() };
        let Extension(host) =
            parts.extract::<Extension<Host>>().await.map_err(axum::response::IntoResponse::into_response)?;
        let ConnectInfo(line) =
            parts.extract::<ConnectInfo<Line>>().await.map_err(axum::response::IntoResponse::into_response)?;
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
        Ok(Self { host, node, version, line, file, params, bearer })
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

    /// A parameter that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        match self.params.get(name)? {
            Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
            other => other.as_str()?.parse().ok(),
        }
    }

    /// The token, from the header or a parameter.
    pub(super) fn token(&self) -> Option<&str> {
        self.bearer.as_deref().or_else(|| self.param("access_token"))
    }

    /// The page the token speaks for.
    pub(super) fn page(&self, hub: &Hub) -> Result<Page, GraphError> {
        let token = self.token().ok_or_else(GraphError::no_token)?;
        let page = hub.read(|world| world.page_of(token, hub.clock.now()).map(|page| page.page.clone()));
        let page = match page {
            // A Page token is unknown to Instagram's host.
            Ok(page) if self.host == Host::Facebook || page.platform == Platform::Instagram => page,
            Ok(_) | Err(Dead::Unknown) => return Err(GraphError::bad_token()),
            Err(Dead::Revoked(subcode)) => return Err(GraphError::dead_token(subcode)),
        };
        self.proven(hub, token)?;
        Ok(page)
    }

    /// The person the token speaks for, and what they granted; none when it is a page's.
    pub(super) fn grant(&self, hub: &Hub) -> Result<Option<Grant>, GraphError> {
        let token = self.token().ok_or_else(GraphError::no_token)?;
        let now = hub.clock.now();
        let Some(grant) = hub.logins(|logins| logins.grant(token)).filter(|_| self.host == Host::Facebook) else {
            return Ok(None);
        };
        self.proven(hub, token)?;
        if hub.read(|world| world.tokens.has_departed(&grant.person, grant.made)) {
            return Err(GraphError::dead_token(458));
        }
        if grant.expires <= now { Err(GraphError::dead_token(463)) } else { Ok(Some(grant)) }
    }

    /// Refuses a wrong proof.
    fn proven(&self, hub: &Hub, token: &str) -> Result<(), GraphError> {
        match self.param("appsecret_proof") {
            // A proof of made-up tokens needs no constant time.
            Some(proof) if hub.secrets.appsecret_proof(&SecretString::from(token)) != proof => {
                Err(GraphError::bad_proof())
            }
            _ => Ok(()),
        }
    }

    /// The page that the path names, when the token may speak for it: its own, or the linked account.
    pub(super) fn own_page(&self, hub: &Hub, verb: &str) -> Result<Page, GraphError> {
        let page = self.page(hub)?;
        if self.node == "me" || self.node == page.page_id {
            return Ok(page);
        }
        linked(hub, &page)
            .filter(|account| account.page_id == self.node)
            .ok_or_else(|| GraphError::no_object(verb, &self.node))
    }

    /// What faults are looked for by: the page of the token, and what the path names.
    pub(super) fn pages(&self, hub: &Hub) -> Vec<String> {
        let page = self.page(hub).ok();
        page.map(|page| page.page_id).into_iter().chain([self.node.clone()]).collect()
    }

    /// The address of the page of a list that begins behind a cursor, token and all, as Meta gives it.
    pub(super) fn next(&self, hub: &Hub, edge: &str, after: &str) -> String {
        let host = if self.host == Host::Facebook { "graph" } else { "instagram" };
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.params {
            if let Some(value) = value.as_str().filter(|_| !matches!(key.as_str(), "after" | "access_token")) {
                query.append_pair(key, value);
            }
        }
        query.append_pair("access_token", self.token().unwrap_or_default()).append_pair("after", after);
        format!("{}/{host}/{}/{}{edge}?{}", hub.base, self.version, self.node, query.finish())
    }
}

/// The Instagram account that is linked to a page.
pub(super) fn linked(hub: &Hub, page: &Page) -> Option<Page> {
    hub.read(|world| world.linked(&page.page_id).map(|account| account.page.clone()))
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
