//! Ten thousand idle sockets on one gateway: how much of its memory they take, and how long a message takes to all thousand of one business.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use crate::api::{Api, text};
use crate::memory::pss_kib;
use crate::process::{PATIENCE, Process, eventually, fresh_home, variables_at};
use crate::shop::{House, Shop};
use crate::{Row, percentile};

const SHOPS: usize = 10;
const SOCKETS_EACH: usize = 1_000;
const MESSAGES: usize = 40;
/// Sockets that are being opened at once.
const OPENING: usize = 32;

pub async fn measure() -> Vec<Row> {
    let house = House::start(&[]).await;
    // A gateway that is nothing else, so that its memory is its own.
    let mut all = variables_at(house.db.url());
    for service in ["TENANTS", "INBOX", "CATALOG", "AI"] {
        all.push((format!("{service}_URL"), text(&house.run["grpc_url"])));
    }
    let process = Process::start(&["serve", "gateway"], &all, fresh_home()).await;
    let says = "gateway listens on ";
    let said = || async { process.log().lines().find_map(|line| Some(line.strip_prefix(says)?.to_owned())) };
    let gateway = Api::new(&format!("http://{}", eventually("it says where it listens", said).await));

    let (seen, mut frames) = mpsc::unbounded_channel();
    let mut shops = Vec::new();
    for number in 0..SHOPS {
        shops.push(house.shop_with_page(&format!("Tiệm {number}"), "facebook").await);
    }
    let (shop, page) = &shops[0];
    let off = json!({"ai_enabled_by_default": false});
    shop.api.call(reqwest::Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
    // The first answer of a process makes much that stays.
    gateway.get("/readyz").await.expect(200);
    let before = pss_kib(process.pid);
    let room = Arc::new(Semaphore::new(OPENING));
    let mut opening = Vec::new();
    for (shop, _) in &shops {
        for _ in 0..SOCKETS_EACH {
            let (shop, room, seen) = (shop.at(&gateway), Arc::clone(&room), seen.clone());
            opening.push(tokio::spawn(async move {
                let _place = room.acquire_owned().await.expect("it stays open");
                open(shop, seen).await;
            }));
        }
    }
    for opened in opening {
        opened.await.expect("every socket opens");
    }
    // One round of pings: what a socket needs for them, it has then.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let idle = pss_kib(process.pid);

    let mut times = Vec::new();
    for number in 0..MESSAGES {
        let words = format!("Tin nhắn số {number}");
        let began = Instant::now();
        house.write(page, "62000000000077", &words).await;
        let mut shown = 0;
        while shown < SOCKETS_EACH {
            let frame: Arc<str> = tokio::time::timeout(PATIENCE, frames.recv()).await.expect("in time").expect("open");
            shown += usize::from(frame.contains(&words) && frame.contains("message.created"));
        }
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let after = pss_kib(process.pid);
    let sockets = SHOPS * SOCKETS_EACH;
    let each = (idle.saturating_sub(before)) as f64 * 1024.0 / sockets as f64;
    let (p50, p95) = (percentile(&mut times, 50), percentile(&mut times, 95));
    vec![
        Row {
            what: "10,000 idle sockets on one gateway: its memory",
            ours: format!(
                "{} MiB, {} MiB before them, {} MiB after {MESSAGES} messages",
                idle / 1024,
                before / 1024,
                after / 1024
            ),
            baseline: format!("{each:.0} bytes a socket"),
            figure: format!("{:.0} MB", idle as f64 * 1024.0 / 1e6),
            budget: "< 100 MB",
            kept: idle * 1024 < 100_000_000,
        },
        Row {
            what: "a customer's message to all 1,000 sockets of a business, 10,000 open",
            ours: format!(
                "p50 {p50:.0} ms, p95 {p95:.0} ms of {MESSAGES}, from the webhook's cause to the last socket"
            ),
            baseline: "—".to_owned(),
            figure: format!("p95 {p95:.0} ms"),
            budget: "< 500 ms",
            kept: p95 < 500.0,
        },
    ]
}

/// Opens a socket that stays for as long as the bench, and tells what it is shown.
async fn open(shop: Shop, seen: mpsc::UnboundedSender<Arc<str>>) {
    let ticket: Value = shop.api.post("/api/ws-ticket", json!({})).await.expect(200);
    let url = format!("{}/ws/{}", shop.api.base().replace("http://", "ws://"), shop.id);
    let mut request = url.into_client_request().expect("a URL");
    let offered = format!("chatdesk.v1, ticket.{}", text(&ticket["ticket"]));
    request.headers_mut().insert("sec-websocket-protocol", offered.parse().expect("a header"));
    let small = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
    let (mut stream, _) = connect_async_with_config(request, Some(small), true).await.expect("it opens");
    tokio::spawn(async move {
        // Reading also answers pings.
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Text(text) = message
                && seen.send(text.as_str().into()).is_err()
            {
                return;
            }
        }
    });
}
