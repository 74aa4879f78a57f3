//! Accounts as the wire asks for them: registration, login, sessions, people, the profile, and tickets for live sockets.

use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, UserId, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::account_service_server::AccountService;
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::model::{self, Business, BusinessChange, Email, Member, Password, Standing, User, shown_name};
use crate::rotation::Opaque;
use crate::sessions::{self, Issued};
use crate::store::account::{self, NewUser};
use crate::store::session::{self, Ticket};
use crate::store::status;

/// The shortest password of a business's user and of a platform admin.
pub(super) const SHORTEST: usize = 8;
pub(super) const SHORTEST_ADMIN: usize = 12;
/// The most people of one business: a list of all of them is one answer.
const MOST_MEMBERS: i64 = 500;
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
        if let Some(token) = Opaque::parse(&request.into_inner().refresh_token) {
            let mut tx = self.state.db.system().await?;
            sessions::end(&mut tx, &token, self.state.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(Response::new(pb::LogoutResponse {}))
    }

    async fn get_profile(&self, request: Request<pb::GetProfileRequest>) -> Result<Response<pb::User>, Status> {
        let caller = grpc::caller(&request)?;
        let (user, _) = self.myself(&caller).await?;
        Ok(Response::new(encode(user)))
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
        let session = wire::id(&request.get_ref().id, "session")?;
        let mut tx = self.state.db.system().await?;
        sessions::end_own(tx.conn(), wire::user(&caller)?, session, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(Response::new(pb::EndSessionResponse {}))
    }

    async fn end_all_sessions(
        &self,
        request: Request<pb::EndAllSessionsRequest>,
    ) -> Result<Response<pb::EndAllSessionsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut tx = self.state.db.system().await?;
        let ended = sessions::end_others(tx.conn(), wire::user(&caller)?, None, self.state.clock.now()).await?;
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
        let Identity::Member { role: own, .. } = caller.identity() else { return Err(Error::Forbidden.into()) };
        self.needs_live_session(&caller, &request.get_ref().session_id).await?;
        let (email, password, role, name) = new_member(request.get_ref())?;
        if role >= Role::Manager && own < Role::Owner {
            return Err(Error::Forbidden.into());
        }
        let state = &self.state;
        let (id, email_hash) = (UserId(new_id()), &state.keys.email_hash(email.as_str()));
        // A password is dear to hash, so it is not hashed for somebody who cannot be added; the insert decides again.
        let mut tx = state.db.begin(&caller).await?;
        let has_room = account::has_room(&mut tx, MOST_MEMBERS).await?;
        tx.commit().await?;
        if !has_room {
            return Err(too_many_members().into());
        }
        let mut tx = state.db.system().await?;
        let holder = account::find_login(&mut tx, email_hash).await?;
        tx.commit().await?;
        if holder.is_some() {
            return Err(account::in_use("email_in_use").into());
        }
        let password_hash = &state.hasher.hash(password).await?;
        let now = state.clock.now();
        let mut tx = state.db.begin(&caller).await?;
        let member = NewUser { id, email: &email, name: &name, email_hash, password_hash };
        if !account::insert_member(&mut tx, &member, role, MOST_MEMBERS, now).await? {
            return Err(too_many_members().into());
        }
        tx.commit().await?;
        let (name, email) = (shown_name(name, email.as_str()), email.as_str().to_owned());
        Ok(Response::new(encode_member(Member { id, email, name, role, created_at: now })))
    }

    async fn create_admin(&self, request: Request<pb::CreateAdminRequest>) -> Result<Response<pb::User>, Status> {
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
        tx.commit().await?;
        let (user, _) = made.ok_or(Error::NotFound("user"))?;
        Ok(Response::new(encode(user)))
    }

    async fn issue_ticket(&self, request: Request<pb::IssueTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let caller = grpc::caller(&request)?;
        let Identity::Member { tenant, user, role } = caller.identity() else { return Err(Error::Forbidden.into()) };
        let session = self.needs_live_session(&caller, &request.get_ref().session_id).await?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.system().await?;
        let ticket = Opaque::random()?;
        let expires_at = now + TimeDelta::seconds(TICKET_LIFE.into());
        session::insert_ticket(&mut tx, &ticket.hash(), &Ticket { user, tenant, role, session }, expires_at).await?;
        tx.commit().await?;
        Ok(Response::new(pb::Ticket { ticket: ticket.show().expose_secret().to_owned(), expires_in: TICKET_LIFE }))
    }

    async fn redeem_ticket(
        &self,
        request: Request<pb::RedeemTicketRequest>,
    ) -> Result<Response<pb::TicketHolder>, Status> {
        let ticket = Opaque::parse(&request.into_inner().ticket).ok_or(Error::Unauthenticated)?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.system().await?;
        let held = session::take_ticket(&mut tx, &ticket.hash(), now).await?;
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
        let tenant = wire::tenant(&caller)?;
        let mut asked = request.into_inner().session_ids;
        if asked.len() > MOST_SESSIONS {
            let detail = format!("has more than {MOST_SESSIONS} sessions");
            return Err(Error::invalid("session_ids", "too_long", detail).into());
        }
        let ids: Vec<Uuid> = asked.iter().filter_map(|id| id.parse().ok()).collect();
        let mut tx = self.state.db.system().await?;
        let suspended = status::is_suspended(tx.conn(), tenant).await?;
        let live = session::live(&mut tx, tenant, &ids, self.state.clock.now()).await?;
        tx.commit().await?;
        asked.retain(|id| !id.parse().is_ok_and(|id: Uuid| live.iter().any(|live| live.id == id)));
        Ok(Response::new(pb::CheckSessionsResponse { suspended, ended_session_ids: asked }))
    }
}

