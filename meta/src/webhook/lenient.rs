//! Reading JSON that may be wrong in any place. Owns the repair of what a strict parser would refuse inside strings,
//! and field access one level at a time over raw text, so that neither depth nor a bad neighbour matters. Refuses to
//! guess: a value of the wrong type is an absent value.

use serde_json::value::RawValue;
use std::{borrow::Cow, collections::BTreeMap};

/// Ids longer than this are no ids of Meta's (judgement; real ones have at most 20 digits, a `user_ref` some dozens).
const LONGEST_ID: usize = 128;
/// Below it a time is in seconds, from it on in milliseconds: real referral events came in seconds.
const FIRST_MILLIS: i64 = 1_000_000_000_000;
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

    /// A time in milliseconds since 1970, sent as a number or string of seconds or milliseconds.
    pub(super) fn millis(&self, key: &str) -> Option<i64> {
        let time: i64 = self.get(key).and_then(text_or_integer)?.parse().ok()?;
        let millis = if time < FIRST_MILLIS { time.checked_mul(1000)? } else { time };
        (0..=LAST_MILLIS).contains(&millis).then_some(millis)
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
        for key in ["b", "c", "d", "h", "i", "j", "none"] {
            assert_eq!(object.millis(key), None, "{key}");
        }
        assert!(object.flag("k") && object.flag("l") && !object.flag("n"));
        assert!(object.has("d") && object.get("d").is_none());
        assert_eq!(object.number("c"), Some(1.5));
        assert_eq!(object.number("i"), None);
        assert!(Object::of("[]").is_none() && Object::of("1").is_none() && list("{}").is_none());
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
        fn any_text_survives_encoding_and_repair(given in any::<String>()) {
            let json = serde_json::to_string(&given).expect("a string is JSON");
            prop_assert_eq!(repaired(json.as_bytes()), given.replace('\0', ""));
            prop_assert_eq!(text(&compact(&json)), Some(given));
        }
    }
}
