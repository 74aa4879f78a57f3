//! Every kind of event on demand, as the product's own parser reads it, and as the phone shows it.

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::{HandoverChange, Item, Kind, PolicyAction, Section};
use chatdesk_sandbox::Page;
use serde_json::{Value, json};

use crate::desk::Desk;

/// Has an event happen to the first customer's conversation and gives the item that comes of it, the `n`th in all.
async fn happen(desk: &Desk, page: &Page, n: usize, mut event: Value) -> Item {
    event["page_id"] = json!(page.page_id);
    let path = format!("/sandbox/customers/{}/events", page.customers[0].id);
    let (status, answer) = desk.post(&path, event.clone()).await;
    assert_eq!((status, &answer["subscribed"]), (201, &json!(true)), "{event} {answer}");
    desk.items(n).await.remove(n - 1)
}

async fn shown(desk: &Desk, page: &Page) -> Vec<Value> {
    let path = format!("/sandbox/threads/{}/{}", page.page_id, page.customers[0].id);
    desk.get(&path).await.1["items"].as_array().expect("items").clone()
}

#[tokio::test]
async fn what_happens_to_a_message_is_told_and_shown() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let desk = Desk::with(|config| config.delivery.batch = 1).await;
        let page = desk.demo(platform);
        let customer = &page.customers[0].id;
        let mid = desk.write(&page, "một").await;
        desk.items(1).await;
        let item =
            happen(&desk, &page, 2, json!({ "kind": "reaction", "mid": mid, "emoji": "👍", "reaction": "like" })).await;
        let Kind::Reaction(reaction) = item.kind else { panic!("{item:?}") };
        assert_eq!((&reaction.mid, reaction.reaction.as_deref(), reaction.by_business), (&mid, Some("👍"), false));
        let by_page = json!({ "kind": "reaction", "mid": mid, "by": "page" });
        let Kind::Reaction(reaction) = happen(&desk, &page, 3, by_page).await.kind else { panic!("no reaction") };
        assert!(reaction.by_business && reaction.customer == *customer);
        let both = json!([{ "by": "customer", "emoji": "👍" }, { "by": "page", "emoji": "❤" }]);
        assert_eq!(shown(&desk, &page).await[0]["reactions"], both);
        let back = json!({ "kind": "reaction", "mid": mid, "action": "unreact" });
        let Kind::Reaction(reaction) = happen(&desk, &page, 4, back).await.kind else { panic!("no reaction") };
        assert_eq!(reaction.reaction, None);

        for (n, text) in [(1, "hai"), (2, "ba")] {
            let item = happen(&desk, &page, 4 + n, json!({ "kind": "edit", "mid": mid, "text": text })).await;
            let Kind::Edit(edit) = item.kind else { panic!("{item:?}") };
            assert_eq!((edit.text.as_deref(), edit.number as usize), (Some(text), n));
        }
        assert_eq!(
            (&shown(&desk, &page).await[0]["text"], &shown(&desk, &page).await[0]["is_edited"]),
            (&json!("ba"), &json!(true))
        );
        let Kind::Unsend(unsend) = happen(&desk, &page, 7, json!({ "kind": "unsend", "mid": mid })).await.kind else {
            panic!("not taken back")
        };
        assert_eq!((&unsend.mid, unsend.customer.as_ref()), (&mid, Some(customer)));
        let item = &shown(&desk, &page).await[0];
        assert_eq!((&item["is_unsent"], &item["text"]), (&json!(true), &json!("")));
        // Of a message that nobody wrote here the event goes out all the same.
        let early =
            happen(&desk, &page, 8, json!({ "kind": "edit", "mid": "m_later", "text": "x", "num_edit": 3 })).await;
        assert!(matches!(early.kind, Kind::Edit(edit) if edit.number == 3));
    }
}

