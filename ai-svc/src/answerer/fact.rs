//! What a question asks of a product beside its price and stock, and what the product's row tells of it. Pure.

use super::policy::lower_first;
use super::{Draft, shown};
use crate::attribute::{MATERIAL, MATERIALS};
use crate::model::Product;
use crate::text::{Kind, Phrases, Token, plain, tokens};
use crate::topic;
use std::sync::LazyLock;

/// Groups of words with which customers ask for one thing, and shops name it.
static PROPERTIES: LazyLock<Vec<Phrases>> = LazyLock::new(|| {
    [
        "size|sizes|kích cỡ|cỡ nào|cỡ gì|kích thước|dimensions|chiều dài|chiều rộng",
        "màu|màu sắc|color|colors|colour|colours",
        "chất liệu|chất gì|chất vải|vải gì|vải|material|fabric|làm bằng|made of",
        "bảo hành|bao hanh|warranty",
        "xuất xứ|origin|thương hiệu|brand|hãng",
        "trọng lượng|cân nặng|weight",
        "dung tích|capacity|thể tích",
        "pin|battery",
        "hạn sử dụng|hsd|expiry",
        "thành phần|ingredients",
    ]
    .into_iter()
    .map(Phrases::new)
    .collect()
});
static CARE: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("giặt|là ủi|wash|washed|washing|washable|laundry|dry clean|dry cleaned"));
/// Goods that are called by what they do.
static WASHERS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("máy giặt|bột giặt|nước giặt|túi giặt|washing machine|washing machines"));

pub(super) static PRICE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("giá|bao nhiêu|price|much|cost|nhiêu tiền"));
static PRICE_OR_STOCK: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("giá|bao nhiêu|còn|price|much|stock|available|cost|nhiêu tiền"));

static NO: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("không|ko|k|kh|hông|hok|hem"));
static HAS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("có"));
/// Also as it is shortened.
pub(super) static ABLE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("được|dc|đc|đk"));
static WHETHER: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("does|is|are|can|could|will"));
/// What a shop is asked to do, and no product.
static HELP: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new("giúp|tư vấn|báo|gửi|đặt|chốt|lấy|mua|giữ|để|cho xem|help|advise|send|buy|order|get|reserve")
});

fn one(phrases: &Phrases, word: &Token) -> bool {
    phrases.find(std::slice::from_ref(word)).is_some()
}

/// Whether a question asks for a property, of whatever product.
pub(super) fn asks_property(asked: &[Token]) -> bool {
    PROPERTIES.iter().any(|group| group.find(asked).is_some()) || is_care(asked)
}

/// Whether a question about one of these products is how it is washed, and not what it costs.
pub(super) fn asks_care(products: &[&Product], asked: &[Token]) -> bool {
    PRICE_OR_STOCK.find(asked).is_none() && products.iter().all(|product| is_care(&beside(product, asked)))
}

fn is_care(asked: &[Token]) -> bool {
    CARE.find(asked).is_some() && WASHERS.find(asked).is_none()
}

/// The words of a question that are not of the product's name: of a waterproof bag nobody asks whether it is waterproof.
fn beside(product: &Product, asked: &[Token]) -> Vec<Token> {
    let name = tokens(&product.name);
    asked.iter().filter(|t| !name.iter().any(|n| n.same_word(t))).cloned().collect()
}

/// Whether a question about the product is about something else than its price and stock, so that these are no answer to it.
pub(super) fn asks_beside(product: &Product, asked: &[Token]) -> bool {
    PRICE_OR_STOCK.find(asked).is_none() && (!topics(product, asked).is_empty() || asks_unknown(product, asked))
}

/// The groups of which a question has words, when it is not about price or stock.
pub(super) fn topics(product: &Product, asked: &[Token]) -> Vec<&'static Phrases> {
    if PRICE_OR_STOCK.find(asked).is_some() {
        return Vec::new();
    }
    let rest = beside(product, asked);
    let mut found: Vec<&'static Phrases> = PROPERTIES.iter().filter(|group| group.find(&rest).is_some()).collect();
    found.extend(is_care(&rest).then_some(&*CARE));
    found
}

