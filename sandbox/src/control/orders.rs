//! What tests order: faults, and what the model says.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Refusal, read};
use crate::Shared;
use crate::fault::Fault;
use crate::groq::Mode;

pub(super) async fn faults(State(hub): State<Shared>) -> Json<Value> {
    Json(json!({ "items": hub.faults(|faults| faults.all()) }))
}

pub(super) async fn add_fault(State(hub): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let fault: Fault = read(&body)?;
    hub.faults(|faults| faults.add(fault)).map_err(Refusal::invalid)?;
    Ok(Json(json!({ "items": hub.faults(|faults| faults.all()) })))
}

pub(super) async fn clear_faults(State(hub): State<Shared>) -> StatusCode {
    hub.faults(|faults| faults.clear());
    StatusCode::NO_CONTENT
}

pub(super) async fn asked(State(hub): State<Shared>) -> Json<Value> {
    Json(json!({ "items": hub.model(|model| model.asked()) }))
}

/// `{reply}` or `{raw}`: see [`Mode`].
pub(super) async fn set_model(State(hub): State<Shared>, body: Bytes) -> Result<StatusCode, Refusal> {
    let mode: Mode = read(&body).map_err(|_| Refusal::invalid("the body must be {\"reply\": …} or {\"raw\": …}"))?;
    hub.model(|model| model.mode = mode);
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reset_model(State(hub): State<Shared>) -> StatusCode {
    hub.model(|model| model.mode = Mode::Rule);
    StatusCode::NO_CONTENT
}
