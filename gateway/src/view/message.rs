//! Messages, with where the assistant's words come from.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::assistant::{Tokens, UsedProduct};
use super::{Time, Unreadable, each, filled, names, one, time};

names! {
    /// Who wrote a message.
    SenderType of pb::SenderType { Contact, Business, Ai }
}

names! {
    /// How far a message got.
    MessageStatus of pb::MessageStatus { Received, Queued, Sending, Sent, Delivered, Read, Failed, Unknown }
}

/// A picture, sound, file or link.
#[derive(Serialize, ToSchema)]
pub struct Attachment {
    /// Meta's type: image, audio, video, file, sticker and so on.
    kind: String,
    /// Where Meta serves it, for a while.
    url: Option<String>,
    title: Option<String>,
}

/// Why a message did not go out.
#[derive(Serialize, ToSchema)]
pub struct Failure {
    /// Stable, such as `window_closed`.
    code: String,
    /// One sentence for the shop.
    detail: String,
}

/// Where the assistant's words come from.
#[derive(Serialize, ToSchema)]
pub struct Provenance {
    /// The products it used, best first.
    products: Vec<UsedProduct>,
    /// What the guard said: `passed`, or the rule that blocked.
    verdict: String,
    /// The model, or `catalogue`.
    model: String,
    prompt_version: String,
    tokens: Tokens,
    latency_ms: u32,
    /// Set when this is the line of a handover.
    handover_reason: Option<String>,
}

impl TryFrom<pb::Provenance> for Provenance {
    type Error = Unreadable;

    fn try_from(told: pb::Provenance) -> Result<Self, Unreadable> {
        Ok(Self {
            products: each(told.products)?,
            verdict: told.verdict,
            model: told.model,
            prompt_version: told.prompt_version,
            tokens: Tokens { prompt: told.prompt_tokens, completion: told.completion_tokens },
            latency_ms: told.latency_ms,
            handover_reason: filled(told.handover_reason),
        })
    }
}

/// A contact's reaction to a message.
#[derive(Serialize, ToSchema)]
pub struct Reaction {
    /// The emoji, or Meta's name for it.
    reaction: String,
}

/// One message.
#[derive(Serialize, ToSchema)]
pub struct Message {
    id: String,
    conversation_id: String,
    sender_type: SenderType,
    content: String,
    /// Meta's id; null until it is known.
    platform_message_id: Option<String>,
    status: MessageStatus,
    /// Set when it failed.
    failure: Option<Failure>,
    attachments: Vec<Attachment>,
    /// Set on the assistant's messages.
    provenance: Option<Provenance>,
    created_at: Time,
    /// The member who wrote it here.
    author_id: Option<String>,
    /// The Idempotency-Key it was sent with.
    client_id: Option<String>,
    edited_at: Option<Time>,
    deleted_at: Option<Time>,
    reactions: Vec<Reaction>,
}

impl TryFrom<pb::Message> for Message {
    type Error = Unreadable;

    fn try_from(told: pb::Message) -> Result<Self, Unreadable> {
        let attachment =
            |one: pb::Attachment| Attachment { kind: one.kind, url: filled(one.url), title: filled(one.title) };
        Ok(Self {
            id: told.id,
            conversation_id: told.conversation_id,
            sender_type: told.sender_type.try_into()?,
            content: told.content,
            platform_message_id: filled(told.platform_message_id),
            status: told.status.try_into()?,
            failure: told.failure.map(|failure| Failure { code: failure.code, detail: failure.detail }),
            attachments: told.attachments.into_iter().map(attachment).collect(),
            provenance: one(told.provenance)?,
            created_at: time(told.created_at, "message")?,
            author_id: filled(told.author_id),
            client_id: filled(told.client_id),
            // Edits, deletions and reactions are not told by the inbox yet.
            edited_at: None,
            deleted_at: None,
            reactions: Vec::new(),
        })
    }
}
