//! Passwords that were forgotten.

use axum::http::StatusCode;
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use utoipa::ToSchema;

use super::account::hang_up;
use super::invitations::LONGEST_TOKEN;
use super::team::language;
use crate::app::OwnCalls;
use crate::auth::Throttled;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;

/// Whose password.
#[derive(ToSchema)]
pub struct ForgottenPassword {
    email: String,
    /// The mail's: `vi` or `en`; Vietnamese when absent.
    #[schema(value_type = Option<String>, example = "vi")]
    language: pb::MailLanguage,
}

impl FromFields for ForgottenPassword {
    fn read(fields: &mut Fields) -> Self {
        Self { email: fields.email("email"), language: language(fields) }
    }
}

/// A new password.
#[derive(ToSchema)]
pub struct PasswordReset {
    /// As it stood in the link, after the `#`.
    #[schema(value_type = String)]
    token: SecretString,
    /// 8 to 256 characters; 12 at least for platform admins.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
}

impl FromFields for PasswordReset {
    fn read(fields: &mut Fields) -> Self {
        Self { token: fields.secret("token", 1..=LONGEST_TOKEN), password: fields.secret("password", 8..=256) }
    }
}

/// Mail a link that sets a new password, good for 30 minutes and once. The answer is the same for every address.
#[utoipa::path(post, path = "/api/auth/password-reset", operation_id = "request_password_reset", tag = "auth",
    request_body = ForgottenPassword, responses((status = 202, description = "If the address is somebody's, a mail is on its way")))]
pub async fn request(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    Input(wish): Input<ForgottenPassword>,
) -> Result<StatusCode, Problem> {
    let request = pb::RequestPasswordResetRequest { email: wish.email, language: wish.language.into() };
    calls.accounts()?.request_password_reset(request).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a new password. All sessions end; log in with it, and with a code where one is used.
#[utoipa::path(post, path = "/api/auth/password-reset/confirm", operation_id = "reset_password", tag = "auth",
    request_body = PasswordReset,
    responses((status = 204, description = "Set"), (status = 409, description = "The link is over: `link_invalid`")))]
pub async fn confirm(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    Input(wish): Input<PasswordReset>,
) -> Result<StatusCode, Problem> {
    let request = pb::ResetPasswordRequest {
        token: wish.token.expose_secret().to_owned(),
        password: wish.password.expose_secret().to_owned(),
    };
    let reset = calls.accounts()?.reset_password(request).await?.into_inner();
    hang_up(calls.app(), reset.tenant_id.parse().ok(), &reset.ended_session_ids);
    Ok(StatusCode::NO_CONTENT)
}
