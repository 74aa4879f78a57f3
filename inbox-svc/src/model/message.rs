//! A message, and how far it got. Every change of a status goes through [`MessageStatus::step`].

use chatdesk_meta::webhook;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::names::text_enum;

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
        /// Out or not, nobody knows. Never sent again.
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
            (Self::Sending, Step::PutBack) | (Self::Failed, Step::Retry) => Some(Self::Queued),
            (Self::Sending, Step::Lose) => Some(Self::Unknown),
            // An echo may come before the answer, after a lost one, and against what an error told.
            (Self::Queued | Self::Sending | Self::Failed | Self::Unknown, Step::Prove) => Some(Self::Sent),
            // The answer to a send that its echo overtook.
            (Self::Sent | Self::Delivered | Self::Read, Step::Accept | Step::Prove | Step::Lose) => Some(self),
            _ => None,
        }
    }
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

    /// Whether an echo with these attachments may be its own: as many of each kind. A preview of a link counts for nothing.
    #[must_use]
    pub fn is_shown_as(&self, shown: &[Attachment]) -> bool {
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn step() -> impl Strategy<Value = Step> {
        prop::sample::select(Step::ALL)
    }

    proptest! {
        /// Whatever happens, in whatever order: it is handed to Meta again only after it certainly was not sent.
        #[test]
        fn at_most_one_copy_unless_proven_absent(steps in prop::collection::vec(step(), 0..60)) {
            let mut status = MessageStatus::Queued;
            let mut may_be_out = false;
            for step in steps {
                let Some(next) = status.step(step) else { continue };
                match step {
                    Step::Dispatch => {
                        prop_assert!(!may_be_out, "a second copy");
                        may_be_out = true;
                    }
                    Step::PutBack | Step::Refuse => may_be_out = false,
                    Step::Prove => may_be_out = true,
                    Step::Accept | Step::Lose | Step::Retry => {}
                }
                status = next;
            }
        }

        #[test]
        fn what_was_received_or_sent_stays_so(steps in prop::collection::vec(step(), 0..20)) {
            for start in [MessageStatus::Received, MessageStatus::Sent, MessageStatus::Read] {
                let end = steps.iter().fold(start, |status, step| status.step(*step).unwrap_or(status));
                prop_assert_eq!(end, start);
            }
        }
    }

    #[test]
    fn an_unknown_message_is_settled_by_proof_only() {
        for step in Step::ALL {
            let next = MessageStatus::Unknown.step(*step);
            assert_eq!(next, (*step == Step::Prove).then_some(MessageStatus::Sent), "{step:?}");
        }
    }
}
