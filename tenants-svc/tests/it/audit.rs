//! Who did what: what is noted, that nobody changes it, and that whoever does is found out.

use chatdesk_platform::db::DbConfig;
use chatdesk_platform::db::testing::{member, test_secret};
use chatdesk_platform::{Identity, Keyring, Role, ServiceName, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_tenants::{Break, Verified, verify_audit};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, Shop, account, field, fields, problem};

async fn verified(house: &House) -> Verified {
    let config = DbConfig { url: house.db.role_url("cd_tenants"), connections: 2 };
    verify_audit(&config, &Keyring::derived(&test_secret())).await.unwrap()
}

fn actions(records: &[pb::AuditRecord]) -> Vec<&str> {
    records.iter().map(|record| record.action.as_str()).collect()
}

async fn until_audited(house: &House, shop: &Shop, action: &str) -> pb::AuditRecord {
    let look = async {
        loop {
            if let Some(found) = house.audited(shop).await.into_iter().find(|record| record.action == action) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), look).await.expect("it is noted")
}

#[tokio::test]
async fn what_matters_is_noted_with_who_and_from_where() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let channel = house.connect(&shop, "104").await.unwrap();
    let change = pb::UpdateAssistantSettingsRequest { tone: Some("thân mật".into()), ..Default::default() };
    house.settings(shop.owner()).update_assistant_settings(change.clone()).await.unwrap();
    // The same again changes nothing, and is not noted.
    house.settings(shop.owner()).update_assistant_settings(change).await.unwrap();
    let gone = pb::DisconnectChannelRequest { id: channel.id.clone() };
    house.channels(shop.owner()).disconnect_channel(gone).await.unwrap();
    let records = house.audited(&shop).await;
    assert_eq!(
        actions(&records),
        ["channel.disconnected", "settings.changed", "channel.connected", "business.registered"]
    );
    let settings = &records[1];
    assert_eq!((settings.actor_kind(), settings.actor.clone()), (pb::ActorKind::Member, shop.owner.to_string()));
    assert_eq!(settings.actor_name, "lan");
    let (before, after): (Value, Value) =
        (serde_json::from_str(&settings.before).unwrap(), serde_json::from_str(&settings.after).unwrap());
    assert_eq!((&before["tone_characters"], &after["tone_characters"]), (&0.into(), &8.into()));
    assert!(!settings.after.contains("thân"), "the shop's words are not the log's");
    assert_eq!(records[2].object, format!("channel:{}", channel.id));
    assert!(records.iter().zip(&records[1..]).all(|(next, before)| next.prev_hash == before.hash));
}

#[tokio::test]
async fn logins_are_noted_that_succeed_and_that_do_not() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let from = "2001:db8::7";
    let login = |password: &str| pb::LoginRequest {
        email: "lan@gom.vn".into(),
        password: password.into(),
        ..Default::default()
    };
    let refused = house.account_from(GATEWAY, from).login(login("wrong")).await;
    assert_eq!(problem(refused).status, Code::Unauthenticated);
    let refusal = until_audited(&house, &shop, "session.refused").await;
    assert_eq!((refusal.actor_kind(), refusal.actor.as_str()), (pb::ActorKind::Nobody, ""));
    assert_eq!((refusal.object, refusal.address.as_str()), (format!("user:{}", shop.owner), from));
    assert!(!refusal.after.contains("lan@") && refusal.after.contains("password"));
    // However often it is tried, the log stays readable, and tells how often.
    for _ in 1..9 {
        problem(house.account_from(GATEWAY, from).login(login("wrong")).await);
    }
    let refusals = async || {
        let all = house.audited(&shop).await.into_iter().filter(|record| record.action == "session.refused");
        all.map(|record| record.after).collect::<Vec<_>>()
    };
    let told = async {
        while !refusals().await.iter().any(|after| after.contains("\"times_this_hour\":8")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), told).await.expect("the eighth is noted");
    assert_eq!(refusals().await.len(), 4);
    house.account_from(GATEWAY, from).login(login(PASSWORD)).await.unwrap();
    let started = until_audited(&house, &shop, "session.started").await;
    assert_eq!((started.actor, started.address.as_str()), (shop.owner.to_string(), from));
}

