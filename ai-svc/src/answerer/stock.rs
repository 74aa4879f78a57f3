//! How many there are, and whether the variant that is asked for is among them.

use super::{Draft, money, shown};
use crate::guard::{Meant, counts, in_stock, meant};
use crate::model::{Product, Variant};
use crate::text::{Phrases, Token, plain};
use std::sync::LazyLock;

/// Variants that are offered instead of one that is not there.
const OFFERED: usize = 3;

static HOW_MANY: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "còn mấy|còn bao nhiêu|mấy cái|bao nhiêu cái|còn nhiều|số lượng|how many|how much stock|con may|con bao nhieu",
    )
});

/// What the row knows of the variants that are asked for, and of the number of pieces; none when neither is asked.
pub(super) fn of_variants(product: &Product, asked: &[Token], vietnamese: bool) -> Vec<Draft> {
    let meant = meant(product, &[asked]);
    let how_many = HOW_MANY.find(asked).is_some();
    let these: Vec<&Variant> = match &meant {
        Meant::These(these) => these.iter().filter_map(|n| product.variants.get(*n)).collect(),
        Meant::Any => Vec::new(),
    };
    let counted = counts(product, &meant).into_iter().max().filter(|n| how_many && *n > 0);
    if these.len() != 1 && counted.is_none() {
        return Vec::new();
    }
    let Some(there) = in_stock(product, &meant) else { return Vec::new() };
    let called = match these.as_slice() {
        [one] => format!("{} ({})", shown(product, vietnamese), plain(&one.name, 80)),
        _ => shown(product, vietnamese),
    };
    let minor = match these.as_slice() {
        [one] => one.price_minor.unwrap_or(product.price_minor),
        _ => product.price_minor,
    };
    let price = money(minor, &product.currency, vietnamese);
    let ids = vec![product.id];
    let text = match (vietnamese, there, counted) {
        (true, true, Some(n)) => format!("Dạ {called} còn {n} cái, giá {price} ạ."),
        (true, true, None) => format!("Dạ có ạ, {called} giá {price}, hiện còn hàng ạ. Bạn muốn đặt mẫu này không ạ?"),
        (true, false, _) => format!("Dạ {called} hiện tạm hết hàng ạ."),
        (false, true, Some(n)) => format!("{called}: we have {n} left. It is {price}."),
        (false, true, None) => format!("Yes, {called} is in stock. It is {price}. Would you like to order it?"),
        (false, false, _) => format!("{called} is out of stock right now."),
    };
    if there {
        return vec![(text, ids)];
    }
    let others = product.variants.iter().filter(|v| v.stock.is_some_and(|n| n > 0));
    let others: Vec<String> = others.take(OFFERED).map(|v| plain(&v.name, 80)).collect();
    let more = match (vietnamese, others.is_empty()) {
        (_, true) => return vec![(text, ids)],
        (true, false) => format!("{text} Bạn xem thử {} nhé?", others.join("; ")),
        (false, false) => format!("{text} Would you like {} instead?", others.join("; ")),
    };
    vec![(more, ids.clone()), (text, ids)]
}
