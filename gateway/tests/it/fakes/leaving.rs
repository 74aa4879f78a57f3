//! The stand-in for what is taken along, deleted and forgotten.

use chatdesk_proto::catalog::v1::privacy_service_server::PrivacyService as CatalogPrivacy;
use chatdesk_proto::inbox::v1::privacy_service_server::PrivacyService as InboxPrivacy;
use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::privacy_service_server::PrivacyService;
use futures::stream::{self, BoxStream, StreamExt as _};
use tonic::{Request, Response, Status};

use super::{Answer, Fake};
use crate::samples::{EXPORT, WITHDRAWN_EXPORT, at};

type Parts = BoxStream<'static, Result<tenants::ReadExportResponse, Status>>;

fn export() -> tenants::Export {
    tenants::Export {
        id: EXPORT.into(),
        state: tenants::ExportState::Ready.into(),
        requested_by: "0193a000-0000-7000-8000-000000000001".into(),
        requested_at: at(1),
        expires_at: at(40),
        lines: 3,
        size: 60,
    }
}

fn deletion() -> tenants::TenantDeletion {
    let requested_by = "0193a000-0000-7000-8000-000000000001".into();
    tenants::TenantDeletion { delete_after: at(40), requested_at: at(1), requested_by }
}

fn parts(file: &str) -> Response<Parts> {
    let part = |lines: &str| Ok(tenants::ReadExportResponse { file: file.to_owned(), lines: lines.into() });
    Response::new(stream::iter([part("{\"a\":1}\n"), part("{\"a\":2}\n")]).boxed())
}

#[tonic::async_trait]
impl PrivacyService for Fake {
    type ReadExportStream = Parts;

    async fn start_export(&self, request: Request<tenants::StartExportRequest>) -> Answer<tenants::Export> {
        self.0.seen("StartExport", &request).await?;
        Ok(Response::new(tenants::Export { state: tenants::ExportState::Running.into(), ..export() }))
    }

    async fn list_exports(
        &self,
        request: Request<tenants::ListExportsRequest>,
    ) -> Answer<tenants::ListExportsResponse> {
        self.0.seen("ListExports", &request).await?;
        Ok(Response::new(tenants::ListExportsResponse { items: vec![export()] }))
    }

    async fn get_export(&self, request: Request<tenants::GetExportRequest>) -> Answer<tenants::Export> {
        self.0.seen("GetExport", &request).await?;
        let is_withdrawn = request.get_ref().id == WITHDRAWN_EXPORT;
        let state = if is_withdrawn { tenants::ExportState::Withdrawn } else { tenants::ExportState::Ready };
        Ok(Response::new(tenants::Export { id: request.into_inner().id, state: state.into(), ..export() }))
    }

    async fn read_export(&self, request: Request<tenants::ReadExportRequest>) -> Answer<Parts> {
        self.0.seen("ReadExport", &request).await?;
        Ok(parts("people.ndjson"))
    }

    async fn get_tenant_deletion(
        &self,
        request: Request<tenants::GetTenantDeletionRequest>,
    ) -> Answer<tenants::TenantDeletion> {
        self.0.seen("GetTenantDeletion", &request).await?;
        Ok(Response::new(tenants::TenantDeletion::default()))
    }

    async fn request_tenant_deletion(
        &self,
        request: Request<tenants::RequestTenantDeletionRequest>,
    ) -> Answer<tenants::TenantDeletion> {
        self.0.seen("RequestTenantDeletion", &request).await?;
        Ok(Response::new(deletion()))
    }

    async fn cancel_tenant_deletion(
        &self,
        request: Request<tenants::CancelTenantDeletionRequest>,
    ) -> Answer<tenants::TenantDeletion> {
        self.0.seen("CancelTenantDeletion", &request).await?;
        Ok(Response::new(tenants::TenantDeletion::default()))
    }

    async fn erase_contact(
        &self,
        request: Request<tenants::EraseContactRequest>,
    ) -> Answer<tenants::EraseContactResponse> {
        self.0.seen("EraseContact", &request).await?;
        Ok(Response::new(tenants::EraseContactResponse {}))
    }
}

#[tonic::async_trait]
impl InboxPrivacy for Fake {
    type ReadExportStream = Parts;

    async fn read_export(&self, request: Request<tenants::ReadExportRequest>) -> Answer<Parts> {
        self.0.seen("ReadExport", &request).await?;
        Ok(parts("messages.ndjson"))
    }
}

#[tonic::async_trait]
impl CatalogPrivacy for Fake {
    type ReadExportStream = Parts;

    async fn read_export(&self, request: Request<tenants::ReadExportRequest>) -> Answer<Parts> {
        self.0.seen("ReadExport", &request).await?;
        Ok(parts("products.ndjson"))
    }
}
