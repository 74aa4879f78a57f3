//! Who gets in: tokens, cookies, roles, and what is ignored.

use chatdesk_platform::{Clock, Error, Identity, Keyring, SecretKey, ServiceName, TenantId, UserId, new_id};
use chrono::TimeDelta;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::samples::{OTHER_TENANT, PRODUCT, SESSION, TENANT, USER};
use crate::world::{FRIEND, SECRET, World, problem};

/// Every endpoint that needs a token, from the API's own description.
pub async fn guarded(world: &World) -> Vec<(Method, String)> {
    let described: Value = world.get("/api/openapi.json", "").await.json().await.unwrap();
    let mut all = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("security").is_some() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                all.push((method, path.replace("{id}", PRODUCT)));
            }
        }
    }
    all
}

/// Case 67: no token that is not exactly right says anything.
#[tokio::test]
async fn nothing_guarded_answers_without_a_good_token() {
    let world = World::start().await;
    let (past, hand) = Clock::manual(Clock::system().now());
    hand.advance(TimeDelta::hours(-1));
    let expired = World::with(past, |_| {}).await.owner().await;
    let keyring = Keyring::derived(&SecretKey::parse(SECRET).unwrap());
    let identity = Identity::PlatformAdmin { user: UserId(new_id()) };
    let internal = keyring.minter(ServiceName::Gateway).unwrap();
    let internal = internal.mint(&identity, &[ServiceName::Tenants], &Clock::system()).unwrap();
    let good = world.owner().await;
    let (head, tail) = good.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", tail.chars().rev().collect::<String>());
    let guarded = guarded(&world).await;
    assert!(guarded.len() >= 24, "{guarded:?}");
    for (method, path) in guarded {
        let bare = world.request(method.clone(), &path).send().await.unwrap();
        assert_eq!(bare.headers()["www-authenticate"], "Bearer");
        let mut bodies = vec![problem(bare, 401, "unauthenticated").await];
        for token in ["", "x", "a.b.c", &expired, &internal, &forged, &"a".repeat(10_000)] {
            let answer = world.request(method.clone(), &path).bearer_auth(token).json(&json!({})).send().await.unwrap();
            bodies.push(problem(answer, 401, "unauthenticated").await);
        }
        let basic = world.request(method.clone(), &path).header("authorization", format!("Basic {good}"));
        bodies.push(problem(basic.send().await.unwrap(), 401, "unauthenticated").await);
        for body in &mut bodies {
            body["request_id"] = Value::Null;
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{method} {path} tells why");
    }
    assert_eq!(world.fakes.calls.lock().unwrap().len(), 1, "only the login reached a service");
}

#[tokio::test]
async fn register_and_login_start_a_session() {
    let world = World::start().await;
    let wish = json!({
        "email": "owner@a.test", "password": "right password", "business_name": "Tiệm Mây", "tenant_id": OTHER_TENANT,
    });
    for (path, status) in [("/api/auth/register", 201), ("/api/auth/login", 200)] {
        let answer = world.request(Method::POST, path).json(&wish).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.starts_with("cd_rt=refresh-2; Path=/; HttpOnly; SameSite=Strict; Max-Age="), "{cookie}");
        assert!(!cookie.contains("Secure"));
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let text = answer.text().await.unwrap();
        assert!(!text.contains("refresh-2"));
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&body["expires_in"], &body["user"]["business_id"]), (&json!(600), &json!(TENANT)));
        assert_eq!(world.get("/api/auth/me", body["access_token"].as_str().unwrap()).await.status(), 200);
    }
    let wrong = json!({"email": "owner@a.test", "password": "wrong password"});
    let answer = world.request(Method::POST, "/api/auth/login").json(&wrong).send().await.unwrap();
    assert!(!answer.headers().contains_key("set-cookie"));
    let told = problem(answer, 401, "unauthenticated").await;
    assert_eq!(told["detail"], "The e-mail or the password is wrong.");
    world.fakes.fail(Error::Conflict { code: "email_taken", detail: "in use".into() });
    let answer = world.request(Method::POST, "/api/auth/register").json(&wish).send().await.unwrap();
    problem(answer, 409, "email_taken").await;
}

#[tokio::test]
async fn behind_tls_the_cookie_belongs_to_this_host_alone() {
    let secure = |config: &mut chatdesk_gateway::Config| {
        config.public_url = Some("https://chat.example.com".parse().unwrap());
    };
    let world = World::with(Clock::system(), secure).await;
    let body = json!({"email": "owner@a.test", "password": "right password"});
    let answer = world.request(Method::POST, "/api/auth/login").json(&body).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-cd_rt=refresh-2; Path=/;") && cookie.ends_with("; Secure"), "{cookie}");
}

