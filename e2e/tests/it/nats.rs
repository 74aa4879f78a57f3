//! A real nats-server, with the users and permissions it has where it is deployed.

use std::path::PathBuf;

use chatdesk_platform::Vars;
use serde_json::Value;

use crate::process::{Process, eventually, fresh_home};

/// Of every user of a test's server.
const PASSWORD: &str = "a-password-of-nats";

/// A server that can be killed, and that comes again at the same address with nothing it knew before.
pub struct Nats {
    process: Process,
    port: u16,
}

impl Nats {
    /// Starts one at a free port.
    pub async fn start() -> Self {
        let (process, port) = run(None).await;
        Self { process, port }
    }

    /// Where a process finds it.
    pub fn url(&self, user: &str) -> String {
        format!("nats://{user}:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    /// Ends it without a word.
    pub async fn kill(&mut self) {
        self.process.kill().await;
    }

    /// Starts it again.
    pub async fn again(&mut self) {
        (self.process, _) = run(Some(self.port)).await;
    }
}

/// The deployed configuration without its certificates, at a free port unless one is given.
async fn run(port: Option<u16>) -> (Process, u16) {
    let home = fresh_home();
    std::fs::create_dir_all(&home).expect("a temporary folder");
    let deployed = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nats.conf");
    let text = std::fs::read_to_string(deployed).expect("the deployed configuration");
    let (before, rest) = text.split_once("tls {").expect("it speaks TLS");
    let (_, after) = rest.split_once("}\n").expect("the end of its part about TLS");
    let own = port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
    let text = format!("{before}{after}ports_file_dir: {:?}\n", home.display().to_string())
        .replace("port: 4222", &format!("host: 127.0.0.1\nport: {own}"))
        .replace("http: 127.0.0.1:8222", "")
        .replace("GATEWAY_PASSWORD", PASSWORD)
        .replace("INBOX_PASSWORD", PASSWORD);
    let file = home.join("nats.conf");
    std::fs::write(&file, text).expect("a configuration");
    let program: PathBuf =
        Vars::process().require("NATS_SERVER", "it names the program: use make test").expect("set").into();
    let process = Process::start_program(&program, &["-c", &file.display().to_string()], &[], home).await;
    let ports = process.home.join(format!("nats-server_{}.ports", process.pid));
    let said = eventually("NATS says where it listens", || async {
        let said: Value = serde_json::from_str(&std::fs::read_to_string(&ports).ok()?).ok()?;
        said["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
    });
    let bound = said.await;
    (process, bound)
}
