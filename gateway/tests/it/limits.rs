//! What strangers cannot make the gateway hold: connections, heads, bodies, answers, requests.

use std::time::Duration;

use chatdesk_gateway::Config;
use chatdesk_meta::AppSecrets;
use chatdesk_platform::Clock;
use reqwest::{Method, Response};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::samples::CONTACT;
use crate::world::{APP_SECRET, World, problem, soon};

async fn world(change: impl FnOnce(&mut Config)) -> World {
    World::with(Clock::system(), change).await
}

async fn connect(world: &World) -> TcpStream {
    TcpStream::connect(world.gateway.address()).await.unwrap()
}

/// Sends bytes and reads to the end of the connection. A reset is as good an end as any.
async fn until_closed(mut stream: TcpStream, bytes: &[u8]) -> String {
    stream.write_all(bytes).await.unwrap();
    let mut rest = Vec::new();
    drop(soon("the end", stream.read_to_end(&mut rest)).await);
    String::from_utf8_lossy(&rest).into_owned()
}

/// Makes the next call to a service wait, and waits until it is there.
async fn held(world: &World, method: &str, asked: reqwest::RequestBuilder) -> Held {
    let hold = CancellationToken::new();
    *world.fakes.hold.lock().unwrap() = Some(hold.clone());
    let before = world.fakes.count(method);
    let flying = tokio::spawn(asked.send());
    soon("the call", async {
        while world.fakes.count(method) == before {
            tokio::task::yield_now().await;
        }
    })
    .await;
    Held { hold, flying }
}

struct Held {
    hold: CancellationToken,
    flying: tokio::task::JoinHandle<reqwest::Result<Response>>,
}

impl Held {
    async fn release(self) -> u16 {
        self.hold.cancel();
        self.flying.await.unwrap().unwrap().status().as_u16()
    }
}

