//! What the product's webhook gets.

use chatdesk_meta::graph::{SendOutcome, Tag};
use chatdesk_meta::{AppSecrets, Login, Platform};
use chatdesk_sandbox::{APP_SECRET, Page};
use serde_json::json;

use crate::desk::{Desk, account};

const BOTH: [(Platform, Login); 2] = [(Platform::Facebook, Login::Facebook), (Platform::Instagram, Login::Instagram)];

#[tokio::test]
async fn a_message_arrives_signed_in_metas_spelling() {
    for (platform, _) in BOTH {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let text = "Áo thun đỏ 1/2 giá? \u{1f600} \u{0}\"";
        let mid = desk.write(&page, text).await;
        assert!(mid.starts_with("m_"));
        let posted = desk.posted(1).await.remove(0);
        assert_eq!(posted.platform, platform.as_str());
        let secrets = AppSecrets::parse(APP_SECRET).expect("a secret");
        assert!(secrets.verify(posted.signature.as_ref(), &posted.body));
        let raw = std::str::from_utf8(&posted.body).expect("UTF-8");
        assert!(
            raw.is_ascii() && raw.contains(r"\u00c1o thun \u0111\u1ecf 1\/2 gi\u00e1? \ud83d\ude00 \u0000\"),
            "{raw}"
        );
        let body = posted.json();
        let object = if platform == Platform::Facebook { "page" } else { "instagram" };
        let item = &body["entry"][0]["messaging"][0];
        assert_eq!((&body["object"], &body["entry"][0]["id"]), (&json!(object), &json!(page.page_id)));
        assert_eq!(item["sender"]["id"], json!(page.customers[0].id));
        assert_eq!(item["recipient"]["id"], json!(page.page_id));
        assert_eq!(item["message"], json!({ "mid": mid, "text": text }));
        assert_eq!(desk.settled(&page, &mid).await, "delivered");
    }
}

#[tokio::test]
async fn an_echo_follows_a_send() {
    for (platform, login) in BOTH {
        let desk = Desk::new().await;
        let page = desk.demo(platform);
        let outcome = desk
            .graph()
            .send_text(
                &account(&page, login),
                &page.customers[0].id,
                "Dạ còn hàng ạ",
                Some("ref-1"),
                Tag::Response,
                &[],
            )
            .await;
        let SendOutcome::Sent { mid, .. } = outcome else { panic!("not sent: {outcome:?}") };
        let posted = desk.posted(1).await.remove(0);
        let item = &posted.json()["entry"][0]["messaging"][0];
        assert_eq!(item["sender"]["id"], json!(page.page_id));
        assert_eq!(item["recipient"]["id"], json!(page.customers[0].id));
        let message = &item["message"];
        assert_eq!((&message["mid"], &message["is_echo"]), (&json!(mid), &json!(true)));
        if platform == Platform::Facebook {
            assert_eq!(message["metadata"], json!("ref-1"));
            assert!(message["app_id"].is_u64());
        } else {
            assert!(message.get("metadata").is_none() && message.get("app_id").is_none());
        }
    }
}

#[tokio::test]
async fn an_unsubscribed_page_sends_nothing() {
    let desk = Desk::new().await;
    let subscribed = desk.demo(Platform::Facebook);
    let page = chatdesk_sandbox::connectable_pages().remove(0);
    let mid = desk.write(&page, "xin chào").await;
    assert_eq!(desk.settled(&page, &mid).await, "unsubscribed");
    let outcome = desk
        .graph()
        .send_text(&account(&page, Login::Facebook), &page.customers[0].id, "Dạ", None, Tag::Response, &[])
        .await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }));
    let later = desk.write(&subscribed, "còn hàng không?").await;
    let posted = desk.posted(1).await;
    assert_eq!(posted.iter().flat_map(crate::desk::Posted::mids).collect::<Vec<_>>(), [(later, false)]);
}

