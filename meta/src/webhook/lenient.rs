//! Reading JSON that may be wrong in any place. Owns the repair of what a strict parser would refuse inside strings,
//! and field access one level at a time over raw text, so that neither depth nor a bad neighbour matters. Refuses to
//! guess: a value of the wrong type is an absent value.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// Ids longer than this are no ids of Meta's (judgement; real ones have at most 20 digits, a `user_ref` some dozens).
const LONGEST_ID: usize = 128;
/// Below it a time is in seconds, from it on in milliseconds: real referral events came in seconds.
pub(super) const FIRST_MILLIS: i64 = 1_000_000_000_000;
/// The end of the year 9999: a later time is no time.
const LAST_MILLIS: i64 = 253_402_300_799_999;

/// The body as JSON text that no string in it can spoil. Invalid UTF-8 becomes U+FFFD, and within strings a lone
/// surrogate too; U+0000 is dropped (PostgreSQL refuses it), raw control characters and unknown escapes are escaped.
/// Everything outside strings stays.
pub(super) fn repair(body: &[u8]) -> String {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = String::from_utf8_lossy(body);
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut kept, mut at, mut quoted) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        // What is replaced starts and ends at ASCII bytes, so every slice ends at a char border.
        let (len, instead): (usize, Option<Cow<'static, str>>) = match byte {
            b'"' => {
                quoted = !quoted;
                (1, None)
            }
            b'\\' if quoted => escape(&bytes[at + 1..]),
            0 if quoted => (1, Some("".into())),
            1..=0x1f if quoted => (1, Some(format!("\\u{byte:04x}").into())),
            _ => (1, None),
        };
        if let Some(instead) = instead {
            out.push_str(&text[kept..at]);
            out.push_str(&instead);
            kept = at + len;
        }
        at += len;
    }
    out.push_str(&text[kept..]);
    out
}

/// The length of the escape whose backslash stands before `rest`, and what to put in its place if it may not stay.
fn escape(rest: &[u8]) -> (usize, Option<Cow<'static, str>>) {
    match rest.first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => (2, None),
        Some(b'u') => match unit(&rest[1..]) {
            Some(0) => (6, Some("".into())),
            Some(0xd800..=0xdbff) if rest.get(5..7) == Some(b"\\u") && unit(&rest[7..]).is_some_and(is_low) => {
                (12, None)
            }
            Some(0xd800..=0xdfff) => (6, Some("\\ufffd".into())),
            Some(_) => (6, None),
            None => (1, Some("\\\\".into())),
        },
        _ => (1, Some("\\\\".into())),
    }
}

fn is_low(unit: u16) -> bool {
    (0xdc00..=0xdfff).contains(&unit)
}

/// Four hex digits.
fn unit(digits: &[u8]) -> Option<u16> {
    let digits = digits.get(..4)?;
    digits.iter().try_fold(0_u16, |unit, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(digit).ok()?)
    })
}

/// JSON text without the blanks between its tokens: the form that is stored and hashed.
pub(super) fn compact(json: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|c| {
            let keep = quoted || !matches!(c, ' ' | '\t' | '\n' | '\r');
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            keep
        })
        .collect()
}

/// One JSON object, its values still raw. Of a key that comes twice the last value counts.
pub(super) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    /// None when the text is no object.
    pub(super) fn of(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    /// Whether the key is there, `null` included.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The raw value; `null` is absent.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.0.get(key).map(|raw| raw.get()).filter(|raw| *raw != "null")
    }

    pub(super) fn object(&self, key: &str) -> Option<Self> {
        self.get(key).and_then(Object::of)
    }

    /// A string.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.get(key).and_then(text)
    }

    /// An id: a string or an integer, as exactly the text that was sent. Never through a float: 9007199254740993 stays
    /// what it is.
    pub(super) fn id(&self, key: &str) -> Option<String> {
        let id = self.get(key).and_then(text_or_integer)?;
        (!id.is_empty() && id.len() <= LONGEST_ID).then_some(id)
    }

    /// A time in milliseconds since 1970, sent as a number or string of seconds or milliseconds, with or without a
    /// fraction, or as a date.
    pub(super) fn millis(&self, key: &str) -> Option<i64> {
        let raw = self.get(key)?;
        let sent = text(raw).unwrap_or_else(|| raw.to_owned());
        let sent = sent.trim();
        let time: i64 = match sent.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit()) => whole.parse().ok()?,
            _ => match sent.parse() {
                Ok(time) => time,
                // Whole seconds, as all other small numbers.
                Err(_) => return iso_millis(sent).map(|millis| millis / 1000 * 1000),
            },
        };
        let millis = if time < FIRST_MILLIS { time.checked_mul(1000)? } else { time };
        (0..=LAST_MILLIS).contains(&millis).then_some(millis)
    }

    /// A number that may have been sent as a string; negative and larger ones are none.
    pub(super) fn count(&self, key: &str) -> Option<u32> {
        self.get(key).and_then(text_or_integer)?.trim().parse().ok()
    }

    /// `true`, or the string `true`: Meta's page says of some events that all their values are strings.
    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Some("true" | "\"true\""))
    }

    /// A finite number.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

