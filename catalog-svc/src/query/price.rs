//! What a question wishes of the price: "dưới 200k", "từ 100 đến 150k", "tầm 3 trăm rưỡi", "2tr đổ lại", "rẻ nhất". Pure. A number
//! with another measure behind it ("dưới 60kg", "20k mah") is no price.

#[cfg(test)]
mod tests;

use std::ops::Range;

use chatdesk_platform::fold;

/// What is left to a price that is named without a bound: "tầm 300k", "giá 300k".
const ABOUT: f64 = 0.25;
/// A bare number below this is thousands of đồng: nobody asks for goods at 300 đồng.
const BARE_THOUSANDS: f64 = 1_000.0;
/// Nothing costs more.
const MOST: f64 = 1e12;
const UNDER: &str = "duoi|khong qua|ko qua|k qua|hong qua|toi da|max|<|<=|≤|be hon|nho hon|it hon|re hon|thap hon|\
    chua toi|khong toi|under|below|less than|up to|within|cheaper than|no more than|not more than|at most";
const UNDER_BEHIND: &str = "do lai|tro lai|tro xuong|do xuong|quay dau|quay lai|or less|or under|or below|max";
const OVER: &str = "tren|hon|toi thieu|it nhat|cao hon|lon hon|dat hon|mac hon|>|>=|≥|over|above|more than|at least|\
    from";
const OVER_BEHIND: &str = "tro len|do len|or more|and up|and above";
const NEAR: &str = "tam gia|tam|khoang|co gia|muc gia|chung|gan|gia|gia tam|gia khoang|tam khoang|tam tam|ngan sach|\
    budget|around|about|~";
/// Behind these an amount is the price itself.
const NAMED: &str = "gia|co|muc|price";
const BETWEEN: &str = "den|toi|-|~|–|to|and|va";
const CHEAPEST: &str = "re nhat|gia thap nhat|thap tien nhat|it tien nhat|cheapest|lowest price|least expensive|\
    mem nhat";
const DEAREST: &str = "dat nhat|mac nhat|gia cao nhat|dat tien nhat|mac tien nhat|xin nhat|cao cap hon|xin hon|\
    most expensive|highest price|dearest";
const CHEAP: &str = "gia re|re re|re thoi|re tien|nao re|re hon|gia mem|hat re|binh dan|affordable|cheap";

/// What stands behind a number that is no price.
const MEASURES: &str = "kg|ky|ki|can|g|gr|gam|gram|mg|l|lit|ml|cm|mm|m|met|inch|tuoi|thang|nam|ngay|gio|h|tieng|\
    phut|nguoi|mah|w|v|gb|tb|mb|mp|hz|dpi|cai|chiec|mieng|goi|hop|chai|vien|cuon|to|doi|bo|set|cap|tang|ngan|lop|\
    buong|year|years|month|months|day|days|hours|pcs|pieces|people|x|%|size|kcal|spf|phim|cong|lan|manh|con|la";

/// By which price the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// "Rẻ nhất".
    Cheapest,
    /// "Đắt nhất".
    Dearest,
}

/// A wish, in whole units of the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Not less.
    pub low: Option<i64>,
    /// Not more.
    pub high: Option<i64>,
    /// The amount that was named, when it is no bound.
    pub near: Option<i64>,
    /// Which end of the prices is wished for.
    pub order: Option<Order>,
    /// Whether the amount is still among the question's words: "áo giá 150k" asks for what costs that.
    pub is_named: bool,
}

impl Price {
    /// How well an amount fits, 0 to 1; 1 within the bounds.
    #[expect(clippy::cast_precision_loss, reason = "amounts have at most 15 digits")]
    pub fn fits(&self, amount: i64) -> f64 {
        let beyond = match (self.low, self.high) {
            (Some(low), _) if amount < low => (low - amount) as f64 / (low.max(1)) as f64,
            (_, Some(high)) if amount > high => (amount - high) as f64 / (high.max(1)) as f64,
            // Nearer is a little better.
            _ => {
                return self
                    .near
                    .map_or(1.0, |near| 1.0 - 0.2 * ((amount - near).abs() as f64 / near.max(1) as f64).min(1.0));
            }
        };
        // A little beyond is a little worse; half as much again is no answer.
        (0.5 - beyond).max(0.0)
    }
}

struct Token {
    text: String,
    at: Range<usize>,
    /// Nothing stands between it and the one before.
    is_glued: bool,
}

