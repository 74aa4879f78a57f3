//! One conversation as the customer's phone shows it: the latest messages, what became of their webhooks, and the dots. Pure.

use std::collections::VecDeque;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::media::Attachment;

/// How long the typing dots stay, as Meta shows them.
const TYPING: TimeDelta = TimeDelta::seconds(20);

/// A customer's conversation with a page.
pub(crate) struct Thread {
    items: VecDeque<Item>,
    pub(crate) last_wrote: DateTime<Utc>,
    /// Milliseconds: times in one conversation only rise.
    last_at: i64,
    typing_until: Option<DateTime<Utc>>,
    typing_version: u64,
}

/// A message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    /// Its place in the conversation.
    n: u64,
    mid: String,
    from: From,
    #[serde(flatten)]
    pub(crate) content: Content,
    at: String,
    pub(crate) state: State,
    #[serde(skip)]
    version: u64,
}

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Content {
    /// Maybe empty, when there are files.
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
}

impl std::convert::From<&str> for Content {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), attachments: Vec::new() }
    }
}

/// Who wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    Customer,
    /// The connected app, through the Graph API.
    App,
    /// A person, in Meta's own app.
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
}

/// What is new.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    /// How much longer the shop is shown as typing; 0 when it is not.
    pub(crate) typing_ms: i64,
    pub(crate) items: Vec<Item>,
    #[serde(skip)]
    pub(crate) changed: bool,
}

impl Thread {
    /// An empty one, whose customer wrote just now.
    pub(crate) const fn new(now: DateTime<Utc>) -> Self {
        Self { items: VecDeque::new(), last_wrote: now, last_at: 0, typing_until: None, typing_version: 0 }
    }

    /// Adds a message and forgets all but the latest `keep`. Gives its mid and its time in milliseconds.
    pub(crate) fn write(
        &mut self,
        from: From,
        content: &Content,
        state: State,
        now: DateTime<Utc>,
        version: u64,
        keep: usize,
    ) -> (String, i64) {
        let at = now.timestamp_millis().max(self.last_at + 1);
        self.last_at = at;
        let mid = new_mid();
        self.items.push_back(Item {
            n: version,
            mid: mid.clone(),
            from,
            content: content.clone(),
            at: rfc3339(at),
            state,
            version,
        });
        while self.items.len() > keep {
            self.items.pop_front();
        }
        (mid, at)
    }

    /// Shows or hides the dots.
    pub(crate) fn show_typing(&mut self, on: bool, now: DateTime<Utc>, version: u64) {
        self.typing_until = on.then(|| now + TYPING);
        self.typing_version = version;
    }

    /// Notes what became of a message's webhook.
    pub(crate) fn settle(&mut self, mid: &str, state: State, version: u64) {
        // An echo tells nothing of how the message itself fared.
        let written = self.items.iter_mut().rfind(|item| item.mid == mid && item.from == From::Customer);
        if let Some(item) = written {
            item.state = state;
            item.version = version;
        }
    }

    /// What changed since a version; 0 gives all that is kept.
    pub(crate) fn since(&self, after: u64, now: DateTime<Utc>) -> Change {
        let items: Vec<Item> = self.items.iter().filter(|item| item.version > after).cloned().collect();
        let typing_ms = self.typing_until.map_or(0, |until| (until - now).num_milliseconds().max(0));
        let changed = after == 0 || !items.is_empty() || self.typing_version > after;
        Change { typing_ms, items, changed }
    }
}

/// A time in milliseconds since 1970 as RFC 3339 UTC.
pub(crate) fn rfc3339(at: i64) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Unique also over restarts, because the product remembers.
fn new_mid() -> String {
    format!("m_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
