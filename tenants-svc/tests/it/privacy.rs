//! A business's data taken along, and the business deleted after a hold.

use std::time::Duration;

use chatdesk_platform::{Role, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use sqlx::AssertSqlSafe;
use tonic::{Code, Status};

use crate::house::{House, PASSWORD, Shop, field, fields, problem};
use crate::post::{HOME, Posted};

async fn request(house: &House, shop: &Shop, password: &str) -> Result<pb::TenantDeletion, Status> {
    let request = pb::RequestTenantDeletionRequest { password: password.to_owned() };
    Ok(house.privacy(shop.owner()).request_tenant_deletion(request).await?.into_inner())
}

async fn deletion(house: &House, shop: &Shop) -> pb::TenantDeletion {
    let request = pb::GetTenantDeletionRequest {};
    house.privacy(shop.member(Role::Viewer)).get_tenant_deletion(request).await.unwrap().into_inner()
}

async fn cancel(house: &House, shop: &Shop) -> Result<pb::TenantDeletion, Status> {
    let request = pb::CancelTenantDeletionRequest {};
    Ok(house.privacy(shop.owner()).cancel_tenant_deletion(request).await?.into_inner())
}

async fn state(house: &House, shop: &Shop) -> String {
    let pool = house.db.superuser().await;
    let state = sqlx::query_scalar("select state from routing.tenants where tenant_id = $1").bind(shop.tenant.0);
    state.fetch_one(&pool).await.unwrap()
}

async fn count(house: &House, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&house.db.superuser().await).await.unwrap()
}

/// Waits for a count, hurrying what is planned for later.
async fn until(house: &House, what: &str, sql: &str, want: i64) {
    watch(house, what, sql, want, true).await;
}

