//! What Meta tells when its people take their rights or their data away: signed requests, proved like webhooks and without a session.

use axum::Json;
use axum::extract::Path;
use axum::extract::Request;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use chatdesk_meta::signed_request::{self, SignedRequest};
use chatdesk_proto::tenants::v1 as pb;
use prost_types::Timestamp;
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::app::{Calls, OwnCalls};
use crate::auth::Throttled;
use crate::body;
use crate::problem::Problem;
use crate::view::{self, Deletion};

/// The largest body, in bytes: a signed request has a few hundred.
const LARGEST: usize = 16 * 1024;
/// The form's one field.
const FIELD: &str = "signed_request";
/// The longest code that could be one of ours.
const LONGEST_CODE: usize = 64;

/// Where a person sees how far their deletion is (Facebook Login, "Data deletion request callback").
#[derive(Serialize, ToSchema)]
pub struct DeletionTicket {
    /// A page of this app.
    url: String,
    confirmation_code: String,
}

/// What Meta posts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described: it is read as a form")]
pub struct SignedForm {
    /// Signature and payload.
    signed_request: String,
}

/// Meta tells that a person took the app's rights away: their pages need to be connected again.
#[utoipa::path(post, path = "/api/webhooks/deauthorize", operation_id = "receive_deauthorization", tag = "webhooks",
    request_body(content = SignedForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Done, or nothing was to do"), (status = 401, description = "The signature is wrong")))]
pub async fn deauthorize(OwnCalls(calls): OwnCalls, request: Request) -> Result<StatusCode, Problem> {
    let SignedRequest { user_id, issued_at } = signed(&calls, request).await?;
    let request = pb::DeauthorizeRequest { meta_user_id: user_id, issued_at: issued_at.map(timestamp) };
    calls.connect()?.deauthorize(request).await?;
    Ok(StatusCode::OK)
}

/// Meta tells that a person wants their data deleted. The same person gets the same code.
#[utoipa::path(post, path = "/api/webhooks/data-deletion", operation_id = "receive_data_deletion", tag = "webhooks",
    request_body(content = SignedForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = DeletionTicket), (status = 401, description = "The signature is wrong")))]
pub async fn data_deletion(OwnCalls(calls): OwnCalls, request: Request) -> Result<Json<DeletionTicket>, Problem> {
    let SignedRequest { user_id, issued_at } = signed(&calls, request).await?;
    let request = pb::RequestDeletionRequest { meta_user_id: user_id, issued_at: issued_at.map(timestamp) };
    let code = calls.connect()?.request_deletion(request).await?.into_inner().code;
    let mut url = Url::parse(calls.app().origins.home()).map_err(|_| Problem::internal())?;
    url.set_path("/data-deletion");
    url.query_pairs_mut().append_pair("code", &code);
    Ok(Json(DeletionTicket { url: url.into(), confirmation_code: code }))
}

/// How far a deletion is, for whoever has its code.
#[utoipa::path(get, path = "/api/data-deletion/{code}", operation_id = "get_data_deletion", tag = "webhooks",
    params(("code" = String, Path)),
    responses((status = 200, body = Deletion), (status = 429, description = "Too many tries")))]
pub async fn deletion(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Deletion>, Problem> {
    let code = path.ok().map(|Path(code)| code).filter(|code| code.len() <= LONGEST_CODE && !code.contains('\0'));
    let request = pb::GetDeletionRequest { code: code.ok_or_else(Problem::not_found)? };
    view::show(calls.connect()?.get_deletion(request).await?)
}

/// The form's signed request, under any of the apps' secrets: which of them signs for Instagram's login is not documented.
async fn signed(calls: &Calls, request: Request) -> Result<SignedRequest, Problem> {
    let refused = || Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", "the signature is not right");
    let app = calls.app();
    let secrets = app.instagram_secrets.as_ref().or(app.facebook_secrets.as_ref()).ok_or_else(refused)?;
    let (form, _share) = body::read(request.into_body(), LARGEST, &app.webhook_budget).await?;
    let mut fields = url::form_urlencoded::parse(&form).filter(|(name, _)| name == FIELD);
    let (_, text) = fields.next().ok_or_else(refused)?;
    signed_request::verify(secrets, &text).map_err(|_| {
        metrics::counter!("chatdesk_gateway_callbacks_refused_total").increment(1);
        refused()
    })
}

const fn timestamp(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}
