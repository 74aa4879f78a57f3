//! What platform admins do to tenants.

use chatdesk_platform::{Error, TenantId, grpc};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::admin_service_server::AdminService;
use tonic::{Request, Response, Status};

use super::wire;
use crate::Service;
use crate::model;
use crate::store::status;

/// The longest reason, in characters.
const REASON: usize = 500;

#[tonic::async_trait]
impl AdminService for Service {
    async fn suspend_tenant(
        &self,
        request: Request<pb::SuspendTenantRequest>,
    ) -> Result<Response<pb::TenantStatus>, Status> {
        let by = wire::user(&grpc::caller(&request)?)?;
        let request = request.into_inner();
        let reason = model::needed_text(&request.reason, REASON)
            .map_err(|(code, detail)| Error::invalid("reason", code, detail))?;
        let tenant = TenantId(wire::id(&request.tenant_id, "tenant")?);
        let mut tx = self.state.db.system().await?;
        let status = status::set(&mut tx, tenant, Some(&reason), by, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(encode(tenant, status.ok_or(Error::NotFound("tenant"))?)))
    }

    async fn resume_tenant(
        &self,
        request: Request<pb::ResumeTenantRequest>,
    ) -> Result<Response<pb::TenantStatus>, Status> {
        let by = wire::user(&grpc::caller(&request)?)?;
        let tenant = TenantId(wire::id(&request.into_inner().tenant_id, "tenant")?);
        let mut tx = self.state.db.system().await?;
        let status = status::set(&mut tx, tenant, None, by, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(encode(tenant, status.ok_or(Error::NotFound("tenant"))?)))
    }
}

fn encode(tenant: TenantId, status: status::Status) -> pb::TenantStatus {
    let state = if status.is_suspended { pb::TenantState::Suspended } else { pb::TenantState::Active };
    pb::TenantStatus {
        tenant_id: tenant.to_string(),
        state: state.into(),
        reason: status.reason,
        changed_at: Some(wire::timestamp(status.changed_at)),
    }
}