#[tokio::test]
async fn sessions_that_are_ended_and_admins_who_are_made_are_noted() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let phone = house.login("lan@gom.vn", PASSWORD).await.unwrap().session_id;
    let end = pb::EndSessionRequest { id: phone.clone() };
    house.account(shop.owner()).end_session(end).await.unwrap();
    house.account(shop.owner()).end_all_sessions(pb::EndAllSessionsRequest {}).await.unwrap();
    let records = house.audited(&shop).await;
    assert_eq!(actions(&records)[..2], ["session.ended"; 2]);
    assert_eq!((&records[1].object, &records[1].actor), (&format!("session:{phone}"), &shop.owner.to_string()));
    assert_eq!((&records[0].object, records[0].after.as_str()), (&format!("user:{}", shop.owner), r#"{"sessions":1}"#));

    let (made, _) = house.make_admin("root@chat.vn", "mật khẩu của quản trị").await;
    let admin = Identity::PlatformAdmin { user: UserId(made.id.parse().unwrap()) };
    let request = pb::ListAuditRequest::default();
    let installation = house.audit(admin).list_admin_audit(request).await.unwrap().into_inner();
    let first = installation.items.last().unwrap();
    assert_eq!((first.action.as_str(), &first.object), ("admin.created", &format!("user:{}", made.id)));
}

#[tokio::test]
async fn managers_read_their_own_log_and_admins_every_one() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let request = pb::ListAuditRequest::default();
    for who in [shop.member(Role::Agent), shop.member(Role::Viewer), shop.service(ServiceName::Inbox)] {
        let refused = house.audit(who).list_audit(request.clone()).await;
        assert_eq!(problem(refused).status, Code::PermissionDenied);
    }
    let refused = house.audit(shop.owner()).list_admin_audit(request.clone()).await;
    assert_eq!(problem(refused).status, Code::PermissionDenied);
    // Naming another business is not a way to its log.
    let smuggled = pb::ListAuditRequest { tenant_id: other.tenant.to_string(), ..request.clone() };
    assert_eq!(problem(house.audit(shop.owner()).list_audit(smuggled.clone()).await).status, Code::InvalidArgument);
    let seen = house.audit(shop.member(Role::Manager)).list_audit(request.clone()).await.unwrap().into_inner();
    assert!(seen.items.iter().all(|one| one.object == format!("business:{}", shop.tenant)));

    let admin = Identity::PlatformAdmin { user: UserId(new_id()) };
    let suspend = pb::SuspendTenantRequest { tenant_id: other.tenant.to_string(), reason: "unpaid".into() };
    house.admin().suspend_tenant(suspend).await.unwrap();
    let theirs = house.audit(admin).list_admin_audit(smuggled).await.unwrap().into_inner();
    assert_eq!(actions(&theirs.items), ["tenant.suspended", "business.registered"]);
    assert_eq!((theirs.items[0].actor_kind(), theirs.items[0].acting_as.as_str()), (pb::ActorKind::Admin, ""));
    assert_eq!(theirs.items[1].actor_name, "mai");
    let installation = house.audit(admin).list_admin_audit(request).await.unwrap().into_inner();
    assert_eq!(actions(&installation.items), ["tenant.suspended"]);
    assert_eq!(installation.items[0].after, r#"{"reason":"unpaid"}"#);
}

#[tokio::test]
async fn a_log_is_paged_and_filtered() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for _ in 0..4 {
        house.login("lan@gom.vn", PASSWORD).await.unwrap();
    }
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for expected in [2, 2, 1] {
        let request = pb::ListAuditRequest { cursor, limit: 2, ..Default::default() };
        let page = house.audit(shop.owner()).list_audit(request).await.unwrap().into_inner();
        assert_eq!(page.items.len(), expected);
        seen.extend(page.items.iter().map(|record| record.n));
        cursor = page.next_cursor;
    }
    assert_eq!((seen, cursor.as_str()), (vec![5, 4, 3, 2, 1], ""));
    let of = async |request: pb::ListAuditRequest| {
        house.audit(shop.owner()).list_audit(request).await.map(|answer| answer.into_inner().items.len())
    };
    assert_eq!(of(pb::ListAuditRequest { action: "session.".into(), ..Default::default() }).await.unwrap(), 4);
    for nothing in ["bogus", "%", "session.x", "ession"] {
        let asked = of(pb::ListAuditRequest { action: nothing.into(), ..Default::default() }).await;
        assert_eq!(fields(asked), [field("action", "unknown_value")]);
    }
    let past = Some(prost_types::Timestamp { seconds: 0, nanos: 0 });
    assert_eq!(of(pb::ListAuditRequest { from: past, ..Default::default() }).await.unwrap(), 5);
    assert_eq!(of(pb::ListAuditRequest { to: past, ..Default::default() }).await.unwrap(), 0);
    for bad in [
        pb::ListAuditRequest { cursor: "x".into(), ..Default::default() },
        pb::ListAuditRequest { limit: 201, ..Default::default() },
        pb::ListAuditRequest { action: "x".repeat(65), ..Default::default() },
    ] {
        assert_eq!(problem(of(bad).await).status, Code::InvalidArgument);
    }
}

