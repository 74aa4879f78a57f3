//! The stand-in for the tenants service.

use std::sync::atomic::Ordering;

use chatdesk_platform::{Error, grpc};
use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::account_service_server::AccountService;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelService;
use chatdesk_proto::tenants::v1::saved_reply_service_server::SavedReplyService;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsService;
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use tonic::{Request, Response, Status, Streaming};

use super::{Answer, Fake, Open};
use crate::samples;

pub fn session(user: tenants::User) -> Response<tenants::Session> {
    Response::new(tenants::Session {
        session_id: if user.tenant_id.is_empty() { samples::ADMIN_SESSION } else { samples::SESSION }.into(),
        user: Some(user),
        refresh_token: "refresh-2".into(),
        refresh_expires_at: Some(prost_types::Timestamp { seconds: 4_102_444_800, nanos: 0 }),
    })
}

#[tonic::async_trait]
impl AccountService for Fake {
    async fn register(&self, request: Request<tenants::RegisterRequest>) -> Answer<tenants::Session> {
        self.0.seen("Register", &request).await?;
        Ok(session(samples::owner()))
    }

    async fn login(&self, request: Request<tenants::LoginRequest>) -> Answer<tenants::Session> {
        self.0.seen("Login", &request).await?;
        let request = request.into_inner();
        let mut user = match request.email.as_str() {
            "admin@x.test" => samples::admin(),
            _ => samples::owner(),
        };
        if request.email.starts_with("viewer") {
            user.member_role = tenants::MemberRole::Viewer.into();
        }
        if request.email.ends_with("@b.test") {
            user.tenant_id = samples::OTHER_TENANT.into();
        }
        if request.password == "right password" { Ok(session(user)) } else { Err(Error::Unauthenticated.into()) }
    }

    async fn refresh(&self, request: Request<tenants::RefreshRequest>) -> Answer<tenants::Session> {
        self.0.seen("Refresh", &request).await?;
        let known = request.into_inner().refresh_token == "refresh-1";
        if known { Ok(session(samples::owner())) } else { Err(Error::Unauthenticated.into()) }
    }

    async fn logout(&self, request: Request<tenants::LogoutRequest>) -> Answer<tenants::LogoutResponse> {
        self.0.seen("Logout", &request).await?;
        Ok(Response::new(tenants::LogoutResponse {
            tenant_id: samples::TENANT.into(),
            ended_session_id: samples::SESSION.into(),
        }))
    }

    async fn get_profile(&self, request: Request<tenants::GetProfileRequest>) -> Answer<tenants::User> {
        self.0.seen("GetProfile", &request).await?;
        let member = grpc::caller(&request)?.tenant().is_some();
        Ok(Response::new(if member { samples::owner() } else { samples::admin() }))
    }

    async fn update_profile(&self, request: Request<tenants::UpdateProfileRequest>) -> Answer<tenants::User> {
        self.0.seen("UpdateProfile", &request).await?;
        Ok(Response::new(samples::owner()))
    }

    async fn change_password(
        &self,
        request: Request<tenants::ChangePasswordRequest>,
    ) -> Answer<tenants::ChangePasswordResponse> {
        self.0.seen("ChangePassword", &request).await?;
        let ended_session_ids = vec![samples::OTHER_SESSION.into()];
        Ok(Response::new(tenants::ChangePasswordResponse { ended_session_ids }))
    }

    async fn list_sessions(
        &self,
        request: Request<tenants::ListSessionsRequest>,
    ) -> Answer<tenants::ListSessionsResponse> {
        self.0.seen("ListSessions", &request).await?;
        Ok(Response::new(tenants::ListSessionsResponse { items: samples::sessions() }))
    }

    async fn end_session(&self, request: Request<tenants::EndSessionRequest>) -> Answer<tenants::EndSessionResponse> {
        self.0.seen("EndSession", &request).await?;
        Ok(Response::new(tenants::EndSessionResponse {}))
    }

