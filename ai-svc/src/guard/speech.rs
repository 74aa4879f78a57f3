//! What a reply does besides stating things: it is polite, and it says that something is not known or will be looked up. Neither states
//! anything of the goods, and the other rules look past exactly these words.

use super::Evidence;
use super::reading::{Phrases, Reading, WordList, is_filler};
use crate::text::{Kind, Token};
use std::ops::Range;
use std::sync::LazyLock;

/// Words between "để" and "kiểm tra": "để nhân viên bên shop kiểm tra".
const NEAR: usize = 5;

/// Whole phrases of courtesy and of the talk around a sale. Their single words may say something elsewhere: "lại" in "kiểm tra lại" and in
/// "lấy lại tiền".
pub(super) static COURTESY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "cảm ơn|đã tin tưởng|tin tưởng|đã ủng hộ|ủng hộ|thong thả|một xíu|xíu|một lát|một chút|chúc bạn ngủ ngon|ngủ ngon|mong được|rất mong|mong sớm|đã ghé|đã quan tâm|đã nhắn|thông cảm|mong bạn|tiếc quá|rất tiếc|xin lỗi|sự bất tiện|bất tiện|chờ lâu|trả lời chậm|\
        không có gì|rất vui|hân hạnh|phục vụ|quý khách|hẹn gặp lại|hẹn gặp|gặp lại|lần sau|chúc bạn|chúc anh|chúc chị|chúc mình|\
        chúc quý khách|chúc cả nhà|vui vẻ|tốt lành|an lành|ngày mới|một ngày|buổi sáng vui vẻ|buổi chiều vui vẻ|buổi tối vui vẻ|buổi tối tốt lành|buổi tối an lành|\
        cuối tuần vui vẻ|\
        yên tâm|thoải mái|suy nghĩ|tham khảo|gợi ý|tư vấn|liên hệ|hỗ trợ|hướng dẫn|thông tin|danh mục|chương trình|khuyến mãi|giảm giá|\
        số điện thoại|số của shop|số shop|điện thoại|họ tên|địa chỉ nhận hàng|địa chỉ giao hàng|địa chỉ|chiều cao|cân nặng|bảng size|số lượng|cách dùng|\
        để giao hàng|thanh toán|giao hàng|nhận hàng|đặt hàng|gửi hình|hình ảnh|nhắn tin|trợ lý tự động|trợ lý|tự động|nhân viên|kiểm tra lại|\
        xác nhận lại|hỏi lại|gọi lại|báo lại|báo bạn|báo anh|báo chị|trả lời|để lại|chuyển bạn|xác nhận với bạn|tìm thấy|chưa thấy|\
        phù hợp|dễ chịu|lịch sự|nhẹ nhàng|nhỏ gọn|mang theo|dễ thương|mùa hè|mùa đông|nam nữ|cho mẹ|cho bố|cho ba|cho vợ|cho chồng|\
        tổng cộng|trở lên|hết hàng|sẵn hàng|điều kiện|kỹ hơn|mức giá|\
        hỏi bác sĩ|of course|ask your doctor|any questions|questions|trải nghiệm này|trải nghiệm|my pleasure|pleasure|your understanding|take care|take your time|your time|no worries|worries|for waiting|waiting|at all|have fun|enjoy your day|thank you for|your interest|welcome|goodbye|bye|see you|next time|wonderful day|lovely day|great day|nice day|good day|wonderful evening|lovely evening|\
        great evening|nice evening|good evening|good night|good morning|lovely weekend|great weekend|nice weekend|good weekend|\
        your patience|the wait|sorry|apologies|unfortunately|i understand|great choice|good choice|happy to help|\
        help you|how can i help|can i help|may i help|anything else|something else|let me know|write again|let me|pass this|check with|\
        get back to you|get back|hand this over|hand it over|hand you over|pass you on|pass it on|will confirm|shortly|at the moment|right now|help you today|for today|automatic assistant|assistant|colleague|team member|\
        our staff|shipping address|delivery address|phone number|your name|name and address|your address|address|information|details|\
        đi làm|đi chơi|đi học|đi dạo|làm từ|làm bằng|made from|made of|a lovely gift|a great gift|a nice gift|a perfect gift|a good gift|lovely gift|làm quà|dám chắc|suggest|recommend|in total|altogether|together|that i found|looking for|share|here is what we have",
    )
});

/// Says that something is not known.
static UNKNOWN: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chưa có thông tin|không có thông tin|chưa rõ|không rõ|chưa biết|không biết|chưa chắc|không chắc|chưa nắm|\
        chưa ghi|không ghi|chưa thấy|không thấy|không tìm thấy|not sure|don't have information|don't have any information|\
        do not have information|no information|don't have details|don't know|do not know|couldn't find|could not find|can't find|\
        cannot find|can't confirm|cannot confirm|can't see|cannot see",
    )
});

