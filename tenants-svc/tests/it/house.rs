//! One service on its own database, and clients for everyone who calls it.

use std::net::SocketAddr;
use std::time::Duration;

use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::{self, Client, Peer};
use chatdesk_platform::{
    Clock, FieldError, Identity, Keyring, ManualClock, Problem, Role, ServiceName, Shutdown, TenantId, TotpSecret,
    UserId, Vars, new_id, totp_step,
};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::admin_service_client::AdminServiceClient;
use chatdesk_proto::tenants::v1::audit_service_client::AuditServiceClient;
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::connect_service_client::ConnectServiceClient;
use chatdesk_proto::tenants::v1::privacy_service_client::PrivacyServiceClient;
use chatdesk_proto::tenants::v1::saved_reply_service_client::SavedReplyServiceClient;
use chatdesk_proto::tenants::v1::settings_service_client::SettingsServiceClient;
use chatdesk_proto::tenants::v1::team_service_client::TeamServiceClient;
use chatdesk_proto::tenants::v1::usage_service_client::UsageServiceClient;
use chatdesk_tenants::{Config, Service, StartError};
use chrono::TimeDelta;
use secrecy::ExposeSecret as _;
use tonic::Status;
use tonic::service::{Routes, RoutesBuilder};

use crate::graph::{FACEBOOK_APP, Graph, INSTAGRAM_APP};

pub const CALLBACK: &str = "https://chat.example.com/channels/callback";
pub const PASSWORD: &str = "mật khẩu dài";
pub const SECRET: &str = "a secret of this house, longer than 32 characters";

pub struct House {
    pub db: TestDb,
    pub service: Service,
    pub graph: Graph,
    pub hand: ManualClock,
    pub clock: Clock,
    pub shutdown: Shutdown,
    routes: Routes,
    keyring: Keyring,
}

/// A registered business with its owner.
#[derive(Debug, Clone)]
pub struct Shop {
    pub tenant: TenantId,
    pub owner: UserId,
    pub session: pb::Session,
}

impl Shop {
    pub fn member(&self, role: Role) -> Identity {
        Identity::Member { tenant: self.tenant, user: self.owner, role }
    }

    pub fn owner(&self) -> Identity {
        self.member(Role::Owner)
    }

    /// One of our services acting for this shop.
    pub fn service(&self, name: ServiceName) -> Identity {
        Identity::Service { name, tenant: Some(self.tenant) }
    }
}

pub const GATEWAY: Identity = Identity::Service { name: ServiceName::Gateway, tenant: None };

pub fn vars(db: &TestDb, graph: &str) -> Vars {
    Vars::fixed([
        ("TENANTS_DATABASE_URL", db.role_url("cd_tenants").expose_secret()),
        ("SECRET_KEY", SECRET),
        ("FB_APP_SECRET", "chatdesk-test-app-secret"),
        ("GRAPH_BASE_URL", &format!("{graph}/graph")),
        ("INSTAGRAM_BASE_URL", &format!("{graph}/instagram")),
        ("FB_APP_ID", FACEBOOK_APP),
        ("FB_DIALOG_URL", &format!("{graph}/dialog/oauth")),
        ("IG_APP_ID", INSTAGRAM_APP),
        ("IG_APP_SECRET", "chatdesk-test-instagram-secret"),
        ("IG_OAUTH_URL", &format!("{graph}/oauth/authorize")),
        ("DAILY_TOKEN_BUDGET", "1000"),
        ("DB_CONNECTIONS", "8"),
    ])
}

pub async fn start(vars: &Vars, clock: Clock, shutdown: &Shutdown) -> Result<Service, StartError> {
    let config = Config::from_vars(vars).unwrap();
    Service::start(config, &Keyring::derived(&test_secret()), clock, shutdown).await
}

impl House {
    pub async fn new() -> Self {
        let graph = Graph::start().await;
        let url = graph.url.clone();
        Self::at(graph, &url).await
    }

    /// A house that looks for Meta at this address.
    pub async fn at(graph: Graph, url: &str) -> Self {
        Box::pin(Self::with(graph, |db| vars(db, url))).await
    }

