//! What goes out to customers: texts with answers to tap, files, cards and signs. Owns the bodies and their limits, and
//! what an answer or its lack means for a message; refuses what is certainly too long or empty before it is sent.
//! Sources: Messenger Platform "Send API", "Quick replies", "Generic template", "Sender actions"; Instagram Messaging
//! "Quick replies", "Generic template".

use super::{
    Account, Graph, GraphError, RefusedReason, Scope, SendOutcome, Unclear, bad_id, body, call, classify_send, usage,
};
use crate::MediaKind;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::Duration;

/// How long to wait when the host cannot be reached.
const HOST_WAIT: Duration = Duration::from_secs(5);
/// Metadata must be shorter than 1000 characters.
const LONGEST_METADATA: usize = 999;
/// Answers to tap under one text.
const MOST_QUICK_REPLIES: usize = 13;
/// Meta cuts the title of an answer to tap after so many characters.
const LONGEST_REPLY_TITLE: usize = 20;
/// What an answer to tap may carry, in characters.
const LONGEST_PAYLOAD: usize = 1000;
/// Cards of one message.
const MOST_CARDS: usize = 10;
/// A card's title or subtitle, in characters.
const LONGEST_CARD_LINE: usize = 80;

/// With what right a message goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tag {
    /// An answer within 24 hours of the customer's last action.
    Response,
    /// A person's answer within 7 days. Never for the assistant.
    HumanAgent,
}

/// An answer to tap, shown under a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickReply {
    /// 1 to 20 characters.
    pub title: String,
    /// Comes back when it is tapped; at most 1000 characters.
    pub payload: String,
}

/// One card of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// 1 to 80 characters.
    pub title: String,
    /// At most 80 characters.
    pub subtitle: Option<String>,
    /// An https address that Meta fetches the picture from.
    pub image_url: Option<String>,
}

/// A sign that the customer sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SenderAction {
    /// Somebody types, for at most 20 seconds.
    TypingOn,
    /// Nobody types any more.
    TypingOff,
    /// The customer's messages were read.
    MarkSeen,
}

impl SenderAction {
    /// Meta's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TypingOn => "typing_on",
            Self::TypingOff => "typing_off",
            Self::MarkSeen => "mark_seen",
        }
    }
}

impl QuickReply {
    fn fits(&self) -> bool {
        is_line(&self.title, LONGEST_REPLY_TITLE) && self.payload.chars().count() <= LONGEST_PAYLOAD
    }
}

impl Card {
    fn fits(&self) -> bool {
        is_line(&self.title, LONGEST_CARD_LINE)
            && self.subtitle.as_ref().is_none_or(|subtitle| is_line(subtitle, LONGEST_CARD_LINE))
            && self.image_url.as_ref().is_none_or(|url| url.starts_with("https://"))
    }

    fn element(&self) -> Value {
        let mut element = json!({ "title": self.title });
        for (key, value) in [("subtitle", &self.subtitle), ("image_url", &self.image_url)] {
            if let Some(value) = value {
                element[key] = json!(value);
            }
        }
        element
    }
}

/// Visible, and of at most so many characters.
fn is_line(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest
}

impl Graph {
    /// Sends one text, at most as long as [`crate::split_text`] makes it, with at most 13 answers to tap. `metadata` (below
    /// 1000 characters) comes back in Messenger's echo; whether Instagram's echo brings it back is not documented, so
    /// there the mid must do.
    pub async fn send_text(
        &self,
        account: &Account,
        recipient_id: &str,
        text: &str,
        metadata: Option<&str>,
        tag: Tag,
        quick_replies: &[QuickReply],
    ) -> SendOutcome {
        let fit = quick_replies.len() <= MOST_QUICK_REPLIES && quick_replies.iter().all(QuickReply::fits);
        if text.trim().is_empty() || !fit {
            return refused(RefusedReason::InvalidRequest);
        }
        let mut message = json!({ "text": text });
        if !quick_replies.is_empty() {
            let replies = quick_replies.iter();
            message["quick_replies"] = replies
                .map(|reply| json!({ "content_type": "text", "title": reply.title, "payload": reply.payload }))
                .collect();
        }
        self.send_message(account, recipient_id, message, metadata, tag).await
    }

