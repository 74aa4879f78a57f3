//! From the moment a reply is due to the moment the Graph API has it, with the catalogue answerer, which takes no time.

use std::time::Duration;

use chatdesk_platform::db::testing::TestDb;
use chatdesk_sandbox::Sandbox;
use serde_json::json;

use crate::Row;
use crate::api::{Api, text};
use crate::process::eventually;

const CUSTOMERS: usize = 40;

/// The name of inbox-svc's histogram of it, in seconds.
const METRIC: &str = "chatdesk_inbox_reply_seconds";

pub async fn measure(api: &Api, sandbox: &Sandbox, _db: &TestDb, metrics: &str) -> (String, Row) {
    let email = "bench@shop.example";
    let body = json!({"email": email, "password": "mat khau rat dai 123", "business_name": "Tiệm Đo"});
    let session = api.post("/api/auth/register", body).await.expect(201);
    let shop = api.with_token(&text(&session["access_token"]));
    for (name, price) in
        [("Áo thun đỏ cotton", "150000"), ("Quần jean xanh ống rộng", "420000"), ("Bình giữ nhiệt 500ml", "189000")]
    {
        shop.post("/api/products", json!({"name": name, "description": "hàng đẹp", "price": price})).await.expect(201);
    }
    let pages = sandbox.connectable_pages();
    let page = pages.iter().find(|page| page.platform == chatdesk_meta::Platform::Facebook).expect("a page");
    let connect = json!({"page_id": page.page_id, "access_token": page.access_token});
    shop.post("/api/channels/facebook", connect).await.expect(201);
    let outside = Api::new(&format!("http://{}", sandbox.address()));
    for number in 0..CUSTOMERS {
        let body = json!({"page_id": page.page_id, "text": "Áo thun đỏ giá bao nhiêu?"});
        outside.post(&format!("/sandbox/customers/{}/messages", 910_000 + number), body).await.expect(201);
        eventually("the customer is answered", || async {
            let sent = outside.get("/sandbox/sent").await.expect(200);
            (sent["items"].as_array()?.len() > number).then_some(())
        })
        .await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let words = reqwest::get(format!("{metrics}/metrics")).await.expect("metrics").text().await.expect("text");
    let value = |part: &str| -> f64 {
        let prefix = format!("{METRIC}_{part} ");
        let found = words.lines().find_map(|line| line.strip_prefix(&prefix)?.parse().ok());
        found.unwrap_or_else(|| panic!("no {prefix} in:\n{words}"))
    };
    let seconds = value("sum") / value("count");
    let row = Row {
        what: "due reply to answer handed to the Graph API (mean)",
        ours: format!("{:.0} ms", seconds * 1000.0),
        baseline: "—".to_owned(),
        figure: format!("{:.0} ms", seconds * 1000.0),
        budget: "< 150 ms",
        kept: seconds < 0.150,
    };
    (page.page_id.clone(), row)
}
