//! A platform admin looks at a business: with a reason, for a quarter of an hour, seen by its people, and without changing anything.

use chatdesk_platform::{Identity, Role, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::admin_service_client::AdminServiceClient;
use chatdesk_proto::tenants::v1::notice_service_client::NoticeServiceClient;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, Shop, field, fields, problem};

async fn notices(house: &House, who: Identity) -> Vec<pb::Notice> {
    let mut client = NoticeServiceClient::new(house.client(who));
    client.list_notices(pb::ListNoticesRequest {}).await.unwrap().into_inner().items
}

fn visitor(shop: &Shop) -> Identity {
    Identity::Visitor { tenant: shop.tenant, admin: UserId(new_id()) }
}

#[tokio::test]
async fn a_visit_is_told_to_the_business_and_noted_in_both_logs() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    let visit = house.enter(&shop, " ticket 7 ").await.unwrap();
    assert_eq!((visit.reason.as_str(), visit.tenant_name.as_str()), ("ticket 7", "Gốm Bát Tràng"));
    let (start, end) = (visit.started_at.unwrap().seconds, visit.ends_at.unwrap().seconds);
    assert_eq!(end - start, 15 * 60);

    for who in [shop.member(Role::Viewer), shop.owner(), visitor(&shop)] {
        let told = notices(&house, who).await;
        let [notice] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((notice.kind(), notice.reason.as_str()), (pb::NoticeKind::Visit, "ticket 7"));
        assert_eq!(notice.until.unwrap().seconds, end);
    }
    assert_eq!(notices(&house, other.owner()).await, []);

    let noted = house.audited(&shop).await.remove(0);
    assert_eq!((noted.action.as_str(), noted.actor_kind()), ("tenant.entered", pb::ActorKind::Admin));
    assert_eq!(noted.actor, visit.admin_id);
    assert!(noted.after.contains("ticket 7"));
    let admin = Identity::PlatformAdmin { user: UserId(new_id()) };
    let all = house.audit(admin).list_admin_audit(pb::ListAuditRequest::default()).await.unwrap().into_inner();
    assert_eq!(all.items[0].action, "tenant.entered");

    house.hand.advance(TimeDelta::minutes(15));
    assert_eq!(notices(&house, shop.owner()).await, [], "over");
    let request = pb::GetTenantRequest { tenant_id: shop.tenant.to_string() };
    let detail = house.admin().get_tenant(request).await.unwrap().into_inner();
    assert_eq!(detail.visits.len(), 1);
    assert_eq!(detail.visits[0].admin_email, "", "there is no such admin");
}

#[tokio::test]
async fn a_visit_is_over_with_the_session_that_it_began_in() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (admin, codes) = house.make_admin("root@x.vn", "a long password").await;
    let session = house.login_with("root@x.vn", "a long password", &codes).await.unwrap();
    let mut own = AdminServiceClient::new(house.client(Identity::PlatformAdmin { user: admin.id.parse().unwrap() }));
    let (tenant_id, session_id) = (shop.tenant.to_string(), session.session_id);
    own.enter_tenant(pb::EnterTenantRequest { tenant_id, reason: "ticket 9".into(), session_id }).await.unwrap();
    assert_eq!(notices(&house, shop.owner()).await.len(), 1);

    // A refresh goes on with the same session.
    let renewed = house.refresh(&session.refresh_token).await.unwrap();
    assert_eq!(notices(&house, shop.owner()).await.len(), 1);
    let over = pb::LogoutRequest { refresh_token: renewed.refresh_token };
    house.account(GATEWAY).logout(over).await.unwrap();
    assert_eq!(notices(&house, shop.owner()).await, []);
}

