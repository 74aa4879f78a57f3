//! What people send besides short texts, what customers are shown meanwhile, and messages looked at again.

use std::collections::BTreeSet;

use chatdesk_platform::{Problem, Role};
use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::{
    ListMessagesRequest, ListMessagesResponse, MarkReadRequest, Message, MessageStatus, RefreshAttachmentsRequest,
    SendMessageRequest,
};
use chatdesk_proto::tenants::v1::{Card, Platform, PlatformAttachment, PlatformMessage, SenderAction};
use serde_json::json;
use tonic::{Code, Status};

use crate::house::{House, account, message, now_ms, page, until};
use crate::shelf::stamp;
use crate::vendors::{refused, unknown};

async fn with_customer(house: &House, platform: Platform) -> String {
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let items = vec![message("c1", "m1", "hi", now_ms())];
    let body = if platform == Platform::Facebook { page(&house.shop, items) } else { account(&house.shop, items) };
    house.post(platform, &body).await;
    house.idle().await;
    house.conversation().await.id
}

async fn send(house: &House, request: SendMessageRequest) -> Result<Message, Status> {
    Ok(MessageServiceClient::new(house.agent()).send_message(request).await?.into_inner())
}

fn wish(conversation: &str, text: &str) -> SendMessageRequest {
    SendMessageRequest { conversation_id: conversation.to_owned(), text: text.to_owned(), ..Default::default() }
}

/// (case 35) More than the platform takes goes out in parts that fit, in order, each after the one before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_text_goes_out_in_parts_one_after_the_other() {
    for (platform, fits) in [
        (Platform::Facebook, (|text: &str| text.encode_utf16().count() <= 2000) as fn(&str) -> bool),
        (Platform::Instagram, |text: &str| text.len() <= 1000),
    ] {
        let house = House::new().await;
        let id = with_customer(&house, platform).await;
        let text = "Dạ shop gửi anh chị ạ. ".repeat(110);
        house.meta.gate.close();
        let key = "key-1".to_owned();
        let quick_replies = vec!["Có".to_owned(), "Không".to_owned()];
        let request = SendMessageRequest { idempotency_key: key, quick_replies, ..wish(&id, &text) };
        let first = send(&house, request.clone()).await.unwrap();
        house.meta.gate.visitor().await;
        assert_eq!(house.sent().len(), 1, "part 2 waits for part 1");
        house.meta.gate.open();
        let all =
            house.see("every part", |all| all.len() > 2 && all[1..].iter().all(|m| m.status() == MessageStatus::Sent));
        let all = all.await;
        assert_eq!((first.id.as_str(), first.client_id.as_str()), (all[1].id.as_str(), "key-1"));
        assert!(all[2..].iter().all(|part| part.client_id.is_empty() && part.author_id == first.author_id));
        let sent = house.sent();
        assert!(sent.iter().all(|part| fits(&part.text)));
        let ids: Vec<_> = sent.iter().map(|part| part.metadata.clone()).collect();
        assert_eq!(ids, all[1..].iter().map(|part| part.id.clone()).collect::<Vec<_>>());
        let words: Vec<_> = sent.iter().flat_map(|part| part.text.split_whitespace()).collect();
        assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
        let (last, before) = sent.split_last().unwrap();
        let titles: Vec<_> =
            last.quick_replies.iter().map(|reply| (reply.title.as_str(), reply.payload.as_str())).collect();
        assert_eq!(titles, [("Có", "Có"), ("Không", "Không")]);
        assert!(before.iter().all(|part| part.quick_replies.is_empty()), "they go under the last words");
        assert_eq!(all.last().unwrap().quick_replies, ["Có", "Không"]);
        // The same key and message: the same answer, and nothing more goes out.
        assert_eq!(send(&house, request).await.unwrap().id, first.id);
        house.idle().await;
        assert_eq!(house.sent().len(), sent.len());
    }
}

