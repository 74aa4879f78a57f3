//! Request bodies: bytes within a limit, and JSON objects read field by field.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::{Bytes, BytesMut};
use chatdesk_platform::FieldError;
use futures::StreamExt as _;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;
use crate::fields::Fields;
use crate::problem::Problem;

/// The largest JSON body, in bytes.
pub const JSON_LIMIT: usize = 256 * 1024;
/// The largest webhook body, in bytes: Meta batches up to 1,000 updates (Graph API, "Webhooks").
pub const WEBHOOK_LIMIT: usize = 8 * 1024 * 1024;
/// How long a body may take to arrive.
const SLOWEST: Duration = Duration::from_secs(5);

/// Bytes of bodies that may be held at once, whoever sends them.
pub struct Budget(Arc<Semaphore>);

impl Budget {
    /// So many bytes.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS))))
    }

    fn take(&self, bytes: usize) -> Option<Share> {
        let bytes = u32::try_from(bytes).ok()?;
        Arc::clone(&self.0).try_acquire_many_owned(bytes).ok().map(Share)
    }
}

/// What a body takes of its budget. Keep it as long as the body.
pub struct Share(OwnedSemaphorePermit);

/// A request's JSON object as a type.
pub trait FromFields {
    /// Reads every field and notes what is wrong with each. What was refused reads as something harmless: it is not used.
    fn read(fields: &mut Fields) -> Self;
}

/// A body that was read without a complaint.
pub struct Input<T>(pub T);

/// A body that was read, with the complaints so far. For a handler that must look elsewhere to know the rest of them; it uses
/// nothing of the value before the fields finish well.
pub struct Draft<T> {
    /// What was read.
    pub value: T,
    /// What is wrong with it.
    pub fields: Fields,
}

impl<T: FromFields> FromRequest<Arc<App>> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let draft = Draft::from_request(request, app).await?;
        draft.fields.finish()?;
        Ok(Self(draft.value))
    }
}

impl<T: FromFields> FromRequest<Arc<App>> for Draft<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let (code, detail) = ("unsupported_media_type", "send application/json");
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, detail));
        }
        let (bytes, share) = read(request.into_body(), JSON_LIMIT, &app.json_budget).await?;
        let value = serde_json::from_slice(&bytes)
            .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "malformed_json", "the body is not JSON"))?;
        drop((bytes, share));
        let Value::Object(map) = value else {
            let detail = "the body must be an object".to_owned();
            return Err(Problem::invalid(vec![FieldError { field: "body".into(), code: "wrong_type".into(), detail }]));
        };
        let mut fields = Fields::new(map);
        let value = T::read(&mut fields);
        Ok(Self { value, fields })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A body of at most `limit` bytes, with its share of the budget. A larger one, or one that finds the budget spent, is read to
/// a point and thrown away, because a client that is still sending when the connection closes never sees the answer.
pub async fn read(body: Body, limit: usize, budget: &Budget) -> Result<(Bytes, Share), Problem> {
    let broken = || Problem::new(StatusCode::BAD_REQUEST, "broken_body", "the body did not arrive whole");
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is too large");
    let whole = async {
        let mut stream = body.into_data_stream();
        let mut kept = BytesMut::new();
        let mut seen = 0_usize;
        let mut share = budget.take(0).ok_or_else(Problem::overloaded);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|_| broken())?;
            seen = seen.saturating_add(chunk.len());
            let Ok(held) = &mut share else {
                if seen > limit.saturating_mul(4) {
                    break;
                }
                continue;
            };
            // Only what has arrived counts: a length that is merely announced takes nothing from others.
            match budget.take(chunk.len()) {
                _ if seen > limit => share = Err(too_large()),
                Some(more) => {
                    held.0.merge(more.0);
                    kept.extend_from_slice(&chunk);
                }
                None => {
                    metrics::counter!("chatdesk_gateway_overloaded_total", "what" => "bodies").increment(1);
                    share = Err(Problem::overloaded());
                }
            }
            if share.is_err() {
                kept = BytesMut::new();
            }
        }
        share.map(|share| (kept.freeze(), share))
    };
    let slow = || Problem::new(StatusCode::REQUEST_TIMEOUT, "slow_body", "the body took too long to arrive");
    tokio::time::timeout(SLOWEST, whole).await.map_err(|_| slow())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_goes_by_its_media_types() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, text.parse().unwrap());
            is_json(&headers)
        };
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert!(of(good), "{good}");
        }
        for bad in ["text/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
            assert!(!of(bad), "{bad}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }
}
