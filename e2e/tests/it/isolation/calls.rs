//! Every gRPC method, with another business's ids.

use std::time::Duration;

use chatdesk_platform::db::testing::test_secret;
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Identity, Keyring, ServiceName};
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as tenants;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::{Owned, catalogue, channels, leaving, owned, teaching};
use crate::api::text;
use crate::shop::House;

#[tokio::test]
async fn every_grpc_call_with_anothers_ids_is_not_found() {
    let house = House::shared().await;
    let owned = owned(&house).await;
    let other = house.shop("Tiệm gRPC").await;
    let keyring = Keyring::derived(&test_secret());
    let url = text(&house.run["grpc_url"]);
    let client = |to: ServiceName| {
        let minter = keyring.minter(ServiceName::Cli).expect("the operator's key");
        let peer = Peer::remote(to, &url, &Default::default(), minter, Clock::system()).expect("loopback");
        let as_other = Identity::Service { name: ServiceName::Cli, tenant: Some(other.id.parse().expect("a UUID")) };
        peer.client(&as_other, Duration::from_secs(20), None).expect("a token")
    };
    let mut contacts = inbox::contact_service_client::ContactServiceClient::new(client(ServiceName::Inbox));
    let mut conversations =
        inbox::conversation_service_client::ConversationServiceClient::new(client(ServiceName::Inbox));
    let mut messages = inbox::message_service_client::MessageServiceClient::new(client(ServiceName::Inbox));
    let mut journal = inbox::journal_service_client::JournalServiceClient::new(client(ServiceName::Inbox));
    let mut labels = inbox::label_service_client::LabelServiceClient::new(client(ServiceName::Inbox));
    let mut notes = inbox::note_service_client::NoteServiceClient::new(client(ServiceName::Inbox));
    let mut replies = tenants::saved_reply_service_client::SavedReplyServiceClient::new(client(ServiceName::Tenants));
    let Owned { conversation, contact, saved_reply, label, note, message, .. } = &owned;

    let codes = [
        (
            "UpdateSavedReply",
            code(
                replies
                    .update_saved_reply(tenants::UpdateSavedReplyRequest {
                        id: saved_reply.clone(),
                        shortcut: "x".into(),
                        text: "x".into(),
                    })
                    .await,
            ),
        ),
        (
            "DeleteSavedReply",
            code(replies.delete_saved_reply(tenants::DeleteSavedReplyRequest { id: saved_reply.clone() }).await),
        ),
        (
            "UpdateLabel",
            code(
                labels.update_label(inbox::UpdateLabelRequest { id: label.clone(), name: "x".into(), color: 1 }).await,
            ),
        ),
        ("DeleteLabel", code(labels.delete_label(inbox::DeleteLabelRequest { id: label.clone() }).await)),
        (
            "ListNotes",
            code(
                notes
                    .list_notes(inbox::ListNotesRequest { conversation_id: conversation.clone(), ..Default::default() })
                    .await,
            ),
        ),
        (
            "AddNote",
            code(
                notes.add_note(inbox::AddNoteRequest { conversation_id: conversation.clone(), text: "x".into() }).await,
            ),
        ),
        (
            "DeleteNote",
            code(
                notes
                    .delete_note(inbox::DeleteNoteRequest { conversation_id: conversation.clone(), id: note.clone() })
                    .await,
            ),
        ),
        (
            "UpdateConversation",
            code(
                conversations
                    .update_conversation(inbox::UpdateConversationRequest {
                        conversation_id: conversation.clone(),
                        status: inbox::ConversationStatus::Closed.into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "MarkRead",
            code(conversations.mark_read(inbox::MarkReadRequest { conversation_id: conversation.clone() }).await),
        ),
        (
            "MarkUnread",
            code(conversations.mark_unread(inbox::MarkUnreadRequest { conversation_id: conversation.clone() }).await),
        ),
        (
            "RetryMessage",
            code(
                messages
                    .retry_message(inbox::RetryMessageRequest {
                        conversation_id: conversation.clone(),
                        message_id: message.clone(),
                    })
                    .await,
            ),
        ),
        ("GetContact", code(contacts.get_contact(inbox::GetContactRequest { id: contact.clone() }).await)),
        (
            "GetConversation",
            code(conversations.get_conversation(inbox::GetConversationRequest { id: conversation.clone() }).await),
        ),
        (
            "SetAiEnabled",
            code(
                conversations
                    .set_ai_enabled(inbox::SetAiEnabledRequest {
                        conversation_id: conversation.clone(),
                        is_ai_enabled: false,
                    })
                    .await,
            ),
        ),
        (
            "ListMessages",
            code(
                messages
                    .list_messages(inbox::ListMessagesRequest {
                        conversation_id: conversation.clone(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "SendMessage",
            code(
                messages
                    .send_message(inbox::SendMessageRequest {
                        conversation_id: conversation.clone(),
                        text: "x".into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "ResolveMessage",
            code(
                messages
                    .resolve_message(inbox::ResolveMessageRequest {
                        conversation_id: conversation.clone(),
                        message_id: message.clone(),
                        was_delivered: true,
                    })
                    .await,
            ),
        ),
        (
            "RefreshAttachments",
            code(
                messages
                    .refresh_attachments(inbox::RefreshAttachmentsRequest {
                        conversation_id: conversation.clone(),
                        message_id: message.clone(),
                    })
                    .await,
            ),
        ),
        ("GetItem", code(journal.get_item(inbox::GetItemRequest { id: owned.item.clone() }).await)),
        (
            "Redrive",
            code(journal.redrive(inbox::RedriveRequest { id: owned.item.clone(), ..Default::default() }).await),
        ),
    ];
    let connected = channels::codes(&owned, client(ServiceName::Tenants)).await;
    let taught = teaching::codes(&owned, client(ServiceName::Inbox)).await;
    let sold = catalogue::codes(&owned, client(ServiceName::Catalog), client(ServiceName::Ai)).await;
    let left = leaving::codes(&owned, &client).await;
    let codes: Vec<(&str, Code)> = codes.into_iter().chain(connected).chain(taught).chain(sold).chain(left).collect();
    for (method, code) in &codes {
        assert_eq!(*code, Code::NotFound, "{method}");
    }
    let tried: Vec<&str> = codes.iter().map(|(method, _)| *method).collect();
    for method in methods() {
        let known = [tried.as_slice(), NAMES_NOTHING, catalogue::NAMES_NOTHING, leaving::NAMES_NOTHING];
        let known = known.iter().any(|known| known.contains(&method.as_str()));
        assert!(known, "{method} is neither tried with another's ids nor known to take none");
    }
    let listed = conversations.list_conversations(inbox::ListConversationsRequest::default()).await.expect("an answer");
    assert!(listed.into_inner().items.is_empty());
    let search = inbox::ListConversationsRequest { q: "ao".into(), ..Default::default() };
    let found = conversations.list_conversations(search).await.expect("an answer");
    assert!(found.into_inner().items.is_empty());
    let counts = conversations.count_conversations(inbox::CountConversationsRequest {}).await.expect("an answer");
    assert_eq!(counts.into_inner(), inbox::ConversationCounts::default());
    assert!(labels.list_labels(inbox::ListLabelsRequest {}).await.expect("an answer").into_inner().items.is_empty());
    let listed = journal.list_items(inbox::ListItemsRequest::default()).await.expect("an answer");
    assert!(listed.into_inner().items.is_empty());
}

/// Methods that take no id of a tenant's thing, or answer without the things of other tenants (tried below), or are not for tenants.
const NAMES_NOTHING: &[&str] = &[
    "StartConnect",
    "FinishConnect",
    "RequestTransfer",
    "ListTransfers",
    "Deauthorize",
    "RequestDeletion",
    "GetDeletion",
    // A grant is its user's; an operator's client has none.
    "ConnectGranted",
    "CountConversations",
    "ListItems",
    "SummarizeJournal",
    "ListUnanswered",
    "StartReplay",
    "ListLabels",
    "CreateLabel",
    "GetStats",
    "Register",
    "Login",
    "Refresh",
    "Logout",
    "GetProfile",
    "UpdateProfile",
    "ChangePassword",
    "ListSessions",
    // Of the caller's own; an operator's client has none.
    "EndSession",
    "EndAllSessions",
    "ListMembers",
    "AddMember",
    "ListSavedReplies",
    "CreateSavedReply",
    "CreateAdmin",
    "IssueTicket",
    "RedeemTicket",
    "CheckSessions",
    "RequestPasswordReset",
    "ResetPassword",
    "StartTotp",
    "ConfirmTotp",
    "DisableTotp",
    "SetUpTotp",
    "ClearTotp",
    // By a member's own session; an operator's client has none.
    "ListInvitations",
    "CreateInvitation",
    "RevokeInvitation",
    "ChangeRole",
    "RemoveMember",
    "GetInvitation",
    "AcceptInvitation",
    // The installation's own.
    "ListTenants",
    "GetTenant",
    "SetCap",
    "ListChannelHealth",
    "ListUsage",
    "EnterTenant",
    "NoteWork",
    "NoteRefusal",
    "ListAdminAudit",
    "GetSystem",
    "ListFailedWork",
    "RetryWork",
    "DiscardWork",
    "ListAudit",
    "ListNotices",
    "SuspendTenant",
    "ResumeTenant",
    "ListChannels",
    "ConnectChannel",
    "GetAssistantSettings",
    "UpdateAssistantSettings",
    "ReserveTokens",
    "SettleTokens",
    "Ingest",
    "ListContacts",
    "ListConversations",
    "WatchEvents",
    "ListEvents",
    "Answer",
    "Recheck",
    "Retrieve",
];

/// Every method of every service.
fn methods() -> Vec<String> {
    let files = FileDescriptorSet::decode(chatdesk_proto::FILE_DESCRIPTOR_SET).expect("our own descriptors");
    let ours = files.file.into_iter().filter(|file| file.package().starts_with("chatdesk."));
    let services = ours.flat_map(|file| file.service);
    services.flat_map(|service| service.method).map(|method| method.name().to_owned()).collect()
}

pub fn code<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Code {
    answer.err().map_or(Code::Ok, |status| status.code())
}