#[tokio::test]
async fn a_webhook_is_posted_until_it_is_taken_and_the_order_stays() {
    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Facebook);
    desk.answer(&[500, 302, 204]);
    let mids = [desk.write(&page, "một").await, desk.write(&page, "hai").await, desk.write(&page, "ba").await];
    let posted = desk.posted(6).await;
    let order: Vec<String> = posted.iter().flat_map(crate::desk::Posted::mids).map(|(mid, _)| mid).collect();
    let [one, two, three] = mids;
    assert_eq!(order, [one.clone(), one.clone(), one.clone(), one, two, three.clone()]);
    // The same bytes each time.
    assert_eq!(posted[0].body, posted[3].body);
    assert_eq!(desk.settled(&page, &three).await, "delivered");
}

#[tokio::test]
async fn what_waits_comes_in_one_batch() {
    let desk = Desk::with(|config| config.delivery.batch = 10).await;
    let page = desk.demo(Platform::Instagram);
    desk.open(false);
    let mut mids = Vec::new();
    for n in 0..13 {
        mids.push(desk.write(&page, &format!("câu {n}")).await);
    }
    desk.open(true);
    let posted = desk.posted_when(|posted| posted.iter().map(|one| one.mids().len()).sum::<usize>() >= 13).await;
    let order: Vec<String> = posted.iter().flat_map(crate::desk::Posted::mids).map(|(mid, _)| mid).collect();
    assert_eq!(order, mids);
    assert!(posted.iter().any(|one| one.mids().len() == 10));
    assert!(posted.iter().all(|one| one.mids().len() <= 10));
}

#[tokio::test]
async fn a_webhook_never_taken_is_given_up() {
    let desk = Desk::with(|config| config.delivery.attempts = 3).await;
    let page = desk.demo(Platform::Facebook);
    desk.answer(&[500, 500, 500]);
    let mid = desk.write(&page, "xin chào").await;
    assert_eq!(desk.settled(&page, &mid).await, "lost");
    assert_eq!(desk.posted_so_far(), 3);
    let next = desk.write(&page, "còn đó không?").await;
    assert_eq!(desk.settled(&page, &next).await, "delivered");
}

#[tokio::test]
async fn the_queue_has_an_end() {
    let desk = Desk::with(|config| {
        config.delivery.queue = 5;
        config.delivery.batch = 1;
    })
    .await;
    let page = desk.demo(Platform::Facebook);
    desk.open(false);
    let path = format!("/sandbox/customers/{}/messages", page.customers[0].id);
    let mut refused = 0;
    for n in 0..20 {
        let (status, answer) = desk.post(&path, json!({ "page_id": page.page_id, "text": n.to_string() })).await;
        assert!(status == 201 || status == 503 && answer["error"]["code"] == json!("busy"), "{status} {answer}");
        refused += usize::from(status == 503);
    }
    // One is under way besides those that wait.
    assert!((14..=15).contains(&refused), "{refused}");
    desk.open(true);
    assert!(desk.posted(20 - refused).await.iter().all(|one| one.mids().len() == 1));
}

#[tokio::test]
async fn pages_do_not_wait_for_each_other() {
    let pages: Vec<Page> = (0..40).map(|n| Page::numbered(Platform::Facebook, n, 1)).collect();
    let desk = Desk::with(|config| config.pages.extend(pages.clone())).await;
    desk.open(false);
    for page in &pages {
        assert!(desk.sandbox.subscribe(&page.page_id));
        desk.write(page, "xin chào").await;
    }
    desk.open(true);
    let mut got: Vec<String> = desk
        .posted(40)
        .await
        .iter()
        .map(|one| one.json()["entry"][0]["id"].as_str().expect("an id").to_owned())
        .collect();
    let mut expected: Vec<String> = pages.iter().map(|page| page.page_id.clone()).collect();
    got.sort_unstable();
    expected.sort_unstable();
    assert_eq!(got, expected);
}

#[tokio::test]
async fn the_handshake_proves_the_token() {
    let desk = Desk::new().await;
    assert_eq!(
        desk.post("/sandbox/handshake", json!({})).await,
        (200, json!({ "facebook": true, "instagram": false }))
    );
}
