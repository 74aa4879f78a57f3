//! Channels that must be connected anew or are held back by Meta, and messages that Meta puts off.

use chatdesk_inbox::Config;
use chatdesk_platform::Role;
use chatdesk_proto::inbox::v1::message_service_client::MessageServiceClient;
use chatdesk_proto::inbox::v1::{AiState, ConversationStatus, Message, MessageStatus, RetryMessageRequest};
use chatdesk_proto::tenants::v1::send_text_response::{Outcome, TryLater};
use chatdesk_proto::tenants::v1::{Platform, SendTextResponse};
use chrono::TimeDelta;

use crate::house::{House, account, message, now_ms, until};
use crate::vendors::{later, refused};

fn quick(config: &mut Config) {
    config.hold = TimeDelta::milliseconds(30);
}

/// Conversations on both channels that people answer: Facebook's first.
async fn both(house: &House) -> (String, String) {
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.writes("c1", "hi").await;
    house.post(Platform::Instagram, &account(&house.shop, vec![message("i1", "im1", "hi", now_ms())])).await;
    house.idle().await;
    let all = house.conversations().await;
    let of = |platform: Platform| all.iter().find(|one| one.platform() == platform).expect("a conversation").id.clone();
    (of(Platform::Facebook), of(Platform::Instagram))
}

async fn last(house: &House, conversation: &str, what: &str, is: fn(&Message) -> bool) -> Message {
    until(what, || async { house.messages(conversation).await.pop().filter(is) }).await
}

/// Waits until a queued message was put off.
async fn put_off(house: &House) {
    until("a message that was put off", || async {
        let waiting: i64 = sqlx::query_scalar(
            "select count(*) from inbox.messages where status = 'queued' and send_after is not null",
        )
        .fetch_one(&house.admin)
        .await
        .unwrap();
        (waiting == 1).then_some(())
    })
    .await;
}

const SENT: fn(&Message) -> bool = |message| message.status() == MessageStatus::Sent;
const FAILED: fn(&Message) -> bool = |message| message.status() == MessageStatus::Failed;

/// (case 31) What waits on a channel without a token, or one that Meta holds back, waits; other channels go on, and so does this one after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_channel_holds_back_its_own_queue_only_and_goes_on_after() {
    for (hold, free) in [
        (
            "update routing.channels set send_state = 'needs_reconnect' where platform = 'facebook'",
            "update routing.channels set send_state = 'ok'",
        ),
        (
            "update routing.channels set send_state = 'restricted' where platform = 'facebook'",
            "update routing.channels set send_state = 'ok'",
        ),
        (
            "update routing.channels set policy = 'block' where platform = 'facebook'",
            "update routing.channels set policy = 'warning'",
        ),
    ] {
        let house = House::with(quick).await;
        let (facebook, instagram) = both(&house).await;
        house.sql(hold).await;
        house.sends(&facebook, "first", "").await.unwrap();
        house.sends(&facebook, "second", "").await.unwrap();
        put_off(&house).await;
        house.sends(&instagram, "elsewhere", "").await.unwrap();
        last(&house, &instagram, "the other channel's", SENT).await;
        assert_eq!(house.sent().len(), 1, "{hold}");
        house.sql(free).await;
        last(&house, &facebook, "what waited", SENT).await;
        let texts: Vec<_> = house.sent().into_iter().map(|request| request.text).collect();
        assert_eq!(texts, ["elsewhere", "first", "second"], "{hold}");
    }
}

/// (case 31) A refusal because of the channel is no failure of the message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_refused_because_of_its_channel_is_put_back() {
    for code in ["needs_reconnect", "permission", "restricted"] {
        let house = House::with(quick).await;
        let (facebook, _) = both(&house).await;
        house.meta.script.lock().unwrap().extend((0..9).map(|_| refused(code)));
        house.sends(&facebook, "Chào", "").await.unwrap();
        // More often than Meta may put a message off: this is not counted.
        last(&house, &facebook, "the send", SENT).await;
        assert_eq!(house.sent().len(), 10, "{code}");
    }
}

