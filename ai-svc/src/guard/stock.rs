//! Whether the goods are there, how many, and when more come.

use super::money::is_kind;
use super::negation::negated;
use super::numbers::{Figure, ONE, Unit, time_follows};
use super::reading::{Phrases, Reading};
use super::variants::{Meant, counts, in_stock, meant};
use super::{Blocked, Evidence, Rule, block, speech};
use crate::attribute::SIZE;
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

static IN_STOCK: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "còn hàng|con hang|có sẵn|co san|sẵn hàng|san hang|vẫn còn|còn ạ|còn nha|còn nhé|còn đủ|còn size|còn màu|\
        còn nhiều|còn bán|in stock|available|have it|have them|có hàng|đủ hàng|đặt ngay|chốt đơn ngay|ready to ship|\
        order now|buy it now|dạ còn|còn bạn|còn anh|còn chị|còn shop|plenty|lots of|hàng sẵn|có liền|ships today|\
        tons of|loads of|còn đầy|đầy đủ|on hand|on the shelf|you can buy|it is here|right here|còn nguyên|cũng sẵn|luôn sẵn|để sẵn|soạn sẵn|sẵn cho|sẵn rồi|ghé lấy|qua lấy|sẵn ạ|sẵn nha|sẵn nhé|lúc nào cũng có|luôn có|always in|always have|always has|send the|get you the|get you one",
    )
});

static OUT_OF_STOCK: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "hết hàng|het hang|tạm hết|cháy hàng|đã hết|hết rồi|hết ạ|hết size|hết màu|out of stock|sold out|unavailable|\
        ngừng bán|ngưng bán|hết mất|discontinued|đứt hàng|không còn hàng|no longer available",
    )
});

static URGENCY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "sắp hết|sap het|số lượng có hạn|gần hết|còn ít|chỉ còn vài|còn vài|còn mấy|few left|a few|almost gone|\
        selling fast|limited stock|last one|cái cuối|chiếc cuối|sắp về|sắp có hàng|hàng sắp về|sẽ về|hàng về|\
        restock|restocked|back in stock|giữ hàng|giữ cho|giữ lại|reserve|running low|cả trăm|cả chục|hàng trăm cái|hundreds|dozens|came back in|just came|vừa về|mới về|hurry|bán chạy|nhiều bạn mua|nhiều khách mua|nhiều người mua|best seller|bestseller|best selling|popular|ưa chuộng|yêu thích nhất|hàng mới về",
    )
});

static LEFT: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("còn|left|remain|remains|remaining|in stock|available|we have|there are|sẵn|tồn|hiện có|on hand")
});

/// Asks what the customer wants: "bạn muốn xem mẫu còn hàng không ạ?"
static WANTS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("muốn|cần|tìm|would you|do you want|do you need|are you looking"));
static THEN_TOLD: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("sẽ báo|sẽ nhắn|sẽ liên hệ|let you know|will tell you|will message you"));
/// Ends the wish and says something else.
static THEN: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("thì|vì|nên|là|mà|as|because|since|now that|so"));

/// Whether a clause says that something is sold out.
pub(super) fn says_gone(clause: &[Token]) -> bool {
    OUT_OF_STOCK.all(clause).any(|(at, _)| !negated(clause, at))
        || IN_STOCK.all(clause).any(|(at, _)| negated(clause, at))
}

