//! The client against a server that speaks the real wire, odd answers included.

use super::*;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use std::collections::VecDeque;
use std::sync::Arc;

mod bad;

type Script = Arc<Mutex<(VecDeque<Response>, Vec<Value>)>>;

async fn complete(State(script): State<Script>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers.get("authorization").and_then(|v| v.to_str().ok()), Some("Bearer gsk_test"));
    let next = {
        let mut script = script.lock().unwrap();
        script.1.push(serde_json::from_slice(&body).unwrap());
        script.0.pop_front()
    };
    match next {
        Some(response) if response.status() == 599 => std::future::pending().await,
        Some(response) => response,
        None => ok(&said("Dạ chào bạn")),
    }
}

fn ok(content: &str) -> Response {
    let body = json!({"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": content}}], "usage": {"prompt_tokens": 10, "completion_tokens": 5}});
    axum::Json(body).into_response()
}

fn said(reply: &str) -> String {
    json!({"reply": reply, "product_ids": [], "handover": false, "reason": ""}).to_string()
}

fn status(code: u16, error: &str) -> Response {
    (StatusCode::from_u16(code).unwrap(), axum::Json(json!({"error": {"message": "x", "code": error}}))).into_response()
}

fn hang() -> Response {
    status(599, "")
}

async fn server(script: Vec<Response>) -> (String, Script) {
    let script: Script = Arc::new(Mutex::new((script.into(), Vec::new())));
    let app = Router::new().route("/openai/v1/chat/completions", post(complete)).with_state(Arc::clone(&script));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/openai/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, script)
}

fn config(base_url: String) -> Config {
    Config {
        base_url,
        key: "gsk_test".into(),
        models: vec!["openai/gpt-oss-120b".into(), "llama-other".into()],
        attempt: Duration::from_secs(10),
        backoff: Duration::from_millis(2),
        at_once: 4,
        breaker: (2, Duration::from_secs(30)),
    }
}

/// Asks with more time than any of these servers takes.
async fn ask(groq: &Groq) -> (Result<Completion, GroqError>, Usage) {
    groq.complete(&[crate::prompt::again("amount")], Instant::now() + Duration::from_secs(20)).await
}

async fn run(script: Vec<Response>) -> (Result<Completion, GroqError>, Usage, Vec<Value>) {
    let (base, script) = server(script).await;
    let groq = Groq::new(config(base), Clock::system()).unwrap();
    let (result, usage) = ask(&groq).await;
    let asked = script.lock().unwrap().1.clone();
    (result, usage, asked)
}

fn models(asked: &[Value]) -> Vec<&str> {
    asked.iter().filter_map(|b| b.get("model").and_then(Value::as_str)).collect()
}

#[tokio::test]
async fn a_draft_and_its_tokens() {
    let (result, usage, asked) = run(vec![]).await;
    let completion = result.unwrap();
    assert_eq!((completion.draft.reply.as_str(), completion.model.as_str()), ("Dạ chào bạn", "openai/gpt-oss-120b"));
    assert_eq!(usage, Usage { prompt: 10, completion: 5 });
    let body = &asked[0];
    assert_eq!(body.pointer("/response_format/json_schema/strict"), Some(&json!(true)));
    assert_eq!(body.pointer("/response_format/json_schema/schema/additionalProperties"), Some(&json!(false)));
    assert_eq!(body.pointer("/reasoning_effort"), Some(&json!("low")));
    assert_eq!(body.pointer("/max_completion_tokens"), Some(&json!(COMPLETION_TOKENS)));
}

