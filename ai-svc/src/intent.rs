//! What a customer's message asks for before any product is looked up: a person, help that no shop assistant may give, or just a greeting.
//! Pure word lists: a trigger must work when everything else is down.

mod triggers;

use crate::language::Language;
use crate::model::{Reason, Reply};
use crate::text::{Kind, Phrases, Token, tokens};
use std::sync::LazyLock;
use triggers::handover_reason;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// A person must answer.
    Handover(Reason),
    Greeting,
    Thanks,
    /// Whether a person or a machine answers.
    Machine,
    /// Delivery, returns, payment, place, hours: answered from the shop's policies.
    Policy(Topic),
    /// Discounts and gifts: answered from the policies, or by saying that there are none.
    Promotion,
    /// Anything else: a question about goods.
    Goods,
}

/// What a policy question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Delivery,
    Returns,
    Payment,
    Place,
    Hours,
    Phone,
    Wrapping,
}

static GREETING: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("chào|xin chào|hello|hi|hey|alo|shop ơi|shop oi|ad ơi|ad oi|good morning|good afternoon|good evening")
});
static THANKS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("cảm ơn|cám ơn|cam on|thanks|thank you|thank|tks|thks|ok|oke|okay|oki|👍|tạm biệt|bye|goodbye")
});

static MACHINE: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "a bot|a robot|a chatbot|an ai|a machine|are you human|are you a human|are you a real person|are you real|\
        bot or human|human or bot|có phải bot không|có phải là bot|phải bot không|phải bot ko|là bot à|là bot hả|\
        chatbot|robot|nói chuyện với người hay máy|nói chuyện với người thật hay máy|nói chuyện với máy|\
        người hay máy|người hay bot|máy hay người|bot hay người|máy trả lời|trả lời tự động",
    )
});
/// Asks for a lower price, not for what is given for free.
static BARGAIN: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("giam gia|khuyen mai|sale|voucher|bớt|bot gia|discount|discounts|coupon|giảm|promo"));

static PROMOTION: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "giam gia|khuyen mai|khuyen mại|uu dai|sale|voucher|ma giam|freeship|free ship|mien phi|có quà gì|quà kèm|tang kem|được tặng|tặng gì|\
        bớt|bot gia|discount|discounts|promotion|coupon|free shipping|promo|deal|deals|offer|offers|giảm",
    )
});

static TOPICS: LazyLock<Vec<(Topic, Phrases)>> = LazyLock::new(|| {
    vec![
        (Topic::Wrapping, Phrases::new("gói quà|goi qua|gift wrap|gift wrapping|wrapped|thiệp")),
        (
            Topic::Hours,
            Phrases::new("may gio|mo cua|dong cua|gio lam viec|opening hours|what time|when are you open|open|close"),
        ),
        (
            Topic::Phone,
            Phrases::new("so dien thoai|sdt|hotline|so phone|phone number|your number|contact number|số đt"),
        ),
        (
            Topic::Place,
            Phrases::new(
                "dia chi|shop o dau|cua hang o dau|o dau vay|chi nhanh|ở đâu|where are you|where is your|\
                your address|store location|located",
            ),
        ),
        (
            Topic::Returns,
            Phrases::new(
                "doi tra|doi size|doi hang|trả hàng|tra hang|đổi lại|return|returns|exchange|exchanges|đổi được",
            ),
        ),
        (
            Topic::Delivery,
            Phrases::new(
                "ship|ships|shipped|giao hang|van chuyen|bao lau nhan|bao lau thi nhan|khi nao nhan|mấy ngày|may ngay|giao|\
                delivery|deliver|shipping|kiem hang|đồng kiểm",
            ),
        ),
        (
            Topic::Payment,
            Phrases::new(
                "thanh toan|cod|chuyen khoan|ck trước|ck được|tra gop|so tai khoan|stk|payment|pay|bank transfer|installment|dat coc|\
                momo",
            ),
        ),
    ]
});

