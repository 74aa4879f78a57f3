//! One transaction that changes conversations: what it adds, the events that tell of it, and the work that follows from it.
//! Shared by ingest, people's sends, replies and sends. The events are its last statement.
//!
//! Locks are taken in one order everywhere: conversation, due work, the tenant's counter.

use chatdesk_meta::Platform;
use chatdesk_platform::db::{DueItem, Handler as _, Job, TenantTx, schedule, unschedule};
use chatdesk_platform::{Caller, Error, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::desk::Desk;
use crate::model::{
    Ai, Attachment, Author, Cause, Change, EventType, Failure, Message, MessageStatus, Provenance, SenderType, Step,
    Tag, Thread, words_of,
};
use crate::store;
use crate::store::messages::NewMessage;
use crate::store::terms::Term;
use crate::work::{Profile, Reply, Send};

/// A tenant's transaction with what is to be told after it.
pub struct Timeline {
    /// The transaction.
    pub tx: TenantTx,
    /// The present moment, one for the whole transaction.
    pub now: DateTime<Utc>,
    desk: Desk,
    changes: Vec<Change>,
    terms: Vec<Term>,
}

/// What was noted so far.
pub struct Noted {
    changes: Vec<Change>,
    terms: usize,
}

/// What a person sends.
pub struct Written<'a> {
    /// The words; empty with an attachment.
    pub text: &'a str,
    /// An upload instead of words: its id, and how it is shown.
    pub upload: Option<(Uuid, Attachment)>,
    /// The member.
    pub author: Option<Uuid>,
    /// The key it is sent with; maybe empty.
    pub key: &'a str,
}

