//! The one vocabulary of failures. Inside it says what went wrong; on the wire it is a `tonic::Status` with
//! google.rpc details, and nothing internal leaves the process.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of our error codes in google.rpc.ErrorInfo.
const DOMAIN: &str = "chatdesk";

/// A field that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as the caller knows it.
    pub field: String,
    /// Stable, such as `required`, `too_long`, `malformed`.
    pub code: String,
    /// One sentence for a person.
    pub detail: String,
}

/// Collects what is wrong with a request, so that all of it is said at once.
#[derive(Debug, Default)]
pub struct Invalid(Vec<FieldError>);

impl Invalid {
    /// Notes a field.
    pub fn add(&mut self, field: &str, code: &str, detail: impl Into<String>) {
        self.0.push(FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into() });
    }

    /// Notes a failure and gives none, or gives the value.
    pub fn check<T>(&mut self, field: &str, parsed: Result<T, (&'static str, String)>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err((code, detail)) => {
                self.add(field, code, detail);
                None
            }
        }
    }

    /// An error naming every noted field, unless there are none.
    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// The value when nothing was noted; the error otherwise. For `check`ed fields joined with `zip`-like tuples.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Error> {
        self.finish()?;
        value.ok_or_else(|| Error::internal("a field was refused without a reason"))
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or it is another tenant's.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// The request cannot be taken.
    #[error("the request has invalid fields: {0:?}")]
    Invalid(Vec<FieldError>),
    /// It collides with what is there.
    #[error("{code}: {detail}")]
    Conflict {
        /// Stable.
        code: &'static str,
        /// One sentence for a person.
        detail: String,
    },
    /// The state of things does not allow it now.
    #[error("{code}: {detail}")]
    Precondition {
        /// Stable.
        code: &'static str,
        /// One sentence for a person.
        detail: String,
    },
    /// Nobody proved who they are. Says nothing more, on purpose.
    #[error("not authenticated")]
    Unauthenticated,
    /// Known, but not allowed.
    #[error("not allowed")]
    Forbidden,
    /// A platform admin inside a business tried more than to look.
    #[error("a visit only looks")]
    ReadOnly,
    /// Too much for now.
    #[error("{code}: too much for now")]
    Exhausted {
        /// Stable.
        code: &'static str,
        /// When it may be tried again.
        retry_after: Option<Duration>,
    },
    /// Something we need does not answer; it may be tried again.
    #[error("{0} is not available")]
    Unavailable(&'static str),
    /// It took too long.
    #[error("took too long")]
    DeadlineExceeded,
    /// A defect or an unforeseen failure. The source is for our log only.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Wraps a failure that nobody outside should see.
    pub fn internal(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(why.into())
    }

    /// One invalid field.
    #[must_use]
    pub fn invalid(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into() }])
    }

    /// What an operator is told: as much as the log says, which holds no customer's words.
    #[must_use]
    pub fn for_operators(&self) -> String {
        match self {
            Self::Internal(source) => format!("{self}: {source}").chars().take(300).collect(),
            other => other.to_string(),
        }
    }

    /// Whether trying again later may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::DeadlineExceeded | Self::Exhausted { .. })
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let mut details = ErrorDetails::new();
        let mut info = |code: &str, fields: HashMap<String, String>| {
            details.set_error_info(code, DOMAIN, fields);
        };
        let (code, message) = match &error {
            Error::NotFound(noun) => {
                info("not_found", HashMap::new());
                (Code::NotFound, format!("{noun} not found"))
            }
            Error::Invalid(fields) => {
                // BadRequest has no place for a code, so the codes travel in the info, numbered like the violations.
                let codes = (0..).zip(fields).map(|(at, field): (u32, _)| (at.to_string(), field.code.clone()));
                info("invalid_fields", codes.collect());
                for field in fields {
                    details.add_bad_request_violation(&field.field, &field.detail);
                }
                (Code::InvalidArgument, "some fields cannot be taken".to_owned())
            }
            Error::Conflict { code, detail } => {
                info(code, HashMap::new());
                (Code::AlreadyExists, detail.clone())
            }
            Error::Precondition { code, detail } => {
                info(code, HashMap::new());
                (Code::FailedPrecondition, detail.clone())
            }
            Error::Unauthenticated => (Code::Unauthenticated, "not authenticated".to_owned()),
            Error::Forbidden => (Code::PermissionDenied, "not allowed".to_owned()),
            Error::ReadOnly => {
                info("read_only", HashMap::new());
                (Code::PermissionDenied, "a visit only looks, and not at everything".to_owned())
            }
            Error::Exhausted { code, retry_after } => {
                info(code, HashMap::new());
                if retry_after.is_some() {
                    details.set_retry_info(*retry_after);
                }
                (Code::ResourceExhausted, "too much for now, try again later".to_owned())
            }
            Error::Unavailable(what) => {
                tracing::warn!(what, "not available");
                (Code::Unavailable, "not available right now, try again".to_owned())
            }
            Error::DeadlineExceeded => (Code::DeadlineExceeded, "took too long".to_owned()),
            Error::Internal(source) => {
                tracing::error!(error = source.as_ref() as &dyn std::error::Error, "internal error");
                (Code::Internal, "internal error".to_owned())
            }
        };
        Self::with_error_details(code, message, details)
    }
}