/// Days and times, and what a shop does on them: together they ask when it is open.
static DAYS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chủ nhật|thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|thứ bẩy|thứ 2|thứ 3|thứ 4|thứ 5|thứ 6|thứ 7|t2|t3|t4|t5|t6|t7|\
        cuối tuần|hôm nay|ngày mai|sáng mai|tối nay|chiều nay|trưa nay|sáng nay|buổi tối|buổi trưa|giờ này|bây giờ|sunday|monday|\
        tuesday|wednesday|thursday|friday|saturday|weekend|weekends|today|tonight|tomorrow|sundays|saturdays|now",
    )
});
static OPENS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("mở|bán|nghỉ|làm việc|làm|hoạt động|đóng|open|opened|close|closed|working|work"));
static TOTAL: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("tổng|tổng cộng|hết bao nhiêu|tất cả bao nhiêu|tính tiền|total|altogether|in all"));
/// Where no Vietnamese province is. A lone "nhật" is also of Sunday, a lone "my" is English.
static ABROAD: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "nước ngoài|quốc tế|abroad|overseas|international|internationally|worldwide|another country|singapore|sing|nhật bản|\
        đi nhật|qua nhật|sang nhật|về nhật|japan|hàn quốc|đi hàn|qua hàn|sang hàn|korea|đi mỹ|qua mỹ|sang mỹ|bên mỹ|usa|america|\
        the us|úc|australia|canada|đài loan|taiwan|thái lan|thailand|lào|laos|campuchia|cambodia|trung quốc|china|hong kong|pháp|\
        france|đức|germany|nước anh|sang anh|england|the uk|malaysia|indonesia|philippines|india|europe|châu âu",
    )
});

/// Whether all of it asks if the shop is open at some time; "hôm nay có bán áo thun không" asks for shirts.
fn asks_hours(tokens: &[Token]) -> bool {
    let spans: Vec<(usize, usize)> = DAYS.all(tokens).chain(OPENS.all(tokens)).collect();
    let rest = tokens.iter().enumerate().filter(|(i, _)| !spans.iter().any(|(at, n)| (*at..at + n).contains(i)));
    let rest: Vec<Token> = rest.map(|(_, token)| token.clone()).collect();
    DAYS.find(tokens).is_some() && OPENS.find(tokens).is_some() && !crate::topic::is_about_goods(&rest)
}

/// Whether the sum of what is bought is asked for.
#[must_use]
pub fn asks_total(question: &[Token]) -> bool {
    TOTAL.find(question).is_some()
}

/// Whether the question names a place outside Vietnam of which the policies have no word.
#[must_use]
pub fn is_abroad(question: &[Token], policies: &[Token]) -> bool {
    let said = |words: &[Token]| {
        policies.windows(words.len().max(1)).any(|w| w.iter().zip(words).all(|(a, b)| a.same_word(b)))
    };
    ABROAD.all(question).any(|(at, n)| question.get(at..at + n).is_some_and(|words| !said(words)))
}

/// Words of a policy sentence that speak of a topic.
#[must_use]
pub fn topic_words(topic: Topic) -> &'static Phrases {
    static EMPTY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(""));
    TOPICS.iter().find(|(t, _)| *t == topic).map_or(&EMPTY, |(_, phrases)| phrases)
}

/// Words of a policy sentence that speak of a discount or gift.
#[must_use]
pub fn promotion_words() -> &'static Phrases {
    &PROMOTION
}

/// As [`promotion_words`], of a question that may ask for a lower price only.
#[must_use]
pub fn bargain_words(question: &[Token]) -> Option<&'static Phrases> {
    BARGAIN.find(question).map(|_| &*BARGAIN)
}

/// Whether all that is asked is who answers; "are you a bot? I want a human" asks for a person.
fn asks_who_answers(tokens: &[Token]) -> bool {
    let longest = MACHINE.all(tokens).max_by_key(|(_, n)| *n);
    longest.is_some_and(|(at, n)| {
        let (before, after) = (tokens.get(..at).unwrap_or_default(), tokens.get(at + n..).unwrap_or_default());
        tokens.len() <= 12 && handover_reason(before).is_none() && handover_reason(after).is_none()
    })
}

