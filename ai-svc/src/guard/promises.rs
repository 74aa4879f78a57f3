//! What binds the shop: discounts and gifts, delivery, returns, warranty, payment, the place and the hours, and
//! medical effects. Such a clause passes when a sentence of the shop's own policies says it: same subject, same
//! numbers with their conditions, same yes or no, and mostly the same words.

mod kinds;
mod support;

use super::negation::negated;
use super::numbers::{Unit, time_follows};
use super::reading::{Phrases, Reading, is_filler};
use super::{Blocked, Evidence, Rule, block, bound, compare, speech};
use crate::text::Token;
pub(super) use kinds::STRONG;
use kinds::{CURES, DAYS, DEEDS, DELIVERY, HOURS, ILLNESS, KINDS, PROMISED};
use std::ops::Range;
use std::sync::LazyLock;
pub(super) use support::GIVES;

/// Words from a deed to the "rồi" that says it is done.
const ENDS_WITHIN: usize = 8;
/// Words from a cure to the illness.
const CURE_WITHIN: usize = 4;

/// The first promise without a source.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    for ((clause, at), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let sentence = reply.sentences.get(*at).cloned().unwrap_or_else(|| clause.clone());
        let tokens = reply.slice(clause);
        let facts: Vec<&Reading> = evidence.facts_of(&subject);
        if ILLNESS.all(tokens).any(|(at, _)| !denies_cure(tokens, at) && !speech::leaves_open(tokens, at, evidence)) {
            return block(Rule::Medical, "an illness");
        }
        if done(tokens, evidence) {
            return block(Rule::Order, "says that something was done which only a person can do");
        }
        // "Thứ hai đến thứ bảy, 9h-20h" tells when the shop is open.
        let hours = reply.has(&sentence, &HOURS) || reply.figures_in(&sentence).next().is_some();
        let opens = hours && !reply.has(clause, &PROMISED);
        if !opens && DAYS.all(tokens).any(|(at, n)| !is_delivery_day(tokens, at, n, evidence)) {
            return block(Rule::Delivery, "a day that no policy names");
        }
        let times = reply.figures_in(clause).any(|f| time_follows(&reply.tokens, f.last + 1));
        let percents = reply.figures_in(clause).any(|f| f.unit == Unit::Percent);
        let mut judged = false;
        for kind in KINDS.iter() {
            for (at, length) in kind.triggers.all(tokens) {
                if innocent(tokens, at, length, evidence, kind.rule)
                    || compare::is_true(reply, clause, &sentence, at..at + length, &subject, evidence)
                {
                    continue;
                }
                let denied = negated(tokens, at);
                let harmless = kind.rule != Rule::Medical || denies_cure(tokens, at);
                if denied && kind.denial_passes && harmless && !percents {
                    continue;
                }
                let bare = !times && !percents && STRONG.find(tokens).is_none();
                let open = kind.topic
                    && reply.figures_in(clause).next().is_none()
                    && speech::leaves_open(tokens, at, evidence);
                if bare && (open || (kind.needs_more && (!claims_delivery(tokens) || asks_where(tokens)))) {
                    continue;
                }
                judged = true;
                let claim = support::Claim { reply, clause, sentence: &sentence, kind, at, length, denied };
                let goods =
                    || kind.facts && bound::is_said_of_goods(reply, clause, at..at + length, &subject, evidence);
                let borne = || {
                    kind.rule != Rule::Medical
                        && bound::is_borne(reply, clause, &sentence, at..at + length, &subject, evidence, kind.rule)
                };
                if !claim.is_supported(&facts, evidence) && !borne() && !goods() {
                    return block(kind.rule, kind.detail);
                }
            }
        }
        if percents && !judged && !composition(reply, clause, &facts, evidence) {
            return block(Rule::Percent, "a percentage without a source");
        }
    }
    None
}

