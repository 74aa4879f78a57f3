//! Connecting pages, and everything said to Meta through them. No transaction is open while Meta is asked.

use std::time::Duration;

use chatdesk_meta::graph::{Account, ChannelHealth, GraphError, SendOutcome, Tag, UserProfile};
use chatdesk_meta::{Login, MediaKind, Platform};
use chatdesk_platform::{Caller, Error, Invalid, TenantId, grpc, page};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelService;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tonic::{Request, Response, Status, Streaming};
use uuid::Uuid;

use super::{attachment, wire};
use crate::Service;
use crate::channel::{self, Channel, Health, Outcome};
use crate::envelope::{self, ACCESS_TOKEN, Binding};
use crate::model::{self, Refused};
use crate::store::channel as rows;
use crate::store::status;

/// The longest text taken, in characters: Messenger's limit, the larger of the two platforms'.
const TEXT: usize = 2000;
/// How long storing a channel's health may hold up what it was learned from.
const HEALTH_PATIENCE: Duration = Duration::from_secs(1);
/// The longest metadata and the longest id of a customer.
pub const METADATA: usize = 999;
pub const CUSTOMER: usize = 128;

#[tonic::async_trait]
impl ChannelService for Service {
    async fn list_channels(
        &self,
        request: Request<pb::ListChannelsRequest>,
    ) -> Result<Response<pb::ListChannelsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let (after, limit) = wire::page(&request.cursor, request.limit)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let one_more = i64::try_from(limit + 1).map_err(Error::internal)?;
        let mut channels = rows::list(&mut tx, after, one_more).await?;
        tx.commit().await?;
        let more = channels.len() > limit;
        channels.truncate(limit);
        let next_cursor = channels.last().filter(|_| more).map(|last| page::cursor(last.id)).unwrap_or_default();
        let now = self.state.clock.now();
        let items = channels.into_iter().map(|channel| encode(channel, now)).collect();
        Ok(Response::new(pb::ListChannelsResponse { items, next_cursor }))
    }

    async fn connect_channel(
        &self,
        request: Request<pb::ConnectChannelRequest>,
    ) -> Result<Response<pb::Channel>, Status> {
        let caller = grpc::caller(&request)?;
        let account = account(request.get_ref())?;
        let channel = self.connect(&caller, account).await?;
        Ok(Response::new(encode(channel, self.state.clock.now())))
    }

    async fn disconnect_channel(
        &self,
        request: Request<pb::DisconnectChannelRequest>,
    ) -> Result<Response<pb::DisconnectChannelResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.into_inner().id, "channel")?;
        let held = self.held(&caller, id).await?;
        // Unsubscribed before the page is free: whoever connects it next must not lose their subscription to us.
        if let Some(token) = held.token
            && let Err(error) = self.state.graph.unsubscribe(&held.channel.account(token)).await
        {
            tracing::info!(channel = %id, %error, "the page could not be unsubscribed; its webhooks will be unrouted");
        }
        let mut tx = self.state.db.begin(&caller).await?;
        rows::disconnect(&mut tx, id, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::DisconnectChannelResponse {}))
    }

    async fn send_text(&self, request: Request<pb::SendTextRequest>) -> Result<Response<pb::SendTextResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let outcome = self.send(&caller, request.into_inner()).await?;
        Ok(Response::new(pb::SendTextResponse { outcome: Some(encode_outcome(outcome)?) }))
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<pb::UploadAttachmentRequest>>,
    ) -> Result<Response<pb::UploadedAttachment>, Status> {
        let caller = grpc::caller(&request)?;
        let uploaded = self.upload(&caller, request.into_inner()).await?;
        Ok(Response::new(attachment::encode(uploaded)))
    }

    async fn get_attachment(
        &self,
        request: Request<pb::GetAttachmentRequest>,
    ) -> Result<Response<pb::UploadedAttachment>, Status> {
        let caller = grpc::caller(&request)?;
        let uploaded = self.uploaded(&caller, &request.into_inner().id).await?;
        Ok(Response::new(attachment::encode(uploaded)))
    }

    async fn send_attachment(
        &self,
        request: Request<pb::SendAttachmentRequest>,
    ) -> Result<Response<pb::SendTextResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let outcome = self.send_uploaded(&caller, request.get_ref()).await?;
        Ok(Response::new(pb::SendTextResponse { outcome: Some(encode_outcome(outcome)?) }))
    }

    async fn fetch_contact_profile(
        &self,
        request: Request<pb::FetchContactProfileRequest>,
    ) -> Result<Response<pb::ContactProfile>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let id = wire::id(&request.channel_id, "channel")?;
        let customer = model::needed_text(&request.platform_user_id, CUSTOMER)
            .map_err(|(code, detail)| Error::invalid("platform_user_id", code, detail))?;
        let profile = self.profile(&caller, id, &customer).await?;
        Ok(Response::new(pb::ContactProfile {
            display_name: profile.name.unwrap_or_default(),
            profile_pic_url: profile.profile_pic.unwrap_or_default(),
        }))
    }
}

