//! What people do about messages that are there: say what became of one of which nobody knows, and have attachments shown again.

use chatdesk_platform::{Caller, Error};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::{RefreshAttachmentsRequest, ResolveMessageRequest};

use super::message::ids_of;
use super::send::load;
use crate::desk::Desk;
use crate::model::{Cause, EventType, MessageStatus, Step};
use crate::reads::Unread;
use crate::store;
use crate::timeline::Timeline;

/// A person says what became of a message of which nobody knows. Whoever looks for it at Meta finds it settled.
pub async fn resolve(desk: &Desk, caller: &Caller, request: &ResolveMessageRequest) -> Result<wire::Message, Error> {
    let (id, message) = ids_of(&request.conversation_id, &request.message_id)?;
    let mut line = Timeline::begin(desk, caller).await?;
    let thread = store::conversations::lock(&mut line.tx, id).await?;
    let thread = thread.ok_or(Error::NotFound("conversation"))?;
    let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
    let message = message.filter(|message| message.conversation_id == id);
    let mut message = message.ok_or(Error::NotFound("message"))?;
    if message.status != MessageStatus::Unknown {
        let detail = "It is known what became of this message.".to_owned();
        return Err(Error::Precondition { code: "not_undecided", detail });
    }
    let (step, failure) =
        if request.was_delivered { (Step::Confirm, None) } else { (Step::Dismiss, Some(Cause::NotDelivered.into())) };
    line.step(&mut message, step, failure, None).await?;
    metrics::counter!("chatdesk_inbox_settled_total", "outcome" => "decided").increment(1);
    // Its card counts what is undecided.
    line.note(EventType::ConversationUpdated, thread.id);
    let answer = load(&mut line, message.id).await?;
    line.commit().await?;
    Ok(answer)
}

/// Asks Meta where a message's attachments are now. What Meta no longer shows stays as it was, and the message readable.
pub async fn refresh(
    desk: &Desk,
    caller: &Caller,
    request: &RefreshAttachmentsRequest,
) -> Result<wire::Message, Error> {
    let (id, message_id) = ids_of(&request.conversation_id, &request.message_id)?;
    let mut tx = desk.db.begin(caller).await?;
    let thread = store::conversations::by_ids(&mut tx, &[id]).await?.pop();
    let thread = thread.ok_or(Error::NotFound("conversation"))?;
    let message = store::messages::by_ids(&mut tx, &[message_id]).await?.pop();
    let message = message.filter(|message| message.conversation_id == id).ok_or(Error::NotFound("message"))?;
    let gate = store::routing::gate(&mut tx, thread.channel_id).await?;
    tx.commit().await?;
    if !gate.tenant_active {
        return Err(super::send::refused(Cause::TenantSuspended));
    }
    if !gate.channel_active {
        return Err(super::send::refused(Cause::ChannelDisconnected));
    }
    let mid = message.mid.filter(|mid| !mid.starts_with("sha256:") && !message.attachments.is_empty());
    let mid = mid.ok_or(Error::NotFound("attachments"))?;
    // Outside of every transaction: Meta may take its time.
    let shown = desk.reads.message(caller.tenant(), thread.channel_id, &mid).await.map_err(|unread| match unread {
        Unread::Refused(code) if code == "not_found" => Error::NotFound("attachments"),
        Unread::Later(rest) | Unread::Crowded(rest) => {
            Error::Exhausted { code: "rate_limited", retry_after: Some(rest) }
        }
        Unread::Refused(_) | Unread::Passing(_) => Error::Unavailable("the attachments"),
    })?;
    let mut line = Timeline::begin(desk, caller).await?;
    store::conversations::lock(&mut line.tx, id).await?.ok_or(Error::NotFound("conversation"))?;
    let message = store::messages::by_ids(&mut line.tx, &[message_id]).await?.pop();
    let mut message = message.ok_or(Error::NotFound("message"))?;
    if !message.show_again(&shown) {
        return Err(Error::NotFound("attachments"));
    }
    store::messages::set_attachments(&mut line.tx, message.id, &message.attachments).await?;
    line.note(EventType::MessageUpdated, message.id);
    let answer = load(&mut line, message.id).await?;
    line.commit().await?;
    Ok(answer)
}
