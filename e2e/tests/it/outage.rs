//! The database goes away while the system runs, and comes back.

use chatdesk_platform::Vars;
use sqlx::postgres::PgPoolOptions;

use crate::process::{HEAVY, eventually};
use crate::shop::{House, entry, now_ms, signed, text_item};

#[tokio::test]
async fn without_its_database_it_says_503_and_recovers_by_itself() {
    let _alone = HEAVY.lock().await;
    let house = House::start(&[]).await;
    let (shop, page) = house.shop_with_page("Tiệm Mất Điện", "facebook").await;
    let page_id = crate::api::text(&page["page_id"]);
    let database = house.db.url().rsplit('/').next().expect("a name").to_owned();
    let server = Vars::process().require("TEST_DATABASE_URL", "use make test").expect("a test server");
    let admin = PgPoolOptions::new().max_connections(1).connect(&server).await.expect("the server answers");
    let run = |statement: String| {
        let admin = admin.clone();
        async move { sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&admin).await.expect("the superuser may") }
    };

    run(format!("alter database {database} allow_connections false")).await;
    run(format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database}'")).await;
    eventually("reads answer 503", || async {
        (shop.api.get("/api/products").await.status.as_u16() == 503).then_some(())
    })
    .await;
    eventually("it is not ready", || async { (house.api.get("/readyz").await.status.as_u16() == 503).then_some(()) })
        .await;
    assert_eq!(house.api.get("/livez").await.status.as_u16(), 200, "it lives all the same");
    let (body, signature) =
        signed(&entry(&page_id, &[text_item(&page_id, "7301", "m_outage", "còn hàng không", now_ms())]));
    assert_eq!(
        house.api.webhook("facebook", body.clone(), Some(&signature)).await.as_u16(),
        503,
        "Meta keeps it and tries again"
    );

    run(format!("alter database {database} allow_connections true")).await;
    eventually("reads work again", || async {
        (shop.api.get("/api/products").await.status.as_u16() == 200).then_some(())
    })
    .await;
    eventually("it is ready again", || async { (house.api.get("/readyz").await.status.as_u16() == 200).then_some(()) })
        .await;
    assert_eq!(house.api.webhook("facebook", body, Some(&signature)).await.as_u16(), 200);
    shop.message_where("7301", "the retried message is stored", |message| message["content"] == "còn hàng không").await;
}
