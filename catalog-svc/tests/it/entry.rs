//! Entries through the wire.

use chatdesk_platform::Role;
use proto::entry_service_client::EntryServiceClient;
use tonic::Code;

use super::*;

fn entries(world: &World, tenant: TenantId, role: Role) -> EntryServiceClient<Client> {
    EntryServiceClient::new(world.as_member(tenant, role))
}

fn ask(kind: proto::EntryKind, title: &str, body: &str) -> proto::CreateEntryRequest {
    let (title, body) = (title.to_owned(), body.to_owned());
    proto::CreateEntryRequest { kind: kind.into(), title, body, id: String::new() }
}

async fn listed(world: &World, tenant: TenantId, request: proto::ListEntriesRequest) -> Vec<String> {
    let found = entries(world, tenant, Role::Viewer).list_entries(request).await.unwrap().into_inner();
    found.items.into_iter().map(|entry| entry.title).collect()
}

#[tokio::test]
async fn an_entry_lives_its_life() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut manager = entries(&world, tenant, Role::Manager);
    let made = manager.create_entry(ask(proto::EntryKind::Faq, " Phí ship? ", "30k")).await.unwrap().into_inner();
    assert_eq!((made.title.as_str(), made.embedding_status()), ("Phí ship?", proto::EmbeddingStatus::Pending));
    let due = "select count(*) from routing.due_work where kind = 'embed'";
    assert_eq!(world.count(due).await, 1);
    let change = proto::UpdateEntryRequest { id: made.id.clone(), body: Some("35k".to_owned()), ..Default::default() };
    let changed = manager.update_entry(change).await.unwrap().into_inner();
    assert_eq!((changed.title.as_str(), changed.body.as_str()), ("Phí ship?", "35k"));
    let synonym =
        proto::UpdateEntryRequest { id: made.id.clone(), kind: proto::EntryKind::Synonym.into(), ..Default::default() };
    let changed = manager.update_entry(synonym).await.unwrap().into_inner();
    assert_eq!(changed.embedding_status(), proto::EmbeddingStatus::Ready, "other words are never embedded");
    assert_eq!(world.count(due).await, 0);
    manager.delete_entry(proto::DeleteEntryRequest { id: made.id.clone() }).await.unwrap();
    let again = manager.delete_entry(proto::DeleteEntryRequest { id: made.id }).await;
    assert_eq!(again.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn an_entry_with_a_chosen_id_is_made_once() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let id = "0193a000-0000-7000-8000-00000000000e".to_owned();
    let chosen = |body: &str| proto::CreateEntryRequest { id: id.clone(), ..ask(proto::EntryKind::Faq, "Sỉ?", body) };
    let mut manager = entries(&world, tenant, Role::Manager);
    let made = manager.create_entry(chosen("10 cái")).await.unwrap().into_inner();
    assert_eq!(made.id, id);
    let again = manager.create_entry(chosen("10 cái")).await.unwrap().into_inner();
    assert_eq!(again, made, "trying again changes nothing");
    let other_text = manager.create_entry(chosen("20 cái")).await.unwrap_err();
    assert_eq!((other_text.code(), Problem::from(&other_text).code.as_str()), (Code::AlreadyExists, "id_in_use"));
    assert_eq!(listed(&world, tenant, proto::ListEntriesRequest::default()).await, ["Sỉ?"]);
    let theirs = entries(&world, other, Role::Manager).create_entry(chosen("x")).await.unwrap().into_inner();
    assert_eq!((theirs.id.as_str(), theirs.body.as_str()), (id.as_str(), "x"), "each business has its own");
    // A product and an entry of one id would be one text to embed.
    let (product, gone) = (world.create(tenant, "Áo").await, world.create(tenant, "Mũ").await);
    world.delete(tenant, &gone.id).await;
    for id in [product.id, gone.id] {
        let taken = proto::CreateEntryRequest { id, ..ask(proto::EntryKind::Faq, "a", "b") };
        assert_eq!(Problem::from(&manager.create_entry(taken).await.unwrap_err()).code, "id_in_use");
    }
    let bad = proto::CreateEntryRequest { id: "7".to_owned(), ..ask(proto::EntryKind::Faq, "a", "b") };
    assert_eq!(refused(&manager.create_entry(bad).await.unwrap_err()), [("id".to_owned(), "malformed".to_owned())]);
}

