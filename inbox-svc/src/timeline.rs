//! One transaction that changes conversations: what it adds, the events that tell of it, and the work that follows from it.
//! Shared by ingest, people's sends, replies and sends. The events are its last statement.
//!
//! Locks are taken in one order everywhere: conversation, due work, the tenant's counter.

mod outgoing;
mod unanswered;

use chatdesk_meta::Platform;
use chatdesk_platform::db::{DueItem, Handler as _, Job, TenantTx, schedule, unschedule};
use chatdesk_platform::{Caller, Error, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::Config;
use crate::desk::Desk;
use crate::intake;
use crate::model::{
    Ai, Attachment, Author, Change, Context, EventType, MessageOrigin, MessageStatus, SenderType, Tag, Thread,
    person_digest, words_of,
};
use crate::store;
use crate::store::messages::NewMessage;
use crate::store::terms::Term;
use crate::work::{Profile, Reply};

pub use outgoing::{Draft, Written};

/// A tenant's transaction with what is to be told after it.
pub struct Timeline {
    /// The transaction.
    pub tx: TenantTx,
    /// The present moment, one for the whole transaction.
    pub now: DateTime<Utc>,
    desk: Desk,
    changes: Vec<Change>,
    terms: Vec<Term>,
    /// Of a channel: messages that are known by Meta's id since this transaction, and conversations that began.
    arrived: Vec<(Uuid, String)>,
}

/// What was noted so far.
pub struct Noted {
    changes: Vec<Change>,
    terms: Vec<Term>,
    arrived: usize,
}

/// What is known of a new customer.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// What they are called; maybe empty.
    pub name: &'a str,
    /// When to ask for their profile.
    pub profile_at: DateTime<Utc>,
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
    /// What it answers or came from.
    pub context: Option<&'a Context>,
    /// How it came to us.
    pub origin: MessageOrigin,
    /// Whether somebody besides us wrote it for the business, before whom the assistant steps back.
    pub by_person: bool,
}

impl Timeline {
    /// Begins.
    pub async fn begin(desk: &Desk, caller: &Caller) -> Result<Self, Error> {
        let tx = desk.db.begin(caller).await?;
        Ok(Self {
            tx,
            now: desk.clock.now(),
            desk: desk.clone(),
            changes: Vec::new(),
            terms: Vec::new(),
            arrived: Vec::new(),
        })
    }

    /// What was noted so far, to return to with [`Timeline::forget_since`].
    #[must_use]
    pub fn noted(&self) -> Noted {
        Noted { changes: self.changes.clone(), terms: self.terms.clone(), arrived: self.arrived.len() }
    }

    /// Forgets what was noted for statements that were undone.
    pub fn forget_since(&mut self, noted: Noted) {
        self.changes = noted.changes;
        self.terms = noted.terms;
        self.arrived.truncate(noted.arrived);
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

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.desk.config
    }

    /// What waited for these became possible. Nothing is left: it is asked for once.
    pub fn take_arrived(&mut self) -> Vec<(Uuid, String)> {
        std::mem::take(&mut self.arrived)
    }

    /// Forgets what a message said: nobody finds the conversation by it any more, unless the same was said elsewhere in it.
    pub async fn unindex(&mut self, thread: &Thread, message: Uuid, text: &str) -> Result<(), Error> {
        self.terms.retain(|term| term.message != Some(message));
        let gone = store::terms::drop_message(&mut self.tx, thread.id, message, &words_of(text)).await?;
        if gone.is_empty() {
            return Ok(());
        }
        let said = |text: &str| words_of(text).into_iter().filter(|word| gone.contains(word)).collect::<Vec<_>>();
        let contact = store::contacts::by_ids(&mut self.tx, &[thread.contact_id]).await?.pop();
        let name = contact.map(|contact| (None, contact.display_name, self.now));
        let others = store::terms::said_in(&mut self.tx, thread.id, message).await?;
        let others = others.into_iter().map(|(id, text, at)| (Some(id), text, at)).chain(name);
        for (message, text, at) in others {
            let conversation = thread.id;
            self.terms.extend(said(&text).into_iter().map(|term| Term { conversation, term, message, at }));
        }
        Ok(())
    }

