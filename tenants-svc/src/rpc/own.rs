//! What users do with their own accounts: see who they are, see their sessions, replace the password.

use chatdesk_platform::{Caller, Error, Identity, Invalid};
use chatdesk_proto::tenants::v1 as pb;
use uuid::Uuid;

use super::account::{SHORTEST, SHORTEST_ADMIN};
use super::wire;
use crate::Service;
use crate::model::{Password, SessionInfo, Standing, User};
use crate::passwords::Verified;
use crate::sessions;
use crate::store::{account, session};

impl Service {
    /// The calling person with their password hash.
    pub(super) async fn myself(&self, caller: &Caller) -> Result<(User, String), Error> {
        let id = wire::user(caller)?;
        let known = match caller.identity() {
            Identity::PlatformAdmin { .. } => account::admin(&mut self.state.db.system().await?, id).await?,
            Identity::Member { .. } | Identity::Service { .. } => {
                account::member(&mut self.state.db.begin(caller).await?, id).await?
            }
        };
        known.ok_or(Error::NotFound("user"))
    }

    /// The caller's sessions.
    pub(super) async fn own_sessions(&self, caller: &Caller) -> Result<pb::ListSessionsResponse, Error> {
        let (id, now) = (wire::user(caller)?, self.state.clock.now());
        let found = match caller.identity() {
            Identity::PlatformAdmin { .. } => session::of_admin(&mut self.state.db.system().await?, id, now).await?,
            Identity::Member { .. } | Identity::Service { .. } => {
                session::of_member(&mut self.state.db.begin(caller).await?, id, now).await?
            }
        };
        Ok(pb::ListSessionsResponse { items: found.into_iter().map(encode).collect() })
    }

    /// Replaces the caller's password and ends their sessions but the one that asks.
    pub(super) async fn replace_password(
        &self,
        caller: &Caller,
        request: pb::ChangePasswordRequest,
    ) -> Result<pb::ChangePasswordResponse, Error> {
        let state = &self.state;
        let session: Uuid = request.session_id.parse().map_err(|_| Error::Unauthenticated)?;
        let (user, stored) = self.myself(caller).await?;
        let least = match user.standing {
            Standing::Admin => SHORTEST_ADMIN,
            Standing::Member { .. } => SHORTEST,
        };
        let mut invalid = Invalid::default();
        let current = invalid.check("current_password", Password::given(&request.current_password));
        let new = invalid.check("new_password", Password::chosen(&request.new_password, least));
        let (current, new) = invalid.into_result(current.zip(new))?;

        // Counted with the logins: who has found an open browser must not guess faster here than there.
        let account = state.keys.email_hash(&user.email);
        let waits = |wait| Error::Exhausted { code: "too_many_logins", retry_after: Some(wait) };
        state.throttle.admit(&account, state.clock.now()).map_err(waits)?;
        let wrong = || Error::invalid("current_password", "wrong", "is not the password in use");
        if state.hasher.verify(current, Some(stored.clone())).await? == Verified::No {
            return Err(wrong());
        }
        state.throttle.succeeded(&account);
        let new = state.hasher.hash(new).await?;
        let now = state.clock.now();
        let ended = match user.standing {
            Standing::Member { .. } => {
                let mut tx = state.db.begin(caller).await?;
                if !account::rehash_member(&mut tx, user.id, &stored, &new).await? {
                    return Err(wrong());
                }
                let ended = sessions::end_others(tx.conn(), user.id, Some(session), now).await?;
                session::forget_over(&mut tx, user.id, now).await?;
                tx.commit().await?;
                ended
            }
            Standing::Admin => {
                let mut tx = state.db.system().await?;
                if !account::rehash_admin(&mut tx, user.id, &stored, &new).await? {
                    return Err(wrong());
                }
                let ended = sessions::end_others(tx.conn(), user.id, Some(session), now).await?;
                tx.commit().await?;
                ended
            }
        };
        tracing::info!(user = %user.id, ended = ended.len(), "a password was changed");
        Ok(pb::ChangePasswordResponse { ended_session_ids: ended.iter().map(Uuid::to_string).collect() })
    }
}

fn encode(session: SessionInfo) -> pb::SessionInfo {
    pb::SessionInfo {
        id: session.id.to_string(),
        created_at: Some(wire::timestamp(session.created_at)),
        last_used_at: Some(wire::timestamp(session.last_used_at)),
        user_agent: session.user_agent,
    }
}
