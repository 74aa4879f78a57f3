//! Hands queued messages to Meta through tenants-svc, one conversation at a time and in order. *Sending* is committed before the call,
//! so that whoever finds it later knows that the message may be out: it becomes *unknown*, and Meta's echo or its record settles that.

mod outcome;

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_platform::{Caller, Error};
use chatdesk_proto::ai::v1::RecheckRequest;
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chrono::{DateTime, TimeDelta, Utc};
use tonic::Status;
use uuid::Uuid;

use crate::desk::Desk;
use crate::encode;
use crate::model::{
    Author, Cause, ConversationStatus, Failure, Message, MessageStatus, Parcel, Provenance, Ruling, SenderType,
    Situation, Step, Tag, Thread, handover_line,
};
use crate::store;
use crate::timeline::{Draft, Timeline};
use crate::work::Reply;
use crate::work::dispatch::{self, Outcome, Outgoing};

/// Replies to one question that are dropped because the catalogue changed under them.
const MOST_STALE: i16 = 2;
/// How long to wait when our own services cannot be asked.
const ASK_AGAIN: TimeDelta = TimeDelta::seconds(2);

/// The work of kind `send`, whose entity is a conversation.
pub struct Send {
    desk: Desk,
}

/// What to do next in a conversation.
enum Next {
    Nothing,
    Wait(DateTime<Utc>),
    Recheck(Box<Message>),
    Dispatch(Box<Dispatch>),
}

struct Dispatch {
    message: Message,
    request: Outgoing,
    chosen: Chosen,
}

/// The moment in which a message was chosen to be sent, by the clock that never jumps and by the one that goes on while the machine
/// sleeps.
#[derive(Debug, Clone, Copy)]
struct Chosen {
    tick: Instant,
    at: DateTime<Utc>,
}

impl Chosen {
    /// Whether it may still be handed over. After a lease somebody else may have found it, looked for it at Meta and sent it again.
    fn is_good(self, lease: Duration, tick: Instant, now: DateTime<Utc>) -> bool {
        tick.saturating_duration_since(self.tick) < lease && (now - self.at).to_std().unwrap_or_default() < lease
    }
}

impl Send {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Looks at what waits. The message to be sent is committed as *sending* when this gives it.
    async fn next(&self, job: &Job, caller: &Caller, rechecked: Option<Uuid>) -> Result<Next, Error> {
        let chosen = Chosen { tick: Instant::now(), at: self.desk.clock.now() };
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let Some(mut thread) = line.lock_for(job).await? else { return Ok(Next::Nothing) };
        let mut waiting = store::messages::unsent(&mut line.tx, thread.id).await?;
        // What this work sends is written down before it looks again, and it has the conversation's lease: so whoever was sending this
        // has lost the lease, or is no more.
        if waiting.iter().any(|message| message.status == MessageStatus::Sending) {
            for message in &mut waiting {
                line.lose(&mut thread, message).await?;
            }
            waiting = store::messages::unsent(&mut line.tx, thread.id).await?;
        }
        let gate = store::routing::gate(&mut line.tx, thread.channel_id).await?;
        let mut given_up: Option<i64> = None;
        let mut next = Next::Nothing;
        for mut message in waiting {
            // A part whose predecessor was given up in this loop went with it.
            if given_up.is_some() {
                let now = store::messages::by_ids(&mut line.tx, &[message.id]).await?;
                match now.into_iter().next() {
                    Some(now) if now.status == message.status => message = now,
                    _ => continue,
                }
            }
            let situation = Situation {
                now: line.now,
                opened_at: thread.last_opening_at,
                ai: thread.ai_mode(line.now),
                person_since: thread.human_arrival > message.arrival,
                tenant_active: gate.tenant_active,
                channel_active: gate.channel_active,
                channel_held: gate.is_held,
            };
            match (Parcel { author: Author::of(&message), queued_at: message.received_at }).decide(&situation) {
                Err(cause) => {
                    given_up = Some(message.arrival);
                    self.give_up(&mut line, &mut thread, &mut message, cause.into(), cause).await?;
                }
                // Whatever held it, or put it off, is looked at again then.
                Ok(Ruling::Hold) => {
                    let again = line.now + self.desk.config.hold;
                    store::messages::set_send_after(&mut line.tx, message.id, again).await?;
                    next = Next::Wait(message.send_after.map_or(again, |at| at.max(again)));
                    break;
                }
                // Behind what may no longer go out nobody waits; behind what may, everybody does.
                Ok(_) if message.send_after.is_some_and(|at| at > line.now) => {
                    next = Next::Wait(message.send_after.unwrap_or(line.now));
                    break;
                }
                Ok(_) if needs_recheck(&message) && rechecked != Some(message.id) => {
                    next = Next::Recheck(Box::new(message));
                    break;
                }
                Ok(Ruling::Send(tag)) => {
                    // Not a message to be handed over: it is somebody else's, and what is behind it waits.
                    if !line.step(&mut message, Step::Dispatch, None, None).await? {
                        break;
                    }
                    let request = self.request(&mut line, &thread, &message, tag).await?;
                    next = Next::Dispatch(Box::new(Dispatch { message, request, chosen }));
                    break;
                }
            }
        }
        if given_up.is_some() {
            line.save(&thread).await?;
        }
        let now = line.now;
        line.commit().await?;
        if let Next::Dispatch(dispatch) = &next
            && let Some(due) = dispatch.message.due_at
            && dispatch.message.part_no == 0
        {
            let late = (now - due).to_std().unwrap_or_default();
            metrics::histogram!("chatdesk_inbox_reply_seconds").record(late.as_secs_f64());
        }
        Ok(next)
    }

