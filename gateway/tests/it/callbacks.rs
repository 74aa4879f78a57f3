//! What Meta tells when its people take something back: signed, or not heard.

use std::num::NonZeroU32;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chatdesk_platform::{Clock, Error};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::samples::DELETION;
use crate::world::{APP_SECRET, INSTAGRAM_SECRET, World, problem};

const CALLBACKS: [&str; 2] = ["/api/webhooks/deauthorize", "/api/webhooks/data-deletion"];

fn signed(secret: &str, claims: &Value) -> String {
    let payload = BASE64.encode(claims.to_string());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), payload.as_bytes());
    format!("{}.{payload}", BASE64.encode(tag))
}

fn claims() -> Value {
    json!({"user_id": "10158800112345678", "algorithm": "HMAC-SHA256", "issued_at": 1_795_366_800})
}

async fn post(world: &World, path: &str, body: String) -> Response {
    let kind = "application/x-www-form-urlencoded";
    world.request(Method::POST, path).header("content-type", kind).body(body).send().await.unwrap()
}

#[tokio::test]
async fn either_apps_secret_signs_and_a_replay_is_the_same() {
    let world = World::start().await;
    for (at, secret) in [APP_SECRET, INSTAGRAM_SECRET, APP_SECRET].into_iter().enumerate() {
        let body = format!("signed_request={}", signed(secret, &claims()));
        let answer = post(&world, CALLBACKS[0], body.clone()).await;
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, ""));
        let answer = post(&world, CALLBACKS[1], body).await;
        assert_eq!(answer.status(), 200);
        let told: Value = answer.json().await.unwrap();
        let url = format!("{}/data-deletion?code={DELETION}", world.base);
        assert_eq!(told, json!({"url": url, "confirmation_code": DELETION}), "{at}");
    }
    for method in ["Deauthorize", "RequestDeletion"] {
        let (caller, asked) = world.fakes.last(method);
        assert!(caller.tenant().is_none() && caller.user().is_none());
        assert!(asked.contains("10158800112345678") && asked.contains("seconds: 1795366800"), "{asked}");
        assert_eq!(world.fakes.count(method), 3);
    }
}

#[tokio::test]
async fn what_nobody_signed_is_not_heard() {
    let world = World::start().await;
    let good = signed(APP_SECRET, &claims());
    let (tag, payload) = good.split_once('.').unwrap();
    let other = BASE64.encode(json!({"user_id": "1", "algorithm": "HMAC-SHA256"}).to_string());
    let bodies = [
        String::new(),
        "signed_request=".to_owned(),
        format!("signed_request={payload}"),
        format!("signed_request={tag}.{other}"),
        format!("signed_request={}", signed("another secret", &claims())),
        format!("signed_request={}", signed(APP_SECRET, &json!({"user_id": "1", "algorithm": "none"}))),
        format!("signed_request={}", signed(APP_SECRET, &json!({"algorithm": "HMAC-SHA256"}))),
        format!("request={good}"),
        good.clone(),
        "\u{0}%00%ff".to_owned(),
    ];
    for path in CALLBACKS {
        for body in &bodies {
            problem(post(&world, path, body.clone()).await, 401, "bad_signature").await;
        }
        problem(post(&world, path, format!("signed_request={}", "a".repeat(64 * 1024))).await, 413, "too_large").await;
    }
    let bare = World::with(Clock::system(), |config| {
        config.facebook_secrets = None;
        config.instagram_secrets = None;
    })
    .await;
    problem(post(&bare, CALLBACKS[0], format!("signed_request={good}")).await, 401, "bad_signature").await;
    for method in ["Deauthorize", "RequestDeletion"] {
        assert_eq!(world.fakes.count(method) + bare.fakes.count(method), 0);
    }
}

#[tokio::test]
async fn meta_is_told_to_come_again_when_nothing_was_done() {
    let world = World::start().await;
    for path in CALLBACKS {
        world.fakes.fail(Error::Unavailable("database"));
        let body = format!("signed_request={}", signed(APP_SECRET, &claims()));
        problem(post(&world, path, body).await, 503, "unavailable").await;
    }
}

#[tokio::test]
async fn whoever_has_the_code_sees_how_far_it_is() {
    let world = World::with(Clock::system(), |config| config.auth_per_minute = NonZeroU32::new(5).unwrap()).await;
    let answer = world.request(Method::GET, &format!("/api/data-deletion/{DELETION}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    insta::assert_json_snapshot!("deletion", answer.json::<Value>().await.unwrap());
    for nothing in ["x", "%00", "%ff", &"a".repeat(500)] {
        let answer = world.request(Method::GET, &format!("/api/data-deletion/{nothing}")).send().await.unwrap();
        problem(answer, 404, "not_found").await;
    }
    // A slow machine gives a try back now and then.
    for _ in 0..10 {
        let late = world.request(Method::GET, &format!("/api/data-deletion/{DELETION}")).send().await.unwrap();
        if late.status() == 429 {
            problem(late, 429, "too_many_requests").await;
            return;
        }
    }
    panic!("one can ask without end");
}
