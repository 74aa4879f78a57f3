//! What changes a message: an edit, an unsend, a reaction. One that comes before its message waits for it.

use chatdesk_meta::webhook;
use chatdesk_platform::Error;
use uuid::Uuid;

use super::Given;
use crate::model::{EventType, ItemOutcome, Message, Reaction, Thread, platform_time};
use crate::store;
use crate::timeline::Timeline;

/// Another text.
pub async fn edit(line: &mut Timeline, channel: Uuid, edit: &webhook::Edit) -> Result<Given, Error> {
    let Some((thread, mut message)) = find(line, channel, &edit.mid, edit.customer.as_deref()).await? else {
        return Ok(Given::parked(edit.mid.clone()));
    };
    let before = message.content.clone();
    let number = i32::try_from(edit.number).unwrap_or(i32::MAX);
    if message.edit(edit.text.as_deref(), number, platform_time(edit.timestamp_ms, line.now)) {
        keep(line, &thread, &message, &before).await?;
    }
    Ok(Given::of(ItemOutcome::Status, Some(message.id)))
}

/// Taken back.
pub async fn unsend(line: &mut Timeline, channel: Uuid, unsend: &webhook::Unsend) -> Result<Given, Error> {
    let Some((thread, mut message)) = find(line, channel, &unsend.mid, unsend.customer.as_deref()).await? else {
        return Ok(Given::parked(unsend.mid.clone()));
    };
    let before = message.content.clone();
    if message.unsend(platform_time(unsend.timestamp_ms, line.now)) {
        keep(line, &thread, &message, &before).await?;
    }
    Ok(Given::of(ItemOutcome::Status, Some(message.id)))
}

/// A reaction of either side. A customer's opens Meta's window (Messenger Platform, "message_reactions").
pub async fn reaction(line: &mut Timeline, channel: Uuid, reaction: &webhook::Reaction) -> Result<Given, Error> {
    let found = find(line, channel, &reaction.mid, Some(&reaction.customer)).await?;
    let Some((mut thread, mut message)) = found else {
        return Ok(Given::parked(reaction.mid.clone()));
    };
    let at = platform_time(reaction.timestamp_ms, line.now);
    let new = Reaction { is_from_contact: !reaction.by_business, reaction: reaction.reaction.clone(), at };
    if message.react(new) {
        let before = message.content.clone();
        keep(line, &thread, &message, &before).await?;
    }
    if !reaction.by_business && reaction.reaction.is_some() && thread.last_opening_at < Some(at) {
        thread.opened(at);
        line.save(&thread).await?;
    }
    Ok(Given::of(ItemOutcome::Status, Some(message.id)))
}

/// A message by Meta's id, with its conversation locked. The customer's is locked first, so that whoever stores the message at this moment
/// is waited for. Where no customer is named it is the only conversation that the transaction locks ([`super::is_nameless`]).
async fn find(
    line: &mut Timeline,
    channel: Uuid,
    mid: &str,
    customer: Option<&str>,
) -> Result<Option<(Thread, Message)>, Error> {
    let thread = match customer {
        Some(user) => store::conversations::lock_or_reserve(&mut line.tx, channel, user).await?,
        None => None,
    };
    let Some(message) = store::messages::by_mid(&mut line.tx, channel, mid).await? else { return Ok(None) };
    if let Some(thread) = thread
        && thread.id == message.conversation_id
    {
        return Ok(Some((thread, message)));
    }
    let thread = store::conversations::lock(&mut line.tx, message.conversation_id).await?;
    let message = store::messages::by_mid(&mut line.tx, channel, mid).await?;
    Ok(thread.zip(message))
}

/// Keeps what changed, and tells of it. The conversation is found by what the message says now.
async fn keep(line: &mut Timeline, thread: &Thread, message: &Message, before: &str) -> Result<(), Error> {
    store::messages::revise(&mut line.tx, message).await?;
    if message.content != before {
        line.unindex(thread, message.id, before).await?;
        store::unanswered::forget_message(&mut line.tx, thread.id, message.id).await?;
        store::replays::forget_message(&mut line.tx, thread.id, message.id).await?;
        line.index(thread.id, Some(message.id), &message.content, message.platform_at);
    }
    line.note(EventType::MessageUpdated, message.id);
    if thread.last_message_id == Some(message.id) {
        line.note(EventType::ConversationUpdated, thread.id);
    }
    Ok(())
}
