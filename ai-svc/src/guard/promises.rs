//! What binds the shop: discounts and gifts, delivery, returns, warranty, payment, the place and the hours, and
//! medical effects. Such a clause passes when a sentence of the shop's own policies says it: same subject, same
//! numbers with their conditions, same yes or no, and mostly the same words.

use super::claims::UNKNOWN;
use super::numbers::{Unit, time_follows};
use super::reading::{Phrases, Reading, is_filler, negated};
use super::{Blocked, Evidence, Rule, block};
use crate::text::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// A kind of promise.
struct Kind {
    rule: Rule,
    detail: &'static str,
    triggers: Phrases,
    /// Only a promise with a time or number, or one of the words in `strong`.
    needs_more: bool,
    /// The product's own facts may also be the source.
    facts: bool,
    /// To deny it is no promise.
    denial_passes: bool,
}

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |rule, detail, list: &str, needs_more, facts, denial_passes| Kind {
        rule,
        detail,
        triggers: Phrases::new(list),
        needs_more,
        facts,
        denial_passes,
    };
    vec![
        kind(
            Rule::Discount,
            "a discount, gift or free thing that no policy gives",
            "giảm|giam gia|giam con|giảm giá|sale|sales|khuyen mai|khuyến mại|uu dai|voucher|coupon|mã giảm|\
                chiet khau|discount|discounts|discounted|% off|percent off|promo|promotion|mien phi|free|freeship|\
                tặng|tang kem|quà|hoan tien|cashback|đồng giá|dong gia|bogo|half price|half off|nửa giá|bớt|rẻ hơn|bằng nửa|một nửa|half the price|half of|bao nhiêu cũng được|tùy bạn trả|tuỳ bạn trả|pay what you|name your price|whatever you want to pay|\
                cheaper|gift|bonus|complimentary|special price|giá đặc biệt|gia soc|giá sốc|deal|rebate|\
                off the price|knock off|giá gốc|original price|freebie|khỏi trả|không lấy tiền|biếu|no cost|\
                nothing to pay|at no",
            false,
            false,
            true,
        ),
        kind(
            Rule::Discount,
            "a fee that is waived by no policy",
            "khong tinh phi|khong mat phi|khong thu phi|khong tinh tien|khong mat tien|khoi phi|no charge|\
                free of charge|no fee|no shipping fee|without charge|on the house|on us|không phí|không tính ship|\
                không ship phí|không cần trả|no shipping cost|don't have to pay|do not have to pay|waive|waived",
            false,
            false,
            false,
        ),
        kind(
            Rule::Delivery,
            "a delivery promise that no policy makes",
            "giao|ship|giao hàng|vận chuyển|van chuyen|deliver|delivers|delivered|delivery|shipping|ships|\
                shipped|nhận hàng|nhan hang|gửi hàng|arrive|arrives|đồng kiểm|kiểm hàng|thử hàng|hỏa tốc|hoả tốc|\
                hoa toc|toàn quốc|toan quoc|nationwide|nhận được",
            true,
            false,
            false,
        ),
        kind(
            Rule::Returns,
            "a return or exchange promise that no policy makes",
            "đổi|trả hàng|đổi trả|doi tra|hoàn tiền|hoàn trả|return|returns|exchange|exchanges|refund|refunds|\
                money back|trả lại|hoàn hàng",
            false,
            false,
            false,
        ),
        kind(
            Rule::Warranty,
            "a warranty or guarantee without a source",
            "bao hanh|warranty|guarantee|guaranteed|cam ket|dam bao|chinh hang|authentic|genuine|hàng hiệu|\
                hàng thật|original|lifetime|trọn đời|vĩnh viễn|promise|hứa|certified|chứng nhận|kiểm định|nhập khẩu|\
                imported|best price|rẻ nhất|tốt nhất|cheapest",
            false,
            true,
            true,
        ),
        kind(
            Rule::Payment,
            "a way to pay or order that no policy names",
            "cod|chuyen khoan|momo|zalopay|visa|mastercard|trả góp|tra gop|đặt cọc|dat coc|installment|\
                installments|instalments|bank transfer|cash on delivery|thẻ tín dụng|credit card|trả sau|pay later|\
                thanh toán khi|ghi nợ|mua nợ|trả trước|deposit|gift card|crypto",
            false,
            false,
            true,
        ),
        kind(
            Rule::Order,
            "says that something was done which only a person can do",
            "đã lên đơn|đã đặt hàng|đã xác nhận|đã chốt|đã ghi nhận đơn|đã thanh toán|đã nhận được tiền|đã nhận tiền|đã gửi hàng|\
                đã giao|đã hoàn|order is confirmed|order has been|order is placed|have placed|payment received|received your payment|\
                has shipped|have shipped|is on its way|have booked|have reserved",
            false,
            false,
            true,
        ),
        kind(
            Rule::Place,
            "a place or hours that the shop does not name",
            "địa chỉ shop|địa chỉ của shop|chi nhánh|cửa hàng ở|cửa hàng tại|shop ở|shop tại|mở cửa|mo cua|\
                đóng cửa|our store|our address|located|open from|opening hours|we open|we are open|showroom",
            false,
            false,
            false,
        ),
        kind(
            Rule::Medical,
            "a medical effect without a source",
            "chữa|chua khoi|điều trị|dieu tri|đặc trị|dac tri|trị mụn|trị nám|trị|cures|cure|treats|heals|heal|\
                medicine|giảm cân|giam can|tan mỡ|tac dung phu|side effects|bác sĩ|bac si|doctor|doctors|clinically|\
                bộ y tế|fda|khỏi bệnh|kháng viêm|kháng khuẩn|bà bầu|pregnant|lose weight|weight loss|relieves|\
                anti - inflammatory|sát khuẩn|chống lão hóa|trắng da|hypoallergenic|an toàn cho",
            false,
            true,
            true,
        ),
    ]
});

