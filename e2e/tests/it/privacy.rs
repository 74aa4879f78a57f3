//! A business that takes its data along, one that is deleted, and a contact who is forgotten: through the real gateway, over all services.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use zip::ZipArchive;

use crate::api::text;
use crate::process::eventually;
use crate::shop::{House, entry, now_ms, signed, text_item};

/// Of every owner that `House::shop` registers.
const PASSWORD: &str = "mat khau rat dai 123";

async fn customer_of(house: &House, page: &Value, words: &str) -> String {
    let customer = format!("66{}", uuid::Uuid::new_v4().as_u128() % 100_000_000_000_000);
    house.write(page, &customer, words).await;
    customer
}

/// The zip's files by name.
fn files(zip: Vec<u8>) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(zip)).expect("a zip");
    let mut all = Vec::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).expect("a file");
        let mut content = String::new();
        file.read_to_string(&mut content).expect("text");
        all.push((file.name().expect("a name").into_owned(), content));
    }
    all
}

#[tokio::test]
async fn an_export_is_fetched_once_by_its_link_and_holds_what_is_the_businesss() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Mang Đi", "facebook").await;
    let customer = customer_of(&house, &page, "Cho hỏi áo mangdi7 giá bao nhiêu?").await;
    shop.conversation(&customer).await;
    let other = house.shop("Tiệm Ở Lại").await;
    other.product("Nón riêng olai9", "1000", "available").await;
    let export = shop.api.post("/api/privacy/export", json!({})).await.expect(202);
    let at = format!("/api/privacy/export/{}", text(&export["id"]));
    eventually("the export is written", || async {
        let all = shop.api.all("/api/privacy/export").await;
        (all[0]["state"] == "ready").then_some(())
    })
    .await;
    assert_eq!(other.api.post(&format!("{at}/link"), json!({})).await.problem(404), "not_found");
    assert_eq!(other.api.get(&format!("{at}/file")).await.problem(404), "not_found");
    let link = text(&shop.api.post(&format!("{at}/link"), json!({})).await.expect(200)["url"]);
    let fetch = async || reqwest::get(format!("{}{link}", house.api.base())).await.expect("an answer");
    let answer = fetch().await;
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(answer.headers()["content-type"], "application/zip");
    let files = files(answer.bytes().await.expect("all of it").to_vec());
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    for wanted in ["business", "people", "channels", "contacts", "conversations", "messages", "products", "entries"] {
        assert!(names.contains(&format!("{wanted}.ndjson").as_str()), "{wanted} is not among {names:?}");
    }
    let all: String = files.iter().map(|(_, content)| content.as_str()).collect();
    for line in all.lines() {
        serde_json::from_str::<Value>(line).expect("each line is JSON");
    }
    assert!(all.contains("mangdi7") && all.contains(&customer) && all.contains("Áo thun đỏ cotton"));
    assert!(!all.contains("olai9"));
    assert_eq!(fetch().await.status().as_u16(), 401, "a link works once");
    // A socket's ticket, of another business at that, opens no export.
    let theirs = other.api.post("/api/ws-ticket", json!({})).await.expect(200);
    let path = format!("{at}/file?ticket={}", text(&theirs["ticket"]));
    assert_eq!(house.api.get(&path).await.problem(401), "unauthenticated");
}

/// Every table, of whatever service, in which a business has a row.
async fn left_of(pool: &PgPool, business: &str) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_schema || '.' || table_name from information_schema.columns
         where column_name = 'tenant_id' and table_schema in ('routing', 'tenants', 'inbox', 'catalog') order by 1",
    )
    .fetch_all(pool)
    .await
    .expect("the catalogue");
    let mut left = Vec::new();
    for table in tables {
        let sql = format!("select exists (select from {table} where tenant_id = '{business}')");
        if sqlx::query_scalar::<_, bool>(AssertSqlSafe(sql)).fetch_one(pool).await.expect("an answer") {
            left.push(table);
        }
    }
    left
}

async fn run(pool: &PgPool, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.expect("it runs");
}

async fn webhook(house: &House, page: &Value, mid: &str) -> u16 {
    let id = text(&page["page_id"]);
    let body = entry(&id, &[text_item(&id, "6677000011112222", mid, "còn ai không", now_ms())]);
    let (bytes, signature) = signed(&body);
    house.api.webhook("facebook", bytes, Some(&signature)).await.as_u16()
}

