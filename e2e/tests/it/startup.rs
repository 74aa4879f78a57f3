//! What it says when something it needs is missing.

use std::process::Output;

use chatdesk_platform::db::testing::TestDb;
use tokio::process::Command;

use crate::process::{binary, fresh_home, variables};

async fn run(arguments: &[&str], variables: &[(String, String)]) -> Output {
    let home = fresh_home();
    std::fs::create_dir_all(&home).expect("a temporary folder");
    let command = Command::new(binary())
        .args(arguments)
        .current_dir(&home)
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("CHATDESK_HOME", &home)
        .kill_on_drop(true)
        .output();
    tokio::time::timeout(crate::process::PATIENCE, command).await.expect("it ends").expect("it runs")
}

fn set(mut variables: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    variables.retain(|(known, _)| known != name);
    if !value.is_empty() {
        variables.push((name.to_owned(), value.to_owned()));
    }
    variables
}

#[tokio::test]
async fn each_missing_thing_gives_one_clear_line() {
    let db = TestDb::new().await;
    let good = variables(&db);
    let cases = [
        ("no database answers", set(good.clone(), "DATABASE_URL", "postgres://nobody:x@127.0.0.1:1/none"), "database"),
        ("not a database URL", set(good.clone(), "DATABASE_URL", "nonsense"), "postgres://"),
        ("nothing embedded", set(good.clone(), "DATABASE_URL", ""), "make run"),
        ("no model", set(good.clone(), "EMBEDDING_MODEL", "/nowhere"), "EMBEDDING_MODEL"),
        ("a short secret", set(good.clone(), "SECRET_KEY", "short"), "32 characters"),
        ("a bad address", set(good, "GATEWAY_ADDR", "somewhere"), "GATEWAY_ADDR"),
    ];
    for (what, variables, hint) in cases {
        let output = run(&["run", "--sandbox"], &variables).await;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{what}");
        let lines: Vec<_> = words.lines().filter(|line| line.starts_with("chatdesk: ")).collect();
        assert_eq!(lines.len(), 1, "{what}: {words}");
        assert!(lines[0].contains(hint), "{what}: {words}");
        assert!(!words.contains("panicked"), "{what}: {words}");
    }
}

#[tokio::test]
async fn a_role_that_could_bypass_row_security_is_refused() {
    let db = TestDb::new().await;
    let variables = set(variables(&db), "INBOX_DATABASE_URL", db.url());
    let output = run(&["run", "--sandbox"], &variables).await;
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(words.contains("bypass row security"), "{words}");
}

#[tokio::test]
async fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let db = TestDb::new().await;
    let output = run(&["migrate"], &variables(&db)).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let offline = [
        ("FB_APP_SECRET", "x"),
        ("GRAPH_BASE_URL", "http://127.0.0.1:9"),
        ("INSTAGRAM_BASE_URL", "http://127.0.0.1:9"),
        ("EMBEDDING_MODEL", "/nowhere"),
    ];
    let variables = offline.into_iter().fold(variables(&db), |all, (name, value)| set(all, name, value));
    let output = run(&["doctor"], &variables).await;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "{words}");
    for line in ["BAD   model", "ok    database", "ok    role cd_inbox", "BAD   Facebook's Graph API", "note  Groq"] {
        assert!(words.contains(line), "{line} in:\n{words}");
    }
}

#[tokio::test]
async fn a_token_for_a_business_opens_its_grpc_and_no_other() {
    use chatdesk_proto::catalog::v1::ListProductsRequest;
    use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;

    let house = crate::shop::House::shared().await;
    let (shop, _page) = house.shop_with_page("Tiệm Máy", "facebook").await;
    let output = run(&["token", "--tenant", &shop.id], &variables(&house.db)).await;
    let token = String::from_utf8(output.stdout).expect("text").trim().to_owned();
    let url = crate::api::text(&house.run["grpc_url"]);
    let channel = tonic::transport::Endpoint::new(url).expect("a URL").connect().await.expect("it listens");
    let mut client = ProductServiceClient::new(channel);
    let with = |token: &str| {
        let mut request = tonic::Request::new(ListProductsRequest::default());
        let bearer = format!("Bearer {token}").parse().expect("a header");
        request.metadata_mut().insert("authorization", bearer);
        request
    };
    let listed = client.list_products(with(&token)).await.expect("the token is good").into_inner();
    assert_eq!(listed.items.len(), crate::shop::GOODS.len());
    let refused = client.list_products(with("made-up")).await.expect_err("no token");
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
}
