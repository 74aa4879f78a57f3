//! Frames as they go over a socket: `{seq, type, data}`, encoded once for all who get them.

use axum::extract::ws::Utf8Bytes;
use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use serde_json::json;

use crate::view::{Contact, Conversation, Message, Unreadable};

/// A frame for every socket of a tenant but the one it came from.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Where it belongs among the events.
    pub place: Place,
    /// The socket it came from.
    pub from: Option<u64>,
    /// The JSON.
    pub text: Utf8Bytes,
}

/// Where a frame belongs among the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it is about the moment.
    Loose,
    /// It is the event of this seq.
    Event(u64),
    /// It stands for the events up to this seq, which cannot be sent.
    Resync(u64),
    /// The record begins again after this seq, whatever was sent before.
    Restart(u64),
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    seq: Option<u64>,
    r#type: &'a str,
    data: &'a T,
}

/// The JSON of a frame; none for data that has no JSON.
pub fn encode<T: Serialize>(seq: Option<u64>, kind: &str, data: &T) -> Option<Utf8Bytes> {
    serde_json::to_string(&Envelope { seq, r#type: kind, data }).ok().map(Utf8Bytes::from)
}

/// The first frame: where the tenant's events stand.
pub fn hello(seq: u64) -> Utf8Bytes {
    json!({ "seq": seq, "type": "hello", "data": {} }).to_string().into()
}

/// `resumed` or `resync`: the client has, or shall load, everything up to `data.seq`. Only what happened has a seq of its own.
pub fn up_to(seq: u64, kind: &str) -> Utf8Bytes {
    json!({ "seq": null, "type": kind, "data": { "seq": seq } }).to_string().into()
}

/// What the client did wrong.
pub fn error(code: &str, detail: &str) -> Utf8Bytes {
    json!({ "seq": null, "type": "error", "data": { "code": code, "detail": detail } }).to_string().into()
}

/// An event of the inbox, ready to send.
pub struct EventFrame {
    /// Rises by one per tenant.
    pub seq: u64,
    /// The JSON.
    pub text: Utf8Bytes,
}

impl TryFrom<pb::Event> for EventFrame {
    type Error = Unreadable;

    fn try_from(event: pb::Event) -> Result<Self, Unreadable> {
        use pb::event::Resource;
        let seq = event.seq;
        let kind = match event.r#type() {
            pb::EventType::MessageCreated => "message.created",
            pb::EventType::MessageUpdated => "message.updated",
            pb::EventType::ConversationCreated => "conversation.created",
            pb::EventType::ConversationUpdated => "conversation.updated",
            pb::EventType::ContactUpdated => "contact.updated",
            pb::EventType::Unspecified => return Err(Unreadable("event")),
        };
        let text = match event.resource.ok_or(Unreadable("event"))? {
            Resource::Message(message) => encode(Some(seq), kind, &Message::try_from(message)?),
            Resource::Conversation(conversation) => encode(Some(seq), kind, &Conversation::try_from(conversation)?),
            Resource::Contact(contact) => encode(Some(seq), kind, &Contact::try_from(contact)?),
        };
        Ok(Self { seq, text: text.ok_or(Unreadable("event"))? })
    }
}
