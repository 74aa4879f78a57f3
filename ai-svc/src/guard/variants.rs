//! Which of a product's variants words speak of: "trắng size L" of those that come in white and black, M and L.

use crate::attribute::says_in_vietnamese;
use crate::model::Product;
use crate::text::{Kind, Token, tokens};

/// What words say about the variants of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// Nothing that tells them apart.
    Any,
    /// These, as indexes; none when they are not listed together.
    These(Vec<usize>),
}

/// What the first of these stretches that tells anything says.
#[must_use]
pub fn meant(product: &Product, stretches: &[&[Token]]) -> Meant {
    let all: Vec<Vec<(String, Vec<Token>)>> = product.variants.iter().map(properties).collect();
    for words in stretches {
        let words: Vec<&Token> = words.iter().filter(|t| t.kind != Kind::Symbol).collect();
        let said: Vec<&(String, Vec<Token>)> = all.iter().flatten().filter(|(_, value)| says(&words, value)).collect();
        if said.is_empty() {
            continue;
        }
        let fits = |variant: &Vec<(String, Vec<Token>)>| {
            variant.iter().all(|(key, value)| {
                let of_key = |(k, _): &&&(String, Vec<Token>)| k == key;
                said.iter().find(of_key).is_none() || said.iter().filter(of_key).any(|(_, other)| same(value, other))
            })
        };
        return Meant::These((0..all.len()).filter(|n| all.get(*n).is_some_and(fits)).collect());
    }
    Meant::Any
}

/// The telling words of a variant: its attributes, or the parts of its name where it has none.
fn properties(variant: &crate::model::Variant) -> Vec<(String, Vec<Token>)> {
    let words = |text: &str| tokens(text).into_iter().filter(|t| t.kind != Kind::Symbol).collect::<Vec<_>>();
    if variant.attributes.is_empty() {
        let parts = variant.name.split(['/', ',', '-', '|']);
        return parts.enumerate().map(|(n, part)| (n.to_string(), words(part))).collect();
    }
    variant.attributes.iter().map(|(key, value)| (key.clone(), words(value))).collect()
}

fn same(a: &[Token], b: &[Token]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.text == b.text)
}

fn says(words: &[&Token], value: &[Token]) -> bool {
    // "10 inch" of "10-inch pot".
    let measure = value.first().is_some_and(|t| t.kind == Kind::Number) && value.len() > 2;
    let value = if measure { value.get(..2).unwrap_or(value) } else { value };
    let stands = |w: &[&Token]| w.iter().zip(value).all(|(a, b)| a.same_word(b));
    let meant = |word: &&Token| {
        matches!(value, [one] if super::gloss::same_meaning(word, one)) || says_in_vietnamese(word, value)
    };
    !value.is_empty() && (words.windows(value.len()).any(stands) || words.iter().any(meant))
}

/// Whether what is meant can be bought; `None` when nothing tells.
#[must_use]
pub fn in_stock(product: &Product, meant: &Meant) -> Option<bool> {
    match meant {
        Meant::Any => Some(product.in_stock),
        Meant::These(these) if these.is_empty() => None,
        Meant::These(these) => {
            let stocks: Vec<Option<i64>> =
                these.iter().filter_map(|n| product.variants.get(*n)).map(|v| v.stock).collect();
            if stocks.iter().all(Option::is_none) {
                return Some(product.in_stock);
            }
            Some(product.in_stock && stocks.iter().any(|s| s.is_none_or(|n| n > 0)))
        }
    }
}

/// The numbers of pieces that may be said.
#[must_use]
pub fn counts(product: &Product, meant: &Meant) -> Vec<i64> {
    let of = |these: &mut dyn Iterator<Item = usize>| -> Vec<i64> {
        these.filter_map(|n| product.variants.get(n)).filter_map(|v| v.stock).collect()
    };
    match meant {
        Meant::Any => {
            let all = of(&mut (0..product.variants.len()));
            let total = (all.len() == product.variants.len() && !all.is_empty()).then(|| all.iter().sum());
            product.stock.into_iter().chain(total).collect()
        }
        Meant::These(these) => {
            let mut each = of(&mut these.iter().copied());
            each.push(each.iter().sum());
            each
        }
    }
}

/// The prices that may be said, in thousandths of the main unit.
pub(super) fn prices(product: &Product, meant: &Meant) -> Vec<i128> {
    let unit = 10_i128.pow(chatdesk_platform::currency_decimals(&product.currency));
    let of = |minor: Option<i64>| minor.map_or(product.price_milli(), |m| i128::from(m) * 1000 / unit);
    match meant {
        Meant::These(these) if !these.is_empty() => {
            these.iter().filter_map(|n| product.variants.get(*n)).map(|v| of(v.price_minor)).collect()
        }
        _ => vec![product.price_milli()],
    }
}