impl Token {
    fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let end = |at: usize| chars.get(at).map_or(text.len(), |(start, _)| *start);
    let is = |at: usize, what: fn(char) -> bool| chars.get(at).is_some_and(|(_, c)| what(*c));
    let digit = |c: char| c.is_ascii_digit();
    let letter = |c: char| !c.is_ascii_digit() && (c.is_alphanumeric() || ('\u{300}'..'\u{370}').contains(&c));
    let mut out: Vec<Token> = Vec::new();
    let (mut at, mut is_glued) = (0, false);
    while at < chars.len() {
        let from = at;
        at += 1;
        if is(from, char::is_whitespace) {
            is_glued = false;
            continue;
        }
        if is(from, digit) {
            while is(at, digit) || (is(at, |c| matches!(c, '.' | ',')) && is(at + 1, digit)) {
                at += 1;
            }
        } else if is(from, letter) {
            while is(at, letter) {
                at += 1;
            }
        } else if is(from, |c| matches!(c, '<' | '>')) && is(at, |c| c == '=') {
            at += 1;
        }
        let range = end(from)..end(at);
        out.push(Token { text: fold(&text[range.clone()]), at: range, is_glued });
        is_glued = true;
    }
    out
}

/// `150`, `1.250.000`, `1,5`.
fn number(text: &str) -> Option<f64> {
    let mut groups = text.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let value: f64 = if rest.is_empty() || (first.len() <= 3 && rest.iter().all(|group| group.len() == 3)) {
        format!("{first}{}", rest.concat()).parse().ok()?
    } else if let [fraction] = rest[..] {
        format!("{first}.{fraction}").parse().ok()?
    } else {
        return None;
    };
    (value <= MOST).then_some(value)
}

const SIZES: &str = "size|sz|siz|sai|so|co|iphone|ip|form|eu";
/// One to ten; "tám" is missing, because without marks it is "tầm".
const DIGIT_WORDS: [&str; 10] = ["mot", "hai", "ba", "bon", "nam", "sau", "bay", "", "chin", "muoi"];
const HUNDRED_THOUSANDS: &str = "tram|xi";
const MILLIONS: &str = "tr|trieu|cu|million";
const THOUSANDS: &str = "k|ngan|nghin|ng|ngh|thousand|ka";
const CURRENCY: &str = "d|vnd|dong|usd|dollars|dollar|$|₫";

fn is_one(list: &str, word: &str) -> bool {
    list.split('|').any(|one| one == word)
}

#[derive(Debug, Clone, Copy)]
struct Amount {
    value: f64,
    /// Without a unit of money.
    is_bare: bool,
    /// What it was multiplied by.
    unit: f64,
    tokens: usize,
}