    /// A house with other settings.
    pub async fn with(graph: Graph, vars: impl FnOnce(&TestDb) -> Vars) -> Self {
        let db = TestDb::new().await;
        let (clock, hand) = Clock::manual(Clock::system().now());
        let shutdown = Shutdown::default();
        let service = start(&vars(&db), clock.clone(), &shutdown).await.unwrap();
        let mut routes = RoutesBuilder::default();
        service.add_to(&mut routes);
        let (routes, keyring) = (routes.routes(), Keyring::derived(&test_secret()));
        Self { db, service, graph, hand, clock, shutdown, routes, keyring }
    }

    /// Serves over HTTP/2 on a port of its own.
    pub async fn serve(&self) -> SocketAddr {
        grpc::serve("127.0.0.1:0".parse().unwrap(), self.routes.clone(), &Default::default(), &self.shutdown)
            .await
            .unwrap()
    }

    /// Calls as this identity, vouched for by whoever may.
    pub fn client(&self, who: Identity) -> Client {
        let issuer = match who {
            Identity::Service { name, .. } => name,
            Identity::Member { .. } | Identity::PlatformAdmin { .. } | Identity::Visitor { .. } => ServiceName::Gateway,
        };
        let minter = self.keyring.minter(issuer).unwrap();
        // Internal tokens are checked against the machine's clock.
        let peer = Peer::direct(ServiceName::Tenants, self.routes.clone(), minter, Clock::system());
        peer.client(&who, Duration::from_secs(20), None).unwrap()
    }

    pub fn remote_client(&self, address: SocketAddr, who: Identity) -> Client {
        let minter = self.keyring.minter(ServiceName::Gateway).unwrap();
        let url = format!("http://{address}");
        let peer = Peer::remote(ServiceName::Tenants, &url, &Default::default(), minter, Clock::system()).unwrap();
        peer.client(&who, Duration::from_secs(20), None).unwrap()
    }

    pub fn account(&self, who: Identity) -> AccountServiceClient<Client> {
        AccountServiceClient::new(self.client(who))
    }

    /// Calls about accounts for requests that came from this address.
    pub fn account_from(&self, who: Identity, address: &str) -> AccountServiceClient<Client> {
        let minter = self.keyring.minter(ServiceName::Gateway).unwrap();
        let peer = Peer::direct(ServiceName::Tenants, self.routes.clone(), minter, Clock::system());
        let address = Some(address.parse().unwrap());
        AccountServiceClient::new(peer.client_from(&who, address, Duration::from_secs(20), None).unwrap())
    }

    pub fn team(&self, who: Identity) -> TeamServiceClient<Client> {
        TeamServiceClient::new(self.client(who))
    }

    pub fn admin(&self) -> AdminServiceClient<Client> {
        AdminServiceClient::new(self.client(Identity::PlatformAdmin { user: UserId(new_id()) }))
    }

    /// A platform admin looks at a shop.
    pub async fn enter(&self, shop: &Shop, reason: &str) -> Result<pb::Visit, Status> {
        let request = pb::EnterTenantRequest {
            tenant_id: shop.tenant.to_string(),
            reason: reason.to_owned(),
            session_id: String::new(),
        };
        Ok(self.admin().enter_tenant(request).await?.into_inner())
    }

    pub fn audit(&self, who: Identity) -> AuditServiceClient<Client> {
        AuditServiceClient::new(self.client(who))
    }

    /// Everything in a shop's audit log, the newest first.
    pub async fn audited(&self, shop: &Shop) -> Vec<pb::AuditRecord> {
        let request = pb::ListAuditRequest { limit: 200, ..Default::default() };
        self.audit(shop.owner()).list_audit(request).await.unwrap().into_inner().items
    }

    pub fn channels(&self, who: Identity) -> ChannelServiceClient<Client> {
        ChannelServiceClient::new(self.client(who))
    }

    pub fn connecting(&self, who: Identity) -> ConnectServiceClient<Client> {
        ConnectServiceClient::new(self.client(who))
    }

