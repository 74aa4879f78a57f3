//! Live sockets: tickets, order without gaps, and how they end.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chatdesk_gateway::LiveConfig;
use chatdesk_platform::{Clock, new_id};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::samples::{CHANNEL, CONVERSATION, OTHER_SESSION, OTHER_TENANT, PRODUCT, SESSION, TENANT, USER};
use crate::world::{FRIEND, World, problem, soon};

type Socket = WebSocketStream<TcpStream>;

async fn live(change: impl FnOnce(&mut LiveConfig)) -> World {
    World::with(Clock::system(), |config| change(&mut config.live)).await
}

async fn dial(world: &World, tenant: &str, headers: &[(&'static str, String)]) -> Result<(Socket, String), u16> {
    let address = world.gateway.address();
    let mut request = format!("ws://{address}/ws/{tenant}").into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().append(*name, value.parse().unwrap());
    }
    let stream = TcpStream::connect(address).await.unwrap();
    match client_async(request, stream).await {
        Ok((socket, answer)) => {
            let protocol = answer.headers()["sec-websocket-protocol"].to_str().unwrap().to_owned();
            Ok((socket, protocol))
        }
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

fn offer(ticket: &str) -> (&'static str, String) {
    ("sec-websocket-protocol", format!("chatdesk.v1, ticket.{ticket}"))
}

async fn open_as(world: &World, tenant: &str, session: &str) -> Socket {
    let ticket = world.fakes.ticket(tenant, session);
    dial(world, tenant, &[offer(&ticket)]).await.unwrap().0
}

/// A socket of the first tenant that has heard `hello`.
async fn open(world: &World) -> Socket {
    let mut socket = open_as(world, TENANT, SESSION).await;
    assert_eq!(next(&mut socket).await["type"], "hello");
    socket
}

async fn next(socket: &mut Socket) -> Value {
    loop {
        let message = soon("a frame", socket.next()).await.expect("an open socket").expect("a whole frame");
        match message {
            Message::Text(text) => return serde_json::from_str(text.as_str()).unwrap(),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match soon("a close", socket.next()).await {
            Some(Ok(Message::Close(Some(frame)))) => return frame.code.into(),
            Some(Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn say(socket: &mut Socket, frame: &Value) {
    socket.send(Message::text(frame.to_string())).await.unwrap();
}

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

#[tokio::test]
async fn what_no_client_may_send_closes_the_socket() {
    let world = World::start().await;
    let mut socket = open(&world).await;
    let most = format!("{{\"type\":\"{}\"}}", "x".repeat(64 * 1024 - 11));
    assert_eq!(most.len(), 64 * 1024);
    socket.send(Message::text(most.clone())).await.unwrap();
    assert_eq!(next(&mut socket).await["type"], "error");
    socket.send(Message::text(format!("{most}x"))).await.unwrap();
    assert_eq!(closed(&mut socket).await, 1009);
    let mut socket = open(&world).await;
    socket.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(closed(&mut socket).await, 1003);
    let mut socket = open(&world).await;
    let invalid = Frame::message(vec![0xff, 0xfe], OpCode::Data(Data::Text), true);
    socket.send(Message::Frame(invalid)).await.unwrap();
    assert_eq!(closed(&mut socket).await, 1007);
    let mut socket = open(&world).await;
    for _ in 0..500 {
        // The server may have closed already, which is what is waited for.
        drop(socket.feed(Message::Ping(Vec::new().into())).await);
    }
    drop(socket.flush().await);
    assert_eq!(closed(&mut socket).await, 1008);
}

#[tokio::test]
async fn sockets_close_at_once_when_their_session_is_ended_here() {
    let world = live(|live| live.check_every = Duration::from_secs(3_600)).await;
    let owner = world.owner().await;
    let mut phone = open_as(&world, TENANT, OTHER_SESSION).await;
    let mut stranger = open_as(&world, OTHER_TENANT, OTHER_SESSION).await;
    let mut desk = open(&world).await;
    let path = format!("/api/auth/sessions/{OTHER_SESSION}");
    let answer = world.request(Method::DELETE, &path).bearer_auth(&owner).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(closed(&mut phone).await, 4401);
    world.fakes.happen("chào");
    assert_eq!(next(&mut desk).await["type"], "message.created");
    assert_eq!(next(&mut stranger).await["type"], "hello");
    assert_eq!(next(&mut stranger).await["type"], "message.created");

    let mut phone = open_as(&world, TENANT, OTHER_SESSION).await;
    let body = json!({"current_password": "right password", "new_password": "8 letters"});
    assert_eq!(world.send(Method::PUT, "/api/auth/password", &owner, &body).await.status(), 204);
    assert_eq!(closed(&mut phone).await, 4401);
    let asked = world.request(Method::POST, "/api/auth/logout-everywhere").bearer_auth(&owner);
    assert_eq!(asked.send().await.unwrap().status(), 204);
    assert_eq!(closed(&mut desk).await, 4401);
}

#[tokio::test]
async fn sockets_end_with_their_session_or_their_business() {
    let world = live(|live| live.check_every = Duration::from_millis(20)).await;
    let other_session = new_id().to_string();
    let mut ended = open_as(&world, TENANT, &other_session).await;
    let mut stays = open(&world).await;
    world.fakes.sessions.lock().unwrap().ended_session_ids = vec![other_session.clone()];
    assert_eq!(closed(&mut ended).await, 4401);
    let (caller, asked) = world.fakes.last("CheckSessions");
    assert_eq!(caller.tenant().unwrap().to_string(), TENANT);
    assert!(asked.contains(&other_session) || asked.contains(SESSION));
    world.fakes.happen("x");
    assert_eq!(next(&mut stays).await["type"], "message.created");
    world.fakes.sessions.lock().unwrap().suspended = true;
    assert_eq!(closed(&mut stays).await, 4403);
}

#[tokio::test]
async fn a_suspension_over_rest_closes_at_once() {
    let world = live(|live| live.check_every = Duration::from_secs(3600)).await;
    let admin = world.login("admin@x.test").await;
    let mut socket = open(&world).await;
    let mut stranger = open_as(&world, OTHER_TENANT, SESSION).await;
    assert_eq!(next(&mut stranger).await["type"], "hello");
    let path = format!("/api/admin/tenants/{TENANT}/suspend");
    world.send(Method::POST, &path, &admin, &json!({"reason": "abuse"})).await;
    assert_eq!(closed(&mut socket).await, 4403);
    world.fakes.happen("x");
    assert_eq!(next(&mut stranger).await["type"], "message.created");
}

#[tokio::test]
async fn the_drain_says_goodbye_to_every_socket() {
    let world = World::start().await;
    let mut sockets = Vec::new();
    for _ in 0..20 {
        sockets.push(open(&world).await);
    }
    let shutdown = world.shutdown.clone();
    let drained = tokio::spawn(async move { shutdown.drain(Duration::from_secs(20)).await });
    for socket in &mut sockets {
        assert_eq!(closed(socket).await, 1001);
        // Confirms the close, as browsers do.
        while let Some(Ok(_)) = soon("the end", socket.next()).await {}
    }
    assert!(drained.await.unwrap());
}

#[tokio::test]
async fn a_client_that_never_answers_a_ping_is_given_up() {
    let quick = |live: &mut LiveConfig| {
        live.ping_every = Duration::from_millis(20);
        live.dead_after = Duration::from_millis(1500);
    };
    let world = live(quick).await;
    let mut silent = open(&world).await.into_inner();
    let mut rest = Vec::new();
    soon("the end", silent.read_to_end(&mut rest)).await.unwrap();
    assert!(rest.starts_with(&[0x89, 0]), "a ping came first");
    let mut awake = open(&world).await;
    for _ in 0..10 {
        let ping = soon("a ping", awake.next()).await.unwrap().unwrap();
        assert!(matches!(ping, Message::Ping(_)));
    }
    world.fakes.happen("x");
    assert_eq!(next(&mut awake).await["type"], "message.created");
}

#[tokio::test]
async fn a_slow_client_is_dropped_and_hurts_nobody() {
    let slow = |live: &mut LiveConfig| {
        live.resume_grace = Duration::ZERO;
        live.send = Duration::from_millis(200);
    };
    let world = live(slow).await;
    let mut stuck = open(&world).await.into_inner();
    let mut healthy = open(&world).await;
    let text = "x".repeat(200 * 1024);
    let total = 150;
    for seq in 1..=total {
        world.fakes.happen(&text);
        assert_eq!(next(&mut healthy).await["seq"], seq);
    }
    let mut rest = Vec::new();
    // A reset is as good an end as any for one who never read.
    drop(soon("the end", stuck.read_to_end(&mut rest)).await);
    assert!(rest.len() < text.len() * total, "it was not fed to the end");
}

#[tokio::test]
async fn a_full_queue_closes_the_socket() {
    let tiny = |live: &mut LiveConfig| {
        live.queue = 4;
        live.resume_grace = Duration::from_secs(60);
    };
    let world = live(tiny).await;
    let (mut held, mut witness) = (open(&world).await, open(&world).await);
    say(&mut witness, &json!({"type": "resume", "after": 0})).await;
    assert_eq!(next(&mut witness).await["type"], "resumed");
    for _ in 0..20 {
        world.fakes.happen("x");
        next(&mut witness).await;
    }
    say(&mut held, &json!({"type": "presence", "data": {"state": "online"}})).await;
    assert_eq!(closed(&mut held).await, 1013);
    let mut back = open(&world).await;
    say(&mut back, &json!({"type": "resume", "after": 0})).await;
    for seq in 1..=20 {
        assert_eq!(next(&mut back).await["seq"], seq);
    }
}
