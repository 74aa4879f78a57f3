//! The catalogue answerer: plain answers from the retrieved rows, without a language model. Pure.
//!
//! It is what customers get when no key is set or the model is gone. It says only what stands in the rows and the policies, and its answers
//! pass the same guard as a model's. What it cannot answer it hands over.

mod policy;
mod variant;

use chatdesk_platform::currency_decimals;

use crate::attribute::{COLOUR, tells_property};
use crate::guard::{self, Coverage, Evidence, Verdict};
use crate::intent::{Intent, handover};
use crate::language::Language;
use crate::model::{Business, Product, Reason, Reply};
use crate::text::{Kind, Phrases, Token, plain, tokens};
use crate::topic::{self, Asked};
use policy::{policy, promotion};
use std::sync::LazyLock;
use uuid::Uuid;
use variant::Want;

/// Products of a list; more is a catalogue and not an answer.
const LISTED: usize = 3;

/// What an answer is written from.
pub struct Ground<'a> {
    /// The question, with the customer's earlier message that it follows.
    pub asked: &'a Asked,
    /// The language to answer in.
    pub language: Language,
    /// What the question asks for.
    pub intent: Intent,
    /// The relevant products, best first.
    pub products: &'a [Product],
    /// The shop, whose policies may be quoted.
    pub business: &'a Business,
}

/// The richest answer that the guard lets pass, or a handover.
#[must_use]
pub fn answer(ground: &Ground<'_>, evidence: &mut Evidence<'_>) -> Reply {
    let (drafts, otherwise) = drafts(ground, evidence);
    for (text, product_ids) in drafts {
        if guard::check(&text, &product_ids, evidence) == Verdict::Pass {
            return Reply::Answered { text, product_ids };
        }
    }
    handover(otherwise, ground.language)
}

type Draft = (String, Vec<Uuid>);

/// Drafts from the richest to the plainest, and the reason when none passes.
fn drafts(ground: &Ground<'_>, evidence: &Evidence<'_>) -> (Vec<Draft>, Reason) {
    let vietnamese = ground.language == Language::Vietnamese;
    let shop = plain(&ground.business.name, 80);
    match ground.intent {
        Intent::Handover(reason) => (Vec::new(), reason),
        Intent::Greeting => {
            let named = if vietnamese {
                format!("Dạ {shop} xin chào bạn! Bạn đang tìm sản phẩm nào ạ?")
            } else {
                format!("Hello, and welcome to {shop}! What are you looking for?")
            };
            let short = if vietnamese {
                "Dạ chào bạn! Bạn đang tìm sản phẩm nào ạ?"
            } else {
                "Hello! What are you looking for?"
            };
            (vec![(named, Vec::new()), (short.to_owned(), Vec::new())], Reason::NotInCatalogue)
        }
        Intent::Thanks => {
            let text = if vietnamese {
                "Dạ cảm ơn bạn nhiều ạ! Bạn cần gì thêm cứ nhắn shop nhé."
            } else {
                "Thank you! Just write again if you need anything else."
            };
            (vec![(text.to_owned(), Vec::new())], Reason::NotInCatalogue)
        }
        Intent::Machine => {
            let (named, short) = if vietnamese {
                (format!("Dạ mình là trợ lý tự động của {shop} ạ."), "Dạ mình là trợ lý tự động ạ.")
            } else {
                (
                    format!("I am the automatic assistant of {shop}. What are you looking for?"),
                    "I am an automatic assistant.",
                )
            };
            (vec![(named, Vec::new()), (short.to_owned(), Vec::new())], Reason::AsksForPerson)
        }
        Intent::Policy(topic) => (policy(ground, topic, vietnamese), Reason::NotInCatalogue),
        Intent::Promotion => (promotion(ground, evidence, vietnamese), Reason::NotInCatalogue),
        Intent::Goods if ground.products.is_empty() || evidence.coverage() == Coverage::Nothing => {
            (Vec::new(), Reason::NothingFound)
        }
        Intent::Goods => (goods(ground, evidence, vietnamese), Reason::NotInCatalogue),
    }
}