/// Illnesses: nothing a shop sells by chat cures one, whatever a description says.
static ILLNESS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "ung thư|ung thu|tiểu đường|tieu duong|huyết áp|huyet ap|tim mạch|covid|hiv|aids|viêm gan|đột quỵ|dot quy|\
        trầm cảm|vô sinh|xương khớp|dạ dày|cancer|diabetes|blood pressure|heart disease|hepatitis|stroke|depression|\
        infertility|arthritis|thay thế thuốc|replaces medicine|insulin",
    )
});

/// Words of time and of every case, which must stand in the source themselves.
static STRONG: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "hôm nay|hom nay|ngày mai|ngay mai|sáng mai|chiều nay|tối nay|ngay lập tức|trong ngày|today|tomorrow|tonight|\
        immediately|same day|next day|overnight|mọi|tất cả|tat ca|bất kỳ|bất cứ|bất kể|không giới hạn|luôn luôn|all|\
        every|any|anything|unlimited|always|anytime|forever|nhanh|fast|express|hỏa tốc|hoả tốc|hoa toc|toàn quốc|\
        toan quoc|nationwide|worldwide|quốc tế|international|miễn phí|mien phi|free|100|tận nơi|tận nhà",
    )
});

/// Asking for what an order needs promises nothing.
static REQUEST: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "cho shop xin|cho em xin|cho mình xin|vui lòng|gửi giúp|để lại|bạn muốn|bạn cần|anh chị muốn|bạn có muốn|\
        please|could you|would you like|let me know|địa chỉ nhận hàng|địa chỉ giao hàng|your address|do you want|\
        can you share|hỗ trợ|để giao|để gửi",
    )
});

/// The first promise without a source.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let mut carried: Option<Vec<usize>> = None;
    for (clause, at) in &reply.clauses {
        let sentence = reply.sentences.get(*at).cloned().unwrap_or_else(|| clause.clone());
        let tokens = reply.slice(clause);
        let named: Vec<usize> =
            evidence.groups(tokens, carried.as_deref()).into_iter().flat_map(|g| g.products).collect();
        let subject = if named.is_empty() {
            carried.clone().unwrap_or_else(|| evidence.default_subject())
        } else {
            named.clone()
        };
        if !named.is_empty() {
            carried = Some(named);
        }
        let facts: Vec<&Reading> = subject.iter().filter_map(|p| evidence.facts.get(*p)).collect();
        if let Some((at, _)) = ILLNESS.find(tokens)
            && !negated(tokens, at)
        {
            return block(Rule::Medical, "an illness");
        }
        let times = reply.figures_in(clause).any(|f| time_follows(&reply.tokens, f.last + 1));
        let percents = reply.figures_in(clause).any(|f| f.unit == Unit::Percent);
        let mut judged = false;
        for kind in KINDS.iter() {
            for (at, length) in kind.triggers.all(tokens) {
                if innocent(tokens, at, length, evidence, kind.rule) {
                    continue;
                }
                let denied = negated(tokens, at);
                if denied && kind.denial_passes && !percents {
                    continue;
                }
                let loose = !times && !percents && kind.rule != Rule::Discount && STRONG.find(tokens).is_none();
                let asks = reply.slice(&sentence).last().is_some_and(|t| t.is('?')) || reply.has(&sentence, &REQUEST);
                if loose
                    && ((asks && kind.rule != Rule::Medical)
                        || reply.has(&sentence, &UNKNOWN)
                        || (kind.needs_more && !claims_delivery(tokens)))
                {
                    continue;
                }
                judged = true;
                if !supported(reply, clause, &sentence, kind, denied, &facts, evidence) {
                    return block(kind.rule, kind.detail);
                }
            }
        }
        if percents && !judged && !composition(reply, clause, &facts) {
            return block(Rule::Percent, "a percentage without a source");
        }
    }
    None
}

