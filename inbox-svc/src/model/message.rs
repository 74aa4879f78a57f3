//! A message, and how far it got. Every change of a status goes through [`MessageStatus::step`].

use chatdesk_meta::webhook;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::names::text_enum;
use super::{Context, MessageOrigin, Reaction};

text_enum! {
    /// Who wrote a message.
    SenderType {
        /// The customer.
        Contact = "contact",
        /// A person of the business, here or elsewhere.
        Business = "business",
        /// The assistant.
        Ai = "ai",
    }
}

text_enum! {
    /// How far a message got.
    MessageStatus {
        /// From the customer.
        Received = "received",
        /// Waits to be sent.
        Queued = "queued",
        /// Being handed to Meta: may be out already.
        Sending = "sending",
        /// Meta has it.
        Sent = "sent",
        /// On the customer's device.
        Delivered = "delivered",
        /// Seen.
        Read = "read",
        /// Not out, and will not be.
        Failed = "failed",
        /// Out or not, nobody knows. Sent again only when Meta shows that it is not.
        Unknown = "unknown",
    }
}

text_enum! {
    /// What happens to an outgoing message.
    Step {
        /// It is about to be handed to Meta.
        Dispatch = "dispatch",
        /// Meta took it.
        Accept = "accept",
        /// Meta, or we, will not have it.
        Refuse = "refuse",
        /// Certainly not out: later.
        PutBack = "put_back",
        /// No answer, or the sender is gone.
        Lose = "lose",
        /// Meta showed us that it went out.
        Prove = "prove",
        /// A person wants it sent again that certainly was not.
        Retry = "retry",
        /// Meta's own record of the conversation shows, twice, that it did not go out.
        Absent = "absent",
        /// A person says that the customer has it.
        Confirm = "confirm",
        /// A person says that the customer does not have it.
        Dismiss = "dismiss",
        /// What showed that it went out was another message's.
        Doubt = "doubt",
    }
}

impl MessageStatus {
    /// The status after a step; none when the step cannot happen to such a message.
    #[must_use]
    pub const fn step(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Queued, Step::Dispatch) => Some(Self::Sending),
            (Self::Sending, Step::Accept) => Some(Self::Sent),
            (Self::Queued | Self::Sending, Step::Refuse) => Some(Self::Failed),
            (Self::Sending, Step::PutBack) | (Self::Failed, Step::Retry) | (Self::Unknown, Step::Absent) => {
                Some(Self::Queued)
            }
            (Self::Sending, Step::Lose) | (Self::Sent | Self::Delivered | Self::Read, Step::Doubt) => {
                Some(Self::Unknown)
            }
            (Self::Unknown, Step::Confirm) => Some(Self::Sent),
            (Self::Unknown, Step::Dismiss) => Some(Self::Failed),
            // An echo may come before the answer, after a lost one, and against what an error told.
            (Self::Queued | Self::Sending | Self::Failed | Self::Unknown, Step::Prove) => Some(Self::Sent),
            // The answer to a send that its echo overtook.
            (Self::Sent | Self::Delivered | Self::Read, Step::Accept | Step::Prove | Step::Lose) => Some(self),
            _ => None,
        }
    }
}

/// A product, as a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What it is called.
    pub title: String,
    /// Maybe empty.
    pub subtitle: String,
    /// An https address, or empty.
    pub image_url: String,
}

/// What goes out with a message, or instead of its words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rich {
    /// Instead of words.
    #[serde(default)]
    pub cards: Vec<Card>,
    /// Answers to tap under the words.
    #[serde(default)]
    pub quick_replies: Vec<String>,
}

/// A picture, sound, file or link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Meta's type, lower case.
    pub kind: String,
    /// Where Meta serves it; empty when it has none.
    pub url: String,
    /// Maybe empty. Of a place, its coordinates.
    pub title: String,
}

impl From<&webhook::Attachment> for Attachment {
    fn from(seen: &webhook::Attachment) -> Self {
        let place = seen.coordinates.map(|place| format!("{}, {}", place.lat, place.long));
        Self {
            kind: seen.kind.clone(),
            url: seen.url.clone().unwrap_or_default(),
            title: seen.title.clone().or(place).unwrap_or_default(),
        }
    }
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Stable.
    pub code: String,
    /// One sentence for the shop.
    pub detail: String,
}

/// A product an answer rests on, as it was then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsedProduct {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Fused score.
    pub score: f32,
    /// Minor units.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// `available` or `out_of_stock`; empty when the catalogue said nothing.
    pub status: String,
    /// Tells one state of its prices and stock, with those of its variants, from another. Where it is empty, price, currency and status do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fingerprint: String,
}

