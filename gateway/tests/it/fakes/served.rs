//! Whom each stand-in lets in, and its routes.

use std::sync::Arc;

use chatdesk_platform::grpc::{Guard, MAX_MESSAGE, Peer};
use chatdesk_platform::{AccessTable, Allow, Clock, Keyring, Role, ServiceName};
use chatdesk_proto::ai::v1::answer_service_server::AnswerServiceServer;
use chatdesk_proto::ai::v1::retrieval_service_server::RetrievalServiceServer;
use chatdesk_proto::catalog::v1::entry_service_server::EntryServiceServer;
use chatdesk_proto::catalog::v1::import_service_server::ImportServiceServer;
use chatdesk_proto::catalog::v1::privacy_service_server::PrivacyServiceServer as CatalogPrivacyServer;
use chatdesk_proto::catalog::v1::product_service_server::ProductServiceServer;
use chatdesk_proto::catalog::v1::system_service_server::SystemServiceServer as CatalogSystemServer;
use chatdesk_proto::inbox::v1::contact_service_server::ContactServiceServer;
use chatdesk_proto::inbox::v1::conversation_service_server::ConversationServiceServer;
use chatdesk_proto::inbox::v1::event_service_server::EventServiceServer;
use chatdesk_proto::inbox::v1::journal_service_server::JournalServiceServer;
use chatdesk_proto::inbox::v1::label_service_server::LabelServiceServer;
use chatdesk_proto::inbox::v1::message_service_server::MessageServiceServer;
use chatdesk_proto::inbox::v1::note_service_server::NoteServiceServer;
use chatdesk_proto::inbox::v1::privacy_service_server::PrivacyServiceServer as InboxPrivacyServer;
use chatdesk_proto::inbox::v1::replay_service_server::ReplayServiceServer;
use chatdesk_proto::inbox::v1::stats_service_server::StatsServiceServer;
use chatdesk_proto::inbox::v1::system_service_server::SystemServiceServer as InboxSystemServer;
use chatdesk_proto::inbox::v1::unanswered_service_server::UnansweredServiceServer;
use chatdesk_proto::inbox::v1::webhook_service_server::WebhookServiceServer;
use chatdesk_proto::tenants::v1::account_service_server::AccountServiceServer;
use chatdesk_proto::tenants::v1::admin_service_server::AdminServiceServer;
use chatdesk_proto::tenants::v1::audit_service_server::AuditServiceServer;
use chatdesk_proto::tenants::v1::channel_service_server::ChannelServiceServer;
use chatdesk_proto::tenants::v1::connect_service_server::ConnectServiceServer;
use chatdesk_proto::tenants::v1::notice_service_server::NoticeServiceServer;
use chatdesk_proto::tenants::v1::privacy_service_server::PrivacyServiceServer;
use chatdesk_proto::tenants::v1::saved_reply_service_server::SavedReplyServiceServer;
use chatdesk_proto::tenants::v1::settings_service_server::SettingsServiceServer;
use chatdesk_proto::tenants::v1::system_service_server::SystemServiceServer as TenantsSystemServer;
use chatdesk_proto::tenants::v1::team_service_server::TeamServiceServer;
use tonic::service::{Routes, RoutesBuilder};
use tower::Layer as _;

use super::{Fake, Fakes};

const VIEWER: &[Allow] = &[Allow::Member(Role::Viewer)];
/// What an admin inside a business may look at too.
const LOOK: &[Allow] = &[Allow::Member(Role::Viewer), Allow::Visitor];
const ADMIN: &[Allow] = &[Allow::Admin];
const PERSON: &[Allow] = &[Allow::Member(Role::Viewer), Allow::Admin];
const AGENT: &[Allow] = &[Allow::Member(Role::Agent)];
const MANAGER: &[Allow] = &[Allow::Member(Role::Manager)];
const OWNER: &[Allow] = &[Allow::Member(Role::Owner)];
const GATEWAY: &[Allow] = &[Allow::Service(ServiceName::Gateway)];
const VIEWER_OR_GATEWAY: &[Allow] = &[Allow::Member(Role::Viewer), Allow::TenantService(ServiceName::Gateway)];
const GATEWAY_FOR_ANY: &[Allow] = &[Allow::TenantService(ServiceName::Gateway), Allow::Service(ServiceName::Gateway)];
const GATEWAY_FOR_TENANT: &[Allow] = &[Allow::TenantService(ServiceName::Gateway)];

