//! Claims about the goods themselves: in which sizes, colours and materials they exist. Walks the clauses for the stock, too.

use super::negation::negated;
use super::numbers::Unit;
use super::reading::{Phrases, Reading, WordList, is_filler, only_asks};
use super::{Blocked, Evidence, Rule, block, speech, stock};
use crate::attribute::{COLOUR, COLOURS, MATERIAL, MATERIALS, SIZE, is_size, says_in_vietnamese};
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

/// Promises of whatever size or colour.
static EVERY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "màu nào cũng|size nào cũng|cỡ nào cũng|đủ màu|đủ size|mọi size|mọi màu|tất cả các màu|tất cả các size|nhiều màu|\
        nhiều size|every size|every color|every colour|all sizes|all colors|all colours|any size|any color|any colour|\
        many colors|many colours|many sizes|one size fits|fits all|fits everyone|fits anyone",
    )
});

/// The first claim about the goods that their rows do not bear out.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    for ((clause, sentence), subject) in reply.clauses.iter().zip(evidence.subjects(reply)) {
        let sentence = reply.sentences.get(*sentence).cloned().unwrap_or_else(|| clause.clone());
        if let Some(blocked) = stock::check(reply, clause, &sentence, &subject, evidence)
            .or_else(|| variants(reply, clause, &sentence, &subject, evidence))
        {
            return Some(blocked);
        }
    }
    None
}

