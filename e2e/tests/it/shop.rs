//! An installation with businesses on it, as most tests want it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chatdesk_meta::AppSecrets;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_platform::{Clock, TotpSecret, totp_step};
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

use crate::api::{Api, text};
use crate::process::{Process, eventually, fresh_home, variables};

/// The whole system in one process, with Meta's stand-in.
pub struct House {
    /// The process.
    pub process: Process,
    /// Its database.
    pub db: TestDb,
    /// Where everything is.
    pub run: Value,
    /// Nobody at the gateway.
    pub api: Api,
    /// The stand-in.
    pub sandbox: Api,
    free_pages: Mutex<Vec<Value>>,
    /// The admin's session, and since when.
    admin: Mutex<Option<(Instant, Value)>>,
}

static SHARED: OnceCell<Arc<House>> = OnceCell::const_new();

impl House {
    /// One installation for all tests that leave it as it was.
    pub async fn shared() -> Arc<Self> {
        Arc::clone(SHARED.get_or_init(|| async { Arc::new(Self::start(&[]).await) }).await)
    }

    /// An installation of its own, with further variables.
    pub async fn start(more: &[(&str, &str)]) -> Self {
        let db = TestDb::new().await;
        let mut all = variables(&db);
        all.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let process = Process::start(&["run", "--sandbox"], &all, fresh_home()).await;
        let run = process.run_file().await;
        let api = Api::new(&text(&run["api_url"]));
        let sandbox = Api::new(&text(&run["sandbox_url"]));
        let free_pages = Mutex::new(run["connectable"].as_array().cloned().unwrap_or_default());
        Self { process, db, run, api, sandbox, free_pages, admin: Mutex::default() }
    }

    /// A page nobody has connected.
    pub async fn free_page(&self, platform: &str) -> Value {
        let mut free = self.free_pages.lock().await;
        let at = free.iter().position(|page| page["platform"] == platform).expect("a free page");
        free.remove(at)
    }

    /// The demo shop's owner.
    pub async fn demo_owner(&self) -> Shop {
        let login = &self.run["logins"][0];
        let body = json!({"email": login["email"], "password": login["password"]});
        let session = self.api.post("/api/auth/login", body).await.expect(200);
        Shop::of(&self.api, &session)
    }

    /// The platform admin, logged in once for the tests of some minutes: each one-time code works once, and there is one every half minute;
    /// an access token lives for ten minutes, and on a slow machine all tests take longer.
    pub async fn admin(&self) -> Shop {
        let logins = self.run["logins"].as_array().expect("logins");
        let login = logins.iter().find(|login| login["role"] == "admin").expect("an admin");
        let mut kept = self.admin.lock().await;
        kept.take_if(|(since, _)| since.elapsed() > Duration::from_secs(240));
        if kept.is_none() {
            let secret = TotpSecret::parse(&text(&login["totp_secret"])).expect("a secret");
            let code = secret.code(totp_step(Clock::system().now()));
            let body = json!({"email": login["email"], "password": login["password"], "code": code});
            *kept = Some((Instant::now(), self.api.post("/api/auth/login", body).await.expect(200)));
        }
        let (_, session) = kept.as_ref().expect("just logged in");
        Shop::of(&self.api, session)
    }

    /// A new business without anything.
    pub async fn shop(&self, name: &str) -> Shop {
        register(&self.api, name).await
    }

    /// A new business with one connected page and a few products.
    pub async fn shop_with_page(&self, name: &str, platform: &str) -> (Shop, Value) {
        let shop = self.shop(name).await;
        for (product, price, status) in GOODS {
            shop.product(product, price, status).await;
        }
        let page = self.free_page(platform).await;
        shop.connect(&page).await.expect(201);
        (shop, page)
    }

    /// A customer's message through the stand-in; gives its mid.
    pub async fn write(&self, page: &Value, customer: &str, message: &str) -> String {
        let body = json!({"page_id": page["page_id"], "text": message});
        let answer = self.sandbox.post(&format!("/sandbox/customers/{customer}/messages"), body).await;
        text(&answer.expect(201)["mid"])
    }

    /// What the stand-in was given for a customer, once there is something.
    pub async fn sent_to(&self, page: &Value, customer: &str) -> Vec<Value> {
        eventually("something is sent to the customer", || async {
            let sent = sent(&self.sandbox, page, customer).await;
            (!sent.is_empty()).then_some(sent)
        })
        .await
    }
}

/// What the stand-in was given for a customer so far.
pub async fn sent(sandbox: &Api, page: &Value, customer: &str) -> Vec<Value> {
    let all = sandbox.get("/sandbox/sent").await.expect(200);
    let items = all["items"].as_array().cloned().unwrap_or_default();
    items.into_iter().filter(|item| item["page_id"] == page["page_id"] && item["recipient_id"] == customer).collect()
}