/// (case 34) An answer that waited too long for its channel is not sent, and a person must answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_answer_is_given_away_while_its_channel_is_held() {
    let house = House::with(quick).await;
    house.sql("update routing.channels set send_state = 'restricted'").await;
    house.writes("c1", "còn áo không").await;
    put_off(&house).await;
    house.sql("update inbox.messages set received_at = now() - interval '11 minutes' where status = 'queued'").await;
    let id = house.conversation().await.id;
    let answer = last(&house, &id, "an answer given up", FAILED).await;
    assert_eq!(answer.failure.unwrap().code, "too_old");
    let card = house.conversation().await;
    assert_eq!(card.status(), ConversationStatus::NeedsHuman);
    assert_eq!(card.ai.unwrap().state(), AiState::HandedOver);
    assert!(house.sent().is_empty());
}

/// (case 32) The window passes while a message waits: it is not sent, and of an answer a person is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waited_beyond_the_window_is_not_sent() {
    let house = House::with(quick).await;
    house.sql("update routing.channels set send_state = 'needs_reconnect'").await;
    house.writes("c1", "còn áo không").await;
    put_off(&house).await;
    house.sql("update inbox.conversations set last_opening_at = now() - interval '25 hours'").await;
    let id = house.conversation().await.id;
    let answer = last(&house, &id, "an answer given up", FAILED).await;
    assert_eq!(answer.failure.unwrap().code, "window_closed");
    assert_eq!(house.conversation().await.status(), ConversationStatus::NeedsHuman);
    // A person still may, for a while.
    house.sends(&id, "Tôi đây", "").await.unwrap();
    put_off(&house).await;
    house.sql("update inbox.conversations set last_opening_at = now() - interval '8 days'").await;
    let person = last(&house, &id, "a message given up", FAILED).await;
    assert_eq!((person.content.as_str(), person.failure.unwrap().code.as_str()), ("Tôi đây", "window_closed"));
    assert!(house.sent().is_empty());
}

/// (case 33) What Meta asks for is honoured, and other channels do not wait with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metas_wait_is_honoured_for_its_channel() {
    let house = House::with(quick).await;
    let (facebook, instagram) = both(&house).await;
    let after = Some(prost_types::Duration { seconds: 1800, nanos: 0 });
    let outcome = Outcome::TryLater(TryLater { after, code: "rate_limited".to_owned() });
    house.meta.script.lock().unwrap().push_back(Ok(SendTextResponse { outcome: Some(outcome) }));
    house.sends(&facebook, "Chào", "").await.unwrap();
    put_off(&house).await;
    let (enough, tries): (bool, i16) = sqlx::query_as(
        "select send_after > now() + interval '29 minutes', send_tries from inbox.messages where status = 'queued'",
    )
    .fetch_one(&house.admin)
    .await
    .unwrap();
    assert_eq!((enough, tries), (true, 1));
    house.sends(&instagram, "elsewhere", "").await.unwrap();
    last(&house, &instagram, "the other channel's", SENT).await;
    assert_eq!(house.sent().len(), 2);
}

/// (case 34) Put off six times, a message is given up; a person may begin anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_put_off_too_often_is_given_up_and_may_be_retried() {
    let house = House::with(quick).await;
    let (facebook, _) = both(&house).await;
    house.meta.script.lock().unwrap().extend((0..11).map(|_| later()));
    let id = house.sends(&facebook, "Chào", "").await.unwrap().id;
    let given_up = last(&house, &facebook, "a message given up", FAILED).await;
    assert_eq!((given_up.failure.unwrap().code.as_str(), house.sent().len()), ("not_sent", 6));
    let request = RetryMessageRequest { conversation_id: facebook.clone(), message_id: id };
    MessageServiceClient::new(house.as_role(Role::Agent)).retry_message(request).await.unwrap();
    last(&house, &facebook, "the retry", SENT).await;
    assert_eq!(house.sent().len(), 12);
}

/// (case 36) A customer who blocked the page: the answer fails, the conversation is closed, and nobody need look.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_cannot_be_written_to_is_closed_as_undeliverable() {
    let house = House::with(quick).await;
    house.meta.script.lock().unwrap().push_back(refused("recipient_unavailable"));
    house.writes("c1", "còn áo không").await;
    until("a closed conversation", || async {
        let card = house.conversations().await.pop()?;
        (card.status() == ConversationStatus::Closed).then_some(())
    })
    .await;
    let messages = house.messages(&house.conversation().await.id).await;
    assert_eq!(messages[1].failure.as_ref().unwrap().code, "recipient_unavailable");
    // Who writes again is heard again.
    house.writes("c1", "còn áo không").await;
    house.see("the next answer", |all| all.len() == 4 && all[3].status() == MessageStatus::Sent).await;
}
