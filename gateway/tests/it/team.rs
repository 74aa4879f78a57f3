//! A business's team, forgotten passwords and one-time codes, as the edge takes and tells them.

use chatdesk_platform::Error;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{INVITATION, OTHER_SESSION, SESSION, USER};
use crate::world::{World, fields, problem};

fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn a_team_is_invited_changed_and_left() {
    let world = World::start().await;
    let token = world.owner().await;
    let wish = json!({"email": "hoa@a.test", "member_role": "manager", "language": "en"});
    let answer = world.send(Method::POST, "/api/team/invitations", &token, &wish).await;
    assert_eq!(answer.status(), 201);
    let made: Value = answer.json().await.unwrap();
    assert_eq!(
        (&made["id"], &made["member_role"], &made["invited_by"]),
        (&json!(INVITATION), &json!("manager"), &json!(USER))
    );
    let (_, asked) = world.fakes.last("CreateInvitation");
    assert!(
        asked.contains("language: En") && asked.contains("member_role: Manager") && asked.contains(SESSION),
        "{asked}"
    );
    let listed: Value = world.get("/api/team/invitations", &token).await.json().await.unwrap();
    assert_eq!((&listed["items"][0], &listed["next_cursor"]), (&made, &Value::Null));
    assert_eq!(made["state"], "open");

    let path = format!("/api/team/members/{USER}");
    let changed = world.send(Method::PATCH, &path, &token, &json!({"member_role": "agent"})).await;
    assert_eq!(changed.json::<Value>().await.unwrap()["member_role"], "agent");
    world.fakes.fail(Error::Precondition { code: "last_owner", detail: "no".into() });
    problem(world.send(Method::PATCH, &path, &token, &json!({"member_role": "agent"})).await, 409, "last_owner").await;
    for (method, path) in [(Method::DELETE, path), (Method::DELETE, format!("/api/team/invitations/{INVITATION}"))] {
        let answer = world.request(method, &path).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{path}");
    }
    let (_, asked) = world.fakes.last("RemoveMember");
    assert!(asked.contains(USER) && asked.contains(SESSION), "{asked}");

    let bad = world.send(Method::POST, "/api/team/invitations", &token, &json!({"email": "x", "language": "fr"})).await;
    let told = problem(bad, 422, "invalid_fields").await;
    assert_eq!(
        fields(&told),
        named(&[("email", "malformed"), ("member_role", "required"), ("language", "unknown_value")])
    );
    let viewer = world.login("viewer@a.test").await;
    problem(world.send(Method::POST, "/api/team/invitations", &viewer, &wish).await, 403, "forbidden").await;
}

/// Case 77: what an acceptance says of address and role is ignored; the link alone decides.
#[tokio::test]
async fn an_invitation_is_shown_and_accepted_without_an_account() {
    let world = World::start().await;
    let look = |token: &str| world.request(Method::POST, "/api/invitations/look").json(&json!({"token": token})).send();
    let offer: Value = look("TOKEN").await.unwrap().json().await.unwrap();
    // In an address the token would be in every log on the way.
    problem(world.get("/api/invitations/TOKEN", "").await, 404, "not_found").await;
    assert_eq!((&offer["business_name"], &offer["invited_by"]), (&json!("Tiệm Mây"), &json!("Lan")));
    let wish = json!({"token": "TOKEN", "password": "long enough", "email": "evil@x.test", "member_role": "owner"});
    let answer = world.request(Method::POST, "/api/invitations/accept").json(&wish).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("cd_rt=refresh-2;"));
    let (caller, asked) = world.fakes.last("AcceptInvitation");
    assert!(!asked.contains("evil") && !asked.contains("owner") && !asked.contains("Owner"), "{asked}");
    assert_eq!((caller.tenant(), caller.address()), (None, Some("127.0.0.1".parse().unwrap())));
    world.fakes.fail(Error::Precondition { code: "link_invalid", detail: "over".into() });
    let answer = world.request(Method::POST, "/api/invitations/accept").json(&wish).send().await.unwrap();
    assert!(!answer.headers().contains_key("set-cookie"));
    problem(answer, 409, "link_invalid").await;
    problem(look(&"x".repeat(101)).await.unwrap(), 422, "invalid_fields").await;
}

