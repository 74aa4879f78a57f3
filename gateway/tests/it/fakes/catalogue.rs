//! The stand-ins for entries and files of products.

use chatdesk_platform::Error;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::catalog::v1::entry_service_server::EntryService;
use chatdesk_proto::catalog::v1::import_service_server::ImportService;
use chatdesk_proto::catalog::v1::start_import_request::Part;
use futures::stream::{BoxStream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};

use super::{Answer, Fake};
use crate::samples;

#[tonic::async_trait]
impl EntryService for Fake {
    async fn list_entries(
        &self,
        request: Request<catalog::ListEntriesRequest>,
    ) -> Answer<catalog::ListEntriesResponse> {
        self.0.seen("ListEntries", &request).await?;
        let items = vec![samples::entry()];
        Ok(Response::new(catalog::ListEntriesResponse { items, next_cursor: String::new() }))
    }

    async fn create_entry(&self, request: Request<catalog::CreateEntryRequest>) -> Answer<catalog::Entry> {
        self.0.seen("CreateEntry", &request).await?;
        let catalog::CreateEntryRequest { kind, title, body, id } = request.into_inner();
        let id = if id.is_empty() { samples::ENTRY.into() } else { id };
        Ok(Response::new(catalog::Entry { id, kind, title, body, ..samples::entry() }))
    }

    async fn update_entry(&self, request: Request<catalog::UpdateEntryRequest>) -> Answer<catalog::Entry> {
        self.0.seen("UpdateEntry", &request).await?;
        Ok(Response::new(samples::entry()))
    }

    async fn delete_entry(
        &self,
        request: Request<catalog::DeleteEntryRequest>,
    ) -> Answer<catalog::DeleteEntryResponse> {
        self.0.seen("DeleteEntry", &request).await?;
        Ok(Response::new(catalog::DeleteEntryResponse {}))
    }
}

#[tonic::async_trait]
impl ImportService for Fake {
    type ExportProductsStream = BoxStream<'static, Result<catalog::ExportProductsResponse, Status>>;

    async fn start_import(&self, request: Request<Streaming<catalog::StartImportRequest>>) -> Answer<catalog::Import> {
        self.0.seen("StartImport", &request).await?;
        let (mut parts, mut start, mut whole) = (request.into_inner(), None, Vec::new());
        while let Some(catalog::StartImportRequest { part }) = parts.message().await? {
            match part {
                Some(Part::Start(first)) if start.is_none() && whole.is_empty() => start = Some(first),
                Some(Part::Chunk(chunk)) if start.is_some() => whole.extend(chunk),
                _ => return Err(Error::internal("a part that does not belong there").into()),
            }
        }
        let start = start.ok_or_else(|| Status::invalid_argument("nothing announced"))?;
        self.0.files.lock().unwrap().push((start, whole));
        Ok(Response::new(samples::import(0)))
    }

    async fn get_import(&self, request: Request<catalog::GetImportRequest>) -> Answer<catalog::Import> {
        self.0.seen("GetImport", &request).await?;
        // It gets further with each look.
        let looks = self.0.count("GetImport") as u64;
        Ok(Response::new(samples::import(looks)))
    }

    async fn list_imports(
        &self,
        request: Request<catalog::ListImportsRequest>,
    ) -> Answer<catalog::ListImportsResponse> {
        self.0.seen("ListImports", &request).await?;
        Ok(Response::new(catalog::ListImportsResponse { items: vec![samples::import(9)] }))
    }

    async fn list_import_rows(
        &self,
        request: Request<catalog::ListImportRowsRequest>,
    ) -> Answer<catalog::ListImportRowsResponse> {
        self.0.seen("ListImportRows", &request).await?;
        let items = vec![samples::import_row()];
        Ok(Response::new(catalog::ListImportRowsResponse { items, next_cursor: String::new() }))
    }

    async fn cancel_import(&self, request: Request<catalog::CancelImportRequest>) -> Answer<catalog::Import> {
        self.0.seen("CancelImport", &request).await?;
        Ok(Response::new(samples::import(9)))
    }

    async fn export_products(
        &self,
        request: Request<catalog::ExportProductsRequest>,
    ) -> Answer<Self::ExportProductsStream> {
        self.0.seen("ExportProducts", &request).await?;
        let chunks =
            [&b"a,b\n"[..], b"1,2\n"].map(|chunk| Ok(catalog::ExportProductsResponse { chunk: chunk.to_vec() }));
        Ok(Response::new(futures::stream::iter(chunks).boxed()))
    }
}
