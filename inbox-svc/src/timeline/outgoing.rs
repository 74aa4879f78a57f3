//! What goes out: what people and the assistant queue, and every step a message takes from there.

use chatdesk_platform::db::Handler as _;
use chatdesk_platform::{Error, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Timeline;
use crate::model::{
    Attachment, Cause, ConversationStatus, EventType, Failure, Kept, Message, MessageOrigin, MessageStatus, Provenance,
    Rich, SenderType, Step, Thread,
};
use crate::store;
use crate::store::messages::NewMessage;
use crate::work::{Send, Settle};

/// What a person sends.
pub struct Written<'a> {
    /// The words, cut to what the platform takes; empty with an upload or cards.
    pub parts: &'a [String],
    /// An upload instead of words: its id, and how it is shown.
    pub upload: Option<(Uuid, Attachment)>,
    /// Cards instead of words, or answers to tap under the last of them.
    pub rich: Option<Rich>,
    /// The member.
    pub author: Option<Uuid>,
    /// The key it is sent with; maybe empty.
    pub key: &'a str,
}

/// A reply of the assistant.
pub struct Draft<'a> {
    /// Its parts, in order.
    pub parts: &'a [String],
    /// Where they come from.
    pub provenance: &'a Provenance,
    /// When it was due.
    pub due_at: DateTime<Utc>,
}

impl Timeline {
    /// Queues what a person wrote, pauses the assistant and drops the reply it owed. Gives the first message's id. The parts of a long
    /// text belong together like those of a reply: after one that did not go out for certain, none goes.
    pub async fn queue_persons(&mut self, thread: &mut Thread, written: &Written<'_>) -> Result<Uuid, Error> {
        let blank = [String::new()];
        let parts = if written.parts.is_empty() { &blank } else { written.parts };
        let turn = (parts.len() > 1).then(new_id);
        let mut first = None;
        for (part_no, text) in (0_i16..).zip(parts) {
            let (id, arrival) = (new_id(), thread.next_arrival());
            let is_last = usize::try_from(part_no).is_ok_and(|part| part + 1 == parts.len());
            self.queue(thread, id, arrival, text, |new| {
                new.author = written.author;
                new.client_id = (part_no == 0 && !written.key.is_empty()).then_some(written.key);
                new.part = turn.map(|turn| (turn, part_no, 0));
                new.rich = written.rich.as_ref().filter(|_| is_last);
                if let Some((upload, shown)) = &written.upload {
                    new.attachment_id = Some(*upload);
                    new.attachments = std::slice::from_ref(shown);
                }
            })
            .await?;
            thread.person_wrote(arrival, self.now, self.desk.config.ai_pause, self.now);
            thread.added(id, self.now);
            first.get_or_insert(id);
        }
        self.unschedule_reply(thread.id).await?;
        self.schedule(Send::KIND, thread.id, self.now).await?;
        first.ok_or_else(|| Error::internal("a message without parts"))
    }

    /// Queues the parts of a reply.
    pub async fn queue_reply(&mut self, thread: &mut Thread, draft: &Draft<'_>) -> Result<(), Error> {
        self.queue_reply_with(thread, draft, None).await
    }

    /// Queues the parts of a reply, and after them the cards of what it speaks of.
    pub async fn queue_reply_with(
        &mut self,
        thread: &mut Thread,
        draft: &Draft<'_>,
        cards: Option<&Rich>,
    ) -> Result<(), Error> {
        let (turn, answered) = (new_id(), thread.answered_arrival);
        let parts = draft.parts.iter().map(|text| (text.as_str(), None));
        let parts = parts.chain(cards.map(|cards| ("", Some(cards))));
        for (part_no, (text, rich)) in (0_i16..).zip(parts) {
            let (id, arrival) = (new_id(), thread.next_arrival());
            self.queue(thread, id, arrival, text, |new| {
                new.sender = SenderType::Ai;
                new.provenance = Some(draft.provenance);
                new.part = Some((turn, part_no, answered));
                new.due_at = Some(draft.due_at);
                new.rich = rich;
            })
            .await?;
            thread.added(id, self.now);
        }
        self.schedule(Send::KIND, thread.id, self.now).await
    }

    async fn queue<'a>(
        &mut self,
        thread: &Thread,
        id: Uuid,
        arrival: i64,
        text: &'a str,
        set: impl FnOnce(&mut NewMessage<'a>),
    ) -> Result<(), Error> {
        let mut new = NewMessage {
            id,
            place: (thread.id, thread.channel_id),
            arrival,
            mid: None,
            sender: SenderType::Business,
            content: text,
            attachments: &[],
            status: MessageStatus::Queued,
            provenance: None,
            answerable: false,
            platform_at: self.now,
            received_at: self.now,
            author: None,
            client_id: None,
            attachment_id: None,
            rich: None,
            part: None,
            due_at: None,
            origin: MessageOrigin::Live,
            context: None,
        };
        set(&mut new);
        if !store::messages::insert(&mut self.tx, &new).await? {
            return Err(Error::internal("a message without a mid collided with another"));
        }
        self.index(thread.id, Some(id), text, self.now);
        self.note(EventType::MessageCreated, id);
        Ok(())
    }

