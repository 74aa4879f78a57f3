//! Registration, login, sessions, the profile, and tickets for live sockets.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, TenantId, UserId, grpc, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::account_service_server::AccountService;
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::wire;
use crate::Service;
use crate::model::{self, Business, BusinessChange, Email, Password, Standing, User};
use crate::passwords::Verified;
use crate::rotation::Opaque;
use crate::sessions::{self, Issued};
use crate::store::account::{self, NewUser};
use crate::store::session::{self, Session, Ticket};
use crate::store::status;

/// The shortest password of a business's user and of a platform admin.
const SHORTEST: usize = 8;
const SHORTEST_ADMIN: usize = 12;
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
        let token = Opaque::parse(&request.into_inner().refresh_token).ok_or(Error::Unauthenticated)?;
        Ok(Response::new(self.renew(&caller, &token).await?))
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
        let user = match caller.identity() {
            Identity::PlatformAdmin { user } => self.person(&caller, user, None).await?.map(|(user, _)| user),
            _ => member_of(&mut self.state.db.begin(&caller).await?, wire::user(&caller)?).await?,
        };
        Ok(Response::new(encode(user.ok_or(Error::NotFound("user"))?)))
    }

    async fn update_profile(&self, request: Request<pb::UpdateProfileRequest>) -> Result<Response<pb::User>, Status> {
        let caller = grpc::caller(&request)?;
        let user = wire::user(&caller)?;
        let change = profile_change(&request.into_inner())?;
        let mut tx = self.state.db.begin(&caller).await?;
        account::update_business(&mut tx, &change, self.state.clock.now()).await?;
        let user = member_of(&mut tx, user).await?.ok_or(Error::NotFound("user"))?;
        tx.commit().await?;
        Ok(Response::new(encode(user)))
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
        let admin = NewUser { id, email: &email, email_hash, password_hash };
        account::insert_admin(&mut tx, &admin, state.clock.now()).await?;
        let made = account::admin(&mut tx, id).await?;
        tx.commit().await?;
        let (user, _) = made.ok_or(Error::NotFound("user"))?;
        Ok(Response::new(encode(user)))
    }

    async fn issue_ticket(&self, request: Request<pb::IssueTicketRequest>) -> Result<Response<pb::Ticket>, Status> {
        let caller = grpc::caller(&request)?;
        let Identity::Member { tenant, user, role } = caller.identity() else { return Err(Error::Forbidden.into()) };
        let session = request.into_inner().session_id.parse().map_err(|_| Error::Unauthenticated)?;
        let now = self.state.clock.now();
        let mut tx = self.state.db.system().await?;
        let live = session::live(&mut tx, tenant, &[session], now).await?;
        if !live.iter().any(|live| live.user == user) {
            return Err(Error::Unauthenticated.into());
        }
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
    async fn sign_up(&self, caller: &Caller, request: pb::RegisterRequest) -> Result<pb::Session, Error> {
        let state = &self.state;
        let mut invalid = Invalid::default();
        let email = invalid.check("email", Email::parse(&request.email));
        let password = invalid.check("password", Password::chosen(&request.password, SHORTEST));
        let name = invalid.check("business_name", model::needed_text(&request.business_name, Business::NAME));
        let description =
            invalid.check("business_description", model::text(&request.business_description, Business::DESCRIPTION));
        let phone = invalid.check("phone", model::text(&request.phone, Business::PHONE));
        let business = name.zip(description).zip(phone);
        let ((email, password), ((name, description), phone)) =
            invalid.into_result(email.zip(password).zip(business))?;
        let business = Business { name, description, phone };

        let password_hash = &state.hasher.hash(password).await?;
        let (tenant, id, now) = (TenantId(new_id()), UserId(new_id()), state.clock.now());
        let email_hash = &state.keys.email_hash(email.as_str());
        let mut tx = state.db.begin(&caller.acting_for(tenant)?).await?;
        let owner = NewUser { id, email: &email, email_hash, password_hash };
        account::insert_business(&mut tx, &business, &owner, now).await?;
        let issued = sessions::start(tx.conn(), id, Some(tenant), now).await?;
        tx.commit().await?;

        let standing = Standing::Member { tenant, role: Role::Owner, business };
        let user = User { id, email: email.as_str().to_owned(), created_at: now, updated_at: now, standing };
        Ok(encode_session(user, &issued))
    }

    async fn sign_in(&self, caller: &Caller, request: pb::LoginRequest) -> Result<pb::Session, Error> {
        let state = &self.state;
        let mut invalid = Invalid::default();
        if request.email.trim().is_empty() {
            invalid.add("email", "required", "is needed");
        }
        let password = invalid.check("password", Password::given(&request.password));
        let password = invalid.into_result(password)?;
        // What is no address is nobody's: it is answered like one that is unknown.
        let email = Email::parse(&request.email).ok();
        let email_hash = state.keys.email_hash(email.as_ref().map_or(request.email.as_str(), Email::as_str));
        let waits = |wait| Error::Exhausted { code: "too_many_logins", retry_after: Some(wait) };
        state.throttle.admit(&email_hash, state.clock.now()).map_err(waits)?;

        let mut tx = state.db.system().await?;
        let login = account::find_login(&mut tx, &email_hash).await?;
        tx.commit().await?;
        let known = match login {
            Some(login) => self.person(caller, login.user, login.tenant).await?,
            None => None,
        };
        let stored = known.as_ref().map(|(_, stored)| stored.clone());
        let verified = state.hasher.verify(password.clone(), stored).await?;
        let Some((user, stored)) = known.filter(|_| verified != Verified::No) else {
            return Err(Error::Unauthenticated);
        };
        state.throttle.succeeded(&email_hash);
        if verified == Verified::Outdated {
            self.rehash(caller, &user, &stored, password).await?;
        }
        let tenant = login.and_then(|login| login.tenant);
        let mut tx = state.db.system().await?;
        let issued = sessions::start(tx.conn(), user.id, tenant, state.clock.now()).await?;
        tx.commit().await?;
        Ok(encode_session(user, &issued))
    }

    async fn renew(&self, caller: &Caller, token: &Opaque) -> Result<pb::Session, Error> {
        let mut tx = self.state.db.system().await?;
        let issued = sessions::refresh(&mut tx, &self.state.keys, token, self.state.clock.now()).await?;
        // A refusal may have ended the session, which must stay so.
        tx.commit().await?;
        let issued = issued.ok_or(Error::Unauthenticated)?;
        let Session { user, tenant, .. } = issued.session;
        let (user, _) = self.person(caller, user, tenant).await?.ok_or(Error::Unauthenticated)?;
        Ok(encode_session(user, &issued))
    }

    /// A person and their password hash, as `routing` names them.
    async fn person(
        &self,
        caller: &Caller,
        user: UserId,
        tenant: Option<TenantId>,
    ) -> Result<Option<(User, String)>, Error> {
        match tenant {
            Some(tenant) => account::member(&mut self.state.db.begin(&caller.acting_for(tenant)?).await?, user).await,
            None => account::admin(&mut self.state.db.system().await?, user).await,
        }
    }

    async fn rehash(&self, caller: &Caller, user: &User, old: &str, password: Password) -> Result<(), Error> {
        let new = self.state.hasher.hash(password).await?;
        match user.standing {
            Standing::Member { tenant, .. } => {
                let mut tx = self.state.db.begin(&caller.acting_for(tenant)?).await?;
                account::rehash_member(&mut tx, user.id, old, &new).await?;
                tx.commit().await
            }
            Standing::Admin => {
                let mut tx = self.state.db.system().await?;
                account::rehash_admin(&mut tx, user.id, old, &new).await?;
                tx.commit().await
            }
        }
    }
}

async fn member_of(tx: &mut TenantTx, user: UserId) -> Result<Option<User>, Error> {
    Ok(account::member(tx, user).await?.map(|(user, _)| user))
}

fn profile_change(request: &pb::UpdateProfileRequest) -> Result<BusinessChange, Error> {
    let mut invalid = Invalid::default();
    let name = request.business_name.as_deref().map(|name| model::needed_text(name, Business::NAME));
    let description = request.business_description.as_deref().map(|text| model::text(text, Business::DESCRIPTION));
    let phone = request.phone.as_deref().map(|phone| model::text(phone, Business::PHONE));
    let change = BusinessChange {
        name: name.and_then(|name| invalid.check("business_name", name)),
        description: description.and_then(|text| invalid.check("business_description", text)),
        phone: phone.and_then(|phone| invalid.check("phone", phone)),
    };
    invalid.finish()?;
    Ok(change)
}

fn encode_session(user: User, issued: &Issued) -> pb::Session {
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
