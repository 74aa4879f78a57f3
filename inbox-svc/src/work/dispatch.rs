//! The one call that hands a message to Meta, through tenants-svc, and what its outcome says. Only what certainly came before the
//! dispatch may be tried again; every other silence is *unknown*.

use std::error::Error as _;
use std::time::Duration;

use chatdesk_platform::{Error, Problem, TenantId};
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::send_text_response::Outcome as Sent;
use chatdesk_proto::tenants::v1::{SendAttachmentRequest, SendTextRequest};
use tonic::{Code, Status};

use crate::desk::Desk;
use crate::model::{Cause, Failure};

/// The guard's code when there is no room for a call.
const OVERLOADED: &str = "overloaded";

/// What is handed over.
pub enum Outgoing {
    /// Words.
    Text(SendTextRequest),
    /// An upload.
    Attachment(SendAttachmentRequest),
}

/// What became of a send.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Meta took it; its id.
    Sent(String),
    /// Refused for good.
    Refused(Failure),
    /// Certainly not out; worth another attempt after that.
    Later(Duration),
    /// Out or not.
    Unknown,
}

/// Hands a message over. Takes as long as it takes: what was handed over cannot be taken back, and its outcome not be guessed.
pub async fn send(desk: &Desk, tenant: Option<TenantId>, request: Outgoing) -> Outcome {
    let client = match desk.tenants.own_client(tenant, desk.config.send_deadline) {
        Ok(client) => client,
        // No token could be made, so nothing was called.
        Err(_) => return Outcome::Later(Duration::from_secs(5)),
    };
    let mut client = ChannelServiceClient::new(client);
    let asked = async {
        match request {
            Outgoing::Text(request) => client.send_text(request).await,
            Outgoing::Attachment(request) => client.send_attachment(request).await,
        }
    };
    match tokio::time::timeout(desk.config.send_deadline + Duration::from_secs(5), asked).await {
        Err(_elapsed) => Outcome::Unknown,
        Ok(Ok(answer)) => match answer.into_inner().outcome {
            Some(Sent::Sent(sent)) if !sent.mid.is_empty() => Outcome::Sent(sent.mid),
            Some(Sent::Refused(refused)) => Outcome::Refused(Failure { code: refused.code, detail: refused.detail }),
            Some(Sent::TryLater(later)) => {
                Outcome::Later(later.after.and_then(|after| after.try_into().ok()).unwrap_or(Duration::from_secs(5)))
            }
            Some(Sent::Sent(_) | Sent::Unknown(_)) | None => Outcome::Unknown,
        },
        Ok(Err(status)) => outcome_of(&status),
    }
}

/// What an error of the call says about the message. Only what certainly came before the dispatch is no *unknown*.
fn outcome_of(status: &Status) -> Outcome {
    if was_not_connected(status) {
        return Outcome::Later(Duration::from_secs(2));
    }
    let refused = |code: &str| {
        let detail = Cause::NotSent.detail().to_owned();
        Outcome::Refused(Failure { code: code.to_owned(), detail })
    };
    match status.code() {
        _ if is_guards(status, Error::Unauthenticated) || is_guards(status, Error::Forbidden) => {
            Outcome::Later(Duration::from_secs(10))
        }
        Code::ResourceExhausted if Problem::from(status).code == OVERLOADED => {
            Outcome::Later(Problem::from(status).retry_after.unwrap_or(Duration::from_secs(2)))
        }
        Code::NotFound => refused(Cause::ChannelDisconnected.as_str()),
        Code::InvalidArgument | Code::Unimplemented => refused(Cause::NotSent.as_str()),
        Code::FailedPrecondition => refused(&Problem::from(status).code),
        _ => Outcome::Unknown,
    }
}

/// Whether the called service's guard said this, before its method ran. A broken connection brings the same codes, but not our details:
/// tonic reads ENHANCE_YOUR_CALM as RESOURCE_EXHAUSTED and INADEQUATE_SECURITY as PERMISSION_DENIED, after the request may be in.
fn is_guards(status: &Status, error: Error) -> bool {
    let ours = Status::from(error);
    status.code() == ours.code() && !status.details().is_empty() && status.details() == ours.details()
}

/// Whether there was never a connection to send anything over.
fn was_not_connected(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_certainly_came_before_the_dispatch_is_tried_again() {
        for code in [
            Code::Unavailable,
            Code::DeadlineExceeded,
            Code::Cancelled,
            Code::Unknown,
            Code::Internal,
            // As a connection that broke brings them, and not as the guard does.
            Code::Unauthenticated,
            Code::PermissionDenied,
            Code::ResourceExhausted,
        ] {
            assert_eq!(outcome_of(&Status::new(code, "")), Outcome::Unknown, "{code:?}");
        }
        let elsewhere = Error::Exhausted { code: "too_many_requests", retry_after: None };
        assert_eq!(outcome_of(&elsewhere.into()), Outcome::Unknown);
        let guards =
            [Error::Unauthenticated, Error::Forbidden, Error::Exhausted { code: OVERLOADED, retry_after: None }];
        for error in guards {
            let said = error.to_string();
            assert!(matches!(outcome_of(&error.into()), Outcome::Later(_)), "{said}");
        }
        for code in [Code::NotFound, Code::InvalidArgument, Code::FailedPrecondition] {
            assert!(matches!(outcome_of(&Status::new(code, "")), Outcome::Refused(_)), "{code:?}");
        }
    }
}