/// A channel with what is needed to speak through it.
pub struct Held {
    pub channel: Channel,
    pub is_suspended: bool,
    /// As stored: tells later whether it is still the same token.
    pub sealed: String,
    /// None when the channel is inactive, or its token does not open.
    pub token: Option<SecretString>,
}

/// What goes to a customer.
pub enum Message<'a> {
    Text(&'a str),
    /// What it is shown as, and Meta's id of it.
    Attachment(MediaKind, &'a str),
}

impl Held {
    /// The token of a channel that may be spoken through; else what a send through it comes to.
    pub fn usable_token(&self) -> Result<SecretString, Outcome> {
        if self.is_suspended {
            return Err(Outcome::SUSPENDED);
        }
        if !self.channel.is_active {
            return Err(Outcome::DISCONNECTED);
        }
        self.token.clone().filter(|_| self.channel.health != Health::NeedsReconnect).ok_or(Outcome::NEEDS_RECONNECT)
    }
}

impl Service {
    pub(super) async fn held(&self, caller: &Caller, id: Uuid) -> Result<Held, Error> {
        let mut tx = self.state.db.begin(caller).await?;
        let channel = rows::get(&mut tx, id).await?;
        let sealed = rows::sealed_token(&mut tx, id).await?.unwrap_or_default();
        let tenant = tx.tenant();
        let is_suspended = status::is_suspended(tx.conn(), tenant).await?;
        tx.commit().await?;
        let token = match envelope::open(&self.state.keys, &place(tenant, id), &sealed) {
            Ok(token) => Some(token),
            Err(error) => {
                if channel.is_active {
                    tracing::error!(channel = %id, %error, "a stored token cannot be used");
                }
                None
            }
        };
        Ok(Held { channel, is_suspended, sealed, token })
    }

    async fn connect(&self, caller: &Caller, account: Account) -> Result<Channel, Error> {
        let state = &self.state;
        // The proof comes first: without it nobody learns whether a page is connected elsewhere.
        let profile = state.graph.page_profile(&account).await.map_err(|error| channel::connect_error(&error))?;
        let mut tx = state.db.system().await?;
        let is_taken = rows::is_taken(&mut tx, wire::tenant(caller)?, account.platform, &account.page_id).await?;
        tx.commit().await?;
        if is_taken {
            return Err(page_taken());
        }
        // Before it is ours: a channel that is shown as connected must be subscribed. Repeating it harms nobody.
        state.graph.subscribe(&account).await.map_err(|error| channel::connect_error(&error))?;

        let now = state.clock.now();
        let mut tx = state.db.begin(caller).await?;
        let claimed = rows::claim(&mut tx, account.platform, &account.page_id).await?;
        let id = claimed.ok_or_else(page_taken)?;
        let sealed = &envelope::seal(&state.keys, &place(tx.tenant(), id), &account.token)?;
        let page_name: String = profile.name.chars().take(200).collect();
        let Account { platform, login, ref page_id, .. } = account;
        let connected = rows::Connected { id, platform, login, external_id: page_id, page_name: &page_name, sealed };
        rows::put(&mut tx, &connected, now).await?;
        let channel = rows::get(&mut tx, id).await?;
        tx.commit().await?;
        Ok(channel)
    }

    async fn send(&self, caller: &Caller, request: pb::SendTextRequest) -> Result<Outcome, Error> {
        let id = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let recipient = invalid.check("recipient_id", model::needed_text(&request.recipient_id, CUSTOMER));
        invalid.check("text", model::needed_text(&request.text, TEXT));
        let metadata = invalid.check("metadata", model::text(&request.metadata, METADATA));
        let tag = invalid.check("tag", tag(request.tag()));
        let ((recipient, metadata), tag) = invalid.into_result(recipient.zip(metadata).zip(tag))?;

        let held = self.held(caller, id).await?;
        self.deliver(caller, held, &recipient, Message::Text(&request.text), &metadata, tag).await
    }

    /// Hands one message to Meta, and notes what that tells about the channel.
    pub(super) async fn deliver(
        &self,
        caller: &Caller,
        held: Held,
        recipient: &str,
        message: Message<'_>,
        metadata: &str,
        tag: Tag,
    ) -> Result<Outcome, Error> {
        let account = match held.usable_token() {
            Ok(token) => held.channel.account(token),
            Err(refused) => return Ok(refused),
        };
        let id = held.channel.id;
        let metadata = (!metadata.is_empty()).then_some(metadata);
        let graph = &self.state.graph;
        let outcome = match message {
            Message::Text(text) => graph.send_text(&account, recipient, text, metadata, tag).await,
            Message::Attachment(kind, attachment_id) => {
                graph.send_attachment(&account, recipient, (kind, attachment_id), metadata, tag).await
            }
        };
        let health = match &outcome {
            SendOutcome::Refused { reason, code, subcode, fbtrace_id } => {
                tracing::info!(channel = %id, reason = reason.as_str(), code, subcode, fbtrace_id, "Meta refused a message");
                reason.health().map(Health::from)
            }
            // Whoever can send is not restricted any more.
            SendOutcome::Sent { .. } => Some(Health::Ok),
            SendOutcome::TryLater { .. } | SendOutcome::Unknown { .. } => None,
        };
        if let Some(health) = health.filter(|health| *health != held.channel.health) {
            self.note_health(caller, id, &held.sealed, health).await;
        }
        Ok(outcome.into())
    }

    async fn profile(&self, caller: &Caller, id: Uuid, customer: &str) -> Result<UserProfile, Error> {
        let held = self.held(caller, id).await?;
        if !held.channel.is_active {
            return Err(refusal(&Outcome::DISCONNECTED));
        }
        let Some(token) = held.token.filter(|_| held.channel.health != Health::NeedsReconnect) else {
            return Err(refusal(&Outcome::NEEDS_RECONNECT));
        };
        match self.state.graph.user_profile(&held.channel.account(token), customer).await {
            Ok(profile) => Ok(profile),
            Err(GraphError::InvalidToken) => {
                self.note_health(caller, id, &held.sealed, ChannelHealth::NeedsReconnect.into()).await;
                Err(refusal(&Outcome::NEEDS_RECONNECT))
            }
            Err(GraphError::RateLimited { after }) => {
                Err(Error::Exhausted { code: "rate_limited", retry_after: Some(after) })
            }
            Err(GraphError::Unavailable) => Err(Error::Unavailable("Meta")),
            // Meta does not tell: no consent, no such person, or not for this app.
            Err(
                GraphError::Permission | GraphError::NotFound | GraphError::OtherAccount | GraphError::Rejected { .. },
            ) => Ok(UserProfile::default()),
        }
    }

    /// Stores a channel's health. That this fails must not change what became of the call it was learned from.
    pub(super) async fn note_health(&self, caller: &Caller, id: Uuid, sealed: &str, health: Health) {
        let noted = async {
            let mut tx = self.state.db.begin(caller).await?;
            rows::set_health(&mut tx, id, sealed, health, self.state.clock.now()).await?;
            tx.commit().await
        };
        // Whoever waits for the outcome of a send must have it before their deadline.
        let noted = tokio::time::timeout(HEALTH_PATIENCE, noted).await.unwrap_or(Err(Error::DeadlineExceeded));
        if let Err(error) = noted {
            tracing::warn!(channel = %id, error = &error as &dyn std::error::Error, "cannot note a channel's health");
        }
    }
}

/// What a send would be refused with, where nothing is sent.
pub fn refusal(outcome: &Outcome) -> Error {
    match outcome {
        Outcome::Refused { code, detail } => Error::Precondition { code, detail: (*detail).to_owned() },
        Outcome::Sent { .. } | Outcome::TryLater { .. } | Outcome::Unknown { .. } => Error::internal("not a refusal"),
    }
}

const fn place(tenant: TenantId, channel: Uuid) -> Binding {
    Binding { tenant, channel, purpose: ACCESS_TOKEN }
}

fn page_taken() -> Error {
    let detail = "This page is connected to another business. It must be disconnected there first.".to_owned();
    Error::Conflict { code: "page_taken", detail }
}

fn account(request: &pb::ConnectChannelRequest) -> Result<Account, Error> {
    let mut invalid = Invalid::default();
    let page_id = invalid.check("page_id", channel::external_id(&request.page_id));
    let token = invalid.check("access_token", channel::access_token(&request.access_token));
    let platform = match request.platform() {
        pb::Platform::Facebook => Some(Platform::Facebook),
        pb::Platform::Instagram => Some(Platform::Instagram),
        pb::Platform::Unspecified => {
            invalid.add("platform", "required", "is facebook or instagram");
            None
        }
    };
    let login = match request.login() {
        pb::Login::Facebook => Login::Facebook,
        pb::Login::Instagram => Login::Instagram,
        pb::Login::Unspecified => platform.map_or(Login::Facebook, Platform::default_login),
    };
    if (platform, login) == (Some(Platform::Facebook), Login::Instagram) {
        invalid.add("login", "malformed", "is facebook for a Facebook Page");
    }
    let ((platform, page_id), token) = invalid.into_result(platform.zip(page_id).zip(token))?;
    Ok(Account { platform, login, page_id, token })
}

pub fn tag(tag: pb::SendTag) -> Result<Tag, Refused> {
    match tag {
        pb::SendTag::Response => Ok(Tag::Response),
        pb::SendTag::HumanAgent => Ok(Tag::HumanAgent),
        pb::SendTag::Unspecified => Err(("required", "is needed".to_owned())),
    }
}

fn encode(channel: Channel, now: DateTime<Utc>) -> pb::Channel {
    let health = channel.shown_health(now);
    let health_state = match health {
        Health::Ok => pb::HealthState::Ok,
        Health::NeedsReconnect => pb::HealthState::NeedsReconnect,
        Health::Restricted => pb::HealthState::Restricted,
        Health::Silent => pb::HealthState::Silent,
    };
    let platform = match channel.platform {
        Platform::Facebook => pb::Platform::Facebook,
        Platform::Instagram => pb::Platform::Instagram,
    };
    pb::Channel {
        id: channel.id.to_string(),
        platform: platform.into(),
        platform_page_id: channel.external_id,
        page_name: channel.page_name,
        is_active: channel.is_active,
        health_state: health_state.into(),
        health_detail: health.detail().to_owned(),
        last_webhook_at: channel.last_webhook_at.map(wire::timestamp),
        created_at: Some(wire::timestamp(channel.created_at)),
        updated_at: Some(wire::timestamp(channel.updated_at)),
    }
}

fn encode_outcome(outcome: Outcome) -> Result<pb::send_text_response::Outcome, Error> {
    use pb::send_text_response as wire;
    Ok(match outcome {
        Outcome::Sent { mid } => wire::Outcome::Sent(wire::Sent { mid }),
        Outcome::Refused { code, detail } => {
            wire::Outcome::Refused(wire::Refused { code: code.to_owned(), detail: detail.to_owned() })
        }
        Outcome::TryLater { after, code } => {
            let after = Some(after.try_into().map_err(Error::internal)?);
            wire::Outcome::TryLater(wire::TryLater { after, code: code.to_owned() })
        }
        Outcome::Unknown { detail } => wire::Outcome::Unknown(wire::Unknown { detail: detail.to_owned() }),
    })
}
