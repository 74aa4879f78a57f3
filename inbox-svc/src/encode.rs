//! Between the model and the wire: what callers are shown, and what ai-svc is asked and answers.

mod assistant;

pub use assistant::*;

use chatdesk_meta::Platform;
use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::catalog::v1::ProductStatus;
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::tenants::v1 as tenants;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;

use crate::model::{
    AI_WINDOW, AiMode, Card, ChannelSync, Contact, Context, Conversation, ConversationStatus, Counts, HUMAN_WINDOW,
    ItemOutcome, JournalItem, Label, LabelColor, Message, MessageOrigin, MessageStatus, Note, OTHER_APP, Provenance,
    Referral, SenderType, UsedProduct,
};

/// A moment.
pub fn time(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

fn platform(platform: Platform) -> i32 {
    match platform {
        Platform::Facebook => tenants::Platform::Facebook,
        Platform::Instagram => tenants::Platform::Instagram,
    }
    .into()
}

/// A contact.
pub fn contact(contact: &Contact) -> wire::Contact {
    wire::Contact {
        id: contact.id.to_string(),
        platform: platform(contact.platform),
        platform_user_id: contact.platform_user_id.clone(),
        display_name: contact.display_name.clone(),
        profile_pic_url: contact.profile_pic_url.clone(),
        created_at: Some(time(contact.created_at)),
    }
}

/// A conversation as it is at `now`.
pub fn conversation(conversation: &Conversation, now: DateTime<Utc>) -> wire::Conversation {
    let thread = &conversation.thread;
    // A pause that ends by itself does not give the word back while another app has the conversation.
    let is_anothers = thread.is_other_apps() && matches!(thread.ai.at(now), AiMode::Active | AiMode::Paused);
    let mode = thread.ai_mode(now);
    let (reason, until) = match mode {
        AiMode::Active => (String::new(), None),
        _ if is_anothers => (OTHER_APP.to_owned(), None),
        _ => (thread.ai.reason.clone(), thread.ai.until),
    };
    wire::Conversation {
        id: thread.id.to_string(),
        channel_id: thread.channel_id.to_string(),
        contact: Some(contact(&conversation.contact)),
        platform: platform(thread.platform),
        last_message_at: Some(time(thread.last_message_at)),
        is_ai_enabled: mode != AiMode::Off,
        status: match thread.status {
            ConversationStatus::Open => wire::ConversationStatus::Open,
            ConversationStatus::NeedsHuman => wire::ConversationStatus::NeedsHuman,
            ConversationStatus::Closed => wire::ConversationStatus::Closed,
        }
        .into(),
        ai: Some(wire::Ai {
            state: match mode {
                AiMode::Active => wire::AiState::Active,
                AiMode::Paused => wire::AiState::Paused,
                AiMode::HandedOver => wire::AiState::HandedOver,
                AiMode::Off => wire::AiState::Off,
            }
            .into(),
            reason,
            until: until.map(time),
        }),
        unread_count: u32::try_from(thread.unread).unwrap_or(0),
        reply_window: Some(wire::ReplyWindow {
            ai_until: thread.last_opening_at.map(|opened| time(opened + AI_WINDOW)),
            human_until: thread.last_opening_at.map(|opened| time(opened + HUMAN_WINDOW)),
        }),
        last_message: conversation.last_message.as_ref().map(message),
        created_at: Some(time(thread.created_at)),
        assignee_id: thread.assignee.map(|id| id.to_string()).unwrap_or_default(),
        labels: conversation.labels.iter().map(label).collect(),
        note_count: u32::try_from(thread.note_count).unwrap_or(0),
        found: None,
        source: thread.source.as_ref().map(referral),
        is_other_apps: thread.is_other_apps(),
        undecided_count: u32::try_from(conversation.undecided).unwrap_or(u32::MAX),
    }
}

/// A label.
pub fn label(label: &Label) -> wire::Label {
    let color = match label.color {
        LabelColor::Gray => wire::LabelColor::Gray,
        LabelColor::Red => wire::LabelColor::Red,
        LabelColor::Orange => wire::LabelColor::Orange,
        LabelColor::Green => wire::LabelColor::Green,
        LabelColor::Blue => wire::LabelColor::Blue,
        LabelColor::Purple => wire::LabelColor::Purple,
    };
    wire::Label { id: label.id.to_string(), name: label.name.clone(), color: color.into() }
}

/// A note.
pub fn note(note: &Note) -> wire::Note {
    wire::Note {
        id: note.id.to_string(),
        conversation_id: note.conversation_id.to_string(),
        author_id: note.author.map(|id| id.to_string()).unwrap_or_default(),
        text: note.text.clone(),
        created_at: Some(time(note.created_at)),
    }
}

/// How many conversations each filter would find.
pub const fn counts(counts: &Counts) -> wire::ConversationCounts {
    wire::ConversationCounts {
        open: counts.open,
        unread: counts.unread,
        mine: counts.mine,
        ai: counts.ai,
        needs_human: counts.needs_human,
        closing_soon: counts.closing_soon,
    }
}

/// A message.
pub fn message(message: &Message) -> wire::Message {
    wire::Message {
        id: message.id.to_string(),
        conversation_id: message.conversation_id.to_string(),
        sender_type: match message.sender {
            SenderType::Contact => wire::SenderType::Contact,
            SenderType::Business => wire::SenderType::Business,
            SenderType::Ai => wire::SenderType::Ai,
        }
        .into(),
        content: message.content.clone(),
        // A tap without an id of Meta's is known by a digest, which nobody needs to see.
        platform_message_id: message.mid.clone().filter(|mid| !mid.starts_with("sha256:")).unwrap_or_default(),
        status: match message.status {
            MessageStatus::Received => wire::MessageStatus::Received,
            MessageStatus::Queued => wire::MessageStatus::Queued,
            MessageStatus::Sending => wire::MessageStatus::Sending,
            MessageStatus::Sent => wire::MessageStatus::Sent,
            MessageStatus::Delivered => wire::MessageStatus::Delivered,
            MessageStatus::Read => wire::MessageStatus::Read,
            MessageStatus::Failed => wire::MessageStatus::Failed,
            MessageStatus::Unknown => wire::MessageStatus::Unknown,
        }
        .into(),
        failure: message
            .failure
            .as_ref()
            .map(|failure| wire::Failure { code: failure.code.clone(), detail: failure.detail.clone() }),
        attachments: message
            .attachments
            .iter()
            .map(|attachment| wire::Attachment {
                kind: attachment.kind.clone(),
                url: attachment.url.clone(),
                title: attachment.title.clone(),
            })
            .collect(),
        provenance: message.provenance.as_ref().map(|provenance| wire::Provenance {
            products: provenance.products.iter().map(used_product).collect(),
            verdict: provenance.verdict.clone(),
            model: provenance.model.clone(),
            prompt_version: provenance.prompt_version.clone(),
            prompt_tokens: provenance.prompt_tokens,
            completion_tokens: provenance.completion_tokens,
            latency_ms: provenance.latency_ms,
            handover_reason: provenance.handover_reason.clone(),
            entry_ids: provenance.entry_ids.clone(),
        }),
        created_at: Some(time(message.platform_at)),
        author_id: message.author.map(|id| id.to_string()).unwrap_or_default(),
        client_id: message.client_id.clone().unwrap_or_default(),
        edited_at: message.edited_at.map(time),
        deleted_at: message.deleted_at.map(time),
        reactions: message
            .reactions
            .iter()
            .filter_map(|known| {
                let reaction = known.reaction.clone()?;
                Some(wire::Reaction { reaction, is_from_contact: known.is_from_contact })
            })
            .collect(),
        origin: match message.origin {
            MessageOrigin::Live => wire::MessageOrigin::Live,
            MessageOrigin::History => wire::MessageOrigin::History,
            MessageOrigin::Recovered => wire::MessageOrigin::Recovered,
        }
        .into(),
        context: message.context.as_ref().map(|known| context(known, message)),
        cards: message.rich.iter().flat_map(|rich| &rich.cards).map(card).collect(),
        quick_replies: message.rich.iter().flat_map(|rich| &rich.quick_replies).cloned().collect(),
        needs_decision: message.sending.needs_decision,
    }
}

/// A product's card.
pub fn card(card: &Card) -> tenants::Card {
    let Card { title, subtitle, image_url } = card.clone();
    tenants::Card { title, subtitle, image_url }
}

fn context(context: &Context, message: &Message) -> wire::MessageContext {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    wire::MessageContext {
        reply_to_id: message.reply_to.map(|id| id.to_string()).unwrap_or_default(),
        story_url: text(&context.story_url),
        is_story: context.is_story,
        payload: text(&context.payload),
        referral: context.referral.as_ref().map(referral),
        is_unsupported: context.is_unsupported,
        is_other_app: context.is_other_app,
        is_postback: context.is_postback,
    }
}

fn referral(referral: &Referral) -> wire::Referral {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    wire::Referral {
        r#ref: text(&referral.reference),
        source: text(&referral.source),
        ad_id: text(&referral.ad_id),
        title: text(&referral.title),
        photo_url: text(&referral.photo_url),
        post_id: text(&referral.post_id),
        product_id: text(&referral.product_id),
    }
}

/// What became of an item.
pub const fn outcome(outcome: ItemOutcome) -> wire::ItemOutcome {
    match outcome {
        ItemOutcome::Stored => wire::ItemOutcome::Stored,
        ItemOutcome::Status => wire::ItemOutcome::Status,
        ItemOutcome::Parked => wire::ItemOutcome::Parked,
        ItemOutcome::Ignored => wire::ItemOutcome::Ignored,
        ItemOutcome::Deduplicated => wire::ItemOutcome::Deduplicated,
        ItemOutcome::Failed => wire::ItemOutcome::Failed,
        ItemOutcome::Waiting => wire::ItemOutcome::Waiting,
    }
}

/// An item of the journal.
pub fn item(item: &JournalItem) -> wire::JournalItem {
    wire::JournalItem {
        id: format!("{}.{}", item.event, item.index),
        channel_id: item.channel_id.to_string(),
        kind: item.kind.clone(),
        outcome: outcome(item.outcome).into(),
        reason: item.reason.clone(),
        created_at: Some(time(item.created_at)),
        message_id: item.message.map(|id| id.to_string()).unwrap_or_default(),
        conversation_id: item.conversation.map(|id| id.to_string()).unwrap_or_default(),
        redriven_at: item.redriven_at.map(time),
        can_redrive: item.is_kept,
        raw: item.raw.clone(),
    }
}

/// How a channel compares with what Meta keeps.
pub fn channel_sync(sync: &ChannelSync) -> wire::ChannelSync {
    wire::ChannelSync {
        channel_id: sync.channel_id.to_string(),
        synced_to: sync.synced_to.map(time),
        checked_at: sync.checked_at.map(time),
        history_count: u64::try_from(sync.history_count).unwrap_or(0),
        recovered_count: u64::try_from(sync.recovered_count).unwrap_or(0),
        last_error: sync.last_error.clone(),
    }
}

/// A product that an answer rests on, as it was then.
pub fn used_product(product: &UsedProduct) -> ai::UsedProduct {
    ai::UsedProduct {
        id: product.id.clone(),
        name: product.name.clone(),
        score: product.score,
        price_minor: product.price_minor,
        currency: product.currency.clone(),
        status: match product.status.as_str() {
            "available" => ProductStatus::Available,
            "out_of_stock" => ProductStatus::OutOfStock,
            _ => ProductStatus::Unspecified,
        }
        .into(),
        fingerprint: product.fingerprint.clone(),
        // For cards, which were made when it was answered.
        ..ai::UsedProduct::default()
    }
}

/// Where an answer's words come from. NUL is left out, which Postgres takes in no text; a handover always has a reason.
pub fn provenance_of(answer: &ai::AnswerResponse, handover: bool) -> Provenance {
    let clean = |text: &str| text.replace('\0', "");
    let products = answer.products.iter().map(|product| UsedProduct {
        id: clean(&product.id),
        name: clean(&product.name),
        score: if product.score.is_finite() { product.score } else { 0.0 },
        price_minor: product.price_minor,
        currency: clean(&product.currency),
        status: match product.status() {
            ProductStatus::Available => "available",
            ProductStatus::OutOfStock => "out_of_stock",
            ProductStatus::Unspecified => "",
        }
        .to_owned(),
        fingerprint: clean(&product.fingerprint),
    });
    let reason = if answer.reason.is_empty() { "handover".to_owned() } else { clean(&answer.reason) };
    Provenance {
        products: products.collect(),
        verdict: clean(&answer.verdict),
        model: clean(&answer.model),
        prompt_version: clean(&answer.prompt_version),
        prompt_tokens: answer.prompt_tokens,
        completion_tokens: answer.completion_tokens,
        latency_ms: answer.latency_ms,
        handover_reason: if handover { reason } else { String::new() },
        entry_ids: answer.entry_ids.iter().map(|id| clean(id)).collect(),
    }
}
