//! Files that people send, and messages that are sent again.

use chatdesk_platform::{Problem, Role, new_id};
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::{AttachmentKind, Platform, SendTag, UploadedAttachment};
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, account, echo, hours_ago, message, now_ms, page};
use crate::vendors::{refused, unknown};

async fn with_customer(house: &House, at: i64) -> String {
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c1", "m1", "hi", at)])).await;
    house.idle().await;
    house.conversation().await.id
}

/// A picture that was uploaded for a channel; gives its id.
fn uploaded(house: &House, channel: uuid::Uuid) -> String {
    let upload = UploadedAttachment {
        id: new_id().to_string(),
        channel_id: channel.to_string(),
        kind: AttachmentKind::Image.into(),
        name: "áo.png".to_owned(),
        size: 7,
        content_type: "image/png".to_owned(),
    };
    house.meta.uploads.lock().unwrap().push(upload.clone());
    upload.id
}

async fn send(house: &House, id: &str, text: &str, attachment: &str, key: &str) -> Result<Message, Status> {
    let request = SendMessageRequest {
        conversation_id: id.to_owned(),
        text: text.to_owned(),
        idempotency_key: key.to_owned(),
        attachment_id: attachment.to_owned(),
        ..Default::default()
    };
    Ok(MessageServiceClient::new(house.agent()).send_message(request).await?.into_inner())
}

async fn retry(house: &House, id: &str, message: &str) -> Result<Message, Status> {
    let request = RetryMessageRequest { conversation_id: id.to_owned(), message_id: message.to_owned() };
    Ok(MessageServiceClient::new(house.agent()).retry_message(request).await?.into_inner())
}

