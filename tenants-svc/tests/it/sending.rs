//! What becomes of a text, and what it tells about the channel.

use chatdesk_platform::{ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::send_text_response::{Outcome, Refused, Sent, TryLater, Unknown};
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, Shop, field, fields, problem};

fn text(channel: &str) -> pb::SendTextRequest {
    pb::SendTextRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".to_owned(),
        text: "Dạ còn ạ".to_owned(),
        metadata: "out-1".to_owned(),
        tag: pb::SendTag::Response.into(),
        quick_replies: Vec::new(),
    }
}

async fn send(house: &House, shop: &Shop, request: pb::SendTextRequest) -> Result<Outcome, Status> {
    let mut client = house.channels(shop.service(ServiceName::Inbox));
    Ok(client.send_text(request).await?.into_inner().outcome.unwrap())
}

fn refusal(outcome: Outcome) -> String {
    let Outcome::Refused(Refused { code, detail }) = outcome else { panic!("{outcome:?}") };
    assert!(detail.ends_with('.'), "{detail}");
    code
}

async fn health(house: &House, shop: &Shop) -> pb::HealthState {
    house.list(shop).await[0].health_state()
}

async fn connected(house: &House) -> (Shop, String) {
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.take_seen();
    (shop, channel.id)
}

#[tokio::test]
async fn a_text_goes_to_meta_as_it_is() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let sent = send(&house, &shop, text(&channel)).await.unwrap();
    assert_eq!(sent, Outcome::Sent(Sent { mid: "m_1".into() }));
    let late = pb::SendTextRequest { tag: pb::SendTag::HumanAgent.into(), metadata: String::new(), ..text(&channel) };
    send(&house, &shop, late).await.unwrap();
    let seen = house.graph.take_seen();
    assert_eq!(seen[0].line, "POST /graph/v25.0/104/messages");
    assert_eq!(seen[0].authorization, "Bearer token-of-104");
    let expected = json!({
        "recipient": {"id": "71"}, "messaging_type": "RESPONSE", "message": {"text": "Dạ còn ạ", "metadata": "out-1"},
    });
    assert_eq!(seen[0].body, expected);
    assert_eq!((&seen[1].body["tag"], &seen[1].body["message"]), (&json!("HUMAN_AGENT"), &json!({"text": "Dạ còn ạ"})));
}

#[tokio::test]
async fn what_meta_says_is_passed_on_and_never_tried_again() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    house.graph.answer_next(400, json!({"error": {"code": 10, "error_subcode": 2_018_278}}));
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "window_closed");
    house.graph.refuse_next(551);
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "recipient_unavailable");
    house.graph.refuse_next(613);
    let Outcome::TryLater(TryLater { after, code }) = send(&house, &shop, text(&channel)).await.unwrap() else {
        panic!("not a wait")
    };
    assert_eq!((code.as_str(), after.unwrap().seconds), ("rate_limited", 60));
    // Until then the channel holds back, and Meta is not asked.
    let Outcome::TryLater(held) = send(&house, &shop, text(&channel)).await.unwrap() else { panic!("not a wait") };
    assert_eq!((held.code.as_str(), held.after.unwrap().seconds), ("rate_limited", 60));
    house.hand.advance(chrono::TimeDelta::seconds(60));
    house.graph.answer_next(503, json!({}));
    let unknown = send(&house, &shop, text(&channel)).await.unwrap();
    assert_eq!(unknown, Outcome::Unknown(Unknown { detail: "server_error".into() }));
    house.graph.answer_next(200, json!({"ok": true}));
    let unknown = send(&house, &shop, text(&channel)).await.unwrap();
    assert_eq!(unknown, Outcome::Unknown(Unknown { detail: "no_message_id".into() }));
    assert_eq!(house.graph.take_seen().len(), 5, "one request each");
    assert_eq!(health(&house, &shop).await, pb::HealthState::Ok);
}

#[tokio::test]
async fn a_dead_token_stops_the_channel_until_it_is_connected_again() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    house.graph.refuse_next(190);
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "needs_reconnect");
    assert_eq!(health(&house, &shop).await, pb::HealthState::NeedsReconnect);
    house.graph.take_seen();
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "needs_reconnect");
    assert!(house.graph.take_seen().is_empty(), "Meta is not asked again");
    let again = house.connect(&shop, "104").await.unwrap();
    assert_eq!((again.id.as_str(), again.health_state()), (channel.as_str(), pb::HealthState::Ok));
    assert!(matches!(send(&house, &shop, text(&channel)).await.unwrap(), Outcome::Sent(_)));
}

