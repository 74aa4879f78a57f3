//! What was said and what must have become of it. Meta's stand-in brings each message until it was acknowledged, as Meta does, so each must be
//! there in the end: once, and in its order. What it was given is held against what we say we sent.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::site::Site;
use crate::api::text;
use crate::process::eventually;
use crate::shop::{GOODS, Shop, register};

/// Messages of the conversation from before the page was connected.
const HISTORY: usize = 12;
/// Whose that is.
const OLD_CUSTOMER: &str = "69000000000000";
/// They are good for ten minutes, and a check may take two.
const TOKENS_ARE_OLD: Duration = Duration::from_secs(5 * 60);
/// Beyond so many answers in ten minutes the assistant takes a customer for a bot (`most_turns`), so others go on.
const LINES_EACH: usize = 12;

/// Two businesses with a page each, and what their customers wrote.
pub struct Ledger {
    /// Each with its page.
    shops: Vec<(Shop, String)>,
    customers: Vec<Customer>,
    /// Meta's ids of the messages from before, oldest first.
    history: Vec<String>,
    /// Customers that write at the same time.
    crowd: usize,
    /// When the owners last logged in.
    logged_in: Instant,
    /// Customers so far.
    known: usize,
    /// Messages so far.
    pub written: usize,
}

struct Customer {
    shop: usize,
    id: String,
    /// Meta's ids, in order.
    mids: Vec<String>,
}

impl Ledger {
    /// Opens the businesses in a system that runs, for so many customers at a time.
    pub async fn open(site: &Site, crowd: usize) -> Self {
        let mut shops = Vec::new();
        let mut history = Vec::new();
        for (name, page) in ["Tiệm Sóng", "Tiệm Gió"].into_iter().zip(site.pages()) {
            let shop = register(&site.api, name).await;
            for (product, price, status) in GOODS {
                shop.product(product, price, status).await;
            }
            if history.is_empty() {
                let body = json!({"customer_id": OLD_CUSTOMER, "count": HISTORY, "days": 20});
                let path = format!("/sandbox/pages/{}/history", page.page_id);
                let kept = site.meta.post(&path, body).await.expect(201);
                history = kept["mids"].as_array().expect("mids").iter().map(text).collect();
            }
            let body = json!({"platform": "facebook", "page_id": page.page_id, "access_token": page.access_token});
            shop.connect(&body).await.expect(201);
            shops.push((shop, page.page_id));
        }
        let mut ledger =
            Self { shops, customers: Vec::new(), history, crowd, logged_in: Instant::now(), known: 0, written: 0 };
        ledger.others();
        ledger
    }

    /// Other customers write from now on.
    fn others(&mut self) {
        let first = self.known + 1;
        let customer = |number: usize| Customer {
            shop: number % self.shops.len(),
            id: format!("690{number:011}"),
            mids: Vec::new(),
        };
        self.customers = (first..first + self.crowd).map(customer).collect();
        self.known += self.crowd;
    }

    /// Every customer writes a line, all at once. Returns when Meta has them, whoever else.
    pub async fn write(&mut self, site: &Site) {
        let lines = self.customers.iter().map(|customer| {
            let page = &self.shops[customer.shop].1;
            let line = format!("Áo thun đỏ giá bao nhiêu? Câu {}", customer.mids.len() + 1);
            let path = format!("/sandbox/customers/{}/messages", customer.id);
            async move { text(&site.meta.post(&path, json!({"page_id": page, "text": line})).await.expect(201)["mid"]) }
        });
        let mids = join_all(lines).await;
        self.written += mids.len();
        for (customer, mid) in self.customers.iter_mut().zip(mids) {
            customer.mids.push(mid);
        }
    }

