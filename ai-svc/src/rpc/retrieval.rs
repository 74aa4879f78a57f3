//! The assistant's own retrieval, for people to try.

use super::errand;
use crate::answer::Assistant;
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
        let RetrieveRequest { text, limit } = request.into_inner();
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
        let items = self.0.retrieve(&errand, &text, limit).await?;
        Ok(Response::new(RetrieveResponse { items }))
    }
}
