//! Each fault on order, as the caller and the webhook see it.

use std::time::Duration;

use chatdesk_meta::graph::{GraphError, RefusedReason, Scope, SendOutcome, Tag, Unclear};
use chatdesk_meta::{Login, Platform};
use chatdesk_sandbox::Page;
use serde_json::{Value, json};

use crate::desk::{Desk, account};

async fn send(desk: &Desk, page: &Page) -> SendOutcome {
    let login = page.platform.default_login();
    desk.graph().send_text(&account(page, login), &page.customers[0].id, "Dạ", Some("ref"), Tag::Response, &[]).await
}

fn target(platform: Platform) -> &'static str {
    if platform == Platform::Facebook { "graph" } else { "instagram" }
}

/// The mids of all webhooks, in order.
async fn mids(desk: &Desk, least: usize) -> Vec<(String, bool)> {
    desk.posted(least).await.iter().flat_map(crate::desk::Posted::mids).collect()
}

#[tokio::test]
async fn a_status_refuses_and_records_nothing() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    for (fault, expected) in [
        (json!({ "code": 551 }), (Some(RefusedReason::RecipientUnavailable), Some(551))),
        (json!({ "code": 190, "subcode": 463 }), (Some(RefusedReason::NeedsReconnect), Some(190))),
        (json!({ "status": 400, "code": 10, "subcode": 2_018_278 }), (Some(RefusedReason::WindowClosed), Some(10))),
    ] {
        let mut fault = fault;
        fault["target"] = json!("graph");
        fault["kind"] = json!("status");
        desk.fault(fault).await;
        let SendOutcome::Refused { reason, code, .. } = send(&desk, &page).await else { panic!("not refused") };
        assert_eq!((Some(reason), code), expected);
    }
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 613, "delay_ms": 3000 })).await;
    let limited = SendOutcome::TryLater { after: Duration::from_secs(3), scope: Scope::Channel };
    assert_eq!(send(&desk, &page).await, limited);
    desk.fault(json!({ "target": "graph", "kind": "status", "status": 503, "count": 2 })).await;
    for _ in 0..2 {
        assert_eq!(send(&desk, &page).await, SendOutcome::Unknown { why: Unclear::Status(503) });
    }
    assert!(desk.sent().await.is_empty());
    assert!(matches!(send(&desk, &page).await, SendOutcome::Sent { .. }));
    assert_eq!(desk.sent().await.len(), 1);
}

#[tokio::test]
async fn cut_before_leaves_no_trace() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        desk.fault(json!({ "target": target(platform), "kind": "cut_before", "count": 1 })).await;
        assert_eq!(send(&desk, &page).await, SendOutcome::Unknown { why: Unclear::ConnectionLost });
        assert!(desk.sent().await.is_empty());
        let SendOutcome::Sent { mid, .. } = send(&desk, &page).await else { panic!("not sent") };
        assert_eq!(mids(&desk, 1).await, [(mid, true)]);
    }
}

#[tokio::test]
async fn cut_after_is_sent_and_echoed_all_the_same() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        desk.fault(json!({ "target": target(platform), "kind": "cut_after", "count": 1 })).await;
        assert_eq!(send(&desk, &page).await, SendOutcome::Unknown { why: Unclear::ConnectionLost });
        let sent = desk.sent().await;
        assert_eq!((sent.len(), &sent[0]["metadata"]), (1, &json!("ref")));
        let mid = sent[0]["mid"].as_str().expect("a mid").to_owned();
        assert_eq!(mids(&desk, 1).await, [(mid, true)]);
    }
}

#[tokio::test]
async fn a_delay_keeps_the_answer_and_not_the_message() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    desk.fault(json!({ "target": "graph", "kind": "delay", "delay_ms": 60_000 })).await;
    let slow = send(&desk, &page);
    tokio::pin!(slow);
    // The echo comes while the answer is still held back.
    let echo = tokio::select! {
        outcome = &mut slow => panic!("answered at once: {outcome:?}"),
        echo = mids(&desk, 1) => echo,
    };
    assert_eq!(json!(echo[0].0), desk.sent().await[0]["mid"]);
}

