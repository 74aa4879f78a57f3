//! Two businesses, and every operation of one tried with the other's ids.

use std::time::Duration;

use chatdesk_platform::db::testing::test_secret;
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Identity, Keyring, ServiceName};
use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as tenants;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use reqwest::Method;
use serde_json::{Value, json};
use tonic::Code;

use crate::api::text;
use crate::shop::{House, Shop};

/// What the owner of the ids has.
struct Owned {
    shop: Shop,
    product: String,
    conversation: String,
    contact: String,
    channel: String,
    saved_reply: String,
    session: String,
    attachment: String,
    label: String,
    note: String,
    message: String,
}

async fn owned(house: &House) -> Owned {
    let (shop, page) = house.shop_with_page("Tiệm Bí Mật", "facebook").await;
    let customer = format!("63{}", uuid::Uuid::new_v4().as_u128() % 1_000_000_000_000);
    house.write(&page, &customer, "Áo thun đỏ giá bao nhiêu?").await;
    let conversation = shop.conversation(&customer).await;
    let products = shop.api.all("/api/products").await;
    let channels = shop.api.all("/api/channels").await;
    let reply = json!({"shortcut": "ship", "text": "30.000đ ạ"});
    let reply = shop.api.post("/api/saved-replies", reply).await.expect(201);
    let sessions = shop.api.get("/api/auth/sessions").await.expect(200);
    let path = format!("/api/conversations/{}/attachments", text(&conversation["id"]));
    let upload = shop.api.upload(&path, "image/png", "a.png", vec![1]).await.expect(201);
    let label = shop.api.post("/api/labels", json!({"name": "Khách quen", "color": "red"})).await.expect(201);
    let path = format!("/api/conversations/{}", text(&conversation["id"]));
    let note = shop.api.post(&format!("{path}/notes"), json!({"text": "bí mật"})).await.expect(201);
    let messages = shop.api.all(&format!("{path}/messages")).await;
    Owned {
        label: text(&label["id"]),
        note: text(&note["id"]),
        message: text(&messages[0]["id"]),
        attachment: text(&upload["id"]),
        saved_reply: text(&reply["id"]),
        session: text(&sessions["items"][0]["id"]),
        product: text(&products[0]["id"]),
        conversation: text(&conversation["id"]),
        contact: text(&conversation["contact"]["id"]),
        channel: text(&channels[0]["id"]),
        shop,
    }
}

/// Operations that name a thing, by their OpenAPI path, with a body that would be right.
fn operations(of: &Owned) -> Vec<(&'static str, Method, String, Option<Value>)> {
    let Owned { product, conversation, contact, channel, .. } = of;
    let Owned { saved_reply, session, label, note, message, .. } = of;
    let at = format!("/api/conversations/{conversation}");
    vec![
        ("/api/labels/{id}", Method::PUT, format!("/api/labels/{label}"), Some(json!({"name": "x", "color": "red"}))),
        ("/api/labels/{id}", Method::DELETE, format!("/api/labels/{label}"), None),
        ("/api/conversations/{id}", Method::PATCH, at.clone(), Some(json!({"status": "closed"}))),
        ("/api/conversations/{id}/read", Method::POST, format!("{at}/read"), None),
        ("/api/conversations/{id}/unread", Method::POST, format!("{at}/unread"), None),
        ("/api/conversations/{id}/notes", Method::GET, format!("{at}/notes"), None),
        ("/api/conversations/{id}/notes", Method::POST, format!("{at}/notes"), Some(json!({"text": "x"}))),
        ("/api/conversations/{id}/notes/{note_id}", Method::DELETE, format!("{at}/notes/{note}"), None),
        (
            "/api/conversations/{id}/messages/{message_id}/retry",
            Method::POST,
            format!("{at}/messages/{message}/retry"),
            None,
        ),
        (
            "/api/saved-replies/{id}",
            Method::PUT,
            format!("/api/saved-replies/{saved_reply}"),
            Some(json!({"shortcut": "x", "text": "x"})),
        ),
        ("/api/saved-replies/{id}", Method::DELETE, format!("/api/saved-replies/{saved_reply}"), None),
        ("/api/auth/sessions/{id}", Method::DELETE, format!("/api/auth/sessions/{session}"), None),
        ("/api/products/{id}/restore", Method::POST, format!("/api/products/{product}/restore"), None),
        ("/api/products/{id}", Method::GET, format!("/api/products/{product}"), None),
        (
            "/api/products/{id}",
            Method::PUT,
            format!("/api/products/{product}"),
            Some(json!({"name": "Của tôi", "price": "1"})),
        ),
        ("/api/products/{id}", Method::DELETE, format!("/api/products/{product}"), None),
        ("/api/contacts/{id}", Method::GET, format!("/api/contacts/{contact}"), None),
        ("/api/conversations/{id}", Method::GET, format!("/api/conversations/{conversation}"), None),
        (
            "/api/conversations/{id}/ai",
            Method::PATCH,
            format!("/api/conversations/{conversation}/ai"),
            Some(json!({"is_ai_enabled": false})),
        ),
        (
            "/api/conversations/{id}/attachments",
            Method::POST,
            format!("/api/conversations/{conversation}/attachments"),
            Some(json!({})),
        ),
        ("/api/conversations/{id}/messages", Method::GET, format!("/api/conversations/{conversation}/messages"), None),
        (
            "/api/conversations/{id}/messages",
            Method::POST,
            format!("/api/conversations/{conversation}/messages"),
            Some(json!({"text": "xin chào"})),
        ),
        ("/api/channels/{id}", Method::DELETE, format!("/api/channels/{channel}"), None),
    ]
}

