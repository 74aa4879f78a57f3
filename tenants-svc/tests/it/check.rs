//! Whether a channel is well: what is asked, mended, noted, and renewed.

use std::time::Duration;

use chatdesk_platform::ServiceName;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::send_text_response::Outcome;
use chatdesk_proto::tenants::v1::{HealthState, Platform};
use chrono::TimeDelta;
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, Shop, account, connect_request, problem, start, vars};

async fn check(house: &House, shop: &Shop, id: &str) -> Result<pb::Channel, Status> {
    let request = pb::CheckChannelRequest { id: id.to_owned() };
    Ok(house.channels(shop.owner()).check_channel(request).await?.into_inner())
}

async fn send(house: &House, shop: &Shop, channel: &str) -> Outcome {
    let request = pb::SendTextRequest {
        channel_id: channel.to_owned(),
        recipient_id: "71".to_owned(),
        text: "Dạ còn ạ".to_owned(),
        tag: pb::SendTag::Response.into(),
        ..Default::default()
    };
    let mut client = house.channels(shop.service(ServiceName::Inbox));
    client.send_text(request).await.unwrap().into_inner().outcome.unwrap()
}

#[tokio::test]
async fn a_lost_subscription_is_mended_silently() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.hand.advance(TimeDelta::hours(1));
    house.graph.take_seen();
    let well = check(&house, &shop, &channel.id).await.unwrap();
    assert_eq!((well.health_state(), well.health_detail.as_str()), (HealthState::Ok, ""));
    assert_eq!(well.checked_at.unwrap().seconds, house.clock.now().timestamp());
    assert!(house.graph.take_seen().iter().all(|seen| seen.line.starts_with("GET ")), "nothing was to be mended");
    house.graph.forget_subscription("104");
    assert_eq!(check(&house, &shop, &channel.id).await.unwrap().health_state(), HealthState::Ok);
    assert!(house.graph.is_subscribed("104"));
}

#[tokio::test]
async fn a_token_that_dies_is_noted_at_once_and_every_way_back_works() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let first = house.connect(&shop, "104").await.unwrap();
    assert_eq!(house.send_state("104").await.as_deref(), Some("ok"));
    let dies = async || {
        house.graph.revoke("104");
        let Outcome::Refused(refused) = send(&house, &shop, &first.id).await else { panic!("sent") };
        assert_eq!(refused.code, "needs_reconnect");
        assert_eq!(house.send_state("104").await.as_deref(), Some("needs_reconnect"));
        let channel = house.list(&shop).await.remove(0);
        assert_eq!((channel.health_state(), channel.is_active), (HealthState::NeedsReconnect, true));
        assert!(channel.health_detail.contains("password"), "{}", channel.health_detail);
        house.graph.restore("104");
    };
    let is_well = async |channel: &pb::Channel| {
        assert_eq!((channel.id.as_str(), channel.health_state()), (first.id.as_str(), HealthState::Ok));
        assert_eq!(house.send_state("104").await.as_deref(), Some("ok"));
        assert!(matches!(send(&house, &shop, &first.id).await, Outcome::Sent(_)));
    };
    // By a token.
    dies().await;
    is_well(&house.connect(&shop, "104").await.unwrap()).await;
    // By a login.
    dies().await;
    house.graph.allow(vec![account("104", &["MANAGE"], None)]);
    let grant = house.grant(shop.owner(), Platform::Facebook, "9001").await.unwrap();
    is_well(&house.connect_granted(shop.owner(), &grant.id, Platform::Facebook, "104").await.unwrap()).await;
    // Meta takes the token again: whoever had to log in did.
    dies().await;
    is_well(&check(&house, &shop, &first.id).await.unwrap()).await;
}

