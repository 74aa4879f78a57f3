//! The figures, by kind of question and way of finding.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::house::Way;

/// The share of questions that must have an answer among the first five, fused.
const FLOORS: &[(&str, f64)] = &[("plain", 0.97), ("bare", 0.95)];
const OTHER_FLOOR: f64 = 0.90;
/// The default model knows no Vietnamese: with it English over a Vietnamese catalogue must be found where the shop entered its synonyms,
/// with any other model without them.
const DEFAULT_MODEL: &str = "all-MiniLM-L6-v2";

#[derive(Default, Clone, Copy)]
struct Sums {
    asked: f64,
    first: f64,
    five: f64,
    reciprocal: f64,
}

/// What was asked and how it went.
#[derive(Default)]
pub struct Table {
    rows: BTreeMap<String, BTreeMap<Way, Sums>>,
}

impl Table {
    /// Adds a question: the place of the first right answer, from 1.
    pub fn add(&mut self, kind: &str, way: Way, place: Option<usize>) {
        for kind in [kind, "~ all"] {
            let sums = self.rows.entry(kind.to_owned()).or_default().entry(way).or_default();
            sums.asked += 1.0;
            if let Some(place) = place {
                sums.first += f64::from(u8::from(place == 1));
                sums.five += f64::from(u8::from(place <= 5));
                sums.reciprocal += 1.0 / place as f64;
            }
        }
    }

    /// For people to read.
    pub fn print(&self) -> String {
        let mut out = String::from(
            "| kind | n | words @1 | @5 | MRR | vectors @1 | @5 | MRR | fused @1 | @5 | MRR | with synonyms @1 | @5 | MRR |\n",
        );
        out.push_str("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for (kind, ways) in &self.rows {
            let asked = ways.values().next().map_or(0.0, |sums| sums.asked);
            write!(out, "| {} | {asked} ", kind.trim_start_matches("~ ")).expect("a string grows");
            for way in [Way::Words, Way::Meaning, Way::Fused, Way::WithSynonyms] {
                let sums = ways.get(&way).copied().unwrap_or_default();
                let share = |sum: f64| sum / sums.asked.max(1.0);
                let (first, five, reciprocal) = (share(sums.first), share(sums.five), share(sums.reciprocal));
                write!(out, "| {first:.3} | {five:.3} | {reciprocal:.3} ").expect("a string grows");
            }
            out.push_str("|\n");
        }
        out
    }

    /// What is below its floor with this model.
    pub fn failures(&self, model: &str) -> Vec<String> {
        let mut failures = Vec::new();
        for (kind, ways) in self.rows.iter().filter(|(kind, _)| !kind.starts_with('~')) {
            let five = |way: Way| ways.get(&way).map_or(0.0, |sums| sums.five / sums.asked.max(1.0));
            let floor = FLOORS.iter().find(|(known, _)| known == kind).map_or(OTHER_FLOOR, |(_, floor)| *floor);
            let fused = five(Way::Fused);
            let by_synonyms = kind == "english" && model == DEFAULT_MODEL;
            let (way, reached) =
                if by_synonyms { ("fused with synonyms", five(Way::WithSynonyms)) } else { ("fused", fused) };
            if reached < floor {
                failures.push(format!("{kind}: {way} recall@5 {reached:.3}, at least {floor}"));
            }
            if fused < five(Way::Words) {
                failures.push(format!(
                    "{kind}: fused recall@5 {fused:.3} is less than by words alone, {:.3}",
                    five(Way::Words)
                ));
            }
        }
        failures
    }
}
