//! Claims about the goods themselves: whether they are in stock, and in which sizes, colours and materials they exist.

use super::reading::{Phrases, Reading, negated};
use super::{Blocked, Evidence, Rule, block};
use crate::attribute::{COLOUR, COLOURS, MATERIAL, MATERIALS, SIZE, is_size, says_in_vietnamese};
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

static IN_STOCK: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "còn hàng|con hang|có sẵn|co san|sẵn hàng|san hang|vẫn còn|còn ạ|còn nha|còn nhé|còn đủ|còn size|còn màu|\
        còn nhiều|còn bán|in stock|available|have it|have them|có hàng|đủ hàng|đặt ngay|chốt đơn ngay|ready to ship|\
        order now|buy it now",
    )
});

static OUT_OF_STOCK: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "hết hàng|het hang|tạm hết|cháy hàng|đã hết|hết rồi|hết ạ|hết size|hết màu|out of stock|sold out|unavailable|\
        ngừng bán|ngưng bán|hết mất|discontinued|đứt hàng",
    )
});

static URGENCY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "sắp hết|sap het|số lượng có hạn|gần hết|còn ít|chỉ còn vài|few left|almost gone|selling fast|limited stock|\
        last one|cái cuối|chiếc cuối|sắp về hàng|sắp có hàng|hàng sắp về|sẽ về|hàng về|restock|back in stock|\
        giữ hàng|reserve",
    )
});

/// Sentences that say nothing is known, or that somebody will look.
pub(super) static UNKNOWN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chưa có thông tin|không có thông tin|chưa rõ|hỏi lại|kiểm tra lại|kiểm tra thêm|xác nhận lại|chưa ghi|\
        nhân viên|không thấy|chưa thấy|don't have information|no information|not sure|check with|colleague|\
        team member|get back to you|our staff|can't confirm|couldn't find|can't find",
    )
});

/// The first claim about the goods that their rows do not bear out.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let mut carried: Option<Vec<usize>> = None;
    for (clause, sentence) in &reply.clauses {
        let sentence = reply.sentences.get(*sentence).cloned().unwrap_or_else(|| clause.clone());
        let groups = evidence.groups(reply.slice(clause), carried.as_deref());
        let named: Vec<usize> = groups.into_iter().flat_map(|g| g.products).collect();
        let subject = if named.is_empty() {
            carried.clone().unwrap_or_else(|| evidence.default_subject())
        } else {
            named.clone()
        };
        if let Some(blocked) = stock(reply, clause, &sentence, &subject, evidence)
            .or_else(|| variants(reply, clause, &sentence, &subject, evidence))
        {
            return Some(blocked);
        }
        if !named.is_empty() {
            carried = Some(named);
        }
    }
    None
}

