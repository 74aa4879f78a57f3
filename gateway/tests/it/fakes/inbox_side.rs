//! The stand-in for the inbox.

use std::pin::Pin;
use std::sync::atomic::Ordering;

use chatdesk_platform::Error;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::inbox::v1::contact_service_server::ContactService;
use chatdesk_proto::inbox::v1::conversation_service_server::ConversationService;
use chatdesk_proto::inbox::v1::event_service_server::EventService;
use chatdesk_proto::inbox::v1::journal_service_server::JournalService;
use chatdesk_proto::inbox::v1::label_service_server::LabelService;
use chatdesk_proto::inbox::v1::message_service_server::MessageService;
use chatdesk_proto::inbox::v1::note_service_server::NoteService;
use chatdesk_proto::inbox::v1::stats_service_server::StatsService;
use chatdesk_proto::inbox::v1::webhook_service_server::WebhookService;
use futures::Stream;
use tonic::{Request, Response, Status};

use super::{Answer, Fake};
use crate::samples;

#[tonic::async_trait]
impl ContactService for Fake {
    async fn list_contacts(&self, request: Request<inbox::ListContactsRequest>) -> Answer<inbox::ListContactsResponse> {
        self.0.seen("ListContacts", &request).await?;
        let items = vec![samples::contact()];
        Ok(Response::new(inbox::ListContactsResponse { items, next_cursor: "bmV4dA".into() }))
    }

    async fn get_contact(&self, request: Request<inbox::GetContactRequest>) -> Answer<inbox::Contact> {
        self.0.seen("GetContact", &request).await?;
        let known = request.into_inner().id == samples::CONTACT;
        if known { Ok(Response::new(samples::contact())) } else { Err(Error::NotFound("contact").into()) }
    }
}

#[tonic::async_trait]
impl ConversationService for Fake {
    async fn list_conversations(
        &self,
        request: Request<inbox::ListConversationsRequest>,
    ) -> Answer<inbox::ListConversationsResponse> {
        self.0.seen("ListConversations", &request).await?;
        let items = vec![samples::conversation()];
        Ok(Response::new(inbox::ListConversationsResponse { items, next_cursor: String::new() }))
    }

    async fn get_conversation(&self, request: Request<inbox::GetConversationRequest>) -> Answer<inbox::Conversation> {
        self.0.seen("GetConversation", &request).await?;
        Ok(Response::new(samples::conversation()))
    }

    async fn set_ai_enabled(&self, request: Request<inbox::SetAiEnabledRequest>) -> Answer<inbox::Conversation> {
        self.0.seen("SetAiEnabled", &request).await?;
        let is_ai_enabled = request.into_inner().is_ai_enabled;
        Ok(Response::new(inbox::Conversation { is_ai_enabled, ..samples::conversation() }))
    }

    async fn count_conversations(
        &self,
        request: Request<inbox::CountConversationsRequest>,
    ) -> Answer<inbox::ConversationCounts> {
        self.0.seen("CountConversations", &request).await?;
        let counts =
            inbox::ConversationCounts { open: 1000, unread: 6, mine: 5, ai: 4, needs_human: 3, closing_soon: 2 };
        Ok(Response::new(counts))
    }

    async fn update_conversation(
        &self,
        request: Request<inbox::UpdateConversationRequest>,
    ) -> Answer<inbox::Conversation> {
        self.0.seen("UpdateConversation", &request).await?;
        Ok(Response::new(samples::conversation()))
    }

    async fn mark_read(&self, request: Request<inbox::MarkReadRequest>) -> Answer<inbox::Conversation> {
        self.0.seen("MarkRead", &request).await?;
        Ok(Response::new(inbox::Conversation { unread_count: 0, ..samples::conversation() }))
    }

    async fn mark_unread(&self, request: Request<inbox::MarkUnreadRequest>) -> Answer<inbox::Conversation> {
        self.0.seen("MarkUnread", &request).await?;
        Ok(Response::new(inbox::Conversation { unread_count: 1, ..samples::conversation() }))
    }
}

