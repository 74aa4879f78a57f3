//! The live socket as a browser uses it.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::api::{Api, text};
use crate::process::PATIENCE;
use crate::shop::{House, Shop};

/// An open socket of one member.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The seq of the hello, then of the newest numbered frame.
    pub seq: u64,
}

impl Socket {
    /// Opens one with a fresh ticket and reads the hello.
    pub async fn open(house: &House, shop: &Shop) -> Self {
        Self::open_at(&house.api, shop).await
    }

    /// The same at this gateway, which is not the one the ticket must come from.
    pub async fn open_at(gateway: &Api, shop: &Shop) -> Self {
        let ticket = shop.api.post("/api/ws-ticket", json!({})).await.expect(200);
        Self::connect(gateway, &shop.id, &text(&ticket["ticket"])).await.expect("the ticket is good")
    }

    /// Opens one with this ticket, or says how it was refused.
    pub async fn with_ticket(house: &House, business: &str, ticket: &str) -> Result<Self, u16> {
        Self::connect(&house.api, business, ticket).await
    }

    async fn connect(gateway: &Api, business: &str, ticket: &str) -> Result<Self, u16> {
        let url = format!("{}/ws/{business}", gateway.base().replace("http://", "ws://"));
        let mut request = url.into_client_request().expect("a URL");
        let offered = format!("chatdesk.v1, ticket.{ticket}");
        request.headers_mut().insert("sec-websocket-protocol", offered.parse().expect("a header"));
        let (stream, answer) = match connect_async(request).await {
            Ok(open) => open,
            Err(Error::Http(refused)) => return Err(refused.status().as_u16()),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(answer.headers()["sec-websocket-protocol"], "chatdesk.v1", "the ticket is not echoed");
        let mut socket = Self { stream, seq: 0 };
        let hello = socket.frame().await.expect("a hello");
        assert_eq!(hello["type"], "hello");
        socket.seq = hello["seq"].as_u64().expect("a seq");
        Ok(socket)
    }

    /// The next frame, or the close code.
    pub async fn frame(&mut self) -> Result<Value, u16> {
        let read = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                    Some(Ok(Message::Close(close))) => return Err(close.map_or(1005, |frame| frame.code.into())),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(1006),
                }
            }
        };
        tokio::time::timeout(PATIENCE, read).await.expect("a frame in time")
    }

    /// The next frame for which this holds. Numbered frames on the way must rise by one.
    pub async fn next_where(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        loop {
            let frame = self.frame().await.expect("the socket stays open");
            if let Some(seq) = frame["seq"].as_u64() {
                assert_eq!(seq, self.seq + 1, "no gap, nothing twice: {frame}");
                self.seq = seq;
            }
            if holds(&frame) {
                return frame;
            }
        }
    }

    /// The data of the next frame of a type for which this holds.
    pub async fn next_of(&mut self, kind: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.next_where(|frame| frame["type"] == kind && holds(&frame["data"])).await["data"].take()
    }

    /// Sends a JSON text.
    pub async fn say(&mut self, value: Value) {
        self.stream.send(Message::text(value.to_string())).await.expect("the socket takes it");
    }
}

#[tokio::test]
async fn a_socket_that_was_away_resumes_without_a_gap() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Mưa", "facebook").await;
    let first = Socket::open(&house, &shop).await;
    let seen = first.seq;
    drop(first);
    house.write(&page, "62000000000001", "Bình giữ nhiệt bao nhiêu tiền?").await;
    house.sent_to(&page, "62000000000001").await;

    let mut again = Socket::open(&house, &shop).await;
    assert!(again.seq > seen);
    let current = again.seq;
    again.say(json!({"type": "resume", "after": seen})).await;
    let mut missed = Vec::new();
    loop {
        let frame = again.frame().await.expect("the socket stays open");
        if frame["type"] == "resumed" {
            break;
        }
        if let Some(seq) = frame["seq"].as_u64() {
            missed.push(seq);
        }
    }
    let expected: Vec<u64> = (seen + 1..=*missed.last().expect("something was missed")).collect();
    assert_eq!(missed, expected);
    assert!(missed.last() >= Some(&current));
}

#[tokio::test]
async fn tickets_are_for_one_socket_of_ones_own_business() {
    let house = House::shared().await;
    let shop = house.shop("Tiệm Một").await;
    let other = house.shop("Tiệm Hai").await;
    let ticket = || async { text(&shop.api.post("/api/ws-ticket", json!({})).await.expect(200)["ticket"]) };

    let spent = ticket().await;
    drop(Socket::with_ticket(&house, &shop.id, &spent).await.expect("good once"));
    assert_eq!(Socket::with_ticket(&house, &shop.id, &spent).await.err(), Some(401));
    assert_eq!(Socket::with_ticket(&house, &shop.id, "made-up").await.err(), Some(401));
    assert_eq!(Socket::with_ticket(&house, &other.id, &ticket().await).await.err(), Some(404));
}

#[tokio::test]
async fn a_drain_closes_sockets_with_1001_and_ends_in_time() {
    let mut house = House::start(&[]).await;
    let (shop, _page) = house.shop_with_page("Tiệm Đóng", "facebook").await;
    let mut socket = Socket::open(&house, &shop).await;
    let stopping = async { house.process.stop().await };
    let closed = async {
        loop {
            if let Err(code) = socket.frame().await {
                break code;
            }
        }
    };
    let ((), code) =
        tokio::time::timeout(Duration::from_secs(60), async { tokio::join!(stopping, closed) }).await.expect("in time");
    assert_eq!(code, 1001);
}
