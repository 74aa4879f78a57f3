//! Connected pages, and everything said to Meta through them. No transaction is open while Meta is asked.

use chatdesk_meta::graph::Account;
use chatdesk_meta::{Login, Platform};
use chatdesk_platform::db::unschedule;
use chatdesk_platform::{Error, Invalid, grpc, page};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelService;
use chrono::{DateTime, Utc};
use tonic::{Request, Response, Status, Streaming};

use super::grant::noted;
use super::{attachment, reading, wire};
use crate::Service;
use crate::audit;
use crate::channel::{self, Channel, Outcome};
use crate::health::Health;
use crate::model::Refused;
use crate::policy::{Policy, Sending};
use crate::store::channel as rows;
use crate::store::page as page_rows;
use crate::work::check;

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
        let channel = self.connect(&caller, account, None, &[]).await?;
        Ok(Response::new(encode(channel, self.state.clock.now())))
    }

    async fn disconnect_channel(
        &self,
        request: Request<pb::DisconnectChannelRequest>,
    ) -> Result<Response<pb::DisconnectChannelResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.into_inner().id, "channel")?;
        // Unsubscribed before the page is free: whoever connects it next must not lose their subscription to us.
        self.unsubscribe(&caller, id).await?;
        let mut tx = self.state.db.begin(&caller).await?;
        rows::disconnect(&mut tx, id, self.state.clock.now()).await?;
        page_rows::rests_on(&mut tx, id, &[]).await?;
        let work = check::item(tx.tenant(), id);
        unschedule(tx.conn(), work).await?;
        let gone = rows::get(&mut tx, id).await?;
        audit::note(&mut tx, &caller, noted("channel.disconnected", &gone)).await?;
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

    async fn send_cards(
        &self,
        request: Request<pb::SendCardsRequest>,
    ) -> Result<Response<pb::SendTextResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let outcome = self.send_as_cards(&caller, request.into_inner()).await?;
        Ok(Response::new(pb::SendTextResponse { outcome: Some(encode_outcome(outcome)?) }))
    }

    async fn send_action(
        &self,
        request: Request<pb::SendActionRequest>,
    ) -> Result<Response<pb::SendActionResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.act(&caller, request.get_ref()).await?;
        Ok(Response::new(pb::SendActionResponse {}))
    }

    async fn fetch_contact_profile(
        &self,
        request: Request<pb::FetchContactProfileRequest>,
    ) -> Result<Response<pb::ContactProfile>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let id = wire::id(&request.channel_id, "channel")?;
        let customer = reading::customer(&request.platform_user_id)?;
        let profile = self.profile(&caller, id, &customer).await?;
        Ok(Response::new(pb::ContactProfile {
            display_name: profile.name.unwrap_or_default(),
            profile_pic_url: profile.profile_pic.unwrap_or_default(),
        }))
    }

    async fn read_thread(
        &self,
        request: Request<pb::ReadThreadRequest>,
    ) -> Result<Response<pb::ReadThreadResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.thread(&caller, request.get_ref()).await?))
    }

    async fn list_threads(
        &self,
        request: Request<pb::ListThreadsRequest>,
    ) -> Result<Response<pb::ListThreadsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.threads(&caller, request.get_ref()).await?))
    }

    async fn fetch_message(
        &self,
        request: Request<pb::FetchMessageRequest>,
    ) -> Result<Response<pb::PlatformMessage>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.message(&caller, request.get_ref()).await?))
    }

    async fn check_channel(&self, request: Request<pb::CheckChannelRequest>) -> Result<Response<pb::Channel>, Status> {
        let caller = grpc::caller(&request)?;
        let id = wire::id(&request.into_inner().id, "channel")?;
        let channel = self.check(&caller, id).await?;
        Ok(Response::new(encode(channel, self.state.clock.now())))
    }
}

fn account(request: &pb::ConnectChannelRequest) -> Result<Account, Error> {
    let mut invalid = Invalid::default();
    let page_id = invalid.check("page_id", channel::external_id(&request.page_id));
    let token = invalid.check("access_token", channel::access_token(&request.access_token));
    let side = side(&mut invalid, request.platform(), request.login());
    let (((platform, login), page_id), token) = invalid.into_result(side.zip(page_id).zip(token))?;
    Ok(Account { platform, login, page_id, token })
}

/// A platform that was named.
pub fn platform(platform: pb::Platform) -> Result<Platform, Refused> {
    match platform {
        pb::Platform::Facebook => Ok(Platform::Facebook),
        pb::Platform::Instagram => Ok(Platform::Instagram),
        pb::Platform::Unspecified => Err(("required", "is facebook or instagram".to_owned())),
    }
}

/// A platform with the login that gave a token for it; unsaid, it is the platform's own.
pub fn side(invalid: &mut Invalid, named: pb::Platform, login: pb::Login) -> Option<(Platform, Login)> {
    let platform = invalid.check("platform", platform(named));
    let login = match login {
        pb::Login::Facebook => Login::Facebook,
        pb::Login::Instagram => Login::Instagram,
        pb::Login::Unspecified => platform.map_or(Login::Facebook, Platform::default_login),
    };
    if (platform, login) == (Some(Platform::Facebook), Login::Instagram) {
        invalid.add("login", "malformed", "is facebook for a Facebook Page");
    }
    Some((platform?, login))
}

/// A platform on the wire.
pub const fn encode_platform(platform: Platform) -> pb::Platform {
    match platform {
        Platform::Facebook => pb::Platform::Facebook,
        Platform::Instagram => pb::Platform::Instagram,
    }
}

/// How a channel is, on the wire.
pub const fn encode_health(health: Health) -> pb::HealthState {
    match health {
        Health::Ok => pb::HealthState::Ok,
        Health::NeedsReconnect => pb::HealthState::NeedsReconnect,
        Health::Restricted => pb::HealthState::Restricted,
        Health::Silent => pb::HealthState::Silent,
    }
}

/// A channel on the wire.
pub fn encode(channel: Channel, now: DateTime<Utc>) -> pb::Channel {
    let (health, detail) = channel.shown_health(now);
    let health_state = encode_health(health);
    let sending = match channel.sending() {
        Sending::Ok => pb::Sending::Ok,
        Sending::Waiting => pb::Sending::Waiting,
        Sending::Blocked => pb::Sending::Blocked,
        Sending::Off => pb::Sending::Off,
    };
    let policy = match channel.policy {
        Policy::None => pb::Policy::None,
        Policy::Warning => pb::Policy::Warning,
        Policy::Blocked => pb::Policy::Blocked,
    };
    pb::Channel {
        id: channel.id.to_string(),
        platform: encode_platform(channel.platform).into(),
        platform_page_id: channel.external_id,
        page_name: channel.page_name,
        is_active: channel.is_active,
        health_state: health_state.into(),
        health_detail: detail.to_owned(),
        last_webhook_at: channel.last_webhook_at.map(wire::timestamp),
        created_at: Some(wire::timestamp(channel.created_at)),
        updated_at: Some(wire::timestamp(channel.updated_at)),
        token_expires_at: channel.token_expires_at.map(wire::timestamp),
        checked_at: channel.checked_at.map(wire::timestamp),
        health_reason: channel.trouble.as_str().to_owned(),
        sending: sending.into(),
        policy: policy.into(),
        policy_at: channel.policy_at.map(wire::timestamp),
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
