//! A tenant who is deleted.

use chatdesk_platform::Role;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;
use sqlx::AssertSqlSafe;
use tonic::Code;

use crate::forget::{conversations_of, of_three, set_aside, standing, try_again};
use crate::house::{House, message, now_ms, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_business_leaves_nothing_and_its_neighbour_loses_nothing() {
    let house = House::new().await;
    house.writes("8811223344556677", "bimatcuatoi").await;
    let body = json!({"object": "page", "entry": [{"id": house.other.facebook.1, "time": now_ms(),
        "messaging": [message("8811223344556688", "m_other", "của hàng xóm", now_ms())]}]});
    house.post(Platform::Facebook, &body).await;
    house.idle().await;
    let tenant = house.shop.tenant.0;
    // Not before its time: the row of the business decides.
    let work =
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('erase_inbox', $1, $1, now())";
    sqlx::query(work).bind(tenant).execute(&house.admin).await.unwrap();
    until("the work to be refused", || async {
        let sql = "select count(*) from routing.due_work where kind = 'erase_inbox'";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&house.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    assert_eq!(house.conversations().await.len(), 1);

    let group = set_aside(&house, &of_three(&house, "1234123412341234")).await;
    sqlx::query("update routing.tenants set state = 'deleted' where tenant_id = $1")
        .bind(tenant)
        .execute(&house.admin)
        .await
        .unwrap();
    // A browser that is still open: its token is good for a while.
    let late = CreateLabelRequest { name: "muộn".to_owned(), color: LabelColor::Red.into() };
    let late = label_service_client::LabelServiceClient::new(house.as_role(Role::Owner)).create_label(late).await;
    assert_eq!(late.unwrap_err().code(), Code::PermissionDenied);
    sqlx::query(work).bind(tenant).execute(&house.admin).await.unwrap();
    until("it to be handed on", || async {
        // Nobody waits until it looks once more.
        house.sql("update routing.due_work set due_at = least(due_at, now()) where kind = 'erase_inbox'").await;
        let sql = "select count(*) from routing.due_work where kind = 'erase_catalog' and tenant_id = $1";
        let next: i64 = sqlx::query_scalar(sql).bind(tenant).fetch_one(&house.admin).await.unwrap();
        (next == 1).then_some(())
    })
    .await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns where table_schema = 'inbox' and column_name = 'tenant_id'",
    )
    .fetch_all(&house.admin)
    .await
    .unwrap();
    for table in tables {
        let sql = format!("select count(*) from inbox.{table} where tenant_id = $1");
        let left: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant).fetch_one(&house.admin).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
    for gone in ["bimatcuatoi", "chuyenkhac"] {
        assert_eq!(standing(&house, gone).await, Vec::<String>::new());
    }
    assert!(standing(&house, "của hàng xóm").await.len() >= 2);
    try_again(&house, group).await;
    assert_eq!(conversations_of(&house, house.other.tenant).await, 2);
}
