//! Connecting, listing and disconnecting pages.

use chatdesk_platform::{Identity, Role, ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use serde_json::json;
use tokio::net::TcpListener;
use tonic::{Code, Status};

use crate::graph::Graph;
use crate::house::{House, Shop, account, connect_request, field, fields, problem};

async fn disconnect(house: &House, shop: &Shop, id: &str) -> Result<(), Status> {
    let request = pb::DisconnectChannelRequest { id: id.to_owned() };
    house.channels(shop.owner()).disconnect_channel(request).await.map(|_| ())
}

#[tokio::test]
async fn a_page_is_proved_subscribed_and_kept_without_its_token_in_sight() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    assert_eq!((channel.platform_page_id.as_str(), channel.page_name.as_str()), ("104", "Page 104"));
    assert!(channel.is_active && channel.last_webhook_at.is_none() && channel.health_detail.is_empty());
    assert_eq!((channel.platform(), channel.health_state()), (pb::Platform::Facebook, pb::HealthState::Ok));
    assert_eq!(house.list(&shop).await, [channel]);

    let seen = house.graph.take_seen();
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    assert_eq!(lines, ["GET /graph/v25.0/me", "POST /graph/v25.0/104/subscribed_apps"]);
    assert!(seen.iter().all(|seen| seen.authorization == "Bearer token-of-104"));

    let pool = house.db.superuser().await;
    let stored: String = sqlx::query_scalar("select t::text from tenants.channels t").fetch_one(&pool).await.unwrap();
    assert!(stored.contains(",v1.") && !stored.contains("token-of"), "{stored}");
}

#[tokio::test]
async fn instagram_accounts_connect_through_either_login() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = |page: &str, login: pb::Login| pb::ConnectChannelRequest {
        platform: pb::Platform::Instagram.into(),
        login: login.into(),
        ..connect_request(page)
    };
    let mut client = house.channels(shop.owner());
    let own = client.connect_channel(request("204", pb::Login::Instagram)).await.unwrap().into_inner();
    assert_eq!((own.platform(), own.page_name.as_str()), (pb::Platform::Instagram, "page204"));
    let lines: Vec<String> = house.graph.take_seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /instagram/v25.0/me", "POST /instagram/v25.0/204/subscribed_apps"]);
    // With a Page's token the Page tells which account is behind it, and the Page, which is the token's own, is subscribed.
    let linked = client.connect_channel(request("205", pb::Login::Facebook)).await.unwrap().into_inner();
    assert_eq!(linked.page_name, "Page 205");
    let lines: Vec<String> = house.graph.take_seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["GET /graph/v25.0/me", "POST /graph/v25.0/me/subscribed_apps"]);
    // Unsaid, it is the platform's own login.
    client.connect_channel(request("206", pb::Login::Unspecified)).await.unwrap();
    assert!(house.graph.take_seen().iter().all(|seen| seen.line.contains("/instagram/")));
    // The same number on the other platform is another page.
    house.connect(&house.shop("mai@lua.vn").await, "204").await.unwrap();
}

#[tokio::test]
async fn a_page_has_one_owner_who_is_not_named() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let channel = house.connect(&shop, "104").await.unwrap();
    let taken = problem(house.connect(&other, "104").await);
    assert_eq!((taken.status, taken.code.as_str()), (Code::AlreadyExists, "page_taken"));
    assert!(!taken.detail.contains("Gốm") && !taken.detail.contains(&shop.tenant.to_string()));
    assert!(house.list(&other).await.is_empty());
    // Without the proof nobody learns that it is connected.
    let guess = pb::ConnectChannelRequest { access_token: "token-of-999".into(), ..connect_request("104") };
    assert_eq!(problem(house.channels(other.owner()).connect_channel(guess).await).code, "token_rejected");
    let person = pb::ConnectChannelRequest { access_token: "user-9001".into(), ..connect_request("104") };
    assert_eq!(problem(house.channels(other.owner()).connect_channel(person).await).code, "token_rejected");

    // Free after a disconnect, and the first owner's row stays.
    disconnect(&house, &shop, &channel.id).await.unwrap();
    house.connect(&other, "104").await.unwrap();
    assert!(!house.list(&shop).await[0].is_active);
    assert_eq!(problem(house.connect(&shop, "104").await).code, "page_taken");
}

