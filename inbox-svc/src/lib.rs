//! The inbox: the journal of webhooks, contacts, conversations, messages, replies to send, and live events.
//!
//! Owns: the order of messages, who may write when, at most one copy of every message that goes out, and the numbered events that
//! browsers follow. Refuses: Meta's tokens and Graph calls (tenants-svc), prompts and models (ai-svc), HTTP (gateway).

mod config;
mod defaults;
mod desk;
mod encode;
mod hub;
mod intake;
mod journal;
mod model;
mod pressure;
mod reads;
mod redact;
mod rpc;
mod signs;
mod store;
mod timeline;
mod work;

use std::sync::Arc;

use chatdesk_platform::bus::Bus;
use chatdesk_platform::db::{Db, DbConfig, DbError, Wakes, watch_connections, watch_work};
use chatdesk_platform::grpc::{Guard, Peer};
use chatdesk_platform::{AccessTable, Allow, Clock, Keyring, Role, ServiceName, Shutdown};
use tonic::service::RoutesBuilder;

pub use config::Config;
pub use model::Quiet;

const READ: &[Allow] = &[Allow::Member(Role::Viewer), Allow::Visitor];
const WRITE: &[Allow] = &[Allow::Member(Role::Agent)];
/// Everything there is, at once.
const OWN: &[Allow] = &[Allow::Member(Role::Owner)];
const MANAGE: &[Allow] = &[Allow::Member(Role::Manager)];
const ADMIN: &[Allow] = &[Allow::Admin];
const FOLLOW: &[Allow] = &[Allow::Member(Role::Viewer), Allow::TenantService(ServiceName::Gateway)];

/// Who may call what.
pub const ACCESS: AccessTable = &[
    ("/chatdesk.inbox.v1.WebhookService/Ingest", &[Allow::Service(ServiceName::Gateway)]),
    ("/chatdesk.inbox.v1.ContactService/ListContacts", READ),
    ("/chatdesk.inbox.v1.ContactService/GetContact", READ),
    ("/chatdesk.inbox.v1.ConversationService/ListConversations", READ),
    ("/chatdesk.inbox.v1.ConversationService/GetConversation", READ),
    ("/chatdesk.inbox.v1.ConversationService/SetAiEnabled", WRITE),
    ("/chatdesk.inbox.v1.ConversationService/CountConversations", READ),
    ("/chatdesk.inbox.v1.ConversationService/UpdateConversation", WRITE),
    ("/chatdesk.inbox.v1.ConversationService/MarkRead", WRITE),
    ("/chatdesk.inbox.v1.ConversationService/MarkUnread", WRITE),
    ("/chatdesk.inbox.v1.MessageService/ListMessages", READ),
    ("/chatdesk.inbox.v1.MessageService/SendMessage", WRITE),
    ("/chatdesk.inbox.v1.MessageService/RetryMessage", WRITE),
    ("/chatdesk.inbox.v1.MessageService/ResolveMessage", WRITE),
    // It keeps the new addresses, so a visitor may not.
    ("/chatdesk.inbox.v1.MessageService/RefreshAttachments", &[Allow::Member(Role::Viewer)]),
    ("/chatdesk.inbox.v1.LabelService/ListLabels", READ),
    ("/chatdesk.inbox.v1.LabelService/CreateLabel", WRITE),
    ("/chatdesk.inbox.v1.LabelService/UpdateLabel", MANAGE),
    ("/chatdesk.inbox.v1.LabelService/DeleteLabel", MANAGE),
    ("/chatdesk.inbox.v1.NoteService/ListNotes", READ),
    ("/chatdesk.inbox.v1.NoteService/AddNote", WRITE),
    ("/chatdesk.inbox.v1.NoteService/DeleteNote", WRITE),
    ("/chatdesk.inbox.v1.StatsService/GetStats", READ),
    ("/chatdesk.inbox.v1.JournalService/ListItems", MANAGE),
    ("/chatdesk.inbox.v1.JournalService/GetItem", MANAGE),
    ("/chatdesk.inbox.v1.JournalService/Redrive", MANAGE),
    ("/chatdesk.inbox.v1.JournalService/SummarizeJournal", MANAGE),
    ("/chatdesk.inbox.v1.PrivacyService/ReadExport", OWN),
    ("/chatdesk.inbox.v1.ReplayService/StartReplay", MANAGE),
    ("/chatdesk.inbox.v1.ReplayService/GetReplay", MANAGE),
    ("/chatdesk.inbox.v1.UnansweredService/ListUnanswered", READ),
    ("/chatdesk.inbox.v1.UnansweredService/GetUnanswered", MANAGE),
    ("/chatdesk.inbox.v1.UnansweredService/CloseUnanswered", MANAGE),
    ("/chatdesk.inbox.v1.UnansweredService/DismissUnanswered", MANAGE),
    ("/chatdesk.inbox.v1.SystemService/GetSystem", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/ListFailedWork", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/RetryWork", ADMIN),
    ("/chatdesk.inbox.v1.SystemService/DiscardWork", ADMIN),
    ("/chatdesk.inbox.v1.EventService/WatchEvents", FOLLOW),
    ("/chatdesk.inbox.v1.EventService/ListEvents", FOLLOW),
];