    /// Waits until the system, which must run, has come to an end with everything, and holds that against what was written.
    pub async fn check(&mut self, site: &Site) {
        if self.logged_in.elapsed() > TOKENS_ARE_OLD {
            for (shop, _) in &mut self.shops {
                *shop = shop.again(&site.api).await;
            }
            self.logged_in = Instant::now();
        }
        for customer in &self.customers {
            let shop = self.shop(site, customer.shop);
            // Whoever is logged in stays so over every start.
            eventually("each message that a customer wrote is stored", || async {
                let stored = written_by_contact(&shop.messages(&conversation(&shop, &customer.id).await?).await);
                (stored.len() >= customer.mids.len()).then_some(())
            })
            .await;
        }
        site.quiet().await;
        let sent = site.sent().await;
        let mut out = 0;
        for customer in &self.customers {
            let shop = self.shop(site, customer.shop);
            let conversation = conversation(&shop, &customer.id).await.expect("it was there");
            let messages = shop.messages(&conversation).await;
            assert_eq!(written_by_contact(&messages), customer.mids, "each once, in the order it was written");
            let copies: Vec<&Value> = sent.iter().filter(|one| one["recipient_id"] == customer.id.as_str()).collect();
            outgoing_agree(&messages, &copies);
            let answers = messages.iter().filter(|message| message["sender_type"] == "ai" && is_out(message)).count();
            out += answers;
            assert!(answers <= customer.mids.len(), "more answers than questions: {messages:?}");
            let is_answered = messages.last().is_some_and(|last| last["sender_type"] == "ai");
            assert!(is_answered || conversation["status"] == "needs_human", "nobody answers: {messages:?}");
        }
        assert!(out > 0, "no answer went out");
        if self.customers[0].mids.len() >= LINES_EACH {
            self.others();
        }
    }

    /// The conversation from before is there as Meta keeps it, once, and was not answered.
    pub async fn check_history(&self, site: &Site) {
        let shop = self.shop(site, 0);
        let messages = eventually("the history is fetched", || async {
            let messages = shop.messages(&conversation(&shop, OLD_CUSTOMER).await?).await;
            (messages.len() >= self.history.len()).then_some(messages)
        })
        .await;
        let stored: Vec<String> = messages.iter().map(|message| text(&message["platform_message_id"])).collect();
        assert_eq!(stored, self.history, "each once, in Meta's order, and nothing besides");
        assert!(messages.iter().all(|message| message["origin"] == "history"), "{messages:?}");
    }

    fn shop(&self, site: &Site, at: usize) -> Shop {
        self.shops[at].0.at(&site.api)
    }
}

/// The conversation with a customer, if there is one and the system can say so. A soak has more of them than a page.
async fn conversation(shop: &Shop, customer: &str) -> Option<Value> {
    let mut path = "/api/conversations?limit=200".to_owned();
    loop {
        let page = shop.api.get(&path).await;
        let items = page.status.is_success().then(|| page.body["items"].as_array())??;
        if let Some(found) = items.iter().find(|one| one["contact"]["platform_user_id"] == customer) {
            return Some(found.clone());
        }
        path = format!("/api/conversations?limit=200&cursor={}", page.body["next_cursor"].as_str()?);
    }
}

fn written_by_contact(messages: &[Value]) -> Vec<String> {
    let by_contact = messages.iter().filter(|message| message["sender_type"] == "contact");
    by_contact.map(|message| text(&message["platform_message_id"])).collect()
}

fn is_out(message: &Value) -> bool {
    ["sent", "delivered", "read"].contains(&text(&message["status"]).as_str())
}

/// What we say of each answer is what Meta has. Its record does not say whose copy is whose, so of two answers with the same words one may
/// be taken for the other; but each that is shown as sent is a message of its own at Meta, and Meta has no more copies than there are answers.
fn outgoing_agree(messages: &[Value], copies: &[&Value]) {
    let mids: HashMap<String, &Value> = copies.iter().map(|copy| (text(&copy["mid"]), *copy)).collect();
    let mut shown = HashSet::new();
    let mut answers: HashMap<String, usize> = HashMap::new();
    for message in messages.iter().filter(|message| message["sender_type"] == "ai") {
        match text(&message["status"]).as_str() {
            "sent" | "delivered" | "read" => {
                let mid = text(&message["platform_message_id"]);
                let copy = mids.get(&mid).unwrap_or_else(|| panic!("shown as sent, and Meta has nothing: {message}"));
                assert_eq!(copy["text"], message["content"], "another message's id");
                assert!(shown.insert(mid), "two messages are one of Meta's: {message}");
            }
            "unknown" => assert_eq!(message["needs_decision"], true, "nobody looks for it: {message}"),
            "failed" => continue,
            _ => panic!("left behind: {message}"),
        }
        *answers.entry(text(&message["content"])).or_default() += 1;
    }
    for copy in copies {
        let same = copies.iter().filter(|other| other["text"] == copy["text"]).count();
        let ours = answers.get(&text(&copy["text"])).copied().unwrap_or_default();
        assert!(same <= ours, "Meta was given {same} copies for {ours} answers: {copy} of {messages:?}");
    }
}
