//! Stand-ins for the four services. They let in only whom the real ones would, answer with samples and remember what was asked.

mod assistant;
mod catalogue;
mod connecting;
mod inbox_side;
mod teaching;
mod tenants_side;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chatdesk_platform::grpc::{self, Guard, MAX_MESSAGE, Peer};
use chatdesk_platform::{AccessTable, Allow, Caller, Clock, Error, Keyring, Role, ServiceName};
use chatdesk_proto::ai::v1::answer_service_server::AnswerServiceServer;
use chatdesk_proto::ai::v1::retrieval_service_server::RetrievalServiceServer;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::catalog::v1::entry_service_server::EntryServiceServer;
use chatdesk_proto::catalog::v1::import_service_server::ImportServiceServer;
use chatdesk_proto::catalog::v1::product_service_server::ProductServiceServer;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::inbox::v1::contact_service_server::ContactServiceServer;
use chatdesk_proto::inbox::v1::conversation_service_server::ConversationServiceServer;
use chatdesk_proto::inbox::v1::event_service_server::EventServiceServer;
use chatdesk_proto::inbox::v1::journal_service_server::JournalServiceServer;
use chatdesk_proto::inbox::v1::label_service_server::LabelServiceServer;
use chatdesk_proto::inbox::v1::message_service_server::MessageServiceServer;
use chatdesk_proto::inbox::v1::note_service_server::NoteServiceServer;
use chatdesk_proto::inbox::v1::replay_service_server::ReplayServiceServer;
use chatdesk_proto::inbox::v1::stats_service_server::StatsServiceServer;
use chatdesk_proto::inbox::v1::unanswered_service_server::UnansweredServiceServer;
use chatdesk_proto::inbox::v1::webhook_service_server::WebhookServiceServer;
use chatdesk_proto::tenants::v1 as tenants;
use chatdesk_proto::tenants::v1::account_service_server::AccountServiceServer;
use chatdesk_proto::tenants::v1::admin_service_server::AdminServiceServer;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelServiceServer;
use chatdesk_proto::tenants::v1::connect_service_server::ConnectServiceServer;
use chatdesk_proto::tenants::v1::saved_reply_service_server::SavedReplyServiceServer;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsServiceServer;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::service::{Routes, RoutesBuilder};
use tonic::{Request, Response, Status};
use tower::Layer as _;

use crate::samples;

const VIEWER: &[Allow] = &[Allow::Member(Role::Viewer)];
const PERSON: &[Allow] = &[Allow::Member(Role::Viewer), Allow::Admin];
const AGENT: &[Allow] = &[Allow::Member(Role::Agent)];
const MANAGER: &[Allow] = &[Allow::Member(Role::Manager)];
const OWNER: &[Allow] = &[Allow::Member(Role::Owner)];
const GATEWAY: &[Allow] = &[Allow::Service(ServiceName::Gateway)];
const VIEWER_OR_GATEWAY: &[Allow] = &[Allow::Member(Role::Viewer), Allow::TenantService(ServiceName::Gateway)];
const GATEWAY_FOR_TENANT: &[Allow] = &[Allow::TenantService(ServiceName::Gateway)];

