//! Writes the reply a conversation is owed. The model is asked outside every transaction; the draft is kept only if nothing happened
//! meanwhile that it does not know of.

use chatdesk_meta::split_text;
use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::{AnswerRequest, AnswerResponse, Outcome, Speaker, Turn};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::desk::Desk;
use crate::encode;
use crate::model::{
    AiMode, FRESH, Message, Provenance, Rich, SenderType, Shown, Thread, handover_line, is_english, showcase,
};
use crate::signs::Sign;
use crate::store;
use crate::timeline::{Draft, Timeline};

/// A draft is dropped for a newer message at most so often; then it is sent, and the newer message gets its own reply.
const MOST_DROPS: i16 = 2;
/// Messages that are given along with the question.
const HISTORY: i64 = 10;

/// The work of kind `reply`, whose entity is a conversation.
pub struct Reply {
    desk: Desk,
}

/// What the assistant is asked.
struct Question {
    request: AnswerRequest,
    /// The customer's words alone, for choosing a language.
    words: String,
    /// The position of the newest message it holds.
    up_to: i64,
    /// The messages it holds.
    ids: Vec<Uuid>,
}

enum Next {
    Ask(Box<Question>),
    Done(Done),
}

impl Reply {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Whether a reply is still owed, and to what. What cannot be answered is settled here.
    async fn prepare(&self, job: &Job, due_at: DateTime<Utc>) -> Result<Next, Error> {
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        let Some(mut thread) = line.lock_for(job).await? else { return Ok(Next::Done(Done::Finished)) };
        if !self.may_answer(&mut line, &thread).await? {
            return self.give_up(line, thread).await;
        }
        let now = line.now;
        let questions = self.questions(&mut line, &thread).await?;
        let Some(up_to) = questions.iter().map(|message| message.arrival).max() else {
            return self.give_up(line, thread).await;
        };
        let words = join(&questions);
        let first = thread.reply_first_at.unwrap_or(now);
        let turns = store::messages::turns_since(&mut line.tx, thread.id, now - FRESH).await?;
        let reason = if now - first > FRESH {
            Some("too_late")
        } else if !thread.assistant_answers(now) {
            Some("window_closed")
        } else if words.is_empty() {
            Some("attachment_only")
        } else if turns >= self.desk.config.most_turns {
            Some("too_many_replies")
        } else {
            None
        };
        if let Some(reason) = reason {
            // Another bot would answer the line, too.
            let with_line = reason != "too_many_replies";
            self.hand_over(&mut line, &mut thread, reason, &words, with_line, due_at).await?;
            line.save(&thread).await?;
            line.commit().await?;
            return Ok(Next::Done(Done::Finished));
        }
        let ids: Vec<_> = questions.iter().map(|message| message.id).collect();
        let history = store::messages::history(&mut line.tx, thread.id, thread.history_arrival, &ids, HISTORY).await?;
        let contact = match self.desk.signs.are_on() {
            true => store::contacts::by_ids(&mut line.tx, &[thread.contact_id]).await?.pop(),
            false => None,
        };
        line.commit().await?;
        if let Some(contact) = contact {
            self.desk.signs.show(job.tenant, thread.channel_id, contact.platform_user_id, Sign::Typing);
        }
        let history = history
            .into_iter()
            .map(|message| Turn { speaker: speaker(message.sender).into(), text: message.content })
            .collect();
        let referral = thread.fresh_source(now).map(encode::referral_for);
        let request = AnswerRequest { question: words.clone(), history, referral };
        Ok(Next::Ask(Box::new(Question { request, words, up_to, ids })))
    }

    /// What was asked since shortly before the reply became owed, however long ago that is.
    async fn questions(&self, line: &mut Timeline, thread: &Thread) -> Result<Vec<Message>, Error> {
        let since = thread.reply_first_at.unwrap_or(line.now) - FRESH;
        store::messages::questions(&mut line.tx, thread.id, thread.answered_arrival, since).await
    }

