//! A conversation while it is locked: what each thing that happens does to it. Positions count its messages in the order they came to us.

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::ai::HUMAN_REPLIED;
use super::names::text_enum;
use super::{Ai, AiMode, Message, Quiet, Referral, Tag};

text_enum! {
    /// Whether somebody must act.
    ConversationStatus {
        /// In progress.
        Open = "open",
        /// A person must answer.
        NeedsHuman = "needs_human",
        /// Done.
        Closed = "closed",
    }
}

/// The state of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The conversation.
    pub id: Uuid,
    /// Where.
    pub channel_id: Uuid,
    /// With whom.
    pub contact_id: Uuid,
    /// Facebook or Instagram.
    pub platform: Platform,
    /// Whether somebody must act.
    pub status: ConversationStatus,
    /// What the assistant does.
    pub ai: Ai,
    /// Messages of the customer since somebody answered.
    pub unread: i32,
    /// Platform time of the newest message.
    pub last_message_at: DateTime<Utc>,
    /// The newest message.
    pub last_message_id: Option<Uuid>,
    /// Platform time of the last event that opened Meta's window.
    pub last_opening_at: Option<DateTime<Utc>>,
    /// Position of the last message that came.
    pub last_arrival: i64,
    /// Up to which position the customer has been answered.
    pub answered_arrival: i64,
    /// Position of the last message a person wrote, or of the moment a person was done: no answer from before goes out after it.
    pub human_arrival: i64,
    /// The assistant does not look back beyond this position: what led to a handover must not lead to the next.
    pub history_arrival: i64,
    /// When the first message that a reply is owed to came.
    pub reply_first_at: Option<DateTime<Utc>>,
    /// When that reply is due.
    pub reply_due_at: Option<DateTime<Utc>>,
    /// Drafts of the owed reply that a newer message overtook.
    pub drafts_dropped: i16,
    /// Replies that were dropped before they went out because the catalogue changed.
    pub stale_drops: i16,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// The member who looks after it.
    pub assignee: Option<Uuid>,
    /// How many notes there are about it.
    pub note_count: i32,
    /// Platform time up to which the customer has what was sent.
    pub delivered_to: Option<DateTime<Utc>>,
    /// Platform time up to which the customer read what was sent.
    pub read_to: Option<DateTime<Utc>>,
    /// The app that has it at Meta; empty when it is ours or nobody's.
    pub owner_app: String,
    /// Since when.
    pub owner_at: Option<DateTime<Utc>>,
    /// Where the customer last came from.
    pub source: Option<Referral>,
    /// When.
    pub source_at: Option<DateTime<Utc>>,
    /// Up to when the customer asked to be forgotten: nothing from before comes back.
    pub forgotten_to: Option<DateTime<Utc>>,
}

impl Thread {
    /// The position of one more message.
    pub const fn next_arrival(&mut self) -> i64 {
        self.last_arrival += 1;
        self.last_arrival
    }

    /// Whether a message of that time would be the newest.
    #[must_use]
    pub fn is_newest(&self, at: DateTime<Utc>) -> bool {
        self.last_message_id.is_none() || at >= self.last_message_at
    }

    /// A message was added.
    pub fn added(&mut self, id: Uuid, at: DateTime<Utc>) {
        if self.is_newest(at) {
            self.last_message_at = at;
            self.last_message_id = Some(id);
        }
    }

    /// The customer wrote at `at`, which opens Meta's window; an old message never moves it back. What led to a pause or a handover before
    /// the conversation was closed is over then: an assistant that is on may answer.
    pub fn customer_wrote(&mut self, at: DateTime<Utc>) {
        self.unread = self.unread.saturating_add(1);
        self.opened(at);
        if self.status == ConversationStatus::Closed {
            self.status = ConversationStatus::Open;
            if !matches!(self.ai.mode, AiMode::Active | AiMode::Off) {
                self.history_arrival = self.history_arrival.max(self.answered_arrival);
                self.ai = Ai::switched(true);
            }
        }
    }

    /// Whether the assistant would answer a message now.
    #[must_use]
    pub fn assistant_answers(&self, now: DateTime<Utc>) -> bool {
        self.ai_mode(now) == AiMode::Active
            && Tag::allowed(super::Author::Assistant, self.last_opening_at, now).is_some()
    }

    /// A reply is owed to a message that came now; gives when it is due.
    pub fn owe_reply(&mut self, now: DateTime<Utc>, quiet: &Quiet) -> DateTime<Utc> {
        let first = *self.reply_first_at.get_or_insert(now);
        let due = quiet.due(first, now);
        self.reply_due_at = Some(due);
        due
    }

