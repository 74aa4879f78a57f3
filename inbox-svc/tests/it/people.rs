//! Somebody whom Meta asked us to forget, found among everybody's contacts.

use chatdesk_platform::new_id;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::json;
use uuid::Uuid;

use crate::forget::forget;
use crate::house::{House, message, now_ms, page, until};

/// What tenants-svc does when Meta asks for it, some time after that was signed; but for the work where it was lost.
async fn seek(house: &House, user: &str, after: &str, is_planned: bool) {
    let (id, code) = (new_id(), new_id().to_string());
    let noted = "insert into routing.deletions (code, requested_at) values ($1, now())";
    sqlx::query(noted).bind(&code).execute(&house.admin).await.unwrap();
    let sought = "insert into routing.person_erasures (id, code, platform_user_id, issued_at)
        values ($1, $2, $3, now() - $4::text::interval)";
    let sought = sqlx::query(sought).bind(id).bind(&code).bind(user).bind(after);
    sought.execute(&house.admin).await.unwrap();
    if is_planned {
        let work = "insert into routing.due_work (kind, entity_id, due_at) values ('find_person', $1, now())";
        sqlx::query(work).bind(id).execute(&house.admin).await.unwrap();
    }
}

/// Waits until nobody is looked for.
async fn nobody_is_sought(house: &House) {
    until("everybody was looked for", || async {
        let sql = "select count(*) from routing.person_erasures";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&house.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
}

/// The contacts that tenants-svc was told of, as `tenant:id`.
async fn told(house: &House) -> Vec<(Uuid, Uuid)> {
    let sql = "select tenant_id, entity_id from routing.due_work where kind = 'forget_contact' order by tenant_id";
    sqlx::query_as(sql).fetch_all(&house.admin).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_very_person_is_found_in_every_business_and_looked_for_until_they_are_gone() {
    let house = House::new().await;
    let (gone, longer) = ("8811223344556677", "88112233445566770");
    let mut body = page(
        &house.shop,
        vec![message(gone, "m_1", "xin chào", now_ms()), message(longer, "m_2", "xin chào", now_ms())],
    );
    body["entry"].as_array_mut().unwrap().push(json!({"id": house.other.facebook.1, "time": now_ms(),
        "messaging": [message(gone, "m_3", "chào", now_ms())]}));
    house.post(Platform::Facebook, &body).await;
    house.ingested().await;
    seek(&house, gone, "0 seconds", true).await;
    let found = until("both are told", || async { Some(told(&house).await).filter(|found| found.len() == 2) }).await;
    let sql = "select tenant_id, id from inbox.contacts where platform_user_id = $1 order by tenant_id";
    let theirs: Vec<(Uuid, Uuid)> = sqlx::query_as(sql).bind(gone).fetch_all(&house.admin).await.unwrap();
    assert_eq!(found, theirs);
    // As tenants-svc has it done; of the neighbour's there is still one.
    for (tenant, contact) in found {
        let sql = "select count(*) from routing.person_erasures";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&house.admin).await.unwrap();
        assert_eq!(left, 1, "not done before they are gone");
        if tenant == house.shop.tenant.0 {
            forget(&house, &contact.to_string()).await;
        } else {
            crate::forget::ask(&house, house.other.tenant, &contact.to_string()).await;
        }
    }
    nobody_is_sought(&house).await;
    let rest = house.conversations().await;
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].contact.as_ref().unwrap().platform_user_id, longer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_began_anew_since_stays_and_a_request_whose_work_was_lost_is_done() {
    let house = House::new().await;
    house.writes("8811223344556677", "xin chào").await;
    house.idle().await;
    // Meta's word of yesterday comes again.
    seek(&house, "8811223344556677", "1 day", true).await;
    seek(&house, "4711", "0 seconds", false).await;
    nobody_is_sought(&house).await;
    assert!(told(&house).await.is_empty());
    assert_eq!(house.conversations().await.len(), 1);
}
