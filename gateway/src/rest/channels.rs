//! Connected Pages and Instagram accounts.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_platform::grpc::Client;
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::Answer;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Id, Query};
use crate::view::{Channel, List};

/// A page to connect, with its access token.
#[derive(ToSchema)]
pub struct Connect {
    /// Meta's id of the page or account.
    page_id: String,
    /// The page's access token. It is checked with Meta, kept encrypted and never shown.
    #[schema(value_type = String, format = Password)]
    access_token: SecretString,
    /// Which login gave the token.
    #[schema(value_type = Option<String>, example = "facebook")]
    login: Option<pb::Login>,
}

impl FromFields for Connect {
    fn read(fields: &mut Fields) -> Self {
        Self {
            page_id: fields.text("page_id", 1..=64),
            access_token: fields.text("access_token", 1..=4096).into(),
            login: fields
                .choice_opt("login", &[("facebook", pb::Login::Facebook), ("instagram", pb::Login::Instagram)]),
        }
    }
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

/// Connect a Facebook Page.
#[utoipa::path(post, path = "/api/channels/facebook", operation_id = "connect_facebook", tag = "channels",
    security(("bearer" = [])), request_body = Connect,
    responses((status = 201, body = Channel), (status = 409, description = "Another business has this page, or Meta refused the token")))]
pub async fn connect_facebook(session: Session, Input(wish): Input<Connect>) -> Result<Answer<Channel>, Problem> {
    connect(&session, pb::Platform::Facebook, wish).await
}

/// Connect an Instagram professional account.
#[utoipa::path(post, path = "/api/channels/instagram", operation_id = "connect_instagram", tag = "channels",
    security(("bearer" = [])), request_body = Connect,
    responses((status = 201, body = Channel), (status = 409, description = "Another business has this account, or Meta refused the token")))]
pub async fn connect_instagram(session: Session, Input(wish): Input<Connect>) -> Result<Answer<Channel>, Problem> {
    connect(&session, pb::Platform::Instagram, wish).await
}

async fn connect(session: &Session, platform: pb::Platform, wish: Connect) -> Result<Answer<Channel>, Problem> {
    let request = pb::ConnectChannelRequest {
        platform: platform.into(),
        page_id: wish.page_id,
        access_token: wish.access_token.expose_secret().to_owned(),
        login: wish.login.unwrap_or_default().into(),
    };
    let channel = session.calls.channels()?.connect_channel(request).await?.into_inner();
    let channel = Channel::try_from(channel)?;
    session.calls.app().hub.publish(&session.calls.identity(), "channel.updated", &channel);
    Ok((StatusCode::CREATED, Json(channel)))
}

/// Disconnect a channel. Its history stays.
#[utoipa::path(delete, path = "/api/channels/{id}", operation_id = "disconnect_channel", tag = "channels",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 204, description = "Disconnected")))]
pub async fn disconnect(session: Session, Id(id): Id) -> Result<StatusCode, Problem> {
    let id = id.to_string();
    let mut channels = session.calls.channels()?;
    channels.disconnect_channel(pb::DisconnectChannelRequest { id: id.clone() }).await?;
    // The disconnect is done whatever becomes of its frame, so a failure here is not the caller's.
    let found = find(&mut channels, &id).await;
    if let Some(channel) = found.and_then(|channel| Channel::try_from(channel).ok()) {
        session.calls.app().hub.publish(&session.calls.identity(), "channel.updated", &channel);
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn find(channels: &mut ChannelServiceClient<Client>, id: &str) -> Option<pb::Channel> {
    let mut cursor = String::new();
    loop {
        let page = channels.list_channels(pb::ListChannelsRequest { cursor, limit: 200 }).await.ok()?.into_inner();
        if let Some(found) = page.items.into_iter().find(|channel| channel.id == id) {
            return Some(found);
        }
        cursor = Some(page.next_cursor).filter(|next| !next.is_empty())?;
    }
}
