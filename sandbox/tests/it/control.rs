//! The control interface and the phone page.

use chatdesk_meta::graph::Tag;
use chatdesk_meta::{Login, Platform};
use chatdesk_sandbox::Page;
use serde_json::{Value, json};

use crate::desk::{Desk, account};

#[tokio::test]
async fn what_was_sent_is_listed_and_bounded() {
    let desk = Desk::with(|config| config.keep_sent = 3).await;
    let page = desk.demo(Platform::Facebook);
    let account = account(&page, Login::Facebook);
    for n in 0..5 {
        desk.graph()
            .send_text(&account, &page.customers[1].id, &format!("câu {n}"), Some("ref"), Tag::Response, &[])
            .await;
    }
    let sent = desk.sent().await;
    let texts: Vec<_> = sent.iter().map(|item| item["text"].as_str().expect("text")).collect();
    assert_eq!(texts, ["câu 2", "câu 3", "câu 4"]);
    let item = sent[0].as_object().expect("an object");
    let mut keys: Vec<_> = item.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["at", "attachments", "metadata", "mid", "page_id", "recipient_id", "text"]);
    assert_eq!((&item["page_id"], &item["recipient_id"]), (&json!(page.page_id), &json!(page.customers[1].id)));
    assert!(chrono::DateTime::parse_from_rfc3339(item["at"].as_str().expect("a time")).is_ok());
    let after = format!("/sandbox/sent?after={}", item["mid"].as_str().expect("a mid"));
    assert_eq!(desk.get(&after).await.1["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_person_answers_in_metas_own_app() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let path = format!("/sandbox/pages/{}/human", page.page_id);
        let body = json!({ "customer_id": page.customers[0].id, "text": "Chị gọi lại cho em nhé" });
        let (status, answer) = desk.post(&path, body).await;
        assert_eq!(status, 201);
        let posted = desk.posted(1).await.remove(0);
        let message = &posted.json()["entry"][0]["messaging"][0]["message"];
        assert_eq!((&message["mid"], &message["is_echo"]), (&answer["mid"], &json!(true)));
        let app = (platform == Platform::Facebook).then(|| json!(263_902_037_430_900_u64));
        assert_eq!(message.get("app_id").cloned(), app);
        assert!(desk.sent().await.is_empty());
        let thread = desk.get(&format!("/sandbox/threads/{}/{}", page.page_id, page.customers[0].id)).await.1;
        assert_eq!(thread["items"][0]["from"], json!("human"));
    }
}

#[tokio::test]
async fn a_conversation_is_followed() {
    let desk = Desk::with(|config| config.keep_thread = 3).await;
    let page = desk.demo(Platform::Facebook);
    let path = format!("/sandbox/threads/{}/{}", page.page_id, page.customers[0].id);
    let (_, empty) = desk.get(&path).await;
    assert_eq!((&empty["subscribed"], &empty["items"]), (&json!(true), &json!([])));
    let waiting = format!("{path}?after={}&wait_ms=20000", empty["version"]);
    let (changed, mid) = tokio::join!(desk.get(&waiting), desk.write(&page, "xin chào"));
    assert_eq!(changed.1["items"][0]["mid"], json!(mid));
    for n in 0..5 {
        desk.write(&page, &n.to_string()).await;
    }
    let all = desk.get(&path).await.1;
    let texts: Vec<_> = all["items"].as_array().expect("items").iter().map(|item| item["text"].clone()).collect();
    assert_eq!(texts, [json!("2"), json!("3"), json!("4")]);
}

#[tokio::test]
async fn what_is_unknown_or_wrong_is_said_in_json() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let write = format!("/sandbox/customers/{}/messages", page.customers[0].id);
    let stranger = json!({ "page_id": page.page_id, "text": "x" });
    for (answer, status) in [
        (desk.get("/nothing").await, 404),
        (desk.get("/sandbox/nothing").await, 404),
        (desk.get("/phone/nothing").await, 404),
        (desk.get("/sandbox/threads/1/2").await, 404),
        (desk.get("/sandbox/pictures/x.svg").await, 404),
        (desk.post("/sandbox/customers/nobody/messages", stranger).await, 404),
        (desk.post(&write, json!({ "page_id": "1", "text": "x" })).await, 404),
        (desk.post("/sandbox/pages/1/human", json!({ "customer_id": "1", "text": "x" })).await, 404),
        (desk.post(&write, json!({ "page_id": page.page_id })).await, 422),
        (desk.post(&write, json!({ "page_id": page.page_id, "text": "" })).await, 422),
        (desk.post(&write, json!({ "page_id": page.page_id, "text": "x".repeat(20_001) })).await, 422),
    ] {
        assert_eq!(answer.0, status, "{}", answer.1);
        assert!(answer.1["error"]["code"].is_string() && answer.1["error"]["detail"].is_string(), "{}", answer.1);
    }
    let large = desk.client.post(desk.url(&write)).body("x".repeat(600 * 1024)).send().await.expect("an answer");
    assert_eq!(large.status(), 413);
}

#[tokio::test]
async fn pages_are_listed_without_their_tokens() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let (_, list) = desk.get("/sandbox/pages").await;
    let items = list["items"].as_array().expect("items");
    assert_eq!(items.len(), 7);
    let subscribed: Vec<&Value> = items.iter().filter(|item| item["subscribed"] == json!(true)).collect();
    assert_eq!(subscribed.iter().map(|item| &item["page_id"]).collect::<Vec<_>>(), [&json!(page.page_id)]);
    assert!(!list.to_string().contains("access_token") && !list.to_string().contains(&page.access_token));
}

#[tokio::test]
async fn demo_pages_and_free_ones_are_told_apart() {
    let desk = Desk::with(|config| config.pages.push(Page::numbered(Platform::Facebook, 1, 1))).await;
    assert_eq!(desk.sandbox.demo_pages(), chatdesk_sandbox::demo_pages());
    let free = desk.sandbox.connectable_pages();
    assert_eq!((free.len(), &free[..4]), (5, &chatdesk_sandbox::connectable_pages()[..]));
}

#[tokio::test]
async fn the_phone_page_is_whole_and_lets_nothing_else_in() {
    let desk = Desk::new().await;
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/phone", "text/html; charset=utf-8"),
        ("/phone/phone.css", "text/css; charset=utf-8"),
        ("/phone/message.css", "text/css; charset=utf-8"),
        ("/phone/dialog.css", "text/css; charset=utf-8"),
        ("/phone/phone.js", "text/javascript; charset=utf-8"),
        ("/phone/message.js", "text/javascript; charset=utf-8"),
        ("/phone/words.js", "text/javascript; charset=utf-8"),
        ("/phone/icon.svg", "image/svg+xml"),
    ] {
        let response = desk.client.get(desk.url(path)).send().await.expect("an answer");
        assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().ok()), (200, Some(kind)));
        let policy = response.headers()["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        let text = response.text().await.expect("text");
        assert!(!text.is_empty() && !text.contains("innerHTML") && !text.contains("style=\""), "{path}");
    }
}

#[tokio::test]
async fn an_empty_secret_is_no_start() {
    let config = chatdesk_sandbox::Config {
        address: "127.0.0.1:0".parse().expect("an address"),
        app_secret: " , ".to_owned(),
        ..chatdesk_sandbox::Config::default()
    };
    let shutdown = chatdesk_platform::Shutdown::default();
    assert!(chatdesk_sandbox::Sandbox::start(config, &shutdown).await.is_err());
}
