//! The guard: whether a reply may reach a customer. The model that wrote it is assumed hostile, and the guard is code.
//!
//! It owns the rules and judges one reply against what was retrieved, the shop's policies and the customer's words. It refuses to repair: a
//! reply passes unchanged, loses whole sentences that nothing bears out, or is blocked with the rule that it breaks. What it cannot read, it
//! blocks.

mod agreement;
mod amount;
mod bound;
mod claims;
mod combos;
mod compare;
mod counted;
mod evidence;
mod gloss;
mod mention;
mod money;
mod negation;
mod numbers;
mod offers;
mod places;
mod promises;
mod reading;
mod rule;
mod shape;
mod sizes;
mod sourced;
mod speech;
mod spelled;
mod stock;
mod variants;

pub use evidence::{Coverage, Evidence, asked_prices};
pub use mention::names_nothing;
pub use reading::only_asks as asks_only;
pub use rule::Rule;
pub use shape::MAX_REPLY_CHARS;
pub use variants::{Meant, counts, in_stock, meant};

use reading::Reading;
use uuid::Uuid;

/// Why a reply was blocked. The detail never quotes the reply, so it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    pub rule: Rule,
    pub detail: &'static str,
}

/// The guard's word on a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Blocked(Blocked),
}

fn block(rule: Rule, detail: &'static str) -> Option<Blocked> {
    Some(Blocked { rule, detail })
}

/// Whether a question asks for nothing in particular ("shop bán gì vậy?"), so that anything fits.
#[must_use]
pub fn asks_for_anything(question: &str) -> bool {
    let tokens = crate::text::tokens(question);
    tokens.iter().all(|t| t.kind != crate::text::Kind::Number && (reading::is_filler(t) || reading::only_asks(t)))
}

/// The verdict on a reply that claims a product which was not retrieved.
#[must_use]
pub fn unknown_product() -> Verdict {
    Verdict::Blocked(Blocked { rule: Rule::UnknownProduct, detail: "a product that was not retrieved" })
}

/// Judges a reply. `product_ids` are the products the model says it used; none means that all retrieved ones count.
#[must_use]
pub fn check(reply: &str, product_ids: &[Uuid], evidence: &mut Evidence<'_>) -> Verdict {
    judge(reply, product_ids, evidence, claim)
}

/// What is left of a reply without the sentences that no source bears; `None` where nothing that answers is left, or a sentence breaks another
/// rule: who says one thing that is wrong is not to be quoted with the rest.
#[must_use]
pub fn strike(reply: &str, product_ids: &[Uuid], evidence: &mut Evidence<'_>) -> Option<String> {
    let mut kept = String::new();
    for sentence in sentences(reply) {
        let longer = format!("{kept}{sentence}");
        match check(longer.trim(), product_ids, evidence) {
            Verdict::Pass => kept = longer,
            // The first sentence is the answer.
            Verdict::Blocked(why) if why.rule == Rule::Unsourced && !kept.is_empty() => {}
            Verdict::Blocked(_) => return None,
        }
    }
    let kept = kept.trim();
    (!kept.is_empty() && sourced::tells(&Reading::of(kept), evidence)).then(|| kept.to_owned())
}

/// The sentences of a text, each with the space behind it. A mark ends one only before a space.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut ended = false;
    for (at, c) in text.char_indices() {
        if ended && !c.is_whitespace() {
            out.extend(text.get(from..at));
            (from, ended) = (at, false);
        }
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        ended =
            c == '\n' || (c.is_whitespace() && (ended || before.is_some_and(|b| matches!(b, '.' | '!' | '?' | '…'))));
    }
    out.extend(text.get(from..).filter(|rest| !rest.is_empty()));
    out
}

/// What judges a clause's claims.
type Claims = fn(&Reading, &Evidence<'_>) -> Option<Blocked>;

fn judge(reply: &str, product_ids: &[Uuid], evidence: &mut Evidence<'_>, claims: Claims) -> Verdict {
    let places: Option<Vec<usize>> =
        product_ids.iter().map(|id| evidence.products.iter().position(|p| p.id == *id)).collect();
    let Some(places) = places else { return unknown_product() };
    evidence.ids = places;
    let reading = Reading::of(reply);
    evidence.bind(&reading);
    let found = shape::check(reply, &reading, evidence)
        .or_else(|| claims(&reading, evidence))
        .or_else(|| agreement::agreement(&reading, evidence))
        .or_else(|| agreement::language(&reading, evidence));
    found.map_or(Verdict::Pass, Verdict::Blocked)
}

/// The first thing said that nothing retrieved bears out.
fn claim(said: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    specific(said, evidence)
        .or_else(|| bound::check(said, evidence))
        .or_else(|| sizes::check(said, evidence))
        .or_else(|| offers::check(said, evidence))
        .or_else(|| sourced::check(said, evidence))
        .or_else(|| counted::check(said, evidence))
}

/// As [`claim`], of a customer's own words: "mai mình nhắn lại" promises nothing.
fn plain_claim(said: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    promises::check(said, evidence).or_else(|| claims::check(said, evidence)).or_else(|| money::check(said, evidence))
}

/// The rules without the net under them.
fn specific(said: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    promises::check(said, evidence)
        .or_else(|| claims::check(said, evidence))
        .or_else(|| money::check(said, evidence))
        .or_else(|| combos::check(said, evidence))
}

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;
