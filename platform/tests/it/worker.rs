//! The worker: what becomes of work that succeeds, fails, panics, is scheduled anew or takes long.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatdesk_platform::db::{Done, Handler, Job, Worker, WorkerConfig, schedule_missing};
use chatdesk_platform::{Error, Shutdown};
use chrono::TimeDelta;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::due::{Due, ago, later};
use super::*;

type Outcome = Pin<Box<dyn Future<Output = Result<Done, Error>> + Send>>;

/// Does what the test says, and tells of each run and of each piece set aside.
struct Script {
    run: Box<dyn Fn(Job) -> Outcome + Send + Sync>,
    runs: UnboundedSender<Job>,
    set_aside: UnboundedSender<Job>,
}

impl Handler for Script {
    const KIND: &'static str = "probe";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let _ = self.runs.send(job.clone());
        (self.run)(job).await
    }

    async fn set_aside(&self, job: &Job) {
        let _ = self.set_aside.send(job.clone());
    }
}

struct Running {
    shutdown: Shutdown,
    runs: UnboundedReceiver<Job>,
    set_aside: UnboundedReceiver<Job>,
}

impl Running {
    fn start(due: &Due, lease: Duration, run: impl Fn(Job) -> Outcome + Send + Sync + 'static) -> Self {
        let ((runs, seen), (aside, set_aside)) = (unbounded_channel(), unbounded_channel());
        let script = Script { run: Box::new(run), runs, set_aside: aside };
        let config = WorkerConfig { concurrency: 4, lease, max_attempts: 3, base_wait: Duration::from_millis(1) };
        let shutdown = Shutdown::default();
        Worker::new(due.db.clone(), due.wakes.clone(), config, ServiceName::Catalog, script).start(&shutdown);
        Self { shutdown, runs: seen, set_aside }
    }

    async fn next(&mut self) -> Job {
        tokio::time::timeout(LONG, self.runs.recv()).await.unwrap().unwrap()
    }
}

fn finish() -> Outcome {
    Box::pin(async { Ok(Done::Finished) })
}

fn fail() -> Outcome {
    Box::pin(async { Err(Error::internal("a defect")) })
}

fn stumble() -> Outcome {
    Box::pin(async { Err(Error::Unavailable("the probe")) })
}

async fn gone(due: &Due, entity: uuid::Uuid) {
    until("the work is out of the table", || async { due.row(entity).await.is_none() }).await;
}

#[tokio::test]
async fn finished_work_is_gone() {
    let due = Due::new().await;
    let mut worker = Running::start(&due, LONG, |_| finish());
    let entity = new_id();
    due.schedule(entity, ago()).await;
    let job = worker.next().await;
    assert_eq!((job.entity, job.attempts, job.tenant), (entity, 1, Some(due.tenant)));
    gone(&due, entity).await;
}

#[tokio::test]
async fn work_found_at_the_start_is_done_too() {
    let due = Due::new().await;
    let entities: Vec<_> = (0..20).map(|_| new_id()).collect();
    for entity in &entities {
        due.schedule(*entity, ago()).await;
    }
    let mut worker = Running::start(&due, LONG, |_| finish());
    let mut seen = Vec::new();
    for _ in &entities {
        seen.push(worker.next().await.entity);
    }
    seen.sort();
    assert_eq!(seen, entities);
}

#[tokio::test]
async fn failed_work_is_put_back_and_tried_again() {
    let due = Due::new().await;
    let mut worker = Running::start(&due, LONG, |job| if job.attempts < 3 { fail() } else { finish() });
    let entity = new_id();
    due.schedule(entity, ago()).await;
    for attempt in 1..=3 {
        assert_eq!(worker.next().await.attempts, attempt);
    }
    gone(&due, entity).await;
    assert!(worker.set_aside.try_recv().is_err());
}

