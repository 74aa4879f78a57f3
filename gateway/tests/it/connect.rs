//! Meta's login and pages between businesses, as browsers see them.

use std::num::NonZeroU32;

use chatdesk_platform::{Clock, Error};
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{CHANNEL, GRANT, TRANSFER};
use crate::world::{FRIEND, World, fields, problem};

fn named(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn a_login_starts_and_returns_only_to_pages_of_ours() {
    let world = World::start().await;
    let token = world.owner().await;
    let own = format!("{}/channels/callback", world.base);
    {
        let uri = &own;
        let answer = world.get(&format!("/api/channels/oauth/facebook?redirect_uri={uri}"), &token).await;
        assert_eq!(answer.status(), 200);
        let dialog: Value = answer.json().await.unwrap();
        assert_eq!(dialog, json!({"url": "https://meta.test/dialog?state=s1", "state": "s1"}));
        let (_, asked) = world.fakes.last("StartConnect");
        assert!(asked.contains("platform: Facebook") && asked.contains(uri.as_str()), "{asked}");
    }
    for foreign in [
        &*format!("{FRIEND}/channels/callback"),
        &*format!("{}/inbox", world.base),
        &*format!("{own}?x=1"),
        "https://evil.test/channels/callback",
        "https://app.example.com.evil.test/",
        "https://app.example.com@evil.test/",
        "https://user:x@app.example.com/",
        "javascript:alert(1)",
        "//evil.test",
        "https://app.example.com/%23f",
        "x",
    ] {
        let answer = world.get(&format!("/api/channels/oauth/instagram?redirect_uri={foreign}"), &token).await;
        if foreign.ends_with("%23f") {
            problem(answer, 422, "invalid_fields").await;
            continue;
        }
        let told = problem(answer, 422, "invalid_fields").await;
        assert_eq!(fields(&told), named(&[("redirect_uri", "foreign_origin")]), "{foreign}");
    }
    let told = problem(world.get("/api/channels/oauth/facebook", &token).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("redirect_uri", "required")]));
    for nothing in ["google", "Facebook", "1"] {
        let path = format!("/api/channels/oauth/{nothing}?redirect_uri={own}");
        problem(world.get(&path, &token).await, 404, "not_found").await;
    }
    assert_eq!(world.fakes.count("StartConnect"), 1);
    problem(world.get(&format!("/api/channels/oauth/facebook?redirect_uri={own}"), "").await, 401, "unauthenticated")
        .await;
    let viewer = world.login("viewer@a.test").await;
    let path = format!("/api/channels/oauth/facebook?redirect_uri={own}");
    problem(world.get(&path, &viewer).await, 403, "forbidden").await;
}

#[tokio::test]
async fn a_code_gives_a_grant_and_the_grant_a_channel() {
    let world = World::start().await;
    let token = world.owner().await;
    let uri = format!("{}/channels/callback", world.base);
    let body = json!({"code": "AQDsecret", "redirect_uri": uri});
    let answer = world.send(Method::POST, "/api/channels/facebook", &token, &body).await;
    assert_eq!(answer.status(), 200);
    let granted: Value = answer.json().await.unwrap();
    insta::assert_json_snapshot!("granted", granted);
    let (_, asked) = world.fakes.last("FinishConnect");
    assert!(asked.contains("AQDsecret") && asked.contains(&uri), "{asked}");

    let body = json!({"grant_id": GRANT, "page_id": "2001"});
    let answer = world.send(Method::POST, "/api/channels/instagram", &token, &body).await;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.json::<Value>().await.unwrap()["id"], CHANNEL);
    let (_, asked) = world.fakes.last("ConnectGranted");
    assert!(asked.contains("platform: Instagram") && asked.contains(GRANT), "{asked}");
    assert_eq!(world.fakes.count("ConnectChannel"), 0);
}

#[tokio::test]
async fn what_cannot_be_taken_is_named_and_asks_nobody() {
    let world = World::start().await;
    let token = world.owner().await;
    let uri = format!("{}/channels/callback", world.base);
    for (body, wanted) in [
        (json!({"code": " "}), named(&[("code", "required"), ("redirect_uri", "required")])),
        (
            json!({"code": 5, "redirect_uri": "https://evil.test"}),
            named(&[("code", "wrong_type"), ("redirect_uri", "foreign_origin")]),
        ),
        (
            json!({"code": "x", "redirect_uri": uri, "grant_id": GRANT, "access_token": "x"}),
            named(&[("grant_id", "exclusive"), ("access_token", "exclusive")]),
        ),
        (json!({"grant_id": "x", "page_id": "1"}), named(&[("grant_id", "malformed")])),
        (json!({"grant_id": GRANT}), named(&[("page_id", "required")])),
        (json!({"grant_id": GRANT, "page_id": "1", "access_token": "x"}), named(&[("access_token", "exclusive")])),
    ] {
        let told =
            problem(world.send(Method::POST, "/api/channels/facebook", &token, &body).await, 422, "invalid_fields")
                .await;
        assert_eq!(fields(&told), wanted, "{body}");
    }
    for (body, wanted) in [
        (json!({}), named(&[("platform", "required"), ("page_id", "required"), ("access_token", "required")])),
        (
            json!({"platform": "x", "page_id": "1", "access_token": "t", "login": "x"}),
            named(&[("platform", "unknown_value"), ("login", "unknown_value")]),
        ),
        (
            json!({"platform": "facebook", "page_id": "1", "access_token": "t", "grant_id": GRANT}),
            named(&[("access_token", "exclusive")]),
        ),
    ] {
        let told =
            problem(world.send(Method::POST, "/api/channels/transfers", &token, &body).await, 422, "invalid_fields")
                .await;
        assert_eq!(fields(&told), wanted, "{body}");
    }
    let path = format!("/api/channels/transfers/{TRANSFER}");
    let told =
        problem(world.send(Method::POST, &path, &token, &json!({"accept": "yes"})).await, 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("accept", "wrong_type")]));
    for method in ["FinishConnect", "ConnectGranted", "ConnectChannel", "RequestTransfer", "DecideTransfer"] {
        assert_eq!(world.fakes.count(method), 0, "{method}");
    }
}

