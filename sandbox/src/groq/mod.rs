//! A language model on Groq's wire that answers by rule. Owns statuses, headers, usage and the structured form; what it says is
//! [`answer`]'s, or what a test put into its mouth.
//! Sources: Groq "API reference", "Structured outputs", "Errors", "Rate limits".

mod answer;

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::header::{AUTHORIZATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::fault::{About, Call, Fault, Target};
use crate::line::Line;
use crate::{Hub, Shared};

/// Models there are. The first two take a strict schema.
const MODELS: [&str; 3] = ["openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3.6-27b"];
/// Requests kept for tests to look at.
const KEPT: usize = 50;
/// Characters of a prompt that make a token, roughly.
const CHARS_PER_TOKEN: usize = 4;

/// What the model says, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) mode: Mode,
    asked: VecDeque<Value>,
}

/// What the model says next, until it is changed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
pub(crate) enum Mode {
    /// This text as its whole output, whatever form was asked for.
    Raw { raw: String },
    /// This reply, in the form asked for.
    Reply {
        reply: String,
        #[serde(default)]
        product_ids: Option<Vec<String>>,
        #[serde(default)]
        handover: bool,
        #[serde(default)]
        reason: Option<String>,
    },
    /// Its own rule.
    #[default]
    Rule,
}

impl Model {
    /// The latest requests, oldest first.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.asked.iter().cloned().collect()
    }

    fn note(&mut self, request: Value) {
        self.asked.push_back(request);
        while self.asked.len() > KEPT {
            self.asked.pop_front();
        }
    }
}

pub(crate) fn routes() -> Router<Shared> {
    Router::new().route("/chat/completions", post(chat)).route("/models", get(models)).fallback(unknown)
}

async fn unknown() -> Response {
    refused(404, "Unknown request URL.", "invalid_request_error", Some("unknown_url"))
}

async fn models(State(hub): State<Shared>, ConnectInfo(line): ConnectInfo<Line>, headers: HeaderMap) -> Response {
    with_faults(&hub, &line, || {
        if !has_key(&headers) {
            return no_key();
        }
        let list: Vec<Value> = MODELS
            .iter()
            .map(|id| json!({ "id": id, "object": "model", "created": 1_754_000_000, "owned_by": "sandbox", "active": true }))
            .collect();
        Json(json!({ "object": "list", "data": list })).into_response()
    })
    .await
}

async fn chat(
    State(hub): State<Shared>,
    ConnectInfo(line): ConnectInfo<Line>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    with_faults(&hub, &line, || {
        if !has_key(&headers) {
            return no_key();
        }
        let request: Value = match serde_json::from_slice(&body) {
            Ok(request) => request,
            Err(_) => return invalid("request body is not valid JSON"),
        };
        let response = match completed(&hub, &request) {
            Ok(response) => response,
            Err(response) => return response,
        };
        hub.model(|model| model.note(request));
        response
    })
    .await
}

async fn with_faults(hub: &Hub, line: &Line, act: impl FnOnce() -> Response) -> Response {
    let hit = hub.faults(|faults| faults.take(&About { target: Target::Groq, call: Call::Any, path: "", pages: &[] }));
    if hit.cut_before {
        return line.cut();
    }
    if let Some(fault) = &hit.status {
        return ordered(fault);
    }
    let response = act();
    tokio::time::sleep(hit.delay).await;
    if hit.cut_after { line.cut() } else { response }
}

