//! What Meta keeps of conversations, cards and signs for customers, and holding back when Meta asks for it.

use std::time::Duration;

use chatdesk_platform::ServiceName;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::send_text_response::{Outcome, Refused, Sent};
use chrono::TimeDelta;
use prost_types::Timestamp;
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, Shop, field, fields, problem};

async fn connected(house: &House) -> (Shop, String) {
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.take_seen();
    (shop, channel.id)
}

fn inbox(house: &House, shop: &Shop) -> ChannelServiceClient<chatdesk_platform::grpc::Client> {
    house.channels(shop.service(ServiceName::Inbox))
}

fn read(channel: &str, cursor: &str) -> pb::ReadThreadRequest {
    let (channel_id, cursor) = (channel.to_owned(), cursor.to_owned());
    pb::ReadThreadRequest { channel_id, platform_user_id: "71".into(), cursor, limit: 2 }
}

#[tokio::test]
async fn a_conversation_is_read_page_by_page() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let mut client = inbox(&house, &shop);
    let first = client.read_thread(read(&channel, "")).await.unwrap().into_inner();
    let seen: Vec<_> = first.messages.iter().map(|one| (one.mid.as_str(), one.is_from_business)).collect();
    assert_eq!(seen, [("m_3", true), ("m_2", false)]);
    assert_eq!(first.messages[0].text, "Dạ còn ạ");
    let attachment = &first.messages[1].attachments[0];
    assert_eq!((attachment.kind.as_str(), attachment.url.as_str()), ("image", "https://cdn.example/a.png"));
    assert!(first.messages[0].created_at.unwrap().seconds > first.messages[1].created_at.unwrap().seconds);
    let rest = client.read_thread(read(&channel, &first.next_cursor)).await.unwrap().into_inner();
    assert_eq!((rest.messages.len(), rest.messages[0].mid.as_str(), rest.next_cursor.as_str()), (1, "m_1", ""));
    let nobody = pb::ReadThreadRequest { platform_user_id: "79".into(), ..read(&channel, "") };
    assert!(client.read_thread(nobody).await.unwrap().into_inner().messages.is_empty());
    let bad = pb::ReadThreadRequest { platform_user_id: String::new(), limit: 51, ..read(&channel, "") };
    let expected = [field("platform_user_id", "required"), field("limit", "out_of_range")];
    assert_eq!(fields(client.read_thread(bad).await), expected);
}

#[tokio::test]
async fn conversations_are_listed_until_they_are_too_old() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let mut client = inbox(&house, &shop);
    let mut list = async |since: &str, cursor: &str| {
        let seconds = since.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
        let since = Some(Timestamp { seconds, nanos: 0 });
        let request = pb::ListThreadsRequest { channel_id: channel.clone(), since, cursor: cursor.to_owned() };
        let page = client.list_threads(request).await.unwrap().into_inner();
        let customers: Vec<_> = page.threads.into_iter().map(|thread| thread.platform_user_id).collect();
        (customers, page.next_cursor)
    };
    let (first, next) = list("2026-11-22T07:00:00Z", "").await;
    assert_eq!((first, next.as_str()), (vec!["71".to_owned()], "c2"));
    assert_eq!(list("2026-11-22T07:00:00Z", &next).await, (vec![], String::new()));
    assert_eq!(list("2026-11-22T06:00:00Z", &next).await, (vec!["72".to_owned()], String::new()));
    assert_eq!(list("2026-11-22T09:00:00Z", "").await, (vec![], String::new()), "nothing newer is behind");
    let request = pb::ListThreadsRequest { channel_id: channel.clone(), ..Default::default() };
    let refused = inbox(&house, &shop).list_threads(request).await;
    assert_eq!(fields(refused), [field("since", "required")]);
}

