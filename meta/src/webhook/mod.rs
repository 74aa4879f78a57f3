//! Webhook bodies, from raw bytes to items. Owns Meta's envelope (`entry`, and in it `messaging`, `standby` and
//! `changes`) and what kind an item is; refuses nothing: whatever the bytes, it answers, and a bad entry or item never
//! costs its neighbours.
//!
//! Conversations are read to their ends; changes outside them (comments, the feed), opt-ins and app roles are only told
//! apart, to be stored and counted. [`envelope`] makes a body of one item again, so that it can be parsed anew.
//! Sources: Messenger Platform "Webhooks" and its webhook event pages; Instagram Messaging "Webhooks"; Graph API
//! "Webhooks".

mod envelope;
mod event;
mod lenient;
mod message;

pub use envelope::envelope;
pub use event::{
    Edit, Handover, HandoverChange, Policy, PolicyAction, Postback, Reaction, Receipt, Referral, Referred, Unsend,
};
pub use message::{Attachment, Coordinates, Echo, InboundMessage, LONGEST_MID, Story};

use crate::Platform;
use aws_lc_rs::digest;
pub(crate) use lenient::iso_millis;
use lenient::{Object, list};
pub(crate) use message::{LONGEST_TITLE, cut, web_link};
use std::str::FromStr;

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
    /// Where in its entry it came.
    pub section: Section,
    /// The time of its entry in milliseconds since 1970, for an item that has none of its own.
    pub entry_ms: Option<i64>,
    /// What it is.
    pub kind: Kind,
    /// The same for a repetition of the same item and different for any other of its channel: the mid of a message,
    /// echo or postback, else `sha256:` and the hex digest of the item.
    pub key: String,
    /// The item as compact JSON, strings repaired: valid UTF-8, neither `\u0000` nor lone surrogates. It may still be
    /// deeper, or hold larger numbers, than a `jsonb` column takes: store it as text.
    pub raw: String,
}

/// The list of an entry that an item came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    /// Events of conversations that are ours or nobody's.
    Messaging,
    /// Another app owns the conversation: stored and never answered.
    Standby,
    /// Changes by field.
    Changes,
}

impl Section {
    /// The key in the entry: `messaging`, `standby` or `changes`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messaging => "messaging",
            Self::Standby => "standby",
            Self::Changes => "changes",
        }
    }
}

impl FromStr for Section {
    type Err = UnknownSection;

    fn from_str(name: &str) -> Result<Self, UnknownSection> {
        SECTIONS.into_iter().find(|section| section.as_str() == name).ok_or(UnknownSection)
    }
}

/// A section we do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be messaging, standby or changes")]
pub struct UnknownSection;

