//! Works off due work of one kind: leases it, renews the lease while it works, and puts it back with growing waits when it fails.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use uuid::Uuid;

use super::due;
use super::{Db, Job, Wakes, WorkScope};
use crate::{Error, ServiceName, Shutdown, TenantId, full_jitter, trace};

/// The longest wait after a failure that counts.
const LONGEST_WAIT: Duration = Duration::from_secs(300);
/// The longest wait after a passing failure: what passes may have passed already, and nobody should feel it for long.
const LONGEST_PASSING_WAIT: Duration = Duration::from_secs(30);
/// More work than this with passing failures is not remembered at once.
const MOST_STUMBLES: usize = 10_000;

/// How a kind of work is worked off.
#[derive(Debug, Clone, Copy)]
pub struct WorkerConfig {
    /// At most this many at once.
    pub concurrency: usize,
    /// How long a lease lasts unless renewed. After a crash the work waits this long.
    pub lease: Duration,
    /// After this many failures in a row it is set aside: due at infinity, with the reason, until it is scheduled again.
    /// Failures that may pass ([`Error::is_transient`]) do not count: they are tried again without end.
    pub max_attempts: i32,
    /// The first wait after a failure; each further one doubles, up to five minutes, or half a minute after one that may pass.
    pub base_wait: Duration,
}

/// What became of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Take it out of the table, unless it was scheduled again meanwhile.
    Finished,
    /// The handler has done that itself, with [`Job::finish`] in its last transaction.
    Settled,
    /// Do it again at that time. Not a failure.
    At(DateTime<Utc>),
}

/// Does one kind of work. Must be repeatable: a crash after its commit runs it again.
pub trait Handler: Send + Sync + 'static {
    /// The kind, as scheduled.
    const KIND: &'static str;

    /// Does it. An error is a failure to be tried again; one that may pass is not counted.
    fn handle(&self, job: Job) -> impl Future<Output = Result<Done, Error>> + Send;

    /// Called once when the work failed for the last time, to leave a trace a person can see.
    fn set_aside(&self, _job: &Job) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Runs a [`Handler`] until the shutdown begins.
pub struct Worker<H> {
    db: Db,
    wakes: Wakes,
    config: WorkerConfig,
    scope: WorkScope,
    handler: Arc<H>,
    /// Passing failures in a row, by tenant and entity. In memory only: nothing that must last rests on them.
    stumbles: Mutex<HashMap<(Option<TenantId>, Uuid), u32>>,
}

impl<H: Handler> Worker<H> {
    /// A worker of `service`, which its jobs act as.
    pub fn new(db: Db, wakes: Wakes, config: WorkerConfig, service: ServiceName, handler: H) -> Self {
        Self { db, wakes, config, scope: WorkScope { service }, handler: Arc::new(handler), stumbles: Mutex::default() }
    }

    /// Starts it as a task of the shutdown, which waits for work in flight.
    pub fn start(self, shutdown: &Shutdown) {
        let inner = shutdown.clone();
        shutdown.spawn(async move { self.run(&inner).await });
    }

    async fn run(self, shutdown: &Shutdown) {
        let worker = Arc::new(self);
        let stop = shutdown.token();
        let room = Arc::new(Semaphore::new(worker.config.concurrency));
        let wake = worker.wakes.of(H::KIND);
        while !stop.is_cancelled() {
            let free = room.available_permits();
            let wait = match worker.claim(free).await {
                // A full batch, or work while there is room: look again at once.
                Ok((jobs, next)) => {
                    let got = jobs.len();
                    for job in jobs {
                        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
                        let (worker, wake) = (Arc::clone(&worker), Arc::clone(&wake));
                        shutdown.spawn(async move {
                            worker.work(job).await;
                            drop(permit);
                            wake.notify_one();
                        });
                    }
                    if got > 0 && got == free { Duration::MAX } else { next }
                }
                Err(error) => {
                    tracing::warn!(
                        kind = H::KIND,
                        error = &error as &dyn std::error::Error,
                        "cannot look for due work"
                    );
                    Duration::from_secs(1)
                }
            };
            // The poll is the net under the wakes: another process may have scheduled something.
            let nap = tokio::time::sleep(wait.min(Duration::from_secs(1)));
            tokio::select! {
                () = stop.cancelled() => {}
                () = wake.notified() => {}
                () = nap => {}
            }
        }
    }

    async fn claim(&self, free: usize) -> Result<(Vec<Job>, Duration), Error> {
        if free == 0 {
            return Ok((Vec::new(), Duration::MAX));
        }
        let mut tx = self.db.system().await?;
        let limit = i64::try_from(free).unwrap_or(i64::MAX);
        let claimed = due::claim(tx.conn(), H::KIND, limit, self.config.lease).await?;
        let next = if claimed.len() == free { None } else { due::next_due(tx.conn(), H::KIND).await? };
        tx.commit().await?;
        let known = self.stumbles.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = claimed.iter().map(|row| {
            let job = Job::claimed(row, H::KIND, self.scope);
            let stumbles = known.get(&(job.tenant, job.entity)).copied().unwrap_or(0);
            Job { stumbles, ..job }
        });
        Ok((jobs.collect(), next.unwrap_or(Duration::MAX)))
    }

    /// One more passing failure, or none any more.
    fn stumbled(&self, job: &Job, passing: bool) {
        let mut known = self.stumbles.lock().unwrap_or_else(PoisonError::into_inner);
        if passing {
            // Work that another process ended is never heard of again here.
            if known.len() >= MOST_STUMBLES {
                known.clear();
            }
            known.insert((job.tenant, job.entity), job.stumbles.saturating_add(1));
        } else {
            known.remove(&(job.tenant, job.entity));
        }
    }

