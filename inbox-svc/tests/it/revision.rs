//! What happens to messages after they were said: edits, unsends, reactions, and those that come before their message.

use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::*;
use chatdesk_proto::tenants::v1::Platform;
use serde_json::{Value, json};

use crate::house::{House, echo, event, hours_ago, message, now_ms, page, until};

fn edit(user: &str, mid: &str, text: &str, number: u32) -> Value {
    event(user, "message_edit", json!({"mid": mid, "text": text, "num_edit": number}), now_ms())
}

fn unsend(user: &str, mid: &str) -> Value {
    event(user, "message", json!({"mid": mid, "is_deleted": true}), now_ms())
}

fn reaction(user: &str, mid: &str, emoji: Option<&str>, at: i64) -> Value {
    let value = match emoji {
        Some(emoji) => json!({"mid": mid, "action": "react", "emoji": emoji, "reaction": "other"}),
        None => json!({"mid": mid, "action": "unreact"}),
    };
    event(user, "reaction", value, at)
}

/// A house whose assistant is off.
async fn quiet() -> House {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house
}

async fn post(house: &House, items: Vec<Value>) -> Vec<(String, String)> {
    let event = house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.ingested().await;
    house.outcomes(event).await
}

async fn found(house: &House, q: &str) -> usize {
    let request = ListConversationsRequest { q: q.to_owned(), ..Default::default() };
    let client = &mut ConversationServiceClient::new(house.agent());
    client.list_conversations(request).await.unwrap().into_inner().items.len()
}

