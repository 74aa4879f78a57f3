//! Who gets in: registration, login, and the renewal of sessions.

use std::time::Duration;

use chatdesk_platform::{Caller, Error, Invalid, Role, TenantId, UserId, new_id};
use chatdesk_proto::tenants::v1 as pb;
use serde_json::{Value, json};

use super::account::{SHORTEST, encode_session};
use crate::Service;
use crate::audit::{self, Entry};
use crate::letter::Letter;
use crate::model::{self, Business, Email, Password, Standing, User, shown_name};
use crate::passwords::Verified;
use crate::person::PersonTx;
use crate::rotation::Opaque;
use crate::sessions::{self, Issued};
use crate::store::account::{self, NewUser};
use crate::store::second_factor;
use crate::store::session::{self, Session};
use crate::throttle::Target;
use crate::totp::{Holder, Proof};

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
        let entry = Entry::new("business.registered", format!("business:{tenant}")).by_member(id);
        audit::note(&mut tx, caller, entry).await?;
        tx.commit().await?;

        let standing = Standing::Member { tenant, role: Role::Owner, business };
        let (email, name) = (email.as_str().to_owned(), shown_name(String::new(), email.as_str()));
        let user = User { id, email, name, created_at: now, updated_at: now, has_totp: false, standing };
        Ok(encode_session(user, &issued))
    }

    /// Starts a session for whoever has the password and, where they have one-time codes, a code.
    pub(super) async fn sign_in(&self, caller: &Caller, request: pb::LoginRequest) -> Result<pb::Session, Error> {
        let password = login_fields(&request.email, &request.password)?;
        let known = self.prove(caller, &request.email, &password).await?;
        let code = request.code.trim();
        check_codes(&known.user, known.user.has_totp, code)?;
        let user_agent = model::user_agent(&request.user_agent);
        let begun = Box::pin(self.begin_session(caller, &known, password, code, &user_agent)).await;
        let issued = begun.inspect_err(|error| {
            if !error.is_transient() {
                self.note_refusal(caller, &known.user, "code");
            }
        })?;
        self.state.throttle.succeeded(&known.target);
        Ok(encode_session(known.user, &issued))
    }

    /// Whose password this is. The try counts as failed until the throttle is told otherwise.
    pub(super) async fn prove(&self, caller: &Caller, email: &str, password: &Password) -> Result<Known, Error> {
        let state = &self.state;
        // What is no address is nobody's: it is answered like one that is unknown.
        let parsed = Email::parse(email).ok();
        let email_hash = state.keys.email_hash(parsed.as_ref().map_or(email, Email::as_str));
        let target = Target::from_address(email_hash, caller.address());
        state.throttle.admit(&target, state.clock.now()).map_err(too_many("too_many_logins"))?;

        let mut tx = state.db.system().await?;
        let login = account::find_login(&mut tx, &email_hash).await?;
        tx.commit().await?;
        let known = match login {
            Some(login) => self.person(caller, login.user, login.tenant).await?,
            None => None,
        };
        let stored = known.as_ref().map(|(_, stored)| stored.clone());
        let verified = state.hasher.verify(password.clone(), stored).await?;
        let Some((user, mut stored)) = known else { return Err(Error::Unauthenticated) };
        if verified == Verified::No {
            self.note_refusal(caller, &user, "password");
            return Err(Error::Unauthenticated);
        }
        if verified == Verified::Outdated {
            stored = self.rehash(caller, &user, &stored, password.clone()).await?;
        }
        Ok(Known { user, stored, email_hash, target })
    }

    /// Notes a login that was refused, unless there were many. Not waited for: how long an answer takes must not tell whether an address is
    /// somebody's.
    fn note_refusal(&self, caller: &Caller, user: &User, what: &'static str) {
        let (service, caller, id, tenant) = (self.clone(), *caller, user.id, user.tenant());
        let Some(times) = self.state.refusals.count(format!("{what} {id}"), self.state.clock.now()) else { return };
        self.state.shutdown.spawn(async move {
            let noted = async {
                let mut tx = PersonTx::begin(&service.state.db, &caller, tenant).await?;
                let entry = Entry::new("session.refused", format!("user:{id}")).by_nobody();
                tx.note_service(&caller, entry.change(Value::Null, json!({"wrong": what, "times_this_hour": times})))
                    .await?;
                tx.commit().await
            };
            if let Err(error) = noted.await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a refused login could not be noted");
            }
        });
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
        // One from before platform admins needed codes.
        if tenant.is_none() && !user.has_totp {
            return Err(Error::Unauthenticated);
        }
        if let (Some(tenant), false) = (tenant, user_agent.is_empty()) {
            let mut tx = self.state.db.begin(&caller.acting_for(tenant)?).await?;
            session::describe(&mut tx, &issued.session, user_agent, self.state.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(encode_session(user, &issued))
    }

    /// Starts the session of a person whose password was right when `stored` was its hash. Whoever has changed it since, or has turned
    /// one-time codes on, has ended their sessions, and must not find one more: both are held still while the session begins.
    async fn begin_session(
        &self,
        caller: &Caller,
        known: &Known,
        password: Password,
        code: &str,
        user_agent: &str,
    ) -> Result<Issued, Error> {
        let (state, now, user) = (&self.state, self.state.clock.now(), &known.user);
        let mut tx = PersonTx::begin(&state.db, caller, user.tenant()).await?;
        let held = tx.hold_password(user.id).await?;
        self.still_right(password, &known.stored, held).await?;
        let has_totp = second_factor::is_on(tx.conn(), user.id).await?;
        check_codes(user, has_totp, code)?;
        let proof = if has_totp { self.spend_code(&mut tx, known, code).await? } else { Proof::Code };
        let issued = sessions::start(tx.conn(), user.id, user.tenant(), now).await?;
        tx.forget_over(user.id, now).await?;
        if let PersonTx::Member(tx) = &mut tx {
            session::describe(tx, &issued.session, user_agent, now).await?;
        }
        let started = Entry::new("session.started", format!("session:{}", issued.session.id));
        tx.note(caller, user.id, started.change(Value::Null, told(proof))).await?;
        tx.commit().await?;
        Ok(issued)
    }

    /// Uses up a one-time or recovery code of somebody whose password was right. Whoever has the password is counted wherever they are.
    pub(super) async fn spend_code(&self, tx: &mut PersonTx, known: &Known, code: &str) -> Result<Proof, Error> {
        let (state, now, user) = (&self.state, self.state.clock.now(), &known.user);
        let target = Target::anywhere(known.email_hash);
        state.codes.admit(&target, now).map_err(too_many("too_many_codes"))?;
        let proof = Holder::from(user).spend(tx.conn(), &state.keys, code, now).await?;
        state.codes.succeeded(&target);
        if let Proof::Recovery(left) = proof {
            self.tell(tx, user, Letter::RecoveryCodeUsed { left }).await?;
        }
        Ok(proof)
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
        PersonTx::begin(&self.state.db, caller, tenant).await?.find(user).await
    }

    /// Makes the hash anew and gives it.
    async fn rehash(&self, caller: &Caller, user: &User, old: &str, password: Password) -> Result<String, Error> {
        let new = self.state.hasher.hash(password).await?;
        let mut tx = PersonTx::begin(&self.state.db, caller, user.tenant()).await?;
        tx.rehash(user.id, old, &new).await?;
        tx.commit().await?;
        Ok(new)
    }
}

