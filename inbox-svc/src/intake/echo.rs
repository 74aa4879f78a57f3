//! What went out from the business. An echo of ours completes our message. Any other is a person answering elsewhere, or another app,
//! and the assistant steps back.

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::Echo;
use chatdesk_platform::Error;
use uuid::Uuid;

use super::{Arrival, Given, METAS_INBOXES, is_ours};
use crate::model::{
    Attachment, Context, EventType, ItemOutcome, Message, MessageOrigin, SenderType, Step, Thread, platform_time,
};
use crate::store;
use crate::timeline::{Seen, Timeline};

/// An echo.
pub async fn echo(line: &mut Timeline, arrival: Arrival<'_>, echo: &Echo) -> Result<Given, Error> {
    let Arrival { channel, item, ai_on, .. } = arrival;
    let text = echo.text.as_deref().unwrap_or_default();
    let attachments: Vec<Attachment> = echo.attachments.iter().map(Attachment::from).collect();
    let is_empty = text.is_empty() && attachments.is_empty() && !echo.is_unsupported;
    let mut thread = if is_empty {
        // Cards may be echoed as nothing, but nothing begins no conversation.
        match store::conversations::lock_with(&mut line.tx, channel, &echo.recipient).await? {
            Some(thread) => thread,
            None => return Ok(Given::ignored("empty_message")),
        }
    } else {
        match line.thread_with(channel, item.platform, &echo.recipient, ai_on, None).await? {
            Some(thread) => thread,
            None => return Ok(Given::erased()),
        }
    };
    let known = store::messages::by_mid(&mut line.tx, channel, &echo.mid).await?;
    let ours = ours(line, &thread, echo, item.platform, known.is_some(), (text, &attachments)).await?;
    if let Some(mut message) = ours {
        if message.mid.is_none() {
            line.own(&mut thread, &message, &echo.mid).await?;
        }
        line.step(&mut message, Step::Prove, None, None).await?;
        fill_in(line, &mut message, &attachments).await?;
        return Ok(Given::of(ItemOutcome::Deduplicated, Some(message.id)));
    }
    if let Some(mut known) = known {
        fill_in(line, &mut known, &attachments).await?;
        return Ok(Given::of(ItemOutcome::Deduplicated, Some(known.id)));
    }
    if is_empty {
        return Ok(Given::ignored("empty_message"));
    }
    let app = echo.app_id.as_deref();
    let by_our_app = app.is_some_and(|app| is_ours(line, app));
    let context = Context {
        is_unsupported: echo.is_unsupported,
        is_other_app: app.is_some_and(|app| !by_our_app && !METAS_INBOXES.contains(&app)),
        ..Context::default()
    };
    let context = context.told();
    let seen = Seen {
        mid: &echo.mid,
        sender: SenderType::Business,
        text,
        attachments: &attachments,
        answerable: false,
        at: platform_time(echo.timestamp_ms, line.now),
        context: context.as_ref(),
        origin: MessageOrigin::Live,
        // What our own app sent is ours, even when nothing tells which of ours it is.
        by_person: !by_our_app,
    };
    let Some(id) = line.add_seen(&mut thread, &seen).await? else {
        return Ok(Given::of(ItemOutcome::Deduplicated, None));
    };
    if thread.reply_due_at.is_none() {
        line.unschedule_reply(thread.id).await?;
    }
    line.save(&thread).await?;
    Ok(Given::of(ItemOutcome::Stored, Some(id)))
}

/// The message of ours that an echo is of, by what it carries; when its mid is not known either, by what it says.
async fn ours(
    line: &mut Timeline,
    thread: &Thread,
    echo: &Echo,
    platform: Platform,
    is_known: bool,
    (text, attachments): (&str, &[Attachment]),
) -> Result<Option<Message>, Error> {
    let named = match echo.metadata.as_deref().and_then(|metadata| metadata.parse::<Uuid>().ok()) {
        Some(id) => store::messages::by_ids(&mut line.tx, &[id]).await?.pop(),
        None => None,
    };
    let named = named.filter(|message| message.conversation_id == thread.id && message.sender != SenderType::Contact);
    // Instagram was never seen to bring metadata back. Our text, on its way to this customer at this moment, is ours.
    let may_lack_metadata =
        platform == Platform::Instagram || echo.app_id.as_deref().is_some_and(|app| is_ours(line, app));
    if named.is_some() || is_known || echo.metadata.is_some() || !may_lack_metadata {
        return Ok(named);
    }
    let sent_at = platform_time(echo.timestamp_ms, line.now);
    let mut ours = store::messages::in_flight(&mut line.tx, thread.id, text, sent_at).await?;
    ours.retain(|ours| ours.is_shown_as(attachments));
    // The same words twice are both ours, and the first is likelier. Of two files nothing tells which it is.
    Ok(if text.is_empty() && ours.len() > 1 { None } else { ours.into_iter().next() })
}

/// The echo of a file that we sent shows where Meta serves it.
async fn fill_in(line: &mut Timeline, message: &mut Message, shown: &[Attachment]) -> Result<(), Error> {
    if message.attachment_id.is_some() && message.fill_in(shown) {
        store::messages::set_attachments(&mut line.tx, message.id, &message.attachments).await?;
        line.note(EventType::MessageUpdated, message.id);
    }
    Ok(())
}
