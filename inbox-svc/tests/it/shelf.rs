//! What Meta keeps of conversations, as the stand-in for tenants-svc reads it out: paged, and out of order with what webhooks told.

use std::collections::VecDeque;
use std::sync::Mutex;

use chatdesk_proto::tenants::v1::*;
use prost_types::Timestamp;
use tonic::Status;

use crate::vendors::Gate;

/// A message that Meta keeps, with the channel and the customer whose it is.
#[derive(Clone)]
pub struct Kept {
    pub channel: String,
    pub user: String,
    pub message: PlatformMessage,
}

/// Everything that is kept, what was read of it, and what goes wrong next.
pub struct Shelf {
    pub kept: Mutex<Vec<Kept>>,
    pub reads: Mutex<Vec<ReadThreadRequest>>,
    pub lists: Mutex<Vec<ListThreadsRequest>>,
    /// What the next reads of a conversation end in instead.
    pub read_failures: Mutex<VecDeque<Status>>,
    /// What the next lists end in instead.
    pub list_failures: Mutex<VecDeque<Status>>,
    /// Conversations on a page of the list.
    pub page: std::sync::atomic::AtomicUsize,
    pub read_gate: Gate,
    pub list_gate: Gate,
}

impl Default for Shelf {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            reads: Mutex::default(),
            lists: Mutex::default(),
            read_failures: Mutex::default(),
            list_failures: Mutex::default(),
            page: 50.into(),
            read_gate: Gate::default(),
            list_gate: Gate::default(),
        }
    }
}

pub fn stamp(ms: i64) -> Option<Timestamp> {
    let nanos = i32::try_from(ms.rem_euclid(1000)).unwrap() * 1_000_000;
    Some(Timestamp { seconds: ms.div_euclid(1000), nanos })
}

fn moment(stamp: Option<&Timestamp>) -> (i64, i32) {
    stamp.map_or((i64::MIN, 0), |stamp| (stamp.seconds, stamp.nanos))
}

/// The page of a list that begins at a cursor, and the next one's.
fn cut<T: Clone>(all: &[T], cursor: &str, size: usize) -> (Vec<T>, String) {
    let from: usize = if cursor.is_empty() { 0 } else { cursor.parse().unwrap() };
    let to = all.len().min(from + size);
    let next = if to < all.len() { to.to_string() } else { String::new() };
    (all.get(from..to).unwrap_or_default().to_vec(), next)
}

impl Shelf {
    /// Meta keeps a text from now on.
    pub fn keep(&self, channel: uuid::Uuid, user: &str, mid: &str, text: &str, is_from_business: bool, ms: i64) {
        let message = PlatformMessage {
            mid: mid.to_owned(),
            is_from_business,
            text: text.to_owned(),
            created_at: stamp(ms),
            attachments: Vec::new(),
        };
        self.put(channel, user, message);
    }

    pub fn put(&self, channel: uuid::Uuid, user: &str, message: PlatformMessage) {
        let kept = Kept { channel: channel.to_string(), user: user.to_owned(), message };
        self.kept.lock().unwrap().push(kept);
    }

    pub async fn read_thread(&self, request: ReadThreadRequest) -> Result<ReadThreadResponse, Status> {
        self.reads.lock().unwrap().push(request.clone());
        self.read_gate.pass().await;
        if let Some(failure) = self.read_failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let kept = self.kept.lock().unwrap();
        let of = kept.iter().filter(|kept| kept.channel == request.channel_id && kept.user == request.platform_user_id);
        let mut messages: Vec<_> = of.map(|kept| kept.message.clone()).collect();
        messages.sort_by_key(|message| std::cmp::Reverse(moment(message.created_at.as_ref())));
        let limit = if request.limit == 0 { 20 } else { request.limit.min(50) };
        let (messages, next_cursor) = cut(&messages, &request.cursor, limit as usize);
        Ok(ReadThreadResponse { messages, next_cursor })
    }

    pub async fn list_threads(&self, request: ListThreadsRequest) -> Result<ListThreadsResponse, Status> {
        self.lists.lock().unwrap().push(request.clone());
        self.list_gate.pass().await;
        if let Some(failure) = self.list_failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let mut threads: Vec<ThreadSummary> = Vec::new();
        for kept in self.kept.lock().unwrap().iter().filter(|kept| kept.channel == request.channel_id) {
            let at = kept.message.created_at;
            match threads.iter_mut().find(|thread| thread.platform_user_id == kept.user) {
                Some(thread) if moment(thread.updated_at.as_ref()) < moment(at.as_ref()) => thread.updated_at = at,
                Some(_) => {}
                None => threads.push(ThreadSummary {
                    platform_user_id: kept.user.clone(),
                    display_name: format!("Khách {}", kept.user),
                    updated_at: at,
                }),
            }
        }
        threads.retain(|thread| moment(thread.updated_at.as_ref()) >= moment(request.since.as_ref()));
        threads.sort_by_key(|thread| std::cmp::Reverse(moment(thread.updated_at.as_ref())));
        let page = self.page.load(std::sync::atomic::Ordering::SeqCst);
        let (threads, next_cursor) = cut(&threads, &request.cursor, page);
        Ok(ListThreadsResponse { threads, next_cursor })
    }

    pub fn fetch_message(&self, request: &FetchMessageRequest) -> Result<PlatformMessage, Status> {
        let kept = self.kept.lock().unwrap();
        let found = kept.iter().find(|kept| kept.channel == request.channel_id && kept.message.mid == request.mid);
        found.map(|kept| kept.message.clone()).ok_or_else(|| chatdesk_platform::Error::NotFound("message").into())
    }
}
