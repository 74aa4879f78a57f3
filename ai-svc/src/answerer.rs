//! The catalogue answerer: plain answers from the retrieved rows, without a language model. Pure.
//!
//! It is what customers get when no key is set or the model is gone. It says only what stands in the rows and the policies, and its answers
//! pass the same guard as a model's. What it cannot answer it hands over.

mod choice;
mod entry;
mod fact;
mod policy;
mod stock;
mod variant;

use chatdesk_platform::currency_decimals;

use crate::guard::{self, Coverage, Evidence, Verdict};
use crate::intent::{Intent, handover};
use crate::language::Language;
use crate::model::{Business, Entry, Product, Reason, Reply};
use crate::text::{Token, plain, tokens};
use crate::topic::{self, Asked};
use choice::Choice;
use policy::{headed, policy, promotion};
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
    /// The shop's own entries that fit the question, best first.
    pub entries: &'a [Entry],
    /// The shop, whose policies may be quoted.
    pub business: &'a Business,
}

/// The richest answer that the guard lets pass, or a handover.
#[must_use]
pub fn answer(ground: &Ground<'_>, evidence: &mut Evidence<'_>) -> Reply {
    let (drafts, otherwise) = drafts(ground, evidence);
    for (text, product_ids) in drafts {
        let text = capitalised(&text);
        if guard::check(&text, &product_ids, evidence) == Verdict::Pass {
            return Reply::Answered { text, product_ids };
        }
    }
    handover(otherwise, ground.language)
}

/// With every sentence's first letter as a capital, whatever the shop's texts begin with.
fn capitalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // A mark ends a sentence only before a space: "1.299.000đ" and "amazing.vn" go on.
    let (mut starts, mut ended) = (true, false);
    for c in text.chars() {
        if c == '\n' || (ended && c.is_whitespace()) {
            starts = true;
        }
        ended = matches!(c, '.' | '!' | '?');
        if starts && c.is_alphanumeric() {
            starts = false;
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
    }
    out
}

type Draft = (String, Vec<Uuid>);

/// Drafts from the richest to the plainest, and the reason when none passes.
fn drafts(ground: &Ground<'_>, evidence: &Evidence<'_>) -> (Vec<Draft>, Reason) {
    let mut quoted = entry::entries(ground);
    quoted.extend(headed(ground));
    let (written, otherwise) = written(ground, evidence);
    quoted.extend(written);
    (quoted, otherwise)
}

fn written(ground: &Ground<'_>, evidence: &Evidence<'_>) -> (Vec<Draft>, Reason) {
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
        Intent::Policy(topic) => (policy(ground, topic, evidence, vietnamese), Reason::NotInCatalogue),
        Intent::Promotion => (promotion(ground, evidence, vietnamese), Reason::NotInCatalogue),
        Intent::Goods if ground.products.is_empty() || evidence.coverage(&[]) == Coverage::Nothing => {
            (Vec::new(), Reason::NothingFound)
        }
        Intent::Goods => (goods(ground, evidence, vietnamese), Reason::NotInCatalogue),
    }
}

/// Whether a rule of the shop's answers, although no product was found.
#[must_use]
pub fn has_a_rule(asked: &Asked, business: &Business, intent: Intent, language: Language) -> bool {
    !headed(&Ground { asked, language, intent, products: &[], entries: &[], business }).is_empty()
}