#[tokio::test]
async fn a_business_is_deleted_after_its_hold_and_its_page_is_nobodys() {
    let house = House::shared().await;
    let pool = house.db.superuser().await;
    let (shop, page) = house.shop_with_page("Tiệm Đóng Cửa", "facebook").await;
    let customer = customer_of(&house, &page, "Áo thun đỏ giá bao nhiêu?").await;
    shop.conversation(&customer).await;
    house.sent_to(&page, &customer).await;
    let wish = |password: &str| json!({"password": password});
    shop.api.post("/api/privacy/deletion", wish("sai mat khau")).await.expect(422);
    let asked = shop.api.post("/api/privacy/deletion", wish(PASSWORD)).await.expect(202);
    assert!(asked["delete_after"].is_string());
    assert_eq!(shop.api.get("/api/privacy/deletion").await.expect(200), asked);
    // While it is held what arrives is kept, and nobody is answered.
    let later = customer_of(&house, &page, "Quần jean giá bao nhiêu?").await;
    let conversation = shop.conversation(&later).await;
    assert_eq!(shop.messages(&conversation).await.len(), 1);
    shop.api.call(reqwest::Method::DELETE, "/api/privacy/deletion", None).await.expect(204);
    assert_eq!(shop.api.get("/api/privacy/deletion").await.expect(200)["delete_after"], Value::Null);
    shop.api.post("/api/privacy/deletion", wish(PASSWORD)).await.expect(202);

    run(&pool, format!("update routing.tenants set delete_after = now() where tenant_id = '{}'", shop.id)).await;
    let rest = ["routing.tenants", "tenants.audit", "tenants.audit_heads"];
    eventually("nothing is left but that there was one", || async {
        // Nobody waits until each service looks once more.
        let kinds = "('close_tenant', 'erase_inbox', 'erase_catalog', 'erase_tenants')";
        let hurry = format!(
            "update routing.due_work set due_at = least(due_at, now()) where kind in {kinds} and tenant_id = '{}'",
            shop.id
        );
        run(&pool, hurry).await;
        let left = left_of(&pool, &shop.id).await;
        left.iter().all(|table| rest.contains(&table.as_str())).then_some(())
    })
    .await;
    assert_eq!(left_of(&pool, &shop.id).await, rest);
    let gone: i64 = sqlx::query_scalar("select count(*) from tenants.directory where business_id = $1::uuid")
        .bind(&shop.id)
        .fetch_one(&pool)
        .await
        .expect("an answer");
    assert_eq!(gone, 0);

    // A webhook for its page is taken and comes to nothing; the page can be connected by whoever has it.
    let mid = format!("m_{}", uuid::Uuid::new_v4().simple());
    assert_eq!(webhook(&house, &page, &mid).await, 200);
    eventually("the webhook is worked off", || async {
        let sql = "select count(*) from inbox.webhook_events where state = 'new'";
        let waiting: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.ok()?;
        (waiting == 0).then_some(())
    })
    .await;
    assert_eq!(left_of(&pool, &shop.id).await, rest);
    let body = json!({"page_id": page["page_id"], "text": "còn ai không"});
    let told = house.sandbox.post(&format!("/sandbox/customers/{customer}/messages"), body).await.expect(201);
    assert_eq!(told["subscribed"], false, "Meta sends nothing any more");
    let next = house.shop("Tiệm Mới").await;
    next.connect(&page).await.expect(201);
}

#[tokio::test]
async fn a_contact_is_forgotten_everywhere_and_begins_anew() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Quên", "facebook").await;
    let customer = customer_of(&house, &page, "Cho hỏi áo quenluon8 giá bao nhiêu?").await;
    let conversation = shop.conversation(&customer).await;
    house.sent_to(&page, &customer).await;
    let (contact, id) = (text(&conversation["contact"]["id"]), text(&conversation["id"]));
    let note = json!({"text": "quenluon8 khách quen"});
    shop.api.post(&format!("/api/conversations/{id}/notes"), note).await.expect(201);
    let gone = format!("/api/contacts/{contact}/data");
    shop.api.call(reqwest::Method::DELETE, &gone, None).await.expect(202);
    eventually("the contact is gone", || async {
        (shop.api.get(&format!("/api/contacts/{contact}")).await.status.as_u16() == 404).then_some(())
    })
    .await;
    assert_eq!(shop.api.get(&format!("/api/conversations/{id}")).await.problem(404), "not_found");
    assert!(shop.api.all("/api/conversations?q=quenluon8").await.is_empty());
    shop.api.call(reqwest::Method::DELETE, &gone, None).await.problem(404);
    let again = house.write(&page, &customer, "chào lại").await;
    assert!(!again.is_empty());
    let begun = shop.conversation(&customer).await;
    assert_ne!(text(&begun["contact"]["id"]), contact);
    let said: Vec<String> = shop.messages(&begun).await.iter().map(|message| text(&message["content"])).collect();
    assert!(!said.iter().any(|text| text.contains("quenluon8")), "{said:?}");
}

/// Case 114: Meta's callback names a customer, and ends in the same place.
#[tokio::test]
async fn a_customer_whom_meta_wants_forgotten_is_forgotten_everywhere() {
    let house = House::shared().await;
    let (shop, page) = house.shop_with_page("Tiệm Meta", "facebook").await;
    let customer = customer_of(&house, &page, "Cho hỏi áo metaquen9 giá bao nhiêu?").await;
    let other = customer_of(&house, &page, "Cho hỏi áo metanho9 giá bao nhiêu?").await;
    let (gone, stays) = (shop.conversation(&customer).await, shop.conversation(&other).await);
    let asks = format!("/sandbox/users/{customer}/delete");
    let ask = async |body: Value| house.sandbox.post(&asks, body).await.expect(200);
    assert_eq!(ask(json!({"tamper": true})).await["status"], 401);
    let told = ask(json!({})).await;
    let code = text(&told["answer"]["confirmation_code"]);
    eventually("Meta's page says that it is done", || async {
        let shown = house.api.get(&format!("/api/data-deletion/{code}")).await.expect(200);
        (shown["is_done"] == true).then_some(())
    })
    .await;
    let path = |conversation: &Value| format!("/api/conversations/{}", text(&conversation["id"]));
    assert_eq!(shop.api.get(&path(&gone)).await.problem(404), "not_found");
    shop.api.get(&path(&stays)).await.expect(200);
    assert_eq!(ask(json!({})).await["answer"]["confirmation_code"], told["answer"]["confirmation_code"]);
}
