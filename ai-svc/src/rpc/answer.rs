//! Answers, and whether what they rest on still holds.

use super::errand;
use crate::answer::{Answer, Assistant};
use crate::model::{Product, Reply, Speaker, Turn};
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
        let AnswerRequest { question, history } = request.into_inner();
        let history: Vec<Turn> = history.into_iter().filter_map(turn).collect();
        let answer = self.0.answer(&errand, &question, &history).await?;
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
        let holds = |then: &UsedProduct| {
            now.iter().any(|p| {
                p.id == then.id
                    && p.price_minor == then.price_minor
                    && p.currency == then.currency
                    && p.status == then.status
            })
        };
        let stale_product_ids = then.iter().filter(|p| !holds(p)).map(|p| p.id.clone()).collect();
        Ok(Response::new(RecheckResponse { stale_product_ids }))
    }
}

fn turn(turn: wire::Turn) -> Option<Turn> {
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
        products: answer.products.into_iter().map(used).collect(),
        verdict: answer.verdict.to_owned(),
        model: answer.model,
        prompt_version: answer.prompt_version.to_owned(),
        prompt_tokens: answer.usage.prompt,
        completion_tokens: answer.usage.completion,
        latency_ms: u32::try_from(answer.latency.as_millis()).unwrap_or(u32::MAX),
    }
}

fn used(product: Product) -> UsedProduct {
    let status = if product.in_stock { ProductStatus::Available } else { ProductStatus::OutOfStock };
    UsedProduct {
        id: product.id.to_string(),
        name: product.name,
        score: product.score,
        price_minor: product.price_minor,
        currency: product.currency,
        status: status.into(),
    }
}
