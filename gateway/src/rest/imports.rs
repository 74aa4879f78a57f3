//! Files of products: taken over into the catalogue, and written from it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chatdesk_platform::Error;
use chatdesk_proto::catalog::v1 as pb;
use chatdesk_proto::catalog::v1::start_import_request::Part;
use futures::{StreamExt as _, TryStreamExt as _};
use tonic::Status;
use utoipa::ToSchema;

use super::Answer;
use super::upload::{FILE_NAME, THROWING, THROWING_STRANGERS, chunks, feed, file_name, length, throw_away};
use crate::app::{App, Calls};
use crate::auth::Session;
use crate::live::{Changed, Note};
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{Import, ImportRow, List, show};

/// The largest file, in bytes.
const LARGEST: u64 = 20 * 1024 * 1024;

/// How often an import that is being worked off is looked at, to tell the tenant's sockets.
const LOOKS: Duration = Duration::from_millis(500);

/// Looks that may fail in a row before nobody is told any more; who waits can still ask.
const MOST_FAILURES: u32 = 20;

const WAYS: [(&str, pb::UpdateBy); 2] = [("sku", pb::UpdateBy::Sku), ("name", pb::UpdateBy::Name)];
const OUTCOMES: [(&str, pb::ImportOutcome); 4] = [
    ("added", pb::ImportOutcome::Added),
    ("updated", pb::ImportOutcome::Updated),
    ("unchanged", pb::ImportOutcome::Unchanged),
    ("refused", pb::ImportOutcome::Refused),
];
const FORMATS: [(&str, pb::FileFormat); 2] = [("csv", pb::FileFormat::Csv), ("xlsx", pb::FileFormat::Xlsx)];

/// The file's bytes, and nothing else.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes the body, which is never held")]
pub struct TableFile(Vec<u8>);

/// Take a file of products over. What it is shows in its bytes: a text with separators (any of UTF-8, UTF-16, Windows-1258) or an Excel
/// workbook, with a header in Vietnamese or English. It is worked off afterwards; follow it by its id.
#[utoipa::path(post, path = "/api/products/imports", operation_id = "start_import", tag = "products",
    security(("bearer" = [])),
    params(("dry_run" = Option<bool>, Query, description = "Only make the report, write nothing"),
        ("update" = Option<String>, Query, description = "`sku` or `name`: what names a product to change; absent: only add"),
        ("X-File-Name" = Option<String>, Header, description = "The file's name in UTF-8, percent-encoded; at most 255 bytes")),
    request_body(content = TableFile, content_type = "text/csv", description = "The file as it is, up to 20 MB"),
    responses((status = 202, body = Import), (status = 400, description = "The body did not arrive whole"),
        (status = 408, description = "The body took too long to arrive"),
        (status = 409, description = "`import_running`: another file is being worked off"),
        (status = 411, description = "No Content-Length"), (status = 413, description = "More than 20 MB"),
        (status = 422, description = "`body` is empty or `format_not_supported`, or fields that cannot be taken"),
        (status = 429, description = "Too many files of this business are on their way; Retry-After says how long")))]
pub async fn start(State(app): State<Arc<App>>, request: Request) -> Result<Answer<Import>, Problem> {
    let (mut parts, body) = request.into_parts();
    let mut body = body.into_data_stream();
    let (answer, throwing) = match Session::from_request_parts(&mut parts, &app).await {
        Ok(session) => (taken(&session, &mut parts, &mut body, &app).await, THROWING),
        Err(stranger) => (Err(stranger), THROWING_STRANGERS),
    };
    if answer.is_err() {
        throw_away(body, throwing).await;
    }
    answer
}

async fn taken(
    session: &Session,
    parts: &mut Parts,
    body: &mut BodyDataStream,
    app: &Arc<App>,
) -> Result<Answer<Import>, Problem> {
    let Ok(query) = Query::from_request_parts(parts, app).await;
    let (dry_run, update_by) = both(query.flag_opt("dry_run"), query.choice_opt("update", &WAYS))?;
    let name = match parts.headers.get(FILE_NAME).map(|value| value.to_str().unwrap_or("%")) {
        None => String::new(),
        Some(text) => file_name(text)
            .map_err(|(code, detail)| Problem::from(Status::from(Error::invalid("X-File-Name", code, detail))))?,
    };
    let size = length(&parts.headers)?;
    if size > LARGEST {
        return Err(too_large());
    }
    let tenant = session.calls.identity().tenant().ok_or_else(|| Problem::from(Status::from(Error::Forbidden)))?;
    let _place = app.places.take(tenant)?;
    let start = pb::ImportStart {
        file_name: name,
        dry_run: dry_run.unwrap_or_default(),
        update_by: update_by.unwrap_or_default().into(),
    };
    let (sender, messages) = chunks();
    let mut imports = session.calls.clone().within(app.limits.upload).imports()?;
    let mut call = std::pin::pin!(imports.start_import(messages));
    let started = tokio::select! {
        // Refused before all of it was read.
        started = &mut call => started,
        // A body that breaks drops the call, which the service sees as the end of it.
        fed = feed(body, size, part(Part::Start(start)), |bytes| part(Part::Chunk(bytes)), sender, app.limits.upload_pause) => {
            fed?;
            call.await
        }
    };
    let started = started?.into_inner();
    let id = started.id.clone();
    let shown = Import::try_from(started)?;
    app.shutdown.spawn(follow(Arc::clone(app), tenant, id));
    Ok((StatusCode::ACCEPTED, Json(shown)))
}

