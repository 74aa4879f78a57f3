//! Registration, login, refresh, logout.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatdesk_proto::tenants::v1 as pb;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::Code;
use utoipa::ToSchema;

use super::account::hang_up;
use super::totp::LONGEST_CODE;
use crate::app::{App, OwnCalls};
use crate::auth::{Csrf, LIFE, RefreshCookie, Session, Throttled, UserAgent, session_identity};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::view::{SessionView, Unreadable, User, moment, show};

/// A new business and its owner.
#[derive(ToSchema)]
pub struct Register {
    email: String,
    /// 8 to 256 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    business_name: String,
    business_description: Option<String>,
    phone: Option<String>,
}

impl FromFields for Register {
    fn read(fields: &mut Fields) -> Self {
        Self {
            email: fields.email("email"),
            password: fields.secret("password", 8..=256),
            business_name: fields.name("business_name", 1..=200),
            business_description: fields.text_opt("business_description", 0..=4000),
            phone: fields.text_opt("phone", 0..=32),
        }
    }
}

/// Who wants in.
#[derive(ToSchema)]
pub struct Login {
    email: String,
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// A one-time or recovery code, where the answer without one was `totp_required`.
    code: Option<String>,
}

impl FromFields for Login {
    fn read(fields: &mut Fields) -> Self {
        // What is no e-mail address or too long a password is a wrong login like any other.
        Self {
            email: fields.text("email", 1..=1000),
            password: fields.secret("password", 1..=10_000),
            code: fields.text_opt("code", 1..=LONGEST_CODE),
        }
    }
}

/// Make a business with its owner and start a session.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "register", tag = "auth", request_body = Register,
    responses((status = 201, body = SessionView), (status = 409, description = "The e-mail is in use")))]
pub async fn register(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    UserAgent(user_agent): UserAgent,
    Input(wish): Input<Register>,
) -> Result<Response, Problem> {
    let request = pb::RegisterRequest {
        email: wish.email,
        password: wish.password.expose_secret().to_owned(),
        business_name: wish.business_name,
        business_description: wish.business_description.unwrap_or_default(),
        phone: wish.phone.unwrap_or_default(),
        user_agent,
    };
    let session = calls.accounts()?.register(request).await?.into_inner();
    started(calls.app(), StatusCode::CREATED, session)
}

/// Start a session. Where the user has one-time codes, 401 `totp_required` asks for one; 403 `totp_setup_required` sends a platform admin
/// to set them up first.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "login", tag = "auth", request_body = Login,
    responses((status = 200, body = SessionView), (status = 401, description = "The e-mail or the password is wrong, or a code is needed"),
        (status = 403, description = "A platform admin needs one-time codes first")))]
pub async fn login(
    _: Throttled,
    OwnCalls(calls): OwnCalls,
    UserAgent(user_agent): UserAgent,
    Input(wish): Input<Login>,
) -> Result<Response, Problem> {
    let password = wish.password.expose_secret().to_owned();
    let request = pb::LoginRequest { email: wish.email, password, user_agent, code: wish.code.unwrap_or_default() };
    let session = calls.accounts()?.login(request).await.map_err(|status| {
        if status.code() == Code::Unauthenticated {
            return not_let_in("The e-mail or the password is wrong.");
        }
        let problem = Problem::from(status);
        match problem.code() {
            "totp_required" => Problem::new(StatusCode::UNAUTHORIZED, "totp_required", "Enter a code of your device."),
            "totp_setup_required" => {
                let detail = "A platform admin logs in with one-time codes; set them up first.";
                Problem::new(StatusCode::FORBIDDEN, "totp_setup_required", detail)
            }
            _ => problem,
        }
    })?;
    started(calls.app(), StatusCode::OK, session.into_inner())
}

/// Renew the session of the refresh cookie. Needs the header `X-CD-CSRF: 1`.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh", tag = "auth",
    params(("X-CD-CSRF" = String, Header, description = "Always 1")),
    responses((status = 200, body = SessionView), (status = 401, description = "There is no session to renew"),
        (status = 403, description = "The request did not come from our own page")))]
pub async fn refresh(
    _: Csrf,
    OwnCalls(calls): OwnCalls,
    UserAgent(user_agent): UserAgent,
    RefreshCookie(token): RefreshCookie,
) -> Result<Response, Problem> {
    let ended = || not_let_in("The session has ended; log in again.");
    let token = token.ok_or_else(ended)?;
    calls.app().throttle.admit_token(&token)?;
    let request = pb::RefreshRequest { refresh_token: token.expose_secret().to_owned(), user_agent };
    match calls.accounts()?.refresh(request).await {
        Ok(session) => started(calls.app(), StatusCode::OK, session.into_inner()),
        Err(status) if status.code() == Code::Unauthenticated => {
            Ok(with_cookie(ended().into_response(), RefreshCookie::forget(calls.app())))
        }
        Err(status) => Err(status.into()),
    }
}

/// End the session of the refresh cookie. Needs the header `X-CD-CSRF: 1`.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "auth",
    params(("X-CD-CSRF" = String, Header, description = "Always 1")),
    responses((status = 204, description = "The session is over, if there was one"),
        (status = 403, description = "The request did not come from our own page")))]
pub async fn logout(
    _: Csrf,
    OwnCalls(calls): OwnCalls,
    RefreshCookie(token): RefreshCookie,
) -> Result<Response, Problem> {
    if let Some(token) = token {
        let request = pb::LogoutRequest { refresh_token: token.expose_secret().to_owned() };
        let ended = calls.accounts()?.logout(request).await?.into_inner();
        hang_up(calls.app(), ended.tenant_id.parse().ok(), &[ended.ended_session_id]);
    }
    Ok(with_cookie(StatusCode::NO_CONTENT.into_response(), RefreshCookie::forget(calls.app())))
}

/// The user who is logged in.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "get_me", tag = "auth", security(("bearer" = [])),
    responses((status = 200, body = User)))]
pub async fn me(session: Session) -> Result<Json<User>, Problem> {
    show(session.calls.accounts()?.get_profile(pb::GetProfileRequest {}).await?)
}

/// For people who hold no access token yet or no longer, so that a hint at one would mislead.
pub const fn not_let_in(detail: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
}

/// The answer that starts a session in a browser.
pub fn started(app: &App, status: StatusCode, session: pb::Session) -> Result<Response, Problem> {
    let holder = session_identity(&session).ok_or(Unreadable("session"))?;
    let access_token = app.tokens.issue(&holder).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot sign an access token");
        Problem::internal()
    })?;
    let expires = moment(session.refresh_expires_at).ok_or(Unreadable("session"))?;
    let cookie = RefreshCookie::keep(app, &session.refresh_token.into(), expires).ok_or(Unreadable("session"))?;
    let user = User::try_from(session.user.unwrap_or_default())?;
    let body = Json(SessionView { access_token, expires_in: LIFE, user });
    Ok(with_cookie((status, body).into_response(), Some(cookie)))
}

/// The response with a cookie to set, if there is one.
pub fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
