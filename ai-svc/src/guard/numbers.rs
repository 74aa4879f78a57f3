//! Numbers as people write them: "150k", "150.000đ", "1tr2", "1 triệu rưỡi", "hai trăm nghìn", "$12.50", "one hundred thousand".
//!
//! A figure is read or said to be unreadable; it is never skipped. Values are in thousandths, so decimals stay exact.

mod words;

use crate::text::{Kind, Token};
use words::{hundreds, spelled, spelled_ascii, words_below_thousand};

/// One, in the unit of [`Figure::value`].
pub(super) const ONE: i128 = 1000;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nothing that is said.
    Plain,
    /// Money: a currency, or thousands and millions as prices are spoken.
    Money,
    Percent,
}

/// A number in a text.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// Index of its first and of its last token.
    pub first: usize,
    pub last: usize,
    /// Thousandths; `None` when it is not a number anybody writes.
    pub value: Option<i128>,
    pub unit: Unit,
    /// ISO code, when one is said.
    pub currency: Option<&'static str>,
    /// One separator and three digits: a thousand to some and a decimal to others.
    pub ambiguous: bool,
    /// A scale was said, so the value is meant as it stands.
    pub scaled: bool,
}

/// All figures of a text, left to right.
pub(super) fn figures(tokens: &[Token]) -> Vec<Figure> {
    let mut out = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        if let Some(figure) = figure(tokens, i) {
            i = figure.last + 1;
            out.push(figure);
        } else {
            i += 1;
        }
    }
    inherit(tokens, &mut out);
    out
}

/// "150-160k" and "từ 150 đến 160k" mean thousands on both sides.
fn inherit(tokens: &[Token], figures: &mut [Figure]) {
    for n in 1..figures.len() {
        let (before, after) = figures.split_at_mut(n);
        let (Some(left), Some(right)) = (before.last_mut(), after.first()) else { continue };
        let joined = right.first == left.last + 2
            && tokens
                .get(left.last + 1)
                .is_some_and(|t| t.is('-') || t.is('~') || matches!(t.fold.as_str(), "den" | "to"));
        // "Loa Z5 - 690.000đ" is a name and its price.
        let spaced = tokens.get(left.last + 1).is_some_and(|t| t.is('-') && !t.glued);
        if !joined
            || spaced && in_word(tokens, left.first)
            || left.unit != Unit::Plain
            || left.scaled
            || right.unit == Unit::Plain
        {
            continue;
        }
        let (Some(low), Some(high)) = (left.value, right.value) else { continue };
        left.unit = right.unit;
        left.currency = right.currency;
        if right.unit == Unit::Money && low < 1000 * ONE && right.scaled {
            let scale = if high >= 1_000_000 * ONE { 1_000_000 } else { 1000 };
            left.value = low.checked_mul(scale);
        }
        left.scaled = right.scaled;
    }
}

fn figure(tokens: &[Token], first: usize) -> Option<Figure> {
    let before = first.checked_sub(1).and_then(|i| tokens.get(i));
    let leading = before.and_then(currency);
    let mut at = first;
    let mut total: i128 = 0;
    let mut value = Some(());
    let mut scale_before = i128::MAX;
    let (mut ambiguous, mut words, mut scaled, mut half) = (false, false, false, false);
    let mut taken = false;
    let mut low_word = true;
    while let Some(part) = part(tokens, at, taken) {
        let scale = scale_of(tokens, part.next, part.numeric).filter(|(s, _)| *s < scale_before);
        if taken && scale.is_none() {
            // A tail without a scale of its own: the 2 of "1tr2" or "một triệu hai".
            if let Some((worth, next)) = tail(tokens, at, &part, scale_before) {
                total = total.saturating_add(worth);
                at = next;
            }
            break;
        }
        taken = true;
        words |= !part.numeric;
        low_word &= part.low;
        ambiguous |= part.ambiguous;
        if part.value.is_none() {
            value = None;
        }
        let mut worth = part.value.unwrap_or(0);
        at = part.next;
        scaled |= part.hundreds;
        let Some((scale, next)) = scale else {
            total = total.saturating_add(worth);
            break;
        };
        scaled = true;
        // "1.5 triệu" is one and a half; "1.299k" is 1299 thousand to those who write so, and 1.299 thousand to others.
        if scale >= 1_000_000 && part.ambiguous {
            worth /= 1000;
            ambiguous = false;
        }
        total = total.saturating_add(worth.saturating_mul(scale));
        at = next;
        scale_before = scale;
        if tokens.get(at).is_some_and(|t| spelled(t, "ruoi", &["rưỡi", "rưởi", "rươi"])) {
            total = total.saturating_add(ONE * scale / 2);
            at += 1;
            half = true;
        }
        if half {
            break;
        }
    }
    if !taken {
        return None;
    }
    let mut last = at.saturating_sub(1);
    let (mut unit, mut code) = (if scale_before < i128::MAX { Unit::Money } else { Unit::Plain }, leading);
    if let Some(found) = tokens.get(at).and_then(|t| trailing_currency(t, tokens.get(at + 1))) {
        code = Some(found);
        last = at;
    } else if let Some(end) = percent(tokens, at) {
        unit = Unit::Percent;
        last = end;
    }
    if code.is_some() && unit != Unit::Percent {
        unit = Unit::Money;
    }
    // Small words without any unit are grammar ("một chút", "cả hai"), not figures.
    if words && low_word && unit == Unit::Plain && !time_follows(tokens, last + 1) {
        return None;
    }
    let value = value.map(|()| total);
    Some(Figure { first, last, value, unit, currency: code, ambiguous, scaled })
}