/// Somebody whose password was right a moment ago.
pub(super) struct Known {
    pub(super) user: User,
    /// The password's hash at that moment.
    pub(super) stored: String,
    pub(super) email_hash: [u8; 32],
    /// What the try was counted for.
    pub(super) target: Target,
}

/// The password of a login. An address that is none is a wrong login like any other.
pub(super) fn login_fields(email: &str, password: &str) -> Result<Password, Error> {
    let mut invalid = Invalid::default();
    if email.trim().is_empty() {
        invalid.add("email", "required", "is needed");
    }
    let password = invalid.check("password", Password::given(password));
    invalid.into_result(password)
}

/// How a throttle's wait is told.
pub(super) fn too_many(code: &'static str) -> impl Fn(Duration) -> Error {
    move |wait| Error::Exhausted { code, retry_after: Some(wait) }
}

/// What the audit says of how a code was given.
pub(super) fn told(proof: Proof) -> Value {
    match proof {
        Proof::Code => Value::Null,
        Proof::Recovery(left) => json!({"recovery_codes_left": left}),
    }
}

/// Refuses whoever brings no code and needs one, and a platform admin who has none to bring.
fn check_codes(user: &User, has_totp: bool, code: &str) -> Result<(), Error> {
    match user.standing {
        Standing::Admin if !has_totp => Err(needs_totp("totp_setup_required")),
        _ if has_totp && code.is_empty() => Err(needs_totp("totp_required")),
        _ => Ok(()),
    }
}

fn needs_totp(code: &'static str) -> Error {
    Error::Precondition { code, detail: "A one-time code is needed.".to_owned() }
}
