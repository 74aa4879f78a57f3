//! Whether a product comes in the colours and sizes that were asked for, as its extra information tells. Pure.
//!
//! It says yes when an option stands there, no when the options are listed and this is none of them, and nothing when it cannot tell.

use super::{Draft, LISTED, fact, line, money, price_line, shown};
use crate::attribute::{self, COLOUR, SIZE, colour, is_size};
use crate::guard::{asks_only, names_nothing};
use crate::model::Product;
use crate::text::{Kind, Phrases, Token, fold, plain, tokens};
use std::sync::LazyLock;

/// A colour or size that the customer asked for.
#[derive(Debug, Clone)]
pub(super) struct Want {
    is_size: bool,
    words: Vec<Token>,
    /// As it is said back.
    said: String,
}

/// Whether a product has what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Has {
    /// With the shop's own words for it.
    Yes(String),
    No,
    /// Its row does not tell.
    Unknown,
}

/// Words that make another colour of one.
static SHADES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "lá|lá cây|đậm|nhạt|rêu|navy|than|dương|biển|ngọc|lơ|đô|rượu|phấn|đất|bơ|nghệ|trời|chuối|bò|khói|bạc hà|ngà|\
        kem|cốm|lam|tươi|pastel|tiêu|khoai|tro|nude",
    )
});
static JOINS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("hay|và|hoặc|or|and|,|/"));
/// Measures: "size 50kg" names no size.
static UNITS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("kg|ký|kí|cm|m|k|tuổi|kilo"));
static SIZE_KEY: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("size|sizes|kích cỡ|cỡ"));

/// What a question asks for, each thing once. A colour that also means something else counts only after the word "màu".
pub(super) fn wants(asked: &[Token]) -> Vec<Want> {
    let mut out: Vec<Want> = Vec::new();
    let mut add = |want: Want| {
        if !out.iter().any(|w| w.said == want.said) {
            out.push(want);
        }
    };
    let at = |phrases: &Phrases, i: usize| asked.get(i..=i).is_some_and(|one| phrases.find(one).is_some());
    let (mut i, mut colours, mut sizes) = (0, false, false);
    while let Some(word) = asked.get(i) {
        let fresh = i
            .checked_sub(1)
            .is_some_and(|before| at(&COLOUR, before) || asked.get(before).is_some_and(|t| t.fold == "sac"));
        let ambiguous = matches!(word.text.as_str(), "be" | "cam" | "kem" | "ghi" | "bạc" | "hồng" | "rêu");
        if at(&COLOUR, i) {
            (colours, sizes) = (true, false);
        } else if at(&SIZE, i) {
            (colours, sizes) = (false, true);
        } else if let Some((said, n)) = size(asked, i, sizes) {
            add(Want { is_size: true, words: Vec::new(), said });
            i += n - 1;
        } else if let Some(name) = colour(word, colours).filter(|_| colours || !ambiguous) {
            let n = 1 + shade(asked, i + 1);
            let words = asked.get(i..i + n).unwrap_or_default().to_vec();
            let rest: String = words.iter().skip(1).map(|t| format!(" {}", t.text)).collect();
            add(Want { is_size: false, words, said: format!("{name}{rest}") });
            i += n - 1;
        } else if fresh && colours && word.kind == Kind::Word && !names_nothing(word) && !asks_only(word) {
            add(Want { is_size: false, words: vec![word.clone()], said: word.text.clone() });
        } else if !(at(&JOINS, i) || word.fold == "sac") {
            (colours, sizes) = (false, false);
        }
        i += 1;
    }
    out
}

/// How many words after a colour belong to it.
fn shade(asked: &[Token], at: usize) -> usize {
    SHADES.all(asked.get(at..).unwrap_or_default()).filter(|(from, _)| *from == 0).map(|(_, n)| n).max().unwrap_or(0)
}

/// The size at a place, as it is said, and its words. Outside of "size …" only letters that are nothing else are one.
fn size(asked: &[Token], at: usize, introduced: bool) -> Option<(String, usize)> {
    let word = asked.get(at)?;
    let next = asked.get(at + 1);
    let letters = |t: &Token| matches!(t.text.as_str(), "xs" | "xl" | "xxl" | "xxxl");
    if word.kind == Kind::Number && next.is_some_and(|t| t.glued && letters(t)) {
        return Some((format!("{}{}", word.text, next?.text.to_uppercase()), 2));
    }
    let measured = next.is_some_and(|t| UNITS.find(std::slice::from_ref(t)).is_some());
    let is_one = letters(word) || (introduced && (is_size(word) || (word.kind == Kind::Number && !measured)));
    (is_one && !word.text.starts_with("free")).then(|| (word.text.to_uppercase(), 1))
}

