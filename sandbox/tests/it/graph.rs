//! The Graph API, asked by the product's own client and by hand.

use chatdesk_meta::graph::{GraphError, RefusedReason, SendOutcome, Tag};
use chatdesk_meta::{AppSecrets, Login, Platform};
use chatdesk_platform::Clock;
use chatdesk_sandbox::{APP_SECRET, Page};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::desk::{Desk, account};

async fn say(desk: &Desk, page: &Page, body: Value) -> (u16, Value) {
    let path = format!("/graph/v25.0/{}/messages?access_token={}", page.page_id, page.access_token);
    desk.post(&path, body).await
}

fn text(customer: &str) -> Value {
    json!({ "recipient": { "id": customer }, "messaging_type": "RESPONSE", "message": { "text": "Dạ" } })
}

fn codes(answer: &(u16, Value)) -> (u16, i64, i64) {
    let error = &answer.1["error"];
    (answer.0, error["code"].as_i64().unwrap_or_default(), error["error_subcode"].as_i64().unwrap_or_default())
}

#[tokio::test]
async fn a_page_is_connected_read_and_left() {
    for (platform, login) in [
        (Platform::Facebook, Login::Facebook),
        (Platform::Instagram, Login::Instagram),
        (Platform::Instagram, Login::Facebook),
    ] {
        let desk = Desk::new().await;
        let page =
            chatdesk_sandbox::connectable_pages().into_iter().find(|page| page.platform == platform).expect("a page");
        let (graph, account) = (desk.graph(), account(&page, login));
        let profile = graph.page_profile(&account).await.expect("a profile");
        assert_eq!((&profile.id, &profile.name), (&page.page_id, &page.name));
        graph.subscribe(&account).await.expect("subscribed");
        let base = if login == Login::Facebook { "graph" } else { "instagram" };
        let path = format!("/{base}/v25.0/{}/subscribed_apps?access_token={}", page.page_id, page.access_token);
        let fields = desk.get(&path).await.1["data"][0]["subscribed_fields"].clone();
        assert!(fields.as_array().expect("fields").contains(&json!("messages")));
        desk.write(&page, "xin chào").await;
        assert_eq!(desk.posted(1).await.len(), 1);
        let customer = graph.user_profile(&account, &page.customers[0].id).await.expect("a profile");
        assert_eq!(customer.name.as_ref(), Some(&page.customers[0].name));
        let picture = desk.client.get(customer.profile_pic.expect("a picture")).send().await.expect("an answer");
        assert_eq!(picture.headers()["content-type"], "image/svg+xml");
        graph.unsubscribe(&account).await.expect("left");
        assert_eq!(desk.get(&path).await, (200, json!({ "data": [] })));
    }
}

#[tokio::test]
async fn a_wrong_token_opens_nothing() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let other = &chatdesk_sandbox::connectable_pages()[0];
    let with = |token: &str| {
        let mut account = account(&page, Login::Facebook);
        account.token = token.into();
        account
    };
    let graph = desk.graph();
    assert_eq!(graph.page_profile(&with("EAAwrong")).await, Err(GraphError::InvalidToken));
    assert_eq!(graph.page_profile(&with(&other.access_token)).await, Err(GraphError::OtherAccount));
    let outcome = graph.send_text(&with("EAAwrong"), &page.customers[0].id, "Dạ", None, Tag::Response, &[]).await;
    assert!(matches!(outcome, SendOutcome::Refused { reason: RefusedReason::NeedsReconnect, code: Some(190), .. }));
    let path = format!("/graph/v25.0/{}", page.page_id);
    assert_eq!(codes(&desk.get(&path).await), (400, 104, 0));
    assert_eq!(codes(&desk.get(&format!("{path}?access_token=x")).await), (401, 190, 0));
    let instagrams = format!("/instagram/v25.0/me?access_token={}", page.access_token);
    assert_eq!(codes(&desk.get(&instagrams).await), (401, 190, 0));
    let foreign = format!("/graph/v25.0/{}/messages?access_token={}", page.page_id, other.access_token);
    assert_eq!(codes(&desk.post(&foreign, text(&page.customers[0].id)).await), (400, 100, 33));
    assert!(desk.sent().await.is_empty());
}