#[tokio::test]
async fn work_that_fails_too_often_is_set_aside_until_it_is_scheduled_again() {
    let due = Due::new().await;
    let mut worker = Running::start(&due, LONG, |_| fail());
    let entity = new_id();
    due.schedule(entity, ago()).await;
    until("the work is set aside", || async { due.row(entity).await.is_some_and(|row| row.is_set_aside) }).await;
    let row = due.row(entity).await.unwrap();
    assert_eq!((row.attempts, row.lease_until), (3, None));
    assert_eq!(row.last_error, "internal error: a defect");
    assert_eq!(worker.set_aside.try_recv().unwrap().entity, entity);
    assert!(worker.set_aside.try_recv().is_err());
    for _ in 0..3 {
        worker.next().await;
    }
    assert!(worker.runs.try_recv().is_err());
    due.schedule(entity, ago()).await;
    for attempt in 1..=3 {
        assert_eq!(worker.next().await.attempts, attempt);
    }
    // A sweeper that finds it still owed begins it anew, too.
    until("the work is set aside again", || async { due.row(entity).await.is_some_and(|row| row.is_set_aside) }).await;
    let mut tx = due.db.system().await.unwrap();
    assert_eq!(schedule_missing(tx.conn(), "probe", due.tenant, &[entity], ago()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(worker.next().await.attempts, 1);
}

#[tokio::test]
async fn failures_that_pass_are_never_the_last() {
    let due = Due::new().await;
    let entity = new_id();
    // One failure that counts comes first, and stays counted.
    let mut worker = Running::start(&due, LONG, |job| match (job.attempts, job.stumbles) {
        (1, _) => fail(),
        (_, 0..6) => stumble(),
        _ => finish(),
    });
    due.schedule(entity, ago()).await;
    let first = worker.next().await;
    assert_eq!((first.attempts, first.stumbles), (1, 0));
    for stumbles in 0..=6 {
        let job = worker.next().await;
        assert_eq!((job.attempts, job.stumbles), (2, stumbles));
    }
    gone(&due, entity).await;
    assert!(worker.set_aside.try_recv().is_err());
}

#[tokio::test]
async fn a_panic_is_a_failure_of_this_work_alone() {
    let due = Due::new().await;
    let (bad, good) = (new_id(), new_id());
    let mut worker = Running::start(&due, LONG, move |job| {
        assert!(job.entity != bad || job.attempts > 1, "a defect");
        finish()
    });
    due.schedule(bad, ago()).await;
    let (first, second) = (worker.next().await, worker.next().await);
    assert_eq!([(first.entity, first.attempts), (second.entity, second.attempts)], [(bad, 1), (bad, 2)]);
    due.schedule(good, ago()).await;
    assert_eq!(worker.next().await.entity, good);
    gone(&due, bad).await;
    gone(&due, good).await;
}

#[tokio::test]
async fn work_scheduled_while_it_is_done_is_done_again() {
    let due = Arc::new(Due::new().await);
    let again = Arc::clone(&due);
    let (entity, other) = (new_id(), new_id());
    let mut worker = Running::start(&due, LONG, move |job| {
        let due = Arc::clone(&again);
        Box::pin(async move {
            // The same work is scheduled by somebody, and the handler ends both times without knowing.
            if job.entity == entity && due.row(other).await.is_none() {
                due.schedule(other, later()).await;
                due.schedule(entity, ago()).await;
            }
            Ok(Done::Finished)
        })
    });
    due.schedule(entity, ago()).await;
    assert_eq!(worker.next().await.entity, entity);
    let second = worker.next().await;
    assert_eq!((second.entity, second.attempts), (entity, 1));
    gone(&due, entity).await;
}

#[tokio::test]
async fn a_handler_may_take_its_work_out_with_its_own_last_transaction() {
    let due = Arc::new(Due::new().await);
    let inner = Arc::clone(&due);
    let entity = new_id();
    let is_first = AtomicBool::new(true);
    let mut worker = Running::start(&due, LONG, move |job| {
        let (due, is_first) = (Arc::clone(&inner), is_first.swap(false, Ordering::SeqCst));
        Box::pin(async move {
            // The first time it is scheduled again meanwhile, which `finish` must not lose.
            if is_first {
                due.schedule(job.entity, ago()).await;
            }
            let mut tx = due.db.system().await?;
            job.fence(tx.conn()).await?;
            job.finish(tx.conn()).await?;
            tx.commit().await?;
            Ok(Done::Settled)
        })
    });
    due.schedule(entity, ago()).await;
    assert_eq!(worker.next().await.attempts, 1);
    assert_eq!(worker.next().await.attempts, 1);
    gone(&due, entity).await;
    assert!(worker.runs.try_recv().is_err());
}

#[tokio::test]
async fn work_can_ask_to_be_done_later_without_having_failed() {
    let due = Due::new().await;
    let at = later();
    let mut worker = Running::start(&due, LONG, move |_| Box::pin(async move { Ok(Done::At(at)) }));
    let entity = new_id();
    due.schedule(entity, ago()).await;
    worker.next().await;
    let is_back = || async { due.row(entity).await.is_some_and(|row| row.lease_until.is_none() && !row.is_due) };
    until("the work is back", is_back).await;
    let row = due.row(entity).await.unwrap();
    assert_eq!((row.attempts, row.is_set_aside, row.last_error.as_str()), (0, false, ""));
}

#[tokio::test]
async fn work_of_the_near_future_is_done_when_its_time_comes() {
    let due = Due::new().await;
    let mut worker = Running::start(&due, LONG, |_| finish());
    let entity = new_id();
    due.schedule(entity, Clock::system().now() + TimeDelta::milliseconds(300)).await;
    let job = worker.next().await;
    assert!(job.late_by_ms >= 0.0);
}

#[tokio::test]
async fn a_long_work_keeps_its_lease() {
    let due = Due::new().await;
    let mut worker = Running::start(&due, Duration::from_secs(3), |_| Box::pin(pending()));
    let entity = new_id();
    due.schedule(entity, ago()).await;
    worker.next().await;
    let first = due.row(entity).await.unwrap().lease_until.unwrap();
    let is_renewed = || async { due.row(entity).await.unwrap().lease_until.unwrap() > first };
    until("the lease is renewed", is_renewed).await;
    assert_eq!(due.row(entity).await.unwrap().attempts, 1);
    assert!(due.claimer(LONG).claim(1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_lost_workers_work_is_taken_over() {
    let due = Due::new().await;
    let entity = new_id();
    due.schedule(entity, ago()).await;
    assert_eq!(due.claimer(Duration::from_millis(50)).claim(1).await.unwrap().len(), 1);
    let mut worker = Running::start(&due, LONG, |_| finish());
    let job = worker.next().await;
    assert_eq!((job.entity, job.attempts), (entity, 2));
    gone(&due, entity).await;
}

#[tokio::test]
async fn the_drain_waits_for_work_in_flight_and_ends_the_worker() {
    let due = Due::new().await;
    let (go, wait) = tokio::sync::watch::channel(false);
    let mut worker = Running::start(&due, LONG, move |_| {
        let mut wait = wait.clone();
        Box::pin(async move {
            wait.wait_for(|go| *go).await.map_err(Error::internal)?;
            Ok(Done::Finished)
        })
    });
    let entity = new_id();
    due.schedule(entity, ago()).await;
    worker.next().await;
    worker.shutdown.begin();
    assert!(!worker.shutdown.drain(Duration::ZERO).await);
    go.send(true).unwrap();
    assert!(worker.shutdown.drain(LONG).await);
    assert!(due.row(entity).await.is_none());
    // Nobody is left who could take more: the worker is gone with its handler.
    assert!(tokio::time::timeout(LONG, worker.runs.recv()).await.unwrap().is_none());
}
