//! A house whose mails go to the sandbox's letter box, over SMTP as everywhere.

use std::time::Duration;

use chatdesk_platform::Vars;
use chatdesk_sandbox::{Letter, Sandbox};

use crate::graph::Graph;
use crate::house::{House, vars};

pub const HOME: &str = "https://chat.example.com";
/// No wait should come near this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A house that sends mail, and where it arrives.
pub struct Posted {
    pub house: House,
    pub sandbox: Sandbox,
}

impl Posted {
    pub async fn new() -> Self {
        let graph = Graph::start().await;
        let url = graph.url.clone();
        let shutdown = chatdesk_platform::Shutdown::default();
        let none = Vars::fixed([("SANDBOX_ADDR", "127.0.0.1:0")]);
        let sandbox = Sandbox::start(chatdesk_sandbox::Config::from_vars(&none).unwrap(), &shutdown).await.unwrap();
        let mail = sandbox.mail_variables();
        let house = House::with(graph, |db| vars(db, &url).overlaid(mail).overlaid([("PUBLIC_URL", HOME)])).await;
        Self { house, sandbox }
    }

    /// The newest letter to somebody, once there are so many.
    pub async fn letter(&self, to: &str, count: usize) -> Letter {
        self.letter_with(to, "", count).await
    }

    /// The token of the newest link to this page of the app that somebody got, once there are so many.
    pub async fn link(&self, to: &str, page: &str, count: usize) -> String {
        token(&self.letter_with(to, &format!("{HOME}/{page}#"), count).await, page)
    }

    async fn letter_with(&self, to: &str, part: &str, count: usize) -> Letter {
        let found = async {
            let mut looks = tokio::time::interval(Duration::from_millis(20));
            loop {
                looks.tick().await;
                let mut letters = self.letters(to);
                letters.retain(|letter| letter.text.contains(part));
                if letters.len() >= count {
                    break letters.swap_remove(0);
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("{to} got no letter {count}"))
    }

    /// Letters to somebody so far, the newest first.
    pub fn letters(&self, to: &str) -> Vec<Letter> {
        self.sandbox.letters().into_iter().filter(|letter| letter.to == [to]).collect()
    }

    /// Waits until no mail is on its way.
    pub async fn all_sent(&self) {
        let pool = self.house.db.superuser().await;
        let sent = async {
            let mut looks = tokio::time::interval(Duration::from_millis(20));
            loop {
                looks.tick().await;
                let left: i64 = sqlx::query_scalar(
                    "select (select count(*) from routing.mails) + (select count(*) from routing.due_work where kind = 'mail')",
                )
                .fetch_one(&pool)
                .await
                .unwrap();
                if left == 0 {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, sent).await.expect("all mails are sent");
    }

    /// The mail server's next answers go wrong.
    pub async fn fault(&self, fault: serde_json::Value) {
        let url = format!("{}/sandbox/faults", self.sandbox.url());
        let client = chatdesk_platform::http_client(PATIENCE).unwrap();
        assert!(client.put(url).json(&fault).send().await.unwrap().status().is_success());
    }
}

/// The token of a letter's link, which must lead to this page of the app.
pub fn token(letter: &Letter, page: &str) -> String {
    let start = format!("{HOME}/{page}#");
    let (_, rest) = letter.text.split_once(&start).unwrap_or_else(|| panic!("no link to {page}: {}", letter.text));
    rest.lines().next().unwrap().to_owned()
}