#[tokio::test]
async fn a_message_is_fetched_anew_and_every_failure_has_its_name() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let fetch = async |mid: &str| {
        let request = pb::FetchMessageRequest { channel_id: channel.clone(), mid: mid.to_owned() };
        inbox(&house, &shop).fetch_message(request).await.map(tonic::Response::into_inner)
    };
    let message = fetch("m_2").await.unwrap();
    assert_eq!((message.is_from_business, message.attachments.len()), (false, 1));
    assert!(fetch("m_3").await.unwrap().is_from_business);
    assert_eq!(problem(fetch("m_gone").await).status, Code::NotFound);
    for (code, status, word) in [
        (613, Code::ResourceExhausted, "rate_limited"),
        (10, Code::FailedPrecondition, "permission"),
        (368, Code::FailedPrecondition, "restricted"),
        (100, Code::NotFound, "not_found"),
    ] {
        house.graph.refuse_next(code);
        let told = problem(fetch("m_2").await);
        assert_eq!((told.status, told.code.as_str()), (status, word), "{code}");
    }
    house.graph.answer_next(500, json!({}));
    assert_eq!(problem(fetch("m_2").await).status, Code::Unavailable);
    assert_eq!(house.send_state("104").await.as_deref(), Some("ok"));
    house.graph.revoke("104");
    assert_eq!(problem(fetch("m_2").await).code, "needs_reconnect");
    assert_eq!(house.send_state("104").await.as_deref(), Some("needs_reconnect"));
    house.graph.take_seen();
    assert_eq!(problem(fetch("m_2").await).code, "needs_reconnect");
    assert_eq!(problem(inbox(&house, &shop).read_thread(read(&channel, "")).await).code, "needs_reconnect");
    assert!(house.graph.take_seen().is_empty(), "Meta is not asked with a dead token");
}

async fn cards(house: &House, shop: &Shop, channel: &str, cards: Vec<pb::Card>) -> Result<Outcome, Status> {
    let request = pb::SendCardsRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".into(),
        cards,
        metadata: "out-1".into(),
        tag: pb::SendTag::Response.into(),
    };
    Ok(inbox(house, shop).send_cards(request).await?.into_inner().outcome.unwrap())
}

#[tokio::test]
async fn cards_and_answers_to_tap_go_to_meta_as_they_are() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let card =
        pb::Card {
            title: "Áo đỏ".into(), subtitle: "150.000đ".into(), image_url: "https://x.example/a.png".into()
        };
    let plain = pb::Card { title: "Áo xanh".into(), ..Default::default() };
    let sent = cards(&house, &shop, &channel, vec![card.clone(), plain]).await.unwrap();
    assert_eq!(sent, Outcome::Sent(Sent { mid: "m_1".into() }));
    let body = house.graph.take_seen().remove(0).body;
    let elements = &body["message"]["attachment"]["payload"]["elements"];
    assert_eq!(elements[0], json!({"title": "Áo đỏ", "subtitle": "150.000đ", "image_url": "https://x.example/a.png"}));
    assert_eq!((&elements[1], &body["message"]["metadata"]), (&json!({"title": "Áo xanh"}), &json!("out-1")));
    for (bad, code) in [
        (vec![], "out_of_range"),
        (vec![card.clone(); 11], "out_of_range"),
        (vec![pb::Card::default()], "required"),
        (vec![pb::Card { subtitle: "x".repeat(81), ..card.clone() }], "too_long"),
        (vec![pb::Card { image_url: "http://x.example".into(), ..card.clone() }], "malformed"),
    ] {
        assert_eq!(fields(cards(&house, &shop, &channel, bad).await), [field("cards", code)]);
    }
    let other = house.shop("mai@lua.vn").await;
    assert_eq!(problem(cards(&house, &other, &channel, vec![card]).await).status, Code::NotFound);
    let text = pb::SendTextRequest {
        channel_id: channel.clone(),
        recipient_id: "71".into(),
        text: "Chọn màu ạ".into(),
        tag: pb::SendTag::Response.into(),
        quick_replies: vec![pb::QuickReply { title: "Đỏ".into(), payload: "red".into() }],
        ..Default::default()
    };
    inbox(&house, &shop).send_text(text).await.unwrap();
    let body = house.graph.take_seen().remove(0).body;
    assert_eq!(body["message"]["quick_replies"][0]["title"], "Đỏ");
}

async fn act(house: &House, shop: &Shop, channel: &str) -> Result<(), Status> {
    let request = pb::SendActionRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".into(),
        action: pb::SenderAction::TypingOn.into(),
    };
    inbox(house, shop).send_action(request).await.map(|_| ())
}