    /// Makes it durable, then wakes workers and streams. What waited for a message that is there now comes to its end with it.
    pub async fn commit(mut self) -> Result<(), Error> {
        if !self.arrived.is_empty() {
            intake::take_parked(&mut self).await?;
        }
        store::terms::keep(&mut self.tx, std::mem::take(&mut self.terms)).await?;
        if !self.changes.is_empty() {
            let seq = store::events::append(&mut self.tx, &self.changes, self.now).await?;
            let (hub, tenant) = (self.desk.hub.clone(), self.tx.tenant());
            self.tx.after_commit(move || hub.ring(tenant, seq));
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
    /// answering against the shop's wish, or leaving its customers unanswered, would be worse than a wait. `acted_at` is when the customer
    /// did what begins it, none when it was not them: none is begun with a person who was forgotten since, or does nothing.
    pub async fn thread_with(
        &mut self,
        channel: Uuid,
        platform: Platform,
        user: &str,
        ai_on: Option<bool>,
        acted_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Thread>, Error> {
        let known = Known { name: "", profile_at: self.now };
        self.thread_listed(channel, platform, user, ai_on, acted_at, known).await
    }

    /// As [`Timeline::thread_with`]; of a new customer it may be known what they are called.
    pub async fn thread_listed(
        &mut self,
        channel: Uuid,
        platform: Platform,
        user: &str,
        ai_on: Option<bool>,
        acted_at: Option<DateTime<Utc>>,
        known: Known<'_>,
    ) -> Result<Option<Thread>, Error> {
        if let Some(thread) = store::conversations::lock_with(&mut self.tx, channel, user).await? {
            return Ok(Some(thread));
        }
        // What parks an item for this conversation at this moment is waited for, and found at the commit.
        store::conversations::reserve(&mut self.tx, channel, user).await?;
        let forgotten_to = store::erasures::forgotten_to(&mut self.tx, &person_digest(channel, user)).await?;
        // Whoever was forgotten comes back only by what they do from then on.
        if forgotten_to.is_some_and(|to| acted_at.is_none_or(|at| at <= to)) {
            return Ok(None);
        }
        let ai = Ai::switched(ai_on.ok_or(Error::Unavailable("the assistant's settings"))?);
        let (contact, is_new) =
            store::contacts::ensure(&mut self.tx, new_id(), channel, platform, user, self.now).await?;
        let id = new_id();
        if store::conversations::create(&mut self.tx, (id, channel, contact, platform), &ai, forgotten_to, self.now)
            .await?
        {
            self.note(EventType::ConversationCreated, id);
            self.arrived.push((channel, intake::waits_for_contact(user)));
        }
        if is_new {
            if !known.name.is_empty() {
                store::contacts::set_name(&mut self.tx, contact, known.name).await?;
                self.index(id, None, known.name, self.now);
            }
            self.schedule(Profile::KIND, contact, known.profile_at).await?;
        }
        let thread = store::conversations::lock_with(&mut self.tx, channel, user).await?;
        thread.map(Some).ok_or_else(|| Error::internal("a conversation is gone that was just begun"))
    }

    /// Adds a message that the platform told us of; none when it is known already, and then nothing else may be changed for it.
    /// Gives its id.
    pub async fn add_seen(&mut self, thread: &mut Thread, seen: &Seen<'_>) -> Result<Option<Uuid>, Error> {
        if thread.forgotten_to.is_some_and(|to| seen.at <= to) {
            return Ok(None);
        }
        let id = new_id();
        let arrival = thread.next_arrival();
        let status = match seen.sender {
            SenderType::Contact => MessageStatus::Received,
            // Its receipt may have come first.
            SenderType::Business | SenderType::Ai => thread.reached(seen.at),
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
            rich: None,
            part: None,
            due_at: None,
            origin: seen.origin,
            context: seen.context,
        };
        if !store::messages::insert(&mut self.tx, &new).await? {
            return Ok(None);
        }
        self.index(thread.id, Some(id), seen.text, seen.at);
        // Before `added` moves it: whether a person's message is the newest decides what it answers.
        if seen.sender == SenderType::Business && seen.by_person {
            thread.person_wrote(arrival, seen.at, self.desk.config.ai_pause, self.now);
        }
        thread.added(id, seen.at);
        self.note(EventType::MessageCreated, id);
        self.arrived.push((thread.channel_id, seen.mid.to_owned()));
        Ok(Some(id))
    }

    /// Meta's id of one of our messages became known.
    pub async fn name(&mut self, channel: Uuid, message: Uuid, mid: &str) -> Result<(), Error> {
        store::messages::set_mid(&mut self.tx, message, mid).await?;
        self.arrived.push((channel, mid.to_owned()));
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
}