struct Part {
    value: Option<i128>,
    next: usize,
    numeric: bool,
    ambiguous: bool,
    /// A hundred was said.
    hundreds: bool,
    /// A word for less than ten.
    low: bool,
    /// Digits, for a tail.
    digits: u32,
}

fn part(tokens: &[Token], at: usize, inner: bool) -> Option<Part> {
    let token = tokens.get(at)?;
    if token.kind == Kind::Number {
        let (mut value, mut ambiguous) = read_digits(&token.text);
        let mut next = at + 1;
        let plain = token.text.chars().all(|c| c.is_ascii_digit());
        if plain && !in_word(tokens, at) && token.text.len() <= 3 && !token.text.starts_with('0') {
            // "150 000": groups of three after a space, as ISO 31-0 has it.
            while let Some(group) = tokens.get(next).filter(|t| is_group(t)) {
                value = value.and_then(|v| v.checked_mul(1000)?.checked_add(group.text.parse::<i128>().ok()? * ONE));
                next += 1;
                ambiguous = false;
            }
        }
        let digits = token.text.len() as u32;
        // "2 trăm rưỡi"
        if next == at + 1
            && plain
            && let Some((hundreds, after)) = hundreds(tokens, next, value.map_or(0, |v| v / ONE))
        {
            return Some(Part {
                value: Some(hundreds * ONE),
                next: after,
                numeric: false,
                ambiguous: false,
                hundreds: true,
                low: false,
                digits: 0,
            });
        }
        return Some(Part { value, next, numeric: true, ambiguous, hundreds: false, low: false, digits });
    }
    if token.kind != Kind::Word {
        return None;
    }
    let (value, next, hundreds) = words_below_thousand(tokens, at, inner)?;
    Some(Part {
        value: Some(value * ONE),
        next,
        numeric: false,
        ambiguous: false,
        hundreds,
        low: value < 10 && next == at + 1,
        digits: 1,
    })
}

/// Whether a number is the end of a word, such as "Z5".
fn in_word(tokens: &[Token], at: usize) -> bool {
    let back = |n: usize| at.checked_sub(n).and_then(|i| tokens.get(i));
    // "2x150k" multiplies.
    let times = back(1).is_some_and(|t| t.text == "x") && back(2).is_some_and(|t| t.kind == Kind::Number);
    back(1).is_some_and(|t| t.kind == Kind::Word) && !times && tokens.get(at).is_some_and(|t| t.glued)
}

fn is_group(token: &Token) -> bool {
    token.kind == Kind::Number
        && !token.glued
        && token.text.len() == 3
        && token.text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits with separators: the value in thousandths and whether a lone separator before three digits makes it ambiguous.
fn read_digits(text: &str) -> (Option<i128>, bool) {
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).collect();
    let marks: Vec<char> = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let whole = |digits: String| {
        (digits.len() <= 15).then(|| digits.parse::<i128>().ok()).flatten().and_then(|v| v.checked_mul(ONE))
    };
    let grouped = |groups: &[&str], marks: &[char]| {
        groups.first().is_some_and(|g| (1..=3).contains(&g.len()))
            && groups.iter().skip(1).all(|g| g.len() == 3)
            && marks.windows(2).all(|w| w.first() == w.last())
    };
    let Some((last, front)) = groups.split_last() else { return (None, false) };
    if marks.is_empty() {
        return (whole(text.to_owned()), false);
    }
    if grouped(&groups, &marks) {
        let leading_zero = groups.first().is_some_and(|g| g.starts_with('0'));
        return (
            if leading_zero { None } else { whole(groups.concat()) },
            marks.len() == 1 && matches!(marks.first(), Some('.' | ',')),
        );
    }
    let front_marks = marks.split_last().map_or(&[][..], |(_, f)| f);
    let decimal_mark = marks.last().copied().unwrap_or('.');
    if !matches!(decimal_mark, '.' | ',') || front_marks.contains(&decimal_mark) || last.len() > 3 {
        return (None, false);
    }
    if front.len() > 1 && !grouped(front, front_marks) {
        return (None, false);
    }
    let value = whole(front.concat()).and_then(|v| {
        let fraction: i128 = format!("{last:0<3}").parse().ok()?;
        v.checked_add(fraction)
    });
    (value, false)
}