impl Service {
    /// The session of this id, which must be the calling member's own and go on.
    async fn needs_live_session(&self, caller: &Caller, id: &str) -> Result<Uuid, Error> {
        let Identity::Member { tenant, user, .. } = caller.identity() else { return Err(Error::Forbidden) };
        let id = id.parse().map_err(|_| Error::Unauthenticated)?;
        let mut tx = self.state.db.system().await?;
        let live = session::live(&mut tx, tenant, &[id], self.state.clock.now()).await?;
        tx.commit().await?;
        if live.iter().any(|live| live.user == user) { Ok(id) } else { Err(Error::Unauthenticated) }
    }
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

fn too_many_members() -> Error {
    let detail = format!("A business has at most {MOST_MEMBERS} people.");
    Error::Precondition { code: "too_many_members", detail }
}

fn new_member(request: &pb::AddMemberRequest) -> Result<(Email, Password, Role, String), Error> {
    let mut invalid = Invalid::default();
    let email = invalid.check("email", Email::parse(&request.email));
    let password = invalid.check("password", Password::chosen(&request.password, SHORTEST));
    let role = match request.member_role() {
        pb::MemberRole::Manager => Ok(Role::Manager),
        pb::MemberRole::Agent => Ok(Role::Agent),
        pb::MemberRole::Viewer => Ok(Role::Viewer),
        pb::MemberRole::Owner | pb::MemberRole::Unspecified => {
            Err(("unknown_value", "must be manager, agent or viewer".to_owned()))
        }
    };
    let role = invalid.check("member_role", role);
    let name = invalid.check("name", model::text(&request.name, User::NAME));
    let ((email, password), (role, name)) = invalid.into_result(email.zip(password).zip(role.zip(name)))?;
    Ok((email, password, role, name))
}

fn encode_member(member: Member) -> pb::Member {
    pb::Member {
        id: member.id.to_string(),
        email: member.email,
        name: member.name,
        member_role: encode_role(member.role).into(),
        created_at: Some(wire::timestamp(member.created_at)),
    }
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

const fn encode_role(role: Role) -> pb::MemberRole {
    match role {
        Role::Owner => pb::MemberRole::Owner,
        Role::Manager => pb::MemberRole::Manager,
        Role::Agent => pb::MemberRole::Agent,
        Role::Viewer => pb::MemberRole::Viewer,
    }
}
