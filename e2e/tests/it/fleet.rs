//! The same system as one process per service, or several of one, each with its own key and, where it owns data, its own login.

use std::collections::HashMap;

use chatdesk_platform::db::testing::TestDb;
use chatdesk_platform::{Shutdown, Vars};
use chatdesk_sandbox::Sandbox;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::api::Api;
use crate::process::{Process, binary, eventually, fresh_home, variables};

/// Meta's stand-in, a database, and what runs over them.
pub struct Fleet {
    /// The stand-in.
    pub sandbox: Sandbox,
    /// The stand-in's own door.
    pub outside: Api,
    db: TestDb,
    /// What every process is given, the addresses of those that run among it.
    all: Vec<(String, String)>,
    keys: HashMap<String, Vec<(String, String)>>,
    _stand_in: Shutdown,
}

impl Fleet {
    /// Nothing runs yet but the stand-in; every process will get `more`, too.
    pub async fn prepare(more: &[(&str, &str)]) -> Self {
        let stand_in = Shutdown::default();
        let config = chatdesk_sandbox::Config::from_vars(&Vars::fixed([("SANDBOX_ADDR", "127.0.0.1:0")]));
        let sandbox = Sandbox::start(config.expect("a configuration"), &stand_in).await.expect("it listens");
        let base = format!("http://{}", sandbox.address());
        let db = TestDb::new().await;
        let mut all = variables(&db);
        let keys = keys(&all).await;
        all.retain(|(name, _)| !["METRICS_ADDR", "SECRET_KEY", "DATABASE_URL"].contains(&name.as_str()));
        let vendors = [
            ("GRAPH_BASE_URL", format!("{base}/graph")),
            ("INSTAGRAM_BASE_URL", format!("{base}/instagram")),
            ("FB_APP_SECRET", chatdesk_sandbox::APP_SECRET.to_owned()),
            ("FB_VERIFY_TOKEN", chatdesk_sandbox::VERIFY_TOKEN.to_owned()),
        ];
        all.extend(vendors.map(|(name, value)| (name.to_owned(), value)));
        all.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { sandbox, outside: Api::new(&base), db, all, keys, _stand_in: stand_in }
    }

    /// Gives this to the processes that are started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.all.retain(|(known, _)| known != name);
        self.all.push((name.to_owned(), value.to_owned()));
    }

    /// Starts a service, which those that are started after it will call. Its callees must run.
    pub async fn serve(&mut self, service: &str) -> (Process, String) {
        let (upper, role) = (service.to_uppercase(), format!("cd_{service}"));
        let mut own = self.all.clone();
        own.extend(self.keys[service].clone());
        own.push((format!("{upper}_ADDR"), "127.0.0.1:0".to_owned()));
        if ["tenants", "inbox", "catalog"].contains(&service) {
            own.push((format!("{upper}_DATABASE_URL"), self.db.role_url(&role).expose_secret().to_owned()));
        }
        let process = Process::start(&["serve", service], &own, fresh_home()).await;
        let url = format!("http://{}", address(&process, service).await);
        self.set(&format!("{upper}_URL"), &url);
        (process, url)
    }

    /// Starts a gateway, and waits until it is ready.
    pub async fn gateway(&mut self) -> (Process, Api) {
        let (process, url) = self.serve("gateway").await;
        let api = Api::new(&url);
        eventually("the gateway and all it needs are ready", || async {
            api.get("/readyz").await.status.is_success().then_some(())
        })
        .await;
        (process, api)
    }

    /// A page of the stand-in that nobody has connected, as the API takes it.
    pub fn page(&self, platform: chatdesk_meta::Platform) -> Value {
        let page = self.sandbox.connectable_pages().into_iter().find(|page| page.platform == platform).expect("a page");
        json!({"platform": platform.as_str(), "page_id": page.page_id, "access_token": page.access_token})
    }

    /// A customer's message through the stand-in.
    pub async fn write(&self, page: &Value, customer: &str, message: &str) {
        let body = json!({"page_id": page["page_id"], "text": message});
        self.outside.post(&format!("/sandbox/customers/{customer}/messages"), body).await.expect(201);
    }
}

/// The variables that `chatdesk keys` gives to each process: its own private key, the others' public ones, and no secret that is not its business.
async fn keys(variables: &[(String, String)]) -> HashMap<String, Vec<(String, String)>> {
    let command = Command::new(binary())
        .arg("keys")
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output();
    let words = String::from_utf8(command.await.expect("it runs").stdout).expect("text");
    let mut keys = HashMap::<_, Vec<_>>::new();
    let mut process = String::new();
    for line in words.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix("# "), line.split_once('=')) {
            (Some(name), _) => process = name.to_owned(),
            (None, Some((name, value))) => {
                keys.entry(process.clone()).or_default().push((name.to_owned(), value.to_owned()));
            }
            (None, None) => panic!("not a variable: {line}"),
        }
    }
    keys
}

/// Where a process listens, as it says itself.
async fn address(process: &Process, service: &str) -> String {
    let says = format!("{service} listens on ");
    let said = || async { process.log().lines().find_map(|line| Some(line.strip_prefix(&says)?.to_owned())) };
    eventually("it says where it listens", said).await
}
