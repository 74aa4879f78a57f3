//! What is offered and cannot be bought, and what is said of all there is: "màu nào cũng có", "any colour you like".

use super::negation::negated;
use super::reading::{Phrases, Reading};
use super::variants::{Meant, in_stock, meant};
use super::{Blocked, Evidence, Rule, block, speech, stock};
use crate::model::Product;
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// Offers the goods, takes an order for them or tells how they come.
static OFFER: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "lấy|đặt|chốt|lên đơn|mua|giao|ship|gửi|giữ|order|buy|can have|can get|take|would you like|want it|reserve|send|deliver|delivered|ready|get you|get it|sẵn|có ngay",
    )
});
/// Asks whether something is there.
static ASKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "còn|con hang|có sẵn|hết chưa|available|in stock|do you have|have any|any left|still have|got any|sold out",
    )
});
/// Says that something is for all there is.
static ALL: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "gì cũng|nào cũng|đâu cũng|ai cũng|bao nhiêu cũng|mấy cũng|bất kỳ|bất kì|bất cứ|mọi|toàn bộ|any|every|whatever|always|everything|everyone|anyone|everywhere|\
        anywhere|anytime|never|all colours|all colors|all sizes|all orders|all products|all items|everything",
    )
});
/// With these it is not.
static POLITE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "any questions|any question|anything else|any help|any other|any more|any further|any colour preference|any time|cần gì cũng|mọi người|mọi thắc mắc|mọi chuyện|any information|any details|never mind|mẫu nào cũng đẹp",
    )
});

/// The first thing offered that is sold out, or said of all without a source.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let gone_said = reply.clauses.iter().any(|(clause, _)| stock::says_gone(reply.slice(clause)));
    for ((clause, sentence), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let tokens = reply.slice(clause);
        let sentence = reply.sentences.get(*sentence).cloned().unwrap_or_else(|| clause.clone());
        if !gone_said && offers_gone(reply, &sentence, clause, &subject, evidence) {
            return block(Rule::Stock, "offers what is sold out");
        }
        if !speech::asks(tokens) && leaves_out(reply, clause, &subject, evidence) {
            return block(Rule::Unsourced, "says only of what the shop lists with more");
        }
        let polite = |at: usize| POLITE.all(tokens).any(|(from, n)| (from..from + n).contains(&at));
        let said = |(at, n): (usize, usize)| {
            !polite(at)
                && !negated(tokens, at)
                && !speech::leaves_open(tokens, at, evidence)
                && !is_told(tokens.get(at..at + n).unwrap_or_default(), &subject, evidence)
        };
        if !speech::asks(tokens) && speech::unknown(tokens, evidence).is_none() && ALL.all(tokens).any(said) {
            return block(Rule::Unsourced, "says of all what the shop does not");
        }
    }
    None
}

/// Whether the clause says that there is only what it names, of a list that has more.
fn leaves_out(reply: &Reading, clause: &Range<usize>, subject: &[usize], evidence: &Evidence<'_>) -> bool {
    static ONLY: LazyLock<Phrases> =
        LazyLock::new(|| Phrases::new("only|chỉ có|chỉ dùng|chỉ còn|chỉ nhận|duy nhất|just"));
    let tokens = reply.slice(clause);
    let listed = |source: &&Reading, line: &super::reading::Line| {
        let words: Vec<&Token> =
            source.slice(&line.range).iter().filter(|t| t.kind == crate::text::Kind::Word).collect();
        let value = !words.is_empty() && words.len() <= 3 && source.figures_in(&line.range).next().is_none();
        value
            && source
                .sentences
                .get(line.sentence)
                .and_then(|s| source.heading(s))
                .is_some_and(|heading| heading.end <= line.range.start)
    };
    ONLY.find(tokens).is_some()
        && reply.figures_in(clause).next().is_none()
        && evidence.facts_of(subject).iter().any(|source| {
            let lines: Vec<&super::reading::Line> = source.lines.iter().filter(|line| listed(source, line)).collect();
            let said = |line: &super::reading::Line| {
                let own = source.slice(&line.range);
                own.iter()
                    .filter(|t| t.kind == crate::text::Kind::Word)
                    .all(|w| reply.tokens.iter().any(|t| t.same_word(w) || super::gloss::same_meaning(t, w)))
            };
            lines
                .iter()
                .any(|line| said(line) && lines.iter().any(|other| other.sentence == line.sentence && !said(other)))
        })
}

/// Whether the shop speaks of all, too, in these words.
fn is_told(words: &[Token], subject: &[usize], evidence: &Evidence<'_>) -> bool {
    let stands = |source: &&super::reading::Reading| {
        let all = |t: &Token| source.tokens.iter().any(|w| w.same_word(t));
        words.iter().all(all) || source.sentences.iter().any(|range| words.iter().all(|t| source.says(range, t)))
    };
    evidence.facts_of(subject).iter().chain(&evidence.trusted()).any(stands)
}

/// Whether the clause offers goods of which none is there, without a word that it is so.
fn offers_gone(
    reply: &Reading,
    sentence: &Range<usize>,
    clause: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> bool {
    let tokens = reply.slice(clause);
    let asked = ASKS.find(&evidence.asked.tokens).is_some();
    let offer = OFFER.all(reply.slice(sentence)).any(|(at, _)| !negated(reply.slice(sentence), at));
    let named = !evidence.groups(tokens, None).is_empty();
    let priced = reply.figures_in(clause).any(|f| evidence.is_price(f));
    let speaks = named || priced || (offer && asked);
    let gone = |product: &&Product| {
        let said = meant(product, &[tokens, reply.slice(sentence)]);
        let there = match said {
            Meant::These(these) if these.is_empty() => Some(product.in_stock),
            said => in_stock(product, &said),
        };
        there == Some(false)
    };
    let products: Vec<&Product> = subject.iter().filter_map(|p| evidence.products.get(*p)).collect();
    speaks && (asked || offer) && !products.is_empty() && products.iter().all(gone)
}
