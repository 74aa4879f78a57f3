//! How this service's work goes, and what it failed at.

use chatdesk_platform::db::System;
use chatdesk_platform::db::aside::Decision;
use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::tenants::v1::system_service_server::SystemService;
use tonic::{Request, Response, Status};

/// Serves `SystemService`.
#[derive(Clone)]
pub struct Systems(pub System);

#[tonic::async_trait]
impl SystemService for Systems {
    async fn get_system(&self, _: Request<pb::GetSystemRequest>) -> Result<Response<pb::System>, Status> {
        Ok(Response::new(self.0.get(None).await?))
    }

    async fn list_failed_work(
        &self,
        request: Request<pb::ListFailedWorkRequest>,
    ) -> Result<Response<pb::ListFailedWorkResponse>, Status> {
        Ok(Response::new(self.0.list(request.get_ref()).await?))
    }

    async fn retry_work(
        &self,
        request: Request<pb::DecideWorkRequest>,
    ) -> Result<Response<pb::DecideWorkResponse>, Status> {
        Ok(Response::new(self.0.decide_at_once(request.get_ref(), Decision::Retry).await?))
    }

    async fn discard_work(
        &self,
        request: Request<pb::DecideWorkRequest>,
    ) -> Result<Response<pb::DecideWorkResponse>, Status> {
        Ok(Response::new(self.0.decide_at_once(request.get_ref(), Decision::Discard).await?))
    }
}