fn webhook(world: &World, body: &[u8]) -> reqwest::RequestBuilder {
    let signature = AppSecrets::parse(APP_SECRET).unwrap().sign(body);
    let asked = world.request(Method::POST, "/api/webhooks/facebook").header("x-hub-signature-256", signature);
    asked.header("content-type", "application/json").body(body.to_vec())
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_its_connection() {
    let world = world(|config| config.limits.head = Duration::from_millis(50)).await;
    for sent in ["", "P", "PRI * HTTP/2.0\r\n", "GET /livez HTTP/1.1\r\nhost: x\r\nx-slow: "] {
        let told = until_closed(connect(&world).await, sent.as_bytes()).await;
        assert!(!told.contains("200 OK"), "{told}");
    }
    let told = until_closed(connect(&world).await, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(told.starts_with("HTTP/1.1 200 OK"), "an idle connection ends after its answer: {told}");
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    let world = World::start().await;
    let mut stream = connect(&world).await;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ").await.unwrap();
    let chunk = [b'a'; 1024];
    let mut sent = 0;
    // It may be closed while we write.
    while sent < 1024 * 1024 && stream.write_all(&chunk).await.is_ok() {
        sent += chunk.len();
    }
    let mut rest = Vec::new();
    drop(soon("the end", stream.read_to_end(&mut rest)).await);
    assert!(!String::from_utf8_lossy(&rest).contains("200 OK"));
}

#[tokio::test]
async fn a_body_that_nobody_signed_is_not_waited_for() {
    let world = World::start().await;
    let digits = "a".repeat(64);
    for signature in [
        String::new(),
        format!("x-hub-signature-256: sha1={digits}\r\n"),
        format!("x-hub-signature-256: sha256={}\r\n", &digits[1..]),
        format!("x-hub-signature-256: sha256={}\r\n", digits.to_uppercase()),
        format!("x-hub-signature-256: sha256={}g\r\n", &digits[1..]),
    ] {
        let head =
            format!("POST /api/webhooks/facebook HTTP/1.1\r\nhost: x\r\ncontent-length: 4000000\r\n{signature}\r\n");
        let told = until_closed(connect(&world).await, head.as_bytes()).await;
        assert!(told.starts_with("HTTP/1.1 401 ") && told.contains("bad_signature"), "{signature}{told}");
    }
}

#[tokio::test]
async fn bodies_of_webhooks_share_a_budget() {
    let world = world(|config| config.limits.webhook_bytes = 100).await;
    let body = [b' '; 60];
    let first = held(&world, "Ingest", webhook(&world, &body)).await;
    let answer = webhook(&world, &body).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "1");
    problem(answer, 503, "overloaded").await;
    assert_eq!(webhook(&world, &body[..40]).send().await.unwrap().status(), 200, "what fits gets in");
    world.owner().await;
    assert_eq!(first.release().await, 200);
    assert_eq!(webhook(&world, &body).send().await.unwrap().status(), 200);
    let answer = webhook(&world, &[b' '; 101]).send().await.unwrap();
    problem(answer, 503, "overloaded").await;
    assert_eq!(
        webhook(&world, &[b' '; 100]).send().await.unwrap().status(),
        200,
        "a refused body gives its share back"
    );
    assert_eq!(world.fakes.count("Ingest"), 4);
}

#[tokio::test]
async fn bodies_of_json_share_another() {
    let world = world(|config| config.limits.json_bytes = 100).await;
    let long = json!({"email": "owner@a.test", "password": "x".repeat(100)});
    let answer = world.request(Method::POST, "/api/auth/login").json(&long).send().await.unwrap();
    problem(answer, 503, "overloaded").await;
    for _ in 0..5 {
        world.owner().await;
    }
    assert_eq!(webhook(&world, &[b' '; 200]).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn so_many_requests_at_once_and_the_rest_shall_come_again() {
    let world = world(|config| config.limits.requests = 1).await;
    let token = world.owner().await;
    let path = format!("/api/contacts/{CONTACT}");
    let first = held(&world, "GetContact", world.request(Method::GET, &path).bearer_auth(&token)).await;
    let answer = world.get(&path, &token).await;
    assert_eq!(answer.headers()["retry-after"], "1");
    problem(answer, 503, "overloaded").await;
    assert_eq!(world.get("/livez", "").await.status(), 200);
    assert_eq!(webhook(&world, b"{}").send().await.unwrap().status(), 200, "webhooks have a room of their own");
    assert_eq!(first.release().await, 200);
    assert_eq!(world.get(&path, &token).await.status(), 200);
    let first = held(&world, "Ingest", webhook(&world, b"{}")).await;
    problem(webhook(&world, b"{}").send().await.unwrap(), 503, "overloaded").await;
    assert_eq!(world.get(&path, &token).await.status(), 200);
    assert_eq!(first.release().await, 200);
}

#[tokio::test]
async fn one_connection_more_waits_for_a_place() {
    let world = world(|config| config.limits.connections = 1).await;
    let mut only = connect(&world).await;
    let ask = b"POST /api/webhooks/facebook HTTP/1.1\r\nhost: x\r\n\r\n";
    let answered = async |only: &mut TcpStream| {
        only.write_all(ask).await.unwrap();
        let mut told = Vec::new();
        while !told.ends_with(b"}") {
            assert_ne!(soon("an answer", only.read_buf(&mut told)).await.unwrap(), 0);
        }
    };
    answered(&mut only).await;
    let body = json!({"email": "owner@a.test", "password": "right password"});
    let waiting = tokio::spawn(world.request(Method::POST, "/api/auth/login").json(&body).send());
    for _ in 0..50 {
        answered(&mut only).await;
    }
    assert_eq!(world.fakes.count("Login"), 0);
    drop(only);
    assert_eq!(soon("a place", waiting).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn whoever_takes_no_answer_loses_the_connection() {
    let world = world(|config| {
        config.limits.connections = 1;
        config.limits.untaken = Duration::from_millis(100);
    })
    .await;
    let (mut taking, mut asking) = connect(&world).await.into_split();
    let asked = tokio::spawn(async move {
        // More answers than the system keeps for us; the gateway may be gone before the last is asked for.
        while asking.write_all(b"GET /api/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {}
    });
    assert_eq!(soon("the place", world.get("/livez", "")).await.status(), 200);
    soon("the end", asked).await.unwrap();
    let mut rest = Vec::new();
    drop(soon("the end", taking.read_to_end(&mut rest)).await);
    assert!(rest.starts_with(b"HTTP/1.1 200 OK"));
}