/// Case 80: another site's page, and a missing header, are refused.
#[tokio::test]
async fn refresh_and_logout_take_the_cookie_from_our_own_page_only() {
    let world = World::start().await;
    let ask = |path: &str| world.request(Method::POST, path).header("cookie", "cd_rt=refresh-1");
    for path in ["/api/auth/refresh", "/api/auth/logout"] {
        problem(ask(path).send().await.unwrap(), 403, "csrf").await;
        problem(ask(path).header("x-cd-csrf", "0").send().await.unwrap(), 403, "csrf").await;
        for site in ["cross-site", "same-site", "nonsense"] {
            let answer = ask(path).header("x-cd-csrf", "1").header("sec-fetch-site", site).send().await.unwrap();
            problem(answer, 403, "csrf").await;
        }
    }
    assert_eq!(world.fakes.calls.lock().unwrap().len(), 0);
    for site in ["same-origin", "none"] {
        let asked = ask("/api/auth/refresh").header("x-cd-csrf", "1").header("sec-fetch-site", site);
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("cd_rt=refresh-2;"));
        let body: Value = answer.json().await.unwrap();
        assert!(body["access_token"].is_string() && body["user"]["id"] == USER);
    }
    let listed = ask("/api/auth/refresh").header("x-cd-csrf", "1");
    let listed = listed.header("sec-fetch-site", "same-site").header("origin", FRIEND).send().await.unwrap();
    assert_eq!(listed.status(), 200);
    let old = world.request(Method::POST, "/api/auth/refresh").header("x-cd-csrf", "1");
    let answer = old.header("cookie", "cd_rt=stolen").send().await.unwrap();
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("cd_rt=; Path=/;"));
    let told = problem(answer, 401, "unauthenticated").await;
    assert_eq!(told["detail"], "The session has ended; log in again.");
    let none = world.request(Method::POST, "/api/auth/refresh").header("x-cd-csrf", "1").send().await.unwrap();
    let told = problem(none, 401, "unauthenticated").await;
    assert_eq!(told["detail"], "The session has ended; log in again.");
    let answer = ask("/api/auth/logout").header("x-cd-csrf", "1").send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(world.fakes.count("Logout"), 1);
}

#[tokio::test]
async fn an_origin_that_is_not_ours_is_refused_whatever_else_the_request_says() {
    let world = World::start().await;
    let ask = |path: &str, origin: &str| {
        let asked = world.request(Method::POST, path).header("cookie", "cd_rt=refresh-1").header("x-cd-csrf", "1");
        asked.header("origin", origin)
    };
    for path in ["/api/auth/refresh", "/api/auth/logout"] {
        for origin in ["https://evil.test", "null", "https://app.example.com.evil.test", "http://127.0.0.1:1", ""] {
            problem(ask(path, origin).send().await.unwrap(), 403, "csrf").await;
            for site in ["same-origin", "none", "cross-site"] {
                let answer = ask(path, origin).header("sec-fetch-site", site).send().await.unwrap();
                problem(answer, 403, "csrf").await;
            }
        }
    }
    assert_eq!(world.fakes.calls.lock().unwrap().len(), 0);
    for origin in [world.base.as_str(), FRIEND] {
        assert_eq!(ask("/api/auth/refresh", origin).send().await.unwrap().status(), 200, "{origin}");
        assert_eq!(ask("/api/auth/logout", origin).send().await.unwrap().status(), 204, "{origin}");
    }
    let bare = world.request(Method::POST, "/api/auth/refresh").header("cookie", "cd_rt=refresh-1");
    assert_eq!(bare.header("x-cd-csrf", "1").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn who_calls_is_what_the_token_says_and_nothing_else() {
    let world = World::start().await;
    let token = world.owner().await;
    let body = json!({"text": "chào", "tenant_id": OTHER_TENANT, "business_id": OTHER_TENANT});
    let path = format!("/api/conversations/{PRODUCT}/messages?tenant_id={OTHER_TENANT}");
    let asked = world.request(Method::POST, &path).bearer_auth(&token).header("x-tenant-id", OTHER_TENANT);
    assert_eq!(asked.json(&body).send().await.unwrap().status(), StatusCode::ACCEPTED);
    let (caller, request) = world.fakes.last("SendMessage");
    assert_eq!(caller.tenant(), Some(TenantId(TENANT.parse().unwrap())));
    assert_eq!((caller.user(), caller.issuer()), (Some(UserId(USER.parse().unwrap())), ServiceName::Gateway));
    assert!(!request.contains(OTHER_TENANT), "{request}");
    world.request(Method::POST, "/api/ws-ticket").bearer_auth(&token).send().await.unwrap();
    assert!(world.fakes.last("IssueTicket").1.contains(SESSION));
}

#[tokio::test]
async fn roles_are_told_to_the_services_that_decide() {
    let world = World::start().await;
    let (owner, viewer, admin) =
        (world.owner().await, world.login("viewer@a.test").await, world.login("admin@x.test").await);
    let suspend = format!("/api/admin/tenants/{TENANT}/suspend");
    let reason = json!({"reason": "abuse"});
    problem(world.send(Method::POST, &suspend, &owner, &reason).await, 403, "forbidden").await;
    let answer = world.send(Method::POST, &suspend, &admin, &reason).await;
    assert_eq!(answer.status(), 200);
    let body: Value = answer.json().await.unwrap();
    assert_eq!((&body["state"], &body["reason"]), (&json!("suspended"), &json!("abuse")));
    let resume = format!("/api/admin/tenants/{TENANT}/resume");
    let answer = world.request(Method::POST, &resume).bearer_auth(&admin).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["state"], "active");
    problem(world.get("/api/products", &admin).await, 403, "forbidden").await;
    let product = json!({"name": "Áo", "price": 1});
    problem(world.send(Method::POST, "/api/products", &viewer, &product).await, 403, "forbidden").await;
    assert_eq!(world.get("/api/products", &viewer).await.status(), 200);
    let me: Value = world.get("/api/auth/me", &admin).await.json().await.unwrap();
    assert_eq!((&me["role"], &me["business_id"], &me["member_role"]), (&json!("admin"), &Value::Null, &Value::Null));
}

/// Case 71: one address has so many tries, whatever accounts it tries.
#[tokio::test]
async fn one_address_has_so_many_tries() {
    let few = |config: &mut chatdesk_gateway::Config| config.auth_per_minute = 3.try_into().unwrap();
    let world = World::with(Clock::system(), few).await;
    let body = json!({"email": "owner@a.test", "password": "wrong"});
    for _ in 0..3 {
        let answer = world.request(Method::POST, "/api/auth/login").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 401);
    }
    let others = [
        "/api/auth/password-reset",
        "/api/auth/password-reset/confirm",
        "/api/auth/totp/setup",
        "/api/invitations/accept",
        "/api/invitations/look",
    ];
    for path in ["/api/auth/login", "/api/auth/register"].into_iter().chain(others) {
        let answer = world.request(Method::POST, path).json(&body).send().await.unwrap();
        let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=20).contains(&wait), "{wait}");
        problem(answer, 429, "too_many_requests").await;
    }
}