    /// No reply is owed any more.
    pub const fn settle_reply(&mut self) {
        self.reply_first_at = None;
        self.reply_due_at = None;
        self.drafts_dropped = 0;
    }

    /// A person wrote the message at this position, at that time. A message older than what the customer said since answers nothing.
    pub fn person_wrote(&mut self, arrival: i64, at: DateTime<Utc>, pause: TimeDelta, now: DateTime<Utc>) {
        self.human_arrival = self.human_arrival.max(arrival);
        if self.is_newest(at) {
            self.answered_arrival = arrival;
            self.unread = 0;
            self.settle_reply();
            if self.status == ConversationStatus::NeedsHuman {
                self.status = ConversationStatus::Open;
            }
        }
        self.ai.person_answered(at, pause, now);
        if self.ai.at(now) != AiMode::Active {
            self.settle_reply();
        }
    }

    /// What was taken for a person's message was the echo of `ours`, and is gone: what it did here is undone. `last` is the position and
    /// the time of what persons did write last.
    pub fn take_back(
        &mut self,
        copy: &Message,
        ours: &Message,
        last: Option<(i64, DateTime<Utc>)>,
        pause: TimeDelta,
        now: DateTime<Utc>,
    ) {
        if self.last_message_id == Some(copy.id) {
            self.last_message_id = Some(ours.id);
        }
        if self.human_arrival == copy.arrival {
            self.human_arrival = last.map_or(0, |(arrival, _)| arrival);
        }
        if self.answered_arrival == copy.arrival {
            // A handover's line answers nothing.
            self.answered_arrival = if ours.is_handover_line() { ours.answers_after } else { ours.arrival };
        }
        let is_its_pause = self.ai.reason == HUMAN_REPLIED && self.ai.until == Some(copy.platform_at + pause);
        if self.ai.mode == AiMode::Paused && is_its_pause {
            self.ai = Ai::switched(true);
            if let Some((_, at)) = last {
                self.ai.person_answered(at, pause, now);
            }
        }
        if self.ai.mode == AiMode::HandedOver && ours.is_handover_line() {
            self.status = ConversationStatus::NeedsHuman;
        }
    }

    /// The assistant answered everything up to this position, which leaves `unread` messages.
    pub const fn assistant_answered(&mut self, up_to: i64, unread: i32) {
        self.answered_arrival = up_to;
        self.unread = unread;
        self.status = ConversationStatus::Open;
        self.drafts_dropped = 0;
    }

    /// The assistant gives the conversation to a person. What the customer asked stays unanswered.
    pub fn hand_over(&mut self, reason: &str) {
        self.status = ConversationStatus::NeedsHuman;
        self.ai.hand_over(reason);
        self.settle_reply();
    }

    /// A person is done with it. What the assistant does here stays as it was, so that opening it again undoes this.
    pub const fn close(&mut self) {
        self.status = ConversationStatus::Closed;
        self.unread = 0;
        if self.human_arrival < self.last_arrival {
            self.human_arrival = self.next_arrival();
        }
        self.answered_arrival = self.last_arrival;
        self.settle_reply();
        self.stale_drops = 0;
    }

    /// A person looks at it again, or took up what the assistant gave away: that it did stays so when it was closed meanwhile.
    pub fn reopen(&mut self) {
        let was_closed = self.status == ConversationStatus::Closed;
        let needs_human = was_closed && self.ai.mode == AiMode::HandedOver;
        self.status = if needs_human { ConversationStatus::NeedsHuman } else { ConversationStatus::Open };
    }

    /// A person wants a message sent again that failed, which is as good as writing it: the assistant steps back.
    pub fn person_retried(&mut self, pause: TimeDelta, now: DateTime<Utc>) {
        self.ai.person_answered(now, pause, now);
        if self.ai.at(now) != AiMode::Active {
            self.settle_reply();
        }
    }

    /// A person switched the assistant; true when that changed anything.
    pub fn switch_ai(&mut self, on: bool, now: DateTime<Utc>) -> bool {
        let before = self.clone();
        if on {
            if self.ai.at(now) != AiMode::Active {
                self.history_arrival = self.last_arrival;
            }
            self.ai = Ai::switched(true);
            self.status = ConversationStatus::Open;
            self.stale_drops = 0;
        } else {
            self.ai = Ai::switched(false);
            self.settle_reply();
        }
        *self != before
    }
}

#[cfg(test)]
pub(crate) mod tests;
