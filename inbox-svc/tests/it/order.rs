//! Whoever locks several things locks them in one order. Seen with a lock of the test's own: who waits for the first of them has none of
//! those that come after it.

use chatdesk_platform::Role;
use chatdesk_proto::inbox::v1::journal_service_client::JournalServiceClient;
use chatdesk_proto::inbox::v1::{MessageStatus, RedriveRequest};
use chatdesk_proto::tenants::v1::Platform;
use prost_types::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, event, message, now_ms, page, until};
use crate::locks::{Locks, conversation_with, waits};

/// A shop with two customers whom nobody answers, and their messages `m1` and `m2`.
async fn two_customers() -> (House, String, String) {
    let house = House::new().await;
    house.meta.ai_off_by_default.store(true, std::sync::atomic::Ordering::SeqCst);
    house.compared().await;
    let items = vec![message("c1", "m1", "hi", now_ms()), message("c2", "m2", "hi", now_ms())];
    house.post(Platform::Facebook, &page(&house.shop, items)).await;
    house.idle().await;
    let (first, second) = (conversation_with(&house, "c1").await, conversation_with(&house, "c2").await);
    (house, first, second)
}

fn reaction(user: &str, mid: &str) -> Value {
    event(user, "reaction", json!({"mid": mid, "action": "react", "emoji": "❤"}), now_ms())
}

/// An edit that names neither side.
fn nameless_edit(mid: &str) -> Value {
    json!({"timestamp": now_ms(), "message_edit": {"mid": mid, "text": "sửa", "num_edit": 1}})
}

async fn redrive(house: &House, request: RedriveRequest) -> Result<u32, tonic::Status> {
    let client = &mut JournalServiceClient::new(house.as_role(Role::Owner));
    Ok(client.redrive(request).await?.into_inner().count)
}

fn last_hour() -> RedriveRequest {
    let around = |seconds| Some(Timestamp { seconds: now_ms() / 1000 + seconds, nanos: 0 });
    RedriveRequest { from: around(-3600), to: around(3600), ..Default::default() }
}

async fn redriven(house: &House, event: Uuid) {
    until("all to be worked off again", || async {
        let open: i64 =
            sqlx::query_scalar("select count(*) from inbox.webhook_items where event_id = $1 and redriven_at is null")
                .bind(event)
                .fetch_one(&house.admin)
                .await
                .unwrap();
        (open == 0).then_some(())
    })
    .await;
}

async fn content(house: &House, mid: &str) -> String {
    let look = sqlx::query_scalar("select content from inbox.messages where mid = $1").bind(mid);
    look.fetch_one(&house.admin).await.unwrap()
}

/// What is worked off again comes in another order, and is taken in that of ingest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redrive_locks_conversations_in_the_order_of_ingest() {
    let (house, first, second) = two_customers().await;
    let body = page(&house.shop, vec![reaction("c2", "m2"), reaction("c1", "m1")]);
    let posted = house.post(Platform::Facebook, &body).await;
    house.ingested().await;
    let mut locks = Locks::new(&house).await;
    locks.conversation(&first).await;
    assert_eq!(redrive(&house, last_hour()).await.unwrap(), 2);
    locks.awaited(&house, 1).await;
    assert!(locks.is_conversation_free(&second).await, "who waits for the first has the second already");
    locks.end().await;
    redriven(&house, posted).await;
}

/// Whose message an item changes that names nobody is known too late for an order: it holds one conversation and waits for none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_names_nobody_locks_no_conversation_beside_others() {
    let (house, first, second) = two_customers().await;
    let mut locks = Locks::new(&house).await;
    locks.conversation(&first).await;
    let body = page(&house.shop, vec![nameless_edit("m2"), reaction("c1", "m1")]);
    let posted = house.post(Platform::Facebook, &body).await;
    locks.awaited(&house, 1).await;
    assert!(locks.is_conversation_free(&second).await, "ingest");
    locks.end().await;
    house.ingested().await;
    let outcome = |kind: &str| (kind.to_owned(), "status".to_owned());
    assert_eq!(house.outcomes(posted).await, [outcome("message_edit"), outcome("reaction")]);
    assert_eq!(content(&house, "m2").await, "sửa");
    let mut locks = Locks::new(&house).await;
    locks.conversation(&first).await;
    assert_eq!(redrive(&house, last_hour()).await.unwrap(), 2);
    locks.awaited(&house, 1).await;
    assert!(locks.is_conversation_free(&second).await, "redrive");
    locks.end().await;
    redriven(&house, posted).await;
    assert_eq!(house.outcomes(posted).await, [outcome("message_edit"), outcome("reaction")]);
}

