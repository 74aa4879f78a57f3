//! What goes out beside plain texts: answers to tap, cards, signs; and how nearly used up limits slow a channel down.

use crate::graph::{account, graph, ok, page, refusal};
use crate::server::{Answer, serve};
use chatdesk_meta::{
    Login, Platform,
    graph::{Card, GraphError, QuickReply, RefusedReason, SendOutcome, SenderAction, Tag},
};
use serde_json::{Value, json};
use std::time::Duration;

fn sent() -> Answer {
    ok(r#"{"recipient_id":"7","message_id":"m_1"}"#)
}

fn reply(title: &str) -> QuickReply {
    QuickReply { title: title.to_owned(), payload: format!("PICK::{title}") }
}

fn card(title: &str) -> Card {
    Card { title: title.to_owned(), subtitle: None, image_url: None }
}

fn is_sent(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Sent { mid, pace: None } if mid == "m_1")
}

fn is_refused(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Refused { reason: RefusedReason::InvalidRequest, code: None, .. })
}

#[tokio::test]
async fn answers_to_tap_go_with_the_text() {
    let (address, mut seen) = serve(vec![sent()]).await;
    let replies = [reply("Còn size M"), reply("Gặp nhân viên")];
    assert!(is_sent(
        &graph(address).send_text(&page(), "7", "Bạn cần gì?", Some("out-1"), Tag::Response, &replies).await
    ));
    let body: Value = serde_json::from_str(&seen.recv().await.expect("a request").body).expect("JSON");
    let expected = json!({
        "recipient": {"id": "7"}, "messaging_type": "RESPONSE",
        "message": {"text": "Bạn cần gì?", "metadata": "out-1", "quick_replies": [
            {"content_type": "text", "title": "Còn size M", "payload": "PICK::Còn size M"},
            {"content_type": "text", "title": "Gặp nhân viên", "payload": "PICK::Gặp nhân viên"},
        ]},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn cards_are_one_generic_template() {
    let (address, mut seen) = serve(vec![sent(), sent()]).await;
    let rich = Card {
        title: "Áo thun đỏ".to_owned(),
        subtitle: Some("250.000 ₫ · còn hàng".to_owned()),
        image_url: Some("https://shop.example/a.jpg".to_owned()),
    };
    let cards = [rich, card("Áo xanh")];
    assert!(is_sent(&graph(address).send_cards(&page(), "7", &cards, Some("out-2"), Tag::HumanAgent).await));
    let body: Value = serde_json::from_str(&seen.recv().await.expect("a request").body).expect("JSON");
    let elements = json!([
        {"title": "Áo thun đỏ", "subtitle": "250.000 ₫ · còn hàng", "image_url": "https://shop.example/a.jpg"},
        {"title": "Áo xanh"},
    ]);
    let expected = json!({
        "recipient": {"id": "7"}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
        "message": {"metadata": "out-2", "attachment": {"type": "template", "payload": {"template_type": "generic", "elements": elements}}},
    });
    assert_eq!(body, expected);
    let own = account(Platform::Instagram, Login::Instagram);
    assert!(is_sent(&graph(address).send_cards(&own, "7", &cards, None, Tag::Response).await));
    assert_eq!(seen.recv().await.expect("a request").line, "POST /instagram/v25.0/104/messages");
}

#[tokio::test]
async fn what_is_too_much_is_not_tried() {
    let (address, mut seen) = serve(vec![]).await;
    let (graph, page) = (graph(address), page());
    for replies in [
        vec![reply("x"); 14],
        vec![reply("")],
        vec![reply(&"á".repeat(21))],
        vec![QuickReply { payload: "p".repeat(1001), ..reply("x") }],
    ] {
        assert!(is_refused(&graph.send_text(&page, "7", "Chào", None, Tag::Response, &replies).await), "{replies:?}");
    }
    for cards in [
        vec![],
        vec![card("x"); 11],
        vec![card(" ")],
        vec![card(&"á".repeat(81))],
        vec![Card { subtitle: Some("á".repeat(81)), ..card("x") }],
        vec![Card { image_url: Some("http://x.example/a".to_owned()), ..card("x") }],
    ] {
        assert!(is_refused(&graph.send_cards(&page, "7", &cards, None, Tag::Response).await), "{cards:?}");
    }
    assert!(seen.try_recv().is_err());
}

#[tokio::test]
async fn signs_are_alone_in_their_body() {
    let (address, mut seen) = serve(vec![ok(r#"{"recipient_id":"7"}"#), ok("{}"), ok("{}"), refusal(190, 460)]).await;
    let graph = graph(address);
    for (action, name) in [
        (SenderAction::TypingOn, "typing_on"),
        (SenderAction::TypingOff, "typing_off"),
        (SenderAction::MarkSeen, "mark_seen"),
    ] {
        assert_eq!(graph.action(&page(), "7", action).await, Ok(()));
        let body: Value = serde_json::from_str(&seen.recv().await.expect("a request").body).expect("JSON");
        assert_eq!(body, json!({"recipient": {"id": "7"}, "sender_action": name}));
    }
    assert_eq!(graph.action(&page(), "7", SenderAction::MarkSeen).await, Err(GraphError::InvalidToken));
}

#[tokio::test]
async fn a_limit_nearly_used_up_is_told_with_the_message() {
    for (headers, expected) in [
        ("x-app-usage: {\"call_count\":94}\r\n", None),
        ("x-page-usage: {\"call_count\":20,\"total_time\":97}\r\n", Some(60)),
        (
            "x-business-use-case-usage: {\"77\":[{\"call_count\":99,\"estimated_time_to_regain_access\":4}]}\r\n",
            Some(240),
        ),
        ("x-app-usage: soon\r\n", None),
    ] {
        let (address, _seen) = serve(vec![Answer::Reply(200, headers, r#"{"message_id":"m_1"}"#.to_owned())]).await;
        let outcome = graph(address).send_text(&page(), "7", "Chào", None, Tag::Response, &[]).await;
        let pace = expected.map(Duration::from_secs);
        assert_eq!(outcome, SendOutcome::Sent { mid: "m_1".to_owned(), pace }, "{headers}");
    }
}
