//! What every handler shares, and how it calls the services: always as the person or service that a request proved to be.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use chatdesk_meta::AppSecrets;
use chatdesk_platform::grpc::{self, Client, Peer};
use chatdesk_platform::{Clock, Identity, ServiceName, Shutdown, TenantId};
use chatdesk_proto::ai::v1::answer_service_client::AnswerServiceClient;
use chatdesk_proto::ai::v1::retrieval_service_client::RetrievalServiceClient;
use chatdesk_proto::catalog::v1::entry_service_client::EntryServiceClient;
use chatdesk_proto::catalog::v1::import_service_client::ImportServiceClient;
use chatdesk_proto::catalog::v1::privacy_service_client::PrivacyServiceClient as CatalogPrivacyClient;
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::system_service_client::SystemServiceClient as CatalogSystemClient;
use chatdesk_proto::inbox::v1::contact_service_client::ContactServiceClient;
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::journal_service_client::JournalServiceClient;
use chatdesk_proto::inbox::v1::label_service_client::LabelServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::note_service_client::NoteServiceClient;
use chatdesk_proto::inbox::v1::privacy_service_client::PrivacyServiceClient as InboxPrivacyClient;
use chatdesk_proto::inbox::v1::replay_service_client::ReplayServiceClient;
use chatdesk_proto::inbox::v1::stats_service_client::StatsServiceClient;
use chatdesk_proto::inbox::v1::system_service_client::SystemServiceClient as InboxSystemClient;
use chatdesk_proto::inbox::v1::unanswered_service_client::UnansweredServiceClient;
use chatdesk_proto::inbox::v1::webhook_service_client::WebhookServiceClient;
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::admin_service_client::AdminServiceClient;
use chatdesk_proto::tenants::v1::audit_service_client::AuditServiceClient;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::connect_service_client::ConnectServiceClient;
use chatdesk_proto::tenants::v1::notice_service_client::NoticeServiceClient;
use chatdesk_proto::tenants::v1::privacy_service_client::PrivacyServiceClient;
use chatdesk_proto::tenants::v1::saved_reply_service_client::SavedReplyServiceClient;
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;
use chatdesk_proto::tenants::v1::system_service_client::SystemServiceClient as TenantsSystemClient;
use chatdesk_proto::tenants::v1::team_service_client::TeamServiceClient;
use secrecy::SecretString;

use crate::auth::{AccessTokens, Standings, Throttle, TrustedProxies};
use crate::body::Budget;
use crate::config::{Limits, Origins};
use crate::layers::RequestId;
use crate::live::Hub;
use crate::places::Places;
use crate::problem::Problem;
use crate::rest::page::BuiltApp;

/// How long a service may take over a person's request.
const PATIENCE: Duration = Duration::from_secs(25);

/// The services behind the gateway.
#[derive(Clone)]
pub struct Peers {
    /// Accounts, channels, settings, admin.
    pub tenants: Peer,
    /// Contacts, conversations, messages, events, the webhook journal.
    pub inbox: Peer,
    /// Products.
    pub catalog: Peer,
    /// Answers and retrieval.
    pub ai: Peer,
}

impl Peers {
    /// All of them by name.
    pub fn all(&self) -> [(ServiceName, &Peer); 4] {
        [
            (ServiceName::Tenants, &self.tenants),
            (ServiceName::Inbox, &self.inbox),
            (ServiceName::Catalog, &self.catalog),
            (ServiceName::Ai, &self.ai),
        ]
    }
}

/// What every handler shares.
pub struct App {
    pub peers: Peers,
    pub clock: Clock,
    pub shutdown: Shutdown,
    pub tokens: AccessTokens,
    pub standings: Standings,
    pub throttle: Throttle,
    pub proxies: TrustedProxies,
    pub origins: Origins,
    pub limits: Limits,
    /// For bodies of JSON.
    pub json_budget: Budget,
    /// For files on their way.
    pub places: Places,
    /// For exports that are fetched.
    pub export_places: Places,
    /// For bodies of webhooks.
    pub webhook_budget: Budget,
    pub facebook_secrets: Option<AppSecrets>,
    pub instagram_secrets: Option<AppSecrets>,
    pub verify_token: Option<SecretString>,
    pub built_app: BuiltApp,
    pub hub: Hub,
}

impl App {
    /// Where a request came from, through the proxies that are trusted; none for a request that came through no connection.
    pub fn client_address(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(self.proxies.client(peer.ip(), headers).to_canonical())
    }
}