/// Whether a yes or no is wanted to something of which the row has no word: "có xù lông không", "mặc đi biển được không".
fn asks_unknown(product: &Product, asked: &[Token]) -> bool {
    let questioned = match asked.iter().rposition(|t| one(&NO, t)).and_then(|end| asked.get(..end)) {
        Some(before) => {
            let has = before.iter().rposition(|t| one(&HAS, t)).and_then(|at| before.get(at + 1..));
            // "có áo thun cho nữ không" looks for something.
            let able = || before.last().is_some_and(|t| one(&ABLE, t)).then_some(before);
            has.filter(|words| !topic::says_kind(words, product)).or_else(able)
        }
        None => asked.first().is_some_and(|t| one(&WHETHER, t)).then_some(asked),
    };
    questioned.is_some_and(|words| HELP.find(words).is_none() && topic::is_unknown(words, &[product]))
}

static WEIGHT: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("kg|ký|kí|kilo|nặng|cân nặng|weigh"));
static GIRTH: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("cm|m|cao|eo|ngực|mông|bụng|vòng|tall|waist"));
static SIZED: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("size|cỡ|sizes"));

/// Which size fits a body of the measures that the question tells: the row's own hint, or a person. `None` when no measures are told.
pub(super) fn of_measures(product: &Product, asked: &[Token], closing: &str, vietnamese: bool) -> Option<Vec<Draft>> {
    let by_size = |(key, value): &&(String, String)| SIZED.find(&tokens(key)).is_some() && !value.contains("://");
    let sizes: Vec<&(String, String)> = product.extra.iter().filter(by_size).collect();
    let counts = asked.iter().any(|t| t.kind == Kind::Number);
    let told: Vec<&Phrases> =
        [&*WEIGHT, &*GIRTH].into_iter().filter(|body| counts && body.find(asked).is_some()).collect();
    if sizes.is_empty() || told.is_empty() {
        return None;
    }
    let hint = sizes.iter().find(|(_, value)| told.iter().any(|body| body.find(&tokens(value)).is_some()));
    let draft = |(key, value): &&(String, String)| {
        let (name, key, value) = (shown(product, vietnamese), plain(key, 40), plain(value, 120));
        let hint = if vietnamese {
            format!("Dạ {name}: {} {value} ạ.", lower_first(&key))
        } else {
            format!("{name}: size {value}.")
        };
        let text = if vietnamese { format!("{hint}{closing}") } else { hint };
        (text, vec![product.id])
    };
    Some(hint.iter().map(|pair| draft(pair)).collect())
}

/// "Size: S, M, L." for each pair of the row that was asked for.
pub(super) fn lines(product: &Product, asked: &[Token], vietnamese: bool) -> Vec<String> {
    let name = tokens(&product.name);
    let telling =
        |t: &Token| t.kind == Kind::Word && t.fold.chars().count() > 2 && !name.iter().any(|n| n.same_word(t));
    let asked_for = |key: &str| {
        let key = tokens(key);
        let said = key.iter().filter(|t| telling(t)).any(|t| asked.iter().any(|a| a.same_word(t)));
        // "100% cotton phải không" asks what it is made of.
        let made =
            MATERIAL.find(&key).is_some() && asked.iter().any(|t| MATERIALS.contains(&t.text.as_str()) && telling(t));
        said || made || PROPERTIES.iter().any(|group| group.find(&key).is_some() && group.find(asked).is_some())
    };
    let end = if vietnamese { " ạ." } else { "." };
    let short = |value: &String| value.chars().count() <= 120 && !value.contains("://");
    let pairs = pairs(product).into_iter().filter(|(key, value)| asked_for(key) && short(value));
    pairs.take(3).map(|(key, value)| format!("{}: {}{end}", plain(&key, 40), plain(&value, 120))).collect()
}

/// The pairs of the row, and what its variants that are not sold out differ in, where no pair says that.
fn pairs(product: &Product) -> Vec<(String, String)> {
    let mut out = product.extra.clone();
    let own = out.len();
    let there = product.variants.iter().filter(|variant| variant.stock != Some(0));
    for (key, value) in there.flat_map(|variant| &variant.attributes) {
        let same = |(other, _): &(String, String)| crate::text::fold(other) == crate::text::fold(key);
        match out.iter_mut().enumerate().find(|(_, pair)| same(pair)) {
            Some((at, (_, values))) if at >= own && !values.split(", ").any(|v| v == value) => {
                values.push_str(&format!(", {value}"));
            }
            Some(_) => {}
            None => out.push((key.clone(), value.clone())),
        }
    }
    out
}