    async fn end_all_sessions(
        &self,
        request: Request<tenants::EndAllSessionsRequest>,
    ) -> Answer<tenants::EndAllSessionsResponse> {
        self.0.seen("EndAllSessions", &request).await?;
        let ended_session_ids = vec![samples::OTHER_SESSION.into(), samples::SESSION.into()];
        Ok(Response::new(tenants::EndAllSessionsResponse { ended_session_ids }))
    }

    async fn list_members(
        &self,
        request: Request<tenants::ListMembersRequest>,
    ) -> Answer<tenants::ListMembersResponse> {
        self.0.seen("ListMembers", &request).await?;
        Ok(Response::new(tenants::ListMembersResponse { items: vec![samples::member()] }))
    }

    async fn add_member(&self, request: Request<tenants::AddMemberRequest>) -> Answer<tenants::Member> {
        self.0.seen("AddMember", &request).await?;
        Ok(Response::new(samples::member()))
    }

    async fn request_password_reset(
        &self,
        request: Request<tenants::RequestPasswordResetRequest>,
    ) -> Answer<tenants::RequestPasswordResetResponse> {
        self.0.seen("RequestPasswordReset", &request).await?;
        Ok(Response::new(tenants::RequestPasswordResetResponse {}))
    }

    async fn reset_password(
        &self,
        request: Request<tenants::ResetPasswordRequest>,
    ) -> Answer<tenants::ResetPasswordResponse> {
        self.0.seen("ResetPassword", &request).await?;
        let (tenant_id, ended_session_ids) = (samples::TENANT.into(), vec![samples::SESSION.into()]);
        Ok(Response::new(tenants::ResetPasswordResponse { tenant_id, ended_session_ids }))
    }

    async fn start_totp(&self, request: Request<tenants::StartTotpRequest>) -> Answer<tenants::TotpSecret> {
        self.0.seen("StartTotp", &request).await?;
        Ok(Response::new(samples::totp_secret()))
    }

    async fn confirm_totp(
        &self,
        request: Request<tenants::ConfirmTotpRequest>,
    ) -> Answer<tenants::ConfirmTotpResponse> {
        self.0.seen("ConfirmTotp", &request).await?;
        let (recovery_codes, ended_session_ids) = (vec!["abcde-fghjk".into()], vec![samples::OTHER_SESSION.into()]);
        Ok(Response::new(tenants::ConfirmTotpResponse { recovery_codes, ended_session_ids }))
    }

    async fn disable_totp(
        &self,
        request: Request<tenants::DisableTotpRequest>,
    ) -> Answer<tenants::DisableTotpResponse> {
        self.0.seen("DisableTotp", &request).await?;
        let is_admin = grpc::caller(&request)?.tenant().is_none();
        let ended_session_ids = if is_admin { vec![samples::ADMIN_SESSION.into()] } else { Vec::new() };
        Ok(Response::new(tenants::DisableTotpResponse { ended_session_ids }))
    }

    async fn set_up_totp(&self, request: Request<tenants::SetUpTotpRequest>) -> Answer<tenants::SetUpTotpResponse> {
        self.0.seen("SetUpTotp", &request).await?;
        let is_started = request.into_inner().code.is_empty();
        Ok(Response::new(tenants::SetUpTotpResponse {
            secret: is_started.then(samples::totp_secret),
            recovery_codes: if is_started { Vec::new() } else { vec!["abcde-fghjk".into()] },
        }))
    }

    async fn clear_totp(&self, _: Request<tenants::ClearTotpRequest>) -> Answer<tenants::ClearTotpResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn create_admin(&self, _: Request<tenants::CreateAdminRequest>) -> Answer<tenants::User> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn issue_ticket(&self, request: Request<tenants::IssueTicketRequest>) -> Answer<tenants::Ticket> {
        self.0.seen("IssueTicket", &request).await?;
        let request = request.into_inner();
        let ticket = self.0.ticket_for(&request.export_id, samples::TENANT, &request.session_id);
        Ok(Response::new(tenants::Ticket { ticket, expires_in: 30 }))
    }

