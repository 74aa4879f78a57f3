//! Failures as HTTP tells them: RFC 9457 problem documents. Refuses to show anything that is not meant for outside.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chatdesk_platform::FieldError;
use serde::Serialize;
use tonic::{Code, Status};
use utoipa::ToSchema;

use crate::layers::RequestId;

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A failure on its way out. It becomes a document when the request's id is known.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<Duration>,
}

/// What went wrong (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody<'a> {
    /// Always `about:blank`: the code says more than a link would.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// Stable, snake_case, for programs.
    code: &'a str,
    /// One sentence for people.
    detail: &'a str,
    /// Names this request in our logs.
    request_id: &'a str,
    /// The fields that were refused, all of them.
    errors: Vec<FieldProblem<'a>>,
}

/// A field that was refused.
#[derive(Serialize, ToSchema)]
pub struct FieldProblem<'a> {
    /// Its name.
    field: &'a str,
    /// Stable, such as `required`, `wrong_type`, `too_long`, `malformed`.
    code: &'a str,
    /// One sentence for people.
    detail: &'a str,
}

impl Problem {
    /// A failure with a status, a stable code and one sentence.
    pub const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self { status, code: Cow::Borrowed(code), detail: Cow::Borrowed(detail), errors: Vec::new(), retry_after: None }
    }

    /// Nobody proved who they are; says nothing more, on purpose.
    pub const fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "log in and send the access token as a bearer token")
    }

    /// There is nothing here, or it is another tenant's.
    pub const fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing here")
    }

    /// A defect of ours; the log has the rest.
    pub const fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
    }

    /// Something we need does not answer.
    pub const fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "not available right now, try again")
            .after(Duration::from_secs(2))
    }

    /// We hold as much as we can.
    pub const fn overloaded() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", "too much at once, try again")
            .after(Duration::from_secs(1))
    }

    /// Fields that cannot be taken.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", "some fields cannot be taken");
        Self { errors, ..problem }
    }

    /// The same, with when to try again.
    #[must_use]
    pub const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same with the fields that another problem names.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.errors.extend(other.errors);
        self
    }

    /// What programs go by.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// For a response that has a status and nothing to say.
    fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method_not_allowed", "this address does not take that method")
            }
            _ if status.is_server_error() => Self { status, ..Self::internal() },
            _ => Self::new(status, "refused", "the request cannot be taken"),
        }
    }

    fn document(&self, request_id: &str) -> Vec<u8> {
        let errors = self.errors.iter().map(|error| FieldProblem {
            field: &error.field,
            code: &error.code,
            detail: &error.detail,
        });
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: &self.code,
            detail: &self.detail,
            request_id,
            errors: errors.collect(),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            // Rounded up: a wait of 0 s would invite a loop.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.code == "unauthenticated" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the document into a response that carries a problem, or that failed without saying anything.
pub fn render(response: Response, id: &RequestId) -> Response {
    let (mut parts, body) = response.into_parts();
    let failed = parts.status.is_client_error() || parts.status.is_server_error();
    let problem = match parts.extensions.get::<Problem>() {
        Some(problem) => problem.clone(),
        None if failed && !parts.headers.contains_key(header::CONTENT_TYPE) => Problem::of_status(parts.status),
        None => return Response::from_parts(parts, body),
    };
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(HeaderName::from_static("transfer-encoding"));
    let document = problem.document(id.as_str());
    parts.extensions.insert(problem);
    Response::from_parts(parts, Body::from(document))
}

impl From<chatdesk_platform::Problem> for Problem {
    fn from(told: chatdesk_platform::Problem) -> Self {
        let status = match told.status {
            Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => StatusCode::CONFLICT,
            Code::Unauthenticated => return Self::unauthenticated(),
            Code::PermissionDenied => StatusCode::FORBIDDEN,
            Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            // Our services never answer with these two; the transport does when it breaks.
            Code::Unavailable | Code::Cancelled | Code::Unknown => return Self::unavailable(),
            Code::Ok | Code::Internal | Code::DataLoss | Code::Unimplemented => return Self::internal(),
        };
        let retry_after =
            told.retry_after.or((status == StatusCode::TOO_MANY_REQUESTS).then_some(Duration::from_secs(1)));
        Self { status, code: told.code.into(), detail: told.detail.into(), errors: told.fields, retry_after }
    }
}

impl From<Status> for Problem {
    fn from(status: Status) -> Self {
        if matches!(status.code(), Code::Unknown | Code::Unimplemented) {
            tracing::error!(code = ?status.code(), "a service could not be asked");
        }
        chatdesk_platform::Problem::from(&status).into()
    }
}

#[cfg(test)]
mod tests {
    use chatdesk_platform::Error;

    use super::*;

    fn seen(error: Error) -> (u16, String, Option<u64>) {
        let problem = Problem::from(Status::from(error));
        (problem.status.as_u16(), problem.code().to_owned(), problem.retry_after.map(|wait| wait.as_secs()))
    }

    #[test]
    fn every_failure_has_its_status() {
        let detail = String::new();
        assert_eq!(seen(Error::NotFound("contact")), (404, "not_found".into(), None));
        assert_eq!(seen(Error::invalid("a", "b", "c")), (422, "invalid_fields".into(), None));
        assert_eq!(
            seen(Error::Conflict { code: "page_taken", detail: detail.clone() }),
            (409, "page_taken".into(), None)
        );
        assert_eq!(seen(Error::Precondition { code: "window_closed", detail }), (409, "window_closed".into(), None));
        assert_eq!(seen(Error::Unauthenticated), (401, "unauthenticated".into(), None));
        assert_eq!(seen(Error::Forbidden), (403, "forbidden".into(), None));
        let exhausted = Error::Exhausted { code: "too_many_logins", retry_after: Some(Duration::from_secs(7)) };
        assert_eq!(seen(exhausted), (429, "too_many_logins".into(), Some(7)));
        assert_eq!(seen(Error::Unavailable("database")), (503, "unavailable".into(), Some(2)));
        assert_eq!(seen(Error::DeadlineExceeded), (504, "timeout".into(), None));
        assert_eq!(seen(Error::internal("x")), (500, "internal".into(), None));
    }

    #[test]
    fn what_broke_inside_is_not_told() {
        let status = Status::new(Code::Unknown, "tcp connect error: 10.1.2.3:5432 refused");
        let document = String::from_utf8(Problem::from(status).document("r")).unwrap();
        assert!(!document.contains("10.1.2.3"), "{document}");
        let status = Status::new(Code::Unavailable, "tcp connect error: 10.1.2.3");
        assert!(!Problem::from(status).detail.contains("10.1.2.3"));
    }

    #[test]
    fn a_wait_is_never_zero() {
        let problem = Problem::unavailable().after(Duration::from_millis(20));
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "1");
    }
}
