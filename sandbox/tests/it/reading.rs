//! Conversations as Meta keeps them: lists with paging, what was never delivered, what was taken back, and addresses that expire.

use chatdesk_meta::graph::{GraphError, Tag};
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Clock;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::desk::{Desk, account};

const ALL: [(Platform, Login); 3] = [
    (Platform::Facebook, Login::Facebook),
    (Platform::Instagram, Login::Instagram),
    (Platform::Instagram, Login::Facebook),
];

#[tokio::test]
async fn conversations_are_read_page_by_page() {
    for (platform, login) in ALL {
        let (clock, hand) = Clock::manual(Clock::system().now());
        let desk = Desk::with(|config| config.clock = clock).await;
        let page = desk.demo(platform);
        let (graph, account) = (desk.graph(), account(&page, login));
        let mut customers: Vec<String> = page.customers.iter().map(|customer| customer.id.clone()).collect();
        customers.extend((0..60).map(|n| format!("65000000000{n:04}")));
        for customer in &customers {
            hand.advance(TimeDelta::seconds(1));
            let path = format!("/sandbox/customers/{customer}/messages");
            assert_eq!(desk.post(&path, json!({ "page_id": page.page_id, "text": "xin chào" })).await.0, 201);
        }
        let (mut read, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let list = graph.threads(&account, cursor.as_deref()).await.expect("threads");
            pages += 1;
            read.extend(list.items);
            cursor = list.next;
            if cursor.is_none() {
                break;
            }
        }
        customers.reverse();
        let ids: Vec<&String> = read.iter().map(|thread| &thread.customer).collect();
        assert_eq!((ids, pages), (customers.iter().collect(), 2));
        assert!(read.is_sorted_by(|a, b| a.updated_ms >= b.updated_ms));
        assert!(read.last().is_some_and(|thread| thread.name.is_some()));
    }
}

#[tokio::test]
async fn a_conversations_messages_are_read_newest_first() {
    for (platform, login) in ALL {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let (graph, account) = (desk.graph(), account(&page, login));
        let customer = &page.customers[0].id;
        let path = format!("/sandbox/pages/{}/history", page.page_id);
        let (status, seeded) = desk.post(&path, json!({ "customer_id": customer, "count": 45, "days": 30 })).await;
        assert_eq!(status, 201);
        let path = format!("/sandbox/customers/{customer}/messages");
        let lost = json!({ "page_id": page.page_id, "text": "Meta quên tin này", "drop": true });
        let (_, dropped) = desk.post(&path, lost).await;
        assert_eq!(dropped["subscribed"], json!(false));
        graph.send_text(&account, customer, "Dạ còn ạ", None, Tag::Response, &[]).await;
        let (mut read, mut cursor) = (Vec::new(), None);
        loop {
            let list = graph.thread(&account, customer, cursor.as_deref(), 20).await.expect("messages");
            read.extend(list.items);
            cursor = list.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read.len(), 47);
        assert!(read.is_sorted_by(|a, b| a.created_ms >= b.created_ms));
        assert_eq!((read[0].from.as_str(), read[0].text.as_deref()), (page.page_id.as_str(), Some("Dạ còn ạ")));
        assert_eq!((&read[1].from, json!(read[1].mid)), (customer, dropped["mid"].clone()));
        let seeded = seeded["mids"].as_array().expect("mids");
        assert_eq!(read.iter().rev().take(45).map(|one| json!(one.mid)).collect::<Vec<_>>(), *seeded);
        let month = TimeDelta::days(30).num_milliseconds();
        assert!(
            read[0].created_ms - read[46].created_ms <= month
                && read[0].created_ms - read[46].created_ms > month * 9 / 10
        );
        // Only the echo went out.
        assert_eq!(desk.items(1).await.len(), 1);
        let nobody = graph.thread(&account, "65000000000042", None, 20).await.expect("nothing");
        assert!(nobody.items.is_empty() && nobody.next.is_none());
    }
}

#[tokio::test]
async fn one_message_is_read_until_it_is_taken_back() {
    for (platform, login) in ALL {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let (graph, account) = (desk.graph(), account(&page, login));
        let mid = desk.write(&page, "xin chào").await;
        let message = graph.message(&account, &mid).await.expect("a message");
        assert_eq!((message.mid.as_str(), message.text.as_deref()), (mid.as_str(), Some("xin chào")));
        assert_eq!(message.from, page.customers[0].id);
        let unsend = json!({ "page_id": page.page_id, "kind": "unsend", "mid": mid });
        assert_eq!(desk.post(&format!("/sandbox/customers/{}/events", page.customers[0].id), unsend).await.0, 201);
        assert_eq!(graph.message(&account, &mid).await, Err(GraphError::NotFound));
        assert!(graph.thread(&account, &page.customers[0].id, None, 9).await.expect("a thread").items.is_empty());
        let other =
            chatdesk_sandbox::connectable_pages().into_iter().find(|page| page.platform == platform).expect("one");
        let theirs = desk.write(&other, "xin chào").await;
        assert_eq!(graph.message(&account, &theirs).await, Err(GraphError::NotFound));
    }
}

