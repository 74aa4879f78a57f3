//! Businesses, the people who log in, their sessions, connected channels, assistant settings, saved replies, model usage and suspension.
//!
//! Owns: passwords, refresh tokens, Meta tokens (sealed, they never leave this crate) and every call of the Graph API. Refuses: HTTP and
//! the users' access tokens (gateway), conversations and what may be sent when (inbox-svc), products (catalog-svc). It calls no other
//! service.

mod access;
mod attachment;
mod audit;
mod channel;
mod check;
mod config;
mod envelope;
mod grant;
mod health;
mod held;
mod keys;
mod letter;
mod mail;
mod manner;
mod model;
mod pace;
mod passwords;
mod person;
mod plan;
mod policy;
mod rotation;
mod rpc;
mod saved_reply;
mod sessions;
mod store;
mod tally;
mod team;
mod throttle;
mod totp;
mod transfer;
mod work;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chatdesk_meta::graph::Graph;
use chatdesk_platform::db::{Db, DbError, System, Wakes, watch_connections};
use chatdesk_platform::grpc::Guard;
use chatdesk_platform::{Clock, Error, Keyring, ServiceName, Shutdown, http_client};
use chatdesk_proto::tenants::v1::account_service_server::AccountServiceServer;
use chatdesk_proto::tenants::v1::admin_service_server::AdminServiceServer;
use chatdesk_proto::tenants::v1::audit_service_server::AuditServiceServer;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelServiceServer;
use chatdesk_proto::tenants::v1::connect_service_server::ConnectServiceServer;
use chatdesk_proto::tenants::v1::notice_service_server::NoticeServiceServer;
use chatdesk_proto::tenants::v1::privacy_service_server::PrivacyServiceServer;
use chatdesk_proto::tenants::v1::saved_reply_service_server::SavedReplyServiceServer;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsServiceServer;
use chatdesk_proto::tenants::v1::system_service_server::SystemServiceServer;
use chatdesk_proto::tenants::v1::team_service_server::TeamServiceServer;
use chatdesk_proto::tenants::v1::usage_service_server::UsageServiceServer;

use chrono::TimeDelta;
use tokio::sync::Semaphore;

pub use access::ACCESS;
pub use audit::{Break, Verified, VerifyError, verify_audit};
pub use config::Config;
pub use keys::{Keys, encryption_key};
pub use work::sealing::sealing_keys;

use crate::mail::Mailer;
use crate::pace::Paces;
use crate::passwords::Hasher;
use crate::plan::Prices;
use crate::tally::Tally;
use crate::throttle::Throttle;

/// At once; one more call is refused.
const CONCURRENT: usize = 256;
/// Signs on their way to customers; one more is left out.
const ACTIONS: usize = 64;
/// For one call of the Graph API, all in all.
const GRAPH_TIMEOUT: Duration = Duration::from_secs(15);

/// A file comes as slowly as whoever sends it; a little longer than the Graph API client waits for it.
const LASTING: &[(&str, Duration)] =
    &[("/chatdesk.tenants.v1.ChannelService/UploadAttachment", Duration::from_secs(240))];

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error("TENANTS_DATABASE_URL: {0}")]
    Database(#[from] DbError),
    /// Stored secrets would not open, and no one could log in.
    #[error(
        "this database was set up with another key (its id is {there}, ours {ours}): \
         give the SECRET_KEY or ENCRYPTION_KEY that it was set up with"
    )]
    OtherKey {
        /// The id of the key the database was set up with.
        there: String,
        /// The id of the key given.
        ours: String,
    },
    /// Something stored would not open.
    #[error(
        "secrets in this database are sealed with a key that is not given (its id is {0}): \
         put it back at the end of SEALING_KEY until `chatdesk doctor` says that nothing needs it"
    )]
    MissingKey(String),
    /// The database answered and then failed.
    #[error("the tables of this service cannot be used ({0}): run `chatdesk migrate`")]
    Tables(Error),
    /// No TLS.
    #[error("the HTTP client for Meta cannot be made: check this machine's certificates")]
    Http,
    /// No hash.
    #[error("passwords cannot be hashed here: {0}")]
    Hashing(Error),
}

/// The running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    state: Arc<State>,
}

struct State {
    db: Db,
    keys: Keys,
    graph: Graph,
    clock: Clock,
    hasher: Hasher,
    throttle: Throttle,
    /// The same for one-time codes.
    codes: Throttle,
    refusals: Tally,
    mailer: Option<Mailer>,
    /// Where links of mails lead.
    home: OnceLock<String>,
    daily_token_budget: u32,
    prices: Option<Prices>,
    guard: Guard,
    check_every: TimeDelta,
    paces: Paces,
    /// Room for signs on their way to customers.
    actions: Arc<Semaphore>,
    /// What every worker of this service listens to.
    wakes: Wakes,
    shutdown: Shutdown,
}

