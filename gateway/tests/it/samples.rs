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
pub const CHANNEL: &str = "0198f000-0000-7000-8000-000000000011";
pub const CONTACT: &str = "0198f000-0000-7000-8000-000000000012";
pub const CONVERSATION: &str = "0198f000-0000-7000-8000-000000000013";
pub const MESSAGE: &str = "0198f000-0000-7000-8000-000000000014";
pub const PRODUCT: &str = "0198f000-0000-7000-8000-000000000015";

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
    }
}

pub fn admin() -> tenants::User {
    tenants::User {
        id: ADMIN.into(),
        email: "admin@x.test".into(),
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
    }
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
