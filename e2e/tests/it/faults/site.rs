//! The system among its surroundings: Meta and Postgres outlive it, each behind a line that can fail, and it can be ended and started again.

use std::net::SocketAddr;

use chatdesk_meta::Platform;
use chatdesk_platform::{Shutdown, Vars};
use chatdesk_sandbox::{Page, Sandbox};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use super::proxy::Proxy;
use crate::api::{Api, text};
use crate::process::{Process, eventually, fresh_home, variables_at};

/// Waits that a test does not have: what Meta does within a minute here takes a moment.
const SHORT: [(&str, &str); 6] = [
    ("SETTLE_WAIT_MS", "2000"),
    ("SETTLE_READ_MS", "1000"),
    ("SETTLE_GIVE_UP_MS", "60000"),
    ("SWEEP_MS", "1000"),
    ("RECONCILE_MS", "3000"),
    // A sign that somebody types would meet the faults that are meant for messages.
    ("SENDER_ACTIONS", "off"),
];

/// All of it.
pub struct Site {
    sandbox: Sandbox,
    /// Orders to Meta's stand-in.
    pub meta: Api,
    /// Between us and Meta. What Meta sends us goes past it.
    pub to_meta: Proxy,
    /// Between us and Postgres.
    pub to_database: Proxy,
    /// Postgres itself, as its superuser and past the line.
    pub database: PgPool,
    variables: Vec<(String, String)>,
    process: Option<Process>,
    /// The gateway of the process that runs, or ran last.
    pub api: Api,
    _shutdown: Shutdown,
}

impl Site {
    /// Everything but the system, over the database at the superuser's address.
    pub async fn open(database: &str) -> Self {
        let shutdown = Shutdown::default();
        let config = chatdesk_sandbox::Config::from_vars(&Vars::fixed([
            ("SANDBOX_ADDR", "127.0.0.1:0"),
            ("SANDBOX_PAGES", "10"),
        ]));
        let sandbox = Sandbox::start(config.expect("a configuration"), &shutdown).await.expect("it listens");
        let to_meta = Proxy::to(sandbox.address()).await;
        let mut url = Url::parse(database).expect("an address");
        let host = url.host_str().expect("a host").parse().expect("tests use numbers");
        let to_database = Proxy::to(SocketAddr::new(host, url.port().unwrap_or(5432))).await;
        url.set_port(Some(to_database.address().port())).expect("it has a host");
        let mut variables = variables_at(url.as_str());
        let past = format!("http://{}", to_meta.address());
        let of_meta = sandbox.variables().into_iter().map(|(name, value)| (name, value.replace(&sandbox.url(), &past)));
        variables.extend(of_meta.map(|(name, value)| (name.to_owned(), value)));
        variables.extend(SHORT.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let database = PgPoolOptions::new().max_connections(2).connect_lazy(database).expect("an address");
        let meta = Api::new(&sandbox.url());
        let api = Api::new("http://127.0.0.1:9");
        Self { sandbox, meta, to_meta, to_database, database, variables, process: None, api, _shutdown: shutdown }
    }

    /// Starts the system, to end where these fail points say. False when that came before it was up.
    pub async fn start(&mut self, fail_points: &str) -> bool {
        let mut variables = self.variables.clone();
        variables.push(("FAILPOINTS".to_owned(), fail_points.to_owned()));
        let process = self.process.insert(Process::start(&["run"], &variables, fresh_home()).await);
        let run_file = process.home.join("run.json");
        let up: Option<Value> = eventually("it is up, or ends where it should", || async {
            let read = || serde_json::from_str(&std::fs::read_to_string(&run_file).ok()?).ok();
            read().map(Some).or_else(|| process.has_ended().then_some(None))
        })
        .await;
        let Some(run) = up else {
            assert!(!fail_points.is_empty(), "it ended by itself:\n{}", process.log());
            return false;
        };
        self.api = Api::new(&text(&run["api_url"]));
        self.sandbox.set_webhook_target(self.api.base());
        true
    }

    /// Whether the system runs.
    pub fn is_running(&self) -> bool {
        self.process.as_ref().is_some_and(|process| !process.has_ended())
    }

    /// Ends it without a word, if it runs.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take()
            && !process.has_ended()
        {
            process.kill().await;
        }
    }

    /// Pages that nobody has connected.
    pub fn pages(&self) -> Vec<Page> {
        self.sandbox.connectable_pages().into_iter().filter(|page| page.platform == Platform::Facebook).collect()
    }

    /// Orders a fault of the next calls of a kind.
    pub async fn fault(&self, fault: Value) {
        let answer = self.meta.call(Method::PUT, "/sandbox/faults", Some(fault)).await;
        assert!(answer.status.is_success(), "{answer:?}");
    }

    /// The next sends are taken by Meta, and neither answered nor echoed.
    pub async fn lose_answers(&self, count: usize) {
        self.fault(json!({"target": "graph", "kind": "cut_after", "call": "send", "count": count})).await;
        self.fault(json!({"target": "graph", "kind": "drop_echo", "call": "send", "count": count})).await;
    }

    /// Takes all faults back.
    pub async fn no_faults(&self) {
        self.meta.call(Method::DELETE, "/sandbox/faults", None).await;
    }

    /// What Meta was given so far.
    pub async fn sent(&self) -> Vec<Value> {
        let all = self.meta.get("/sandbox/sent").await.expect(200);
        all["items"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until nothing is left to do: no webhook, no reply, nothing to send, nothing to be found out.
    pub async fn quiet(&self) {
        eventually("all work is done", || async {
            let open: i64 = sqlx::query_scalar(
                "select (select count(*) from inbox.webhook_events where state = 'new')
                     + (select count(*) from routing.due_work where kind in ('ingest', 'reply', 'send', 'settle'))
                     + (select count(*) from inbox.messages where status in ('queued', 'sending')
                            or (status = 'unknown' and not needs_decision))",
            )
            .fetch_one(&self.database)
            .await
            .ok()?;
            (open == 0).then_some(())
        })
        .await;
    }
}