#[tokio::test]
async fn of_those_who_ask_at_once_one_gets_the_page() {
    let house = House::new().await;
    let (one, two, three) = (house.shop("a@gom.vn").await, house.shop("b@gom.vn").await, house.shop("c@gom.vn").await);
    let answers = tokio::join!(
        house.connect(&one, "104"),
        house.connect(&two, "104"),
        house.connect(&three, "104"),
        house.connect(&one, "104"),
    );
    let answers = [(&one, answers.0), (&two, answers.1), (&three, answers.2), (&one, answers.3)];
    let owners: Vec<_> = answers.iter().filter(|(_, answer)| answer.is_ok()).map(|(shop, _)| shop.tenant).collect();
    assert!(!owners.is_empty() && owners.iter().all(|owner| *owner == owners[0]), "{answers:?}");
    for (shop, answer) in &answers {
        if let Err(status) = answer {
            assert_eq!((status.code(), shop.tenant == owners[0]), (Code::AlreadyExists, false));
        }
        let mine = house.list(shop).await;
        assert_eq!(mine.len(), usize::from(shop.tenant == owners[0]));
    }
    // Whatever the order, the token that is kept opens.
    let winner = answers.iter().find(|(shop, _)| shop.tenant == owners[0]).unwrap().0;
    let channel = &house.list(winner).await[0];
    let request = pb::FetchContactProfileRequest { channel_id: channel.id.clone(), platform_user_id: "71".into() };
    let inbox = winner.service(ServiceName::Inbox);
    assert_eq!(
        house.channels(inbox).fetch_contact_profile(request).await.unwrap().into_inner().display_name,
        "Lan Nguyễn"
    );
}

#[tokio::test]
async fn a_page_that_is_connected_again_is_the_same_channel() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let first = house.connect(&shop, "104").await.unwrap();
    let again = house.connect(&shop, "104").await.unwrap();
    assert_eq!((&again.id, &again.created_at), (&first.id, &first.created_at));
    disconnect(&house, &shop, &first.id).await.unwrap();
    house.hand.advance(TimeDelta::minutes(1));
    let back = house.connect(&shop, "104").await.unwrap();
    assert_eq!((&back.id, back.is_active, &back.created_at), (&first.id, true, &first.created_at));
    assert_ne!(back.updated_at, first.updated_at);
}

#[tokio::test]
async fn a_disconnected_page_is_unsubscribed_and_its_token_gone() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    let pool = house.db.superuser().await;
    sqlx::query("update routing.channels set last_event_at = now()").execute(&pool).await.unwrap();
    house.graph.take_seen();
    disconnect(&house, &shop, &channel.id).await.unwrap();
    let lines: Vec<String> = house.graph.take_seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(lines, ["DELETE /graph/v25.0/104/subscribed_apps"]);
    let left = &house.list(&shop).await[0];
    assert!(!left.is_active && left.last_webhook_at.is_some(), "{left:?}");
    let token: Option<String> =
        sqlx::query_scalar("select token from tenants.channels").fetch_one(&pool).await.unwrap();
    assert_eq!(token, None);
    let owners: i64 = sqlx::query_scalar("select count(*) from routing.channels").fetch_one(&pool).await.unwrap();
    assert_eq!(owners, 0);
    // Again changes nothing and asks nobody.
    disconnect(&house, &shop, &channel.id).await.unwrap();
    assert!(house.graph.take_seen().is_empty());
}

#[tokio::test]
async fn a_page_whose_token_is_dead_can_still_be_disconnected() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    house.graph.refuse_next(190);
    disconnect(&house, &shop, &channel.id).await.unwrap();
    assert!(!house.list(&shop).await[0].is_active);
}

#[tokio::test]
async fn a_token_that_meta_refuses_connects_nothing() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for code in [190, 10, 100, 803] {
        house.graph.refuse_next(code);
        let refused = problem(house.connect(&shop, "104").await);
        assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "token_rejected"), "{code}");
        assert!(refused.detail.ends_with('.') && !refused.detail.contains("token-of"), "{}", refused.detail);
    }
    // The proof is good, the subscription fails.
    house.graph.answer_next(200, json!({"id": "104", "name": "Page 104"}));
    house.graph.refuse_next(200);
    assert_eq!(problem(house.connect(&shop, "104").await).code, "token_rejected");
    house.graph.answer_next(200, json!({"id": "105", "name": "Another"}));
    assert_eq!(problem(house.connect(&shop, "104").await).code, "token_rejected");
    house.graph.answer_next(503, json!({}));
    assert_eq!(problem(house.connect(&shop, "104").await).status, Code::Unavailable);
    house.graph.refuse_next(4);
    let limited = problem(house.connect(&shop, "104").await);
    assert_eq!((limited.code.as_str(), limited.retry_after.is_some()), ("rate_limited", true));
    assert!(house.list(&shop).await.is_empty());
}

#[tokio::test]
async fn an_unreachable_meta_is_not_the_shops_fault() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let house = House::at(Graph::start().await, &format!("http://{free}")).await;
    let shop = house.shop("lan@gom.vn").await;
    assert_eq!(problem(house.connect(&shop, "104").await).status, Code::Unavailable);
}

#[tokio::test]
async fn silence_shows_after_seven_days_and_a_webhook_ends_it() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.connect(&shop, "104").await.unwrap();
    house.hand.advance(TimeDelta::days(7));
    let silent = &house.list(&shop).await[0];
    assert_eq!(silent.health_state(), pb::HealthState::Silent);
    assert!(!silent.health_detail.is_empty());
    let pool = house.db.superuser().await;
    sqlx::query("update routing.channels set last_event_at = $1").bind(house.clock.now()).execute(&pool).await.unwrap();
    let heard = &house.list(&shop).await[0];
    assert_eq!(heard.health_state(), pb::HealthState::Ok);
    assert!(heard.last_webhook_at.is_some());
}