#[tokio::test]
async fn every_rest_operation_with_anothers_ids_is_not_found_as_if_there_were_none() {
    let house = House::shared().await;
    let owned = owned(&house).await;
    let other = house.shop("Tiệm Tò Mò").await;
    let operations = operations(&owned);
    for (_, method, path, body) in &operations {
        let answer = other.api.call(method.clone(), path, body.clone()).await;
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.body);
        let nowhere = path.replace(
            [
                &owned.product,
                &owned.contact,
                &owned.conversation,
                &owned.channel,
                &owned.saved_reply,
                &owned.session,
                &owned.label,
            ]
            .iter()
            .find(|id| path.contains(**id))
            .expect("an id")
            .as_str(),
            &uuid::Uuid::now_v7().to_string(),
        );
        let nothing = other.api.call(method.clone(), &nowhere, body.clone()).await;
        let strip = |mut body: Value| {
            body.as_object_mut().map(|fields| fields.remove("request_id"));
            body
        };
        assert_eq!(strip(answer.body), strip(nothing.body), "{method} {path}");
    }

    // An operation that is added later must be added here too.
    let spec = house.api.get("/api/openapi.json").await.expect(200);
    let paths = spec["paths"].as_object().expect("paths");
    for (path, item) in paths.iter().filter(|(path, _)| path.contains("{id}") && !path.starts_with("/api/admin/")) {
        for method in item.as_object().expect("operations").keys() {
            let covered =
                operations.iter().any(|(known, verb, ..)| known == path && verb.as_str().eq_ignore_ascii_case(method));
            assert!(covered, "{method} {path} is not tried with another's ids");
        }
    }

    // The lists of the other business are empty, and the owner's things are untouched.
    for list in
        ["/api/products", "/api/contacts", "/api/conversations", "/api/channels", "/api/saved-replies", "/api/labels"]
    {
        assert!(other.api.all(list).await.is_empty(), "{list}");
    }
    let conversation = owned.shop.api.get(&format!("/api/conversations/{}", owned.conversation)).await.expect(200);
    assert_eq!(conversation["is_ai_enabled"], true);
    owned.shop.api.get(&format!("/api/products/{}", owned.product)).await.expect(200);
}

#[tokio::test]
async fn a_business_named_in_a_body_a_query_or_a_header_is_never_believed() {
    let house = House::shared().await;
    let owned = owned(&house).await;
    let other = house.shop("Tiệm Láu").await;
    let body = json!({"name": "Áo", "price": "1000", "tenant_id": owned.shop.id, "business_id": owned.shop.id});
    let made = other.api.post(&format!("/api/products?tenant_id={}", owned.shop.id), body).await.expect(201);
    owned.shop.api.get(&format!("/api/products/{}", text(&made["id"]))).await.problem(404);
}