/// A second click while the first is worked off: the work is locked before its item, as who works it off does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asking_for_an_item_again_locks_the_work_before_the_item() {
    let (house, ..) = two_customers().await;
    let posted = house.post(Platform::Facebook, &page(&house.shop, vec![reaction("c1", "m1")])).await;
    house.ingested().await;
    sqlx::query(
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('redrive', $1, $2, 'infinity')",
    )
    .bind(house.shop.tenant.0)
    .bind(posted)
    .execute(&house.admin)
    .await
    .unwrap();
    let mut locks = Locks::new(&house).await;
    locks
        .run(format!("select from routing.due_work where kind = 'redrive' and entity_id = '{posted}' for update"))
        .await;
    let request = RedriveRequest { id: format!("{posted}.0"), ..Default::default() };
    // However slow the machine is: who waited for too long asks again.
    let asked = until("the item to be asked for", || async { redrive(&house, request.clone()).await.ok() });
    let seen = async {
        locks.awaited(&house, 1).await;
        let item = format!("select from inbox.webhook_items where event_id = '{posted}'");
        assert!(locks.is_free(item).await, "who waits for the work has the item already");
        locks.end().await;
    };
    assert_eq!(tokio::join!(asked, seen).0, 1);
    redriven(&house, posted).await;
}

/// (case 44) Two that wait for each other: the server ends ingest's transaction, and it is done again with nothing lost or doubled.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_tried_again() {
    let (house, first, second) = two_customers().await;
    house
        .sql(
            "create function stop() returns trigger language plpgsql as $$
             begin perform pg_advisory_xact_lock(42); return new; end $$;
             create trigger stop before insert on inbox.messages for each row when (new.content = 'one')
             execute function stop()",
        )
        .await;
    let mut expected = 2;
    // On a slow machine a wait may end by itself before the circle is closed.
    for round in 0..10 {
        let mut gate = Locks::new(&house).await;
        gate.run("select pg_advisory_xact_lock(42)").await;
        let mut rival = Locks::new(&house).await;
        rival.conversation(&second).await;
        let (one, two) = (format!("one-{round}"), format!("two-{round}"));
        let items = vec![message("c1", &one, "one", now_ms()), message("c2", &two, "two", now_ms())];
        house.post(Platform::Facebook, &page(&house.shop, items)).await;
        // It has the first conversation, and will ask for the second.
        gate.awaited(&house, 1).await;
        let (pid, wanted) = (rival.pid(), first.clone());
        let rival = tokio::spawn(async move {
            rival.conversation(&wanted).await;
            rival.end().await;
        });
        waits(&house, pid).await;
        gate.end().await;
        rival.await.unwrap();
        house.ingested().await;
        expected += 2;
        let stored: (i64, i64) = sqlx::query_as("select count(*), count(distinct mid) from inbox.messages")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        assert_eq!(stored, (expected, expected));
        let deadlocks: i64 =
            sqlx::query_scalar("select deadlocks from pg_stat_database where datname = current_database()")
                .fetch_one(&house.admin)
                .await
                .unwrap();
        if deadlocks > 0 {
            return;
        }
    }
    panic!("there was no deadlock");
}

/// (case 44) What the server takes back again and again, as often as a defect may fail, is done in the end, once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_takes_back_is_not_counted() {
    for code in ["40001", "40P01"] {
        let house = House::new().await;
        house.sql("create sequence public.tries; grant usage on sequence public.tries to cd_inbox").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
            "create function take_back() returns trigger language plpgsql as $$
             begin
                 if nextval('public.tries') % 4 <> 0 then raise exception 'again' using errcode = '{code}'; end if;
                 return new;
             end $$;
             create trigger take_back before insert on inbox.messages for each row execute function take_back()"
        )))
        .execute(&house.admin)
        .await
        .unwrap();
        house.writes("c1", "còn áo không").await;
        let all = house.see("an answer", |all| all.len() == 2 && all[1].status() == MessageStatus::Sent).await;
        assert_eq!(all[1].content, "re: còn áo không");
        house.idle().await;
        let set_aside: i64 = sqlx::query_scalar("select count(*) from routing.due_work where due_at = 'infinity'")
            .fetch_one(&house.admin)
            .await
            .unwrap();
        assert_eq!((house.sent().len(), set_aside), (1, 0), "{code}");
    }
}
