//! Live sockets: tickets, order without gaps, and what is told.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chatdesk_proto::tenants::v1 as tenants;
use reqwest::Method;
use serde_json::{Value, json};

use crate::samples::{self, CHANNEL, CONVERSATION, OTHER_TENANT, PRODUCT, SESSION, TENANT, USER};
use crate::socket::{dial, live, next, offer, open, open_as, say};
use crate::world::{FRIEND, World, problem, soon};

#[tokio::test]
async fn a_ticket_opens_a_socket_that_sees_what_happens() {
    let world = World::start().await;
    world.fakes.happen("trước");
    let token = world.owner().await;
    let answer = world.request(Method::POST, "/api/ws-ticket").bearer_auth(&token).send().await.unwrap();
    let ticket: Value = answer.json().await.unwrap();
    assert_eq!(ticket["expires_in"], 30);
    let (mut socket, protocol) = dial(&world, TENANT, &[offer(ticket["ticket"].as_str().unwrap())]).await.unwrap();
    assert_eq!(protocol, "chatdesk.v1");
    let hello = next(&mut socket).await;
    assert_eq!((&hello["type"], &hello["seq"]), (&json!("hello"), &json!(1)));
    let mut second = open(&world).await;
    world.fakes.happen("còn áo không");
    let frame = next(&mut socket).await;
    assert_eq!(frame, next(&mut second).await);
    assert_eq!((&frame["type"], &frame["seq"]), (&json!("message.created"), &json!(2)));
    let path = format!("/api/conversations/{CONVERSATION}/messages");
    let listed: Value = world.get(&path, &token).await.json().await.unwrap();
    assert_eq!(frame["data"], listed["items"][1], "the same as over REST");
    assert_eq!(world.fakes.streams.load(Ordering::SeqCst), 1, "one stream for all sockets of a tenant");
}

#[tokio::test]
async fn without_a_good_ticket_no_socket_opens() {
    let world = World::start().await;
    let fresh = || world.fakes.ticket(TENANT, SESSION);
    let protocol = |text: String| ("sec-websocket-protocol", text);
    for headers in [
        vec![],
        vec![protocol("chatdesk.v1".into())],
        vec![protocol(format!("ticket.{}", fresh()))],
        vec![protocol(format!("chatdesk.v2, ticket.{}", fresh()))],
        vec![protocol("chatdesk.v1, ticket.".into())],
        vec![offer("unknown")],
    ] {
        assert_eq!(dial(&world, TENANT, &headers).await.err(), Some(401), "{headers:?}");
    }
    let ticket = fresh();
    assert!(dial(&world, TENANT, &[offer(&ticket)]).await.is_ok());
    assert_eq!(dial(&world, TENANT, &[offer(&ticket)]).await.err(), Some(401), "a ticket works once");
    for id in [OTHER_TENANT, "x", "%00"] {
        assert_eq!(dial(&world, id, &[offer(&fresh())]).await.err(), Some(404), "{id}");
    }
    for origin in ["https://evil.test", "null", "https://app.example.com.evil.test"] {
        let headers = [offer(&fresh()), ("origin", origin.to_owned())];
        assert_eq!(dial(&world, TENANT, &headers).await.err(), Some(403), "{origin}");
    }
    for origin in [FRIEND.to_owned(), world.base.clone()] {
        assert!(dial(&world, TENANT, &[offer(&fresh()), ("origin", origin)]).await.is_ok());
    }
    let path = format!("/ws/{TENANT}");
    problem(world.get(&path, "").await, 401, "unauthenticated").await;
    let (name, value) = offer(&fresh());
    let plain = world.request(Method::GET, &path).header(name, value).send().await.unwrap();
    problem(plain, 426, "upgrade_required").await;
}

