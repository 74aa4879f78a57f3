//! The real catalogue and assistant over a database of their own, with all the set's products in one tenant.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chatdesk_ai::{Embedder, Limits};
use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Clock, Identity, Keyring, Role, ServiceName, Shutdown, TenantId, UserId, Vars, new_id};
use chatdesk_proto::ai::v1::retrieval_service_client::RetrievalServiceClient;
use chatdesk_proto::ai::v1::{RetrieveRequest, RetrieveResponse, Speaker, Turn};
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::search_service_client::SearchServiceClient;
use chatdesk_proto::catalog::v1::{ScoredProduct, SearchRequest};
use secrecy::ExposeSecret as _;
use tonic::service::{Routes, RoutesBuilder};

use crate::set::{Question, Set};

/// Rows that are looked at for the first right answer.
const LOOKED_AT: u32 = 20;
const PATIENCE: Duration = Duration::from_secs(50);
/// The longest that all products may take to be embedded.
const EMBEDDED_WITHIN: Duration = Duration::from_secs(300);

/// How products are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// By the question's words alone.
    Words,
    /// By its vector alone.
    Meaning,
    /// As the assistant finds them.
    Fused,
    /// The same in a shop that has entered its synonyms.
    WithSynonyms,
}

/// The services, and the keys of the products.
pub struct House {
    db: TestDb,
    shutdown: Shutdown,
    keyring: Keyring,
    catalog: Routes,
    ai: Routes,
    embedder: Embedder,
    owner: Identity,
    tenant: TenantId,
    keys: HashMap<String, String>,
}

impl House {
    /// Starts both, adds the products and waits until all have their vectors.
    pub async fn start(model: &Path, set: &Set) -> Self {
        let db = TestDb::new().await;
        let keyring = Keyring::derived(&test_secret());
        let shutdown = Shutdown::default();
        let url = db.role_url("cd_catalog");
        let vars = Vars::fixed([("CATALOG_DATABASE_URL", url.expose_secret())]);
        let config = chatdesk_catalog::Config::from_vars(&vars).expect("a configuration");
        let service =
            chatdesk_catalog::Service::start(config, &keyring, Clock::system(), &shutdown).await.expect("it starts");
        let mut routes = RoutesBuilder::default();
        service.add_to(&mut routes);
        let catalog = routes.routes();

        let embedder = Embedder::load(model, Limits::default()).expect("the model loads");
        let vars = Vars::fixed([("EMBEDDING_MODEL", model.to_str().expect("a path in UTF-8"))]);
        let config = chatdesk_ai::Config::from_vars(&vars).expect("a configuration");
        let minter = |from| keyring.minter(from).expect("a key");
        let to_catalog = Peer::direct(ServiceName::Catalog, catalog.clone(), minter(ServiceName::Ai), Clock::system());
        // Retrieval asks nothing of it.
        let to_tenants = Peer::direct(ServiceName::Tenants, catalog.clone(), minter(ServiceName::Ai), Clock::system());
        let assistant = chatdesk_ai::Service::with_embedder(
            config,
            embedder.clone(),
            &keyring,
            to_catalog,
            to_tenants,
            Clock::system(),
            &shutdown,
        )
        .expect("it starts");
        let mut routes = RoutesBuilder::default();
        assistant.add_to(&mut routes);
        let ai = routes.routes();

        let tenant = TenantId(new_id());
        let superuser = db.superuser().await;
        sqlx::query("insert into routing.tenants (tenant_id) values ($1)")
            .bind(tenant.0)
            .execute(&superuser)
            .await
            .expect("a tenant");
        let owner = Identity::Member { tenant, user: UserId(new_id()), role: Role::Owner };
        let mut house = Self { db, shutdown, keyring, catalog, ai, embedder, owner, tenant, keys: HashMap::new() };
        for (key, product) in &set.products {
            let mut products = ProductServiceClient::new(house.client(ServiceName::Catalog));
            let made = products.create_product(product.clone()).await.expect("it is made").into_inner();
            house.keys.insert(made.id, key.clone());
        }
        house.embedded().await;
        house
    }

