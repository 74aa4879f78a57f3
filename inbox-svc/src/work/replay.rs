//! Asks the assistant the last questions of the last conversations anew, one after the other. Nothing is sent, and nothing in a conversation
//! changes; the tokens count like those of every answer, and the day's last ones are left to customers. After a crash it goes on with the
//! question that it had not written down.

use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_platform::{Caller, Error};
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::{AnswerRequest, AnswerResponse, Outcome, Turn};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::reply::speaker;
use crate::desk::Desk;
use crate::encode;
use crate::model::{LastQuestion, Message, ReplayItem, ReplayState, Said, Thread, last_question, words_said};
use crate::store;

/// The newest messages of a conversation among which its last question is looked for.
const LOOKED_AT: i64 = 60;
/// A replay that takes longer is given up, so that the next can begin.
const LONGEST: TimeDelta = TimeDelta::hours(1);
/// Later than every message.
const END: (DateTime<Utc>, i64) = (DateTime::from_timestamp_nanos(i64::MAX), i64::MAX);

/// The work of kind `replay`, whose entity is a replay.
pub struct Replay {
    desk: Desk,
}

/// A question that is to be asked.
struct Next {
    no: i32,
    conversation: Uuid,
    question: LastQuestion,
    request: AnswerRequest,
}

impl Replay {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The next question; none when there is no more, and then the replay has ended.
    async fn next(&self, job: &Job, caller: &Caller) -> Result<Option<Next>, Error> {
        let mut tx = self.desk.db.begin(caller).await?;
        job.fence(tx.conn()).await?;
        let now = self.desk.clock.now();
        let Some(replay) = store::replays::get(&mut tx, job.entity).await? else { return Ok(None) };
        if replay.state != ReplayState::Running {
            return Ok(None);
        }
        if now - replay.created_at > LONGEST || !store::routing::tenant_is_active(&mut tx).await? {
            store::replays::end(&mut tx, replay.id, ReplayState::Failed, now).await?;
            tx.commit().await?;
            return Ok(None);
        }
        while let Some((no, conversation)) = store::replays::next(&mut tx, replay.id).await? {
            let newest = store::messages::page(&mut tx, conversation, END, LOOKED_AT).await?;
            let thread = store::conversations::by_ids(&mut tx, &[conversation]).await?.pop();
            if let Some((thread, question)) = thread.zip(last_question(newest)) {
                tx.commit().await?;
                let request = request(&thread, &question);
                return Ok(Some(Next { no, conversation, question, request }));
            }
            store::replays::skip(&mut tx, replay.id, no).await?;
        }
        store::replays::end(&mut tx, replay.id, ReplayState::Done, now).await?;
        tx.commit().await?;
        Ok(None)
    }

    async fn ask(&self, job: &Job, request: AnswerRequest) -> Result<AnswerResponse, Error> {
        let client = self.desk.ai.own_client(job.tenant, self.desk.config.answer_deadline).map_err(Error::internal)?;
        let mut client = AnswerServiceClient::new(client);
        match tokio::time::timeout(self.desk.config.answer_deadline, client.answer(request)).await {
            Ok(Ok(answer)) => Ok(answer.into_inner()),
            Ok(Err(status)) => {
                tracing::warn!(code = ?status.code(), "no answer from the assistant");
                Err(Error::Unavailable("the assistant"))
            }
            Err(_elapsed) => Err(Error::DeadlineExceeded),
        }
    }

    /// Writes down what the assistant would say, unless the question was changed or taken back meanwhile: then it is looked for anew.
    async fn keep(&self, job: &Job, caller: &Caller, next: Next, answer: &AnswerResponse) -> Result<(), Error> {
        let mut tx = self.desk.db.begin(caller).await?;
        // Whoever takes words back holds the conversation.
        if store::conversations::lock(&mut tx, next.conversation).await?.is_none() {
            return Ok(());
        }
        job.fence(tx.conn()).await?;
        let ids = |messages: &[Message]| messages.iter().map(|message| message.id).collect::<Vec<_>>();
        let messages = ids(&next.question.asked);
        let mut now = store::messages::by_ids(&mut tx, &messages).await?;
        now.sort_by_key(|message| (message.platform_at, message.arrival));
        if words_said(&now) != words_said(&next.question.asked) {
            return Ok(());
        }
        let provenance = encode::provenance_of(answer, answer.outcome() == Outcome::Handover);
        let would_say = Said {
            answered: answer.outcome() == Outcome::Answered,
            text: answer.text.replace('\0', ""),
            reason: provenance.handover_reason,
            verdict: provenance.verdict,
            model: provenance.model,
        };
        let said = ids(&next.question.after);
        let item = ReplayItem { conversation: next.conversation, messages, said, would_say };
        store::replays::keep(&mut tx, job.entity, next.no, &item).await?;
        tx.commit().await
    }

    async fn give_up(&self, job: &Job, caller: &Caller) -> Result<(), Error> {
        let mut tx = self.desk.db.begin(caller).await?;
        store::replays::end(&mut tx, job.entity, ReplayState::Failed, self.desk.clock.now()).await?;
        tx.commit().await
    }
}

fn request(thread: &Thread, question: &LastQuestion) -> AnswerRequest {
    let turn = |message: &Message| Turn { speaker: speaker(message.sender).into(), text: message.content.clone() };
    let at = question.asked.last().map(|message| message.platform_at);
    AnswerRequest {
        question: words_said(&question.asked),
        history: question.before.iter().map(turn).collect(),
        referral: at.and_then(|at| thread.fresh_source(at)).map(encode::referral_for),
    }
}

impl Handler for Replay {
    const KIND: &'static str = "replay";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let caller = job.caller()?;
        let stop = self.desk.shutdown.token();
        while let Some(next) = self.next(&job, &caller).await? {
            if stop.is_cancelled() {
                return Ok(Done::At(self.desk.clock.now()));
            }
            let answer = self.ask(&job, next.request.clone()).await?;
            self.keep(&job, &caller, next, &answer).await?;
            if answer.budget_low {
                tracing::info!("most of the day's tokens are taken; a replay is given up");
                self.give_up(&job, &caller).await?;
            }
        }
        Ok(Done::Finished)
    }

    /// A defect: what was found until then stays, and another replay may begin.
    async fn set_aside(&self, job: &Job) {
        let ended: Result<(), Error> = async { self.give_up(job, &job.caller()?).await }.await;
        if let Err(error) = ended {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot end a replay");
        }
    }
}
