//! One conversation as the customer's phone shows it: the latest messages, what became of them and of their webhooks, and the dots. Pure.

use std::collections::VecDeque;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::content::{Content, is_false};

/// How long the typing dots stay, as Meta shows them.
const TYPING: TimeDelta = TimeDelta::seconds(20);

/// A customer's conversation with a page.
pub(crate) struct Thread {
    /// By time.
    items: VecDeque<Item>,
    pub(crate) last_wrote: DateTime<Utc>,
    /// Milliseconds: times of what is written now only rise.
    last_at: i64,
    typing_until: Option<DateTime<Utc>>,
    typing_version: u64,
    /// When the business saw the conversation last.
    seen_at: Option<DateTime<Utc>>,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    /// Different for each message.
    pub(crate) n: u64,
    pub(crate) mid: String,
    pub(crate) from: From,
    #[serde(flatten)]
    pub(crate) content: Content,
    pub(crate) at: String,
    /// The same in milliseconds since 1970.
    #[serde(skip)]
    pub(crate) at_ms: i64,
    pub(crate) state: State,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) reactions: Vec<Reaction>,
    #[serde(skip_serializing_if = "is_false")]
    is_edited: bool,
    /// Taken back: nothing of it is left.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) is_unsent: bool,
    #[serde(skip)]
    edits: u32,
    #[serde(skip)]
    version: u64,
}

/// A reaction of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reaction {
    pub(crate) by: Side,
    pub(crate) emoji: String,
}

/// Who did something to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Customer,
    Page,
}

/// Who wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    Customer,
    /// The connected app, through the Graph API.
    App,
    /// A person, in Meta's own app, or another app.
    Human,
}

/// Where the webhook of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// It waits or is under way.
    Queued,
    /// Its receiver took it. Of the business's own messages: they were shown.
    Delivered,
    /// It was given up.
    Lost,
    /// The page is not subscribed: there is none.
    Unsubscribed,
    /// There is none on order: only Meta's own list has the message.
    Dropped,
}

/// What is new.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// How much longer the shop is shown as typing; 0 when it is not.
    pub(crate) typing_ms: i64,
    /// When the shop saw the conversation last.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen_at: Option<String>,
    pub(crate) items: Vec<Item>,
    #[serde(skip)]
    pub(crate) changed: bool,
}

/// A message to be written.
pub(crate) struct Line<'a> {
    pub(crate) from: From,
    pub(crate) content: &'a Content,
    pub(crate) state: State,
    /// Its time in milliseconds since 1970, when it is not now.
    pub(crate) at: Option<i64>,
}

impl Thread {
    /// An empty one, whose customer wrote just now.
    pub(crate) const fn new(now: DateTime<Utc>) -> Self {
        Self {
            items: VecDeque::new(),
            last_wrote: now,
            last_at: 0,
            typing_until: None,
            typing_version: 0,
            seen_at: None,
        }
    }

    /// Adds a message at its time and forgets all but the latest `keep`. Gives its mid and its time in milliseconds.
    pub(crate) fn write(&mut self, line: &Line<'_>, now: DateTime<Utc>, version: u64, keep: usize) -> (String, i64) {
        let at = line.at.unwrap_or_else(|| now.timestamp_millis().max(self.last_at + 1));
        self.last_at = self.last_at.max(at);
        let mid = new_mid();
        let item = Item {
            n: version,
            mid: mid.clone(),
            from: line.from,
            content: line.content.clone(),
            at: rfc3339(at),
            at_ms: at,
            state: line.state,
            reactions: Vec::new(),
            is_edited: false,
            is_unsent: false,
            edits: 0,
            version,
        };
        let place = self.items.partition_point(|known| known.at_ms <= at);
        self.items.insert(place, item);
        while self.items.len() > keep {
            self.items.pop_front();
        }
        (mid, at)
    }

