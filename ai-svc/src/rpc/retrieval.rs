//! The assistant's own retrieval, for people to try.

use super::answer::{referred, turn};
use super::errand;
use crate::answer::Assistant;
use crate::model::{MAX_TURNS, Turn};
use crate::retrieve::{Before, Looked};
use chatdesk_platform::Invalid;
use chatdesk_proto::ai::v1::retrieval_service_server::RetrievalService;
use chatdesk_proto::ai::v1::{RetrieveRequest, RetrieveResponse};
use std::sync::Arc;
use tonic::{Request, Response, Status};

const DEFAULT_LIMIT: u32 = 5;
const MAX_LIMIT: u32 = 50;
const MAX_CHARS: usize = 1000;

pub(crate) struct Retrievals(pub Arc<Assistant>);

#[tonic::async_trait]
impl RetrievalService for Retrievals {
    async fn retrieve(&self, request: Request<RetrieveRequest>) -> Result<Response<RetrieveResponse>, Status> {
        let errand = errand(&request)?;
        let RetrieveRequest { text, limit, history, referral } = request.into_inner();
        let mut invalid = Invalid::default();
        if text.trim().is_empty() {
            invalid.add("text", "required", "must not be empty");
        } else if text.chars().count() > MAX_CHARS {
            invalid.add("text", "too_long", format!("at most {MAX_CHARS} characters"));
        }
        if limit > MAX_LIMIT {
            invalid.add("limit", "out_of_range", format!("1 to {MAX_LIMIT}"));
        }
        invalid.finish()?;
        let limit = if limit == 0 { DEFAULT_LIMIT } else { limit };
        let history: Vec<Turn> = history.into_iter().filter_map(turn).collect();
        let history = history.get(history.len().saturating_sub(MAX_TURNS)..).unwrap_or_default();
        let referral = referral.map(referred);
        let before = Before { history, referral: referral.as_ref() };
        let Looked { products: items, entries, about, asked } = self.0.look_up(&errand, &text, before, limit).await?;
        Ok(Response::new(RetrieveResponse { items, entries, searched: asked.text(), about_product_ids: about }))
    }
}
