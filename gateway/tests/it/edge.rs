//! What every request gets whatever it asks for: ids, headers, origins, health, the API's description, the drain.

use std::time::Duration;

use chatdesk_gateway::{Config, Peers, serve_metrics};
use chatdesk_platform::ServiceName::{Ai, Catalog, Inbox, Tenants};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Keyring, ServiceName, Shutdown, Vars};
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::fakes::Fakes;
use crate::samples::CONTACT;
use crate::world::{FRIEND, SECRET, World, problem, soon};

#[tokio::test]
async fn a_request_keeps_its_harmless_id() {
    let world = World::start().await;
    let ask = |id: &str| world.request(Method::GET, "/api/nothing").header("x-request-id", id).send();
    let told = problem(ask("abc-1").await.unwrap(), 404, "not_found").await;
    assert_eq!(told["request_id"], "abc-1");
    let told = problem(ask("a b<script>").await.unwrap(), 404, "not_found").await;
    assert_ne!(told["request_id"], "a b<script>");
    assert!(world.get("/livez", "").await.headers().contains_key("x-request-id"));
}

#[tokio::test]
async fn answers_are_guarded_against_browsers() {
    let world = World::start().await;
    let token = world.owner().await;
    for path in ["/inbox", "/api/contacts", "/api/nothing", "/api/openapi.json", "/api/docs/", "/livez"] {
        let answer = world.get(path, &token).await;
        let headers = answer.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script-src 'unsafe"), "{path}");
    }
    assert_eq!(world.get("/api/contacts", &token).await.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn only_listed_origins_may_read() {
    let world = World::start().await;
    let preflight = |origin: &'static str| {
        let asked = world.request(Method::OPTIONS, "/api/products").header("origin", origin);
        let asked = asked.header("access-control-request-method", "POST");
        asked.header("access-control-request-headers", "authorization,content-type,idempotency-key,x-cd-csrf").send()
    };
    let answer = preflight(FRIEND).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["access-control-allow-origin"], FRIEND);
    assert_eq!(answer.headers()["access-control-allow-credentials"], "true");
    assert!(answer.headers()["access-control-allow-methods"].to_str().unwrap().contains("POST"));
    for origin in ["https://evil.test", "null"] {
        assert!(!preflight(origin).await.unwrap().headers().contains_key("access-control-allow-origin"));
    }
    let closed = World::with(Clock::system(), |config| config.allowed_origins.clear()).await;
    let answer = closed.request(Method::GET, "/api/nothing").header("origin", FRIEND).send().await.unwrap();
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn an_address_of_the_app_is_no_mistake_and_one_of_the_api_is() {
    let world = World::start().await;
    for path in ["/", "/inbox/0198f000-0000-7000-8000-000000000001?filter=mine", "/settings/profile"] {
        let answer = world.get(path, "").await;
        if answer.status() == 200 {
            assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{path}");
            assert_eq!(answer.headers()["cache-control"], "no-cache", "{path}");
        } else {
            problem(answer, 404, "app_not_built").await;
        }
    }
    for path in ["/api", "/api/nothing", "/ws", "/assets/none.js", "/none.png", "/.vite/manifest.json"] {
        problem(world.get(path, "").await, 404, "not_found").await;
    }
    problem(world.request(Method::POST, "/inbox").send().await.unwrap(), 404, "not_found").await;
}

#[tokio::test]
async fn the_description_covers_every_endpoint() {
    let world = World::start().await;
    let described: Value = world.get("/api/openapi.json", "").await.json().await.unwrap();
    let wanted = [
        ("/api/auth/register", "post"),
        ("/api/auth/login", "post"),
        ("/api/auth/refresh", "post"),
        ("/api/auth/logout", "post"),
        ("/api/auth/me", "get"),
        ("/api/auth/sessions", "get"),
        ("/api/auth/sessions/{id}", "delete"),
        ("/api/auth/logout-everywhere", "post"),
        ("/api/auth/password", "put"),
        ("/api/auth/password-reset", "post"),
        ("/api/auth/password-reset/confirm", "post"),
        ("/api/auth/totp", "delete post put"),
        ("/api/auth/totp/setup", "post put"),
        ("/api/team/invitations", "get post"),
        ("/api/team/invitations/{id}", "delete"),
        ("/api/team/members/{id}", "delete patch"),
        ("/api/invitations/look", "post"),
        ("/api/invitations/accept", "post"),
        ("/api/users/profile", "get put"),
        ("/api/members", "get post"),
        ("/api/saved-replies", "get post"),
        ("/api/saved-replies/{id}", "delete put"),
        ("/api/channels", "get"),
        ("/api/channels/facebook", "post"),
        ("/api/channels/instagram", "post"),
        ("/api/channels/{id}", "delete"),
        ("/api/channels/{id}/check", "post"),
        ("/api/channels/oauth/{platform}", "get"),
        ("/api/channels/transfers", "get post"),
        ("/api/channels/transfers/{id}", "post"),
        ("/api/data-deletion/{code}", "get"),
        ("/api/webhooks/deauthorize", "post"),
        ("/api/webhooks/data-deletion", "post"),
        ("/api/webhooks/facebook", "get post"),
        ("/api/webhooks/instagram", "get post"),
        ("/api/contacts", "get"),
        ("/api/contacts/{id}", "get"),
        ("/api/contacts/{id}/data", "delete"),
        ("/api/privacy/export", "get post"),
        ("/api/privacy/export/{id}/link", "post"),
        ("/api/privacy/export/{id}/file", "get"),
        ("/api/privacy/deletion", "delete get post"),
        ("/api/conversations", "get"),
        ("/api/conversations/counts", "get"),
        ("/api/conversations/{id}", "get patch"),
        ("/api/conversations/{id}/read", "post"),
        ("/api/conversations/{id}/unread", "post"),
        ("/api/conversations/{id}/notes", "get post"),
        ("/api/conversations/{id}/notes/{note_id}", "delete"),
        ("/api/conversations/{id}/messages/{message_id}/retry", "post"),
        ("/api/conversations/{id}/messages/{message_id}/resolve", "post"),
        ("/api/conversations/{id}/messages/{message_id}/attachments/refresh", "post"),
        ("/api/labels", "get post"),
        ("/api/labels/{id}", "delete put"),
        ("/api/dashboard", "get"),
        ("/api/journal", "get"),
        ("/api/journal/{id}", "get"),
        ("/api/journal/redrive", "post"),
        ("/api/journal/summary", "get"),
        ("/api/conversations/{id}/ai", "patch"),
        ("/api/conversations/{id}/attachments", "post"),
        ("/api/conversations/{id}/messages", "get post"),
        ("/api/products", "get post"),
        ("/api/products/search", "get"),
        ("/api/products/{id}", "delete get put"),
        ("/api/products/{id}/restore", "post"),
        ("/api/products/{id}/prices", "get"),
        ("/api/products/categories", "get"),
        ("/api/products/export", "get"),
        ("/api/products/imports", "get post"),
        ("/api/products/imports/{id}", "delete get"),
        ("/api/products/imports/{id}/rows", "get"),
        ("/api/entries", "get post"),
        ("/api/entries/{id}", "delete put"),
        ("/api/assistant/preview", "post"),
        ("/api/assistant/settings", "get put"),
        ("/api/assistant/replay", "post"),
        ("/api/assistant/replay/{id}", "get"),
        ("/api/assistant/unanswered", "get"),
        ("/api/assistant/unanswered/{id}", "delete"),
        ("/api/assistant/unanswered/{id}/entry", "post"),
        ("/api/admin/tenants/{id}/suspend", "post"),
        ("/api/admin/tenants/{id}/resume", "post"),
        ("/api/admin/tenants", "get"),
        ("/api/admin/tenants/{id}", "get"),
        ("/api/admin/tenants/{id}/cap", "put"),
        ("/api/admin/tenants/{id}/enter", "post"),
        ("/api/admin/channels", "get"),
        ("/api/admin/usage", "get"),
        ("/api/admin/system", "get"),
        ("/api/admin/work", "get"),
        ("/api/admin/work/retry", "post"),
        ("/api/admin/work/discard", "post"),
        ("/api/admin/audit", "get"),
        ("/api/audit", "get"),
        ("/api/notices", "get"),
        ("/api/ws-ticket", "post"),
        ("/ws/{business_id}", "get"),
        ("/livez", "get"),
        ("/readyz", "get"),
    ];
    let paths = described["paths"].as_object().unwrap();
    let mut ids = Vec::new();
    for (path, methods) in wanted {
        let item = paths.get(path).unwrap_or_else(|| panic!("{path}")).as_object().unwrap();
        let mut seen: Vec<_> = item.keys().map(String::as_str).collect();
        seen.sort_unstable();
        assert_eq!(seen.join(" "), methods, "{path}");
        for (method, operation) in item {
            ids.push(operation["operationId"].as_str().unwrap().to_owned());
            let responses = operation["responses"].as_object().unwrap();
            let problem = &responses["default"]["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(problem, "#/components/schemas/Problem", "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path} says what it does");
            let opens =
                ["/register", "/login", "/refresh", "/logout"].iter().any(|end| path == format!("/api/auth{end}"));
            let opens = opens
                || ["/api/data-deletion/", "/api/invitations/", "/api/auth/password-reset", "/api/auth/totp/setup"]
                    .iter()
                    .any(|start| path.starts_with(start));
            let guarded = path.starts_with("/api/") && !path.starts_with("/api/webhooks") && !opens;
            assert_eq!(operation.get("security").is_some(), guarded, "{method} {path}");
            if ["post", "put", "patch"].contains(&method.as_str()) && guarded {
                let bodiless = [
                    "/resume",
                    "/ws-ticket",
                    "/read",
                    "/unread",
                    "}/retry",
                    "/restore",
                    "/logout-everywhere",
                    "/check",
                    "/attachments/refresh",
                    "/privacy/export",
                    "/link",
                ];
                let bodiless = bodiless.iter().any(|end| path.ends_with(end));
                assert_eq!(operation.get("requestBody").is_none(), bodiless, "{method} {path}");
            }
        }
    }
    assert_eq!(paths.len(), wanted.len());
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "each operation has an id of its own");
    assert_eq!(described["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let text = described.to_string();
    for (reference, _) in text.match_indices("#/components/schemas/") {
        let name: String = text[reference + 21..].chars().take_while(|&at| at != '"').collect();
        assert!(described["components"]["schemas"].get(&name).is_some(), "{name} is described");
    }
    let docs = world.get("/api/docs/", "").await;
    assert_eq!(docs.status(), 200);
    assert!(docs.text().await.unwrap().contains("swagger-ui"));
    let setup = world.get("/api/docs/swagger-initializer.js", "").await.text().await.unwrap();
    assert!(setup.contains("/api/openapi.json"), "{setup}");
}

#[tokio::test]
async fn health_says_whether_work_can_be_done() {
    let world = World::start().await;
    assert_eq!(world.get("/livez", "").await.text().await.unwrap(), "ok");
    let ready = world.get("/readyz", "").await;
    assert_eq!(ready.status(), 200);
    let body: Value = ready.json().await.unwrap();
    let names: Vec<_> = body["services"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((&body["status"], names), (&json!("ready"), vec!["tenants", "inbox", "catalog", "ai"]));
    problem(world.get("/readyz?for=nothing", "").await, 422, "invalid_fields").await;
}

#[tokio::test]
async fn webhooks_need_only_who_takes_them() {
    let keyring = Keyring::derived(&chatdesk_platform::SecretKey::parse(SECRET).unwrap());
    for (away, status) in [(Ai, 200), (Catalog, 200), (Inbox, 503), (Tenants, 503)] {
        let there = Fakes::new();
        let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let peer = |name| if name == away { remote(&keyring, name, gone) } else { there.peer(&keyring, name) };
        let (base, shutdown) = gateway_with(&keyring, peer).await;
        let client = chatdesk_platform::http_client(Duration::from_secs(20)).unwrap();
        let asked = async |what: &str| client.get(format!("{base}/readyz{what}")).send().await.unwrap().status();
        assert_eq!(asked("?for=webhooks").await, status, "without {away}");
        assert_eq!(asked("").await, 503, "without {away}");
        assert!(shutdown.drain(Duration::from_secs(20)).await);
    }
}

/// A gateway with these peers: its address, and what ends it.
async fn gateway_with(keyring: &Keyring, peer: impl Fn(ServiceName) -> Peer) -> (String, Shutdown) {
    let vars = Vars::fixed([("GATEWAY_ADDR", "127.0.0.1:0"), ("SECRET_KEY", SECRET)]);
    let peers = Peers { tenants: peer(Tenants), inbox: peer(Inbox), catalog: peer(Catalog), ai: peer(Ai) };
    let (config, shutdown) = (Config::from_vars(&vars).unwrap(), Shutdown::default());
    let started = chatdesk_gateway::Service::start(config, keyring, peers, Clock::system(), &shutdown);
    let gateway = Box::pin(started).await.unwrap();
    (format!("http://{}", gateway.address()), shutdown)
}

fn remote(keyring: &Keyring, name: ServiceName, at: std::net::SocketAddr) -> Peer {
    let minter = keyring.minter(ServiceName::Gateway).unwrap();
    Peer::remote(name, &format!("http://{at}"), &Default::default(), minter, Clock::system()).unwrap()
}

#[tokio::test]
async fn a_service_that_is_gone_makes_us_wait_and_live() {
    let keyring = Keyring::derived(&chatdesk_platform::SecretKey::parse(SECRET).unwrap());
    // A port that was ours a moment ago and that nobody answers on.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (base, shutdown) = gateway_with(&keyring, |name| remote(&keyring, name, gone)).await;
    let client = chatdesk_platform::http_client(Duration::from_secs(20)).unwrap();
    assert_eq!(client.get(format!("{base}/livez")).send().await.unwrap().status(), 200);
    let ready = client.get(format!("{base}/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.json::<Value>().await.unwrap()["status"], "waiting");
    let body = json!({"email": "a@b.test", "password": "right password"});
    let answer = client.post(format!("{base}/api/auth/login")).json(&body).send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    problem(answer, 503, "unavailable").await;
    assert!(shutdown.drain(Duration::from_secs(20)).await);
}

#[tokio::test]
async fn requests_in_flight_end_before_the_process_does() {
    let world = World::start().await;
    let token = world.owner().await;
    let hold = CancellationToken::new();
    *world.fakes.hold.lock().unwrap() = Some(hold.clone());
    let asked = world.request(Method::GET, &format!("/api/contacts/{CONTACT}")).bearer_auth(&token);
    let flying = tokio::spawn(asked.send());
    soon("the call", async {
        while world.fakes.count("GetContact") == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let shutdown = world.shutdown.clone();
    let drained = tokio::spawn(async move { shutdown.drain(Duration::from_secs(20)).await });
    soon("the drain", async {
        while tokio::net::TcpStream::connect(world.gateway.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(!drained.is_finished());
    hold.cancel();
    assert_eq!(flying.await.unwrap().unwrap().status(), 200);
    assert!(drained.await.unwrap());
}

#[tokio::test]
async fn a_stuck_request_gives_up() {
    let world = World::with(Clock::system(), |config| config.limits.request = Duration::from_millis(50)).await;
    let token = world.owner().await;
    *world.fakes.hold.lock().unwrap() = Some(CancellationToken::new());
    problem(world.get(&format!("/api/contacts/{CONTACT}"), &token).await, 504, "timeout").await;
}

#[tokio::test]
async fn a_taken_address_is_told_with_what_to_do() {
    let world = World::start().await;
    let address = world.gateway.address().to_string();
    let vars = Vars::fixed([("GATEWAY_ADDR", address.as_str()), ("SECRET_KEY", SECRET)]);
    let keyring = Keyring::derived(&chatdesk_platform::SecretKey::parse(SECRET).unwrap());
    let peer = |name| world.fakes.peer(&keyring, name);
    use chatdesk_platform::ServiceName::{Ai, Catalog, Inbox, Tenants};
    let peers =
        chatdesk_gateway::Peers { tenants: peer(Tenants), inbox: peer(Inbox), catalog: peer(Catalog), ai: peer(Ai) };
    let config = Config::from_vars(&vars).unwrap();
    let started =
        chatdesk_gateway::Service::start(config, &keyring, peers, Clock::system(), &Shutdown::default()).await;
    let error = started.err().unwrap().to_string();
    assert!(error.contains(&address) && error.contains("GATEWAY_ADDR"), "{error}");
}

#[tokio::test]
async fn measurements_are_served_by_matched_path() {
    let handle = PrometheusBuilder::new().install_recorder().unwrap();
    let world = World::start().await;
    let token = world.owner().await;
    world.get(&format!("/api/contacts/{CONTACT}?secret=hunter2"), &token).await;
    world.get("/nothing/hunter2", "").await;
    let shutdown = Shutdown::default();
    let address = serve_metrics(([127, 0, 0, 1], 0).into(), handle, &shutdown).await.unwrap();
    let page = world.client.get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
    let line = r#"chatdesk_gateway_http_requests_total{method="GET",path="/api/contacts/{id}",status="200"}"#;
    assert!(page.contains(line), "{page}");
    assert!(page.contains(r#"path="unmatched""#) && !page.contains("hunter2"));
    assert_eq!(world.client.get(format!("http://{address}/livez")).send().await.unwrap().status(), 200);
    assert!(shutdown.drain(Duration::from_secs(20)).await);
}
