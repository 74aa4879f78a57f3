//! What a business adds to a product in its own words: a JSON object, kept as the text it came as.

use serde_json::{Map, Value};

use super::Refusal;

/// In bytes, as text.
const MOST_BYTES: usize = 16 * 1024;

/// An object in an object counts as two.
const DEEPEST: usize = 8;

/// A JSON object of at most 16 KiB and eight levels. Kept as it was written: rewriting could change numbers and lose `\u0000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraInfo(String);

impl ExtraInfo {
    /// Takes a JSON object; nothing means an empty one.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self("{}".to_owned()));
        }
        if text.len() > MOST_BYTES {
            return Err(("too_long", format!("has more than {MOST_BYTES} bytes")));
        }
        // serde_json itself gives up at 128 levels, so that no depth can end the process.
        let object: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| ("malformed", "is not a JSON object".to_owned()))?;
        if object.values().any(|value| depth(value) >= DEEPEST) {
            return Err(("too_deep", format!("is nested deeper than {DEEPEST} levels")));
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was parsed before.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text it came as.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its keys and values, flattened: the names on the way to a value are joined, lists are written with commas. Links and
    /// nulls are left out, because nobody looks for them.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let object: Map<String, Value> = serde_json::from_str(&self.0).unwrap_or_default();
        for (key, value) in &object {
            flatten(key, value, &mut pairs);
        }
        pairs
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.starts_with("http://") || text.starts_with("https://") => None,
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn flatten(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                flatten(&format!("{path} {key}"), inner, out);
            }
        }
        Value::Array(items) => {
            let plain: Vec<String> = items.iter().filter_map(scalar).collect();
            if !plain.is_empty() {
                out.push((path.to_owned(), plain.join(", ")));
            }
            for nested in items.iter().filter(|item| item.is_array() || item.is_object()) {
                flatten(path, nested, out);
            }
        }
        _ => out.extend(scalar(value).map(|text| (path.to_owned(), text))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_the_text_it_came_as() {
        for text in [r#"{"b": 1.10, "a": 12345678901234567890123}"#, r#"{"x":"\u0000"}"#, "{}"] {
            assert_eq!(ExtraInfo::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ExtraInfo::parse("  ").unwrap().as_str(), "{}");
    }

    #[test]
    fn flattens_what_is_nested_and_leaves_links_out() {
        let text = r#"{"màu": ["đỏ", "đen"], "size": {"nam": "L", "nữ": ["S", 38]}, "ảnh": "https://a.example/b.jpg",
                       "kho": [{"hn": 3}], "nothing": null, "mới": true}"#;
        let mut pairs = ExtraInfo::parse(text).unwrap().pairs();
        pairs.sort();
        let mut want = [("màu", "đỏ, đen"), ("size nam", "L"), ("size nữ", "S, 38"), ("kho hn", "3"), ("mới", "true")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
        want.sort();
        assert_eq!(pairs, want);
    }

    #[test]
    fn refuses_what_is_no_object_too_long_or_too_deep() {
        let code = |text: &str| ExtraInfo::parse(text).unwrap_err().0;
        for bad in ["[]", "1", "null", "{", r#"{"a":}"#, r#"{"a":"\ud800"}"#, "{\"a\":\"\0\"}", "{} {}"] {
            assert_eq!(code(bad), "malformed", "{bad}");
        }
        assert_eq!(code(&format!(r#"{{"a":"{}"}}"#, "x".repeat(MOST_BYTES))), "too_long");
        let nested = |levels: usize| format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
        assert!(ExtraInfo::parse(&nested(DEEPEST)).is_ok());
        assert_eq!(code(&nested(DEEPEST + 1)), "too_deep");
        assert_eq!(code(&format!("{{\"a\":{}", "[".repeat(10_000))), "malformed");
    }

    proptest! {
        #[test]
        fn never_panics_and_what_it_takes_comes_back(text in "\\PC{0,200}") {
            if let Ok(info) = ExtraInfo::parse(&text) {
                let is_kept = info.as_str() == text.trim() || text.trim().is_empty();
                prop_assert!(is_kept);
                info.pairs();
            }
        }
    }
}
