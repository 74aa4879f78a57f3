//! What people send: checked, queued, and queued again.

use aws_lc_rs::digest;
use chatdesk_meta::split_text;
use chatdesk_platform::db::Handler as _;
use chatdesk_platform::{Caller, Error, Invalid};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::{RetryMessageRequest, SendMessageRequest};
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::{AttachmentKind, GetAttachmentRequest};
use tonic::Code;
use uuid::Uuid;

use super::id_of;
use super::message::ids_of;
use crate::desk::Desk;
use crate::encode;
use crate::model::{Attachment, Author, Card, Cause, MessageStatus, Rich, SenderType, Step, Tag, Thread};
use crate::store;
use crate::timeline::{Timeline, Written};
use crate::work::Send;

/// The longest idempotency key, in characters.
const LONGEST_KEY: usize = 200;
/// The longest text, in characters.
const LONGEST_TEXT: usize = 10_000;
/// Meta's limits (Messenger Platform, "Generic template" and "Quick replies").
const MOST_CARDS: usize = 10;
const LONGEST_OF_CARD: usize = 80;
const MOST_QUICK_REPLIES: usize = 13;
const LONGEST_QUICK_REPLY: usize = 20;
/// The longest address, in characters.
const LONGEST_ADDRESS: usize = 2000;

/// A file that can be sent.
struct Upload {
    id: Uuid,
    channel: Uuid,
    shown: Attachment,
}

/// What a message says.
enum Body {
    Text { whole: String, parts: Vec<String>, quick_replies: Vec<String> },
    Upload(Upload),
    Cards(Vec<Card>),
}

impl Body {
    /// What tells it from any other in a conversation. No text holds NUL.
    fn print(&self, conversation: Uuid) -> String {
        match self {
            Self::Text { whole, quick_replies, .. } if quick_replies.is_empty() => format!("{conversation}\n{whole}"),
            Self::Text { whole, quick_replies, .. } => {
                format!("{conversation}\n{whole}\0q{}", quick_replies.join("\0"))
            }
            Self::Upload(upload) => format!("{conversation}\n\0{}", upload.id),
            Self::Cards(cards) => {
                let of = |card: &Card| [card.title.as_str(), &card.subtitle, &card.image_url].join("\0");
                format!("{conversation}\n\0c{}", cards.iter().map(of).collect::<Vec<_>>().join("\0"))
            }
        }
    }
}

/// Queues a person's message.
pub async fn send(desk: &Desk, caller: &Caller, request: &SendMessageRequest) -> Result<wire::Message, Error> {
    let id = id_of(&request.conversation_id, "conversation")?;
    // Asked outside of the transaction; what is wrong with it is told after it is known whose conversation it is.
    let upload = match request.attachment_id.as_str() {
        "" => None,
        upload => Some(upload_of(desk, caller, upload).await?),
    };
    let mut line = Timeline::begin(desk, caller).await?;
    let thread = store::conversations::lock(&mut line.tx, id).await?;
    let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
    let body = check(request, &thread, upload)?;
    let key = request.idempotency_key.as_str();
    let print = digest::digest(&digest::SHA256, body.print(id).as_bytes());
    if !key.is_empty()
        && let Some((known, message)) = store::idempotency::find(&mut line.tx, key).await?
    {
        if known != print.as_ref() {
            return Err(reused());
        }
        return load(&mut line, message).await;
    }
    may_write(&mut line, &thread).await?;
    let author = caller.user().map(|user| user.0);
    let mut written = Written { parts: &[], upload: None, rich: None, author, key };
    match &body {
        Body::Text { parts, quick_replies, .. } => {
            written.parts = parts;
            if !quick_replies.is_empty() {
                written.rich = Some(Rich { cards: Vec::new(), quick_replies: quick_replies.clone() });
            }
        }
        Body::Upload(upload) => written.upload = Some((upload.id, upload.shown.clone())),
        Body::Cards(cards) => written.rich = Some(Rich { cards: cards.clone(), quick_replies: Vec::new() }),
    }
    let message = line.queue_persons(&mut thread, &written).await?;
    line.save(&thread).await?;
    let now = line.now;
    // The same key in another conversation at the same moment: only one of them was first.
    if !key.is_empty() && !store::idempotency::keep(&mut line.tx, key, print.as_ref(), message, now).await? {
        return Err(reused());
    }
    let answer = load(&mut line, message).await?;
    line.commit().await?;
    Ok(answer)
}

