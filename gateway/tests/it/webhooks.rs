//! Meta's webhooks at the edge: only signed bytes get in, and 200 means kept.

use chatdesk_meta::AppSecrets;
use chatdesk_platform::Error;
use chatdesk_proto::tenants::v1::Platform;
use reqwest::{Method, Response};
use tokio_util::sync::CancellationToken;

use crate::world::{APP_SECRET, INSTAGRAM_SECRET, VERIFY_TOKEN, World, problem, soon};

const BODY: &[u8] = br#"{"object":"page","entry":[{"id":"1001","text":"\u00e1o \/"}]}"#;

async fn post(world: &World, platform: &str, signature: Option<&str>, body: &[u8]) -> Response {
    let mut asked = world.request(Method::POST, &format!("/api/webhooks/{platform}")).body(body.to_vec());
    asked = asked.header("content-type", "application/json");
    if let Some(signature) = signature {
        asked = asked.header("x-hub-signature-256", signature);
    }
    asked.send().await.unwrap()
}

fn sign(secret: &str, body: &[u8]) -> String {
    AppSecrets::parse(secret).unwrap().sign(body)
}

#[tokio::test]
async fn signed_bytes_are_kept_as_they_came() {
    let world = World::start().await;
    let hostile: [&[u8]; 6] = [
        BODY,
        b"",
        b"not json",
        b"\xff\xfe\0",
        "[".repeat(10_000).leak().as_bytes(),
        br#"{"object":"page","object":"\ud800","n":1e999}"#,
    ];
    for body in hostile {
        let answer = post(&world, "facebook", Some(&sign(APP_SECRET, body)), body).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.text().await.unwrap(), "EVENT_RECEIVED");
    }
    let kept = world.fakes.kept.lock().unwrap();
    assert!(
        kept.iter()
            .zip(hostile)
            .all(|((platform, kept), body)| { *platform == i32::from(Platform::Facebook) && kept.as_slice() == body })
    );
    assert_eq!(kept.len(), hostile.len());
}

#[tokio::test]
async fn a_wrong_signature_keeps_nothing() {
    let world = World::start().await;
    let good = sign(APP_SECRET, BODY);
    let digits = good.strip_prefix("sha256=").unwrap();
    let bad = [
        None,
        Some(String::new()),
        Some("sha256=".to_owned()),
        Some(digits.to_owned()),
        Some(format!("sha1={digits}")),
        Some(format!("sha256={}", digits.to_uppercase())),
        Some(format!("SHA256={digits}")),
        Some(good[..good.len() - 1].to_owned()),
        Some(format!("{good}0")),
        Some(sign("another secret", BODY)),
        Some(sign(INSTAGRAM_SECRET, BODY)),
    ];
    for signature in bad {
        problem(post(&world, "facebook", signature.as_deref(), BODY).await, 401, "bad_signature").await;
    }
    for at in [0, BODY.len() / 2, BODY.len() - 1] {
        let mut flipped = BODY.to_vec();
        flipped[at] ^= 1;
        problem(post(&world, "facebook", Some(&good), &flipped).await, 401, "bad_signature").await;
    }
    let value: serde_json::Value = serde_json::from_slice(BODY).unwrap();
    let rewritten = serde_json::to_vec(&value).unwrap();
    problem(post(&world, "facebook", Some(&good), &rewritten).await, 401, "bad_signature").await;
    assert_eq!(world.fakes.count("Ingest"), 0);
}

#[tokio::test]
async fn instagram_takes_both_apps_secrets() {
    let world = World::start().await;
    for secret in [APP_SECRET, INSTAGRAM_SECRET] {
        assert_eq!(post(&world, "instagram", Some(&sign(secret, BODY)), BODY).await.status(), 200);
    }
    let kept = world.fakes.kept.lock().unwrap();
    assert!(kept.iter().all(|(platform, _)| *platform == i32::from(Platform::Instagram)));
}

#[tokio::test]
async fn the_answer_waits_for_the_journal() {
    let world = World::start().await;
    let hold = CancellationToken::new();
    *world.fakes.hold.lock().unwrap() = Some(hold.clone());
    let signature = sign(APP_SECRET, BODY);
    let mut answer = std::pin::pin!(post(&world, "facebook", Some(&signature), BODY));
    soon("the call", async {
        while world.fakes.count("Ingest") == 0 {
            tokio::select! {
                _ = &mut answer => panic!("answered before it was kept"),
                () = tokio::task::yield_now() => {}
            }
        }
    })
    .await;
    assert!(world.fakes.kept.lock().unwrap().is_empty());
    hold.cancel();
    assert_eq!(answer.await.status(), 200);
    assert_eq!(world.fakes.kept.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_kept_shall_come_again() {
    let world = World::start().await;
    for error in [Error::Unavailable("database"), Error::internal("x"), Error::DeadlineExceeded] {
        world.fakes.fail(error);
        let answer = post(&world, "facebook", Some(&sign(APP_SECRET, BODY)), BODY).await;
        assert_eq!(answer.headers()["retry-after"], "2");
        problem(answer, 503, "unavailable").await;
    }
    assert_eq!(post(&world, "facebook", Some(&sign(APP_SECRET, BODY)), BODY).await.status(), 200);
}

#[tokio::test]
async fn eight_mebibytes_are_the_limit() {
    let world = World::start().await;
    let most = vec![b' '; 8 * 1024 * 1024];
    assert_eq!(post(&world, "facebook", Some(&sign(APP_SECRET, &most)), &most).await.status(), 200);
    let more = vec![b' '; 8 * 1024 * 1024 + 1];
    problem(post(&world, "facebook", Some(&sign(APP_SECRET, &more)), &more).await, 413, "too_large").await;
    assert_eq!(world.fakes.count("Ingest"), 1);
}

#[tokio::test]
async fn the_handshake_echoes_the_challenge_as_plain_text() {
    let world = World::start().await;
    for platform in ["facebook", "instagram"] {
        let ask = |mode: &str, token: &str, challenge: &str| {
            let asked = world.request(Method::GET, &format!("/api/webhooks/{platform}"));
            asked.query(&[("hub.mode", mode), ("hub.verify_token", token), ("hub.challenge", challenge)]).send()
        };
        let answer = ask("subscribe", VERIFY_TOKEN, "<b>1158201444</b>").await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.text().await.unwrap(), "<b>1158201444</b>");
        for (mode, token) in [("subscribe", "wrong"), ("subscribe", ""), ("unsubscribe", VERIFY_TOKEN), ("", "")] {
            problem(ask(mode, token, "1").await.unwrap(), 403, "wrong_verify_token").await;
        }
        let bare = world.request(Method::GET, &format!("/api/webhooks/{platform}")).send().await.unwrap();
        problem(bare, 403, "wrong_verify_token").await;
    }
}

#[tokio::test]
async fn without_secrets_nothing_gets_in() {
    let none = |config: &mut chatdesk_gateway::Config| {
        config.facebook_secrets = None;
        config.verify_token = None;
    };
    let world = World::with(chatdesk_platform::Clock::system(), none).await;
    problem(post(&world, "facebook", Some(&sign("x", BODY)), BODY).await, 401, "bad_signature").await;
    let asked = world.request(Method::GET, "/api/webhooks/facebook");
    let asked = asked.query(&[("hub.mode", "subscribe"), ("hub.verify_token", ""), ("hub.challenge", "1")]);
    problem(asked.send().await.unwrap(), 403, "wrong_verify_token").await;
}
