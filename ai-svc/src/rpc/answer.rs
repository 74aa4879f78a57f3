//! Answers, and whether what they rest on still holds.

use super::errand;
use crate::answer::{Answer, Assistant, says_count};
use crate::model::{Product, Reply, Speaker, Turn};
use crate::peers;
use crate::retrieve::{Before, Referral};
use chatdesk_platform::Error;
use chatdesk_proto::ai::v1::answer_service_server::AnswerService;
use chatdesk_proto::ai::v1::{
    self as wire, AnswerRequest, AnswerResponse, Outcome, RecheckRequest, RecheckResponse, UsedProduct,
};
use chatdesk_proto::catalog::v1::ProductStatus;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Products that one recheck takes.
const MAX_RECHECKED: usize = 200;

pub(crate) struct Answers(pub Arc<Assistant>);

#[tonic::async_trait]
impl AnswerService for Answers {
    async fn answer(&self, request: Request<AnswerRequest>) -> Result<Response<AnswerResponse>, Status> {
        let errand = errand(&request)?;
        let AnswerRequest { question, history, referral } = request.into_inner();
        let history: Vec<Turn> = history.into_iter().filter_map(turn).collect();
        let referral = referral.map(referred);
        let before = Before { history: &history, referral: referral.as_ref() };
        let answer = self.0.answer(&errand, &question, before).await?;
        Ok(Response::new(response(answer)))
    }

    async fn recheck(&self, request: Request<RecheckRequest>) -> Result<Response<RecheckResponse>, Status> {
        let errand = errand(&request)?;
        let then = request.into_inner().products;
        if then.len() > MAX_RECHECKED {
            return Err(Error::invalid("products", "too_many", format!("at most {MAX_RECHECKED}")).into());
        }
        if then.is_empty() {
            return Ok(Response::new(RecheckResponse::default()));
        }
        let now = self.0.peers.products(&errand, then.iter().map(|p| p.id.clone()).collect()).await?;
        let now: Vec<Product> = now.iter().filter_map(peers::row).collect();
        let holds = |then: &UsedProduct| now.iter().any(|now| is_as_then(now, then));
        let stale_product_ids = then.iter().filter(|p| !holds(p)).map(|p| p.id.clone()).collect();
        Ok(Response::new(RecheckResponse { stale_product_ids }))
    }
}

/// Where the customer came from.
pub(super) fn referred(referral: wire::Referral) -> Referral {
    let wire::Referral { ad_title, reference, product_id, .. } = referral;
    Referral { ad_title, reference, product_id }
}

/// What was said; `None` when it is not told by whom.
pub(super) fn turn(turn: wire::Turn) -> Option<Turn> {
    let speaker = match turn.speaker() {
        wire::Speaker::Contact => Speaker::Customer,
        wire::Speaker::Business => Speaker::Person,
        wire::Speaker::Ai => Speaker::Assistant,
        wire::Speaker::Unspecified => return None,
    };
    Some(Turn { speaker, text: turn.text })
}

fn response(answer: Answer) -> AnswerResponse {
    let (outcome, reason) = match &answer.reply {
        Reply::Answered { .. } => (Outcome::Answered, ""),
        Reply::Handover { reason, .. } => (Outcome::Handover, reason.code()),
    };
    AnswerResponse {
        outcome: outcome.into(),
        text: answer.reply.text().to_owned(),
        reason: reason.to_owned(),
        products: answer.products.into_iter().map(|product| used(product, answer.reply.text())).collect(),
        verdict: answer.verdict.to_owned(),
        model: answer.model,
        prompt_version: answer.prompt_version.to_owned(),
        prompt_tokens: answer.spent.usage.prompt,
        completion_tokens: answer.spent.usage.completion,
        latency_ms: u32::try_from(answer.latency.as_millis()).unwrap_or(u32::MAX),
        entry_ids: answer.entries.iter().map(ToString::to_string).collect(),
        budget_low: answer.spent.is_low,
    }
}

/// Whether a product is as an answer had it. Without a fingerprint, price, currency and status tell.
fn is_as_then(now: &Product, then: &UsedProduct) -> bool {
    let is_same =
        || (now.price_minor, &now.currency, i32::from(status(now))) == (then.price_minor, &then.currency, then.status);
    let has_same = || [false, true].into_iter().any(|with_counts| now.fingerprint(with_counts) == then.fingerprint);
    now.id.to_string() == then.id && if then.fingerprint.is_empty() { is_same() } else { has_same() }
}

fn status(product: &Product) -> ProductStatus {
    if product.in_stock { ProductStatus::Available } else { ProductStatus::OutOfStock }
}

/// A product as the answer with this text used it.
fn used(product: Product, text: &str) -> UsedProduct {
    let (lowest_price_minor, has_higher_prices) = product.prices();
    UsedProduct {
        id: product.id.to_string(),
        fingerprint: product.fingerprint(says_count(text, &product)),
        status: status(&product).into(),
        has_sold_out_variants: product.has_sold_out_variants(),
        lowest_price_minor,
        has_higher_prices,
        name: product.name,
        score: product.score,
        price_minor: product.price_minor,
        currency: product.currency,
        image_url: product.image_url,
    }
}