const ACCESS: AccessTable = &[
    ("/chatdesk.tenants.v1.AccountService/Register", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Login", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Refresh", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/Logout", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/RedeemTicket", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/CheckSessions", GATEWAY_FOR_ANY),
    ("/chatdesk.tenants.v1.AccountService/GetProfile", &[Allow::Member(Role::Viewer), Allow::Visitor, Allow::Admin]),
    ("/chatdesk.tenants.v1.AccountService/UpdateProfile", VIEWER),
    ("/chatdesk.tenants.v1.AccountService/ChangePassword", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndSession", PERSON),
    ("/chatdesk.tenants.v1.AccountService/EndAllSessions", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ListMembers", VIEWER),
    ("/chatdesk.tenants.v1.AccountService/AddMember", MANAGER),
    ("/chatdesk.tenants.v1.AccountService/RequestPasswordReset", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/ResetPassword", GATEWAY),
    ("/chatdesk.tenants.v1.AccountService/StartTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/ConfirmTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/DisableTotp", PERSON),
    ("/chatdesk.tenants.v1.AccountService/SetUpTotp", GATEWAY),
    ("/chatdesk.tenants.v1.TeamService/ListInvitations", MANAGER),
    ("/chatdesk.tenants.v1.TeamService/CreateInvitation", MANAGER),
    ("/chatdesk.tenants.v1.TeamService/RevokeInvitation", MANAGER),
    ("/chatdesk.tenants.v1.TeamService/GetInvitation", GATEWAY),
    ("/chatdesk.tenants.v1.TeamService/AcceptInvitation", GATEWAY),
    ("/chatdesk.tenants.v1.TeamService/ChangeRole", MANAGER),
    ("/chatdesk.tenants.v1.TeamService/RemoveMember", MANAGER),
    ("/chatdesk.tenants.v1.PrivacyService/StartExport", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/ListExports", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/GetExport", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/ReadExport", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/GetTenantDeletion", VIEWER),
    ("/chatdesk.tenants.v1.PrivacyService/RequestTenantDeletion", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/CancelTenantDeletion", OWNER),
    ("/chatdesk.tenants.v1.PrivacyService/EraseContact", MANAGER),
    ("/chatdesk.inbox.v1.PrivacyService/ReadExport", OWNER),
    ("/chatdesk.catalog.v1.PrivacyService/ReadExport", OWNER),
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
    ("/chatdesk.tenants.v1.AdminService/SuspendTenant", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/ResumeTenant", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/ListTenants", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/GetTenant", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/SetCap", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/ListChannelHealth", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/ListUsage", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/EnterTenant", ADMIN),
    ("/chatdesk.tenants.v1.AdminService/NoteWork", ADMIN),
    ("/chatdesk.tenants.v1.AuditService/ListAudit", MANAGER),
    ("/chatdesk.tenants.v1.AuditService/ListAdminAudit", ADMIN),
    ("/chatdesk.tenants.v1.AuditService/NoteRefusal", &[Allow::Visitor]),
    ("/chatdesk.tenants.v1.NoticeService/ListNotices", LOOK),
    ("/chatdesk.tenants.v1.SystemService/GetSystem", ADMIN),
    ("/chatdesk.tenants.v1.SystemService/ListFailedWork", ADMIN),
    ("/chatdesk.tenants.v1.SystemService/RetryWork", ADMIN),
    ("/chatdesk.tenants.v1.SystemService/DiscardWork", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/GetSystem", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/ListFailedWork", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/RetryWork", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/DiscardWork", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/GetSystem", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/ListFailedWork", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/RetryWork", ADMIN),
    ("/chatdesk.catalog.v1.SystemService/DiscardWork", ADMIN),
    ("/chatdesk.inbox.v1.ContactService/ListContacts", VIEWER),
    ("/chatdesk.inbox.v1.ContactService/GetContact", VIEWER),
    ("/chatdesk.inbox.v1.ConversationService/ListConversations", LOOK),
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
    ("/chatdesk.catalog.v1.ProductService/ListProducts", LOOK),
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

impl Fakes {
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
                routes.add_service(guard.layer(PrivacyServiceServer::new(fake())));
                routes.add_service(guard.layer(TeamServiceServer::new(fake())));
                routes.add_service(guard.layer(AdminServiceServer::new(fake())));
                routes.add_service(guard.layer(AuditServiceServer::new(fake())));
                routes.add_service(guard.layer(NoticeServiceServer::new(fake())));
                routes.add_service(guard.layer(TenantsSystemServer::new(fake())));
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
                routes.add_service(guard.layer(InboxPrivacyServer::new(fake())));
                routes.add_service(guard.layer(InboxSystemServer::new(fake())));
                let webhooks = WebhookServiceServer::new(fake()).max_decoding_message_size(MAX_MESSAGE);
                routes.add_service(guard.layer(webhooks));
            }
            ServiceName::Catalog => {
                routes.add_service(guard.layer(ProductServiceServer::new(fake())));
                routes.add_service(guard.layer(EntryServiceServer::new(fake())));
                routes.add_service(guard.layer(CatalogPrivacyServer::new(fake())));
                routes.add_service(guard.layer(CatalogSystemServer::new(fake())));
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
