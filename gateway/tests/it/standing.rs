//! What an access token is worth while its session, its person's role and its business are no longer what they were.

use chatdesk_platform::{Clock, ManualClock};
use chatdesk_proto::tenants::v1 as tenants;
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::accounts::guarded;
use crate::samples::{ADMIN_SESSION, CHANNEL, CONTACT, CONVERSATION, OTHER_SESSION, SESSION, TENANT};
use crate::world::{World, problem};

/// How long a word of a session is remembered.
const MEMORY: TimeDelta = TimeDelta::seconds(3);

async fn world() -> (World, ManualClock) {
    let (clock, hand) = Clock::manual(Clock::system().now());
    (World::with(clock, |_| {}).await, hand)
}

/// What must not happen once a person may not do it any more.
fn writes() -> Vec<(Method, String, Value)> {
    let tenant = format!("/api/admin/tenants/{TENANT}");
    let reason = json!({"reason": "x"});
    vec![
        (Method::DELETE, format!("/api/contacts/{CONTACT}/data"), Value::Null),
        (Method::POST, "/api/channels/facebook".to_owned(), json!({"page_id": "104", "access_token": "t"})),
        (Method::DELETE, format!("/api/channels/{CHANNEL}"), Value::Null),
        (Method::PUT, "/api/assistant/settings".to_owned(), json!({"tone": "x"})),
        (Method::POST, format!("/api/conversations/{CONVERSATION}/messages"), json!({"text": "x"})),
        (Method::POST, format!("{tenant}/suspend"), reason.clone()),
        (Method::PUT, format!("{tenant}/cap"), json!({"plan": "trial"})),
        (Method::POST, format!("{tenant}/enter"), reason),
    ]
}

/// Sends all writes, each as whoever may, and gives the statuses.
async fn statuses(world: &World, owner: &str, admin: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for (method, path, body) in writes() {
        let token = if path.starts_with("/api/admin/") { admin } else { owner };
        statuses.push(world.send(method, &path, token, &body).await.status().as_u16());
    }
    statuses
}

/// Case 82, and revocation: a token dies with its session, whoever holds it and whatever they ask for.
#[tokio::test]
async fn a_token_of_a_session_that_ended_elsewhere_does_nothing_for_longer_than_a_memory() {
    let (world, hand) = world().await;
    let (owner, admin) = (world.owner().await, world.login("admin@x.test").await);
    let entered = world
        .send(Method::POST, &format!("/api/admin/tenants/{TENANT}/enter"), &admin, &json!({"reason": "x"}))
        .await
        .json::<Value>()
        .await
        .unwrap();
    let visitor = entered["access_token"].as_str().unwrap();
    assert!(statuses(&world, &owner, &admin).await.iter().all(|status| *status < 300));
    world.fakes.tell_sessions(|told| told.ended_session_ids = [SESSION, ADMIN_SESSION].map(str::to_owned).to_vec());
    hand.advance(MEMORY);
    let before = world.fakes.calls.lock().unwrap().len();
    let guarded = guarded(&world).await;
    assert!(guarded.len() > 100);
    for token in [&*owner, &*admin, visitor] {
        for (method, path) in &guarded {
            problem(world.send(method.clone(), path, token, &json!({})).await, 401, "unauthenticated").await;
        }
    }
    let calls = world.fakes.calls.lock().unwrap();
    assert!(calls[before..].iter().all(|(method, ..)| *method == "CheckSessions"), "nobody else was asked");
}

#[tokio::test]
async fn whoever_may_do_something_else_now_needs_a_new_token() {
    let (world, hand) = world().await;
    let owner = world.owner().await;
    let live = |role: tenants::MemberRole| {
        vec![tenants::LiveSession { session_id: SESSION.to_owned(), member_role: role.into() }]
    };
    world.fakes.tell_sessions(|told| told.live = live(tenants::MemberRole::Owner));
    assert_eq!(world.get("/api/contacts", &owner).await.status(), StatusCode::OK);
    world.fakes.tell_sessions(|told| told.live = live(tenants::MemberRole::Agent));
    hand.advance(MEMORY);
    assert_eq!(statuses(&world, &owner, &owner).await, [401; 8]);
    problem(world.get("/api/contacts", &owner).await, 401, "unauthenticated").await;
    // Back again: the refreshed token is good at once, whatever is remembered.
    world.fakes.tell_sessions(|told| told.live = live(tenants::MemberRole::Owner));
    assert_eq!(world.get("/api/contacts", &owner).await.status(), StatusCode::OK);
}

/// One question in three seconds, however many requests.
#[tokio::test]
async fn what_is_remembered_is_not_asked_again() {
    let (world, hand) = world().await;
    let owner = world.owner().await;
    let ask = || async {
        let requests = (0..20).map(|_| world.get("/api/contacts", &owner));
        for answer in futures::future::join_all(requests).await {
            assert_eq!(answer.status(), StatusCode::OK);
        }
        world.fakes.count("CheckSessions")
    };
    assert_eq!(ask().await, 1);
    assert_eq!(ask().await, 1);
    hand.advance(MEMORY);
    assert_eq!(ask().await, 2);
    let (caller, asked) = world.fakes.last("CheckSessions");
    assert_eq!(caller.tenant().unwrap().to_string(), TENANT);
    assert!(asked.contains(SESSION));
    let admin = world.login("admin@x.test").await;
    hand.advance(MEMORY);
    world.get("/api/admin/tenants", &admin).await;
    assert_eq!(world.fakes.last("CheckSessions").0.tenant(), None);
}

