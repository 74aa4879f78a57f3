//! A platform admin stops a business and lets it go on.

use reqwest::Method;
use serde_json::json;

use crate::api::text;
use crate::live::Socket;
use crate::process::eventually;
use crate::shop::{House, sent};

#[tokio::test]
async fn a_suspended_business_receives_and_sends_nothing_until_it_is_resumed() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Dừng", "facebook").await;
    let admin = house.admin().await;
    let mut socket = Socket::open(&house, &shop).await;

    let path = format!("/api/admin/tenants/{}/suspend", shop.id);
    assert_eq!(shop.api.post(&path, json!({"reason": "tự phạt mình"})).await.status.as_u16(), 403);
    admin.api.post(&path, json!({})).await.problem(422);
    let answer = admin.api.post(&path, json!({"reason": "không trả tiền"})).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let code = loop {
        if let Err(code) = socket.frame().await {
            break code;
        }
    };
    assert_eq!(code, 4403);

    // Its people look, and change nothing.
    shop.api.get("/api/products").await.expect(200);
    let preview = json!({"text": "Áo thun đỏ giá bao nhiêu?"});
    assert_eq!(shop.api.post("/api/assistant/preview", preview).await.problem(409), "tenant_suspended");
    assert_eq!(
        shop.api.post("/api/labels", json!({"name": "VIP", "color": "red"})).await.problem(409),
        "tenant_suspended"
    );

    let customer = "64000000000001";
    house.write(&page, customer, "Áo thun đỏ giá bao nhiêu?").await;
    let pool = house.db.superuser().await;
    eventually("the message is kept all the same", || async {
        let kept: i64 = sqlx::query_scalar("select count(*) from inbox.messages where content = $1 and tenant_id = $2")
            .bind("Áo thun đỏ giá bao nhiêu?")
            .bind(shop.id.parse::<uuid::Uuid>().expect("a UUID"))
            .fetch_one(&pool)
            .await
            .ok()?;
        (kept == 1).then_some(())
    })
    .await;

    let resumed = admin.api.call(Method::POST, &format!("/api/admin/tenants/{}/resume", shop.id), None).await;
    assert!(resumed.status.is_success(), "{resumed:?}");
    // What came meanwhile is not answered; what comes now is.
    house.write(&page, customer, "Quần jean xanh bao nhiêu tiền?").await;
    let answers = house.sent_to(&page, customer).await;
    assert!(text(&answers[0]["text"]).contains("420.000"), "{answers:?}");
    assert_eq!(sent(&house.sandbox, &page, customer).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_business_cannot_be_suspended() {
    let house = House::shared().await;
    let admin = house.admin().await;
    let path = format!("/api/admin/tenants/{}/suspend", uuid::Uuid::now_v7());
    admin.api.post(&path, json!({"reason": "nhầm"})).await.problem(404);
}