    async fn redeem_ticket(&self, request: Request<tenants::RedeemTicketRequest>) -> Answer<tenants::TicketHolder> {
        self.0.seen("RedeemTicket", &request).await?;
        let tenants::RedeemTicketRequest { ticket, export_id } = request.into_inner();
        let holder = self.0.tickets.lock().unwrap().remove(&(ticket, export_id));
        holder.map(Response::new).ok_or_else(|| Error::Unauthenticated.into())
    }

    async fn check_sessions(
        &self,
        request: Request<tenants::CheckSessionsRequest>,
    ) -> Answer<tenants::CheckSessionsResponse> {
        let caller = grpc::caller(&request)?;
        self.0.calls.lock().unwrap().push(("CheckSessions", caller, format!("{:?}", request.get_ref())));
        // It comes before every other call, so what the next call is to do is not meant for it.
        match &*self.0.sessions.lock().unwrap() {
            Some(told) => Ok(Response::new(told.clone())),
            None => Err(Error::Unavailable("database").into()),
        }
    }
}

#[tonic::async_trait]
impl ChannelService for Fake {
    async fn list_channels(
        &self,
        request: Request<tenants::ListChannelsRequest>,
    ) -> Answer<tenants::ListChannelsResponse> {
        if grpc::caller(&request)?.user().is_none() {
            self.0.watched.send_modify(|(_, looks)| *looks += 1);
            let items = vec![self.0.watched.borrow().0.clone()];
            return Ok(Response::new(tenants::ListChannelsResponse { items, next_cursor: String::new() }));
        }
        self.0.seen("ListChannels", &request).await?;
        let page: u64 = request.into_inner().cursor.parse().unwrap_or_default();
        if page < self.0.other_channels.load(Ordering::SeqCst) {
            let items = vec![tenants::Channel { id: samples::PRODUCT.into(), ..samples::channel() }];
            return Ok(Response::new(tenants::ListChannelsResponse { items, next_cursor: (page + 1).to_string() }));
        }
        let items = vec![samples::channel()];
        Ok(Response::new(tenants::ListChannelsResponse { items, next_cursor: String::new() }))
    }

    async fn connect_channel(&self, request: Request<tenants::ConnectChannelRequest>) -> Answer<tenants::Channel> {
        self.0.seen("ConnectChannel", &request).await?;
        Ok(Response::new(samples::channel()))
    }

    async fn disconnect_channel(
        &self,
        request: Request<tenants::DisconnectChannelRequest>,
    ) -> Answer<tenants::DisconnectChannelResponse> {
        self.0.seen("DisconnectChannel", &request).await?;
        Ok(Response::new(tenants::DisconnectChannelResponse {}))
    }

    async fn send_text(&self, _: Request<tenants::SendTextRequest>) -> Answer<tenants::SendTextResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn send_cards(&self, _: Request<tenants::SendCardsRequest>) -> Answer<tenants::SendTextResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn send_action(&self, _: Request<tenants::SendActionRequest>) -> Answer<tenants::SendActionResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn read_thread(&self, _: Request<tenants::ReadThreadRequest>) -> Answer<tenants::ReadThreadResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn list_threads(&self, _: Request<tenants::ListThreadsRequest>) -> Answer<tenants::ListThreadsResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn fetch_message(&self, _: Request<tenants::FetchMessageRequest>) -> Answer<tenants::PlatformMessage> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn check_channel(&self, request: Request<tenants::CheckChannelRequest>) -> Answer<tenants::Channel> {
        self.0.seen("CheckChannel", &request).await?;
        Ok(Response::new(samples::channel()))
    }