/// Whether a product is called by the colour that is wanted.
fn is_called(product: &Product, want: &Want) -> bool {
    let name = tokens(&product.name);
    !want.is_size && want.words.iter().all(|word| name.iter().any(|n| n.same_word(word)))
}

/// The wants that a product's own name does not answer already: of the white shirt nobody asks whether it is white.
pub(super) fn open<'a>(product: &Product, wants: &'a [Want]) -> impl Iterator<Item = &'a Want> {
    wants.iter().filter(|w| !is_called(product, w))
}

fn has(product: &Product, want: &Want) -> Has {
    if is_called(product, want) {
        return Has::Yes(want.said.clone());
    }
    if want.is_size { has_size(product, &want.said) } else { has_colour(product, want) }
}

/// The options of each pair of the row with such a key.
fn options(product: &Product, keys: &Phrases) -> Vec<Vec<String>> {
    let pairs = product.extra.iter().filter(|(key, value)| keys.find(&tokens(key)).is_some() && !value.contains("://"));
    let split = |value: &String| {
        value.split([',', '/', ';', '|']).map(|o| plain(o, 60)).filter(|o| !o.is_empty()).collect::<Vec<_>>()
    };
    pairs.map(|(_, value)| split(value)).filter(|options| !options.is_empty()).collect()
}

fn has_colour(product: &Product, want: &Want) -> Has {
    let options: Vec<String> = options(product, &COLOUR).concat();
    if options.is_empty() {
        return Has::Unknown;
    }
    let is_it = |words: &[Token]| {
        let same = |w: &[Token]| w.iter().zip(&want.words).all(|(a, b)| a.same_word(b));
        let translated = matches!(want.words.as_slice(), [one] if attribute::says_in_vietnamese(one, words));
        translated || words.windows(want.words.len().max(1)).any(same)
    };
    let matching: Vec<&str> = options.iter().map(String::as_str).filter(|o| is_it(&tokens(o))).take(3).collect();
    if !matching.is_empty() {
        return Has::Yes(matching.join(", "));
    }
    let facts = tokens(&product.facts());
    // A shop that lists its colours in Vietnamese may have one for this word that nobody here knows.
    let foreign = matches!(want.words.as_slice(), [one] if one.text.is_ascii() && one.text == want.said && !attribute::is_translated(one, &facts));
    if foreign || is_it(&facts) { Has::Unknown } else { Has::No }
}

/// The sizes as the row lists them. A pair that is no plain list of sizes ("Gợi ý size: S 42–48 kg") is a hint for the customer.
fn size_options(product: &Product) -> Vec<String> {
    let plain = |options: &Vec<String>| options.iter().all(|o| sizes(o).is_some());
    options(product, &SIZE_KEY).into_iter().filter(plain).flatten().collect()
}

fn has_size(product: &Product, said: &str) -> Has {
    let listed: Vec<String> = size_options(product).iter().filter_map(|o| sizes(o)).flatten().collect();
    if listed.is_empty() {
        Has::Unknown
    } else if listed.contains(&one_spelling(said)) {
        Has::Yes(said.to_owned())
    } else {
        Has::No
    }
}

/// The sizes that an option stands for: "L", "39", "36–39"; none when it is no plain size ("freesize dưới 60 kg").
fn sizes(option: &str) -> Option<Vec<String>> {
    const LETTERS: [&str; 7] = ["XS", "S", "M", "L", "XL", "XXL", "XXXL"];
    let option = crate::text::legible(option).replace(' ', "").to_uppercase();
    let ends: Vec<String> = option.split('-').map(one_spelling).collect();
    let place = |size: &str| LETTERS.iter().position(|l| *l == size);
    let number = |size: &str| size.parse::<u32>().ok().filter(|n| *n < 1000);
    match ends.as_slice() {
        [one] if place(one).is_some() || number(one).is_some() => Some(vec![one.clone()]),
        [from, to] => match (place(from), place(to), number(from), number(to)) {
            (Some(from), Some(to), ..) => {
                LETTERS.get(from..=to).map(|all| all.iter().map(|l| (*l).to_owned()).collect())
            }
            (.., Some(from), Some(to)) if to < from + 100 => Some((from..=to).map(|n| n.to_string()).collect()),
            _ => None,
        },
        _ => None,
    }
}

fn one_spelling(size: &str) -> String {
    match size {
        "2XL" => "XXL".to_owned(),
        "3XL" => "XXXL".to_owned(),
        other => other.to_owned(),
    }
}

