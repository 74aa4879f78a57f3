//! ai-svc: embeddings, the indexer of products, and grounded answers for customers.
//!
//! It owns the embedding model, the prompt, the language model's client, the guard and the catalogue answerer. It
//! refuses to keep anything: it has no database, sends nothing to customers, and knows products, settings and
//! budgets only by asking catalog-svc and tenants-svc as itself for one tenant.

mod answer;
mod answerer;
mod attribute;
mod config;
mod draft;
mod embed;
mod fair;
mod groq;
mod guard;
mod handover;
mod hours;
mod index;
mod intent;
mod language;
mod model;
mod peers;
mod prompt;
mod retrieve;
mod rpc;
mod text;
mod topic;

pub use config::Config;
pub use embed::{Embedder, Lane, Limits, ModelError};
pub use groq::Config as GroqConfig;
pub use prompt::PROMPT_VERSION;
pub use rpc::ACCESS;

use answer::Assistant;
use chatdesk_platform::grpc::{Guard, Peer};
use chatdesk_platform::{Clock, Keyring, ServiceName, Shutdown};
use chatdesk_proto::ai::v1::answer_service_server::AnswerServiceServer;
use chatdesk_proto::ai::v1::retrieval_service_server::RetrievalServiceServer;
use groq::Groq;
use peers::Peers;
use rpc::answer::Answers;
use rpc::retrieval::Retrievals;
use std::sync::Arc;
use tonic::service::RoutesBuilder;
use tower::Layer;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The weights cannot be used.
    #[error(
        "the embedding model does not load ({0}); check EMBEDDING_MODEL or run `make run` once to install the weights"
    )]
    Model(#[from] ModelError),
    /// Loading was interrupted.
    #[error("loading the embedding model was interrupted")]
    Interrupted(#[from] tokio::task::JoinError),
    /// The HTTP client cannot be made.
    #[error("no HTTP client for the language model: {0}")]
    Http(#[from] reqwest::Error),
}

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    assistant: Arc<Assistant>,
    guard: Guard,
}

impl Service {
    /// Loads and warms the model, then starts the indexer; when this returns the service can answer.
    ///
    /// # Errors
    /// When the model does not load.
    pub async fn start(
        config: Config,
        keyring: &Keyring,
        catalog: Peer,
        tenants: Peer,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Self, StartError> {
        let (folder, limits) = (config.model_folder.clone(), config.embedding);
        let embedder = tokio::task::spawn_blocking(move || Embedder::load(&folder, limits)).await??;
        Self::with_embedder(config, embedder, keyring, catalog, tenants, clock, shutdown)
    }

    /// As [`Service::start`] with a model that is loaded already.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn with_embedder(
        config: Config,
        embedder: Embedder,
        keyring: &Keyring,
        catalog: Peer,
        tenants: Peer,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Self, StartError> {
        let fair = fair::Fair::new(config.groq.as_ref().map_or(1, |groq| groq.at_once));
        let groq = config.groq.map(|groq| Groq::new(groq, clock.clone())).transpose()?;
        if groq.is_none() {
            tracing::info!("GROQ_API_KEY is not set: answers are written from the catalogue");
        }
        shutdown.spawn(index::run(embedder.clone(), catalog.clone(), shutdown.token()));
        let peers = Peers { catalog, tenants };
        let (deadline, model_deadline) = (config.answer_deadline, config.model_deadline);
        let assistant = Assistant { embedder, groq, fair, peers, clock, deadline, model_deadline };
        let guard = Guard::new(keyring.verifier(ServiceName::Ai), ACCESS, config.concurrent);
        Ok(Self { assistant: Arc::new(assistant), guard })
    }

    /// Adds this service's methods, each behind the caller's check.
    pub fn add_to(&self, routes: &mut RoutesBuilder) {
        routes.add_service(self.guard.layer(AnswerServiceServer::new(Answers(Arc::clone(&self.assistant)))));
        routes.add_service(self.guard.layer(RetrievalServiceServer::new(Retrievals(Arc::clone(&self.assistant)))));
    }

    /// Whether it can answer. It can from its start on: the model is warm and the peers say for themselves whether
    /// they are there.
    pub async fn is_ready(&self) -> bool {
        true
    }
}
