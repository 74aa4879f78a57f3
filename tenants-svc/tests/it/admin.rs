//! Suspending and resuming a tenant.

use chatdesk_platform::{Role, ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::admin_service_client::AdminServiceClient;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, field, fields, problem};

fn suspend(tenant: &impl ToString, reason: &str) -> pb::SuspendTenantRequest {
    pb::SuspendTenantRequest { tenant_id: tenant.to_string(), reason: reason.to_owned() }
}

#[tokio::test]
async fn a_tenant_is_suspended_with_a_reason_and_resumed() {
    let house = House::new().await;
    let (shop, other) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    house.hand.advance(TimeDelta::minutes(1));
    let status = house.admin().suspend_tenant(suspend(&shop.tenant, " unpaid ")).await.unwrap().into_inner();
    assert_eq!((status.state(), status.reason.as_str()), (pb::TenantState::Suspended, "unpaid"));
    house.hand.advance(TimeDelta::minutes(1));
    let again = house.admin().suspend_tenant(suspend(&shop.tenant, "spam")).await.unwrap().into_inner();
    assert_eq!((again.reason.as_str(), again.changed_at), ("spam", status.changed_at), "since when stays");

    let sessions = pb::CheckSessionsRequest { session_ids: vec![] };
    for (who, expected) in [(&shop, true), (&other, false)] {
        let gateway = who.service(ServiceName::Gateway);
        let answer = house.account(gateway).check_sessions(sessions.clone()).await.unwrap().into_inner();
        assert_eq!(answer.suspended, expected);
    }

    let request = pb::ResumeTenantRequest { tenant_id: shop.tenant.to_string() };
    let resumed = house.admin().resume_tenant(request).await.unwrap().into_inner();
    assert_eq!((resumed.state(), resumed.reason.as_str()), (pb::TenantState::Active, ""));
    assert_ne!(resumed.changed_at, status.changed_at);
}

#[tokio::test]
async fn unknown_tenants_and_bad_reasons_are_refused() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for unknown in [new_id().to_string(), "x".to_owned(), String::new()] {
        let refused = house.admin().suspend_tenant(suspend(&unknown, "why")).await;
        assert_eq!(problem(refused).status, Code::NotFound);
        let refused = house.admin().resume_tenant(pb::ResumeTenantRequest { tenant_id: unknown }).await;
        assert_eq!(problem(refused).status, Code::NotFound);
    }
    for (reason, code) in [("", "required"), ("\0", "malformed"), (&"x".repeat(501), "too_long")] {
        let refused = house.admin().suspend_tenant(suspend(&shop.tenant, reason)).await;
        assert_eq!(fields(refused), [field("reason", code)]);
    }
}

#[tokio::test]
async fn only_platform_admins_may() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    for who in [shop.member(Role::Owner), GATEWAY, shop.service(ServiceName::Inbox)] {
        let mut client = AdminServiceClient::new(house.client(who));
        assert_eq!(problem(client.suspend_tenant(suspend(&shop.tenant, "why")).await).status, Code::PermissionDenied);
        let request = pb::ResumeTenantRequest { tenant_id: shop.tenant.to_string() };
        assert_eq!(problem(client.resume_tenant(request).await).status, Code::PermissionDenied);
    }
}
