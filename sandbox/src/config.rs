//! What the sandbox starts with: its address, the app it plays, its pages with their customers, and its limits. All is made up; nothing
//! here opens anything at Meta.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chatdesk_meta::Platform;
use chatdesk_platform::{Clock, VarError, Vars};

use crate::demo::{connectable_pages, demo_pages, demo_people, view_only_pages};

/// The app secret that signs webhooks. Known to everybody: it protects nothing.
pub const APP_SECRET: &str = "chatdesk-test-app-secret";
/// The verify token of the webhook handshake. Known to everybody: it protects nothing.
pub const VERIFY_TOKEN: &str = "chatdesk-test-verify-token";
/// The app that people allow with Facebook Login.
pub const APP_ID: u64 = 881_204_773_561_902;
/// The app that people allow with Instagram Login.
pub const INSTAGRAM_APP_ID: u64 = 554_120_998_730_114;
/// A key that the model takes; any other non-empty one does too.
pub const GROQ_KEY: &str = "gsk_chatdesk_sandbox";

/// Pages that SANDBOX_PAGES may ask for.
const MOST_FURTHER_PAGES: u32 = 10_000;

/// What the sandbox starts with.
#[derive(Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Signs webhooks and checks `appsecret_proof`. May be a comma-separated list, of which the first signs.
    pub app_secret: String,
    /// Said in the webhook handshake.
    pub verify_token: String,
    /// The connected app's id, in echoes and in Facebook Login.
    pub app_id: u64,
    /// Its id in Instagram Login.
    pub instagram_app_id: u64,
    /// Base address that webhooks go to, without `/api/webhooks/…`. They wait until there is one.
    pub webhook_target: Option<String>,
    /// Pages and accounts. An id or token that comes twice belongs to the first.
    pub pages: Vec<Page>,
    /// Who can log in with the dialogs. The first does unless another is named.
    pub people: Vec<Person>,
    /// Tells the time of messages and of the reply window.
    pub clock: Clock,
    /// How webhooks are delivered.
    pub delivery: Delivery,
    /// A file that keeps the subscriptions over restarts, as Meta keeps them; none forgets them.
    pub memory: Option<PathBuf>,
    /// Messages kept for `GET /sandbox/sent`; older ones are forgotten.
    pub keep_sent: usize,
    /// Messages kept in each conversation; older ones are forgotten.
    pub keep_thread: usize,
    /// How many customers each page takes beside its own; 0 makes every other id unknown, as at Meta.
    pub strangers: usize,
}

/// A Facebook Page or an Instagram professional account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Which of the two.
    pub platform: Platform,
    /// Its id, as webhooks name it.
    pub page_id: String,
    /// Its name.
    pub name: String,
    /// The token that speaks for it. An Instagram account's is taken on both hosts.
    pub access_token: String,
    /// Who writes to it.
    pub customers: Vec<Customer>,
    /// Of a Facebook Page: the id of the Instagram account that is linked to it, which its token reaches too.
    pub instagram: Option<String>,
}

/// Somebody who works for pages and can log in with Meta's dialogs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id scoped to the app, as `/me` and signed requests name it.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The Facebook Pages they have a role on.
    pub roles: Vec<Role>,
    /// The Instagram accounts they can log in as.
    pub accounts: Vec<String>,
}

/// A person's role on a Facebook Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The page.
    pub page_id: String,
    /// What they may do there: `MESSAGING`, `MODERATE`, `ANALYZE`, …
    pub tasks: Vec<String>,
    /// Whether `/me/accounts` names the page. Pages that a business portfolio owns are at times left out there and only named by the
    /// grant's `granular_scopes`.
    pub is_listed: bool,
}

/// Somebody who writes to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The id scoped to the page (PSID or IGSID).
    pub id: String,
    /// The full name.
    pub name: String,
}

/// How webhooks are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The wait after the first failure; it doubles.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// Posts of one body before it is given up.
    pub attempts: u32,
    /// How long a post may take. Meta's: 20 s.
    pub timeout: Duration,
    /// Items of one page in one body. Meta's most: 1000.
    pub batch: usize,
    /// How long after the send an echo is due.
    pub echo_delay: Duration,
    /// Items of one page that may wait; beyond it customers are refused and echoes lost.
    pub queue: usize,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            first_wait: Duration::from_millis(100),
            longest_wait: Duration::from_secs(2),
            attempts: 120,
            timeout: Duration::from_secs(20),
            batch: 50,
            echo_delay: Duration::from_millis(20),
            queue: 10_000,
        }
    }
}