fn variants(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Option<Blocked> {
    let tokens = reply.slice(clause);
    let open = speech::unknown(tokens, evidence);
    // Denied, or named as what is not known.
    let unsaid = |at: usize| negated(tokens, at) || open.as_ref().is_some_and(|open| open.contains(&at));
    let told = |words: &[Token]| {
        let stands = |w: &[Token]| w.iter().zip(words).all(|(a, b)| a.same_word(b));
        subject.iter().filter_map(|p| evidence.facts.get(*p)).any(|f| f.tokens.windows(words.len().max(1)).any(stands))
    };
    if let Some((at, n)) = EVERY.find(tokens)
        && !unsaid(at)
        && !told(tokens.get(at..at + n).unwrap_or_default())
    {
        return block(Rule::Variant, "every size or colour");
    }
    let facts: Vec<&Reading> = subject.iter().filter_map(|p| evidence.facts.get(*p)).collect();
    let known = |word: &Token| {
        facts.iter().any(|f| says_in_vietnamese(word, &f.tokens) || f.tokens.iter().any(|t| t.same_word(word)))
            || evidence.policies.tokens.iter().any(|t| t.same_word(word))
    };
    let after = |phrases: &Phrases| phrases.find(tokens).map(|(at, n)| at + n);
    if let Some(at) = after(&SIZE) {
        for (i, value) in tokens.iter().enumerate().skip(at) {
            // "Size 4 là 149.000đ" goes on with a price.
            let priced = reply.figures_in(clause).any(|f| f.unit == Unit::Money && f.first == clause.start + i);
            if priced || (value.kind == Kind::Word && !is_size(value) && !joins(value)) {
                break;
            }
            let size = value.kind == Kind::Number || is_size(value);
            // "size M/L/XL" claims each of them; "2XL" is one.
            if size && !known(value) && !known_size(tokens, i, &facts) && !unsaid(i) {
                return block(Rule::Variant, "a size that the product is not known to have");
            }
            if size && negated(tokens, i) && known(value) && (value.kind == Kind::Number || is_size(value)) {
                return block(Rule::Variant, "denies a size that the product has");
            }
        }
    }
    for (i, value) in tokens.iter().enumerate() {
        let numbered = value.kind == Kind::Number;
        let glued = numbered && tokens.get(i + 1).is_some_and(|n| n.glued && is_size(n) && n.text != "m");
        // "Áo thun (L)"
        let enclosed =
            i > 0 && tokens.get(i - 1).is_some_and(|t| t.is('(')) && tokens.get(i + 1).is_some_and(|t| t.is(')'));
        // "Áo thun xanh S"
        let after_name = i > 0
            && is_size(value)
            && value.text.len() == 1
            && !value.glued
            && tokens.get(i - 1).is_some_and(|t| evidence.names.has(t) || COLOURS.contains(&t.text.as_str()));
        let spoken = after_name
            || glued
            || (enclosed && is_size(value))
            || matches!(value.text.as_str(), "xl" | "xxl" | "xxxl" | "xs");
        let whole = if glued { tokens.get(i..i + 2) } else { tokens.get(i..i + 1) }.unwrap_or_default();
        let stands = facts
            .iter()
            .any(|f| f.tokens.windows(whole.len()).any(|w| w.iter().zip(whole).all(|(a, b)| a.text == b.text)));
        let part = value.glued && i > 0 && tokens.get(i - 1).is_some_and(|t| t.kind == Kind::Number);
        if spoken && !part && !stands && !unsaid(i) {
            return block(Rule::Variant, "a size that the product is not known to have");
        }
    }
    if unknown_value(tokens, &facts, evidence, &unsaid) {
        return block(Rule::Variant, "a form that the product is not known to have");
    }
    let lists: [(&[&str], &Phrases, bool); 2] = [(COLOURS, &COLOUR, false), (MATERIALS, &MATERIAL, true)];
    for (words, heading, needs_heading) in lists {
        // "Màu trắng, hồng": the heading stands in an earlier clause.
        let before = reply.slice(&(sentence.start..clause.end.max(sentence.start)));
        let headed = heading.find(before).is_some();
        let start = match after(heading) {
            Some(at) => at,
            None if needs_heading => continue,
            None => 0,
        };
        for (i, word) in tokens.iter().enumerate().skip(start) {
            let listed = word.kind == Kind::Word
                && words.iter().any(|w| {
                    *w == word.text
                        || (word.text.is_ascii() && !word.bare && crate::text::fold(w) == word.text && w.len() > 3)
                });
            let compound = tokens.get(i + 1).is_some_and(|n| {
                matches!(
                    (word.text.as_str(), n.fold.as_str()),
                    ("cam", "ket" | "on") | ("be", _) | ("da", _) | ("ghi", _) | ("len", "don") | ("kem", "theo")
                )
            }) && !headed;
            let headless = !headed
                && matches!(word.text.as_str(), "be" | "cam" | "kem" | "ghi" | "bạc" | "gold" | "cream" | "hồng");
            let shade = tokens.get(i..i + 2).filter(|w| w.last().is_some_and(is_shade));
            let shaded = |pair: &[Token]| {
                facts.iter().any(|f| f.tokens.windows(2).any(|w| w.iter().zip(pair).all(|(a, b)| a.same_word(b))))
            };
            if listed && known(word) && shade.is_some_and(|pair| !shaded(pair)) && !unsaid(i) {
                return block(Rule::Variant, "a shade that the product is not known to have");
            }
            if listed && !compound && !headless && !known(word) && !unsaid(i) {
                return block(Rule::Variant, "a colour or material that the product is not known to have");
            }
        }
    }
    None
}

/// Whether the customer asks for a size or colour that the product is not known to have, and the reply names none itself.
pub(super) fn asks_for_unknown_variant(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    let all = 0..reply.tokens.len();
    if speech::admits(reply) || reply.has(&all, &SIZE) || reply.has(&all, &COLOUR) {
        return false;
    }
    let facts: Vec<&Reading> = evidence.default_subject().iter().filter_map(|p| evidence.facts.get(*p)).collect();
    let asked = &evidence.asked.tokens;
    let sizes = SIZE.find(asked).map_or(asked.len(), |(at, n)| at + n);
    asked.iter().enumerate().any(|(i, word)| {
        let unclear = matches!(word.text.as_str(), "be" | "cam" | "kem" | "ghi" | "bạc" | "gold" | "cream" | "hồng");
        let colour = COLOURS.contains(&word.text.as_str()) && (!unclear || COLOUR.find(asked).is_some());
        let size = i >= sizes && i <= sizes + 1 && (word.kind == Kind::Number || is_size(word));
        let known =
            facts.iter().any(|f| says_in_vietnamese(word, &f.tokens) || f.tokens.iter().any(|t| t.same_word(word)))
                || known_size(asked, i, &facts);
        (colour || size) && !known
    })
}

static COMES_IN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "comes in|come in|also in|available in|made of|made from|made with|làm bằng|làm từ|may bằng|may từ|chất liệu|chất vải|\
        có màu",
    )
});

