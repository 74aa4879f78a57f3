//! What is told of conversations besides messages: receipts, referrals, taps, handovers, other apps, and the page's own standing.

use chatdesk_proto::inbox::v1::{AiState, MessageStatus, SenderType};
use chatdesk_proto::tenants::v1::Platform;
use serde_json::{Value, json};

use crate::house::{House, account, echo, event, message, now_ms, page};

const OURS: &str = "4711";
const OTHERS: &str = "815";

async fn house() -> House {
    House::with(|config| config.app_ids = vec![OURS.to_owned()]).await
}

async fn quiet() -> House {
    let house = house().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house
}

async fn post(house: &House, items: Vec<Value>) -> Vec<String> {
    let event = house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.ingested().await;
    house.outcomes(event).await.into_iter().map(|(_, outcome)| outcome).collect()
}

fn read(user: &str, watermark: i64) -> Value {
    event(user, "read", json!({"watermark": watermark}), now_ms())
}

fn delivery(user: &str, watermark: i64, mids: &[&str]) -> Value {
    event(user, "delivery", json!({"watermark": watermark, "mids": mids}), now_ms())
}

fn at(mut item: Value, time: i64) -> Value {
    item["timestamp"] = json!(time);
    item
}

async fn statuses(house: &House) -> Vec<MessageStatus> {
    let messages = house.messages(&house.conversation().await.id).await;
    messages.into_iter().map(|message| message.status()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_customer_got_and_read_never_becomes_less() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    let sent = |n: i64| at(echo("c1", &format!("e{n}"), &format!("{n}"), None), now + n);
    post(&house, vec![sent(1), sent(2), sent(3), sent(4)]).await;
    use MessageStatus::{Delivered, Read, Sent};
    assert_eq!(post(&house, vec![delivery("c1", now + 2, &["e4"])]).await, ["status"]);
    assert_eq!(statuses(&house).await, [Delivered, Delivered, Sent, Delivered]);
    assert_eq!(post(&house, vec![read("c1", now + 2)]).await, ["status"]);
    assert_eq!(statuses(&house).await, [Read, Read, Sent, Delivered]);
    let before = house.events(0).await.current_seq;
    post(&house, vec![read("c1", now + 1), delivery("c1", now + 2, &["e1"]), read("c1", 0)]).await;
    assert_eq!(statuses(&house).await, [Read, Read, Sent, Delivered]);
    assert!(house.told(before).await.is_empty(), "what was known is not told again");
    post(&house, vec![read("c1", now + 99)]).await;
    assert_eq!(statuses(&house).await, [Read; 4]);
    let told = house.told(before).await.into_iter().map(|event| event.r#type).collect::<Vec<_>>();
    assert_eq!(told, [2, 2, 4]);
}

/// (case 19)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_came_first_is_reconciled_with_its_message() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    // Nothing is known of the customer, so nothing is shown; but it is not lost.
    let first = page(&house.shop, vec![read("c1", now + 1), delivery("c1", now + 2, &[])]);
    let early = house.post(Platform::Facebook, &first).await;
    house.ingested().await;
    assert!(house.outcomes(early).await.iter().all(|(_, outcome)| outcome == "parked"));
    assert!(house.conversations().await.is_empty());
    let sent = |n: i64| at(echo("c1", &format!("e{n}"), "x", None), now + n);
    post(&house, vec![sent(1)]).await;
    assert!(house.outcomes(early).await.iter().all(|(_, outcome)| outcome == "status"));
    post(&house, vec![sent(2), sent(3)]).await;
    assert_eq!(statuses(&house).await, [MessageStatus::Read, MessageStatus::Delivered, MessageStatus::Sent]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instagrams_seen_message_and_all_before_it_become_read() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    let sent = |n: i64| at(echo("c1", &format!("e{n}"), "x", None), now + n);
    let seen = |mid: &str| event("c1", "read", json!({"mid": mid}), now_ms());
    let post = async |items: Vec<Value>| {
        let event = house.post(Platform::Instagram, &account(&house.shop, items)).await;
        house.ingested().await;
        house.outcomes(event).await.pop().unwrap().1
    };
    post(vec![sent(1), sent(2), sent(4)]).await;
    assert_eq!(post(vec![seen("e2")]).await, "status");
    use MessageStatus::{Read, Sent};
    assert_eq!(statuses(&house).await, [Read, Read, Sent]);
    assert_eq!(post(vec![seen("e3")]).await, "parked");
    post(vec![sent(3)]).await;
    assert_eq!(statuses(&house).await, [Read, Read, Read, Sent]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_of_hundreds_of_messages_floods_nobody() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    let sent = (0..120).map(|n| at(echo("c1", &format!("e{n}"), "x", None), now + n)).collect();
    post(&house, sent).await;
    let before = house.events(0).await.current_seq;
    let newest = house.messages(&house.conversation().await.id).await.pop().unwrap().id;
    assert_eq!(post(&house, vec![read("c1", now + 500)]).await, ["status"]);
    assert_eq!(statuses(&house).await, [MessageStatus::Read; 120]);
    let told = house.told(before).await;
    assert_eq!((told.len(), told.iter().filter(|event| event.r#type == 2).count()), (51, 50));
    let shown = format!("{told:?}");
    assert!(shown.contains(&newest) && told.last().unwrap().r#type == 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_assistant_is_silent_while_another_app_has_the_conversation() {
    let house = house().await;
    let pass = |to: Value, time: i64| {
        event("c1", "pass_thread_control", json!({"new_owner_app_id": to, "metadata": ""}), time)
    };
    let now = now_ms() - 10_000;
    assert_eq!(post(&house, vec![pass(json!(OTHERS), now + 2)]).await, ["status"]);
    assert_eq!(post(&house, vec![pass(json!(OURS), now + 1)]).await, ["status"], "older, so it changes nothing");
    house.writes("c1", "one").await;
    house.idle().await;
    let conversation = house.conversation().await;
    let ai = conversation.ai.unwrap();
    assert_eq!((ai.state(), ai.reason.as_str(), ai.until), (AiState::Paused, "other_app", None));
    assert!(conversation.is_other_apps && conversation.is_ai_enabled && house.asked().is_empty());
    let take =
        event("c1", "take_thread_control", json!({"previous_owner_app_id": 815, "new_owner_app_id": 4711}), now + 3);
    let request = event("c1", "request_thread_control", json!({"requested_owner_app_id": 815}), now + 4);
    assert_eq!(post(&house, vec![take, request]).await, ["status", "ignored"]);
    let conversation = house.conversation().await;
    assert_eq!((conversation.ai.unwrap().state(), conversation.is_other_apps), (AiState::Active, false));
    house.writes("c1", "two").await;
    house.see("an answer", |all| all.len() == 3 && all[2].sender_type() == SenderType::Ai).await;
    // Handed to nobody, it is still ours to answer.
    post(&house, vec![pass(Value::Null, now + 5)]).await;
    assert!(!house.conversation().await.is_other_apps);
}

/// (case 15)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_apps_message_is_shown_as_such_and_pauses_the_assistant() {
    let house = house().await;
    house.ai.gate.close();
    house.writes("c1", "one").await;
    house.ai.gate.visitor().await;
    let by = |app: &str, mid: &str, text: &str| {
        let mut item = echo("c1", mid, text, None);
        item["message"]["app_id"] = json!(app.parse::<u64>().unwrap());
        item
    };
    assert_eq!(post(&house, vec![by(OTHERS, "e1", "bot here")]).await, ["stored"]);
    house.ai.gate.open();
    house.drained().await;
    assert!(house.sent().is_empty(), "no two bots answer one customer");
    let conversation = house.conversation().await;
    let ai = conversation.ai.unwrap();
    assert_eq!((ai.state(), ai.reason.as_str()), (AiState::Paused, "human_replied"));
    let messages = house.messages(&conversation.id).await;
    assert!(messages[1].context.as_ref().unwrap().is_other_app && messages[1].sender_type() == SenderType::Business);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_our_own_app_sent_never_pauses_the_assistant_and_metas_inbox_is_a_person() {
    let house = house().await;
    house.writes("c1", "one").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    let by = |app: &str, mid: &str| {
        let mut item = echo("c1", mid, &format!("by {app}"), None);
        item["message"]["app_id"] = json!(app);
        item
    };
    assert_eq!(post(&house, vec![by(OURS, "e1")]).await, ["stored"]);
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Active);
    assert_eq!(post(&house, vec![by("263902037430900", "e2")]).await, ["stored"]);
    assert_eq!(house.conversation().await.ai.unwrap().state(), AiState::Paused);
    let messages = house.messages(&house.conversation().await.id).await;
    assert!(messages.iter().all(|message| message.context.as_ref().is_none_or(|context| !context.is_other_app)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_referral_tells_where_the_customer_came_from_and_opens_the_window() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    let came = |reference: &str, time: i64| {
        event("c1", "referral", json!({"ref": reference, "source": "SHORTLINK", "type": "OPEN_THREAD"}), time)
    };
    assert_eq!(post(&house, vec![came("new", now), came("old", now - 5)]).await, ["status", "status"]);
    let conversation = house.conversation().await;
    let source = conversation.source.unwrap();
    assert_eq!((source.r#ref.as_str(), source.source.as_str()), ("new", "SHORTLINK"));
    assert!(conversation.reply_window.unwrap().ai_until.unwrap().seconds > now / 1000 + 86_000);
    assert!(conversation.last_message.is_none() && conversation.unread_count == 0);
    let mut tapped = message("c1", "m1", "hi", now_ms());
    tapped["message"]["referral"] = json!({"source": "ADS", "ad_id": "6045", "ads_context_data": {"ad_title": "Hè"}});
    post(&house, vec![tapped]).await;
    let source = house.conversation().await.source.unwrap();
    assert_eq!((source.ad_id.as_str(), source.title.as_str()), ("6045", "Hè"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tap_without_an_id_is_one_message_and_is_answered() {
    let house = house().await;
    let tap = event("c1", "postback", json!({"title": "Giá bao nhiêu?", "payload": "PRICE"}), now_ms());
    assert_eq!(post(&house, vec![tap.clone()]).await, ["stored"]);
    assert_eq!(post(&house, vec![tap]).await, ["deduplicated"]);
    let messages = house.see("an answer", |all| all.len() == 2).await;
    assert_eq!((messages[0].content.as_str(), messages[0].platform_message_id.as_str()), ("Giá bao nhiêu?", ""));
    let context = messages[0].context.as_ref().unwrap();
    assert!(context.is_postback && context.payload == "PRICE");
    assert_eq!(messages[1].content, "re: Giá bao nhiêu?");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_shown_is_a_bubble_without_an_answer_and_nothing_is_nothing() {
    let house = house().await;
    let hidden = event("c1", "message", json!({"mid": "m1", "is_unsupported": true}), now_ms());
    let empty = event("c2", "message", json!({"mid": "m2"}), now_ms());
    let echoed = event("c3", "message", json!({"mid": "m3", "is_echo": true}), now_ms());
    assert_eq!(post(&house, vec![hidden, empty, echoed]).await, ["stored", "ignored", "ignored"]);
    house.idle().await;
    let conversation = house.conversation().await;
    let messages = house.messages(&conversation.id).await;
    assert!(messages[0].context.as_ref().unwrap().is_unsupported && house.asked().is_empty());
    assert_eq!(conversation.unread_count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_a_quick_reply_and_a_product_are_told() {
    let house = quiet().await;
    let at = now_ms() - 1000;
    let mut story = message("c1", "m1", "đẹp quá", at);
    story["message"]["reply_to"] = json!({"story": {"id": "1", "url": "https://cdn.example/s.jpg"}});
    let mut quick = message("c1", "m2", "Đỏ", at + 1);
    quick["message"]["quick_reply"] = json!({"payload": "RED"});
    let mut product = message("c1", "m3", "còn không", at + 2);
    product["message"]["referral"] = json!({"product": {"id": "77"}});
    let event = house.post(Platform::Instagram, &account(&house.shop, vec![story, quick, product])).await;
    house.ingested().await;
    assert_eq!(house.outcomes(event).await.len(), 3);
    let messages = house.messages(&house.conversation().await.id).await;
    let context: Vec<_> = messages.into_iter().map(|message| message.context.unwrap()).collect();
    assert!(context[0].is_story && context[0].story_url == "https://cdn.example/s.jpg");
    assert_eq!(context[1].payload, "RED");
    assert_eq!(context[2].referral.as_ref().unwrap().product_id, "77");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metas_newest_word_about_the_page_counts() {
    let house = quiet().await;
    let now = now_ms() - 10_000;
    let policy = |action: &str, time: i64| json!({"recipient": {"id": house.shop.facebook.1}, "timestamp": time, "policy_enforcement": {"action": action}});
    let state = async || -> String {
        sqlx::query_scalar("select policy from routing.channels where channel_id = $1")
            .bind(house.shop.facebook.0)
            .fetch_one(&house.admin)
            .await
            .unwrap()
    };
    assert_eq!(post(&house, vec![policy("block", now + 2), policy("warning", now + 1)]).await, ["status", "status"]);
    assert_eq!(state().await, "block");
    assert_eq!(post(&house, vec![policy("unblock", now + 3)]).await, ["status"]);
    assert_eq!(state().await, "");
    let others: i64 = sqlx::query_scalar("select count(*) from routing.channels where policy_at is not null")
        .fetch_one(&house.admin)
        .await
        .unwrap();
    assert_eq!(others, 1, "no other page is touched");
}

/// (case 20)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_pictures_of_a_new_customer_at_once_are_one_conversation() {
    let house = quiet().await;
    let picture = |n: i64| {
        let mut item = message("c1", &format!("m{n}"), "", now_ms() + n);
        item["message"] = json!({"mid": format!("m{n}"), "attachments": [
            {"type": "image", "payload": {"url": format!("https://cdn.example/{n}.jpg")}}]});
        page(&house.shop, vec![item])
    };
    let (one, two) = (picture(1), picture(2));
    tokio::join!(house.post(Platform::Facebook, &one), house.post(Platform::Facebook, &two));
    house.ingested().await;
    let conversation = house.conversation().await;
    assert_eq!((house.messages(&conversation.id).await.len(), conversation.unread_count), (2, 2));
    let contacts: i64 =
        sqlx::query_scalar("select count(*) from inbox.contacts").fetch_one(&house.admin).await.unwrap();
    assert_eq!(contacts, 1);
}

/// (case 10)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_three_businesses_in_a_batch_each_has_its_own_fate() {
    let house = house().await;
    sqlx::query("update routing.tenants set state = 'suspended' where tenant_id = $1")
        .bind(house.other.tenant.0)
        .execute(&house.admin)
        .await
        .unwrap();
    let at = now_ms();
    let body = json!({"object": "page", "entry": [
        {"id": house.shop.facebook.1, "messaging": [message("c1", "m1", "one", at)]},
        {"id": house.other.facebook.1, "messaging": [message("c1", "m1", "suspended", at)]},
        {"id": {"not": "an id"}, "messaging": "neither a list"},
    ]});
    let event = house.post(Platform::Facebook, &body).await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    assert_eq!(house.outcomes(event).await.len(), 2, "both businesses' messages are kept");
    assert_eq!(house.asked().len(), 1, "nobody answers for a suspended business");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_app_answers_in_standby_is_kept_and_never_answered() {
    let house = house().await;
    let body = json!({"object": "page", "entry": [{"id": house.shop.facebook.1, "standby": [
        message("c1", "m1", "anyone?", now_ms()),
        event("c1", "postback", json!({"title": "Menu"}), now_ms()),
        at(echo("c1", "e1", "yes", None), now_ms()),
        read("c1", now_ms()),
    ]}]});
    let event = house.post(Platform::Facebook, &body).await;
    house.idle().await;
    let outcomes: Vec<String> = house.outcomes(event).await.into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, ["stored", "stored", "stored", "status"]);
    assert!(house.asked().is_empty());
}
