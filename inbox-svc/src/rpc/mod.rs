//! The gRPC services: who calls, what they mean, one transaction, the answer. A malformed id is an id of nothing: not found.

mod contact;
mod conversation;
mod cursor;
mod event;
mod journal;
mod label;
mod list;
mod message;
mod note;
mod privacy;
mod replay;
mod resolve;
mod send;
mod stats;
mod unanswered;
mod update;
mod webhook;

use chatdesk_platform::grpc::{Guard, MAX_MESSAGE};
use chatdesk_platform::{Error, Invalid, page};
use chatdesk_proto::inbox::v1::contact_service_server::ContactServiceServer;
use chatdesk_proto::inbox::v1::conversation_service_server::ConversationServiceServer;
use chatdesk_proto::inbox::v1::event_service_server::EventServiceServer;
use chatdesk_proto::inbox::v1::journal_service_server::JournalServiceServer;
use chatdesk_proto::inbox::v1::label_service_server::LabelServiceServer;
use chatdesk_proto::inbox::v1::message_service_server::MessageServiceServer;
use chatdesk_proto::inbox::v1::note_service_server::NoteServiceServer;
use chatdesk_proto::inbox::v1::privacy_service_server::PrivacyServiceServer;
use chatdesk_proto::inbox::v1::replay_service_server::ReplayServiceServer;
use chatdesk_proto::inbox::v1::stats_service_server::StatsServiceServer;
use chatdesk_proto::inbox::v1::system_service_server::SystemServiceServer;
use chatdesk_proto::inbox::v1::unanswered_service_server::UnansweredServiceServer;
use chatdesk_proto::inbox::v1::webhook_service_server::WebhookServiceServer;
use tonic::service::RoutesBuilder;
use tower::Layer as _;
use uuid::Uuid;

use crate::desk::Desk;
use crate::journal::Journal;
use crate::work;

/// Adds every service, each behind the guard.
pub fn add_to(routes: &mut RoutesBuilder, desk: &Desk, journal: &Journal, guard: &Guard) {
    let webhooks = WebhookServiceServer::new(webhook::Webhooks::new(journal.clone()));
    routes
        .add_service(guard.layer(webhooks.max_decoding_message_size(MAX_MESSAGE)))
        .add_service(guard.layer(ContactServiceServer::new(contact::Contacts::new(desk.clone()))))
        .add_service(guard.layer(ConversationServiceServer::new(conversation::Conversations::new(desk.clone()))))
        .add_service(guard.layer(MessageServiceServer::new(message::Messages::new(desk.clone()))))
        .add_service(guard.layer(LabelServiceServer::new(label::Labels::new(desk.clone()))))
        .add_service(guard.layer(NoteServiceServer::new(note::Notes::new(desk.clone()))))
        .add_service(guard.layer(JournalServiceServer::new(journal::Items::new(desk.clone()))))
        .add_service(guard.layer(PrivacyServiceServer::new(privacy::Privacy::new(desk.clone()))))
        .add_service(guard.layer(StatsServiceServer::new(stats::Figures::new(desk.clone()))))
        .add_service(guard.layer(SystemServiceServer::new(work::system(desk))))
        .add_service(guard.layer(ReplayServiceServer::new(replay::Replays::new(desk.clone()))))
        .add_service(guard.layer(UnansweredServiceServer::new(unanswered::Questions::new(desk.clone()))))
        .add_service(guard.layer(EventServiceServer::new(event::Events::new(desk.clone()))));
}

/// The id of something looked up.
fn id_of(text: &str, noun: &'static str) -> Result<Uuid, Error> {
    text.parse().map_err(|_| Error::NotFound(noun))
}

/// How many to give: 0 means `usual`.
fn limit(invalid: &mut Invalid, given: u32, usual: u32, most: u32) -> u32 {
    invalid.check("limit", page::limit(given, usual, most)).unwrap_or(usual)
}
