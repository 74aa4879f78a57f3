//! Words that mean the same in a shop's policies and in what is said of them, in either language: "free" and "miễn phí", "within" and
//! "trong". A reply in English may rest on a policy in Vietnamese only where its words are known here.

use crate::text::{Token, tokens};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Phrases of one meaning, separated by `|`.
const GROUPS: &[&str] = &[
    "miễn phí|free|freeship|free ship|không tính phí|free of charge|no charge",
    "ship|ships|shipping|shipped|giao|giao hàng|vận chuyển|delivery|deliver|delivers|delivered|gửi hàng",
    "phí|fee|fees|cost|costs|charge|cước",
    "đơn|đơn hàng|order|orders",
    "nội thành|city|inner city|within the city",
    "tỉnh|tỉnh khác|province|provinces|ngoại tỉnh",
    "khác|other|others",
    "toàn quốc|nationwide|whole country|countrywide",
    "trong|within",
    "ngày|day|days",
    "giờ|tiếng|hour|hours|h",
    "tháng|month|months",
    "năm|year|years",
    "tuần|week|weeks",
    "phút|minute|minutes",
    "đổi|exchange|exchanges|exchanged|swap|change",
    "trả|trả hàng|đổi trả|return|returns|returned",
    "hoàn tiền|refund|refunds|refunded|money back",
    "tem|tem mác|mác|tag|tags",
    "còn|still",
    "bảo hành|warranty",
    "giảm|discount|discounts|off|giảm giá|khuyến mãi",
    "tặng|gift|gifts|quà|free gift",
    "hộp|box|boxes",
    "chai|bottle|bottles",
    "gói|pack|packs|bag|bags",
    "mua|buy|purchase",
    "thanh toán|pay|payment|payments|paid|paying",
    "cod|cash on delivery|thanh toán khi nhận hàng|trả tiền khi nhận hàng",
    "chuyển khoản|bank transfer|transfer",
    "trả góp|installment|installments|instalments",
    "thẻ tín dụng|credit card|credit cards",
    "thẻ|card|cards",
    "chấp nhận|nhận|accept|accepts|accepted",
    "nhà sản xuất|manufacturer|factory",
    "lỗi|defect|defects|faulty|fault|defective|lỗi do",
    "mới|new",
    "mở nắp|opened",
    "kiểm tra|kiểm hàng|inspect|check",
    "thử|try|thử đồ|try on",
    "trước|before",
    "gói quà|gift wrapping|gift wrap|wrapped|wrapping",
    "mỗi|per|each|một",
    "đặt may|custom|made to measure|may đo",
    "cọc|đặt cọc|deposit",
    "mở cửa|open|giờ làm việc|làm việc|hours|opening hours",
    "đóng cửa|close|closes|closed|nghỉ",
    "hằng ngày|hàng ngày|mỗi ngày|every day|daily|các ngày trong tuần|all week",
    "thứ hai|monday",
    "thứ ba|tuesday",
    "thứ tư|wednesday",
    "thứ năm|thursday",
    "thứ sáu|friday",
    "thứ bảy|saturday",
    "chủ nhật|sunday",
    "tp.hcm|hcm|hcmc|ho chi minh|ho chi minh city|tphcm|sài gòn|saigon",
    "hà nội|hanoi|ha noi",
    "đà nẵng|da nang|danang",
    "trên|over|above|hơn|from|từ|at least",
    "dưới|nhỏ hơn|under|below|less than|smaller",
    "không dùng|chưa dùng|chưa sử dụng|unused",
    "vỡ|vỡ hỏng|hỏng|broken|damaged",
    "cửa hàng|shop|store|tiệm",
    "giặt máy|machine wash|machine washable|machine washed",
    "hạn sử dụng|shelf life|expiry|để được|keep|keeps|lasts",
    "pin|battery|battery life",
    "website|web|trang web|site",
    "số điện thoại|điện thoại|sđt|phone|phone number|hotline",
    "địa chỉ|address",
    "trọng lượng|weight|weighs|nặng",
    "dung tích|capacity|holds|volume",
    "size|sizes|cỡ|kích cỡ",
    "gram|grams|g|gr",
    "nồng độ|concentration|strength",
    "tiêu chuẩn|standard",
    "ngày làm việc|business days|working days",
    "hóa đơn|invoice|receipt",
    "chế độ nhẹ|gentle|mild|cycle",
    "mũ|hood",
    "tháo rời|detachable|removable",
    "chống nước|waterproof|water resistant|water",
    "thoáng mát|breathable|airy|cool",
    "hai lớp|two layers|double layer|layers",
    "lót|có lót|lining|lined",
    "chống ồn|noise cancelling|noise|cancelling",
    "chất bảo quản|preservatives|preservative",
    "tươi|fresh",
    "da dầu|oily skin|oily|skin",
    "nâng tông|tone|brightens|brightening",
    "buổi sáng|morning|mornings",
    "xuất xứ|origin",
    "kèm|includes|included|comes with",
    "cáp|cable",
    "cổng|port",
    "công suất|power|output",
    "mềm|mềm mại|mềm mịn|soft",
    "dày|thick",
    "mỏng|thin",
    "rửa máy|dishwasher",
    "lò vi sóng|microwave",
    "gỗ|wood|wooden",
    "da|leather",
    "lụa|silk",
    "vải|fabric|cloth",
    "chất liệu|material",
    "sạch|làm sạch|clean|cleans",
    "dịu nhẹ|gentle|gently",
    "xà phòng|soap",
    "ướp|scented|scent",
    "hoa|flower|flowers",
    "nơi|place",
    "khô mát|khô ráo|cool|dry",
    "rêu|moss|moss green",
    "xanh nhạt|light blue|pale blue",
    "hỗ trợ|support|supported",
    "nhanh|fast|quick|quickly",
    "nóng|hot",
    "lạnh|cold",
    "ngọt|sweet",
    "cay|spicy",
    "khóa|zip|clasp|strap",
    "chỉnh|adjust|adjustable",
    "phía sau|back|behind",
    "cổ vuông|square neck",
    "tay dài|long sleeve|long sleeves",
    "mịn|smooth|fine",
    "lâu trôi|long lasting|long wear",
];

