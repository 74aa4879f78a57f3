//! One of everything the services can say, the same each time.

use chatdesk_proto::ai::v1 as ai;
use chatdesk_proto::catalog::v1 as catalog;
use chatdesk_proto::inbox::v1 as inbox;
use chatdesk_proto::tenants::v1 as tenants;
use prost_types::Timestamp;

pub const TENANT: &str = "0198f000-0000-7000-8000-00000000000a";
pub const OTHER_TENANT: &str = "0198f000-0000-7000-8000-00000000000b";
pub const USER: &str = "0198f000-0000-7000-8000-000000000001";
pub const ADMIN: &str = "0198f000-0000-7000-8000-000000000002";
pub const SESSION: &str = "0198f000-0000-7000-8000-000000000003";
pub const OTHER_SESSION: &str = "0198f000-0000-7000-8000-000000000004";
pub const CHANNEL: &str = "0198f000-0000-7000-8000-000000000011";
pub const CONTACT: &str = "0198f000-0000-7000-8000-000000000012";
pub const CONVERSATION: &str = "0198f000-0000-7000-8000-000000000013";
pub const MESSAGE: &str = "0198f000-0000-7000-8000-000000000014";
pub const ITEM: &str = "0198f000-0000-7000-8000-000000000019.3";
pub const LABEL: &str = "0198f000-0000-7000-8000-000000000016";
pub const NOTE: &str = "0198f000-0000-7000-8000-000000000017";
pub const PRODUCT: &str = "0198f000-0000-7000-8000-000000000015";
pub const GRANT: &str = "0198f000-0000-7000-8000-000000000018";
pub const TRANSFER: &str = "0198f000-0000-7000-8000-000000000019";
pub const DELETION: &str = "0af1c2d3e4f5061728394a5b6c7d8e9f";
pub const SAVED_REPLY: &str = "0198f000-0000-7000-8000-000000000017";

/// A moment so many seconds into a fixed day.
pub fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_336_200 + seconds, nanos: 0 })
}

pub fn owner() -> tenants::User {
    tenants::User {
        id: USER.into(),
        email: "owner@a.test".into(),
        role: tenants::UserRole::Business.into(),
        member_role: tenants::MemberRole::Owner.into(),
        tenant_id: TENANT.into(),
        business_name: "Tiệm Mây".into(),
        business_description: "Áo quần".into(),
        phone: String::new(),
        created_at: at(0),
        updated_at: at(0),
        name: "Lan".into(),
        time_zone: "Asia/Tokyo".into(),
    }
}

/// The present session and one elsewhere.
pub fn sessions() -> Vec<tenants::SessionInfo> {
    let one = |id: &str, used, user_agent: &str| tenants::SessionInfo {
        id: id.into(),
        created_at: at(0),
        last_used_at: at(used),
        user_agent: user_agent.into(),
    };
    vec![one(SESSION, 9, "Firefox on a desk"), one(OTHER_SESSION, 5, "")]
}

pub fn member() -> tenants::Member {
    tenants::Member {
        id: USER.into(),
        email: "mai@a.test".into(),
        name: "Mai".into(),
        member_role: tenants::MemberRole::Agent.into(),
        created_at: at(1),
    }
}

pub fn saved_reply() -> tenants::SavedReply {
    tenants::SavedReply {
        id: SAVED_REPLY.into(),
        shortcut: "giá-ship".into(),
        text: "Dạ {name} ơi, {shop} giao 30.000đ ạ.".into(),
        updated_at: at(2),
    }
}

pub fn admin() -> tenants::User {
    tenants::User {
        id: ADMIN.into(),
        email: "admin@x.test".into(),
        name: "admin".into(),
        role: tenants::UserRole::Admin.into(),
        created_at: at(0),
        updated_at: at(0),
        ..tenants::User::default()
    }
}

pub fn channel() -> tenants::Channel {
    tenants::Channel {
        id: CHANNEL.into(),
        platform: tenants::Platform::Facebook.into(),
        platform_page_id: "1001".into(),
        page_name: "Tiệm Mây".into(),
        is_active: true,
        health_state: tenants::HealthState::NeedsReconnect.into(),
        health_detail: "Hãy kết nối lại trang.".into(),
        last_webhook_at: at(30),
        created_at: at(1),
        updated_at: at(2),
        token_expires_at: at(40),
        checked_at: at(35),
        health_reason: "expired".into(),
        sending: tenants::Sending::Blocked.into(),
        policy: tenants::Policy::Blocked.into(),
        policy_at: at(33),
    }
}

pub fn grant() -> tenants::ConnectGrant {
    let page = |platform: tenants::Platform, id: &str, state: tenants::PageState| tenants::GrantedPage {
        platform: platform.into(),
        page_id: id.into(),
        name: format!("Page {id}"),
        state: state.into(),
    };
    tenants::ConnectGrant {
        id: GRANT.into(),
        pages: vec![
            page(tenants::Platform::Facebook, "1001", tenants::PageState::Connected),
            page(tenants::Platform::Facebook, "1002", tenants::PageState::Taken),
            page(tenants::Platform::Facebook, "1003", tenants::PageState::NoRight),
            page(tenants::Platform::Instagram, "2001", tenants::PageState::Available),
        ],
        expires_at: at(900),
    }
}

pub fn transfer(state: tenants::TransferState) -> tenants::Transfer {
    tenants::Transfer {
        id: TRANSFER.into(),
        platform: tenants::Platform::Facebook.into(),
        page_id: "1001".into(),
        page_name: String::new(),
        is_incoming: true,
        state: state.into(),
        created_at: at(3),
    }
}

pub fn deletion() -> tenants::Deletion {
    tenants::Deletion { code: DELETION.into(), is_done: true, requested_at: at(4), completed_at: at(5) }
}

pub fn settings() -> tenants::AssistantSettings {
    tenants::AssistantSettings {
        tone: "thân thiện".into(),
        policies: "Giao hàng 30.000đ".into(),
        languages: vec!["vi".into(), "en".into()],
        ai_enabled_by_default: true,
        opening_hours: "8–21h".into(),
        business_name: "Tiệm Mây".into(),
        ..tenants::AssistantSettings::default()
    }
}

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

pub fn used_product() -> ai::UsedProduct {
    ai::UsedProduct {
        id: PRODUCT.into(),
        name: "Áo thun đỏ".into(),
        score: 0.75,
        price_minor: 129_000,
        currency: "VND".into(),
        status: catalog::ProductStatus::Available.into(),
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

pub fn referral() -> inbox::Referral {
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

pub fn product() -> catalog::Product {
    catalog::Product {
        id: PRODUCT.into(),
        name: "Áo thun đỏ".into(),
        description: "Vải cotton".into(),
        price_minor: 129_000,
        currency: "VND".into(),
        status: catalog::ProductStatus::OutOfStock.into(),
        extra_info: r#"{"sizes":["M","L"]}"#.into(),
        embedding_status: catalog::EmbeddingStatus::Ready.into(),
        created_at: at(7),
        updated_at: at(8),
        image_url: "https://cdn.test/ao.jpg".into(),
    }
}

pub fn answer() -> ai::AnswerResponse {
    ai::AnswerResponse {
        outcome: ai::Outcome::Answered.into(),
        text: "Dạ 129.000đ ạ.".into(),
        reason: String::new(),
        products: vec![used_product()],
        verdict: "passed".into(),
        model: "catalogue".into(),
        prompt_version: "1".into(),
        prompt_tokens: 12,
        completion_tokens: 7,
        latency_ms: 40,
    }
}
