//! Which of two products costs less: the rows tell.

use super::Evidence;
use super::reading::{Phrases, Reading};
use std::ops::Range;
use std::sync::LazyLock;

static CHEAPER: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("rẻ hơn|cheaper|less expensive|costs less|thấp hơn"));
static DEARER: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("đắt hơn|mắc hơn|cao hơn|more expensive|pricier|costs more|dearer"));

/// Whether the words at `told` say that one product costs less or more than another that the sentence or the customer names, and it does.
pub(super) fn is_true(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    told: Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> bool {
    let tokens = reply.slice(clause);
    let stands = |list: &Phrases| list.all(tokens).any(|(at, n)| at <= told.start && told.end <= at + n);
    let (less, more) = (stands(&CHEAPER), stands(&DEARER));
    if !less && !more {
        return false;
    }
    let price = |p: usize| evidence.products.get(p).map(|product| product.prices().0);
    let before = evidence.groups(tokens.get(..told.start).unwrap_or_default(), None);
    let named: Vec<usize> = before.last().map(|g| g.products.clone()).unwrap_or_else(|| subject.to_vec());
    let [one] = named.as_slice() else { return false };
    let mut others: Vec<usize> =
        evidence.groups(reply.slice(sentence), None).into_iter().flat_map(|g| g.products).collect();
    if others.iter().all(|p| p == one) {
        others = evidence.groups(&evidence.asked.tokens, None).into_iter().flat_map(|g| g.products).collect();
    }
    others.retain(|p| p != one);
    let holds = |other: &usize| match (price(*one), price(*other)) {
        (Some(own), Some(other)) if less => own < other,
        (Some(own), Some(other)) => own > other,
        _ => false,
    };
    !others.is_empty() && others.iter().all(holds)
}