/// A message that the platform told us of.
pub struct Seen<'a> {
    /// Meta's id of it.
    pub mid: &'a str,
    /// Who wrote it: the customer, or a person of the business elsewhere.
    pub sender: SenderType,
    /// Its text.
    pub text: &'a str,
    /// Its attachments.
    pub attachments: &'a [Attachment],
    /// Whether the assistant may take it for a question.
    pub answerable: bool,
    /// Meta's time.
    pub at: DateTime<Utc>,
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
    /// Begins.
    pub async fn begin(desk: &Desk, caller: &Caller) -> Result<Self, Error> {
        let tx = desk.db.begin(caller).await?;
        Ok(Self { tx, now: desk.clock.now(), desk: desk.clone(), changes: Vec::new(), terms: Vec::new() })
    }

    /// What was noted so far, to return to with [`Timeline::forget_since`].
    #[must_use]
    pub fn noted(&self) -> Noted {
        Noted { changes: self.changes.clone(), terms: self.terms.len() }
    }

    /// Forgets what was noted for statements that were undone.
    pub fn forget_since(&mut self, noted: Noted) {
        self.changes = noted.changes;
        self.terms.truncate(noted.terms);
    }

    /// A conversation is found by these words from now on: a message's, or without one those of its contact's name.
    pub fn index(&mut self, conversation: Uuid, message: Option<Uuid>, text: &str, at: DateTime<Utc>) {
        self.terms.extend(words_of(text).into_iter().map(|term| Term { conversation, term, message, at }));
    }

    /// Notes an event. An event shows its entity as it is when it is read, so one of a kind is enough.
    pub fn note(&mut self, kind: EventType, entity: Uuid) {
        let change = Change { kind, entity };
        self.changes.retain(|known| *known != change);
        self.changes.push(change);
    }

    /// Makes it durable, then wakes workers and streams.
    pub async fn commit(mut self) -> Result<(), Error> {
        store::terms::keep(&mut self.tx, std::mem::take(&mut self.terms)).await?;
        if !self.changes.is_empty() {
            store::events::append(&mut self.tx, &self.changes, self.now).await?;
            let (hub, tenant) = (self.desk.hub.clone(), self.tx.tenant());
            self.tx.after_commit(move || hub.ring(tenant));
        }
        self.tx.commit().await
    }

    /// Schedules work for an entity of this tenant.
    pub async fn schedule(&mut self, kind: &'static str, entity: Uuid, at: DateTime<Utc>) -> Result<(), Error> {
        let item = DueItem { kind, tenant: Some(self.tx.tenant()), entity };
        schedule(self.tx.conn(), item, at).await?;
        let wakes = self.desk.wakes.clone();
        self.tx.after_commit(move || wakes.wake(kind));
        Ok(())
    }

    /// Takes a conversation's reply out of the due work.
    pub async fn unschedule_reply(&mut self, conversation: Uuid) -> Result<(), Error> {
        let item = DueItem { kind: Reply::KIND, tenant: Some(self.tx.tenant()), entity: conversation };
        unschedule(self.tx.conn(), item).await
    }

    /// Locks a conversation that work is about, and holds the work's lease.
    pub async fn lock_for(&mut self, job: &Job) -> Result<Option<Thread>, Error> {
        let Some(thread) = store::conversations::lock(&mut self.tx, job.entity).await? else { return Ok(None) };
        job.fence(self.tx.conn()).await?;
        Ok(Some(thread))
    }

    /// The locked conversation with a customer of a channel, begun if need be. To begin one it must be known whether the assistant is on:
    /// answering against the shop's wish, or leaving its customers unanswered, would be worse than a wait.
    pub async fn thread_with(
        &mut self,
        channel: Uuid,
        platform: Platform,
        user: &str,
        ai_on: Option<bool>,
    ) -> Result<Thread, Error> {
        if let Some(thread) = store::conversations::lock_with(&mut self.tx, channel, user).await? {
            return Ok(thread);
        }
        let ai = Ai::switched(ai_on.ok_or(Error::Unavailable("the assistant's settings"))?);
        let (contact, is_new) =
            store::contacts::ensure(&mut self.tx, new_id(), channel, platform, user, self.now).await?;
        let id = new_id();
        if store::conversations::create(&mut self.tx, (id, channel, contact, platform), &ai, self.now).await? {
            self.note(EventType::ConversationCreated, id);
        }
        if is_new {
            self.schedule(Profile::KIND, contact, self.now).await?;
        }
        let thread = store::conversations::lock_with(&mut self.tx, channel, user).await?;
        thread.ok_or_else(|| Error::internal("a conversation is gone that was just begun"))
    }

    /// Adds a message that the platform told us of; none when it is known already, and then nothing else may be changed for it.
    pub async fn add_seen(&mut self, thread: &mut Thread, seen: &Seen<'_>) -> Result<Option<i64>, Error> {
        let id = new_id();
        let arrival = thread.next_arrival();
        let status = match seen.sender {
            SenderType::Contact => MessageStatus::Received,
            SenderType::Business | SenderType::Ai => MessageStatus::Sent,
        };
        let new = NewMessage {
            id,
            place: (thread.id, thread.channel_id),
            arrival,
            mid: Some(seen.mid),
            sender: seen.sender,
            content: seen.text,
            attachments: seen.attachments,
            status,
            provenance: None,
            answerable: seen.answerable,
            platform_at: seen.at,
            received_at: self.now,
            author: None,
            client_id: None,
            attachment_id: None,
            part: None,
            due_at: None,
        };
        if !store::messages::insert(&mut self.tx, &new).await? {
            return Ok(None);
        }
        self.index(thread.id, Some(id), seen.text, seen.at);
        // Before `added` moves it: whether a person's message is the newest decides what it answers.
        if seen.sender == SenderType::Business {
            thread.person_wrote(arrival, seen.at, self.desk.config.ai_pause, self.now);
        }
        thread.added(id, seen.at);
        self.note(EventType::MessageCreated, id);
        Ok(Some(arrival))
    }

    /// Queues what a person wrote, pauses the assistant and drops the reply it owed. Gives the message's id.
    pub async fn queue_persons(&mut self, thread: &mut Thread, written: &Written<'_>) -> Result<Uuid, Error> {
        let (id, arrival) = (new_id(), thread.next_arrival());
        self.queue(thread, id, arrival, written.text, |new| {
            new.author = written.author;
            new.client_id = (!written.key.is_empty()).then_some(written.key);
            if let Some((upload, shown)) = &written.upload {
                new.attachment_id = Some(*upload);
                new.attachments = std::slice::from_ref(shown);
            }
        })
        .await?;
        thread.person_wrote(arrival, self.now, self.desk.config.ai_pause, self.now);
        thread.added(id, self.now);
        self.unschedule_reply(thread.id).await?;
        self.schedule(Send::KIND, thread.id, self.now).await?;
        Ok(id)
    }

    /// Queues the parts of a reply.
    pub async fn queue_reply(&mut self, thread: &mut Thread, draft: &Draft<'_>) -> Result<(), Error> {
        let (turn, answered) = (new_id(), thread.answered_arrival);
        for (part_no, text) in (0_i16..).zip(draft.parts) {
            let (id, arrival) = (new_id(), thread.next_arrival());
            self.queue(thread, id, arrival, text, |new| {
                new.sender = SenderType::Ai;
                new.provenance = Some(draft.provenance);
                new.part = Some((turn, part_no, answered));
                new.due_at = Some(draft.due_at);
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
            part: None,
            due_at: None,
        };
        set(&mut new);
        if !store::messages::insert(&mut self.tx, &new).await? {
            return Err(Error::internal("a message without a mid collided with another"));
        }
        self.index(thread.id, Some(id), text, self.now);
        self.note(EventType::MessageCreated, id);
        Ok(())
    }

    /// Gives the conversation to a person, with one line to the customer while Meta allows it.
    pub async fn hand_over(
        &mut self,
        thread: &mut Thread,
        reason: &str,
        line: Option<&Draft<'_>>,
    ) -> Result<(), Error> {
        metrics::counter!("chatdesk_inbox_handovers_total").increment(1);
        if let Some(draft) = line
            && Tag::allowed(Author::HandoverLine, thread.last_opening_at, self.now).is_some()
        {
            self.queue_reply(thread, draft).await?;
        }
        self.give_away(thread, reason).await
    }

    /// Gives the conversation to a person without a word to the customer.
    pub async fn give_away(&mut self, thread: &mut Thread, reason: &str) -> Result<(), Error> {
        thread.hand_over(reason);
        store::stats::handed_over(&mut self.tx, new_id(), thread.id, reason, self.now).await
    }

    /// Keeps a conversation's state and tells of it.
    pub async fn save(&mut self, thread: &Thread) -> Result<(), Error> {
        store::conversations::save(&mut self.tx, thread).await?;
        self.note(EventType::ConversationUpdated, thread.id);
        Ok(())
    }

    /// Takes one step with an outgoing message; false when the step cannot happen to it, and then nothing changed.
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
        store::messages::set_status(&mut self.tx, message.id, status, failure.as_ref(), sending_at, send_after).await?;
        message.status = status;
        message.failure = failure;
        self.note(EventType::MessageUpdated, message.id);
        Ok(true)
    }

    /// Gives up a message, and the later parts of its reply.
    pub async fn refuse(&mut self, message: &mut Message, failure: Failure) -> Result<(), Error> {
        if self.step(message, Step::Refuse, Some(failure), None).await? {
            self.drop_later_parts(message, Cause::PreviousPart).await?;
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

    /// Gives up the later parts of a message's reply.
    pub async fn drop_later_parts(&mut self, message: &Message, cause: Cause) -> Result<(), Error> {
        let Some(turn) = message.turn else { return Ok(()) };
        for mut part in store::messages::later_parts(&mut self.tx, turn, message.part_no).await? {
            self.step(&mut part, Step::Refuse, Some(cause.into()), None).await?;
        }
        Ok(())
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { code: cause.as_str().to_owned(), detail: cause.detail().to_owned() }
    }
}