/// Whether to deny what stands at `at` promises nothing: the shop offers it, or it heals.
pub(super) fn is_deniable(tokens: &[Token], at: usize) -> bool {
    let offers = |kind: &kinds::Kind| {
        let within = |(from, n): (usize, usize)| (from..from + n).contains(&at);
        kind.denial_passes && kind.rule != Rule::Medical && kind.triggers.all(tokens).any(within)
    };
    denies_cure(tokens, at) || KINDS.iter().any(offers)
}

/// "Không trị mụn" promises nothing; "không còn mụn" and "không gây kích ứng" do.
fn denies_cure(tokens: &[Token], at: usize) -> bool {
    let cures = |(from, n): (usize, usize)| {
        let between = tokens.get(from + n..at).unwrap_or_default();
        from <= at
            && negated(tokens, from)
            && between.len() <= CURE_WITHIN
            && !(from + n..at).any(|i| super::negation::denies(tokens, i))
    };
    CURES.all(tokens).any(cures)
}

/// "Đã lên đơn", "gửi hàng cho bạn rồi ạ": a deed and that it is done. A rule may speak so of the customer's: "hàng đã nhận".
fn done(tokens: &[Token], evidence: &Evidence<'_>) -> bool {
    // The last word but the particles.
    let end = tokens.iter().rposition(|t| t.kind == crate::text::Kind::Word && !is_filler(t));
    let ends = end.filter(|at| tokens.get(*at).is_some_and(|t| matches!(t.text.as_str(), "rồi" | "roi" | "xong")));
    let gone = |end: usize| tokens.get(end.saturating_sub(2)..end).is_some_and(|w| w.iter().any(|t| t.fold == "het"));
    DEEDS.all(tokens).any(|(at, n)| {
        let before = at.checked_sub(1).and_then(|i| tokens.get(i));
        let past = before.is_some_and(|t| t.text == "đã" || t.text == "vừa" || (t.text == "da" && !t.bare && at > 1));
        let ended = ends.is_some_and(|end| end >= at + n && end - at <= ENDS_WITHIN && !gone(end));
        let ruled = past && evidence.trusted_has(tokens.get(at - 1..at + n));
        (past || ended) && !ruled && !negated(tokens, at)
    })
}

/// Whether the policies name the day where they speak of deliveries.
fn is_delivery_day(tokens: &[Token], at: usize, length: usize, evidence: &Evidence<'_>) -> bool {
    let Some(day) = tokens.get(at..at + length) else { return false };
    let policies = &evidence.policies;
    let says = |range: &Range<usize>| day.iter().all(|t| policies.says(range, t)) && policies.has(range, &DELIVERY);
    negated(tokens, at) || speech::leaves_open(tokens, at, evidence) || policies.sentences.iter().any(says)
}

/// "shop có giao hàng", "we ship": a promise without a number.
fn claims_delivery(tokens: &[Token]) -> bool {
    static CLAIM: LazyLock<Phrases> = LazyLock::new(|| {
        Phrases::new(
            "có giao|có ship|được giao|sẽ giao|sẽ ship|we ship|we deliver|can ship|can deliver|will ship|\
            will deliver|nhận giao|giao tới|ship tới|giao đến|ship đến|đồng kiểm|phí ship|shipping fee|phí giao|\
            tiền ship|shipping cost|mặc thử|thử ưng|try it on|try them on|shipping is|delivery is|ship là",
        )
    });
    CLAIM.find(tokens).is_some()
}

/// Says that a sum has no fee in it.
static EXCLUDED: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chưa gồm|chưa bao gồm|chưa tính|chưa kể|chưa có|not including|excluding|before|without|plus|not include",
    )
});

/// "Where should we ship it?"
fn asks_where(tokens: &[Token]) -> bool {
    let pronoun = |t: &Token| matches!(t.text.as_str(), "where" | "which" | "đâu" | "nào" | "mấy");
    tokens.last().is_some_and(|t| t.is('?')) && tokens.iter().any(pronoun)
}

