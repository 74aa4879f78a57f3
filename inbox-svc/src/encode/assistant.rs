//! What the assistant is told beside the question, what it could not answer, and what it would say.

use std::collections::HashMap;

use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::catalog::v1::ProductStatus;
use chatdesk_proto::inbox::v1 as wire;
use uuid::Uuid;

use super::time;
use crate::model::{Message, Referral, Replay, ReplayItem, ReplayState, Shown, Unanswered, words_said};

/// Where a customer came from, as the assistant is told.
pub fn referral_for(referral: &Referral) -> ai::Referral {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    ai::Referral {
        source: text(&referral.source),
        ad_title: text(&referral.title),
        reference: text(&referral.reference),
        product_id: text(&referral.product_id),
        photo_url: text(&referral.photo_url),
    }
}

/// A question that the assistant had no answer to.
pub fn unanswered(question: &Unanswered) -> wire::UnansweredQuestion {
    wire::UnansweredQuestion {
        id: question.id.to_string(),
        question: question.question.clone(),
        conversation_id: question.conversation.map(|id| id.to_string()).unwrap_or_default(),
        reason: question.reason.clone(),
        asked_count: u32::try_from(question.asked).unwrap_or(0),
        first_asked_at: Some(time(question.first_at)),
        last_asked_at: Some(time(question.last_at)),
    }
}

/// A product that an answer rests on, as a card needs it.
pub fn shown(product: &ai::UsedProduct) -> Shown {
    let clean = |text: &str| text.replace('\0', "");
    Shown {
        name: clean(&product.name),
        price_minor: product.lowest_price_minor,
        has_higher_prices: product.has_higher_prices,
        currency: clean(&product.currency),
        in_stock: (!product.has_sold_out_variants).then_some(product.status() == ProductStatus::Available),
        image_url: clean(&product.image_url),
    }
}

/// A replay with what it found.
pub fn replay(replay: &Replay, total: i64, items: Vec<wire::ReplayItem>) -> wire::Replay {
    wire::Replay {
        id: replay.id.to_string(),
        state: match replay.state {
            ReplayState::Running => wire::ReplayState::Running,
            ReplayState::Done => wire::ReplayState::Done,
            ReplayState::Failed => wire::ReplayState::Failed,
        }
        .into(),
        total: u32::try_from(total).unwrap_or(0),
        items,
        created_at: Some(time(replay.created_at)),
        ended_at: replay.ended_at.map(time),
    }
}

/// A question of a replay, with the words that its messages say now.
pub fn replay_item(item: &ReplayItem, messages: &HashMap<Uuid, Message>) -> wire::ReplayItem {
    let words = |ids: &[Uuid]| {
        let said: Vec<Message> = ids.iter().filter_map(|id| messages.get(id)).cloned().collect();
        words_said(&said)
    };
    let would = &item.would_say;
    wire::ReplayItem {
        conversation_id: item.conversation.to_string(),
        question: words(&item.messages),
        ai_would_say: would.text.clone(),
        outcome: if would.answered { ai::Outcome::Answered } else { ai::Outcome::Handover }.into(),
        reason: would.reason.clone(),
        verdict: would.verdict.clone(),
        what_was_said: words(&item.said),
        model: would.model.clone(),
    }
}
