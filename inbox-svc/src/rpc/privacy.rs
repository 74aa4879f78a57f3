//! The inbox's share of an export, read.

use chatdesk_platform::db::export;
use chatdesk_platform::grpc;
use chatdesk_proto::inbox::v1::privacy_service_server::PrivacyService;
use chatdesk_proto::tenants::v1::{ReadExportRequest, ReadExportResponse};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::id_of;
use crate::desk::Desk;
use crate::work::InboxShare;

/// Serves `PrivacyService`.
pub struct Privacy {
    desk: Desk,
}

impl Privacy {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl PrivacyService for Privacy {
    type ReadExportStream = BoxStream<'static, Result<ReadExportResponse, Status>>;

    async fn read_export(
        &self,
        request: Request<ReadExportRequest>,
    ) -> Result<Response<Self::ReadExportStream>, Status> {
        let caller = grpc::caller(&request)?;
        let id = id_of(&request.get_ref().id, "export")?;
        let desk = &self.desk;
        let around = (desk.db.clone(), desk.clock.clone(), desk.shutdown.clone());
        let parts = export::read::<InboxShare>(around, caller, id).await?;
        let told = ReceiverStream::new(parts).map(|part| {
            let part = part?;
            Ok(ReadExportResponse { file: part.file, lines: part.lines })
        });
        Ok(Response::new(told.boxed()))
    }
}
