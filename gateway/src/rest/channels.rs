//! Connected Pages and Instagram accounts.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::connect::{LOGINS, LONGEST_URI, foreign};
use crate::auth::Session;
use crate::body::{Draft, FromFields};
use crate::fields::Fields;
use crate::live::Note;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Channel, Grant, List};

/// One of three: a page with its access token, the code that Meta's login brought back, or a page of the grant that came of it.
#[derive(ToSchema, Default)]
pub struct Connect {
    /// Meta's id of the page or account. Not with a code.
    page_id: Option<String>,
    /// The page's access token. It is checked with Meta, kept encrypted and never shown.
    #[schema(value_type = Option<String>, format = Password)]
    access_token: Option<SecretString>,
    /// Which login gave the token.
    #[schema(value_type = Option<String>, example = "facebook")]
    login: Option<pb::Login>,
    /// What Meta's login brought back. It works once.
    #[schema(value_type = Option<String>, format = Password)]
    code: Option<SecretString>,
    /// Goes with a code: exactly as the login was started.
    redirect_uri: Option<String>,
    /// Of a login, with the page that is to be connected.
    grant_id: Option<Uuid>,
}

impl FromFields for Connect {
    fn read(fields: &mut Fields) -> Self {
        if fields.has("code") {
            for other in ["grant_id", "access_token"] {
                if fields.has(other) {
                    fields.note(other, "exclusive", "goes without a code");
                }
            }
            let code = Some(fields.text("code", 1..=4096).into());
            return Self { code, redirect_uri: Some(fields.text("redirect_uri", 1..=LONGEST_URI)), ..Self::default() };
        }
        let page_id = Some(fields.text("page_id", 1..=64));
        if fields.has("grant_id") {
            if fields.has("access_token") {
                fields.note("access_token", "exclusive", "goes without a grant");
            }
            return Self { page_id, grant_id: fields.id("grant_id"), ..Self::default() };
        }
        let access_token = Some(fields.text("access_token", 1..=4096).into());
        Self { page_id, access_token, login: fields.choice_opt("login", &LOGINS), ..Self::default() }
    }
}

/// What a code gave.
#[derive(Serialize, ToSchema)]
pub struct Granted {
    grant: Grant,
}

/// The business's channels, newest first.
#[utoipa::path(get, path = "/api/channels", operation_id = "list_channels", tag = "channels", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Channel>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<Channel>>, Problem> {
    let page = query.page()?;
    let request = pb::ListChannelsRequest { cursor: page.cursor, limit: page.limit };
    let found = session.calls.channels()?.list_channels(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// Connect a Facebook Page, by its token or by Facebook's login.
#[utoipa::path(post, path = "/api/channels/facebook", operation_id = "connect_facebook", tag = "channels",
    security(("bearer" = [])), request_body = Connect,
    responses((status = 201, body = Channel, description = "Connected"),
        (status = 200, body = Granted, description = "For a code: what can be connected"),
        (status = 409, description = "Another business has this page, or Meta refused the token or the code"),
        (status = 429, description = "Too many tries")))]
pub async fn connect_facebook(session: Session, wish: Draft<Connect>) -> Result<Response, Problem> {
    connect(&session, pb::Platform::Facebook, wish).await
}

/// Connect an Instagram professional account, by its token, by Instagram's login, or from a grant of Facebook's.
#[utoipa::path(post, path = "/api/channels/instagram", operation_id = "connect_instagram", tag = "channels",
    security(("bearer" = [])), request_body = Connect,
    responses((status = 201, body = Channel, description = "Connected"),
        (status = 200, body = Granted, description = "For a code: what can be connected"),
        (status = 409, description = "Another business has this account, or Meta refused the token or the code"),
        (status = 429, description = "Too many tries")))]
pub async fn connect_instagram(session: Session, wish: Draft<Connect>) -> Result<Response, Problem> {
    connect(&session, pb::Platform::Instagram, wish).await
}

