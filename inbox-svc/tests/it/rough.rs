//! A database that is there and will not: its connections are used up, it is being changed, its disk is full. Nobody is told that
//! something is kept which is not, and what was told is there afterwards, once.

use std::sync::atomic::{AtomicBool, Ordering};

use chatdesk_proto::inbox::v1::conversation_service_client::ConversationServiceClient;
use chatdesk_proto::inbox::v1::{ConversationStatus, ListConversationsRequest, MessageStatus};
use chatdesk_proto::tenants::v1::Platform;
use futures::future::join_all;
use tonic::Code;

use crate::house::{House, message, now_ms, page, until};
use crate::locks::Locks;

/// Connections that people's calls have, as the house sets it.
const CONNECTIONS: i64 = 8;

fn body(house: &House, mid: &str) -> Vec<u8> {
    page(&house.shop, vec![message("c1", mid, mid, now_ms())]).to_string().into_bytes()
}

/// Brings a body again until it is taken, as Meta does.
async fn brought(house: &House, body: &[u8]) {
    until("a body to be taken", || async { house.post_bytes(Platform::Facebook, body.to_vec()).await.ok() }).await;
}

async fn stored(house: &House) -> Vec<String> {
    sqlx::query_scalar("select mid from inbox.messages where sender_type = 'contact' order by mid")
        .fetch_all(&house.admin)
        .await
        .unwrap()
}

async fn tries(house: &House) -> i64 {
    sqlx::query_scalar("select last_value from public.tries").fetch_one(&house.admin).await.unwrap()
}

/// Every insert into a table is told that the disk is full, and counted.
async fn fill_disk(house: &House, table: &'static str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "create sequence public.tries; grant usage on sequence public.tries to cd_inbox;
         create function full_disk() returns trigger language plpgsql as $$
         begin
             perform nextval('public.tries');
             raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
         end $$;
         create trigger full_disk before insert on {table} for each row execute function full_disk()"
    )))
    .execute(&house.admin)
    .await
    .unwrap();
}

/// (case 43) Slow queries have every connection that people's calls and work can get: webhooks are acknowledged all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_queries_that_use_up_the_pool_keep_no_webhook_from_being_acknowledged() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    let mut locks = Locks::new(&house).await;
    locks.run("lock table inbox.conversations in access exclusive mode").await;
    let over = AtomicBool::new(false);
    // A slow query is ended in the end, and the next one takes its connection.
    let crowd = join_all((0..2 * CONNECTIONS).map(|_| async {
        while !over.load(Ordering::SeqCst) {
            let mut client = ConversationServiceClient::new(house.agent());
            let _ = client.list_conversations(ListConversationsRequest::default()).await;
        }
    }));
    let meanwhile = async {
        locks.awaited(&house, CONNECTIONS).await;
        brought(&house, &body(&house, "m2")).await;
        let kept: i64 = sqlx::query_scalar("select count(*) from inbox.webhook_events where state = 'new'")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        over.store(true, Ordering::SeqCst);
        locks.end().await;
        kept
    };
    let (_, kept) = tokio::join!(crowd, meanwhile);
    assert!(kept > 0, "kept while nothing could be worked off");
    house.see("an answer to it", |all| all.len() == 4 && all[3].content == "re: m2").await;
}

/// (case 45) A column is added while messages come: whoever meets the lock waits or is sent away, and everything is there once afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_during_traffic_loses_nothing() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    let mut sent = 1;
    for table in
        ["inbox.webhook_events", "inbox.webhook_items", "inbox.conversations", "inbox.messages", "routing.due_work"]
    {
        let mut locks = Locks::new(&house).await;
        locks.run(format!("alter table {table} add column extra text not null default 'x'")).await;
        let bodies: Vec<_> = (0..4).map(|n| body(&house, &format!("{table}-{n}"))).collect();
        let coming = join_all(bodies.iter().map(|body| brought(&house, body)));
        let ending = async {
            locks.awaited(&house, 1).await;
            locks.end().await;
        };
        tokio::join!(coming, ending);
        sent += 4;
        house.idle().await;
        let mids = stored(&house).await;
        assert_eq!(mids.len(), sent, "{table}: {mids:?}");
    }
    house.nothing_owed().await;
    house.idle().await;
    let said: Vec<String> = house.sent().into_iter().map(|sent| sent.text).collect();
    let said = said.join("\n");
    let asks_a_person = house.conversation().await.status() == ConversationStatus::NeedsHuman;
    for mid in stored(&house).await.iter().filter(|mid| !mid.starts_with("m_")) {
        let answers = said.matches(mid.as_str()).count();
        assert!(answers == 1 || (answers == 0 && asks_a_person), "{mid} is answered {answers} times");
    }
}

/// (case 39) There is no room for a body: nobody is told that it is kept, and the repeat is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_the_repeat_is_taken() {
    let house = House::new().await;
    fill_disk(&house, "inbox.webhook_events").await;
    let body = body(&house, "m1");
    for _ in 0..3 {
        let refused = house.post_bytes(Platform::Facebook, body.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable);
    }
    assert!(stored(&house).await.is_empty());
    house.sql("drop trigger full_disk on inbox.webhook_events").await;
    house.post_bytes(Platform::Facebook, body).await.unwrap();
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    assert_eq!((stored(&house).await, house.sent().len()), (vec!["m1".to_owned()], 1));
}

/// (case 39) There is room for a body, and none for its message: it waits for as long as that takes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_waits_for_room() {
    let house = House::new().await;
    fill_disk(&house, "inbox.messages").await;
    house.post_bytes(Platform::Facebook, body(&house, "m1")).await.unwrap();
    // More often than a defect may fail.
    until("many tries", || async { (tries(&house).await > 4).then_some(()) }).await;
    let waiting: String =
        sqlx::query_scalar("select state from inbox.webhook_events").fetch_one(&house.admin).await.unwrap();
    assert_eq!(waiting, "new");
    house.sql("drop trigger full_disk on inbox.messages").await;
    house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
    house.idle().await;
    assert_eq!((stored(&house).await, house.sent().len()), (vec!["m1".to_owned()], 1));
}