/// A trigger word that means something else here.
fn innocent(tokens: &[Token], at: usize, length: usize, evidence: &Evidence<'_>, rule: Rule) -> bool {
    let Some(word) = tokens.get(at) else { return true };
    let before = at.checked_sub(1).and_then(|i| tokens.get(i)).map_or("", |t| t.fold.as_str());
    let next = tokens.get(at + length).map_or("", |t| t.fold.as_str());
    // "Đầm bầu" is what it is called.
    let called = |from: usize, n: usize| tokens.get(from..from + n).is_some_and(|words| evidence.in_title(words));
    if rule == Rule::Returns && before == "kiem" {
        return true;
    }
    // "Chưa gồm phí ship"
    let lead = tokens.get(at.saturating_sub(4)..at).unwrap_or_default();
    if rule == Rule::Delivery && EXCLUDED.find(lead).is_some() {
        return true;
    }
    // "Chúc bạn ngủ ngon", "bạn hỏi bác sĩ nhé"
    let wished = ["ngủ ngon", "bác sĩ", "doctor"].iter().any(|phrase| {
        let pattern = crate::text::tokens(phrase);
        let here = tokens.get(at..at + pattern.len());
        here.is_some_and(|w| w.iter().zip(&pattern).all(|(a, b)| a.same_word(b)))
            && tokens
                .get(..at)
                .unwrap_or_default()
                .iter()
                .any(|t| matches!(t.text.as_str(), "chúc" | "hỏi" | "ask" | "consult"))
    });
    if rule == Rule::Medical && wished {
        return true;
    }
    let whole = length > 1 && called(at, length);
    let pair = length == 1 && (called(at, 2) || at.checked_sub(1).is_some_and(|from| called(from, 2)));
    if rule == Rule::Medical && (whole || pair) {
        return true;
    }
    if length > 1 {
        // "hỗ trợ" and the like have no second meaning.
        return false;
    }
    let fixed = match word.fold.as_str() {
        "doi" => {
            matches!(before, "thay" | "trao" | "mot" | "cap")
                || matches!(next, "giay" | "tat" | "vo" | "dep" | "khi" | "voi")
        }
        "giao" => matches!(next, "dien" | "tiep" | "luu" | "thong" | "duc") || before == "bang",
        "tang" => matches!(word.text.as_str(), "tăng" | "tầng"),
        "qua" => !matches!(next, "tang" | "kem") && before != "tang" && before != "tặng",
        "giam" => matches!(word.text.as_str(), "giám"),
        "gift" | "gifts" => {
            matches!(before, "lovely" | "good" | "great" | "nice" | "perfect" | "ideal" | "beautiful" | "as")
                || matches!(next, "idea" | "ideas")
        }
        // "Sulfate free", "alcohol-free": what is not in it, which the net judges.
        "free" => matches!(next, "size") || before == "-" || lacks(tokens, at),
        "freesize" => true,
        "deal" | "bot" | "original" | "promise" | "doctor" => false,
        "tri" => word.text != "trị" || matches!(before, "gia" | "vi" | "giai"),
        "chua" => word.text != "chữa" || before == "sua",
        "ship" => false,
        "all" => true,
        _ => false,
    };
    if fixed {
        return true;
    }
    // A name or a feature in the product's own text: "giảm nhiệt", "oil free", "giao mùa". Never beside a number or a price.
    let pair = [word.fold.as_str(), next];
    let harmless = !matches!(next, "gia" | "con" | "tien" | "ngay" | "them" | "" | "ship" | "cho" | "van" | "giao")
        && next.chars().all(char::is_alphabetic);
    let in_product = evidence
        .facts
        .iter()
        .any(|f| f.tokens.windows(2).any(|w| matches!(w, [a, b] if [a.fold.as_str(), b.fold.as_str()] == pair)));
    harmless
        && in_product
        && matches!(rule, Rule::Discount | Rule::Delivery | Rule::Returns)
        && evidence.names.has(word)
        && evidence.names_phrase(&pair)
}