#[tokio::test]
async fn what_was_missed_comes_first_and_nothing_twice() {
    let world = live(|live| live.resume_grace = Duration::from_secs(60)).await;
    for _ in 0..7 {
        world.fakes.happen("x");
    }
    let mut socket = open(&world).await;
    let mut witness = open(&world).await;
    say(&mut witness, &json!({"type": "resume", "after": 7})).await;
    assert_eq!(next(&mut witness).await["type"], "resumed");
    world.fakes.happen("between hello and resume");
    assert_eq!(next(&mut witness).await["seq"], 8);
    say(&mut socket, &json!({"type": "resume", "after": 2})).await;
    for seq in 3..=7 {
        let frame = next(&mut socket).await;
        assert_eq!((&frame["seq"], &frame["type"]), (&json!(seq), &json!("message.created")));
    }
    let mut seen = [next(&mut socket).await, next(&mut socket).await];
    // The replay may or may not have reached the eighth; it comes once either way.
    seen.sort_by_key(|frame| frame["type"].to_string());
    assert_eq!((&seen[0]["seq"], &seen[1]["type"]), (&json!(8), &json!("resumed")));
    world.fakes.happen("after");
    assert_eq!(next(&mut socket).await["seq"], 9);
    say(&mut socket, &json!({"type": "resume", "after": 5})).await;
    let again = next(&mut socket).await;
    assert_eq!(again, json!({"seq": null, "type": "resumed", "data": {"seq": 9}}), "it has all of that already");
}

#[tokio::test]
async fn what_cannot_come_in_order_is_loaded_again() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    for _ in 0..9 {
        world.fakes.happen("x");
    }
    world.fakes.forgotten.store(5, Ordering::SeqCst);
    let mut socket = open(&world).await;
    for after in [2, 10] {
        say(&mut socket, &json!({"type": "resume", "after": after})).await;
        let frame = next(&mut socket).await;
        assert_eq!(frame, json!({"seq": null, "type": "resync", "data": {"seq": 9}}), "after {after}");
    }
    world.fakes.happen("live");
    assert_eq!(next(&mut socket).await["seq"], 10);
    say(&mut socket, &json!({"type": "resume", "after": 8})).await;
    assert_eq!(next(&mut socket).await["type"], "resync", "the ninth cannot come after the tenth");
    say(&mut socket, &json!({"type": "resume", "after": 9})).await;
    assert_eq!(next(&mut socket).await["type"], "resumed");
}

#[tokio::test]
async fn a_broken_stream_goes_on_without_a_gap() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    let mut socket = open(&world).await;
    for round in 0..3 {
        let before = world.fakes.happen("before");
        assert_eq!(next(&mut socket).await["seq"], before);
        world.fakes.cut_streams();
        world.fakes.happen("meanwhile");
        let last = world.fakes.happen("meanwhile too");
        assert_eq!(next(&mut socket).await["seq"], last - 1, "round {round}");
        assert_eq!(next(&mut socket).await["seq"], last, "round {round}");
    }
    assert!(world.fakes.streams.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn a_restored_inbox_makes_everybody_load_again() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    let mut socket = open(&world).await;
    for seq in 1..=5 {
        world.fakes.happen("before");
        assert_eq!(next(&mut socket).await["seq"], seq);
    }
    world.fakes.restore(2);
    assert_eq!(next(&mut socket).await, json!({"seq": null, "type": "resync", "data": {"seq": 2}}));
    world.fakes.happen("after");
    assert_eq!(next(&mut socket).await["seq"], 3);
}

#[tokio::test]
async fn an_event_of_an_unknown_type_makes_everybody_load_again() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    let mut socket = open(&world).await;
    world.fakes.happen("before");
    assert_eq!(next(&mut socket).await["seq"], 1);
    world.fakes.happen_as(99, "of tomorrow");
    assert_eq!(next(&mut socket).await, json!({"seq": null, "type": "resync", "data": {"seq": 2}}));
    world.fakes.happen("after");
    assert_eq!(next(&mut socket).await["seq"], 3);
    assert_eq!(world.fakes.streams.load(Ordering::SeqCst), 1, "the stream goes on");
}