async fn watch(house: &House, what: &str, sql: &str, want: i64, hurried: bool) {
    let pool = house.db.superuser().await;
    let looking = async {
        loop {
            let hurry = "update routing.due_work set due_at = least(due_at, now()) where kind in ('close_tenant', 'erase_tenants', 'export_tenants')";
            if hurried {
                sqlx::query(hurry).execute(&pool).await.unwrap();
            }
            let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&pool).await.unwrap();
            if found == want {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

#[tokio::test]
async fn a_deletion_needs_the_owners_password_is_held_and_can_be_taken_back() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    assert_eq!(fields(request(&house, &shop, "không phải").await), [field("password", "wrong")]);
    let manager = pb::RequestTenantDeletionRequest { password: PASSWORD.to_owned() };
    let refused = house.privacy(shop.member(Role::Manager)).request_tenant_deletion(manager).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!((deletion(&house, &shop).await, state(&house, &shop).await.as_str()), (Default::default(), "active"));

    let asked = request(&house, &shop, PASSWORD).await.unwrap();
    let held = asked.delete_after.unwrap().seconds - asked.requested_at.unwrap().seconds;
    assert_eq!((held, asked.requested_by.as_str()), (30 * 24 * 3600, shop.owner.to_string().as_str()));
    assert_eq!(state(&house, &shop).await, "deleting", "which nobody who asks for an active one takes for one");
    house.hand.advance(TimeDelta::days(1));
    assert_eq!(request(&house, &shop, PASSWORD).await.unwrap(), asked, "again is the same");
    assert_eq!(deletion(&house, &shop).await, asked);

    // An admin who suspends it meanwhile neither ends the hold nor is forgotten.
    let suspend = pb::SuspendTenantRequest { tenant_id: shop.tenant.to_string(), reason: "spam".into() };
    house.admin().suspend_tenant(suspend).await.unwrap();
    assert_eq!(state(&house, &shop).await, "deleting");
    assert_eq!(cancel(&house, &shop).await.unwrap(), Default::default());
    assert_eq!(state(&house, &shop).await, "suspended");
    cancel(&house, &shop).await.unwrap();
    assert_eq!(count(&house, "select count(*) from routing.due_work where kind = 'close_tenant'").await, 0);
    let noted = "select count(*) from tenants.audit where action in ('deletion.requested', 'deletion.cancelled')";
    assert_eq!(count(&house, noted).await, 2);
}

#[tokio::test]
async fn every_owner_is_mailed_of_a_deletion_and_of_its_end() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    let second = house.member(&shop, "mai@gom.vn", pb::MemberRole::Manager).await;
    house.give(&shop, second.owner, pb::MemberRole::Owner).await.unwrap();
    house.member(&shop, "hoa@gom.vn", pb::MemberRole::Manager).await;
    request(house, &shop, "không phải").await.unwrap_err();
    let at = request(house, &shop, PASSWORD).await.unwrap().delete_after.unwrap();
    request(house, &shop, PASSWORD).await.unwrap();
    // The business's clock is Vietnam's.
    let at = chrono::DateTime::from_timestamp(at.seconds, 0).unwrap() + TimeDelta::hours(7);
    for owner in ["lan@gom.vn", "mai@gom.vn"] {
        let letter = post.letter(owner, 1).await;
        assert_eq!(letter.subject, "Cửa hàng của bạn sẽ bị xóa");
        let date = at.format("%H:%M ngày %d/%m/%Y").to_string();
        for wanted in ["lan đã yêu cầu xóa Gốm Bát Tràng", &date, &format!("{HOME}/settings/privacy")] {
            assert!(letter.text.contains(wanted), "{wanted} is not in {}", letter.text);
        }
    }
    cancel(house, &second).await.unwrap();
    cancel(house, &second).await.unwrap();
    for owner in ["lan@gom.vn", "mai@gom.vn"] {
        let letter = post.letter(owner, 2).await;
        assert_eq!(letter.subject, "Cửa hàng của bạn không bị xóa nữa");
        assert!(letter.text.contains("mai đã rút lại yêu cầu xóa Gốm Bát Tràng"), "{}", letter.text);
    }
    post.all_sent().await;
    assert_eq!(["lan", "mai", "hoa"].map(|who| post.letters(&format!("{who}@gom.vn")).len()), [2, 2, 0]);
}

/// What an admin does while a business waits for its deletion changes nothing for its people, until it is taken back.
#[tokio::test]
async fn what_was_suspended_in_the_hold_is_told_with_its_end() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    request(house, &shop, PASSWORD).await.unwrap();
    let tenant_id = shop.tenant.to_string();
    let suspend = pb::SuspendTenantRequest { tenant_id, reason: "hàng giả".into() };
    assert_eq!(house.admin().suspend_tenant(suspend).await.unwrap().into_inner().state(), pb::TenantState::Deleting);
    cancel(house, &shop).await.unwrap();
    post.all_sent().await;
    let letters = post.letters("lan@gom.vn");
    assert_eq!(letters.len(), 3, "asked for, taken back, and that it is suspended");
    assert!(letters.iter().any(|letter| letter.text.contains("hàng giả")));
}

