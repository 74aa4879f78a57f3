//! Which of the retrieved products a question means: those it names, of the kind it says, at the price it allows. Pure.

use super::Ground;
use crate::attribute::{COLOUR, tells_property};
use crate::guard::Evidence;
use crate::model::Product;
use crate::text::{Phrases, Token, tokens};
use crate::topic::{self, asks_for_others};
use std::sync::LazyLock;

/// What is meant.
pub(super) enum Choice<'a> {
    These(Vec<&'a Product>),
    /// There are such, and none at the price that was named.
    NotAtThisPrice,
}

static CHEAP: LazyLock<Phrases> = LazyLock::new(|| Phrases::new("re nhat|cheapest|gia re|rẻ|rẻ hơn|cheap|cheaper"));

/// Whether the cheapest of several are wanted.
pub(super) fn wants_cheap(asked: &[Token]) -> bool {
    CHEAP.find(asked).is_some()
}

/// The products that are meant; when the question names none of them, any.
pub(super) fn choose<'a>(ground: &Ground<'a>, evidence: &Evidence<'_>) -> Choice<'a> {
    let all = || ground.products.iter();
    let named = named(ground, evidence);
    let text = tokens(&ground.asked.text());
    if ground.asked.topic.is_some() && asks_for_others(&tokens(&ground.asked.question)) {
        let is_other = |p: &&Product| p.in_stock && !named.iter().any(|n| n.id == p.id);
        let alike = |p: &&Product| named.iter().any(|n| topic::says_kind(&tokens(&n.name), p));
        return Choice::These(all().filter(is_other).filter(alike).collect());
    }
    // "Ly gốm" is a cup, though a skirt may be "xếp ly".
    let kind: Vec<&Product> = all().filter(|p| topic::says_kind(&text, p)).collect();
    let both: Vec<&Product> = named.iter().copied().filter(|p| kind.iter().any(|k| k.id == p.id)).collect();
    let fitting = [both, kind, named].into_iter().find(|some| !some.is_empty());
    let Some((low, high)) = evidence.asked_prices() else {
        return Choice::These(fitting.unwrap_or_else(|| all().collect()));
    };
    let at_price = |p: &&Product| (low..=high).contains(&p.price_milli());
    let is_named = fitting.is_some();
    let mut within: Vec<&Product> = fitting.unwrap_or_else(|| all().collect()).into_iter().filter(at_price).collect();
    if within.is_empty() {
        // "Áo nữ dưới 200k" may be any áo that somebody sells at that price.
        within = all().filter(at_price).filter(|p| !is_named || topic::says_kind(&text, p)).collect();
        let said = |p: &&Product| said(ground, evidence, p);
        within.sort_by_key(|p| std::cmp::Reverse(said(p)));
    }
    if within.is_empty() { Choice::NotAtThisPrice } else { Choice::These(within) }
}

fn said(ground: &Ground<'_>, evidence: &Evidence<'_>, product: &Product) -> usize {
    let place = ground.products.iter().position(|q| q.id == product.id);
    place.map_or(0, |place| evidence.asked_words_in(place))
}

/// Of several that are named by the same words, those that also have the rest of what was said: "áo thun màu đỏ".
pub(super) fn narrow(ground: &Ground<'_>, evidence: &Evidence<'_>, chosen: &mut Vec<&Product>) {
    let text = tokens(&ground.asked.text());
    let called = |p: &Product| {
        let mut name = tokens(&p.name);
        name.extend(p.english_name().map(tokens).unwrap_or_default());
        let things = text.iter().enumerate().filter(|(at, _)| !tells_property(&text, *at));
        things.map(|(_, t)| name.iter().any(|n| n.same_word(t))).collect::<Vec<_>>()
    };
    let is_alike = chosen.windows(2).all(|pair| matches!(pair, [a, b] if called(a) == called(b)));
    let most = chosen.iter().map(|p| said(ground, evidence, p)).max().unwrap_or(0);
    if is_alike {
        chosen.retain(|p| said(ground, evidence, p) == most);
    }
}

/// The products whose names the question holds, or the message that it follows; else none.
pub(super) fn named<'a>(ground: &Ground<'a>, evidence: &Evidence<'_>) -> Vec<&'a Product> {
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