/// The milliseconds since 1970 of `2026-11-22T08:15:30+0000`, the form that the Graph API gives dates in; also with a
/// fraction, `Z` or a colon in the offset (ISO 8601).
pub(crate) fn iso_millis(date: &str) -> Option<i64> {
    let (day, clock) = date.split_once('T')?;
    let number = |text: &str, digits: usize| -> Option<i64> {
        (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let mut parts = day.split('-');
    let (year, month, day) = (number(parts.next()?, 4)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || !(1970..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    let (clock, offset) = match clock.find(['Z', '+', '-']) {
        Some(at) => clock.split_at(at),
        None => (clock, "Z"),
    };
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.split(':');
    let (hour, minute, second) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("00".chars()).take(3).collect();
    let behind = if offset == "Z" {
        0
    } else {
        let (sign, hours) = offset.split_at(1);
        let hours = hours.replacen(':', "", 1);
        let hours = number(&hours, 4)?;
        (hours / 100 * 60 + hours % 100) * 60 * if sign == "-" { -1 } else { 1 }
    };
    // Days since 1970 of the civil calendar, counted in years that begin in March.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = years * 365 + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - 719_468;
    let millis = (days * 86_400 + hour * 3600 + minute * 60 + second - behind) * 1000 + number(&thousandths, 3)?;
    (0..=LAST_MILLIS).contains(&millis).then_some(millis)
}

/// The elements of an array, still raw; none when the text is no array.
pub(super) fn list(json: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

fn text_or_integer(json: &str) -> Option<String> {
    let digits = json.strip_prefix('-').unwrap_or(json);
    let integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if integer { Some(json.to_owned()) } else { text(json) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn repaired(json: &[u8]) -> String {
        text(&repair(json)).expect("a string")
    }

    #[test]
    fn strings_are_repaired() {
        assert_eq!(repaired(br#""\ud83d\udc4b \u00e1 \/ \" \\""#), "👋 á / \" \\");
        assert_eq!(repaired(br#""a\ud83db""#), "a\u{fffd}b");
        assert_eq!(repaired(br#""\udc4b\ud83d\ud83d\udc4b""#), "\u{fffd}\u{fffd}👋");
        assert_eq!(repaired(br#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(repaired(br#""a\u0000b\\u0000""#), "ab\\u0000");
        assert_eq!(repaired(b"\"a\0b\nc\x1f\""), "ab\nc\u{1f}");
        assert_eq!(repaired(b"\"\xff\xc3(\""), "\u{fffd}\u{fffd}(");
        assert_eq!(repaired("\"\\q \\u12g4 \\đ \\u1\"".as_bytes()), "\\q \\u12g4 \\đ \\u1");
        assert_eq!(repaired(b"\xef\xbb\xbf\"x\""), "x");
    }

    #[test]
    fn what_is_right_stays_byte_for_byte() {
        let json = "{ \"a\" : [1e999, \"\\u00e1\\n\", \"á\"] }\n";
        assert_eq!(repair(json.as_bytes()), json);
        assert_eq!(compact(json), "{\"a\":[1e999,\"\\u00e1\\n\",\"á\"]}");
        assert_eq!(compact(r#"{"a": " \" b\\" , "c": 1}"#), r#"{"a":" \" b\\","c":1}"#);
    }

    #[test]
    fn fields_are_read_as_sent() {
        let json = r#"{"a":9007199254740993,"b":"x","c":1.5,"d":null,"e":"","f":"1527459824","g":1795366800000,"h":-5,
            "i":1e999,"j":99999999999999999999,"k":true,"l":"true","m":[],"n":1,"n":2}"#;
        let object = Object::of(json).expect("an object");
        assert_eq!(object.id("a").as_deref(), Some("9007199254740993"));
        assert_eq!(object.id("b").as_deref(), Some("x"));
        assert_eq!(object.id("n").as_deref(), Some("2"), "the last of two counts");
        for key in ["c", "d", "e", "i", "k", "m", "none"] {
            assert_eq!(object.id(key), None, "{key}");
        }
        assert_eq!(object.millis("f"), Some(1_527_459_824_000));
        assert_eq!(object.millis("g"), Some(1_795_366_800_000));
        assert_eq!(object.millis("c"), Some(1000), "seconds with a fraction");
        for key in ["b", "d", "h", "i", "j", "none"] {
            assert_eq!(object.millis(key), None, "{key}");
        }
        let times = Object::of(
            r#"{"a":"1795366800.75","b":1527459824.5,"c":"2026-11-22T08:15:30+0000","d":" 1527459824 ",
            "e":"1.5e9","f":"","g":"2026-11-22"}"#,
        )
        .expect("an object");
        assert_eq!(times.millis("a"), Some(1_795_366_800_000));
        assert_eq!(times.millis("b"), Some(1_527_459_824_000));
        assert_eq!(times.millis("c"), Some(1_795_335_330_000));
        assert_eq!(times.millis("d"), Some(1_527_459_824_000));
        for key in ["e", "f", "g"] {
            assert_eq!(times.millis(key), None, "{key}");
        }
        assert_eq!((object.count("f"), object.count("n"), object.count("h")), (Some(1_527_459_824), Some(2), None));
        assert!(object.flag("k") && object.flag("l") && !object.flag("n"));
        assert!(object.has("d") && object.get("d").is_none());
        assert_eq!(object.number("c"), Some(1.5));
        assert_eq!(object.number("i"), None);
        assert!(Object::of("[]").is_none() && Object::of("1").is_none() && list("{}").is_none());
    }

    #[test]
    fn dates_are_read_as_the_graph_api_writes_them() {
        for (date, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-22T08:15:30+0000", Some(1_795_335_330_000)),
            ("2026-11-22T15:15:30+0700", Some(1_795_335_330_000)),
            ("2026-11-22T15:15:30.5+07:00", Some(1_795_335_330_500)),
            ("2026-11-22T00:15:30.123456-08:00", Some(1_795_335_330_123)),
            ("2024-02-29T00:00:00", Some(1_709_164_800_000)),
            ("2000-03-01T00:00:00+0000", Some(951_868_800_000)),
            ("2023-02-29T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("2026-11-31T00:00:00Z", None),
            ("2026-11-22T24:00:00Z", None),
            ("2026-11-22T08:15Z", None),
            ("2026-11-22T08:15:30+7", None),
            ("2026-11-22T08:15:30.Z", None),
            ("2026-11-22 08:15:30", None),
            ("1969-12-31T23:59:59Z", None),
            ("+026-11-22T08:15:30Z", None),
            ("２026-11-22T08:15:30Z", None),
            ("", None),
        ] {
            assert_eq!(iso_millis(date), expected, "{date}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_bytes_between_quotes_become_a_string(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let inner: Vec<u8> = bytes.into_iter().filter(|byte| *byte != b'"').collect();
            // A backslash at the end would escape the closing quote: that is another document.
            prop_assume!(inner.last() != Some(&b'\\'));
            let json = repair(&[b"\"", inner.as_slice(), b"\""].concat());
            let text = text(&json);
            prop_assert!(text.is_some(), "{json}");
            prop_assert!(!text.unwrap_or_default().contains('\0'));
        }

        #[test]
        fn any_date_is_an_answer(date in "[0-9TZ:.+ -]{0,30}|\\PC{0,30}") {
            prop_assert!(iso_millis(&date).is_none_or(|millis| (0..=LAST_MILLIS).contains(&millis)));
        }

        #[test]
        fn any_text_survives_encoding_and_repair(given in any::<String>()) {
            let json = serde_json::to_string(&given).expect("a string is JSON");
            prop_assert_eq!(repaired(json.as_bytes()), given.replace('\0', ""));
            prop_assert_eq!(text(&compact(&json)), Some(given));
        }
    }
}