/// What a message asks for.
#[must_use]
pub fn intent(question: &str) -> Intent {
    let tokens = tokens(question);
    match handover_reason(&tokens) {
        None | Some(Reason::AsksForPerson) if asks_who_answers(&tokens) => return Intent::Machine,
        Some(reason) => return Intent::Handover(reason),
        None => {}
    }
    let words = tokens.iter().filter(|t| t.kind != Kind::Symbol).count();
    if words <= 5 && PROMOTION.find(&tokens).is_none() {
        if GREETING.all(&tokens).any(|(at, n)| at <= 1 && words <= n + 2) {
            return Intent::Greeting;
        }
        if THANKS.all(&tokens).any(|(at, n)| at <= 1 && words <= n + 2) {
            return Intent::Thanks;
        }
    }
    // A dot or a smile says nothing yet: it is asked what is looked for.
    if words == 0 {
        return Intent::Greeting;
    }
    if PROMOTION.find(&tokens).is_some() {
        return Intent::Promotion;
    }
    if let Some((topic, _)) = TOPICS.iter().find(|(_, phrases)| phrases.find(&tokens).is_some()) {
        return Intent::Policy(*topic);
    }
    if asks_hours(&tokens) {
        return Intent::Policy(Topic::Hours);
    }
    Intent::Goods
}