#[expect(clippy::result_large_err, reason = "both sides are answers")]
fn completed(hub: &Hub, request: &Value) -> Result<Response, Response> {
    let model = request["model"].as_str().unwrap_or_default();
    if !MODELS.contains(&model) {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(refused(404, &message, "invalid_request_error", Some("model_not_found")));
    }
    if request["stream"] == json!(true) {
        return Err(invalid("this sandbox does not stream"));
    }
    if request.get("n").is_some_and(|n| *n != json!(1)) {
        return Err(invalid("'n' : number must be at most 1"));
    }
    let messages: Vec<(&str, &str)> = request["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|message| (message["role"].as_str().unwrap_or_default(), message["content"].as_str().unwrap_or_default()))
        .collect();
    if messages.is_empty() {
        return Err(invalid("'messages' : minimum number of items is 1"));
    }
    let form = form(model, &request["response_format"])?;
    let said = match hub.model(|model| model.mode.clone()) {
        Mode::Raw { raw } => raw,
        Mode::Rule => answer::shaped(&answer::by_rule(&messages), form),
        Mode::Reply { reply, product_ids, handover, reason } => {
            let ids = product_ids.unwrap_or_else(|| answer::by_rule(&messages).product_ids);
            answer::shaped(
                &answer::Answer { reply, product_ids: ids, handover, reason: reason.unwrap_or_default() },
                form,
            )
        }
    };
    let prompt: usize = messages.iter().map(|(_, content)| content.chars().count() / CHARS_PER_TOKEN + 4).sum();
    let completion = said.chars().count() / CHARS_PER_TOKEN + 1;
    let id = Uuid::new_v4().simple();
    let body = json!({
        "id": format!("chatcmpl-{id}"),
        "object": "chat.completion",
        "created": hub.clock.now().timestamp(),
        "model": model,
        "choices": [{
            "index": 0, "message": { "role": "assistant", "content": said }, "logprobs": null, "finish_reason": "stop",
        }],
        "usage": {
            "queue_time": 0.0, "prompt_tokens": prompt, "prompt_time": 0.001, "completion_tokens": completion,
            "completion_time": 0.001, "total_tokens": prompt + completion, "total_time": 0.002,
        },
        "usage_breakdown": null,
        "system_fingerprint": "fp_sandbox",
        "x_groq": { "id": format!("req_{id}") },
        "service_tier": "on_demand",
    });
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-ratelimit-limit-requests", "14400"),
        ("x-ratelimit-limit-tokens", "300000"),
        ("x-ratelimit-remaining-requests", "14399"),
        ("x-ratelimit-remaining-tokens", "299000"),
        ("x-ratelimit-reset-requests", "6s"),
        ("x-ratelimit-reset-tokens", "200ms"),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::try_from(format!("req_{id}")) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    Ok(response)
}

/// The form the answer must have, by the rules of structured outputs.
#[expect(clippy::result_large_err, reason = "the error is an answer")]
fn form<'a>(model: &str, format: &'a Value) -> Result<answer::Form<'a>, Response> {
    match format["type"].as_str() {
        None | Some("text") => Ok(answer::Form::Text),
        Some("json_object") => Ok(answer::Form::Json),
        Some("json_schema") => {
            let named = format["json_schema"]["name"].as_str().is_some_and(|name| (1..=64).contains(&name.len()));
            let schema = &format["json_schema"]["schema"];
            if !named || !schema.is_object() {
                return Err(invalid(
                    "'response_format' : json_schema needs a name of at most 64 characters and a schema",
                ));
            }
            if format["json_schema"]["strict"] == json!(true) {
                if !MODELS[..2].contains(&model) {
                    return Err(invalid("This model does not support strict response format `json_schema`"));
                }
                if !is_strict(schema) {
                    return Err(invalid(
                        "invalid JSON schema for response_format: a strict schema needs every property in `required` and \
                         `additionalProperties`: false",
                    ));
                }
            }
            Ok(answer::Form::Schema(schema))
        }
        Some(_) => Err(invalid("'response_format.type' : must be one of text, json_object, json_schema")),
    }
}

fn is_strict(schema: &Value) -> bool {
    let Some(properties) = schema["properties"].as_object() else { return false };
    let required = schema["required"].as_array();
    schema["additionalProperties"] == json!(false)
        && properties.keys().all(|key| required.is_some_and(|list| list.contains(&json!(key))))
}

fn has_key(headers: &HeaderMap) -> bool {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.strip_prefix("Bearer ").is_some_and(|key| !key.trim().is_empty())
}

fn no_key() -> Response {
    refused(401, "Invalid API Key", "invalid_request_error", Some("invalid_api_key"))
}

fn invalid(message: &str) -> Response {
    refused(400, message, "invalid_request_error", None)
}

fn ordered(fault: &Fault) -> Response {
    let status = fault.status.unwrap_or(500);
    let (kind, usual) = match status {
        429 => ("tokens", Some("rate_limit_exceeded")),
        404 => ("invalid_request_error", Some("model_not_found")),
        401 => ("invalid_request_error", Some("invalid_api_key")),
        498 => ("capacity_exceeded", Some("capacity_exceeded")),
        status if status < 500 => ("invalid_request_error", None),
        _ => ("internal_server_error", None),
    };
    let code = fault.code.as_ref().and_then(Value::as_str).or(usual);
    let mut response = refused(status, "An error on order.", kind, code);
    if status == 429 {
        response.headers_mut().insert(RETRY_AFTER, fault.retry_after().into());
    }
    response
}

fn refused(status: u16, message: &str, kind: &str, code: Option<&str>) -> Response {
    let mut error = json!({ "message": message, "type": kind });
    if let Some(code) = code {
        error["code"] = json!(code);
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({ "error": error }))).into_response()
}