struct Reader<'t> {
    tokens: &'t [Token],
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    /// How many tokens the first of these phrases that stands here has, the longest first.
    fn phrase(&self, at: usize, phrases: &str) -> Option<usize> {
        let stands = |phrase: &&str| phrase.split(' ').enumerate().all(|(n, word)| self.text(at + n) == word);
        phrases.split('|').filter(stands).map(|phrase| phrase.split(' ').count()).max()
    }

    /// One that ends before this place.
    fn phrase_before(&self, at: usize, phrases: &str) -> Option<usize> {
        (1..=3).rev().filter(|n| *n <= at).find(|n| self.phrase(at - n, phrases) == Some(*n))
    }

    fn amount(&self, at: usize) -> Option<Amount> {
        if self.text(at) == "$" && self.tokens.get(at + 1)?.is_number() {
            let value = number(self.text(at + 1))?;
            return Some(Amount { value, is_bare: false, unit: 1.0, tokens: 2 });
        }
        if self.text(at) == "nua" && self.text(at + 1) == "trieu" {
            return Some(Amount { value: 500_000.0, is_bare: false, unit: 1e6, tokens: 2 });
        }
        let is_scale = |at: usize| {
            is_one(HUNDRED_THOUSANDS, self.text(at)) || is_one(MILLIONS, self.text(at)) || self.text(at) == "chuc"
        };
        let (value, mut used) = if self.tokens.get(at)?.is_number() {
            (number(self.text(at))?, 1)
        } else if let Some((value, _)) =
            (1_u8..).zip(DIGIT_WORDS).find(|(_, word)| *word == self.text(at) && is_scale(at + 1))
        {
            (f64::from(value), 1)
        } else if self.text(at) == "tram" && matches!(self.text(at + 1), "ruoi" | "k" | "nghin" | "ngan" | "may") {
            (1.0, 0)
        } else {
            return None;
        };
        let unit_word = self.text(at + used);
        let (mut unit, mut is_bare) = (1.0, true);
        // "sz 39 k" ends in a short "không".
        let before = at.checked_sub(1).map_or("", |before| self.text(before));
        let is_size = is_one(SIZES, before) && self.tokens.get(at + used).is_some_and(|token| !token.is_glued);
        if is_one(HUNDRED_THOUSANDS, unit_word) {
            (unit, is_bare, used) = (100_000.0, false, used + 1);
        } else if unit_word == "chuc" {
            (unit, is_bare, used) = (10_000.0, false, used + 1);
        } else if is_one(MILLIONS, unit_word) {
            (unit, is_bare, used) = (1_000_000.0, false, used + 1);
        } else if is_one(THOUSANDS, unit_word) && !is_size {
            (unit, is_bare, used) = (1_000.0, false, used + 1);
        } else if is_one(CURRENCY, unit_word) {
            (is_bare, used) = (false, used + 1);
        }
        let mut total = value * unit;
        if unit >= 100_000.0 {
            if self.text(at + used) == "ruoi" {
                (total, used) = (total + unit / 2.0, used + 1);
            } else if let Some(more) = self.tokens.get(at + used).filter(|more| more.is_number()) {
                // "2tr5" and "2 triệu 5" are two and a half, "2tr350" is 2.350.000; "3 trăm 2 cái" is not.
                let (digits, behind) = (more.text.len(), self.text(at + used + 1));
                let more = number(&more.text)?;
                let is_more = digits <= 3 && !is_one(MEASURES, behind) && (unit > 100_000.0 || digits == 2);
                if is_more {
                    let step =
                        if digits == 3 { unit / 1000.0 } else { unit / 10_f64.powi(i32::try_from(digits).ok()?) };
                    (total, used) = (total + more * step, used + 1);
                }
            }
        }
        // "3 trăm nghìn", "1 trăm k", "2 triệu đồng".
        while !is_bare && (is_one(THOUSANDS, self.text(at + used)) || is_one(CURRENCY, self.text(at + used))) {
            used += 1;
        }
        let is_measured =
            is_one(MEASURES, self.text(at + used)) && (is_bare || unit == 1_000.0 && self.text(at + used) == "mah");
        (!is_measured && total <= MOST).then_some(Amount { value: total, is_bare, unit, tokens: used })
    }

    /// An amount where one is expected.
    fn priced(&self, at: usize) -> Option<Amount> {
        let amount = self.amount(at).or_else(|| {
            // "tầm trăm", "dưới triệu".
            let value = match self.text(at) {
                "tram" => 100_000.0,
                "trieu" => 1_000_000.0,
                _ => return None,
            };
            Some(Amount { value, is_bare: false, unit: value, tokens: 1 })
        })?;
        let is_small = amount.is_bare && amount.value < BARE_THOUSANDS;
        // "dưới 5" is no price.
        if is_small && amount.value < 10.0 {
            return None;
        }
        Some(if is_small { Amount { value: amount.value * 1000.0, ..amount } } else { amount })
    }

    /// "từ 100 đến 150k", "100-150k", "between 100 and 200k".
    fn span(&self, at: usize) -> Option<(Amount, Amount, Range<usize>)> {
        let opened = self.phrase(at, "tu|from|between").unwrap_or(0);
        let low = self.amount(at + opened)?;
        let between = self.phrase(at + opened + low.tokens, BETWEEN)?;
        let high_at = at + opened + low.tokens + between;
        let high = self.amount(high_at)?;
        let until = high_at + high.tokens;
        let cued = opened > 0 || self.phrase_before(at, NEAR).is_some();
        let plausible = low.value >= 30.0 && high.value >= 50.0;
        if high.is_bare && !(cued && plausible) {
            return None;
        }
        let scaled = |amount: Amount| {
            let unit = match (amount.is_bare, high.is_bare) {
                (true, false) if amount.value < BARE_THOUSANDS => high.unit,
                (true, true) if amount.value < BARE_THOUSANDS => 1000.0,
                _ => 1.0,
            };
            Amount { value: amount.value * unit, ..amount }
        };
        let (low, high) = (scaled(low), scaled(high));
        let from = at - self.phrase_before(at, NEAR).unwrap_or(0);
        (low.value < high.value).then_some((low, high, from..until))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "amounts are at most 10^12")]