const ACCESS: AccessTable = &[
    ("/chatdesk.tenants.v1.AccountService/Register", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Login", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Refresh", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Logout", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/RedeemTicket", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/CheckSessions", GATEWAY_FOR_TENANT),
    ("/chatdesk.tenants.v1.AccountService/GetProfile", PERSON),
    ("/chatdesk.tenants.v1.AccountService/UpdateProfile", VIEWER),
    ("/chatdesk.tenants.v1.AccountService/ChangePassword", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndSession", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndAllSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListMembers", VIEWER),
    ("/chatdesk.tenants.v1.AccountService/AddMember", MANAGER),
    ("/chatdesk.tenants.v1.SavedReplyService/ListSavedReplies", VIEWER),
    ("/chatdesk.tenants.v1.SavedReplyService/CreateSavedReply", AGENT),
    ("/chatdesk.tenants.v1.SavedReplyService/UpdateSavedReply", AGENT),
    ("/chatdesk.tenants.v1.SavedReplyService/DeleteSavedReply", AGENT),
    ("/chatdesk.tenants.v1.AccountService/IssueTicket", VIEWER),
    ("/chatdesk.tenants.v1.ChannelService/ListChannels", VIEWER_OR_GATEWAY),
    ("/chatdesk.tenants.v1.ChannelService/ConnectChannel", MANAGER),
    ("/chatdesk.tenants.v1.ChannelService/DisconnectChannel", MANAGER),
    ("/chatdesk.tenants.v1.ChannelService/UploadAttachment", AGENT),
    ("/chatdesk.tenants.v1.ChannelService/CheckChannel", MANAGER),
    ("/chatdesk.tenants.v1.ConnectService/StartConnect", MANAGER),
    ("/chatdesk.tenants.v1.ConnectService/FinishConnect", MANAGER),
    ("/chatdesk.tenants.v1.ConnectService/ConnectGranted", MANAGER),
    ("/chatdesk.tenants.v1.ConnectService/RequestTransfer", OWNER),
    ("/chatdesk.tenants.v1.ConnectService/ListTransfers", MANAGER),
    ("/chatdesk.tenants.v1.ConnectService/DecideTransfer", OWNER),
    ("/chatdesk.tenants.v1.ConnectService/Deauthorize", GATEWAY),
    ("/chatdesk.tenants.v1.ConnectService/RequestDeletion", GATEWAY),
    ("/chatdesk.tenants.v1.ConnectService/GetDeletion", GATEWAY),
    ("/chatdesk.tenants.v1.SettingsService/GetAssistantSettings", VIEWER),
    ("/chatdesk.tenants.v1.SettingsService/UpdateAssistantSettings", MANAGER),
    ("/chatdesk.tenants.v1.AdminService/SuspendTenant", &[Allow::Admin]),
    ("/chatdesk.tenants.v1.AdminService/ResumeTenant", &[Allow::Admin]),
    ("/chatdesk.inbox.v1.ContactService/ListContacts", VIEWER),
    ("/chatdesk.inbox.v1.ContactService/GetContact", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/ListConversations", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/GetConversation", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/SetAiEnabled", AGENT),
    ("/chatdesk.inbox.v1.MessageService/ListMessages", VIEWER),
    ("/chatdesk.inbox.v1.MessageService/SendMessage", AGENT),
    ("/chatdesk.inbox.v1.MessageService/RetryMessage", AGENT),
    ("/chatdesk.inbox.v1.MessageService/ResolveMessage", AGENT),
    ("/chatdesk.inbox.v1.MessageService/RefreshAttachments", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/CountConversations", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/UpdateConversation", AGENT),
    ("/chatdesk.inbox.v1.ConversationService/MarkRead", AGENT),
    ("/chatdesk.inbox.v1.ConversationService/MarkUnread", AGENT),
    ("/chatdesk.inbox.v1.LabelService/ListLabels", VIEWER),
    ("/chatdesk.inbox.v1.LabelService/CreateLabel", AGENT),
    ("/chatdesk.inbox.v1.LabelService/UpdateLabel", MANAGER),
    ("/chatdesk.inbox.v1.LabelService/DeleteLabel", MANAGER),
    ("/chatdesk.inbox.v1.NoteService/ListNotes", VIEWER),
    ("/chatdesk.inbox.v1.NoteService/AddNote", AGENT),
    ("/chatdesk.inbox.v1.NoteService/DeleteNote", AGENT),
    ("/chatdesk.inbox.v1.StatsService/GetStats", VIEWER),
    ("/chatdesk.inbox.v1.JournalService/ListItems", MANAGER),
    ("/chatdesk.inbox.v1.JournalService/GetItem", MANAGER),
    ("/chatdesk.inbox.v1.JournalService/Redrive", MANAGER),
    ("/chatdesk.inbox.v1.JournalService/SummarizeJournal", MANAGER),
    ("/chatdesk.inbox.v1.ReplayService/StartReplay", MANAGER),
    ("/chatdesk.inbox.v1.ReplayService/GetReplay", MANAGER),
    ("/chatdesk.inbox.v1.UnansweredService/ListUnanswered", VIEWER),
    ("/chatdesk.inbox.v1.UnansweredService/GetUnanswered", MANAGER),
    ("/chatdesk.inbox.v1.UnansweredService/CloseUnanswered", MANAGER),
    ("/chatdesk.inbox.v1.UnansweredService/DismissUnanswered", MANAGER),
    ("/chatdesk.inbox.v1.EventService/WatchEvents", GATEWAY_FOR_TENANT),
    ("/chatdesk.inbox.v1.EventService/ListEvents", GATEWAY_FOR_TENANT),
    ("/chatdesk.inbox.v1.WebhookService/Ingest", GATEWAY),
    ("/chatdesk.catalog.v1.ProductService/ListProducts", VIEWER),
    ("/chatdesk.catalog.v1.ProductService/GetProduct", VIEWER),
    ("/chatdesk.catalog.v1.ProductService/GetProducts", VIEWER),
    ("/chatdesk.catalog.v1.ProductService/CreateProduct", AGENT),
    ("/chatdesk.catalog.v1.ProductService/UpdateProduct", AGENT),
    ("/chatdesk.catalog.v1.ProductService/DeleteProduct", AGENT),
    ("/chatdesk.catalog.v1.ProductService/RestoreProduct", AGENT),
    ("/chatdesk.catalog.v1.ProductService/ListCategories", VIEWER),
    ("/chatdesk.catalog.v1.ProductService/ListPriceChanges", VIEWER),
    ("/chatdesk.catalog.v1.EntryService/ListEntries", VIEWER),
    ("/chatdesk.catalog.v1.EntryService/CreateEntry", MANAGER),
    ("/chatdesk.catalog.v1.EntryService/UpdateEntry", MANAGER),
    ("/chatdesk.catalog.v1.EntryService/DeleteEntry", MANAGER),
    ("/chatdesk.catalog.v1.ImportService/StartImport", MANAGER),
    ("/chatdesk.catalog.v1.ImportService/GetImport", VIEWER_OR_GATEWAY),
    ("/chatdesk.catalog.v1.ImportService/ListImports", VIEWER),
    ("/chatdesk.catalog.v1.ImportService/ListImportRows", VIEWER),
    ("/chatdesk.catalog.v1.ImportService/CancelImport", MANAGER),
    ("/chatdesk.catalog.v1.ImportService/ExportProducts", VIEWER),
    ("/chatdesk.ai.v1.AnswerService/Answer", VIEWER),
    ("/chatdesk.ai.v1.RetrievalService/Retrieve", VIEWER),
];

/// What the stand-ins know and remember.
pub struct Fakes {
    /// Every call in order: the method, who called, and the request in debug form.
    pub calls: Mutex<Vec<(&'static str, Caller, String)>>,
    /// Bodies that were kept.
    pub kept: Mutex<Vec<(i32, Vec<u8>)>>,
    /// What the next call fails with.
    failure: Mutex<Option<Status>>,
    /// The next call never ends until this is cancelled.
    pub hold: Mutex<Option<CancellationToken>>,
    tickets: Mutex<HashMap<String, tenants::TicketHolder>>,
    next: AtomicU64,
    /// Who is suspended, and which sessions are over.
    pub sessions: Mutex<tenants::CheckSessionsResponse>,
    journal: watch::Sender<Vec<inbox::Event>>,
    /// Events up to this seq are no longer kept.
    pub forgotten: AtomicU64,
    /// Breaks the streams that are open.
    cut: Mutex<CancellationToken>,
    /// Streams opened so far.
    pub streams: AtomicU64,
    /// Files that arrived whole, with what was announced.
    pub uploads: Mutex<Vec<(tenants::UploadStart, Vec<u8>)>>,
    /// Files of products that arrived whole, with what was announced.
    pub files: Mutex<Vec<(catalog::ImportStart, Vec<u8>)>>,
    /// What the next upload is refused with, before it is read.
    pub upload_refusal: Mutex<Option<Status>>,
    /// Uploads under way.
    pub uploading: watch::Sender<u32>,
    /// Pages of other channels that come before the page with the sample.
    pub other_channels: AtomicU64,
    /// How the channel is that the gateway looks at for its sockets, and how often it looked.
    pub watched: watch::Sender<(tenants::Channel, u64)>,
}

impl Fakes {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            calls: Mutex::default(),
            kept: Mutex::default(),
            failure: Mutex::default(),
            hold: Mutex::default(),
            tickets: Mutex::default(),
            next: AtomicU64::new(1),
            sessions: Mutex::default(),
            journal: watch::Sender::new(Vec::new()),
            forgotten: AtomicU64::new(0),
            cut: Mutex::default(),
            streams: AtomicU64::new(0),
            uploads: Mutex::default(),
            files: Mutex::default(),
            upload_refusal: Mutex::default(),
            uploading: watch::Sender::new(0),
            other_channels: AtomicU64::new(0),
            watched: watch::Sender::new((samples::channel(), 0)),
        })
    }

    /// The next call fails like this.
    pub fn fail(&self, error: Error) {
        *self.failure.lock().unwrap() = Some(error.into());
    }

    /// How often a method was called.
    pub fn count(&self, method: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(name, ..)| *name == method).count()
    }

    /// Who called a method last, and with what.
    pub fn last(&self, method: &str) -> (Caller, String) {
        let calls = self.calls.lock().unwrap();
        let (_, caller, request) = calls.iter().rev().find(|(name, ..)| *name == method).expect("a call");
        (*caller, request.clone())
    }

    /// Something happens in the inbox; gives its seq.
    pub fn happen(&self, text: &str) -> u64 {
        self.happen_as(inbox::EventType::MessageCreated.into(), text)
    }

    /// The same as an event of some type, which may be one of tomorrow's.
    pub fn happen_as(&self, kind: i32, text: &str) -> u64 {
        let mut seq = 0;
        self.journal.send_modify(|journal| {
            seq = journal.len() as u64 + 1;
            let resource = Some(inbox::event::Resource::Message(samples::inbound(text)));
            journal.push(inbox::Event { seq, r#type: kind, resource });
        });
        seq
    }

    /// The inbox is restored from a copy that knows only so many events, which breaks every open stream.
    pub fn restore(&self, events: usize) {
        self.journal.send_modify(|journal| journal.truncate(events));
        self.cut_streams();
    }

    /// Breaks every open stream.
    pub fn cut_streams(&self) {
        std::mem::take(&mut *self.cut.lock().unwrap()).cancel();
    }

    /// A ticket of a member of a tenant.
    pub fn ticket(&self, tenant: &str, session: &str) -> String {
        let ticket = format!("t{}", self.next.fetch_add(1, Ordering::SeqCst));
        let holder = tenants::TicketHolder {
            user_id: samples::USER.into(),
            tenant_id: tenant.into(),
            member_role: tenants::MemberRole::Agent.into(),
            session_id: session.into(),
        };
        self.tickets.lock().unwrap().insert(ticket.clone(), holder);
        ticket
    }

    async fn seen<T: std::fmt::Debug>(&self, method: &'static str, request: &Request<T>) -> Result<(), Status> {
        let caller = grpc::caller(request)?;
        self.calls.lock().unwrap().push((method, caller, format!("{:?}", request.get_ref())));
        let hold = self.hold.lock().unwrap().take();
        if let Some(hold) = hold {
            hold.cancelled().await;
        }
        match self.failure.lock().unwrap().take() {
            Some(status) => Err(status),
            None => Ok(()),
        }
    }

    /// The services' routes by name.
    pub fn routes(self: &Arc<Self>, keyring: &Keyring, name: ServiceName) -> Routes {
        let guard = Guard::new(keyring.verifier(name), ACCESS, 1000);
        let mut routes = RoutesBuilder::default();
        let fake = || Fake(Arc::clone(self));
        let (_, health) = tonic_health::server::health_reporter();
        routes.add_service(health);
        match name {
            ServiceName::Tenants => {
                routes.add_service(guard.layer(AccountServiceServer::new(fake())));
                routes.add_service(guard.layer(ChannelServiceServer::new(fake())));
                routes.add_service(guard.layer(ConnectServiceServer::new(fake())));
                routes.add_service(guard.layer(SettingsServiceServer::new(fake())));
                routes.add_service(guard.layer(SavedReplyServiceServer::new(fake())));
                routes.add_service(guard.layer(AdminServiceServer::new(fake())));
            }
            ServiceName::Inbox => {
                routes.add_service(guard.layer(ContactServiceServer::new(fake())));
                routes.add_service(guard.layer(ConversationServiceServer::new(fake())));
                routes.add_service(guard.layer(MessageServiceServer::new(fake())));
                routes.add_service(guard.layer(LabelServiceServer::new(fake())));
                routes.add_service(guard.layer(NoteServiceServer::new(fake())));
                routes.add_service(guard.layer(StatsServiceServer::new(fake())));
                routes.add_service(guard.layer(JournalServiceServer::new(fake())));
                routes.add_service(guard.layer(ReplayServiceServer::new(fake())));
                routes.add_service(guard.layer(UnansweredServiceServer::new(fake())));
                routes.add_service(guard.layer(EventServiceServer::new(fake())));
                let webhooks = WebhookServiceServer::new(fake()).max_decoding_message_size(MAX_MESSAGE);
                routes.add_service(guard.layer(webhooks));
            }
            ServiceName::Catalog => {
                routes.add_service(guard.layer(ProductServiceServer::new(fake())));
                routes.add_service(guard.layer(EntryServiceServer::new(fake())));
                routes.add_service(guard.layer(ImportServiceServer::new(fake())));
            }
            ServiceName::Ai => {
                routes.add_service(guard.layer(AnswerServiceServer::new(fake())));
                routes.add_service(guard.layer(RetrievalServiceServer::new(fake())));
            }
            ServiceName::Gateway | ServiceName::Cli => unreachable!("nobody calls these"),
        }
        routes.routes()
    }

    /// The gateway's way to one of them.
    pub fn peer(self: &Arc<Self>, keyring: &Keyring, name: ServiceName) -> Peer {
        let minter = keyring.minter(ServiceName::Gateway).expect("a key");
        Peer::direct(name, self.routes(keyring, name), minter, Clock::system())
    }
}

struct Fake(Arc<Fakes>);

/// Counts an upload while it runs, however it ends.
struct Open(Arc<Fakes>);

impl Open {
    fn new(fakes: &Arc<Fakes>) -> Self {
        fakes.uploading.send_modify(|count| *count += 1);
        Self(Arc::clone(fakes))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.uploading.send_modify(|count| *count -= 1);
    }
}

type Answer<T> = Result<Response<T>, Status>;
