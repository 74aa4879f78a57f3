//! A stand-in for both Graph hosts: knows pages by their token, takes messages, and can be told to answer otherwise.

mod login;
mod threads;

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub line: String,
    pub authorization: String,
    pub body: Value,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<(u16, Value)>,
    seen: Vec<Seen>,
    sent: u32,
    /// Bodies of uploads that came whole.
    uploads: Vec<Bytes>,
    kept: u32,
    hold: Option<Arc<Notify>>,
    /// Pages whose events come to our app.
    subscribed: BTreeSet<String>,
    /// Pages whose tokens are dead.
    revoked: BTreeSet<String>,
    /// What people may manage, as Meta lists it.
    accounts: Vec<Value>,
    /// Codes that were used.
    used: BTreeSet<String>,
    renewals: u32,
}

/// The app ids that the stand-in knows.
pub const FACEBOOK_APP: &str = "4242";
pub const INSTAGRAM_APP: &str = "4343";

/// The stand-in. Pages answer to the token `token-of-{page id}`, also with a dot and more behind it, and are called `Page {page id}`.
/// The code `code-of-{person}` logs a person in at Facebook, `code-of-{account}` an account at Instagram.
#[derive(Clone)]
pub struct Graph {
    script: Arc<Mutex<Script>>,
    /// Uploads of which the first bytes came, and those that broke off.
    begun: Arc<watch::Sender<[u32; 2]>>,
    pub url: String,
}

impl Graph {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let graph = Self { script: Arc::default(), begun: Arc::default(), url };
        let router = Router::new().fallback(answer).with_state(graph.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        graph
    }

    /// The next request gets this answer.
    pub fn answer_next(&self, status: u16, body: Value) {
        self.script().answers.push_back((status, body));
    }

    /// The next request gets Meta's error with this code.
    pub fn refuse_next(&self, code: i64) {
        self.answer_next(400, json!({"error": {"message": "No", "code": code, "fbtrace_id": "A1"}}));
    }

    /// The tokens of a page are dead from now on.
    pub fn revoke(&self, page: &str) {
        self.script().revoked.insert(page.to_owned());
    }

    /// The tokens of a page work again.
    pub fn restore(&self, page: &str) {
        self.script().revoked.remove(page);
    }

    /// Meta forgets to send a page's events.
    pub fn forget_subscription(&self, page: &str) {
        self.script().subscribed.remove(page);
    }

    /// Whether a page's events come to our app.
    pub fn is_subscribed(&self, page: &str) -> bool {
        self.script().subscribed.contains(page)
    }

    /// People who log in may manage these, as Meta lists them.
    pub fn allow(&self, accounts: Vec<Value>) {
        self.script().accounts = accounts;
    }

    /// The next send, or call that unsubscribes, is answered only once the returned bell rings.
    pub fn hold_next_send(&self) -> Arc<Notify> {
        let bell = Arc::new(Notify::new());
        self.script().hold = Some(Arc::clone(&bell));
        bell
    }

    /// Every request so far; forgets them.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.script().seen)
    }

    /// The forms of all uploads so far, byte for byte; forgets them.
    pub fn take_uploads(&self) -> Vec<Bytes> {
        std::mem::take(&mut self.script().uploads)
    }

    /// Waits for an upload's first bytes.
    pub async fn upload_begun(&self) {
        self.one(0).await;
    }

    /// Waits for an upload to break off.
    pub async fn upload_broken(&self) {
        self.one(1).await;
    }

    async fn one(&self, which: usize) {
        let mut counts = self.begun.subscribe();
        let one = counts.wait_for(|counts| counts[which] > 0);
        tokio::time::timeout(Duration::from_secs(20), one).await.unwrap().unwrap();
    }

    async fn read(&self, path: &str, body: Body) -> Option<Bytes> {
        if !path.ends_with("/message_attachments") {
            return Some(to_bytes(body, 1 << 20).await.unwrap());
        }
        let (mut stream, mut whole) = (body.into_data_stream(), Vec::new());
        while let Some(piece) = stream.next().await {
            if whole.is_empty() {
                self.begun.send_modify(|counts| counts[0] += 1);
            }
            match piece {
                Ok(piece) => whole.extend_from_slice(&piece),
                Err(_) => {
                    self.begun.send_modify(|counts| counts[1] += 1);
                    return None;
                }
            }
        }
        let whole = Bytes::from(whole);
        self.script().uploads.push(whole.clone());
        Some(whole)
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that pages and accounts are subscribed to.
const FIELDS: [&str; 15] = [
    "messages",
    "messaging_postbacks",
    "message_echoes",
    "message_edits",
    "message_edit",
    "message_reactions",
    "message_reads",
    "message_deliveries",
    "messaging_referrals",
    "messaging_referral",
    "messaging_handovers",
    "messaging_seen",
    "standby",
    "messaging_policy_enforcement",
    "comments",
];

/// A query or form, without its escapes.
fn pairs(text: &str) -> Vec<(String, String)> {
    let one = |text: &str| text.replace("%2C", ",").replace("%2F", "/").replace("%3A", ":").replace("%7C", "|");
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (one(key), one(value))).collect()
}

