//! Many customers at once over several businesses: each message once, in order, in its own business, each customer answered, nothing sent twice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::join_all;
use serde_json::Value;

use crate::api::{Api, text};
use crate::process::{HEAVY, PATIENCE, eventually};
use crate::shop::{House, Shop, entry, now_ms, signed, text_item};

/// What was posted: the businesses, and each customer's mids in the order they were written.
pub struct Ledger {
    /// Each business with its page.
    pub shops: Vec<(Shop, Value)>,
    /// What each customer wrote.
    pub written: Vec<Written>,
    /// When the first lines were written, in milliseconds.
    start: i64,
}

/// One customer's lines.
pub struct Written {
    /// Which of the businesses.
    shop: usize,
    customer: String,
    /// (mid, text) in order.
    lines: Vec<(String, String)>,
}

impl Ledger {
    /// `customers` customers over these businesses, `lines` messages each.
    pub fn new(shops: Vec<(Shop, Value)>, customers: usize, lines: usize) -> Self {
        let run = uuid::Uuid::new_v4().simple().to_string();
        let written = (0..customers)
            .map(|number| {
                let customer = format!("65{number:08}");
                let mids = (0..lines)
                    .map(|line| (format!("m_{run}_{number}_{line}"), format!("Áo thun đỏ giá bao nhiêu? Câu {line}")))
                    .collect();
                Written { shop: number % shops.len(), customer, lines: mids }
            })
            .collect();
        Self { shops, written, start: now_ms() }
    }

    /// Posts everything, each customer's lines one after the other, all customers at once; each body `times` times. Gives the mids that were acknowledged.
    pub async fn post(&self, api: &Api, times: usize) -> HashSet<String> {
        self.post_but(&HashSet::new(), api, times).await
    }

    /// Brings again what was not acknowledged until it is, as Meta does: a machine with much to do may say 503.
    pub async fn bring_again(&self, api: &Api, acknowledged: &mut HashSet<String>) {
        let lines = self.written.iter().map(|written| written.lines.len()).sum::<usize>();
        let bringing = async {
            while acknowledged.len() < lines {
                let taken = self.post_but(acknowledged, api, 1).await;
                acknowledged.extend(taken);
            }
        };
        tokio::time::timeout(PATIENCE, bringing).await.expect("everything is acknowledged at last");
    }

    async fn post_but(&self, acknowledged: &HashSet<String>, api: &Api, times: usize) -> HashSet<String> {
        let start = self.start;
        let customers = self.written.iter().map(|Written { shop, customer, lines }| async move {
            let page = text(&self.shops[*shop].1["page_id"]);
            let mut taken = Vec::new();
            for (at, (mid, line)) in (0..).zip(lines).filter(|(_, (mid, _))| !acknowledged.contains(mid)) {
                let (body, signature) = signed(&entry(&page, &[text_item(&page, customer, mid, line, start + at)]));
                for _ in 0..times {
                    if post(api, body.clone(), &signature).await {
                        taken.push(mid.clone());
                    }
                }
            }
            taken
        });
        join_all(customers).await.into_iter().flatten().collect()
    }

    /// Every acknowledged message is stored once, in order and in its own business, and every customer who was acknowledged is answered.
    pub async fn check(&self, acknowledged: &HashSet<String>) {
        for (shop_at, (shop, _)) in self.shops.iter().enumerate() {
            let conversations = eventually("all customers have their conversation", || async {
                let all = shop.api.all("/api/conversations").await;
                let by_customer: HashMap<String, Value> =
                    all.into_iter().map(|one| (text(&one["contact"]["platform_user_id"]), one)).collect();
                let there = |Written { shop: at, customer, lines }: &Written| {
                    *at != shop_at
                        || !lines.iter().any(|(mid, _)| acknowledged.contains(mid))
                        || by_customer.contains_key(customer)
                };
                self.written.iter().all(there).then_some(by_customer)
            })
            .await;
            for Written { customer, lines, .. } in self.written.iter().filter(|one| one.shop == shop_at) {
                let expected: Vec<&str> =
                    lines.iter().map(|(mid, _)| mid.as_str()).filter(|mid| acknowledged.contains(*mid)).collect();
                let Some(conversation) = conversations.get(customer) else { continue };
                let messages = eventually("the customer's messages are stored and answered", || async {
                    let messages = shop.messages(conversation).await;
                    let stored = messages.iter().filter(|message| message["sender_type"] == "contact").count();
                    let settled = messages.last().is_some_and(|last| {
                        last["sender_type"] == "ai"
                            && ["sent", "delivered", "read", "unknown"].contains(&text(&last["status"]).as_str())
                    });
                    (stored >= expected.len() && settled).then_some(messages)
                })
                .await;
                let stored: Vec<String> = messages
                    .iter()
                    .filter(|message| message["sender_type"] == "contact")
                    .map(|message| text(&message["platform_message_id"]))
                    .collect();
                let distinct: HashSet<&String> = stored.iter().collect();
                assert_eq!(distinct.len(), stored.len(), "stored once each");
                let of_acknowledged: Vec<&str> =
                    stored.iter().map(String::as_str).filter(|mid| acknowledged.contains(*mid)).collect();
                assert_eq!(of_acknowledged, expected, "in order, none missing");
            }
        }
    }
}

async fn post(api: &Api, body: Vec<u8>, signature: &str) -> bool {
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build().expect("a client");
    let sent = client
        .post(format!("{}/api/webhooks/facebook", api.base()))
        .header("content-type", "application/json")
        .header("x-hub-signature-256", signature)
        .body(body)
        .send()
        .await;
    sent.is_ok_and(|answer| answer.status().as_u16() == 200)
}

/// No answer went out twice: one send per outgoing message, recognised by its metadata.
pub async fn nothing_sent_twice(sandbox: &Api) {
    let all = sandbox.get("/sandbox/sent").await.expect(200);
    let mut seen = HashSet::new();
    for item in all["items"].as_array().expect("items") {
        let metadata = text(&item["metadata"]);
        assert!(!metadata.is_empty(), "{item}");
        assert!(seen.insert(metadata), "sent twice: {item}");
    }
}

async fn a_thousand_messages(times: usize) {
    let _alone = HEAVY.lock().await;
    let house = Arc::new(House::start(&[("QUIET_WINDOW_MS", "300")]).await);
    let mut shops = Vec::new();
    for name in ["Tiệm A", "Tiệm B", "Tiệm C"] {
        shops.push(house.shop_with_page(name, "facebook").await);
    }
    let ledger = Ledger::new(shops, 50, 20);
    let mut acknowledged = ledger.post(&house.api, times).await;
    ledger.bring_again(&house.api, &mut acknowledged).await;
    ledger.check(&acknowledged).await;
    nothing_sent_twice(&house.sandbox).await;
}

#[tokio::test]
async fn a_thousand_messages_of_fifty_customers() {
    a_thousand_messages(1).await;
}

#[tokio::test]
async fn a_thousand_messages_each_posted_three_times() {
    a_thousand_messages(3).await;
}
