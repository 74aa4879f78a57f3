//! The same system as five processes, each with its own key and, where it owns data, its own login.

use std::collections::HashMap;

use chatdesk_platform::Shutdown;
use chatdesk_platform::Vars;
use chatdesk_platform::db::testing::TestDb;
use chatdesk_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde_json::json;
use tokio::process::Command;

use crate::api::{Api, text};
use crate::process::{Process, binary, eventually, fresh_home, variables};
use crate::shop::{GOODS, register, sent};

/// The variables that `chatdesk keys` gives to each process: its own private key, the others' public ones, and no secret that is not its business.
async fn keys(variables: &[(String, String)]) -> HashMap<String, Vec<(String, String)>> {
    let command = Command::new(binary())
        .arg("keys")
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output();
    let words = String::from_utf8(command.await.expect("it runs").stdout).expect("text");
    let mut keys = HashMap::<_, Vec<_>>::new();
    let mut process = String::new();
    for line in words.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("# "), line.split_once('=')) {
            (Some(name), _) => process = name.to_owned(),
            (None, Some((name, value))) => {
                keys.entry(process.clone()).or_default().push((name.to_owned(), value.to_owned()));
            }
            (None, None) => panic!("not a variable: {line}"),
        }
    }
    keys
}

/// Where a process listens, as it says itself.
async fn address(process: &Process, service: &str) -> String {
    let says = format!("{service} listens on ");
    let said = || async { process.log().lines().find_map(|line| Some(line.strip_prefix(&says)?.to_owned())) };
    eventually("it says where it listens", said).await
}

#[tokio::test]
async fn five_processes_do_the_main_job_too() {
    let shutdown = Shutdown::default();
    let config = chatdesk_sandbox::Config::from_vars(&Vars::fixed([("SANDBOX_ADDR", "127.0.0.1:0")]));
    let sandbox = Sandbox::start(config.expect("a configuration"), &shutdown).await.expect("it listens");
    let base = format!("http://{}", sandbox.address());
    let db = TestDb::new().await;
    let mut all = variables(&db);
    let keys = keys(&all).await;
    all.retain(|(name, _)| !["METRICS_ADDR", "SECRET_KEY", "DATABASE_URL"].contains(&name.as_str()));
    for (name, value) in [
        ("GRAPH_BASE_URL", format!("{base}/graph")),
        ("INSTAGRAM_BASE_URL", format!("{base}/instagram")),
        ("FB_APP_SECRET", chatdesk_sandbox::APP_SECRET.to_owned()),
        ("FB_VERIFY_TOKEN", chatdesk_sandbox::VERIFY_TOKEN.to_owned()),
    ] {
        all.push((name.to_owned(), value));
    }
    // In the order of the calls they make, so that each finds the addresses of those it calls.
    let mut processes = Vec::new();
    for (service, role) in
        [("tenants", "cd_tenants"), ("catalog", "cd_catalog"), ("ai", ""), ("inbox", "cd_inbox"), ("gateway", "")]
    {
        let upper = service.to_uppercase();
        let mut own = all.clone();
        own.extend(keys[service].clone());
        own.push((format!("{upper}_ADDR"), "127.0.0.1:0".to_owned()));
        if !role.is_empty() {
            own.push((format!("{upper}_DATABASE_URL"), db.role_url(role).expose_secret().to_owned()));
        }
        let process = Process::start(&["serve", service], &own, fresh_home()).await;
        all.push((format!("{upper}_URL"), format!("http://{}", address(&process, service).await)));
        processes.push(process);
    }
    let (_, gateway) = all.pop().expect("the gateway's");
    let api = Api::new(&gateway);
    let probe = reqwest::Client::builder().build().expect("a client");
    eventually("all five are ready", || async {
        let answer = probe.get(format!("{gateway}/readyz")).send().await.ok()?;
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
