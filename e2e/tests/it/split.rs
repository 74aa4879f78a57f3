//! The same system as five processes.

use std::net::TcpListener;

use chatdesk_platform::Shutdown;
use chatdesk_platform::Vars;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_sandbox::Sandbox;
use serde_json::json;

use crate::api::{Api, text};
use crate::process::{Process, eventually, fresh_home, variables};
use crate::shop::{GOODS, register, sent};

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

#[tokio::test]
async fn five_processes_do_the_main_job_too() {
    let shutdown = Shutdown::default();
    let config = chatdesk_sandbox::Config::from_vars(&Vars::fixed([("SANDBOX_ADDR", "127.0.0.1:0")]));
    let sandbox = Sandbox::start(config.expect("a configuration"), &shutdown).await.expect("it listens");
    let base = format!("http://{}", sandbox.address());
    let db = TestDb::new().await;
    let mut all = variables(&db);
    all.retain(|(name, _)| name != "METRICS_ADDR" && name != "GATEWAY_ADDR");
    let gateway = format!("127.0.0.1:{}", free_port());
    let mut set = |name: &str, value: String| all.push((name.to_owned(), value));
    set("GRAPH_BASE_URL", format!("{base}/graph"));
    set("INSTAGRAM_BASE_URL", format!("{base}/instagram"));
    set("FB_APP_SECRET", chatdesk_sandbox::APP_SECRET.to_owned());
    set("FB_VERIFY_TOKEN", chatdesk_sandbox::VERIFY_TOKEN.to_owned());
    set("GATEWAY_ADDR", gateway.clone());
    for name in ["TENANTS", "INBOX", "CATALOG", "AI"] {
        let address = format!("127.0.0.1:{}", free_port());
        set(&format!("{name}_URL"), format!("http://{address}"));
        set(&format!("{name}_ADDR"), address);
    }
    let mut processes = Vec::new();
    for service in ["tenants", "catalog", "ai", "inbox", "gateway"] {
        processes.push(Process::start(&["serve", service], &all, fresh_home()).await);
    }
    let api = Api::new(&format!("http://{gateway}"));
    let probe = reqwest::Client::builder().build().expect("a client");
    eventually("all five are ready", || async {
        let answer = probe.get(format!("http://{gateway}/readyz")).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
    sandbox.set_webhook_target(api.base());

    let shop = register(&api, "Tiệm Năm").await;
    for (product, price, status) in GOODS {
        shop.product(product, price, status).await;
    }
    let outside = Api::new(&base);
    for (platform, customer) in
        [(chatdesk_meta::Platform::Facebook, "67000000000001"), (chatdesk_meta::Platform::Instagram, "67000000000002")]
    {
        let page = sandbox.connectable_pages().into_iter().find(|page| page.platform == platform).expect("a page");
        let page = json!({"platform": platform.as_str(), "page_id": page.page_id, "access_token": page.access_token});
        shop.connect(&page).await.expect(201);
        let body = json!({"page_id": page["page_id"], "text": "Quần jean xanh giá bao nhiêu?"});
        outside.post(&format!("/sandbox/customers/{customer}/messages"), body).await.expect(201);
        let answers = eventually("the customer is answered", || async {
            let sent = sent(&outside, &page, customer).await;
            (!sent.is_empty()).then_some(sent)
        })
        .await;
        assert!(text(&answers[0]["text"]).contains("420.000"), "{answers:?}");
        shop.message_where(customer, "the answer is shown as sent", |message| {
            message["sender_type"] == "ai" && message["status"] == "sent"
        })
        .await;
    }
}
