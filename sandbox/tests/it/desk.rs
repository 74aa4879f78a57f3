//! A sandbox with a receiver of its webhooks, and calls to it. Ends with the test.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use chatdesk_meta::graph::{Account, Graph, GraphConfig};
use chatdesk_meta::webhook::{self, Kind};
use chatdesk_meta::{AppSecrets, Login, Platform};
use chatdesk_platform::{Shutdown, http_client};
use chatdesk_sandbox::{APP_SECRET, Config, Page, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

const DEADLINE: Duration = Duration::from_secs(20);

/// A webhook as it came.
#[derive(Clone)]
pub struct Posted {
    pub platform: String,
    pub signature: Option<String>,
    pub body: Bytes,
}

impl Posted {
    /// `(mid, is_echo)` of each item.
    pub fn mids(&self) -> Vec<(String, bool)> {
        let platform = self.platform.parse().expect("a platform");
        let parsed = webhook::parse(platform, &self.body);
        let mid = |item: &webhook::Item| match &item.kind {
            Kind::Message(message) => (message.mid.clone(), false),
            Kind::Echo(echo) => (echo.mid.clone(), true),
            other => panic!("an item of another kind: {}", other.name()),
        };
        parsed.items.iter().map(mid).collect()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

struct Receiver {
    got: watch::Sender<Vec<Posted>>,
    /// What the next posts are answered instead of 200.
    answers: Mutex<Vec<StatusCode>>,
    /// When shut, posts wait.
    gate: watch::Sender<bool>,
}

pub struct Desk {
    pub sandbox: Sandbox,
    pub client: reqwest::Client,
    receiver: Arc<Receiver>,
    shutdown: Shutdown,
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

impl Desk {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let shutdown = Shutdown::default();
        let mut config = Config { address: "127.0.0.1:0".parse().expect("an address"), ..Config::default() };
        config.delivery.first_wait = Duration::from_millis(5);
        config.delivery.longest_wait = Duration::from_millis(20);
        change(&mut config);
        let sandbox = Sandbox::start(config, &shutdown).await.expect("a free port");
        let receiver = Arc::new(Receiver {
            got: watch::Sender::default(),
            answers: Mutex::default(),
            gate: watch::Sender::new(true),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        sandbox.set_webhook_target(format!("http://{}/", listener.local_addr().expect("bound")));
        let router = Router::new()
            .route("/api/webhooks/{platform}", post(take).get(challenge))
            .route("/api/webhooks/deauthorize", post(left))
            .route("/api/webhooks/data-deletion", post(left))
            .with_state(Arc::clone(&receiver));
        let stop = shutdown.token();
        shutdown.spawn(async move {
            axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await.expect("served");
        });
        let client = http_client(DEADLINE).expect("a client");
        Self { sandbox, client, receiver, shutdown }
    }

    /// The demo's page of a platform, with the app subscribed.
    pub fn demo(&self, platform: Platform) -> Page {
        let page = chatdesk_sandbox::demo_pages().into_iter().find(|page| page.platform == platform).expect("a page");
        assert!(self.sandbox.subscribe(&page.page_id));
        page
    }

    /// The product's own Graph client.
    pub fn graph(&self) -> Graph {
        let secrets = AppSecrets::parse(APP_SECRET).expect("a secret");
        let config = GraphConfig::new(&self.sandbox.graph_url(), &self.sandbox.instagram_url(), "v25.0", Some(secrets))
            .expect("good addresses");
        Graph::new(config, Graph::http_client().expect("a client"))
    }

    /// The same, with our apps and the dialogs.
    pub fn graph_of_apps(&self) -> Graph {
        let secrets = || AppSecrets::parse(APP_SECRET).expect("a secret");
        let of = |name: &str| self.sandbox.variables().into_iter().find(|(key, _)| *key == name).expect("a variable").1;
        let config = GraphConfig::new(&of("GRAPH_BASE_URL"), &of("INSTAGRAM_BASE_URL"), "v25.0", Some(secrets()))
            .and_then(|config| config.with_facebook_app(&of("FB_APP_ID")))
            .and_then(|config| config.with_instagram_app(&of("IG_APP_ID"), secrets()))
            .and_then(|config| config.with_dialogs(Some(&of("FB_DIALOG_URL")), Some(&of("IG_OAUTH_URL"))))
            .expect("good variables");
        Graph::new(config, Graph::http_client().expect("a client"))
    }

    /// Every item that came so far, as soon as there are so many.
    pub async fn items(&self, least: usize) -> Vec<webhook::Item> {
        let parsed = |posted: &Vec<Posted>| -> Vec<webhook::Item> {
            let of = |one: &Posted| webhook::parse(one.platform.parse().expect("a platform"), &one.body).items;
            posted.iter().flat_map(of).collect()
        };
        parsed(&self.posted_when(|posted| parsed(posted).len() >= least).await)
    }

    /// Answers the next posts with these statuses.
    pub fn answer(&self, statuses: &[u16]) {
        let statuses = statuses.iter().rev().map(|status| StatusCode::from_u16(*status).expect("a status"));
        *self.receiver.answers.lock().expect("unpoisoned") = statuses.collect();
    }

    /// Lets posts through, or holds them.
    pub fn open(&self, open: bool) {
        self.receiver.gate.send_replace(open);
    }

    /// All webhooks, as soon as there are at least so many.
    pub async fn posted(&self, least: usize) -> Vec<Posted> {
        self.posted_when(|posted| posted.len() >= least).await
    }

    pub async fn posted_when(&self, enough: impl FnMut(&Vec<Posted>) -> bool) -> Vec<Posted> {
        let mut got = self.receiver.got.subscribe();
        let posted = tokio::time::timeout(DEADLINE, got.wait_for(enough)).await.expect("webhooks in time");
        posted.expect("the receiver lives").clone()
    }

    /// How many came so far.
    pub fn posted_so_far(&self) -> usize {
        self.receiver.got.borrow().len()
    }

    /// Waits until the sandbox has settled what became of a message's webhook.
    pub async fn settled(&self, page: &Page, mid: &str) -> String {
        let mut after = 0;
        tokio::time::timeout(DEADLINE, async {
            loop {
                let path =
                    format!("/sandbox/threads/{}/{}?after={after}&wait_ms=5000", page.page_id, page.customers[0].id);
                let (_, thread) = self.get(&path).await;
                after = thread["version"].as_u64().expect("a version");
                let items = thread["items"].as_array().expect("items").clone();
                if let Some(item) =
                    items.iter().find(|item| item["mid"] == json!(mid) && item["state"] != json!("queued"))
                {
                    return item["state"].as_str().expect("a state").to_owned();
                }
            }
        })
        .await
        .expect("settled in time")
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.client.get(self.url(path))).await
    }

    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.client.put(self.url(path)).json(&body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(self.client.post(self.url(path)).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        read(self.client.delete(self.url(path))).await
    }

    /// Writes as the page's first customer.
    pub async fn write(&self, page: &Page, text: &str) -> String {
        let path = format!("/sandbox/customers/{}/messages", page.customers[0].id);
        let (status, answer) = self.post(&path, json!({ "page_id": page.page_id, "text": text })).await;
        assert_eq!(status, 201, "{answer}");
        answer["mid"].as_str().expect("a mid").to_owned()
    }

    pub async fn fault(&self, fault: Value) {
        let (status, answer) = self.put("/sandbox/faults", fault).await;
        assert_eq!(status, 200, "{answer}");
    }

    /// What went out through the Graph API.
    pub async fn sent(&self) -> Vec<Value> {
        self.get("/sandbox/sent").await.1["items"].as_array().expect("items").clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.url())
    }
}

pub fn account(page: &Page, login: Login) -> Account {
    Account { platform: page.platform, login, page_id: page.page_id.clone(), token: page.access_token.as_str().into() }
}

async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.expect("a body")).unwrap_or(Value::Null))
}

async fn take(
    State(receiver): State<Arc<Receiver>>,
    Path(platform): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut gate = receiver.gate.subscribe();
    gate.wait_for(|open| *open).await.expect("the gate lives");
    let signature = headers.get("x-hub-signature-256").map(|value| value.to_str().expect("ASCII").to_owned());
    let status = receiver.answers.lock().expect("unpoisoned").pop().unwrap_or(StatusCode::OK);
    receiver.got.send_modify(|got| got.push(Posted { platform, signature, body }));
    status
}

async fn challenge(Path(platform): Path<String>, Query(query): Query<Vec<(String, String)>>) -> (StatusCode, String) {
    let of = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    // Only one of the two knows the token, so that both outcomes are seen.
    if platform == "facebook"
        && of("hub.mode") == "subscribe"
        && of("hub.verify_token") == chatdesk_sandbox::VERIFY_TOKEN
    {
        (StatusCode::OK, of("hub.challenge"))
    } else {
        (StatusCode::FORBIDDEN, String::new())
    }
}

/// Answers a signed request with whose it is, when it is signed well.
async fn left(body: String) -> (StatusCode, String) {
    let text = body.strip_prefix("signed_request=").expect("the field");
    let secrets = AppSecrets::parse(APP_SECRET).expect("a secret");
    match chatdesk_meta::signed_request::verify(&secrets, text) {
        Ok(request) => (StatusCode::OK, json!({ "user_id": request.user_id }).to_string()),
        Err(_) => (StatusCode::UNAUTHORIZED, String::new()),
    }
}
