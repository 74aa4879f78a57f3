//! What the language model is asked, and what becomes of its drafts: tokens set aside and settled, the guard, one more try, or a handover.

use crate::answer::Assistant;
use crate::groq::{Groq, Usage};
use crate::guard::{self, Evidence, Verdict};
use crate::intent::handover;
use crate::language::Language;
use crate::model::{Reason, Reply};
use crate::peers::{Errand, NoTokens};
use crate::prompt::{self, Message};
use chatdesk_proto::tenants::v1::SettleTokensRequest;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// What an answer's drafts took of the day's tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Over all tries.
    pub usage: Usage,
    /// Whether most of the day's are taken.
    pub is_low: bool,
}

/// What a try with the model gave.
pub enum Tried {
    Reply(Reply, &'static str, String),
    /// Nothing false was said, but nothing that the shop's words bear either: the catalogue answers if it can.
    Unproven(&'static str, String),
    /// No model: the catalogue answers.
    Fallback,
}

impl Assistant {
    /// Asks the model in the tenant's turn, twice at most: once more after a draft that the guard blocks. Of drafts that are merely not borne
    /// out, what is left without those sentences is the answer. At `until` the catalogue's answer is written instead.
    pub(crate) async fn with_model(
        &self,
        errand: &Errand,
        mut messages: Vec<Message>,
        evidence: &mut Evidence<'_>,
        language: Language,
        spent: &mut Spent,
        until: Instant,
    ) -> Tried {
        let Some(groq) = &self.groq else { return Tried::Fallback };
        let Ok(_turn) = timeout_at(until, self.fair.turn(errand.tenant)).await else {
            tracing::warn!("too many answers are being written; the catalogue answers");
            return Tried::Fallback;
        };
        let mut blocked = "passed";
        let mut model = String::new();
        let mut unproven = true;
        let mut left = None;
        for _ in 0..2 {
            let held = match timeout_at(until, self.peers.reserve(errand, Groq::estimate(&messages))).await {
                Ok(Ok(held)) => held,
                Ok(Err(NoTokens::BudgetSpent)) => {
                    spent.is_low = true;
                    return Tried::Reply(handover(Reason::BudgetUsedUp, language), blocked, model);
                }
                Ok(Err(NoTokens::Failed(error))) => {
                    tracing::warn!(%error, "no tokens could be reserved; the catalogue answers");
                    return Tried::Fallback;
                }
                Err(_elapsed) => {
                    tracing::warn!("no time is left for a draft; the catalogue answers");
                    return Tried::Fallback;
                }
            };
            let (result, usage) = groq.complete(&messages, until).await;
            spent.is_low = held.is_low;
            spent.usage.prompt = spent.usage.prompt.saturating_add(usage.prompt);
            spent.usage.completion = spent.usage.completion.saturating_add(usage.completion);
            let answered = result.as_ref().map(|c| c.model.clone()).unwrap_or_default();
            let settled = SettleTokensRequest {
                reservation_id: held.id,
                model: answered,
                prompt_tokens: usage.prompt,
                completion_tokens: usage.completion,
            };
            if let Err(error) = self.peers.settle(errand, settled).await {
                tracing::warn!(%error, "used tokens could not be settled");
            }
            let completion = match result {
                Ok(completion) => completion,
                Err(error) => {
                    tracing::warn!(%error, "no draft; the catalogue answers");
                    return Tried::Fallback;
                }
            };
            model = completion.model;
            if completion.draft.handover {
                return Tried::Reply(handover(Reason::ModelAsked, language), "passed", model);
            }
            let ids: Option<Vec<Uuid>> = completion.draft.product_ids.iter().map(|id| id.parse().ok()).collect();
            let verdict = ids
                .as_ref()
                .map_or(guard::unknown_product(), |ids| guard::check(&completion.draft.reply, ids, evidence));
            match verdict {
                Verdict::Pass => {
                    return Tried::Reply(
                        Reply::Answered { text: completion.draft.reply, product_ids: ids.unwrap_or_default() },
                        "passed",
                        model,
                    );
                }
                Verdict::Blocked(why) => {
                    tracing::info!(rule = why.rule.code(), why = why.detail, "the guard blocked a draft");
                    blocked = why.rule.code();
                    unproven &= why.rule.is_unproven();
                    let ids = ids.unwrap_or_default();
                    let struck = guard::strike(&completion.draft.reply, &ids, evidence).filter(|_| unproven);
                    left = struck.map(|text| Reply::Answered { text, product_ids: ids }).or(left);
                    messages.push(prompt::again(blocked));
                }
            }
        }
        match left.filter(|_| unproven) {
            Some(reply) => Tried::Reply(reply, blocked, model),
            None if unproven => Tried::Unproven(blocked, model),
            None => Tried::Reply(handover(Reason::GuardBlocked, language), blocked, model),
        }
    }
}
