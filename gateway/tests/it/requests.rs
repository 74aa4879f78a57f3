//! Requests that name nothing, go beyond their bounds or are refused further in: each answer says which it was.

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::json;

use crate::input::named;
use crate::samples::{CONTACT, CONVERSATION, PRODUCT};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn what_is_not_json_is_told_apart() {
    let world = World::start().await;
    let token = world.owner().await;
    let ask = |kind: &str, body: Vec<u8>| {
        world.request(Method::POST, "/api/products").bearer_auth(&token).header("content-type", kind).body(body).send()
    };
    for body in ["", "{", "{\"a\":1,}", "{\"name\":\"\\ud800\"}", &"[".repeat(10_000), "nul", "{} {}"] {
        problem(ask("application/json", body.into()).await.unwrap(), 400, "malformed_json").await;
    }
    problem(ask("application/json", b"{\"name\":\"\xff\"}".into()).await.unwrap(), 400, "malformed_json").await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "text/json"] {
        problem(ask(kind, b"{}".into()).await.unwrap(), 415, "unsupported_media_type").await;
    }
    let bare = world.request(Method::POST, "/api/products").bearer_auth(&token).body("{}").send().await.unwrap();
    problem(bare, 415, "unsupported_media_type").await;
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(300 * 1024));
    problem(ask("application/json", large.into()).await.unwrap(), 413, "too_large").await;
}

#[tokio::test]
async fn addresses_that_name_nothing_are_not_found() {
    let world = World::start().await;
    let token = world.owner().await;
    for path in [
        "/api/contacts/7",
        "/api/contacts/../etc",
        "/api/contacts/%FF",
        "/api/conversations/x",
        "/api/products/%00",
        "/api/nothing",
        "/api/webhooks/whatsapp",
    ] {
        problem(world.get(path, &token).await, 404, "not_found").await;
    }
    let unknown = format!("/api/contacts/{PRODUCT}");
    let told = problem(world.get(&unknown, &token).await, 404, "not_found").await;
    assert!(!told["detail"].as_str().unwrap().contains(PRODUCT));
    assert_eq!(world.get(&format!("/api/contacts/{CONTACT}"), &token).await.status(), 200);
    for (method, path) in
        [(Method::DELETE, "/api/contacts"), (Method::PUT, "/api/products"), (Method::GET, "/api/auth/login")]
    {
        let answer = world.request(method, path).send().await.unwrap();
        assert!(answer.headers().contains_key("allow"));
        problem(answer, 405, "method_not_allowed").await;
    }
}

#[tokio::test]
async fn lists_have_bounds() {
    let world = World::start().await;
    let token = world.owner().await;
    for list in ["/api/contacts", "/api/conversations", "/api/channels", "/api/products"] {
        for limit in ["0", "201", "-1", "1e9", "x", ""] {
            let answer = world.get(&format!("{list}?limit={limit}"), &token).await;
            let told = problem(answer, 422, "invalid_fields").await;
            assert_eq!(fields(&told), named(&[("limit", "out_of_range")]));
        }
    }
    let messages = format!("/api/conversations/{CONVERSATION}/messages");
    for list in ["/api/contacts", "/api/conversations", "/api/channels", "/api/products", &messages] {
        for cursor in ["x", "nope", "a%2Bb8", "%00", "bmV4dA%3D%3D", "ch%C3%A0o"] {
            let answer = world.get(&format!("{list}?cursor={cursor}"), &token).await;
            let told = problem(answer, 422, "invalid_fields").await;
            assert_eq!(fields(&told), named(&[("cursor", "malformed")]), "{list} {cursor}");
        }
        let told =
            problem(world.get(&format!("{list}?cursor=nope&limit=0"), &token).await, 422, "invalid_fields").await;
        assert_eq!(fields(&told), named(&[("cursor", "malformed"), ("limit", "out_of_range")]), "{list}");
    }
    assert_eq!(world.fakes.reached(), ["Login"]);
    let answer = world.get("/api/contacts?limit=7&cursor=AZjwAAAAcACAAAAAAAAAFQ&sort=drop%20table", &token).await;
    assert_eq!(answer.status(), 200);
    let (_, request) = world.fakes.last("ListContacts");
    assert!(request.contains("limit: 7") && request.contains("cursor: \"AZjwAAAAcACAAAAAAAAAFQ\""), "{request}");
    world.fakes.fail(Error::invalid("cursor", "malformed", "is not a cursor"));
    let told =
        problem(world.get("/api/contacts?cursor=AZjwAAAAcACAAAAAAAAAFQ", &token).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("cursor", "malformed")]));
    let told = problem(world.get("/api/products/search?limit=51", &token).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("q", "required"), ("limit", "out_of_range")]));
}

#[tokio::test]
async fn what_the_services_refuse_is_passed_on() {
    let world = World::start().await;
    let token = world.owner().await;
    let path = format!("/api/conversations/{CONVERSATION}/messages");
    let body = json!({"text": "chào"});
    let told = |error: Error| {
        world.fakes.fail(error);
        world.send(Method::POST, &path, &token, &body)
    };
    let detail = "Đã quá 24 giờ.".to_owned();
    let closed = problem(told(Error::Precondition { code: "window_closed", detail }).await, 409, "window_closed").await;
    assert_eq!(closed["detail"], "Đã quá 24 giờ.");
    problem(told(Error::NotFound("conversation")).await, 404, "not_found").await;
    problem(told(Error::Forbidden).await, 403, "forbidden").await;
    let answer = told(Error::Unavailable("database")).await;
    assert_eq!(answer.headers()["retry-after"], "2");
    problem(answer, 503, "unavailable").await;
    problem(told(Error::DeadlineExceeded).await, 504, "timeout").await;
    let inside = problem(told(Error::internal("constraint messages_pkey")).await, 500, "internal").await;
    assert!(!inside.to_string().contains("messages_pkey"));
    problem(
        world.send(Method::POST, "/api/assistant/preview", &token, &json!({"text": "panic"})).await,
        500,
        "internal",
    )
    .await;
}

#[tokio::test]
async fn an_idempotency_key_goes_with_its_message() {
    let world = World::start().await;
    let token = world.owner().await;
    let path = format!("/api/conversations/{CONVERSATION}/messages");
    let ask = |key: &str| {
        let asked = world.request(Method::POST, &path).bearer_auth(&token).header("idempotency-key", key);
        asked.json(&json!({"text": "chào"})).send()
    };
    assert_eq!(ask("key-1").await.unwrap().status(), 202);
    assert!(world.fakes.last("SendMessage").1.contains("idempotency_key: \"key-1\""));
    for bad in ["", "khoá", &"k".repeat(201)] {
        let told = problem(ask(bad).await.unwrap(), 422, "invalid_fields").await;
        assert_eq!(fields(&told), named(&[("Idempotency-Key", "malformed")]));
    }
    let both = world.request(Method::POST, &path).bearer_auth(&token).header("idempotency-key", "");
    let told = problem(both.json(&json!({"text": " "})).send().await.unwrap(), 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("text", "required"), ("Idempotency-Key", "malformed")]));
    assert_eq!(world.fakes.count("SendMessage"), 1);
}
