//! Numbers below a thousand in words: Vietnamese as it is spoken ("trăm rưỡi", "hai trăm lẻ năm") and English.

use super::scale_of;
use crate::text::Token;

/// A Vietnamese or English number word sequence below a thousand.
pub(super) fn words_below_thousand(tokens: &[Token], at: usize, inner: bool) -> Option<(i128, usize, bool)> {
    let token = tokens.get(at)?;
    if let Some(d) = unit_word(token) {
        if let Some((value, next)) = hundreds(tokens, at + 1, d) {
            return Some((value, next, true));
        }
        if let Some((value, next)) = tens(tokens, at + 1, d) {
            return Some((value, next, false));
        }
        return Some((d, at + 1, false));
    }
    if let Some((value, next)) = ten(tokens, at) {
        return Some((value, next, false));
    }
    // "trăm rưỡi", "triệu hai", "nửa triệu" leave the one out.
    if is_hundred(token)
        && let Some((value, next)) =
            hundreds(tokens, at, 1).filter(|(_, next)| *next > at + 1 || scale_of(tokens, *next, false).is_some())
    {
        return Some((value, next, true));
    }
    if !inner && matches!(token.fold.as_str(), "trieu") && token.text != "triều" {
        let tail = tokens.get(at + 1)?;
        if unit_word(tail).is_some() || spelled(tail, "ruoi", &["rưỡi", "rưởi"]) {
            return Some((1, at, false));
        }
    }
    None
}

/// "trăm" at `at` after `d`: hundreds with what follows.
pub(super) fn hundreds(tokens: &[Token], at: usize, d: i128) -> Option<(i128, usize)> {
    let token = tokens.get(at)?;
    if !is_hundred(token) || d > 99 {
        return None;
    }
    let base = d * 100;
    let mut next = at + 1;
    let Some(follow) = tokens.get(next) else { return Some((base, next)) };
    if spelled(follow, "ruoi", &["rưỡi", "rưởi", "rươi"]) {
        return Some((base + 50, next + 1));
    }
    let odd = matches!(follow.fold.as_str(), "le" | "linh" | "and");
    if odd {
        next += 1;
    }
    if let Some((value, end)) = ten(tokens, next) {
        return Some((base + value, end));
    }
    let Some(unit) = tokens.get(next).and_then(unit_word) else { return Some((base, at + 1)) };
    if let Some((value, end)) = tens(tokens, next + 1, unit) {
        return Some((base + value, end));
    }
    // "trăm hai" is 120, "trăm lẻ hai" 102; English has only the second.
    let english = token.fold == "hundred";
    Some((base + if odd || english { unit } else { unit * 10 }, next + 1))
}

fn is_hundred(token: &Token) -> bool {
    (token.fold == "tram" && spelled_ascii(token, &["trăm"])) || matches!(token.fold.as_str(), "hundred" | "hundreds")
}

/// "mươi" or "chục" at `at` after `d`, with the unit after it.
fn tens(tokens: &[Token], at: usize, d: i128) -> Option<(i128, usize)> {
    let token = tokens.get(at)?;
    let is_ten = spelled(token, "muoi", &["mươi"]) || spelled(token, "chuc", &["chục"]);
    if !is_ten || d > 9 {
        return None;
    }
    let unit = tokens.get(at + 1).and_then(unit_word).filter(|u| *u < 10);
    Some((d * 10 + unit.unwrap_or(0), at + 1 + usize::from(unit.is_some())))
}

/// "mười hai", "twenty five", "fifteen", "chục".
fn ten(tokens: &[Token], at: usize) -> Option<(i128, usize)> {
    let token = tokens.get(at)?;
    let base = match token.fold.as_str() {
        "muoi" if spelled(token, "muoi", &["mười"]) => 10,
        "chuc" if spelled(token, "chuc", &["chục"]) => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        "ten" if !token.bare => 10,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    };
    let mut next = at + 1;
    if tokens.get(next).is_some_and(|t| t.is('-')) && tokens.get(next + 1).and_then(unit_word).is_some() {
        next += 1;
    }
    let unit = tokens.get(next).and_then(unit_word).filter(|_| base == 10 || base >= 20);
    match unit {
        Some(unit) if unit < 10 => Some((base + unit, next + 1)),
        _ => Some((base, at + 1)),
    }
}

/// A word for less than ten.
pub(super) fn unit_word(token: &Token) -> Option<i128> {
    let (value, written): (i128, &[&str]) = match token.fold.as_str() {
        "mot" => (1, &["một", "mốt"]),
        "hai" => (2, &["hai"]),
        "ba" => (3, &["ba"]),
        "bon" => (4, &["bốn"]),
        "tu" => (4, &["tư"]),
        "nam" => (5, &["năm"]),
        "lam" => (5, &["lăm"]),
        "nham" => (5, &["nhăm"]),
        "sau" => (6, &["sáu"]),
        "bay" => (7, &["bảy", "bẩy"]),
        "tam" => (8, &["tám"]),
        "chin" => (9, &["chín"]),
        "one" => (1, &["one"]),
        "two" => (2, &["two"]),
        "three" => (3, &["three"]),
        "four" => (4, &["four"]),
        "five" => (5, &["five"]),
        "six" => (6, &["six"]),
        "seven" => (7, &["seven"]),
        "eight" => (8, &["eight"]),
        "nine" => (9, &["nine"]),
        _ => return None,
    };
    spelled(token, &token.fold, written).then_some(value)
}

pub(super) fn spelled(token: &Token, fold: &str, marked: &[&str]) -> bool {
    token.fold == fold
        && (if token.text.is_ascii() {
            !token.bare || marked.contains(&token.text.as_str())
        } else {
            marked.contains(&token.text.as_str())
        })
}

/// As [`spelled`], where a word without marks is taken even in a marked text: as a word of its own it hardly exists.
pub(super) fn spelled_ascii(token: &Token, marked: &[&str]) -> bool {
    token.text.is_ascii() || marked.contains(&token.text.as_str())
}
