//! Accounts as the wire asks for them: registration, login, sessions, people, the profile, and tickets for live sockets.

use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, UserId, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::account_service_server::AccountService;
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::members::encode_member;
use super::wire;
use crate::Service;
use crate::audit::{self, Entry};
use crate::model::{self, Business, BusinessChange, Email, Password, Standing, User};
use crate::person::PersonTx;
use crate::rotation::Opaque;
use crate::sessions::{self, Issued};
use crate::store::account::{self, NewUser};
use crate::store::session::{self, Ticket};
use crate::store::status;

/// The shortest password of a business's user and of a platform admin.
pub(super) const SHORTEST: usize = 8;
pub(super) const SHORTEST_ADMIN: usize = 12;
/// Seconds that a ticket for a live socket lives.
const TICKET_LIFE: u32 = 30;
/// The most sessions asked about at once.
const MOST_SESSIONS: usize = 1000;

#[tonic::async_trait]
impl AccountService for Service {
    async fn register(&self, request: Request<pb::RegisterRequest>) -> Result<Response<pb::Session>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.sign_up(&caller, request.into_inner()).await?))
    }

    async fn login(&self, request: Request<pb::LoginRequest>) -> Result<Response<pb::Session>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.sign_in(&caller, request.into_inner()).await?))
    }

    async fn refresh(&self, request: Request<pb::RefreshRequest>) -> Result<Response<pb::Session>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let token = Opaque::parse(&request.refresh_token).ok_or(Error::Unauthenticated)?;
        Ok(Response::new(self.renew(&caller, &token, &model::user_agent(&request.user_agent)).await?))
    }

    async fn logout(&self, request: Request<pb::LogoutRequest>) -> Result<Response<pb::LogoutResponse>, Status> {
        let Some(token) = Opaque::parse(&request.into_inner().refresh_token) else {
            return Ok(Response::new(pb::LogoutResponse::default()));
        };
        let mut tx = self.state.db.system().await?;
        let ended = sessions::end(&mut tx, &token, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(ended.map_or_else(pb::LogoutResponse::default, |ended| pb::LogoutResponse {
            tenant_id: ended.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
            ended_session_id: ended.id.to_string(),
        })))
    }

    async fn get_profile(&self, request: Request<pb::GetProfileRequest>) -> Result<Response<pb::User>, Status> {
        let caller = grpc::caller(&request)?;
        let (user, _) = self.myself(&caller).await?;
        Ok(Response::new(pb::User { is_visitor: caller.acting().is_some(), ..encode(user) }))
    }

    async fn update_profile(&self, request: Request<pb::UpdateProfileRequest>) -> Result<Response<pb::User>, Status> {
        let caller = grpc::caller(&request)?;
        let Identity::Member { user, role, .. } = caller.identity() else { return Err(Error::Forbidden.into()) };
        let (name, change) = profile_change(request.get_ref())?;
        if !change.is_empty() && role < Role::Manager {
            return Err(Error::Forbidden.into());
        }
        let now = self.state.clock.now();
        let mut tx = self.state.db.begin(&caller).await?;
        if let Some(zone) = &change.time_zone
            && !account::knows_time_zone(&mut tx, zone).await?
        {
            return Err(Error::invalid("time_zone", "unknown", "is not the name of a time zone").into());
        }
        if let Some(name) = &name {
            account::rename(&mut tx, user, name, now).await?;
        }
        if !change.is_empty() {
            account::update_business(&mut tx, &change, now).await?;
            let entry = Entry::new("business.changed", format!("business:{}", tx.tenant()));
            audit::note(&mut tx, &caller, entry).await?;
        }
        let (user, _) = account::member(&mut tx, user).await?.ok_or(Error::NotFound("user"))?;
        tx.commit().await?;
        Ok(Response::new(encode(user)))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.replace_password(&caller, request.into_inner()).await?))
    }

    async fn list_sessions(
        &self,
        request: Request<pb::ListSessionsRequest>,
    ) -> Result<Response<pb::ListSessionsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.own_sessions(&caller).await?))
    }

    async fn end_session(
        &self,
        request: Request<pb::EndSessionRequest>,
    ) -> Result<Response<pb::EndSessionResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let (user, session) = (wire::user(&caller)?, wire::id(&request.get_ref().id, "session")?);
        let mut tx = PersonTx::begin(&self.state.db, &caller, caller.tenant()).await?;
        sessions::end_own(tx.conn(), user, session, self.state.clock.now()).await?;
        tx.note(&caller, user, Entry::new("session.ended", format!("session:{session}"))).await?;
        tx.commit().await?;
        Ok(Response::new(pb::EndSessionResponse {}))
    }

    async fn end_all_sessions(
        &self,
        request: Request<pb::EndAllSessionsRequest>,
    ) -> Result<Response<pb::EndAllSessionsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let user = wire::user(&caller)?;
        let mut tx = PersonTx::begin(&self.state.db, &caller, caller.tenant()).await?;
        let ended = sessions::end_others(tx.conn(), user, None, self.state.clock.now()).await?;
        let entry = Entry::new("session.ended", format!("user:{user}"));
        tx.note(&caller, user, entry.change(Value::Null, json!({"sessions": ended.len()}))).await?;
        tx.commit().await?;
        let ended_session_ids = ended.iter().map(Uuid::to_string).collect();
        Ok(Response::new(pb::EndAllSessionsResponse { ended_session_ids }))
    }

    async fn list_members(
        &self,
        request: Request<pb::ListMembersRequest>,
    ) -> Result<Response<pb::ListMembersResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.begin(&caller).await?;
        let members = account::members(&mut tx).await?;
        tx.commit().await?;
        Ok(Response::new(pb::ListMembersResponse { items: members.into_iter().map(encode_member).collect() }))
    }

    async fn add_member(&self, request: Request<pb::AddMemberRequest>) -> Result<Response<pb::Member>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(encode_member(self.add(&caller, request.get_ref()).await?)))
    }

    async fn request_password_reset(
        &self,
        request: Request<pb::RequestPasswordResetRequest>,
    ) -> Result<Response<pb::RequestPasswordResetResponse>, Status> {
        self.forget_password(request.get_ref()).await?;
        Ok(Response::new(pb::RequestPasswordResetResponse {}))
    }

    async fn reset_password(
        &self,
        request: Request<pb::ResetPasswordRequest>,
    ) -> Result<Response<pb::ResetPasswordResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.spend_link(&caller, request.get_ref()).await?))
    }

    async fn start_totp(&self, request: Request<pb::StartTotpRequest>) -> Result<Response<pb::TotpSecret>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.start_codes(&caller, &request.get_ref().password).await?))
    }

    async fn confirm_totp(
        &self,
        request: Request<pb::ConfirmTotpRequest>,
    ) -> Result<Response<pb::ConfirmTotpResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.confirm_codes(&caller, request.get_ref()).await?))
    }

    async fn disable_totp(
        &self,
        request: Request<pb::DisableTotpRequest>,
    ) -> Result<Response<pb::DisableTotpResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.end_codes(&caller, request.get_ref()).await?))
    }

    async fn set_up_totp(
        &self,
        request: Request<pb::SetUpTotpRequest>,
    ) -> Result<Response<pb::SetUpTotpResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.set_up_codes(&caller, request.get_ref()).await?))
    }

    async fn clear_totp(
        &self,
        request: Request<pb::ClearTotpRequest>,
    ) -> Result<Response<pb::ClearTotpResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.clear_codes(&caller, &request.get_ref().email).await?;
        Ok(Response::new(pb::ClearTotpResponse {}))
    }

    async fn create_admin(&self, request: Request<pb::CreateAdminRequest>) -> Result<Response<pb::User>, Status> {
        let caller = grpc::caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let email = invalid.check("email", Email::parse(&request.email));
        let password = invalid.check("password", Password::chosen(&request.password, SHORTEST_ADMIN));
        let (email, password) = invalid.into_result(email.zip(password))?;
        let state = &self.state;
        let password_hash = &state.hasher.hash(password).await?;
        let (id, email_hash) = (UserId(new_id()), &state.keys.email_hash(email.as_str()));
        let mut tx = state.db.system().await?;
        let admin = NewUser { id, email: &email, name: "", email_hash, password_hash };
        account::insert_admin(&mut tx, &admin, state.clock.now()).await?;
        let made = account::admin(&mut tx, id).await?;
        audit::note_installation(&mut tx, &caller, Entry::new("admin.created", format!("user:{id}"))).await?;
        tx.commit().await?;
        let (user, _) = made.ok_or(Error::NotFound("user"))?;
        Ok(Response::new(encode(user)))
    }

    async fn issue_ticket(&self, request: Request<pb::IssueTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let caller = grpc::caller(&request)?;
        let Identity::Member { tenant, user, role } = caller.identity() else { return Err(Error::Forbidden.into()) };
        let request = request.get_ref();
        let session = self.needs_live_session(&caller, &request.session_id).await?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.system().await?;
        let ticket = Opaque::random()?;
        let hash = ticket_hash(&ticket, &request.export_id)?;
        let expires_at = now + TimeDelta::seconds(TICKET_LIFE.into());
        session::insert_ticket(&mut tx, &hash, &Ticket { user, tenant, role, session }, expires_at).await?;
        tx.commit().await?;
        Ok(Response::new(pb::Ticket { ticket: ticket.show().expose_secret().to_owned(), expires_in: TICKET_LIFE }))
    }

    async fn redeem_ticket(
        &self,
        request: Request<pb::RedeemTicketRequest>,
    ) -> Result<Response<pb::TicketHolder>, Status> {
        let request = request.get_ref();
        let ticket = Opaque::parse(&request.ticket).ok_or(Error::Unauthenticated)?;
        let hash = ticket_hash(&ticket, &request.export_id)?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.system().await?;
        let held = session::take_ticket(&mut tx, &hash, now).await?;
        let live = match &held {
            Some(held) => !session::live(&mut tx, held.tenant, &[held.session], now).await?.is_empty(),
            None => false,
        };
        tx.commit().await?;
        let held = held.filter(|_| live).ok_or(Error::Unauthenticated)?;
        Ok(Response::new(pb::TicketHolder {
            user_id: held.user.to_string(),
            tenant_id: held.tenant.to_string(),
            member_role: encode_role(held.role).into(),
            session_id: held.session.to_string(),
        }))
    }

    async fn check_sessions(
        &self,
        request: Request<pb::CheckSessionsRequest>,
    ) -> Result<Response<pb::CheckSessionsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut asked = request.into_inner().session_ids;
        if asked.len() > MOST_SESSIONS {
            let detail = format!("has more than {MOST_SESSIONS} sessions");
            return Err(Error::invalid("session_ids", "too_long", detail).into());
        }
        let ids: Vec<Uuid> = asked.iter().filter_map(|id| id.parse().ok()).collect();
        let now = self.state.clock.now();
        let (live, state) = if let Some(tenant) = caller.tenant() {
            let mut tx = self.state.db.begin(&caller).await?;
            let standing = status::standing(tx.conn(), tenant).await?;
            let live = session::live_now(&mut tx, &ids, now).await?;
            tx.commit().await?;
            // One that does not exist may not work.
            (live, standing.map_or_else(String::new, |standing| standing.state))
        } else {
            let mut tx = self.state.db.system().await?;
            let live = session::live_of_admins(&mut tx, &ids, now).await?;
            tx.commit().await?;
            (live.into_iter().map(|id| (id, None)).collect(), "active".to_owned())
        };
        asked.retain(|id| !id.parse().is_ok_and(|id: Uuid| live.iter().any(|(live, _)| *live == id)));
        let live = live.into_iter().map(|(id, role)| pb::LiveSession {
            session_id: id.to_string(),
            member_role: role.map_or(pb::MemberRole::Unspecified, encode_role).into(),
        });
        Ok(Response::new(pb::CheckSessionsResponse {
            suspended: state != "active",
            deleting: state == "deleting",
            ended_session_ids: asked,
            live: live.collect(),
        }))
    }
}