    /// Messages that there are, the latest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().rev().filter(|item| !item.is_unsent)
    }

    /// Shows or hides the dots.
    pub(crate) fn show_typing(&mut self, on: bool, now: DateTime<Utc>, version: u64) {
        self.typing_until = on.then(|| now + TYPING);
        self.typing_version = version;
    }

    /// The business saw what the customer wrote.
    pub(crate) const fn see(&mut self, now: DateTime<Utc>, version: u64) {
        self.seen_at = Some(now);
        self.typing_version = version;
    }

    /// Notes what became of a message's webhook.
    pub(crate) fn settle(&mut self, mid: &str, state: State, version: u64) {
        // An echo tells nothing of how the message itself fared.
        if let Some(item) = self.touch(mid, version, |item| item.from == From::Customer) {
            item.state = state;
        }
    }

    /// Sets one side's reaction, or takes it back. A message that is not kept stays away.
    pub(crate) fn react(&mut self, mid: &str, by: Side, emoji: Option<&str>, version: u64) {
        if let Some(item) = self.touch(mid, version, |_| true) {
            item.reactions.retain(|known| known.by != by);
            item.reactions.extend(emoji.map(|emoji| Reaction { by, emoji: emoji.to_owned() }));
        }
    }

    /// Replaces the text. Gives how often that was done, 1 when the message is not kept.
    pub(crate) fn edit(&mut self, mid: &str, text: &str, version: u64) -> u32 {
        self.touch(mid, version, |item| !item.is_unsent).map_or(1, |item| {
            text.clone_into(&mut item.content.text);
            item.is_edited = true;
            item.edits += 1;
            item.edits
        })
    }

    /// Takes a message back.
    pub(crate) fn unsend(&mut self, mid: &str, version: u64) {
        if let Some(item) = self.touch(mid, version, |_| true) {
            item.content = Content::default();
            item.reactions.clear();
            item.is_unsent = true;
        }
    }

    fn touch(&mut self, mid: &str, version: u64, wanted: impl Fn(&Item) -> bool) -> Option<&mut Item> {
        let item = self.items.iter_mut().rfind(|item| item.mid == mid && wanted(item))?;
        item.version = version;
        Some(item)
    }

    /// What changed since a version; 0 gives all that is kept.
    pub(crate) fn since(&self, after: u64, now: DateTime<Utc>) -> Change {
        let items: Vec<Item> = self.items.iter().filter(|item| item.version > after).cloned().collect();
        let typing_ms = self.typing_until.map_or(0, |until| (until - now).num_milliseconds().max(0));
        let changed = after == 0 || !items.is_empty() || self.typing_version > after;
        let seen_at = self.seen_at.map(|at| rfc3339(at.timestamp_millis()));
        Change { typing_ms, seen_at, items, changed }
    }
}

/// A time in milliseconds since 1970 as RFC 3339 UTC.
pub(crate) fn rfc3339(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Unique also over restarts, because the product remembers.
pub(crate) fn new_mid() -> String {
    format!("m_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(thread: &mut Thread, text: &str, at: Option<i64>, keep: usize) -> String {
        let now = DateTime::from_timestamp_millis(10_000).expect("a time");
        let line = Line { from: From::Customer, content: &text.into(), state: State::Queued, at };
        thread.write(&line, now, 1, keep).0
    }

    fn texts(thread: &Thread) -> Vec<&str> {
        thread.newest_first().map(|item| item.content.text.as_str()).collect()
    }

    #[test]
    fn messages_stand_by_their_time_and_the_oldest_go() {
        let mut thread = Thread::new(DateTime::default());
        for (text, at) in
            [("now", None), ("older", Some(5_000)), ("oldest", Some(1)), ("next", None), ("old", Some(7_000))]
        {
            write(&mut thread, text, at, 4);
        }
        assert_eq!(texts(&thread), ["next", "now", "old", "older"]);
    }

    #[test]
    fn a_message_is_changed_and_taken_back() {
        let mut thread = Thread::new(DateTime::default());
        let mid = write(&mut thread, "một", None, 9);
        assert_eq!([thread.edit(&mid, "hai", 2), thread.edit(&mid, "ba", 3), thread.edit("m_0", "x", 3)], [1, 2, 1]);
        thread.react(&mid, Side::Customer, Some("❤"), 4);
        thread.react(&mid, Side::Page, Some("👍"), 4);
        thread.react(&mid, Side::Customer, None, 5);
        let item = thread.newest_first().next().expect("an item");
        assert_eq!(item.reactions, [Reaction { by: Side::Page, emoji: "👍".into() }]);
        assert_eq!((texts(&thread), item.is_edited), (vec!["ba"], true));
        thread.unsend(&mid, 6);
        let change = thread.since(5, DateTime::default());
        assert!(
            texts(&thread).is_empty() && change.items[0].is_unsent && change.items[0].content == Content::default()
        );
    }
}
