//! Customers and the conversations with them.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::channel::Platform;
use super::label::Label;
use super::message::Referral;
use super::{Message, Time, Unreadable, each, filled, names, one, time, time_opt};

/// A customer on one channel.
#[derive(Serialize, ToSchema)]
pub struct Contact {
    id: String,
    platform: Platform,
    /// Meta's id of the person for this page.
    platform_user_id: String,
    /// Null until Meta tells.
    display_name: Option<String>,
    /// Null until Meta tells.
    profile_pic_url: Option<String>,
    created_at: Time,
}

impl TryFrom<pb::Contact> for Contact {
    type Error = Unreadable;

    fn try_from(contact: pb::Contact) -> Result<Self, Unreadable> {
        Ok(Self {
            id: contact.id,
            platform: contact.platform.try_into()?,
            platform_user_id: contact.platform_user_id,
            display_name: filled(contact.display_name),
            profile_pic_url: filled(contact.profile_pic_url),
            created_at: time(contact.created_at, "contact")?,
        })
    }
}

names! {
    /// Whether somebody must act.
    ConversationStatus of pb::ConversationStatus { Open, NeedsHuman, Closed }
}

names! {
    /// What the assistant does in a conversation.
    AiState of pb::AiState { Active, Paused, HandedOver, Off }
}

/// What the assistant does in a conversation, and why.
#[derive(Serialize, ToSchema)]
pub struct Ai {
    state: AiState,
    /// A stable code, such as `human_replied`, or `other_app` while another app has the conversation; null when active.
    reason: Option<String>,
    /// When a pause ends.
    until: Option<Time>,
}

impl TryFrom<pb::Ai> for Ai {
    type Error = Unreadable;

    fn try_from(ai: pb::Ai) -> Result<Self, Unreadable> {
        Ok(Self { state: ai.state.try_into()?, reason: filled(ai.reason), until: time_opt(ai.until) })
    }
}

/// How long Meta lets us answer.
#[derive(Serialize, ToSchema)]
pub struct ReplyWindow {
    /// The assistant may write until then; null when the customer never wrote.
    ai_until: Option<Time>,
    /// People may write until then.
    human_until: Option<Time>,
}

/// What a search found in a conversation.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// The newest message that matched; null when only the contact's name did.
    message_id: Option<String>,
    /// At most 200 characters of the message, or the name.
    text: String,
}

/// How many conversations each filter would find; none is above 1,000.
#[derive(Serialize, ToSchema)]
pub struct ConversationCounts {
    open: u32,
    unread: u32,
    mine: u32,
    ai: u32,
    needs_human: u32,
    closing_soon: u32,
}

impl TryFrom<pb::ConversationCounts> for ConversationCounts {
    type Error = Unreadable;

    fn try_from(told: pb::ConversationCounts) -> Result<Self, Unreadable> {
        let pb::ConversationCounts { open, unread, mine, ai, needs_human, closing_soon } = told;
        Ok(Self { open, unread, mine, ai, needs_human, closing_soon })
    }
}

/// Everything said with one contact on one channel.
#[derive(Serialize, ToSchema)]
pub struct Conversation {
    id: String,
    channel_id: String,
    contact: Contact,
    platform: Platform,
    last_message_at: Option<Time>,
    /// The switch; see `ai` for whether it answers at this moment.
    is_ai_enabled: bool,
    status: ConversationStatus,
    ai: Ai,
    /// Messages of the contact since a person or the assistant last answered.
    unread_count: u32,
    reply_window: ReplyWindow,
    last_message: Option<Message>,
    created_at: Time,
    /// The member who looks after it.
    assignee_id: Option<String>,
    /// By name.
    labels: Vec<Label>,
    note_count: u32,
    /// Only in the answer to a search.
    found: Option<Found>,
    /// Where the customer last came from.
    source: Option<Referral>,
    /// Another app of the business has the conversation at Meta: the assistant is silent meanwhile.
    is_other_apps: bool,
    /// Messages of which a person must say what became of them.
    undecided_count: u32,
}

impl TryFrom<pb::Conversation> for Conversation {
    type Error = Unreadable;

    fn try_from(told: pb::Conversation) -> Result<Self, Unreadable> {
        let window = told.reply_window.unwrap_or_default();
        Ok(Self {
            id: told.id,
            channel_id: told.channel_id,
            contact: one(told.contact)?.ok_or(Unreadable("conversation"))?,
            platform: told.platform.try_into()?,
            last_message_at: time_opt(told.last_message_at),
            is_ai_enabled: told.is_ai_enabled,
            status: told.status.try_into()?,
            ai: one(told.ai)?.ok_or(Unreadable("conversation"))?,
            unread_count: told.unread_count,
            reply_window: ReplyWindow {
                ai_until: time_opt(window.ai_until),
                human_until: time_opt(window.human_until),
            },
            last_message: one(told.last_message)?,
            created_at: time(told.created_at, "conversation")?,
            assignee_id: filled(told.assignee_id),
            labels: each(told.labels)?,
            note_count: told.note_count,
            found: told.found.map(|found| Found { message_id: filled(found.message_id), text: found.text }),
            source: one(told.source)?,
            is_other_apps: told.is_other_apps,
            undecided_count: told.undecided_count,
        })
    }
}