/// Somebody looks it up; what follows is what is looked for.
static LOOK: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("kiểm tra|hỏi lại|hỏi|xem lại|xác nhận lại|xác nhận với|check|confirm|find out|look into|ask")
});
/// Somebody answers; what follows is the answer.
static TELL: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("tư vấn|báo lại|báo bạn|báo anh|báo chị|trả lời|phản hồi|hướng dẫn|gửi hình|get back|pass this")
});
static TO_DO: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("để|sẽ|nhờ|chờ|đợi|chuyển|let me|let us|will|i'll|we'll|would"));
/// Ends what is not known and says something else.
static THEN: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("vì|bởi|nên|mà|thì|là|thấy|rồi|và|because|since|as|so|and|but|that|:"));
/// What makes of a topic a statement.
static STATES: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "có còn được nhận đã vẫn đang sẽ ạ nhé nha luôn rồi is are was were be has have had can will comes come gets get",
    )
});
/// What makes of it a question again, and what may stand before a topic.
static WHETHER: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("liệu if whether when where how what which why khi bao"));
static ABOUT: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("phần về thông chuyện việc vụ regarding about còn riêng cách"));

/// The words of a clause that only name what is not known or will be looked up: "chưa có thông tin …", "để nhân viên kiểm tra lại …".
pub(super) fn unknown(clause: &[Token], evidence: &Evidence<'_>) -> Option<Range<usize>> {
    let admitted = admitted(clause)?;
    let from = admitted.said.end;
    let rest = clause.get(from..).filter(|_| admitted.opens).unwrap_or_default();
    let last = rest.iter().rfind(|t| !is_filler(t));
    let whether = rest.first().is_some_and(|t| WHETHER.has(t))
        || (rest.len() > 2 && last.is_some_and(|t| matches!(t.fold.as_str(), "khong" | "ko" | "chua")));
    // A colour, size or number that the customer did not name is no topic.
    let news = |t: &Token| {
        let colour = t.text != "be" && crate::attribute::colour(t, false).is_some();
        let tells = colour || t.kind == Kind::Number || crate::attribute::is_size(t);
        tells && !evidence.asked.tokens.iter().any(|a| a.same_word(t))
    };
    let then = THEN.find(rest).map(|(at, _)| at);
    let states = rest.iter().position(|t| (!whether && STATES.has(t)) || news(t));
    let until = [then, states].into_iter().flatten().min().unwrap_or(rest.len());
    Some(from..from + until)
}

/// Whether a topic named at `at` is left open: it stands among what is not known, or before it and nothing is said of it.
pub(super) fn leaves_open(clause: &[Token], at: usize, evidence: &Evidence<'_>) -> bool {
    // What follows is the topic, if anything does.
    let last = |end: usize| clause.get(end..).unwrap_or_default().iter().all(is_filler_or_particle);
    let before = admitted(clause).filter(|admitted| at < admitted.said.start && last(admitted.said.end));
    let topic = |admitted: Admitted| {
        let words = clause.get(..admitted.said.start).unwrap_or_default();
        let first = words.iter().position(|t| !is_filler(t) || STATES.has(t)).unwrap_or(0);
        let begins = first == at || words.get(first).is_some_and(|t| ABOUT.has(t));
        (admitted.denied || begins) && !words.iter().skip(first + usize::from(begins)).any(|t| STATES.has(t))
    };
    unknown(clause, evidence).is_some_and(|open| open.contains(&at)) || before.is_some_and(topic)
}

/// Whether the reply says anywhere that something is not known.
pub(super) fn admits(reply: &Reading) -> bool {
    reply.clauses.iter().any(|(clause, _)| admitted(reply.slice(clause)).is_some())
}

/// Where a clause says that something is not known or looked up, and whether what follows is that.
struct Admitted {
    said: Range<usize>,
    opens: bool,
    /// Not known, rather than looked up.
    denied: bool,
}

fn is_filler_or_particle(token: &Token) -> bool {
    is_filler(token)
        || matches!(
            token.text.as_str(),
            "thêm" | "lại" | "rõ" | "sau" | "giúp" | "yet" | "back" | "kỹ" | "ngay" | "cụ" | "thể"
        )
}

