//! Webhook bodies in Meta's own spelling. Owns the envelope, the leaves and the escaping; sends nothing.
//! Sources: Messenger Platform "messages" and "message_echoes" webhook events; "Webhooks", validate payloads; Instagram Messaging
//! "Webhooks".

use std::fmt::Write as _;

use chatdesk_meta::Platform;
use serde_json::{Value, json};

/// The app that Meta's own Page inbox sends with.
const PAGE_INBOX_APP: u64 = 263_902_037_430_900;

/// Who wrote in the business's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The connected app, through the Graph API.
    App(u64),
    /// A person, in Meta's own app.
    Human,
}

/// The `messaging` item of a customer's message. `at` is in milliseconds since 1970.
pub(crate) fn message(page_id: &str, customer_id: &str, mid: &str, text: &str, at: i64) -> Value {
    json!({
        "sender": { "id": customer_id },
        "recipient": { "id": page_id },
        "timestamp": at,
        "message": { "mid": mid, "text": text },
    })
}

/// What an echo is made from.
pub(crate) struct Echo<'a> {
    pub(crate) platform: Platform,
    pub(crate) page_id: &'a str,
    pub(crate) customer_id: &'a str,
    pub(crate) mid: &'a str,
    pub(crate) text: &'a str,
    pub(crate) metadata: Option<&'a str>,
    pub(crate) by: By,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// The `messaging` item of an echo. Messenger's names the app and gives its metadata back, Instagram's does neither.
pub(crate) fn echo(echo: &Echo<'_>) -> Value {
    let mut message = json!({ "mid": echo.mid, "text": echo.text, "is_echo": true });
    if echo.platform == Platform::Facebook {
        message["app_id"] = match echo.by {
            By::App(id) => json!(id),
            By::Human => json!(PAGE_INBOX_APP),
        };
        if let Some(metadata) = echo.metadata {
            message["metadata"] = json!(metadata);
        }
    }
    json!({
        "sender": { "id": echo.page_id },
        "recipient": { "id": echo.customer_id },
        "timestamp": echo.at,
        "message": message,
    })
}

/// A webhook body: one entry for each item, as Meta batches them. `at` is in milliseconds since 1970.
pub(crate) fn body(platform: Platform, page_id: &str, at: i64, items: &[Value]) -> String {
    let object = match platform {
        Platform::Facebook => "page",
        Platform::Instagram => "instagram",
    };
    let entries: Vec<Value> =
        items.iter().map(|item| json!({ "id": page_id, "time": at, "messaging": [item] })).collect();
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
    fn an_echo_names_app_and_metadata_on_messenger_only() {
        let of = |platform, by| {
            echo(&Echo {
                platform,
                page_id: "1",
                customer_id: "2",
                mid: "m_1",
                text: "x",
                metadata: Some("ref"),
                by,
                at: 3,
            })
        };
        let ours = of(Platform::Facebook, By::App(77));
        assert_eq!((&ours["message"]["app_id"], &ours["message"]["metadata"]), (&json!(77), &json!("ref")));
        assert_eq!(of(Platform::Facebook, By::Human)["message"]["app_id"], json!(PAGE_INBOX_APP));
        let instagram = of(Platform::Instagram, By::App(77));
        assert_eq!(instagram["message"], json!({ "mid": "m_1", "text": "x", "is_echo": true }));
    }

    proptest! {
        #[test]
        fn escaping_changes_no_text(text in any::<String>()) {
            let body = body(Platform::Facebook, "1", 0, &[message("1", "2", "m_1", &text, 0)]);
            prop_assert!(body.is_ascii());
            let back: Value = serde_json::from_str(&body).expect("JSON");
            prop_assert_eq!(&back["entry"][0]["messaging"][0]["message"]["text"], &json!(text));
        }
    }
}
