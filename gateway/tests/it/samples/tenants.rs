//! People, sessions, pages and settings.

use chatdesk_proto::tenants::v1 as tenants;

use super::{
    ADMIN, CHANNEL, DELETION, GRANT, INVITATION, OTHER_SESSION, SAVED_REPLY, SESSION, TENANT, TRANSFER, USER, at,
};

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
        has_totp: true,
        is_visitor: false,
    }
}

pub fn invitation() -> tenants::Invitation {
    tenants::Invitation {
        id: INVITATION.into(),
        email: "hoa@a.test".into(),
        member_role: tenants::MemberRole::Manager.into(),
        invited_by: USER.into(),
        created_at: at(1),
        expires_at: at(604_801),
        state: tenants::InvitationState::Open.into(),
    }
}

pub fn totp_secret() -> tenants::TotpSecret {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    tenants::TotpSecret { secret: secret.into(), uri: format!("otpauth://totp/ChatDesk:x?secret={secret}") }
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
        has_totp: false,
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
        tokens_taken_percent: 85,
        tokens_low: true,
        ..tenants::AssistantSettings::default()
    }
}