#[tokio::test]
async fn reading_goes_on_while_nobody_tells_of_sessions() {
    let (world, hand) = world().await;
    let owner = world.owner().await;
    *world.fakes.sessions.lock().unwrap() = None;
    for _ in 0..3 {
        assert_eq!(world.get("/api/contacts", &owner).await.status(), StatusCode::OK);
        hand.advance(MEMORY);
    }
    world.fakes.tell_sessions(|told| told.ended_session_ids = vec![SESSION.to_owned()]);
    problem(world.get("/api/contacts", &owner).await, 401, "unauthenticated").await;
    *world.fakes.sessions.lock().unwrap() = None;
    hand.advance(MEMORY);
    problem(world.get("/api/contacts", &owner).await, 401, "unauthenticated").await;
}

/// What this gateway ends it need not be told of.
#[tokio::test]
async fn a_token_of_a_session_that_was_ended_here_dies_at_once() {
    let (world, _) = world().await;
    let out = world.request(Method::POST, "/api/auth/logout");
    let out = out.header("x-cd-csrf", "1").header("cookie", "cd_rt=refresh-1");
    let owner = world.owner().await;
    assert_eq!(world.get("/api/contacts", &owner).await.status(), StatusCode::OK);
    assert_eq!(out.send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(statuses(&world, &owner, &owner).await, [401; 8]);

    let (world, _) = self::world().await;
    let admin = world.login("admin@x.test").await;
    let codes = json!({"password": "right password", "code": "123456"});
    assert_eq!(world.send(Method::DELETE, "/api/auth/totp", &admin, &codes).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(statuses(&world, &admin, &admin).await, [401; 8]);
}

/// Case 88: a business that may not work changes nothing but what its people need to go, to come back and to be safe.
#[tokio::test]
async fn a_business_that_may_not_work_is_read_and_no_more() {
    let open = [
        ("POST", "/api/auth/totp"),
        ("PUT", "/api/auth/totp"),
        ("DELETE", "/api/auth/totp"),
        ("PUT", "/api/auth/password"),
        ("POST", "/api/privacy/export"),
        ("POST", "/link"),
        ("POST", "/attachments/refresh"),
        ("POST", "/api/privacy/deletion"),
        ("DELETE", "/api/privacy/deletion"),
        ("POST", "/api/ws-ticket"),
        ("DELETE", "/api/auth/sessions/"),
        ("POST", "/api/auth/logout-everywhere"),
    ];
    // What has an id in it, told by its end.
    let ends = |path: &str, part: &str| ["/link", "/attachments/refresh"].contains(&part) && path.ends_with(part);
    let is_open = |method: &Method, path: &str| {
        open.iter().any(|(known, part)| known == method && (path == *part || ends(path, part)))
            || method == Method::DELETE && path.starts_with("/api/auth/sessions/")
    };
    for (deleting, code) in [(false, "tenant_suspended"), (true, "tenant_deleting")] {
        let (world, _) = world().await;
        let owner = world.owner().await;
        world.fakes.tell_sessions(|told| (told.suspended, told.deleting) = (true, deleting));
        let (mut closed, mut left) = (0, Vec::new());
        for (method, path) in guarded(&world).await {
            if method == Method::GET {
                let answer = world.get(&path, &owner).await;
                assert!(![401, 409].contains(&answer.status().as_u16()), "{path}");
            } else if is_open(&method, &path) {
                left.push((method, path));
            } else {
                problem(world.send(method, &path, &owner, &json!({})).await, 409, code).await;
                closed += 1;
            }
        }
        assert!(closed >= 50 && left.len() == open.len(), "{closed} {left:?}");
        // The one that ends this session last.
        left.sort_by_key(|(_, path)| path.ends_with("everywhere"));
        for (method, path) in left {
            let answer = world.send(method, &path, &owner, &json!({"password": "p"})).await;
            assert!(![401, 409].contains(&answer.status().as_u16()), "{path}");
        }
    }
}

#[tokio::test]
async fn who_lets_a_business_go_on_here_need_not_wait_for_it() {
    let (world, _) = world().await;
    let (owner, admin) = (world.owner().await, world.login("admin@x.test").await);
    let label = json!({"name": "VIP", "color": "red"});
    let create = || world.send(Method::POST, "/api/labels", &owner, &label);
    let tenant = format!("/api/admin/tenants/{TENANT}");
    world.fakes.tell_sessions(|told| told.suspended = true);
    problem(create().await, 409, "tenant_suspended").await;
    world.fakes.tell_sessions(|told| told.suspended = false);
    problem(create().await, 409, "tenant_suspended").await;
    assert_eq!(world.send(Method::POST, &format!("{tenant}/resume"), &admin, &Value::Null).await.status(), 200);
    assert_ne!(create().await.status(), StatusCode::CONFLICT);
    world.fakes.tell_sessions(|told| told.suspended = true);
    world.send(Method::POST, &format!("{tenant}/suspend"), &admin, &json!({"reason": "x"})).await;
    problem(create().await, 409, "tenant_suspended").await;
    let ended = format!("/api/auth/sessions/{OTHER_SESSION}");
    assert_eq!(world.send(Method::DELETE, &ended, &owner, &Value::Null).await.status(), StatusCode::NO_CONTENT);
}
