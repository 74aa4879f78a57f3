//! What users do with their own accounts: see who they are, see their sessions, replace the password.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Identity, Invalid, Role, TenantId, UserId};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use uuid::Uuid;

use super::account::{SHORTEST, SHORTEST_ADMIN};
use super::login::{Known, too_many};
use super::wire;
use crate::Service;
use crate::audit::Entry;
use crate::letter::{Language, Letter};
use crate::mail::Mail;
use crate::model::{Password, SessionInfo, Standing, User};
use crate::passwords::Verified;
use crate::person::PersonTx;
use crate::sessions;
use crate::store::{account, directory, reset, session, settings};
use crate::throttle::Target;

impl Service {
    /// The calling person with their password hash.
    pub(super) async fn myself(&self, caller: &Caller) -> Result<(User, String), Error> {
        if let Identity::Visitor { tenant, admin } = caller.identity() {
            return self.visitor(caller, tenant, admin).await;
        }
        let id = wire::user(caller)?;
        self.person(caller, id, caller.tenant()).await?.ok_or(Error::NotFound("user"))
    }

    /// A platform admin as they are inside a business: themselves, with a viewer's eyes. Nobody's password is theirs there.
    async fn visitor(&self, caller: &Caller, tenant: TenantId, admin: UserId) -> Result<(User, String), Error> {
        let mut tx = self.state.db.system().await?;
        let (user, _) = account::admin(&mut tx, admin).await?.ok_or(Error::NotFound("user"))?;
        tx.commit().await?;
        let mut tx = self.state.db.begin(caller).await?;
        let (_, business) = settings::get(&mut tx).await?;
        tx.commit().await?;
        let standing = Standing::Member { tenant, role: Role::Viewer, business };
        Ok((User { standing, ..user }, String::new()))
    }

    /// The caller's sessions.
    pub(super) async fn own_sessions(&self, caller: &Caller) -> Result<pb::ListSessionsResponse, Error> {
        let (id, now) = (wire::user(caller)?, self.state.clock.now());
        let found = match &mut PersonTx::begin(&self.state.db, caller, caller.tenant()).await? {
            PersonTx::Admin(tx) => session::of_admin(tx, id, now).await?,
            PersonTx::Member(tx) => session::of_member(tx, id, now).await?,
        };
        Ok(pb::ListSessionsResponse { items: found.into_iter().map(encode).collect() })
    }

    /// The caller, whose password this is. Counted with the logins: who has found an open browser must not guess faster here than there.
    pub(super) async fn reprove(&self, caller: &Caller, field: &str, password: Password) -> Result<Known, Error> {
        let state = &self.state;
        let (user, stored) = self.myself(caller).await?;
        let email_hash = state.keys.email_hash(&user.email);
        let target = Target::from_address(email_hash, caller.address());
        state.throttle.admit(&target, state.clock.now()).map_err(too_many("too_many_logins"))?;
        if state.hasher.verify(password, Some(stored.clone())).await? == Verified::No {
            return Err(wrong(field));
        }
        state.throttle.succeeded(&target);
        Ok(Known { user, stored, email_hash, target })
    }

    /// Replaces the caller's password and ends their sessions but the one that asks.
    pub(super) async fn replace_password(
        &self,
        caller: &Caller,
        request: pb::ChangePasswordRequest,
    ) -> Result<pb::ChangePasswordResponse, Error> {
        const CURRENT: &str = "current_password";
        let state = &self.state;
        let session: Uuid = request.session_id.parse().map_err(|_| Error::Unauthenticated)?;
        let mut invalid = Invalid::default();
        let current = invalid.check(CURRENT, Password::given(&request.current_password));
        let new = invalid.check("new_password", Password::chosen(&request.new_password, shortest(caller.tenant())));
        let (current, new) = invalid.into_result(current.zip(new))?;

        let Known { user, stored, .. } = self.reprove(caller, CURRENT, current).await?;
        let new = state.hasher.hash(new).await?;
        let now = state.clock.now();
        let mut tx = PersonTx::begin(&state.db, caller, user.tenant()).await?;
        if !tx.rehash(user.id, &stored, &new).await? {
            return Err(wrong(CURRENT));
        }
        let ended = sessions::end_others(tx.conn(), user.id, Some(session), now).await?;
        reset::end_all(tx.conn(), user.id, now).await?;
        tx.forget_over(user.id, now).await?;
        self.tell(&mut tx, &user, Letter::PasswordChanged).await?;
        tx.note(caller, user.id, Entry::new("password.changed", format!("user:{}", user.id))).await?;
        tx.commit().await?;
        tracing::info!(user = %user.id, ended = ended.len(), "a password was changed");
        Ok(pb::ChangePasswordResponse { ended_session_ids: ended.iter().map(Uuid::to_string).collect() })
    }

    /// Mails somebody what was done with their account, in the transaction that does it.
    pub(super) async fn tell(&self, tx: &mut PersonTx, user: &User, letter: Letter) -> Result<(), Error> {
        let language = match tx {
            PersonTx::Member(tx) => Language::of_tag(&settings::first_language(tx).await?),
            PersonTx::Admin(_) => Language::Vi,
        };
        let mail = Mail { to: user.email.clone(), language, letter };
        self.state.post(tx.conn(), user.tenant(), &mail, self.state.clock.now() + TOLD_WITHIN).await?;
        Ok(())
    }

    /// Mails every owner what is done with their business, in the transaction that does it; gives the business's name, which the letter is
    /// written with.
    pub(super) async fn tell_owners(
        &self,
        tx: &mut TenantTx,
        letter: impl FnOnce(String) -> Letter,
    ) -> Result<String, Error> {
        let (tenant, until) = (tx.tenant(), self.state.clock.now() + OWNERS_TOLD_WITHIN);
        let name = directory::name(tx.conn(), tenant).await?.ok_or(Error::NotFound("tenant"))?;
        let (language, letter) = (Language::of_tag(&settings::first_language(tx).await?), letter(name.clone()));
        for owner in account::members(tx).await?.into_iter().filter(|one| one.role == Role::Owner) {
            let mail = Mail { to: owner.email, language, letter: letter.clone() };
            self.state.post(tx.conn(), Some(tenant), &mail, until).await?;
        }
        Ok(name)
    }
}

/// See [`Service::tell_owners`].
const OWNERS_TOLD_WITHIN: TimeDelta = TimeDelta::days(7);

/// The shortest password of somebody of this business, or of a platform admin.
pub(super) const fn shortest(tenant: Option<TenantId>) -> usize {
    if tenant.is_some() { SHORTEST } else { SHORTEST_ADMIN }
}

fn wrong(field: &str) -> Error {
    Error::invalid(field, "wrong", "is not the password in use")
}

/// News that comes later is none.
const TOLD_WITHIN: TimeDelta = TimeDelta::days(1);

fn encode(session: SessionInfo) -> pb::SessionInfo {
    pb::SessionInfo {
        id: session.id.to_string(),
        created_at: Some(wire::timestamp(session.created_at)),
        last_used_at: Some(wire::timestamp(session.last_used_at)),
        user_agent: session.user_agent,
    }
}
