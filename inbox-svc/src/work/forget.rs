//! Forgets a contact: deletes at once what people see, then goes through the journal and the words. The journal is gone through once more when
//! Meta brings nothing again that it could not deliver: what was under way has come by then.

use chatdesk_meta::webhook::Item;
use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job, TenantTx};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::desk::Desk;
use crate::intake::{ERASED, waits_for_contact};
use crate::model::{EventType, person_digest};
use crate::redact;
use crate::store::conversations;
use crate::store::erasures::{self as rows, Open, Sought};
use crate::store::routing::page_of;
use crate::timeline::Timeline;

/// When the journal is gone through for the last time: Meta repeats a webhook for 36 hours (Graph API, "Webhooks").
const LAST_LOOK: TimeDelta = TimeDelta::hours(37);
/// Items, or words, that are looked at together.
const PIECE: i64 = 2000;

/// The work of kind `erase_contact`, whose entity is a contact.
pub struct Forget {
    desk: Desk,
}

impl Forget {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn begin(&self, job: &Job) -> Result<TenantTx, Error> {
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        Ok(tx)
    }

    /// Deletes the contact, if they are still there. A turn that runs meanwhile finds its conversation gone.
    async fn delete(&self, job: &Job) -> Result<(), Error> {
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        let Some(person) = rows::person(&mut line.tx, job.entity).await? else { return Ok(()) };
        // The conversation first, then the work: the order of everybody.
        let thread = conversations::lock_or_reserve(&mut line.tx, person.channel, &person.user).await?;
        job.fence(line.tx.conn()).await?;
        let digest = person_digest(person.channel, &person.user);
        let now = line.now;
        rows::note(&mut line.tx, job.entity, &person, &digest, now).await?;
        rows::delete(&mut line.tx, job.entity).await?;
        if let Some(thread) = thread {
            line.unschedule_reply(thread.id).await?;
            line.note(EventType::ConversationUpdated, thread.id);
        }
        line.commit().await
    }

    async fn journal(&self, job: &Job, open: &Open) -> Result<(), Error> {
        let (names, waits_for) = (redact::names(&open.user), waits_for_contact(&open.user));
        let sought = Sought { names: &names, waits_for: &waits_for, erased: ERASED };
        let mut at = (Uuid::nil(), -1);
        loop {
            let mut tx = self.begin(job).await?;
            let next = rows::sweep_items(&mut tx, job.entity, open.channel, &sought, at, PIECE).await?;
            tx.commit().await?;
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        let mut tx = self.begin(job).await?;
        // Of a page that is another's by now nothing can be worked off any more, and bodies that were set aside are forgotten in time.
        if let Some((platform, page)) = page_of(&mut tx, open.channel).await? {
            let is_theirs = |item: &Item| {
                (item.platform, &item.page_id) == (platform, &page) && redact::is_of(item, &open.user, &names)
            };
            redact::set_aside(&mut tx, std::slice::from_ref(&open.user), is_theirs).await?;
        }
        tx.commit().await
    }

    async fn words(&self, job: &Job) -> Result<(), Error> {
        let mut at = (String::new(), Uuid::nil());
        loop {
            let mut tx = self.begin(job).await?;
            let next = rows::sweep_terms(&mut tx, (&at.0, at.1), PIECE).await?;
            tx.commit().await?;
            match next {
                Some(next) => at = next,
                None => return Ok(()),
            }
        }
    }
}

impl Handler for Forget {
    const KIND: &'static str = "erase_contact";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        self.delete(&job).await?;
        let mut tx = self.begin(&job).await?;
        let open = rows::open(&mut tx, job.entity).await?;
        tx.commit().await?;
        if let Some(open) = open {
            let last_look = open.erased_at + LAST_LOOK;
            let is_last = self.desk.clock.now() >= last_look;
            if open.passes == 0 || is_last {
                self.journal(&job, &open).await?;
                self.words(&job).await?;
                let mut tx = self.begin(&job).await?;
                rows::passed(&mut tx, job.entity, is_last).await?;
                tx.commit().await?;
            }
            if !is_last {
                return Ok(Done::At(last_look));
            }
        }
        let mut tx = self.begin(&job).await?;
        rows::done(&mut tx, job.entity).await?;
        tx.commit().await?;
        Ok(Done::Finished)
    }

    /// What asks for it stays, so the sweeper begins it anew.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(contact = %job.entity, "a contact cannot be forgotten now");
    }
}