#[tokio::test]
async fn a_check_notes_what_it_cannot_mend() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.revoke("104");
    let dead = check(&house, &shop, &channel.id).await.unwrap();
    assert_eq!(dead.health_state(), HealthState::NeedsReconnect);
    assert!(dead.health_detail.ends_with('.') && dead.checked_at.is_some());
    assert_eq!(house.send_state("104").await.as_deref(), Some("needs_reconnect"));
    house.graph.restore("104");
    house.graph.forget_subscription("104");
    house.graph.answer_next(200, json!({"id": "104", "name": "Page 104"}));
    house.graph.answer_next(200, json!({"data": []}));
    house.graph.refuse_next(200);
    let unmended = check(&house, &shop, &channel.id).await.unwrap();
    assert_eq!(unmended.health_state(), HealthState::NeedsReconnect);
    assert!(unmended.health_detail.contains("permission"), "{}", unmended.health_detail);
}

#[tokio::test]
async fn what_could_not_be_asked_changes_nothing() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.answer_next(503, json!({}));
    assert_eq!(problem(check(&house, &shop, &channel.id).await).status, Code::Unavailable);
    house.graph.refuse_next(613);
    assert_eq!(problem(check(&house, &shop, &channel.id).await).code, "rate_limited");
    assert_eq!(house.list(&shop).await, std::slice::from_ref(&channel));
    let request = pb::DisconnectChannelRequest { id: channel.id.clone() };
    house.channels(shop.owner()).disconnect_channel(request).await.unwrap();
    assert_eq!(problem(check(&house, &shop, &channel.id).await).code, "channel_disconnected");
    let other = house.shop("mai@lua.vn").await;
    assert_eq!(problem(check(&house, &other, &channel.id).await).status, Code::NotFound);
}

#[tokio::test]
async fn a_restriction_is_tried_again_after_a_while_or_when_somebody_asks() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.refuse_next(368);
    assert!(matches!(send(&house, &shop, &channel.id).await, Outcome::Refused(_)));
    assert_eq!(house.send_state("104").await.as_deref(), Some("restricted"));
    let pool = house.db.superuser().await;
    let sql = "select due_at from routing.due_work where kind = 'channel_check'";
    let due: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    assert!(due - house.clock.now() <= TimeDelta::minutes(15), "{due}");
    let shown = check(&house, &shop, &channel.id).await.unwrap();
    assert_eq!(shown.health_state(), HealthState::Restricted, "that it can be asked for proves nothing");
    assert_eq!(house.send_state("104").await.as_deref(), Some("ok"), "a message may try");
}

#[tokio::test]
async fn what_a_message_met_is_over_when_a_message_goes_out() {
    for (code, health, reason) in
        [(368, HealthState::Restricted, "blocked"), (200, HealthState::NeedsReconnect, "permission")]
    {
        let house = House::new().await;
        let shop = house.shop("lan@gom.vn").await;
        let channel = house.connect(&shop, "104").await.unwrap();
        let refused = async || {
            house.graph.refuse_next(code);
            assert!(matches!(send(&house, &shop, &channel.id).await, Outcome::Refused(_)));
        };
        let is_shown = async |state: Option<&str>| {
            let shown = house.list(&shop).await.remove(0);
            assert_eq!((shown.health_state(), shown.health_reason.as_str()), (health, reason));
            assert_eq!(shown.sending(), pb::Sending::Waiting);
            assert_eq!(house.send_state("104").await.as_deref(), state);
            shown
        };
        let held = Some(if code == 368 { "restricted" } else { "needs_reconnect" });
        refused().await;
        let first = is_shown(held).await;
        for _ in 0..2 {
            // Meta says that all is well, and refuses the next message all the same.
            house.hand.advance(TimeDelta::minutes(15));
            assert_eq!(check(&house, &shop, &channel.id).await.unwrap().health_state(), health);
            is_shown(Some("ok")).await;
            refused().await;
            let still = is_shown(held).await;
            assert_eq!(still.updated_at, first.updated_at, "nothing has changed");
        }
        // Meta says itself that it is not over.
        house.graph.refuse_next(code);
        check(&house, &shop, &channel.id).await.unwrap();
        is_shown(held).await;
        check(&house, &shop, &channel.id).await.unwrap();
        assert!(matches!(send(&house, &shop, &channel.id).await, Outcome::Sent(_)));
        let well = house.list(&shop).await.remove(0);
        assert_eq!((well.health_state(), well.sending()), (HealthState::Ok, pb::Sending::Ok));
        assert_eq!(house.send_state("104").await.as_deref(), Some("ok"));
        // What a check found, a check finds gone.
        house.graph.refuse_next(code);
        assert_eq!(check(&house, &shop, &channel.id).await.unwrap().health_state(), health);
        assert_eq!(check(&house, &shop, &channel.id).await.unwrap().health_state(), HealthState::Ok);
    }
}

