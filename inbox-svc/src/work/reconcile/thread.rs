//! One conversation, compared: what Meta keeps of it and we do not have is added, each message in its place.

use std::collections::HashMap;
use std::time::Duration;

use chatdesk_platform::db::{Handler as _, Job};
use chatdesk_platform::{Error, full_jitter};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Added, Listed, Pass, Reconcile, Stopped};
use crate::model::{
    FRESH, Finding, Holder, Kept, Message, MessageOrigin, SenderType, Thread, is_in_time, plain, search,
};
use crate::reads::PATIENT;
use crate::store;
use crate::timeline::{Known, Seen, Timeline};
use crate::work::Reply;

/// Pages of one conversation that are read, of 50 messages each. What a longer one had before is left where it is.
const MOST_PAGES: usize = 40;
/// New contacts' profiles are asked for within this time, so that a history brings no storm: their names came with Meta's list.
const SPREAD: Duration = Duration::from_secs(600);

impl Reconcile {
    /// Reads a conversation and adds what is missing.
    pub(super) async fn thread(&self, job: &Job, pass: &Pass, listed: &Listed) -> Result<Added, Stopped> {
        let record = self.read(job, pass, listed).await?;
        // What came before the pass may be Meta's record of our own message, and is only looked at.
        let of_pass = |kept: &&Kept| pass.from <= kept.at && kept.at <= pass.to;
        let says_something = |kept: &&Kept| !kept.text.trim().is_empty() || !kept.attachments.is_empty();
        let mids: Vec<String> = record.iter().map(|kept| kept.mid.clone()).collect();
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        let holders = store::messages::holders(&mut tx, job.entity, &mids).await?;
        tx.commit().await?;
        let missing = |kept: &&Kept| !holders.contains_key(&kept.mid);
        let mut missing: Vec<&Kept> = record.iter().filter(of_pass).filter(says_something).filter(missing).collect();
        if missing.is_empty() {
            return Ok(Added::default());
        }
        missing.sort_by(|a, b| (a.at, &a.mid).cmp(&(b.at, &b.mid)));
        Ok(self.add(job, pass, listed, &record, &missing).await?)
    }

    async fn read(&self, job: &Job, pass: &Pass, listed: &Listed) -> Result<Vec<Kept>, Stopped> {
        let (mut record, mut cursor) = (Vec::new(), String::new());
        for _ in 0..MOST_PAGES {
            let page = self.desk.reads.thread(job.tenant, job.entity, &listed.user, &cursor, PATIENT).await;
            let page = page.map_err(|unread| self.stopped(unread))?;
            let is_last = page.next.is_empty() || page.items.iter().any(|kept| kept.at < pass.from);
            record.extend(page.items);
            if is_last {
                break;
            }
            cursor = page.next;
        }
        Ok(record)
    }

    /// Adds messages in the order they were written. What looks like a message of ours of which nobody knows is taken for it, or left to
    /// those who find out.
    async fn add(
        &self,
        job: &Job,
        pass: &Pass,
        listed: &Listed,
        record: &[Kept],
        missing: &[&Kept],
    ) -> Result<Added, Error> {
        // Whether new conversations begin with the assistant on: this may be one.
        let ai_on = match job.tenant {
            Some(tenant) => self.desk.defaults.ai_enabled(tenant).await,
            None => None,
        };
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        let is_history = missing.iter().all(|kept| pass.sync.origin(kept.at) == MessageOrigin::History);
        let spread = if is_history { full_jitter(0, SPREAD, SPREAD) } else { Duration::ZERO };
        let spread = TimeDelta::from_std(spread).unwrap_or_default();
        let known = Known { name: &listed.name, profile_at: line.now + spread };
        let acted_at = missing.iter().filter(|kept| !kept.is_from_business).map(|kept| kept.at).max();
        let thread =
            line.thread_listed(job.entity, pass.channel.platform, &listed.user, ai_on, acted_at, known).await?;
        let Some(mut thread) = thread else { return Ok(Added::default()) };
        job.fence(line.tx.conn()).await?;
        let open = self.settle(&mut line, &thread, record).await?;
        let answered = store::messages::last_answer_at(&mut line.tx, thread.id).await?;
        let said_later = missing.iter().filter(|kept| kept.is_from_business).map(|kept| kept.at).max();
        let answered = answered.max(said_later);
        let mut added = Added::default();
        for kept in missing {
            if kept.is_from_business && open.iter().any(|lost| may_be(lost, kept)) {
                added.is_unsettled = true;
                continue;
            }
            let origin = pass.sync.origin(kept.at);
            if !self.add_one(&mut line, &mut thread, kept, origin, answered.is_some_and(|at| at >= kept.at)).await? {
                continue;
            }
            match origin {
                MessageOrigin::History => added.history += 1,
                MessageOrigin::Recovered | MessageOrigin::Live => added.recovered += 1,
            }
        }
        if thread.reply_due_at.is_none() {
            line.unschedule_reply(thread.id).await?;
        }
        line.save(&thread).await?;
        if added.history + added.recovered > 0 {
            store::sync::count(&mut line.tx, job.entity, added.history, added.recovered).await?;
        }
        line.commit().await?;
        let total = |count| u64::try_from(count).unwrap_or_default();
        metrics::counter!("chatdesk_inbox_recovered_total").increment(total(added.recovered));
        metrics::counter!("chatdesk_inbox_history_total").increment(total(added.history));
        Ok(added)
    }