#[tokio::test]
async fn a_page_of_another_business_cannot_be_connected() {
    let house = House::shared().await;
    let (_shop, page) = house.shop_with_page("Tiệm Chủ", "instagram").await;
    let other = house.shop("Tiệm Khác").await;
    let refused = other.connect(&page).await;
    assert_eq!(refused.status.as_u16(), 409);
    assert!(!refused.body.to_string().contains("Tiệm Chủ"), "{}", refused.body);
}

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
    let mut products = catalog::product_service_client::ProductServiceClient::new(client(ServiceName::Catalog));
    let mut contacts = inbox::contact_service_client::ContactServiceClient::new(client(ServiceName::Inbox));
    let mut conversations =
        inbox::conversation_service_client::ConversationServiceClient::new(client(ServiceName::Inbox));
    let mut messages = inbox::message_service_client::MessageServiceClient::new(client(ServiceName::Inbox));
    let mut searches = catalog::search_service_client::SearchServiceClient::new(client(ServiceName::Catalog));
    let mut index = catalog::index_service_client::IndexServiceClient::new(client(ServiceName::Catalog));
    let mut answers = ai::answer_service_client::AnswerServiceClient::new(client(ServiceName::Ai));
    let mut channels = tenants::channel_service_client::ChannelServiceClient::new(client(ServiceName::Tenants));
    let mut labels = inbox::label_service_client::LabelServiceClient::new(client(ServiceName::Inbox));
    let mut notes = inbox::note_service_client::NoteServiceClient::new(client(ServiceName::Inbox));
    let mut replies = tenants::saved_reply_service_client::SavedReplyServiceClient::new(client(ServiceName::Tenants));
    let Owned { product, conversation, contact, channel, saved_reply, label, note, message, .. } = &owned;

    let send = tenants::SendTextRequest {
        channel_id: channel.clone(),
        recipient_id: "1".into(),
        text: "x".into(),
        tag: tenants::SendTag::Response.into(),
        ..Default::default()
    };
    let codes = [
        ("GetProduct", code(products.get_product(catalog::GetProductRequest { id: product.clone() }).await)),
        (
            "UpdateProduct",
            code(
                products
                    .update_product(catalog::UpdateProductRequest {
                        id: product.clone(),
                        name: Some("x".into()),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        ("DeleteProduct", code(products.delete_product(catalog::DeleteProductRequest { id: product.clone() }).await)),
        (
            "RestoreProduct",
            code(products.restore_product(catalog::RestoreProductRequest { id: product.clone() }).await),
        ),
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
            "DisconnectChannel",
            code(channels.disconnect_channel(tenants::DisconnectChannelRequest { id: channel.clone() }).await),
        ),
        ("SendText", code(channels.send_text(send).await)),
        (
            "UploadAttachment",
            code({
                let start = tenants::UploadStart {
                    channel_id: channel.clone(),
                    file_name: "a.png".into(),
                    content_type: "image/png".into(),
                    size: 1,
                };
                let part = Some(tenants::upload_attachment_request::Part::Start(start));
                channels.upload_attachment(futures::stream::iter([tenants::UploadAttachmentRequest { part }])).await
            }),
        ),
        (
            "GetAttachment",
            code(channels.get_attachment(tenants::GetAttachmentRequest { id: owned.attachment.clone() }).await),
        ),
        (
            "SendAttachment",
            code(
                channels
                    .send_attachment(tenants::SendAttachmentRequest {
                        channel_id: channel.clone(),
                        recipient_id: "1".into(),
                        attachment_id: owned.attachment.clone(),
                        tag: tenants::SendTag::Response.into(),
                        ..Default::default()
                    })
                    .await,
            ),
        ),
        (
            "FetchContactProfile",
            code(
                channels
                    .fetch_contact_profile(tenants::FetchContactProfileRequest {
                        channel_id: channel.clone(),
                        platform_user_id: "1".into(),
                    })
                    .await,
            ),
        ),
    ];
    for (method, code) in codes {
        assert_eq!(code, Code::NotFound, "{method}");
    }
    let tried: Vec<&str> = codes.iter().map(|(method, _)| *method).collect();
    for method in methods() {
        let known = tried.contains(&method.as_str()) || NAMES_NOTHING.contains(&method.as_str());
        assert!(known, "{method} is neither tried with another's ids nor known to take none");
    }
    let found =
        products.get_products(catalog::GetProductsRequest { ids: vec![product.clone()] }).await.expect("an answer");
    assert!(found.into_inner().items.is_empty());
    let listed = conversations.list_conversations(inbox::ListConversationsRequest::default()).await.expect("an answer");
    assert!(listed.into_inner().items.is_empty());
    let search = inbox::ListConversationsRequest { q: "ao".into(), ..Default::default() };
    let found = conversations.list_conversations(search).await.expect("an answer");
    assert!(found.into_inner().items.is_empty());
    let counts = conversations.count_conversations(inbox::CountConversationsRequest {}).await.expect("an answer");
    assert_eq!(counts.into_inner(), inbox::ConversationCounts::default());
    assert!(labels.list_labels(inbox::ListLabelsRequest {}).await.expect("an answer").into_inner().items.is_empty());
    let found = searches.search(catalog::SearchRequest { text: "áo thun đỏ".into(), ..Default::default() }).await;
    assert!(found.expect("an answer").into_inner().items.is_empty());
    let used =
        ai::UsedProduct { id: product.clone(), price_minor: 150_000, currency: "VND".into(), ..Default::default() };
    let stale = answers.recheck(ai::RecheckRequest { products: vec![used] }).await.expect("an answer").into_inner();
    assert_eq!(stale.stale_product_ids, std::slice::from_ref(product), "another's product is as good as gone");
    let vector = catalog::Embedding { product_id: product.clone(), text_hash: "x".into(), vector: Vec::new() };
    let request = catalog::StoreEmbeddingsRequest { model: "all-MiniLM-L6-v2".into(), items: vec![vector] };
    assert_eq!(index.store_embeddings(request).await.expect("an answer").into_inner().stored, 0);
}

/// Methods that take no id of a tenant's thing, or answer without the things of other tenants (tried below), or are not for tenants.
const NAMES_NOTHING: [&str; 44] = [
    "CountConversations",
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
    "ListProducts",
    "GetProducts",
    "CreateProduct",
    "Search",
    "ClaimEmbeddings",
    "StoreEmbeddings",
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

fn code<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Code {
    answer.err().map_or(Code::Ok, |status| status.code())
}
