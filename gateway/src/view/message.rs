//! Messages, with where the assistant's words come from.

use chatdesk_proto::inbox::v1 as pb;
use chatdesk_proto::tenants::v1 as tenants;
use serde::Serialize;
use utoipa::ToSchema;

use super::assistant::{Tokens, UsedProduct};
use super::{Time, Unreadable, each, filled, names, one, time, time_opt};

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
    /// The shop's entries it used, best first.
    entry_ids: Vec<String>,
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
            entry_ids: told.entry_ids,
        })
    }
}

names! {
    /// How a message came to us.
    MessageOrigin of pb::MessageOrigin {
        /// As it happened.
        Live,
        /// It is from before the page was connected.
        History,
        /// Meta never told us of it; it was found when we compared.
        Recovered,
    }
}

/// What somebody felt about a message.
#[derive(Serialize, ToSchema)]
pub struct Reaction {
    /// The emoji, or Meta's name for it.
    reaction: String,
    /// The customer's, else the business's.
    is_from_contact: bool,
}

/// Where a customer came from.
#[derive(Serialize, ToSchema)]
pub struct Referral {
    /// What the link carried.
    #[serde(rename = "ref")]
    reference: Option<String>,
    /// Meta's word, such as `ADS` or `SHORTLINK`.
    source: Option<String>,
    /// Meta's id of the advertisement.
    ad_id: Option<String>,
    /// Of the advertisement.
    title: Option<String>,
    /// Of the advertisement.
    photo_url: Option<String>,
    /// Meta's id of the post.
    post_id: Option<String>,
    /// Meta's id of the product.
    product_id: Option<String>,
}

impl TryFrom<pb::Referral> for Referral {
    type Error = Unreadable;

    fn try_from(told: pb::Referral) -> Result<Self, Unreadable> {
        Ok(Self {
            reference: filled(told.r#ref),
            source: filled(told.source),
            ad_id: filled(told.ad_id),
            title: filled(told.title),
            photo_url: filled(told.photo_url),
            post_id: filled(told.post_id),
            product_id: filled(told.product_id),
        })
    }
}

/// What a message answers or came from.
#[derive(Serialize, ToSchema)]
pub struct MessageContext {
    /// The message it answers, when we have it.
    reply_to_id: Option<String>,
    /// Where Meta serves the story it answers or mentions, for a day.
    story_url: Option<String>,
    /// It answers, or mentions, a story.
    is_story: bool,
    /// What a tapped button or quick reply stands for.
    payload: Option<String>,
    /// The link, advertisement or product it came from.
    referral: Option<Referral>,
    /// Meta cannot show it to us.
    is_unsupported: bool,
    /// Another app of the business sent it.
    is_other_app: bool,
    /// A button was tapped; nothing was written.
    is_postback: bool,
}

impl TryFrom<pb::MessageContext> for MessageContext {
    type Error = Unreadable;

    fn try_from(told: pb::MessageContext) -> Result<Self, Unreadable> {
        Ok(Self {
            reply_to_id: filled(told.reply_to_id),
            story_url: filled(told.story_url),
            is_story: told.is_story,
            payload: filled(told.payload),
            referral: one(told.referral)?,
            is_unsupported: told.is_unsupported,
            is_other_app: told.is_other_app,
            is_postback: told.is_postback,
        })
    }
}

/// A product, as a card.
#[derive(Serialize, ToSchema)]
pub struct Card {
    title: String,
    subtitle: Option<String>,
    image_url: Option<String>,
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
    /// When the customer last changed its text.
    edited_at: Option<Time>,
    /// When it was taken back, and its content with it.
    deleted_at: Option<Time>,
    /// At most one of each side.
    reactions: Vec<Reaction>,
    origin: MessageOrigin,
    /// What it answers or came from; null when there is nothing to tell.
    context: Option<MessageContext>,
    /// Product cards it shows instead of a text.
    cards: Vec<Card>,
    /// Answers to tap that go with it.
    quick_replies: Vec<String>,
    /// Unknown for good: a person must say what became of it.
    needs_decision: bool,
}

impl TryFrom<pb::Message> for Message {
    type Error = Unreadable;

    fn try_from(told: pb::Message) -> Result<Self, Unreadable> {
        let attachment =
            |one: pb::Attachment| Attachment { kind: one.kind, url: filled(one.url), title: filled(one.title) };
        let reaction = |one: pb::Reaction| Reaction { reaction: one.reaction, is_from_contact: one.is_from_contact };
        let card = |one: tenants::Card| Card {
            title: one.title,
            subtitle: filled(one.subtitle),
            image_url: filled(one.image_url),
        };
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
            edited_at: time_opt(told.edited_at),
            deleted_at: time_opt(told.deleted_at),
            reactions: told.reactions.into_iter().map(reaction).collect(),
            origin: told.origin.try_into()?,
            context: one(told.context)?,
            cards: told.cards.into_iter().map(card).collect(),
            quick_replies: told.quick_replies,
            needs_decision: told.needs_decision,
        })
    }
}
