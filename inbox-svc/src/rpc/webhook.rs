//! The door of the journal.

use chatdesk_meta::Platform;
use chatdesk_platform::{Error, Invalid};
use chatdesk_proto::inbox::v1::webhook_service_server::WebhookService;
use chatdesk_proto::inbox::v1::{IngestRequest, IngestResponse};
use chatdesk_proto::tenants::v1::Platform as WirePlatform;
use tonic::{Request, Response, Status};

use crate::journal::Journal;

/// The largest body taken, in bytes.
const LARGEST: usize = 8 * 1024 * 1024;

/// Serves `WebhookService`.
pub struct Webhooks {
    journal: Journal,
}

impl Webhooks {
    /// Over a journal.
    pub const fn new(journal: Journal) -> Self {
        Self { journal }
    }

    async fn keep(&self, request: IngestRequest) -> Result<IngestResponse, Error> {
        let mut invalid = Invalid::default();
        let platform = match request.platform() {
            WirePlatform::Facebook => Some(Platform::Facebook),
            WirePlatform::Instagram => Some(Platform::Instagram),
            WirePlatform::Unspecified => {
                invalid.add("platform", "required", "is facebook or instagram");
                None
            }
        };
        if request.body.len() > LARGEST {
            invalid.add("body", "too_long", "is larger than 8 MiB");
        }
        let platform = invalid.into_result(platform)?;
        let id = self.journal.keep(platform, request.body).await?;
        Ok(IngestResponse { event_id: id.to_string() })
    }
}

#[tonic::async_trait]
impl WebhookService for Webhooks {
    async fn ingest(&self, request: Request<IngestRequest>) -> Result<Response<IngestResponse>, Status> {
        Ok(Response::new(self.keep(request.into_inner()).await?))
    }
}