const fn part(part: Part) -> pb::StartImportRequest {
    pb::StartImportRequest { part: Some(part) }
}

const fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the file is larger than 20 MB")
}

/// Looks at an import until it is over, and tells the tenant's sockets when it got further.
async fn follow(app: Arc<App>, tenant: chatdesk_platform::TenantId, id: String) {
    let stop = app.shutdown.token();
    let calls = Calls::own(Arc::clone(&app), Some(tenant), None);
    let mut ticks = tokio::time::interval(LOOKS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut failures, mut told) = (0, None);
    while failures < MOST_FAILURES {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        let found = match calls.imports() {
            Ok(mut imports) => imports.get_import(pb::GetImportRequest { id: id.clone() }).await.map_err(Problem::from),
            Err(problem) => Err(problem),
        };
        let Ok(found) = found else {
            failures += 1;
            continue;
        };
        failures = 0;
        let found = found.into_inner();
        let is_over =
            matches!(found.state(), pb::ImportState::Done | pb::ImportState::Failed | pb::ImportState::Cancelled);
        let place = (found.state, found.rows_done, found.rows_total);
        if told.replace(place) != Some(place)
            && let Ok(import) = Import::try_from(found)
        {
            let note = Note::Import(id.clone());
            app.hub.publish(&calls.identity(), "products.changed", &Changed { import }, &note);
        }
        if is_over {
            return;
        }
    }
}

/// The last 20 imports, newest first.
#[utoipa::path(get, path = "/api/products/imports", operation_id = "list_imports", tag = "products",
    security(("bearer" = [])), responses((status = 200, body = List<Import>)))]
pub async fn list(session: Session) -> Result<Json<List<Import>>, Problem> {
    let found = session.calls.imports()?.list_imports(pb::ListImportsRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// One import as it stands.
#[utoipa::path(get, path = "/api/products/imports/{id}", operation_id = "get_import", tag = "products",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Import)))]
pub async fn get(session: Session, Id(id): Id) -> Result<Json<Import>, Problem> {
    show(session.calls.imports()?.get_import(pb::GetImportRequest { id: id.to_string() }).await?)
}

/// What became of each product of the file, in its order.
#[utoipa::path(get, path = "/api/products/imports/{id}/rows", operation_id = "list_import_rows", tag = "products",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("outcome" = Option<String>, Query, description = "`added`, `updated`, `unchanged` or `refused`")),
    responses((status = 200, body = List<ImportRow>)))]
pub async fn rows(session: Session, Id(id): Id, query: Query) -> Result<Json<List<ImportRow>>, Problem> {
    let (page, outcome) = both(query.page(), query.choice_opt("outcome", &OUTCOMES))?;
    let outcome = outcome.unwrap_or_default().into();
    let request = pb::ListImportRowsRequest { id: id.to_string(), cursor: page.cursor, limit: page.limit, outcome };
    let found = session.calls.imports()?.list_import_rows(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Stop an import where it stands. What it has written stays; one that is over stays as it is.
#[utoipa::path(delete, path = "/api/products/imports/{id}", operation_id = "cancel_import", tag = "products",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Stopped")))]
pub async fn cancel(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    session.calls.imports()?.cancel_import(pb::CancelImportRequest { id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// All products as a file that can be imported again.
#[utoipa::path(get, path = "/api/products/export", operation_id = "export_products", tag = "products",
    security(("bearer" = [])),
    params(("format" = Option<String>, Query, description = "`csv`, which is the default, or `xlsx`")),
    responses((status = 200, body = TableFile, content_type = "text/csv", description = "The file"),
        (status = 429, description = "Too many files are being written; Retry-After says how long")))]
pub async fn export(session: Session, query: Query) -> Result<Response, Problem> {
    let format = query.choice_opt("format", &FORMATS)?.unwrap_or(pb::FileFormat::Csv);
    let (kind, name) = match format {
        pb::FileFormat::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "products.xlsx"),
        _ => ("text/csv; charset=utf-8", "products.csv"),
    };
    let request = pb::ExportProductsRequest { format: format.into() };
    let mut chunks = session.calls.imports()?.export_products(request).await?.into_inner();
    // The first piece is waited for, so that what fails at once has an answer that says so.
    let first = chunks.message().await?.map(|first| first.chunk).unwrap_or_default();
    let first = futures::stream::once(async { Ok(first) });
    let rest = chunks.map_ok(|next| next.chunk).map_err(|status| std::io::Error::other(status.message().to_owned()));
    let body = Body::from_stream(first.chain(rest));
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}