fn goods(ground: &Ground<'_>, evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    let mut chosen = named(ground, evidence);
    // A question that follows says only what is new: its topic's "giá bao nhiêu" was answered before.
    let asked = tokens(&ground.asked.question);
    if let Some(limit) = evidence.asked_limit(&tokens(&ground.asked.text())) {
        if chosen.is_empty() {
            chosen = ground.products.iter().collect();
        }
        chosen.retain(|p| p.price_milli() <= limit);
        if chosen.is_empty() {
            let none = if vietnamese {
                "Dạ trong các mẫu mình tìm thấy, chưa có mẫu nào vừa mức giá này ạ."
            } else {
                "None of the products that I found fits this price."
            };
            return vec![(none.to_owned(), Vec::new())];
        }
    }
    if chosen.is_empty() {
        chosen = ground.products.iter().collect();
    }
    let property = ATTRIBUTES.iter().any(|group| group.find(&asked).is_some());
    if ground.asked.topic.is_some() && !property && topic::leaves(&ground.asked.question, &chosen) {
        return Vec::new();
    }
    let wants = variant::wants(&asked);
    let several = variant::of_several(&chosen, &wants, vietnamese);
    // "áo thun màu đỏ": of several that are named so, those that also have the rest of what was said.
    if chosen.len() > 1 {
        let said = |p: &&Product| {
            let place = ground.products.iter().position(|q| q.id == p.id);
            place.map_or(0, |place| evidence.asked_words_in(place))
        };
        let most = chosen.iter().map(said).max().unwrap_or(0);
        chosen.retain(|p| said(p) == most);
    }
    let cheap = CHEAP.find(&asked).is_some();
    if cheap {
        chosen.sort_by_key(|p| p.price_milli());
    }
    // What can be bought comes first.
    if chosen.len() > 1 {
        chosen.sort_by_key(|p| !p.in_stock);
    }
    let exact = evidence.coverage() == Coverage::Whole;
    match chosen.as_slice() {
        [one] if exact => single(one, &asked, &wants, evidence, vietnamese),
        // "Balo có màu tím không": all that is not known of it is what was asked for.
        [one] if !variant::of_one(one, &wants, vietnamese).is_empty() => variant::of_one(one, &wants, vietnamese),
        many => several.into_iter().chain(list(many, exact, cheap, vietnamese)).collect(),
    }
}

static CHEAP: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("re nhat|cheapest|gia re|rẻ|cheap"));

/// The products whose names the question holds, or the message that it follows; else none.
fn named<'a>(ground: &Ground<'a>, evidence: &Evidence<'_>) -> Vec<&'a Product> {
    let question = tokens(&ground.asked.question);
    let places = match &ground.asked.topic {
        Some(topic) => evidence.named_in(&tokens(topic)),
        // "Áo nào màu trắng" means every shirt that comes in white, and not only the one that is called so.
        None if COLOUR.find(&question).is_some() => {
            let things = question.iter().enumerate().filter(|(at, _)| !tells_property(&question, *at));
            evidence.named_in(&things.map(|(_, word)| word.clone()).collect::<Vec<_>>())
        }
        None => evidence.asked_products().to_vec(),
    };
    places.into_iter().filter_map(|p| ground.products.get(p)).collect()
}

fn single(product: &Product, asked: &[Token], wants: &[Want], evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    let ids = vec![product.id];
    let base = price_line(product, vietnamese);
    let total = evidence.asked_quantity().map(|q| total_line(product, q, vietnamese));
    let facts = fact_lines(product, &[asked, &variant::headings(variant::open(product, wants))].concat(), vietnamese);
    let closing = match (vietnamese, product.in_stock) {
        (true, true) => " Bạn muốn đặt mẫu này không ạ?",
        (false, true) => " Would you like to order it?",
        (_, false) => "",
    };
    let mut out = Vec::new();
    let unknown = product.in_stock && PRICE.find(asked).is_none() && variant::is_unknown(product, wants);
    if unknown || asks_for_unknown_fact(product, asked) {
        // The question is not about price or stock, and the row does not answer it.
        return out;
    }
    if let Some(total) = total {
        out.push((format!("{base} {total}{closing}"), ids.clone()));
    }
    out.extend(variant::of_one(product, wants, vietnamese));
    for n in (0..=facts.len()).rev() {
        let facts = facts.get(..n).unwrap_or_default().join(" ");
        let facts = if facts.is_empty() { facts } else { format!(" {facts}") };
        out.push((format!("{base}{facts}{closing}"), ids.clone()));
    }
    out.push((base, ids));
    out
}

/// A product's line of a list.
fn line(p: &Product, vietnamese: bool) -> String {
    let stock = match (vietnamese, p.in_stock) {
        (true, true) => "còn hàng",
        (true, false) => "tạm hết hàng",
        (false, true) => "in stock",
        (false, false) => "out of stock",
    };
    format!("- {}: {} ({stock})", shown(p, vietnamese), money(p.price_minor, &p.currency, vietnamese))
}

