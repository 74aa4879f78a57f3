//! A contact who is forgotten.

use chatdesk_platform::TenantId;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tonic::Code;
use uuid::Uuid;

use crate::house::{House, echo, hours_ago, message, now_ms, page, until};

/// What tenants-svc does when somebody asks for it.
pub async fn ask(house: &House, tenant: TenantId, contact: &str) {
    let contact: Uuid = contact.parse().unwrap();
    for sql in [
        "insert into routing.contact_erasures (tenant_id, contact_id, requested_at) values ($1, $2, now()) on conflict do nothing",
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('erase_contact', $1, $2, now())
         on conflict (kind, tenant_id, entity_id) do update set due_at = now(), version = due_work.version + 1",
    ] {
        sqlx::query(sql).bind(tenant.0).bind(contact).execute(&house.admin).await.unwrap();
    }
}

/// Asks, and waits until the journal was gone through once.
pub async fn forget(house: &House, contact: &str) {
    ask(house, house.shop.tenant, contact).await;
    passed(house, contact, 1).await;
}

async fn passed(house: &House, contact: &str, times: i16) {
    let contact: Uuid = contact.parse().unwrap();
    until("the journal to be gone through", || async {
        let passes = sqlx::query_scalar::<_, i16>("select passes from inbox.erasures where contact_id = $1");
        let passes = passes.bind(contact).fetch_optional(&house.admin).await.unwrap();
        passes.filter(|passes| *passes >= times).map(|_| ())
    })
    .await;
}