impl Default for Config {
    /// The demo: its pages and the connectable ones, on 127.0.0.1:8090.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)),
            app_secret: APP_SECRET.to_owned(),
            verify_token: VERIFY_TOKEN.to_owned(),
            app_id: APP_ID,
            instagram_app_id: INSTAGRAM_APP_ID,
            webhook_target: None,
            pages: [demo_pages(), connectable_pages(), view_only_pages()].concat(),
            people: demo_people(),
            clock: Clock::system(),
            delivery: Delivery::default(),
            memory: None,
            keep_sent: 20_000,
            keep_thread: 200,
            strangers: 5000,
        }
    }
}

impl Config {
    /// The demo at SANDBOX_ADDR, with SANDBOX_PAGES further pages for load tests: Facebook and Instagram by turns.
    ///
    /// # Errors
    /// When SANDBOX_ADDR is no address with a port, or SANDBOX_PAGES no number up to 10,000.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let mut config = Self::default();
        config.address = vars.parse("SANDBOX_ADDR", config.address)?;
        let further: u32 = vars.parse("SANDBOX_PAGES", 0)?;
        if further > MOST_FURTHER_PAGES {
            let problem = format!("must be at most {MOST_FURTHER_PAGES}");
            return Err(VarError { name: "SANDBOX_PAGES".to_owned(), problem });
        }
        config.pages.extend((0..further).map(|number| {
            let platform = if number % 2 == 0 { Platform::Facebook } else { Platform::Instagram };
            Page::numbered(platform, number / 2, 3)
        }));
        Ok(config)
    }
}

impl Page {
    /// A page for load tests: the same number gives the same page. Numbers of one platform are told apart, and from the demo's.
    #[must_use]
    pub fn numbered(platform: Platform, number: u32, customers: u32) -> Self {
        let (prefix, token, digit) = match platform {
            Platform::Facebook => ("2000", "EAAsandboxload", 8),
            Platform::Instagram => ("1784", "IGAAsandboxload", 9),
        };
        let customer =
            |n| Customer { id: format!("{digit}{number:07}{n:08}"), name: format!("Khách {n} của trang {number}") };
        Self {
            platform,
            page_id: format!("{prefix}5{number:010}"),
            name: format!("Trang {number}"),
            access_token: format!("{token}{number:010}"),
            instagram: None,
            customers: (1..=customers).map(customer).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_and_tokens_are_told_apart() {
        let mut pages = Config::default().pages;
        for platform in [Platform::Facebook, Platform::Instagram] {
            pages.extend((0..200).map(|number| Page::numbered(platform, number, 3)));
        }
        let ids: HashSet<_> = pages.iter().map(|page| &page.page_id).collect();
        let tokens: HashSet<_> = pages.iter().map(|page| &page.access_token).collect();
        let customers: HashSet<_> =
            pages.iter().flat_map(|page| &page.customers).map(|customer| &customer.id).collect();
        assert_eq!((ids.len(), tokens.len()), (pages.len(), pages.len()));
        assert_eq!(customers.len(), pages.iter().map(|page| page.customers.len()).sum::<usize>());
        assert_eq!(Page::numbered(Platform::Facebook, 7, 2), Page::numbered(Platform::Facebook, 7, 2));
    }

    #[test]
    fn the_address_is_the_variables() {
        let vars = |address: &'static str| Config::from_vars(&Vars::fixed([("SANDBOX_ADDR", address)]));
        assert_eq!(vars("127.0.0.1:0").map(|config| config.address.port()).ok(), Some(0));
        assert_eq!(vars("").map(|config| config.address.port()).ok(), Some(8090));
        assert!(vars("8090").is_err());
    }

    #[test]
    fn further_pages_are_of_both_platforms() {
        let pages = |count| Config::from_vars(&Vars::fixed([("SANDBOX_PAGES", count)])).map(|config| config.pages);
        let further: Vec<Platform> = pages("4").expect("a number").iter().skip(7).map(|page| page.platform).collect();
        use Platform::{Facebook, Instagram};
        assert_eq!(further, [Facebook, Instagram, Facebook, Instagram]);
        assert!(pages("10001").is_err() && pages("-1").is_err());
    }
}
