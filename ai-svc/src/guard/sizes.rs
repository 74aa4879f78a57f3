//! Which size fits a body. Only the shop's own guide tells ("M 49–56 kg"): a size that is recommended for a weight or a height must be the one
//! whose range holds it.

use super::negation::negated;
use super::numbers::{Figure, ONE};
use super::reading::{Phrases, Reading};
use super::{Blocked, Evidence, Rule, block, speech};
use crate::attribute::is_size;
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

/// As many sizes in a sentence are a list and recommend none.
const LISTED: usize = 3;

/// Says that it does not fit.
static TIGHT: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("chật|rộng|bó|ngắn|không hợp|tight|loose|small|big|short"));

/// One line of a guide.
struct Fits {
    size: String,
    unit: String,
    low: i128,
    high: i128,
}

/// The first size that the guide does not give to the body that is spoken of.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    for ((clause, sentence), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let tokens = reply.slice(clause);
        let whole = reply.sentences.get(*sentence).map_or(tokens, |range| reply.slice(range));
        let listed = whole.iter().filter(|t| is_size(t)).count() >= LISTED;
        let size = |at: usize| {
            let own = tokens.get(at).filter(|t| is_size(t) && !matches!(t.text.as_str(), "free"))?;
            // The m of "1m65" and of "20 m".
            let measures = own.text == "m"
                && at.checked_sub(1).is_some_and(|i| tokens.get(i).is_some_and(|t| t.kind == Kind::Number));
            (!measures && !negated(tokens, at)).then(|| own.text.clone())
        };
        let sizes: Vec<String> = (0..tokens.len()).filter_map(size).collect();
        let open = speech::unknown(tokens, evidence).is_some() || speech::asks(tokens);
        if listed || open {
            continue;
        }
        let said = measures(reply, clause);
        if sizes.is_empty() {
            let guide: Vec<Fits> = evidence.facts_of(&subject).into_iter().flat_map(guide).collect();
            let none = |(unit, value): &(String, i128)| {
                let mut rows = guide.iter().filter(|row| row.unit == *unit).peekable();
                rows.peek().is_some() && rows.all(|row| !(row.low..=row.high).contains(value))
            };
            let affirms =
                !(0..tokens.len()).any(|at| super::negation::denies(tokens, at)) && TIGHT.find(tokens).is_none();
            if affirms && said.iter().any(none) {
                return block(Rule::Variant, "fits a body that the shop's guide gives no size");
            }
            continue;
        }
        // "Freesize dưới 62 kg", "L 57–65 kg" quote the guide.
        let ranged = reply.figures_in(clause).any(|f| reply.tokens.get(f.last + 1).is_some_and(|t| t.is('-')));
        if ranged {
            continue;
        }
        if tokens.iter().any(|t| matches!(t.fold.as_str(), "duoi" | "under" | "below" | "tren" | "over"))
            && !said.is_empty()
        {
            continue;
        }
        let bodies = if said.is_empty() { measures(&evidence.asked, &(0..evidence.asked.tokens.len())) } else { said };
        let guide: Vec<Fits> = evidence.facts_of(&subject).into_iter().flat_map(guide).collect();
        let fits = |size: &String| {
            bodies.iter().filter(|(unit, _)| guide.iter().any(|row| row.unit == *unit)).all(|(unit, value)| {
                guide.iter().any(|row| row.size == *size && row.unit == *unit && (row.low..=row.high).contains(value))
            })
        };
        let known = bodies.iter().any(|(unit, _)| guide.iter().any(|row| row.unit == *unit));
        if !bodies.is_empty() && (!known || !sizes.iter().all(fits)) {
            return block(Rule::Variant, "a size that the shop's guide does not give to this body");
        }
    }
    None
}

/// Weights and heights that a stretch tells, each with its unit. Ranges are the guide's own.
fn measures(reading: &Reading, range: &Range<usize>) -> Vec<(String, i128)> {
    let single = |f: &&Figure| {
        let dash = |at: Option<usize>| {
            at.and_then(|at| reading.tokens.get(at)).is_some_and(|t| t.is('-') || t.fold == "den" || t.fold == "to")
        };
        !dash(f.first.checked_sub(1)) && !dash(Some(f.last + 1))
    };
    let figures = reading.figures_in(range).filter(single);
    let read = figures.filter_map(|f| {
        let unit = reading.tokens.get(f.last + 1).map(unit)?;
        // "1m65", "1 m 6"
        let tail = reading.figures.iter().find(|g| g.first == f.last + 2 && unit == "m").and_then(|g| g.value);
        let value = f.value?;
        match unit {
            "kg" => Some(("kg".to_owned(), value)),
            "cm" => Some(("cm".to_owned(), value)),
            "m" if value <= 2 * ONE => {
                let tail = tail.unwrap_or(0);
                let centimetres = if tail < 10 * ONE { tail * 10 } else { tail };
                Some(("cm".to_owned(), value * 100 + centimetres))
            }
            _ => None,
        }
    });
    read.collect()
}

fn unit(token: &Token) -> &'static str {
    match token.fold.as_str() {
        "kg" | "ky" | "ki" | "kilo" | "kgs" | "can" => "kg",
        "cm" => "cm",
        "m" | "met" => "m",
        _ => "",
    }
}

/// The lines of a guide among the facts of a product: "S 42–48 kg", "M: 50-58kg", "size L (57–65 kg)", "freesize dưới 62 kg".
fn guide(facts: &Reading) -> Vec<Fits> {
    let mut out = Vec::new();
    for (at, token) in facts.tokens.iter().enumerate() {
        if !is_size(token)
            || token.glued && facts.tokens.get(at.wrapping_sub(1)).is_some_and(|t| t.kind == Kind::Number)
        {
            continue;
        }
        let near = facts.figures.iter().filter(|f| f.first > at && f.first <= at + 5);
        let near: Vec<&Figure> = near.take_while(|f| !facts.slice(&(at + 1..f.first)).iter().any(is_size)).collect();
        let Some(first) = near.first() else { continue };
        let lead = facts.slice(&(at + 1..first.first));
        let under = lead.iter().any(|t| matches!(t.fold.as_str(), "duoi" | "under" | "below" | "to"));
        let over = lead.iter().any(|t| matches!(t.fold.as_str(), "tren" | "over" | "above" | "from" | "tu"));
        let ranged = near.get(1).filter(|second| second.first == first.last + 2 || second.first == first.last + 3);
        let last = ranged.unwrap_or(first);
        let unit = facts.tokens.get(last.last + 1).map_or("", unit);
        let (Some(low), Some(high)) = (first.value, last.value) else { continue };
        let (low, high) = match (ranged.is_some(), under, over) {
            (true, _, _) => (low, high),
            (_, true, _) => (0, high),
            (_, _, true) => (low, i128::MAX),
            _ => continue,
        };
        let (scale, unit) = if unit == "m" { (100, "cm") } else { (1, unit) };
        if !unit.is_empty() {
            let size = token.text.clone();
            out.push(Fits {
                size,
                unit: unit.to_owned(),
                low: low.saturating_mul(scale),
                high: high.saturating_mul(scale),
            });
        }
    }
    out
}