/// "màu đen, size L", with the shop's words for what it has.
fn said<'a>(wants: impl Iterator<Item = (&'a Want, Option<String>)>, between: &str, vietnamese: bool) -> String {
    let parts = wants.map(|(want, option)| match (vietnamese, want.is_size, option) {
        (_, true, _) => format!("size {}", want.said),
        (true, false, Some(option)) => format!("màu {}", option.to_lowercase()),
        (true, false, None) => format!("màu {}", want.said),
        (false, false, Some(option)) if fold(&option) != fold(&want.said) => {
            format!("{} ({})", want.said, option.to_lowercase())
        }
        (false, false, _) => want.said.clone(),
    });
    parts.collect::<Vec<_>>().join(between)
}

/// Yes or no to what was asked of one product, from the richest; none when its row does not tell.
pub(super) fn of_one(product: &Product, wants: &[Want], vietnamese: bool) -> Vec<Draft> {
    let told: Vec<(&Want, Has)> = open(product, wants).map(|w| (w, has(product, w))).collect();
    if told.is_empty() || told.iter().any(|(_, has)| *has == Has::Unknown) {
        return Vec::new();
    }
    let option = |has: &Has| if let Has::Yes(option) = has { Some(option.clone()) } else { None };
    let yes = || told.iter().filter(|(_, h)| *h != Has::No).map(|(w, h)| (*w, option(h)));
    let no = || told.iter().filter(|(_, h)| *h == Has::No).map(|(w, _)| (*w, None));
    let (name, price) = (shown(product, vietnamese), money(product.price_minor, &product.currency, vietnamese));
    let what = said(yes(), ", ", vietnamese);
    if no().next().is_none() {
        let text = match (vietnamese, product.in_stock) {
            (true, true) => {
                format!("Dạ có ạ, {name} có {what}. Giá {price}, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?")
            }
            (true, false) => format!("Dạ {name} có {what}, nhưng hiện tạm hết hàng ạ."),
            (false, true) => {
                format!("Yes, {name} comes in {what}. It is {price} and it is in stock. Would you like to order it?")
            }
            (false, false) => format!("{name} comes in {what}, but it is out of stock right now."),
        };
        return vec![(text, vec![product.id])];
    }
    let lacking = said(no(), if vietnamese { " và " } else { " or " }, vietnamese);
    let mut parts = vec![if vietnamese {
        format!("Dạ {name} không có {lacking} ạ.")
    } else {
        format!("{name} does not come in {lacking}.")
    }];
    if yes().next().is_some() {
        parts.push(if vietnamese { format!("Mẫu này có {what} ạ.") } else { format!("It comes in {what}.") });
    }
    let lacked: Vec<&Want> = no().map(|(w, _)| w).collect();
    let there = listed(product, &lacked, vietnamese);
    let price = match (vietnamese, product.in_stock) {
        (_, false) => price_line(product, vietnamese),
        (true, true) => format!("Giá {price}, hiện còn hàng ạ."),
        (false, true) => format!("It is {price} and it is in stock."),
    };
    let ids = vec![product.id];
    let said = parts.join(" ");
    vec![(format!("{said} {there}{price}"), ids.clone()), (format!("{said} {price}"), ids.clone()), (said, ids)]
}

/// "Màu: trắng, đen ạ. " of what is there instead of what is not; in English only what can be said in English.
fn listed(product: &Product, lacked: &[&Want], vietnamese: bool) -> String {
    let mut out = String::new();
    if lacked.iter().any(|w| !w.is_size) {
        let all = options(product, &COLOUR).concat();
        if vietnamese {
            out.push_str(&format!("Màu: {} ạ. ", all.join(", ")));
        } else if let Some(all) = all.iter().map(|o| attribute::in_english(&tokens(o))).collect::<Option<Vec<_>>>() {
            out.push_str(&format!("It comes in {}. ", all.join(", ")));
        }
    }
    if lacked.iter().any(|w| w.is_size) {
        let all = size_options(product).join(", ");
        out.push_str(&if vietnamese { format!("Size: {all} ạ. ") } else { format!("Sizes: {all}. ") });
    }
    out
}