/// Words after "comes in" that are no form of the goods.
static AROUND: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "bottle pack bag set jar box tube size sizes color colour colors colours only both either handy pure solid nice soft \
        lovely beautiful fine quality natural high good hay hoặc và nhé ạ nên rất mềm đẹp xinh dễ thương đang hiện nhưng \
        tạm hết hàng còn thôi bạn mình loại trên dưới giá",
    )
});

/// Whether a word after "comes in" or "made of" stands nowhere in what is known.
fn unknown_value(
    tokens: &[Token],
    facts: &[&Reading],
    evidence: &Evidence<'_>,
    unsaid: &dyn Fn(usize) -> bool,
) -> bool {
    let Some((at, n)) = COMES_IN.all(tokens).last() else { return false };
    let known = |word: &Token| {
        let said =
            |f: &&Reading| f.sentences.iter().any(|range| f.says(range, word)) || says_in_vietnamese(word, &f.tokens);
        facts.iter().any(said) || evidence.policies.tokens.iter().any(|t| t.same_word(word)) || evidence.names.has(word)
    };
    // "light blue" for "xanh nhạt": the shade is judged with its colour.
    let shade = |word: &Token| matches!(word.text.as_str(), "light" | "dark" | "moss" | "bright" | "pale" | "deep");
    let value = |t: &&Token| t.kind == Kind::Word && t.text.chars().count() > 1 && !is_filler(t) && !only_asks(t);
    let told = tokens.get(at + n..).unwrap_or_default().iter().take_while(|t| t.fold != "gia" && t.fold != "price");
    !unsaid(at) && told.filter(value).any(|t| !AROUND.has(t) && !shade(t) && !known(t) && !is_size(t))
}

/// A word that makes another colour of the one before it.
fn is_shade(token: &Token) -> bool {
    matches!(
        token.text.as_str(),
        "nhạt" | "đậm" | "rêu" | "than" | "dương" | "lá" | "ngọc" | "đô" | "tươi" | "cốm" | "lam" | "biển"
    )
}

fn joins(token: &Token) -> bool {
    matches!(
        token.fold.as_str(),
        "va" | "hoac"
            | "den"
            | "and"
            | "or"
            | "to"
            | "tu"
            | "from"
            | "size"
            | "co"
            | "la"
            | "is"
            | "are"
            | "gom"
            | "nay"
            | "con"
            | "available"
    )
}

/// "2XL" in the facts for "2" then "XL" in the reply, and sizes given as a range.
fn known_size(tokens: &[Token], at: usize, facts: &[&Reading]) -> bool {
    let Some(value) = tokens.get(at) else { return false };
    let number = value.text.parse::<i128>().ok();
    facts.iter().any(|f| {
        number.is_some_and(|n| {
            f.figures.windows(2).any(|w| {
                let [low, high] = w else { return false };
                let ranged = high.first == low.last + 2
                    && f.tokens.get(low.last + 1).is_some_and(|t| t.is('-') || t.fold == "den" || t.fold == "to");
                ranged && low.value.is_some_and(|v| v <= n * 1000) && high.value.is_some_and(|v| v >= n * 1000)
            })
        })
    })
}
