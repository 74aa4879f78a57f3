//! What a message carries besides its words: what it answers, what was tapped, where the customer came from.

use chatdesk_meta::webhook;
use serde::{Deserialize, Serialize};

use super::names::text_enum;

text_enum! {
    /// How a message came to us.
    MessageOrigin {
        /// As it happened.
        Live = "live",
        /// From before the page was connected.
        History = "history",
        /// Meta never told us of it; found when we compared.
        Recovered = "recovered",
    }
}

/// Where a customer came from. Everything may be absent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// What the link carried.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Meta's word, such as `ADS` or `SHORTLINK`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Meta's id of the advertisement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ad_id: Option<String>,
    /// Of the advertisement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of the advertisement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
    /// Meta's id of the post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post_id: Option<String>,
    /// Meta's id of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
}

impl From<&webhook::Referral> for Referral {
    fn from(seen: &webhook::Referral) -> Self {
        Self {
            reference: seen.reference.clone(),
            source: seen.source.clone(),
            ad_id: seen.ad_id.clone(),
            title: seen.title.clone(),
            photo_url: seen.photo_url.clone(),
            post_id: seen.post_id.clone(),
            product_id: seen.product_id.clone(),
        }
    }
}

/// What a message answers or came from. Everything may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Meta's id of the message it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to_mid: Option<String>,
    /// Where Meta serves the story it answers or mentions, for a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub story_url: Option<String>,
    /// It answers, or mentions, a story.
    #[serde(skip_serializing_if = "is_false")]
    pub is_story: bool,
    /// What a tapped button or quick reply stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// The link, advertisement or product it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Meta cannot show it to us.
    #[serde(skip_serializing_if = "is_false")]
    pub is_unsupported: bool,
    /// Another app of the business sent it.
    #[serde(skip_serializing_if = "is_false")]
    pub is_other_app: bool,
    /// A button was tapped; nothing was written.
    #[serde(skip_serializing_if = "is_false")]
    pub is_postback: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Context {
    /// None when there is nothing to tell.
    #[must_use]
    pub fn told(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

/// Of a customer's message.
impl From<&webhook::InboundMessage> for Context {
    fn from(seen: &webhook::InboundMessage) -> Self {
        let story = seen.reply_to_story.as_ref();
        // A mention's picture is its attachment, and is shown as such.
        let mentions = seen.attachments.iter().any(|attachment| attachment.kind == "story_mention");
        let product = seen.referral_product.clone().map(|id| Referral { product_id: Some(id), ..Referral::default() });
        let referral = seen.referral.as_ref().map(|seen_referral| {
            let referral = Referral::from(seen_referral);
            Referral { product_id: referral.product_id.or_else(|| seen.referral_product.clone()), ..referral }
        });
        Self {
            reply_to_mid: seen.reply_to_mid.clone(),
            story_url: story.and_then(|story| story.url.clone()),
            is_story: story.is_some() || mentions,
            payload: seen.quick_reply_payload.clone(),
            referral: referral.or(product),
            is_unsupported: seen.is_unsupported,
            ..Self::default()
        }
    }
}

/// Of a tap on a button.
impl From<&webhook::Postback> for Context {
    fn from(seen: &webhook::Postback) -> Self {
        Self {
            payload: seen.payload.clone(),
            referral: seen.referral.as_ref().map(Referral::from),
            is_postback: true,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_not_stored_and_what_is_unknown_is_passed_over() {
        let context = Context { payload: Some("BUY".to_owned()), is_postback: true, ..Context::default() };
        let stored = serde_json::to_string(&context).unwrap();
        assert_eq!(stored, r#"{"payload":"BUY","is_postback":true}"#);
        assert_eq!(serde_json::from_str::<Context>(&stored).unwrap(), context);
        let newer: Context = serde_json::from_str(r#"{"is_story":true,"of_tomorrow":[1]}"#).unwrap();
        assert_eq!(newer, Context { is_story: true, ..Context::default() });
        assert_eq!(Context::default().told(), None);
    }
}
