//! A user's own sessions and password, colleagues, saved replies, and the list of products narrowed down.

use chatdesk_platform::{Error, Identity};
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{OTHER_SESSION, PRODUCT, SAVED_REPLY, SESSION};
use crate::world::{World, fields, problem};

#[tokio::test]
async fn the_session_that_asks_is_marked() {
    let world = World::start().await;
    let owner = world.owner().await;
    let list: Value = world.get("/api/auth/sessions", &owner).await.json().await.unwrap();
    let told = |at: usize| (list["items"][at]["id"].as_str().unwrap(), list["items"][at]["is_current"] == true);
    assert_eq!((told(0), told(1)), ((SESSION, true), (OTHER_SESSION, false)));
    assert_eq!((&list["items"][1]["user_agent"], &list["next_cursor"]), (&Value::Null, &Value::Null));
    let admin = world.login("admin@x.test").await;
    assert_eq!(world.get("/api/auth/sessions", &admin).await.status(), 200);
    assert!(matches!(world.fakes.last("ListSessions").0.identity(), Identity::PlatformAdmin { .. }));
}

#[tokio::test]
async fn the_browser_is_told_to_whoever_keeps_the_session() {
    let world = World::start().await;
    let body = json!({"email": "owner@a.test", "password": "right password", "business_name": "Tiệm"});
    let long = format!("Firefox\t{}", "x".repeat(1000));
    for (method, path) in
        [("Register", "/api/auth/register"), ("Login", "/api/auth/login"), ("Refresh", "/api/auth/refresh")]
    {
        let asked = world.request(Method::POST, path).header("user-agent", &long).json(&body);
        let asked = asked.header("cookie", "cd_rt=refresh-1").header("x-cd-csrf", "1");
        assert!(asked.send().await.unwrap().status().is_success());
        let (_, request) = world.fakes.last(method);
        let kept = format!("user_agent: \"Firefox {}\"", "x".repeat(192));
        assert!(request.contains(&kept), "{request}");
    }
    // What is not even text.
    let odd = reqwest::header::HeaderValue::from_bytes(b"Fire\xfffox").unwrap();
    let asked = world.request(Method::POST, "/api/auth/login").header("user-agent", odd).json(&body);
    assert_eq!(asked.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn logout_everywhere_forgets_the_cookie() {
    let world = World::start().await;
    let owner = world.owner().await;
    world.fakes.fail(Error::Unavailable("database"));
    let asked = world.request(Method::POST, "/api/auth/logout-everywhere").bearer_auth(&owner);
    let answer = asked.send().await.unwrap();
    assert!(!answer.headers().contains_key("set-cookie"), "what did not happen is not told");
    problem(answer, 503, "unavailable").await;
    let asked = world.request(Method::POST, "/api/auth/logout-everywhere").bearer_auth(&owner);
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("cd_rt=; Path=/;") && cookie.contains("Max-Age=0"), "{cookie}");
    assert_eq!(world.fakes.count("EndAllSessions"), 2);
}

#[tokio::test]
async fn a_password_is_changed_for_the_session_that_asks() {
    let world = World::start().await;
    let owner = world.owner().await;
    let body = json!({"current_password": "right password", "new_password": "8 Zeichen", "session_id": OTHER_SESSION});
    let answer = world.send(Method::PUT, "/api/auth/password", &owner, &body).await;
    assert_eq!(answer.status(), 204);
    let (_, request) = world.fakes.last("ChangePassword");
    assert!(request.contains(&format!("session_id: \"{SESSION}\"")), "{request}");
    world.fakes.fail(Error::invalid("current_password", "wrong", "is not the password in use"));
    let told = world.send(Method::PUT, "/api/auth/password", &owner, &body).await;
    let told = problem(told, 422, "invalid_fields").await;
    assert_eq!(fields(&told), [("current_password".to_owned(), "wrong".to_owned())]);
}

#[tokio::test]
async fn roles_decide_who_adds_and_who_writes() {
    let world = World::start().await;
    let (owner, viewer, admin) =
        (world.owner().await, world.login("viewer@a.test").await, world.login("admin@x.test").await);
    let member = json!({"email": "mai@a.test", "password": "8 letters", "member_role": "viewer", "name": "Mai"});
    let reply = json!({"shortcut": "ship", "text": "x"});
    for (method, path, body) in [
        (Method::POST, "/api/members".to_owned(), &member),
        (Method::POST, "/api/saved-replies".to_owned(), &reply),
        (Method::PUT, format!("/api/saved-replies/{SAVED_REPLY}"), &reply),
        (Method::DELETE, format!("/api/saved-replies/{SAVED_REPLY}"), &reply),
        (Method::POST, format!("/api/products/{PRODUCT}/restore"), &reply),
    ] {
        problem(world.send(method.clone(), &path, &viewer, body).await, 403, "forbidden").await;
        assert!(world.send(method, &path, &owner, body).await.status().is_success(), "{path}");
    }
    for path in ["/api/members", "/api/saved-replies"] {
        assert_eq!(world.get(path, &viewer).await.status(), 200);
        problem(world.get(path, &admin).await, 403, "forbidden").await;
    }
    let (_, request) = world.fakes.last("AddMember");
    assert!(request.contains("member_role: Viewer") && request.contains("name: \"Mai\""), "{request}");
    assert!(request.contains(&format!("session_id: \"{SESSION}\"")), "{request}");
    let change = json!({"name": "Lan", "time_zone": "Asia/Bangkok"});
    assert_eq!(world.send(Method::PUT, "/api/users/profile", &owner, &change).await.status(), 200);
    let (_, request) = world.fakes.last("UpdateProfile");
    assert!(request.contains("Some(\"Asia/Bangkok\")") && request.contains("phone: None"), "{request}");
}

#[tokio::test]
async fn a_list_of_products_is_narrowed_down() {
    let world = World::start().await;
    let owner = world.owner().await;
    let path = "/api/products?q=%20%C3%A1o%20th&status=out_of_stock&limit=7";
    assert_eq!(world.get(path, &owner).await.status(), 200);
    let (_, request) = world.fakes.last("ListProducts");
    assert!(request.contains("áo th") && request.contains("limit: 7") && request.contains("OutOfStock"), "{request}");
    assert_eq!(world.get("/api/products?q=&status=", &owner).await.status(), 200);
    let long = format!("/api/products?q={}&status=gone&limit=0", "x".repeat(201));
    let told = problem(world.get(&long, &owner).await, 422, "invalid_fields").await;
    let mut named: Vec<_> = fields(&told);
    named.sort();
    let expected = [("limit", "out_of_range"), ("q", "too_long"), ("status", "unknown_value")];
    assert_eq!(named, expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
}
