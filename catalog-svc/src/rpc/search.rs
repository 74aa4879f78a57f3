//! Retrieval for a question.

use chatdesk_platform::db::Db;
use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Error, Invalid, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::search_service_server::SearchService;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::product;
use crate::model::{Embedding, Model, Refusal};
use crate::store::search::{self, Ask, Found, FoundEntry, Meaning, Shelf};

/// Longer than any message Meta lets a customer send.
const LONGEST: usize = 8_000;

/// The most products that a conversation is about.
const MOST_ABOUT: usize = 20;

/// Answers `SearchService`.
#[derive(Clone)]
pub struct Search {
    db: Db,
    shelf: Shelf,
}

impl Search {
    /// Over the database.
    pub fn new(db: Db) -> Self {
        Self { db, shelf: Shelf::default() }
    }
}

#[tonic::async_trait]
impl SearchService for Search {
    async fn search(&self, request: Request<proto::SearchRequest>) -> Result<Response<proto::SearchResponse>, Status> {
        let caller = caller(&request)?;
        let ask = parse(request.into_inner())?;
        let mut tx = self.db.begin(&caller).await?;
        let (products, entries) = search::search(&mut tx, &self.shelf, &ask).await?;
        tx.commit().await?;
        let (items, entries) = (products.iter().map(encode).collect(), entries.into_iter().map(encode_entry).collect());
        Ok(Response::new(proto::SearchResponse { items, entries }))
    }
}

fn parse(request: proto::SearchRequest) -> Result<Ask, Error> {
    let mut invalid = Invalid::default();
    let text = invalid.check("text", text(request.text));
    let limit = invalid.check("limit", page::limit(request.limit, 5, 50));
    let meaning = if request.vector.is_empty() {
        Some(None)
    } else {
        let embedding = invalid.check("vector", Embedding::parse(request.vector));
        let model = invalid.check("model", Model::parse(&request.model));
        embedding.zip(model).map(|(embedding, model)| Some(Meaning { embedding, model }))
    };
    let about = invalid.check("boost_product_ids", about(&request.boost_product_ids));
    let ask = || Some(Ask { text: text?, meaning: meaning?, about: about?, limit: limit? as usize });
    let ask = ask();
    invalid.into_result(ask)
}

fn text(text: String) -> Result<String, Refusal> {
    if text.contains('\0') {
        return Err(("malformed", "must not contain the NUL character".to_owned()));
    }
    if text.chars().count() > LONGEST {
        return Err(("too_long", format!("has more than {LONGEST} characters")));
    }
    Ok(text)
}

fn about(ids: &[String]) -> Result<Vec<Uuid>, Refusal> {
    if ids.len() > MOST_ABOUT {
        return Err(("too_many", format!("names more than {MOST_ABOUT} products")));
    }
    Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
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

#[expect(clippy::cast_possible_truncation, reason = "scores within -1 to 1 that nobody adds up")]
fn encode_entry(found: FoundEntry) -> proto::ScoredEntry {
    proto::ScoredEntry {
        entry_id: found.id.to_string(),
        kind: found.kind.as_str().to_owned(),
        title: found.title,
        body: found.body,
        score: found.score as f32,
        vector_score: found.meaning as f32,
        lexical_score: found.words as f32,
    }
}
