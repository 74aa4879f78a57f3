//! Work that was set aside: shown with why, looked at, tried again, given up.

use chatdesk_platform::db::aside::{self, Decision, WorkId};
use chatdesk_platform::db::{Done, Handler, Job, System, Worker, WorkerConfig};
use chatdesk_platform::{Error, Shutdown};
use chatdesk_proto::system::v1 as pb;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::due::{Due, ago, later};
use super::*;

const KINDS: &[&str] = &["probe", "idle"];

/// Fails until it is told otherwise.
struct Moody(Arc<AtomicBool>);

impl Handler for Moody {
    const KIND: &'static str = "probe";

    async fn handle(&self, _: Job) -> Result<Done, Error> {
        if self.0.load(Ordering::SeqCst) { Ok(Done::Finished) } else { Err(Error::internal("a defect")) }
    }
}

async fn failed(due: &Due, shutdown: &Shutdown) -> (uuid::Uuid, Arc<AtomicBool>) {
    let (entity, well) = (new_id(), Arc::new(AtomicBool::new(false)));
    let config = WorkerConfig { concurrency: 1, lease: LONG, max_attempts: 2, base_wait: Duration::from_millis(1) };
    let handler = Moody(Arc::clone(&well));
    Worker::new(due.db.clone(), due.wakes.clone(), config, ServiceName::Catalog, handler).start(shutdown);
    due.schedule(entity, ago()).await;
    until("the work is set aside", || async { due.row(entity).await.is_some_and(|row| row.is_set_aside) }).await;
    (entity, well)
}

fn ask(ids: &[pb::WorkId], dry_run: bool) -> pb::DecideWorkRequest {
    pb::DecideWorkRequest { ids: ids.to_vec(), dry_run }
}

#[tokio::test]
async fn what_was_set_aside_says_why_and_is_tried_again() {
    let (due, shutdown) = (Due::new().await, Shutdown::default());
    let system = System::new(due.db.clone(), due.wakes.clone(), KINDS);
    let (entity, well) = failed(&due, &shutdown).await;
    let list = system.list(&pb::ListFailedWorkRequest::default()).await.unwrap();
    let [item] = list.items.as_slice() else { panic!("{list:?}") };
    assert_eq!((item.attempts, item.why.as_str()), (2, "internal error: a defect"));
    assert!(item.failed_at.is_some());
    let id = item.id.clone().unwrap();
    assert_eq!((id.kind.as_str(), id.entity_id.clone()), ("probe", entity.to_string()));

    // First what would come of it: nothing is changed.
    let stranger = pb::WorkId { entity_id: new_id().to_string(), ..id.clone() };
    let looked = system.decide(&ask(&[id.clone(), stranger.clone()], true), Decision::Retry).await.unwrap();
    assert_eq!((looked.done, looked.gone), (vec![id.clone()], vec![stranger]));
    assert!(due.row(entity).await.unwrap().is_set_aside);

    well.store(true, Ordering::SeqCst);
    let done = system.decide(&ask(std::slice::from_ref(&id), false), Decision::Retry).await.unwrap();
    assert_eq!(done.done, std::slice::from_ref(&id));
    until("the work is done", || async { due.row(entity).await.is_none() }).await;
    let again = system.decide(&ask(std::slice::from_ref(&id), false), Decision::Retry).await.unwrap();
    assert_eq!((again.done, again.gone), (vec![], vec![id]));
    shutdown.begin();
}

#[tokio::test]
async fn what_is_given_up_is_gone_and_what_is_not_set_aside_is_not_touched() {
    let (due, shutdown) = (Due::new().await, Shutdown::default());
    let (entity, _) = failed(&due, &shutdown).await;
    let waiting = new_id();
    due.schedule(waiting, later()).await;
    let id = |entity| WorkId { kind: "probe".into(), tenant: due.tenant.0, entity };
    let mut tx = due.db.system().await.unwrap();
    let ids = [id(entity), id(waiting)];
    // Another service's kind is not this one's to decide about.
    assert_eq!(aside::decide(tx.conn(), &["other"], &ids, Decision::Discard).await.unwrap(), []);
    assert_eq!(aside::decide(tx.conn(), KINDS, &ids, Decision::Discard).await.unwrap(), [id(entity)]);
    tx.commit().await.unwrap();
    assert!(due.row(entity).await.is_none() && due.row(waiting).await.is_some());
    shutdown.begin();
}

