//! The catalogue through its gRPC services, on a real Postgres, as the service's own role.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod broken_files;
mod entry;
mod export;
mod files;
mod import;
mod index;
mod isolation;
mod leave;
mod listing;
mod product;
mod questions;
mod restore;
mod search;
mod sweep;
mod variants;

use std::time::Duration;

use chatdesk_catalog::{Config, Service};
use chatdesk_platform::db::DbConfig;
use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::{Client, Peer, serve};
use chatdesk_platform::{
    Clock, Identity, Keyring, ManualClock, Problem, Role, ServiceName, Shutdown, TenantId, UserId, new_id,
};
use chatdesk_proto::catalog::v1 as proto;
use proto::index_service_client::IndexServiceClient;
use proto::product_service_client::ProductServiceClient;
use proto::search_service_client::SearchServiceClient;
use tonic::Status;
use tonic::service::RoutesBuilder;

const MODEL: &str = "all-MiniLM-L6-v2";
const LONG: Duration = Duration::from_secs(30);

/// How long things may take.
struct Limits {
    embed_lease: Duration,
    export_limit: Duration,
}

const LIMITS: Limits = Limits { embed_lease: Duration::from_secs(60), export_limit: Duration::from_secs(600) };

/// A running service with its own database.
struct World {
    db: TestDb,
    hand: ManualClock,
    shutdown: Shutdown,
    gateway: Peer,
    ai: Peer,
}

impl World {
    async fn new() -> Self {
        Self::with(LIMITS).await
    }

    async fn with(limits: Limits) -> Self {
        let (db, service, shutdown, hand) = start(limits).await;
        let mut routes = RoutesBuilder::default();
        service.add_to(&mut routes);
        let routes = routes.routes();
        let peer = |issuer| {
            Peer::direct(ServiceName::Catalog, routes.clone(), keys().minter(issuer).unwrap(), Clock::system())
        };
        Self { gateway: peer(ServiceName::Gateway), ai: peer(ServiceName::Ai), db, shutdown, hand }
    }

    /// The same over HTTP/2.
    async fn remote() -> Self {
        let (db, service, shutdown, hand) = start(LIMITS).await;
        let mut routes = RoutesBuilder::default();
        service.add_to(&mut routes);
        let address = serve(([127, 0, 0, 1], 0).into(), routes.routes(), &Default::default(), &shutdown).await.unwrap();
        let peer = |issuer| {
            let minter = keys().minter(issuer).unwrap();
            Peer::remote(
                ServiceName::Catalog,
                &format!("http://{address}"),
                &Default::default(),
                minter,
                Clock::system(),
            )
            .unwrap()
        };
        Self { gateway: peer(ServiceName::Gateway), ai: peer(ServiceName::Ai), db, shutdown, hand }
    }

    /// A tenant that `routing` knows.
    async fn tenant(&self) -> TenantId {
        let tenant = TenantId(new_id());
        let pool = self.db.superuser().await;
        sqlx::query("insert into routing.tenants (tenant_id) values ($1)").bind(tenant.0).execute(&pool).await.unwrap();
        tenant
    }

    fn as_member(&self, tenant: TenantId, role: Role) -> Client {
        let who = Identity::Member { tenant, user: UserId(new_id()), role };
        self.gateway.client(&who, LONG, None).unwrap()
    }

    fn products(&self, tenant: TenantId) -> ProductServiceClient<Client> {
        ProductServiceClient::new(self.as_member(tenant, Role::Agent))
    }

    fn search(&self, tenant: TenantId) -> SearchServiceClient<Client> {
        SearchServiceClient::new(self.as_member(tenant, Role::Viewer))
    }

    /// The indexer, for all tenants or for one.
    fn index(&self, tenant: Option<TenantId>) -> IndexServiceClient<Client> {
        IndexServiceClient::new(self.ai.own_client(tenant, LONG).unwrap())
    }

    async fn create(&self, tenant: TenantId, name: &str) -> proto::Product {
        let request = proto::CreateProductRequest { name: name.to_owned(), ..Default::default() };
        self.products(tenant).create_product(request).await.unwrap().into_inner()
    }

    async fn delete(&self, tenant: TenantId, id: &str) {
        let request = proto::DeleteProductRequest { id: id.to_owned() };
        self.products(tenant).delete_product(request).await.unwrap();
    }

    async fn product(&self, tenant: TenantId, id: &str) -> proto::Product {
        let request = proto::GetProductRequest { id: id.to_owned() };
        self.products(tenant).get_product(request).await.unwrap().into_inner()
    }

    /// Texts that wait right now, or as soon as there are any.
    async fn claim(&self, model: &str, wait_ms: u32) -> Vec<proto::EmbeddingTask> {
        let request = proto::ClaimEmbeddingsRequest { model: model.to_owned(), limit: 256, wait_ms };
        self.index(None).claim_embeddings(request).await.unwrap().into_inner().items
    }

    async fn store(&self, model: &str, task: &proto::EmbeddingTask, vector: Vec<f32>) -> u32 {
        let (entity_id, text_hash) = (task.entity_id.clone(), task.text_hash.clone());
        let item = proto::Embedding { entity_id, text_hash, vector, kind: task.kind };
        let request = proto::StoreEmbeddingsRequest { model: model.to_owned(), items: vec![item] };
        let tenant = task.tenant_id.parse().unwrap();
        self.index(Some(tenant)).store_embeddings(request).await.unwrap().into_inner().stored
    }

    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&self.db.superuser().await).await.unwrap()
    }
}

async fn start(limits: Limits) -> (TestDb, Service, Shutdown, ManualClock) {
    let db = TestDb::new().await;
    let Limits { embed_lease, export_limit } = limits;
    let config = Config { db: DbConfig { url: db.role_url("cd_catalog"), connections: 5 }, embed_lease, export_limit };
    let shutdown = Shutdown::default();
    let (clock, hand) = Clock::manual(Clock::system().now());
    let service = Service::start(config, &keys(), clock, &shutdown).await.unwrap();
    assert!(service.is_ready().await);
    (db, service, shutdown, hand)
}

fn keys() -> Keyring {
    Keyring::derived(&test_secret())
}

/// A unit vector that leans to one side.
fn leaning(side: usize) -> Vec<f32> {
    let mut vector = vec![0.0; 384];
    vector[side] = 1.0;
    vector
}

/// The refused fields and their codes.
fn refused(status: &Status) -> Vec<(String, String)> {
    let problem = Problem::from(status);
    assert_eq!(problem.code, "invalid_fields");
    problem.fields.into_iter().map(|field| (field.field, field.code)).collect()
}