#[tokio::test]
async fn typing_and_presence_reach_the_colleagues_only() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    let (mut one, mut colleague) = (open(&world).await, open(&world).await);
    let mut stranger = open_as(&world, OTHER_TENANT, SESSION).await;
    assert_eq!(next(&mut stranger).await["type"], "hello");
    let typing = json!({"type": "typing", "data": {"conversation_id": CONVERSATION, "user_id": PRODUCT, "x": "y"}});
    say(&mut one, &typing).await;
    let data = json!({"conversation_id": CONVERSATION, "is_typing": true, "user_id": USER});
    assert_eq!(next(&mut colleague).await, json!({"seq": null, "type": "typing", "data": data}));
    say(&mut one, &json!({"type": "presence", "data": {"state": "away"}})).await;
    let data = json!({"state": "away", "conversation_id": null, "user_id": USER});
    assert_eq!(next(&mut colleague).await, json!({"seq": null, "type": "presence", "data": data}));
    for bad in
        [json!({"type": "subscribe", "data": {"conversation_id": PRODUCT}}), json!({"type": "typing"}), json!([])]
    {
        say(&mut one, &bad).await;
        assert_eq!(next(&mut one).await["type"], "error", "{bad}");
    }
    world.fakes.happen("x");
    assert_eq!(next(&mut one).await["type"], "message.created");
    assert_eq!(next(&mut stranger).await["type"], "message.created");
}

#[tokio::test]
async fn a_channel_that_changes_by_itself_is_told_to_open_sockets() {
    let world = live(|live| live.check_every = Duration::from_millis(20)).await;
    let mut socket = open(&world).await;
    let mut watched = world.fakes.watched.subscribe();
    // How it was when the room opened is known.
    soon("a look", watched.wait_for(|(_, looks)| *looks > 0)).await.unwrap();
    let seen = tenants::Channel { last_webhook_at: None, ..samples::channel() };
    world.fakes.watched.send_modify(|(channel, _)| *channel = seen);
    let looks = world.fakes.watched.borrow().1;
    soon("two looks", watched.wait_for(|(_, now)| *now > looks + 1)).await.unwrap();
    let well = tenants::Channel {
        health_state: tenants::HealthState::Ok.into(),
        health_reason: String::new(),
        health_detail: String::new(),
        sending: tenants::Sending::Ok.into(),
        policy: tenants::Policy::None.into(),
        ..samples::channel()
    };
    world.fakes.watched.send_modify(|(channel, _)| *channel = well);
    let frame = next(&mut socket).await;
    assert_eq!((&frame["seq"], &frame["type"]), (&Value::Null, &json!("channel.updated")));
    let data = &frame["data"];
    assert_eq!(
        (&data["id"], &data["health"]["state"], &data["sending"]),
        (&json!(CHANNEL), &json!("ok"), &json!("ok"))
    );
    assert_eq!(data["policy"]["state"], "none", "and nothing was told of a webhook that arrived");
    world.fakes.watched.send_modify(|(channel, _)| channel.is_active = false);
    assert_eq!(next(&mut socket).await["data"]["is_active"], false);
}

#[tokio::test]
async fn changes_over_rest_are_told_to_open_sockets() {
    let world = live(|live| live.resume_grace = Duration::ZERO).await;
    let token = world.owner().await;
    let mut socket = open(&world).await;
    let product = json!({"name": "Áo", "price": 5});
    let created: Value = world.send(Method::POST, "/api/products", &token, &product).await.json().await.unwrap();
    assert_eq!(next(&mut socket).await, json!({"seq": null, "type": "product.updated", "data": created}));
    let path = format!("/api/products/{PRODUCT}");
    let updated: Value = world.send(Method::PUT, &path, &token, &json!({"name": "b"})).await.json().await.unwrap();
    assert_eq!(next(&mut socket).await["data"], updated);
    world.request(Method::DELETE, &path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(next(&mut socket).await["data"], json!({"id": PRODUCT, "deleted": true}));
    let page = json!({"page_id": "1001", "access_token": "t"});
    let channel: Value = world.send(Method::POST, "/api/channels/facebook", &token, &page).await.json().await.unwrap();
    assert_eq!(next(&mut socket).await, json!({"seq": null, "type": "channel.updated", "data": channel}));
    let path = format!("/api/channels/{CHANNEL}");
    world.fakes.other_channels.store(2, Ordering::SeqCst);
    world.request(Method::DELETE, &path).bearer_auth(&token).send().await.unwrap();
    let frame = next(&mut socket).await;
    assert_eq!(
        (&frame["type"], &frame["data"]["id"]),
        (&json!("channel.updated"), &json!(CHANNEL)),
        "of many channels"
    );
    assert_eq!(world.fakes.count("ListChannels"), 3);
}
