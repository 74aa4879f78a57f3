//! Webhook bodies in Meta's own spelling. Owns the envelope, the leaves and the escaping; sends nothing.
//! Sources: Messenger Platform "messages" and "message_echoes" webhook events; "Webhooks", validate payloads; Instagram Messaging
//! "Webhooks".

use std::fmt::Write as _;

use chatdesk_meta::Platform;
use serde_json::{Value, json};

use crate::thread::Content;

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
pub(crate) fn message(page_id: &str, customer_id: &str, mid: &str, content: &Content, at: i64) -> Value {
    let mut message = said(content);
    message["mid"] = json!(mid);
    json!({
        "sender": { "id": customer_id },
        "recipient": { "id": page_id },
        "timestamp": at,
        "message": message,
    })
}

/// Text and files of a message. Meta leaves out what there is none of.
fn said(content: &Content) -> Value {
    let mut message = json!({});
    if !content.text.is_empty() {
        message["text"] = json!(content.text);
    }
    if !content.attachments.is_empty() {
        let files = content.attachments.iter().map(|one| json!({ "type": one.kind, "payload": { "url": one.url } }));
        message["attachments"] = files.collect();
    }
    message
}

/// What an echo is made from.
pub(crate) struct Echo<'a> {
    pub(crate) platform: Platform,
    pub(crate) page_id: &'a str,
    pub(crate) customer_id: &'a str,
    pub(crate) mid: &'a str,
    pub(crate) content: &'a Content,
    pub(crate) metadata: Option<&'a str>,
    pub(crate) by: By,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// The `messaging` item of an echo. Messenger's names the app and gives its metadata back, Instagram's does neither.
pub(crate) fn echo(echo: &Echo<'_>) -> Value {
    let mut message = said(echo.content);
    message["mid"] = json!(echo.mid);
    message["is_echo"] = json!(true);
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
    use crate::media::Attachment;
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
                content: &"x".into(),
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

    #[test]
    fn files_are_named_and_an_empty_text_is_not() {
        let file = Attachment { kind: "image".into(), url: "http://x/1".into(), name: Some("áo.png".into()) };
        let content = Content { text: String::new(), attachments: vec![file] };
        let item = message("1", "2", "m_1", &content, 3);
        let files = json!([{ "type": "image", "payload": { "url": "http://x/1" } }]);
        assert_eq!(item["message"], json!({ "mid": "m_1", "attachments": files }));
    }

    proptest! {
        #[test]
        fn escaping_changes_no_text(text in any::<String>()) {
            let body = body(Platform::Facebook, "1", 0, &[message("1", "2", "m_1", &text.as_str().into(), 0)]);
            prop_assert!(body.is_ascii());
            let back: Value = serde_json::from_str(&body).expect("JSON");
            let said = &back["entry"][0]["messaging"][0]["message"]["text"];
            prop_assert_eq!(said, &if text.is_empty() { Value::Null } else { json!(text) });
        }
    }
}