/// Where the assistant's words come from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// Best first.
    pub products: Vec<UsedProduct>,
    /// What the guard said.
    pub verdict: String,
    /// The model, or `catalogue`.
    pub model: String,
    /// Names the prompt's wording.
    pub prompt_version: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u32,
    /// Tokens of the completion.
    pub completion_tokens: u32,
    /// Milliseconds it took.
    pub latency_ms: u32,
    /// Set when this is the line that goes with a handover.
    pub handover_reason: String,
    /// Entries of the shop's that it rests on, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entry_ids: Vec<String>,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its id, which is the metadata that Meta's echo brings back.
    pub id: Uuid,
    /// Where it was said.
    pub conversation_id: Uuid,
    /// Its position in the order messages came to us.
    pub arrival: i64,
    /// Meta's id, once known.
    pub mid: Option<String>,
    /// Who wrote it.
    pub sender: SenderType,
    /// Maybe empty.
    pub content: String,
    /// In Meta's order.
    pub attachments: Vec<Attachment>,
    /// How far it got.
    pub status: MessageStatus,
    /// Set when it failed.
    pub failure: Option<Failure>,
    /// Set on the assistant's messages.
    pub provenance: Option<Provenance>,
    /// Meta's time when it told one, else ours.
    pub platform_at: DateTime<Utc>,
    /// When it came to us, or was queued.
    pub received_at: DateTime<Utc>,
    /// The reply it is a part of.
    pub turn: Option<Uuid>,
    /// Its place in that reply, from 0.
    pub part_no: i16,
    /// Up to which position the customer had been answered before that reply.
    pub answers_after: i64,
    /// When that reply was due.
    pub due_at: Option<DateTime<Utc>>,
    /// Not to be sent before then.
    pub send_after: Option<DateTime<Utc>>,
    /// The member who wrote it here.
    pub author: Option<Uuid>,
    /// The key it was sent with.
    pub client_id: Option<String>,
    /// The upload it carries instead of a text.
    pub attachment_id: Option<Uuid>,
    /// Cards and answers to tap.
    pub rich: Option<Rich>,
    /// How its sending fares.
    pub sending: Sending,
    /// How it came to us.
    pub origin: MessageOrigin,
    /// What it answers or came from.
    pub context: Option<Context>,
    /// The message it answers, when we have it.
    pub reply_to: Option<Uuid>,
    /// At most one of each side, some of them taken back.
    pub reactions: Vec<Reaction>,
    /// When its text was last changed.
    pub edited_at: Option<DateTime<Utc>>,
    /// How often.
    pub num_edit: i32,
    /// When it was taken back.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// How the sending of a message fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sending {
    /// When it was last about to be handed to Meta.
    pub at: Option<DateTime<Utc>>,
    /// How often it was put back, since a person last asked for it.
    pub tries: i16,
    /// Since when it is unknown.
    pub unknown_at: Option<DateTime<Utc>>,
    /// How often Meta showed its record without it, since then.
    pub absences: i16,
    /// It was proven absent once and sent again: there is no second time.
    pub was_resent: bool,
    /// A person must say what became of it.
    pub needs_decision: bool,
}

impl Message {
    /// Gives its attachments the addresses that Meta's echo shows, where they have none; true when that changed anything.
    pub fn fill_in(&mut self, shown: &[Attachment]) -> bool {
        let mut changed = false;
        for (ours, shown) in self.attachments.iter_mut().zip(shown) {
            if ours.url.is_empty() && !shown.url.is_empty() {
                ours.url.clone_from(&shown.url);
                changed = true;
            }
        }
        changed
    }

    /// Gives its attachments the addresses that Meta shows now, each to the next of its kind; false when Meta shows none of them.
    pub fn show_again(&mut self, shown: &[Attachment]) -> bool {
        let mut left: Vec<&Attachment> = shown.iter().filter(|shown| !shown.url.is_empty()).collect();
        let mut without: Vec<&mut Attachment> = Vec::new();
        let mut any = false;
        for ours in &mut self.attachments {
            match left.iter().position(|shown| shown.kind == ours.kind) {
                Some(at) => {
                    ours.url.clone_from(&left.remove(at).url);
                    any = true;
                }
                None => without.push(ours),
            }
        }
        // Meta's record names some kinds differently from its webhooks: what is left of both is paired when it comes out even.
        if without.len() == left.len() {
            for (ours, shown) in without.into_iter().zip(left) {
                ours.url.clone_from(&shown.url);
                any = true;
            }
        }
        any
    }

    /// Whether an echo with these attachments may be its own: as many of each kind. A preview of a link counts for nothing. Cards are
    /// shown as a template, or as nothing.
    #[must_use]
    pub fn is_shown_as(&self, shown: &[Attachment]) -> bool {
        if self.rich.as_ref().is_some_and(|rich| !rich.cards.is_empty()) {
            return shown.iter().all(|attachment| matches!(attachment.kind.as_str(), "template" | "fallback"));
        }
        let kinds = |attachments: &[Attachment]| {
            let kinds = attachments.iter().map(|attachment| attachment.kind.clone());
            let mut kinds: Vec<String> = kinds.filter(|kind| kind != "fallback").collect();
            kinds.sort();
            kinds
        };
        kinds(&self.attachments) == kinds(shown)
    }

    /// Whether it is the line that tells the customer of a handover.
    #[must_use]
    pub fn is_handover_line(&self) -> bool {
        self.provenance.as_ref().is_some_and(|provenance| !provenance.handover_reason.is_empty())
    }
}

#[cfg(test)]
pub(crate) mod tests;
