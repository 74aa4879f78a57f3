//! What the API refuses, and how its lists turn their pages.

use chatdesk_platform::{Problem, Role};
use chatdesk_proto::inbox::v1::contact_service_client::ContactServiceClient;
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::event_service_client::EventServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use tonic::{Code, Status};

use crate::house::{House, account, message, now_ms, page};

fn fields(error: &Status) -> Vec<(String, String)> {
    let problem = Problem::from(error);
    problem.fields.into_iter().map(|field| (field.field, field.code)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_tenants_ids_and_broken_ids_are_not_found() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.idle().await;
    let conversation = house.conversation().await;
    let contact = conversation.contact.unwrap().id;
    for id in [conversation.id.as_str(), "not-an-id", "0193a000-0000-7000-8000-000000000001"] {
        let id = id.to_owned();
        let mut conversations = ConversationServiceClient::new(house.stranger());
        let mut messages = MessageServiceClient::new(house.stranger());
        let get = conversations.get_conversation(GetConversationRequest { id: id.clone() }).await.map(drop);
        let switch = SetAiEnabledRequest { conversation_id: id.clone(), is_ai_enabled: false };
        let switch = conversations.set_ai_enabled(switch).await.map(drop);
        let list = ListMessagesRequest { conversation_id: id.clone(), ..Default::default() };
        let list = messages.list_messages(list).await.map(drop);
        let send = SendMessageRequest { conversation_id: id, text: "x".to_owned(), ..Default::default() };
        let send = messages.send_message(send).await.map(drop);
        for answer in [get, switch, list, send] {
            let error = answer.unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::NotFound, "conversation not found"));
        }
    }
    for id in [contact.as_str(), "x"] {
        let mut contacts = ContactServiceClient::new(house.stranger());
        let error = contacts.get_contact(GetContactRequest { id: id.to_owned() }).await.unwrap_err();
        assert_eq!((error.code(), error.message()), (Code::NotFound, "contact not found"));
        assert!(contacts.list_contacts(ListContactsRequest::default()).await.unwrap().into_inner().items.is_empty());
    }
    let mine = ContactServiceClient::new(house.agent()).get_contact(GetContactRequest { id: contact }).await.unwrap();
    assert_eq!(mine.into_inner().platform_user_id, "c1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_fields_are_all_named() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c2", "i1", "one", now_ms())])).await;
    house.idle().await;
    let all = house.conversations().await;
    let on = |platform: Platform| all.iter().find(|c| c.platform() == platform).unwrap().id.clone();
    let (facebook, instagram) = (on(Platform::Facebook), on(Platform::Instagram));
    let cases = [
        (&facebook, String::new(), String::new(), vec![("text", "required")]),
        (&facebook, " \n".to_owned(), "k".repeat(201), vec![("idempotency_key", "too_long"), ("text", "required")]),
        (&facebook, "a".repeat(10_001), String::new(), vec![("text", "too_long")]),
        (&instagram, "ấ".repeat(10_001), String::new(), vec![("text", "too_long")]),
        (&facebook, "a\0b".to_owned(), "\0".to_owned(), vec![("idempotency_key", "malformed"), ("text", "malformed")]),
    ];
    for (id, text, key, want) in cases {
        let error = house.sends(id, &text, &key).await.unwrap_err();
        let want: Vec<_> = want.into_iter().map(|(field, code)| (field.to_owned(), code.to_owned())).collect();
        assert_eq!((error.code(), fields(&error)), (Code::InvalidArgument, want));
    }
    house.sends(&instagram, &"ấ".repeat(333), "").await.unwrap();
    let request = ListConversationsRequest { cursor: "%%%".to_owned(), limit: 201, ..Default::default() };
    let error = ConversationServiceClient::new(house.agent()).list_conversations(request).await.unwrap_err();
    let want = [("cursor", "malformed"), ("limit", "out_of_range")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(fields(&error), want);
    let request = ListEventsRequest { after_seq: 0, limit: 1001 };
    let error = EventServiceClient::new(house.agent()).list_events(request).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    let error = house.post_bytes(Platform::Unspecified, b"{}".to_vec()).await.unwrap_err();
    assert_eq!(fields(&error), [("platform".to_owned(), "required".to_owned())]);
    let error = house.post_bytes(Platform::Facebook, vec![b' '; 8 * 1024 * 1024 + 1]).await.unwrap_err();
    assert_eq!(fields(&error), [("body".to_owned(), "too_long".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_only_reads_may_not_write() {
    let house = House::new().await;
    let id = "0193a000-0000-7000-8000-000000000001".to_owned();
    let send = SendMessageRequest { conversation_id: id.clone(), text: "x".to_owned(), ..Default::default() };
    let error = MessageServiceClient::new(house.as_role(Role::Viewer)).send_message(send).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    let switch = SetAiEnabledRequest { conversation_id: id, is_ai_enabled: true };
    let error = ConversationServiceClient::new(house.as_role(Role::Viewer)).set_ai_enabled(switch).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
    let body = IngestRequest { platform: Platform::Facebook.into(), body: b"{}".to_vec() };
    let client = webhook_service_client::WebhookServiceClient::new(house.as_role(Role::Owner)).ingest(body).await;
    assert_eq!(client.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_turn_their_pages_without_loss_or_repetition() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let at = now_ms() - 1000;
    let mut items: Vec<_> =
        (0..7).map(|n| message(&format!("c{n}"), &format!("m{n}"), &format!("text {n}"), at + n % 3)).collect();
    items.extend((0..8).map(|n| message("c0", &format!("n{n}"), &format!("more {n}"), at + 100)));
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.idle().await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let request = ListConversationsRequest { cursor, limit: 3, ..Default::default() };
        let page =
            ConversationServiceClient::new(house.agent()).list_conversations(request).await.unwrap().into_inner();
        seen.extend(
            page.items.into_iter().map(|item| (item.last_message_at.map(|at| (at.seconds, at.nanos)), item.id)),
        );
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (7, &sorted));
    let first = seen[0].1.clone();
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListMessagesRequest { conversation_id: first.clone(), cursor, limit: 4, ..Default::default() };
        let page = MessageServiceClient::new(house.agent()).list_messages(request).await.unwrap().into_inner();
        texts.extend(page.items.into_iter().map(|message| message.content));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    let mut want: Vec<String> = (0..8).rev().map(|n| format!("more {n}")).collect();
    want.push("text 0".to_owned());
    assert_eq!(texts, want);
    let (mut people, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListContactsRequest { cursor, limit: 2 };
        let page = ContactServiceClient::new(house.agent()).list_contacts(request).await.unwrap().into_inner();
        people.extend(page.items.into_iter().map(|contact| contact.platform_user_id));
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    people.sort();
    people.dedup();
    assert_eq!(people.len(), 7);
}
