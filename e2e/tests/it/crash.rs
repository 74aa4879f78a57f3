//! kill -9 in the middle of everything, and a new start.

use chatdesk_platform::Shutdown;
use chatdesk_platform::Vars;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_sandbox::Sandbox;

use crate::api::{Api, text};
use crate::load::{Ledger, nothing_sent_twice};
use crate::process::{HEAVY, Process, eventually, fresh_home, variables};
use crate::shop::{GOODS, register};

/// Meta outlives us: the stand-in runs in the test's own process, and only ChatDesk is killed.
struct Outside {
    sandbox: Sandbox,
    _shutdown: Shutdown,
}

impl Outside {
    async fn start() -> Self {
        let shutdown = Shutdown::default();
        let config = chatdesk_sandbox::Config::from_vars(&Vars::fixed([
            ("SANDBOX_ADDR", "127.0.0.1:0"),
            ("SANDBOX_PAGES", "10"),
        ]));
        let sandbox = Sandbox::start(config.expect("a configuration"), &shutdown).await.expect("it listens");
        Self { sandbox, _shutdown: shutdown }
    }

    fn base(&self) -> String {
        format!("http://{}", self.sandbox.address())
    }

    fn variables(&self, db: &TestDb) -> Vec<(String, String)> {
        let mut all = variables(db);
        for (name, value) in [
            ("GRAPH_BASE_URL", format!("{}/graph", self.base())),
            ("INSTAGRAM_BASE_URL", format!("{}/instagram", self.base())),
            ("FB_APP_SECRET", chatdesk_sandbox::APP_SECRET.to_owned()),
            ("FB_VERIFY_TOKEN", chatdesk_sandbox::VERIFY_TOKEN.to_owned()),
        ] {
            all.push((name.to_owned(), value));
        }
        all
    }
}

async fn start(variables: &[(String, String)], outside: &Outside) -> (Process, Api) {
    let process = Process::start(&["run"], variables, fresh_home()).await;
    let run = process.run_file().await;
    let api = Api::new(&text(&run["api_url"]));
    outside.sandbox.set_webhook_target(api.base());
    (process, api)
}

#[tokio::test]
async fn killed_under_load_it_loses_nothing_acknowledged_and_sends_nothing_twice() {
    let _alone = HEAVY.lock().await;
    let outside = Outside::start().await;
    let db = TestDb::new().await;
    let variables = outside.variables(&db);
    let (mut process, api) = start(&variables, &outside).await;
    let mut pages = outside
        .sandbox
        .connectable_pages()
        .into_iter()
        .filter(|page| page.platform == chatdesk_meta::Platform::Facebook);
    let mut shops = Vec::new();
    for name in ["Tiệm Một", "Tiệm Hai", "Tiệm Ba"] {
        let shop = register(&api, name).await;
        for (product, price, status) in GOODS {
            shop.product(product, price, status).await;
        }
        let page = pages.next().expect("a page");
        let page =
            serde_json::json!({"platform": "facebook", "page_id": page.page_id, "access_token": page.access_token});
        shop.connect(&page).await.expect(201);
        shops.push((shop, page));
    }
    let mut ledger = Ledger::new(shops, 30, 6);
    let sandbox = Api::new(&outside.base());

    // The first kill comes while messages arrive and answers go out.
    let posting = ledger.post(&api, 1);
    let killing = async {
        eventually("some answers are out", || async {
            let sent = sandbox.get("/sandbox/sent").await.expect(200);
            (sent["items"].as_array().is_some_and(|items| items.len() >= 3)).then_some(())
        })
        .await;
        process.kill().await;
    };
    let (mut acknowledged, ()) = tokio::join!(posting, killing);

    let (_second, api) = start(&variables, &outside).await;
    for (shop, _) in &mut ledger.shops {
        shop.api = api.with_token(&shop.token);
    }
    // What was acknowledged comes once more too, as Meta may do.
    acknowledged.extend(ledger.post(&api, 1).await);
    ledger.bring_again(&api, &mut acknowledged).await;
    ledger.check(&acknowledged).await;
    nothing_sent_twice(&sandbox).await;

    // Nothing hangs: every outgoing message is sent, failed with a reason, or shown as unknown.
    for (shop, _) in &ledger.shops {
        for conversation in shop.api.all("/api/conversations").await {
            eventually("every outgoing message is settled", || async {
                let messages = shop.messages(&conversation).await;
                messages
                    .iter()
                    .all(|message| !["queued", "sending"].contains(&text(&message["status"]).as_str()))
                    .then_some(())
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_send_that_was_cut_after_meta_took_it_is_settled_by_the_echo_and_not_repeated() {
    let outside = Outside::start().await;
    let db = TestDb::new().await;
    let (_process, api) = start(&outside.variables(&db), &outside).await;
    let sandbox = Api::new(&outside.base());
    let shop = register(&api, "Tiệm Cắt").await;
    for (product, price, status) in GOODS {
        shop.product(product, price, status).await;
    }
    let page = outside
        .sandbox
        .connectable_pages()
        .into_iter()
        .find(|page| page.platform == chatdesk_meta::Platform::Facebook)
        .expect("a page");
    let page = serde_json::json!({"platform": "facebook", "page_id": page.page_id, "access_token": page.access_token});
    shop.connect(&page).await.expect(201);
    let fault = serde_json::json!({"target": "graph", "kind": "cut_after", "count": 1});
    assert!(sandbox.call(reqwest::Method::PUT, "/sandbox/faults", Some(fault)).await.status.is_success());
    let body = serde_json::json!({"page_id": page["page_id"], "text": "Áo thun đỏ giá bao nhiêu?"});
    sandbox.post("/sandbox/customers/66000000000001/messages", body).await.expect(201);
    shop.message_where("66000000000001", "the answer is known to be sent", |message| {
        message["sender_type"] == "ai" && message["status"] == "sent"
    })
    .await;
    let sent = sandbox.get("/sandbox/sent").await.expect(200);
    assert_eq!(sent["items"].as_array().expect("items").len(), 1, "{sent}");
}
