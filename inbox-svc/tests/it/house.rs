//! A running inbox with its stand-ins, two shops, and ways to write to them and to wait for what follows.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chatdesk_inbox::{Config, Service};
use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Clock, Identity, Keyring, Role, ServiceName, Shutdown, TenantId, UserId, Vars, new_id};
use chatdesk_proto::ai::v1::answer_service_server::AnswerServiceServer;
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::event_service_client::EventServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::webhook_service_client::WebhookServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use chatdesk_proto::tenants::v1::account_service_server::AccountServiceServer;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelServiceServer;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsServiceServer;
use serde_json::Value;
use sqlx::PgPool;
use tonic::Status;
use tonic::service::{Routes, RoutesBuilder};
use uuid::Uuid;

pub use crate::bodies::{account, echo, event, hours_ago, message, now_ms, page};
use crate::vendors::{Assistant, Meta};

/// Lets a stand-in be shared between the test and its server.
pub struct Shared<T>(pub Arc<T>);

/// A business with one channel on each platform.
#[derive(Clone)]
pub struct Shop {
    pub tenant: TenantId,
    pub facebook: (Uuid, String),
    pub instagram: (Uuid, String),
}

pub struct House {
    pub db: TestDb,
    pub admin: PgPool,
    pub service: Service,
    pub inbox: Peer,
    pub ai: Arc<Assistant>,
    pub meta: Arc<Meta>,
    pub shop: Shop,
    pub other: Shop,
    pub shutdown: Shutdown,
}

impl Drop for House {
    fn drop(&mut self) {
        self.shutdown.begin();
    }
}

pub fn keyring() -> Keyring {
    Keyring::derived(&test_secret())
}

pub fn routes(build: impl FnOnce(&mut RoutesBuilder)) -> Routes {
    let mut builder = Routes::builder();
    build(&mut builder);
    builder.routes()
}

/// Short waits, so that nobody waits.
pub fn config(db: &TestDb) -> Config {
    let vars = Vars::fixed([
        ("INBOX_DATABASE_URL", "postgres://set-below"),
        ("DB_CONNECTIONS", "8"),
        ("QUIET_WINDOW_MS", "50"),
        ("QUIET_CAP_MS", "400"),
        // On a slow machine what takes its time is still its worker's.
        ("LEASE_MS", "10000"),
        ("SWEEP_MS", "200"),
        ("SETTLE_READ_MS", "20"),
    ]);
    let mut config = Config::from_vars(&vars).unwrap();
    config.db.url = db.role_url("cd_inbox");
    config.send_base_wait = Duration::from_millis(2);
    config.read_every = Duration::from_millis(1);
    for worker in [&mut config.ingest, &mut config.reply, &mut config.send, &mut config.settle, &mut config.profile] {
        worker.base_wait = Duration::from_millis(5);
        worker.max_attempts = 3;
    }
    config.event_poll = Duration::from_millis(100);
    config
}