/// A failure as another service told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The gRPC code.
    pub status: Code,
    /// Stable, snake_case.
    pub code: String,
    /// One sentence for a person.
    pub detail: String,
    /// The invalid fields.
    pub fields: Vec<FieldError>,
    /// When it may be tried again.
    pub retry_after: Option<Duration>,
}

impl From<&Status> for Problem {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let codes = info.map(|info| &info.metadata);
        let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let fields = (0..).zip(fields).map(|(at, violation): (u32, _)| FieldError {
            field: violation.field.clone(),
            code: codes.and_then(|codes| codes.get(&at.to_string())).cloned().unwrap_or_else(|| "invalid".to_owned()),
            detail: violation.description.clone(),
        });
        Self {
            status: status.code(),
            code: info.map_or_else(|| code_of(status.code()).to_owned(), |info| info.reason.clone()),
            detail: status.message().to_owned(),
            fields: fields.collect(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

const fn code_of(code: Code) -> &'static str {
    match code {
        Code::NotFound => "not_found",
        Code::InvalidArgument | Code::OutOfRange => "invalid_fields",
        Code::AlreadyExists | Code::Aborted => "conflict",
        Code::FailedPrecondition => "precondition_failed",
        Code::Unauthenticated => "unauthenticated",
        Code::PermissionDenied => "forbidden",
        Code::ResourceExhausted => "too_many_requests",
        Code::Unavailable | Code::Cancelled => "unavailable",
        Code::DeadlineExceeded => "timeout",
        Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => "internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_survive_the_wire() {
        let mut invalid = Invalid::default();
        invalid.add("email", "malformed", "is not an e-mail");
        invalid.add("password", "too_short", "needs 8 characters");
        let status = Status::from(invalid.finish().unwrap_err());
        let problem = Problem::from(&status);
        assert_eq!(problem.code, "invalid_fields");
        let seen: Vec<_> = problem.fields.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
        assert_eq!(seen, [("email", "malformed"), ("password", "too_short")]);
    }

    #[test]
    fn an_internal_error_says_nothing_outside() {
        let status = Status::from(Error::internal("password=hunter2"));
        let problem = Problem::from(&status);
        assert_eq!((problem.status, problem.code.as_str()), (Code::Internal, "internal"));
        assert!(!format!("{status:?}").contains("hunter2"));
    }

    #[test]
    fn codes_and_waits_survive_the_wire() {
        let status = Status::from(Error::Conflict { code: "page_taken", detail: "in use".into() });
        assert_eq!(Problem::from(&status).code, "page_taken");
        let wait = Some(Duration::from_secs(7));
        let status = Status::from(Error::Exhausted { code: "too_many_logins", retry_after: wait });
        assert_eq!(Problem::from(&status).retry_after, wait);
    }
}