/// Goods that questions can be asked about.
pub const GOODS: [(&str, &str, &str); 4] = [
    ("Áo thun đỏ cotton", "150000", "available"),
    ("Quần jean xanh ống rộng", "420000", "available"),
    ("Bình giữ nhiệt 500ml", "189000", "available"),
    ("Túi vải canvas", "95000", "out_of_stock"),
];

/// A new business at an address.
pub async fn register(api: &Api, name: &str) -> Shop {
    let email = format!("{}@shop.example", uuid::Uuid::new_v4().simple());
    let body = json!({"email": email, "password": PASSWORD, "business_name": name,
        "business_description": "Bán quần áo và đồ gia dụng", "phone": "0901234567"});
    let session = api.post("/api/auth/register", body).await.expect(201);
    Shop::of(api, &session)
}

/// Of every owner that a test registers.
const PASSWORD: &str = "mat khau rat dai 123";

/// A business with its owner logged in.
pub struct Shop {
    /// The owner's API.
    pub api: Api,
    /// The business's id.
    pub id: String,
    /// The owner's access token, which is good for ten minutes.
    pub token: String,
    email: String,
}

impl Shop {
    /// From what register or login answered.
    pub fn of(api: &Api, session: &Value) -> Self {
        let (user, token) = (&session["user"], text(&session["access_token"]));
        Self { api: api.with_token(&token), id: text(&user["business_id"]), token, email: text(&user["email"]) }
    }

    /// The same business at another gateway of the installation, with the token it has.
    pub fn at(&self, api: &Api) -> Self {
        Self {
            api: api.with_token(&self.token),
            id: self.id.clone(),
            token: self.token.clone(),
            email: self.email.clone(),
        }
    }

    /// The same business, logged in anew, once that is possible.
    pub async fn again(&self, api: &Api) -> Self {
        let body = json!({"email": self.email, "password": PASSWORD});
        let session = eventually("the owner is logged in", || async {
            let answer = api.post("/api/auth/login", body.clone()).await;
            answer.status.is_success().then_some(answer.body)
        });
        Self::of(api, &session.await)
    }

    /// Adds a product and gives it.
    pub async fn product(&self, name: &str, price: &str, status: &str) -> Value {
        let body = json!({"name": name, "description": format!("{name}, hàng đẹp"), "price": price, "status": status});
        self.api.post("/api/products", body).await.expect(201)
    }

    /// Connects a page of run.json's `connectable`.
    pub async fn connect(&self, page: &Value) -> crate::api::Answer {
        let body = json!({"page_id": page["page_id"], "access_token": page["access_token"]});
        self.api.post(&format!("/api/channels/{}", text(&page["platform"])), body).await
    }

    /// The conversation with a customer, once there is one.
    pub async fn conversation(&self, customer: &str) -> Value {
        eventually("the conversation is there", || async {
            let all = self.api.all("/api/conversations").await;
            all.into_iter().find(|one| one["contact"]["platform_user_id"] == customer)
        })
        .await
    }

    /// A conversation's messages, oldest first.
    pub async fn messages(&self, conversation: &Value) -> Vec<Value> {
        let mut all = self.api.all(&format!("/api/conversations/{}/messages", text(&conversation["id"]))).await;
        all.reverse();
        all
    }

    /// The first message of the conversation for which this holds, once there is one.
    pub async fn message_where(&self, customer: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let conversation = self.conversation(customer).await;
        eventually(what, || async { self.messages(&conversation).await.into_iter().find(|message| holds(message)) })
            .await
    }
}

/// A webhook body with text messages, signed with the stand-in's secret.
pub fn signed(body: &Value) -> (Vec<u8>, String) {
    let bytes = serde_json::to_vec(body).expect("JSON");
    let signature = AppSecrets::parse(chatdesk_sandbox::APP_SECRET).expect("a secret").sign(&bytes);
    (bytes, signature)
}

/// A `messaging` item of a customer's text.
pub fn text_item(page: &str, customer: &str, mid: &str, message: &str, at_ms: i64) -> Value {
    json!({"sender": {"id": customer}, "recipient": {"id": page}, "timestamp": at_ms, "message": {"mid": mid, "text": message}})
}

/// A webhook body of one page.
pub fn entry(page: &str, items: &[Value]) -> Value {
    json!({"object": "page", "entry": [{"id": page, "time": now_ms(), "messaging": items}]})
}

/// Now, in Meta's milliseconds.
pub fn now_ms() -> i64 {
    chatdesk_platform::Clock::system().now().timestamp_millis()
}
