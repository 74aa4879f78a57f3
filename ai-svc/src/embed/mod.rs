//! Text to vector: the model on its own OS threads behind a handle that is cheap to clone.
//!
//! Each thread computes alone on one core. Queries go before indexing, and indexing never takes the last thread when there are two, so that
//! a customer's question does not wait behind a catalogue. Each lane has a bounded number of calls; one more is refused at once with
//! [`EmbedError::Overloaded`] instead of queueing without end.

mod model;
mod ops;

pub use model::{Model, ModelError};

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Texts one job holds: what a query may have to wait for.
const JOB_TEXTS: usize = 32;
/// Texts of one call.
pub const MAX_TEXTS: usize = 256;
/// Bytes of a text that are looked at; 256 word pieces never need more.
const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Why a text has no vector.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum EmbedError {
    /// Too many calls wait already; try again later.
    #[error("the embedding queue is full")]
    Overloaded,
    /// More than [`MAX_TEXTS`] texts in one call.
    #[error("at most {MAX_TEXTS} texts in one call")]
    TooMany,
    /// The model failed on these texts or is shutting down.
    #[error("the embedding model failed")]
    Failed,
}

/// Who waits for the vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A customer's question.
    Query,
    /// The catalogue's indexer.
    Index,
}

/// The handle. Threads end when the last clone is dropped.
#[derive(Clone)]
pub struct Embedder {
    owner: Arc<Owner>,
}

struct Owner {
    queue: Arc<Queue>,
    model_id: String,
    queries: Arc<Semaphore>,
    batches: Arc<Semaphore>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.wake.notify_all();
    }
}

struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    queries: VecDeque<Job>,
    batches: VecDeque<Job>,
    indexing: usize,
    closed: bool,
}

struct Job {
    texts: Vec<String>,
    answer: oneshot::Sender<Vec<Vec<f32>>>,
    _permit: Arc<OwnedSemaphorePermit>,
}

/// How many threads and waiting calls an [`Embedder`] has.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Worker threads; at least one is started.
    pub threads: usize,
    /// Calls of [`Lane::Query`] that may wait or run.
    pub queries: usize,
    /// Calls of [`Lane::Index`] that may wait or run.
    pub batches: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        Self { threads, queries: 128, batches: 4 }
    }
}

impl Embedder {
    /// Loads the model of a folder, runs it once, and starts the threads. It blocks for a good part of a second: call it on a blocking
    /// thread, and report the service as serving after it.
    ///
    /// # Errors
    /// When the folder holds no usable model or a thread cannot be started.
    pub fn load(folder: &Path, limits: Limits) -> Result<Self, ModelError> {
        let model = Arc::new(Model::load(folder)?);
        model.embed(&["Áo thun này còn hàng không shop?".to_owned(), "How much is the red shirt?".to_owned()])?;
        let queue = Arc::new(Queue { state: Mutex::default(), wake: Condvar::new() });
        let owner = Arc::new(Owner {
            queue: Arc::clone(&queue),
            model_id: model.id().to_owned(),
            queries: Arc::new(Semaphore::new(limits.queries)),
            batches: Arc::new(Semaphore::new(limits.batches)),
        });
        let threads = limits.threads.max(1);
        for n in 0..threads {
            let (queue, model) = (Arc::clone(&queue), Arc::clone(&model));
            std::thread::Builder::new()
                .name(format!("embed-{n}"))
                .spawn(move || work(&queue, &model, threads))
                .map_err(|source| ModelError::File { path: "a thread".to_owned(), source })?;
        }
        Ok(Self { owner })
    }

    /// The id of the model whose vectors this makes.
    #[must_use]
    pub fn model_id(&self) -> &str {
        &self.owner.model_id
    }

    /// Unit vectors of [`model::DIMENSIONS`] values, in the order of the texts. Dropping the future drops work that has not begun.
    ///
    /// # Errors
    /// [`EmbedError::Overloaded`] at once when the lane is full.
    pub async fn embed(&self, texts: Vec<String>, lane: Lane) -> Result<Vec<Vec<f32>>, EmbedError> {
        if texts.len() > MAX_TEXTS {
            return Err(EmbedError::TooMany);
        }
        let semaphore = match lane {
            Lane::Query => &self.owner.queries,
            Lane::Index => &self.owner.batches,
        };
        let permit = Arc::clone(semaphore).try_acquire_owned().map_err(|_| EmbedError::Overloaded)?;
        let permit = Arc::new(permit);
        let count = texts.len();
        let mut order: Vec<(usize, String)> = texts.into_iter().enumerate().collect();
        order.sort_by_key(|(_, text)| text.len());
        let mut waiting = Vec::new();
        while !order.is_empty() {
            let rest = order.split_off(order.len().min(JOB_TEXTS));
            let (places, texts): (Vec<usize>, Vec<String>) = order.into_iter().unzip();
            let (answer, receiver) = oneshot::channel();
            self.push(Job { texts, answer, _permit: Arc::clone(&permit) }, lane);
            waiting.push((places, receiver));
            order = rest;
        }
        drop(permit);
        let mut vectors = vec![Vec::new(); count];
        for (places, receiver) in waiting {
            let part = receiver.await.map_err(|_| EmbedError::Failed)?;
            for (place, vector) in places.into_iter().zip(part) {
                if let Some(slot) = vectors.get_mut(place) {
                    *slot = vector;
                }
            }
        }
        Ok(vectors)
    }

    /// The vector of one question.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        self.embed(vec![text.to_owned()], Lane::Query).await?.pop().ok_or(EmbedError::Failed)
    }

    fn push(&self, job: Job, lane: Lane) {
        let mut state = self.owner.queue.lock();
        match lane {
            Lane::Query => state.queries.push_back(job),
            Lane::Index => state.batches.push_back(job),
        }
        drop(state);
        // All are woken: the one that wakes first may be one that must leave indexing to another.
        self.owner.queue.wake.notify_all();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a job and whether it is indexing; `None` when the last handle is gone.
    fn next(&self, threads: usize) -> Option<(Job, bool)> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queries.pop_front() {
                return Some((job, false));
            }
            if (threads == 1 || state.indexing + 1 < threads)
                && let Some(job) = state.batches.pop_front()
            {
                state.indexing += 1;
                return Some((job, true));
            }
            if state.closed {
                return None;
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn work(queue: &Queue, model: &Model, threads: usize) {
    // The tensor library spreads work over the rayon pool it is called in. A pool that is only this thread keeps each batch on one core;
    // without it all workers would queue on the global pool.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    if pool.is_err() {
        tracing::warn!("no thread pool for embeddings; they share the global one");
    }
    while let Some((job, indexing)) = queue.next(threads) {
        if !job.answer.is_closed() {
            let texts: Vec<String> = job.texts.into_iter().map(clip).collect();
            match catch_unwind(AssertUnwindSafe(|| model.embed(&texts))) {
                Ok(Ok(vectors)) => drop(job.answer.send(vectors)),
                Ok(Err(error)) => tracing::error!(%error, "embedding failed"),
                Err(_) => tracing::error!("embedding panicked"),
            }
        }
        if indexing {
            queue.lock().indexing -= 1;
            queue.wake.notify_all();
        }
    }
}

fn clip(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}

#[cfg(test)]
mod tests;
