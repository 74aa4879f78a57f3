//! Memory at rest: the proportional set size of the process and of every Postgres process, a minute after the first answer.

use std::fs;
use std::time::Duration;

use chatdesk_platform::Vars;

use crate::Row;

pub async fn measure(pid: u32) -> Row {
    tokio::time::sleep(Duration::from_secs(60)).await;
    let ours = pss_kib(pid);
    let postgres: u64 = processes_named("postgres").into_iter().map(pss_kib).sum();
    let total = (ours + postgres) / 1024;
    Row {
        what: "memory at rest",
        ours: format!("{} MiB and Postgres {} MiB", ours / 1024, postgres / 1024),
        baseline: "—".to_owned(),
        figure: format!("{total} MiB"),
        budget: "< 400 MB",
        kept: total * 1024 * 1024 < 400_000_000,
    }
}

/// Proportional set size, as proc(5) gives it.
pub fn pss_kib(pid: u32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// Of the cluster this bench runs on: those whose data folder the starting command made.
fn processes_named(name: &str) -> Vec<u32> {
    let bin = Vars::process().require("POSTGRES_BIN", "use make bench").expect("set");
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid: &u32| {
        let comm = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        comm.trim() == name && program.starts_with(&bin)
    })
    .collect()
}