#[tokio::test]
async fn a_list_goes_by_kind_and_words_and_pages_follow_each_other() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut manager = entries(&world, tenant, Role::Manager);
    for (kind, title, body) in [
        (proto::EntryKind::Faq, "Phí ship?", "Nội thành 20k"),
        (proto::EntryKind::Policy, "Đổi trả", "Trong 7 ngày, phí do shop chịu"),
        (proto::EntryKind::Synonym, "inb, ib", "nhắn tin"),
    ] {
        manager.create_entry(ask(kind, title, body)).await.unwrap();
    }
    let all = proto::ListEntriesRequest::default();
    assert_eq!(listed(&world, tenant, all).await, ["inb, ib", "Đổi trả", "Phí ship?"]);
    let kind = proto::ListEntriesRequest { kind: proto::EntryKind::Policy.into(), ..Default::default() };
    assert_eq!(listed(&world, tenant, kind).await, ["Đổi trả"]);
    let words = |query: &str| proto::ListEntriesRequest { query: query.to_owned(), ..Default::default() };
    assert_eq!(listed(&world, tenant, words("PHI")).await, ["Đổi trả", "Phí ship?"]);
    assert_eq!(listed(&world, tenant, words("phi ngay")).await, ["Đổi trả"]);
    let first = proto::ListEntriesRequest { limit: 2, ..Default::default() };
    let page = manager.list_entries(first).await.unwrap().into_inner();
    let next = proto::ListEntriesRequest { limit: 2, cursor: page.next_cursor, ..Default::default() };
    let rest = manager.list_entries(next).await.unwrap().into_inner();
    assert_eq!((page.items.len(), rest.items.len(), rest.next_cursor.as_str()), (2, 1, ""));
    let other = world.tenant().await;
    assert!(listed(&world, other, proto::ListEntriesRequest::default()).await.is_empty());
}

#[tokio::test]
async fn every_bad_field_of_an_entry_is_named() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let mut manager = entries(&world, tenant, Role::Manager);
    let named = |want: &[(&str, &str)]| -> Vec<(String, String)> {
        want.iter().map(|(field, code)| ((*field).to_owned(), (*code).to_owned())).collect()
    };
    let bad = manager.create_entry(proto::CreateEntryRequest::default()).await.unwrap_err();
    assert_eq!(refused(&bad), named(&[("kind", "required"), ("title", "required"), ("body", "required")]));
    let bad =
        proto::CreateEntryRequest { kind: 9, title: "x".repeat(501), body: "\0".to_owned(), ..Default::default() };
    let bad = manager.create_entry(bad).await.unwrap_err();
    assert_eq!(refused(&bad), named(&[("kind", "unknown"), ("title", "too_long"), ("body", "malformed")]));
    let long = manager.create_entry(ask(proto::EntryKind::Synonym, ",", &"x".repeat(501))).await.unwrap_err();
    assert_eq!(refused(&long), named(&[("title", "malformed"), ("body", "too_long")]));
    let list = proto::ListEntriesRequest { cursor: "?".to_owned(), limit: 201, kind: 9, query: "x".repeat(201) };
    let want = [("cursor", "malformed"), ("limit", "out_of_range"), ("kind", "unknown"), ("query", "too_long")];
    assert_eq!(refused(&manager.list_entries(list).await.unwrap_err()), named(&want));
}

#[tokio::test]
async fn managers_write_entries_and_everybody_reads_them() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    for role in [Role::Viewer, Role::Agent] {
        let made = entries(&world, tenant, role).create_entry(ask(proto::EntryKind::Faq, "a", "b")).await;
        assert_eq!(made.unwrap_err().code(), Code::PermissionDenied);
        entries(&world, tenant, role).list_entries(proto::ListEntriesRequest::default()).await.unwrap();
    }
    let mut owner = entries(&world, tenant, Role::Owner);
    let made = owner.create_entry(ask(proto::EntryKind::Faq, "a", "b")).await.unwrap().into_inner();
    let mut stranger = entries(&world, other, Role::Owner);
    for id in [made.id.as_str(), "", "x", "\0"] {
        let change = proto::UpdateEntryRequest { id: id.to_owned(), title: Some("x".to_owned()), ..Default::default() };
        assert_eq!(stranger.update_entry(change).await.unwrap_err().code(), Code::NotFound);
        let gone = stranger.delete_entry(proto::DeleteEntryRequest { id: id.to_owned() }).await;
        assert_eq!(gone.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn there_is_an_end_to_entries() {
    let world = World::new().await;
    let tenant = world.tenant().await;
    let pool = world.db.superuser().await;
    sqlx::query(
        "insert into catalog.entries (tenant_id, id, kind, title, body, text_hash, created_at, updated_at)
         select $1, gen_random_uuid(), 'synonym', 'a', 'b', '', now(), now() from generate_series(1, 2000)",
    )
    .bind(tenant.0)
    .execute(&pool)
    .await
    .unwrap();
    let one_more = entries(&world, tenant, Role::Manager).create_entry(ask(proto::EntryKind::Faq, "a", "b")).await;
    let error = one_more.unwrap_err();
    assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::FailedPrecondition, "too_many_entries"));
}
