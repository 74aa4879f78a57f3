//! Finds out what became of a message of which nobody knows: waits for its echo, then reads Meta's own record of the conversation. What is
//! found there went out; what is proven absent is sent again, once; of anything else a person must say. What a record proves, and what it
//! does not, stands with [`search`].

use std::error::Error as StdError;

use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_platform::{Error, full_jitter};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::desk::Desk;
use crate::model::{ConversationStatus, EventType, Finding, Kept, Message, MessageStatus, Step, Thread, reach, search};
use crate::reads::{PATIENT, Unread};
use crate::store;
use crate::timeline::Timeline;
use crate::work::Send;

/// So many looks at a record without the message prove that it did not go out.
const ABSENCES: i16 = 2;
/// Pages of the record that are read for one look, of 50 messages each.
const MOST_PAGES: usize = 10;

/// The work of kind `settle`, whose entity is a message.
pub struct Settle {
    desk: Desk,
}

/// A message that is looked for.
struct Lost {
    message: Uuid,
    conversation: Uuid,
    channel: Uuid,
    user: String,
    sending_at: DateTime<Utc>,
    unknown_at: DateTime<Utc>,
}

enum Next {
    /// It is known what became of it, or a person was asked.
    Nothing,
    Wait(DateTime<Utc>),
    /// Nobody can be asked any more.
    Hopeless(Lost),
    Look(Lost),
}

/// What Meta keeps.
struct Record {
    kept: Vec<Kept>,
    /// Something is from before the sending, so everything since is there.
    reaches_back: bool,
    /// Meta said that there is no more. It need not have kept the beginning.
    is_over: bool,
}

impl Settle {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn next(&self, job: &Job) -> Result<Next, Error> {
        let now = self.desk.clock.now();
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        let message = store::messages::by_ids(&mut tx, &[job.entity]).await?.pop();
        let message = message.filter(|message| message.status == MessageStatus::Unknown);
        let Some(message) = message.filter(|message| !message.sending.needs_decision) else { return Ok(Next::Nothing) };
        let thread = store::conversations::by_ids(&mut tx, &[message.conversation_id]).await?.pop();
        let Some(thread) = thread else { return Ok(Next::Nothing) };
        let contact = store::contacts::by_ids(&mut tx, &[thread.contact_id]).await?.pop();
        let contact = contact.ok_or_else(|| Error::internal("a conversation without its contact"))?;
        let gate = store::routing::gate(&mut tx, thread.channel_id).await?;
        tx.commit().await?;
        let unknown_at = message.sending.unknown_at.unwrap_or(now);
        let due = unknown_at + self.desk.config.settle_wait;
        // A clock that was set back must not make the wait longer.
        if unknown_at <= now && now < due {
            return Ok(Next::Wait(due));
        }
        if !gate.tenant_active {
            return Ok(Next::Wait(now + self.desk.config.hold));
        }
        let lost = Lost {
            message: message.id,
            conversation: thread.id,
            channel: thread.channel_id,
            user: contact.platform_user_id,
            sending_at: message.sending.at.unwrap_or(message.received_at),
            unknown_at,
        };
        Ok(if gate.channel_active { Next::Look(lost) } else { Next::Hopeless(lost) })
    }

    async fn read(&self, job: &Job, lost: &Lost) -> Result<Record, Unread> {
        let reach = reach(lost.sending_at);
        let mut record = Record { kept: Vec::new(), reaches_back: false, is_over: false };
        let mut cursor = String::new();
        for _ in 0..MOST_PAGES {
            // Many of one page must not keep others waiting: who is not next goes to the end. What is begun is read on.
            let patience = if cursor.is_empty() { self.desk.config.read_every } else { PATIENT };
            let page = self.desk.reads.thread(job.tenant, lost.channel, &lost.user, &cursor, patience).await?;
            record.is_over = page.next.is_empty();
            record.reaches_back = page.items.iter().any(|kept| kept.at < reach);
            record.kept.extend(page.items);
            if record.is_over || record.reaches_back {
                break;
            }
            cursor = page.next;
        }
        Ok(record)
    }

