//! What the assistant answers.

use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::catalog::v1 as catalog;

use super::PRODUCT;

pub fn used_product() -> ai::UsedProduct {
    ai::UsedProduct {
        id: PRODUCT.into(),
        name: "Áo thun đỏ".into(),
        score: 0.75,
        price_minor: 129_000,
        currency: "VND".into(),
        status: catalog::ProductStatus::Available.into(),
        ..ai::UsedProduct::default()
    }
}

pub fn answer() -> ai::AnswerResponse {
    ai::AnswerResponse {
        outcome: ai::Outcome::Answered.into(),
        text: "Dạ 129.000đ ạ.".into(),
        reason: String::new(),
        products: vec![used_product()],
        verdict: "passed".into(),
        model: "catalogue".into(),
        prompt_version: "1".into(),
        prompt_tokens: 12,
        completion_tokens: 7,
        latency_ms: 40,
        ..ai::AnswerResponse::default()
    }
}
