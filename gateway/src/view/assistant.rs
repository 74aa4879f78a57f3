//! The assistant: how it speaks, and what it would answer.

use chatdesk_proto::ai::v1 as pb;
use chatdesk_proto::tenants::v1::AssistantSettings;
use serde::Serialize;
use utoipa::ToSchema;

use super::product::ProductStatus;
use super::{Unreadable, each, filled, names};
use crate::money;

/// How the assistant speaks for a business.
#[derive(Serialize, ToSchema)]
#[schema(as = AssistantSettings)]
pub struct Settings {
    /// Such as "thân thiện, xưng em".
    tone: String,
    /// Free text: shipping, returns, promotions. Amounts and promises in answers come from here.
    policies: String,
    /// BCP 47 tags the assistant may answer in, the first is the default.
    languages: Vec<String>,
    /// Whether new conversations start with the assistant on.
    ai_enabled_by_default: bool,
    /// Free text.
    opening_hours: String,
    /// Whether an answer that rests on up to three products with pictures shows their cards.
    send_cards: bool,
    /// Percent of the day's language model tokens that are used or set aside, 0 to 100. The day begins at 0:00 UTC.
    tokens_taken_percent: u32,
    /// Whether they run low. When they are used up, the assistant hands conversations over until the next day.
    tokens_low: bool,
}

impl TryFrom<AssistantSettings> for Settings {
    type Error = Unreadable;

    fn try_from(told: AssistantSettings) -> Result<Self, Unreadable> {
        Ok(Self {
            tone: told.tone,
            policies: told.policies,
            languages: told.languages,
            ai_enabled_by_default: told.ai_enabled_by_default,
            opening_hours: told.opening_hours,
            send_cards: told.send_cards,
            tokens_taken_percent: told.tokens_taken_percent,
            tokens_low: told.tokens_low,
        })
    }
}

/// Tokens of a language model.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Read.
    pub prompt: u32,
    /// Written.
    pub completion: u32,
}

/// A product as it was when an answer used it.
#[derive(Serialize, ToSchema)]
pub struct UsedProduct {
    id: String,
    name: String,
    /// 0 to 1, higher is better.
    score: f32,
    /// A decimal text.
    price: String,
    /// ISO 4217 code.
    currency: String,
    status: ProductStatus,
}

impl TryFrom<pb::UsedProduct> for UsedProduct {
    type Error = Unreadable;

    fn try_from(told: pb::UsedProduct) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            name: told.name,
            score: told.score,
            price: money::show(told.price_minor, &told.currency),
            currency: told.currency,
            status: told.status.try_into()?,
        })
    }
}

names! {
    /// How an answer ended.
    Outcome of pb::Outcome { Answered, Handover }
}

/// What the assistant would answer. Nothing was sent.
#[derive(Serialize, ToSchema)]
#[schema(as = Preview)]
pub struct PreviewView {
    outcome: Outcome,
    /// What the customer would get to read.
    answer: String,
    /// Why it was handed over; null when answered.
    reason: Option<String>,
    /// The products the answer rests on, best first.
    products: Vec<UsedProduct>,
    /// The shop's entries it rests on, best first.
    entry_ids: Vec<String>,
    /// What the guard said: `passed`, or the rule that blocked.
    verdict: String,
    /// The model, or `catalogue` for the answerer that needs none.
    model: String,
    prompt_version: String,
    tokens: Tokens,
    latency_ms: u32,
}

impl TryFrom<pb::AnswerResponse> for PreviewView {
    type Error = Unreadable;

    fn try_from(told: pb::AnswerResponse) -> Result<Self, Unreadable> {
        Ok(Self {
            outcome: told.outcome.try_into()?,
            answer: told.text,
            reason: filled(told.reason),
            products: each(told.products)?,
            entry_ids: told.entry_ids,
            verdict: told.verdict,
            model: told.model,
            prompt_version: told.prompt_version,
            tokens: Tokens { prompt: told.prompt_tokens, completion: told.completion_tokens },
            latency_ms: told.latency_ms,
        })
    }
}