    /// Takes one step with an outgoing message; false when the step cannot happen to it, and then nothing changed. One that becomes unknown
    /// is looked for at Meta when its echo does not come.
    pub async fn step(
        &mut self,
        message: &mut Message,
        step: Step,
        failure: Option<Failure>,
        send_after: Option<DateTime<Utc>>,
    ) -> Result<bool, Error> {
        let Some(status) = message.status.step(step) else { return Ok(false) };
        if status == message.status {
            return Ok(true);
        }
        let sending_at = (step == Step::Dispatch).then_some(self.now);
        let times = (sending_at, send_after);
        // Its receipt may have come first.
        let reached =
            store::messages::set_status(&mut self.tx, message.id, status, failure.as_ref(), times, self.now).await?;
        message.status = reached;
        message.failure = failure;
        message.sending.needs_decision = false;
        if status == MessageStatus::Unknown {
            metrics::counter!("chatdesk_inbox_sends_unknown_total").increment(1);
            self.schedule(Settle::KIND, message.id, self.now + self.desk.config.settle_wait).await?;
        }
        self.note(EventType::MessageUpdated, message.id);
        Ok(true)
    }

    /// Meta's record shows that our message went out.
    pub async fn proven(&mut self, thread: &Thread, message: &mut Message, kept: &Kept) -> Result<(), Error> {
        self.name(thread.channel_id, message.id, &kept.mid).await?;
        self.step(message, Step::Prove, None, None).await?;
        if message.attachment_id.is_some() && message.fill_in(&kept.attachments) {
            store::messages::set_attachments(&mut self.tx, message.id, &message.attachments).await?;
        }
        Ok(())
    }

    /// Meta itself says that this id is our message's. Another of ours, which was found by its words alone, gives it back: nobody knows of
    /// that one any more.
    pub async fn own(&mut self, thread: &mut Thread, message: &Message, mid: &str) -> Result<(), Error> {
        let holder = store::messages::by_mid(&mut self.tx, thread.channel_id, mid).await?;
        match holder {
            Some(holder) if holder.id == message.id => return Ok(()),
            Some(holder) if holder.sending.at.is_none() => {
                tracing::warn!(message = %message.id, "Meta's id of a message is another's that did not go out from here");
                return Ok(());
            }
            Some(mut mistaken) => {
                store::messages::clear_mid(&mut self.tx, mistaken.id).await?;
                self.unknown(thread, &mut mistaken, Step::Doubt).await?;
            }
            None => {}
        }
        self.name(thread.channel_id, message.id, mid).await
    }

    /// Gives up a message, and the later parts of its reply.
    pub async fn refuse(&mut self, message: &mut Message, failure: Failure) -> Result<(), Error> {
        if self.step(message, Step::Refuse, Some(failure), None).await? {
            self.drop_later_parts(message, Cause::PreviousPart).await?;
        }
        Ok(())
    }

    /// Nobody knows whether it is out, unless its echo came first: then its later parts may follow. Whatever is found out later, those that
    /// go with it are gone, so of half an answer of the assistant's a person hears.
    pub async fn lose(&mut self, thread: &mut Thread, message: &mut Message) -> Result<(), Error> {
        self.unknown(thread, message, Step::Lose).await
    }

    async fn unknown(&mut self, thread: &mut Thread, message: &mut Message, step: Step) -> Result<(), Error> {
        self.step(message, step, None, None).await?;
        if message.status == MessageStatus::Unknown {
            let is_half = self.drop_later_parts(message, Cause::PreviousPart).await?;
            if is_half && message.sender == SenderType::Ai && thread.status != ConversationStatus::NeedsHuman {
                thread.status = ConversationStatus::NeedsHuman;
                self.save(thread).await?;
            }
        }
        Ok(())
    }

    /// Gives up what the assistant said and is not on its way yet: a person decided.
    pub async fn drop_answers(&mut self, conversation: Uuid) -> Result<(), Error> {
        for mut message in store::messages::unsent(&mut self.tx, conversation).await? {
            if message.sender == SenderType::Ai && message.status == MessageStatus::Queued {
                self.step(&mut message, Step::Refuse, Some(Cause::Superseded.into()), None).await?;
            }
        }
        Ok(())
    }

    /// Gives up the later parts of a message's reply; false when there are none.
    pub async fn drop_later_parts(&mut self, message: &Message, cause: Cause) -> Result<bool, Error> {
        let Some(turn) = message.turn else { return Ok(false) };
        let mut is_any = false;
        for mut part in store::messages::later_parts(&mut self.tx, turn, message.part_no).await? {
            is_any |= self.step(&mut part, Step::Refuse, Some(cause.into()), None).await?;
        }
        Ok(is_any)
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { code: cause.as_str().to_owned(), detail: cause.detail().to_owned() }
    }
}
