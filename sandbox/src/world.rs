//! What the sandbox remembers: pages, subscriptions, conversations, and what the app sent. Pure and in memory; every list has an end.

use std::collections::{HashMap, HashSet, VecDeque};

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::config::{Config, Customer, Page};
use crate::thread::{Change, Content, From, State, Thread};

/// All of it.
pub(crate) struct World {
    pages: HashMap<String, PageState>,
    /// As configured, for lists.
    order: Vec<String>,
    tokens: HashMap<String, String>,
    sent: VecDeque<Sent>,
    version: u64,
    keep_sent: usize,
    keep_thread: usize,
    strangers: usize,
    /// Ids of pages and configured customers: nobody else's.
    taken: HashSet<String>,
}

pub(crate) struct PageState {
    pub(crate) page: Page,
    /// The fields the app is subscribed to; none when it is not.
    pub(crate) fields: Option<HashSet<String>>,
    threads: HashMap<String, Thread>,
}

/// What the app sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sent {
    pub(crate) mid: String,
    pub(crate) page_id: String,
    pub(crate) recipient_id: String,
    #[serde(flatten)]
    pub(crate) content: Content,
    pub(crate) metadata: Option<String>,
    pub(crate) at: String,
}

/// A message just written.
pub(crate) struct Written {
    pub(crate) mid: String,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    /// Whether a webhook goes out.
    pub(crate) subscribed: bool,
    pub(crate) platform: Platform,
}