/// An upload of the tenant, as tenants-svc knows it.
async fn upload_of(desk: &Desk, caller: &Caller, id: &str) -> Result<Option<Upload>, Error> {
    let deadline = desk.config.ask_deadline;
    let asked = async {
        let client = desk.tenants.own_client(caller.tenant(), deadline)?;
        ChannelServiceClient::new(client).get_attachment(GetAttachmentRequest { id: id.to_owned() }).await
    };
    match tokio::time::timeout(deadline, asked).await {
        Ok(Ok(found)) => {
            let found = found.into_inner();
            let kind = match found.kind() {
                AttachmentKind::Image => "image",
                AttachmentKind::Audio => "audio",
                AttachmentKind::Video => "video",
                AttachmentKind::File | AttachmentKind::Unspecified => "file",
            };
            let ids = found.id.parse().ok().zip(found.channel_id.parse().ok());
            let shown = Attachment { kind: kind.to_owned(), url: String::new(), title: found.name };
            Ok(ids.map(|(id, channel)| Upload { id, channel, shown }))
        }
        Ok(Err(status)) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
        failed => {
            let code = failed.map(|answer| answer.map_err(|status| status.code()).err());
            tracing::warn!(?code, "cannot look an upload up");
            Err(Error::Unavailable("the uploads"))
        }
    }
}

/// Queues a person's message again that failed.
pub async fn retry(desk: &Desk, caller: &Caller, request: &RetryMessageRequest) -> Result<wire::Message, Error> {
    let (id, message) = ids_of(&request.conversation_id, &request.message_id)?;
    let mut line = Timeline::begin(desk, caller).await?;
    let thread = store::conversations::lock(&mut line.tx, id).await?;
    let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
    let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
    let message = message.filter(|message| message.conversation_id == id);
    let mut message = message.ok_or(Error::NotFound("message"))?;
    if message.sender != SenderType::Business || message.status != MessageStatus::Failed {
        let detail = "Only a person's message that failed can be sent again.".to_owned();
        return Err(Error::Precondition { code: "not_failed", detail });
    }
    may_write(&mut line, &thread).await?;
    let now = line.now;
    line.step(&mut message, Step::Retry, None, None).await?;
    store::messages::set_waiting(&mut line.tx, message.id, now).await?;
    thread.person_retried(desk.config.ai_pause, now);
    thread.added(message.id, now);
    if thread.reply_due_at.is_none() {
        line.unschedule_reply(id).await?;
    }
    line.save(&thread).await?;
    line.schedule(Send::KIND, id, now).await?;
    let answer = load(&mut line, message.id).await?;
    line.commit().await?;
    Ok(answer)
}

/// Whether a person may write here now; the cause when not. What must be connected anew, or is held back, goes out after that.
async fn may_write(line: &mut Timeline, thread: &Thread) -> Result<(), Error> {
    let gate = store::routing::gate(&mut line.tx, thread.channel_id).await?;
    if !gate.tenant_active {
        return Err(refused(Cause::TenantSuspended));
    }
    if !gate.channel_active {
        return Err(refused(Cause::ChannelDisconnected));
    }
    if Tag::allowed(Author::Person, thread.last_opening_at, line.now).is_none() {
        return Err(refused(Cause::WindowClosed));
    }
    Ok(())
}

/// A message as callers are shown it.
pub(super) async fn load(line: &mut Timeline, message: Uuid) -> Result<wire::Message, Error> {
    let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
    message.as_ref().map(encode::message).ok_or(Error::NotFound("message"))
}