#[tokio::test]
async fn an_instagram_token_is_renewed_in_its_last_days_and_never_lost() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let grant = house.grant(shop.owner(), Platform::Instagram, "204").await.unwrap();
    let channel = house.connect_granted(shop.owner(), &grant.id, Platform::Instagram, "204").await.unwrap();
    let asked = async |days: i64| {
        house.hand.advance(TimeDelta::days(days));
        house.graph.take_seen();
        let channel = check(&house, &shop, &channel.id).await.unwrap();
        let seen = house.graph.take_seen();
        (channel, seen.iter().any(|seen| seen.line.contains("refresh_access_token")))
    };
    let (early, renewed) = asked(49).await;
    assert!(!renewed && early.token_expires_at == channel.token_expires_at);
    // Meta fails: the old token stays, and works.
    house.hand.advance(TimeDelta::days(1));
    house.graph.answer_next(200, json!({"id": "1204", "user_id": "204", "username": "page204"}));
    house.graph.answer_next(500, json!({}));
    house.graph.answer_next(200, subscribed());
    let kept = check(&house, &shop, &channel.id).await.unwrap();
    assert_eq!(kept.token_expires_at, channel.token_expires_at);
    assert_eq!(house.send_state("204").await.as_deref(), Some("ok"));
    let (late, renewed) = asked(1).await;
    assert!(renewed);
    let gained = late.token_expires_at.unwrap().seconds - channel.token_expires_at.unwrap().seconds;
    assert!(gained > TimeDelta::days(50).num_seconds(), "{gained}");
    assert!(matches!(send(&house, &shop, &channel.id).await, Outcome::Sent(_)));
    assert_eq!(house.graph.take_seen()[0].authorization, "Bearer token-of-204.r1", "the new one is used");
    assert!(!asked(1).await.1, "once is enough");
    // Whoever lets it end must log in again.
    house.hand.advance(TimeDelta::days(70));
    house.graph.revoke("204");
    let over = check(&house, &shop, &channel.id).await.unwrap();
    assert!(over.health_detail.contains("expired"), "{}", over.health_detail);
}

/// The account's subscription as Meta shows it when all is well.
fn subscribed() -> serde_json::Value {
    let fields = [
        "messages",
        "messaging_postbacks",
        "message_reactions",
        "messaging_seen",
        "message_edit",
        "messaging_referral",
        "standby",
    ];
    json!({"data": [{"id": "4343", "subscribed_fields": fields}]})
}

#[tokio::test]
async fn one_given_by_hand_is_renewed_as_soon_as_it_can_be() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = pb::ConnectChannelRequest { platform: Platform::Instagram.into(), ..connect_request("204") };
    let channel = house.channels(shop.owner()).connect_channel(request).await.unwrap().into_inner();
    assert_eq!(channel.token_expires_at, None);
    house.hand.advance(TimeDelta::hours(23));
    assert_eq!(check(&house, &shop, &channel.id).await.unwrap().token_expires_at, None);
    house.hand.advance(TimeDelta::hours(1));
    // Also when its subscription cannot be asked about.
    house.graph.answer_next(200, json!({"id": "1204", "user_id": "204", "username": "page204"}));
    house.graph.answer_next(200, json!({"access_token": "token-of-204.r9", "expires_in": 5_184_000}));
    house.graph.refuse_next(100);
    assert!(check(&house, &shop, &channel.id).await.unwrap().token_expires_at.is_some());
}

