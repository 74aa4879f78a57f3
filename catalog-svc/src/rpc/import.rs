//! Files: handed in, followed, stopped, and written.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::db::{Db, DueItem, Wakes, schedule};
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Clock, Error, Invalid, new_id, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::import_service_server::ImportService;
use proto::start_import_request::Part;
use tokio::sync::Semaphore;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use super::export::Export;
use super::product::timestamp;
use super::{MOST, parse_id_of};
use crate::model::Refusal;
use crate::model::import::{Counts, Import, ImportState, Outcome, UpdateBy};
use crate::sheet::Format;
use crate::store::imports::{self, ImportRow};
use crate::work::IMPORT;

/// Bytes of a file.
const LARGEST: usize = 20 * 1024 * 1024;

/// Files that are taken in at once: each is held until it is stored.
const AT_ONCE: usize = 4;

/// Imports of a tenant that are kept.
const KEPT: i64 = 20;

/// Answers `ImportService`.
#[derive(Clone)]
pub struct Imports {
    db: Db,
    wakes: Wakes,
    clock: Clock,
    export: Export,
    room: Arc<Semaphore>,
}

impl Imports {
    /// Over the database; wakes whoever works imports off.
    pub fn new(db: Db, wakes: Wakes, clock: Clock, export: Export) -> Self {
        Self { db, wakes, clock, export, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// What comes in first, and then all bytes.
async fn taken_in(mut parts: Streaming<proto::StartImportRequest>) -> Result<(proto::ImportStart, Vec<u8>), Status> {
    let Some(Part::Start(start)) = parts.message().await?.and_then(|first| first.part) else {
        return Err(Error::invalid("start", "required", "the first message says what comes").into());
    };
    let mut body = Vec::new();
    while let Some(message) = parts.message().await? {
        let Some(Part::Chunk(chunk)) = message.part else {
            return Err(Error::invalid("chunk", "required", "all but the first message are bytes").into());
        };
        if body.len() + chunk.len() > LARGEST {
            let detail = format!("has more than {} MB", LARGEST / 1024 / 1024);
            return Err(Error::invalid("body", "too_large", detail).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok((start, body))
}

#[tonic::async_trait]
impl ImportService for Imports {
    type ExportProductsStream = ReceiverStream<Result<proto::ExportProductsResponse, Status>>;

    async fn start_import(
        &self,
        request: Request<Streaming<proto::StartImportRequest>>,
    ) -> Result<Response<proto::Import>, Status> {
        let caller = caller(&request)?;
        let retry_after = Some(Duration::from_secs(5));
        let full = |_| Error::Exhausted { code: "too_many_imports", retry_after };
        let _place = self.room.try_acquire().map_err(full)?;
        let (start, body) = taken_in(request.into_inner()).await?;
        let mut invalid = Invalid::default();
        let file_name: String = start.file_name.chars().filter(|c| !c.is_control()).take(255).collect();
        let update_by = invalid.check("update_by", update_by(start.update_by));
        let format = invalid.check("body", format_of(&body));
        let (update_by, format) = invalid.into_result(update_by.zip(format))?;
        let now = self.clock.now();
        let import = Import {
            id: new_id(),
            file_name,
            format,
            size: i64::try_from(body.len()).map_err(Error::internal)?,
            dry_run: start.dry_run,
            update_by,
            state: ImportState::Queued,
            failure: String::new(),
            columns: Vec::new(),
            rows_total: None,
            rows_done: 0,
            place: 0,
            counts: Counts::default(),
            started_by: caller.user().map(|user| user.0),
            created_at: now,
            finished_at: None,
        };
        let mut tx = self.db.begin(&caller).await?;
        imports::forget_old(&mut tx, KEPT - 1).await?;
        imports::insert(&mut tx, &import, &body).await?;
        let item = DueItem { kind: IMPORT, tenant: Some(tx.tenant()), entity: import.id };
        schedule(tx.conn(), item, now).await?;
        let wakes = self.wakes.clone();
        tx.after_commit(move || wakes.wake(IMPORT));
        tx.commit().await?;
        Ok(Response::new(encode(import)))
    }

    async fn get_import(&self, request: Request<proto::GetImportRequest>) -> Result<Response<proto::Import>, Status> {
        let caller = caller(&request)?;
        let id = parse_id_of("import", &request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        let found = imports::get(&mut tx, id).await?.ok_or(Error::NotFound("import"))?;
        tx.commit().await?;
        Ok(Response::new(encode(found)))
    }

    async fn list_imports(
        &self,
        request: Request<proto::ListImportsRequest>,
    ) -> Result<Response<proto::ListImportsResponse>, Status> {
        let caller = caller(&request)?;
        let mut tx = self.db.begin(&caller).await?;
        let found = imports::list(&mut tx, KEPT).await?;
        tx.commit().await?;
        Ok(Response::new(proto::ListImportsResponse { items: found.into_iter().map(encode).collect() }))
    }

    async fn list_import_rows(
        &self,
        request: Request<proto::ListImportRowsRequest>,
    ) -> Result<Response<proto::ListImportRowsResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let after = invalid.check("cursor", page::after(&request.cursor));
        let limit = invalid.check("limit", page::limit(request.limit, 50, MOST));
        let outcome = invalid.check("outcome", outcome(request.outcome));
        let ((after, limit), outcome) = invalid.into_result(after.zip(limit).zip(outcome))?;
        let id = parse_id_of("import", &request.id)?;
        // A cursor is a number of a line in the clothes of an id.
        let after = after.map_or(0, |id| i64::try_from(id.as_u128()).unwrap_or(i64::MAX));
        let mut tx = self.db.begin(&caller).await?;
        imports::get(&mut tx, id).await?.ok_or(Error::NotFound("import"))?;
        let mut found = imports::list_rows(&mut tx, id, outcome, after, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let is_last = found.len() <= limit as usize;
        found.truncate(limit as usize);
        let line = found.last().filter(|_| !is_last).map(|last| u128::from(last.line.unsigned_abs()));
        let next_cursor = line.map(|line| page::cursor(Uuid::from_u128(line))).unwrap_or_default();
        let items = found.into_iter().map(row).collect();
        Ok(Response::new(proto::ListImportRowsResponse { items, next_cursor }))
    }

    async fn cancel_import(
        &self,
        request: Request<proto::CancelImportRequest>,
    ) -> Result<Response<proto::Import>, Status> {
        let caller = caller(&request)?;
        let id = parse_id_of("import", &request.into_inner().id)?;
        let mut tx = self.db.begin(&caller).await?;
        let state = imports::lock(&mut tx, id).await?.ok_or(Error::NotFound("import"))?;
        if !state.is_over() {
            imports::end(&mut tx, id, ImportState::Cancelled, "", self.clock.now()).await?;
        }
        let found = imports::get(&mut tx, id).await?.ok_or(Error::NotFound("import"))?;
        tx.commit().await?;
        Ok(Response::new(encode(found)))
    }

    async fn export_products(
        &self,
        request: Request<proto::ExportProductsRequest>,
    ) -> Result<Response<Self::ExportProductsStream>, Status> {
        let caller = caller(&request)?;
        let mut invalid = Invalid::default();
        let format = match proto::FileFormat::try_from(request.into_inner().format) {
            Ok(proto::FileFormat::Unspecified | proto::FileFormat::Csv) => Ok(Format::Csv),
            Ok(proto::FileFormat::Xlsx) => Ok(Format::Xlsx),
            Err(_) => Err(("unknown", "is not csv or xlsx".to_owned())),
        };
        let format = invalid.check("format", format);
        let chunks = self.export.begin(caller, invalid.into_result(format)?)?;
        Ok(Response::new(ReceiverStream::new(chunks)))
    }
}

fn format_of(body: &[u8]) -> Result<Format, Refusal> {
    if body.is_empty() {
        return Err(("required", "the file is empty".to_owned()));
    }
    let detail = "is not a text with separators (.csv) or a workbook of Excel 2007 or later (.xlsx)";
    Format::of(body).ok_or_else(|| ("format_not_supported", detail.to_owned()))
}

fn update_by(way: i32) -> Result<UpdateBy, Refusal> {
    match proto::UpdateBy::try_from(way) {
        Ok(proto::UpdateBy::Unspecified) => Ok(UpdateBy::Nothing),
        Ok(proto::UpdateBy::Sku) => Ok(UpdateBy::Sku),
        Ok(proto::UpdateBy::Name) => Ok(UpdateBy::Name),
        Err(_) => Err(("unknown", "is not sku or name".to_owned())),
    }
}

/// None when it is unspecified.
fn outcome(outcome: i32) -> Result<Option<Outcome>, Refusal> {
    match proto::ImportOutcome::try_from(outcome) {
        Ok(proto::ImportOutcome::Unspecified) => Ok(None),
        Ok(proto::ImportOutcome::Added) => Ok(Some(Outcome::Added)),
        Ok(proto::ImportOutcome::Updated) => Ok(Some(Outcome::Updated)),
        Ok(proto::ImportOutcome::Unchanged) => Ok(Some(Outcome::Unchanged)),
        Ok(proto::ImportOutcome::Refused) => Ok(Some(Outcome::Refused)),
        Err(_) => Err(("unknown", "is not added, updated, unchanged or refused".to_owned())),
    }
}

fn encode(import: Import) -> proto::Import {
    let format = match import.format {
        Format::Csv => proto::FileFormat::Csv,
        Format::Xlsx => proto::FileFormat::Xlsx,
    };
    let update_by = match import.update_by {
        UpdateBy::Nothing => proto::UpdateBy::Unspecified,
        UpdateBy::Sku => proto::UpdateBy::Sku,
        UpdateBy::Name => proto::UpdateBy::Name,
    };
    let state = match import.state {
        ImportState::Queued => proto::ImportState::Queued,
        ImportState::Running => proto::ImportState::Running,
        ImportState::Done => proto::ImportState::Done,
        ImportState::Failed => proto::ImportState::Failed,
        ImportState::Cancelled => proto::ImportState::Cancelled,
    };
    let column = |(header, field)| proto::ImportColumn { header, field };
    proto::Import {
        id: import.id.to_string(),
        file_name: import.file_name,
        format: format.into(),
        size: import.size.unsigned_abs(),
        dry_run: import.dry_run,
        update_by: update_by.into(),
        state: state.into(),
        failure: import.failure,
        columns: import.columns.into_iter().map(column).collect(),
        rows_total: import.rows_total.map(i64::unsigned_abs),
        rows_done: import.rows_done.unsigned_abs(),
        added: import.counts.added.unsigned_abs(),
        updated: import.counts.updated.unsigned_abs(),
        unchanged: import.counts.unchanged.unsigned_abs(),
        refused: import.counts.refused.unsigned_abs(),
        started_by: import.started_by.map(|user| user.to_string()).unwrap_or_default(),
        created_at: Some(timestamp(import.created_at)),
        finished_at: import.finished_at.map(timestamp),
    }
}

fn row(row: ImportRow) -> proto::ImportRow {
    let outcome = match row.outcome {
        Outcome::Added => proto::ImportOutcome::Added,
        Outcome::Updated => proto::ImportOutcome::Updated,
        Outcome::Unchanged => proto::ImportOutcome::Unchanged,
        Outcome::Refused => proto::ImportOutcome::Refused,
    };
    let error = |error: crate::intake::RowError| proto::ImportError {
        field: error.field,
        code: error.code,
        detail: error.detail,
        line: error.line,
    };
    proto::ImportRow {
        line: row.line.unsigned_abs(),
        outcome: outcome.into(),
        product_id: row.product.map(|id| id.to_string()).unwrap_or_default(),
        name: row.name,
        errors: row.errors.into_iter().map(error).collect(),
    }
}
