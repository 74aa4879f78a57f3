//! Bodies that shared a commit: worked off together while all goes well, and each on its own after anything went wrong.

use serde_json::Value;
use uuid::Uuid;

use crate::house::{House, message, now_ms, page, until};

/// Bodies of one message each, whose text is the customer's name.
fn bodies(house: &House, customers: &[&str]) -> Vec<Vec<u8>> {
    let body = |user: &&str| -> Value {
        let shop = if user.starts_with("other") { &house.other } else { &house.shop };
        page(shop, vec![message(user, &format!("m_{user}"), user, now_ms())])
    };
    customers.iter().map(|user| body(user).to_string().into_bytes()).collect()
}

/// Makes the one piece of work of a group, as it was before its last claim.
async fn make_due(house: &House, group: Uuid, attempts: i32) {
    sqlx::query("insert into routing.due_work (kind, entity_id, due_at, attempts) values ('ingest', $1, now(), $2)")
        .bind(group)
        .bind(attempts)
        .execute(&house.admin)
        .await
        .unwrap();
}

/// Each body's state, why, and whether it is a group of its own, in the order they came.
async fn states(house: &House) -> Vec<(String, String, bool)> {
    let look = "select state, reason, group_id = id from inbox.webhook_events order by id";
    sqlx::query_as(look).fetch_all(&house.admin).await.unwrap()
}

fn state(state: &str, reason: &str, is_alone: bool) -> (String, String, bool) {
    (state.to_owned(), reason.to_owned(), is_alone)
}