#[tonic::async_trait]
impl MessageService for Fake {
    async fn list_messages(&self, request: Request<inbox::ListMessagesRequest>) -> Answer<inbox::ListMessagesResponse> {
        self.0.seen("ListMessages", &request).await?;
        let items = vec![samples::message(), samples::inbound("còn áo không")];
        let previous_cursor = if request.into_inner().around.is_empty() { String::new() } else { "newer".to_owned() };
        Ok(Response::new(inbox::ListMessagesResponse { items, next_cursor: String::new(), previous_cursor }))
    }

    async fn send_message(&self, request: Request<inbox::SendMessageRequest>) -> Answer<inbox::Message> {
        self.0.seen("SendMessage", &request).await?;
        let message = inbox::Message {
            sender_type: inbox::SenderType::Business.into(),
            status: inbox::MessageStatus::Queued.into(),
            ..samples::inbound(&request.into_inner().text)
        };
        Ok(Response::new(message))
    }

    async fn retry_message(&self, request: Request<inbox::RetryMessageRequest>) -> Answer<inbox::Message> {
        self.0.seen("RetryMessage", &request).await?;
        let status = inbox::MessageStatus::Queued.into();
        Ok(Response::new(inbox::Message { status, failure: None, ..samples::message() }))
    }

    async fn resolve_message(&self, request: Request<inbox::ResolveMessageRequest>) -> Answer<inbox::Message> {
        self.0.seen("ResolveMessage", &request).await?;
        let was_delivered = request.into_inner().was_delivered;
        let status = if was_delivered { inbox::MessageStatus::Sent } else { inbox::MessageStatus::Failed };
        Ok(Response::new(inbox::Message { status: status.into(), ..samples::message() }))
    }

    async fn refresh_attachments(&self, request: Request<inbox::RefreshAttachmentsRequest>) -> Answer<inbox::Message> {
        self.0.seen("RefreshAttachments", &request).await?;
        Ok(Response::new(samples::message()))
    }
}

#[tonic::async_trait]
impl LabelService for Fake {
    async fn list_labels(&self, request: Request<inbox::ListLabelsRequest>) -> Answer<inbox::ListLabelsResponse> {
        self.0.seen("ListLabels", &request).await?;
        Ok(Response::new(inbox::ListLabelsResponse { items: vec![samples::label()] }))
    }

    async fn create_label(&self, request: Request<inbox::CreateLabelRequest>) -> Answer<inbox::Label> {
        self.0.seen("CreateLabel", &request).await?;
        let inbox::CreateLabelRequest { name, color } = request.into_inner();
        Ok(Response::new(inbox::Label { name, color, ..samples::label() }))
    }

    async fn update_label(&self, request: Request<inbox::UpdateLabelRequest>) -> Answer<inbox::Label> {
        self.0.seen("UpdateLabel", &request).await?;
        let inbox::UpdateLabelRequest { id, name, color } = request.into_inner();
        Ok(Response::new(inbox::Label { id, name, color }))
    }

    async fn delete_label(&self, request: Request<inbox::DeleteLabelRequest>) -> Answer<inbox::DeleteLabelResponse> {
        self.0.seen("DeleteLabel", &request).await?;
        Ok(Response::new(inbox::DeleteLabelResponse {}))
    }
}

#[tonic::async_trait]
impl NoteService for Fake {
    async fn list_notes(&self, request: Request<inbox::ListNotesRequest>) -> Answer<inbox::ListNotesResponse> {
        self.0.seen("ListNotes", &request).await?;
        let items = vec![samples::note()];
        Ok(Response::new(inbox::ListNotesResponse { items, next_cursor: String::new() }))
    }

    async fn add_note(&self, request: Request<inbox::AddNoteRequest>) -> Answer<inbox::Note> {
        self.0.seen("AddNote", &request).await?;
        Ok(Response::new(inbox::Note { text: request.into_inner().text, ..samples::note() }))
    }