/// Whether "free" says what is not in the goods: "caffeine free" rather than "it is free".
fn lacks(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| tokens.get(i));
    let thing = |t: &Token| {
        t.kind == crate::text::Kind::Word
            && !is_filler(t)
            && t.text.chars().count() > 3
            && !super::sourced::is_plain(t)
            && !matches!(
                t.text.as_str(),
                "shipping"
                    | "delivery"
                    | "postage"
                    | "wrapping"
                    | "returns"
                    | "exchange"
                    | "exchanges"
                    | "absolutely"
                    | "completely"
                    | "totally"
                    | "fully"
            )
    };
    let next = tokens.get(at + 1);
    let ends = next.is_none_or(|t| {
        t.kind != crate::text::Kind::Word || matches!(t.text.as_str(), "and" | "or" | "but" | "so" | "with")
    });
    before.is_some_and(thing) && ends
}

/// "Cotton 100%": a percentage of what a product is made of, beside the word that it has there or its name.
fn composition(reply: &Reading, clause: &Range<usize>, facts: &[&Reading], evidence: &Evidence<'_>) -> bool {
    reply.figures_in(clause).filter(|f| f.unit == Unit::Percent).all(|f| {
        let mut before = reply.slice(&(clause.start..f.first)).iter().rev();
        let mut after = reply.slice(&(f.last + 1..clause.end.max(f.last + 1))).iter();
        let near: Vec<&Token> =
            [before.find(|t| !is_filler(t)), after.find(|t| !is_filler(t))].into_iter().flatten().collect();
        facts.iter().any(|s| {
            s.clauses.iter().any(|(range, _)| {
                s.figures_in(range).any(|g| g.unit == Unit::Percent && g.value == f.value)
                    && near.iter().any(|word| s.says(range, word) || evidence.names.has(word))
            })
        })
    })
}

/// Whether the word is one that tells of what a policy speaks: "phí", "giao", "refund".
pub(super) fn is_topic(word: &Token) -> bool {
    let alone = std::slice::from_ref(word);
    support::is_fee(word) || KINDS.iter().any(|kind| kind.rule != Rule::Medical && kind.triggers.find(alone).is_some())
}

/// Whether a question is about when the shop is open.
pub(super) fn asks_hours(tokens: &[Token]) -> bool {
    static OPEN: LazyLock<Phrases> = LazyLock::new(|| {
        Phrases::new(
            "mở cửa|đóng cửa|mở không|mở ko|mở k|còn mở|làm việc không|are you open|open at|still open|close at|closed at",
        )
    });
    OPEN.find(tokens).is_some()
}

/// Whether a sentence of a source is about sending goods.
pub(super) fn speaks_of_delivery(source: &Reading, sentence: usize) -> bool {
    let own = source.sentences.get(sentence);
    own.is_some_and(|range| {
        source.has(range, &DELIVERY) || source.heading(range).is_some_and(|heading| source.has(&heading, &DELIVERY))
    })
}

/// Whether the word tells a promise of a kind, rather than a fee.
pub(super) fn tells_promise(word: &Token) -> bool {
    !support::is_fee(word) && is_topic(word)
}

/// The same, but of what it is rather than that it costs.
pub(super) fn tells_kind(word: &Token) -> bool {
    is_topic(word) && !matches!(word.fold.as_str(), "gia" | "cost" | "costs" | "tien" | "price")
}

/// Whether some clause speaks of what a policy settles; by then it has been found to be supported or denied.
pub(super) fn speaks_policy(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    reply.clauses.iter().any(|(clause, _)| {
        let tokens = reply.slice(clause);
        KINDS.iter().any(|kind| {
            kind.triggers.all(tokens).any(|(at, length)| !innocent(tokens, at, length, evidence, kind.rule))
        })
    })
}
