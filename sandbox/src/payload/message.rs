//! The items of messages: a customer's, and echoes of the business's.
//! Sources: Messenger Platform "messages" and "message_echoes" webhook events; Instagram Messaging "Webhooks".

use chatdesk_meta::Platform;
use serde_json::{Map, Value, json};

use super::PAGE_INBOX_APP;
use crate::content::Content;

/// Who wrote in the business's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// The connected app, or another one, through the Graph API.
    App(u64),
    /// A person, in Meta's own app.
    Human,
}

/// The item of a customer's message. `at` is in milliseconds since 1970.
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

/// All that a message holds. Meta leaves out what there is none of.
fn said(content: &Content) -> Value {
    let mut message = json!({});
    if !content.text.is_empty() {
        message["text"] = json!(content.text);
    }
    let mut files: Vec<Value> = Vec::new();
    for one in &content.attachments {
        let mut payload = one.payload.clone().unwrap_or_else(Map::new);
        if !one.url.is_empty() {
            payload.insert("url".to_owned(), json!(one.url));
        }
        // An attachment that has nothing to tell, such as a heart, comes without a payload.
        files.push(if payload.is_empty() {
            json!({ "type": one.kind })
        } else {
            json!({ "type": one.kind, "payload": payload })
        });
    }
    if !content.cards.is_empty() {
        files.push(json!({
            "type": "template", "payload": { "template_type": "generic", "elements": content.cards },
        }));
    }
    if !files.is_empty() {
        message["attachments"] = Value::Array(files);
    }
    if let Some(payload) = &content.quick_reply {
        message["quick_reply"] = json!({ "payload": payload });
    }
    for (key, value) in [("reply_to", &content.reply_to), ("referral", &content.referral)] {
        if let Some(value) = value {
            message[key] = value.clone();
        }
    }
    if content.is_unsupported {
        message["is_unsupported"] = json!(true);
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

/// The item of an echo. Messenger's names the app and gives its metadata back, Instagram's does neither.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Card;
    use crate::media::Attachment;

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
        let file = |kind: &str, url: &str, payload: Value| Attachment {
            kind: kind.into(),
            url: url.into(),
            name: Some("áo.png".into()),
            payload: payload.as_object().cloned(),
        };
        let content = Content {
            attachments: vec![
                file("image", "http://x/1", Value::Null),
                file("sticker", "http://x/2", json!({ "sticker_id": 369 })),
                file("like_heart", "", Value::Null),
            ],
            ..Content::default()
        };
        let item = message("1", "2", "m_1", &content, 3);
        let files = json!([
            { "type": "image", "payload": { "url": "http://x/1" } },
            { "type": "sticker", "payload": { "sticker_id": 369, "url": "http://x/2" } },
            { "type": "like_heart" },
        ]);
        assert_eq!(item["message"], json!({ "mid": "m_1", "attachments": files }));
    }

    #[test]
    fn what_a_message_brings_along_is_told() {
        let content = Content {
            text: "Size M".into(),
            quick_reply: Some("M".into()),
            reply_to: Some(json!({ "mid": "m_0" })),
            referral: Some(json!({ "product": { "id": "7" } })),
            is_unsupported: true,
            cards: vec![Card { title: "Áo".into(), subtitle: None, image_url: None, buttons: Vec::new() }],
            ..Content::default()
        };
        let expected = json!({
            "mid": "m_1", "text": "Size M", "quick_reply": { "payload": "M" }, "reply_to": { "mid": "m_0" },
            "referral": { "product": { "id": "7" } }, "is_unsupported": true,
            "attachments": [{
                "type": "template", "payload": { "template_type": "generic", "elements": [{ "title": "Áo" }] },
            }],
        });
        assert_eq!(message("1", "2", "m_1", &content, 3)["message"], expected);
    }
}