fn outcome(kind: &str, outcome: &str) -> Vec<(String, String)> {
    vec![(kind.to_owned(), outcome.to_owned())]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_edit_is_shown_and_found_in_whatever_order_edits_come() {
    let house = quiet().await;
    post(&house, vec![message("c1", "m1", "áo đỏ", now_ms())]).await;
    assert_eq!(post(&house, vec![edit("c1", "m1", "áo xanh", 2)]).await, outcome("message_edit", "status"));
    let before = house.events(0).await.current_seq;
    assert_eq!(post(&house, vec![edit("c1", "m1", "áo vàng", 1)]).await, outcome("message_edit", "status"));
    assert_eq!(house.told(before).await.len(), 0, "nothing changed");
    let messages = house.messages(&house.conversation().await.id).await;
    assert_eq!((messages[0].content.as_str(), messages[0].edited_at.is_some()), ("áo xanh", true));
    assert_eq!((found(&house, "xanh").await, found(&house, "ao").await), (1, 1));
    assert_eq!((found(&house, "do").await, found(&house, "vang").await), (0, 0));
}

/// (case 16)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_taken_back_before_it_came_is_never_shown_nor_answered() {
    let house = House::new().await;
    let first = house.post(Platform::Facebook, &page(&house.shop, vec![unsend("c1", "m1")])).await;
    house.ingested().await;
    assert_eq!(house.outcomes(first).await, outcome("unsend", "parked"));
    post(&house, vec![message("c1", "m1", "bí mật", now_ms())]).await;
    assert_eq!(house.outcomes(first).await, outcome("unsend", "status"));
    let messages = house.messages(&house.conversation().await.id).await;
    assert_eq!((messages.len(), messages[0].content.as_str()), (1, ""));
    assert!(messages[0].deleted_at.is_some());
    assert_eq!(found(&house, "mat").await, 0);
    house.idle().await;
    assert!(house.asked().is_empty() && house.sent().is_empty());
    let words: i64 =
        sqlx::query_scalar("select count(*) from inbox.terms where term = 'bi'").fetch_one(&house.admin).await.unwrap();
    assert_eq!(words, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsend_leaves_the_words_that_others_said_too() {
    let house = quiet().await;
    let at = now_ms() - 1000;
    let picture = json!([{"type": "image", "payload": {"url": "https://cdn.example/a.jpg"}}]);
    let mut secret = message("c1", "m2", "áo bí mật", at + 1);
    secret["message"]["attachments"] = picture;
    post(&house, vec![message("c1", "m1", "áo đỏ", at), secret]).await;
    assert_eq!((found(&house, "ao").await, found(&house, "bi").await), (1, 1));
    let before = house.events(0).await.current_seq;
    post(&house, vec![unsend("c1", "m2")]).await;
    assert_eq!((found(&house, "ao").await, found(&house, "bi").await), (1, 0));
    let conversation = house.conversation().await;
    let last = conversation.last_message.unwrap();
    assert_eq!((last.content.as_str(), last.attachments.len(), last.deleted_at.is_some()), ("", 0, true));
    let told: Vec<i32> = house.told(before).await.iter().map(|event| event.r#type).collect();
    assert_eq!(told, [2, 4], "the message, and the conversation that shows it");
    // An edit that was on its way brings nothing back.
    post(&house, vec![edit("c1", "m2", "bí mật", 3)]).await;
    assert_eq!(house.messages(&conversation.id).await[1].content, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_newest_reaction_of_each_side_counts_and_a_customers_opens_the_window() {
    let house = quiet().await;
    let old = hours_ago(30);
    post(&house, vec![message("c1", "m1", "hôm qua", old)]).await;
    let at = now_ms() - 5000;
    let mut ours = reaction("c1", "m1", Some("👍"), at);
    ours["sender"] = json!({"id": house.shop.facebook.1});
    ours["recipient"] = json!({"id": "c1"});
    post(&house, vec![ours]).await;
    let closed = house.conversation().await.reply_window.unwrap().ai_until.unwrap().seconds;
    assert!(closed < now_ms() / 1000, "the business's own reaction opens nothing");
    post(&house, vec![reaction("c1", "m1", Some("❤"), at + 2), reaction("c1", "m1", Some("😢"), at + 1)]).await;
    let conversation = house.conversation().await;
    assert!(conversation.reply_window.unwrap().ai_until.unwrap().seconds > now_ms() / 1000);
    let seen = async || -> Vec<(String, bool)> {
        let message = house.messages(&conversation.id).await.remove(0);
        message.reactions.into_iter().map(|reaction| (reaction.reaction, reaction.is_from_contact)).collect()
    };
    assert_eq!(seen().await, [("❤".to_owned(), true), ("👍".to_owned(), false)]);
    post(&house, vec![reaction("c1", "m1", None, at + 3)]).await;
    post(&house, vec![reaction("c1", "m1", Some("❤"), at + 2)]).await;
    assert_eq!(seen().await, [("👍".to_owned(), false)], "what was taken back does not come back");
}

/// (case 16)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_message_that_never_comes_is_given_up_after_a_day_and_a_half() {
    let house = quiet().await;
    let items = vec![unsend("c1", "m1"), edit("c1", "m2", "x", 1), reaction("c1", "m3", Some("❤"), now_ms())];
    let event = house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.ingested().await;
    assert!(house.outcomes(event).await.iter().all(|(_, outcome)| outcome == "parked"));
    assert!(house.conversations().await.is_empty(), "what says nothing begins no conversation");
    house
        .sql("update inbox.webhook_items set created_at = created_at - interval '36 hours 1 minute' where index <> 1")
        .await;
    let rows = until("the end of the wait", || async {
        let rows: Vec<(String, String)> =
            sqlx::query_as("select outcome, reason from inbox.webhook_items where event_id = $1 order by index")
                .bind(event)
                .fetch_all(&house.admin)
                .await
                .unwrap();
        (rows[0].0 == "ignored").then_some(rows)
    })
    .await;
    let gone = ("ignored".to_owned(), "message_never_came".to_owned());
    assert_eq!(rows, [gone.clone(), ("parked".to_owned(), String::new()), gone]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_our_own_message_is_applied_when_its_id_becomes_known() {
    let house = House::new().await;
    house.meta.gate.close();
    house.meta.script.lock().unwrap().push_back(crate::vendors::taken("m-ours"));
    house.writes("c1", "one").await;
    house.meta.gate.visitor().await;
    assert_eq!(post(&house, vec![reaction("c1", "m-ours", Some("❤"), now_ms())]).await, outcome("reaction", "parked"));
    house.meta.gate.open();
    let messages = house.see("the reaction", |all| all.len() == 2 && !all[1].reactions.is_empty()).await;
    assert_eq!(messages[1].platform_message_id, "m-ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_waits_and_cannot_be_taken_keeps_no_message_back() {
    let house = quiet().await;
    house.sql("alter table inbox.messages add constraint no_poison check (content <> 'poison')").await;
    let parked = house.post(Platform::Facebook, &page(&house.shop, vec![edit("c1", "m1", "poison", 1)])).await;
    house.ingested().await;
    assert_eq!(post(&house, vec![message("c1", "m1", "fine", now_ms())]).await, outcome("message", "stored"));
    assert_eq!(house.outcomes(parked).await, outcome("message_edit", "failed"));
    assert_eq!(house.messages(&house.conversation().await.id).await[0].content, "fine");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_is_linked_to_what_it_answers_when_we_have_it() {
    let house = quiet().await;
    let mut answer = message("c1", "m2", "cái này", now_ms());
    answer["message"]["reply_to"] = json!({"mid": "e1"});
    post(&house, vec![answer]).await;
    let id = house.conversation().await.id;
    assert_eq!(house.messages(&id).await[0].context.as_ref().unwrap().reply_to_id, "");
    post(&house, vec![echo("c1", "e1", "Áo đỏ ạ", None)]).await;
    let messages = house.messages(&id).await;
    let (answer, asked) = (&messages[0], &messages[1]);
    assert_eq!((asked.content.as_str(), &answer.context.as_ref().unwrap().reply_to_id), ("Áo đỏ ạ", &asked.id));
}
