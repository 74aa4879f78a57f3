//! A gateway that is really bound, and the means to talk to it.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chatdesk_gateway::{Config, Gateway, Peers, Service};
use chatdesk_platform::{Clock, Keyring, SecretKey, ServiceName, Shutdown, Vars, http_client};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::fakes::Fakes;

pub const SECRET: &str = "a secret for tests, of more than 32 characters";
pub const APP_SECRET: &str = "test-app-secret";
pub const INSTAGRAM_SECRET: &str = "test-instagram-secret";
pub const VERIFY_TOKEN: &str = "test-verify-token";
pub const FRIEND: &str = "https://app.example.com";

/// No wait in these tests should come near this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fails the test when something does not happen.
pub async fn soon<F: Future>(what: &str, future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not happen"))
}

pub struct World {
    pub base: String,
    pub client: reqwest::Client,
    pub fakes: Arc<Fakes>,
    pub shutdown: Shutdown,
    pub gateway: Gateway,
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

impl World {
    pub async fn start() -> Self {
        Self::with(Clock::system(), |_| {}).await
    }

    /// With another clock or another configuration.
    pub async fn with(clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let vars = Vars::fixed([
            ("GATEWAY_ADDR", "127.0.0.1:0"),
            ("SECRET_KEY", SECRET),
            ("FB_APP_SECRET", APP_SECRET),
            ("IG_APP_SECRET", INSTAGRAM_SECRET),
            ("FB_VERIFY_TOKEN", VERIFY_TOKEN),
            ("ALLOWED_ORIGINS", FRIEND),
            ("AUTH_PER_MINUTE", "1000"),
        ]);
        let mut config = Config::from_vars(&vars).unwrap();
        change(&mut config);
        let keyring = Keyring::derived(&SecretKey::parse(SECRET).unwrap());
        let fakes = Fakes::new();
        let peers = Peers {
            tenants: fakes.peer(&keyring, ServiceName::Tenants),
            inbox: fakes.peer(&keyring, ServiceName::Inbox),
            catalog: fakes.peer(&keyring, ServiceName::Catalog),
            ai: fakes.peer(&keyring, ServiceName::Ai),
        };
        let shutdown = Shutdown::default();
        let gateway = Box::pin(Service::start(config, &keyring, peers, clock, &shutdown)).await.unwrap();
        let base = format!("http://{}", gateway.address());
        Self { base, client: http_client(PATIENCE).unwrap(), fakes, shutdown, gateway }
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str, token: &str) -> Response {
        self.request(Method::GET, path).bearer_auth(token).send().await.unwrap()
    }

    pub async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Response {
        self.request(method, path).bearer_auth(token).json(body).send().await.unwrap()
    }

    pub async fn login(&self, email: &str) -> String {
        let body = json!({"email": email, "password": "right password"});
        let answer = self.request(Method::POST, "/api/auth/login").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let body: Value = answer.json().await.unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn owner(&self) -> String {
        self.login("owner@a.test").await
    }
}

/// Checks that an answer is a problem document and gives it.
pub async fn problem(answer: Response, status: u16, code: &str) -> Value {
    let kind = answer.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let seen = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    assert_eq!((seen, kind.as_deref()), (status, Some("application/problem+json")), "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&body["code"], &body["status"]), (&json!(code), &json!(status)), "{text}");
    assert_eq!((&body["type"], &body["request_id"]), (&json!("about:blank"), &json!(id)), "{text}");
    assert!(body["errors"].is_array() && body["detail"].is_string() && body["title"].is_string(), "{text}");
    body
}

/// The fields that a problem names, with their codes.
pub fn fields(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| (text(&error["field"]), text(&error["code"]))).collect()
}