/// The scale word after a number, with the index after it.
fn scale_of(tokens: &[Token], at: usize, numeric: bool) -> Option<(i128, usize)> {
    let token = tokens.get(at)?;
    let scale = match token.fold.as_str() {
        "k" | "nghin" | "thousand" | "grand" => 1000,
        "ngan" if spelled_ascii(token, &["ngàn"]) => 1000,
        "ng" if numeric => 1000,
        "trieu" if token.text != "triều" => 1_000_000,
        "million" | "mil" | "millions" => 1_000_000,
        "tr" if numeric => 1_000_000,
        "cu" if spelled_ascii(token, &["củ"]) && numeric && !token.bare => 1_000_000,
        "ty" | "ti" if spelled_ascii(token, &["tỷ", "tỉ"]) => 1_000_000_000,
        "billion" => 1_000_000_000,
        _ => return None,
    };
    Some((scale, at + 1))
}

/// The worth of digits after a scale: "1tr2" and "1 triệu 2" are 1.2 million, "1tr25" 1.25, "1k5" 1.5 thousand.
fn tail(tokens: &[Token], at: usize, part: &Part, scale: i128) -> Option<(i128, usize)> {
    let token = tokens.get(at)?;
    let value = part.value?;
    let ends = tokens.get(part.next).is_none_or(|t| {
        t.kind == Kind::Symbol
            || currency(t).is_some()
            || matches!(t.fold.as_str(), "a" | "nhe" | "nha" | "thoi" | "dong" | "vnd" | "d" | "do" | "la" | "va")
    });
    if !part.numeric && !part.hundreds && !part.low {
        return None;
    }
    if !(token.glued || (ends && scale >= 1_000_000)) || part.ambiguous {
        return None;
    }
    let digits = if part.hundreds { 3 } else { part.digits };
    (digits <= 3).then(|| (value * scale / 10_i128.pow(digits), part.next))
}

/// A currency sign or code on its own.
pub(super) fn currency(token: &Token) -> Option<&'static str> {
    Some(match token.fold.as_str() {
        "₫" | "vnd" | "vnđ" => "VND",
        "$" | "usd" | "dollar" | "dollars" | "buck" | "bucks" => "USD",
        "€" | "eur" | "euro" | "euros" => "EUR",
        "£" | "gbp" | "quid" | "pounds" => "GBP",
        "yen" if token.text != "yen" => return None,
        "¥" | "jpy" | "yen" | "cny" | "rmb" | "yuan" => "JPY",
        text if text.chars().all(is_currency_sign) && !text.is_empty() => "XXX",
        _ => return None,
    })
}

fn is_currency_sign(c: char) -> bool {
    matches!(u32::from(c), 0x24 | 0xA2..=0xA5 | 0x58F | 0x60B | 0x9F2 | 0x9F3 | 0xAF1 | 0xBF9 | 0xE3F | 0x17DB | 0x20A0..=0x20CF | 0xFDFC)
}

/// A currency after a number: also a single đ, and "đồng" when it is not the first half of "đồng hồ".
fn trailing_currency(token: &Token, next: Option<&Token>) -> Option<&'static str> {
    currency(token).or_else(|| match token.fold.as_str() {
        "d" if token.glued || token.text == "đ" => Some("VND"),
        "dong" if token.text == "đồng" || token.text.is_ascii() => {
            (!next.is_some_and(|n| matches!(n.fold.as_str(), "ho" | "phuc" | "y"))).then_some("VND")
        }
        "dongs" => Some("VND"),
        "do" if token.text == "đô" => Some("USD"),
        "dola" => Some("USD"),
        "te" if token.text == "tệ" => Some("CNY"),
        "yen" if token.text == "yên" => Some("JPY"),
        _ => None,
    })
}

/// The last token of "%", "phần trăm", "percent" at `at`.
fn percent(tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    let next = tokens.get(at + 1).map(|t| t.fold.as_str());
    match (token.fold.as_str(), next) {
        ("%" | "‰" | "percent" | "pct" | "percents", _) => Some(at),
        ("phan", Some("tram")) | ("per", Some("cent")) => Some(at + 1),
        _ => None,
    }
}

/// Whether a span of time is counted: then even "hai" is a figure.
pub(super) fn time_follows(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    match token.fold.as_str() {
        "ngay" => token.text != "ngay" || !token.bare,
        "tuan" | "thang" | "gio" | "tieng" | "phut" => true,
        "nam" => token.text == "năm",
        "day" | "days" | "week" | "weeks" | "month" | "months" | "year" | "years" | "hour" | "hours" | "minute"
        | "minutes" => true,
        "h" => token.glued,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
