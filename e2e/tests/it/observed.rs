//! What an operator's tools see: the page of measurements, and health.

use std::collections::BTreeSet;

use tokio::process::Command;

use crate::api::text;
use crate::process::{binary, eventually};
use crate::shop::House;

/// The names and kinds that docs/metrics.md tells of.
fn told() -> BTreeSet<(String, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md");
    let words = std::fs::read_to_string(path).expect("it is there");
    let rows = words.lines().filter_map(|line| line.strip_prefix("| `chatdesk_"));
    rows.filter_map(|row| {
        let (name, rest) = row.split_once("` | ")?;
        Some((format!("chatdesk_{name}"), rest.split(' ').next()?.to_owned()))
    })
    .collect()
}

#[tokio::test]
async fn what_is_measured_is_documented_and_times_come_in_buckets() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Đo Lường", "facebook").await;
    let mut socket = crate::live::Socket::open(&house, &shop).await;
    house.write(&page, "62000000000091", "Bình giữ nhiệt bao nhiêu tiền?").await;
    socket.next_of("message.created", |message| message["sender_type"] == "ai").await;
    house.sent_to(&page, "62000000000091").await;

    let url = format!("{}/metrics", text(&house.run["metrics_url"]));
    let wanted = [
        // The ends that the objectives are about.
        "chatdesk_gateway_http_request_seconds_bucket{method=\"POST\",path=\"/api/webhooks/facebook\",le=\"1\"}",
        "chatdesk_inbox_reply_seconds_bucket{le=\"7\"}",
        "chatdesk_gateway_frame_seconds_bucket{le=\"2.5\"}",
        "chatdesk_work_items{kind=\"sweep\",state=\"waiting\"} 1",
        "chatdesk_work_oldest_seconds{kind=\"sweep\"}",
        "chatdesk_db_connections{pool=\"inbox_work\",state=\"free\"}",
        "chatdesk_db_connections{pool=\"tenants\",state=\"used\"}",
        "chatdesk_db_connections{pool=\"catalog\",state=\"used\"}",
    ];
    let page = eventually("everything is measured", || async {
        let page = reqwest::get(&url).await.ok()?.text().await.ok()?;
        wanted.iter().all(|part| page.contains(part)).then_some(page)
    })
    .await;
    let told = told();
    let measured = page.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    for (name, kind) in measured.filter_map(|line| line.split_once(' ')) {
        assert!(
            told.contains(&(name.to_owned(), kind.to_owned())),
            "docs/metrics.md does not tell of the {kind} {name}"
        );
    }
}

#[tokio::test]
async fn health_is_asked_of_the_process_beside_it() {
    let house = House::shared().await;
    let address = |url: &str| text(&house.run[url]).replace("http://", "");
    let asked = async |arguments: &[&str], name: &str, address: &str| {
        let asked = Command::new(binary()).args(arguments).env_clear().env(name, address).output().await;
        asked.expect("it runs").status.success()
    };
    assert!(asked(&["health"], "METRICS_ADDR", &address("metrics_url")).await);
    assert!(asked(&["health", "--ready"], "GATEWAY_ADDR", &address("api_url")).await);
    // Nobody listens there, and somebody else does.
    assert!(!asked(&["health"], "METRICS_ADDR", "127.0.0.1:1").await);
    assert!(!asked(&["health", "--ready"], "GATEWAY_ADDR", &address("metrics_url")).await);
}