#[tokio::test]
async fn an_echo_can_be_lost_doubled_or_early() {
    for (platform, named) in [(Platform::Facebook, "graph"), (Platform::Instagram, "webhook")] {
        let desk = Desk::with(|config| config.delivery.batch = 1).await;
        let page = desk.demo(platform);
        desk.fault(json!({ "target": named, "kind": "drop_echo" })).await;
        assert!(matches!(send(&desk, &page).await, SendOutcome::Sent { .. }));
        desk.fault(json!({ "target": target(platform), "kind": "duplicate" })).await;
        let SendOutcome::Sent { mid, .. } = send(&desk, &page).await else { panic!("not sent") };
        assert_eq!(mids(&desk, 2).await, [(mid.clone(), true), (mid, true)]);

        // Early: the answer waits until the echo was taken.
        desk.fault(json!({ "target": named, "kind": "echo_first" })).await;
        desk.open(false);
        let sending = send(&desk, &page);
        tokio::pin!(sending);
        let recorded = async {
            while desk.sent().await.len() < 3 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            outcome = &mut sending => panic!("answered before its echo: {outcome:?}"),
            () = recorded => {}
        }
        desk.open(true);
        let SendOutcome::Sent { mid, .. } = sending.await else { panic!("not sent") };
        assert_eq!(desk.posted_so_far(), 3);
        assert_eq!(mids(&desk, 3).await.pop(), Some((mid, true)));
    }
}

#[tokio::test]
async fn an_ordinary_echo_does_not_hold_the_answer() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    desk.open(false);
    assert!(matches!(send(&desk, &page).await, SendOutcome::Sent { .. }));
    assert_eq!(desk.posted_so_far(), 0);
    desk.open(true);
    desk.posted(1).await;
}

#[tokio::test]
async fn webhooks_are_doubled_and_repeated() {
    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Facebook);
    let repeated = |mid: &String, times: usize| vec![(mid.clone(), false); times];
    let mut expected = Vec::new();
    for (faults, times) in [
        (vec![json!({ "kind": "duplicate" }), json!({ "kind": "duplicate" })], 3),
        (vec![json!({ "kind": "cut_before", "count": 2 })], 1),
        (vec![json!({ "kind": "cut_after", "count": 2 })], 3),
        (vec![json!({ "kind": "status", "status": 500 })], 2),
        (vec![json!({ "kind": "delay", "delay_ms": 1 })], 1),
    ] {
        for mut fault in faults {
            fault["target"] = json!("webhook");
            desk.fault(fault).await;
        }
        let mid = desk.write(&page, "xin chào").await;
        assert_eq!(desk.settled(&page, &mid).await, "delivered");
        expected.extend(repeated(&mid, times));
        assert_eq!(mids(&desk, expected.len()).await, expected);
    }
}

#[tokio::test]
async fn a_profile_spares_the_fault_and_a_page_call_takes_it() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let account = account(&page, Login::Facebook);
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 190, "count": 1 })).await;
    assert!(desk.graph().user_profile(&account, &page.customers[0].id).await.is_ok());
    assert_eq!(desk.graph().page_profile(&account).await, Err(GraphError::InvalidToken));
    assert!(desk.graph().page_profile(&account).await.is_ok());
    desk.fault(json!({ "target": "graph", "kind": "status", "code": 230, "call": "profile" })).await;
    let refused = desk.graph().user_profile(&account, &page.customers[0].id).await;
    assert!(matches!(refused, Err(GraphError::Rejected { code: Some(230), .. })), "{refused:?}");
}

#[tokio::test]
async fn faults_are_listed_refused_and_forgotten() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    desk.fault(json!({ "target": "graph", "kind": "cut_before", "count": 5 })).await;
    let listed = desk.get("/sandbox/faults").await.1;
    assert_eq!(listed, json!({ "items": [{ "target": "graph", "kind": "cut_before", "count": 5 }] }));
    for bad in [
        json!({}),
        json!({ "target": "moon", "kind": "delay", "count": 1 }),
        json!({ "target": "graph", "kind": "explode", "count": 1 }),
        json!({ "target": "groq", "kind": "drop_echo", "count": 1 }),
        json!({ "target": "graph", "kind": "delay", "count": 1 }),
        Value::Null,
    ] {
        let (status, answer) = desk.put("/sandbox/faults", bad.clone()).await;
        assert_eq!((status, &answer["error"]["code"]), (422, &json!("invalid")), "{bad}");
    }
    assert_eq!(desk.delete("/sandbox/faults").await.0, 204);
    assert!(matches!(send(&desk, &page).await, SendOutcome::Sent { .. }));
}