#[tokio::test]
async fn a_model_that_is_gone_gives_way_to_the_next() {
    for gone in [status(404, "model_not_found"), status(400, "model_decommissioned")] {
        let (result, _, asked) = run(vec![gone]).await;
        assert_eq!(result.unwrap().model, "llama-other");
        assert_eq!(asked[1].pointer("/response_format/type"), Some(&json!("json_object")));
        assert_eq!(asked[1].pointer("/reasoning_effort"), None);
    }
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_or_left_to_the_next_model() {
    let limited = |after: &str| {
        let mut response = status(429, "rate_limit_exceeded");
        response.headers_mut().insert(RETRY_AFTER, after.parse().unwrap());
        response
    };
    let (result, _, asked) = run(vec![limited("0.01")]).await;
    assert!(result.is_ok());
    assert_eq!(models(&asked), ["openai/gpt-oss-120b", "openai/gpt-oss-120b"]);
    let (result, _, asked) = run(vec![limited("600")]).await;
    assert!(result.is_ok());
    assert_eq!(models(&asked), ["openai/gpt-oss-120b", "llama-other"]);
}

#[tokio::test]
async fn server_errors_are_tried_again_and_then_given_up() {
    let (result, _, asked) = run(vec![status(500, ""), status(503, "")]).await;
    assert!(result.is_ok());
    assert_eq!(asked.len(), 3);
    let (result, _, asked) = run((0..6).map(|_| status(502, "")).collect()).await;
    assert_eq!(result, Err(GroqError::Unavailable));
    assert_eq!(asked.len(), 6, "three tries for each model");
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for code in [400, 401, 403, 422] {
        let (result, _, asked) = run(vec![status(code, "")]).await;
        assert_eq!(result, Err(GroqError::Refused(code)));
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn used_up_capacity_is_asked_for_on_demand() {
    let (result, _, asked) = run(vec![status(498, "capacity_exceeded")]).await;
    assert!(result.is_ok());
    assert_eq!(asked[0].get("service_tier"), None);
    assert_eq!(asked[1].get("service_tier"), Some(&json!("on_demand")));
}

#[tokio::test]
async fn what_is_no_draft_is_asked_for_once_more() {
    let cut = || {
        axum::Json(json!({"choices": [{"finish_reason": "length", "message": {"content": ""}}], "usage": {"prompt_tokens": 10, "completion_tokens": 1024}})).into_response()
    };
    let odd: Vec<fn() -> Response> = vec![
        || ok(""),
        || ok("not json"),
        || ok("{\"reply\": 5}"),
        || ok(&said("  ")),
        || "<html>busy</html>".into_response(),
        || ok(&said(&"x".repeat(100_000))),
        || axum::Json(json!({})).into_response(),
        || status(400, "json_validate_failed"),
    ];
    for make in odd {
        let (result, _, asked) = run(vec![make()]).await;
        assert!(result.is_ok());
        assert_eq!(asked.len(), 2);
        let (result, _, asked) = run(vec![make(), make()]).await;
        assert_eq!(result, Err(GroqError::Unusable));
        assert_eq!(asked.len(), 2);
    }
    let (result, usage, _) = run(vec![cut(), cut()]).await;
    assert_eq!(result, Err(GroqError::Unusable));
    assert_eq!(usage, Usage { prompt: 20, completion: 2048 }, "tokens of failed tries are spent too");
}

#[tokio::test]
async fn silence_ends_at_the_deadline() {
    let (base, _) = server((0..9).map(|_| hang()).collect()).await;
    let mut short = config(base);
    short.attempt = Duration::from_millis(40);
    let groq = Groq::new(short, Clock::system()).unwrap();
    let soon = Instant::now() + Duration::from_millis(60);
    assert_eq!(groq.complete(&[crate::prompt::again("x")], soon).await.0, Err(GroqError::Unavailable));
    let nowhere = Groq::new(config("http://127.0.0.1:1/openai/v1".into()), Clock::system()).unwrap();
    assert_eq!(ask(&nowhere).await.0, Err(GroqError::Unavailable));
}

#[tokio::test]
async fn what_comes_after_the_deadline_is_not_asked_and_is_no_failure() {
    let (base, script) = server(vec![]).await;
    let groq = Groq::new(config(base), Clock::system()).unwrap();
    for _ in 0..3 {
        let late = groq.complete(&[crate::prompt::again("x")], Instant::now()).await;
        assert_eq!(late, (Err(GroqError::Unavailable), Usage::default()));
    }
    assert!(script.lock().unwrap().1.is_empty());
    assert!(ask(&groq).await.0.is_ok(), "the breaker is closed");
}

#[tokio::test]
async fn the_breaker_rests_after_failures_and_tries_again() {
    let (base, script) = server((0..12).map(|_| status(500, "")).collect()).await;
    let (clock, hand) = Clock::manual(DateTime::UNIX_EPOCH);
    let groq = Groq::new(config(base), clock).unwrap();
    assert_eq!(ask(&groq).await.0, Err(GroqError::Unavailable));
    assert_eq!(ask(&groq).await.0, Err(GroqError::Unavailable));
    assert_eq!(ask(&groq).await.0, Err(GroqError::Resting));
    assert_eq!(script.lock().unwrap().1.len(), 12, "nothing is sent while it rests");
    hand.advance(TimeDelta::seconds(31));
    assert!(ask(&groq).await.0.is_ok());
    assert!(ask(&groq).await.0.is_ok());
}