#[tokio::test]
async fn after_the_hold_everything_goes_but_the_audit() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    house.connect(&shop, "104").await.unwrap();
    house.connect(&other, "105").await.unwrap();
    request(&house, &shop, PASSWORD).await.unwrap();
    // Its time has not come, whatever the table of work says.
    house.hand.advance(TimeDelta::days(29));
    let pool = house.db.superuser().await;
    sqlx::query("update routing.due_work set due_at = now() where kind = 'close_tenant'").execute(&pool).await.unwrap();
    let later =
        "select count(*) from routing.due_work where kind = 'close_tenant' and due_at > now() + interval '1 day'";
    watch(&house, "another look", later, 1, false).await;
    assert_eq!(state(&house, &shop).await, "deleting");
    house.graph.take_seen();

    house.hand.advance(TimeDelta::days(2));
    until(&house, "the inbox's turn", "select count(*) from routing.due_work where kind = 'erase_inbox'", 1).await;
    assert!(house.graph.take_seen().iter().any(|seen| seen.line.starts_with("DELETE")), "Meta sends nothing more");
    // It has no members any more, whatever their tokens say.
    assert_eq!(problem(cancel(&house, &shop).await).code, "forbidden");
    assert_eq!(house.login("lan@gom.vn", PASSWORD).await.unwrap_err().code(), Code::Unauthenticated);
    let token = &shop.session.refresh_token;
    assert_eq!(house.refresh(token).await.unwrap_err().code(), Code::Unauthenticated);
    let routed = "select count(*) from routing.channels where external_id = '104'";
    assert_eq!(count(&house, routed).await, 0);

    // As the catalogue does when it has nothing left.
    let handed_on =
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('erase_tenants', $1, $1, now())";
    sqlx::query(handed_on).bind(shop.tenant.0).execute(&pool).await.unwrap();
    until(&house, "the end", "select count(*) from routing.due_work where kind = 'erase_tenants'", 0).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_schema || '.' || table_name from information_schema.columns
         where table_schema in ('tenants', 'routing') and column_name = 'tenant_id' and table_name not like 'audit%'
             and (table_schema, table_name) <> ('routing', 'tenants')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    for table in tables {
        let left = count(&house, &format!("select count(*) from {table} where tenant_id = '{}'", shop.tenant)).await;
        assert_eq!(left, 0, "{table}");
    }
    // Its log stays, and so do those who may read it.
    let asked = pb::ListAuditRequest { tenant_id: shop.tenant.to_string(), ..Default::default() };
    let admin = chatdesk_platform::Identity::PlatformAdmin { user: chatdesk_platform::UserId(new_id()) };
    let log = house.audit(admin).list_admin_audit(asked).await.unwrap().into_inner().items;
    assert!(["business.registered", "tenant.deleted"].iter().all(|one| log.iter().any(|record| record.action == *one)));
    let own = house.audit(shop.owner()).list_audit(pb::ListAuditRequest::default()).await;
    assert_eq!(problem(own).code, "forbidden");
    let named = format!("select count(*) from tenants.directory where business_id = '{}'", shop.tenant);
    assert_eq!(count(&house, &named).await, 0);
    assert_eq!(state(&house, &shop).await, "deleted");
    let audit =
        format!("select count(*) from tenants.audit where tenant_id = '{}' and action = 'tenant.deleted'", shop.tenant);
    assert_eq!(count(&house, &audit).await, 1);
    assert!(house.login("mai@lua.vn", PASSWORD).await.is_ok());
    // The address is free for another business.
    house.shop("lan@gom.vn").await;
}

