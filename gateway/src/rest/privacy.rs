//! A business's data taken along, the business deleted, and one contact forgotten.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chatdesk_platform::Identity;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::Answer;
use super::archive;
use crate::app::{App, Calls};
use crate::auth::{Session, role};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Export, ExportLink, List, TenantDeletion, Unreadable, show};

/// How long an export may take to be fetched: as long as the services give it out.
const LONGEST: Duration = Duration::from_secs(3600);

/// The zip's bytes, and nothing else.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it only describes the body, which is never held")]
pub struct ZipFile(Vec<u8>);

/// The owner's word that it is meant.
#[derive(ToSchema)]
pub struct DeletionWish {
    /// Of the owner who asks.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

impl FromFields for DeletionWish {
    fn read(fields: &mut Fields) -> Self {
        Self { password: fields.secret("password", 1..=10_000) }
    }
}

/// Begin to write all of the business's data down. It is worked off in the background and can be fetched for 24 hours. Owners only.
#[utoipa::path(post, path = "/api/privacy/export", operation_id = "start_export", tag = "privacy",
    security(("bearer" = [])),
    responses((status = 202, body = Export), (status = 409, description = "`export_running`: another one is being written"),
        (status = 429, description = "`too_many_exports_kept`: several can be fetched already")))]
pub async fn start_export(session: Session) -> Result<Answer<Export>, Problem> {
    let export = session.calls.privacy()?.start_export(pb::StartExportRequest {}).await?.into_inner();
    Ok((StatusCode::ACCEPTED, Json(Export::try_from(export)?)))
}

/// The exports that are kept, newest first. Owners only.
#[utoipa::path(get, path = "/api/privacy/export", operation_id = "list_exports", tag = "privacy",
    security(("bearer" = [])), responses((status = 200, body = List<Export>)))]
pub async fn list_exports(session: Session) -> Result<Json<List<Export>>, Problem> {
    let found = session.calls.privacy()?.list_exports(pb::ListExportsRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// An address for a browser to fetch an export from. It works once, within 30 seconds, and for this export only.
#[utoipa::path(post, path = "/api/privacy/export/{id}/link", operation_id = "link_export", tag = "privacy",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = ExportLink), (status = 409, description = "`export_not_ready`"),
        (status = 410, description = "`export_withdrawn`: a customer in it was forgotten since")))]
pub async fn link_export(session: Session, Id(id): Id) -> Result<Json<ExportLink>, Problem> {
    ready(&session.calls, id).await?;
    let request = pb::IssueTicketRequest { session_id: session.id.to_string(), export_id: id.to_string() };
    let ticket = session.calls.accounts()?.issue_ticket(request).await?.into_inner();
    let url = format!("/api/privacy/export/{id}/file?ticket={}", ticket.ticket);
    Ok(Json(ExportLink { url, expires_in: ticket.expires_in }))
}

/// The export itself: a zip with a file of JSON lines for each kind of thing. With an access token, or with the ticket of a link. Owners only.
#[utoipa::path(get, path = "/api/privacy/export/{id}/file", operation_id = "fetch_export", tag = "privacy",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path), ("ticket" = Option<String>, Query, description = "Of a link")),
    responses((status = 200, body = ZipFile, content_type = "application/zip", description = "The file"),
        (status = 409, description = "`export_not_ready`"),
        (status = 410, description = "`export_withdrawn`: a customer in it was forgotten since"),
        (status = 429, description = "`too_many_exports`: several are being fetched already")))]
pub async fn fetch_export(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let Ok(query) = Query::from_request_parts(&mut parts, &app).await;
    let id = Id::from_request_parts(&mut parts, &app).await;
    let calls = match query.get("ticket") {
        Some(ticket) => {
            let own = Calls::own(Arc::clone(&app), None, parts.extensions.get().cloned());
            let own = own.from(app.client_address(&parts.extensions, &parts.headers));
            let export_id = id.as_ref().map(|Id(id)| id.to_string()).map_err(|_| Problem::not_found())?;
            let request = pb::RedeemTicketRequest { ticket: ticket.to_owned(), export_id };
            let holder = own.accounts()?.redeem_ticket(request).await?.into_inner();
            own.with_identity(holder_identity(&holder).ok_or(Unreadable("ticket"))?)
        }
        None => Session::from_request_parts(&mut parts, &app).await?.calls,
    };
    let Id(id) = id?;
    ready(&calls, id).await?;
    let place = app.export_places.take(calls.identity().tenant().ok_or_else(Problem::not_found)?)?;
    let request = || pb::ReadExportRequest { id: id.to_string() };
    let shares = vec![
        calls.privacy()?.read_export(request()).await?.into_inner(),
        calls.inbox_privacy()?.read_export(request()).await?.into_inner(),
        calls.catalog_privacy()?.read_export(request()).await?.into_inner(),
    ];
    let body = Body::from_stream(archive::stream(shares, place, LONGEST, &app.shutdown));
    let name = format!("attachment; filename=\"chatdesk-{id}.zip\"");
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, body).into_response())
}

