//! Promises told in words that each say nothing: "tiền của bạn đến rồi", "đặt hôm trước hôm sau có", "bé dùng tốt". One word tells of what it
//! is, another what is said of it; both in one clause need a sentence of the shop's that has both.

use super::negation::negated;
use super::numbers::Unit;
use super::reading::{Phrases, Reading, WordList};
use super::{Blocked, Evidence, Rule, block, speech};
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// Words that together promise something.
struct Combo {
    rule: Rule,
    detail: &'static str,
    of: WordList,
    said: WordList,
    /// To deny it promises nothing.
    deniable: bool,
}

static COMBOS: LazyLock<Vec<Combo>> = LazyLock::new(|| {
    let combo = |rule, detail, of: &'static str, said: &'static str, deniable| Combo {
        rule,
        detail,
        of: WordList::new(of),
        said: WordList::new(said),
        deniable,
    };
    vec![
        combo(
            Rule::Order,
            "how an order or a payment stands",
            "đơn kiện tiền khoản order parcel package payment money",
            "đi đến tới về rồi xong vào ra đang lên kho qua thành way moving moved out processing ready done placed through arrived coming \
             came received left packed landed went transit set dispatched being",
            false,
        ),
        combo(
            Rule::Delivery,
            "a time that no policy names",
            "hôm ngay liền mai mốt lát chốc sớm nhanh kịp gấp bữa sáng trưa chiều tối tuần soon today tomorrow tonight next later quick \
             quickly fast sooner earlier morning afternoon evening week weekend straight",
            "có đến tới về nhận đi lấy arrive arrives get gets receive reach reaches come comes goes leaves leave yours hold",
            true,
        ),
        combo(
            Rule::Stock,
            "how much is left, or when more comes",
            "sớm nhanh mai lát chậm muộn sắp mấy vài người soon fast quick quickly late later tomorrow wait everyone everybody",
            "hết cháy gone run runs running sell sells selling sold miss",
            true,
        ),
        combo(
            Rule::Medical,
            "for whom it is good",
            "bé trẻ cháu mẹ bà ông già baby babies newborn infant infants toddler kid kids child children elderly mom mum grandma \
             grandmother",
            "dùng ăn uống thoa bôi xài tốt được ok okay ổn use uses eat drink apply take fine good safe safely great can suitable works enjoy",
            true,
        ),
        combo(
            Rule::Unsourced,
            "what others do",
            "ai người khách hội everyone everybody people customers buyers folks celebrities",
            "đặt mua thích khen mê ưng săn chốt hài mặc buy buying buys love loves ordering ordered bought praise happy rave wear wears \
             recommend",
            true,
        ),
        combo(
            Rule::Unsourced,
            "what is so for every case",
            "mọi tất bất every any all everything anything everybody",
            "hợp da loại máy tuổi người skin type types age ages device devices phone phones suit suits work works fit fits",
            true,
        ),
        combo(
            Rule::Order,
            "what the shop will do",
            "sẽ will we'll i'll",
            "làm may mang đem kiếm make build bring craft prepare restock sew knit nice",
            true,
        ),
        combo(
            Rule::Payment,
            "a way to pay that no policy names",
            "tiền trả toán pay payment money",
            "sau dần lần nợ cuối later afterwards parts monthly whenever half nửa",
            true,
        ),
    ]
});

/// What says that one thing costs as another.
static ALIKE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "bằng|ngang|như|hơn|kém|rẻ|đắt|mắc|like|than|same|as|match|matches|equal|equals|kèm|comes with|included|thrown in|includes",
    )
});
static MONEY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "tiền|giá|phí|price|prices|priced|pay|pays|paid|money|cost|costs|fee|charge|charged|expensive|cheap|rẻ|đắt|mắc",
    )
});

/// The first combination that no source has.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let subjects = evidence.subjects(reply);
    for ((clause, sentence), subject) in reply.clauses.iter().zip(&subjects) {
        let tokens = reply.slice(clause);
        if speech::asks(tokens) {
            continue;
        }
        let sentence = reply.sentences.get(*sentence).unwrap_or(clause);
        let polite: Vec<(usize, usize)> = speech::COURTESY.all(tokens).collect();
        let spare = |at: usize| {
            // "3 đến 5 ngày" is a span; "sạc nhanh" is a name.
            let here = clause.start + at;
            let spans =
                reply.figures.iter().any(|f| f.last + 1 == here) && reply.figures.iter().any(|f| f.first == here + 1);
            let named = tokens.get(at).is_some_and(|t| evidence.names.has(t));
            spans
                || named
                || polite.iter().any(|(from, n)| (*from..from + n).contains(&at))
                || speech::leaves_open(tokens, at, evidence)
        };
        for combo in COMBOS.iter() {
            let places = |list: &WordList| -> Vec<usize> {
                (0..tokens.len()).filter(|at| tokens.get(*at).is_some_and(|t| list.has(t)) && !spare(*at)).collect()
            };
            let said = places(&combo.said);
            let bad = |a: usize, b: usize| {
                let denied = combo.deniable && (negated(tokens, a) || negated(tokens, b));
                let words: Vec<&Token> = [a, b].into_iter().filter_map(|at| tokens.get(at)).collect();
                let told = if combo.rule == Rule::Order {
                    evidence.said_together(subject, &words)
                } else {
                    evidence.told_together(subject, &words)
                };
                a != b && !denied && !told
            };
            if places(&combo.of).into_iter().any(|a| said.iter().any(|b| bad(a, *b))) {
                return block(combo.rule, combo.detail);
            }
        }
        if let Some(blocked) = money(reply, clause, sentence, subject, evidence) {
            return Some(blocked);
        }
    }
    None
}

/// A clause that speaks of money and names none, or says that one thing costs as another.
fn money(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    subject: &[usize],
    evidence: &Evidence<'_>,
) -> Option<Blocked> {
    let tokens = reply.slice(clause);
    let priced = |range: &Range<usize>| reply.figures_in(range).any(|f| f.unit != Unit::Percent);
    let products = evidence.groups(tokens, None).len();
    let alike = ALIKE.find(tokens).is_some() && products > 1;
    let compared = alike && !priced(clause);
    let named = |(at, n): (usize, usize)| {
        // "Giá đỡ" is a thing.
        if tokens.get(at..at + 2).is_some_and(|words| evidence.in_title(words)) {
            return true;
        }
        // "Chưa có chương trình giảm giá"
        if negated(tokens, at) && super::promises::is_deniable(tokens, at) {
            return true;
        }
        let money = tokens.get(at..at + n).unwrap_or_default();
        let other = |t: &&Token| {
            !super::sourced::is_plain(t) && !evidence.names.has(t) && !money.iter().any(|m| m.same_word(t))
        };
        let rest: Vec<&Token> = tokens.iter().filter(other).collect();
        let together: Vec<&Token> = money.iter().chain(rest.iter().copied()).collect();
        (!rest.is_empty() && evidence.told_together(subject, &together)) || speech::leaves_open(tokens, at, evidence)
    };
    let bare = !priced(sentence) && MONEY.all(tokens).any(|place| !named(place));
    if compared || bare {
        return block(Rule::Amount, "speaks of money and names none");
    }
    None
}