#[tokio::test]
async fn an_expired_address_is_made_anew_by_reading_the_message() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let (graph, account) = (desk.graph(), account(&page, Login::Facebook));
    let upload = async |kind: &str| -> Value {
        let request = desk.client.post(desk.url("/sandbox/media")).header("content-type", kind).body("bytes");
        request.send().await.expect("an answer").json().await.expect("JSON")
    };
    let files = [
        upload("image/jpeg").await,
        upload("video/mp4").await,
        upload("audio/mpeg").await,
        upload("application/pdf").await,
    ];
    let path = format!("/sandbox/customers/{}/messages", page.customers[0].id);
    let foreign = json!({ "type": "image", "url": "https://x.example/a.png" });
    let all: Vec<Value> = files.iter().cloned().chain([foreign]).collect();
    let (_, written) = desk.post(&path, json!({ "page_id": page.page_id, "attachments": all })).await;
    let mid = written["mid"].as_str().expect("a mid");
    let status = async |url: &str| desk.client.get(url).send().await.expect("an answer").status().as_u16();
    let old = files[0]["url"].as_str().expect("an address");
    assert_eq!(status(old).await, 200);
    for refusal in [403, 404] {
        assert_eq!(desk.post("/sandbox/media/expire", json!({ "status": refusal })).await.0, 204);
        assert_eq!(status(old).await, refusal);
        let message = graph.message(&account, mid).await.expect("a message");
        let kinds: Vec<&str> = message.attachments.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(kinds, ["image", "video", "audio", "file", "image"]);
        for one in &message.attachments[..4] {
            assert_eq!(status(one.url.as_deref().expect("an address")).await, 200, "{one:?}");
        }
        assert_eq!(message.attachments[4].url.as_deref(), Some("https://x.example/a.png"));
    }
    // The phone has the file itself, and what comes later has a good address.
    assert_eq!(status(&format!("{old}?phone=1")).await, 200);
    assert_eq!(status(upload("image/png").await["url"].as_str().expect("an address")).await, 200);
    assert_eq!(desk.post("/sandbox/media/expire", json!({ "status": 500 })).await.0, 422);
}

#[tokio::test]
async fn reads_fail_on_order_and_spare_other_faults() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let (graph, account) = (desk.graph(), account(&page, Login::Facebook));
    let customer = &page.customers[0].id;
    let mid = desk.write(&page, "xin chào").await;
    desk.fault(json!({ "target": "graph", "kind": "cut_before" })).await;
    graph.threads(&account, None).await.expect("spared");
    desk.delete("/sandbox/faults").await;
    desk.fault(json!({ "target": "graph", "kind": "status", "status": 500, "path": "/conversations", "count": 3 }))
        .await;
    graph.send_text(&account, customer, "Dạ", None, Tag::Response, &[]).await;
    assert_eq!(desk.sent().await.len(), 1);
    assert_eq!(graph.threads(&account, None).await.err(), Some(GraphError::Unavailable));
    assert_eq!(graph.thread(&account, customer, None, 5).await.err(), Some(GraphError::Unavailable));
    assert_eq!(graph.message(&account, &mid).await.err(), Some(GraphError::Unavailable));
    graph.message(&account, &mid).await.expect("a message");
}

#[tokio::test]
async fn reads_are_refused_in_metas_form() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    desk.write(&page, "xin chào").await;
    let of = |path: &str, query: &str| format!("/graph/v25.0/{path}?access_token={}&{query}", page.access_token);
    for (path, expected) in [
        (of("me/conversations", "platform=instagram"), (400, 100)),
        (of("me/conversations", "platform=telegram"), (400, 100)),
        (of("me/conversations", "after=x"), (400, 100)),
        (of("me/conversations", "fields=shoe_size"), (400, 100)),
        (of("t_1_2/messages", ""), (400, 100)),
        (of("m_0", ""), (400, 100)),
        ("/graph/v25.0/me/conversations".to_owned(), (400, 104)),
        ("/instagram/v25.0/me/accounts?access_token=x".to_owned(), (400, 2500)),
    ] {
        let (status, answer) = desk.get(&path).await;
        assert_eq!((status, answer["error"]["code"].as_i64().unwrap_or_default()), expected, "{path} {answer}");
    }
    let path = format!("/sandbox/pages/{}/history", page.page_id);
    let customer = &page.customers[0].id;
    for (body, status) in [
        (json!({ "customer_id": customer, "count": 0 }), 422),
        (json!({ "customer_id": customer, "count": 201 }), 422),
        (json!({ "customer_id": customer, "count": 2, "texts": [""] }), 422),
        (json!({ "customer_id": "nobody", "count": 2 }), 404),
        (json!({ "customer_id": customer, "count": 2, "texts": ["một", "hai"] }), 201),
    ] {
        assert_eq!(desk.post(&path, body.clone()).await.0, status, "{body}");
    }
}