    async fn work(&self, job: Job) {
        let span = tracing::info_span!("work", kind = H::KIND, entity = %job.entity, attempt = job.attempts);
        trace::go_on(&span, job.trace.as_deref());
        let outcome = async {
            if job.attempts > self.config.max_attempts {
                return Err(Error::internal("it ended the process, or its lease, too often"));
            }
            let handler = Arc::clone(&self.handler);
            let task_job = job.clone();
            // A task of its own, so that a panic is this work's failure and nobody else's.
            let mut task = tokio::spawn(async move { handler.handle(task_job).await }.in_current_span());
            loop {
                tokio::select! {
                    ended = &mut task => break ended.unwrap_or_else(|panic| Err(Error::internal(panic))),
                    () = tokio::time::sleep(self.config.lease / 3) => self.renew(&job).await,
                }
            }
        }
        .instrument(span.clone())
        .await;
        if let Err(error) = self.settle(&job, outcome).instrument(span.clone()).await {
            // The lease runs out by itself and the work is done again.
            span.in_scope(|| tracing::warn!(error = &error as &dyn std::error::Error, "cannot settle work"));
        }
    }

    async fn renew(&self, job: &Job) {
        let renewed = async {
            let mut tx = self.db.system().await?;
            sqlx::query!(
                "update routing.due_work set lease_until = now() + make_interval(secs => $5)
                 where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4",
                job.kind,
                due::tenant_or_nil(job.tenant),
                job.entity,
                job.epoch,
                self.config.lease.as_secs_f64()
            )
            .execute(tx.conn())
            .await?;
            tx.commit().await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot renew a lease");
        }
    }

    async fn settle(&self, job: &Job, outcome: Result<Done, Error>) -> Result<(), Error> {
        let passing = outcome.as_ref().is_err_and(Error::is_transient);
        self.stumbled(job, passing);
        match outcome {
            Ok(Done::Finished) => self.finish(job).await,
            Ok(Done::Settled) => Ok(()),
            Ok(Done::At(at)) => self.put_back(job, Some(at), true, "").await,
            Err(error) => {
                metrics::counter!("chatdesk_work_failures_total", "kind" => H::KIND).increment(1);
                tracing::warn!(error = &error as &dyn std::error::Error, source = ?std::error::Error::source(&error).map(ToString::to_string), "work failed");
                let text = error.for_operators();
                if passing {
                    let wait = full_jitter(job.stumbles, self.config.base_wait, LONGEST_PASSING_WAIT);
                    return self.put_back_uncounted(job, wait, &text).await;
                }
                if job.attempts >= self.config.max_attempts {
                    self.handler.set_aside(job).await;
                    return self.put_back(job, None, false, &text).await;
                }
                let attempt = u32::try_from(job.attempts.saturating_sub(1)).unwrap_or(0);
                let wait = full_jitter(attempt, self.config.base_wait, LONGEST_WAIT);
                self.put_back_after(job, wait, true, &text).await
            }
        }
    }

    /// Takes the attempt back, and insists on it for as long as the lease lasts: what kept the work from being done may be what keeps this
    /// from being written, and must not add up to setting the work aside.
    async fn put_back_uncounted(&self, job: &Job, wait: Duration, error: &str) -> Result<(), Error> {
        let insist = async {
            loop {
                match self.put_back_after(job, wait, false, error).await {
                    Err(error) if error.is_transient() => tokio::time::sleep(self.config.lease / 10).await,
                    ended => return ended,
                }
            }
        };
        tokio::time::timeout(self.config.lease, insist).await.unwrap_or(Err(Error::DeadlineExceeded))
    }

    async fn finish(&self, job: &Job) -> Result<(), Error> {
        let mut tx = self.db.system().await?;
        job.finish(tx.conn()).await?;
        tx.commit().await
    }

    /// Back into the table; the attempt was counted when it was claimed, and is taken back when it is not to count.
    async fn put_back_after(&self, job: &Job, wait: Duration, counts: bool, error: &str) -> Result<(), Error> {
        let mut tx = self.db.system().await?;
        sqlx::query!(
            "update routing.due_work set lease_until = null, last_error = $6,
                 attempts = case when $8 then attempts else greatest(attempts - 1, 0) end,
                 due_at = case when version = $5 then now() + make_interval(secs => $7) else due_at end
             where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4",
            job.kind,
            due::tenant_or_nil(job.tenant),
            job.entity,
            job.epoch,
            job.version,
            error,
            wait.as_secs_f64(),
            counts
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }

    /// Back into the table at a time, or at infinity; a time that was set meanwhile wins.
    async fn put_back(&self, job: &Job, at: Option<DateTime<Utc>>, fresh: bool, error: &str) -> Result<(), Error> {
        let mut tx = self.db.system().await?;
        sqlx::query!(
            "update routing.due_work set lease_until = null, last_error = $6,
                 attempts = case when $8 then 0 else attempts end,
                 trace = case when $8 and version = $5 then null else trace end,
                 due_at = case when version = $5 then coalesce($7, 'infinity'::timestamptz) else due_at end,
                 failed_at = case when $7::timestamptz is null then now() end
             where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4",
            job.kind,
            due::tenant_or_nil(job.tenant),
            job.entity,
            job.epoch,
            job.version,
            error,
            at,
            fresh
        )
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }
}
