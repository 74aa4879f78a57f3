//! The `message` of a webhook item: a customer's message, an echo of one of the business's, or an unsend. Owns its
//! fields and the merging of attachments that Meta sends twice; refuses a message without the ids that make it one.
//! Sources: Messenger Platform "messages" and "message_echoes" webhook events; Instagram Messaging "Webhooks".

use super::{
    Entry, Kind, Referral, Unsend,
    event::{advertised, parties},
    lenient::{Object, list},
};
use crate::Platform;
use url::Url;

/// The longest message id taken, in characters. Meta's are opaque and at most about 200 long (judgement).
pub const LONGEST_MID: usize = 512;
/// The longest attachment kind or title kept, in characters (judgement).
pub(crate) const LONGEST_TITLE: usize = 500;
/// Characters of a text that are kept; the journal has the whole for a while. Ten times what a Messenger text may have (Send API: 2,000).
const LONGEST_TEXT: usize = 20_000;
/// Attachments of a message (judgement; Messenger's own apps send at most 30 pictures at once).
const MOST_ATTACHMENTS: usize = 30;
/// Longer addresses than browsers take are none (judgement; those of Meta's media have less than 1,000 characters).
const LONGEST_LINK: usize = 4000;

/// A message a customer wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// Meta's message id: opaque, case-sensitive, at most [`LONGEST_MID`] characters.
    pub mid: String,
    /// The customer's id, scoped to the page (PSID) or account (IGSID).
    pub sender: String,
    /// Milliseconds since 1970: the item's time, else its entry's; none when neither has a readable one.
    pub timestamp_ms: Option<i64>,
    /// The text; never empty, without U+0000.
    pub text: Option<String>,
    /// In the order sent, doubles merged.
    pub attachments: Vec<Attachment>,
    /// The payload of the quick reply that was tapped; its title is the text.
    pub quick_reply_payload: Option<String>,
    /// The message this one answers.
    pub reply_to_mid: Option<String>,
    /// The story this one answers (Instagram).
    pub reply_to_story: Option<Story>,
    /// Meta cannot show it through the API: there is no content.
    pub is_unsupported: bool,
    /// The catalogue product the customer wrote from.
    pub referral_product: Option<String>,
    /// The link or advertisement the customer wrote from.
    pub referral: Option<Referral>,
    /// The account wrote to itself: never a customer's question.
    pub self_message: bool,
}

/// A message that went out from the business: through us, another app or Meta's own inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Echo {
    /// Meta's message id, the one that the send call answers.
    pub mid: String,
    /// The customer's id.
    pub recipient: String,
    /// As in [`InboundMessage::timestamp_ms`].
    pub timestamp_ms: Option<i64>,
    /// The text; never empty, without U+0000.
    pub text: Option<String>,
    /// In the order sent, doubles merged.
    pub attachments: Vec<Attachment>,
    /// The app that sent it; Instagram names none.
    pub app_id: Option<String>,
    /// What that app gave along with the message.
    pub metadata: Option<String>,
    /// Meta cannot show it through the API.
    pub is_unsupported: bool,
    /// The account wrote to itself.
    pub self_message: bool,
}

/// A story of the business's that a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Meta's id.
    pub id: Option<String>,
    /// Its picture, while the story lives.
    pub url: Option<String>,
}

/// One attachment. Nothing here was fetched, and a `fallback` or `share` link must not be: it is the customer's.
#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    /// Meta's type in lower case (`image`, `audio`, `video`, `file`, `sticker`, `fallback`, `location`, `ig_post`,
    /// `story_mention`, …), also one we never heard of; `unknown` when it has none.
    pub kind: String,
    /// An absolute http or https URL; a path is one of the platform's own site.
    pub url: Option<String>,
    /// As Meta gave it, cut to 500 characters.
    pub title: Option<String>,
    /// Of a `location`.
    pub coordinates: Option<Coordinates>,
}

/// A place on the earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// Latitude, −90 to 90.
    pub lat: f64,
    /// Longitude, −180 to 180.
    pub long: f64,
}