#[tokio::test]
async fn receipts_are_each_platforms_own() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let Kind::Read(read) =
        happen(&desk, &page, 1, json!({ "kind": "read", "watermark": 1_795_366_799_000_i64 })).await.kind
    else {
        panic!("not read")
    };
    assert!(read.mids.is_empty() && read.watermark_ms.is_some());
    let delivery = json!({ "kind": "delivery", "mids": ["m_1", "m_2"] });
    let Kind::Delivery(delivery) = happen(&desk, &page, 2, delivery).await.kind else { panic!("not delivered") };
    assert_eq!((delivery.mids, delivery.watermark_ms.is_some()), (vec!["m_1".to_owned(), "m_2".to_owned()], true));

    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Instagram);
    let path = format!("/sandbox/customers/{}/events", page.customers[0].id);
    for kind in ["read", "delivery"] {
        assert_eq!(desk.post(&path, json!({ "page_id": page.page_id, "kind": kind })).await.0, 422);
    }
    let human = json!({ "customer_id": page.customers[0].id, "text": "Dạ" });
    let (_, echo) = desk.post(&format!("/sandbox/pages/{}/human", page.page_id), human).await;
    desk.items(1).await;
    let Kind::Read(read) = happen(&desk, &page, 2, json!({ "kind": "read" })).await.kind else { panic!("not read") };
    assert_eq!((json!(read.mids), read.watermark_ms), (json!([echo["mid"]]), None));
}

#[tokio::test]
async fn buttons_links_and_rare_messages_come_as_metas_do() {
    for platform in [Platform::Facebook, Platform::Instagram] {
        let desk = Desk::with(|config| config.delivery.batch = 1).await;
        let page = desk.demo(platform);
        let tapped = json!({ "kind": "postback", "title": "Bắt đầu", "payload": "START", "referral": { "ref": "f", "source": "ADS", "type": "OPEN_THREAD" } });
        let Kind::Postback(tap) = happen(&desk, &page, 1, tapped).await.kind else { panic!("no postback") };
        assert_eq!(
            (tap.title.as_deref(), tap.payload.as_deref(), tap.mid.is_some()),
            (Some("Bắt đầu"), Some("START"), true)
        );
        assert_eq!(tap.referral.and_then(|referral| referral.reference).as_deref(), Some("f"));
        let bare = json!({ "kind": "postback", "title": "Bắt đầu", "without_mid": true });
        let Kind::Postback(tap) = happen(&desk, &page, 2, bare).await.kind else { panic!("no postback") };
        assert_eq!((tap.mid, tap.payload), (None, None));
        let Kind::Referral(came) = happen(&desk, &page, 3, json!({ "kind": "referral", "seconds": true })).await.kind
        else {
            panic!("no referral")
        };
        assert_eq!(came.referral.reference.as_deref(), Some("demo"));
        assert!(came.timestamp_ms.is_some_and(|at| at % 1000 == 0));
        let reply = json!({ "kind": "quick_reply", "text": "Cỡ M", "payload": "SIZE_M" });
        let Kind::Message(message) = happen(&desk, &page, 4, reply).await.kind else { panic!("no message") };
        assert_eq!(message.quick_reply_payload.as_deref(), Some("SIZE_M"));
        let Kind::Message(message) = happen(&desk, &page, 5, json!({ "kind": "unsupported" })).await.kind else {
            panic!("no message")
        };
        assert!(message.is_unsupported);
        assert_eq!(happen(&desk, &page, 6, json!({ "kind": "optin" })).await.kind, Kind::Optin);
        let raw = json!({ "kind": "raw", "item": { "new_thing": 1 }, "section": "standby" });
        let item = happen(&desk, &page, 7, raw).await;
        assert_eq!(item.section, Section::Standby);
        let texts: Vec<Value> = shown(&desk, &page).await.iter().map(|item| item["text"].clone()).collect();
        assert_eq!(texts, [json!("Bắt đầu"), json!("Bắt đầu"), json!("Cỡ M"), json!("")]);
    }
}

#[tokio::test]
async fn a_message_brings_along_what_it_refers_to() {
    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Instagram);
    let path = format!("/sandbox/customers/{}/messages", page.customers[0].id);
    let body = json!({
        "page_id": page.page_id, "text": "màu này đẹp", "standby": true, "at": "2026-11-01T10:00:00Z",
        "reply_to": { "story": { "id": "18055", "url": "https://x.example/s" } },
        "attachments": [{ "type": "location", "payload": { "coordinates": { "lat": 21.0, "long": 105.8 } } }],
    });
    assert_eq!(desk.post(&path, body).await.0, 201);
    let item = desk.items(1).await.remove(0);
    let Kind::Message(message) = &item.kind else { panic!("{item:?}") };
    assert_eq!((item.section, message.timestamp_ms), (Section::Standby, Some(1_793_527_200_000)));
    assert!(message.reply_to_story.is_some() && message.attachments[0].coordinates.is_some());
}