impl Service {
    /// The session of this id, which must be the calling member's own and go on.
    pub(super) async fn needs_live_session(&self, caller: &Caller, id: &str) -> Result<Uuid, Error> {
        let Identity::Member { tenant, user, .. } = caller.identity() else { return Err(Error::Forbidden) };
        let id = id.parse().map_err(|_| Error::Unauthenticated)?;
        let mut tx = self.state.db.system().await?;
        let live = session::live(&mut tx, tenant, &[id], self.state.clock.now()).await?;
        tx.commit().await?;
        if live.iter().any(|live| live.user == user) { Ok(id) } else { Err(Error::Unauthenticated) }
    }
}

/// What is kept of a ticket. One for an export opens no socket and no other export, and the other way round.
fn ticket_hash(ticket: &Opaque, export_id: &str) -> Result<Vec<u8>, Error> {
    if export_id.is_empty() { Ok(ticket.hash()) } else { Ok(ticket.hash_for(wire::id(export_id, "export")?)) }
}

/// The caller's new name, and what is to change of their business.
fn profile_change(request: &pb::UpdateProfileRequest) -> Result<(Option<String>, BusinessChange), Error> {
    let mut invalid = Invalid::default();
    let own = request.name.as_deref().map(|name| model::needed_text(name, User::NAME));
    let name = request.business_name.as_deref().map(|name| model::needed_text(name, Business::NAME));
    let description = request.business_description.as_deref().map(|text| model::text(text, Business::DESCRIPTION));
    let phone = request.phone.as_deref().map(|phone| model::text(phone, Business::PHONE));
    let zone = request.time_zone.as_deref().map(|zone| model::needed_text(zone, Business::ZONE));
    let change = BusinessChange {
        name: name.and_then(|name| invalid.check("business_name", name)),
        description: description.and_then(|text| invalid.check("business_description", text)),
        phone: phone.and_then(|phone| invalid.check("phone", phone)),
        time_zone: zone.and_then(|zone| invalid.check("time_zone", zone)),
    };
    let own = own.and_then(|own| invalid.check("name", own));
    invalid.finish()?;
    Ok((own, change))
}