/// What changed in a conversation since some version.
#[derive(Debug, Serialize)]
pub(crate) struct ThreadView {
    /// To be given as `after` the next time.
    pub(crate) version: u64,
    subscribed: bool,
    #[serde(flatten)]
    pub(crate) change: Change,
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        let now = config.clock.now();
        let mut world = Self {
            pages: HashMap::new(),
            order: Vec::new(),
            tokens: HashMap::new(),
            sent: VecDeque::new(),
            // Above all versions of an earlier run, so that a page that outlives a restart misses nothing.
            version: u64::try_from(now.timestamp_millis()).unwrap_or(1),
            keep_sent: config.keep_sent,
            keep_thread: config.keep_thread,
            strangers: config.strangers,
            taken: HashSet::new(),
        };
        for page in &config.pages {
            if world.pages.contains_key(&page.page_id) {
                continue;
            }
            // What the product remembers over a restart is forgotten here: every customer counts as having written at the start.
            let threads = page.customers.iter().map(|customer| (customer.id.clone(), Thread::new(now))).collect();
            world.tokens.entry(page.access_token.clone()).or_insert_with(|| page.page_id.clone());
            world.taken.insert(page.page_id.clone());
            world.taken.extend(page.customers.iter().map(|customer| customer.id.clone()));
            world.order.push(page.page_id.clone());
            world.pages.insert(page.page_id.clone(), PageState { page: page.clone(), fields: None, threads });
        }
        world
    }

    /// Rises with every change.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// As configured, at most `limit`.
    pub(crate) fn pages(&self, limit: usize) -> impl Iterator<Item = &PageState> {
        self.order.iter().filter_map(|id| self.pages.get(id)).take(limit)
    }

    pub(crate) fn page(&self, page_id: &str) -> Option<&PageState> {
        self.pages.get(page_id)
    }

    /// Whose token it is.
    pub(crate) fn page_of(&self, token: &str) -> Option<&PageState> {
        self.pages.get(self.tokens.get(token)?)
    }

    /// Subscribes the app; false when there is no such page.
    pub(crate) fn subscribe(&mut self, page_id: &str, fields: Option<HashSet<String>>) -> bool {
        let Some(page) = self.pages.get_mut(page_id) else { return false };
        page.fields = fields;
        self.version += 1;
        true
    }

    /// Every page with a subscription, and its fields.
    pub(crate) fn subscribed(&self) -> HashMap<String, HashSet<String>> {
        let pages = self.pages.values();
        pages.filter_map(|state| Some((state.page.page_id.clone(), state.fields.clone()?))).collect()
    }

    /// Lets somebody the page was not configured with be its customer. They count as having just written: webhooks may be posted past
    /// the sandbox, by whoever knows the secret, and their answers come here. Another page's customers stay unknown, and so do ids of another form than Meta's.
    pub(crate) fn admit(&mut self, page_id: &str, customer_id: &str, now: DateTime<Utc>) {
        let most = self.strangers;
        if !is_id(customer_id) || self.taken.contains(customer_id) {
            return;
        }
        let Some(page) = self.pages.get_mut(page_id) else { return };
        if !page.threads.contains_key(customer_id)
            && page.threads.len() < page.page.customers.len().saturating_add(most)
        {
            page.threads.insert(customer_id.to_owned(), Thread::new(now));
        }
    }

    /// Whether pages take customers that they were not configured with.
    pub(crate) const fn takes_strangers(&self) -> bool {
        self.strangers > 0
    }

    /// Whether the id is a page's or a configured customer's.
    pub(crate) fn is_taken(&self, id: &str) -> bool {
        self.taken.contains(id)
    }

    /// A customer writes to a page; none when that page has no such customer.
    pub(crate) fn customer_writes(
        &mut self,
        page_id: &str,
        customer_id: &str,
        content: &Content,
        now: DateTime<Utc>,
    ) -> Option<Written> {
        let (subscribed, platform) = {
            let page = self.pages.get(page_id)?;
            (page.gets("messages"), page.page.platform)
        };
        let state = if subscribed { State::Queued } else { State::Unsubscribed };
        let (mid, at) = self.write(page_id, customer_id, From::Customer, content, state, now)?;
        self.thread_mut(page_id, customer_id)?.last_wrote = now;
        Some(Written { mid, at, subscribed, platform })
    }

    /// The business writes; none when that page has no such customer.
    pub(crate) fn business_writes(
        &mut self,
        page_id: &str,
        customer_id: &str,
        content: &Content,
        from: From,
        now: DateTime<Utc>,
    ) -> Option<Written> {
        let (subscribed, platform) = {
            let page = self.pages.get(page_id)?;
            (page.gets_echoes(), page.page.platform)
        };
        let (mid, at) = self.write(page_id, customer_id, from, content, State::Delivered, now)?;
        let version = self.version;
        self.thread_mut(page_id, customer_id)?.show_typing(false, now, version);
        Some(Written { mid, at, subscribed, platform })
    }

    /// Records what went out through the Graph API.
    pub(crate) fn record(&mut self, sent: Sent) {
        self.sent.push_back(sent);
        while self.sent.len() > self.keep_sent {
            self.sent.pop_front();
        }
    }

    /// What was sent after the message of that id; all that is kept when the id is none or forgotten.
    pub(crate) fn sent_after(&self, mid: Option<&str>) -> Vec<Sent> {
        let at = mid.and_then(|mid| self.sent.iter().rposition(|sent| sent.mid == mid));
        self.sent.iter().skip(at.map_or(0, |at| at + 1)).cloned().collect()
    }

    /// How long ago the customer last wrote; none when that page has no such customer.
    pub(crate) fn silence(&self, page_id: &str, customer_id: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some(now - self.pages.get(page_id)?.threads.get(customer_id)?.last_wrote)
    }

    /// Shows or hides the dots.
    pub(crate) fn typing(&mut self, page_id: &str, customer_id: &str, on: bool, now: DateTime<Utc>) {
        self.version += 1;
        let version = self.version;
        if let Some(thread) = self.thread_mut(page_id, customer_id) {
            thread.show_typing(on, now, version);
        }
    }

    /// Notes what became of a message's webhook.
    pub(crate) fn settle(&mut self, page_id: &str, customer_id: &str, mid: &str, state: State) {
        self.version += 1;
        let version = self.version;
        if let Some(thread) = self.thread_mut(page_id, customer_id) {
            thread.settle(mid, state, version);
        }
    }

    /// The conversation since a version; 0 gives all that is kept. None when that page has no such customer.
    pub(crate) fn thread(
        &self,
        page_id: &str,
        customer_id: &str,
        after: u64,
        now: DateTime<Utc>,
    ) -> Option<ThreadView> {
        let page = self.pages.get(page_id)?;
        let thread = page.threads.get(customer_id)?;
        Some(ThreadView { version: self.version, subscribed: page.fields.is_some(), change: thread.since(after, now) })
    }

    fn thread_mut(&mut self, page_id: &str, customer_id: &str) -> Option<&mut Thread> {
        self.pages.get_mut(page_id)?.threads.get_mut(customer_id)
    }

    fn write(
        &mut self,
        page_id: &str,
        customer_id: &str,
        from: From,
        content: &Content,
        state: State,
        now: DateTime<Utc>,
    ) -> Option<(String, i64)> {
        let (version, keep) = (self.version + 1, self.keep_thread);
        let written = self.thread_mut(page_id, customer_id)?.write(from, content, state, now, version, keep);
        self.version = version;
        Some(written)
    }
}

impl PageState {
    /// Whether the app is subscribed to a field.
    fn gets(&self, field: &str) -> bool {
        self.fields.as_ref().is_some_and(|fields| fields.contains(field))
    }