#[tokio::test]
async fn every_channel_is_checked_by_itself_and_a_bad_one_stops_nobody() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let mut channels = Vec::new();
    for (shop, page) in [(&shop, "104"), (&shop, "105"), (&other, "106")] {
        channels.push(house.connect(shop, page).await.unwrap().id);
        house.graph.forget_subscription(page);
    }
    house.graph.revoke("105");
    let pool = house.db.superuser().await;
    // A token that does not open is the worst of channels.
    sqlx::query("update tenants.channels set token = 'v1.x.y.z' where external_id = '106'")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query("update routing.due_work set due_at = now() where kind = 'channel_check'")
        .execute(&pool)
        .await
        .unwrap();
    let worked = async {
        let sql = "select count(*) from routing.due_work where kind = 'channel_check' and due_at > now() + interval '30 minutes'";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap() < 3 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), worked).await.expect("all are checked, and will be again");
    assert!(house.graph.is_subscribed("104"));
    assert_eq!(house.send_state("104").await.as_deref(), Some("ok"));
    for bad in ["105", "106"] {
        assert_eq!(house.send_state(bad).await.as_deref(), Some("needs_reconnect"), "{bad}");
    }
    // Whoever is disconnected is asked about no more.
    let request = pb::DisconnectChannelRequest { id: channels[0].clone() };
    house.channels(shop.owner()).disconnect_channel(request).await.unwrap();
    let sql = "select count(*) from routing.due_work where kind = 'channel_check'";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 2);
}

#[tokio::test]
async fn channels_from_before_there_were_checks_get_theirs_at_the_next_start() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for page in ["104", "105"] {
        house.connect(&shop, page).await.unwrap();
    }
    let pool = house.db.superuser().await;
    sqlx::query("delete from routing.due_work where kind = 'channel_check'").execute(&pool).await.unwrap();
    start(&vars(&house.db, &house.graph.url), house.clock.clone(), &house.shutdown).await.unwrap();
    let sql = "select due_at from routing.due_work where kind = 'channel_check' order by due_at";
    let due: Vec<chrono::DateTime<chrono::Utc>> = sqlx::query_scalar(sql).fetch_all(&pool).await.unwrap();
    assert!(due.len() == 2 && due[0] < due[1], "not all at once: {due:?}");
    assert!(due[1] <= house.clock.now() + TimeDelta::days(1));
}

/// Has the worker check the one channel, and gives when it will again.
async fn worked(house: &House) -> TimeDelta {
    let pool = house.db.superuser().await;
    let sql = "update routing.due_work set due_at = now() where kind = 'channel_check'";
    sqlx::query(sql).execute(&pool).await.unwrap();
    let sql =
        "select due_at from routing.due_work where kind = 'channel_check' and due_at > now() + interval '5 minutes'";
    let again = async {
        loop {
            let due: Option<chrono::DateTime<chrono::Utc>> =
                sqlx::query_scalar(sql).fetch_optional(&pool).await.unwrap();
            if let Some(due) = due {
                return due - house.clock.now();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), again).await.expect("it is checked")
}

#[tokio::test]
async fn a_check_that_meta_puts_off_waits_as_long_as_meta_asks() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.connect(&shop, "104").await.unwrap();
    house.graph.answer_next(429, json!({}));
    let wait = worked(&house).await;
    assert!(wait >= TimeDelta::hours(1) && wait < TimeDelta::hours(2), "{wait}");
    house.graph.answer_next(503, json!({}));
    let wait = worked(&house).await;
    assert!(wait >= TimeDelta::minutes(15) && wait < TimeDelta::minutes(17), "{wait}");
}

#[tokio::test]
async fn a_restriction_that_lasts_is_tried_again_as_soon_each_time() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.connect(&shop, "104").await.unwrap();
    for _ in 0..3 {
        house.graph.refuse_next(368);
        let wait = worked(&house).await;
        assert!(wait <= TimeDelta::minutes(15), "{wait}");
        assert_eq!(house.send_state("104").await.as_deref(), Some("restricted"));
    }
}
