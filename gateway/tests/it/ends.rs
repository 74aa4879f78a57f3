//! Live sockets: how they end.

use std::time::Duration;

use chatdesk_gateway::LiveConfig;
use chatdesk_platform::new_id;
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::samples::{OTHER_SESSION, OTHER_TENANT, SESSION, TENANT};
use crate::socket::{closed, live, next, open, open_as, say};
use crate::world::{World, soon};

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
    world.fakes.tell_sessions(|told| told.ended_session_ids = vec![other_session.clone()]);
    assert_eq!(closed(&mut ended).await, 4401);
    let (caller, asked) = world.fakes.last("CheckSessions");
    assert_eq!(caller.tenant().unwrap().to_string(), TENANT);
    assert!(asked.contains(&other_session) || asked.contains(SESSION));
    world.fakes.happen("x");
    assert_eq!(next(&mut stays).await["type"], "message.created");
    world.fakes.tell_sessions(|told| told.suspended = true);
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
