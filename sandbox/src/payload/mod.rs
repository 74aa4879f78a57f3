//! Webhook bodies in Meta's own spelling. Owns the envelope and the escaping; the leaves are [`message`]'s and [`event`]'s. Sends nothing.
//! Sources: "Webhooks", getting started and validate payloads.

pub(crate) mod event;
pub(crate) mod message;

use std::fmt::Write as _;

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::Section;
use serde_json::{Value, json};

/// The app that Meta's own Page inbox sends with.
pub(crate) const PAGE_INBOX_APP: u64 = 263_902_037_430_900;

/// One item, and where in its entry it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) section: Section,
    pub(crate) item: Value,
    /// Of the dashboard's "Test" button, whose entry has the id 0.
    pub(crate) is_test: bool,
}

impl Leaf {
    /// An item of `messaging`.
    pub(crate) const fn messaging(item: Value) -> Self {
        Self::of(Section::Messaging, item)
    }

    pub(crate) const fn of(section: Section, item: Value) -> Self {
        Self { section, item, is_test: false }
    }
}

/// A webhook body: one entry for each item, as Meta batches them. `at` is in milliseconds since 1970.
pub(crate) fn body<'a>(
    platform: Platform,
    page_id: &str,
    at: i64,
    leaves: impl IntoIterator<Item = &'a Leaf>,
) -> String {
    let object = match platform {
        Platform::Facebook => "page",
        Platform::Instagram => "instagram",
    };
    let entry = |leaf: &Leaf| {
        // Changes tell their time in seconds.
        let time = if leaf.section == Section::Changes { at / 1000 } else { at };
        let mut entry = json!({ "id": if leaf.is_test { "0" } else { page_id }, "time": time });
        entry[leaf.section.as_str()] = json!([leaf.item]);
        entry
    };
    let entries: Vec<Value> = leaves.into_iter().map(entry).collect();
    escaped(&json!({ "object": object, "entry": entries }))
}

/// JSON with every character beyond ASCII as `\uXXXX` in lower-case hex and `/` as `\/`: the form Meta signs. Both occur only inside
/// strings, so the finished text can be rewritten.
fn escaped(value: &Value) -> String {
    let plain = value.to_string();
    let mut out = String::with_capacity(plain.len() + plain.len() / 2);
    let mut units = [0; 2];
    for c in plain.chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_spelling_is_metas() {
        let value = json!({ "text": "Áo 1/2 \u{1f600} \"x\"\n" });
        assert_eq!(escaped(&value), r#"{"text":"\u00c1o 1\/2 \ud83d\ude00 \"x\"\n"}"#);
    }

    #[test]
    fn each_section_has_its_place_and_time() {
        let test = Leaf { is_test: true, ..Leaf::of(Section::Changes, json!({ "field": "x" })) };
        let leaves = [Leaf::messaging(json!({ "n": 1 })), Leaf::of(Section::Standby, json!({ "n": 2 })), test];
        let body: Value = serde_json::from_str(&body(Platform::Instagram, "7", 9_000, &leaves)).expect("JSON");
        let expected = json!([
            { "id": "7", "time": 9_000, "messaging": [{ "n": 1 }] },
            { "id": "7", "time": 9_000, "standby": [{ "n": 2 }] },
            { "id": "0", "time": 9, "changes": [{ "field": "x" }] },
        ]);
        assert_eq!((&body["object"], &body["entry"]), (&json!("instagram"), &expected));
    }

    proptest! {
        #[test]
        fn escaping_changes_no_text(text in any::<String>()) {
            let leaf = Leaf::messaging(message::message("1", "2", "m_1", &text.as_str().into(), 0));
            let body = body(Platform::Facebook, "1", 0, [&leaf]);
            prop_assert!(body.is_ascii());
            let back: Value = serde_json::from_str(&body).expect("JSON");
            let said = &back["entry"][0]["messaging"][0]["message"]["text"];
            prop_assert_eq!(said, &if text.is_empty() { Value::Null } else { json!(text) });
        }
    }
}
