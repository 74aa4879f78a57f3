//! The net under the other rules: what a clause says must stand somewhere. Words that carry nothing, the products' names and phrases of
//! courtesy are left out; of the rest each must have a source. What the customer said is none, except where it is denied or left open.

use super::negation::negated;
use super::numbers::currency;
use super::reading::{Phrases, Reading, WordList, is_filler};
use super::{Blocked, Evidence, Rule, block, bound, promises, speech};
use crate::attribute::{colour, is_size, says_in_vietnamese};
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

/// Words that say nothing by themselves in a chat about goods: grammar, asking and offering, counting, and praise without a fact.
static PLAIN: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "chứ lẫn từng thường định dễ nằm phía lên xuống vào giữa cùng nhau riêng chung tiếp xong lưu chú mời hãy đừng tuy dù hầu bởi hạn ví dụ hồi \
        ban đầu giữ gìn khỏi trường hợp lẽ hẳn hoàn toàn đôi luôn rẻ đắt mắc mỏi \
        isn't aren't wasn't weren't hasn't haven't wouldn't shouldn't meant something someone somewhere though although already even really actually simply \
        again back happy glad much many few nope yep yeah oh well right go goes going put keep such own same different whole part parts little types ways \
        him her his first second next here's that'll cheaper expensive pricier stands tips reach prefers prefer \
        à đây kia thế vậy như nên chỉ mới đều vẫn rồi thôi nữa lắm quá khá hơi còn hết tạm không ko chưa phải do vì từ đến tới \
        ngoài trên dưới khoảng mỗi nào gì sao bao nhiêu ai đâu lúc lần dòng phần việc về giá tổng cộng bằng cỡ họ ở thêm khác hay lượt \
        giống xem hỏi tìm chọn cần muốn thích đặt lấy bán nhắn gửi giúp nhờ dùng nghe thử đủ nhỏ lớn nhất hơn sẵn trước sau kèm tui \
        tôi cứ tên nhưng để phí thấy chờ chút gọi mặc đội mang đi thể độ mấy lâu cách nhiều tin vừa đúng tính mức rõ quà hả chứa chất kiểu dáng form \
        chuyên nhớ bảng chắc lẽ biết hiểu rằng tùy tuỳ theo nói nhắc lựa ưng sử dụng người dịp sớm đợi đang dạng câu to cao nặng kg cm mm gr gram ml oz inch inches \
        đẹp xinh tiện hợp tốt nhé nha ngay \
        một hai ba bốn năm sáu bảy tám chín mười one two three four five six seven eight nine ten \
        cái chiếc con bộ cặp đôi loại hộp gói túi chai hũ lọ tuýp lon ly cây thỏi bịch set món combo áo quần váy đầm giày mũ nón \
        lovely nice good great fine perfect wonderful plus goods current me yet together both \
        but because since while however not no don't doesn't didn't do did am was were been being it's that's you're we're i'm i've \
        they're he she they them these those here there what which what's there's who where when how why would could should may might \
        must let let's just only too very quite more most some each either other another none than then currently now available stock \
        left price priced prices cost costs total size sizes color colour colors colours come comes make makes made need want like \
        see look looking find choose pick send ask get give take out up off one ones under over about around within per \
        i'd we'd you'd i'll we'll you'll couldn't can't sold sure try trying sell works work smaller larger last lasts call use used contain contains rated usually often slightly lightly \
        rather bit afraid hear know think mean say said tell told seem seems hope team time times way thing things kind question answer \
        fit fits suit suits suitable nicely moment wait wear wears worn hold holds measures love enough ok okay sir madam dear \
        piece pieces item items pair pairs option options product products box boxes bottle bottles pack packs bag bags jar jars tube \
        tubes shirt shirts dress dresses takes accept accepts accepted pay",
    )
});

/// Of those, what goods have as a part, so that to deny it says something.
static PARTS: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "túi hộp gói combo bag bags box boxes bottle bottles jar jars tube tubes mũ nón chai hũ lọ ly color colors colour colours",
    )
});

/// What makes a question speak of the goods rather than of the customer.
static POINTS: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("này đó it its this that these they them their ấy nó"));
/// What says the same of all that is named.
static BOTH: LazyLock<WordList> = LazyLock::new(|| WordList::new("đều both all cả"));
/// With these the shop denies what it offers, which promises nothing.
static OFFERS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "bán|kinh doanh|hỗ trợ|nhận|phục vụ|cung cấp|nhập|sell|selling|carry|stock|offer|accept|provide|support|bên em có|shop có|bên mình có|shop chưa có|shop không có|bên em chưa có|bên em không có|we have|we don't have",
    )
});

/// The first clause that no source bears.
pub(super) fn check(reply: &Reading, evidence: &Evidence<'_>) -> Option<Blocked> {
    let bare = |((clause, _), subject): (&(Range<usize>, usize), Vec<usize>)| {
        let said = Said::of(reply, clause, &subject, evidence);
        let tokens = reply.slice(clause);
        let points = || tokens.iter().any(|t| POINTS.has(t) || evidence.names.has(t));
        let asked = said.unsourced == 1 && speech::asks(tokens) && !points();
        said.unsourced > 0 && !asked
    };
    if reply.clauses.iter().zip(evidence.subjects(reply)).any(bare) {
        return block(Rule::Unsourced, "words that stand in no source");
    }
    None
}

