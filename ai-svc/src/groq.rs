//! The language model's client: OpenAI's chat completions as Groq speaks them (console.groq.com/docs), or any server that does.
//!
//! It owns retries, fallback models, rate limits, the circuit breaker and the size of what comes back. It refuses to judge what the model
//! says. A request is never repeated for an error that would come again.

use crate::prompt::Message;
use chatdesk_platform::{Clock, full_jitter, http_client};
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::RETRY_AFTER;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};

/// Tokens of a completion: an answer of 500 characters is 200; the rest is room for a reasoning model's thoughts, which count.
pub const COMPLETION_TOKENS: u32 = 1024;
/// Bytes of a response that are read.
const MAX_RESPONSE: usize = 64 * 1024;
/// Tries of one model for failures that may pass.
const TRIES: u32 = 3;

/// Where the model is and how patient to be with it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Ends before `/chat/completions`.
    pub base_url: String,
    /// Sent as a bearer token.
    pub key: SecretString,
    /// In the order of preference.
    pub models: Vec<String>,
    /// One try.
    pub attempt: Duration,
    /// First wait between tries; doubles, with full jitter.
    pub backoff: Duration,
    /// Answers that are written at once, over all tenants.
    pub at_once: usize,
    /// Failed answers in a row that open the breaker, and for how long.
    pub breaker: (u32, Duration),
}

/// What the model was asked to write.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Draft {
    pub reply: String,
    #[serde(default)]
    pub product_ids: Vec<String>,
    #[serde(default)]
    pub handover: bool,
    #[serde(default)]
    pub reason: String,
}

/// Tokens that were used, over all tries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt: u32,
    pub completion: u32,
}

/// A draft and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    pub draft: Draft,
    pub model: String,
}

/// Why there is no draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GroqError {
    /// It failed a few times in a row and is left alone for a while.
    #[error("the language model is resting")]
    Resting,
    /// No model answered in time.
    #[error("no language model answered in time")]
    Unavailable,
    /// The key or the request was refused; trying again would not help.
    #[error("the language model refused the request with status {0}")]
    Refused(u16),
    /// Twice something came that is no draft.
    #[error("the language model wrote no usable draft")]
    Unusable,
}

/// The client.
pub struct Groq {
    http: reqwest::Client,
    config: Config,
    clock: Clock,
    breaker: Mutex<Breaker>,
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    open_until: Option<DateTime<Utc>>,
}

/// How one request ended.
enum Step {
    Done(Draft),
    /// Not a draft.
    Bad,
    /// May pass; after this wait when the server names one.
    Later(Option<Duration>),
    /// This model is not there.
    NextModel,
    /// Flexible capacity is used up.
    OnDemand,
    Refused(u16),
}

impl Groq {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(config: Config, clock: Clock) -> Result<Self, reqwest::Error> {
        let http = http_client(config.attempt)?;
        Ok(Self { http, config, clock, breaker: Mutex::default() })
    }

    /// An upper estimate of what a request will use, for the budget: Vietnamese takes about two characters a token.
    #[must_use]
    pub fn estimate(messages: &[Message]) -> u32 {
        let chars: usize = messages.iter().map(|m| m.content.chars().count()).sum();
        u32::try_from(chars / 2).unwrap_or(u32::MAX).saturating_add(COMPLETION_TOKENS)
    }

    /// A draft from the first model that gives one in time, and the tokens used whether or not one did.
    pub async fn complete(&self, messages: &[Message], until: Instant) -> (Result<Completion, GroqError>, Usage) {
        let mut usage = Usage::default();
        if self.is_open() {
            return (Err(GroqError::Resting), usage);
        }
        if Instant::now() >= until {
            // It was not asked, so it did not fail.
            return (Err(GroqError::Unavailable), usage);
        }
        let result = self.over_models(messages, until, &mut usage).await;
        self.record(result.as_ref().err());
        (result, usage)
    }

