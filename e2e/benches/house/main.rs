//! What the house is measured by: ratios against named baselines in the same run, and some absolute budgets. `make bench` runs it;
//! names behind `cargo bench --bench house --` run only those.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and prints what it found"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/api.rs"]
mod api;
mod flood;
mod latency;
#[expect(dead_code, unused_imports, reason = "the tests use more of it")]
#[path = "../../tests/it/live.rs"]
mod live;
mod memory;
mod noisy;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/process.rs"]
mod process;
mod retrieval;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/shop.rs"]
mod shop;
mod sockets;
mod webhook;

use std::fmt::Write as _;
use std::time::Duration;

/// One line of the table.
pub struct Row {
    /// What is measured.
    pub what: &'static str,
    /// Ours.
    pub ours: String,
    /// The baseline's, with its name.
    pub baseline: String,
    /// The ratio or the figure that the budget is about.
    pub figure: String,
    /// The budget.
    pub budget: &'static str,
    /// Whether it is kept.
    pub kept: bool,
}

#[tokio::main]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_wanted = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    let mut rows = Vec::new();
    // First, because memory at rest is that of a server which nobody has used before.
    if is_wanted("webhook") {
        rows.extend(webhook::measure().await);
    }
    if is_wanted("retrieval") {
        rows.extend(retrieval::measure().await);
    }
    if is_wanted("flood") {
        rows.extend(flood::measure().await);
    }
    if is_wanted("noisy") {
        rows.push(noisy::measure().await);
    }
    if is_wanted("sockets") {
        rows.extend(sockets::measure().await);
    }
    print(&rows);
    assert!(rows.iter().all(|row| row.kept), "a budget is not kept");
}

fn print(rows: &[Row]) {
    let mut table = String::from("\n| what | ours | baseline | figure | budget | |\n|---|---|---|---|---|---|\n");
    for Row { what, ours, baseline, figure, budget, kept } in rows {
        let mark = if *kept { "ok" } else { "MISSED" };
        writeln!(table, "| {what} | {ours} | {baseline} | {figure} | {budget} | {mark} |").expect("a string grows");
    }
    println!("{table}");
}

/// The middle value.
pub fn median(values: &mut [f64]) -> f64 {
    percentile(values, 50)
}

/// The value that so many of a hundred are below.
pub fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() * percent / 100).copied().unwrap_or(f64::NAN)
}

/// How long something is measured: BENCH_SECONDS, for trying it out, else this.
pub fn span(usual: Duration) -> Duration {
    let seconds = chatdesk_platform::Vars::process().parse("BENCH_SECONDS", usual.as_secs()).expect("a number");
    Duration::from_secs(seconds)
}
