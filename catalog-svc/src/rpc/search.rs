//! Retrieval for a question.

use chatdesk_platform::db::Db;
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Error, Invalid, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::search_service_server::SearchService;
use tonic::{Request, Response, Status};

use super::product;
use crate::model::{Embedding, Model, Refusal};
use crate::store::search::{self, Found, Meaning};
use crate::words;

/// Longer than any message Meta lets a customer send.
const LONGEST: usize = 8_000;

/// Answers `SearchService`.
#[derive(Clone)]
pub struct Search {
    db: Db,
}

impl Search {
    /// Over the database.
    pub const fn new(db: Db) -> Self {
        Self { db }
    }
}

#[tonic::async_trait]
impl SearchService for Search {
    async fn search(&self, request: Request<proto::SearchRequest>) -> Result<Response<proto::SearchResponse>, Status> {
        let caller = caller(&request)?;
        let (asked, meaning, limit) = parse(request.into_inner())?;
        let mut tx = self.db.begin(&caller).await?;
        let found = search::search(&mut tx, asked, meaning.as_ref(), limit).await?;
        tx.commit().await?;
        Ok(Response::new(proto::SearchResponse { items: found.iter().map(encode).collect() }))
    }
}

fn parse(request: proto::SearchRequest) -> Result<(Vec<words::Asked>, Option<Meaning>, i64), Error> {
    let mut invalid = Invalid::default();
    let asked = invalid.check("text", question(&request.text));
    let limit = invalid.check("limit", page::limit(request.limit, 5, 50));
    let meaning = if request.vector.is_empty() {
        Some(None)
    } else {
        let embedding = invalid.check("vector", Embedding::parse(request.vector));
        let model = invalid.check("model", Model::parse(&request.model));
        embedding.zip(model).map(|(embedding, model)| Some(Meaning { embedding, model }))
    };
    let parsed = asked.zip(meaning).zip(limit).map(|((asked, meaning), limit)| (asked, meaning, i64::from(limit)));
    invalid.into_result(parsed)
}

fn question(text: &str) -> Result<Vec<words::Asked>, Refusal> {
    if text.contains('\0') {
        return Err(("malformed", "must not contain the NUL character".to_owned()));
    }
    if text.chars().count() > LONGEST {
        return Err(("too_long", format!("has more than {LONGEST} characters")));
    }
    Ok(words::of_question(text))
}

#[expect(clippy::cast_possible_truncation, reason = "scores within -1 to 1 that nobody adds up")]
fn encode(found: &Found) -> proto::ScoredProduct {
    proto::ScoredProduct {
        product: Some(product::encode(&found.product)),
        score: found.score as f32,
        vector_score: found.meaning as f32,
        lexical_score: found.words as f32,
    }
}