/// Calls to the services as one identity, within one request.
#[derive(Clone)]
pub struct Calls {
    app: Arc<App>,
    identity: Identity,
    address: Option<IpAddr>,
    request_id: Option<RequestId>,
    patience: Duration,
}

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $peer:ident $client:ident)*) => {
        $($(#[$doc])* pub fn $name(&self) -> Result<$client<Client>, Problem> {
            Ok($client::new(self.client(&self.app.peers.$peer)?).max_decoding_message_size(grpc::MAX_ANSWER))
        })*
    };
}

impl Calls {
    /// As the one who was proved.
    pub const fn new(app: Arc<App>, identity: Identity, request_id: Option<RequestId>) -> Self {
        Self { app, identity, address: None, request_id, patience: PATIENCE }
    }

    /// As the gateway itself, for a tenant or for none.
    pub const fn own(app: Arc<App>, tenant: Option<TenantId>, request_id: Option<RequestId>) -> Self {
        Self::new(app, Identity::Service { name: ServiceName::Gateway, tenant }, request_id)
    }

    /// The same for a request that came from there.
    #[must_use]
    pub const fn from(mut self, address: Option<IpAddr>) -> Self {
        self.address = address;
        self
    }

    /// The same as somebody else who was proved.
    #[must_use]
    pub const fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = identity;
        self
    }

    /// The same with another deadline.
    #[must_use]
    pub const fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Who calls.
    pub const fn identity(&self) -> Identity {
        self.identity
    }

    /// What every handler shares.
    pub const fn app(&self) -> &Arc<App> {
        &self.app
    }

    fn client(&self, peer: &Peer) -> Result<Client, Problem> {
        let request_id = self.request_id.as_ref().map(RequestId::as_str);
        Ok(peer.client_from(&self.identity, self.address, self.patience, request_id)?)
    }

    clients! {
        /// Sessions and profiles.
        accounts: tenants AccountServiceClient
        /// Tenants, as admins see them.
        admin: tenants AdminServiceClient
        /// Who did what.
        audit: tenants AuditServiceClient
        /// What people should know right now.
        notices: tenants NoticeServiceClient
        /// How that service is.
        tenants_system: tenants TenantsSystemClient
        /// How that service is.
        inbox_system: inbox InboxSystemClient
        /// How that service is.
        catalog_system: catalog CatalogSystemClient
        /// Connected pages.
        channels: tenants ChannelServiceClient
        /// Meta's login, and pages between businesses.
        connect: tenants ConnectServiceClient
        /// How the assistant speaks.
        settings: tenants SettingsServiceClient
        /// Invitations and roles.
        team: tenants TeamServiceClient
        /// What is taken along, deleted and forgotten.
        privacy: tenants PrivacyServiceClient
        /// Texts that are sent often.
        saved_replies: tenants SavedReplyServiceClient
        /// The inbox's share of an export.
        inbox_privacy: inbox InboxPrivacyClient
        /// Who writes.
        contacts: inbox ContactServiceClient
        /// What is said with whom.
        conversations: inbox ConversationServiceClient
        /// What is said.
        messages: inbox MessageServiceClient
        /// What Meta sent, item by item.
        journal: inbox JournalServiceClient
        /// What conversations are sorted by.
        labels: inbox LabelServiceClient
        /// What people write for each other.
        notes: inbox NoteServiceClient
        /// The figures.
        stats: inbox StatsServiceClient
        /// What the assistant could not answer.
        unanswered: inbox UnansweredServiceClient
        /// What the assistant would say.
        replays: inbox ReplayServiceClient
        /// The journal.
        webhooks: inbox WebhookServiceClient
        /// The catalogue's share of an export.
        catalog_privacy: catalog CatalogPrivacyClient
        /// What is sold.
        products: catalog ProductServiceClient
        /// What the assistant knows beside it.
        entries: catalog EntryServiceClient
        /// Files of products.
        imports: catalog ImportServiceClient
        /// The assistant.
        answers: ai AnswerServiceClient
        /// The assistant's retrieval.
        retrieval: ai RetrievalServiceClient
    }
}

/// Calls as the gateway itself for no tenant, for requests that prove nobody.
pub struct OwnCalls(pub Calls);

impl FromRequestParts<Arc<App>> for OwnCalls {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let calls = Calls::own(Arc::clone(app), None, parts.extensions.get().cloned());
        Ok(Self(calls.from(app.client_address(&parts.extensions, &parts.headers))))
    }
}