fn reply(status: u16, body: &Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), Bytes::from(body.to_string())).into_response()
}

async fn answer(State(graph): State<Graph>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some(body) = graph.read(&path, body).await else { return StatusCode::BAD_REQUEST.into_response() };
    let authorization = parts.headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
    let hold = {
        let mut script = graph.script();
        script.seen.push(Seen {
            line: format!("{} {path}", parts.method),
            authorization: authorization.clone(),
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        });
        if let Some((status, body)) = script.answers.pop_front() {
            let mut answer = reply(status, &body);
            if status == 429 {
                answer.headers_mut().insert("retry-after", "3600".parse().unwrap());
            }
            return answer;
        }
        let leaves = parts.method == Method::DELETE;
        if leaves || path.ends_with("/messages") { script.hold.take() } else { None }
    };
    if let Some(bell) = hold {
        bell.notified().await;
    }
    let token = authorization.strip_prefix("Bearer token-of-").unwrap_or_default();
    let token = token.split('.').next().unwrap_or_default().to_owned();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let query: Vec<(String, String)> = pairs(parts.uri.query().unwrap_or_default());
    if let Some(answer) = login::answer(&graph, &segments, &authorization, &query, &body) {
        return answer;
    }
    let (host, rest) = (segments[0], &segments[2..]);
    let dead = reply(400, &json!({"error": {"message": "Invalid OAuth access token.", "code": 190}}));
    if let Some(person) = authorization.strip_prefix("Bearer user-") {
        // Whoever manages pages may read them; they are none themselves.
        let id = rest.first().filter(|id| **id != "me").unwrap_or(&person);
        return reply(200, &json!({"id": id, "name": format!("Page {id}")}));
    }
    if token.is_empty() {
        return dead;
    }
    if graph.script().revoked.contains(&token) {
        return reply(400, &json!({"error": {"message": "No", "code": 190, "error_subcode": 460}}));
    }
    if let Some(answer) = threads::answer(rest, &token, &query) {
        return answer;
    }
    match (&parts.method, host, rest) {
        (&Method::GET, "instagram", ["me"]) => {
            reply(200, &json!({"id": format!("1{token}"), "user_id": token, "username": format!("page{token}")}))
        }
        (&Method::GET, "graph", ["me"]) => {
            let listed = graph.script().accounts.iter().find(|page| page["id"] == token.as_str()).cloned();
            // A page that nobody lists has an account of the same number behind it.
            let behind = match listed {
                Some(page) => page["instagram_business_account"].clone(),
                None => json!({"id": token, "username": format!("page{token}"), "name": format!("Page {token}")}),
            };
            let mut page = json!({"id": token, "name": format!("Page {token}")});
            if !behind.is_null() {
                page["instagram_business_account"] = behind;
            }
            reply(200, &page)
        }
        (&Method::GET, _, [id]) if id.starts_with('7') => {
            reply(200, &json!({"first_name": "Lan", "last_name": "Nguyễn", "profile_pic": "https://x.example/p.jpg"}))
        }
        // What a token may read need not be its own.
        (&Method::GET, "graph", [id]) => reply(200, &json!({"id": id, "name": format!("Page {id}")})),
        (method, _, [id, "subscribed_apps"]) if *id == token || *id == "me" => {
            let mut script = graph.script();
            match *method {
                Method::POST => script.subscribed.insert(token),
                Method::DELETE => script.subscribed.remove(&token),
                _ => {
                    let app = if host == "instagram" { INSTAGRAM_APP } else { FACEBOOK_APP };
                    let ours = json!({"id": app, "subscribed_fields": FIELDS});
                    let apps = if script.subscribed.contains(&token) { vec![ours] } else { Vec::new() };
                    return reply(200, &json!({"data": apps}));
                }
            };
            reply(200, &json!({"success": true}))
        }
        (&Method::POST, _, [id, "message_attachments"]) if *id == token || *id == "me" => {
            let mut script = graph.script();
            script.kept += 1;
            reply(200, &json!({"attachment_id": (9000 + script.kept).to_string()}))
        }
        (&Method::POST, _, [id, "messages"]) if *id == token || *id == "me" => {
            let mut script = graph.script();
            script.sent += 1;
            reply(200, &json!({"message_id": format!("m_{}", script.sent)}))
        }
        _ => dead,
    }
}
