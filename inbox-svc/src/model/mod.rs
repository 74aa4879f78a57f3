//! What the inbox knows and the rules that need no I/O: states and their transitions, Meta's windows, the quiet moment,
//! who may still write. Refuses proto and SQL.

mod ai;
mod context;
mod desk;
mod journal;
mod lines;
mod message;
mod names;
mod outbox;
mod period;
mod replay;
mod revision;
mod settle;
mod showcase;
mod standing;
mod sync;
mod thread;
mod time;
mod unanswered;
mod words;

pub use ai::{Ai, AiMode};
pub use context::{Context, MessageOrigin, Referral};
pub use desk::{Counts, Filter, Label, LabelColor, Note, closing_soon};
pub use journal::{ChannelSync, ItemOutcome, JournalItem, NoSpan, Span};
pub use lines::{handover_line, is_english};
pub use message::{
    Attachment, Card, Failure, Message, MessageStatus, Provenance, Rich, SenderType, Sending, Step, UsedProduct,
};
pub use outbox::{Author, Cause, Parcel, Ruling, Situation, Tag, rest};
pub use period::{DayFigures, NoPeriod, Period};
pub use replay::{LastQuestion, Replay, ReplayItem, ReplayState, Said, last_question, words_said};
pub use revision::Reaction;
pub use settle::{Finding, Holder, Kept, is_in_time, plain, reach, search};
pub use showcase::{Shown, showcase};
pub use standing::OTHER_APP;
pub use sync::Sync;
pub use thread::{ConversationStatus, Thread};
pub use time::{AI_WINDOW, FRESH, HUMAN_WINDOW, Quiet, platform_time, watermark};
pub use unanswered::{Unanswered, Wondered, is_teachable};
pub use words::{Wanted, words_of};

use aws_lc_rs::digest;
use chatdesk_meta::Platform;
use chrono::{DateTime, Utc};
use names::text_enum;
use uuid::Uuid;

/// How a person who was forgotten is remembered: nobody reads from it who they are.
#[must_use]
pub fn person_digest(channel: Uuid, user: &str) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(channel.as_bytes());
    context.update(user.as_bytes());
    context.finish().as_ref().try_into().unwrap_or_default()
}

/// A customer on one channel.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its id.
    pub id: Uuid,
    /// Where they write.
    pub platform: Platform,
    /// The channel's customer id at Meta.
    pub platform_user_id: String,
    /// Empty until Meta tells.
    pub display_name: String,
    /// Empty until Meta tells.
    pub profile_pic_url: String,
    /// When they first wrote.
    pub created_at: DateTime<Utc>,
}

/// A conversation with what its card shows.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Its locked state without the lock: a picture.
    pub thread: Thread,
    /// With whom.
    pub contact: Contact,
    /// The newest message.
    pub last_message: Option<Message>,
    /// By name.
    pub labels: Vec<Label>,
    /// Messages of which a person must say what became of them.
    pub undecided: i64,
}

/// What a search found in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The newest message that matched; none when only the contact's name did.
    pub message: Option<Uuid>,
    /// An excerpt of the message, or the name.
    pub text: String,
}

text_enum! {
    /// What a live event says.
    EventType {
        /// A message is new.
        MessageCreated = "message.created",
        /// A message changed.
        MessageUpdated = "message.updated",
        /// A conversation is new.
        ConversationCreated = "conversation.created",
        /// A conversation changed.
        ConversationUpdated = "conversation.updated",
        /// A contact changed.
        ContactUpdated = "contact.updated",
    }
}

/// One thing that happened to one entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub kind: EventType,
    /// To which message, conversation or contact.
    pub entity: Uuid,
}
