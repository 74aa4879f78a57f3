//! Starts the binary and makes sure that it ends with the test, whatever happens to the test.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use chatdesk_platform::Vars;
use chatdesk_platform::db::testing::{TestDb, test_secret};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use uuid::Uuid;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Held by tests that put load on the machine: two at once would measure each other.
pub static HEAVY: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The binary that this workspace built.
pub fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("a test knows its own file");
    let built = tests.parent().and_then(|deps| deps.parent()).expect("target/<profile>/deps").join("chatdesk");
    assert!(built.is_file(), "{} is not built: use make test", built.display());
    built
}

/// A running `chatdesk`.
pub struct Process {
    shell: Child,
    /// The process itself.
    pub pid: u32,
    /// Where it keeps its things.
    pub home: PathBuf,
}

impl Process {
    /// Starts `chatdesk <arguments>` with exactly these variables.
    pub async fn start(arguments: &[&str], variables: &[(String, String)], home: PathBuf) -> Self {
        Self::start_program(&binary(), arguments, variables, home).await
    }

    /// The same with another program. A shell stands between, which kills it once the test is gone.
    pub async fn start_program(
        program: &Path,
        arguments: &[&str],
        variables: &[(String, String)],
        home: PathBuf,
    ) -> Self {
        std::fs::create_dir_all(&home).expect("a temporary folder");
        let log = std::fs::File::create(home.join("log")).expect("a log file");
        let script = r#""$@" </dev/null >&2 & pid=$!; echo $pid; read -r _; kill -9 $pid 2>/dev/null"#;
        let mut shell = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(program)
            .args(arguments)
            .current_dir(&home)
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            .env("PATH", "/usr/bin:/bin")
            .env("CHATDESK_HOME", &home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("a shell");
        let out = shell.stdout.take().expect("piped");
        let pid = BufReader::new(out).lines().next_line().await.expect("the shell speaks").expect("one line");
        Self { shell, pid: pid.trim().parse().expect("a process id"), home }
    }

    /// Ends it without a word, as a power cut would.
    pub async fn kill(&mut self) {
        self.signal("-9").await;
        self.gone().await;
    }

    /// Asks it to end and waits until it has.
    pub async fn stop(&mut self) {
        self.signal("-TERM").await;
        self.gone().await;
    }

    async fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid.to_string()]).status().await;
        assert!(sent.expect("kill runs").success(), "the process had ended already:\n{}", self.log());
    }

    async fn gone(&self) {
        eventually("the process ends", || async { self.has_ended().then_some(()) }).await;
    }

    /// Whether it is no more, for whatever reason.
    pub fn has_ended(&self) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).map_or(true, |stat| stat.contains(") Z "))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.home.join("log")).unwrap_or_default()
    }

    /// Its run.json, once it is there.
    pub async fn run_file(&self) -> Value {
        let path = self.home.join("run.json");
        let read = || async { serde_json::from_str(&std::fs::read_to_string(&path).ok()?).ok() };
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some(file) = read().await {
                    return file;
                }
                assert!(std::fs::metadata(format!("/proc/{}", self.pid)).is_ok(), "it ended:\n{}", self.log());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        found.await.unwrap_or_else(|_| panic!("it did not start:\n{}", self.log()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The closed pipe ends the shell's `read`, and the shell ends the process.
        drop(self.shell.stdin.take());
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<_> = log.lines().rev().take(60).collect();
            for line in tail.into_iter().rev() {
                eprintln!("    {line}");
            }
        }
    }
}

/// A folder of its own.
pub fn fresh_home() -> PathBuf {
    std::env::temp_dir().join(format!("chatdesk-e2e-{}", Uuid::new_v4().simple()))
}

/// What every process of a test installation gets: a database, a secret, free ports and short waits.
pub fn variables(db: &TestDb) -> Vec<(String, String)> {
    variables_at(db.url())
}

/// The same over a database at this address.
pub fn variables_at(database: &str) -> Vec<(String, String)> {
    let model = Vars::process().require("EMBEDDING_MODEL", "it names the weights: use make test").expect("set");
    let secret = test_secret();
    let pairs = [
        ("DATABASE_URL", database),
        ("SECRET_KEY", secret.expose()),
        ("EMBEDDING_MODEL", &model),
        ("GATEWAY_ADDR", "127.0.0.1:0"),
        ("GRPC_ADDR", "127.0.0.1:0"),
        ("METRICS_ADDR", "127.0.0.1:0"),
        ("SANDBOX_ADDR", "127.0.0.1:0"),
        ("QUIET_WINDOW_MS", "50"),
        ("QUIET_CAP_MS", "400"),
        ("LEASE_MS", "2000"),
        ("SANDBOX_PAGES", "60"),
        ("AUTH_PER_MINUTE", "100000"),
        ("RUST_LOG", "info,sqlx=warn"),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Asks again and again until there is an answer; fails after [`PATIENCE`].
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("waited in vain until {what}"))
}
