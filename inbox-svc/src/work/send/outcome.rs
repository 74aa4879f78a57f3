//! What became of a send, written down.

use std::error::Error as StdError;

use chatdesk_platform::db::{Handler as _, Job};
use chatdesk_platform::{Caller, Error};
use chrono::TimeDelta;
use uuid::Uuid;

use super::Send;
use crate::model::{
    Cause, ConversationStatus, EventType, FRESH, Failure, Message, MessageStatus, SenderType, Step, Thread, rest,
    words_of,
};
use crate::store;
use crate::timeline::Timeline;
use crate::work::Reply;
use crate::work::dispatch::Outcome;

/// What is known of a send is written down at most so often.
const WRITE_TRIES: u32 = 3;
/// Our own services are asked again after that at the latest.
const LONGEST_ABSENCE: TimeDelta = TimeDelta::minutes(1);
/// Refusals that say that the customer cannot be written to: they blocked the business, or are gone.
const UNREACHABLE: [&str; 3] = ["recipient_unavailable", "recipient_unknown", "thread_gone"];

impl Send {
    /// Writes down what became of a send, until that worked: what is not written down becomes *unknown*.
    pub(super) async fn record(&self, job: &Job, caller: &Caller, id: Uuid, outcome: &Outcome) -> Result<(), Error> {
        for attempt in 1.. {
            match self.write_down(job, caller, id, outcome).await {
                Err(error) if error.is_transient() && attempt < WRITE_TRIES => {
                    tracing::warn!(error = &error as &dyn StdError, "cannot write down what became of a send yet");
                }
                ended => return ended,
            }
        }
        Ok(())
    }

    async fn write_down(&self, job: &Job, caller: &Caller, id: Uuid, outcome: &Outcome) -> Result<(), Error> {
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let Some(mut thread) = line.lock_for(job).await? else { return Ok(()) };
        let Some(mut message) = store::messages::by_ids(&mut line.tx, &[id]).await?.pop() else { return Ok(()) };
        let name = match outcome {
            Outcome::Sent(mid) => {
                match store::messages::by_mid(&mut line.tx, thread.channel_id, mid).await? {
                    Some(copy) if store::messages::remove_echo(&mut line.tx, copy.id).await? => {
                        self.merge(&mut line, &mut thread, &copy, &message, mid).await?;
                    }
                    _ => line.own(&mut thread, &message, mid).await?,
                }
                line.step(&mut message, Step::Accept, None, None).await?;
                "sent"
            }
            Outcome::Refused(failure) => {
                self.refused(&mut line, &mut thread, &mut message, failure).await?;
                "failed"
            }
            Outcome::Held => {
                let again = line.now + self.desk.config.hold;
                line.step(&mut message, Step::PutBack, None, Some(again)).await?;
                "held"
            }
            Outcome::Away(after) => {
                let after = TimeDelta::from_std(*after).unwrap_or(LONGEST_ABSENCE).min(LONGEST_ABSENCE);
                let again = line.now + after;
                line.step(&mut message, Step::PutBack, None, Some(again)).await?;
                "later"
            }
            Outcome::Later(asked) => match rest(message.sending.tries, *asked, self.desk.config.send_base_wait) {
                Some(wait) => {
                    let again = line.now + wait;
                    if line.step(&mut message, Step::PutBack, None, Some(again)).await? {
                        store::messages::set_tries(&mut line.tx, message.id, message.sending.tries + 1).await?;
                    }
                    "later"
                }
                None => {
                    self.refused(&mut line, &mut thread, &mut message, &Cause::NotSent.into()).await?;
                    "failed"
                }
            },
            Outcome::Unknown => {
                line.lose(&mut thread, &mut message).await?;
                "unknown"
            }
        };
        chatdesk_platform::fail_point("send.sent");
        line.commit().await?;
        metrics::counter!("chatdesk_inbox_sends_total", "outcome" => name).increment(1);
        Ok(())
    }

    /// It did not go out, and will not. Who cannot be written to needs no person; any other answer of the assistant's that failed does.
    async fn refused(
        &self,
        line: &mut Timeline,
        thread: &mut Thread,
        message: &mut Message,
        failure: &Failure,
    ) -> Result<(), Error> {
        line.refuse(message, failure.clone()).await?;
        if message.status != MessageStatus::Failed || message.sender != SenderType::Ai {
            return Ok(());
        }
        if UNREACHABLE.contains(&failure.code.as_str()) {
            thread.close();
            line.unschedule_reply(thread.id).await?;
            line.drop_answers(thread.id).await?;
        } else if thread.status == ConversationStatus::NeedsHuman {
            return Ok(());
        } else {
            thread.status = ConversationStatus::NeedsHuman;
        }
        line.save(thread).await
    }

    /// The echo of `ours` came first, could not be known for ours and silenced the assistant: its bubble is gone, and so is what it did.
    async fn merge(
        &self,
        line: &mut Timeline,
        thread: &mut Thread,
        copy: &Message,
        ours: &Message,
        mid: &str,
    ) -> Result<(), Error> {
        line.name(thread.channel_id, ours.id, mid).await?;
        store::terms::moved(&mut line.tx, thread.id, &words_of(&copy.content), copy.id, ours.id).await?;
        let mut filled = ours.clone();
        if filled.fill_in(&copy.attachments) {
            store::messages::set_attachments(&mut line.tx, ours.id, &filled.attachments).await?;
        }
        let last = store::messages::last_of_persons(&mut line.tx, thread.id).await?;
        let answered = thread.answered_arrival;
        let now = line.now;
        thread.take_back(copy, ours, last, self.desk.config.ai_pause, now);
        if thread.answered_arrival != answered {
            (thread.unread, _) = store::messages::since(&mut line.tx, thread.id, thread.answered_arrival).await?;
        }
        // What the customer asked since, and the copy seemed to answer.
        if thread.reply_due_at.is_none() && thread.assistant_answers(now) {
            let asked =
                store::messages::questions(&mut line.tx, thread.id, thread.answered_arrival, now - FRESH).await?;
            if !asked.is_empty() {
                let due = thread.owe_reply(now, &self.desk.config.quiet);
                line.schedule(Reply::KIND, thread.id, due).await?;
            }
        }
        line.note(EventType::MessageUpdated, ours.id);
        line.save(thread).await
    }
}