    async fn over_models(
        &self,
        messages: &[Message],
        until: Instant,
        usage: &mut Usage,
    ) -> Result<Completion, GroqError> {
        let mut bad = 0;
        let mut tier = None;
        for model in &self.config.models {
            for attempt in 0..TRIES {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(GroqError::Unavailable);
                }
                let step = timeout(left, self.ask(model, messages, tier, usage)).await.unwrap_or(Step::Later(None));
                match step {
                    Step::Done(draft) => return Ok(Completion { draft, model: model.clone() }),
                    Step::Bad => {
                        bad += 1;
                        if bad > 1 {
                            return Err(GroqError::Unusable);
                        }
                    }
                    Step::Later(named) => {
                        let wait =
                            named.unwrap_or_else(|| full_jitter(attempt, self.config.backoff, self.config.backoff * 8));
                        let left = until.saturating_duration_since(Instant::now());
                        // A named wait that leaves no time for the answer is another model's turn.
                        if attempt + 1 == TRIES || wait.saturating_add(self.config.backoff) > left {
                            break;
                        }
                        sleep(wait).await;
                    }
                    Step::NextModel => break,
                    Step::OnDemand => tier = Some("on_demand"),
                    Step::Refused(status) => return Err(GroqError::Refused(status)),
                }
            }
        }
        Err(GroqError::Unavailable)
    }

    async fn ask(&self, model: &str, messages: &[Message], tier: Option<&str>, usage: &mut Usage) -> Step {
        let url = format!("{}/chat/completions", self.config.base_url.trim_end_matches('/'));
        let request =
            self.http.post(url).bearer_auth(self.config.key.expose_secret()).json(&body(model, messages, tier));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(
                    model,
                    timeout = error.is_timeout(),
                    connect = error.is_connect(),
                    "the language model did not answer"
                );
                return Step::Later(None);
            }
        };
        let status = response.status();
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|v| v.to_str().ok())
            .and_then(|v| v.trim().parse::<f64>().ok());
        let wait = wait.filter(|s| s.is_finite() && (0.0..=3600.0).contains(s)).map(Duration::from_secs_f64);
        let Some(bytes) = read(response).await else {
            return if status.is_success() { Step::Bad } else { Step::Later(None) };
        };
        if status.is_success() {
            return draft(&bytes, usage);
        }
        let code = serde_json::from_slice::<Value>(&bytes)
            .ok()
            .and_then(|v| v.pointer("/error/code").and_then(Value::as_str).map(str::to_owned))
            .unwrap_or_default();
        tracing::warn!(model, status = status.as_u16(), "the language model refused");
        match (status.as_u16(), code.as_str()) {
            (404, _) | (400, "model_not_found" | "model_decommissioned") => Step::NextModel,
            (400, "json_validate_failed") => Step::Bad,
            // Too large for this model's limits; another one may take it.
            (413, _) => Step::NextModel,
            (429, _) => Step::Later(wait),
            (498, _) if tier.is_none() => Step::OnDemand,
            (498 | 408 | 409 | 424, _) => Step::Later(wait),
            _ if status.is_server_error() => Step::Later(wait),
            (other, _) => Step::Refused(other),
        }
    }

    fn is_open(&self) -> bool {
        let breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        breaker.open_until.is_some_and(|until| self.clock.now() < until)
    }

    fn record(&self, error: Option<&GroqError>) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        // A request that is refused for what it holds says nothing about the server.
        let broken = matches!(error, Some(GroqError::Unavailable | GroqError::Refused(401 | 403)));
        if !broken {
            *breaker = Breaker::default();
            return;
        }
        breaker.failures += 1;
        let (limit, rest) = self.config.breaker;
        if breaker.failures >= limit {
            breaker.open_until = Some(self.clock.now() + TimeDelta::from_std(rest).unwrap_or(TimeDelta::seconds(30)));
            // One failure after the rest opens it again.
            breaker.failures = limit.saturating_sub(1);
        }
    }
}

/// Reads a response up to the cap; `None` when it is longer or breaks off.
async fn read(mut response: reqwest::Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if bytes.len() + chunk.len() > MAX_RESPONSE {
            return None;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}

fn body(model: &str, messages: &[Message], tier: Option<&str>) -> Value {
    // Only these models are constrained to a schema; for the others the prompt asks for JSON and the parser decides.
    let strict = model.contains("gpt-oss");
    let format = if strict {
        json!({"type": "json_schema", "json_schema": {"name": "answer", "strict": true, "schema": {
            "type": "object",
            "properties": {
                "reply": {"type": "string"},
                "product_ids": {"type": "array", "items": {"type": "string"}},
                "handover": {"type": "boolean"},
                "reason": {"type": "string"},
            },
            "required": ["reply", "product_ids", "handover", "reason"],
            "additionalProperties": false,
        }}})
    } else {
        json!({"type": "json_object"})
    };
    let mut body = json!({
        "model": model,
        "messages": messages,
        "temperature": 0.2,
        "max_completion_tokens": COMPLETION_TOKENS,
        "response_format": format,
    });
    if let Some(map) = body.as_object_mut() {
        if strict {
            map.insert("reasoning_effort".to_owned(), json!("low"));
        }
        if let Some(tier) = tier {
            map.insert("service_tier".to_owned(), json!(tier));
        }
    }
    body
}

fn draft(bytes: &[u8], usage: &mut Usage) -> Step {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return Step::Bad };
    let count =
        |name: &str| value.pointer(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    usage.prompt = usage.prompt.saturating_add(count("/usage/prompt_tokens"));
    usage.completion = usage.completion.saturating_add(count("/usage/completion_tokens"));
    if value.pointer("/choices/0/finish_reason").and_then(Value::as_str) == Some("length") {
        return Step::Bad;
    }
    let content = value.pointer("/choices/0/message/content").and_then(Value::as_str).unwrap_or_default();
    match serde_json::from_str::<Draft>(content.trim()) {
        Ok(draft) if draft.handover || !draft.reply.trim().is_empty() => Step::Done(draft),
        _ => Step::Bad,
    }
}

#[cfg(test)]
mod tests;