#[tokio::test]
async fn a_forgotten_password_is_answered_the_same_whoever_asks() {
    let world = World::start().await;
    for email in ["owner@a.test", "nobody@a.test"] {
        let ask = world.request(Method::POST, "/api/auth/password-reset").json(&json!({"email": email}));
        let answer = ask.send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (202, ""));
    }
    let confirm = |body: Value| world.request(Method::POST, "/api/auth/password-reset/confirm").json(&body).send();
    let answer = confirm(json!({"token": "TOKEN", "password": "long enough"})).await.unwrap();
    assert_eq!(answer.status(), 204);
    let told = problem(confirm(json!({"password": "short"})).await.unwrap(), 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("token", "required"), ("password", "too_short")]));
    world.fakes.fail(Error::Precondition { code: "link_invalid", detail: "over".into() });
    problem(confirm(json!({"token": "TOKEN", "password": "long enough"})).await.unwrap(), 409, "link_invalid").await;
}

#[tokio::test]
async fn a_login_says_when_it_needs_a_code_or_a_device() {
    let world = World::start().await;
    let login = |code: &str| {
        let body = json!({"email": "owner@a.test", "password": "right password", "code": code});
        world.request(Method::POST, "/api/auth/login").json(&body).send()
    };
    let lacking = |code: &'static str| Error::Precondition { code, detail: "needed".into() };
    world.fakes.fail(lacking("totp_required"));
    let answer = login("123456").await.unwrap();
    assert!(!answer.headers().contains_key("set-cookie"));
    problem(answer, 401, "totp_required").await;
    assert!(world.fakes.last("Login").1.contains("123456"));
    world.fakes.fail(lacking("totp_setup_required"));
    problem(login("1").await.unwrap(), 403, "totp_setup_required").await;
    world.fakes.fail(Error::invalid("code", "wrong", "no"));
    let told = problem(login("1").await.unwrap(), 422, "invalid_fields").await;
    assert_eq!(fields(&told), named(&[("code", "wrong")]));
}

#[tokio::test]
async fn codes_are_set_up_confirmed_and_turned_off() {
    let world = World::start().await;
    let token = world.owner().await;
    let me: Value = world.get("/api/auth/me", &token).await.json().await.unwrap();
    assert_eq!(me["has_totp"], true);
    let started = world.send(Method::POST, "/api/auth/totp", &token, &json!({"password": "right password"})).await;
    let started: Value = started.json().await.unwrap();
    assert!(started["uri"].as_str().unwrap().starts_with("otpauth://totp/") && started["secret"].is_string());
    let confirmed = world.send(Method::PUT, "/api/auth/totp", &token, &json!({"code": "123456"})).await;
    assert_eq!(confirmed.json::<Value>().await.unwrap(), json!({"recovery_codes": ["abcde-fghjk"]}));
    assert!(
        world.fakes.last("ConfirmTotp").1.contains(SESSION)
            && !world.fakes.last("ConfirmTotp").1.contains(OTHER_SESSION)
    );
    let ended = world.send(Method::DELETE, "/api/auth/totp", &token, &json!({"password": "x", "code": "1"})).await;
    assert_eq!(ended.status(), 204);

    // An admin without codes has no session yet.
    let body = json!({"email": "admin@x.test", "password": "right password"});
    let started = world.request(Method::POST, "/api/auth/totp/setup").json(&body).send().await.unwrap();
    assert!(!started.headers().contains_key("set-cookie"));
    assert!(started.json::<Value>().await.unwrap()["secret"].is_string());
    let body = json!({"email": "admin@x.test", "password": "right password", "code": "123456"});
    let confirmed = world.request(Method::PUT, "/api/auth/totp/setup").json(&body).send().await.unwrap();
    assert!(!confirmed.headers().contains_key("set-cookie"));
    assert_eq!(confirmed.json::<Value>().await.unwrap(), json!({"recovery_codes": ["abcde-fghjk"]}));
    world.fakes.fail(Error::Unauthenticated);
    let refused = world.request(Method::PUT, "/api/auth/totp/setup").json(&body).send().await.unwrap();
    problem(refused, 401, "unauthenticated").await;
}
