//! A Postgres of the test's own, to be stopped as hard as one can be: all other tests share one that must live.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use chatdesk_platform::Vars;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::process::{eventually, fresh_home};

/// A server with one cluster, both gone with the test.
pub struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
    /// As whom it runs: it refuses root.
    owner: Option<(u32, u32)>,
    keeper: Option<Child>,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub async fn start() -> Self {
        let bin = PathBuf::from(Vars::process().require("POSTGRES_BIN", "use make test or make soak").expect("set"));
        let home = fresh_home();
        fs::create_dir_all(&home).expect("a temporary folder");
        let owner = owner(&bin);
        if let Some((user, group)) = owner {
            chown(&home, Some(user), Some(group)).expect("root may give it away");
        }
        // The server takes no port 0. Whoever takes this one in between makes the test fail, and no other wrong.
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a free port").port();
        let mut postgres = Self { bin, data: home.join("data"), port, owner, keeper: None };
        let data = postgres.data.to_string_lossy().into_owned();
        let arguments = ["-D", &data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        postgres.run("initdb", &arguments).await;
        postgres.run_server().await;
        postgres
    }

    /// As the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it without a checkpoint and without a word to its clients, as a power cut would.
    pub async fn stop_hard(&mut self) {
        let data = self.data.to_string_lossy().into_owned();
        self.run("pg_ctl", &["stop", "-m", "immediate", "-D", &data]).await;
        if let Some(mut keeper) = self.keeper.take() {
            // A line says that what it kept is still wanted.
            keeper.stdin.as_mut().expect("piped").write_all(b"\n").await.expect("it reads");
            keeper.wait().await.expect("its keeper ends with it");
        }
    }

    /// Starts it, which recovers what was committed.
    pub async fn run_server(&mut self) {
        // The shell ends the server once the test is gone, and removes what it kept.
        let script = r#""$@" </dev/null >>"$DATA.log" 2>&1 & pid=$!; read -r _ && exit
            kill -QUIT $pid 2>/dev/null; wait $pid; rm -rf "$DATA""#;
        let mut shell = self.command(Path::new("/bin/sh"));
        shell.args(["-c", script, "sh"]).arg(self.bin.join("postgres")).arg("-D").arg(&self.data);
        shell.args(["-p", &self.port.to_string()]);
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=150",
            "shared_buffers=64MB",
            "jit=off",
            // It is the server that ends, not the machine.
            "fsync=off",
            "full_page_writes=off",
        ];
        for setting in settings {
            shell.args(["-c", setting]);
        }
        let keeper = shell.env("DATA", &self.data).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        self.keeper = Some(keeper.expect("a shell"));
        let port = self.port.to_string();
        eventually("Postgres answers", || async {
            let mut asked = self.command(&self.bin.join("pg_isready"));
            let asked = asked.args(["-q", "-h", "127.0.0.1", "-p", &port]).status().await;
            asked.is_ok_and(|status| status.success()).then_some(())
        })
        .await;
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command.current_dir("/").env_remove("PGDATA");
        command
    }

    async fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.command(&self.bin.join(program)).args(arguments).stdin(Stdio::null()).output();
        let output = output.await.expect("it is installed");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Nobody in particular, when root runs the tests: who owns the clusters of this installation, else nobody at all.
fn owner(bin: &Path) -> Option<(u32, u32)> {
    let me = fs::metadata("/proc/self").map_or(0, |process| process.uid());
    let cluster = bin.ancestors().find_map(|folder| fs::metadata(folder.join("cluster")).ok());
    (me == 0).then(|| cluster.map_or((65_534, 65_534), |cluster| (cluster.uid(), cluster.gid())))
}
