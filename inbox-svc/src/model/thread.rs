//! A conversation while it is locked: what each thing that happens does to it. Positions count its messages in the order they came to us.

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::ai::HUMAN_REPLIED;
use super::names::text_enum;
use super::{Ai, AiMode, Message, Quiet, Tag};

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

    /// The customer wrote at `at`, which opens Meta's window; an old message never moves it back.
    pub fn customer_wrote(&mut self, at: DateTime<Utc>) {
        self.unread = self.unread.saturating_add(1);
        self.last_opening_at = self.last_opening_at.max(Some(at));
        if self.status == ConversationStatus::Closed {
            self.status = ConversationStatus::Open;
        }
    }

    /// Whether the assistant would answer a message now.
    #[must_use]
    pub fn assistant_answers(&self, now: DateTime<Utc>) -> bool {
        self.ai.at(now) == AiMode::Active && Tag::allowed(super::Author::Assistant, self.last_opening_at, now).is_some()
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

    /// A person is done with it. What led to a pause or a handover is over too: an assistant that is on may answer what comes next.
    pub fn close(&mut self, now: DateTime<Utc>) {
        self.status = ConversationStatus::Closed;
        self.unread = 0;
        if self.human_arrival < self.last_arrival {
            self.human_arrival = self.next_arrival();
        }
        self.answered_arrival = self.last_arrival;
        self.settle_reply();
        self.stale_drops = 0;
        if !matches!(self.ai.at(now), AiMode::Active | AiMode::Off) {
            self.history_arrival = self.last_arrival;
        }
        if self.ai.mode != AiMode::Off {
            self.ai = Ai::switched(true);
        }
    }

    /// A person looks at it again, or took up what the assistant gave away.
    pub const fn reopen(&mut self) {
        self.status = ConversationStatus::Open;
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
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{MessageStatus, SenderType};

    pub(crate) fn thread(now: DateTime<Utc>) -> Thread {
        Thread {
            id: Uuid::nil(),
            channel_id: Uuid::nil(),
            contact_id: Uuid::nil(),
            platform: Platform::Facebook,
            status: ConversationStatus::Open,
            ai: Ai::switched(true),
            unread: 0,
            last_message_at: now,
            last_message_id: None,
            last_opening_at: None,
            last_arrival: 0,
            answered_arrival: 0,
            human_arrival: 0,
            history_arrival: 0,
            reply_first_at: None,
            reply_due_at: None,
            drafts_dropped: 0,
            stale_drops: 0,
            created_at: now,
            assignee: None,
            note_count: 0,
        }
    }

    #[derive(Debug, Clone)]
    enum Event {
        Customer(i64),
        Person(i64),
        Answered,
        HandOver,
        Switch(bool),
        Close,
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (0_i64..200_000).prop_map(Event::Customer),
            (0_i64..200_000).prop_map(Event::Person),
            Just(Event::Answered),
            Just(Event::HandOver),
            any::<bool>().prop_map(Event::Switch),
            Just(Event::Close),
        ]
    }

    proptest! {
        #[test]
        fn a_conversation_stays_in_order(events in prop::collection::vec(event(), 0..60)) {
            let quiet = Quiet { window: TimeDelta::seconds(2), cap: TimeDelta::seconds(8) };
            let mut now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
            let mut thread = thread(now);
            for (at, event) in events.into_iter().enumerate() {
                now += TimeDelta::seconds(1);
                let before = thread.clone();
                let id = Uuid::from_u128(at as u128 + 1);
                match event {
                    Event::Customer(ago) => {
                        let at = now - TimeDelta::seconds(ago);
                        thread.next_arrival();
                        thread.customer_wrote(at);
                        thread.added(id, at);
                        if thread.assistant_answers(now) {
                            let due = thread.owe_reply(now, &quiet);
                            prop_assert!(due <= now + quiet.window);
                        }
                        prop_assert_eq!(thread.unread, before.unread + 1);
                        prop_assert!(thread.status != ConversationStatus::Closed, "who writes again is heard again");
                    }
                    Event::Person(ago) => {
                        let at = now - TimeDelta::seconds(ago);
                        let arrival = thread.next_arrival();
                        thread.person_wrote(arrival, at, TimeDelta::minutes(30), now);
                        thread.added(id, at);
                        if ago < 1800 {
                            prop_assert!(thread.ai.at(now) != AiMode::Active);
                            prop_assert!(thread.reply_due_at.is_none());
                        }
                    }
                    Event::Answered => thread.assistant_answered(thread.last_arrival, 0),
                    Event::HandOver => thread.hand_over("asks_for_person"),
                    Event::Close => {
                        thread.close(now);
                        prop_assert_eq!((thread.unread, thread.reply_due_at), (0, None));
                        prop_assert!(thread.human_arrival > before.last_arrival || thread.last_arrival == before.human_arrival);
                        let off = before.ai.mode == AiMode::Off;
                        prop_assert_eq!(thread.ai.at(now), if off { AiMode::Off } else { AiMode::Active });
                    }
                    Event::Switch(on) => {
                        thread.switch_ai(on, now);
                        prop_assert!(!thread.switch_ai(on, now), "switching twice changes nothing");
                    }
                }
                prop_assert!(thread.last_opening_at >= before.last_opening_at, "the window never moves back");
                prop_assert!(thread.last_opening_at.is_none_or(|opened| opened <= now));
                prop_assert!(thread.last_message_at >= before.last_message_at || before.last_message_id.is_none());
                prop_assert_eq!(thread.reply_first_at.is_some(), thread.reply_due_at.is_some());
                prop_assert!(thread.answered_arrival <= thread.last_arrival);
            }
        }
    }

    #[test]
    fn what_a_copy_of_ours_did_is_undone_but_not_what_a_person_did_before() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let pause = TimeDelta::minutes(30);
        let message = |id: u128, arrival| Message {
            id: Uuid::from_u128(id),
            conversation_id: Uuid::nil(),
            arrival,
            mid: None,
            sender: SenderType::Business,
            content: String::new(),
            attachments: Vec::new(),
            status: MessageStatus::Sent,
            failure: None,
            provenance: None,
            platform_at: now,
            received_at: now,
            turn: None,
            part_no: 0,
            answers_after: 0,
            due_at: None,
            send_after: None,
            author: None,
            client_id: None,
            attachment_id: None,
        };
        let earlier = (1, now - TimeDelta::minutes(10));
        for (last, mode) in [(None, AiMode::Active), (Some(earlier), AiMode::Paused)] {
            let mut thread = thread(now);
            thread.last_arrival = 3;
            thread.person_wrote(3, now, pause, now);
            thread.added(Uuid::from_u128(3), now);
            assert_eq!(thread.ai.at(now), AiMode::Paused);
            thread.take_back(&message(3, 3), &message(2, 2), last, pause, now);
            assert_eq!(thread.ai.at(now), mode);
            assert_eq!(thread.ai.until, last.map(|(_, at)| at + pause));
            assert_eq!((thread.human_arrival, thread.answered_arrival), (last.map_or(0, |(at, _)| at), 2));
            assert_eq!(thread.last_message_id, Some(Uuid::from_u128(2)));
        }
    }

    #[test]
    fn an_old_echo_answers_nothing() {
        let now = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let mut thread = thread(now);
        thread.next_arrival();
        thread.customer_wrote(now);
        thread.added(Uuid::from_u128(1), now);
        let arrival = thread.next_arrival();
        thread.person_wrote(arrival, now - TimeDelta::hours(25), TimeDelta::minutes(30), now);
        assert_eq!((thread.unread, thread.ai.at(now)), (1, AiMode::Active));
    }
}
