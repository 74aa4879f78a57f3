//! Passwords that were forgotten.

use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::tenants::v1 as pb;
use chrono::TimeDelta;
use uuid::Uuid;

use super::own::shortest;
use super::team::language;
use crate::Service;
use crate::audit::Entry;
use crate::letter::Letter;
use crate::mail::Mail;
use crate::model::{Email, Password};
use crate::person::PersonTx;
use crate::rotation::Opaque;
use crate::sessions;
use crate::store::reset;
use crate::team::link_invalid;

/// How long a link works.
const LIFE: TimeDelta = TimeDelta::minutes(30);

impl Service {
    /// Puts a mail on its way to whatever address is named: whether it is anybody's is looked up when it is sent, so that neither the answer
    /// nor its time tells.
    pub(super) async fn forget_password(&self, request: &pb::RequestPasswordResetRequest) -> Result<(), Error> {
        let state = &self.state;
        let Ok(email) = Email::parse(&request.email) else { return Ok(()) };
        let to = email.as_str().to_owned();
        let mail = Mail { to, language: language(request.language()), letter: Letter::ForgottenPassword };
        let mut tx = state.db.system().await?;
        state.post(tx.conn(), None, &mail, state.clock.now() + LIFE).await?;
        tx.commit().await
    }

    /// Spends a link: a new password, and no session that was there before.
    pub(super) async fn spend_link(
        &self,
        caller: &Caller,
        request: &pb::ResetPasswordRequest,
    ) -> Result<pb::ResetPasswordResponse, Error> {
        let state = &self.state;
        let token = Opaque::parse(&request.token).ok_or_else(link_invalid)?.hash();
        let mut tx = state.db.system().await?;
        let login = reset::find(tx.conn(), &token, state.clock.now()).await?;
        tx.commit().await?;
        let login = login.ok_or_else(link_invalid)?;
        let mut invalid = Invalid::default();
        let password = invalid.check("password", Password::chosen(&request.password, shortest(login.tenant)));
        // Only whoever holds a link makes us hash.
        let new = state.hasher.hash(invalid.into_result(password)?).await?;

        let now = state.clock.now();
        let mut tx = PersonTx::begin(&state.db, caller, login.tenant).await?;
        let (user, old) = tx.find(login.user).await?.ok_or_else(link_invalid)?;
        if !reset::spend(tx.conn(), &token, now).await? || !tx.rehash(user.id, &old, &new).await? {
            return Err(link_invalid());
        }
        reset::end_all(tx.conn(), user.id, now).await?;
        let ended = sessions::end_others(tx.conn(), user.id, None, now).await?;
        tx.forget_over(user.id, now).await?;
        self.tell(&mut tx, &user, Letter::PasswordChanged).await?;
        tx.note(caller, user.id, Entry::new("password.reset", format!("user:{}", user.id))).await?;
        tx.commit().await?;
        tracing::info!(user = %user.id, ended = ended.len(), "a password was reset");
        Ok(pb::ResetPasswordResponse {
            tenant_id: login.tenant.map(|tenant| tenant.to_string()).unwrap_or_default(),
            ended_session_ids: ended.iter().map(Uuid::to_string).collect(),
        })
    }
}
