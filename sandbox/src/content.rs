//! What a message says: text, files, cards, quick replies, and what it refers to. Pure.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::media::Attachment;

/// What a message says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Content {
    /// Maybe empty, when there are files.
    pub(crate) text: String,
    pub(crate) attachments: Vec<Attachment>,
    /// The elements of a generic template.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) cards: Vec<Card>,
    /// Answers that the customer can tap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) quick_replies: Vec<QuickReply>,
    /// The payload of the quick reply that the customer tapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quick_reply: Option<String>,
    /// `{mid}`, or `{story: {id, url}}` on Instagram.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to: Option<Value>,
    /// The product or advertisement that it was written from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) referral: Option<Value>,
    /// A kind of message that Meta does not give to apps.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) is_unsupported: bool,
}

/// An element of a generic template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) subtitle: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) image_url: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) buttons: Vec<Button>,
}

/// A button of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Button {
    /// `web_url` or `postback`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<String>,
}

/// An answer that the customer can tap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct QuickReply {
    #[serde(default, skip_serializing)]
    pub(crate) content_type: String,
    pub(crate) title: String,
    pub(crate) payload: String,
}

impl From<&str> for Content {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }
}

pub(crate) const fn is_false(value: &bool) -> bool {
    !*value
}
