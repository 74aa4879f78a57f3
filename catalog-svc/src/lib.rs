//! Products and how they are found: their text, the words and vectors they are found by, and retrieval for the assistant.
//!
//! Owns the schema `catalog`. It makes no vector and calls no other service: the AI service pulls texts and brings their vectors.
//! It refuses to hold text that cannot be given back as it came, and vectors it did not hand a text out for.

mod config;
mod intake;
mod model;
mod outlet;
mod query;
mod rank;
mod rpc;
mod sheet;
mod store;
mod words;
mod work;

use std::time::Duration;

use chatdesk_platform::db::erase::Eraser;
use chatdesk_platform::db::export::Exporter;
use chatdesk_platform::db::{Claimer, Db, DbError, System, Wakes, Worker, WorkerConfig, watch_connections};
use chatdesk_platform::grpc::Guard;
use chatdesk_platform::{AccessTable, Allow, Clock, Keyring, Role, ServiceName, Shutdown};
use chatdesk_proto::catalog::v1::entry_service_server::EntryServiceServer;
use chatdesk_proto::catalog::v1::import_service_server::ImportServiceServer;
use chatdesk_proto::catalog::v1::index_service_server::IndexServiceServer;
use chatdesk_proto::catalog::v1::privacy_service_server::PrivacyServiceServer;
use chatdesk_proto::catalog::v1::product_service_server::ProductServiceServer;
use chatdesk_proto::catalog::v1::search_service_server::SearchServiceServer;
use chatdesk_proto::catalog::v1::system_service_server::SystemServiceServer;
use tonic::service::RoutesBuilder;
use tower::Layer as _;

pub use config::Config;

const READ: &[Allow] = &[Allow::Member(Role::Viewer), Allow::Visitor];
const READ_OR_ASSISTANT: &[Allow] =
    &[Allow::Member(Role::Viewer), Allow::Visitor, Allow::TenantService(ServiceName::Ai)];
const ADMIN: &[Allow] = &[Allow::Admin];
const WRITE: &[Allow] = &[Allow::Member(Role::Agent)];
/// What the assistant says of its own accord, and files that change the whole catalogue.
const MANAGE: &[Allow] = &[Allow::Member(Role::Manager)];
/// The gateway tells the tenant's open sockets of it.
const READ_OR_GATEWAY: &[Allow] =
    &[Allow::Member(Role::Viewer), Allow::Visitor, Allow::TenantService(ServiceName::Gateway)];

/// Who may call what.
pub const ACCESS: AccessTable = &[
    ("/chatdesk.catalog.v1.ProductService/ListProducts", READ),
    ("/chatdesk.catalog.v1.ProductService/GetProduct", READ_OR_GATEWAY),
    ("/chatdesk.catalog.v1.ProductService/GetProducts", READ_OR_ASSISTANT),
    ("/chatdesk.catalog.v1.ProductService/CreateProduct", WRITE),
    ("/chatdesk.catalog.v1.ProductService/UpdateProduct", WRITE),
    ("/chatdesk.catalog.v1.ProductService/DeleteProduct", WRITE),
    ("/chatdesk.catalog.v1.ProductService/RestoreProduct", WRITE),
    ("/chatdesk.catalog.v1.ProductService/ListCategories", READ),
    ("/chatdesk.catalog.v1.ProductService/ListPriceChanges", READ),
    ("/chatdesk.catalog.v1.EntryService/ListEntries", READ),
    ("/chatdesk.catalog.v1.EntryService/CreateEntry", MANAGE),
    ("/chatdesk.catalog.v1.EntryService/UpdateEntry", MANAGE),
    ("/chatdesk.catalog.v1.EntryService/DeleteEntry", MANAGE),
    ("/chatdesk.catalog.v1.ImportService/StartImport", MANAGE),
    ("/chatdesk.catalog.v1.ImportService/GetImport", READ_OR_GATEWAY),
    ("/chatdesk.catalog.v1.ImportService/ListImports", READ),
    ("/chatdesk.catalog.v1.ImportService/ListImportRows", READ),
    ("/chatdesk.catalog.v1.ImportService/CancelImport", MANAGE),
    ("/chatdesk.catalog.v1.ImportService/ExportProducts", &[Allow::Member(Role::Viewer)]),
    ("/chatdesk.catalog.v1.PrivacyService/ReadExport", &[Allow::Member(Role::Owner)]),
    ("/chatdesk.catalog.v1.SystemService/GetSystem", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/ListFailedWork", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/RetryWork", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/DiscardWork", ADMIN),
    ("/chatdesk.catalog.v1.SearchService/Search", READ_OR_ASSISTANT),
    ("/chatdesk.catalog.v1.IndexService/ClaimEmbeddings", &[Allow::Service(ServiceName::Ai)]),
    ("/chatdesk.catalog.v1.IndexService/StoreEmbeddings", &[Allow::TenantService(ServiceName::Ai)]),
];

/// Calls that run at once. A long poll for texts counts as one.
const CONCURRENT: usize = 256;

/// A file may come slowly, so it may take longer than other calls.
const LASTING: &[(&str, Duration)] = &[("/chatdesk.catalog.v1.ImportService/StartImport", Duration::from_secs(600))];

/// Few at once, so that files leave room for questions; a piece takes far less than the lease.
const IMPORTER: WorkerConfig = WorkerConfig {
    concurrency: 2,
    lease: Duration::from_secs(60),
    max_attempts: 5,
    base_wait: Duration::from_millis(500),
};

/// For tenants who take their data along or are deleted: one at a time, for as long as it takes.
const LEAVER: WorkerConfig = WorkerConfig { concurrency: 1, max_attempts: 20, ..IMPORTER };

/// Between two sweeps for products without a vector of a model.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error("catalog: {0} (CATALOG_DATABASE_URL)")]
    Database(#[from] DbError),
}

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    db: Db,
    guard: Guard,
    products: rpc::Products,
    entries: rpc::Entries,
    imports: rpc::Imports,
    search: rpc::Search,
    index: rpc::Index,
    system: System,
    privacy: rpc::Privacy,
}