    async fn may_answer(&self, line: &mut Timeline, thread: &Thread) -> Result<bool, Error> {
        // Where the channel is only held, what is written waits for it.
        let gate = store::routing::gate(&mut line.tx, thread.channel_id).await?;
        Ok(gate.tenant_active && gate.channel_active && thread.ai_mode(line.now) == AiMode::Active)
    }

    /// Nothing is owed any more. Needs the conversation's lock but no lease: whoever has the lease would find the same, and settling twice
    /// changes nothing. What makes a reply owed again sets it under the same lock, and schedules it anew.
    async fn give_up(&self, mut line: Timeline, mut thread: Thread) -> Result<Next, Error> {
        if thread.reply_due_at.is_some() {
            thread.settle_reply();
            store::conversations::save(&mut line.tx, &thread).await?;
        }
        line.commit().await?;
        Ok(Next::Done(Done::Finished))
    }

    async fn hand_over(
        &self,
        line: &mut Timeline,
        thread: &mut Thread,
        reason: &str,
        words: &str,
        with_line: bool,
        due_at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let provenance = Provenance { handover_reason: reason.to_owned(), ..Provenance::default() };
        let parts = [handover_line(words).to_owned()];
        let draft = Draft { parts: &parts, provenance: &provenance, due_at };
        line.hand_over(thread, reason, with_line.then_some(&draft)).await
    }

    /// Keeps the draft, unless something happened that it does not know of.
    async fn keep(
        &self,
        job: &Job,
        question: &Question,
        answer: AnswerResponse,
        due_at: DateTime<Utc>,
    ) -> Result<Done, Error> {
        let cards = self.cards(job, &answer).await;
        let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
        let Some(thread) = store::conversations::lock(&mut line.tx, job.entity).await? else {
            return Ok(Done::Finished);
        };
        // A person, a switch or a suspension came first. They took the work out of the table, so there is no lease to hold.
        let answered = thread.answered_arrival >= question.up_to;
        let allowed = self.may_answer(&mut line, &thread).await?;
        if answered || !allowed {
            metrics::counter!("chatdesk_inbox_drafts_dropped_total", "why" => "superseded").increment(1);
            if !allowed {
                self.give_up(line, thread).await?;
            }
            return Ok(Done::Finished);
        }
        job.fence(line.tx.conn()).await?;
        let mut thread = thread;
        let (unread, newest) = store::messages::since(&mut line.tx, thread.id, question.up_to).await?;
        let newer = newest.is_some();
        if newer && thread.drafts_dropped < MOST_DROPS {
            metrics::counter!("chatdesk_inbox_drafts_dropped_total", "why" => "newer_message").increment(1);
            thread.drafts_dropped += 1;
            store::conversations::save(&mut line.tx, &thread).await?;
            let again = thread.reply_due_at.unwrap_or(line.now);
            line.commit().await?;
            // The newer message scheduled this work anew; that time wins over this one.
            return Ok(Done::At(again));
        }
        let handover = answer.outcome() == Outcome::Handover;
        let provenance = encode::provenance_of(&answer, handover);
        let parts = split_text(thread.platform, &answer.text.replace('\0', ""));
        let draft = Draft { parts: &parts, provenance: &provenance, due_at };
        if handover {
            line.hand_over(&mut thread, &provenance.handover_reason, (!parts.is_empty()).then_some(&draft)).await?;
            line.wonder(&thread, &provenance.handover_reason, &question.ids).await?;
        } else if parts.is_empty() || line.now - thread.reply_first_at.unwrap_or(line.now) > FRESH {
            let reason = if parts.is_empty() { "empty_answer" } else { "too_late" };
            self.hand_over(&mut line, &mut thread, reason, &question.words, true, due_at).await?;
        } else if !thread.assistant_answers(line.now) {
            self.hand_over(&mut line, &mut thread, "window_closed", &question.words, false, due_at).await?;
        } else {
            line.queue_reply_with(&mut thread, &draft, cards.as_ref()).await?;
            thread.assistant_answered(question.up_to, unread);
            if newer {
                // The newer message waits for its own reply, which is due already.
                thread.reply_first_at = thread.reply_due_at;
            } else {
                thread.settle_reply();
            }
        }
        let again = thread.reply_due_at;
        line.save(&thread).await?;
        line.commit().await?;
        Ok(again.map_or(Done::Finished, Done::At))
    }

