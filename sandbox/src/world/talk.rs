//! What is written in conversations, and what happens to it. Pure.

use chatdesk_meta::Platform;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{PageState, World};
use crate::content::Content;
use crate::thread::{Change, From, Item, Line, State, Thread};

/// A message to be written.
pub(crate) struct Writing<'a> {
    pub(crate) page_id: &'a str,
    pub(crate) customer_id: &'a str,
    pub(crate) from: From,
    pub(crate) content: &'a Content,
    /// Its time in milliseconds since 1970, when it is not now.
    pub(crate) at: Option<i64>,
    /// Whether Meta keeps it and sends no webhook.
    pub(crate) is_dropped: bool,
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
    /// Writes a message; none when that page has no such customer. A customer's opens the window for an answer.
    pub(crate) fn write(&mut self, writing: &Writing<'_>, now: DateTime<Utc>) -> Option<Written> {
        let by_customer = writing.from == From::Customer;
        let page = self.pages.get_mut(writing.page_id)?;
        let subscribed = if by_customer { page.gets("messages") } else { page.gets_echoes() };
        let state = match (by_customer, subscribed) {
            _ if writing.is_dropped => State::Dropped,
            (false, _) => State::Delivered,
            (true, true) => State::Queued,
            (true, false) => State::Unsubscribed,
        };
        let platform = page.page.platform;
        let thread = page.threads.get_mut(writing.customer_id)?;
        let line = Line { from: writing.from, content: writing.content, state, at: writing.at };
        self.version += 1;
        let (mid, at) = thread.write(&line, now, self.version, self.keep_thread);
        if by_customer {
            let wrote = writing.at.and_then(DateTime::from_timestamp_millis).unwrap_or(now);
            thread.last_wrote = thread.last_wrote.max(wrote);
        } else if writing.at.is_none() {
            thread.show_typing(false, now, self.version);
        }
        Some(Written { mid, at, subscribed: subscribed && !writing.is_dropped, platform })
    }

    /// Acts on a conversation under a version of its own; none when that page has no such customer.
    pub(crate) fn act<T>(
        &mut self,
        page_id: &str,
        customer_id: &str,
        act: impl FnOnce(&mut Thread, u64) -> T,
    ) -> Option<T> {
        let thread = self.pages.get_mut(page_id)?.threads.get_mut(customer_id)?;
        self.version += 1;
        Some(act(thread, self.version))
    }

    /// How long ago the customer last wrote; none when that page has no such customer.
    pub(crate) fn silence(&self, page_id: &str, customer_id: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some(now - self.pages.get(page_id)?.threads.get(customer_id)?.last_wrote)
    }

    /// Notes what became of a message's webhook.
    pub(crate) fn settle(&mut self, page_id: &str, customer_id: &str, mid: &str, state: State) {
        self.act(page_id, customer_id, |thread, version| thread.settle(mid, state, version));
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
}

impl PageState {
    /// Conversations in which something was said, the latest first: customer, time of the last message in milliseconds, and how many
    /// messages there are.
    pub(crate) fn conversations(&self) -> Vec<(&str, i64, usize)> {
        let mut list: Vec<(&str, i64, usize)> = self
            .threads
            .iter()
            .filter_map(|(id, thread)| {
                let newest = thread.newest_first().next()?;
                Some((id.as_str(), newest.at_ms, thread.newest_first().count()))
            })
            .collect();
        list.sort_unstable_by(|a, b| (b.1, b.0).cmp(&(a.1, a.0)));
        list
    }

