//! The cards that an answer of the assistant's shows: which answers have them, and what they say. Pure.

use chatdesk_platform::currency_decimals;

use super::Card;

/// An answer that rests on more products shows none.
const MOST: usize = 3;
/// The most characters of a card's title and of its subtitle (Messenger Platform, "Generic Template").
const LONGEST: usize = 80;
/// The longest address that is taken, in characters.
const LONGEST_URL: usize = 2048;

/// A product that an answer rests on, as a card needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// The lowest price at which it is sold, in minor units.
    pub price_minor: i64,
    /// Some of its variants cost more.
    pub has_higher_prices: bool,
    /// ISO 4217.
    pub currency: String,
    /// Whether it can be had; `None` when that is not the same for all its variants: the words say it of the one that was asked for.
    pub in_stock: Option<bool>,
    /// Maybe empty, maybe of no picture that a platform would fetch.
    pub image_url: String,
}

/// The cards of an answer in the language it is written in: none unless it rests on few products that all have pictures.
#[must_use]
pub fn showcase(products: &[Shown], is_english: bool) -> Vec<Card> {
    let has_picture = |shown: &Shown| {
        shown.image_url.starts_with("https://")
            && !shown.name.trim().is_empty()
            && shown.image_url.chars().count() <= LONGEST_URL
    };
    if products.len() > MOST || !products.iter().all(has_picture) {
        return Vec::new();
    }
    products.iter().map(|shown| card(shown, is_english)).collect()
}

fn card(shown: &Shown, is_english: bool) -> Card {
    let stock = shown.in_stock.map(|in_stock| match (is_english, in_stock) {
        (true, true) => "In stock",
        (true, false) => "Out of stock",
        (false, true) => "Còn hàng",
        (false, false) => "Hết hàng",
    });
    let price = amount(shown.price_minor, &shown.currency, is_english);
    let price = match (is_english, shown.has_higher_prices) {
        (_, false) => price,
        (true, true) => format!("from {price}"),
        (false, true) => format!("từ {price}"),
    };
    Card {
        title: short(&shown.name),
        subtitle: short(&std::iter::once(price.as_str()).chain(stock).collect::<Vec<_>>().join(" · ")),
        image_url: shown.image_url.clone(),
    }
}

/// As people write it: `129.000đ`, `VND 129,000`, `12,50 USD`, `USD 12.50`.
fn amount(minor: i64, currency: &str, is_english: bool) -> String {
    let decimals = currency_decimals(currency);
    let unit = 10_u64.pow(decimals);
    let (whole, part) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    let (thousands, point) = if is_english { (',', '.') } else { ('.', ',') };
    let digits = whole.to_string();
    let mut number = String::with_capacity(digits.len() + 8);
    if minor < 0 {
        number.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            number.push(thousands);
        }
        number.push(digit);
    }
    if decimals > 0 {
        let width = usize::try_from(decimals).unwrap_or_default();
        number.push_str(&format!("{point}{part:0width$}"));
    }
    match (is_english, currency) {
        (true, currency) => format!("{currency} {number}"),
        (false, "VND") => format!("{number}đ"),
        (false, currency) => format!("{number} {currency}"),
    }
}

/// A text within a card's limit; what is cut shows it.
fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, image_url: &str) -> Shown {
        let currency = "VND".to_owned();
        Shown {
            name: name.to_owned(),
            price_minor: 1_290_000,
            has_higher_prices: false,
            currency,
            in_stock: Some(true),
            image_url: image_url.to_owned(),
        }
    }

    #[test]
    fn few_products_with_pictures_have_cards_in_the_answer_s_language() {
        let shirt = shown("Áo thun đỏ", "https://cdn.test/1.jpg");
        let cards = showcase(std::slice::from_ref(&shirt), false);
        assert_eq!((cards[0].title.as_str(), cards[0].subtitle.as_str()), ("Áo thun đỏ", "1.290.000đ · Còn hàng"));
        assert_eq!(cards[0].image_url, "https://cdn.test/1.jpg");
        let cap = Shown { price_minor: 123_405, currency: "USD".to_owned(), in_stock: Some(false), ..shirt.clone() };
        assert_eq!(showcase(std::slice::from_ref(&cap), true)[0].subtitle, "USD 1,234.05 · Out of stock");
        assert_eq!(showcase(&[cap], false)[0].subtitle, "1.234,05 USD · Hết hàng");
        let several = Shown { has_higher_prices: true, ..shirt.clone() };
        assert_eq!(showcase(std::slice::from_ref(&several), false)[0].subtitle, "từ 1.290.000đ · Còn hàng");
        assert_eq!(showcase(&[several], true)[0].subtitle, "from VND 1,290,000 · In stock");
        let differing = Shown { in_stock: None, ..shirt.clone() };
        assert_eq!(showcase(&[differing], false)[0].subtitle, "1.290.000đ");
        assert_eq!(showcase(&vec![shirt; 3], false).len(), 3);
        let long = showcase(&[shown(&"ạ".repeat(300), "https://cdn.test/1.jpg")], false).remove(0);
        assert_eq!((long.title.chars().count(), long.title.ends_with('…')), (80, true));
    }

    #[test]
    fn many_products_or_one_without_a_safe_picture_have_none() {
        let shirt = shown("Áo", "https://cdn.test/1.jpg");
        assert!(showcase(&[], false).is_empty());
        assert!(showcase(&vec![shirt.clone(); 4], false).is_empty());
        for other in [
            shown("Áo", ""),
            shown("Áo", "http://cdn.test/1.jpg"),
            shown(" ", "https://cdn.test/1.jpg"),
            shown("Áo", &format!("https://cdn.test/{}", "x".repeat(3000))),
        ] {
            assert!(showcase(&[shirt.clone(), other.clone()], false).is_empty(), "{other:?}");
        }
    }
}
