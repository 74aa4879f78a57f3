//! Due work as a table: scheduled, claimed, finished, handed over.

use chatdesk_platform::db::{Claimer, Db, DueItem, Wakes, schedule, schedule_missing, unschedule, void_leases};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::*;

const KIND: &str = "probe";

/// A row of the table.
#[derive(Debug, sqlx::FromRow)]
pub struct Row {
    pub is_due: bool,
    pub is_set_aside: bool,
    pub attempts: i32,
    pub lease_until: Option<DateTime<Utc>>,
    pub last_error: String,
}

/// A service's view of due work.
pub struct Due {
    pub test: TestDb,
    pub db: Db,
    pub wakes: Wakes,
    pub tenant: TenantId,
}

impl Due {
    pub async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.pool("cd_catalog", 5).await;
        Self { test, db, wakes: Wakes::default(), tenant: tenant() }
    }

    pub fn item(&self, entity: Uuid) -> DueItem {
        DueItem { kind: KIND, tenant: Some(self.tenant), entity }
    }

    pub async fn schedule(&self, entity: Uuid, at: DateTime<Utc>) {
        let mut tx = self.db.system().await.unwrap();
        schedule(tx.conn(), self.item(entity), at).await.unwrap();
        tx.commit().await.unwrap();
        self.wakes.wake(KIND);
    }

    pub fn claimer(&self, lease: Duration) -> Claimer {
        Claimer::new(self.db.clone(), self.wakes.clone(), KIND, lease, ServiceName::Catalog)
    }

    pub async fn row(&self, entity: Uuid) -> Option<Row> {
        let row = sqlx::query_as::<_, Row>(
            "select due_at <= now() as is_due, due_at = 'infinity' as is_set_aside, attempts, lease_until, last_error
             from routing.due_work where kind = $1 and entity_id = $2",
        );
        let mut tx = self.db.system().await.unwrap();
        row.bind(KIND).bind(entity).fetch_optional(tx.conn()).await.unwrap()
    }
}

/// A moment ago, so that it is due by the database's clock as well.
pub fn ago() -> DateTime<Utc> {
    Clock::system().now() - TimeDelta::minutes(1)
}

pub fn later() -> DateTime<Utc> {
    Clock::system().now() + TimeDelta::hours(1)
}

#[tokio::test]
async fn scheduling_twice_keeps_one_row_with_the_last_time() {
    let due = Due::new().await;
    let entity = new_id();
    due.schedule(entity, later()).await;
    due.schedule(entity, ago()).await;
    assert!(due.row(entity).await.unwrap().is_due);
    due.schedule(entity, later()).await;
    assert!(!due.row(entity).await.unwrap().is_due);
    let rows = sqlx::query_scalar::<_, i64>("select count(*) from routing.due_work");
    assert_eq!(rows.fetch_one(&due.test.superuser().await).await.unwrap(), 1);
    let mut tx = due.db.system().await.unwrap();
    unschedule(tx.conn(), due.item(entity)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due.row(entity).await.is_none());
}

#[tokio::test]
async fn what_is_missing_is_added_and_what_is_there_is_left_alone() {
    let due = Due::new().await;
    let (there, missing) = (new_id(), new_id());
    due.schedule(there, later()).await;
    let mut tx = due.db.system().await.unwrap();
    let added = schedule_missing(tx.conn(), KIND, due.tenant, &[there, missing], ago()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(added, 1);
    assert!(!due.row(there).await.unwrap().is_due);
    assert!(due.row(missing).await.unwrap().is_due);
}

#[tokio::test]
async fn work_that_was_rolled_back_was_never_there() {
    let due = Due::new().await;
    let entity = new_id();
    let mut tx = due.db.system().await.unwrap();
    schedule(tx.conn(), due.item(entity), ago()).await.unwrap();
    drop(tx);
    assert!(due.row(entity).await.is_none());
}

#[tokio::test]
async fn claimers_at_once_never_get_the_same_work() {
    let due = Due::new().await;
    let mut all: Vec<Uuid> = (0..60).map(|_| new_id()).collect();
    for entity in &all {
        due.schedule(*entity, ago()).await;
    }
    let claim = || async {
        let (claimer, mut got) = (due.claimer(LONG), Vec::new());
        loop {
            let jobs = claimer.claim(7).await.unwrap();
            if jobs.is_empty() {
                return got;
            }
            got.extend(jobs.iter().map(|job| job.entity));
        }
    };
    let (a, b, c) = tokio::join!(claim(), claim(), claim());
    let mut got = [a, b, c].concat();
    got.sort();
    all.sort();
    assert_eq!(got, all);
}

#[tokio::test]
async fn the_oldest_comes_first_and_the_future_does_not() {
    let due = Due::new().await;
    let (old, young, future) = (new_id(), new_id(), new_id());
    due.schedule(young, ago()).await;
    due.schedule(old, ago() - TimeDelta::hours(1)).await;
    due.schedule(future, later()).await;
    let claimer = due.claimer(LONG);
    let first = claimer.claim(1).await.unwrap().remove(0);
    assert_eq!((first.entity, first.attempts, first.tenant), (old, 1, Some(due.tenant)));
    assert!(first.late_by_ms >= 3_600_000.0);
    assert_eq!(first.caller().unwrap().tenant(), Some(due.tenant));
    let rest: Vec<Uuid> = claimer.claim(10).await.unwrap().iter().map(|job| job.entity).collect();
    assert_eq!(rest, [young]);
}

#[tokio::test]
async fn who_lost_the_lease_writes_nothing_and_finishes_nothing() {
    let due = Due::new().await;
    let entity = new_id();
    due.schedule(entity, ago()).await;
    let lost = due.claimer(LONG).claim(1).await.unwrap().remove(0);
    let mut tx = due.db.system().await.unwrap();
    lost.fence(tx.conn()).await.unwrap();
    drop(tx);
    let mut tx = due.db.system().await.unwrap();
    assert_eq!(void_leases(tx.conn()).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let held = due.claimer(LONG).claim(1).await.unwrap().remove(0);
    assert_eq!(held.attempts, 2);
    let mut tx = due.db.system().await.unwrap();
    assert!(lost.fence(tx.conn()).await.is_err());
    lost.finish(tx.conn()).await.unwrap();
    held.fence(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due.row(entity).await.unwrap().lease_until.is_some());
    let mut tx = due.db.system().await.unwrap();
    held.finish(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due.row(entity).await.is_none());
}

#[tokio::test]
async fn work_scheduled_while_it_is_done_stays_when_it_is_finished() {
    let due = Due::new().await;
    let entity = new_id();
    due.schedule(entity, ago()).await;
    let job = due.claimer(LONG).claim(1).await.unwrap().remove(0);
    due.schedule(entity, ago()).await;
    let mut tx = due.db.system().await.unwrap();
    job.finish(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due.claimer(LONG).claim(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_lease_that_ran_out_hands_the_work_over() {
    let due = Due::new().await;
    let entity = new_id();
    due.schedule(entity, ago()).await;
    // Whoever takes it for a moment and is never heard of again.
    assert_eq!(due.claimer(Duration::from_millis(1)).claim(1).await.unwrap().len(), 1);
    let next = due.claimer(LONG);
    until("the work of a lost worker", || async { next.claim(1).await.unwrap().len() == 1 }).await;
    assert_eq!(due.row(entity).await.unwrap().attempts, 2);
}

#[tokio::test]
async fn a_wake_before_the_wait_is_not_lost() {
    let due = Due::new().await;
    due.schedule(new_id(), later()).await;
    tokio::time::timeout(LONG, due.claimer(LONG).woken()).await.unwrap();
}