/// Whether the reply says anything that has a source, or names a product.
pub(super) fn tells(reply: &Reading, evidence: &Evidence<'_>) -> bool {
    let named = reply.tokens.iter().any(|t| !is_filler(t) && evidence.names.has(t));
    let said = |((clause, _), subject): (&(Range<usize>, usize), Vec<usize>)| {
        Said::of(reply, clause, &subject, evidence).sourced > 0
    };
    named || reply.clauses.iter().zip(evidence.subjects(reply)).any(said)
}

/// How many words of a clause say something, with a source and without.
#[derive(Default)]
struct Said {
    sourced: usize,
    unsourced: usize,
}

impl Said {
    fn of(reply: &Reading, clause: &Range<usize>, subject: &[usize], evidence: &Evidence<'_>) -> Self {
        let tokens = reply.slice(clause);
        let polite: Vec<(usize, usize)> = speech::COURTESY.all(tokens).collect();
        let open = speech::unknown(tokens, evidence);
        let groups = evidence.groups(tokens, None);
        let all = tokens.iter().any(|t| BOTH.has(t));
        let mut said = Self::default();
        let sentence = reply.sentences.iter().find(|range| range.contains(&clause.start)).unwrap_or(clause);
        let denies_some = (0..tokens.len()).any(|at| super::negation::denies(tokens, at));
        let borne = bound::borne(reply, clause, sentence, subject, evidence);
        // Words that only the shop's own text bears; a promise is not put together from several sentences.
        let mut shops: Vec<&Token> = Vec::new();
        for (at, word) in tokens.iter().enumerate() {
            let counted = reply.figures.iter().any(|f| (f.first..=f.last).contains(&(clause.start + at)));
            let taken = polite.iter().any(|(from, n)| (*from..from + n).contains(&at));
            let called = evidence.names.has(word)
                && (groups.is_empty()
                    || groups.iter().any(|g| g.products.iter().any(|p| evidence.names.belongs(*p, word))));
            let is_borne = borne.iter().any(|part| part.contains(&(clause.start + at)));
            if is_borne && word.kind == Kind::Word {
                said.sourced += usize::from(!is_plain(word));
            }
            let denies_own = || {
                PARTS.has(word)
                    && negated(tokens, at)
                    && !evidence.names.has(word)
                    && !open.as_ref().is_some_and(|open| open.contains(&at))
                    && !speech::leaves_open(tokens, at, evidence)
                    && evidence.facts_of(subject).iter().any(|s| s.tells(word, false))
                    && !evidence.facts_of(subject).iter().any(|s| s.tells(word, true))
            };
            if is_plain(word)
                && word.kind == Kind::Word
                && word.text.chars().count() > 1
                && !taken
                && !is_borne
                && denies_own()
            {
                said.unsourced += 1;
                continue;
            }
            if counted || taken || is_plain(word) || called || is_borne {
                continue;
            }
            // Of several products the one named last before the word is spoken of.
            let near = groups.iter().rev().find(|g| g.at <= at).or(groups.first()).filter(|_| groups.len() > 1 && !all);
            let of = near.map_or(subject, |g| &g.products);
            let facts = evidence.facts_of(of);
            let is_denied = negated(tokens, at);
            // "Đã mở nắp shop không đổi" says what "không đổi hàng đã mở nắp" does.
            let has = |s: &Reading| {
                s.tells(word, is_denied)
                    || (denies_some && s.tells(word, true))
                    || (!is_denied && says_in_vietnamese(word, &s.tokens))
            };
            let own = if all { !of.is_empty() && facts.iter().all(|s| has(s)) } else { facts.iter().any(|s| has(s)) };
            // To deny what a row says needs another row.
            let contradicts = is_denied && facts.iter().any(|s| s.tells(word, false));
            let denied = || {
                let echo = evidence.asked.tokens.iter().any(|t| t.same_word(word));
                (echo && is_denied && !contradicts && offered(tokens, at)) || speech::leaves_open(tokens, at, evidence)
            };
            if own {
                said.sourced += 1;
            } else if evidence.trusted().into_iter().any(|s| has(s) || (is_denied && s.tells(word, false))) {
                shops.push(word);
            } else if !open.as_ref().is_some_and(|open| open.contains(&at)) && !denied() {
                said.unsourced += 1;
            }
        }
        let together = evidence.trusted().into_iter().flat_map(|s| {
            let shops = &shops;
            s.sentences.iter().map(move |range| shops.iter().filter(|w| s.says(range, w)).count())
        });
        let together = together.max().unwrap_or(0);
        said.sourced += together;
        said.unsourced += shops.len() - together;
        said
    }
}

/// Whether what is denied at `at` is something a shop offers, rather than what the goods are made of or do.
fn offered(tokens: &[Token], at: usize) -> bool {
    let listed = tokens.get(at).is_some_and(|t| is_size(t) || colour(t, false).is_some());
    listed || promises::is_deniable(tokens, at) || OFFERS.find(tokens.get(..=at).unwrap_or_default()).is_some()
}

/// Whether a word says nothing by itself.
pub(super) fn is_plain(word: &Token) -> bool {
    // A single letter is a size or a unit; a marked one is a word.
    let letter = word.text.is_ascii() && word.text.len() == 1;
    word.kind != Kind::Word || letter || is_filler(word) || PLAIN.has(word) || currency(word).is_some()
}
