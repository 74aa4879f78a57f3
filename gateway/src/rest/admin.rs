//! What platform admins do to tenants.

use axum::Json;
use chatdesk_platform::TenantId;
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::live::Ending;
use crate::problem::Problem;
use crate::query::Id;
use crate::view::{AdminView, show};

/// Why a tenant is suspended.
#[derive(ToSchema)]
pub struct Suspension {
    reason: String,
}

impl FromFields for Suspension {
    fn read(fields: &mut Fields) -> Self {
        Self { reason: fields.text("reason", 1..=500) }
    }
}

/// Suspend a tenant: no more answers or sends, sockets close; what arrives is still kept. Platform admins only.
#[utoipa::path(post, path = "/api/admin/tenants/{id}/suspend", operation_id = "suspend_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Suspension,
    responses((status = 200, body = AdminView)))]
pub async fn suspend(session: Session, Id(id): Id, Input(wish): Input<Suspension>) -> Result<Json<AdminView>, Problem> {
    let request = pb::SuspendTenantRequest { tenant_id: id.to_string(), reason: wish.reason };
    let status = session.calls.admin()?.suspend_tenant(request).await?;
    session.calls.app().hub.end(TenantId(id), Ending::Suspended);
    show(status)
}

/// Let a tenant work again. Platform admins only.
#[utoipa::path(post, path = "/api/admin/tenants/{id}/resume", operation_id = "resume_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = AdminView)))]
pub async fn resume(session: Session, Id(id): Id) -> Result<Json<AdminView>, Problem> {
    show(session.calls.admin()?.resume_tenant(pb::ResumeTenantRequest { tenant_id: id.to_string() }).await?)
}
