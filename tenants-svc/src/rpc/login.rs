//! Who gets in: registration, login, and the renewal of sessions.

use chatdesk_platform::{Caller, Error, Invalid, Role, TenantId, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;

use super::account::{SHORTEST, encode_session};
use crate::Service;
use crate::model::{self, Business, Email, Password, Standing, User, shown_name};
use crate::passwords::Verified;
use crate::rotation::Opaque;
use crate::sessions::{self, Issued};
use crate::store::account::{self, NewUser};
use crate::store::session::{self, Session};

impl Service {
    /// Makes a business with its owner and their first session.
    pub(super) async fn sign_up(&self, caller: &Caller, request: pb::RegisterRequest) -> Result<pb::Session, Error> {
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
        let business = Business { name, description, phone, time_zone: Business::USUAL_ZONE.to_owned() };

        let password_hash = &state.hasher.hash(password).await?;
        let (tenant, id, now) = (TenantId(new_id()), UserId(new_id()), state.clock.now());
        let email_hash = &state.keys.email_hash(email.as_str());
        let mut tx = state.db.begin(&caller.acting_for(tenant)?).await?;
        let owner = NewUser { id, email: &email, name: "", email_hash, password_hash };
        account::insert_business(&mut tx, &business, &owner, now).await?;
        let issued = sessions::start(tx.conn(), id, Some(tenant), now).await?;
        session::describe(&mut tx, &issued.session, &model::user_agent(&request.user_agent), now).await?;
        tx.commit().await?;

        let standing = Standing::Member { tenant, role: Role::Owner, business };
        let (email, name) = (email.as_str().to_owned(), shown_name(String::new(), email.as_str()));
        let user = User { id, email, name, created_at: now, updated_at: now, standing };
        Ok(encode_session(user, &issued))
    }

    /// Starts a session for whoever has the password.
    pub(super) async fn sign_in(&self, caller: &Caller, request: pb::LoginRequest) -> Result<pb::Session, Error> {
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
        let Some((user, mut stored)) = known.filter(|_| verified != Verified::No) else {
            return Err(Error::Unauthenticated);
        };
        state.throttle.succeeded(&email_hash);
        if verified == Verified::Outdated {
            stored = self.rehash(caller, &user, &stored, password.clone()).await?;
        }
        let user_agent = model::user_agent(&request.user_agent);
        let issued = self.begin_session(caller, &user, &stored, password, &user_agent).await?;
        Ok(encode_session(user, &issued))
    }

    /// Renews the session of a refresh token.
    pub(super) async fn renew(&self, caller: &Caller, token: &Opaque, user_agent: &str) -> Result<pb::Session, Error> {
        let mut tx = self.state.db.system().await?;
        let issued = sessions::refresh(&mut tx, &self.state.keys, token, self.state.clock.now()).await?;
        // A refusal may have ended the session, which must stay so.
        tx.commit().await?;
        let issued = issued.ok_or(Error::Unauthenticated)?;
        let Session { user, tenant, .. } = issued.session;
        let (user, _) = self.person(caller, user, tenant).await?.ok_or(Error::Unauthenticated)?;
        if let (Some(tenant), false) = (tenant, user_agent.is_empty()) {
            let mut tx = self.state.db.begin(&caller.acting_for(tenant)?).await?;
            session::describe(&mut tx, &issued.session, user_agent, self.state.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(encode_session(user, &issued))
    }

    /// Starts the session of a person whose password was right when `stored` was its hash. Whoever has changed it since has ended
    /// their sessions, and must not find one more: the hash is held still while the session begins.
    async fn begin_session(
        &self,
        caller: &Caller,
        user: &User,
        stored: &str,
        password: Password,
        user_agent: &str,
    ) -> Result<Issued, Error> {
        let state = &self.state;
        let now = state.clock.now();
        match user.standing {
            Standing::Member { tenant, .. } => {
                let mut tx = state.db.begin(&caller.acting_for(tenant)?).await?;
                let held = account::hold_password(&mut tx, user.id).await?;
                self.still_right(password, stored, held).await?;
                let issued = sessions::start(tx.conn(), user.id, Some(tenant), now).await?;
                session::forget_over(&mut tx, user.id, now).await?;
                session::describe(&mut tx, &issued.session, user_agent, now).await?;
                tx.commit().await?;
                Ok(issued)
            }
            Standing::Admin => {
                let mut tx = state.db.system().await?;
                let held = account::hold_admin_password(&mut tx, user.id).await?;
                self.still_right(password, stored, held).await?;
                let issued = sessions::start(tx.conn(), user.id, None, now).await?;
                tx.commit().await?;
                Ok(issued)
            }
        }
    }

    /// Another login may have made the same password's hash anew meanwhile, so another hash is compared once more.
    async fn still_right(&self, password: Password, stored: &str, held: Option<String>) -> Result<(), Error> {
        if held.as_deref() == Some(stored) || self.state.hasher.verify(password, held).await? != Verified::No {
            return Ok(());
        }
        Err(Error::Unauthenticated)
    }

    /// A person and their password hash, as `routing` names them.
    pub(super) async fn person(
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

    /// Makes the hash anew and gives it.
    async fn rehash(&self, caller: &Caller, user: &User, old: &str, password: Password) -> Result<String, Error> {
        let new = self.state.hasher.hash(password).await?;
        match user.standing {
            Standing::Member { tenant, .. } => {
                let mut tx = self.state.db.begin(&caller.acting_for(tenant)?).await?;
                account::rehash_member(&mut tx, user.id, old, &new).await?;
                tx.commit().await?;
            }
            Standing::Admin => {
                let mut tx = self.state.db.system().await?;
                account::rehash_admin(&mut tx, user.id, old, &new).await?;
                tx.commit().await?;
            }
        }
        Ok(new)
    }
}