struct Meanings {
    /// The words of each group.
    words: Vec<Vec<Token>>,
    /// Phrases with their group, by their first word without marks.
    phrases: HashMap<String, Vec<(Vec<Token>, usize)>>,
}

static MEANINGS: LazyLock<Meanings> = LazyLock::new(|| {
    let mut phrases: HashMap<String, Vec<(Vec<Token>, usize)>> = HashMap::new();
    for (n, list) in GROUPS.iter().enumerate() {
        for phrase in list.split('|').map(tokens) {
            if let Some(first) = phrase.first() {
                phrases.entry(first.fold.clone()).or_default().push((phrase, n));
            }
        }
    }
    let words = GROUPS.iter().map(|list| list.split('|').flat_map(tokens).collect()).collect();
    Meanings { words, phrases }
});

/// Where phrases stand in a stretch: the place and the group.
fn places(stretch: &[Token]) -> impl Iterator<Item = (usize, usize)> {
    stretch.iter().enumerate().flat_map(move |(at, first)| {
        let here = MEANINGS.phrases.get(&first.fold).map(Vec::as_slice).unwrap_or_default();
        here.iter().filter_map(move |(phrase, group)| {
            let window = stretch.get(at..at + phrase.len())?;
            window.iter().zip(phrase).all(|(t, p)| t.reads(p, phrase.len() == 1)).then_some((at, *group))
        })
    })
}

/// The words that a stretch of a source may also be told with.
pub(super) fn meanings(stretch: &[Token]) -> Vec<&'static Token> {
    let mut groups: Vec<usize> = places(stretch).map(|(_, group)| group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.into_iter().filter_map(|g| MEANINGS.words.get(g)).flatten().collect()
}

/// Where a stretch says what the phrase means.
pub(super) fn meant_at(stretch: &[Token], phrase: &[Token]) -> Vec<usize> {
    let groups: Vec<usize> = places(phrase).filter(|(at, _)| *at == 0).map(|(_, group)| group).collect();
    places(stretch).filter(|(_, group)| groups.contains(group)).map(|(at, _)| at).collect()
}

/// Whether the word alone is one of what policies speak of.
pub(super) fn is_known(word: &Token) -> bool {
    places(std::slice::from_ref(word)).next().is_some()
}

/// Whether two words, each alone, mean the same.
pub(super) fn same_meaning(a: &Token, b: &Token) -> bool {
    let groups = |word: &Token| places(std::slice::from_ref(word)).map(|(_, g)| g).collect::<Vec<_>>();
    a.same_word(b) || groups(a).iter().any(|g| groups(b).contains(g))
}