/// Which of several products have what was asked for, or that none has it; none when their rows do not tell.
pub(super) fn of_several(products: &[&Product], wants: &[Want], vietnamese: bool) -> Vec<Draft> {
    let all = |p: &Product, wanted: fn(&Has) -> bool| wants.iter().all(|w| wanted(&has(p, w)));
    let having: Vec<&Product> = products.iter().copied().filter(|p| all(p, |h| matches!(h, Has::Yes(_)))).collect();
    let what = |between: &str| said(wants.iter().map(|w| (w, None)), between, vietnamese);
    if wants.is_empty() {
        return Vec::new();
    }
    if let [one] = having.as_slice() {
        return of_one(one, wants, vietnamese);
    }
    let (head, shown): (String, &[&Product]) = if !having.is_empty() {
        let what = what(", ");
        let head =
            if vietnamese { format!("Dạ các mẫu này có {what} ạ:") } else { format!("These come in {what}:") };
        (head, &having)
    } else if wants.len() == 1 && products.iter().all(|p| all(p, |h| *h == Has::No)) {
        let what = what(", ");
        let head = if vietnamese {
            format!("Dạ các mẫu này không có {what} ạ:")
        } else {
            format!("None of these comes in {what}:")
        };
        (head, products)
    } else {
        return Vec::new();
    };
    let asked = headings(wants.iter());
    let part = shown.get(..shown.len().min(LISTED)).unwrap_or_default();
    let lines = |facts: bool| {
        let one = |p: &&Product| match facts.then(|| fact::lines(p, &asked, vietnamese).join(" ")) {
            Some(facts) if !facts.is_empty() => format!("{}. {facts}", line(p, vietnamese)),
            _ => line(p, vietnamese),
        };
        part.iter().map(one).collect::<Vec<_>>().join("\n")
    };
    let ids: Vec<_> = part.iter().map(|p| p.id).collect();
    let tail = if vietnamese { "Bạn thích mẫu nào ạ?" } else { "Which one would you like?" };
    [having.is_empty(), false].map(|facts| (format!("{head}\n{}\n{tail}", lines(facts)), ids.clone())).into()
}

/// Whether a want stays open because a row tells nothing at all of such a thing.
pub(super) fn is_unknown(product: &Product, wants: &[Want]) -> bool {
    let tells = |keys: &Phrases| keys.find(&tokens(&product.facts())).is_some();
    open(product, wants)
        .any(|w| has(product, w) == Has::Unknown && !(tells(if w.is_size { &SIZE_KEY } else { &COLOUR })))
}

/// The words under which a row lists what is wanted.
pub(super) fn headings<'a>(wants: impl Iterator<Item = &'a Want>) -> Vec<Token> {
    wants.flat_map(|w| tokens(if w.is_size { "size" } else { "màu" })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(question: &str) -> Vec<String> {
        let wants = wants(&tokens(question));
        wants.iter().map(|w| if w.is_size { format!("size {}", w.said) } else { w.said.clone() }).collect()
    }

    #[test]
    fn what_is_asked_for() {
        for (question, expected) in [
            ("còn màu đen size L không ạ?", &["đen", "size L"][..]),
            ("con mau den size l khong", &["đen", "size L"]),
            ("có màu xanh rêu hay trắng không", &["xanh rêu", "trắng"]),
            ("mau do con khong", &["đỏ"]),
            ("mau do do con khong", &["đỏ do"]),
            ("có màu khói không", &["khói"]),
            ("có màu gì vậy", &[]),
            ("có những màu nào", &[]),
            ("size M hay L nhỉ", &["size M", "size L"]),
            ("còn 2XL không", &["size 2XL"]),
            ("size 39 còn ko", &["size 39"]),
            ("size 50kg mặc được không", &[]),
            ("do you have it in black, size L?", &["black", "size L"]),
            ("do you have it", &[]),
            ("cam kết hàng thật không", &[]),
            ("màu đen đen", &["đen"]),
        ] {
            let mut expected: Vec<String> = expected.iter().map(|s| (*s).to_owned()).collect();
            expected.dedup();
            assert_eq!(wanted(question), expected, "{question}");
        }
    }

    #[test]
    fn sizes_that_options_stand_for() {
        let listed = |option: &str| sizes(option).map(|s| s.join(" "));
        assert_eq!(listed("XL").as_deref(), Some("XL"));
        assert_eq!(listed("2XL").as_deref(), Some("XXL"));
        assert_eq!(listed("36–39").as_deref(), Some("36 37 38 39"));
        assert_eq!(listed("S - L").as_deref(), Some("S M L"));
        for odd in ["freesize dưới 70 kg", "L-S", "", "1-2-3", "40–x", "99999999999"] {
            assert!(listed(odd).is_none_or(|s| s.is_empty()), "{odd}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_question_or_option_panics(question in "\\PC{0,60}", option in "\\PC{0,30}") {
            let _ = (wants(&tokens(&question)), sizes(&option));
        }
    }
}
