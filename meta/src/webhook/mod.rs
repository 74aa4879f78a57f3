//! Webhook bodies, from raw bytes to items. Owns Meta's envelope (`entry`, and in it `messaging`, `standby` and
//! `changes`) and what kind an item is; refuses nothing: whatever the bytes, it answers, and a bad entry or item never
//! costs its neighbours.
//!
//! Only [`Kind::Message`] and [`Kind::Echo`] are read to their ends so far; all other kinds are told apart, to be
//! stored and counted.
//! Sources: Messenger Platform "Webhooks" and its webhook event pages; Instagram Messaging "Webhooks"; Graph API
//! "Webhooks".

mod lenient;
mod message;

pub use message::{Attachment, Coordinates, Echo, InboundMessage, LONGEST_MID, Story};

use crate::Platform;
use aws_lc_rs::digest;
use lenient::{Object, list};

/// Items taken from one body. Meta documents at most 1000 updates in a batch; a body with more than this is no batch of
/// Meta's.
pub const MOST_ITEMS: usize = 10_000;

/// What one body holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// In the order of the body.
    pub items: Vec<Item>,
    /// Why the body, or a part above the entries, could not be read: `empty`, `not_json`, `not_an_object`,
    /// `unknown_object`, `no_entry` or `too_many_items`. Items found beside it are still there.
    pub unparsed: Option<&'static str>,
}

/// One leaf of a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What the body's `object` says; the endpoint's platform when it says nothing.
    pub platform: Platform,
    /// The page or Instagram account: with the platform, the channel. Empty when the entry names none; then the item is
    /// malformed.
    pub page_id: String,
    /// Its place among the items of the body, from 0.
    pub index: usize,
    /// It came in `standby`: another app owns the conversation, so it is stored and not answered.
    pub standby: bool,
    /// What it is.
    pub kind: Kind,
    /// The same for a repetition of the same item and different for any other of its channel: the mid of a message or
    /// echo, else `sha256:` and the hex digest of the item.
    pub key: String,
    /// The item as compact JSON, strings repaired: valid UTF-8, neither `\u0000` nor lone surrogates. It may still be
    /// deeper, or hold larger numbers, than a `jsonb` column takes: store it as text.
    pub raw: String,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A customer's message.
    Message(Box<InboundMessage>),
    /// A message of the business's.
    Echo(Box<Echo>),
    /// A customer took a message back.
    Deleted,
    /// A message's text was changed.
    Edit,
    /// A reaction was set or taken away.
    Reaction,
    /// A button was tapped.
    Postback,
    /// Messages were read.
    Read,
    /// Messages were delivered.
    Delivery,
    /// The customer came through a link or an advertisement.
    Referral,
    /// The customer agreed to notifications.
    Optin,
    /// A conversation passed between apps.
    Handover,
    /// The page's roles of apps changed.
    AppRoles,
    /// The page was warned, blocked or unblocked.
    PolicyEnforcement,
    /// A change outside conversations (comments, mentions, the feed). The text is the full [`Kind::name`].
    Change(&'static str),
    /// The dashboard's "Test" button: its entry has the id 0.
    Test,
    /// An item of a kind we do not know.
    Unknown,
    /// Not to be understood, and why, as a fixed word.
    Malformed(&'static str),
}

impl Kind {
    /// A fixed name for journal and counters.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Echo(_) => "echo",
            Self::Deleted => "message_deleted",
            Self::Edit => "message_edit",
            Self::Reaction => "reaction",
            Self::Postback => "postback",
            Self::Read => "read",
            Self::Delivery => "delivery",
            Self::Referral => "referral",
            Self::Optin => "optin",
            Self::Handover => "handover",
            Self::AppRoles => "app_roles",
            Self::PolicyEnforcement => "policy_enforcement",
            Self::Change(name) => name,
            Self::Test => "test",
            Self::Unknown => "unknown",
            Self::Malformed(_) => "malformed",
        }
    }

    /// The reason of a malformed item.
    #[must_use]
    pub const fn malformed(&self) -> Option<&'static str> {
        match self {
            Self::Malformed(reason) => Some(reason),
            _ => None,
        }
    }
}

/// What an item takes from its entry.
struct Entry {
    platform: Platform,
    id: String,
    time_ms: Option<i64>,
}

/// Reads a body that came to this platform's endpoint. The body's own `object` wins: one address may serve both
/// platforms.
#[must_use]
pub fn parse(endpoint: Platform, body: &[u8]) -> Parsed {
    let json = lenient::repair(body);
    let json = json.trim();
    let mut parsed = Parsed::default();
    if json.is_empty() {
        parsed.unparsed = Some("empty");
    } else if let Some(envelopes) = list(json) {
        if envelopes.is_empty() {
            parsed.unparsed = Some("no_entry");
        }
        // Instagram's examples wrap all in an outer array.
        for envelope in envelopes {
            parsed.envelope(endpoint, envelope);
        }
    } else if serde_json::from_str::<&serde_json::value::RawValue>(json).is_err() {
        parsed.unparsed = Some("not_json");
    } else {
        parsed.envelope(endpoint, json);
    }
    parsed
}