    async fn request(
        &self,
        line: &mut Timeline,
        thread: &Thread,
        message: &Message,
        tag: Tag,
    ) -> Result<Outgoing, Error> {
        let contact = store::contacts::by_ids(&mut line.tx, &[thread.contact_id]).await?.pop();
        let contact = contact.ok_or_else(|| Error::internal("a conversation without its contact"))?;
        Ok(Outgoing::of(message, thread.channel_id, contact.platform_user_id, tag))
    }

    /// A message that will not go out. When it was the assistant's, and no person is there already, one must look.
    async fn give_up(
        &self,
        line: &mut Timeline,
        thread: &mut Thread,
        message: &mut Message,
        failure: Failure,
        cause: Cause,
    ) -> Result<(), Error> {
        metrics::counter!("chatdesk_inbox_sends_total", "outcome" => "failed").increment(1);
        line.refuse(message, failure).await?;
        if message.sender == SenderType::Ai && cause != Cause::Superseded {
            thread.status = ConversationStatus::NeedsHuman;
            if cause == Cause::TooOld && !message.is_handover_line() {
                line.give_away(thread, "too_late").await?;
            }
        }
        Ok(())
    }

    /// Whether the products an answer rests on are still as they were.
    async fn still_holds(&self, job: &Job, message: &Message) -> Result<bool, Status> {
        let products =
            message.provenance.as_ref().map(|provenance| provenance.products.iter().map(encode::used_product));
        let products = products.map(Iterator::collect).unwrap_or_default();
        let client = self.desk.ai.own_client(job.tenant, self.desk.config.ask_deadline)?;
        let mut client = AnswerServiceClient::new(client);
        let asked = client.recheck(RecheckRequest { products });
        let answer = tokio::time::timeout(self.desk.config.ask_deadline, asked).await;
        let answer = answer.map_err(|_| Status::deadline_exceeded("no answer in time"))??;
        Ok(answer.into_inner().stale_product_ids.is_empty())
    }

    /// Drops a reply that the catalogue overtook, and writes another; after a few, a person must.
    async fn drop_stale(&self, job: &Job, caller: &Caller, id: Uuid) -> Result<(), Error> {
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let Some(mut thread) = line.lock_for(job).await? else { return Ok(()) };
        let Some(mut message) = store::messages::by_ids(&mut line.tx, &[id]).await?.pop() else { return Ok(()) };
        if !line.step(&mut message, Step::Refuse, Some(Cause::Stale.into()), None).await? {
            return Ok(());
        }
        line.drop_later_parts(&message, Cause::Stale).await?;
        metrics::counter!("chatdesk_inbox_sends_total", "outcome" => "stale").increment(1);
        let now = line.now;
        // When the words are out already, only the cards after them go.
        let is_first = message.part_no == 0;
        if is_first && thread.assistant_answers(now) && thread.human_arrival < message.arrival {
            if thread.stale_drops < MOST_STALE {
                thread.stale_drops += 1;
                thread.answered_arrival = thread.answered_arrival.min(message.answers_after);
                let (unread, _) = store::messages::since(&mut line.tx, thread.id, thread.answered_arrival).await?;
                thread.unread = unread;
                thread.reply_first_at.get_or_insert(message.received_at);
                thread.reply_due_at = Some(now);
                line.schedule(Reply::KIND, thread.id, now).await?;
            } else {
                let reason = "products_changed";
                let provenance = Provenance { handover_reason: reason.to_owned(), ..Provenance::default() };
                let parts = [handover_line(&message.content).to_owned()];
                let draft = Draft { parts: &parts, provenance: &provenance, due_at: now };
                line.hand_over(&mut thread, reason, Some(&draft)).await?;
            }
        }
        line.save(&thread).await?;
        line.commit().await
    }
}