/// Tables of the inbox in which a text stands, in whatever column.
pub async fn standing(house: &House, needle: &str) -> Vec<String> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text, data_type::text from information_schema.columns
         where table_schema = 'inbox' and data_type in ('text', 'jsonb', 'bytea') order by 1, 2",
    )
    .fetch_all(&house.admin)
    .await
    .unwrap();
    let mut found = Vec::new();
    for (table, column, kind) in columns {
        let text = match kind.as_str() {
            "bytea" => format!("position(convert_to($1, 'UTF8') in {column}) > 0"),
            _ => format!("strpos({column}::text, $1) > 0"),
        };
        let sql = format!("select exists (select from inbox.{table} where {text})");
        if sqlx::query_scalar::<_, bool>(AssertSqlSafe(sql)).bind(needle).fetch_one(&house.admin).await.unwrap() {
            found.push(format!("{table}.{column}"));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_a_contact_anywhere() {
    let house = House::new().await;
    let (gone, stays) = ("8811223344556677", "8811223344556688");
    let mid = house.writes(gone, "bimatcuatoi giá bao nhiêu").await;
    house.writes(stays, "chuyenkhac ở lại").await;
    house.see("both are answered", |_| house.sent().len() == 2).await;
    house.idle().await;
    let conversations = house.conversations().await;
    let of = |user: &str| {
        let found = conversations.iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user);
        found.unwrap().clone()
    };
    let conversation = of(gone);
    let note = AddNoteRequest { conversation_id: conversation.id.clone(), text: "bimatcuatoi ghi chú".to_owned() };
    let notes = &mut note_service_client::NoteServiceClient::new(house.agent());
    notes.add_note(note).await.unwrap();
    house.sends(&conversation.id, "bimatcuatoi trả lời", "k1").await.unwrap();
    house.idle().await;
    // Of a message that Meta changes later without saying whose it is.
    let edit = json!({"sender": {"id": gone}, "recipient": {"id": "page"}, "timestamp": now_ms(),
        "message_edit": {"mid": mid, "text": "bimatcuatoi sửa", "num_edit": 1}});
    house.post(Platform::Facebook, &page(&house.shop, vec![edit])).await;
    house.ingested().await;
    for needle in [gone, "bimatcuatoi"] {
        let found = standing(&house, needle).await;
        assert!(found.len() >= 3, "{needle} stands in {found:?}");
    }
    let contact = conversation.contact.unwrap().id;
    forget(&house, &contact).await;
    assert_eq!(standing(&house, "bimatcuatoi").await, Vec::<String>::new());
    assert_eq!(standing(&house, gone).await, ["erasures.platform_user_id"], "until Meta repeats nothing any more");
    let request = GetContactRequest { id: contact.clone() };
    let contacts = &mut contact_service_client::ContactServiceClient::new(house.agent());
    assert_eq!(contacts.get_contact(request).await.unwrap_err().code(), Code::NotFound);
    // A browser that was away is told nothing of it but to load everything again.
    assert!(house.told(0).await.iter().all(|event| event.resource.is_some() || event.seq > 0));
    let rest = house.conversations().await;
    assert_eq!(rest.len(), 1);
    assert!(!standing(&house, "chuyenkhac").await.is_empty() && !standing(&house, stays).await.is_empty());

    // Nothing is repeated any more after 36 hours: then the person's own id goes.
    house.sql("update inbox.erasures set erased_at = erased_at - interval '38 hours'").await;
    house.sql("update routing.due_work set due_at = now() where kind = 'erase_contact'").await;
    passed(&house, &contact, 2).await;
    assert_eq!(standing(&house, gone).await, Vec::<String>::new());
    until("the request to go", || async {
        let sql = "select count(*) from routing.contact_erasures";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&house.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_who_is_forgotten_while_they_are_answered_is_not_made_anew() {
    let house = House::new().await;
    house.ai.gate.close();
    let user = "8811223344556677";
    house.writes(user, "giá bao nhiêu").await;
    house.ai.gate.visitor().await;
    let contact = house.conversation().await.contact.unwrap().id;
    forget(&house, &contact).await;
    house.ai.gate.open();
    house.idle().await;
    assert!(house.conversations().await.is_empty() && house.sent().is_empty());
    // Neither does what was on its way bring them back: an echo, what Meta repeats, what it says of a message.
    let (old, read) = (message(user, "m_old", "trước đó", hours_ago(1)), json!({"watermark": now_ms()}));
    let read = json!({"sender": {"id": user}, "recipient": {"id": "page"}, "timestamp": now_ms(), "read": read});
    let event =
        house.post(Platform::Facebook, &page(&house.shop, vec![echo(user, "m_e", "đã gửi", None), old, read])).await;
    house.ingested().await;
    assert!(house.conversations().await.is_empty());
    let outcomes = house.outcomes(event).await;
    assert_eq!(outcomes[0].1, "ignored");
    assert_eq!(outcomes[1].1, "ignored");
    for needle in ["trước đó", "đã gửi"] {
        let kept = standing(&house, needle).await;
        assert!(!kept.contains(&"webhook_items.item".to_owned()), "{needle} stands in {kept:?}");
    }

    // By writing they begin anew, and what was before does not come with it.
    house.writes(user, "chào lại").await;
    house.idle().await;
    let begun = house.conversation().await;
    assert_ne!(begun.contact.as_ref().unwrap().id, contact);
    house.post(Platform::Facebook, &page(&house.shop, vec![message(user, "m_old2", "rất xưa", hours_ago(2))])).await;
    house.ingested().await;
    let said: Vec<String> = house.messages(&begun.id).await.into_iter().map(|one| one.content).collect();
    assert_eq!(said[0], "chào lại");
    assert!(!said.iter().any(|text| text == "rất xưa"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anothers_contact_is_left_alone_and_a_request_whose_work_was_lost_is_done() {
    let house = House::new().await;
    house.writes("8811223344556677", "xin chào").await;
    house.idle().await;
    let contact = house.conversation().await.contact.unwrap().id;
    ask(&house, house.other.tenant, &contact).await;
    until("it to be found that there is nothing to do", || async {
        let sql = "select count(*) from routing.contact_erasures";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&house.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    assert_eq!(house.conversations().await.len(), 1);
    let sql = "insert into routing.contact_erasures (tenant_id, contact_id, requested_at) values ($1, $2, now())";
    let id: Uuid = contact.parse().unwrap();
    sqlx::query(sql).bind(house.shop.tenant.0).bind(id).execute(&house.admin).await.unwrap();
    passed(&house, &contact, 1).await;
    assert!(house.conversations().await.is_empty());
}

/// A body that could not be worked off and that somebody may try again.
pub async fn set_aside(house: &House, body: &Value) -> Uuid {
    let (group, ids) = house.left_behind(vec![body.to_string().into_bytes()]).await;
    sqlx::query("update inbox.webhook_events set state = 'failed', reason = 'attempts_exhausted' where group_id = $1")
        .bind(group)
        .execute(&house.admin)
        .await
        .unwrap();
    sqlx::query("insert into routing.due_work (kind, entity_id, due_at) values ('ingest', $1, 'infinity')")
        .bind(group)
        .execute(&house.admin)
        .await
        .unwrap();
    assert_eq!(ids.len(), 1);
    group
}

/// What a platform admin does about it.
pub async fn try_again(house: &House, group: Uuid) {
    let id = pb::WorkId { kind: "ingest".into(), tenant_id: String::new(), entity_id: group.to_string() };
    let mut admin = system_service_client::SystemServiceClient::new(house.platform_admin());
    let request = pb::DecideWorkRequest { ids: vec![id.clone()], dry_run: false };
    assert_eq!(admin.retry_work(request).await.unwrap().into_inner().done, [id]);
    house.ingested().await;
}

/// A body with two senders of the shop, of whom one id is a part of the other, and one of its neighbour.
pub fn of_three(house: &House, gone: &str) -> Value {
    let long = format!("9{gone}");
    let other = json!({"id": house.other.facebook.1, "time": now_ms(),
        "messaging": [message(gone, "m_b_other", "canhhangxom", now_ms())]});
    let mut body = page(
        &house.shop,
        vec![message(gone, "m_b_gone", "bimatcuatoi", now_ms()), message(&long, "m_b_stays", "chuyenkhac", now_ms())],
    );
    body["entry"].as_array_mut().unwrap().push(other);
    body
}

pub async fn conversations_of(house: &House, tenant: TenantId) -> i64 {
    let sql = "select count(*) from inbox.conversations where tenant_id = $1";
    sqlx::query_scalar(sql).bind(tenant.0).fetch_one(&house.admin).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgetting_one_takes_nothing_from_others_in_a_body_that_was_set_aside() {
    let house = House::new().await;
    let gone = "1234123412341234";
    house.writes(gone, "xin chào").await;
    house.idle().await;
    let contact = house.conversation().await.contact.unwrap().id;
    let group = set_aside(&house, &of_three(&house, gone)).await;
    // Its own neighbour in the journal, worked off and with more to come of it.
    let parked = json!({"sender": {"id": format!("9{gone}")}, "recipient": {"id": "page"}, "timestamp": now_ms(),
        "message_edit": {"mid": "m_b_stays", "text": "chuyenkhac sửa", "num_edit": 1}});
    house.post(Platform::Facebook, &page(&house.shop, vec![parked])).await;
    house.ingested().await;
    forget(&house, &contact).await;
    assert_eq!(standing(&house, "bimatcuatoi").await, Vec::<String>::new());
    for stays in ["chuyenkhac", "canhhangxom"] {
        assert!(standing(&house, stays).await.contains(&"webhook_events.body".to_owned()), "{stays}");
    }
    assert!(standing(&house, "chuyenkhac sửa").await.contains(&"webhook_items.item".to_owned()));
    try_again(&house, group).await;
    house.idle().await;
    assert_eq!(conversations_of(&house, house.shop.tenant).await, 1);
    assert_eq!(conversations_of(&house, house.other.tenant).await, 1, "the same id there is somebody else");
    let conversation = house.conversation().await;
    assert_eq!(conversation.contact.unwrap().platform_user_id, format!("9{gone}"));
    assert_eq!(house.messages(&conversation.id).await[0].content, "chuyenkhac sửa");
}