#[tokio::test]
async fn a_proof_is_checked_when_given() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let secrets = AppSecrets::parse(APP_SECRET).expect("a secret");
    let proof = secrets.appsecret_proof(&page.access_token.as_str().into());
    let path = |proof: &str| format!("/graph/v25.0/me?access_token={}&appsecret_proof={proof}", page.access_token);
    assert_eq!(desk.get(&path(&proof)).await, (200, json!({ "id": page.page_id, "name": page.name })));
    assert_eq!(codes(&desk.get(&path("00")).await), (400, 100, 0));
}

#[tokio::test]
async fn messages_are_judged_as_meta_does() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let customer = &page.customers[0].id;
    let of = |message: Value| json!({ "recipient": { "id": customer }, "message": message });
    let with = |key: &str, value: &str| {
        let mut body = text(customer);
        body[key] = json!(value);
        body
    };
    for (body, expected) in [
        (json!({}), (400, 100, 0)),
        (json!({ "recipient": { "id": customer } }), (400, 100, 0)),
        (text("khách"), (400, 100, 2_018_001)),
        (text(&chatdesk_sandbox::connectable_pages()[0].customers[0].id), (400, 100, 2_018_001)),
        (of(json!({})), (400, 100, 0)),
        (of(json!({ "text": "  " })), (400, 100, 0)),
        (of(json!({ "text": "ạ".repeat(2001) })), (400, 100, 0)),
        (of(json!({ "text": "x", "metadata": "m".repeat(1000) })), (400, 100, 0)),
        (with("messaging_type", "SOON"), (400, 100, 0)),
        (with("messaging_type", "MESSAGE_TAG"), (400, 100, 0)),
        (with("tag", "POST_PURCHASE_UPDATE"), (400, 100, 0)),
        (with("sender_action", "typing_on"), (400, 100, 0)),
    ] {
        assert_eq!(codes(&say(&desk, &page, body.clone()).await), expected, "{body}");
    }
    assert!(desk.sent().await.is_empty());
    let (status, answer) =
        say(&desk, &page, of(json!({ "text": "ạ".repeat(2000), "metadata": "m".repeat(999) }))).await;
    assert_eq!((status, &answer["recipient_id"]), (200, &json!(customer)));
    assert_eq!(desk.sent().await[0]["mid"], answer["message_id"]);

    let instagram = desk.demo(Platform::Instagram);
    let path = format!("/instagram/v25.0/me/messages?access_token={}", instagram.access_token);
    let of = |text: String| json!({ "recipient": { "id": instagram.customers[0].id }, "message": { "text": text } });
    assert_eq!(codes(&desk.post(&path, of("ạ".repeat(334))).await), (400, 100, 0));
    assert_eq!(desk.post(&path, of("ạ".repeat(333))).await.0, 200);
}

#[tokio::test]
async fn a_form_is_taken_as_well() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let recipient = json!({ "id": page.customers[0].id }).to_string();
    let form = [
        ("access_token", page.access_token.as_str()),
        ("recipient", &recipient),
        ("message", r#"{"text":"Dạ còn ạ","metadata":"m1"}"#),
    ];
    let response = desk.client.post(desk.url("/graph/v25.0/me/messages")).form(&form).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let sent = desk.sent().await.remove(0);
    assert_eq!((&sent["text"], &sent["metadata"]), (&json!("Dạ còn ạ"), &json!("m1")));
}

