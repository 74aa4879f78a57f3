//! Customers' pictures, and files: those that customers send, and the addresses of all of them, which expire on order.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chatdesk_meta::{MediaKind, Platform};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::media::Media;
use crate::world::{is_id, stranger};
use crate::{Shared, phone};

/// A customer's picture: their initials.
pub(super) async fn picture(State(hub): State<Shared>, Path(file): Path<String>) -> Result<Response, Refusal> {
    let id = file.strip_suffix(".svg").unwrap_or(&file);
    let customer = hub.read(|world| {
        let known = world.pages(usize::MAX).find_map(|page| page.customer(id));
        known.or_else(|| (world.takes_strangers() && is_id(id)).then(|| stranger(id)))
    });
    let customer = customer.ok_or_else(|| Refusal::not_found("no such customer"))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], phone::picture(&customer.name)).into_response())
}

/// Keeps a customer's file, whose bytes are the body: the address to name it by.
pub(super) async fn keep(
    State(hub): State<Shared>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = MediaKind::of_type(Platform::Facebook, content_type).filter(|_| !bytes.is_empty());
    let kind = kind.ok_or_else(|| Refusal::invalid("send a file with its Content-Type"))?.as_str();
    let (kind, content_type) = (kind.to_owned(), content_type.to_owned());
    let media = Media { page_id: None, kind: kind.clone(), name: None, content_type, bytes };
    let id = hub.media(|store| store.keep(media));
    let url = hub.file_url(&id);
    Ok((StatusCode::CREATED, Json(json!({ "type": kind, "url": url }))))
}

#[derive(Deserialize)]
pub(super) struct Age {
    /// How many expiries the address has seen.
    #[serde(default)]
    v: u64,
    /// Asked by the customer's phone, which has the file itself.
    #[serde(default)]
    phone: u8,
}

/// A file as customers and the business see it, while its address is good.
pub(super) async fn served(
    State(hub): State<Shared>,
    Path(id): Path<String>,
    Query(age): Query<Age>,
) -> Result<Response, Refusal> {
    if age.phone == 0
        && let Some(status) = hub.media(|store| store.refusal(age.v))
    {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        return Ok((status, "URL signature expired").into_response());
    }
    let media = hub.media(|store| store.get(&id)).ok_or_else(|| Refusal::not_found("no such file, or no longer"))?;
    Ok(media.served())
}

#[derive(Deserialize)]
struct Expiry {
    status: Option<u16>,
}

/// Ends every address handed out so far.
pub(super) async fn expire(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let Expiry { status } = if body.is_empty() { Expiry { status: None } } else { read(&body)? };
    let status = status.unwrap_or(403);
    if !(400..500).contains(&status) {
        return Err(Refusal::invalid("status must be from 400 to 499"));
    }
    hub.media(|store| store.expire(status));
    Ok(StatusCode::NO_CONTENT)
}