fn stock(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Option<Blocked> {
    let tokens = reply.slice(clause);
    let asks = reply.slice(sentence).last().is_some_and(|t| t.is('?'));
    if URGENCY.all(tokens).any(|(at, n)| !evidence.trusted_has(tokens.get(at..at + n)))
        && !reply.has(sentence, &UNKNOWN)
    {
        return block(Rule::Stock, "how much is left, or when more comes");
    }
    let mut claims = IN_STOCK.all(tokens).map(|(at, _)| !negated(tokens, at)).collect::<Vec<_>>();
    claims.extend(OUT_OF_STOCK.all(tokens).map(|(at, _)| negated(tokens, at)));
    let products = || subject.iter().filter_map(|p| evidence.products.get(*p));
    for in_stock in claims {
        // "Bạn cần mẫu còn hàng không ạ?" asks and claims nothing.
        if asks && tokens.iter().any(|t| matches!(t.fold.as_str(), "khong" | "muon" | "can" | "would" | "do" | "want"))
        {
            continue;
        }
        if products().next().is_none() || products().any(|p| p.in_stock != in_stock) {
            return block(Rule::Stock, "the stock is not as it says");
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
    if reply.has(sentence, &UNKNOWN) {
        return None;
    }
    let facts: Vec<&Reading> = subject.iter().filter_map(|p| evidence.facts.get(*p)).collect();
    let known = |word: &Token| {
        facts.iter().any(|f| says_in_vietnamese(word, &f.tokens) || f.tokens.iter().any(|t| t.same_word(word)))
            || evidence.policies.tokens.iter().any(|t| t.same_word(word))
    };
    let asks_which = reply.slice(sentence).last().is_some_and(|t| t.is('?')) && offers(tokens);
    let after = |phrases: &Phrases| phrases.find(tokens).map(|(at, n)| at + n);
    if let Some(at) = after(&SIZE) {
        for (i, value) in tokens.iter().enumerate().skip(at) {
            if value.kind == Kind::Word && !is_size(value) && !joins(value) {
                break;
            }
            let size = value.kind == Kind::Number || is_size(value);
            // "size M/L/XL" claims each of them; "2XL" is one.
            if size && !known(value) && !known_size(tokens, i, &facts) && !negated(tokens, i) && !asks_which {
                return block(Rule::Variant, "a size that the product is not known to have");
            }
            if size && negated(tokens, i) && known(value) && (value.kind == Kind::Number || is_size(value)) {
                return block(Rule::Variant, "denies a size that the product has");
            }
        }
    }
    for (i, value) in tokens.iter().enumerate() {
        let glued = tokens.get(i + 1).is_some_and(|n| n.glued && is_size(n) && n.text != "m");
        let spoken = glued || matches!(value.text.as_str(), "xl" | "xxl" | "xxxl" | "xs");
        let whole = if glued { tokens.get(i..i + 2) } else { tokens.get(i..i + 1) }.unwrap_or_default();
        let stands = facts
            .iter()
            .any(|f| f.tokens.windows(whole.len()).any(|w| w.iter().zip(whole).all(|(a, b)| a.text == b.text)));
        let part = value.glued && i > 0 && tokens.get(i - 1).is_some_and(|t| t.kind == Kind::Number);
        if spoken && !part && !stands && !negated(tokens, i) && !asks_which {
            return block(Rule::Variant, "a size that the product is not known to have");
        }
    }
    let lists: [(&[&str], &Phrases, bool); 2] = [(COLOURS, &COLOUR, false), (MATERIALS, &MATERIAL, true)];
    for (words, heading, needs_heading) in lists {
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
            }) && heading.find(tokens).is_none();
            let headless = heading.find(tokens).is_none()
                && matches!(word.text.as_str(), "be" | "cam" | "kem" | "ghi" | "bạc" | "gold" | "cream" | "hồng");
            if listed && !compound && !headless && !known(word) && !negated(tokens, i) && !asks_which {
                return block(Rule::Variant, "a colour or material that the product is not known to have");
            }
        }
    }
    None
}

/// Whether the customer asks for a size or colour that the product is not known to have, and the reply names none itself.
pub(super) fn asks_for_unknown_variant(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    let all = 0..reply.tokens.len();
    if reply.has(&all, &UNKNOWN) || reply.has(&all, &SIZE) || reply.has(&all, &COLOUR) {
        return false;
    }
    let facts: Vec<&Reading> = evidence.default_subject().iter().filter_map(|p| evidence.facts.get(*p)).collect();
    let asked = &evidence.asked.tokens;
    let sizes = SIZE.find(asked).map_or(asked.len(), |(at, n)| at + n);
    asked.iter().enumerate().any(|(i, word)| {
        let colour = COLOURS.contains(&word.text.as_str()) && COLOUR.find(asked).is_some();
        let size = i >= sizes && i <= sizes + 1 && (word.kind == Kind::Number || is_size(word));
        let known =
            facts.iter().any(|f| says_in_vietnamese(word, &f.tokens) || f.tokens.iter().any(|t| t.same_word(word)))
                || known_size(asked, i, &facts);
        (colour || size) && !known
    })
}

/// "Bạn thích màu đỏ hay đen ạ?" would still offer both, so only questions about the customer's own size are free.
fn offers(tokens: &[Token]) -> bool {
    tokens.iter().any(|t| matches!(t.fold.as_str(), "mac" | "mang" | "wear" | "nao" | "which" | "what" | "usually"))
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
