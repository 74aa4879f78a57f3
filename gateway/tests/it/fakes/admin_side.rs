//! The stand-ins for what platform admins see and do.

use std::sync::atomic::Ordering;

use chatdesk_proto::system::v1 as system;
use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::admin_service_server::AdminService;
use chatdesk_proto::tenants::v1::audit_service_server::AuditService;
use chatdesk_proto::tenants::v1::notice_service_server::NoticeService;
use prost_types::Timestamp;
use tonic::{Request, Response};

use super::{Answer, Fake};
use crate::samples;

fn status(state: tenants::TenantState, reason: String) -> tenants::TenantStatus {
    let (tenant_id, state) = (samples::TENANT.to_owned(), state.into());
    tenants::TenantStatus { tenant_id, state, reason, changed_at: samples::at(9) }
}

fn usage() -> tenants::Usage {
    tenants::Usage { calls: 2, prompt_tokens: 900, completion_tokens: 100, spend_micros: Some(1_234_567) }
}

fn tenant() -> tenants::Tenant {
    tenants::Tenant {
        status: Some(status(tenants::TenantState::Active, String::new())),
        name: "Tiệm Mây".into(),
        plan: tenants::Plan::Standard.into(),
        tokens_per_day: 2_000_000,
        tokens_today: 1_000,
        tokens_month: 5_000,
        channels: 2,
        troubled_channels: 1,
        last_event_at: samples::at(10),
        created_at: samples::at(1),
        ..Default::default()
    }
}

fn channel() -> tenants::ChannelHealth {
    tenants::ChannelHealth {
        channel_id: samples::CHANNEL.into(),
        tenant_id: samples::TENANT.into(),
        tenant_name: "Tiệm Mây".into(),
        platform: tenants::Platform::Facebook.into(),
        external_id: "104".into(),
        state: tenants::HealthState::NeedsReconnect.into(),
        reason: "expired".into(),
        connected_at: samples::at(2),
        last_event_at: None,
    }
}

fn day() -> tenants::UsageDay {
    tenants::UsageDay { day: "2026-11-22".into(), usage: Some(usage()) }
}

/// The cursor to the second page of records.
const CURSOR: &str = "AZjwAAAAcACAAAAAAAAAFQ";

#[tonic::async_trait]
impl AdminService for Fake {
    async fn suspend_tenant(&self, request: Request<tenants::SuspendTenantRequest>) -> Answer<tenants::TenantStatus> {
        self.0.seen("SuspendTenant", &request).await?;
        Ok(Response::new(status(tenants::TenantState::Suspended, request.into_inner().reason)))
    }

    async fn resume_tenant(&self, request: Request<tenants::ResumeTenantRequest>) -> Answer<tenants::TenantStatus> {
        self.0.seen("ResumeTenant", &request).await?;
        Ok(Response::new(status(tenants::TenantState::Active, String::new())))
    }

    async fn list_tenants(
        &self,
        request: Request<tenants::ListTenantsRequest>,
    ) -> Answer<tenants::ListTenantsResponse> {
        self.0.seen("ListTenants", &request).await?;
        Ok(Response::new(tenants::ListTenantsResponse { items: vec![tenant()], next_cursor: String::new() }))
    }

    async fn get_tenant(&self, request: Request<tenants::GetTenantRequest>) -> Answer<tenants::TenantDetail> {
        self.0.seen("GetTenant", &request).await?;
        Ok(Response::new(tenants::TenantDetail {
            tenant: Some(tenant()),
            members: vec![tenants::RoleCount { role: tenants::MemberRole::Owner.into(), count: 1 }],
            channels: vec![channel()],
            days: vec![day()],
            visits: Vec::new(),
        }))
    }

    async fn set_cap(&self, request: Request<tenants::SetCapRequest>) -> Answer<tenants::Tenant> {
        self.0.seen("SetCap", &request).await?;
        let request = request.into_inner();
        let plan = if request.plan == 0 { tenant().plan } else { request.plan };
        // One that was capped before.
        let is_capped = request.tokens_per_day.is_some() || !request.lifts_cap;
        let tokens_per_day = request.tokens_per_day.unwrap_or(if request.lifts_cap { 2_000_000 } else { 700 });
        Ok(Response::new(tenants::Tenant { plan, is_capped, tokens_per_day, ..tenant() }))
    }

    async fn list_channel_health(
        &self,
        request: Request<tenants::ListChannelHealthRequest>,
    ) -> Answer<tenants::ListChannelHealthResponse> {
        self.0.seen("ListChannelHealth", &request).await?;
        Ok(Response::new(tenants::ListChannelHealthResponse { items: vec![channel()], next_cursor: String::new() }))
    }

    async fn list_usage(&self, request: Request<tenants::ListUsageRequest>) -> Answer<tenants::ListUsageResponse> {
        self.0.seen("ListUsage", &request).await?;
        let of =
            tenants::TenantUsage {
                tenant_id: samples::TENANT.into(), name: "Tiệm Mây".into(), usage: Some(usage())
            };
        let (days, total, others) = (vec![day()], Some(usage()), Some(usage()));
        Ok(Response::new(tenants::ListUsageResponse { items: vec![of], days, total, other_tenants: 3, others }))
    }