    /// The cards that go after an answer, where the shop wants them.
    async fn cards(&self, job: &Job, answer: &AnswerResponse) -> Option<Rich> {
        if answer.outcome() != Outcome::Answered {
            return None;
        }
        let shown: Vec<Shown> = answer.products.iter().map(encode::shown).collect();
        let cards = showcase(&shown, is_english(&answer.text));
        let wanted = !cards.is_empty() && self.desk.defaults.sends_cards(job.tenant?).await;
        wanted.then(|| Rich { cards, ..Rich::default() })
    }
}

impl Handler for Reply {
    const KIND: &'static str = "reply";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let late = TimeDelta::try_milliseconds(late_millis(job.late_by_ms)).unwrap_or_default();
        let due_at = self.desk.clock.now() - late;
        let question = match self.prepare(&job, due_at).await? {
            Next::Ask(question) => question,
            Next::Done(done) => return Ok(done),
        };
        let client = self.desk.ai.own_client(job.tenant, self.desk.config.answer_deadline).map_err(Error::internal)?;
        let mut client = AnswerServiceClient::new(client);
        chatdesk_platform::fail_point("reply.claimed");
        let asked = client.answer(question.request.clone());
        // A remote answer may never come, whatever deadline it was told.
        let answer = tokio::time::timeout(self.desk.config.answer_deadline, asked).await;
        chatdesk_platform::fail_point("reply.answered");
        match answer {
            Ok(Ok(answer)) => self.keep(&job, &question, answer.into_inner(), due_at).await,
            Ok(Err(status)) => {
                tracing::warn!(code = ?status.code(), "no answer from the assistant");
                Err(Error::Unavailable("the assistant"))
            }
            Err(_elapsed) => Err(Error::DeadlineExceeded),
        }
    }

    /// A defect keeps the answer from being written: a person must write it, and the customer gets a line. An assistant that is away for
    /// a while does not come here; the question's age ends that.
    async fn set_aside(&self, job: &Job) {
        let given = async {
            let mut line = Timeline::begin(&self.desk, &job.caller()?).await?;
            let Some(mut thread) = line.lock_for(job).await? else { return Ok(()) };
            if thread.reply_due_at.is_none() || !self.may_answer(&mut line, &thread).await? {
                // Owed or not, nobody may write it: a sweeper must not find it for ever.
                return self.give_up(line, thread).await.map(|_| ());
            }
            let questions = self.questions(&mut line, &thread).await?;
            let now = line.now;
            self.hand_over(&mut line, &mut thread, "ai_unavailable", &join(&questions), true, now).await?;
            line.save(&thread).await?;
            line.commit().await
        };
        let given: Result<(), Error> = given.await;
        if let Err(error) = given {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot hand a conversation over");
        }
    }
}

fn join(questions: &[Message]) -> String {
    let texts: Vec<&str> =
        questions.iter().map(|message| message.content.trim()).filter(|text| !text.is_empty()).collect();
    texts.join("\n")
}

pub(super) const fn speaker(sender: SenderType) -> Speaker {
    match sender {
        SenderType::Contact => Speaker::Contact,
        SenderType::Business => Speaker::Business,
        SenderType::Ai => Speaker::Ai,
    }
}

/// Whole milliseconds, within a day.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a day")]
fn late_millis(late: f64) -> i64 {
    late.clamp(0.0, 86_400_000.0) as i64
}