/// Waits for the next request that Meta sees.
async fn seen(house: &House) -> crate::graph::Seen {
    let one = async {
        loop {
            if let Some(seen) = house.graph.take_seen().pop() {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), one).await.expect("a request")
}

#[tokio::test]
async fn a_sign_is_shown_without_anybody_waiting() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    // Meta does not answer, and nobody notices.
    let bell = house.graph.hold_next_send();
    act(&house, &shop, &channel).await.unwrap();
    assert_eq!(seen(&house).await.body, json!({"recipient": {"id": "71"}, "sender_action": "typing_on"}));
    act(&house, &shop, &channel).await.unwrap();
    seen(&house).await;
    bell.notify_one();
    house.graph.refuse_next(1);
    act(&house, &shop, &channel).await.unwrap();
    seen(&house).await;
    let bad = pb::SendActionRequest { channel_id: channel.clone(), ..Default::default() };
    let expected = [field("recipient_id", "required"), field("action", "required")];
    assert_eq!(fields(inbox(&house, &shop).send_action(bad).await), expected);
    assert_eq!(problem(act(&house, &house.shop("mai@lua.vn").await, &channel).await).status, Code::NotFound);
    let request = pb::DisconnectChannelRequest { id: channel.clone() };
    house.channels(shop.owner()).disconnect_channel(request).await.unwrap();
    house.graph.take_seen();
    act(&house, &shop, &channel).await.unwrap();
    assert!(house.graph.take_seen().is_empty());
}

#[tokio::test]
async fn a_page_that_used_up_its_allowance_holds_back_alone() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let other = house.connect(&shop, "105").await.unwrap().id;
    let card = || vec![pb::Card { title: "Áo".into(), ..Default::default() }];
    house.graph.refuse_next(80006);
    assert!(matches!(cards(&house, &shop, &channel, card()).await.unwrap(), Outcome::TryLater(_)));
    house.graph.take_seen();
    let Outcome::TryLater(later) = cards(&house, &shop, &channel, card()).await.unwrap() else { panic!("asked") };
    assert_eq!((later.code.as_str(), later.after.unwrap().seconds), ("rate_limited", 60));
    act(&house, &shop, &channel).await.unwrap();
    assert!(house.graph.take_seen().is_empty(), "not even a sign");
    assert!(matches!(cards(&house, &shop, &other, card()).await.unwrap(), Outcome::Sent(_)));
    house.hand.advance(TimeDelta::seconds(60));
    assert!(matches!(cards(&house, &shop, &channel, card()).await.unwrap(), Outcome::Sent(_)));
    // The app's own allowance is everybody's.
    house.graph.refuse_next(4);
    assert!(matches!(cards(&house, &shop, &channel, card()).await.unwrap(), Outcome::TryLater(_)));
    assert!(matches!(cards(&house, &shop, &other, card()).await.unwrap(), Outcome::TryLater(_)));
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words_for_every_row_of_the_table() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let card = || vec![pb::Card { title: "Áo".into(), ..Default::default() }];
    for (code, subcode, state, word) in [
        (190, 458, "needs_reconnect", "removed"),
        (190, 459, "needs_reconnect", "confirm"),
        (190, 460, "needs_reconnect", "password"),
        (190, 463, "needs_reconnect", "expired"),
        (190, 492, "needs_reconnect", "manage"),
        (200, 2_018_028, "needs_reconnect", "permission"),
        (10, 1_893_063, "restricted", "restricts"),
        (368, 0, "restricted", "blocked"),
    ] {
        house.connect(&shop, "104").await.unwrap();
        house.graph.answer_next(400, json!({"error": {"code": code, "error_subcode": subcode}}));
        let outcome = cards(&house, &shop, &channel, card()).await.unwrap();
        assert!(matches!(outcome, Outcome::Refused(Refused { .. })), "{outcome:?}");
        assert_eq!(house.send_state("104").await.as_deref(), Some(state), "{code}/{subcode}");
        let detail = house.list(&shop).await.remove(0).health_detail;
        assert!(detail.contains(word), "{code}/{subcode}: {detail}");
    }
}