    async fn enter_tenant(&self, request: Request<tenants::EnterTenantRequest>) -> Answer<tenants::Visit> {
        self.0.seen("EnterTenant", &request).await?;
        let caller = chatdesk_platform::grpc::caller(&request)?;
        let request = request.into_inner();
        let now = chatdesk_platform::Clock::system().now().timestamp();
        let ends_at = now + self.0.visit_seconds.load(Ordering::SeqCst);
        Ok(Response::new(tenants::Visit {
            id: samples::CHANNEL.into(),
            tenant_id: request.tenant_id,
            tenant_name: "Tiệm Mây".into(),
            admin_id: caller.user().expect("an admin").to_string(),
            reason: request.reason,
            started_at: Some(Timestamp { seconds: now, nanos: 0 }),
            ends_at: Some(Timestamp { seconds: ends_at, nanos: 0 }),
            admin_email: String::new(),
        }))
    }

    async fn note_work(&self, request: Request<tenants::NoteWorkRequest>) -> Answer<tenants::NoteWorkResponse> {
        self.0.seen("NoteWork", &request).await?;
        Ok(Response::new(tenants::NoteWorkResponse {}))
    }
}

/// Records of the stand-in's chains; an export comes in two pages.
const RECORDS: u64 = 3;

fn record(n: u64) -> tenants::AuditRecord {
    tenants::AuditRecord {
        n,
        at: samples::at(3),
        actor_kind: tenants::ActorKind::Admin.into(),
        actor: samples::USER.into(),
        actor_name: "admin@x.test".into(),
        acting_as: "viewer".into(),
        action: "tenant.entered".into(),
        object: format!("tenant:{}", samples::TENANT),
        before: String::new(),
        after: r#"{"minutes":15}"#.into(),
        address: "203.0.113.7".into(),
        prev_hash: "00".repeat(32),
        hash: "ab".repeat(32),
    }
}

fn records(request: &tenants::ListAuditRequest) -> Response<tenants::ListAuditResponse> {
    if request.cursor.is_empty() {
        let items = (2..=RECORDS).rev().map(record).collect();
        return Response::new(tenants::ListAuditResponse { items, next_cursor: CURSOR.into() });
    }
    Response::new(tenants::ListAuditResponse { items: vec![record(1)], next_cursor: String::new() })
}

#[tonic::async_trait]
impl AuditService for Fake {
    async fn list_audit(&self, request: Request<tenants::ListAuditRequest>) -> Answer<tenants::ListAuditResponse> {
        self.0.seen("ListAudit", &request).await?;
        Ok(records(request.get_ref()))
    }

    async fn list_admin_audit(
        &self,
        request: Request<tenants::ListAuditRequest>,
    ) -> Answer<tenants::ListAuditResponse> {
        self.0.seen("ListAdminAudit", &request).await?;
        Ok(records(request.get_ref()))
    }

    async fn note_refusal(
        &self,
        request: Request<tenants::NoteRefusalRequest>,
    ) -> Answer<tenants::NoteRefusalResponse> {
        self.0.seen("NoteRefusal", &request).await?;
        Ok(Response::new(tenants::NoteRefusalResponse {}))
    }
}

#[tonic::async_trait]
impl NoticeService for Fake {
    async fn list_notices(
        &self,
        request: Request<tenants::ListNoticesRequest>,
    ) -> Answer<tenants::ListNoticesResponse> {
        self.0.seen("ListNotices", &request).await?;
        let notice = tenants::Notice {
            kind: tenants::NoticeKind::Visit.into(),
            reason: "ticket 7".into(),
            since: samples::at(3),
            until: samples::at(4),
        };
        Ok(Response::new(tenants::ListNoticesResponse { items: vec![notice] }))
    }
}

fn work() -> system::WorkId {
    system::WorkId { kind: "send".into(), tenant_id: samples::TENANT.into(), entity_id: samples::CHANNEL.into() }
}

/// The same stand-in for each of the services that have due work.
macro_rules! system_service {
    ($package:ident) => {
        #[tonic::async_trait]
        impl chatdesk_proto::$package::v1::system_service_server::SystemService for Fake {
            async fn get_system(&self, request: Request<system::GetSystemRequest>) -> Answer<system::System> {
                self.0.seen("GetSystem", &request).await?;
                let queue = system::Queue {
                    kind: "send".into(),
                    due: 3,
                    leased: 1,
                    later: 2,
                    set_aside: 1,
                    oldest_due_at: samples::at(5),
                };
                let pool = system::Pool { most: 10, open: 4, idle: 3 };
                Ok(Response::new(system::System { queues: vec![queue], unknown_sends: 2, pool: Some(pool) }))
            }

            async fn list_failed_work(
                &self,
                request: Request<system::ListFailedWorkRequest>,
            ) -> Answer<system::ListFailedWorkResponse> {
                self.0.seen("ListFailedWork", &request).await?;
                let item = system::FailedWork {
                    id: Some(work()),
                    attempts: 5,
                    why: "internal error: out of luck".into(),
                    failed_at: samples::at(6),
                    can_retry: true,
                    can_discard: false,
                };
                Ok(Response::new(system::ListFailedWorkResponse { items: vec![item], next_cursor: String::new() }))
            }

            async fn retry_work(
                &self,
                request: Request<system::DecideWorkRequest>,
            ) -> Answer<system::DecideWorkResponse> {
                self.0.seen("RetryWork", &request).await?;
                Ok(Response::new(system::DecideWorkResponse { done: request.into_inner().ids, gone: Vec::new() }))
            }

            async fn discard_work(
                &self,
                request: Request<system::DecideWorkRequest>,
            ) -> Answer<system::DecideWorkResponse> {
                self.0.seen("DiscardWork", &request).await?;
                Ok(Response::new(system::DecideWorkResponse { done: Vec::new(), gone: request.into_inner().ids }))
            }
        }
    };
}

system_service!(tenants);
system_service!(inbox);
system_service!(catalog);
