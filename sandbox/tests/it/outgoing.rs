//! What the product sends beside words and files: cards, quick replies and signs; and how Meta slows it down.

use std::time::Duration;

use chatdesk_meta::graph::{Card, QuickReply, RefusedReason, SendOutcome, SenderAction, Tag, Unclear};
use chatdesk_meta::webhook::Kind;
use chatdesk_meta::{Login, Platform};
use serde_json::{Value, json};

use crate::desk::{Desk, account};

#[tokio::test]
async fn cards_and_quick_replies_are_sent_shown_and_echoed() {
    for (platform, login) in [(Platform::Facebook, Login::Facebook), (Platform::Instagram, Login::Instagram)] {
        let desk = Desk::with(|config| config.delivery.batch = 1).await;
        let page = desk.demo(platform);
        let (graph, account, customer) = (desk.graph(), account(&page, login), &page.customers[0].id);
        let card = Card {
            title: "Áo thun".into(),
            subtitle: Some("150.000đ".into()),
            image_url: Some("https://x.example/a.png".into()),
        };
        let outcome = graph.send_cards(&account, customer, &vec![card; 10], Some("ref"), Tag::HumanAgent).await;
        assert!(matches!(outcome, SendOutcome::Sent { .. }), "{outcome:?}");
        let replies = [QuickReply { title: "Cỡ M".into(), payload: "M".into() }];
        graph.send_text(&account, customer, "Cỡ nào ạ?", None, Tag::Response, &replies).await;
        let sent = desk.sent().await;
        let expected = json!({ "title": "Áo thun", "subtitle": "150.000đ", "image_url": "https://x.example/a.png" });
        assert_eq!((&sent[0]["cards"][9], &sent[0]["tag"]), (&expected, &json!("HUMAN_AGENT")));
        assert_eq!(sent[1]["quick_replies"], json!([{ "title": "Cỡ M", "payload": "M" }]));
        let thread = desk.get(&format!("/sandbox/threads/{}/{customer}", page.page_id)).await.1;
        assert_eq!(
            (&thread["items"][0]["cards"][0], &thread["items"][1]["quick_replies"][0]["title"]),
            (&expected, &json!("Cỡ M"))
        );
        let echo = desk.items(2).await.remove(0);
        let Kind::Echo(echo) = echo.kind else { panic!("no echo") };
        assert_eq!(echo.attachments.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(), ["template"]);
        let read = graph.thread(&account, customer, None, 5).await.expect("a thread");
        assert_eq!(read.items.iter().map(|one| one.attachments.len()).collect::<Vec<_>>(), [0, 1]);
    }
}

#[tokio::test]
async fn cards_and_quick_replies_are_judged_as_meta_does() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let path = format!("/graph/v25.0/me/messages?access_token={}", page.access_token);
    let say = async |message: Value| {
        let body = json!({ "recipient": { "id": page.customers[0].id }, "message": message });
        desk.post(&path, body).await.1["error"]["code"].as_i64()
    };
    let cards = |elements: Value| json!({ "attachment": { "type": "template", "payload": { "template_type": "generic", "elements": elements } } });
    let card = json!({ "title": "Áo", "subtitle": "1đ" });
    let with = |key: &str, value: Value| {
        let mut card = card.clone();
        card[key] = value;
        cards(json!([card]))
    };
    for (message, expected) in [
        (cards(json!([card.clone()])), None),
        (cards(json!([])), Some(100)),
        (cards(Value::Array(vec![card.clone(); 11])), Some(100)),
        (cards(json!([{ "title": "Áo" }])), Some(100)),
        (with("title", json!("á".repeat(81))), Some(100)),
        (with("subtitle", json!("á".repeat(81))), Some(100)),
        (with("image_url", json!("ftp://x")), Some(100)),
        (with("buttons", json!([{ "type": "postback", "title": "Mua", "payload": "BUY" }])), None),
        (with("buttons", json!([{ "type": "postback", "title": "Mua" }])), Some(100)),
        (json!({ "attachment": { "type": "template", "payload": { "template_type": "receipt" } } }), Some(100)),
        (json!({ "text": "x", "quick_replies": [] }), Some(100)),
        (json!({ "text": "x", "quick_replies": [{ "content_type": "text", "title": "a" }] }), Some(100)),
        (
            json!({ "text": "x", "quick_replies": [{ "content_type": "text", "title": "a".repeat(30), "payload": "p" }] }),
            None,
        ),
    ] {
        assert_eq!(say(message.clone()).await, expected, "{message}");
    }
    assert_eq!(desk.sent().await[2]["quick_replies"][0]["title"], json!("a".repeat(20)));
}

#[tokio::test]
async fn signs_are_recorded_and_seen() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let (graph, account, customer) = (desk.graph(), account(&page, Login::Facebook), &page.customers[0].id);
    let mid = desk.write(&page, "xin chào").await;
    for action in [SenderAction::MarkSeen, SenderAction::TypingOn, SenderAction::TypingOff] {
        graph.action(&account, customer, action).await.expect("done");
    }
    let react = json!({ "recipient": { "id": customer }, "sender_action": "react", "payload": { "message_id": mid, "reaction": "😍" } });
    let path = format!("/graph/v25.0/me/messages?access_token={}", page.access_token);
    assert_eq!(desk.post(&path, react).await.0, 200);
    let actions = desk.get(&format!("/sandbox/actions?page_id={}", page.page_id)).await.1;
    let names: Vec<Value> =
        actions["items"].as_array().expect("items").iter().map(|one| one["action"].clone()).collect();
    assert_eq!(names, ["mark_seen", "typing_on", "typing_off", "react"]);
    assert_eq!(desk.get("/sandbox/actions?page_id=1").await.1, json!({ "items": [] }));
    let thread = desk.get(&format!("/sandbox/threads/{}/{customer}", page.page_id)).await.1;
    assert_eq!(thread["items"][0]["reactions"], json!([{ "by": "page", "emoji": "😍" }]));
    assert!(thread["seen_at"].is_string());
    assert!(desk.sent().await.is_empty());
}

#[tokio::test]
async fn usage_and_answers_without_a_message_come_on_order() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let (graph, account, customer) = (desk.graph(), account(&page, Login::Facebook), &page.customers[0].id);
    let send = async || graph.send_text(&account, customer, "Dạ", None, Tag::Response, &[]).await;
    desk.fault(json!({ "target": "graph", "kind": "usage", "usage": 97, "regain_minutes": 3 })).await;
    let SendOutcome::Sent { pace, .. } = send().await else { panic!("not sent") };
    assert_eq!(pace, Some(Duration::from_secs(180)));
    desk.fault(json!({ "target": "graph", "kind": "no_mid" })).await;
    assert_eq!(send().await, SendOutcome::Unknown { why: Unclear::NoMessageId });
    let SendOutcome::Sent { pace, .. } = send().await else { panic!("not sent") };
    assert_eq!((pace, desk.sent().await.len()), (None, 3));

    // A fault for another page, or for another path, waits.
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 368, "page_id": "1" })).await;
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 368, "path": "/subscribed_apps" })).await;
    assert!(matches!(send().await, SendOutcome::Sent { .. }));
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 368, "page_id": page.page_id })).await;
    let SendOutcome::Refused { reason, .. } = send().await else { panic!("not refused") };
    assert_eq!(reason, RefusedReason::Restricted);
    assert!(graph.subscription(&account).await.is_err());
}
