//! When a shop answers, read from the words its owner wrote: "8h30-21h30 hằng ngày", "Monday to Friday 9am-5pm". What cannot be read for sure
//! says nothing.

use crate::text::{Kind, Token, tokens};
use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};

/// Shops keep Vietnamese time; no setting says another.
const SECONDS_EAST: i32 = 7 * 3600;

/// Opening hours, the same on each of the days.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hours {
    /// Monday first.
    days: [bool; 7],
    /// Minutes of the day, from and until.
    ranges: Vec<(u32, u32)>,
}

/// Whether the shop is open now; `None` when its words do not tell.
#[must_use]
pub fn is_open(hours: &str, now: DateTime<Utc>) -> Option<bool> {
    let hours = read(hours)?;
    let local = now.with_timezone(&FixedOffset::east_opt(SECONDS_EAST)?);
    let minute = local.hour() * 60 + local.minute();
    let day = hours.days.get(local.weekday().num_days_from_monday() as usize).copied().unwrap_or(false);
    Some(day && hours.ranges.iter().any(|(from, until)| (*from..*until).contains(&minute)))
}

fn read(text: &str) -> Option<Hours> {
    let tokens = tokens(text);
    let turns = |t: &Token| matches!(t.fold.as_str(), "nghi" | "tru" | "closed" | "except" | "le" | "holidays");
    if tokens.iter().any(turns) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut named: Vec<usize> = Vec::new();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((day, next)) = day(&tokens, at) {
            let until =
                joins(&tokens, next).and_then(|next| self::day(&tokens, next).or_else(|| bare_day(&tokens, next)));
            if let Some((last, next)) = until {
                spans.push((day, last));
                at = next;
            } else {
                named.push(day);
                at = next;
            }
        } else if let Some((from, next)) = time(&tokens, at) {
            let until = joins(&tokens, next).and_then(|next| time(&tokens, next));
            let (until, next) = until?;
            ranges.push((from?, until?));
            at = next;
        } else {
            at += 1;
        }
    }
    let mut days = [spans.is_empty() && named.is_empty(); 7];
    for (first, last) in spans {
        for day in first..=last {
            *days.get_mut(day)? = true;
        }
    }
    for day in named {
        *days.get_mut(day)? = true;
    }
    // Several hours with several days: which belong to which is anybody's guess.
    let sure = ranges.iter().all(|(from, until)| from < until)
        && ranges.windows(2).all(|w| matches!(w, [(_, until), (from, _)] if until <= from));
    (sure && !ranges.is_empty()).then_some(Hours { days, ranges })
}

fn joins(tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    (token.is('-') || token.is('~') || matches!(token.fold.as_str(), "den" | "toi" | "to" | "until" | "till"))
        .then_some(at + 1)
}

/// Minutes of the day that a place tells, none when they are no time, and what follows.
fn time(tokens: &[Token], at: usize) -> Option<(Option<u32>, usize)> {
    let number = tokens.get(at).filter(|t| t.kind == Kind::Number && t.text.bytes().all(|b| b.is_ascii_digit()))?;
    let mut hour: u32 = number.text.parse().ok()?;
    let (mut minute, mut next) = (0, at + 1);
    let unit = tokens.get(next).is_some_and(|t| t.is(':') || matches!(t.fold.as_str(), "h" | "g" | "gio"));
    let half = |t: Option<&Token>| t.is_some_and(|t| matches!(t.text.as_str(), "am" | "pm" | "a" | "p"));
    if unit {
        next += 1;
        let minutes = tokens.get(next).filter(|t| t.kind == Kind::Number && t.glued && t.text.len() == 2);
        if let Some(said) = minutes {
            minute = said.text.parse().ok()?;
            next += 1;
        }
    }
    if half(tokens.get(next)) {
        let after = tokens.get(next).is_some_and(|t| t.text.starts_with('p'));
        hour = hour % 12 + if after { 12 } else { 0 };
        next += 1;
    } else if !unit && joins(tokens, next).is_none() {
        return None;
    }
    Some(((hour <= 24 && minute < 60).then_some(hour * 60 + minute), next))
}

/// The day that a place names, Monday as 0, and what follows.
fn day(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let word = tokens.get(at)?;
    let next = tokens.get(at + 1);
    match word.fold.as_str() {
        "thu" | "t" => {
            let day = bare_day(tokens, at + 1)?;
            (word.fold == "thu" || next.is_some_and(|t| t.glued)).then_some(day)
        }
        "chu" if next.is_some_and(|t| t.fold == "nhat") => Some((6, at + 2)),
        "cn" => Some((6, at + 1)),
        text => {
            let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let day = days.iter().position(|d| {
                text.starts_with(d) && (text.len() == 3 || text.ends_with('s') || text.ends_with("day"))
            })?;
            Some((day, at + 1))
        }
    }
}

/// The day after "thứ": "hai" or 2 is Monday.
fn bare_day(tokens: &[Token], at: usize) -> Option<(usize, usize)> {
    let word = tokens.get(at)?;
    let words = ["hai", "ba", "tu", "nam", "sau", "bay"];
    let number = word.text.parse::<usize>().ok().filter(|n| (2..=7).contains(n)).map(|n| n - 2);
    number.or_else(|| words.iter().position(|w| *w == word.fold)).map(|day| (day, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the week of Monday, 2 November 2026, in Vietnam.
    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        format!("2026-11-{:02}T{hour:02}:{minute:02}:00+07:00", day + 1).parse().unwrap()
    }

    #[test]
    fn hours_as_owners_write_them() {
        for (text, open, closed) in [
            ("8h30-21h30 hằng ngày", at(7, 8, 30), at(1, 21, 30)),
            ("Mở cửa 8h-21h hàng ngày", at(3, 20, 59), at(3, 7, 59)),
            ("9:00-20:00, thứ hai đến thứ bảy", at(6, 19, 0), at(7, 12, 0)),
            ("Thứ 2 - Thứ 6: 8h đến 17h", at(5, 16, 0), at(6, 10, 0)),
            ("T2-T7 8h-12h, 13h30-17h", at(2, 13, 30), at(2, 12, 30)),
            ("Monday to Friday 9am-5pm", at(1, 16, 59), at(1, 17, 0)),
            ("Mon-Fri 9-17h", at(1, 9, 0), at(6, 9, 0)),
            ("7h-21h", at(7, 7, 0), at(7, 6, 0)),
        ] {
            assert_eq!(is_open(text, open), Some(true), "{text}");
            assert_eq!(is_open(text, closed), Some(false), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for text in [
            "",
            "cả ngày",
            "liên hệ trước khi đến",
            "thứ 2-6: 8h-20h, thứ 7: 9h-12h",
            "8h-20h, nghỉ chủ nhật",
            "25h-30h",
            "21h-8h",
            "từ 8h",
        ] {
            assert_eq!(is_open(text, at(1, 12, 0)), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = is_open(&text, at(1, 12, 0));
        }
    }
}
