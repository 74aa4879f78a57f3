//! How the inbox's work goes, and what it failed at.

use chatdesk_platform::Error;
use chatdesk_platform::db::System;
use chatdesk_platform::db::aside::Decision;
use chatdesk_proto::inbox::v1::system_service_server::SystemService;
use chatdesk_proto::system::v1 as pb;
use tonic::{Request, Response, Status};

use crate::desk::Desk;
use crate::store;
use crate::work;

/// Serves `SystemService`.
pub struct Systems {
    desk: Desk,
    system: System,
}

impl Systems {
    /// A handler.
    pub fn new(desk: Desk) -> Self {
        let system = System::new(desk.db.clone(), desk.wakes.clone(), work::KINDS).ended(work::ENDED).owed(work::OWED);
        Self { desk, system }
    }

    /// Bodies that were set aside with their work are worked off again with it.
    async fn retry(&self, request: &pb::DecideWorkRequest) -> Result<pb::DecideWorkResponse, Error> {
        let mut tx = self.desk.db.system().await?;
        let decided = self.system.decide(&mut tx, request, Decision::Retry).await?;
        if !decided.is_dry {
            for id in decided.held.iter().filter(|id| id.kind == work::INGEST) {
                store::journal::reopen(&mut tx, id.entity).await?;
            }
        }
        tx.commit().await?;
        Ok(self.system.told(&decided))
    }
}

#[tonic::async_trait]
impl SystemService for Systems {
    async fn get_system(&self, _: Request<pb::GetSystemRequest>) -> Result<Response<pb::System>, Status> {
        Ok(Response::new(self.system.get(Some(work::SETTLE)).await?))
    }

    async fn list_failed_work(
        &self,
        request: Request<pb::ListFailedWorkRequest>,
    ) -> Result<Response<pb::ListFailedWorkResponse>, Status> {
        Ok(Response::new(self.system.list(request.get_ref()).await?))
    }

    async fn retry_work(
        &self,
        request: Request<pb::DecideWorkRequest>,
    ) -> Result<Response<pb::DecideWorkResponse>, Status> {
        Ok(Response::new(self.retry(request.get_ref()).await?))
    }

    async fn discard_work(
        &self,
        request: Request<pb::DecideWorkRequest>,
    ) -> Result<Response<pb::DecideWorkResponse>, Status> {
        Ok(Response::new(self.system.decide_at_once(request.get_ref(), Decision::Discard).await?))
    }
}