    async fn delete_note(&self, request: Request<inbox::DeleteNoteRequest>) -> Answer<inbox::DeleteNoteResponse> {
        self.0.seen("DeleteNote", &request).await?;
        Ok(Response::new(inbox::DeleteNoteResponse {}))
    }
}

#[tonic::async_trait]
impl StatsService for Fake {
    async fn get_stats(&self, request: Request<inbox::GetStatsRequest>) -> Answer<inbox::Stats> {
        self.0.seen("GetStats", &request).await?;
        Ok(Response::new(samples::stats()))
    }
}

#[tonic::async_trait]
impl EventService for Fake {
    type WatchEventsStream = Pin<Box<dyn Stream<Item = Result<inbox::Event, Status>> + Send>>;

    async fn watch_events(&self, request: Request<inbox::WatchEventsRequest>) -> Answer<Self::WatchEventsStream> {
        self.0.seen("WatchEvents", &request).await?;
        self.0.streams.fetch_add(1, Ordering::SeqCst);
        let journal = self.0.journal.subscribe();
        let newest = journal.borrow().len() as u64;
        let after = request.into_inner().after_seq.unwrap_or(newest);
        let cut = self.0.cut.lock().unwrap().clone();
        let first = inbox::Event { seq: newest, ..inbox::Event::default() };
        let stream =
            futures::stream::unfold((Some(first), after, journal, cut), async |(first, at, mut journal, cut)| {
                if let Some(first) = first {
                    return Some((Ok(first), (None, at, journal, cut)));
                }
                let next = tokio::select! {
                    biased;
                    () = cut.cancelled() => None,
                    all = journal.wait_for(|all| all.len() as u64 > at) => all.ok().map(|all| all[at as usize].clone()),
                };
                next.map(|event| (Ok(event), (None, at + 1, journal, cut)))
            });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn list_events(&self, request: Request<inbox::ListEventsRequest>) -> Answer<inbox::ListEventsResponse> {
        self.0.seen("ListEvents", &request).await?;
        let asked = request.into_inner();
        let journal = self.0.journal.borrow();
        // Small pages, so that a replay needs several.
        let items = journal.iter().filter(|event| event.seq > asked.after_seq).take(3).cloned().collect();
        let resync = asked.after_seq < self.0.forgotten.load(Ordering::SeqCst);
        Ok(Response::new(inbox::ListEventsResponse { items, current_seq: journal.len() as u64, resync }))
    }
}

#[tonic::async_trait]
impl JournalService for Fake {
    async fn list_items(&self, request: Request<inbox::ListItemsRequest>) -> Answer<inbox::ListItemsResponse> {
        self.0.seen("ListItems", &request).await?;
        let items = vec![inbox::JournalItem { raw: String::new(), ..samples::item() }];
        Ok(Response::new(inbox::ListItemsResponse { items, next_cursor: String::new() }))
    }

    async fn get_item(&self, request: Request<inbox::GetItemRequest>) -> Answer<inbox::JournalItem> {
        self.0.seen("GetItem", &request).await?;
        Ok(Response::new(samples::item()))
    }

    async fn redrive(&self, request: Request<inbox::RedriveRequest>) -> Answer<inbox::RedriveResponse> {
        self.0.seen("Redrive", &request).await?;
        Ok(Response::new(inbox::RedriveResponse { count: 7 }))
    }

    async fn summarize_journal(
        &self,
        request: Request<inbox::SummarizeJournalRequest>,
    ) -> Answer<inbox::JournalSummary> {
        self.0.seen("SummarizeJournal", &request).await?;
        Ok(Response::new(samples::summary()))
    }
}

#[tonic::async_trait]
impl WebhookService for Fake {
    async fn ingest(&self, request: Request<inbox::IngestRequest>) -> Answer<inbox::IngestResponse> {
        self.0.seen("Ingest", &request).await?;
        let request = request.into_inner();
        self.0.kept.lock().unwrap().push((request.platform, request.body));
        Ok(Response::new(inbox::IngestResponse { event_id: samples::MESSAGE.into() }))
    }
}
