//! Text to vector: the model on its own OS threads behind a handle that is cheap to clone.
//!
//! Each thread computes alone on one core. There are two lanes. A customer's question never waits behind a catalogue: it goes first; while
//! questions come, indexing leaves one thread free for them; and when none has come for a while and all threads index, a question runs
//! between two steps of an indexing pass, which take some milliseconds. Each lane has a bounded number of calls; one more is refused at once
//! with [`EmbedError::Overloaded`] instead of queueing without end. What was asked lately is not computed again.

mod cache;
mod model;
mod ops;
mod shape;

pub use model::{Model, ModelError, Purpose};
pub use shape::Near;

use cache::Cache;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Texts one job holds, so that the threads share a call.
const JOB_TEXTS: usize = 16;
/// How long after a question indexing leaves a thread free for the next.
const QUIET: Duration = Duration::from_secs(2);
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
    cache: Cache,
    model_id: String,
    near: Near,
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
    asked: Option<Instant>,
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
        let usual = ["Áo thun này còn hàng không shop?".to_owned(), "How much is the red shirt?".to_owned()];
        model.embed(&usual, Purpose::Question)?;
        let queue = Arc::new(Queue { state: Mutex::default(), wake: Condvar::new() });
        let owner = Arc::new(Owner {
            queue: Arc::clone(&queue),
            cache: Cache::new(cache::KEPT),
            model_id: model.id().to_owned(),
            near: model.near(),
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

    /// From which cosine on a text is near a question, with this model.
    #[must_use]
    pub fn near(&self) -> Near {
        self.owner.near
    }

    /// Unit vectors of [`shape::DIMENSIONS`] values, in the order of the texts: as questions or as what is found, by the lane. Dropping
    /// the future drops work that has not begun.
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

    /// The vector of one question, from memory when it was asked lately.
    ///
    /// # Errors
    /// As [`Embedder::embed`].
    pub async fn embed_query(&self, text: &str) -> Result<Vec<f32>, EmbedError> {
        if let Some(vector) = self.owner.cache.get(text) {
            metrics::counter!("chatdesk_ai_embeddings_cached_total").increment(1);
            return Ok(vector);
        }
        let vector = self.embed(vec![text.to_owned()], Lane::Query).await?.pop().ok_or(EmbedError::Failed)?;
        self.owner.cache.put(text, &vector);
        Ok(vector)
    }

    fn push(&self, job: Job, lane: Lane) {
        let mut state = self.owner.queue.lock();
        match lane {
            Lane::Query => {
                state.asked = Some(Instant::now());
                state.queries.push_back(job);
            }
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

    /// Waits for a job and its lane; `None` when the last handle is gone.
    fn next(&self, threads: usize) -> Option<(Job, Lane)> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.queries.pop_front() {
                return Some((job, Lane::Query));
            }
            // How long a thread must still be left free for questions.
            let held = state.asked.and_then(|asked| QUIET.checked_sub(asked.elapsed()));
            let is_room = threads == 1 || state.indexing + 1 < threads;
            if (is_room || held.is_none())
                && let Some(job) = state.batches.pop_front()
            {
                state.indexing += 1;
                return Some((job, Lane::Index));
            }
            if state.closed {
                return None;
            }
            state = match held {
                Some(held) if !state.batches.is_empty() => {
                    self.wake.wait_timeout(state, held).unwrap_or_else(PoisonError::into_inner).0
                }
                _ => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// A question that waits, if no other thread took it yet.
    fn question(&self) -> Option<Job> {
        self.lock().queries.pop_front()
    }
}

fn work(queue: &Queue, model: &Model, threads: usize) {
    // The tensor library spreads work over the rayon pool it is called in. A pool that is only this thread keeps each batch on one core;
    // without it all workers would queue on the global pool.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
    if pool.is_err() {
        tracing::warn!("no thread pool for embeddings; they share the global one");
    }
    while let Some((job, lane)) = queue.next(threads) {
        match lane {
            Lane::Query => compute(model, job, Purpose::Question, &mut || ()),
            Lane::Index => {
                compute(model, job, Purpose::Passage, &mut || {
                    while let Some(question) = queue.question() {
                        compute(model, question, Purpose::Question, &mut || ());
                    }
                });
                queue.lock().indexing -= 1;
                queue.wake.notify_all();
            }
        }
    }
}

/// Does a job that somebody still waits for. One that fails answers nothing, which its caller sees as a failure.
fn compute(model: &Model, job: Job, purpose: Purpose, give_way: &mut dyn FnMut()) {
    if job.answer.is_closed() {
        return;
    }
    let texts: Vec<String> = job.texts.into_iter().map(clip).collect();
    match catch_unwind(AssertUnwindSafe(|| model.embed_giving_way(&texts, purpose, give_way))) {
        Ok(Ok(vectors)) => drop(job.answer.send(vectors)),
        Ok(Err(error)) => tracing::error!(%error, "embedding failed"),
        Err(_) => tracing::error!("embedding panicked"),
    }
}

fn clip(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}

#[cfg(test)]
mod tests;
