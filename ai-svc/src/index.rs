//! The indexer: claims texts without a vector from the catalogue, embeds them, and stores the vectors tenant by tenant.
//!
//! It keeps nothing: what it claimed and did not store is claimed again. A text that the model cannot embed is stored
//! without a
//! vector, so that it does not come back for ever.

use crate::embed::{EmbedError, Embedder, Lane};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{TenantId, full_jitter};
use chatdesk_proto::catalog::v1::index_service_client::IndexServiceClient;
use chatdesk_proto::catalog::v1::{ClaimEmbeddingsRequest, Embedding, EmbeddingTask, StoreEmbeddingsRequest};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Texts claimed at once: a second's work or less, so a lease never runs out over it.
const BATCH: u32 = 64;
/// How long the catalogue may hold a claim open.
const WAIT: Duration = Duration::from_secs(20);
const CALL: Duration = Duration::from_secs(10);

/// Why a round failed; the next one is tried later.
#[derive(Debug, thiserror::Error)]
enum IndexError {
    #[error("the catalogue answered {0:?}")]
    Catalog(tonic::Code),
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
    let mut failures = 0;
    while !stop.is_cancelled() {
        let round = tokio::select! {
            () = stop.cancelled() => break,
            round = round(&embedder, &catalog) => round,
        };
        match round {
            Ok(stored) => {
                failures = 0;
                metrics::counter!("ai_indexed_total").increment(u64::from(stored));
            }
            Err(error) => {
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
    }
}

/// One claim, embedded and stored; how many vectors were kept.
async fn round(embedder: &Embedder, catalog: &Peer) -> Result<u32, IndexError> {
    let mut client = IndexServiceClient::new(catalog.own_client(None, WAIT + CALL)?);
    let model = embedder.model_id().to_owned();
    let wait_ms = u32::try_from(WAIT.as_millis()).unwrap_or(u32::MAX);
    let tasks = client
        .claim_embeddings(ClaimEmbeddingsRequest { model: model.clone(), limit: BATCH, wait_ms })
        .await?
        .into_inner()
        .items;
    let mut tenants: BTreeMap<TenantId, Vec<EmbeddingTask>> = BTreeMap::new();
    for task in tasks {
        match task.tenant_id.parse() {
            Ok(tenant) => tenants.entry(tenant).or_default().push(task),
            Err(_) => tracing::error!("the catalogue named a tenant that is no UUID"),
        }
    }
    let mut stored = 0;
    for (tenant, tasks) in tenants {
        let items = embed(embedder, tasks).await?;
        let mut client = IndexServiceClient::new(catalog.own_client(Some(tenant), CALL)?);
        stored +=
            client.store_embeddings(StoreEmbeddingsRequest { model: model.clone(), items }).await?.into_inner().stored;
    }
    Ok(stored)
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
        .map(|(task, vector)| Embedding { product_id: task.product_id, text_hash: task.text_hash, vector })
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
