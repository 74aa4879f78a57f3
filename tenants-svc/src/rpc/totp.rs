//! One-time codes: set up, confirmed, turned off.

use chatdesk_platform::{Caller, Error, TotpSecret};
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use uuid::Uuid;

use super::login::{Known, login_fields, told, too_many};
use crate::Service;
use crate::audit::Entry;
use crate::letter::Letter;
use crate::model::{Email, Password, Standing, User};
use crate::person::PersonTx;
use crate::sessions;
use crate::store::{account, second_factor};
use crate::throttle::Target;
use crate::totp::Holder;

impl Service {
    /// A secret for the caller's device, in force once it is confirmed.
    pub(super) async fn start_codes(&self, caller: &Caller, password: &str) -> Result<pb::TotpSecret, Error> {
        let password = given(password)?;
        let user = self.reprove(caller, "password", password).await?.user;
        self.propose_secret(caller, &user).await
    }

    /// Puts the caller's secret in force and ends their other sessions: nobody stays who came in without a code.
    pub(super) async fn confirm_codes(
        &self,
        caller: &Caller,
        request: &pb::ConfirmTotpRequest,
    ) -> Result<pb::ConfirmTotpResponse, Error> {
        let session: Uuid = request.session_id.parse().map_err(|_| Error::Unauthenticated)?;
        let (user, _) = self.myself(caller).await?;
        let (codes, ended) = self.confirm_secret(caller, &user, &request.code, Some(session)).await?;
        Ok(pb::ConfirmTotpResponse { recovery_codes: shown(&codes), ended_session_ids: texts(&ended) })
    }

    /// Both steps for a platform admin who has no codes and so no session.
    pub(super) async fn set_up_codes(
        &self,
        caller: &Caller,
        request: &pb::SetUpTotpRequest,
    ) -> Result<pb::SetUpTotpResponse, Error> {
        let password = login_fields(&request.email, &request.password)?;
        let Known { user, target, .. } = self.prove(caller, &request.email, &password).await?;
        if !matches!(user.standing, Standing::Admin) {
            return Err(Error::Forbidden);
        }
        let answer = if request.code.trim().is_empty() {
            let secret = Some(self.propose_secret(caller, &user).await?);
            pb::SetUpTotpResponse { secret, recovery_codes: Vec::new() }
        } else {
            let (codes, _) = self.confirm_secret(caller, &user, &request.code, None).await?;
            pb::SetUpTotpResponse { secret: None, recovery_codes: shown(&codes) }
        };
        self.state.throttle.succeeded(&target);
        Ok(answer)
    }

    /// Takes the caller's codes out of force. A platform admin cannot be in without them, so their sessions end.
    pub(super) async fn end_codes(
        &self,
        caller: &Caller,
        request: &pb::DisableTotpRequest,
    ) -> Result<pb::DisableTotpResponse, Error> {
        let state = &self.state;
        let password = given(&request.password)?;
        let known = self.reprove(caller, "password", password).await?;
        let mut tx = PersonTx::begin(&state.db, caller, known.user.tenant()).await?;
        let proof = self.spend_code(&mut tx, &known, &request.code).await?;
        let ended = self.remove_codes(&mut tx, &known.user).await?;
        let entry = Entry::new("totp.disabled", format!("user:{}", known.user.id));
        tx.note(caller, known.user.id, entry.change(Value::Null, told(proof))).await?;
        tx.commit().await?;
        Ok(pb::DisableTotpResponse { ended_session_ids: texts(&ended) })
    }

    /// Takes a person's codes out of force who has lost their device and their recovery codes: the operator's word for it.
    pub(super) async fn clear_codes(&self, caller: &Caller, email: &str) -> Result<(), Error> {
        let state = &self.state;
        let email = Email::parse(email).map_err(|_| Error::NotFound("user"))?;
        let mut tx = state.db.system().await?;
        let login = account::find_login(&mut tx, &state.keys.email_hash(email.as_str())).await?;
        tx.commit().await?;
        let login = login.ok_or(Error::NotFound("user"))?;
        let mut tx = PersonTx::begin(&state.db, caller, login.tenant).await?;
        let (user, _) = tx.find(login.user).await?.ok_or(Error::NotFound("user"))?;
        self.remove_codes(&mut tx, &user).await?;
        sessions::end_others(tx.conn(), user.id, None, state.clock.now()).await?;
        tx.note_service(caller, Entry::new("totp.cleared", format!("user:{}", user.id))).await?;
        tx.commit().await
    }

    async fn propose_secret(&self, caller: &Caller, user: &User) -> Result<pb::TotpSecret, Error> {
        let mut tx = PersonTx::begin(&self.state.db, caller, user.tenant()).await?;
        let secret = Holder::from(user).start(tx.conn(), &self.state.keys).await?;
        tx.commit().await?;
        Ok(encode(&secret, &user.email))
    }

    async fn confirm_secret(
        &self,
        caller: &Caller,
        user: &User,
        code: &str,
        session: Option<Uuid>,
    ) -> Result<(Vec<SecretString>, Vec<Uuid>), Error> {
        let (state, now) = (&self.state, self.state.clock.now());
        let target = Target::anywhere(state.keys.email_hash(&user.email));
        state.codes.admit(&target, now).map_err(too_many("too_many_codes"))?;
        let mut tx = PersonTx::begin(&state.db, caller, user.tenant()).await?;
        // Before anything else: a login that saw no codes begins its session first, and it is ended here.
        tx.hold(user.id).await?;
        let codes = Holder::from(user).confirm(tx.conn(), &state.keys, code, now).await?;
        let ended = sessions::end_others(tx.conn(), user.id, session, now).await?;
        tx.forget_over(user.id, now).await?;
        self.tell(&mut tx, user, Letter::TotpOn).await?;
        tx.note(caller, user.id, Entry::new("totp.enabled", format!("user:{}", user.id))).await?;
        tx.commit().await?;
        state.codes.succeeded(&target);
        Ok((codes, ended))
    }

    async fn remove_codes(&self, tx: &mut PersonTx, user: &User) -> Result<Vec<Uuid>, Error> {
        second_factor::remove(tx.conn(), user.id).await?;
        let ended = match user.standing {
            Standing::Admin => sessions::end_others(tx.conn(), user.id, None, self.state.clock.now()).await?,
            Standing::Member { .. } => Vec::new(),
        };
        self.tell(tx, user, Letter::TotpOff).await?;
        Ok(ended)
    }
}

fn given(password: &str) -> Result<Password, Error> {
    Password::given(password).map_err(|(code, detail)| Error::invalid("password", code, detail))
}

fn encode(secret: &TotpSecret, email: &str) -> pb::TotpSecret {
    let (text, uri) = (secret.show(), secret.uri(email));
    pb::TotpSecret { secret: text.expose_secret().to_owned(), uri: uri.expose_secret().to_owned() }
}

fn shown(codes: &[SecretString]) -> Vec<String> {
    codes.iter().map(|code| code.expose_secret().to_owned()).collect()
}

fn texts(sessions: &[Uuid]) -> Vec<String> {
    sessions.iter().map(Uuid::to_string).collect()
}
