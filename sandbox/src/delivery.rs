//! Posts signed webhooks. Owns the queue of each page, batches, retries and the faults on the way; what a webhook says is
//! [`payload`](crate::payload)'s.
//!
//! One body of a page is under way at a time, so that a page's events keep their order over retries.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chatdesk_meta::Platform;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::time::Instant;

use crate::config::Delivery;
use crate::fault::{About, Call, Target};
use crate::payload::{self, Leaf};
use crate::thread::State;
use crate::{Hub, Shared};

/// Bodies under way at one time, over all pages.
const UNDER_WAY: usize = 64;

/// An item on its way to the webhook.
pub(crate) struct Event {
    pub(crate) customer_id: String,
    pub(crate) mid: String,
    pub(crate) leaf: Leaf,
    pub(crate) due: Instant,
    /// How often it is posted beyond once.
    pub(crate) copies: u32,
    /// Told when the receiver took it.
    pub(crate) done: Option<oneshot::Sender<()>>,
}

/// The post office.
pub(crate) struct Post {
    client: reqwest::Client,
    target: watch::Sender<Option<String>>,
    /// A page is in here while its worker runs.
    queues: Mutex<HashMap<String, VecDeque<Event>>>,
    slots: Semaphore,
    settings: Delivery,
}

enum Step {
    Wait(Instant),
    Batch(Vec<Event>),
}

impl Post {
    pub(crate) fn new(target: Option<&str>, settings: Delivery, client: reqwest::Client) -> Self {
        Self {
            client,
            target: watch::Sender::new(target.map(trimmed)),
            queues: Mutex::default(),
            slots: Semaphore::new(UNDER_WAY),
            settings,
        }
    }

    /// Sends all that follows, and what waits, to this base address.
    pub(crate) fn aim(&self, target: &str) {
        self.target.send_replace(Some(trimmed(target)));
    }

    /// Where webhooks go.
    pub(crate) fn target(&self) -> Option<String> {
        self.target.borrow().clone()
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    pub(crate) const fn echo_delay(&self) -> Duration {
        self.settings.echo_delay
    }

    /// Whether the page's queue takes one more.
    pub(crate) fn has_room(&self, page_id: &str) -> bool {
        self.queues().get(page_id).is_none_or(|queue| queue.len() < self.settings.queue)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Event>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next thing to do for a page. None ends its worker.
    fn next(&self, page_id: &str) -> Option<Step> {
        let now = Instant::now();
        let mut queues = self.queues();
        let queue = queues.get_mut(page_id)?;
        let Some(first) = queue.front() else {
            queues.remove(page_id);
            return None;
        };
        if first.due > now {
            return Some(Step::Wait(first.due));
        }
        let ready = queue.iter().take(self.settings.batch.max(1)).take_while(|event| event.due <= now).count();
        Some(Step::Batch(queue.drain(..ready).collect()))
    }
}

/// Queues an item of a page, due now.
pub(crate) fn announce(hub: &Shared, page_id: &str, platform: Platform, customer_id: &str, mid: &str, leaf: Leaf) {
    let event = Event {
        customer_id: customer_id.to_owned(),
        mid: mid.to_owned(),
        leaf,
        due: Instant::now(),
        copies: 0,
        done: None,
    };
    enqueue(hub, page_id, platform, event);
}

/// Queues an item of a page. When the queue is full it is lost, as Meta's are after long failure.
pub(crate) fn enqueue(hub: &Shared, page_id: &str, platform: Platform, event: Event) {
    let lost = {
        let mut queues = hub.post.queues();
        match queues.entry(page_id.to_owned()) {
            Entry::Occupied(mut queue) if queue.get().len() < hub.post.settings.queue => {
                queue.get_mut().push_back(event);
                None
            }
            Entry::Occupied(_) => Some(event),
            Entry::Vacant(place) => {
                place.insert(VecDeque::from([event]));
                hub.shutdown.spawn(work(Arc::clone(hub), page_id.to_owned(), platform));
                None
            }
        }
    };
    if let Some(event) = lost {
        tracing::warn!(page_id, "the webhook queue of this page is full: an event is lost");
        hub.change(|world| world.settle(page_id, &event.customer_id, &event.mid, State::Lost));
    }
}

async fn work(hub: Shared, page_id: String, platform: Platform) {
    let stop = hub.shutdown.token();
    while let Some(step) = hub.post.next(&page_id) {
        match step {
            Step::Wait(due) => tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep_until(due) => {}
            },
            Step::Batch(events) => {
                let delivered = tokio::select! {
                    () = stop.cancelled() => return,
                    delivered = deliver(&hub, &page_id, platform, &events) => delivered,
                };
                let state = if delivered { State::Delivered } else { State::Lost };
                hub.change(|world| {
                    for event in &events {
                        world.settle(&page_id, &event.customer_id, &event.mid, state);
                    }
                });
                for told in events.into_iter().filter_map(|event| event.done) {
                    // The send that waited for it may be gone.
                    let _ = told.send(());
                }
            }
        }
    }
}

/// Posts until the receiver takes it or the attempts are used up; whether it was taken.
async fn deliver(hub: &Hub, page_id: &str, platform: Platform, events: &[Event]) -> bool {
    let copies = events.iter().map(|event| event.copies).max().unwrap_or(0);
    let body =
        payload::body(platform, page_id, hub.clock.now().timestamp_millis(), events.iter().map(|event| &event.leaf));
    let pages = [page_id.to_owned()];
    let signature = hub.secrets.sign(body.as_bytes());
    let settings = &hub.post.settings;
    let mut wait = settings.first_wait;
    for attempt in 1..=settings.attempts.max(1) {
        let mut target = hub.post.target.subscribe();
        // The sender lives in the hub: it cannot close while this runs.
        let Ok(base) = target.wait_for(Option::is_some).await.map(|base| base.clone().unwrap_or_default()) else {
            return false;
        };
        let url = format!("{base}/api/webhooks/{}", platform.as_str());
        let hit = hub
            .faults(|faults| faults.take(&About { target: Target::Webhook, call: Call::Any, path: "", pages: &pages }));
        tokio::time::sleep(hit.delay).await;
        let taken = !hit.cut_before && hub.post.post(&url, &body, &signature).await;
        if taken && !hit.cut_after && hit.status.is_none() {
            for _ in 0..hit.duplicates + copies {
                hub.post.post(&url, &body, &signature).await;
            }
            return true;
        }
        if attempt == 1 {
            tracing::debug!(platform = platform.as_str(), page_id, "a webhook was not taken and will be posted again");
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(settings.longest_wait);
    }
    tracing::warn!(
        platform = platform.as_str(),
        page_id,
        items = events.len(),
        "a webhook was never taken and is given up"
    );
    false
}

impl Post {
    /// One post; only 200 means that it was taken.
    async fn post(&self, url: &str, body: &str, signature: &str) -> bool {
        // The semaphore is never closed.
        let Ok(_slot) = self.slots.acquire().await else { return false };
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", signature)
            .timeout(self.settings.timeout)
            .body(body.to_owned());
        request.send().await.is_ok_and(|response| response.status() == reqwest::StatusCode::OK)
    }
}

fn trimmed(base: &str) -> String {
    base.trim_end_matches('/').to_owned()
}