/// The first claim about the stock that the rows do not bear out.
pub(super) fn check(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Option<Blocked> {
    let tokens = reply.slice(clause);
    let open = speech::unknown(tokens, evidence);
    // Named as what is not known.
    let unsaid = |at: usize| open.as_ref().is_some_and(|open| open.contains(&at));
    if URGENCY.all(tokens).any(|(at, n)| !unsaid(at) && !evidence.trusted_has(tokens.get(at..at + n))) {
        return block(Rule::Stock, "how much is left, or when more comes");
    }
    let rows = || {
        let said = move |p: &usize| {
            let product = evidence.products.get(*p)?;
            let stretches = [tokens, reply.slice(sentence), &evidence.asked.tokens];
            Some((product, meant(product, &stretches)))
        };
        subject.iter().filter_map(said)
    };
    let numbers: Vec<i128> = pieces(reply, clause, evidence);
    let known =
        |n: i128| rows().any(|(product, meant)| counts(product, &meant).iter().any(|c| i128::from(*c) * ONE == n));
    if numbers.iter().any(|n| !known(*n)) {
        return block(Rule::Stock, "a number of pieces that is not the stock's");
    }
    // "Bạn muốn xem mẫu còn hàng không ạ?" asks for a wish; "mẫu này còn hàng, bạn lấy không ạ?" says that it is there, and so does a wish that names one.
    let general = evidence.groups(tokens, None).is_empty();
    let wished = |at: usize| {
        let before = tokens.get(..at).unwrap_or_default();
        let goes_on = |from: usize| THEN.find(before.get(from..).unwrap_or_default()).is_none();
        general
            && tokens.last().is_some_and(|t| t.is('?'))
            && WANTS.all(before).last().is_some_and(|(from, _)| goes_on(from))
    };
    // "Có hàng shop sẽ báo bạn" says that it is not there.
    let awaited = |at: usize| {
        let (first, rest) = (tokens.get(at), tokens.get(at..).unwrap_or_default());
        first.is_some_and(|t| matches!(t.text.as_str(), "có" | "back")) && THEN_TOLD.find(rest).is_some()
    };
    let said = |at: usize| !unsaid(at) && !wished(at) && !awaited(at);
    let there = IN_STOCK.all(tokens).filter(|(at, _)| said(*at)).map(|(at, _)| !negated(tokens, at));
    let gone = OUT_OF_STOCK.all(tokens).filter(|(at, _)| said(*at)).map(|(at, _)| negated(tokens, at));
    let counted = numbers.iter().any(|n| *n > 0).then_some(true);
    for claim in there.chain(gone).chain(counted) {
        let truth = |(product, meant): (&crate::model::Product, Meant)| in_stock(product, &meant) == Some(claim);
        if rows().next().is_none() || !rows().all(truth) {
            return block(Rule::Stock, "the stock is not as it says");
        }
    }
    None
}

/// The numbers of pieces that a clause says are there.
fn pieces(reply: &Reading, clause: &Range<usize>, evidence: &Evidence<'_>) -> Vec<i128> {
    let tokens = reply.slice(clause);
    if LEFT.find(tokens).is_none() {
        return Vec::new();
    }
    let figures = reply.figures_in(clause).filter(|f| is_count(reply, clause, f, evidence)).filter_map(|f| f.value);
    figures.chain(words(tokens, evidence)).collect()
}

/// Whether a number tells how many pieces are there.
pub(super) fn is_count(reply: &Reading, clause: &Range<usize>, figure: &Figure, evidence: &Evidence<'_>) -> bool {
    let tokens = reply.slice(clause);
    let at = figure.first - clause.start;
    let before = at.checked_sub(1).and_then(|i| tokens.get(i));
    let after = reply.tokens.get(figure.last + 1);
    let close =
        LEFT.all(tokens).any(|(from, n)| (from + n <= at && at - from - n <= 3) || (from > at && from - at <= 5));
    let sized = SIZE.all(tokens).any(|(from, n)| from + n == at)
        || before.is_some_and(|t| t.kind == crate::text::Kind::Number)
        || before.is_some_and(|t| matches!(t.fold.as_str(), "so" | "co" | "model" | "ma" | "x" | "gia"))
        || after.is_some_and(|t| t.is('-') || t.is('/') || t.text == "x" || t.fold == "den" || t.fold == "to");
    let measured = after.is_some_and(super::money::is_measure) || time_follows(&reply.tokens, figure.last + 1);
    let described = after.is_some_and(|t| t.glued && t.kind != crate::text::Kind::Symbol);
    let offered =
        after.is_some_and(is_kind) && figure.value.is_some_and(|v| v <= ONE * evidence.products.len() as i128);
    figure.unit == Unit::Plain
        && figure.currency.is_none()
        && close
        && !sized
        && !measured
        && !described
        && !offered
        && !evidence.is_named(reply, figure)
}

/// Counts in one small word, which is no figure: "còn hai cái", "only two left".
fn words(tokens: &[Token], evidence: &Evidence<'_>) -> Vec<i128> {
    let value = |t: &Token| {
        super::amount::small_word(&t.text).or_else(|| matches!(t.text.as_str(), "một" | "one").then_some(1))
    };
    let counted = |at: usize| {
        let (before, after) = (at.checked_sub(1).and_then(|i| tokens.get(i)), tokens.get(at + 1));
        let thing = after.is_some_and(|t| {
            (super::money::is_counter(t) && !is_kind(t))
                || matches!(t.fold.as_str(), "left" | "remaining")
                || evidence.names.has(t)
        });
        let led = before
            .is_some_and(|t| matches!(t.fold.as_str(), "con" | "dung" | "chi" | "have" | "only" | "just" | "are"));
        thing && (led || after.is_some_and(|t| matches!(t.fold.as_str(), "left" | "remaining")))
    };
    (0..tokens.len())
        .filter(|at| counted(*at))
        .filter_map(|at| tokens.get(at).and_then(value))
        .map(|n| n * ONE)
        .collect()
}