/// (case 35) After a part that did not go out for certain, the later ones do not go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_later_parts_of_a_text_fall_with_an_earlier_one() {
    for (outcome, status) in [(refused("rejected"), MessageStatus::Failed), (unknown(), MessageStatus::Unknown)] {
        let house = House::new().await;
        let id = with_customer(&house, Platform::Facebook).await;
        house.meta.script.lock().unwrap().push_back(outcome);
        send(&house, wish(&id, &"chữ ".repeat(1200))).await.unwrap();
        let all = house.see("every part's end", |all| {
            all.len() == 4 && all[1].status() == status && all[2..].iter().all(|m| m.status() == MessageStatus::Failed)
        });
        assert_eq!(all.await[3].failure.as_ref().unwrap().code, "previous_part");
        assert_eq!(house.sent().len(), 1);
    }
}

fn card(title: &str, image_url: &str) -> Card {
    Card { title: title.to_owned(), subtitle: "129.000đ".to_owned(), image_url: image_url.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cards_go_out_as_one_message_and_are_shown_as_cards() {
    let house = House::new().await;
    let id = with_customer(&house, Platform::Facebook).await;
    let cards = vec![card("Áo thun", "https://cdn.test/1.jpg"), card("Quần", "")];
    let request = SendMessageRequest { cards: cards.clone(), idempotency_key: "k".into(), ..wish(&id, "") };
    let shown = send(&house, request.clone()).await.unwrap();
    assert_eq!((shown.content.as_str(), &shown.cards), ("", &cards));
    house.see("the cards", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let sent = house.meta.sent_cards.lock().unwrap().clone();
    assert_eq!((sent.len(), &sent[0].cards, sent[0].metadata.as_str()), (1, &cards, shown.id.as_str()));
    assert_eq!(send(&house, request.clone()).await.unwrap().id, shown.id);
    let other = SendMessageRequest { cards: vec![card("Khác", "")], ..request };
    assert_eq!(Problem::from(&send(&house, other).await.unwrap_err()).code, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_sent_is_refused_field_by_field() {
    let house = House::new().await;
    let id = with_customer(&house, Platform::Instagram).await;
    let long = "x".repeat(10_001);
    let texts = |count: usize, text: &str| vec![text.to_owned(); count];
    for (request, field, code) in [
        (wish(&id, ""), "text", "required"),
        (wish(&id, &long), "text", "too_long"),
        (wish(&id, "a\0b"), "text", "malformed"),
        (SendMessageRequest { quick_replies: texts(14, "x"), ..wish(&id, "x") }, "quick_replies", "out_of_range"),
        (SendMessageRequest { quick_replies: texts(1, " "), ..wish(&id, "x") }, "quick_replies[0]", "required"),
        (
            SendMessageRequest { quick_replies: texts(2, &"x".repeat(21)), ..wish(&id, "x") },
            "quick_replies[0]",
            "too_long",
        ),
        (SendMessageRequest { quick_replies: texts(1, "x"), ..wish(&id, "") }, "text", "required"),
        (SendMessageRequest { cards: vec![card("x", ""); 11], ..wish(&id, "") }, "cards", "out_of_range"),
        (SendMessageRequest { cards: vec![card("", "")], ..wish(&id, "") }, "cards[0].title", "required"),
        (SendMessageRequest { cards: vec![card(&"x".repeat(81), "")], ..wish(&id, "") }, "cards[0].title", "too_long"),
        (
            SendMessageRequest { cards: vec![card("x", "http://x.test")], ..wish(&id, "") },
            "cards[0].image_url",
            "malformed",
        ),
        (SendMessageRequest { cards: vec![card("x", "")], ..wish(&id, "x") }, "cards", "exclusive"),
        (
            SendMessageRequest { cards: vec![card("x", "")], quick_replies: texts(1, "x"), ..wish(&id, "") },
            "cards",
            "exclusive",
        ),
    ] {
        let error = send(&house, request).await.unwrap_err();
        let problem = Problem::from(&error);
        assert_eq!(error.code(), Code::InvalidArgument, "{field}");
        let fields: Vec<_> = problem.fields.iter().map(|one| (one.field.as_str(), one.code.as_str())).collect();
        assert!(fields.contains(&(field, code)), "{field} {code}: {fields:?}");
    }
    assert_eq!(house.messages(&id).await.len(), 1);
}

/// Signs are shown, and an answer goes out although nobody takes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_and_seen_are_shown_and_delay_nothing() {
    let house = House::new().await;
    house.meta.action_gate.close();
    house.writes("c1", "còn áo không").await;
    house.see("the answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.meta.action_gate.visitor().await;
    house.meta.action_gate.open();
    let shown = |count: usize| {
        let house = &house;
        until("the signs", move || async move {
            let actions = house.meta.actions.lock().unwrap();
            (actions.len() == count).then(|| actions.iter().map(|action| action.action()).collect::<Vec<_>>())
        })
    };
    assert_eq!(shown(2).await, [SenderAction::MarkSeen, SenderAction::TypingOn]);
    let first = house.meta.actions.lock().unwrap()[0].clone();
    assert_eq!((first.channel_id, first.recipient_id), (house.shop.facebook.0.to_string(), "c1".to_owned()));
    // People read, too; once.
    let id = house.conversation().await.id;
    house.switches_ai(&id, false).await;
    house.writes("c1", "alo").await;
    house.see("the question", |all| all.len() == 3).await;
    for _ in 0..2 {
        let request = MarkReadRequest { conversation_id: id.clone() };
        ConversationServiceClient::new(house.agent()).mark_read(request).await.unwrap();
    }
    assert_eq!(shown(3).await.last(), Some(&SenderAction::MarkSeen));
    house.drained().await;
    assert_eq!(house.meta.actions.lock().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signs_can_be_switched_off() {
    let house = House::with(|config| config.sender_actions = false).await;
    house.writes("c1", "còn áo không").await;
    house.see("the answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.drained().await;
    assert!(house.meta.actions.lock().unwrap().is_empty());
}

async fn list(house: &House, request: ListMessagesRequest) -> Result<ListMessagesResponse, Status> {
    Ok(MessageServiceClient::new(house.agent()).list_messages(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_around_a_message_leads_to_both_ends() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    // Some at the same moment.
    let base = now_ms() - 100_000;
    let items = (0..11).map(|at| message("c1", &format!("m{at}"), &format!("t{at}"), base + at / 2 * 1000));
    house.post(Platform::Facebook, &page(&house.shop, items.collect())).await;
    house.post(Platform::Facebook, &page(&house.shop, vec![message("c2", "x", "other", now_ms())])).await;
    house.idle().await;
    let all = house.conversations().await;
    let of = |user: &str| {
        let found = all.iter().find(|one| one.contact.as_ref().unwrap().platform_user_id == user);
        found.unwrap().id.clone()
    };
    let (id, other) = (of("c1"), of("c2"));
    let messages = house.messages(&id).await;
    for middle in &messages {
        let ask = |cursor: String| ListMessagesRequest {
            conversation_id: id.clone(),
            cursor,
            limit: 4,
            ..Default::default()
        };
        let around = ListMessagesRequest { around: middle.id.clone(), ..ask(String::new()) };
        let first = list(&house, around).await.unwrap();
        assert!(first.items.iter().any(|one| one.id == middle.id));
        let mut seen: Vec<String> = first.items.iter().map(|one| one.id.clone()).collect();
        let mut cursor = first.previous_cursor.clone();
        while !cursor.is_empty() {
            let newer = list(&house, ask(cursor)).await.unwrap();
            assert!(!newer.next_cursor.is_empty(), "there is older where it came from");
            seen.splice(0..0, newer.items.iter().map(|one| one.id.clone()));
            cursor = newer.previous_cursor;
        }
        let mut cursor = first.next_cursor.clone();
        while !cursor.is_empty() {
            let older = list(&house, ask(cursor)).await.unwrap();
            assert!(older.previous_cursor.is_empty());
            seen.extend(older.items.iter().map(|one| one.id.clone()));
            cursor = older.next_cursor;
        }
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "nothing twice");
        seen.reverse();
        assert_eq!(seen, messages.iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    }
    let around = |conversation: &str, message: &str| ListMessagesRequest {
        conversation_id: conversation.to_owned(),
        around: message.to_owned(),
        ..Default::default()
    };
    for request in [around(&other, &messages[0].id), around(&id, "7"), around(&id, &id)] {
        assert_eq!(list(&house, request).await.unwrap_err().code(), Code::NotFound);
    }
    let first = list(&house, ListMessagesRequest { limit: 4, ..around(&id, &messages[5].id) }).await.unwrap();
    let both = ListMessagesRequest { cursor: first.next_cursor, ..around(&id, &messages[0].id) };
    let error = list(&house, both).await.unwrap_err();
    assert_eq!(Problem::from(&error).fields[0].code, "exclusive");
}

async fn refresh(house: &House, conversation: &str, message: &str) -> Result<Message, Status> {
    let (conversation_id, message_id) = (conversation.to_owned(), message.to_owned());
    let request = RefreshAttachmentsRequest { conversation_id, message_id };
    Ok(MessageServiceClient::new(house.as_role(Role::Viewer)).refresh_attachments(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attachments_are_shown_again_and_a_dead_address_leaves_the_message_readable() {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    let item = json!({"sender": {"id": "c1"}, "recipient": {"id": "page"}, "timestamp": now_ms(), "message": {
    "mid": "m-pic", "text": "mẫu này", "attachments": [
        {"type": "image", "payload": {"url": "https://cdn.test/old-1.jpg"}},
        {"type": "video", "payload": {"url": "https://cdn.test/old-2.mp4"}},
    ]}});
    let plain = message("c1", "m-text", "còn không", now_ms());
    house.post(Platform::Facebook, &page(&house.shop, vec![item, plain])).await;
    house.idle().await;
    let id = house.conversation().await.id;
    let all = house.messages(&id).await;
    let picture = all.iter().find(|one| one.platform_message_id == "m-pic").unwrap().clone();
    let text = all.iter().find(|one| one.platform_message_id == "m-text").unwrap().id.clone();
    // Meta has it no longer.
    assert_eq!(refresh(&house, &id, &picture.id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(house.messages(&id).await.iter().find(|one| one.id == picture.id), Some(&picture));
    let shown = |kind: &str, url: &str| PlatformAttachment { kind: kind.into(), url: url.into(), title: String::new() };
    let attachments = vec![shown("video", "https://cdn.test/new-2.mp4"), shown("image", "https://cdn.test/new-1.jpg")];
    let kept = PlatformMessage {
        mid: "m-pic".into(),
        is_from_business: false,
        text: String::new(),
        created_at: stamp(now_ms()),
        attachments,
    };
    house.meta.shelf.put(house.shop.facebook.0, "c1", kept);
    let before = house.events(0).await.current_seq;
    let again = refresh(&house, &id, &picture.id).await.unwrap();
    let urls: Vec<_> = again.attachments.iter().map(|one| (one.kind.as_str(), one.url.as_str())).collect();
    assert_eq!(urls, [("image", "https://cdn.test/new-1.jpg"), ("video", "https://cdn.test/new-2.mp4")]);
    assert_eq!((again.content.as_str(), house.told(before).await.len()), ("mẫu này", 1));
    for (conversation, message) in [(id.as_str(), text.as_str()), (&id, "7"), ("7", &picture.id), (&id, &id)] {
        assert_eq!(refresh(&house, conversation, message).await.unwrap_err().code(), Code::NotFound);
    }
    let request = RefreshAttachmentsRequest { conversation_id: id.clone(), message_id: picture.id.clone() };
    let stranger = MessageServiceClient::new(house.stranger()).refresh_attachments(request).await;
    assert_eq!(stranger.unwrap_err().code(), Code::NotFound);
    house.sql("update routing.tenants set state = 'suspended'").await;
    assert_eq!(Problem::from(&refresh(&house, &id, &picture.id).await.unwrap_err()).code, "tenant_suspended");
}