#[tokio::test]
async fn one_export_at_a_time_is_written_and_is_the_owners() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    house.connect(&shop, "104").await.unwrap();
    let begun = house.privacy(shop.owner()).start_export(pb::StartExportRequest {}).await.unwrap().into_inner();
    assert_eq!(begun.state(), pb::ExportState::Running);
    let again = house.privacy(shop.owner()).start_export(pb::StartExportRequest {}).await;
    assert_eq!(problem(again).code, "export_running");
    // The others' shares are not written in this house.
    let pool = house.db.superuser().await;
    let others = "update routing.export_shares set state = 'ready' where service <> 'tenants'";
    sqlx::query(others).execute(&pool).await.unwrap();
    until(&house, "the share", "select count(*) from routing.export_shares where state <> 'ready'", 0).await;
    let found = house.privacy(shop.owner()).list_exports(pb::ListExportsRequest {}).await.unwrap().into_inner().items;
    assert_eq!((found.len(), found[0].state(), found[0].id.as_str()), (1, pb::ExportState::Ready, begun.id.as_str()));
    let read = |who, id: String| {
        let mut client = house.privacy(who);
        async move {
            let mut parts = client.read_export(pb::ReadExportRequest { id }).await?.into_inner();
            let mut text = String::new();
            while let Some(part) = parts.message().await? {
                text += &format!("{}: {}", part.file, String::from_utf8(part.lines).unwrap());
            }
            Ok::<_, Status>(text)
        }
    };
    let text = read(shop.owner(), begun.id.clone()).await.unwrap();
    for wanted in
        ["business.ndjson: {", "Gốm Bát Tràng", "people.ndjson: {", "lan@gom.vn", "channels.ndjson: {", "\"104\""]
    {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
    for secret in ["argon2", "v1.", "password", "token", "mai@lua.vn"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert_eq!(read(other.owner(), begun.id.clone()).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(read(shop.member(Role::Manager), begun.id.clone()).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(read(shop.owner(), new_id().to_string()).await.unwrap_err().code(), Code::NotFound);

    let fetched = "select count(*) from tenants.audit where action = 'export.fetched'";
    assert_eq!(count(&house, fetched).await, 1, "what was refused was not fetched");

    house.hand.advance(TimeDelta::hours(24));
    assert_eq!(read(shop.owner(), begun.id.clone()).await.unwrap_err().code(), Code::NotFound);
    let none = house.privacy(shop.owner()).list_exports(pb::ListExportsRequest {}).await.unwrap().into_inner().items;
    assert!(none.is_empty());
    until(&house, "the parts to go", "select count(*) from routing.exports", 0).await;
    assert_eq!(count(&house, "select count(*) from tenants.export_parts").await, 0);
}

#[tokio::test]
async fn what_nobody_can_fetch_stands_in_nobodys_way() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let pool = house.db.superuser().await;
    let start = async || house.privacy(shop.owner()).start_export(pb::StartExportRequest {}).await;
    let told = async || {
        let list = house.privacy(shop.owner()).list_exports(pb::ListExportsRequest {}).await;
        list.unwrap().into_inner().items.iter().map(pb::Export::state).collect::<Vec<_>>()
    };
    // As the inbox does: it fails, or somebody is forgotten, as the third of them.
    for (end, state) in [("failed", pb::ExportState::Failed), ("withdrawn", pb::ExportState::Withdrawn)] {
        for _ in 0..4 {
            let begun = start().await.unwrap().into_inner();
            let set = "update routing.export_shares set state = $2 where export_id = $1::uuid and service = 'inbox'";
            sqlx::query(set).bind(&begun.id).bind(end).execute(&pool).await.unwrap();
            assert_eq!(told().await[0], state);
        }
    }
    for _ in 0..3 {
        let begun = start().await.unwrap().into_inner();
        let set = "update routing.export_shares set state = 'ready' where export_id = $1::uuid";
        sqlx::query(set).bind(&begun.id).execute(&pool).await.unwrap();
    }
    assert_eq!(problem(start().await).code, "too_many_exports_kept");
    let set = "update routing.export_shares set state = 'withdrawn' where service = 'inbox' and state = 'ready'";
    sqlx::query(set).execute(&pool).await.unwrap();
    start().await.expect("the owner is not locked out by an erasure");
}

#[tokio::test]
async fn a_contact_is_forgotten_once_however_often_it_is_asked_for() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let contact_id = new_id().to_string();
    let request = || pb::EraseContactRequest { contact_id: contact_id.clone() };
    let refused = house.privacy(shop.member(Role::Agent)).erase_contact(request()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    for _ in 0..2 {
        house.privacy(shop.member(Role::Manager)).erase_contact(request()).await.unwrap();
    }
    assert_eq!(count(&house, "select count(*) from routing.contact_erasures").await, 1);
    assert_eq!(count(&house, "select count(*) from routing.due_work where kind = 'erase_contact'").await, 1);
    assert_eq!(count(&house, "select count(*) from tenants.audit where action = 'contact.erased'").await, 1);
    let nothing = pb::EraseContactRequest { contact_id: "x".into() };
    assert_eq!(house.privacy(shop.owner()).erase_contact(nothing).await.unwrap_err().code(), Code::NotFound);
}

/// Meta's word leads to the same place: the inbox has found a contact who is the person.
#[tokio::test]
async fn a_contact_whom_meta_wants_forgotten_is_forgotten_and_noted() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let contact = new_id();
    let found =
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('forget_contact', $1, $2, now())";
    let pool = house.db.superuser().await;
    sqlx::query(found).bind(shop.tenant.0).bind(contact).execute(&pool).await.unwrap();
    until(&house, "the request", "select count(*) from routing.contact_erasures", 1).await;
    assert_eq!(count(&house, "select count(*) from routing.due_work where kind = 'erase_contact'").await, 1);
    let noted = house.audited(&shop).await.remove(0);
    assert_eq!((noted.action.as_str(), noted.object.as_str()), ("contact.erased", &*format!("contact:{contact}")));
    assert_eq!(noted.actor_kind(), pb::ActorKind::Service);
}