/// "shop có giao hàng", "we ship": a promise without a number.
fn claims_delivery(tokens: &[Token]) -> bool {
    static CLAIM: LazyLock<Phrases> = LazyLock::new(|| {
        Phrases::new(
            "có giao|có ship|được giao|sẽ giao|sẽ ship|we ship|we deliver|can ship|can deliver|will ship|\
            will deliver|nhận giao|giao tới|ship tới|giao đến|ship đến|đồng kiểm|phí ship|shipping fee|phí giao|\
            tiền ship|shipping cost|shipping is|delivery is|ship là",
        )
    });
    CLAIM.find(tokens).is_some()
}

/// A trigger word that means something else here.
fn innocent(tokens: &[Token], at: usize, length: usize, evidence: &Evidence<'_>, rule: Rule) -> bool {
    let Some(word) = tokens.get(at) else { return true };
    let before = at.checked_sub(1).and_then(|i| tokens.get(i)).map_or("", |t| t.fold.as_str());
    let next = tokens.get(at + length).map_or("", |t| t.fold.as_str());
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
        "free" => matches!(next, "size") || before == "-",
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

fn composition(reply: &Reading, clause: &Range<usize>, facts: &[&Reading]) -> bool {
    reply.figures_in(clause).filter(|f| f.unit == Unit::Percent).all(|f| {
        let before = f.first.checked_sub(1).and_then(|i| reply.tokens.get(i));
        let after = reply.tokens.get(f.last + 1);
        let same = |s: &&Reading| {
            s.figures.iter().any(|g| {
                let left = g.first.checked_sub(1).and_then(|i| s.tokens.get(i));
                let right = s.tokens.get(g.last + 1);
                let near = |word: Option<&Token>| {
                    word.is_some_and(|w| {
                        !is_filler(w) && (left.is_some_and(|l| l.same_word(w)) || right.is_some_and(|r| r.same_word(w)))
                    })
                };
                g.unit == Unit::Percent && g.value == f.value && (near(before) || near(after))
            })
        };
        facts.iter().any(same)
    })
}

/// Whether a policy says what the clause says.
fn supported(
    reply: &Reading,
    clause: &Range<usize>,
    sentence: &Range<usize>,
    kind: &Kind,
    denied: bool,
    facts: &[&Reading],
    evidence: &Evidence<'_>,
) -> bool {
    let mut sources = vec![&evidence.policies, &evidence.business];
    if kind.facts {
        sources.extend(facts.iter().copied());
    }
    let tokens = reply.slice(clause);
    let content: Vec<&Token> = tokens.iter().filter(|t| !is_filler(t) && !evidence.names.has(t)).collect();
    // A total with the fee in it is judged with the amounts.
    let total = reply.has(sentence, &super::amount::TOTAL)
        && reply.figures_in(clause).all(|f| f.unit == Unit::Money)
        && kind.rule == Rule::Delivery;
    sources.iter().any(|source| {
        source.sentences.iter().enumerate().any(|(n, range)| {
            let policy = source.slice(range);
            let place = kind.rule == Rule::Place;
            let Some((at, _)) = kind.triggers.find(policy).or(place.then_some((0, 0))) else { return false };
            let inner = source
                .clauses
                .iter()
                .filter(|(_, s)| *s == n)
                .map(|(c, _)| c)
                .find(|c| c.contains(&(range.start + at)))
                .unwrap_or(range);
            let relative = (range.start + at).saturating_sub(inner.start);
            if negated(source.slice(inner), relative) != denied {
                return false;
            }
            // Every number said must be the policy's, and the policy's conditions must be said.
            let said: Vec<i128> =
                reply.figures_in(clause).filter(|f| !is_price(f, evidence)).filter_map(|f| f.value).collect();
            let said_near: Vec<i128> = reply.figures_in(sentence).filter_map(|f| f.value).collect();
            let numbers = total || said.iter().all(|v| source.figures_in(range).any(|f| f.value == Some(*v)));
            let conditions =
                place || total || source.figures_in(inner).all(|f| f.value.is_none_or(|v| said_near.contains(&v)));
            let strong = STRONG.all(tokens).all(|(at, length)| {
                tokens
                    .get(at..at + length)
                    .is_some_and(|said| policy.windows(length).any(|w| w.iter().zip(said).all(|(a, b)| a.same_word(b))))
            });
            let shared = content.iter().filter(|t| policy.iter().any(|p| p.same_word(t))).count();
            numbers && conditions && strong && shared * 5 >= content.len() * if place { 4 } else { 3 }
        })
    })
}

fn is_price(figure: &super::numbers::Figure, evidence: &Evidence<'_>) -> bool {
    figure.unit == Unit::Money && evidence.is_price(figure)
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