/// Calls that run at once; Meta's webhooks among them, which wait for a shared commit.
const MOST_CALLS: usize = 512;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its database.
    #[error("the inbox service: {0}")]
    Database(#[from] DbError),
    /// The first pass over the database.
    #[error("the inbox service cannot schedule its work; is the database up to date? run `chatdesk migrate`")]
    Work(#[source] chatdesk_platform::Error),
}

/// The journal has two commits under way at most; a third connection stands in for a broken one.
const JOURNAL_CONNECTIONS: u32 = 3;

/// A running service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    desk: desk::Desk,
    journal: journal::Journal,
    guard: Guard,
}

impl Service {
    /// Connects and begins to work. `ai` writes answers, `tenants` speaks to Meta.
    pub async fn start(
        config: Config,
        keyring: &Keyring,
        ai: Peer,
        tenants: Peer,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Self, StartError> {
        let defaults = defaults::Defaults::new(tenants.clone(), clock.clone(), config.settings_deadline);
        let reads = reads::Reads::new(tenants.clone(), config.read_every, config.send_deadline);
        let typing = config.sender_actions.then(|| tenants.clone());
        let signs = signs::Signs::new(typing, config.ask_deadline, shutdown.clone());
        let desk = desk::Desk {
            db: Db::connect(&config.db).await?,
            wakes: Wakes::default(),
            pressure: pressure::Pressure::default(),
            hub: hub::Hub::new(Bus::start(&config.bus, shutdown).await, shutdown),
            clock,
            config: Arc::new(config),
            ai,
            tenants,
            reads,
            signs,
            defaults,
            shutdown: shutdown.clone(),
        };
        // Pools of their own, so that work that piles up keeps neither people nor Meta waiting for a connection.
        let few = DbConfig { connections: JOURNAL_CONNECTIONS, ..desk.config.db.clone() };
        let lines = Db::connect(&few).await?;
        let (wakes, pressure) = (desk.wakes.clone(), desk.pressure.clone());
        let journal = journal::Journal::start(lines.clone(), wakes, pressure, desk.clock.clone(), shutdown);
        let workshop = desk::Desk { db: Db::connect(&desk.config.db).await?, ..desk.clone() };
        work::start(&workshop).await.map_err(StartError::Work)?;
        let pools = vec![("inbox", desk.db.clone()), ("inbox_journal", lines), ("inbox_work", workshop.db.clone())];
        watch_connections(pools, shutdown);
        watch_work(workshop.db, shutdown);
        let guard = Guard::new(keyring.verifier(ServiceName::Inbox), ACCESS, MOST_CALLS);
        Ok(Self { desk, journal, guard })
    }

    /// Adds the gRPC services, each behind the guard.
    pub fn add_to(&self, routes: &mut RoutesBuilder) {
        rpc::add_to(routes, &self.desk, &self.journal, &self.guard);
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        self.desk.db.is_up().await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message as _;

    #[test]
    fn every_method_is_in_the_access_table_and_no_other() {
        let files = prost_types::FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).unwrap();
        let mut methods = BTreeSet::new();
        for file in files.file.iter().filter(|file| file.package() == "chatdesk.inbox.v1") {
            for service in &file.service {
                for method in &service.method {
                    methods.insert(format!("/{}.{}/{}", file.package(), service.name(), method.name()));
                }
            }
        }
        assert!(!methods.is_empty());
        let listed: BTreeSet<String> = super::ACCESS.iter().map(|(method, _)| (*method).to_owned()).collect();
        assert_eq!(methods, listed);
    }
}
