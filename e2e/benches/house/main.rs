//! What the house is measured by: ratios against named baselines in the same run, and two absolute budgets. `make bench` runs it.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on ends, and prints what it found"
)]

#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/api.rs"]
mod api;
mod latency;
mod memory;
#[expect(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/it/process.rs"]
mod process;
mod retrieval;
mod webhook;

use std::fmt::Write as _;

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
    let mut rows = vec![retrieval::measure().await];
    rows.extend(webhook::measure().await);
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
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