/// Tries to log in as a proxy's client.
async fn tried_for(world: &World, forwarded_for: &str) -> u16 {
    let body = json!({"email": "owner@a.test", "password": "wrong"});
    let asked = world.request(Method::POST, "/api/auth/login").header("x-forwarded-for", forwarded_for).json(&body);
    asked.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_tries() {
    let world = World::with(Clock::system(), |config| {
        config.auth_per_minute = 3.try_into().unwrap();
        config.trusted_proxies = "127.0.0.1, 10.0.0.0/8".parse().unwrap();
    })
    .await;
    for forwarded_for in ["203.0.113.1", "198.51.100.1, 203.0.113.1", "203.0.113.1, 10.1.1.1"] {
        assert_eq!(tried_for(&world, forwarded_for).await, 401);
    }
    assert_eq!(
        tried_for(&world, "198.51.100.2, 203.0.113.1").await,
        429,
        "what stands before the client is its own words"
    );
    assert_eq!(tried_for(&world, "203.0.113.2").await, 401);
    for host in 1..=3 {
        assert_eq!(tried_for(&world, &format!("2001:db8::{host}")).await, 401);
    }
    assert_eq!(tried_for(&world, "2001:db8::ffff:0:4").await, 429, "a /64 is one client");
    assert_eq!(tried_for(&world, "2001:db8:0:1::1").await, 401);
}

#[tokio::test]
async fn nobody_else_can_say_that_they_are_another() {
    let few = |config: &mut chatdesk_gateway::Config| config.auth_per_minute = 3.try_into().unwrap();
    let world = World::with(Clock::system(), few).await;
    for host in 1..=3 {
        assert_eq!(tried_for(&world, &format!("203.0.113.{host}")).await, 401);
    }
    assert_eq!(tried_for(&world, "203.0.113.4").await, 429);
}

#[tokio::test]
async fn sessions_refresh_apart_however_many_share_an_address() {
    let few = |config: &mut chatdesk_gateway::Config| config.auth_per_minute = 3.try_into().unwrap();
    let world = World::with(Clock::system(), few).await;
    let refresh = async |token: &str| {
        let asked = world.request(Method::POST, "/api/auth/refresh").header("x-cd-csrf", "1");
        asked.header("cookie", format!("cd_rt={token}")).send().await.unwrap()
    };
    for colleague in 1..=20 {
        assert_eq!(refresh(&format!("colleague-{colleague}")).await.status(), 401);
    }
    for _ in 0..3 {
        assert_eq!(refresh("refresh-1").await.status(), 200);
    }
    let answer = refresh("refresh-1").await;
    assert!(answer.headers().contains_key("retry-after"));
    problem(answer, 429, "too_many_requests").await;
    assert_eq!(world.fakes.count("Refresh"), 23);
    world.owner().await;
}
