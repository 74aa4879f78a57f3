//! What the sandbox remembers: pages, subscriptions, conversations, tokens, and what the app did. Pure and in memory; every list has an end.

mod talk;
mod tokens;

use std::collections::{HashMap, HashSet, VecDeque};

use chatdesk_meta::Platform;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::config::{Config, Customer, Page};
use crate::content::Content;
use crate::thread::Thread;
pub(crate) use talk::Writing;
pub(crate) use tokens::{Dead, Tokens};

/// All of it.
pub(crate) struct World {
    pages: HashMap<String, PageState>,
    /// As configured, for lists.
    order: Vec<String>,
    pub(crate) tokens: Tokens,
    sent: VecDeque<Sent>,
    actions: VecDeque<Action>,
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
    /// Of an Instagram account: whether its Page's token was used for it, which makes it follow its Page's subscription.
    is_reached: bool,
    pub(crate) threads: HashMap<String, Thread>,
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
    /// The message tag, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<String>,
    pub(crate) at: String,
}

/// A sender action: something that says nothing.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Action {
    pub(crate) page_id: String,
    pub(crate) recipient_id: String,
    pub(crate) action: String,
    pub(crate) at: String,
}

impl World {
    pub(crate) fn new(config: &Config) -> Self {
        let now = config.clock.now();
        let mut world = Self {
            pages: HashMap::new(),
            order: Vec::new(),
            tokens: Tokens::default(),
            sent: VecDeque::new(),
            actions: VecDeque::new(),
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
            world.tokens.know(page);
            world.taken.insert(page.page_id.clone());
            world.taken.extend(page.customers.iter().map(|customer| customer.id.clone()));
            world.order.push(page.page_id.clone());
            world.pages.insert(
                page.page_id.clone(),
                PageState { page: page.clone(), fields: None, is_reached: false, threads },
            );
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
    pub(crate) fn page_of(&self, token: &str, now: DateTime<Utc>) -> Result<&PageState, Dead> {
        let page_id = self.tokens.page(token, now)?;
        self.pages.get(page_id).ok_or(Dead::Unknown)
    }

    /// The Instagram account that is linked to a Page.
    pub(crate) fn linked(&self, page_id: &str) -> Option<&PageState> {
        self.pages.get(self.pages.get(page_id)?.page.instagram.as_deref()?)
    }

    /// Notes that a Page's token was used for the linked account: from then on it follows the Page's subscription. That stands for the
    /// permission to read Instagram's messages, which Meta asks for at the login.
    pub(crate) fn reach(&mut self, account_id: &str) {
        if let Some(account) = self.pages.get_mut(account_id) {
            account.is_reached = true;
        }
    }

    /// Subscribes the app, also to the linked account that its token reached; false when there is no such page.
    pub(crate) fn subscribe(&mut self, page_id: &str, fields: Option<HashSet<String>>) -> bool {
        let linked =
            self.linked(page_id).filter(|account| account.is_reached).map(|account| account.page.page_id.clone());
        let Some(page) = self.pages.get_mut(page_id) else { return false };
        page.fields.clone_from(&fields);
        if let Some(account) = linked.and_then(|id| self.pages.get_mut(&id)) {
            account.fields = fields.map(|_| all_fields(Platform::Instagram));
        }
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

    /// Records a sender action.
    pub(crate) fn record_action(&mut self, action: Action) {
        self.actions.push_back(action);
        while self.actions.len() > self.keep_sent {
            self.actions.pop_front();
        }
    }

    /// All sender actions that are kept, of one page when it is named.
    pub(crate) fn actions(&self, page_id: Option<&str>) -> Vec<Action> {
        let wanted = |action: &&Action| page_id.is_none_or(|id| id == action.page_id);
        self.actions.iter().filter(wanted).cloned().collect()
    }
}

impl PageState {
    /// Whether the app is subscribed to a field.
    pub(crate) fn gets(&self, field: &str) -> bool {
        self.fields.as_ref().is_some_and(|fields| fields.contains(field))
    }

    /// Messenger's echoes are a field of their own, Instagram's come with the messages.
    pub(crate) fn gets_echoes(&self) -> bool {
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

/// Every field of conversations.
pub(crate) fn all_fields(platform: Platform) -> HashSet<String> {
    let fields: &[&str] = match platform {
        Platform::Facebook => &[
            "messages",
            "messaging_postbacks",
            "message_echoes",
            "message_edits",
            "message_reactions",
            "message_reads",
            "message_deliveries",
            "messaging_referrals",
            "messaging_handovers",
            "standby",
            "messaging_policy_enforcement",
        ],
        Platform::Instagram => &[
            "messages",
            "messaging_postbacks",
            "message_reactions",
            "messaging_seen",
            "message_edit",
            "messaging_referral",
            "messaging_handover",
            "standby",
        ],
    };
    fields.iter().map(|field| (*field).to_owned()).collect()
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

    #[test]
    fn a_linked_account_follows_its_page_once_it_was_reached() {
        let mut world = World::new(&Config::default());
        let (page, account) = ("100200300400601", "17841400100200601");
        let has = |world: &World| world.page(account).is_some_and(|page| page.gets("messages"));
        assert!(world.subscribe(page, Some(all_fields(Platform::Facebook))) && !has(&world));
        world.reach(account);
        world.subscribe(page, Some(all_fields(Platform::Facebook)));
        assert!(has(&world) && world.linked(account).is_none());
        world.subscribe(page, None);
        assert!(!has(&world));
    }
}