fn code(error: &Status) -> (Code, String) {
    (error.code(), Problem::from(error).code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_sent_once_and_shows_what_metas_echo_shows() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    let upload = uploaded(&house, house.shop.facebook.0);
    let queued = send(&house, &id, "", &upload, "k1").await.unwrap();
    let shown = Attachment { kind: "image".to_owned(), url: String::new(), title: "áo.png".to_owned() };
    assert_eq!((queued.content.as_str(), queued.attachments.as_slice()), ("", [shown].as_slice()));
    assert_eq!(queued.client_id, "k1");
    assert!(!queued.author_id.is_empty());
    let sent = house.see("a sent file", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let handed = house.meta.sent_files.lock().unwrap().clone();
    assert_eq!(handed.len(), 1);
    assert_eq!((handed[0].attachment_id.as_str(), handed[0].recipient_id.as_str()), (upload.as_str(), "c1"));
    assert_eq!((handed[0].tag(), handed[0].metadata.as_str()), (SendTag::Response, queued.id.as_str()));
    assert_eq!(send(&house, &id, "", &upload, "k1").await.unwrap().id, queued.id);
    let other = uploaded(&house, house.shop.facebook.0);
    assert_eq!(code(&send(&house, &id, "", &other, "k1").await.unwrap_err()).1, "idempotency_key_reused");

    let before = house.events(0).await.current_seq;
    let mut shown = echo("c1", &sent[1].platform_message_id, "", Some(&queued.id));
    shown["message"]["attachments"] = json!([{"type": "image", "payload": {"url": "https://cdn.example/1.png"}}]);
    house.post(Platform::Facebook, &page(&house.shop, vec![shown])).await;
    house.idle().await;
    let seen = house.messages(&id).await;
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (seen[1].attachments[0].url.as_str(), seen[1].attachments[0].title.as_str()),
        ("https://cdn.example/1.png", "áo.png")
    );
    assert!(house.events(before).await.items.iter().any(|event| event.r#type() == EventType::MessageUpdated));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instagrams_echo_of_a_file_is_known_by_its_mid_and_on_its_way_by_being_a_file() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "hi", now_ms())])).await;
    house.idle().await;
    let id = house.conversation().await.id;
    let shown = |mid: &str, url: &str| {
        let mut shown = echo("c1", mid, "", None);
        shown["message"].as_object_mut().unwrap().remove("text");
        shown["message"]["attachments"] = json!([{"type": "image", "payload": {"url": url}}]);
        account(&house.shop, vec![shown])
    };
    let first = uploaded(&house, house.shop.instagram.0);
    send(&house, &id, "", &first, "").await.unwrap();
    let sent = house.see("a sent file", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.post(Platform::Instagram, &shown(&sent[1].platform_message_id, "https://cdn.example/1.png")).await;
    house.idle().await;
    assert_eq!(house.messages(&id).await[1].attachments[0].url, "https://cdn.example/1.png");

    house.meta.gate.close();
    let second = uploaded(&house, house.shop.instagram.0);
    let queued = send(&house, &id, "", &second, "").await.unwrap();
    house.meta.gate.visitor().await;
    house.post(Platform::Instagram, &shown(&format!("mid-{}", queued.id), "https://cdn.example/2.png")).await;
    house.ingested().await;
    house.meta.gate.open();
    let seen = house.see("the second file", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    assert_eq!(seen[2].attachments[0].url, "https://cdn.example/2.png");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_colleagues_voice_is_not_our_picture() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "hi", now_ms())])).await;
    house.idle().await;
    let id = house.conversation().await.id;
    house.meta.script.lock().unwrap().extend([unknown(), unknown()]);
    let shown = |mid: &str, kind: &str| {
        let mut shown = echo("c1", mid, "", None);
        shown["message"]["attachments"] = json!([{"type": kind, "payload": {"url": "https://cdn.example/1"}}]);
        account(&house.shop, vec![shown])
    };
    let picture = send(&house, &id, "", &uploaded(&house, house.shop.instagram.0), "").await.unwrap().id;
    house.see("an unknown send", |all| all.len() == 2 && all[1].status() == MessageStatus::Unknown).await;
    house.idle().await;
    house.switches_ai(&id, true).await;
    house.post(Platform::Instagram, &shown("voice", "audio")).await;
    house.idle().await;
    let seen = house.messages(&id).await;
    let told: Vec<_> = seen.iter().map(|one| (one.platform_message_id.as_str(), one.status())).collect();
    assert_eq!(told[1..], [("", MessageStatus::Unknown), ("voice", MessageStatus::Sent)]);
    assert_eq!(seen[2].sender_type(), SenderType::Business);
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Paused);

    // With a second picture nobody can say whose echo comes; alone, it is the first one's.
    let second = send(&house, &id, "", &uploaded(&house, house.shop.instagram.0), "").await.unwrap().id;
    house
        .see("a second unknown send", |all| {
            all.iter().any(|one| one.id == second && one.status() == MessageStatus::Unknown)
        })
        .await;
    house.idle().await;
    house.post(Platform::Instagram, &shown("either", "image")).await;
    house.idle().await;
    let unknown = house.messages(&id).await.into_iter().filter(|one| one.status() == MessageStatus::Unknown).count();
    assert_eq!(unknown, 2);
    house.sql("update inbox.messages set sending_at = now() - interval '1 hour' where arrival > 2").await;
    house.post(Platform::Instagram, &shown("first", "image")).await;
    house.idle().await;
    let seen = house.messages(&id).await;
    let first = seen.iter().find(|one| one.id == picture).unwrap();
    assert_eq!((first.status(), first.platform_message_id.as_str()), (MessageStatus::Sent, "first"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_sent_again_stands_last() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house.meta.script.lock().unwrap().push_back(refused("blocked"));
    let first = house.sends(&id, "Chào", "").await.unwrap().id;
    house.see("a failed message", |all| all.len() == 2 && all[1].status() == MessageStatus::Failed).await;
    house.writes("c1", "alo").await;
    house.writes("c2", "chào shop").await;
    house.idle().await;
    assert_ne!(house.conversations().await[0].id, id);
    retry(&house, &id, &first).await.unwrap();
    house.idle().await;
    let seen = house.messages(&id).await;
    assert_eq!((seen.len(), seen[2].id.as_str(), seen[2].status()), (3, first.as_str(), MessageStatus::Sent));
    let listed = house.conversations().await;
    assert_eq!(listed[0].id, id);
    assert_eq!(listed[0].last_message.as_ref().unwrap().id, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_upload_of_the_channel_is_refused() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    let elsewhere = uploaded(&house, house.shop.instagram.0);
    let right = uploaded(&house, house.shop.facebook.0);
    let nowhere = new_id().to_string();
    for (text, upload, wanted) in [
        ("", elsewhere.as_str(), "unknown"),
        ("", nowhere.as_str(), "unknown"),
        ("", "x", "unknown"),
        ("chào", right.as_str(), "exclusive"),
    ] {
        let error = send(&house, &id, text, upload, "").await.unwrap_err();
        let fields = Problem::from(&error).fields;
        assert_eq!((fields[0].field.as_str(), fields[0].code.as_str()), ("attachment_id", wanted));
    }
    let missing = send(&house, &nowhere, "", &right, "").await.unwrap_err();
    assert_eq!(missing.code(), Code::NotFound);
    assert_eq!(house.messages(&id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_persons_failed_message_is_sent_again() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house.meta.script.lock().unwrap().extend([refused("blocked"), refused("blocked"), unknown()]);
    let first = house.sends(&id, "Chào", "").await.unwrap().id;
    let failed = |all: &[Message]| all.len() == 2 && all[1].status() == MessageStatus::Failed;
    house.see("a failed message", failed).await;
    house.idle().await;
    let before = house.events(0).await.current_seq;
    let again = retry(&house, &id, &first).await.unwrap();
    assert_eq!((again.id.as_str(), again.failure), (first.as_str(), None));
    house.see("a second failure", failed).await;
    house.idle().await;
    assert!(house.events(before).await.items.len() >= 3, "queued, sending and failed are told");
    retry(&house, &id, &first).await.unwrap();
    house.see("an unknown send", |all| all[1].status() == MessageStatus::Unknown).await;
    house.idle().await;
    assert_eq!(house.sent().len(), 3);
    assert_eq!(
        code(&retry(&house, &id, &first).await.unwrap_err()),
        (Code::FailedPrecondition, "not_failed".to_owned())
    );
    let second = house.sends(&id, "Lần nữa", "").await.unwrap().id;
    house.see("a sent message", |all| all.len() == 3 && all[2].status() == MessageStatus::Sent).await;
    let received = house.messages(&id).await[0].id.clone();
    for message in [second, received] {
        assert_eq!(code(&retry(&house, &id, &message).await.unwrap_err()).1, "not_failed");
    }
    for nothing in ["x".to_owned(), new_id().to_string()] {
        assert_eq!(retry(&house, &id, &nothing).await.unwrap_err().code(), Code::NotFound);
        assert_eq!(retry(&house, &nothing, &first).await.unwrap_err().code(), Code::NotFound);
    }
    let viewer = RetryMessageRequest { conversation_id: id, message_id: first };
    let error = MessageServiceClient::new(house.as_role(Role::Viewer)).retry_message(viewer).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_message_is_not_sent_again_outside_the_window_and_an_old_one_counts_from_now() {
    let house = House::new().await;
    let id = with_customer(&house, hours_ago(1)).await;
    house.meta.script.lock().unwrap().push_back(refused("blocked"));
    let first = house.sends(&id, "Chào", "").await.unwrap().id;
    house.see("a failed message", |all| all.len() == 2 && all[1].status() == MessageStatus::Failed).await;
    house.idle().await;
    house.sql("update inbox.conversations set last_opening_at = now() - interval '8 days'").await;
    assert_eq!(code(&retry(&house, &id, &first).await.unwrap_err()).1, "window_closed");
    house.sql("update inbox.conversations set last_opening_at = now() - interval '2 days'").await;
    house.sql("update routing.channels set is_active = false").await;
    assert_eq!(code(&retry(&house, &id, &first).await.unwrap_err()).1, "channel_disconnected");
    house.sql("update routing.channels set is_active = true").await;
    house.sql("update inbox.messages set received_at = now() - interval '3 hours'").await;
    retry(&house, &id, &first).await.unwrap();
    house.see("a sent message", |all| all[1].status() == MessageStatus::Sent).await;
    assert_eq!(house.sent()[1].tag(), SendTag::HumanAgent);
}
