//! Echoes: ours complete our messages, all others are people, and no bubble is shown twice.

use chatdesk_proto::inbox::v1::{AiState, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Platform;
use chrono::TimeDelta;

use crate::house::{House, account, echo, message, now_ms, page, until};
use crate::vendors::{taken, unknown};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_echo_after_the_answer_changes_nothing() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    let messages = house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    let before = house.events(0).await.current_seq;
    house.idle().await;
    let mid = &messages[1].platform_message_id;
    let event = house
        .post(Platform::Facebook, &page(&house.shop, vec![echo("c1", mid, "re: one", Some(&messages[1].id))]))
        .await;
    let by_mid = house.post(Platform::Facebook, &page(&house.shop, vec![echo("c1", mid, "re: one", None)])).await;
    house.ingested().await;
    for event in [event, by_mid] {
        assert_eq!(house.outcomes(event).await, [("echo".to_owned(), "deduplicated".to_owned())]);
    }
    let conversation = house.conversation().await;
    assert_eq!(house.messages(&conversation.id).await.len(), 2);
    assert_eq!(conversation.ai.unwrap().state(), AiState::Active, "our own echo never pauses us");
    assert!(house.told(before).await.is_empty());
}

/// (case 30)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_echo_before_the_answer_completes_our_message() {
    let house = House::new().await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(taken("m-real"));
    house.writes("c1", "one").await;
    house.meta.gate.visitor().await;
    let id = house.sent()[0].metadata.clone();
    house.post(Platform::Facebook, &page(&house.shop, vec![echo("c1", "m-real", "re: one", Some(&id))])).await;
    house.see("a sent message", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.meta.gate.open();
    house.idle().await;
    let messages = house.see("one bubble", |all| all.len() == 2).await;
    assert_eq!((messages[1].status(), messages[1].platform_message_id.as_str()), (MessageStatus::Sent, "m-real"));
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instagrams_echo_without_metadata_is_known_by_its_text_while_it_is_on_its_way() {
    let house = House::new().await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(taken("m-real"));
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "one", now_ms())])).await;
    house.meta.gate.visitor().await;
    house.post(Platform::Instagram, &account(&house.shop, vec![echo("c1", "m-real", "re: one", None)])).await;
    house.see("a sent message", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.meta.gate.open();
    house.idle().await;
    let conversation = house.conversation().await;
    assert_eq!(house.messages(&conversation.id).await.len(), 2);
    assert_eq!(conversation.ai.unwrap().state(), AiState::Active);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_echo_that_could_not_be_known_for_ours_is_merged_when_the_answer_names_it() {
    let house = House::new().await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(taken("m-real"));
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "one", now_ms())])).await;
    house.meta.gate.visitor().await;
    house
        .post(Platform::Instagram, &account(&house.shop, vec![echo("c1", "m-real", "re: one (shortened)", None)]))
        .await;
    house.see("the echo's own bubble", |all| all.len() == 3).await;
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Paused);
    let before = house.events(0).await.current_seq;
    house.meta.gate.open();
    let messages = house.see("one bubble again", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    assert_eq!((messages[1].sender_type(), messages[1].platform_message_id.as_str()), (SenderType::Ai, "m-real"));
    let conversation = house.conversation().await;
    assert_eq!(conversation.last_message.unwrap().id, messages[1].id);
    // The pause was the copy's, and goes with it.
    assert_eq!(conversation.ai.unwrap().state(), AiState::Active);
    let told = house.events(before).await.items;
    assert!(told.iter().any(|event| event.r#type == 2) && told.iter().any(|event| event.r#type == 4));
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m2", "two", now_ms())])).await;
    house.see("the next answer", |all| all.len() == 4 && all[3].status() == MessageStatus::Sent).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_while_an_echo_seemed_a_persons_is_answered_after_all() {
    // Long enough for the echo to come before the second question is answered.
    let house = House::with(|config| {
        config.quiet.window = TimeDelta::milliseconds(800);
        config.quiet.cap = TimeDelta::milliseconds(800);
    })
    .await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(taken("m-real"));
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m1", "one", now_ms())])).await;
    house.meta.gate.visitor().await;
    house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", "m2", "two", now_ms())])).await;
    house.ingested().await;
    house.post(Platform::Instagram, &account(&house.shop, vec![echo("c1", "m-real", "re: one …", None)])).await;
    house.see("the echo's own bubble", |all| all.len() == 4).await;
    house.meta.gate.open();
    until("both answers", || async {
        let texts: Vec<_> = house.sent().into_iter().map(|sent| sent.text).collect();
        (texts == ["re: one", "re: two"]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_with_the_same_text_the_echo_proves_the_one_on_its_way() {
    let house = House::new().await;
    house.meta.script.lock().unwrap().extend([unknown(), taken("m-real")]);
    let write = async |mid: &str, text: &str| {
        house.post(Platform::Instagram, &account(&house.shop, vec![message("c1", mid, text, now_ms())])).await;
    };
    write("m1", "one").await;
    house.see("an unknown send", |all| all.len() == 2 && all[1].status() == MessageStatus::Unknown).await;
    house.meta.gate.close();
    write("m2", "one").await;
    house.meta.gate.visitor().await;
    // A person's, of before either was handed over.
    let mut old = echo("c1", "m-person", "re: one", None);
    old["timestamp"] = (now_ms() - 7_200_000).into();
    house.post(Platform::Instagram, &account(&house.shop, vec![old])).await;
    house.post(Platform::Instagram, &account(&house.shop, vec![echo("c1", "m-real", "re: one", None)])).await;
    house.ingested().await;
    house.meta.gate.open();
    house.idle().await;
    let messages = house.messages(&house.conversation().await.id).await;
    let seen: Vec<_> = messages
        .iter()
        .filter(|message| message.sender_type() != SenderType::Contact)
        .map(|message| (message.sender_type(), message.status(), message.platform_message_id.as_str()))
        .collect();
    let want = [
        (SenderType::Business, MessageStatus::Sent, "m-person"),
        (SenderType::Ai, MessageStatus::Unknown, ""),
        (SenderType::Ai, MessageStatus::Sent, "m-real"),
    ];
    assert_eq!(seen, want);
}

/// (case 26)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_send_is_settled_by_its_echo_and_never_repeated() {
    let house = House::new().await;
    let lost = tonic::Status::unavailable("cut after the request");
    house.meta.script.lock().unwrap().extend([unknown(), Err(lost)]);
    for user in ["c1", "c2"] {
        house.writes(user, "one").await;
        house.ingested().await;
    }
    house.idle().await;
    let ids: Vec<(String, String)> = house.sent().into_iter().map(|sent| (sent.recipient_id, sent.metadata)).collect();
    assert_eq!(ids.len(), 2);
    for conversation in house.conversations().await {
        let messages = house.messages(&conversation.id).await;
        assert_eq!(messages[1].status(), MessageStatus::Unknown);
    }
    for (user, id) in &ids {
        let item = echo(user, &format!("late-{user}"), "re: one", Some(id));
        house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
    }
    house.ingested().await;
    for conversation in house.conversations().await {
        let messages = house.messages(&conversation.id).await;
        assert_eq!((messages.len(), messages[1].status()), (2, MessageStatus::Sent));
        assert!(messages[1].platform_message_id.starts_with("late-"));
    }
    assert_eq!(house.sent().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_answering_elsewhere_silences_the_assistant() {
    let house = House::new().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    house.post(Platform::Facebook, &page(&house.shop, vec![echo("c1", "e1", "Chào bạn", None)])).await;
    house.ingested().await;
    house.ai.gate.open();
    house.drained().await;
    assert!(house.sent().is_empty());
    let conversation = house.conversation().await;
    assert_eq!((conversation.ai.as_ref().unwrap().state(), conversation.unread_count), (AiState::Paused, 0));
    let messages = house.messages(&conversation.id).await;
    assert_eq!((messages[1].sender_type(), messages[1].status()), (SenderType::Business, MessageStatus::Sent));
    assert_eq!(messages.len(), 2, "no draft is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metadata_that_names_another_conversations_message_proves_nothing() {
    let house = House::new().await;
    house.meta.script.lock().unwrap().push_back(unknown());
    house.writes("c1", "one").await;
    house.see("an unknown send", |all| all.len() == 2 && all[1].status() == MessageStatus::Unknown).await;
    let id = house.sent()[0].metadata.clone();
    for item in [echo("c2", "e1", "x", Some(&id)), echo("c2", "e2", "y", Some("not a uuid"))] {
        house.post(Platform::Facebook, &page(&house.shop, vec![item])).await;
    }
    house.ingested().await;
    until("both echoes in their conversation", || async {
        let all = house.conversations().await;
        let other = all.iter().find(|conversation| conversation.contact.as_ref().unwrap().platform_user_id == "c2")?;
        (house.messages(&other.id).await.len() == 2).then_some(())
    })
    .await;
    let all = house.conversations().await;
    let first = all.iter().find(|c| c.contact.as_ref().unwrap().platform_user_id == "c1").unwrap();
    assert_eq!(house.messages(&first.id).await[1].status(), MessageStatus::Unknown);
}