const SECTIONS: [Section; 3] = [Section::Messaging, Section::Standby, Section::Changes];

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A customer's message.
    Message(Box<InboundMessage>),
    /// A message of the business's.
    Echo(Box<Echo>),
    /// A message was taken back.
    Unsend(Unsend),
    /// A message's text was changed.
    Edit(Box<Edit>),
    /// A reaction was set or taken away.
    Reaction(Box<Reaction>),
    /// A button was tapped.
    Postback(Box<Postback>),
    /// The customer read messages.
    Read(Receipt),
    /// Messages reached the customer's device.
    Delivery(Receipt),
    /// The customer came through a link or an advertisement.
    Referral(Box<Referred>),
    /// The customer agreed to notifications.
    Optin,
    /// A conversation passed between apps.
    Handover(Handover),
    /// The page's roles of apps changed.
    AppRoles,
    /// The page was warned, blocked or unblocked.
    Policy(Policy),
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
            Self::Unsend(_) => "unsend",
            Self::Edit(_) => "message_edit",
            Self::Reaction(_) => "reaction",
            Self::Postback(_) => "postback",
            Self::Read(_) => "read",
            Self::Delivery(_) => "delivery",
            Self::Referral(_) => "referral",
            Self::Optin => "optin",
            Self::Handover(_) => "handover",
            Self::AppRoles => "app_roles",
            Self::Policy(_) => "policy_enforcement",
            Self::Change(name) => name,
            Self::Test => "test",
            Self::Unknown => "unknown",
            Self::Malformed(_) => "malformed",
        }
    }

    /// Meta's id of the message that it is, where it is one of its own.
    fn mid(&self) -> Option<&str> {
        match self {
            Self::Message(message) => Some(&message.mid),
            Self::Echo(echo) => Some(&echo.mid),
            Self::Postback(postback) => postback.mid.as_deref(),
            _ => None,
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
            return self.push(&nowhere, json, Section::Messaging, Kind::Malformed("no_page"));
        };
        let entry = Entry { platform, id: object.id("id").unwrap_or_default(), time_ms: object.millis("time") };
        for section in SECTIONS {
            let Some(raw) = object.get(section.as_str()) else { continue };
            // A single item may stand where the list should be.
            for item in list(raw).unwrap_or_else(|| vec![raw]) {
                self.item(&entry, item, section);
            }
        }
        // Instagram's business login shows a change's field and value directly in the entry.
        if object.has("field") {
            self.item(&entry, json, Section::Changes);
        }
    }

    fn item(&mut self, entry: &Entry, json: &str, section: Section) {
        let object = Object::of(json);
        // A change of this field is what the section of the same name holds.
        let standby = object.as_ref().and_then(|item| item.text("field")).is_some_and(|field| field == "standby");
        let section = if standby { Section::Standby } else { section };
        let kind = match (entry.id.as_str(), object) {
            ("", _) => Kind::Malformed("no_page"),
            (_, None) => Kind::Malformed("item_not_an_object"),
            ("0", Some(_)) => Kind::Test,
            (_, Some(item)) if section == Section::Changes || item.has("field") => change(entry, &item),
            (_, Some(item)) => conversation(entry, &item),
        };
        self.push(entry, json, section, kind);
    }

    fn push(&mut self, entry: &Entry, json: &str, section: Section, kind: Kind) {
        if self.items.len() >= MOST_ITEMS {
            return self.fail("too_many_items");
        }
        let raw = lenient::compact(json);
        let key = kind.mid().map_or_else(
            || format!("sha256:{}", hex::encode(digest::digest(&digest::SHA256, raw.as_bytes()))),
            str::to_owned,
        );
        let Entry { platform, id, time_ms } = entry;
        self.items.push(Item {
            platform: *platform,
            page_id: id.clone(),
            index: self.items.len(),
            section,
            entry_ms: *time_ms,
            kind,
            key,
            raw,
        });
    }

    /// Keeps the first reason.
    fn fail(&mut self, reason: &'static str) {
        self.unparsed.get_or_insert(reason);
    }
}

/// The kind of an item of `messaging` or `standby`, by the first of these keys that it has.
fn conversation(entry: &Entry, item: &Object<'_>) -> Kind {
    const KEYS: [(&str, event::Read); 13] = [
        ("message_edit", event::edit),
        ("reaction", event::reaction),
        ("postback", event::postback),
        ("read", event::read),
        ("delivery", event::delivery),
        ("referral", event::referral),
        ("optin", |_, _, _| Kind::Optin),
        ("pass_thread_control", event::pass),
        ("take_thread_control", event::take),
        ("request_thread_control", event::request),
        ("app_roles", |_, _, _| Kind::AppRoles),
        ("policy_enforcement", event::policy),
        // The spelling of older payloads.
        ("policy-enforcement", event::policy),
    ];
    if let Some(message) = item.get("message") {
        return message::read(entry, item, message);
    }
    if let Some((raw, read)) = KEYS.iter().find_map(|(key, read)| Some((item.get(key)?, read))) {
        return Object::of(raw).map_or(Kind::Malformed("event_not_an_object"), |event| read(entry, item, &event));
    }
    if item.has("message") { Kind::Malformed("message_null") } else { Kind::Unknown }
}

/// The kind of a change. Those of the fields that conversations have are items in another place.
fn change(entry: &Entry, item: &Object<'_>) -> Kind {
    let Some(field) = item.text("field") else { return Kind::Malformed("no_field") };
    if field.starts_with("messag") || field == "standby" {
        let kind = item.object("value").map_or(Kind::Unknown, |value| conversation(entry, &value));
        return if kind == Kind::Unknown { Kind::Change("changes.messages") } else { kind };
    }
    Kind::Change(match field.as_str() {
        "feed" => "changes.feed",
        "comments" => "changes.comments",
        "live_comments" => "changes.live_comments",
        "mentions" => "changes.mentions",
        _ => "changes.other",
    })
}
