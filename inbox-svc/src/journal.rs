//! Commits raw webhook bodies. Bodies that come at the same time share a commit, and nobody is answered before it.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chatdesk_meta::Platform;
use chatdesk_platform::db::{Db, Handler as _, SystemLine, Wakes};
use chatdesk_platform::{Clock, Error, Shutdown, new_id, trace};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::pressure::Pressure;
use crate::store;
use crate::work::Ingest;

/// At most so many bodies share a commit, and are worked off together.
const MOST_BODIES: usize = 64;
/// A commit with so many bytes takes no more.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Commits that may be under way at once. The disk is what a commit waits for, and the machine has time meanwhile.
const MOST_COMMITS: usize = 2;
/// A commit begins beside another only with so many bodies: large groups cost the least.
const WORTH_A_COMMIT: usize = 8;
/// A connection that was idle for longer may have died.
const IDLE: Duration = Duration::from_secs(1);
/// Bytes that may wait for a commit, in KiB. What comes beyond is refused, so that Meta brings it again.
const ROOM_KIB: usize = 64 * 1024;
/// Nobody waits longer. What is committed after that is kept, and Meta's repetition of it is recognised.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

const DATABASE: &str = "the database";

struct Waiting {
    raw: store::journal::Raw,
    kept: oneshot::Sender<bool>,
    _room: OwnedSemaphorePermit,
}

/// Takes bodies. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    queue: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

impl Journal {
    /// Starts the task that commits. It ends with the shutdown, after what waits is committed.
    pub fn start(db: Db, wakes: Wakes, pressure: Pressure, clock: Clock, shutdown: &Shutdown) -> Self {
        let (queue, waiting) = mpsc::channel(4096);
        let stop = shutdown.token();
        let writer = Writer { db, wakes, pressure, clock, lines: Mutex::default() };
        shutdown.spawn(async move { writer.write(waiting, stop).await });
        Self { queue, room: Arc::new(Semaphore::new(ROOM_KIB)) }
    }

    /// Commits a body; then gives its id.
    pub async fn keep(&self, platform: Platform, body: Vec<u8>) -> Result<Uuid, Error> {
        let kib = u32::try_from(body.len() / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(kib).map_err(|_| Error::Unavailable("the journal"))?;
        let id = new_id();
        let (kept, answer) = oneshot::channel();
        let raw = store::journal::Raw { id, platform, body, trace: trace::here() };
        let waiting = Waiting { raw, kept, _room: room };
        self.queue.try_send(waiting).map_err(|_| Error::Unavailable("the journal"))?;
        match tokio::time::timeout(LONGEST_WAIT, answer).await {
            Ok(Ok(true)) => Ok(id),
            Ok(Ok(false) | Err(_)) | Err(_) => Err(Error::Unavailable(DATABASE)),
        }
    }
}

/// Bodies that will share a commit.
#[derive(Default)]
struct Group {
    waiting: Vec<Waiting>,
    bytes: usize,
}

impl Group {
    fn add(&mut self, body: Waiting) {
        self.bytes += body.raw.body.len();
        self.waiting.push(body);
    }

    const fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_BODIES || self.bytes >= MOST_BYTES
    }
}

struct Writer {
    db: Db,
    wakes: Wakes,
    pressure: Pressure,
    clock: Clock,
    /// Connections between two commits, with the time of the last.
    lines: Mutex<Vec<(SystemLine, Instant)>>,
}

impl Writer {
    async fn write(self, mut queue: mpsc::Receiver<Waiting>, stop: CancellationToken) {
        let mut commits = FuturesUnordered::new();
        let mut group = Group::default();
        let mut is_open = true;
        loop {
            let worth = if commits.is_empty() { 1 } else { WORTH_A_COMMIT };
            if commits.len() < MOST_COMMITS && (group.waiting.len() >= worth || group.is_full()) {
                commits.push(self.keep(mem::take(&mut group).waiting));
            }
            if !is_open && commits.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                Some(()) = commits.next() => {}
                // What waits already is still committed; then `recv` gives none.
                () = stop.cancelled(), if !queue.is_closed() => queue.close(),
                first = queue.recv(), if is_open && !group.is_full() => match first {
                    Some(first) => {
                        group.add(first);
                        while !group.is_full() && let Ok(more) = queue.try_recv() {
                            group.add(more);
                        }
                    }
                    None => is_open = false,
                },
            }
        }
    }

    async fn keep(&self, mut group: Vec<Waiting>) {
        // Whoever gave up waiting was told so; Meta brings it again.
        group.retain(|waiting| !waiting.kept.is_closed());
        if group.is_empty() {
            return;
        }
        let (raws, kept): (Vec<_>, Vec<_>) = group.into_iter().map(|waiting| (waiting.raw, waiting.kept)).unzip();
        let bodies = raws.len();
        let committed = self.commit(raws).await;
        if let Err(error) = &committed {
            tracing::warn!(error = error as &dyn std::error::Error, bodies, "cannot keep webhooks");
        } else {
            metrics::counter!("chatdesk_inbox_webhook_events_total").increment(u64::try_from(bodies).unwrap_or(0));
            self.pressure.committed(bodies);
            self.wakes.wake(Ingest::KIND);
        }
        chatdesk_platform::fail_point("journal.committed");
        for answer in kept {
            // A caller that left in this moment is no failure.
            answer.send(committed.is_ok()).ok();
        }
    }

    async fn commit(&self, raws: Vec<store::journal::Raw>) -> Result<(), Error> {
        let held = self.lines.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut line = match held.filter(|(_, used)| used.elapsed() < IDLE) {
            Some((line, _)) => line,
            None => self.db.system_line().await?,
        };
        store::journal::keep(&mut line, Ingest::KIND, new_id(), raws, self.clock.now()).await?;
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push((line, Instant::now()));
        Ok(())
    }
}
