//! What a reply agrees to without saying it, and whether it is in the customer's language.

use super::mention::Names;
use super::numbers::Unit;
use super::reading::{self, Phrases, Reading};
use super::{Blocked, Evidence, Rule, block, claims, negation, promises, sourced, speech};
use crate::language::Language;
use crate::text::{Kind, Token};
use std::sync::LazyLock;

static YES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "dạ được|dạ có|có ạ|dạ vâng|vâng|đúng rồi|đúng ạ|đồng ý|ok|oke|okay|chốt|yes|sure|agreed|agree|correct|right|\
        of course|certainly|absolutely|no problem|không vấn đề|được luôn|được ạ|được nhé|tất nhiên|chắc chắn|\
        you got it|binding|exactly|chính xác|chuẩn|deal|done|works for me|fine|we will honor|giữ giá|as you said|như bạn nói|như bạn yêu cầu|theo giá bạn|vậy nhé|vậy nha|thế nhé|thế nha|chiều bạn|chiều lòng",
    )
});

static DEMAND: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giảm giá|giam gia|giảm|bớt|discount|off|free|mien phi|tặng|khuyen mai|deal|rẻ hơn|cheaper|hoan tien|refund|\
        bao hanh|warranty|ship|đổi trả|doi tra|guarantee|cam ket|voucher|sale|promised|đã hứa|agreed|ignore|bỏ qua|\
        price is|giá là|trả góp|freeship|free ship|quà|cheap|lower|special|manager|nhân viên nói|hôm qua|thử|for just|can i get",
    )
});

/// Bargaining: what answers it and neither says a price or a rule nor refuses gives in, in whatever words ("oki bạn nha", a thumb).
static BARGAIN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giảm giá|giảm|bớt|rẻ hơn|discount|free|freeship|mien phi|cheaper|deal|voucher|promised|đã hứa|agreed|percent off|% off|for just",
    )
});
static REFUSES: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("xin lỗi|tiếc|sorry|unfortunately|afraid|thông cảm"));

/// Letters that make two English words one: "cancel" and "cancelling".
const ROOT: usize = 5;

/// What takes up a sum without saying it, and what asks for more than a yes.
static THAT: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giá đó|giá này|giá ấy|giá vậy|mức đó|mức này|mức ấy|như vậy|như thế|that price|this price|your price|that much|for that|at that|that amount|that works",
    )
});
static WHICH: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("bao nhiêu|gì|nào|đâu|bao lâu|sao|mấy|what|which|when|where|how much|how many|how long")
});

/// A bare yes to a demand is a promise as good as any: "you agreed to 90% off" – "Dạ đúng rồi ạ".
pub(super) fn agreement(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let asked = &evidence.asked;
    let sum = asked.figures.iter().any(|f| f.unit == Unit::Percent || (f.unit == Unit::Money && !evidence.is_price(f)));
    let demands = sum || DEMAND.find(&asked.tokens).is_some();
    let bargains = sum || BARGAIN.find(&asked.tokens).is_some();
    let yes = YES.all(&reply.tokens).any(|(at, _)| !negation::negated(&reply.tokens, at));
    let refused = REFUSES.find(&reply.tokens).is_some() || speech::admits(reply) || denies_something(reply);
    if bare_yes(reply, evidence)
        && !refused
        && !takes_up(reply, evidence)
        && restated(asked).is_some_and(|(said, question)| {
            let judge = if question { super::claim } else { super::plain_claim };
            judge(&said, evidence).is_some()
        })
    {
        return block(Rule::Agreement, "agrees to what it could not say itself");
    }
    let span = |f: &super::numbers::Figure| {
        super::numbers::time_follows(&asked.tokens, f.last + 1) && f.value.is_some_and(|v| !evidence.policies.counts(v))
    };
    let says_no = denies_something(reply)
        || refuses_to_say(reply)
        || reply.clauses.iter().all(|(c, _)| speech::asks(reply.slice(c)));
    if asked.figures.iter().any(span)
        && reply.figures.is_empty()
        && !says_no
        && promises::speaks_policy(reply, evidence)
    {
        return block(Rule::Agreement, "grants a time that no policy names");
    }
    let clock = promises::asks_hours(&asked.tokens) && !asked.figures.is_empty();
    if clock
        && reply.figures.is_empty()
        && !refuses_to_say(reply)
        && !reply.clauses.iter().all(|(c, _)| speech::asks(reply.slice(c)))
    {
        return block(Rule::Agreement, "answers when the shop is open without its hours");
    }
    if sum && !refused && THAT.find(&reply.tokens).is_some() {
        return block(Rule::Agreement, "takes up a sum that is not the price");
    }
    if yes && claims::asks_for_unknown_variant(reply, evidence) {
        return block(Rule::Agreement, "agrees to a variant that is not known");
    }
    // A yes that goes on to say a true thing has been judged by the other rules; one that says nothing rests on the demand alone.
    let says = reply.figures.iter().any(|f| f.unit == Unit::Money) || promises::speaks_policy(reply, evidence);
    let refuses = || REFUSES.find(&reply.tokens).is_some() || speech::admits(reply) || denies_something(reply);
    let gives_in = (demands && yes) || (bargains && !refuses() && !sourced::tells(reply, evidence));
    if gives_in && !says { block(Rule::Agreement, "agrees to what no source says") } else { None }
}

