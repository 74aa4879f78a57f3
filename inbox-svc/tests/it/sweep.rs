//! The table of due work may be lost at any time: the rows know what is owed.

use chatdesk_proto::inbox::v1::MessageStatus;
use chatdesk_proto::tenants::v1::Platform;
use chrono::TimeDelta;

use crate::house::{House, message, now_ms, page, until};

fn quick(config: &mut chatdesk_inbox::Config) {
    config.sweep_grace = TimeDelta::milliseconds(300);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wiped_table_of_due_work_is_healed_before_the_reply() {
    let house = House::with(|config| {
        quick(config);
        config.quiet.window = TimeDelta::milliseconds(400);
        config.quiet.cap = TimeDelta::milliseconds(400);
    })
    .await;
    house.writes("c1", "one").await;
    house.see("the message", |all| !all.is_empty()).await;
    house.sql("delete from routing.due_work").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    assert_eq!(house.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_and_messages_that_nobody_works_on_are_found() {
    let house = House::with(quick).await;
    // Two bodies of one commit and a queued message as a process left them that ended before their work was made.
    let id = {
        house.writes("c1", "one").await;
        house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
        house.idle().await;
        house.conversation().await.id
    };
    let body = |user: &str, text: &str| {
        page(&house.shop, vec![message(user, &format!("m {text}"), text, now_ms())]).to_string().into_bytes()
    };
    house.left_behind(vec![body("c2", "two"), body("c3", "three")]).await;
    sqlx::query(
        "insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, sender_type, content, status, platform_at, received_at)
         select tenant_id, gen_random_uuid(), id, channel_id, last_arrival + 1, 'business', 'left behind', 'queued', now(), now()
         from inbox.conversations where id = $1::uuid",
    )
    .bind(id.parse::<uuid::Uuid>().unwrap())
    .execute(&house.admin)
    .await
    .unwrap();
    until("all to be found", || async {
        let sent: Vec<String> = house.sent().into_iter().map(|request| request.text).collect();
        ["left behind", "re: two", "re: three"].iter().all(|text| sent.iter().any(|sent| sent == text)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_left_in_sending_becomes_unknown_and_is_not_sent() {
    let house = House::with(quick).await;
    house.writes("c1", "one").await;
    let messages = house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    house
        .sql("update inbox.messages set status = 'sending', mid = null, sending_at = now() where sender_type = 'ai'")
        .await;
    house.see("an unknown send", |all| all[1].status() == MessageStatus::Unknown).await;
    house.idle().await;
    assert_eq!(house.sent().len(), 1);
    let events = house.events(0).await.items;
    let last = events.iter().rev().find_map(|event| match &event.resource {
        Some(chatdesk_proto::inbox::v1::event::Resource::Message(message)) => Some(message.clone()),
        _ => None,
    });
    let last = last.unwrap();
    assert_eq!((last.id.as_str(), last.status()), (messages[1].id.as_str(), MessageStatus::Unknown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_kept_long_enough_is_forgotten() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.idle().await;
    house.post(Platform::Facebook, &page(&house.shop, vec![])).await;
    house.ingested().await;
    house.post_bytes(Platform::Facebook, b"not json".to_vec()).await.unwrap();
    house.ingested().await;
    house.sql("update inbox.webhook_events set received_at = now() - interval '8 days'").await;
    house.sql("update inbox.webhook_items set created_at = now() - interval '8 days'").await;
    house.sql("update inbox.events set created_at = now() - interval '8 days' where seq <= 2").await;
    until("the old to be gone", || async {
        let bodies: i64 =
            sqlx::query_scalar("select count(*) from inbox.webhook_events").fetch_one(&house.admin).await.unwrap();
        (bodies == 1 && house.events(0).await.resync).then_some(())
    })
    .await;
    assert_eq!(house.events(2).await.items[0].seq, 3);
    let items = async || -> Vec<String> {
        sqlx::query_scalar("select item from inbox.webhook_items").fetch_all(&house.admin).await.unwrap()
    };
    until("the item's words to be gone", || async { (items().await == [""]).then_some(()) }).await;
    house.sql("update inbox.webhook_events set received_at = now() - interval '31 days'").await;
    house.sql("update inbox.webhook_items set created_at = now() - interval '31 days'").await;
    until("the last trace to be gone", || async {
        let bodies: i64 =
            sqlx::query_scalar("select count(*) from inbox.webhook_events").fetch_one(&house.admin).await.unwrap();
        (bodies == 0 && items().await.is_empty()).then_some(())
    })
    .await;
}
