//! The indexer: claims texts without a vector, of products and entries, from the catalogue, embeds them, and stores the vectors tenant by
//! tenant. Two loops do so, so that one computes while the other claims and stores.
//!
//! It keeps nothing: what it claimed and did not store is claimed again. A text that the model cannot embed is stored without a vector, so
//! that it does not come back for ever.

use crate::embed::{EmbedError, Embedder, Lane};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{TenantId, full_jitter};
use chatdesk_proto::catalog::v1::index_service_client::IndexServiceClient;
use chatdesk_proto::catalog::v1::{ClaimEmbeddingsRequest, Embedding, EmbeddingTask, StoreEmbeddingsRequest};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tonic::Code;

/// Texts claimed at once: a second's work or less, so a lease never runs out over it.
const BATCH: u32 = 64;
/// How long the catalogue may hold a claim open.
const WAIT: Duration = Duration::from_secs(20);
const CALL: Duration = Duration::from_secs(10);

/// Why a round failed; the next one is tried later.
#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error("the catalogue answered {0:?}")]
    Catalog(Code),
    #[error(transparent)]
    Embed(#[from] EmbedError),
}

impl From<tonic::Status> for IndexError {
    fn from(status: tonic::Status) -> Self {
        Self::Catalog(status.code())
    }
}

/// Indexes until the token is cancelled.
pub async fn run(embedder: Embedder, catalog: Peer, stop: CancellationToken) {
    tokio::join!(rounds(&embedder, &catalog, &stop), rounds(&embedder, &catalog, &stop));
}

async fn rounds(embedder: &Embedder, catalog: &Peer, stop: &CancellationToken) {
    let mut failures = 0;
    while !stop.is_cancelled() {
        let round = tokio::select! {
            () = stop.cancelled() => break,
            round = round(embedder, catalog) => round,
        };
        metrics::counter!("chatdesk_ai_indexed_total").increment(u64::from(round.stored));
        let Some(error) = round.failed else {
            failures = 0;
            continue;
        };
        failures += 1;
        // A peer that starts later than this service is no news.
        if failures > 2 {
            tracing::warn!(%error, failures, "indexing failed");
        }
        let wait = full_jitter(failures, Duration::from_millis(250), Duration::from_secs(30));
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// What came of one claim.
#[derive(Default)]
struct Round {
    /// Vectors that were kept.
    stored: u32,
    /// The first failure; the other tenants' texts went on.
    failed: Option<IndexError>,
}

impl Round {
    fn add(&mut self, outcome: Result<u32, IndexError>) {
        match outcome {
            Ok(stored) => self.stored += stored,
            Err(error) => {
                self.failed.get_or_insert(error);
            }
        }
    }
}

/// One claim, embedded and stored tenant by tenant.
async fn round(embedder: &Embedder, catalog: &Peer) -> Round {
    let mut round = Round::default();
    let tasks = match claim(embedder, catalog).await {
        Ok(tasks) => tasks,
        Err(error) => {
            round.add(Err(error));
            return round;
        }
    };
    let mut tenants: BTreeMap<TenantId, Vec<EmbeddingTask>> = BTreeMap::new();
    for task in tasks {
        match task.tenant_id.parse() {
            Ok(tenant) => tenants.entry(tenant).or_default().push(task),
            Err(_) => tracing::error!("the catalogue named a tenant that is no UUID"),
        }
    }
    for (tenant, tasks) in tenants {
        match embed(embedder, tasks).await {
            Ok(items) => store_all(embedder.model_id(), catalog, tenant, items, &mut round).await,
            Err(error) => round.add(Err(error.into())),
        }
    }
    round
}

async fn claim(embedder: &Embedder, catalog: &Peer) -> Result<Vec<EmbeddingTask>, IndexError> {
    let mut client = IndexServiceClient::new(catalog.own_client(None, WAIT + CALL)?);
    let wait_ms = u32::try_from(WAIT.as_millis()).unwrap_or(u32::MAX);
    let request = ClaimEmbeddingsRequest { model: embedder.model_id().to_owned(), limit: BATCH, wait_ms };
    Ok(client.claim_embeddings(request).await?.into_inner().items)
}

/// Stores a tenant's vectors. When the catalogue refuses one of them it refuses the batch: then each is stored by itself, and a refused one
/// without its vector, like a text that cannot be embedded.
async fn store_all(model: &str, catalog: &Peer, tenant: TenantId, items: Vec<Embedding>, round: &mut Round) {
    match store(model, catalog, tenant, items.clone()).await {
        Err(IndexError::Catalog(Code::InvalidArgument)) => {}
        outcome => return round.add(outcome),
    }
    for item in items {
        let without = Embedding { vector: Vec::new(), ..item.clone() };
        let mut outcome = store(model, catalog, tenant, vec![item]).await;
        if matches!(outcome, Err(IndexError::Catalog(Code::InvalidArgument))) {
            tracing::warn!(entity = %without.entity_id, "the catalogue refused a vector");
            outcome = store(model, catalog, tenant, vec![without]).await.map(|_| 0);
        }
        let gone = outcome.is_err();
        round.add(outcome);
        // The rest comes back when its lease runs out; asking for each would hold up the other tenants.
        if gone {
            return;
        }
    }
}

/// How many of the vectors were kept.
async fn store(model: &str, catalog: &Peer, tenant: TenantId, items: Vec<Embedding>) -> Result<u32, IndexError> {
    let mut client = IndexServiceClient::new(catalog.own_client(Some(tenant), CALL)?);
    let request = StoreEmbeddingsRequest { model: model.to_owned(), items };
    Ok(client.store_embeddings(request).await?.into_inner().stored)
}

async fn embed(embedder: &Embedder, tasks: Vec<EmbeddingTask>) -> Result<Vec<Embedding>, EmbedError> {
    let texts: Vec<String> = tasks.iter().map(|t| t.text.clone()).collect();
    let vectors = match embedder.embed(texts, Lane::Index).await {
        Ok(vectors) => vectors,
        Err(EmbedError::Failed) => one_by_one(embedder, &tasks).await?,
        Err(other) => return Err(other),
    };
    let pairs = tasks.into_iter().zip(vectors);
    Ok(pairs
        .map(|(task, vector)| Embedding {
            entity_id: task.entity_id,
            text_hash: task.text_hash,
            kind: task.kind,
            vector,
        })
        .collect())
}

/// After a failed batch: the texts that do embed, and an empty vector for the one that does not.
async fn one_by_one(embedder: &Embedder, tasks: &[EmbeddingTask]) -> Result<Vec<Vec<f32>>, EmbedError> {
    let mut vectors = Vec::with_capacity(tasks.len());
    for task in tasks {
        let vector = match embedder.embed(vec![task.text.clone()], Lane::Index).await {
            Ok(mut one) => one.pop().unwrap_or_default(),
            Err(EmbedError::Failed) => Vec::new(),
            Err(other) => return Err(other),
        };
        vectors.push(vector);
    }
    Ok(vectors)
}
