//! Meta's login, and pages that go from one business to another.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use chatdesk_platform::FieldError;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Answer, channels};
use crate::app::App;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{List, LoginDialog, Transfer};

/// The app's page that logins return to.
const CALLBACK: &str = "/channels/callback";
/// The longest address that a login returns to.
pub const LONGEST_URI: usize = 2048;
/// The names of the platforms.
const PLATFORMS: [(&str, pb::Platform); 2] =
    [("facebook", pb::Platform::Facebook), ("instagram", pb::Platform::Instagram)];
/// The names of the logins.
pub const LOGINS: [(&str, pb::Login); 2] = [("facebook", pb::Login::Facebook), ("instagram", pb::Login::Instagram)];

/// The platform in a path. Another name names nothing.
pub struct PlatformName(pub pb::Platform);

impl FromRequestParts<Arc<App>> for PlatformName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let path: Result<Path<String>, PathRejection> = Path::from_request_parts(parts, app).await;
        let Path(name) = path.map_err(|_| Problem::not_found())?;
        let known = PLATFORMS.iter().find(|(known, _)| *known == name);
        known.map(|(_, platform)| Self(*platform)).ok_or_else(Problem::not_found)
    }
}

/// What is wrong with an address that a login shall return to, if anything: Meta hands the code to whoever answers there, so it must be ours.
pub fn foreign(app: &App, redirect_uri: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(redirect_uri) else { return Some("is not a web address") };
    let bare =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none() && url.query().is_none();
    // Only that page takes the code out of its address; partners that may call the API are not the app.
    let ours = bare && url.path() == CALLBACK && app.origins.is_own(&url.origin().ascii_serialization());
    (!ours).then_some("must be /channels/callback of this app")
}

/// Where to send the browser for Meta's login. Facebook's login gives Pages and the Instagram accounts behind them, Instagram's one account.
#[utoipa::path(get, path = "/api/channels/oauth/{platform}", operation_id = "start_login", tag = "channels",
    security(("bearer" = [])),
    params(("platform" = String, Path, description = "`facebook` or `instagram`"),
        ("redirect_uri" = String, Query, description = "The app's page that takes `code` and `state`")),
    responses((status = 200, body = LoginDialog),
        (status = 409, description = "`login_not_configured`: this installation has no such app at Meta"),
        (status = 429, description = "Too many tries")))]
pub async fn start(
    session: Session,
    PlatformName(platform): PlatformName,
    query: Query,
) -> Result<Json<LoginDialog>, Problem> {
    session.admit()?;
    let redirect_uri = query.text("redirect_uri", LONGEST_URI)?;
    if let Some(why) = foreign(session.calls.app(), &redirect_uri) {
        let (field, code) = ("redirect_uri".to_owned(), "foreign_origin".to_owned());
        return Err(Problem::invalid(vec![FieldError { field, code, detail: why.to_owned() }]));
    }
    let request = pb::StartConnectRequest { platform: platform.into(), redirect_uri };
    let dialog = session.calls.connect()?.start_connect(request).await?.into_inner();
    Ok(Json(dialog.into()))
}

/// A page that another business has, and the proof that it is ours too: a grant with it, or a token of it.
#[derive(ToSchema)]
pub struct NewTransfer {
    /// Of the page or account.
    #[schema(value_type = String, example = "facebook")]
    platform: pb::Platform,
    /// Meta's id of the page or account.
    page_id: String,
    /// From Meta's login.
    grant_id: Option<Uuid>,
    /// A token of the page. It is checked with Meta and then forgotten.
    #[schema(value_type = Option<String>, format = Password)]
    access_token: Option<SecretString>,
    /// Which login gave the token.
    #[schema(value_type = Option<String>, example = "facebook")]
    login: Option<pb::Login>,
}

impl FromFields for NewTransfer {
    fn read(fields: &mut Fields) -> Self {
        if !fields.has("platform") {
            fields.note("platform", "required", "is missing");
        }
        let platform = fields.choice_opt("platform", &PLATFORMS).unwrap_or_default();
        let page_id = fields.text("page_id", 1..=64);
        if fields.has("grant_id") {
            if fields.has("access_token") {
                fields.note("access_token", "exclusive", "goes without a grant");
            }
            return Self { platform, page_id, grant_id: fields.id("grant_id"), access_token: None, login: None };
        }
        let access_token = Some(fields.text("access_token", 1..=4096).into());
        Self { platform, page_id, grant_id: None, access_token, login: fields.choice_opt("login", &LOGINS) }
    }
}

/// Pages that others ask of this business and that it asks of others, of the last 30 days, newest first.
#[utoipa::path(get, path = "/api/channels/transfers", operation_id = "list_transfers", tag = "channels",
    security(("bearer" = [])), responses((status = 200, body = List<Transfer>)))]
pub async fn list_transfers(session: Session) -> Result<Json<List<Transfer>>, Problem> {
    let found = session.calls.connect()?.list_transfers(pb::ListTransfersRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}

/// Ask the business that has a page to give it up. Owners only.
#[utoipa::path(post, path = "/api/channels/transfers", operation_id = "request_transfer", tag = "channels",
    security(("bearer" = [])), request_body = NewTransfer,
    responses((status = 201, body = Transfer),
        (status = 409, description = "Meta refused the token, the page is free (`page_free`) or already ours (`already_connected`)"),
        (status = 429, description = "Too many tries")))]
pub async fn request_transfer(session: Session, Input(wish): Input<NewTransfer>) -> Result<Answer<Transfer>, Problem> {
    session.admit()?;
    let request = pb::RequestTransferRequest {
        platform: wish.platform.into(),
        page_id: wish.page_id,
        grant_id: wish.grant_id.map(|id| id.to_string()).unwrap_or_default(),
        access_token: wish.access_token.map(|token| token.expose_secret().to_owned()).unwrap_or_default(),
        login: wish.login.unwrap_or_default().into(),
    };
    let transfer = session.calls.connect()?.request_transfer(request).await?.into_inner();
    Ok((StatusCode::CREATED, Json(transfer.try_into()?)))
}

/// An answer to a transfer.
#[derive(ToSchema)]
pub struct Decision {
    /// The owner gives the page; false: the owner keeps it, or the asker withdraws.
    accept: bool,
}

impl FromFields for Decision {
    fn read(fields: &mut Fields) -> Self {
        Self { accept: fields.flag("accept") }
    }
}

/// Give a page away or keep it, or withdraw the own request. Owners only. Giving it away disconnects it here.
#[utoipa::path(post, path = "/api/channels/transfers/{id}", operation_id = "decide_transfer", tag = "channels",
    security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = Decision,
    responses((status = 200, body = Transfer), (status = 409, description = "`already_decided`, or it is not yours to accept"),
        (status = 429, description = "Too many tries")))]
pub async fn decide_transfer(
    session: Session,
    Id(id): Id,
    Input(decision): Input<Decision>,
) -> Result<Json<Transfer>, Problem> {
    session.admit()?;
    let request = pb::DecideTransferRequest { id: id.to_string(), accept: decision.accept };
    let transfer = session.calls.connect()?.decide_transfer(request).await?.into_inner();
    if transfer.is_incoming && transfer.state() == pb::TransferState::Accepted {
        let (platform, page) = (transfer.platform, transfer.page_id.clone());
        channels::show_changed(&session, |channel| channel.platform == platform && channel.platform_page_id == page)
            .await;
    }
    Ok(Json(transfer.try_into()?))
}
