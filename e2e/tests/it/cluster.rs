//! Two gateways and two inboxes: what happens at one is seen at the other, with NATS in between, and without it.

use serde_json::{Value, json};

use crate::api::{Api, text};
use crate::fleet::Fleet;
use crate::live::Socket;
use crate::nats::Nats;
use crate::process::Process;
use crate::shop::{Shop, register};

/// Gateway and inbox twice: each gateway has an inbox of its own, so that what one tells the other goes through NATS or the database.
struct Twice {
    fleet: Fleet,
    nats: Nats,
    gateways: [Api; 2],
    shop: Shop,
    page: Value,
    _processes: Vec<Process>,
}

impl Twice {
    async fn start(name: &str, more: &[(&str, &str)]) -> Self {
        let nats = Nats::start().await;
        let mut fleet = Fleet::prepare(more).await;
        let mut processes = Vec::new();
        for service in ["tenants", "catalog", "ai"] {
            processes.push(fleet.serve(service).await.0);
        }
        let mut gateways = Vec::new();
        for _ in 0..2 {
            fleet.set("NATS_URL", &nats.url("inbox"));
            processes.push(fleet.serve("inbox").await.0);
            fleet.set("NATS_URL", &nats.url("gateway"));
            let (process, gateway) = fleet.gateway().await;
            processes.push(process);
            gateways.push(gateway);
        }
        let [first, second] = <[Api; 2]>::try_from(gateways).unwrap_or_else(|_| panic!("two"));
        fleet.sandbox.set_webhook_target(first.base());
        let shop = register(&first, name).await;
        let page = fleet.page(chatdesk_meta::Platform::Facebook);
        shop.connect(&page).await.expect(201);
        let off = json!({"ai_enabled_by_default": false});
        shop.api.call(reqwest::Method::PUT, "/api/assistant/settings", Some(off)).await.expect(200);
        Self { fleet, nats, gateways: [first, second], shop, page, _processes: processes }
    }

    /// A socket at each gateway.
    async fn sockets(&self) -> [Socket; 2] {
        let [first, second] = &self.gateways;
        [Socket::open_at(first, &self.shop).await, Socket::open_at(second, &self.shop).await]
    }

    /// A customer writes, and both sockets show it.
    async fn both_see(&self, sockets: &mut [Socket; 2], words: &str) {
        self.fleet.write(&self.page, "67000000000011", words).await;
        for socket in sockets {
            socket.next_of("message.created", |message| message["content"] == words).await;
        }
    }

    /// The person at the first gateway types until the one at the second is shown it: nothing but NATS carries that.
    async fn typing_crosses(&self, [first, second]: &mut [Socket; 2]) {
        let conversation = self.shop.conversation("67000000000011").await["id"].clone();
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(200));
        let say = async {
            loop {
                ticks.tick().await;
                first.say(json!({"type": "typing", "data": {"conversation_id": conversation}})).await;
            }
        };
        tokio::select! {
            () = say => {}
            _ = second.next_of("typing", |data| data["conversation_id"] == conversation) => {}
        }
    }
}

#[tokio::test]
async fn what_happens_at_one_gateway_is_shown_at_the_other() {
    // Nobody looks by himself during the test, so whatever arrives was told.
    let twice = Twice::start("Tiệm Đôi", &[("EVENT_POLL_MS", "3600000")]).await;
    let mut sockets = twice.sockets().await;
    for words in ["Chào shop", "Còn áo thun không?", "Dạ?"] {
        twice.both_see(&mut sockets, words).await;
    }
    twice.typing_crosses(&mut sockets).await;

    let [_, second] = &mut sockets;
    let product = twice.shop.product("Nón lá Huế", "85000", "available").await;
    let shown = second.next_of("product.updated", |shown| shown["id"] == product["id"]).await;
    assert_eq!((&shown["name"], &shown["price"]), (&product["name"], &product["price"]));
    let path = format!("/api/products/{}", text(&product["id"]));
    twice.shop.api.call(reqwest::Method::DELETE, &path, None).await.expect(204);
    second.next_of("product.updated", |shown| shown["id"] == product["id"] && shown["deleted"] == true).await;
}

#[tokio::test]
async fn nothing_is_lost_while_nats_is_away_or_comes_back_with_nothing() {
    let mut twice = Twice::start("Tiệm Bão", &[]).await;
    let mut sockets = twice.sockets().await;
    twice.both_see(&mut sockets, "Trước bão").await;
    twice.typing_crosses(&mut sockets).await;
    let seen = sockets[1].seq;

    twice.nats.kill().await;
    for words in ["Mất mạng", "Vẫn nhắn được chứ?"] {
        twice.both_see(&mut sockets, words).await;
    }
    let product = twice.shop.product("Áo mưa", "45000", "available").await;

    // One that was away gets what it missed at the other gateway, in order.
    let mut late = Socket::open_at(&twice.gateways[0], &twice.shop).await;
    let current = std::mem::replace(&mut late.seq, seen);
    late.say(json!({"type": "resume", "after": seen})).await;
    late.next_where(|frame| frame["type"] == "resumed").await;
    assert!(current > seen && late.seq >= current);

    twice.nats.again().await;
    // What has no number was not told of; now it is, or everything is to be loaded again.
    let is_told = |frame: &Value| {
        frame["type"] == "resync" || frame["type"] == "product.updated" && frame["data"]["id"] == product["id"]
    };
    sockets[1].next_where(is_told).await;
    twice.typing_crosses(&mut sockets).await;
    twice.both_see(&mut sockets, "Sau bão").await;
}