#[tokio::test]
async fn what_would_do_nothing_is_refused_and_says_why() {
    let (due, shutdown) = (Due::new().await, Shutdown::default());
    let (entity, _) = failed(&due, &shutdown).await;
    let id = pb::WorkId { kind: "probe".into(), tenant_id: due.tenant.to_string(), entity_id: entity.to_string() };
    let system = System::new(due.db.clone(), due.wakes.clone(), KINDS);
    for (system, refused, taken, code) in [
        (system.clone().owed(&["probe"]), Decision::Discard, Decision::Retry, "still_owed"),
        (system.ended(&["probe"]), Decision::Retry, Decision::Discard, "nothing_to_retry"),
    ] {
        for dry_run in [true, false] {
            let error = system.decide(&ask(std::slice::from_ref(&id), dry_run), refused).await.unwrap_err();
            assert!(
                matches!(&error, Error::Precondition { code: told, detail } if *told == code && detail.contains("probe"))
            );
            assert!(due.row(entity).await.unwrap().is_set_aside);
        }
        let looked = system.decide(&ask(std::slice::from_ref(&id), true), taken).await.unwrap();
        assert_eq!(looked.done, std::slice::from_ref(&id));
    }
    shutdown.begin();
}

#[tokio::test]
async fn queues_are_counted_and_lists_are_paged() {
    let due = Due::new().await;
    let system = System::new(due.db.clone(), due.wakes.clone(), KINDS);
    let entities: Vec<_> = (0..5).map(|_| new_id()).collect();
    for entity in &entities {
        due.schedule(*entity, ago()).await;
    }
    due.schedule(new_id(), later()).await;
    let leased = due.claimer(LONG).claim(1).await.unwrap();
    let pool = due.test.superuser().await;
    sqlx::query("update routing.due_work set due_at = 'infinity' where lease_until is null and due_at <= now()")
        .execute(&pool)
        .await
        .unwrap();
    let mut tx = due.db.system().await.unwrap();
    assert_eq!(aside::kinds(tx.conn()).await.unwrap(), ["probe"]);
    sqlx::query("update routing.due_work set kind = 'a_first' where due_at > now() and due_at < 'infinity'")
        .execute(tx.conn())
        .await
        .unwrap();
    assert_eq!(aside::kinds(tx.conn()).await.unwrap(), ["a_first", "probe"]);
    drop(tx);
    let system_now = system.clone().lost("probe").get().await.unwrap();
    let queue = |kind: &str| system_now.queues.iter().find(|queue| queue.kind == kind).unwrap().clone();
    let probe = queue("probe");
    assert_eq!((probe.due, probe.leased, probe.later, probe.set_aside), (0, leased.len() as u64, 1, 4));
    assert_eq!((queue("idle").due, system_now.unknown_sends), (0, 2));
    assert!(system_now.pool.unwrap().most >= 1);

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    for expected in [3, 1] {
        let request = pb::ListFailedWorkRequest { cursor, limit: 3, ..Default::default() };
        let page = system.list(&request).await.unwrap();
        assert_eq!(page.items.len(), expected);
        seen.extend(page.items.into_iter().map(|item| item.id.unwrap().entity_id));
        cursor = page.next_cursor;
    }
    assert!(cursor.is_empty());
    seen.dedup();
    assert_eq!(seen.len(), 4);
    for bad in [
        pb::ListFailedWorkRequest { cursor: "x".into(), ..Default::default() },
        pb::ListFailedWorkRequest { limit: 201, ..Default::default() },
    ] {
        assert!(matches!(system.list(&bad).await, Err(Error::Invalid(_))));
    }
    let none = pb::ListFailedWorkRequest { kind: "send".into(), ..Default::default() };
    assert!(system.list(&none).await.unwrap().items.is_empty(), "another service's kind");
}