/// A session with its secret, as only the gateway gets it.
pub(super) fn encode_session(user: User, issued: &Issued) -> pb::Session {
    pb::Session {
        user: Some(encode(user)),
        session_id: issued.session.id.to_string(),
        refresh_token: issued.token.show().expose_secret().to_owned(),
        refresh_expires_at: Some(wire::timestamp(issued.expires_at)),
    }
}

fn encode(user: User) -> pb::User {
    let base = pb::User {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        role: pb::UserRole::Admin.into(),
        has_totp: user.has_totp,
        created_at: Some(wire::timestamp(user.created_at)),
        updated_at: Some(wire::timestamp(user.updated_at)),
        ..pb::User::default()
    };
    match user.standing {
        Standing::Admin => base,
        Standing::Member { tenant, role, business } => pb::User {
            role: pb::UserRole::Business.into(),
            member_role: encode_role(role).into(),
            tenant_id: tenant.to_string(),
            business_name: business.name,
            business_description: business.description,
            phone: business.phone,
            time_zone: business.time_zone,
            ..base
        },
    }
}

pub(super) const fn encode_role(role: Role) -> pb::MemberRole {
    match role {
        Role::Owner => pb::MemberRole::Owner,
        Role::Manager => pb::MemberRole::Manager,
        Role::Agent => pb::MemberRole::Agent,
        Role::Viewer => pb::MemberRole::Viewer,
    }
}