    async fn upload_attachment(
        &self,
        request: Request<Streaming<tenants::UploadAttachmentRequest>>,
    ) -> Answer<tenants::UploadedAttachment> {
        self.0.seen("UploadAttachment", &request).await?;
        let refusal = self.0.upload_refusal.lock().unwrap().take();
        if let Some(status) = refusal {
            return Err(status);
        }
        let _open = Open::new(&self.0);
        let (mut parts, mut start, mut whole) = (request.into_inner(), None, Vec::new());
        while let Some(tenants::UploadAttachmentRequest { part }) = parts.message().await? {
            match part {
                Some(Part::Start(first)) if start.is_none() && whole.is_empty() => start = Some(first),
                Some(Part::Chunk(chunk)) if start.is_some() && chunk.len() <= 256 * 1024 => whole.extend(chunk),
                _ => return Err(Error::internal("a part that does not belong there").into()),
            }
        }
        let start = start.ok_or_else(|| Status::invalid_argument("nothing announced"))?;
        let kept = tenants::UploadedAttachment {
            id: samples::MESSAGE.into(),
            channel_id: start.channel_id.clone(),
            kind: tenants::AttachmentKind::Image.into(),
            name: start.file_name.clone(),
            size: start.size,
            content_type: start.content_type.clone(),
        };
        self.0.uploads.lock().unwrap().push((start, whole));
        Ok(Response::new(kept))
    }

    async fn get_attachment(&self, _: Request<tenants::GetAttachmentRequest>) -> Answer<tenants::UploadedAttachment> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn send_attachment(&self, _: Request<tenants::SendAttachmentRequest>) -> Answer<tenants::SendTextResponse> {
        Err(Status::unimplemented("not the gateway's"))
    }

    async fn fetch_contact_profile(
        &self,
        _: Request<tenants::FetchContactProfileRequest>,
    ) -> Answer<tenants::ContactProfile> {
        Err(Status::unimplemented("not the gateway's"))
    }
}

#[tonic::async_trait]
impl SettingsService for Fake {
    async fn get_assistant_settings(
        &self,
        request: Request<tenants::GetAssistantSettingsRequest>,
    ) -> Answer<tenants::AssistantSettings> {
        self.0.seen("GetAssistantSettings", &request).await?;
        Ok(Response::new(samples::settings()))
    }

    async fn update_assistant_settings(
        &self,
        request: Request<tenants::UpdateAssistantSettingsRequest>,
    ) -> Answer<tenants::AssistantSettings> {
        self.0.seen("UpdateAssistantSettings", &request).await?;
        Ok(Response::new(samples::settings()))
    }
}

#[tonic::async_trait]
impl SavedReplyService for Fake {
    async fn list_saved_replies(
        &self,
        request: Request<tenants::ListSavedRepliesRequest>,
    ) -> Answer<tenants::ListSavedRepliesResponse> {
        self.0.seen("ListSavedReplies", &request).await?;
        Ok(Response::new(tenants::ListSavedRepliesResponse { items: vec![samples::saved_reply()] }))
    }

    async fn create_saved_reply(
        &self,
        request: Request<tenants::CreateSavedReplyRequest>,
    ) -> Answer<tenants::SavedReply> {
        self.0.seen("CreateSavedReply", &request).await?;
        Ok(Response::new(samples::saved_reply()))
    }

    async fn update_saved_reply(
        &self,
        request: Request<tenants::UpdateSavedReplyRequest>,
    ) -> Answer<tenants::SavedReply> {
        self.0.seen("UpdateSavedReply", &request).await?;
        Ok(Response::new(samples::saved_reply()))
    }

    async fn delete_saved_reply(
        &self,
        request: Request<tenants::DeleteSavedReplyRequest>,
    ) -> Answer<tenants::DeleteSavedReplyResponse> {
        self.0.seen("DeleteSavedReply", &request).await?;
        Ok(Response::new(tenants::DeleteSavedReplyResponse {}))
    }
}
