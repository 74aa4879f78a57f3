//! One-time codes at login.

use axum::Json;
use axum::http::StatusCode;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::account::hang_up;
use super::auth::not_let_in;
use crate::app::OwnCalls;
use crate::auth::{Session, Throttled};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{RecoveryCodes, TotpSecret, Unreadable, show};

/// The longest code that is looked at.
pub const LONGEST_CODE: usize = 64;

/// One's own password.
#[derive(ToSchema)]
pub struct TotpStart {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

impl FromFields for TotpStart {
    fn read(fields: &mut Fields) -> Self {
        Self { password: fields.secret("password", 1..=10_000) }
    }
}

/// The first code of a new secret.
#[derive(ToSchema)]
pub struct TotpConfirmation {
    /// 6 digits.
    #[schema(value_type = String, example = "123456")]
    code: SecretString,
}

impl FromFields for TotpConfirmation {
    fn read(fields: &mut Fields) -> Self {
        Self { code: fields.secret("code", 1..=LONGEST_CODE) }
    }
}

/// What it takes to do without codes.
#[derive(ToSchema)]
pub struct TotpEnd {
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// A one-time or recovery code.
    #[schema(value_type = String, example = "123456")]
    code: SecretString,
}

impl FromFields for TotpEnd {
    fn read(fields: &mut Fields) -> Self {
        Self { password: fields.secret("password", 1..=10_000), code: fields.secret("code", 1..=LONGEST_CODE) }
    }
}

/// A platform admin who has no codes yet.
#[derive(ToSchema)]
pub struct TotpSetup {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

impl FromFields for TotpSetup {
    fn read(fields: &mut Fields) -> Self {
        Self { email: fields.text("email", 1..=1000), password: fields.secret("password", 1..=10_000) }
    }
}

/// A platform admin with the first code of a new secret.
#[derive(ToSchema)]
pub struct TotpSetupConfirmation {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// 6 digits.
    #[schema(value_type = String, example = "123456")]
    code: SecretString,
}

impl FromFields for TotpSetupConfirmation {
    fn read(fields: &mut Fields) -> Self {
        let TotpSetup { email, password } = TotpSetup::read(fields);
        Self { email, password, code: fields.secret("code", 1..=LONGEST_CODE) }
    }
}

/// Start using one-time codes: a secret for an authenticator app, in force once it is confirmed.
#[utoipa::path(post, path = "/api/auth/totp", operation_id = "start_totp", tag = "auth",
    security(("bearer" = [])), request_body = TotpStart,
    responses((status = 200, body = TotpSecret), (status = 409, description = "Codes are in use: `totp_on`")))]
pub async fn start(session: Session, Input(wish): Input<TotpStart>) -> Result<Json<TotpSecret>, Problem> {
    let request = pb::StartTotpRequest { password: wish.password.expose_secret().to_owned() };
    show(session.calls.accounts()?.start_totp(request).await?)
}

/// Confirm the secret with its first code. From now on logins need one; all other sessions end. The recovery codes are shown this once.
#[utoipa::path(put, path = "/api/auth/totp", operation_id = "confirm_totp", tag = "auth",
    security(("bearer" = [])), request_body = TotpConfirmation,
    responses((status = 200, body = RecoveryCodes), (status = 409, description = "Nothing was started: `totp_not_started`")))]
pub async fn confirm(session: Session, Input(wish): Input<TotpConfirmation>) -> Result<Json<RecoveryCodes>, Problem> {
    let request =
        pb::ConfirmTotpRequest { code: wish.code.expose_secret().to_owned(), session_id: session.id.to_string() };
    let confirmed = session.calls.accounts()?.confirm_totp(request).await?.into_inner();
    hang_up(session.calls.app(), session.calls.identity().tenant(), &confirmed.ended_session_ids);
    Ok(Json(RecoveryCodes::new(confirmed.recovery_codes)))
}

/// Do without one-time codes. A platform admin is logged out and sets them up anew at the next login.
#[utoipa::path(delete, path = "/api/auth/totp", operation_id = "disable_totp", tag = "auth",
    security(("bearer" = [])), request_body = TotpEnd, responses((status = 204, description = "Logins need no code")))]
pub async fn disable(session: Session, Input(wish): Input<TotpEnd>) -> Result<StatusCode, Problem> {
    let request = pb::DisableTotpRequest {
        password: wish.password.expose_secret().to_owned(),
        code: wish.code.expose_secret().to_owned(),
    };
    let ended = session.calls.accounts()?.disable_totp(request).await?.into_inner().ended_session_ids;
    hang_up(session.calls.app(), session.calls.identity().tenant(), &ended);
    Ok(StatusCode::NO_CONTENT)
}

/// Start using one-time codes as a platform admin who has none and so cannot log in.
#[utoipa::path(post, path = "/api/auth/totp/setup", operation_id = "start_totp_setup", tag = "auth",
    request_body = TotpSetup,
    responses((status = 200, body = TotpSecret), (status = 401, description = "The e-mail or the password is wrong"),
        (status = 409, description = "Codes are in use: `totp_on`")))]
pub async fn start_setup(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    Input(wish): Input<TotpSetup>,
) -> Result<Json<TotpSecret>, Problem> {
    let request = pb::SetUpTotpRequest {
        email: wish.email,
        password: wish.password.expose_secret().to_owned(),
        code: String::new(),
    };
    let made = calls.accounts()?.set_up_totp(request).await.map_err(refused)?.into_inner();
    Ok(Json(TotpSecret::try_from(made.secret.ok_or(Unreadable("secret"))?)?))
}

/// Confirm a platform admin's secret with its first code; then log in with the next one.
#[utoipa::path(put, path = "/api/auth/totp/setup", operation_id = "confirm_totp_setup", tag = "auth",
    request_body = TotpSetupConfirmation,
    responses((status = 200, body = RecoveryCodes), (status = 401, description = "The e-mail or the password is wrong"),
        (status = 409, description = "Codes are in use, or nothing was started")))]
pub async fn confirm_setup(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    Input(wish): Input<TotpSetupConfirmation>,
) -> Result<Json<RecoveryCodes>, Problem> {
    let request = pb::SetUpTotpRequest {
        email: wish.email,
        password: wish.password.expose_secret().to_owned(),
        code: wish.code.expose_secret().to_owned(),
    };
    let made = calls.accounts()?.set_up_totp(request).await.map_err(refused)?.into_inner();
    Ok(Json(RecoveryCodes::new(made.recovery_codes)))
}

fn refused(status: tonic::Status) -> Problem {
    match status.code() {
        tonic::Code::Unauthenticated => not_let_in("The e-mail or the password is wrong."),
        _ => status.into(),
    }
}
