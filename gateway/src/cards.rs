//! A product as the card that a customer is shown: its name, its price and whether it can be had, in the business's language.

use chatdesk_proto::catalog::v1::{Product, ProductStatus};
use chatdesk_proto::tenants::v1::Card;

use crate::money;

/// The most characters of a card's title and of its subtitle.
const MOST: usize = 80;

/// What a business speaks to its customers on cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Vietnamese,
    English,
}

impl Language {
    /// The first of a business's languages that cards know; Vietnamese when there is none.
    pub fn first(tags: &[String]) -> Self {
        let known = tags.iter().find_map(|tag| match tag.split('-').next().unwrap_or_default() {
            tag if tag.eq_ignore_ascii_case("vi") => Some(Self::Vietnamese),
            tag if tag.eq_ignore_ascii_case("en") => Some(Self::English),
            _ => None,
        });
        known.unwrap_or(Self::Vietnamese)
    }

    /// An amount as people write it: `129.000đ`, `VND 129,000`, `12,50 USD`, `USD 12.50`.
    fn amount(self, minor: i64, currency: &str) -> String {
        let plain = money::show(minor, currency);
        let (whole, part) = plain.split_once('.').map_or((plain.as_str(), None), |(whole, part)| (whole, Some(part)));
        let (thousands, point) = match self {
            Self::Vietnamese => ('.', ','),
            Self::English => (',', '.'),
        };
        let mut number = String::with_capacity(whole.len() + 8);
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) && !number.ends_with('-') {
                number.push(thousands);
            }
            number.push(digit);
        }
        if let Some(part) = part {
            number.push(point);
            number.push_str(part);
        }
        match (self, currency) {
            (Self::Vietnamese, "VND") => format!("{number}đ"),
            (Self::Vietnamese, currency) => format!("{number} {currency}"),
            (Self::English, currency) => format!("{currency} {number}"),
        }
    }

    const fn status(self, status: ProductStatus) -> &'static str {
        match (self, status) {
            (Self::Vietnamese, ProductStatus::OutOfStock) => "Hết hàng",
            (Self::Vietnamese, _) => "Còn hàng",
            (Self::English, ProductStatus::OutOfStock) => "Out of stock",
            (Self::English, _) => "In stock",
        }
    }
}

/// The card of a product.
pub fn card(product: &Product, language: Language) -> Card {
    let price = language.amount(product.price_minor, &product.currency);
    let has_picture = product.image_url.starts_with("https://");
    Card {
        title: short(&product.name),
        subtitle: short(&format!("{price} · {}", language.status(product.status()))),
        image_url: if has_picture { product.image_url.clone() } else { String::new() },
    }
}

/// A text within a card's limit; what is cut shows it.
fn short(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(name: &str, price_minor: i64, currency: &str, image_url: &str) -> Product {
        let (name, currency, image_url) = (name.to_owned(), currency.to_owned(), image_url.to_owned());
        Product {
            name,
            price_minor,
            currency,
            image_url,
            status: ProductStatus::Available.into(),
            ..Product::default()
        }
    }

    #[test]
    fn a_card_says_name_price_and_stock_in_the_business_s_language() {
        let shirt = product("Áo thun đỏ", 1_290_000, "VND", "https://cdn.test/1.jpg");
        let shown = card(&shirt, Language::Vietnamese);
        assert_eq!((shown.title.as_str(), shown.subtitle.as_str()), ("Áo thun đỏ", "1.290.000đ · Còn hàng"));
        assert_eq!(shown.image_url, "https://cdn.test/1.jpg");
        let gone = Product { status: ProductStatus::OutOfStock.into(), ..product("Cap", 123_450, "USD", "") };
        assert_eq!(card(&gone, Language::English).subtitle, "USD 1,234.50 · Out of stock");
        assert_eq!(card(&gone, Language::Vietnamese).subtitle, "1.234,50 USD · Hết hàng");
        assert_eq!(card(&product("x", 500, "VND", ""), Language::English).subtitle, "VND 500 · In stock");
    }

    #[test]
    fn what_is_too_long_is_cut_and_only_safe_pictures_are_shown() {
        let shown = card(&product(&"ạ".repeat(300), 1, "VND", "http://cdn.test/1.jpg"), Language::Vietnamese);
        assert_eq!((shown.title.chars().count(), shown.title.ends_with('…')), (80, true));
        assert_eq!(shown.image_url, "");
        assert_eq!(short(&"ạ".repeat(80)), "ạ".repeat(80));
    }

    #[test]
    fn the_language_is_the_first_that_cards_know() {
        let first = |tags: &[&str]| Language::first(&tags.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>());
        assert_eq!(first(&["en-GB", "vi"]), Language::English);
        assert_eq!(first(&["fr", "vi"]), Language::Vietnamese);
        assert_eq!(first(&["fr"]), Language::Vietnamese);
    }
}