impl Parsed {
    fn envelope(&mut self, endpoint: Platform, json: &str) {
        let Some(envelope) = Object::of(json) else { return self.fail("not_an_object") };
        let platform = match envelope.get("object") {
            None => endpoint,
            Some(_) => match envelope.text("object").as_deref().and_then(Platform::of_object) {
                Some(platform) => platform,
                None => return self.fail("unknown_object"),
            },
        };
        let Some(entries) = envelope.get("entry").and_then(list) else { return self.fail("no_entry") };
        for entry in entries {
            self.entry(platform, entry);
        }
    }

    fn entry(&mut self, platform: Platform, json: &str) {
        let Some(object) = Object::of(json) else {
            let nowhere = Entry { platform, id: String::new(), time_ms: None };
            return self.push(&nowhere, json, false, Kind::Malformed("entry_not_an_object"));
        };
        let entry = Entry { platform, id: object.id("id").unwrap_or_default(), time_ms: object.millis("time") };
        for key in ["messaging", "standby", "changes"] {
            let Some(raw) = object.get(key) else { continue };
            let standby = key == "standby";
            let Some(items) = list(raw) else {
                self.push(&entry, raw, standby, Kind::Malformed("items_not_an_array"));
                continue;
            };
            for item in items {
                let kind = match Object::of(item) {
                    None => Kind::Malformed("item_not_an_object"),
                    Some(_) if entry.id.is_empty() => Kind::Malformed("no_page"),
                    Some(_) if entry.id == "0" => Kind::Test,
                    Some(item) if key == "changes" => change(&item),
                    Some(item) => conversation(&entry, &item),
                };
                self.push(&entry, item, standby, kind);
            }
        }
        // Instagram's business login shows a change's field and value directly in the entry.
        if object.has("field") {
            let kind = match entry.id.as_str() {
                "" => Kind::Malformed("no_page"),
                "0" => Kind::Test,
                _ => change(&object),
            };
            self.push(&entry, json, false, kind);
        }
    }

    fn push(&mut self, entry: &Entry, json: &str, standby: bool, kind: Kind) {
        if self.items.len() >= MOST_ITEMS {
            return self.fail("too_many_items");
        }
        let raw = lenient::compact(json);
        let key = match &kind {
            Kind::Message(message) => message.mid.clone(),
            Kind::Echo(echo) => echo.mid.clone(),
            _ => format!("sha256:{}", hex::encode(digest::digest(&digest::SHA256, raw.as_bytes()))),
        };
        let Entry { platform, id, .. } = entry;
        let index = self.items.len();
        self.items.push(Item { platform: *platform, page_id: id.clone(), index, standby, kind, key, raw });
    }

    /// Keeps the first reason.
    fn fail(&mut self, reason: &'static str) {
        self.unparsed.get_or_insert(reason);
    }
}

/// The kind of an item of `messaging` or `standby`, by the first of these keys that it has.
fn conversation(entry: &Entry, item: &Object<'_>) -> Kind {
    const KEYS: [(&str, Kind); 13] = [
        ("message_edit", Kind::Edit),
        ("reaction", Kind::Reaction),
        ("postback", Kind::Postback),
        ("read", Kind::Read),
        ("delivery", Kind::Delivery),
        ("referral", Kind::Referral),
        ("optin", Kind::Optin),
        ("pass_thread_control", Kind::Handover),
        ("take_thread_control", Kind::Handover),
        ("request_thread_control", Kind::Handover),
        ("app_roles", Kind::AppRoles),
        ("policy_enforcement", Kind::PolicyEnforcement),
        // The spelling of older payloads.
        ("policy-enforcement", Kind::PolicyEnforcement),
    ];
    if let Some(message) = item.get("message") {
        return message::read(entry, item, message);
    }
    if let Some((_, kind)) = KEYS.iter().find(|(key, _)| item.get(key).is_some()) {
        return kind.clone();
    }
    if item.has("message") { Kind::Malformed("message_null") } else { Kind::Unknown }
}

fn change(item: &Object<'_>) -> Kind {
    let Some(field) = item.text("field") else { return Kind::Malformed("no_field") };
    Kind::Change(match field.as_str() {
        "feed" => "changes.feed",
        "comments" => "changes.comments",
        "live_comments" => "changes.live_comments",
        "mentions" => "changes.mentions",
        "messages" => "changes.messages",
        _ => "changes.other",
    })
}