    /// Settles our own messages of which nobody knows, where the record shows them. Gives those that stay open.
    async fn settle(&self, line: &mut Timeline, thread: &Thread, record: &[Kept]) -> Result<Vec<Message>, Error> {
        let mut open = Vec::new();
        let undetermined = store::messages::undetermined(&mut line.tx, thread.id).await?;
        if undetermined.is_empty() {
            return Ok(open);
        }
        let mids: Vec<String> = record.iter().map(|kept| kept.mid.clone()).collect();
        let mut holders: HashMap<String, Holder> =
            store::messages::holders(&mut line.tx, thread.channel_id, &mids).await?;
        for mut message in undetermined {
            let sending_at = handed_over(&message);
            match search(&message, sending_at, record, &holders, false) {
                Finding::Found(kept) => {
                    line.proven(thread, &mut message, kept).await?;
                    holders.insert(kept.mid.clone(), Holder::Certain);
                }
                Finding::Absent | Finding::Doubtful | Finding::Short => open.push(message),
            }
        }
        Ok(open)
    }

    /// Adds one message; false when it is there already.
    async fn add_one(
        &self,
        line: &mut Timeline,
        thread: &mut Thread,
        kept: &Kept,
        origin: MessageOrigin,
        is_answered: bool,
    ) -> Result<bool, Error> {
        let is_recovered = origin != MessageOrigin::History;
        let at = kept.at.min(line.now);
        // Behind what was said since, an old message decides nothing.
        let is_news = is_recovered && thread.is_newest(at);
        let sender = if kept.is_from_business { SenderType::Business } else { SenderType::Contact };
        let is_question = !kept.is_from_business
            && (!kept.text.trim().is_empty() || kept.attachments.iter().any(|attachment| attachment.kind != "sticker"));
        let is_fresh = is_question && is_recovered && !is_answered && line.now - at <= FRESH;
        let seen = Seen {
            mid: &kept.mid,
            sender,
            text: &kept.text,
            attachments: &kept.attachments,
            answerable: is_fresh,
            at,
            context: None,
            origin,
            // What was said before the page was ours makes no difference to who speaks now.
            by_person: is_news,
        };
        if line.add_seen(thread, &seen).await?.is_none() {
            return Ok(false);
        }
        if kept.is_from_business {
            return Ok(true);
        }
        if is_news && !is_answered {
            thread.customer_wrote(at);
        } else {
            thread.opened(at);
        }
        if is_fresh && thread.assistant_answers(line.now) {
            let due = thread.owe_reply(line.now, &self.desk.config.quiet);
            line.schedule(Reply::KIND, thread.id, due).await?;
        }
        Ok(true)
    }
}

fn handed_over(message: &Message) -> DateTime<Utc> {
    message.sending.at.unwrap_or(message.received_at)
}

/// Whether something may be our own message of which nobody knows. While it is looked for, whatever the business said at that time may:
/// Meta may show it with other words. Once a person is asked, only what says the same.
fn may_be(lost: &Message, kept: &Kept) -> bool {
    let is_alike = || plain(&lost.content) == plain(&kept.text);
    is_in_time(kept, handed_over(lost)) && (!lost.sending.needs_decision || is_alike())
}