fn goods(ground: &Ground<'_>, evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    // A question that follows says only what is new: its topic's "giá bao nhiêu" was answered before.
    let asked = tokens(&ground.asked.question);
    let mut chosen = match choice::choose(ground, evidence) {
        Choice::These(these) => these,
        Choice::NotAtThisPrice => {
            let none = if vietnamese {
                [
                    "Dạ trong các mẫu mình tìm thấy, chưa có mẫu nào vừa mức giá này ạ.",
                    "Dạ trong các mẫu mình tìm thấy, chưa có mẫu nào vừa mức bạn cần ạ.",
                ]
            } else {
                ["None of the products that I found fits this price.", "None of the products that I found fits."]
            };
            return none.map(|text| (text.to_owned(), Vec::new())).into();
        }
    };
    let others = topic::asks_for_others(&asked);
    let property = fact::asks_property(&asked);
    if ground.asked.topic.is_some() && !others && !property && topic::leaves(&ground.asked.question, &chosen) {
        return Vec::new();
    }
    let wants = variant::wants(&asked);
    let several = variant::of_several(&chosen, &wants, vietnamese);
    if chosen.len() > 1 && evidence.asked_prices().is_none() && !others {
        choice::narrow(ground, evidence, &mut chosen);
    }
    let cheap = choice::wants_cheap(&asked);
    if cheap {
        chosen.sort_by_key(|p| p.price_milli());
    }
    // What can be bought comes first.
    if chosen.len() > 1 {
        chosen.sort_by_key(|p| !p.in_stock);
    }
    let places: Vec<usize> = chosen.iter().filter_map(|p| ground.products.iter().position(|q| q.id == p.id)).collect();
    let exact = others || evidence.coverage(&places) == Coverage::Whole;
    match chosen.as_slice() {
        [one] if exact && !others => single(one, &asked, &wants, evidence, vietnamese),
        // A list of prices tells nobody how to wash them.
        all if fact::asks_care(all, &asked) => Vec::new(),
        // "Balo có màu tím không": all that is not known of it is what was asked for.
        [one] if !stock::of_variants(one, &asked, vietnamese).is_empty() => stock::of_variants(one, &asked, vietnamese),
        [one] if !variant::of_one(one, &wants, vietnamese).is_empty() => variant::of_one(one, &wants, vietnamese),
        many => {
            let facts: &[Token] = if property && wants.is_empty() { &asked } else { &[] };
            several.into_iter().chain(list(many, exact, cheap, facts, vietnamese)).collect()
        }
    }
}

fn single(product: &Product, asked: &[Token], wants: &[Want], evidence: &Evidence<'_>, vietnamese: bool) -> Vec<Draft> {
    let ids = vec![product.id];
    let base = price_line(product, vietnamese);
    let total = evidence.asked_quantity().map(|_| priced(product, evidence, vietnamese));
    let facts = fact::lines(product, &[asked, &variant::headings(variant::open(product, wants))].concat(), vietnamese);
    let closing = match (vietnamese, product.in_stock) {
        (true, true) => " Bạn muốn đặt mẫu này không ạ?",
        (false, true) => " Would you like to order it?",
        (_, false) => "",
    };
    let counted = stock::of_variants(product, asked, vietnamese);
    if !counted.is_empty() {
        return counted;
    }
    if let Some(drafts) = fact::of_measures(product, asked, closing, vietnamese) {
        return drafts;
    }
    let topics = if facts.is_empty() { fact::topics(product, asked) } else { Vec::new() };
    let mut out = entry::described(product, asked, &topics, vietnamese);
    let unknown = product.in_stock && fact::PRICE.find(asked).is_none() && variant::is_unknown(product, wants);
    let beside = fact::asks_beside(product, asked);
    if unknown || (beside && facts.is_empty()) {
        return out;
    }
    if let Some(total) = total {
        out.push((format!("{total}{closing}"), ids.clone()));
    }
    out.extend(variant::of_one(product, wants, vietnamese));
    for n in (usize::from(beside)..=facts.len()).rev() {
        let facts = facts.get(..n).unwrap_or_default().join(" ");
        let facts = if facts.is_empty() { facts } else { format!(" {facts}") };
        out.push((format!("{base}{facts}{closing}"), ids.clone()));
    }
    if !beside {
        out.push((base, ids));
    }
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

/// `some` when more than what was found would have to be looked at to answer: "the cheapest". `asked` is what each line tells beside the price.
fn list(products: &[&Product], exact: bool, some: bool, asked: &[Token], vietnamese: bool) -> Vec<Draft> {
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
        let told = |p: &&Product| {
            let facts = fact::lines(p, asked, vietnamese).join(" ");
            if facts.is_empty() { line(p, vietnamese) } else { format!("{}. {facts}", line(p, vietnamese)) }
        };
        let lines: Vec<String> = part.iter().map(told).collect();
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

/// What a product costs, with the total of as many as are wanted.
fn priced(product: &Product, evidence: &Evidence<'_>, vietnamese: bool) -> String {
    let base = price_line(product, vietnamese);
    match evidence.asked_quantity() {
        Some(quantity) => format!("{base} {}", total_line(product, quantity, vietnamese)),
        None => base,
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

/// A price as a shop writes it: "150.000đ", in English "150,000đ"; other currencies with their code.
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
        ("VND", _) => format!("{sign}{grouped}đ"),
        ("USD", _) => format!("{sign}${grouped}.{part:02}"),
        (_, 0) => format!("{sign}{grouped} {currency}"),
        (_, places) => format!("{sign}{grouped}.{part:0width$} {currency}", width = places as usize),
    }
}

#[cfg(test)]
mod demo;
#[cfg(test)]
mod tests;
