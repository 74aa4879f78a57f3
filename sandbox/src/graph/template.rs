//! What a message may carry beside words and files: cards and quick replies. Owns their limits.
//! Sources: Messenger Platform "Generic template", "Quick replies".

use serde_json::{Map, Value};

use super::error::GraphError;
use crate::content::{Card, QuickReply};

const MOST_CARDS: usize = 10;
const MOST_BUTTONS: usize = 3;
const MOST_QUICK_REPLIES: usize = 13;
/// Characters of a title or subtitle.
const LONGEST_TITLE: usize = 80;
/// Characters of a payload.
const LONGEST_PAYLOAD: usize = 1000;
/// A quick reply's title is cut behind so many characters.
const SHOWN_TITLE: usize = 20;

/// The cards of a generic template.
pub(super) fn cards(payload: &Value) -> Result<Vec<Card>, GraphError> {
    if payload["template_type"] != "generic" {
        return Err(GraphError::parameter("Unsupported template_type."));
    }
    let cards: Vec<Card> = serde_json::from_value(payload["elements"].clone()).map_err(|_| {
        GraphError::parameter("Param message[attachment][payload][elements] must be an array of elements.")
    })?;
    let short = |text: &str| (1..=LONGEST_TITLE).contains(&text.chars().count());
    let address = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    let good = |card: &Card| {
        short(&card.title)
            && card.subtitle.as_ref().is_none_or(|subtitle| short(subtitle))
            && card.image_url.as_ref().is_none_or(address)
            && card.buttons.len() <= MOST_BUTTONS
            && card.buttons.iter().all(|button| match button.kind.as_str() {
                "web_url" => button.url.as_ref().is_some_and(address),
                "postback" => button.payload.as_ref().is_some_and(|payload| payload.chars().count() <= LONGEST_PAYLOAD),
                _ => false,
            })
            // A card must have something beside its title.
            && (card.subtitle.is_some() || card.image_url.is_some() || !card.buttons.is_empty())
    };
    if (1..=MOST_CARDS).contains(&cards.len()) && cards.iter().all(good) {
        Ok(cards)
    } else {
        Err(GraphError::parameter("Invalid elements: at most 10, each with a title and something more."))
    }
}

/// The quick replies of a message.
pub(super) fn quick_replies(message: &Map<String, Value>) -> Result<Vec<QuickReply>, GraphError> {
    let Some(list) = message.get("quick_replies").filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
    let mut list: Vec<QuickReply> = serde_json::from_value(list.clone())
        .map_err(|_| GraphError::parameter("Param message[quick_replies] must be an array with title and payload."))?;
    let good = |one: &QuickReply| {
        one.content_type == "text" && !one.title.is_empty() && one.payload.chars().count() <= LONGEST_PAYLOAD
    };
    if !(1..=MOST_QUICK_REPLIES).contains(&list.len()) || !list.iter().all(good) {
        return Err(GraphError::parameter("Invalid quick_replies: 1 to 13 of content_type text."));
    }
    for one in &mut list {
        one.title = one.title.chars().take(SHOWN_TITLE).collect();
    }
    Ok(list)
}
