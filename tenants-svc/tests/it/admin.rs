//! Suspending and resuming a tenant.

use chatdesk_platform::{Role, ServiceName, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::admin_service_client::AdminServiceClient;
use chatdesk_proto::tenants::v1::notice_service_client::NoticeServiceClient;
use chrono::TimeDelta;
use tonic::Code;

use crate::house::{GATEWAY, House, PASSWORD, field, fields, problem};
use crate::post::Posted;

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
async fn owners_are_mailed_what_an_admin_does_to_their_business() {
    let post = Posted::new().await;
    let house = &post.house;
    let shop = house.shop("lan@gom.vn").await;
    house.member(&shop, "hoa@gom.vn", pb::MemberRole::Manager).await;
    let resume = || pb::ResumeTenantRequest { tenant_id: shop.tenant.to_string() };
    house.admin().resume_tenant(resume()).await.unwrap();
    for reason in ["nợ phí", "nợ phí", "thư rác"] {
        house.admin().suspend_tenant(suspend(&shop.tenant, reason)).await.unwrap();
    }
    let letter = post.letter("lan@gom.vn", 2).await;
    assert_eq!(letter.subject, "Cửa hàng của bạn bị tạm ngưng");
    house.admin().resume_tenant(resume()).await.unwrap();
    assert_eq!(post.letter("lan@gom.vn", 3).await.subject, "Cửa hàng của bạn hoạt động trở lại");
    post.all_sent().await;
    let letters = post.letters("lan@gom.vn");
    for reason in ["Lý do: nợ phí", "Lý do: thư rác"] {
        assert_eq!(letters.iter().filter(|letter| letter.text.contains(reason)).count(), 1, "once, and news only");
    }
    assert_eq!((letters.len(), post.letters("hoa@gom.vn").len()), (3, 0));
}

/// Case 88: the assistant, which asks before it says anything, is told to say nothing; people and others may still look.
#[tokio::test]
async fn the_assistant_of_a_business_that_may_not_work_gets_nothing_to_say() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let look = async |who| house.settings(who).get_assistant_settings(pb::GetAssistantSettingsRequest {}).await;
    let ai = shop.service(ServiceName::Ai);
    look(ai).await.unwrap();
    house.admin().suspend_tenant(suspend(&shop.tenant, "unpaid")).await.unwrap();
    let refused = problem(look(ai).await);
    assert_eq!((refused.status, refused.code.as_str()), (Code::FailedPrecondition, "tenant_suspended"));
    for who in [shop.member(Role::Viewer), shop.service(ServiceName::Inbox)] {
        look(who).await.unwrap();
    }
    let deletion = pb::RequestTenantDeletionRequest { password: PASSWORD.to_owned() };
    house.privacy(shop.owner()).request_tenant_deletion(deletion).await.unwrap();
    assert_eq!(problem(look(ai).await).code, "tenant_deleting");
}

/// A business that waits for its deletion goes on waiting, whatever an admin decides meanwhile.
#[tokio::test]
async fn suspending_and_resuming_what_waits_for_its_deletion_tells_what_it_is() {
    let house = House::new().await;
    let shop = house.shop("lan@gom.vn").await;
    let deletion = pb::RequestTenantDeletionRequest { password: PASSWORD.to_owned() };
    house.privacy(shop.owner()).request_tenant_deletion(deletion).await.unwrap();
    let notice = async || {
        let mut client = NoticeServiceClient::new(house.client(shop.owner()));
        client.list_notices(pb::ListNoticesRequest {}).await.unwrap().into_inner().items.remove(0)
    };
    let told = notice().await;
    assert_eq!(told.kind(), pb::NoticeKind::Deletion);
    let gateway = shop.service(ServiceName::Gateway);
    house.hand.advance(TimeDelta::days(1));
    let resume = || pb::ResumeTenantRequest { tenant_id: shop.tenant.to_string() };
    let suspended = house.admin().suspend_tenant(suspend(&shop.tenant, "spam")).await.unwrap().into_inner();
    let resumed = house.admin().resume_tenant(resume()).await.unwrap().into_inner();
    for status in [suspended, resumed] {
        assert_eq!((status.state(), status.changed_at), (pb::TenantState::Deleting, told.since));
    }
    assert_eq!(notice().await, told);
    let asked = pb::CheckSessionsRequest { session_ids: vec![] };
    let answer = house.account(gateway).check_sessions(asked.clone()).await.unwrap().into_inner();
    assert!(answer.suspended && answer.deleting);
    house.privacy(shop.owner()).cancel_tenant_deletion(pb::CancelTenantDeletionRequest {}).await.unwrap();
    let answer = house.account(gateway).check_sessions(asked).await.unwrap().into_inner();
    assert!(!answer.suspended && !answer.deleting, "it was resumed meanwhile");
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
