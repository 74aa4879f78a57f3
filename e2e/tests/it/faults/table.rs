//! What was found: how often each trouble came and was got over, and how long that took at most. A round that was not got over ends the test.

use std::time::Duration;

/// One line for each trouble.
#[derive(Default)]
pub struct Table(Vec<Line>);

struct Line {
    trouble: String,
    rounds: usize,
    longest: Duration,
}

impl Table {
    /// A round was got over; `after` is how long it took until the ledger balanced.
    pub fn held(&mut self, trouble: String, after: Duration) {
        match self.0.iter_mut().find(|line| line.trouble == trouble) {
            Some(line) => {
                line.rounds += 1;
                line.longest = line.longest.max(after);
            }
            None => self.0.push(Line { trouble, rounds: 1, longest: after }),
        }
    }

    /// Shows it.
    #[expect(clippy::print_stdout, reason = "this is what a soak is for")]
    pub fn print(&self, messages: usize) {
        println!(
            "\n| trouble | rounds | lost | sent twice | everything settled after, at most |\n|---|---|---|---|---|"
        );
        for Line { trouble, rounds, longest } in &self.0 {
            println!("| {trouble} | {rounds} | 0 | 0 | {:.1} s |", longest.as_secs_f64());
        }
        println!("\n{messages} messages of customers in all.\n");
    }
}