async fn connect(
    session: &Session,
    platform: pb::Platform,
    Draft { value: wish, mut fields }: Draft<Connect>,
) -> Result<Response, Problem> {
    if let Some(uri) = wish.redirect_uri.as_deref().filter(|uri| !uri.is_empty())
        && let Some(why) = foreign(session.calls.app(), uri)
    {
        fields.note("redirect_uri", "foreign_origin", why);
    }
    fields.finish()?;
    let page_id = wish.page_id.unwrap_or_default();
    let channel = if let Some(code) = wish.code {
        session.admit()?;
        let request = pb::FinishConnectRequest {
            platform: platform.into(),
            code: code.expose_secret().to_owned(),
            redirect_uri: wish.redirect_uri.unwrap_or_default(),
        };
        let grant = session.calls.connect()?.finish_connect(request).await?.into_inner();
        return Ok(Json(Granted { grant: grant.try_into()? }).into_response());
    } else if let Some(grant) = wish.grant_id {
        let request = pb::ConnectGrantedRequest { grant_id: grant.to_string(), platform: platform.into(), page_id };
        session.calls.connect()?.connect_granted(request).await?.into_inner()
    } else {
        session.admit()?;
        let request = pb::ConnectChannelRequest {
            platform: platform.into(),
            page_id,
            access_token: wish.access_token.map(|token| token.expose_secret().to_owned()).unwrap_or_default(),
            login: wish.login.unwrap_or_default().into(),
        };
        session.calls.channels()?.connect_channel(request).await?.into_inner()
    };
    let channel = Channel::try_from(channel)?;
    publish(session, &channel);
    Ok((StatusCode::CREATED, Json(channel)).into_response())
}

/// Ask Meta now whether a channel's token and subscription are well, and mend what can be mended.
#[utoipa::path(post, path = "/api/channels/{id}/check", operation_id = "check_channel", tag = "channels",
    security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Channel), (status = 409, description = "It is disconnected"),
        (status = 429, description = "Too many tries, or Meta wants to be asked later")))]
pub async fn check(session: Session, Id(id): Id) -> Result<Json<Channel>, Problem> {
    session.admit()?;
    let request = pb::CheckChannelRequest { id: id.to_string() };
    let channel = Channel::try_from(session.calls.channels()?.check_channel(request).await?.into_inner())?;
    publish(&session, &channel);
    Ok(Json(channel))
}

/// Disconnect a channel. Its history stays.
#[utoipa::path(delete, path = "/api/channels/{id}", operation_id = "disconnect_channel", tag = "channels",
    security(("bearer" = [])), params(("id" = Uuid, Path)), responses((status = 204, description = "Disconnected")))]
pub async fn disconnect(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    let id = id.to_string();
    session.calls.channels()?.disconnect_channel(pb::DisconnectChannelRequest { id: id.clone() }).await?;
    show_changed(&session, |channel| channel.id == id).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows colleagues one channel as it is now. What it follows on is done whatever becomes of the frame, so a failure here is not the caller's.
pub async fn show_changed(session: &Session, which: impl Fn(&pb::Channel) -> bool) {
    let found = find(session, which).await;
    if let Some(channel) = found.and_then(|channel| Channel::try_from(channel).ok()) {
        publish(session, &channel);
    }
}

fn publish(session: &Session, channel: &Channel) {
    session.calls.app().hub.publish(&session.calls.identity(), "channel.updated", channel, &Note::Channels);
}

async fn find(session: &Session, which: impl Fn(&pb::Channel) -> bool) -> Option<pb::Channel> {
    let mut channels = session.calls.channels().ok()?;
    let mut cursor = String::new();
    loop {
        let page = channels.list_channels(pb::ListChannelsRequest { cursor, limit: 200 }).await.ok()?.into_inner();
        if let Some(found) = page.items.into_iter().find(|channel| which(channel)) {
            return Some(found);
        }
        cursor = Some(page.next_cursor).filter(|next| !next.is_empty())?;
    }
}