fn admitted(clause: &[Token]) -> Option<Admitted> {
    // "Not sure you heard …" speaks of the customer.
    let theirs = |end: usize| {
        let next = clause.get(end..).unwrap_or_default().iter().find(|t| !WHETHER.has(t));
        next.is_some_and(|t| matches!(t.text.as_str(), "bạn" | "anh" | "chị" | "mình" | "you" | "ban"))
    };
    let denied = UNKNOWN.all(clause).find(|(at, n)| !theirs(at + n)).map(|(at, n)| Admitted {
        said: at..at + n,
        opens: true,
        denied: true,
    });
    let asked = |phrases: &Phrases, opens: bool| {
        phrases.all(clause).find_map(|(at, n)| {
            let lead = clause.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
            let (to_do, _) = TO_DO.all(lead).last()?;
            let done = lead.iter().skip(to_do).any(|t| matches!(t.text.as_str(), "đã" | "rồi" | "vừa" | "mới"));
            (!done).then_some(Admitted { said: at..at + n, opens, denied: false })
        })
    };
    denied.or_else(|| asked(&LOOK, true)).or_else(|| asked(&TELL, false))
}

/// What asks by standing first, and by standing anywhere.
static FIRST: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new("what which when where who how do does are would could can should is may shall will")
});
static WHICH: LazyLock<WordList> = LazyLock::new(|| WordList::new("gì nào đâu mấy nhiêu ai sao hay"));
/// What turns a statement into a question that expects a yes.
static TAG: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "đúng không|phải không|đúng ko|phải ko|đúng hông|có biết|biết chưa|biết không|nghe chưa|hay chưa|you know|you heard|nghe nói|right",
    )
});

/// Whether a clause asks the customer something and tells nothing by it. "Áo này của Gucci đúng không?" tells.
pub(super) fn asks(clause: &[Token]) -> bool {
    let words: Vec<&Token> = clause.iter().filter(|t| t.kind == Kind::Word && !is_particle(t)).collect();
    let ends = words.last().is_some_and(|t| matches!(t.fold.as_str(), "khong" | "ko" | "chua" | "ha"));
    let begins = words.iter().find(|t| !matches!(t.text.as_str(), "so" | "and" | "hi" | "hello" | "yes"));
    let built = ends || begins.is_some_and(|t| FIRST.has(t)) || words.iter().any(|t| WHICH.has(t));
    clause.last().is_some_and(|t| t.is('?')) && built && TAG.find(clause).is_none()
}

fn is_particle(token: &Token) -> bool {
    matches!(
        token.text.as_str(),
        "ạ" | "nhé" | "nha" | "vậy" | "bạn" | "anh" | "chị" | "mình" | "shop" | "dạ" | "a" | "ban" | "nhe" | "em"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::tokens;

    fn evidence(asked: &str) -> Evidence<'static> {
        let business = crate::model::Business::default();
        Evidence::new(&[], &[], Box::leak(Box::new(business)), asked, "")
    }

    #[test]
    fn what_is_left_open() {
        let evidence = evidence("có màu tím không");
        let open = |text: &str| {
            let clause = tokens(text);
            let words = unknown(&clause, &evidence);
            words.map(|range| clause[range].iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "))
        };
        for (text, expected) in [
            ("shop chưa có thông tin bảo hành", Some("bảo hành")),
            ("để nhân viên kiểm tra lại màu tím", Some("lại màu tím")),
            ("để nhân viên kiểm tra lại màu hồng", Some("lại màu")),
            ("shop chua ro vi ao co mau tim", Some("")),
            ("shop chưa rõ áo có giặt máy được không", Some("áo có giặt máy được không")),
            ("shop chưa rõ áo có giặt máy được", Some("áo")),
            ("i'm not sure if it is washable", Some("if it is washable")),
            ("let me confirm the board is in stock", Some("the board")),
            ("i'm not sure as it is genuine", Some("")),
            ("để em báo bạn áo còn hàng", Some("")),
            ("không biết bạn lấy màu tím", None),
            ("not sure if you heard it is vegan", None),
            ("nhân viên kiểm tra lại rồi", None),
            ("nhân viên xác nhận hàng chính hãng", None),
            ("our staff says it cures acne", None),
        ] {
            assert_eq!(open(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_topic_before_is_open_only_while_nothing_is_said_of_it() {
        let evidence = evidence("");
        let open = |text: &str, at: usize| leaves_open(&tokens(text), at, &evidence);
        assert!(open("phần bảo hành để nhân viên kiểm tra lại", 1));
        assert!(open("bảo hành thì để nhân viên báo bạn", 0));
        assert!(!open("bạn đổi trả được để nhân viên tư vấn thêm", 1));
        assert!(!open("shop nhận trả góp để nhân viên hướng dẫn", 2));
    }

    #[test]
    fn a_tag_asks_nothing() {
        for (text, expected) in [
            ("bạn lấy size nào ạ?", true),
            ("bạn lấy luôn không ạ?", true),
            ("would you like one?", true),
            ("áo này của gucci đúng không bạn?", false),
            ("did you know it is vegan?", false),
            ("it is genuine?", false),
        ] {
            assert_eq!(asks(&tokens(text)), expected, "{text}");
        }
    }
}