    fn client(&self, service: ServiceName) -> Client {
        let routes = if service == ServiceName::Ai { &self.ai } else { &self.catalog };
        let minter = self.keyring.minter(ServiceName::Gateway).expect("a key");
        let peer = Peer::direct(service, routes.clone(), minter, Clock::system());
        peer.client(&self.owner, PATIENCE, None).expect("a token")
    }

    async fn embedded(&self) {
        let superuser = self.db.superuser().await;
        let started = Instant::now();
        loop {
            let waiting: i64 =
                sqlx::query_scalar("select count(*) from catalog.products where embedding_status = 'pending'")
                    .fetch_one(&superuser)
                    .await
                    .expect("a count");
            if waiting == 0 {
                return;
            }
            assert!(started.elapsed() < EMBEDDED_WITHIN, "{waiting} products still wait for their vectors");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.embedder.model_id()
    }

    /// Asks as a customer's message is asked, behind what was said before it.
    pub async fn ask(&self, question: &Question) -> RetrieveResponse {
        let turn = |text: &String| Turn { speaker: Speaker::Contact.into(), text: text.clone() };
        let request = RetrieveRequest {
            text: question.text.clone(),
            limit: LOOKED_AT,
            history: question.history.iter().map(turn).collect(),
            referral: None,
        };
        let mut retrieval = RetrievalServiceClient::new(self.client(ServiceName::Ai));
        retrieval.retrieve(request).await.expect("an answer").into_inner()
    }

    /// What is found in that way for what the assistant looked up.
    pub async fn find(&self, asked: &RetrieveResponse, question: &Question, way: Way) -> Vec<ScoredProduct> {
        let searched = if asked.searched.is_empty() { &question.text } else { &asked.searched };
        let request = match way {
            Way::Fused | Way::WithSynonyms => return asked.items.clone(),
            Way::Words => SearchRequest {
                text: searched.clone(),
                limit: LOOKED_AT,
                boost_product_ids: asked.about_product_ids.clone(),
                ..SearchRequest::default()
            },
            Way::Meaning => SearchRequest {
                vector: self.embedder.embed_query(searched).await.expect("a vector"),
                model: self.model().to_owned(),
                limit: LOOKED_AT,
                ..SearchRequest::default()
            },
        };
        let mut search = SearchServiceClient::new(self.client(ServiceName::Catalog));
        search.search(request).await.expect("an answer").into_inner().items
    }

    fn key(&self, row: &ScoredProduct) -> &str {
        row.product.as_ref().and_then(|product| self.keys.get(&product.id)).map_or("", String::as_str)
    }

    /// The place of the first right answer, from 1.
    pub fn place(&self, found: &[ScoredProduct], question: &Question) -> Option<usize> {
        let is_right = |row: &ScoredProduct| question.expected.iter().any(|key| key == self.key(row));
        found.iter().position(is_right).map(|at| at + 1)
    }

    /// Prints a question whose answer is not among the first five.
    pub fn tell(&self, found: &[ScoredProduct], question: &Question, asked: &RetrieveResponse) {
        if self.place(found, question).is_some_and(|place| place <= 5) {
            return;
        }
        println!("{}: {:?} wants {:?}", question.kind, asked.searched, question.expected);
        for row in found.iter().take(6) {
            println!("    {:.3} ({:.3}, {:.3}) {}", row.score, row.lexical_score, row.vector_score, self.key(row));
        }
    }

    /// Enters the set's synonyms.
    pub async fn add_synonyms(&self, set: &Set) {
        let superuser = self.db.superuser().await;
        for (typed, meant) in &set.synonyms {
            sqlx::query(
                "insert into catalog.entries (tenant_id, id, kind, title, body, text_hash, embedding_status, created_at, updated_at)
                 values ($1, $2, 'synonym', $3, $4, '', 'ready', now(), now())",
            )
            .bind(self.tenant.0)
            .bind(new_id())
            .bind(typed)
            .bind(meant)
            .execute(&superuser)
            .await
            .expect("a synonym");
        }
    }

    /// Ends the services.
    pub async fn stop(self) {
        self.shutdown.drain(Duration::from_secs(5)).await;
    }
}