    pub fn privacy(&self, who: Identity) -> PrivacyServiceClient<Client> {
        PrivacyServiceClient::new(self.client(who))
    }

    pub fn settings(&self, who: Identity) -> SettingsServiceClient<Client> {
        SettingsServiceClient::new(self.client(who))
    }

    pub fn saved_replies(&self, who: Identity) -> SavedReplyServiceClient<Client> {
        SavedReplyServiceClient::new(self.client(who))
    }

    pub fn usage(&self, who: Identity) -> UsageServiceClient<Client> {
        UsageServiceClient::new(self.client(who))
    }

    pub async fn register(&self, email: &str) -> Result<pb::Session, Status> {
        let request = pb::RegisterRequest {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            business_name: "Gốm Bát Tràng".to_owned(),
            business_description: "Gốm sứ thủ công".to_owned(),
            phone: "0901 234 567".to_owned(),
            user_agent: "Firefox on a desk".to_owned(),
        };
        Ok(self.account(GATEWAY).register(request).await?.into_inner())
    }

    pub async fn shop(&self, email: &str) -> Shop {
        let session = self.register(email).await.unwrap();
        let user = session.user.clone().unwrap();
        Shop { tenant: user.tenant_id.parse().unwrap(), owner: user.id.parse().unwrap(), session }
    }

    pub async fn login(&self, email: &str, password: &str) -> Result<pb::Session, Status> {
        let request = pb::LoginRequest {
            email: email.to_owned(),
            password: password.to_owned(),
            user_agent: "Safari on a phone".to_owned(),
            ..Default::default()
        };
        Ok(self.account(GATEWAY).login(request).await?.into_inner())
    }

    /// Makes a platform admin with one-time codes; none of this half minute's or later is used.
    pub async fn make_admin(&self, email: &str, password: &str) -> (pb::User, TotpSecret) {
        let (email, password) = (email.to_owned(), password.to_owned());
        let request = pb::CreateAdminRequest { email: email.clone(), password: password.clone() };
        let cli = Identity::Service { name: ServiceName::Cli, tenant: None };
        let made = self.account(cli).create_admin(request).await.unwrap().into_inner();
        let request = pb::SetUpTotpRequest { email, password, code: String::new() };
        let started = self.account(GATEWAY).set_up_totp(request.clone()).await.unwrap().into_inner();
        let secret = TotpSecret::parse(&started.secret.unwrap().secret).unwrap();
        let code = secret.code(totp_step(self.clock.now()) - 1);
        self.account(GATEWAY).set_up_totp(pb::SetUpTotpRequest { code, ..request }).await.unwrap();
        (pb::User { has_totp: true, ..made }, secret)
    }

    /// Logs in with the next code and makes it a used one.
    pub async fn login_with(&self, email: &str, password: &str, secret: &TotpSecret) -> Result<pb::Session, Status> {
        self.hand.advance(TimeDelta::seconds(30));
        let (email, password) = (email.to_owned(), password.to_owned());
        let code = secret.code(totp_step(self.clock.now()));
        let request = pb::LoginRequest { email, password, code, ..Default::default() };
        Ok(self.account(GATEWAY).login(request).await?.into_inner())
    }

    pub async fn refresh(&self, token: &str) -> Result<pb::Session, Status> {
        let request = pb::RefreshRequest { refresh_token: token.to_owned(), ..Default::default() };
        Ok(self.account(GATEWAY).refresh(request).await?.into_inner())
    }

    /// Adds a person to a shop.
    pub async fn add(&self, shop: &Shop, email: &str, role: pb::MemberRole) -> Result<pb::Member, Status> {
        let request = pb::AddMemberRequest {
            email: email.to_owned(),
            password: PASSWORD.to_owned(),
            member_role: role.into(),
            name: String::new(),
            session_id: shop.session.session_id.clone(),
        };
        Ok(self.account(shop.owner()).add_member(request).await?.into_inner())
    }