    /// Writes down what the record says.
    async fn conclude(&self, job: &Job, lost: &Lost, record: &Record) -> Result<Done, Error> {
        let Some((mut line, mut thread, mut message)) = self.hold(job, lost).await? else { return Ok(Done::Finished) };
        let mids: Vec<String> = record.kept.iter().map(|kept| kept.mid.clone()).collect();
        let holders = store::messages::holders(&mut line.tx, lost.channel, &mids).await?;
        // In a conversation that began a moment ago nothing is from before: its first message stands for that.
        let is_whole = record.reaches_back
            || record.is_over
                && store::messages::first_mid(&mut line.tx, thread.id)
                    .await?
                    .is_some_and(|first| mids.contains(&first));
        let outcome = match search(&message, lost.sending_at, &record.kept, &holders, is_whole) {
            Finding::Found(kept) => {
                line.proven(&thread, &mut message, kept).await?;
                "found"
            }
            Finding::Absent if message.sending.absences + 1 < ABSENCES => {
                store::messages::set_absences(&mut line.tx, message.id, message.sending.absences + 1).await?;
                // With the count, so that no crash between brings the two looks closer together.
                let again = line.now + self.desk.config.settle_read;
                line.schedule(Self::KIND, message.id, again).await?;
                line.commit().await?;
                return Ok(Done::Finished);
            }
            Finding::Absent if !message.sending.was_resent => {
                line.step(&mut message, Step::Absent, None, None).await?;
                store::messages::set_resent(&mut line.tx, message.id).await?;
                let now = line.now;
                line.schedule(Send::KIND, thread.id, now).await?;
                "absent"
            }
            Finding::Short if !self.is_over(lost) => {
                line.commit().await?;
                return Ok(self.later(lost));
            }
            Finding::Absent | Finding::Doubtful | Finding::Short => {
                self.ask(&mut line, &mut thread, &message).await?;
                "asked"
            }
        };
        chatdesk_platform::fail_point("settle.commit");
        line.commit().await?;
        metrics::counter!("chatdesk_inbox_settled_total", "outcome" => outcome).increment(1);
        Ok(Done::Finished)
    }

    /// The locked conversation and the message, if it is still unknown.
    async fn hold(&self, job: &Job, lost: &Lost) -> Result<Option<(Timeline, Thread, Message)>, Error> {
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        let Some(thread) = store::conversations::lock(&mut line.tx, lost.conversation).await? else { return Ok(None) };
        job.fence(line.tx.conn()).await?;
        let message = store::messages::by_ids(&mut line.tx, &[lost.message]).await?.pop();
        let message = message.filter(|message| message.status == MessageStatus::Unknown);
        Ok(message.filter(|message| !message.sending.needs_decision).map(|message| (line, thread, message)))
    }

    /// A person must say what became of it.
    async fn ask(&self, line: &mut Timeline, thread: &mut Thread, message: &Message) -> Result<(), Error> {
        store::messages::set_undecided(&mut line.tx, message.id).await?;
        line.note(EventType::MessageUpdated, message.id);
        thread.status = ConversationStatus::NeedsHuman;
        line.save(thread).await
    }

    async fn ask_at_once(&self, job: &Job, lost: &Lost) -> Result<Done, Error> {
        if let Some((mut line, mut thread, message)) = self.hold(job, lost).await? {
            self.ask(&mut line, &mut thread, &message).await?;
            line.commit().await?;
            metrics::counter!("chatdesk_inbox_settled_total", "outcome" => "asked").increment(1);
        }
        Ok(Done::Finished)
    }

    /// Whether Meta was asked for long enough. Also when the clock was set back, since when nobody can say how long it was.
    fn is_over(&self, lost: &Lost) -> bool {
        let now = self.desk.clock.now();
        now < lost.unknown_at || now >= lost.unknown_at + self.desk.config.settle_give_up
    }

    fn later(&self, lost: &Lost) -> Done {
        let end = lost.unknown_at + self.desk.config.settle_give_up;
        Done::At((self.desk.clock.now() + self.desk.config.settle_read).min(end))
    }
}

impl Handler for Settle {
    const KIND: &'static str = "settle";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let lost = match self.next(&job).await? {
            Next::Nothing => return Ok(Done::Finished),
            Next::Wait(at) => return Ok(Done::At(at)),
            Next::Hopeless(lost) => return Box::pin(self.ask_at_once(&job, &lost)).await,
            Next::Look(lost) => lost,
        };
        match self.read(&job, &lost).await {
            Ok(record) => self.conclude(&job, &lost, &record).await,
            Err(unread) => {
                // Spread, so that they do not all come back at once.
                if let Unread::Crowded(_) = unread
                    && !self.is_over(&lost)
                {
                    let read = self.desk.config.settle_read.to_std().unwrap_or_default();
                    let wait = TimeDelta::from_std(full_jitter(0, read, read)).unwrap_or_default();
                    return Ok(Done::At(self.desk.clock.now() + wait));
                }
                tracing::warn!(code = unread.code(), "cannot read what Meta keeps of a conversation");
                if self.is_over(&lost) { Box::pin(self.ask_at_once(&job, &lost)).await } else { Ok(self.later(&lost)) }
            }
        }
    }

    /// A defect keeps it from being settled: a person must say.
    async fn set_aside(&self, job: &Job) {
        let asked = async {
            match self.next(job).await? {
                Next::Nothing | Next::Wait(_) => Ok(Done::Finished),
                Next::Hopeless(lost) | Next::Look(lost) => Box::pin(self.ask_at_once(job, &lost)).await,
            }
        };
        if let Err(error) = Box::pin(asked).await {
            tracing::error!(error = &error as &dyn StdError, "cannot show that nobody knows of a message");
        }
    }
}