impl Service {
    /// Connects, checks that the keys are the ones this database knows, and starts forgetting what expires.
    pub async fn start(
        config: Config,
        keyring: &Keyring,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Self, StartError> {
        let db = Db::connect(&config.database).await?;
        let there = key_in_use(&db, config.keys.id()).await.map_err(StartError::Tables)?;
        if there != config.keys.id() {
            return Err(StartError::OtherKey { there, ours: config.keys.id().to_owned() });
        }
        if let Some(missing) = missing_key(&db, &config.keys).await.map_err(StartError::Tables)? {
            return Err(StartError::MissingKey(missing));
        }
        work::expiry::plan(&db, &clock).await.map_err(StartError::Tables)?;
        work::attachments::plan(&db, &clock).await.map_err(StartError::Tables)?;
        let client = http_client(GRAPH_TIMEOUT).map_err(|_| StartError::Http)?;
        let hasher = Hasher::start().await.map_err(StartError::Hashing)?;
        let wakes = Wakes::default();
        let state = State {
            keys: config.keys,
            graph: Graph::new(*config.graph, client),
            clock: clock.clone(),
            hasher,
            throttle: Throttle::of_passwords(),
            codes: Throttle::of_codes(),
            refusals: Tally::default(),
            mailer: config.mailer,
            home: config.public_url.map_or_else(OnceLock::new, OnceLock::from),
            daily_token_budget: config.daily_token_budget,
            prices: config.prices,
            guard: Guard::new(keyring.verifier(ServiceName::Tenants), ACCESS, CONCURRENT).lasting(LASTING),
            check_every: config.check_every,
            paces: Paces::default(),
            actions: Arc::new(Semaphore::new(ACTIONS)),
            wakes: wakes.clone(),
            shutdown: shutdown.clone(),
            db: db.clone(),
        };
        let service = Self { state: Arc::new(state) };
        watch_connections(vec![("tenants", db.clone())], shutdown);
        work::check::plan(&service.state).await.map_err(StartError::Tables)?;
        work::sealing::plan(&service.state).await.map_err(StartError::Tables)?;
        work::sealing::start(&service.state, work::sealing::claimer(db.clone(), wakes.clone()), shutdown);
        work::expiry::start(db.clone(), work::expiry::claimer(db.clone(), wakes.clone()), clock.clone(), shutdown);
        work::attachments::start(db.clone(), work::attachments::claimer(db.clone(), wakes.clone()), clock, shutdown);
        work::grants::start(db, wakes, shutdown);
        work::check::start(&service, shutdown);
        work::withdrawals::start(&service, shutdown);
        work::mail::start(&service, shutdown);
        work::leave::start(&service, shutdown);
        Ok(service)
    }

    /// Adds its gRPC services, each behind the guard.
    pub fn add_to(&self, routes: &mut tonic::service::RoutesBuilder) {
        use tower::Layer as _;
        let guard = &self.state.guard;
        routes
            .add_service(guard.layer(AccountServiceServer::new(self.clone())))
            .add_service(guard.layer(AdminServiceServer::new(self.clone())))
            .add_service(guard.layer(AuditServiceServer::new(self.clone())))
            .add_service(guard.layer(ChannelServiceServer::new(self.clone())))
            .add_service(guard.layer(ConnectServiceServer::new(self.clone())))
            .add_service(guard.layer(NoticeServiceServer::new(self.clone())))
            .add_service(guard.layer(PrivacyServiceServer::new(self.clone())))
            .add_service(guard.layer(SavedReplyServiceServer::new(self.clone())))
            .add_service(guard.layer(SettingsServiceServer::new(self.clone())))
            .add_service(guard.layer(SystemServiceServer::new(self.system())))
            .add_service(guard.layer(TeamServiceServer::new(self.clone())))
            .add_service(guard.layer(UsageServiceServer::new(self.clone())));
    }

    /// Where the app is, for the links of mails, as the edge of the same process knows it. PUBLIC_URL goes before it.
    pub fn reachable_at(&self, url: &str) {
        // The first word stands.
        self.state.home.get_or_init(|| url.trim_end_matches('/').to_owned());
    }

    fn system(&self) -> System {
        let State { db, wakes, .. } = &*self.state;
        System::new(db.clone(), wakes.clone(), work::KINDS).owed(work::OWED)
    }

    /// Whether its database answers.
    pub async fn is_ready(&self) -> bool {
        self.state.db.is_up().await
    }
}

/// The id of a key that something may be sealed with and that we do not have. With all of them here, ours seals from now on.
async fn missing_key(db: &Db, keys: &Keys) -> Result<Option<String>, Error> {
    let mut tx = db.system().await?;
    let missing = store::key::sealing(&mut tx).await?.into_iter().find(|id| !keys.opens(id));
    if missing.is_none() {
        store::key::add_sealing(tx.conn(), keys.sealing_id()).await?;
    }
    tx.commit().await?;
    Ok(missing)
}

async fn key_in_use(db: &Db, ours: &str) -> Result<String, Error> {
    let mut tx = db.system().await?;
    let there = store::key::in_use(&mut tx, ours).await?;
    tx.commit().await?;
    Ok(there)
}