/// `some` when more than what was found would have to be looked at to answer: "the cheapest".
fn list(products: &[&Product], exact: bool, some: bool, vietnamese: bool) -> Vec<Draft> {
    let head = match (vietnamese, exact) {
        (true, true) if some => "Dạ mình tìm thấy các mẫu này ạ:",
        (false, true) if some => "Here are some that I found:",
        (true, true) => "Dạ shop có các mẫu này ạ:",
        (true, false) => "Dạ mình chưa thấy đúng mẫu bạn hỏi, shop có các mẫu này ạ:",
        (false, true) => "Here is what we have:",
        (false, false) => "I could not find exactly that, but here is what we have:",
    };
    let tail = if vietnamese { "Bạn thích mẫu nào ạ?" } else { "Which one would you like?" };
    let mut out = Vec::new();
    for n in (1..=products.len().min(LISTED)).rev() {
        let part = products.get(..n).unwrap_or_default();
        let lines: Vec<String> = part.iter().map(|p| line(p, vietnamese)).collect();
        out.push((format!("{head}\n{}\n{tail}", lines.join("\n")), part.iter().map(|p| p.id).collect()));
    }
    out
}

fn shown(product: &Product, vietnamese: bool) -> String {
    let name = plain(&product.name, 120);
    match product.english_name().filter(|_| !vietnamese) {
        Some(english) => format!("{} ({name})", plain(english, 120)),
        None => name,
    }
}

fn price_line(product: &Product, vietnamese: bool) -> String {
    let (name, price) = (shown(product, vietnamese), money(product.price_minor, &product.currency, vietnamese));
    match (vietnamese, product.in_stock) {
        (true, true) => format!("Dạ {name} giá {price}, hiện còn hàng ạ."),
        (true, false) => format!("Dạ {name} giá {price}, hiện tạm hết hàng ạ."),
        (false, true) => format!("{name} is {price} and it is in stock."),
        (false, false) => format!("{name} is {price}, but it is out of stock right now."),
    }
}

fn total_line(product: &Product, quantity: i64, vietnamese: bool) -> String {
    let total = money(product.price_minor.saturating_mul(quantity), &product.currency, vietnamese);
    if vietnamese {
        format!("Tổng {quantity} cái là {total} ạ.")
    } else {
        format!("The total for {quantity} pieces is {total}.")
    }
}

/// Groups of words with which customers ask for one thing, and shops name it.
static ATTRIBUTES: LazyLock<Vec<Phrases>> = LazyLock::new(|| {
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

static PRICE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("giá|bao nhiêu|price|much|cost|nhiêu tiền"));
static PRICE_OR_STOCK: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("giá|bao nhiêu|còn|price|much|stock|available|cost|nhiêu tiền"));

/// "Size: S, M, L." for each pair of the row that was asked for.
fn fact_lines(product: &Product, asked: &[Token], vietnamese: bool) -> Vec<String> {
    let name = tokens(&product.name);
    let telling =
        |t: &Token| t.kind == Kind::Word && t.fold.chars().count() > 2 && !name.iter().any(|n| n.same_word(t));
    let asked_for = |key: &str| {
        let key = tokens(key);
        let said = key.iter().filter(|t| telling(t)).any(|t| asked.iter().any(|a| a.same_word(t)));
        said || ATTRIBUTES.iter().any(|g| g.find(&key).is_some() && g.find(asked).is_some())
    };
    let pairs = product
        .extra
        .iter()
        .filter(|(key, value)| asked_for(key) && value.chars().count() <= 120 && !value.contains("://"));
    pairs
        .take(3)
        .map(|(key, value)| {
            format!("{}: {}{}", plain(key, 40), plain(value, 120), if vietnamese { " ạ." } else { "." })
        })
        .collect()
}

fn asks_for_unknown_fact(product: &Product, asked: &[Token]) -> bool {
    let facts = tokens(&product.facts());
    PRICE_OR_STOCK.find(asked).is_none()
        && ATTRIBUTES.iter().any(|group| group.find(asked).is_some() && group.find(&facts).is_none())
}

/// A price as a shop writes it: "150.000đ", in English "150,000₫"; other currencies with their code.
#[must_use]
pub fn money(minor: i64, currency: &str, vietnamese: bool) -> String {
    let places = currency_decimals(currency);
    let unit = 10_i64.pow(places);
    let (whole, part) = (minor / unit, (minor % unit).abs());
    let digits: Vec<char> = whole.abs().to_string().chars().rev().collect();
    let mark = if vietnamese && currency == "VND" { "." } else { "," };
    let grouped = digits.chunks(3).map(|c| c.iter().rev().collect::<String>()).rev().collect::<Vec<_>>().join(mark);
    let sign = if minor < 0 { "-" } else { "" };
    match (currency, places) {
        ("VND", _) if vietnamese => format!("{sign}{grouped}đ"),
        ("VND", _) => format!("{sign}{grouped}₫"),
        ("USD", _) => format!("{sign}${grouped}.{part:02}"),
        (_, 0) => format!("{sign}{grouped} {currency}"),
        (_, places) => format!("{sign}{grouped}.{part:0width$} {currency}", width = places as usize),
    }
}

#[cfg(test)]
mod demo;
#[cfg(test)]
mod tests;