    /// A message by its id, and whose conversation it is in. One that was taken back is gone.
    pub(crate) fn message(&self, mid: &str) -> Option<(&str, &Item)> {
        self.threads
            .iter()
            .find_map(|(id, thread)| Some((id.as_str(), thread.newest_first().find(|item| item.mid == mid)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::thread::rfc3339;
    use crate::world::{Dead, Sent};

    fn world(keep: usize) -> (World, DateTime<Utc>) {
        let config = Config { keep_sent: keep, keep_thread: keep, ..Config::default() };
        let now = config.clock.now();
        (World::new(&config), now)
    }

    fn ids() -> (String, String) {
        let page = crate::demo::demo_pages().remove(0);
        (page.page_id, page.customers[0].id.clone())
    }

    fn says(world: &mut World, page: &str, customer: &str, text: &str, now: DateTime<Utc>) -> Option<Written> {
        let content = text.into();
        let writing = Writing {
            page_id: page,
            customer_id: customer,
            from: From::Customer,
            content: &content,
            at: None,
            is_dropped: false,
        };
        world.write(&writing, now)
    }

    #[test]
    fn every_list_has_an_end() {
        let (mut world, now) = world(5);
        let (page, customer) = ids();
        for n in 0..20 {
            says(&mut world, &page, &customer, &n.to_string(), now).expect("a customer of the page");
            world.record(Sent {
                mid: format!("m_{n}"),
                page_id: page.clone(),
                recipient_id: customer.clone(),
                content: Content::default(),
                metadata: None,
                tag: None,
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
        let mut write = |now| says(&mut world, &page, &customer, "x", now).expect("a customer of the page").at;
        let times = [write(now), write(now), write(now - TimeDelta::hours(1))];
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
    }

    #[test]
    fn a_view_holds_what_changed() {
        let (mut world, now) = world(9);
        let (page, customer) = ids();
        let mid = says(&mut world, &page, &customer, "x", now).expect("a customer of the page").mid;
        let first = world.thread(&page, &customer, 0, now).expect("a thread");
        assert!(!world.thread(&page, &customer, first.version, now).expect("a thread").change.changed);
        world.settle(&page, &customer, &mid, State::Delivered);
        let second = world.thread(&page, &customer, first.version, now).expect("a thread");
        assert_eq!(second.change.items.iter().map(|item| item.state).collect::<Vec<_>>(), [State::Delivered]);
        world.act(&page, &customer, |thread, version| thread.show_typing(true, now, version));
        let third = world.thread(&page, &customer, second.version, now).expect("a thread");
        assert!(third.change.changed && third.change.items.is_empty() && third.change.typing_ms == 20_000);
    }

    #[test]
    fn strangers_are_unknown() {
        let (mut world, now) = world(9);
        let (page, _) = ids();
        assert!(says(&mut world, &page, "1", "x", now).is_none());
        assert!(says(&mut world, "1", "1", "x", now).is_none());
        assert!(world.silence(&page, "1", now).is_none());
        assert_eq!(world.page_of("wrong", now).err(), Some(Dead::Unknown));
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

    #[test]
    fn conversations_are_listed_latest_first_and_silent_ones_not() {
        let (mut world, now) = world(9);
        let page = crate::demo::demo_pages().remove(0);
        let [first, second, _] = &page.customers[..] else { panic!("three customers") };
        let mid = says(&mut world, &page.page_id, &first.id, "một", now).expect("a customer").mid;
        says(&mut world, &page.page_id, &second.id, "hai", now + TimeDelta::seconds(1)).expect("a customer");
        says(&mut world, &page.page_id, &second.id, "ba", now + TimeDelta::seconds(2)).expect("a customer");
        let state = world.page(&page.page_id).expect("a page");
        let list: Vec<(&str, usize)> = state.conversations().iter().map(|(id, _, count)| (*id, *count)).collect();
        assert_eq!(list, [(second.id.as_str(), 2), (first.id.as_str(), 1)]);
        assert_eq!(
            state.message(&mid).map(|(id, item)| (id, item.content.text.as_str())),
            Some((first.id.as_str(), "một"))
        );
        world.act(&page.page_id, &first.id, |thread, version| thread.unsend(&mid, version));
        let state = world.page(&page.page_id).expect("a page");
        assert!(state.message(&mid).is_none() && state.conversations().len() == 1);
    }
}
