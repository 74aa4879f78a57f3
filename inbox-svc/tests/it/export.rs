//! A tenant's data taken along.

use chatdesk_platform::{Problem, Role, new_id};
use chatdesk_proto::inbox::v1::Conversation;
use chatdesk_proto::inbox::v1::privacy_service_client::PrivacyServiceClient;
use chatdesk_proto::tenants::v1::{Platform, ReadExportRequest};
use serde_json::Value;
use tonic::Code;
use uuid::Uuid;

use crate::forget::{forget, standing};
use crate::house::{House, hours_ago, message, page, until};

/// What tenants-svc does when an owner asks for an export.
async fn start_export(house: &House, expires_in: &'static str) -> Uuid {
    let id = new_id();
    for sql in [
        "insert into routing.exports (tenant_id, id, requested_by, requested_at, expires_at)
         values ($1, $2, $2, now(), now() + $3::text::interval)",
        "insert into routing.export_shares (tenant_id, export_id, service) select $1, $2, 'inbox' where $3::text <> ''",
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at)
         select 'export_inbox', $1, $2, now() where $3::text <> ''",
    ] {
        sqlx::query(sql).bind(house.shop.tenant.0).bind(id).bind(expires_in).execute(&house.admin).await.unwrap();
    }
    id
}

async fn written(house: &House, id: Uuid) {
    until("the export to be written", || async {
        let state = sqlx::query_scalar::<_, String>("select state from routing.export_shares where export_id = $1");
        (state.bind(id).fetch_one(&house.admin).await.unwrap() == "ready").then_some(())
    })
    .await;
}

/// The lines of each file.
async fn read(client: chatdesk_platform::grpc::Client, id: Uuid) -> Result<Vec<(String, Vec<Value>)>, tonic::Status> {
    let request = ReadExportRequest { id: id.to_string() };
    let mut parts = PrivacyServiceClient::new(client).read_export(request).await?.into_inner();
    let mut files: Vec<(String, Vec<Value>)> = Vec::new();
    while let Some(part) = parts.message().await? {
        let lines = std::str::from_utf8(&part.lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap());
        match files.last_mut() {
            Some((file, known)) if *file == part.file => known.extend(lines),
            _ => files.push((part.file, lines.collect())),
        }
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_that_has_a_forgotten_contact_ends_and_the_next_has_not() {
    let house = House::new().await;
    house.writes("8811223344556677", "bimatcuatoi").await;
    house.writes("8811223344556688", "chuyenkhac").await;
    house.idle().await;
    let early = start_export(&house, "1 day").await;
    written(&house, early).await;
    let contacts = read(house.as_role(Role::Owner), early).await.unwrap();
    assert!(contacts.iter().any(|(_, lines)| lines.iter().any(|line| line.to_string().contains("bimatcuatoi"))));
    let conversations = house.conversations().await;
    let theirs = |one: &&Conversation| one.contact.as_ref().unwrap().platform_user_id == "8811223344556677";
    let contact = conversations.iter().find(theirs).unwrap().contact.clone().unwrap().id;
    forget(&house, &contact).await;
    let refused = read(house.as_role(Role::Owner), early).await.unwrap_err();
    assert_eq!(Problem::from(&refused).code, "export_withdrawn");
    assert_eq!(standing(&house, "bimatcuatoi").await, Vec::<String>::new());
    let again = start_export(&house, "1 day").await;
    written(&house, again).await;
    let files = read(house.as_role(Role::Owner), again).await.unwrap();
    let said = |needle: &str| files.iter().any(|(_, lines)| lines.iter().any(|line| line.to_string().contains(needle)));
    assert!(said("chuyenkhac") && !said("bimatcuatoi"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_has_every_message_once_and_goes_when_its_time_is_over() {
    let house = House::new().await;
    let items =
        (0..450).map(|at| message("8811223344556677", &format!("m_{at}"), &format!("tin {at}"), hours_ago(30) + at));
    house.post(Platform::Facebook, &page(&house.shop, items.collect())).await;
    house.ingested().await;
    let early = start_export(&house, "1 day").await;
    written(&house, early).await;
    let files = read(house.as_role(Role::Owner), early).await.unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "contacts.ndjson",
            "conversations.ndjson",
            "messages.ndjson",
            "notes.ndjson",
            "labels.ndjson",
            "unanswered.ndjson"
        ]
    );
    let of = |file: &str| &files.iter().find(|(name, _)| name == file).unwrap().1;
    let mut said: Vec<&str> = of("messages.ndjson").iter().map(|line| line["content"].as_str().unwrap()).collect();
    said.sort_unstable();
    said.dedup();
    assert_eq!((said.len(), of("messages.ndjson").len()), (450, 450));
    assert_eq!(of("contacts.ndjson")[0]["platform_user_id"], "8811223344556677");
    assert!(of("notes.ndjson").is_empty());

    // Whose it is not, finds none; who is no owner, may not.
    assert_eq!(read(house.stranger(), early).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(read(house.as_role(Role::Manager), early).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(read(house.as_role(Role::Owner), new_id()).await.unwrap_err().code(), Code::NotFound);
    let unwritten = start_export(&house, "1 day").await;
    sqlx::query("update routing.export_shares set state = 'failed' where export_id = $1")
        .bind(unwritten)
        .execute(&house.admin)
        .await
        .unwrap();
    let refused = read(house.as_role(Role::Owner), unwritten).await.unwrap_err();
    assert_eq!(Problem::from(&refused).code, "export_not_ready");

    house.sql("update routing.exports set expires_at = now()").await;
    assert_eq!(
        read(house.as_role(Role::Owner), early).await.unwrap_err().code(),
        Code::NotFound,
        "before it is forgotten, too"
    );
    house.sql("update routing.due_work set due_at = now() where kind = 'export_inbox'").await;
    until("the parts to go", || async {
        let left: i64 =
            sqlx::query_scalar("select count(*) from inbox.export_parts").fetch_one(&house.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
}