const fn whole(value: f64) -> i64 {
    value.round() as i64
}

fn about(value: f64) -> Price {
    let (low, high) = (whole(value * (1.0 - ABOUT)), whole(value * (1.0 + ABOUT)));
    Price { low: Some(low), high: Some(high), near: Some(whole(value)), ..Price::default() }
}

/// The wish, and the text without the words that say it.
pub fn read(text: &str) -> (Option<Price>, String) {
    let tokens = tokens(text);
    let reader = Reader { tokens: &tokens };
    let (mut found, mut at) = (None::<Price>, 0);
    let mut said: Vec<Range<usize>> = Vec::new();
    while at < tokens.len() {
        if let Some((price, range)) = reader.wish(at, found.is_some()) {
            let merged = found.get_or_insert_default();
            merged.low = merged.low.or(price.low);
            merged.high = merged.high.or(price.high);
            merged.near = merged.near.or(price.near);
            merged.order = merged.order.or(price.order);
            merged.is_named |= price.is_named;
            at = range.end;
            if !price.is_named {
                said.push(range);
            }
        } else {
            at += 1;
        }
    }
    let mut rest = text.to_owned();
    for range in said.into_iter().rev() {
        let bytes =
            tokens.get(range.start).map_or(0, |t| t.at.start)..tokens.get(range.end - 1).map_or(0, |t| t.at.end);
        rest.replace_range(bytes, " ");
    }
    (found, rest)
}

impl Reader<'_> {
    /// A wish that begins here, and the tokens that say it.
    fn wish(&self, at: usize, is_more: bool) -> Option<(Price, Range<usize>)> {
        for (phrases, order) in [(CHEAPEST, Order::Cheapest), (DEAREST, Order::Dearest), (CHEAP, Order::Cheapest)] {
            if let Some(n) = self.phrase(at, phrases) {
                return Some((Price { order: Some(order), ..Price::default() }, at..at + n));
            }
        }
        if let Some((low, high, range)) = self.span(at) {
            let price = Price { low: Some(whole(low.value)), high: Some(whole(high.value)), ..Price::default() };
            return Some((price, range));
        }
        let bounded = |amount: Amount, from: usize, cue: usize, under: bool| {
            let mut until = from + cue + amount.tokens;
            let (below, above) = (self.phrase(until, UNDER_BEHIND), self.phrase(until, OVER_BEHIND));
            let is_under = below.is_some() || (under && above.is_none());
            until += below.or(above).unwrap_or(0);
            let bound = Some(whole(amount.value));
            let price = if is_under {
                Price { high: bound, ..Price::default() }
            } else {
                Price { low: bound, ..Price::default() }
            };
            (price, from..until)
        };
        if let Some(cue) = self.phrase(at, UNDER) {
            return self.priced(at + cue).map(|amount| bounded(amount, at, cue, true));
        }
        if let Some(cue) = self.phrase(at, OVER) {
            return self.priced(at + cue).map(|amount| bounded(amount, at, cue, false));
        }
        let cue = self.phrase(at, NEAR).or_else(|| self.phrase(at, "tu"));
        if let Some(cue) = cue {
            // "giá tầm 300k", "tầm giá khoảng 300k".
            let more = self.phrase(at + cue, NEAR).unwrap_or(0);
            if let Some(amount) = self.priced(at + cue + more) {
                return Some(self.around(amount, at, cue + more));
            }
        }
        let amount = self.amount(at).filter(|amount| !amount.is_bare)?;
        // Two amounts: the second is something else.
        if is_more || amount.value < 1.0 {
            return None;
        }
        Some(self.around(amount, at, 0))
    }

    fn around(&self, amount: Amount, from: usize, cue: usize) -> (Price, Range<usize>) {
        let until = from + cue + amount.tokens;
        let bound = Some(whole(amount.value));
        if let Some(n) = self.phrase(until, UNDER_BEHIND) {
            return (Price { high: bound, ..Price::default() }, from..until + n);
        }
        if let Some(n) = self.phrase(until, OVER_BEHIND) {
            return (Price { low: bound, ..Price::default() }, from..until + n);
        }
        let is_named = (from..from + cue).all(|at| is_one(NAMED, self.text(at)));
        (Price { is_named, ..about(amount.value) }, from..until)
    }
}
