//! The one call that hands a message to Meta, through tenants-svc, and what its outcome says. Only what certainly came before the
//! dispatch may be tried again; every other silence is *unknown*.

use std::error::Error as _;
use std::time::Duration;

use chatdesk_platform::{Error, Problem, TenantId};
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::send_text_response::Outcome as Sent;
use chatdesk_proto::tenants::v1::{QuickReply, SendAttachmentRequest, SendCardsRequest, SendTag, SendTextRequest};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::desk::Desk;
use crate::encode;
use crate::model::{Cause, Failure, Message, Tag};

/// The guard's code when there is no room for a call.
const OVERLOADED: &str = "overloaded";
/// Refusals that are about the channel and not the message: it goes out once the channel may send again.
const HOLDING: [&str; 3] = ["needs_reconnect", "permission", "restricted"];

/// What is handed over.
pub enum Outgoing {
    /// Words.
    Text(SendTextRequest),
    /// An upload.
    Attachment(SendAttachmentRequest),
    /// Product cards.
    Cards(SendCardsRequest),
}

impl Outgoing {
    /// A message of a channel to its customer, under a rule. Its id comes back in the echo.
    pub fn of(message: &Message, channel: Uuid, recipient_id: String, tag: Tag) -> Self {
        let (channel_id, metadata) = (channel.to_string(), message.id.to_string());
        let tag = match tag {
            Tag::Response => SendTag::Response,
            Tag::HumanAgent => SendTag::HumanAgent,
        }
        .into();
        let rich = message.rich.clone().unwrap_or_default();
        if let Some(upload) = message.attachment_id {
            let attachment_id = upload.to_string();
            return Self::Attachment(SendAttachmentRequest { channel_id, recipient_id, attachment_id, metadata, tag });
        }
        if !rich.cards.is_empty() {
            let cards = rich.cards.iter().map(encode::card).collect();
            return Self::Cards(SendCardsRequest { channel_id, recipient_id, cards, metadata, tag });
        }
        // What is tapped comes back as the customer's words; the payload says that it was tapped.
        let reply = |title: String| QuickReply { payload: title.clone(), title };
        let quick_replies = rich.quick_replies.into_iter().map(reply).collect();
        let text = message.content.clone();
        Self::Text(SendTextRequest { channel_id, recipient_id, text, metadata, tag, quick_replies })
    }
}

/// What became of a send.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// Meta took it; its id.
    Sent(String),
    /// Refused for good.
    Refused(Failure),
    /// Certainly not out: the channel must be connected anew, or Meta holds it back.
    Held,
    /// Certainly not out: Meta asks to wait so long.
    Later(Duration),
    /// Certainly not out: our own services could not take it. Worth another attempt after that, however often.
    Away(Duration),
    /// Out or not.
    Unknown,
}

/// Hands a message over. Takes as long as it takes: what was handed over cannot be taken back, and its outcome not be guessed.
pub async fn send(desk: &Desk, tenant: Option<TenantId>, request: Outgoing) -> Outcome {
    let client = match desk.tenants.own_client(tenant, desk.config.send_deadline) {
        Ok(client) => client,
        // No token could be made, so nothing was called.
        Err(_) => return Outcome::Away(Duration::from_secs(5)),
    };
    let mut client = ChannelServiceClient::new(client);
    let asked = async {
        match request {
            Outgoing::Text(request) => client.send_text(request).await,
            Outgoing::Attachment(request) => client.send_attachment(request).await,
            Outgoing::Cards(request) => client.send_cards(request).await,
        }
    };
    match tokio::time::timeout(desk.config.send_deadline + Duration::from_secs(5), asked).await {
        Err(_elapsed) => Outcome::Unknown,
        Ok(Ok(answer)) => match answer.into_inner().outcome {
            Some(Sent::Sent(sent)) if !sent.mid.is_empty() => Outcome::Sent(sent.mid),
            Some(Sent::Refused(refused)) if HOLDING.contains(&refused.code.as_str()) => Outcome::Held,
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
        return Outcome::Away(Duration::from_secs(2));
    }
    let refused = |code: &str| {
        let detail = Cause::NotSent.detail().to_owned();
        Outcome::Refused(Failure { code: code.to_owned(), detail })
    };
    match status.code() {
        _ if is_guards(status, Error::Unauthenticated) || is_guards(status, Error::Forbidden) => {
            Outcome::Away(Duration::from_secs(10))
        }
        Code::ResourceExhausted if Problem::from(status).code == OVERLOADED => {
            Outcome::Away(Problem::from(status).retry_after.unwrap_or(Duration::from_secs(2)))
        }
        Code::NotFound => refused(Cause::ChannelDisconnected.as_str()),
        Code::InvalidArgument | Code::Unimplemented => refused(Cause::NotSent.as_str()),
        Code::FailedPrecondition if HOLDING.contains(&Problem::from(status).code.as_str()) => Outcome::Held,
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
            assert!(matches!(outcome_of(&error.into()), Outcome::Away(_)), "{said}");
        }
        let detail = String::new();
        let held = Error::Precondition { code: "needs_reconnect", detail };
        assert_eq!(outcome_of(&held.into()), Outcome::Held);
        for code in [Code::NotFound, Code::InvalidArgument, Code::FailedPrecondition] {
            assert!(matches!(outcome_of(&Status::new(code, "")), Outcome::Refused(_)), "{code:?}");
        }
    }
}