impl House {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::at(Clock::system(), adjust).await
    }

    /// With its time told by that clock; the database has its own.
    pub async fn at(clock: Clock, adjust: impl FnOnce(&mut Config)) -> Self {
        let minter = keyring().minter(ServiceName::Inbox).unwrap();
        let meta = Arc::new(Meta::default());
        let tenants = routes(|routes| {
            routes
                .add_service(AccountServiceServer::new(Shared(Arc::clone(&meta))))
                .add_service(ChannelServiceServer::new(Shared(Arc::clone(&meta))))
                .add_service(SettingsServiceServer::new(Shared(Arc::clone(&meta))));
        });
        let tenants = Peer::direct(ServiceName::Tenants, tenants, minter, Clock::system());
        Self::timed(clock, tenants, meta, adjust).await
    }

    pub async fn over(tenants: Peer, meta: Arc<Meta>, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::timed(Clock::system(), tenants, meta, adjust).await
    }

    pub async fn timed(clock: Clock, tenants: Peer, meta: Arc<Meta>, adjust: impl FnOnce(&mut Config)) -> Self {
        let db = TestDb::new().await;
        let admin = db.superuser().await;
        let mut config = config(&db);
        adjust(&mut config);
        let ai = Arc::new(Assistant::default());
        let served = routes(|routes| {
            routes.add_service(AnswerServiceServer::new(Shared(Arc::clone(&ai))));
        });
        let minter = keyring().minter(ServiceName::Inbox).unwrap();
        let assistant = Peer::direct(ServiceName::Ai, served, minter, Clock::system());
        let shutdown = Shutdown::default();
        let started = Service::start(config, &keyring(), assistant, tenants, clock, &shutdown).await;
        let service = started.unwrap_or_else(|error| panic!("{error}"));
        let gateway = keyring().minter(ServiceName::Gateway).unwrap();
        let inbox = Peer::direct(ServiceName::Inbox, routes(|routes| service.add_to(routes)), gateway, Clock::system());
        let shop = open_shop(&admin, "1").await;
        let other = open_shop(&admin, "2").await;
        Self { db, admin, service, inbox, ai, meta, shop, other, shutdown }
    }

    fn client(&self, tenant: TenantId, role: Role) -> Client {
        let identity = Identity::Member { tenant, user: UserId(new_id()), role };
        self.inbox.client(&identity, Duration::from_secs(20), None).unwrap()
    }

    pub fn as_user(&self, user: Uuid, role: Role) -> Client {
        let identity = Identity::Member { tenant: self.shop.tenant, user: UserId(user), role };
        self.inbox.client(&identity, Duration::from_secs(20), None).unwrap()
    }

    pub fn as_role(&self, role: Role) -> Client {
        self.client(self.shop.tenant, role)
    }

    pub fn agent(&self) -> Client {
        self.as_role(Role::Agent)
    }

    pub fn platform_admin(&self) -> Client {
        let identity = Identity::PlatformAdmin { user: UserId(new_id()) };
        self.inbox.client(&identity, Duration::from_secs(20), None).unwrap()
    }

    /// A platform admin who looks at the shop.
    pub fn visitor(&self) -> Client {
        let identity = Identity::Visitor { tenant: self.shop.tenant, admin: UserId(new_id()) };
        self.inbox.client(&identity, Duration::from_secs(20), None).unwrap()
    }

    pub fn stranger(&self) -> Client {
        self.client(self.other.tenant, Role::Owner)
    }

    /// Posts a webhook body as the gateway does.
    pub async fn post(&self, platform: Platform, body: &Value) -> Uuid {
        self.post_bytes(platform, body.to_string().into_bytes()).await.unwrap()
    }

    pub async fn post_bytes(&self, platform: Platform, body: Vec<u8>) -> Result<Uuid, Status> {
        let client = self.inbox.own_client(None, Duration::from_secs(20)).unwrap();
        let request = IngestRequest { platform: platform.into(), body };
        let answer = WebhookServiceClient::new(client).ingest(request).await?;
        Ok(answer.into_inner().event_id.parse().unwrap())
    }

    /// A customer writes to the shop's Facebook page now; gives the mid.
    pub async fn writes(&self, user: &str, text: &str) -> String {
        let mid = format!("m_{}", new_id().simple());
        self.post(Platform::Facebook, &page(&self.shop, vec![message(user, &mid, text, now_ms())])).await;
        mid
    }

    /// Waits until every body is worked off.
    pub async fn ingested(&self) {
        until("every webhook to be worked off", || async {
            let waiting: i64 = sqlx::query_scalar("select count(*) from inbox.webhook_events where state = 'new'")
                .fetch_one(&self.admin)
                .await
                .unwrap();
            (waiting == 0).then_some(())
        })
        .await;
    }

    /// Waits until no work of the kinds is due.
    pub async fn idle(&self) {
        self.ingested().await;
        until("all work to be done", || async {
            let waiting: i64 = sqlx::query_scalar(
                "select count(*) from routing.due_work where kind in ('reply', 'send', 'profile', 'ingest') and due_at < 'infinity'",
            )
            .fetch_one(&self.admin)
            .await
            .unwrap();
            (waiting == 0).then_some(())
        })
        .await;
    }

    /// Waits until no customer is owed a reply.
    pub async fn nothing_owed(&self) {
        until("no reply to be owed", || async {
            let owed: i64 =
                sqlx::query_scalar("select count(*) from inbox.conversations where reply_due_at is not null")
                    .fetch_one(&self.admin)
                    .await
                    .unwrap();
            (owed == 0).then_some(())
        })
        .await;
    }

    /// Lets everything in flight end, also work that was taken out of the table meanwhile. Nothing is begun any more.
    pub async fn drained(&self) {
        assert!(self.shutdown.drain(Duration::from_secs(20)).await, "the work in flight ends");
    }

    pub async fn conversations(&self) -> Vec<Conversation> {
        let request = ListConversationsRequest::default();
        let client = &mut ConversationServiceClient::new(self.agent());
        client.list_conversations(request).await.unwrap().into_inner().items
    }

    /// The only conversation.
    pub async fn conversation(&self) -> Conversation {
        let mut all = self.conversations().await;
        assert_eq!(all.len(), 1, "one conversation");
        all.remove(0)
    }

    /// Its messages, oldest first.
    pub async fn messages(&self, conversation: &str) -> Vec<Message> {
        let request =
            ListMessagesRequest { conversation_id: conversation.to_owned(), limit: 200, ..Default::default() };
        let mut items =
            MessageServiceClient::new(self.agent()).list_messages(request).await.unwrap().into_inner().items;
        items.reverse();
        items
    }

    /// Waits for a state of the only conversation's messages.
    pub async fn see(&self, what: &str, seen: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        until(what, || async {
            let all = self.conversations().await;
            let first = all.first()?;
            let messages = self.messages(&first.id).await;
            seen(&messages).then_some(messages)
        })
        .await
    }

    pub async fn sends(&self, conversation: &str, text: &str, key: &str) -> Result<Message, Status> {
        let request = SendMessageRequest {
            conversation_id: conversation.to_owned(),
            text: text.to_owned(),
            idempotency_key: key.to_owned(),
            ..Default::default()
        };
        Ok(MessageServiceClient::new(self.agent()).send_message(request).await?.into_inner())
    }

    pub async fn switches_ai(&self, conversation: &str, on: bool) -> Conversation {
        let request = SetAiEnabledRequest { conversation_id: conversation.to_owned(), is_ai_enabled: on };
        ConversationServiceClient::new(self.agent()).set_ai_enabled(request).await.unwrap().into_inner()
    }

    pub async fn events(&self, after_seq: u64) -> ListEventsResponse {
        let request = ListEventsRequest { after_seq, limit: 1000 };
        EventServiceClient::new(self.agent()).list_events(request).await.unwrap().into_inner()
    }

    /// What was told since, but for profiles: Meta's stand-in gives a new contact's name whenever it is asked for it.
    pub async fn told(&self, after_seq: u64) -> Vec<Event> {
        let mut items = self.events(after_seq).await.items;
        items.retain(|event| event.r#type() != EventType::ContactUpdated);
        items
    }

    pub fn sent(&self) -> Vec<chatdesk_proto::tenants::v1::SendTextRequest> {
        self.meta.sent.lock().unwrap().clone()
    }

    pub fn asked(&self) -> Vec<chatdesk_proto::ai::v1::AnswerRequest> {
        self.ai.asked.lock().unwrap().clone()
    }

    pub async fn outcomes(&self, event: Uuid) -> Vec<(String, String)> {
        sqlx::query_as("select kind, outcome from inbox.webhook_items where event_id = $1 order by index")
            .bind(event)
            .fetch_all(&self.admin)
            .await
            .unwrap()
    }

    /// Puts bodies of one commit into the journal without their work, and gives the group's id and theirs in order.
    pub async fn left_behind(&self, bodies: Vec<Vec<u8>>) -> (Uuid, Vec<Uuid>) {
        let group = new_id();
        let ids: Vec<Uuid> = bodies.iter().map(|_| new_id()).collect();
        sqlx::query(
            "insert into inbox.webhook_events (id, group_id, platform, body, received_at)
             select id, $1, 'facebook', body, now() from unnest($2::uuid[], $3::bytea[]) as t(id, body)",
        )
        .bind(group)
        .bind(&ids)
        .bind(bodies)
        .execute(&self.admin)
        .await
        .unwrap();
        (group, ids)
    }

    pub async fn sql(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(&self.admin).await.unwrap();
    }
}

async fn open_shop(admin: &PgPool, digit: &str) -> Shop {
    let tenant = TenantId(new_id());
    sqlx::query("insert into routing.tenants (tenant_id) values ($1)").bind(tenant.0).execute(admin).await.unwrap();
    let mut channels = Vec::new();
    for platform in ["facebook", "instagram"] {
        let page = format!("90{digit}{}", platform.len());
        let channel = new_id();
        sqlx::query(
            "insert into routing.channels (platform, external_id, tenant_id, channel_id) values ($1, $2, $3, $4)",
        )
        .bind(platform)
        .bind(&page)
        .bind(tenant.0)
        .bind(channel)
        .execute(admin)
        .await
        .unwrap();
        channels.push((channel, page));
    }
    let instagram = channels.pop().unwrap();
    let facebook = channels.pop().unwrap();
    Shop { tenant, facebook, instagram }
}

/// Looks until there is what was waited for.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let mut pace = tokio::time::interval(Duration::from_millis(15));
    let looking = async {
        loop {
            pace.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
