//! Customers, conversations and messages, and what the journal keeps of them.

use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as tenants;

use super::{CHANNEL, CONTACT, CONVERSATION, ENTRY, ITEM, LABEL, MESSAGE, NOTE, USER, at, used_product};

pub fn contact() -> inbox::Contact {
    inbox::Contact {
        id: CONTACT.into(),
        platform: tenants::Platform::Instagram.into(),
        platform_user_id: "9001".into(),
        display_name: "Lan".into(),
        profile_pic_url: String::new(),
        created_at: at(3),
    }
}

pub fn message() -> inbox::Message {
    inbox::Message {
        id: MESSAGE.into(),
        conversation_id: CONVERSATION.into(),
        sender_type: inbox::SenderType::Ai.into(),
        content: "Áo thun đỏ giá 129.000đ ạ.".into(),
        platform_message_id: "m_1".into(),
        status: inbox::MessageStatus::Failed.into(),
        failure: Some(inbox::Failure { code: "window_closed".into(), detail: "Đã quá 24 giờ.".into() }),
        attachments: vec![inbox::Attachment {
            kind: "image".into(),
            url: "https://cdn.test/1.jpg".into(),
            title: String::new(),
        }],
        provenance: Some(inbox::Provenance {
            products: vec![used_product()],
            verdict: "passed".into(),
            model: "catalogue".into(),
            prompt_version: "1".into(),
            prompt_tokens: 12,
            completion_tokens: 7,
            latency_ms: 40,
            handover_reason: String::new(),
            entry_ids: vec![ENTRY.into()],
        }),
        created_at: at(5),
        author_id: String::new(),
        client_id: String::new(),
        edited_at: at(10),
        deleted_at: None,
        reactions: vec![inbox::Reaction { reaction: "❤".into(), is_from_contact: true }],
        origin: inbox::MessageOrigin::Recovered.into(),
        context: Some(inbox::MessageContext {
            reply_to_id: MESSAGE.into(),
            story_url: "https://cdn.test/story.jpg".into(),
            is_story: true,
            payload: "BUY_1".into(),
            referral: Some(referral()),
            is_unsupported: false,
            is_other_app: true,
            is_postback: false,
        }),
        cards: vec![tenants::Card {
            title: "Áo thun đỏ".into(),
            subtitle: "129.000đ".into(),
            image_url: String::new(),
        }],
        quick_replies: vec!["Còn hàng".into()],
        needs_decision: true,
    }
}

fn referral() -> inbox::Referral {
    inbox::Referral {
        r#ref: "he-2026".into(),
        source: "ADS".into(),
        ad_id: "6045".into(),
        title: "Hè rực rỡ".into(),
        photo_url: "https://cdn.test/ad.jpg".into(),
        post_id: String::new(),
        product_id: String::new(),
    }
}

/// One item of a webhook, with what Meta sent.
pub fn item() -> inbox::JournalItem {
    inbox::JournalItem {
        id: ITEM.into(),
        channel_id: CHANNEL.into(),
        kind: "reaction".into(),
        outcome: inbox::ItemOutcome::Status.into(),
        reason: String::new(),
        created_at: at(11),
        message_id: MESSAGE.into(),
        conversation_id: CONVERSATION.into(),
        redriven_at: at(12),
        can_redrive: true,
        raw: r#"{"reaction":{}}"#.into(),
    }
}

pub fn summary() -> inbox::JournalSummary {
    let outcome = |outcome: inbox::ItemOutcome, count| inbox::OutcomeCount { outcome: outcome.into(), count };
    inbox::JournalSummary {
        outcomes: vec![outcome(inbox::ItemOutcome::Stored, 5), outcome(inbox::ItemOutcome::Failed, 1)],
        channels: vec![inbox::ChannelSync {
            channel_id: CHANNEL.into(),
            synced_to: None,
            checked_at: at(13),
            history_count: 40,
            recovered_count: 2,
            last_error: String::new(),
        }],
    }
}

pub fn label() -> inbox::Label {
    inbox::Label { id: LABEL.into(), name: "Khách quen".into(), color: inbox::LabelColor::Orange.into() }
}

pub fn note() -> inbox::Note {
    inbox::Note {
        id: NOTE.into(),
        conversation_id: CONVERSATION.into(),
        author_id: USER.into(),
        text: "Gọi lại chiều nay".into(),
        created_at: at(9),
    }
}

pub fn stats() -> inbox::Stats {
    let day = |date: &str, messages_in| inbox::DayStats {
        date: date.into(),
        conversations: 1,
        messages_in,
        answers_ai: 1,
        answers_human: 0,
        handovers: 1,
    };
    inbox::Stats {
        from: "2026-11-21".into(),
        to: "2026-11-22".into(),
        time_zone: "Asia/Ho_Chi_Minh".into(),
        conversations: 1,
        messages_in: 5,
        answers_ai: 2,
        answers_human: 0,
        handovers: vec![inbox::HandoverCount { reason: "asks_for_person".into(), count: 2 }],
        median_answer_seconds: Some(12.5),
        days: vec![day("2026-11-21", 2), day("2026-11-22", 3)],
    }
}

/// A customer's plain text.
pub fn inbound(text: &str) -> inbox::Message {
    inbox::Message {
        id: MESSAGE.into(),
        conversation_id: CONVERSATION.into(),
        sender_type: inbox::SenderType::Contact.into(),
        content: text.into(),
        status: inbox::MessageStatus::Received.into(),
        created_at: at(6),
        origin: inbox::MessageOrigin::Live.into(),
        ..inbox::Message::default()
    }
}

pub fn conversation() -> inbox::Conversation {
    inbox::Conversation {
        id: CONVERSATION.into(),
        channel_id: CHANNEL.into(),
        contact: Some(contact()),
        platform: tenants::Platform::Instagram.into(),
        last_message_at: at(6),
        is_ai_enabled: true,
        status: inbox::ConversationStatus::NeedsHuman.into(),
        ai: Some(inbox::Ai { state: inbox::AiState::HandedOver.into(), reason: "asks_for_person".into(), until: None }),
        unread_count: 2,
        reply_window: Some(inbox::ReplyWindow { ai_until: at(86_400), human_until: at(604_800) }),
        last_message: Some(inbound("còn áo không shop")),
        created_at: at(4),
        assignee_id: USER.into(),
        labels: vec![label()],
        note_count: 1,
        found: Some(inbox::Found { message_id: MESSAGE.into(), text: "còn áo không shop".into() }),
        source: Some(referral()),
        is_other_apps: true,
        undecided_count: 1,
    }
}
