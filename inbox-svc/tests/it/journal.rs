//! The journal: nobody is answered before the commit, and a lost database is told at once and overcome.

use std::str::FromStr;

use chatdesk_proto::tenants::v1::Platform;
use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tonic::Code;

use crate::house::{House, message, now_ms, page, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_acknowledged_body_is_there() {
    let house = House::new().await;
    let bodies = (0..300).map(|n| house.post_bytes(Platform::Facebook, format!("not json {n}").into_bytes()));
    let ids = futures::future::join_all(bodies).await;
    let kept: i64 =
        sqlx::query_scalar("select count(*) from inbox.webhook_events").fetch_one(&house.admin).await.unwrap();
    assert_eq!(kept, 300);
    for (n, id) in ids.into_iter().enumerate() {
        let body: Vec<u8> = sqlx::query_scalar("select body from inbox.webhook_events where id = $1")
            .bind(id.unwrap())
            .fetch_one(&house.admin)
            .await
            .unwrap();
        assert_eq!(body, format!("not json {n}").into_bytes());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_when_the_process_drains_is_still_kept() {
    let house = House::new().await;
    let posts = (0..50).map(|n| house.post_bytes(Platform::Facebook, format!("{n}").into_bytes()));
    let (answers, drained) =
        tokio::join!(futures::future::join_all(posts), house.shutdown.drain(std::time::Duration::from_secs(20)));
    assert!(drained);
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    let kept: i64 =
        sqlx::query_scalar("select count(*) from inbox.webhook_events").fetch_one(&house.admin).await.unwrap();
    assert_eq!(i64::try_from(taken).unwrap(), kept);
    let late = house.post_bytes(Platform::Facebook, b"late".to_vec()).await.unwrap_err();
    assert_eq!(late.code(), Code::Unavailable);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_is_unavailable_and_comes_back() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.idle().await;
    let options = PgConnectOptions::from_str(house.db.url()).unwrap();
    let name = options.get_database().unwrap().to_owned();
    let mut server = PgConnection::connect_with(&options.database("postgres")).await.unwrap();
    let run = async |server: &mut PgConnection, statement: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(server).await.unwrap();
    };
    run(&mut server, format!("alter database {name} allow_connections false")).await;
    run(&mut server, format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")).await;
    let body = page(&house.shop, vec![message("c1", "m2", "two", now_ms())]).to_string().into_bytes();
    let refused = until("a refusal", || async { house.post_bytes(Platform::Facebook, body.clone()).await.err() }).await;
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(!house.service.is_ready().await);
    run(&mut server, format!("alter database {name} allow_connections true")).await;
    until("the database", || async { house.post_bytes(Platform::Facebook, body.clone()).await.ok() }).await;
    house.see("an answer", |all| all.len() == 4 && all[3].content == "re: two").await;
    assert!(house.service.is_ready().await);
}