#[tokio::test]
async fn the_business_answers_elsewhere() {
    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Facebook);
    let path = format!("/sandbox/pages/{}/echo", page.page_id);
    for (n, (app, app_id)) in [
        (json!({ "app": "person" }), "263902037430900"),
        (json!({ "app": "other_app" }), "771100223344556"),
        (json!({ "app": "other_app", "app_id": 5 }), "5"),
        (json!({ "app": "ours", "metadata": "ref" }), "881204773561902"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = app;
        body["customer_id"] = json!(page.customers[0].id);
        body["text"] = json!("Dạ em đây");
        assert_eq!(desk.post(&path, body).await.0, 201);
        let Kind::Echo(echo) = desk.items(n + 1).await.remove(n).kind else { panic!("no echo") };
        assert_eq!(echo.app_id.as_deref(), Some(app_id));
    }
}

#[tokio::test]
async fn pages_change_hands_and_are_judged() {
    let desk = Desk::with(|config| config.delivery.batch = 1).await;
    let page = desk.demo(Platform::Facebook);
    let path = |what: &str| format!("/sandbox/pages/{}/{what}", page.page_id);
    let (ours, inbox) = (Some("881204773561902".to_owned()), Some("263902037430900".to_owned()));
    for (n, (body, expected)) in [
        (json!({ "change": "pass" }), HandoverChange::Pass { to: ours.clone(), from: inbox.clone() }),
        (json!({ "change": "take", "from": null }), HandoverChange::Take { to: inbox.clone(), from: None }),
        (
            json!({ "change": "pass", "to": "us", "from": "9" }),
            HandoverChange::Pass { to: ours, from: Some("9".into()) },
        ),
        (json!({ "change": "request" }), HandoverChange::Request { by: inbox }),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = body;
        body["customer_id"] = json!(page.customers[0].id);
        assert_eq!(desk.post(&path("handover"), body).await.0, 201);
        let Kind::Handover(handover) = desk.items(n + 1).await.remove(n).kind else { panic!("no handover") };
        assert_eq!((handover.change, &handover.customer), (expected, &page.customers[0].id));
    }
    assert_eq!(desk.post(&path("policy"), json!({ "action": "block", "reason": "spam" })).await.0, 201);
    let Kind::Policy(policy) = desk.items(5).await.remove(4).kind else { panic!("no policy") };
    assert_eq!(policy.action, PolicyAction::Block);
    for (n, (body, name)) in [
        (json!({ "kind": "app_roles" }), "app_roles"),
        (json!({ "kind": "comment" }), "changes.feed"),
        (json!({ "kind": "test" }), "test"),
        (json!({ "kind": "raw", "item": { "x": 1 } }), "unknown"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(desk.post(&path("events"), body.clone()).await.0, 201, "{body}");
        assert_eq!(desk.items(6 + n).await.remove(5 + n).kind.name(), name);
    }
    for (what, body, status) in [
        ("policy", json!({ "action": "forgive" }), 422),
        ("handover", json!({ "customer_id": "1", "change": "sell" }), 422),
        ("events", json!({ "kind": "raw", "item": {}, "section": "attic" }), 422),
    ] {
        assert_eq!(desk.post(&path(what), body).await.0, status, "{what}");
    }
    assert_eq!(desk.post("/sandbox/pages/1/policy", json!({ "action": "block" })).await.0, 404);
}

#[tokio::test]
async fn a_field_that_is_not_subscribed_brings_nothing() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let subscription = format!("/sandbox/pages/{}/subscription", page.page_id);
    assert_eq!(desk.put(&subscription, json!({ "fields": ["messages"] })).await.0, 204);
    let path = format!("/sandbox/customers/{}/events", page.customers[0].id);
    let read = json!({ "page_id": page.page_id, "kind": "read" });
    assert_eq!(desk.post(&path, read).await, (201, json!({ "subscribed": false })));
    desk.write(&page, "xin chào").await;
    assert_eq!(desk.items(1).await.len(), 1);
    assert_eq!(desk.delete(&subscription).await.0, 204);
    assert_eq!(desk.delete("/sandbox/pages/1/subscription").await.0, 404);
    let mid = desk.write(&page, "còn đó không?").await;
    assert_eq!(desk.settled(&page, &mid).await, "unsubscribed");
    for (body, status) in [
        (json!({ "page_id": page.page_id, "kind": "explode" }), 422),
        (json!({ "page_id": page.page_id, "kind": "edit", "mid": "m", "text": "" }), 422),
        (json!({ "page_id": "1", "kind": "read" }), 404),
    ] {
        assert_eq!(desk.post(&path, body.clone()).await.0, status, "{body}");
    }
}