impl Service {
    /// Connects, and refuses a database role that could bypass row security.
    pub async fn start(
        config: Config,
        keyring: &Keyring,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Self, StartError> {
        // Planning a search anew for each question would take half as long as answering it, and would find the same plan.
        let db = Db::connect_with(&config.db, &[("plan_cache_mode", "force_generic_plan")]).await?;
        let wakes = Wakes::default();
        let claimer = Claimer::new(db.clone(), wakes.clone(), work::EMBED, config.embed_lease, ServiceName::Catalog);
        let backfill = work::Backfill::new(db.clone(), wakes.clone(), clock.clone(), shutdown.clone(), SWEEP_EVERY);
        let embeddings = work::Embeddings::new(db.clone(), claimer);
        let importer = work::Importer::new(db.clone(), wakes.clone(), clock.clone(), shutdown.clone());
        Worker::new(db.clone(), wakes.clone(), IMPORTER, ServiceName::Catalog, importer).start(shutdown);
        watch_connections(vec![("catalog", db.clone())], shutdown);
        let exporter = Exporter::new(db.clone(), clock.clone(), shutdown.clone(), work::CatalogShare);
        Worker::new(db.clone(), wakes.clone(), LEAVER, ServiceName::Catalog, exporter).start(shutdown);
        let eraser = Eraser::new(db.clone(), clock.clone(), work::EraseCatalog);
        Worker::new(db.clone(), wakes.clone(), LEAVER, ServiceName::Catalog, eraser).start(shutdown);
        let export = rpc::Export::new(db.clone(), shutdown.clone(), config.export_limit);
        Ok(Self {
            guard: Guard::new(keyring.verifier(ServiceName::Catalog), ACCESS, CONCURRENT).lasting(LASTING),
            system: System::new(db.clone(), wakes.clone(), work::KINDS).ended(work::ENDED).owed(work::OWED),
            privacy: rpc::Privacy::new(db.clone(), clock.clone(), shutdown.clone()),
            products: rpc::Products::new(db.clone(), wakes.clone(), clock.clone()),
            entries: rpc::Entries::new(db.clone(), wakes.clone(), clock.clone()),
            imports: rpc::Imports::new(db.clone(), wakes, clock, export),
            search: rpc::Search::new(db.clone()),
            index: rpc::Index::new(embeddings, backfill, shutdown.token()),
            db,
        })
    }

    /// Adds its gRPC services, each behind the guard.
    pub fn add_to(&self, routes: &mut RoutesBuilder) {
        routes
            .add_service(self.guard.layer(ProductServiceServer::new(self.products.clone())))
            .add_service(self.guard.layer(EntryServiceServer::new(self.entries.clone())))
            .add_service(self.guard.layer(ImportServiceServer::new(self.imports.clone())))
            .add_service(self.guard.layer(PrivacyServiceServer::new(self.privacy.clone())))
            .add_service(self.guard.layer(SearchServiceServer::new(self.search.clone())))
            .add_service(self.guard.layer(SystemServiceServer::new(self.system.clone())))
            .add_service(self.guard.layer(IndexServiceServer::new(self.index.clone())));
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.db.is_up().await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_method_is_listed_and_no_other() {
        let set = FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).unwrap();
        let files = set.file.iter().filter(|file| file.package() == "chatdesk.catalog.v1");
        let methods: BTreeSet<String> = files
            .flat_map(|file| &file.service)
            .flat_map(|service| service.method.iter().map(move |method| (service.name(), method.name())))
            .map(|(service, method)| format!("/chatdesk.catalog.v1.{service}/{method}"))
            .collect();
        let listed: BTreeSet<String> = ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(methods, listed);
        assert!(!methods.is_empty());
    }
}
