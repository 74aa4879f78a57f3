//! Texts to embed and the vectors made of them. For the AI service alone.

use std::time::Duration;

use chatdesk_platform::grpc::caller;
use chatdesk_platform::{Error, Invalid, page};
use chatdesk_proto::catalog::v1 as proto;
use chatdesk_proto::catalog::v1::index_service_server::IndexService;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::model::{Embedding, Model};
use crate::store::vectors::Made;
use crate::work::{Backfill, Embeddings, Kind, Task};

/// The net under the wakes: another process may have scheduled something.
const POLL: Duration = Duration::from_millis(250);

/// Texts in one answer, and vectors in one request.
const MOST: u32 = 256;

/// Answers `IndexService`.
#[derive(Clone)]
pub struct Index {
    embeddings: Embeddings,
    backfill: Backfill,
    stop: CancellationToken,
}

impl Index {
    /// Long polls end when `stop` is cancelled.
    pub const fn new(embeddings: Embeddings, backfill: Backfill, stop: CancellationToken) -> Self {
        Self { embeddings, backfill, stop }
    }

    /// Texts as soon as there are any; none when there were none until `until`.
    async fn wait(&self, model: &Model, limit: u32, until: Instant) -> Result<Vec<Task>, Error> {
        loop {
            let (tasks, more) = self.embeddings.claim(model, limit).await?;
            if !tasks.is_empty() || self.stop.is_cancelled() {
                return Ok(tasks);
            }
            if more {
                continue;
            }
            let nap = async {
                tokio::select! {
                    () = self.stop.cancelled() => {}
                    () = self.embeddings.woken() => {}
                    () = sleep(POLL) => {}
                }
            };
            if timeout_at(until, nap).await.is_err() {
                return Ok(Vec::new());
            }
        }
    }
}

#[tonic::async_trait]
impl IndexService for Index {
    async fn claim_embeddings(
        &self,
        request: Request<proto::ClaimEmbeddingsRequest>,
    ) -> Result<Response<proto::ClaimEmbeddingsResponse>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let mut invalid = Invalid::default();
        let model = invalid.check("model", Model::parse(&request.model));
        let limit = invalid.check("limit", page::limit(request.limit, MOST, MOST));
        if request.wait_ms > 20_000 {
            invalid.add("wait_ms", "out_of_range", "must be at most 20,000");
        }
        let (model, limit) = invalid.into_result(model.zip(limit))?;
        self.backfill.ensure(&model, caller);
        let until = Instant::now() + Duration::from_millis(request.wait_ms.into());
        let tasks = self.wait(&model, limit, until).await?;
        Ok(Response::new(proto::ClaimEmbeddingsResponse { items: tasks.into_iter().map(encode).collect() }))
    }

    async fn store_embeddings(
        &self,
        request: Request<proto::StoreEmbeddingsRequest>,
    ) -> Result<Response<proto::StoreEmbeddingsResponse>, Status> {
        let caller = caller(&request)?;
        let (model, products, entries) = parse(request.into_inner())?;
        let stored = self.embeddings.store(&caller, &model, &products, &entries).await?;
        Ok(Response::new(proto::StoreEmbeddingsResponse { stored: u32::try_from(stored).unwrap_or(u32::MAX) }))
    }
}

/// The model, and what it made of products and of entries.
fn parse(request: proto::StoreEmbeddingsRequest) -> Result<(Model, Vec<Made>, Vec<Made>), Error> {
    let mut invalid = Invalid::default();
    let model = invalid.check("model", Model::parse(&request.model));
    if request.items.len() > MOST as usize {
        invalid.add("items", "too_many", format!("has more than {MOST} vectors"));
    }
    let (mut products, mut entries) = (Vec::new(), Vec::new());
    for (at, item) in (0..MOST).zip(request.items) {
        // What cannot be an id belongs to something that is gone.
        let Ok(id) = item.entity_id.parse() else { continue };
        let made = if item.kind() == proto::EmbeddingKind::Entry { &mut entries } else { &mut products };
        let is_vector = !item.vector.is_empty();
        let embedding = is_vector.then(|| Embedding::parse(item.vector)).transpose();
        if let Some(embedding) = invalid.check(&format!("items[{at}].vector"), embedding) {
            made.push(Made { id, text_hash: item.text_hash, embedding });
        }
    }
    invalid.into_result(model.map(|model| (model, products, entries)))
}

fn encode(task: Task) -> proto::EmbeddingTask {
    proto::EmbeddingTask {
        tenant_id: task.tenant.to_string(),
        entity_id: task.entity.to_string(),
        text: task.text,
        text_hash: task.text_hash,
        kind: match task.kind {
            Kind::Product => proto::EmbeddingKind::Product,
            Kind::Entry => proto::EmbeddingKind::Entry,
        }
        .into(),
    }
}