async fn stored(house: &House) -> Vec<String> {
    sqlx::query_scalar("select content from inbox.messages where sender_type = 'contact' order by content")
        .fetch_all(&house.admin)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_one_commit_are_one_piece_of_work() {
    let house = House::new().await;
    let mut all = bodies(&house, &["c1", "c2", "other", "c1"]);
    all.insert(2, b"not json".to_vec());
    all.push(page(&house.shop, vec![]).to_string().into_bytes());
    let (group, ids) = house.left_behind(all).await;
    make_due(&house, group, 0).await;
    house.ingested().await;
    let (done, failed) = (state("done", "", false), state("failed", "not_json", false));
    assert_eq!(states(&house).await, [done.clone(), done.clone(), failed, done.clone(), done.clone(), done]);
    assert_eq!(stored(&house).await, ["c1", "c2", "other"]);
    let outcome = async |event| house.outcomes(event).await.pop().unwrap().1;
    assert_eq!(outcome(ids[0]).await, "stored");
    assert_eq!(outcome(ids[4]).await, "deduplicated");
    house.idle().await;
}

/// A backlog of small groups is not worked off one by one; a group that failed before is left to itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_that_wait_are_taken_together() {
    let house = House::with(|config| config.ingest.concurrency = 1).await;
    let mut groups = Vec::new();
    for user in ["c1", "c2", "other", "c3"] {
        groups.push(house.left_behind(bodies(&house, &[user])).await.0);
    }
    let due = "insert into routing.due_work (kind, entity_id, due_at, attempts)
               select 'ingest', entity, now() - interval '1 minute', (entity = $2)::int from unnest($1::uuid[]) as t(entity)";
    sqlx::query(due).bind(&groups).bind(groups[3]).execute(&house.admin).await.unwrap();
    house.ingested().await;
    assert_eq!(stored(&house).await, ["c1", "c2", "c3", "other"]);
    let together: Vec<(Uuid, i64)> = sqlx::query_as(
        "select group_id, count(*) from inbox.webhook_events where state = 'done' group by 1 order by 2",
    )
    .fetch_all(&house.admin)
    .await
    .unwrap();
    assert_eq!(together.len(), 2, "{together:?}");
    assert_eq!((together[0], together[1].1), ((groups[3], 1), 3));
    house.idle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_commit_makes_one_piece_of_work() {
    // No room to work, so that what was made can be counted.
    let house = House::with(|config| config.ingest.concurrency = 0).await;
    let posts = (0..100).map(|n| house.post_bytes(chatdesk_proto::tenants::v1::Platform::Facebook, vec![b'x'; n]));
    for post in futures::future::join_all(posts).await {
        post.unwrap();
    }
    let (bodies, groups, works): (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(distinct group_id),
             (select count(*) from routing.due_work where kind = 'ingest'
                 and entity_id in (select group_id from inbox.webhook_events))
         from inbox.webhook_events",
    )
    .fetch_one(&house.admin)
    .await
    .unwrap();
    assert_eq!((bodies, groups), (100, works));
    assert!(groups < bodies, "a hundred at once never need a hundred commits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_fails_again_and_again_is_set_aside_alone() {
    let house = House::new().await;
    // Its outcome cannot be written down, so no savepoint saves the others.
    house.sql("alter table inbox.webhook_items add constraint no_poison check (key <> 'm_poison')").await;
    let (group, _) = house.left_behind(bodies(&house, &["c1", "poison", "c2", "other"])).await;
    make_due(&house, group, 0).await;
    house.ingested().await;
    let all = states(&house).await;
    assert_eq!(all[1], state("failed", "attempts_exhausted", true));
    assert!([&all[0], &all[2], &all[3]].iter().all(|(state, ..)| state == "done"), "{all:?}");
    assert!(!all[3].2, "the other tenant's was done at the first try");
    assert_eq!(stored(&house).await, ["c1", "c2", "other"]);
    house.idle().await;
    assert_eq!(house.sent().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_stumbles_keeps_nobody_waiting() {
    let house = House::new().await;
    house
        .sql(
            "create function stumble() returns trigger language plpgsql as $$
             begin raise exception 'again' using errcode = 'serialization_failure'; end $$;
             create trigger stumble before insert on inbox.messages for each row when (new.content = 'stuck')
             execute function stumble()",
        )
        .await;
    let (group, _) = house.left_behind(bodies(&house, &["c1", "stuck", "c2"])).await;
    make_due(&house, group, 0).await;
    until("its neighbours", || async { (stored(&house).await == ["c1", "c2"]).then_some(()) }).await;
    until("the stuck one to be alone", || async { (states(&house).await[1] == state("new", "", true)).then_some(()) })
        .await;
    house.sql("drop trigger stumble on inbox.messages").await;
    house.ingested().await;
    assert_eq!(stored(&house).await, ["c1", "c2", "stuck"]);
    assert!(states(&house).await.iter().all(|(state, ..)| state == "done"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_process_ended_over_is_taken_one_by_one() {
    let house = House::new().await;
    let (group, ids) = house.left_behind(bodies(&house, &["c1", "c2", "c3"])).await;
    // The claim was counted, and nobody lived to say what became of it.
    make_due(&house, group, 1).await;
    house.ingested().await;
    let done = state("done", "", true);
    assert_eq!(states(&house).await, [done.clone(), done.clone(), done]);
    assert_eq!(stored(&house).await, ["c1", "c2", "c3"]);
    for id in ids {
        assert_eq!(house.outcomes(id).await, [("message".to_owned(), "stored".to_owned())]);
    }
    house.idle().await;
    assert_eq!(house.sent().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_of_before_the_end_of_a_process_is_not_given_twice() {
    let house = House::new().await;
    let (group, ids) = house.left_behind(bodies(&house, &["c1", "c2"])).await;
    make_due(&house, group, 0).await;
    house.idle().await;
    // As if the last transaction, which ends the bodies, had been lost with the process.
    house.sql("update inbox.webhook_events set state = 'new'").await;
    make_due(&house, group, 1).await;
    house.idle().await;
    for id in ids {
        assert_eq!(house.outcomes(id).await, [("message".to_owned(), "stored".to_owned())]);
    }
    assert_eq!(house.sent().len(), 2);
}