    /// Sends one file that was uploaded for this account before ([`Graph::upload`]), shown as `kind`. `metadata` as in
    /// [`Graph::send_text`].
    pub async fn send_attachment(
        &self,
        account: &Account,
        recipient_id: &str,
        (kind, attachment_id): (MediaKind, &str),
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        let attachment = json!({ "type": kind.as_str(), "payload": { "attachment_id": attachment_id } });
        self.send_message(account, recipient_id, json!({ "attachment": attachment }), metadata, tag).await
    }

    /// Sends 1 to 10 cards side by side, as one message. `metadata` as in [`Graph::send_text`].
    pub async fn send_cards(
        &self,
        account: &Account,
        recipient_id: &str,
        cards: &[Card],
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        if !(1..=MOST_CARDS).contains(&cards.len()) || !cards.iter().all(Card::fits) {
            return refused(RefusedReason::InvalidRequest);
        }
        let elements: Vec<Value> = cards.iter().map(Card::element).collect();
        let payload = json!({ "template_type": "generic", "elements": elements });
        let message = json!({ "attachment": { "type": "template", "payload": payload } });
        self.send_message(account, recipient_id, message, metadata, tag).await
    }

    /// Shows the customer a sign. No message comes of it, so it may be repeated.
    ///
    /// # Errors
    /// As Meta says.
    pub async fn action(&self, account: &Account, recipient_id: &str, action: SenderAction) -> Result<(), GraphError> {
        let request = self.request(account, Method::POST, &[account.speaker(), "messages"]).ok_or_else(bad_id)?;
        let body = json!({ "recipient": { "id": recipient_id }, "sender_action": action.as_str() });
        call(request.json(&body)).await.map(|_| ())
    }

    async fn send_message(
        &self,
        account: &Account,
        recipient_id: &str,
        message: Value,
        metadata: Option<&str>,
        tag: Tag,
    ) -> SendOutcome {
        let metadata_fits = metadata.is_none_or(|metadata| metadata.chars().count() <= LONGEST_METADATA);
        if !metadata_fits || recipient_id.is_empty() {
            return refused(RefusedReason::InvalidRequest);
        }
        let Some(request) = self.request(account, Method::POST, &[account.speaker(), "messages"]) else {
            return refused(RefusedReason::InvalidRequest);
        };
        let mut body = json!({ "recipient": { "id": recipient_id }, "message": message });
        match tag {
            Tag::Response => body["messaging_type"] = json!("RESPONSE"),
            Tag::HumanAgent => {
                body["messaging_type"] = json!("MESSAGE_TAG");
                body["tag"] = json!("HUMAN_AGENT");
            }
        }
        if let Some(metadata) = metadata {
            body["message"]["metadata"] = json!(metadata);
        }
        send(request.json(&body)).await
    }
}

/// Runs a send. Whatever happens before the connection stands is certainly unsent; after that only Meta's answer
/// counts.
async fn send(request: RequestBuilder) -> SendOutcome {
    let response = match request.send().await {
        Ok(response) => response,
        Err(error) if error.is_connect() => return SendOutcome::TryLater { after: HOST_WAIT, scope: Scope::Host },
        Err(error) if error.is_builder() => return refused(RefusedReason::InvalidRequest),
        Err(error) => return SendOutcome::Unknown { why: lost(&error) },
    };
    let (status, wait, pace) =
        (response.status().as_u16(), usage::wait(response.headers()), usage::pace(response.headers()));
    match body(response).await {
        Ok(reply) => match classify_send(status, wait, &reply) {
            SendOutcome::Sent { mid, .. } => SendOutcome::Sent { mid, pace },
            other => other,
        },
        // The limit is told by the status alone; anything else needed the words.
        Err(_) if status == 429 => classify_send(status, wait, b""),
        Err(error) => SendOutcome::Unknown { why: lost(&error) },
    }
}

fn lost(error: &reqwest::Error) -> Unclear {
    if error.is_timeout() { Unclear::Timeout } else { Unclear::ConnectionLost }
}

const fn refused(reason: RefusedReason) -> SendOutcome {
    SendOutcome::Refused { reason, code: None, subcode: None, fbtrace_id: None }
}