    /// Adds a person to a shop and logs them in.
    pub async fn member(&self, shop: &Shop, email: &str, role: pb::MemberRole) -> Shop {
        self.add(shop, email, role).await.unwrap();
        let session = self.login(email, PASSWORD).await.unwrap();
        let owner = session.user.as_ref().unwrap().id.parse().unwrap();
        Shop { tenant: shop.tenant, owner, session }
    }

    /// Changes a person's role, as somebody whose token says `as_role`.
    pub async fn change(
        &self,
        by: &Shop,
        as_role: Role,
        whom: UserId,
        role: pb::MemberRole,
    ) -> Result<pb::Member, Status> {
        let request = pb::ChangeRoleRequest {
            user_id: whom.to_string(),
            member_role: role.into(),
            session_id: by.session.session_id.clone(),
        };
        Ok(self.team(by.member(as_role)).change_role(request).await?.into_inner())
    }

    /// Changes a person's role, as an owner.
    pub async fn give(&self, by: &Shop, whom: UserId, role: pb::MemberRole) -> Result<pb::Member, Status> {
        self.change(by, Role::Owner, whom, role).await
    }

    /// Connects a Facebook page with the token that the stand-in takes.
    pub async fn connect(&self, shop: &Shop, page_id: &str) -> Result<pb::Channel, Status> {
        let request = connect_request(page_id);
        Ok(self.channels(shop.owner()).connect_channel(request).await?.into_inner())
    }

    /// Logs a person in at Facebook, or an account at Instagram, as this user.
    pub async fn grant(&self, who: Identity, platform: pb::Platform, person: &str) -> Result<pb::ConnectGrant, Status> {
        let request = pb::FinishConnectRequest {
            platform: platform.into(),
            code: format!("code-of-{person}"),
            redirect_uri: CALLBACK.to_owned(),
        };
        Ok(self.connecting(who).finish_connect(request).await?.into_inner())
    }

    /// Connects a page of a grant.
    pub async fn connect_granted(
        &self,
        who: Identity,
        grant: &str,
        platform: pb::Platform,
        page_id: &str,
    ) -> Result<pb::Channel, Status> {
        let (grant_id, page_id) = (grant.to_owned(), page_id.to_owned());
        let request = pb::ConnectGrantedRequest { grant_id, platform: platform.into(), page_id };
        Ok(self.connecting(who).connect_granted(request).await?.into_inner())
    }

    /// What whoever sends is told of a page.
    pub async fn send_state(&self, page_id: &str) -> Option<String> {
        let pool = self.db.superuser().await;
        let state = sqlx::query_scalar("select send_state from routing.channels where external_id = $1").bind(page_id);
        state.fetch_optional(&pool).await.unwrap()
    }

    pub async fn list(&self, shop: &Shop) -> Vec<pb::Channel> {
        let request = pb::ListChannelsRequest::default();
        self.channels(shop.owner()).list_channels(request).await.unwrap().into_inner().items
    }
}

pub fn connect_request(page_id: &str) -> pb::ConnectChannelRequest {
    pb::ConnectChannelRequest {
        platform: pb::Platform::Facebook.into(),
        page_id: page_id.to_owned(),
        access_token: format!("token-of-{page_id}"),
        login: pb::Login::Unspecified.into(),
    }
}

/// A page as Meta lists it to whoever may manage it.
pub fn account(id: &str, tasks: &[&str], instagram: Option<&str>) -> serde_json::Value {
    let mut page = serde_json::json!({
        "id": id, "name": format!("Trang {id}"), "access_token": format!("token-of-{id}"), "tasks": tasks,
    });
    if let Some(account) = instagram {
        page["instagram_business_account"] = serde_json::json!({"id": account, "username": format!("shop{account}")});
    }
    page
}

/// The problem behind a refused call.
pub fn problem<T: std::fmt::Debug>(answer: Result<T, Status>) -> Problem {
    Problem::from(&answer.unwrap_err())
}

/// Fields and codes of a refused request.
pub fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<(String, String)> {
    let one = |field: FieldError| (field.field, field.code);
    problem(answer).fields.into_iter().map(one).collect()
}

pub fn field(name: &str, code: &str) -> (String, String) {
    (name.to_owned(), code.to_owned())
}