#[tokio::test]
async fn transfers_are_asked_listed_and_decided() {
    let world = World::start().await;
    let token = world.owner().await;
    let body = json!({"platform": "facebook", "page_id": "1001", "access_token": "secret-page-token"});
    let answer = world.send(Method::POST, "/api/channels/transfers", &token, &body).await;
    assert_eq!(answer.status(), 201);
    let text = answer.text().await.unwrap();
    assert!(!text.contains("secret-page-token"));
    insta::assert_json_snapshot!("asked", serde_json::from_str::<Value>(&text).unwrap());
    let by_grant = json!({"platform": "instagram", "page_id": "2001", "grant_id": GRANT});
    assert_eq!(world.send(Method::POST, "/api/channels/transfers", &token, &by_grant).await.status(), 201);
    let (_, asked) = world.fakes.last("RequestTransfer");
    assert!(
        asked.contains("platform: Instagram") && asked.contains(GRANT) && asked.contains("access_token: \"\""),
        "{asked}"
    );
    let listed: Value = world.get("/api/channels/transfers", &token).await.json().await.unwrap();
    insta::assert_json_snapshot!("transfers", listed);
    let path = format!("/api/channels/transfers/{TRANSFER}");
    for (accept, state) in [(true, "accepted"), (false, "declined")] {
        let answer = world.send(Method::POST, &path, &token, &json!({"accept": accept})).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.unwrap()["state"], state);
    }
    // The channel that was given away is looked up for colleagues' screens, and one that is kept is not.
    assert_eq!(world.fakes.count("ListChannels"), 1);
    problem(
        world.send(Method::POST, "/api/channels/transfers/x", &token, &json!({"accept": true})).await,
        404,
        "not_found",
    )
    .await;
    let viewer = world.login("viewer@a.test").await;
    problem(world.get("/api/channels/transfers", &viewer).await, 403, "forbidden").await;
    problem(world.send(Method::POST, &path, &viewer, &json!({"accept": true})).await, 403, "forbidden").await;
    problem(world.send(Method::POST, "/api/channels/transfers", &viewer, &body).await, 403, "forbidden").await;
}

#[tokio::test]
async fn a_channel_is_checked_on_demand() {
    let world = World::start().await;
    let token = world.owner().await;
    let path = format!("/api/channels/{CHANNEL}/check");
    let answer = world.request(Method::POST, &path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let channel: Value = answer.json().await.unwrap();
    assert_eq!(channel["checked_at"], "2026-11-22T08:30:35.000Z");
    assert!(channel["health"]["detail"].is_string());
    world.fakes.fail(Error::Unavailable("Meta"));
    problem(world.request(Method::POST, &path).bearer_auth(&token).send().await.unwrap(), 503, "unavailable").await;
    let nothing = world.request(Method::POST, "/api/channels/x/check").bearer_auth(&token).send().await.unwrap();
    problem(nothing, 404, "not_found").await;
    let viewer = world.login("viewer@a.test").await;
    problem(world.request(Method::POST, &path).bearer_auth(&viewer).send().await.unwrap(), 403, "forbidden").await;
}

#[tokio::test]
async fn a_person_cannot_try_without_end() {
    let world = World::with(Clock::system(), |config| config.auth_per_minute = NonZeroU32::new(3).unwrap()).await;
    let token = world.owner().await;
    let uri = format!("{}/channels/callback", world.base);
    let body = json!({"code": "x", "redirect_uri": uri});
    for _ in 0..3 {
        assert_eq!(world.send(Method::POST, "/api/channels/facebook", &token, &body).await.status(), 200);
    }
    let transfer = format!("/api/channels/transfers/{TRANSFER}");
    let by_token = json!({"page_id": "1", "access_token": "t"});
    let wanted = json!({"platform": "facebook", "page_id": "1", "access_token": "t"});
    let start = format!("/api/channels/oauth/facebook?redirect_uri={uri}");
    let check = format!("/api/channels/{CHANNEL}/check");
    for (path, body) in [
        ("/api/channels/facebook", Some(&body)),
        ("/api/channels/facebook", Some(&by_token)),
        (check.as_str(), Some(&Value::Null)),
        (start.as_str(), None),
        (transfer.as_str(), Some(&json!({"accept": false}))),
        ("/api/channels/transfers", Some(&wanted)),
    ] {
        let mut late = None;
        // A slow machine gives a try back now and then.
        for _ in 0..8 {
            let answer = match body {
                Some(body) => world.send(Method::POST, path, &token, body).await,
                None => world.get(path, &token).await,
            };
            if answer.status() == 429 {
                late = Some(answer);
                break;
            }
        }
        let late = late.unwrap_or_else(|| panic!("{path} has no end"));
        assert!(late.headers().contains_key("retry-after"));
        problem(late, 429, "too_many_requests").await;
    }
    // Nothing else of theirs is slower for it.
    assert_eq!(world.get("/api/channels", &token).await.status(), 200);
}