/// Reads the raw `message` of an item.
pub(super) fn read(entry: &Entry, item: &Object<'_>, raw: &str) -> Kind {
    let Some(message) = Object::of(raw) else { return Kind::Malformed("message_not_an_object") };
    let Some(mid) = message.text("mid").filter(|mid| !mid.is_empty()) else { return Kind::Malformed("no_mid") };
    if mid.chars().count() > LONGEST_MID {
        return Kind::Malformed("mid_too_long");
    }
    let parties = parties(entry, item);
    let timestamp_ms = item.millis("timestamp").or(entry.time_ms);
    if message.flag("is_deleted") {
        return Kind::Unsend(Unsend { mid, customer: parties.customer(), timestamp_ms });
    }
    let self_message = parties.self_message;
    // The business's own messages are echoes even where the flag is missing: taken for a customer's they would be
    // answered.
    let by_business = parties.by_business && !self_message;
    let text = message.text("text").filter(|text| !text.is_empty()).map(cut);
    let attachments = attachments(entry.platform, &message);
    let is_unsupported = message.flag("is_unsupported");
    if message.flag("is_echo") || by_business {
        let Some(recipient) = parties.recipient else { return Kind::Malformed("no_recipient") };
        let app_id = message.id("app_id");
        let metadata = message.text("metadata");
        return Kind::Echo(Box::new(Echo {
            mid,
            recipient,
            timestamp_ms,
            text,
            attachments,
            app_id,
            metadata,
            is_unsupported,
            self_message,
        }));
    }
    let Some(sender) = parties.sender else { return Kind::Malformed("no_sender") };
    let reply_to = message.object("reply_to");
    let referral = message.object("referral");
    let story = reply_to.as_ref().and_then(|reply_to| reply_to.object("story"));
    Kind::Message(Box::new(InboundMessage {
        mid,
        sender,
        timestamp_ms,
        text,
        attachments,
        quick_reply_payload: message.object("quick_reply").and_then(|reply| reply.text("payload")),
        reply_to_mid: reply_to.and_then(|reply_to| reply_to.text("mid")),
        reply_to_story: story.map(|story| Story {
            id: story.id("id"),
            url: story.text("url").and_then(|url| web_link(entry.platform, &url)),
        }),
        is_unsupported,
        referral_product: referral
            .as_ref()
            .and_then(|referral| referral.object("product"))
            .and_then(|product| product.id("id")),
        referral: referral.as_ref().and_then(advertised),
        self_message,
    }))
}

fn attachments(platform: Platform, message: &Object<'_>) -> Vec<Attachment> {
    let mut found: Vec<(Attachment, Option<String>)> = Vec::new();
    for raw in message.get("attachments").and_then(list).unwrap_or_default() {
        let Some((attachment, id)) = Object::of(raw).map(|object| attachment(platform, &object)) else { continue };
        let has_room = found.len() < MOST_ATTACHMENTS;
        let double = found.iter_mut().find(|(other, other_id)| {
            let same =
                if id.is_some() { id == *other_id } else { attachment.url.is_some() && attachment.url == other.url };
            same && (broader(&attachment.kind) == Some(&other.kind) || broader(&other.kind) == Some(&attachment.kind))
        });
        match double {
            Some((other, _)) if broader(&attachment.kind) == Some(&other.kind) => *other = attachment,
            Some(_) => {}
            None if has_room => found.push((attachment, id)),
            None => {}
        }
    }
    found.into_iter().map(|(attachment, _)| attachment).collect()
}

/// The kind under which Meta sends the same thing a second time, for older receivers: a sticker also as an image (June
/// to August 2026), an Instagram post also as a share (from November 2025).
fn broader(kind: &str) -> Option<&'static str> {
    match kind {
        "sticker" => Some("image"),
        "ig_post" => Some("share"),
        _ => None,
    }
}

/// An attachment and the id of what it shows.
fn attachment(platform: Platform, object: &Object<'_>) -> (Attachment, Option<String>) {
    let payload = object.object("payload");
    let of_payload = |key: &str| payload.as_ref().and_then(|payload| payload.text(key));
    let kind = object.text("type").filter(|kind| !kind.is_empty()).unwrap_or_else(|| "unknown".to_owned());
    let coordinates = payload.as_ref().and_then(|payload| payload.object("coordinates")).and_then(|place| {
        let (lat, long) = (place.number("lat")?, place.number("long")?);
        (lat.abs() <= 90.0 && long.abs() <= 180.0).then_some(Coordinates { lat, long })
    });
    let id = payload.as_ref().and_then(|payload| payload.id("sticker_id").or_else(|| payload.id("ig_post_media_id")));
    // Older fallback attachments have title and URL beside the type.
    let url = of_payload("url").or_else(|| object.text("url")).or_else(|| object.text("URL"));
    let url = url.and_then(|url| web_link(platform, &url));
    let title = of_payload("title").or_else(|| object.text("title")).filter(|title| !title.is_empty());
    let attachment = Attachment {
        kind: kind.to_lowercase().chars().take(LONGEST_TITLE).collect(),
        url,
        title: title.map(|title| title.chars().take(LONGEST_TITLE).collect()),
        coordinates,
    };
    (attachment, id)
}

/// As much of a text as is kept.
pub(crate) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
    }
    text
}

/// A link a browser may be given: no `javascript:`. Reels were seen to come as a path alone, which is then one of the
/// platform's own site (judgement; the shape from public receivers' fixtures).
pub(crate) fn web_link(platform: Platform, link: &str) -> Option<String> {
    let home = match platform {
        Platform::Facebook => "https://www.facebook.com",
        Platform::Instagram => "https://www.instagram.com",
    };
    if link.len() > LONGEST_LINK {
        return None;
    }
    let path = link.starts_with('/') && !link.starts_with("//") && !link.starts_with("/\\");
    let whole = if path { format!("{home}{link}") } else { link.to_owned() };
    let url = Url::parse(&whole).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(whole)
}