#[tokio::test]
async fn a_restriction_shows_until_a_text_gets_through() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    house.graph.refuse_next(368);
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "restricted");
    assert_eq!(health(&house, &shop).await, pb::HealthState::Restricted);
    assert!(matches!(send(&house, &shop, text(&channel)).await.unwrap(), Outcome::Sent(_)));
    assert_eq!(health(&house, &shop).await, pb::HealthState::Ok);
}

#[tokio::test]
async fn what_an_old_token_was_told_says_nothing_about_the_new_one() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    house.graph.refuse_next(368);
    send(&house, &shop, text(&channel)).await.unwrap();
    house.graph.take_seen();
    // While Meta thinks about a text, the channel gets another token, which is restricted too.
    let bell = house.graph.hold_next_send();
    let pool = house.db.superuser().await;
    let sending = send(&house, &shop, text(&channel));
    let reconnecting = async {
        while house.graph.take_seen().is_empty() {
            tokio::task::yield_now().await;
        }
        sqlx::query("update tenants.channels set token = token || 'x'").execute(&pool).await.unwrap();
        bell.notify_one();
    };
    let (sent, ()) = tokio::join!(sending, reconnecting);
    assert!(matches!(sent.unwrap(), Outcome::Sent(_)));
    assert_eq!(health(&house, &shop).await, pb::HealthState::Restricted);
}

#[tokio::test]
async fn nothing_is_sent_for_a_suspended_tenant_or_through_a_disconnected_page() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let tenant_id = shop.tenant.to_string();
    let request = pb::SuspendTenantRequest { tenant_id: tenant_id.clone(), reason: "unpaid".into() };
    house.admin().suspend_tenant(request).await.unwrap();
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "tenant_suspended");
    house.admin().resume_tenant(pb::ResumeTenantRequest { tenant_id }).await.unwrap();
    assert!(matches!(send(&house, &shop, text(&channel)).await.unwrap(), Outcome::Sent(_)));
    house.graph.take_seen();
    let request = pb::DisconnectChannelRequest { id: channel.clone() };
    house.channels(shop.owner()).disconnect_channel(request).await.unwrap();
    house.graph.take_seen();
    assert_eq!(refusal(send(&house, &shop, text(&channel)).await.unwrap()), "channel_disconnected");
    assert!(house.graph.take_seen().is_empty());
}

#[tokio::test]
async fn bad_fields_and_foreign_channels_are_refused() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let other = house.shop("mai@lua.vn").await;
    for id in [channel.as_str(), &new_id().to_string(), "x"] {
        assert_eq!(problem(send(&house, &other, text(id)).await).status, Code::NotFound);
    }
    let bad = pb::SendTextRequest {
        channel_id: channel.clone(),
        recipient_id: String::new(),
        text: "a\0".into(),
        metadata: "x".repeat(1000),
        tag: 0,
        quick_replies: vec![pb::QuickReply::default(); 14],
    };
    let expected = [
        field("recipient_id", "required"),
        field("text", "malformed"),
        field("metadata", "too_long"),
        field("tag", "required"),
        field("quick_replies", "out_of_range"),
    ];
    assert_eq!(fields(send(&house, &shop, bad).await), expected);
    for who in [shop.owner(), shop.service(ServiceName::Ai)] {
        assert_eq!(problem(house.channels(who).send_text(text(&channel)).await).status, Code::PermissionDenied);
    }
    assert!(house.graph.take_seen().is_empty());
}

#[tokio::test]
async fn a_customers_profile_is_what_meta_tells() {
    let house = House::new().await;
    let (shop, channel) = connected(&house).await;
    let fetch = async |shop: &Shop| {
        let request = pb::FetchContactProfileRequest { channel_id: channel.clone(), platform_user_id: "71".into() };
        let mut client = house.channels(shop.service(ServiceName::Inbox));
        client.fetch_contact_profile(request).await.map(tonic::Response::into_inner)
    };
    let profile = fetch(&shop).await.unwrap();
    assert_eq!(
        (profile.display_name.as_str(), profile.profile_pic_url.as_str()),
        ("Lan Nguyễn", "https://x.example/p.jpg")
    );
    house.graph.refuse_next(230);
    assert_eq!(fetch(&shop).await.unwrap(), pb::ContactProfile::default());
    house.graph.answer_next(500, json!({}));
    assert_eq!(problem(fetch(&shop).await).status, Code::Unavailable);
    assert_eq!(problem(fetch(&house.shop("mai@lua.vn").await).await).status, Code::NotFound);
    house.graph.refuse_next(190);
    assert_eq!(problem(fetch(&shop).await).code, "needs_reconnect");
    assert_eq!(health(&house, &shop).await, pb::HealthState::NeedsReconnect);
    house.graph.take_seen();
    assert_eq!(problem(fetch(&shop).await).code, "needs_reconnect");
    assert!(house.graph.take_seen().is_empty());
}