/// Whether the reply leaves it open.
fn refuses_to_say(reply: &Reading) -> bool {
    REFUSES.find(&reply.tokens).is_some() || speech::admits(reply)
}

/// Whether a clause says yes and nothing else.
fn bare_yes(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    reply.clauses.iter().any(|(clause, _)| {
        let tokens = reply.slice(clause);
        let says = |(at, n): (usize, usize)| {
            let own = |(i, t): (usize, &Token)| {
                (at..at + n).contains(&i) || (sourced::is_plain(t) && !evidence.names.has(t)) || t.kind == Kind::Symbol
            };
            !negation::negated(tokens, at) && tokens.iter().enumerate().all(own)
        };
        YES.all(tokens).any(says)
    })
}

/// Whether the reply says a word of the customer's question itself; then it has been judged by what it says.
fn takes_up(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    let content = |t: &&Token| t.kind == Kind::Word && !sourced::is_plain(t) && !evidence.names.has(t);
    let root = |t: &Token| t.fold.chars().take(ROOT).collect::<String>();
    let same = |a: &Token, b: &Token| {
        super::gloss::same_meaning(a, b) || (a.text.is_ascii() && a.text.len() >= ROOT && root(a) == root(b))
    };
    let asked: Vec<&Token> = evidence.asked.tokens.iter().filter(content).collect();
    reply
        .tokens
        .iter()
        .filter(|t| !reading::is_filler(t) && !evidence.names.has(t))
        .any(|t| asked.iter().any(|a| same(a, t)))
}

/// What the customer said last as what a yes to it says, and whether it says that of the shop.
fn restated(asked: &Reading) -> Option<(Reading, bool)> {
    let mut lines = asked.tokens.split(|t| t.is('\n'));
    let mut tokens = lines.rfind(|l| !l.is_empty())?.to_vec();
    let asks = |t: &Token| {
        t.is('?')
            || t.is('.')
            || matches!(
                t.fold.as_str(),
                "khong"
                    | "ko"
                    | "k"
                    | "kh"
                    | "hong"
                    | "hok"
                    | "chua"
                    | "ha"
                    | "phai"
                    | "dung"
                    | "vay"
                    | "a"
                    | "shop"
                    | "ad"
                    | "nhi"
                    | "ban"
                    | "em"
                    | "roi"
            )
    };
    let mut question = false;
    while let Some(last) = tokens.pop_if(|t| asks(t)) {
        question |=
            last.is('?') || matches!(last.fold.as_str(), "khong" | "ko" | "k" | "hong" | "chua" | "ha" | "dung");
    }
    // "Còn quần tây không", "do you have the board": whether it is there.
    if tokens.iter().any(|t| matches!(t.fold.as_str(), "con" | "have" | "left" | "got")) {
        tokens.extend(crate::text::tokens("còn hàng"));
    }
    (!tokens.is_empty() && WHICH.find(&tokens).is_none()).then(|| {
        let own = tokens
            .iter()
            .any(|t| matches!(t.text.as_str(), "mình" | "minh" | "tôi" | "em" | "để" | "i" | "i'll" | "i'm" | "me"));
        (Reading::of_tokens(tokens, false), question || !own)
    })
}

/// Whether a clause denies something. The "không" that only asks stands after what it asks about: "bạn lấy luôn không ạ".
fn denies_something(reply: &Reading) -> bool {
    reply.clauses.iter().any(|(clause, _)| {
        let tokens = reply.slice(clause);
        let content = |range: std::ops::Range<usize>| {
            tokens.get(range).unwrap_or_default().iter().any(|t| !reading::is_filler(t))
        };
        let real = |at: &usize| content(at + 1..tokens.len()) || !content(0..*at);
        !tokens.last().is_some_and(|t| t.is('?'))
            && (0..tokens.len()).filter(real).any(|at| negation::denies(tokens, at))
    })
}

/// The language of what is said around the product names.
pub(super) fn spoken(tokens: &[Token], names: &Names) -> Option<Language> {
    let around: Vec<Token> = tokens.iter().filter(|t| !names.has(t)).cloned().collect();
    crate::language::language_of(&around)
}

pub(super) fn language(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    // Names of places and the shop's own words stay as they are in an English answer.
    let own = |t: &Token| {
        let sources = evidence.sources();
        !t.text.is_ascii() && sources.iter().any(|s| s.tokens.iter().any(|w| w.text == t.text))
    };
    let english = evidence.language == Some(Language::English);
    let tokens: Vec<Token> = reply.tokens.iter().filter(|t| !(english && own(t))).cloned().collect();
    let differs = evidence.language.zip(spoken(&tokens, &evidence.names)).is_some_and(|(a, b)| a != b);
    if differs { block(Rule::Language, "not the customer's language") } else { None }
}