/// What to send. `upload` is none without an attachment, and holds none when there is no such upload.
fn check(request: &SendMessageRequest, thread: &Thread, upload: Option<Option<Upload>>) -> Result<Body, Error> {
    let mut invalid = Invalid::default();
    fits(&mut invalid, "idempotency_key", &request.idempotency_key, 0, LONGEST_KEY);
    fits(&mut invalid, "text", &request.text, 0, LONGEST_TEXT);
    // A text, an upload or cards, and answers to tap with a text only.
    let alone = if upload.is_some() { Some("attachment_id") } else { (!request.cards.is_empty()).then_some("cards") };
    if let Some(alone) = alone {
        if !request.text.is_empty() {
            invalid.add(alone, "exclusive", "goes without a text");
        }
        if !request.quick_replies.is_empty() {
            invalid.add(alone, "exclusive", "goes without quick replies");
        }
        if upload.is_some() && !request.cards.is_empty() {
            invalid.add(alone, "exclusive", "goes without cards");
        }
    }
    if let Some(upload) = upload {
        let upload = upload.filter(|upload| upload.channel == thread.channel_id);
        if upload.is_none() {
            invalid.add("attachment_id", "unknown", "is no upload of this conversation's channel");
        }
        return invalid.into_result(upload.map(Body::Upload));
    }
    if !request.cards.is_empty() {
        let cards = cards(&mut invalid, request);
        return invalid.into_result(Some(Body::Cards(cards)));
    }
    let quick_replies = quick_replies(&mut invalid, &request.quick_replies);
    let parts = split_text(thread.platform, &request.text);
    if parts.is_empty() {
        invalid.add("text", "required", "must not be empty");
    }
    invalid.into_result(Some(Body::Text { whole: request.text.clone(), parts, quick_replies }))
}

fn cards(invalid: &mut Invalid, request: &SendMessageRequest) -> Vec<Card> {
    if request.cards.len() > MOST_CARDS {
        invalid.add("cards", "out_of_range", "takes at most 10 cards");
        return Vec::new();
    }
    let card = |(at, card): (usize, &chatdesk_proto::tenants::v1::Card)| {
        fits(invalid, &format!("cards[{at}].title"), &card.title, 1, LONGEST_OF_CARD);
        fits(invalid, &format!("cards[{at}].subtitle"), &card.subtitle, 0, LONGEST_OF_CARD);
        let name = format!("cards[{at}].image_url");
        fits(invalid, &name, &card.image_url, 0, LONGEST_ADDRESS);
        if !card.image_url.is_empty() && !card.image_url.starts_with("https://") {
            invalid.add(&name, "malformed", "must begin with https://");
        }
        let (title, subtitle) = (card.title.clone(), card.subtitle.clone());
        Card { title, subtitle, image_url: card.image_url.clone() }
    };
    request.cards.iter().enumerate().map(card).collect()
}

fn quick_replies(invalid: &mut Invalid, titles: &[String]) -> Vec<String> {
    if titles.len() > MOST_QUICK_REPLIES {
        invalid.add("quick_replies", "out_of_range", "takes at most 13 answers");
        return Vec::new();
    }
    let title = |(at, title): (usize, &String)| {
        let title = title.trim();
        fits(invalid, &format!("quick_replies[{at}]"), title, 1, LONGEST_QUICK_REPLY);
        title.to_owned()
    };
    titles.iter().enumerate().map(title).collect()
}

/// Notes a text that is not of so many characters, or that Postgres takes no part of.
fn fits(invalid: &mut Invalid, field: &str, text: &str, least: usize, most: usize) {
    if text.contains('\0') {
        invalid.add(field, "malformed", "must not contain the character U+0000");
    } else if text.trim().chars().count() < least {
        invalid.add(field, "required", "must not be empty");
    } else if text.chars().count() > most {
        invalid.add(field, "too_long", format!("has more than {most} characters"));
    }
}

/// Why nothing can be sent.
pub(super) fn refused(cause: Cause) -> Error {
    Error::Precondition { code: cause.as_str(), detail: cause.detail().to_owned() }
}

fn reused() -> Error {
    let detail = "This idempotency key was used for another message.".to_owned();
    Error::Conflict { code: "idempotency_key_reused", detail }
}