#[tokio::test]
async fn the_window_closes_and_a_message_opens_it_again() {
    let (clock, hand) = Clock::manual(Clock::system().now());
    let desk = Desk::with(|config| config.clock = clock).await;
    for (platform, login, subcode) in
        [(Platform::Facebook, Login::Facebook, 2_018_278), (Platform::Instagram, Login::Instagram, 2_534_022)]
    {
        let page = desk.demo(platform);
        let graph = desk.graph();
        let account = account(&page, login);
        let send = |tag| graph.send_text(&account, &page.customers[0].id, "Dạ", None, tag, &[]);
        desk.write(&page, "xin chào").await;
        hand.advance(TimeDelta::hours(24));
        assert!(matches!(send(Tag::Response).await, SendOutcome::Sent { .. }));
        hand.advance(TimeDelta::milliseconds(1));
        let closed = |outcome: SendOutcome| matches!(outcome, SendOutcome::Refused { reason: RefusedReason::WindowClosed, code: Some(10), subcode: Some(got), .. } if got == subcode);
        assert!(closed(send(Tag::Response).await));
        assert!(matches!(send(Tag::HumanAgent).await, SendOutcome::Sent { .. }));
        hand.advance(TimeDelta::days(6));
        assert!(closed(send(Tag::HumanAgent).await));
        desk.write(&page, "còn đó không?").await;
        assert!(matches!(send(Tag::Response).await, SendOutcome::Sent { .. }));
    }
}

#[tokio::test]
async fn somebody_who_wrote_past_the_sandbox_can_be_answered() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let account = account(&page, Login::Facebook);
    let stranger = "65000000000042";
    let profile = desk.graph().user_profile(&account, stranger).await.expect("a profile");
    assert_eq!(profile.name.as_deref(), Some("Khách 0042"));
    let outcome = desk.graph().send_text(&account, stranger, "Dạ", None, Tag::Response, &[]).await;
    assert!(matches!(outcome, SendOutcome::Sent { .. }));
    assert_eq!(desk.posted(1).await[0].json()["entry"][0]["messaging"][0]["recipient"]["id"], json!(stranger));

    let strict = Desk::with(|config| config.strangers = 0).await;
    let outcome = strict.graph().send_text(&account, stranger, "Dạ", None, Tag::Response, &[]).await;
    assert!(matches!(outcome, SendOutcome::Refused { reason: RefusedReason::RecipientUnknown, .. }));
    assert_eq!(strict.graph().user_profile(&account, stranger).await.err(), Some(GraphError::NotFound));
}

#[tokio::test]
async fn typing_shows_on_the_phone_until_the_answer() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let customer = &page.customers[0].id;
    let thread = format!("/sandbox/threads/{}/{customer}", page.page_id);
    let typing = json!({ "recipient": { "id": customer }, "sender_action": "typing_on" });
    assert_eq!(say(&desk, &page, typing).await, (200, json!({ "recipient_id": customer })));
    assert!(desk.get(&thread).await.1["typing_ms"].as_i64() > Some(0));
    say(&desk, &page, text(customer)).await;
    assert_eq!(desk.get(&thread).await.1["typing_ms"], json!(0));
}

#[tokio::test]
async fn other_paths_and_fields_are_refused_in_metas_form() {
    let desk = Desk::new().await;
    let page = desk.demo(Platform::Facebook);
    let token = &page.access_token;
    for (path, expected) in [
        (format!("/graph/v25.0/nobody?access_token={token}"), (400, 100, 33)),
        (format!("/graph/v25.0/me?fields=id,shoe_size&access_token={token}"), (400, 100, 0)),
        (format!("/graph/25/me?access_token={token}"), (400, 2500, 0)),
        ("/graph/nothing".to_owned(), (400, 2500, 0)),
        (format!("/instagram/v25.0/me/messages/more?access_token={token}"), (400, 2500, 0)),
    ] {
        let answer = desk.get(&path).await;
        assert_eq!(codes(&answer), expected, "{path}");
        assert!(answer.1["error"]["fbtrace_id"].is_string() && answer.1["error"]["message"].is_string());
    }
    let bad = desk.client.post(desk.url("/graph/v25.0/me/messages")).body("{").send().await.expect("an answer");
    assert_eq!(bad.status(), 400);
}
