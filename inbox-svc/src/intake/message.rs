//! What a customer said, or tapped.

use chatdesk_meta::webhook::{InboundMessage, Postback, Section};
use chatdesk_platform::Error;
use chatdesk_platform::db::Handler as _;

use super::{Arrival, Given};
use crate::model::{Attachment, Context, FRESH, ItemOutcome, MessageOrigin, SenderType, platform_time};
use crate::timeline::{Seen, Timeline};
use crate::work::Reply;

/// What the customer did, read.
struct Said<'a> {
    user: &'a str,
    mid: &'a str,
    text: &'a str,
    attachments: Vec<Attachment>,
    context: Option<Context>,
    /// Meta's time in milliseconds.
    time: Option<i64>,
    /// The account wrote to itself.
    by_itself: bool,
    /// Whether there is anything to answer.
    is_question: bool,
}

/// A message. One with nothing in it is none.
pub async fn message(line: &mut Timeline, arrival: Arrival<'_>, message: &InboundMessage) -> Result<Given, Error> {
    let context = Context::from(message).told();
    let attachments: Vec<Attachment> = message.attachments.iter().map(Attachment::from).collect();
    let text = message.text.as_deref().unwrap_or_default();
    if text.is_empty() && attachments.is_empty() && context.is_none() {
        return Ok(Given::ignored("empty_message"));
    }
    let readable = !text.trim().is_empty() || attachments.iter().any(|attachment| attachment.kind != "sticker");
    let said = Said {
        user: &message.sender,
        mid: &message.mid,
        text,
        attachments,
        context,
        time: message.timestamp_ms,
        by_itself: message.self_message,
        is_question: readable && !message.is_unsupported,
    };
    take(line, arrival, said).await
}

/// A tap on a button says what the button says. One without an id of Meta's is known by a digest of itself.
pub async fn postback(line: &mut Timeline, arrival: Arrival<'_>, postback: &Postback) -> Result<Given, Error> {
    let text = postback.title.as_deref().unwrap_or_default();
    let said = Said {
        user: &postback.customer,
        mid: &arrival.item.key,
        text,
        attachments: Vec::new(),
        context: Context::from(postback).told(),
        time: postback.timestamp_ms,
        by_itself: false,
        is_question: !text.trim().is_empty(),
    };
    take(line, arrival, said).await
}

async fn take(line: &mut Timeline, arrival: Arrival<'_>, said: Said<'_>) -> Result<Given, Error> {
    let Arrival { channel, item, ai_on, active } = arrival;
    let at = platform_time(said.time, line.now);
    let Some(mut thread) = line.thread_with(channel, item.platform, said.user, ai_on, Some(at)).await? else {
        return Ok(Given::erased());
    };
    let own_words = item.section != Section::Standby && !said.by_itself;
    let answerable = own_words && said.is_question && line.now - at <= FRESH;
    let seen = Seen {
        mid: said.mid,
        sender: SenderType::Contact,
        text: said.text,
        attachments: &said.attachments,
        answerable,
        at,
        context: said.context.as_ref(),
        origin: MessageOrigin::Live,
        by_person: false,
    };
    let Some(id) = line.add_seen(&mut thread, &seen).await? else {
        return Ok(Given::of(ItemOutcome::Deduplicated, None));
    };
    if !said.by_itself {
        thread.customer_wrote(at);
    }
    if let Some(source) = said.context.and_then(|context| context.referral) {
        thread.came_from(source, at);
    }
    if answerable && active && thread.assistant_answers(line.now) {
        let due = thread.owe_reply(line.now, &line.config().quiet);
        line.schedule(Reply::KIND, thread.id, due).await?;
    }
    line.save(&thread).await?;
    Ok(Given::of(ItemOutcome::Stored, Some(id)))
}