/// The one line a customer gets when a person must answer.
#[must_use]
pub fn handover(reason: Reason, language: Language) -> Reply {
    let text = match (language, reason) {
        (Language::Vietnamese, Reason::SelfHarm) => {
            "Mình rất lo cho bạn. Bạn hãy nói chuyện ngay với người thân, hoặc gọi cấp cứu 115 nếu đang nguy hiểm. Mình chuyển tin nhắn này cho nhân viên của shop ngay ạ."
        }
        (Language::English, Reason::SelfHarm) => {
            "I am really worried about you. Please talk to someone close to you now, or call your local emergency number if you are in danger. I am passing this to a person at the shop right away."
        }
        (Language::Vietnamese, Reason::Complaint | Reason::Refund | Reason::Legal | Reason::Threat) => {
            "Dạ mình rất tiếc vì sự bất tiện này. Mình đã chuyển cho nhân viên của shop, nhân viên sẽ trả lời bạn tại đây sớm nhất ạ."
        }
        (Language::English, Reason::Complaint | Reason::Refund | Reason::Legal | Reason::Threat) => {
            "I am sorry about the trouble. I have passed this to a person at the shop, who will answer you here as soon as possible."
        }
        (Language::Vietnamese, Reason::NothingFound) => {
            "Dạ mình chưa tìm thấy sản phẩm này ở shop. Mình chuyển cho nhân viên, nhân viên sẽ trả lời bạn tại đây sớm nhất ạ."
        }
        (Language::English, Reason::NothingFound) => {
            "I could not find this in the shop. I have passed your question to a person, who will answer you here as soon as possible."
        }
        (Language::Vietnamese, Reason::NotInCatalogue) => {
            "Dạ mình chưa có thông tin này. Mình chuyển cho nhân viên, nhân viên sẽ trả lời bạn tại đây sớm nhất ạ."
        }
        (Language::English, Reason::NotInCatalogue) => {
            "I do not have this information. I have passed your question to a person, who will answer you here as soon as possible."
        }
        (Language::Vietnamese, _) => {
            "Dạ mình chuyển cho nhân viên của shop, nhân viên sẽ trả lời bạn tại đây sớm nhất ạ."
        }
        (Language::English, _) => {
            "I am passing this to a person at the shop, who will answer you here as soon as possible."
        }
    };
    Reply::Handover { text: text.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_asked_for_in_either_language() {
        for (text, reason) in [
            ("cho mình gặp nhân viên với", Reason::AsksForPerson),
            ("cho gap nhan vien", Reason::AsksForPerson),
            ("I want to talk to a human", Reason::AsksForPerson),
            ("Shop giao sai hàng rồi", Reason::Complaint),
            ("this is a scam", Reason::Complaint),
            ("hàng bị rách, trả lại tiền cho tôi", Reason::Refund),
            ("I want a refund", Reason::Refund),
            ("tôi sẽ báo công an", Reason::Legal),
            ("my lawyer will contact you", Reason::Legal),
            ("mình bị dị ứng thì dùng được không", Reason::Medical),
            ("is it safe when pregnant?", Reason::Medical),
            ("tôi muốn chết", Reason::SelfHarm),
            ("tao đốt shop mày", Reason::Threat),
            ("con tôi nuốt phải cúc áo", Reason::Medical),
            ("nhận hàng bị mẻ cái chén", Reason::Complaint),
            ("nhan hang bi me cai chen", Reason::Complaint),
            ("ship thiếu 1 cái áo", Reason::Complaint),
            ("sao chưa giao hàng cho mình", Reason::Complaint),
            ("you sent the wrong colour", Reason::Complaint),
            ("where is my parcel", Reason::AsksForPerson),
            ("mình muốn huỷ đơn", Reason::AsksForPerson),
            ("I feel like ending it all", Reason::SelfHarm),
            ("I know where you live", Reason::Threat),
        ] {
            assert_eq!(intent(text), Intent::Handover(reason), "{text}");
        }
    }

    #[test]
    fn other_intents() {
        for (text, expected) in [
            ("xin chào shop", Intent::Greeting),
            ("hello", Intent::Greeting),
            ("chào shop, áo thun đỏ giá bao nhiêu vậy", Intent::Goods),
            ("cảm ơn shop nhé", Intent::Thanks),
            ("thank you!", Intent::Thanks),
            ("phụ kiện điện thoại có không", Intent::Goods),
            ("áo thun đỏ giá bao nhiêu?", Intent::Goods),
            ("how much is the red shirt", Intent::Goods),
            ("phí ship bao nhiêu", Intent::Policy(Topic::Delivery)),
            ("shop ở đâu vậy", Intent::Policy(Topic::Place)),
            ("có đổi size được không", Intent::Policy(Topic::Returns)),
            ("có gói quà không", Intent::Policy(Topic::Wrapping)),
            ("chủ nhật có bán ko", Intent::Policy(Topic::Hours)),
            ("tối nay 8h shop còn mở không", Intent::Policy(Topic::Hours)),
            ("are you working on sunday", Intent::Policy(Topic::Hours)),
            ("chủ nhật có giao hàng không", Intent::Policy(Topic::Delivery)),
            ("hôm nay có bán áo thun không", Intent::Goods),
            ("có giảm giá không shop", Intent::Promotion),
            ("any discount?", Intent::Promotion),
            ("are you a bot?", Intent::Machine),
            ("có phải bot không", Intent::Machine),
            ("mình đang nói chuyện với người hay máy vậy", Intent::Machine),
            ("are you a bot? I want a human", Intent::Handover(Reason::AsksForPerson)),
            ("không phải bot, cho gặp người thật", Intent::Handover(Reason::AsksForPerson)),
            ("bớt chút được không", Intent::Promotion),
            ("chảo", Intent::Goods),
            ("có chảo không", Intent::Goods),
            // What only looks like a trouble, or only without its marks.
            ("giao Sài Gòn mấy ngày", Intent::Policy(Topic::Delivery)),
            ("giao sai gon may ngay", Intent::Policy(Topic::Delivery)),
            ("hàng giá bao nhiêu", Intent::Goods),
            ("hang gia bao nhieu", Intent::Goods),
            ("có hàng gia dụng không", Intent::Goods),
            ("áo lụa đào còn không", Intent::Goods),
            ("gói cho mình 2 cái", Intent::Goods),
            ("bình hoa bi hồng còn không", Intent::Goods),
            ("có đi ủng được không", Intent::Goods),
            ("tổng đến tiền mặt là bao nhiêu", Intent::Goods),
            ("đầm bầu cho bà bầu còn không", Intent::Goods),
            ("áo cho nhân viên văn phòng", Intent::Goods),
            ("quà tặng bác sĩ", Intent::Goods),
            ("a gift for my manager", Intent::Goods),
            ("do you have a rash guard", Intent::Goods),
            ("chao shop", Intent::Greeting),
            (".", Intent::Greeting),
            ("😊", Intent::Greeting),
        ] {
            assert_eq!(intent(text), expected, "{text}");
        }
    }

    #[test]
    fn every_reason_has_a_line_in_both_languages() {
        for reason in Reason::ALL {
            for language in [Language::Vietnamese, Language::English] {
                let reply = handover(reason, language);
                assert_eq!(crate::language::language(reply.text()), Some(language), "{reason:?}");
            }
        }
    }
}