/// What a visitor is refused is noted, and no flood of it drowns the log.
#[tokio::test]
async fn what_a_visitor_is_refused_again_and_again_is_counted() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (who, another) = (visitor(&shop), visitor(&shop));
    let refused = async |who, what: String| {
        house.audit(who).note_refusal(pb::NoteRefusalRequest { what }).await.unwrap();
    };
    let noted = async || {
        let all = house.audited(&shop).await.into_iter().filter(|one| one.action == "visit.refused");
        all.map(|one| one.after).collect::<Vec<_>>()
    };
    for _ in 0..50 {
        refused(who, format!("DELETE /api/products/{}", new_id())).await;
    }
    let told = noted().await;
    assert_eq!(told.len(), 6, "1, 2, 4, 8, 16, 32");
    assert!(told[0].contains("\"times_this_hour\":32") && told[0].contains("DELETE /api/products/"));
    refused(who, "POST /api/privacy/export".into()).await;
    refused(another, "POST /api/privacy/export".into()).await;
    assert_eq!(noted().await.len(), 8, "something else, and somebody else");
    house.hand.advance(TimeDelta::hours(1));
    refused(who, "POST /api/privacy/export".into()).await;
    assert_eq!(noted().await.len(), 9);
}

#[tokio::test]
async fn a_suspension_is_told_too() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let request = pb::SuspendTenantRequest { tenant_id: shop.tenant.to_string(), reason: "unpaid".into() };
    house.admin().suspend_tenant(request).await.unwrap();
    let told = notices(&house, shop.owner()).await;
    assert_eq!((told[0].kind(), told[0].reason.as_str()), (pb::NoticeKind::Suspended, "unpaid"));
}

#[tokio::test]
async fn nobody_enters_without_a_reason_or_what_is_not_there() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for (reason, code) in [("", "required"), (" \n", "required"), (&"x".repeat(501), "too_long")] {
        assert_eq!(fields(house.enter(&shop, reason).await), [field("reason", code)]);
    }
    let nobody =
        pb::EnterTenantRequest { tenant_id: new_id().to_string(), reason: "why".into(), session_id: String::new() };
    assert_eq!(problem(house.admin().enter_tenant(nobody).await).status, Code::NotFound);
    assert_eq!(house.audited(&shop).await.len(), 1, "what was refused is no visit");
}

/// Case 82: what a visitor may do is looking; the service itself refuses the rest.
#[tokio::test]
async fn a_visitor_reads_and_does_nothing_else() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let (admin, _) = house.make_admin("root@x.vn", "a long password").await;
    let who = Identity::Visitor { tenant: shop.tenant, admin: admin.id.parse().unwrap() };
    let mut own = AdminServiceClient::new(house.client(Identity::PlatformAdmin { user: admin.id.parse().unwrap() }));
    let enter = pb::EnterTenantRequest {
        tenant_id: shop.tenant.to_string(),
        reason: "ticket 8".into(),
        session_id: String::new(),
    };
    own.enter_tenant(enter).await.unwrap();
    let detail = pb::GetTenantRequest { tenant_id: shop.tenant.to_string() };
    assert_eq!(own.get_tenant(detail).await.unwrap().into_inner().visits[0].admin_email, "root@x.vn");
    let me = house.account(who).get_profile(pb::GetProfileRequest {}).await.unwrap().into_inner();
    assert!(me.is_visitor);
    assert_eq!((me.email.as_str(), me.member_role()), ("root@x.vn", pb::MemberRole::Viewer));
    assert_eq!((me.tenant_id, me.business_name.as_str()), (shop.tenant.to_string(), "Gốm Bát Tràng"));
    house.settings(who).get_assistant_settings(pb::GetAssistantSettingsRequest {}).await.unwrap();

    let tone = pb::UpdateAssistantSettingsRequest { tone: Some("x".into()), ..Default::default() };
    let enter = pb::EnterTenantRequest {
        tenant_id: shop.tenant.to_string(),
        reason: "nested".into(),
        session_id: String::new(),
    };
    let mut admins = AdminServiceClient::new(house.client(who));
    let refused = [
        problem(house.settings(who).update_assistant_settings(tone).await),
        problem(admins.enter_tenant(enter).await),
        problem(house.audit(who).list_audit(pb::ListAuditRequest::default()).await),
        problem(house.account(who).list_sessions(pb::ListSessionsRequest {}).await),
        problem(house.account(who).issue_ticket(pb::IssueTicketRequest::default()).await),
    ];
    for refused in refused {
        assert_eq!((refused.status, refused.code.as_str()), (Code::PermissionDenied, "read_only"));
    }
}
