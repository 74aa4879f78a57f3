//! Commits raw webhook bodies. Bodies that come at the same time share a commit, and nobody is answered before it.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_meta::Platform;
use chatdesk_platform::db::{Db, Handler as _, Wakes};
use chatdesk_platform::{Clock, Error, Shutdown, new_id};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use uuid::Uuid;

use crate::store;
use crate::work::Ingest;

/// At most so many bodies share a commit.
const MOST_BODIES: usize = 64;
/// And at most about so many bytes of them.
const MOST_BYTES: usize = 8 * 1024 * 1024;
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
    pub fn start(db: Db, wakes: Wakes, clock: Clock, shutdown: &Shutdown) -> Self {
        let (queue, waiting) = mpsc::channel(4096);
        let stop = shutdown.token();
        shutdown.spawn(async move { write(db, wakes, clock, waiting, stop).await });
        Self { queue, room: Arc::new(Semaphore::new(ROOM_KIB)) }
    }

    /// Commits a body; then gives its id.
    pub async fn keep(&self, platform: Platform, body: Vec<u8>) -> Result<Uuid, Error> {
        let kib = u32::try_from(body.len() / 1024 + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(kib).map_err(|_| Error::Unavailable("the journal"))?;
        let id = new_id();
        let (kept, answer) = oneshot::channel();
        let waiting = Waiting { raw: store::journal::Raw { id, platform, body }, kept, _room: room };
        self.queue.try_send(waiting).map_err(|_| Error::Unavailable("the journal"))?;
        match tokio::time::timeout(LONGEST_WAIT, answer).await {
            Ok(Ok(true)) => Ok(id),
            Ok(Ok(false) | Err(_)) | Err(_) => Err(Error::Unavailable(DATABASE)),
        }
    }
}

async fn write(
    db: Db,
    wakes: Wakes,
    clock: Clock,
    mut queue: mpsc::Receiver<Waiting>,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => tokio::select! {
                biased;
                first = queue.recv() => match first {
                    Some(first) => first,
                    None => return,
                },
                () = stop.cancelled(), if !queue.is_closed() => {
                    // What waits already is still committed; then `recv` gives none.
                    queue.close();
                    continue;
                }
            },
        };
        let mut bytes = first.raw.body.len();
        let mut group = vec![first];
        while group.len() < MOST_BODIES
            && let Ok(more) = queue.try_recv()
        {
            bytes += more.raw.body.len();
            if bytes > MOST_BYTES {
                next = Some(more);
                break;
            }
            group.push(more);
        }
        // Whoever gave up waiting was told so; Meta brings it again.
        group.retain(|waiting| !waiting.kept.is_closed());
        if group.is_empty() {
            continue;
        }
        let (raws, kept): (Vec<_>, Vec<_>) = group.into_iter().map(|waiting| (waiting.raw, waiting.kept)).unzip();
        let count = u64::try_from(raws.len()).unwrap_or(0);
        let committed = commit(&db, raws, &clock).await;
        if let Err(error) = &committed {
            tracing::warn!(error = error as &dyn std::error::Error, bodies = count, "cannot keep webhooks");
        } else {
            metrics::counter!("chatdesk_inbox_webhook_events_total").increment(count);
            wakes.wake(Ingest::KIND);
        }
        for answer in kept {
            // A caller that left in this moment is no failure.
            answer.send(committed.is_ok()).ok();
        }
    }
}

async fn commit(db: &Db, raws: Vec<store::journal::Raw>, clock: &Clock) -> Result<(), Error> {
    let mut tx = db.system().await?;
    store::journal::keep(&mut tx, Ingest::KIND, raws, clock.now()).await?;
    tx.commit().await
}