#[tokio::test]
async fn what_meta_enforces_is_shown_with_its_time() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    assert_eq!((channel.sending(), channel.policy()), (pb::Sending::Ok, pb::Policy::None));
    assert_eq!(channel.policy_at, None);
    let pool = house.db.superuser().await;
    for (stored, policy, sending) in [
        ("warning", pb::Policy::Warning, pb::Sending::Ok),
        ("block", pb::Policy::Blocked, pb::Sending::Blocked),
        ("", pb::Policy::None, pb::Sending::Ok),
    ] {
        sqlx::query("update routing.channels set policy = $1, policy_at = $2")
            .bind(stored)
            .bind(house.clock.now())
            .execute(&pool)
            .await
            .unwrap();
        let shown = house.list(&shop).await.remove(0);
        assert_eq!((shown.policy(), shown.sending()), (policy, sending));
        assert_eq!(shown.policy_at.unwrap().seconds, house.clock.now().timestamp());
    }
    // The gateway looks for its sockets, for nobody but the one business.
    let mut gateway = house.channels(shop.service(ServiceName::Gateway));
    let request = pb::ListChannelsRequest::default();
    assert_eq!(gateway.list_channels(request.clone()).await.unwrap().into_inner().items.len(), 1);
    let refused = house.channels(shop.service(ServiceName::Ai)).list_channels(request).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    disconnect(&house, &shop, &channel.id).await.unwrap();
    assert_eq!(house.list(&shop).await[0].sending(), pb::Sending::Off);
}

#[tokio::test]
async fn lists_come_in_pages_newest_first() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    for page in 1..=5 {
        house.connect(&shop, &page.to_string()).await.unwrap();
    }
    house.connect(&other, "9").await.unwrap();
    let mut client = house.channels(shop.member(Role::Viewer));
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = client.list_channels(pb::ListChannelsRequest { cursor, limit: 2 }).await.unwrap().into_inner();
        seen.extend(page.items.into_iter().map(|channel| channel.platform_page_id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    let bad = pb::ListChannelsRequest { cursor: "!".into(), limit: 201 };
    assert_eq!(fields(client.list_channels(bad).await), [field("cursor", "malformed"), field("limit", "out_of_range")]);
}

#[tokio::test]
async fn bad_fields_and_foreign_channels_are_refused() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let bad = pb::ConnectChannelRequest { page_id: "1/2".into(), access_token: " ".into(), ..Default::default() };
    let expected = [field("page_id", "malformed"), field("access_token", "required"), field("platform", "required")];
    assert_eq!(fields(house.channels(shop.owner()).connect_channel(bad).await), expected);
    let wrong = pb::ConnectChannelRequest { login: pb::Login::Instagram.into(), ..connect_request("104") };
    assert_eq!(fields(house.channels(shop.owner()).connect_channel(wrong).await), [field("login", "malformed")]);
    assert!(house.graph.take_seen().is_empty());

    let theirs = house.connect(&other, "104").await.unwrap();
    for id in [theirs.id.as_str(), &new_id().to_string(), "x"] {
        assert_eq!(problem(disconnect(&house, &shop, id).await).status, Code::NotFound);
    }
    assert!(house.list(&other).await[0].is_active);
    for role in [Role::Viewer, Role::Agent] {
        let who: Identity = shop.member(role);
        let refused = house.channels(who).connect_channel(connect_request("105")).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
        let request = pb::DisconnectChannelRequest { id: theirs.id.clone() };
        let refused = house.channels(who).disconnect_channel(request).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_page_and_the_account_behind_it_keep_their_subscription_until_both_are_gone() {
    for account_first in [true, false] {
        let house = House::new().await;
        let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
        house.graph.allow(vec![account("104", &["MANAGE"], Some("204"))]);
        let page = house.connect(&shop, "104").await.unwrap();
        let request = pb::ConnectChannelRequest {
            platform: pb::Platform::Instagram.into(),
            login: pb::Login::Facebook.into(),
            page_id: "204".into(),
            ..connect_request("104")
        };
        let behind = house.channels(other.owner()).connect_channel(request).await.unwrap().into_inner();
        let (first, second) =
            if account_first { ((&other, &behind), (&shop, &page)) } else { ((&shop, &page), (&other, &behind)) };
        disconnect(&house, first.0, &first.1.id).await.unwrap();
        assert!(house.graph.is_subscribed("104"), "the other still lives on it");
        disconnect(&house, second.0, &second.1.id).await.unwrap();
        assert!(!house.graph.is_subscribed("104"));
    }
}

#[tokio::test]
async fn one_who_never_comes_back_from_unsubscribing_leaves_a_page_that_is_asked_about_soon() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    let pool = house.db.superuser().await;
    let _bell = house.graph.hold_next_send();
    let noted = async {
        let sql =
            "select count(*) from routing.due_work where kind = 'channel_check' and due_at < now() + interval '1 hour'";
        while sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        done = disconnect(&house, &shop, &channel.id) => panic!("{done:?}"),
        noted = tokio::time::timeout(std::time::Duration::from_secs(14), noted) => noted.expect("it is due"),
    }
    assert!(house.list(&shop).await[0].is_active);
}