/// Refuses an export that is not the caller's, not written yet, or taken away since.
async fn ready(calls: &Calls, id: uuid::Uuid) -> Result<(), Problem> {
    let export = calls.privacy()?.get_export(pb::GetExportRequest { id: id.to_string() }).await?.into_inner();
    match export.state() {
        pb::ExportState::Ready => Ok(()),
        pb::ExportState::Withdrawn => {
            Err(Problem::new(StatusCode::GONE, "export_withdrawn", "somebody in it was forgotten since; begin another"))
        }
        _ => Err(Problem::new(StatusCode::CONFLICT, "export_not_ready", "the export is not written yet")),
    }
}

fn holder_identity(holder: &pb::TicketHolder) -> Option<Identity> {
    Some(Identity::Member {
        tenant: holder.tenant_id.parse().ok()?,
        user: holder.user_id.parse().ok()?,
        role: role(holder.member_role())?,
    })
}

/// Whether the business is to be deleted, and when.
#[utoipa::path(get, path = "/api/privacy/deletion", operation_id = "get_tenant_deletion", tag = "privacy",
    security(("bearer" = [])), responses((status = 200, body = TenantDeletion)))]
pub async fn deletion(session: Session) -> Result<Json<TenantDeletion>, Problem> {
    show(session.calls.privacy()?.get_tenant_deletion(pb::GetTenantDeletionRequest {}).await?)
}

/// Have the business deleted after 30 days. Until then it neither sends nor answers, keeps what arrives, and can be brought back. Owners only.
#[utoipa::path(post, path = "/api/privacy/deletion", operation_id = "request_tenant_deletion", tag = "privacy",
    security(("bearer" = [])), request_body = DeletionWish,
    responses((status = 202, body = TenantDeletion), (status = 429, description = "Too many tries")))]
pub async fn request_deletion(
    session: Session,
    Input(wish): Input<DeletionWish>,
) -> Result<Answer<TenantDeletion>, Problem> {
    let request = pb::RequestTenantDeletionRequest { password: wish.password.expose_secret().to_owned() };
    let deletion = session.calls.privacy()?.request_tenant_deletion(request).await?.into_inner();
    session.forget();
    Ok((StatusCode::ACCEPTED, Json(TenantDeletion::try_from(deletion)?)))
}

/// Take the deletion back. Owners only.
#[utoipa::path(delete, path = "/api/privacy/deletion", operation_id = "cancel_tenant_deletion", tag = "privacy",
    security(("bearer" = [])),
    responses((status = 204, description = "The business stays"), (status = 403, description = "It is being deleted")))]
pub async fn cancel_deletion(session: Session) -> Result<StatusCode, Problem> {
    session.calls.privacy()?.cancel_tenant_deletion(pb::CancelTenantDeletionRequest {}).await?;
    session.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// Have everything of one contact deleted: messages, notes, what they are found by, and what Meta sent of them. It is done in the
/// background, and cannot be taken back. Whoever writes again begins anew.
#[utoipa::path(delete, path = "/api/contacts/{id}/data", operation_id = "erase_contact", tag = "privacy",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)),
    responses((status = 202, description = "It is being done")))]
pub async fn erase_contact(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    // Whether there is one only the inbox knows; who may, and that it was asked for, is the business's account.
    session.calls.contacts()?.get_contact(inbox::GetContactRequest { id: id.to_string() }).await?;
    session.calls.privacy()?.erase_contact(pb::EraseContactRequest { contact_id: id.to_string() }).await?;
    Ok(StatusCode::ACCEPTED)
}
