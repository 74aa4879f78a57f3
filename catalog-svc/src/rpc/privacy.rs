//! The catalogue's share of an export, read.

use std::pin::Pin;

use chatdesk_platform::db::{Db, export};
use chatdesk_platform::{Clock, Shutdown, grpc};
use chatdesk_proto::catalog::v1::privacy_service_server::PrivacyService;
use chatdesk_proto::tenants::v1::{ReadExportRequest, ReadExportResponse};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::parse_id_of;
use crate::work::CatalogShare;

/// Serves `PrivacyService`. Cheap to clone.
#[derive(Clone)]
pub struct Privacy {
    around: (Db, Clock, Shutdown),
}

impl Privacy {
    /// Over the database; what is being read ends with the shutdown.
    pub const fn new(db: Db, clock: Clock, shutdown: Shutdown) -> Self {
        Self { around: (db, clock, shutdown) }
    }
}

#[tonic::async_trait]
impl PrivacyService for Privacy {
    type ReadExportStream = Pin<Box<dyn Stream<Item = Result<ReadExportResponse, Status>> + Send>>;

    async fn read_export(
        &self,
        request: Request<ReadExportRequest>,
    ) -> Result<Response<Self::ReadExportStream>, Status> {
        let caller = grpc::caller(&request)?;
        let id = parse_id_of("export", &request.get_ref().id)?;
        let parts = export::read::<CatalogShare>(self.around.clone(), caller, id).await?;
        let told = ReceiverStream::new(parts).map(|part| {
            let part = part?;
            Ok(ReadExportResponse { file: part.file, lines: part.lines })
        });
        Ok(Response::new(Box::pin(told)))
    }
}