    /// Messenger's echoes are a field of their own, Instagram's come with the messages.
    fn gets_echoes(&self) -> bool {
        match self.page.platform {
            Platform::Facebook => self.gets("message_echoes"),
            Platform::Instagram => self.gets("messages"),
        }
    }

    /// The customer of that id; a stranger is called by the end of it.
    pub(crate) fn customer(&self, id: &str) -> Option<Customer> {
        let known = self.page.customers.iter().find(|customer| customer.id == id).cloned();
        known.or_else(|| self.threads.contains_key(id).then(|| stranger(id)))
    }
}

/// Somebody nobody named.
pub(crate) fn stranger(id: &str) -> Customer {
    let end = id.get(id.len().saturating_sub(4)..).unwrap_or(id);
    Customer { id: id.to_owned(), name: format!("Khách {end}") }
}

/// Whether this can be a PSID or IGSID.
pub(crate) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::rfc3339;

    fn world(keep: usize) -> (World, DateTime<Utc>) {
        let config = Config { keep_sent: keep, keep_thread: keep, ..Config::default() };
        let now = config.clock.now();
        (World::new(&config), now)
    }

    fn ids() -> (String, String) {
        let page = crate::config::demo_pages().remove(0);
        (page.page_id, page.customers[0].id.clone())
    }

    #[test]
    fn every_list_has_an_end() {
        let (mut world, now) = world(5);
        let (page, customer) = ids();
        for n in 0..20 {
            world
                .customer_writes(&page, &customer, &n.to_string().as_str().into(), now)
                .expect("a customer of the page");
            world.record(Sent {
                mid: format!("m_{n}"),
                page_id: page.clone(),
                recipient_id: customer.clone(),
                content: Content::default(),
                metadata: None,
                at: rfc3339(0),
            });
        }
        let view = world.thread(&page, &customer, 0, now).expect("a thread");
        let texts: Vec<_> = view.change.items.iter().map(|item| item.content.text.as_str()).collect();
        assert_eq!(texts, ["15", "16", "17", "18", "19"]);
        assert_eq!(world.sent_after(None).len(), 5);
        assert_eq!(world.sent_after(Some("m_17")).len(), 2);
        assert_eq!(world.sent_after(Some("m_0")).len(), 5);
    }

    #[test]
    fn times_of_a_conversation_only_rise() {
        let (mut world, now) = world(9);
        let (page, customer) = ids();
        let mut write =
            |now| world.customer_writes(&page, &customer, &"x".into(), now).expect("a customer of the page").at;
        let times = [write(now), write(now), write(now - TimeDelta::hours(1))];
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    }

    #[test]
    fn a_view_holds_what_changed() {
        let (mut world, now) = world(9);
        let (page, customer) = ids();
        let mid = world.customer_writes(&page, &customer, &"x".into(), now).expect("a customer of the page").mid;
        let first = world.thread(&page, &customer, 0, now).expect("a thread");
        assert!(!world.thread(&page, &customer, first.version, now).expect("a thread").change.changed);
        world.settle(&page, &customer, &mid, State::Delivered);
        let second = world.thread(&page, &customer, first.version, now).expect("a thread");
        assert_eq!(second.change.items.iter().map(|item| item.state).collect::<Vec<_>>(), [State::Delivered]);
        world.typing(&page, &customer, true, now);
        let third = world.thread(&page, &customer, second.version, now).expect("a thread");
        assert!(third.change.changed && third.change.items.is_empty() && third.change.typing_ms == 20_000);
    }

    #[test]
    fn strangers_are_unknown() {
        let (mut world, now) = world(9);
        let (page, _) = ids();
        assert!(world.customer_writes(&page, "1", &"x".into(), now).is_none());
        assert!(world.customer_writes("1", "1", &"x".into(), now).is_none());
        assert!(world.silence(&page, "1", now).is_none());
        assert!(world.page_of("wrong").is_none());
    }

    #[test]
    fn strangers_are_admitted_up_to_the_limit() {
        let config = Config { strangers: 2, ..Config::default() };
        let mut world = World::new(&config);
        let ((page, customer), now) = (ids(), config.clock.now());
        for id in ["", "me", "12x", "1", "2", "3", customer.as_str()] {
            world.admit(&page, id, now);
        }
        world.admit("1", "1", now);
        let known = |id: &str| world.silence(&page, id, now).is_some();
        assert_eq!(
            ["", "me", "12x", "1", "2", "3", &customer].map(known),
            [false, false, false, true, true, false, true]
        );
        let name = |id: &str| world.page(&page).and_then(|page| page.customer(id)).map(|customer| customer.name);
        assert_eq!(name("2").as_deref(), Some("Khách 2"));
        assert_eq!(name("3"), None);
    }
}