/// The first part of a reply that rests on products is asked about again, and so are its cards; its other parts stand or fall with it. A
/// handover's line promises nothing, and must come whatever the catalogue says.
fn needs_recheck(message: &Message) -> bool {
    (message.part_no == 0 || message.rich.is_some())
        && !message.is_handover_line()
        && message.provenance.as_ref().is_some_and(|provenance| !provenance.products.is_empty())
}

impl Handler for Send {
    const KIND: &'static str = "send";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let caller = job.caller()?;
        let mut rechecked = None;
        loop {
            match self.next(&job, &caller, rechecked).await? {
                Next::Nothing => return Ok(Done::Finished),
                Next::Wait(at) => return Ok(Done::At(at)),
                Next::Recheck(message) => match self.still_holds(&job, &message).await {
                    Ok(true) => rechecked = Some(message.id),
                    Ok(false) => self.drop_stale(&job, &caller, message.id).await?,
                    Err(status) => {
                        // Not a failure to count: the answer's age ends this.
                        tracing::warn!(code = ?status.code(), "cannot check an answer again");
                        return Ok(Done::At(self.desk.clock.now() + ASK_AGAIN));
                    }
                },
                Next::Dispatch(ready) => {
                    chatdesk_platform::fail_point("send.sending");
                    // The process, or its machine, may have been stopped since the commit.
                    let (lease, now) = (self.desk.config.send.lease, self.desk.clock.now());
                    let outcome = if ready.chosen.is_good(lease, Instant::now(), now) {
                        dispatch::send(&self.desk, job.tenant, ready.request).await
                    } else {
                        tracing::warn!(message = %ready.message.id, "a message is not handed over: its turn is over");
                        Outcome::Away(Duration::ZERO)
                    };
                    self.record(&job, &caller, ready.message.id, &outcome).await?;
                }
            }
        }
    }

    /// What still waits is shown as failed, and what may be out as unknown: nobody works on it any more.
    async fn set_aside(&self, job: &Job) {
        let shown = async {
            let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
            let Some(mut thread) = line.lock_for(job).await? else { return Ok(()) };
            for mut message in store::messages::unsent(&mut line.tx, thread.id).await? {
                if message.status == MessageStatus::Sending {
                    line.step(&mut message, Step::Lose, None, None).await?;
                } else {
                    line.step(&mut message, Step::Refuse, Some(Cause::NotSent.into()), None).await?;
                }
            }
            thread.status = ConversationStatus::NeedsHuman;
            line.save(&thread).await?;
            line.commit().await
        };
        let shown: Result<(), Error> = shown.await;
        if let Err(error) = shown {
            tracing::error!(error = &error as &dyn StdError, "cannot show that messages are not sent");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_lease_by_either_clock_nothing_is_handed_over() {
        let (lease, at) = (Duration::from_secs(30), DateTime::from_timestamp(1_795_000_000, 0).unwrap());
        let tick = Instant::now();
        let chosen = Chosen { tick, at };
        for (ticks, seconds, is_good) in
            [(0, 0, true), (29, 29, true), (30, 0, false), (0, 30, false), (1, -3600, true), (130, 130, false)]
        {
            let (tick, now) = (tick + Duration::from_secs(ticks), at + TimeDelta::seconds(seconds));
            assert_eq!(chosen.is_good(lease, tick, now), is_good, "{ticks} and {seconds} seconds later");
        }
    }
}