/// Case 116: the role that writes the log cannot change it; whoever can is found out.
#[tokio::test]
async fn a_record_is_never_changed_and_a_broken_chain_is_found() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    for _ in 0..3 {
        house.login("lan@gom.vn", PASSWORD).await.unwrap();
    }
    house.enter(&shop, "ticket 7").await.unwrap();
    let whole = verified(&house).await;
    assert_eq!((whole.chains, whole.links, whole.broken.as_slice()), (3, 7, [].as_slice()));

    let db = house.db.pool("cd_tenants", 1).await;
    for statement in [
        "update tenants.audit set action = 'x'",
        "delete from tenants.audit",
        "truncate tenants.audit",
        "delete from tenants.audit_heads",
        "update tenants.installation_audit set actor = 'x'",
        "delete from tenants.installation_audit",
    ] {
        let mut tx = db.begin(&member(shop.tenant, Role::Owner)).await.unwrap();
        let refused = sqlx::query(AssertSqlSafe(statement)).execute(tx.conn()).await.unwrap_err();
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{statement}");
    }

    let pool = house.db.superuser().await;
    let broken_by = async |statement: &str| {
        let mut tx = pool.begin().await.unwrap();
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        verified(&house).await.broken
    };
    // What a business did stays when it is deleted, and so must be what it was.
    let deleted = "update routing.tenants set state = 'deleted' where tenant_id = $1";
    sqlx::query(deleted).bind(other.tenant.0).execute(&pool).await.unwrap();
    let at = |chain: &str, at| vec![Break { chain: chain.to_owned(), at }];
    let of = format!("where tenant_id = '{}'", shop.tenant);
    assert_eq!(
        broken_by(&format!("update tenants.audit set object = 'user:x' {of} and n = 3")).await,
        at(&shop.tenant.to_string(), 3)
    );
    assert_eq!(broken_by(&format!("delete from tenants.audit {of} and n = 2")).await, at(&shop.tenant.to_string(), 2));
    let cut = format!("delete from tenants.audit where tenant_id = '{}'", other.tenant);
    assert_eq!(broken_by(&cut).await.len(), 2, "the end of a chain cannot be cut off unseen");
    let all = broken_by("update tenants.installation_audit set address = 'x'").await;
    assert_eq!(all.len(), 3);
    assert!(all.contains(&Break { chain: "installation".into(), at: 1 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_make_one_chain() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let each = (0..12).map(|n| {
        let change = pb::UpdateAssistantSettingsRequest { tone: Some("x".repeat(n + 1)), ..Default::default() };
        let mut client = house.settings(shop.owner());
        async move { client.update_assistant_settings(change).await }
    });
    for answer in futures::future::join_all(each).await {
        answer.unwrap();
    }
    assert_eq!(verified(&house).await.broken, []);
    assert!(house.audited(&shop).await.len() > 1);
}

#[tokio::test]
async fn a_page_is_connected_under_its_id_and_not_its_name() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    house.graph.allow(vec![account("104", &["MESSAGING"], None)]);
    house.connect(&shop, "104").await.unwrap();
    let records = house.audited(&shop).await;
    assert_eq!(records[0].after, r#"{"page_id":"104","platform":"facebook"}"#);
}
