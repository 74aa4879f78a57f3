//! Connected pages and accounts. Their tokens never come this far.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, names, time, time_opt};

names! {
    /// Where a channel lives.
    Platform of pb::Platform { Facebook, Instagram }
}

names! {
    /// Whether a channel works.
    HealthState of pb::HealthState { Ok, NeedsReconnect, Restricted, Silent }
}

/// Whether a channel works, and since when it has been silent.
#[derive(Serialize, ToSchema)]
pub struct Health {
    state: HealthState,
    /// What is wrong and what to do about it, when it is not ok.
    detail: Option<String>,
    /// The same as a stable code, such as `expired` or `role_lost`, where it is known.
    reason: Option<String>,
    /// When a message or other news for it last arrived.
    last_webhook_at: Option<Time>,
}

names! {
    /// Whether messages go out through a channel.
    Sending of pb::Sending {
        /// They do.
        Ok,
        /// They are kept until the channel works again: its health says what is wrong.
        Waiting,
        /// They are kept until Meta, which enforces its policy, lets the page send again.
        Blocked,
        /// It is disconnected: nothing is sent.
        Off,
    }
}

names! {
    /// How Meta enforces its policy on a page.
    PolicyState of pb::Policy {
        /// It does not.
        None,
        /// It gave a warning; sending goes on.
        Warning,
        /// It lets nothing be sent.
        Blocked,
    }
}

/// What Meta last told of enforcing its policy on a page.
#[derive(Serialize, ToSchema)]
pub struct Policy {
    state: PolicyState,
    /// When Meta told that; null when it never told anything.
    since: Option<Time>,
}

/// A connected Page or Instagram account.
#[derive(Serialize, ToSchema)]
pub struct Channel {
    id: String,
    platform: Platform,
    /// Meta's id of the page or account.
    platform_page_id: String,
    page_name: String,
    /// False after a disconnect.
    is_active: bool,
    health: Health,
    sending: Sending,
    policy: Policy,
    /// When its token ends, if it is known to end.
    token_expires_at: Option<Time>,
    /// When Meta was last asked about its token and subscription.
    checked_at: Option<Time>,
    created_at: Time,
    updated_at: Option<Time>,
}

impl TryFrom<pb::Channel> for Channel {
    type Error = Unreadable;

    fn try_from(channel: pb::Channel) -> Result<Self, Unreadable> {
        Ok(Self {
            id: channel.id,
            platform: channel.platform.try_into()?,
            platform_page_id: channel.platform_page_id,
            page_name: channel.page_name,
            is_active: channel.is_active,
            health: Health {
                state: channel.health_state.try_into()?,
                detail: filled(channel.health_detail),
                reason: filled(channel.health_reason),
                last_webhook_at: time_opt(channel.last_webhook_at),
            },
            sending: channel.sending.try_into()?,
            policy: Policy { state: channel.policy.try_into()?, since: time_opt(channel.policy_at) },
            token_expires_at: time_opt(channel.token_expires_at),
            checked_at: time_opt(channel.checked_at),
            created_at: time(channel.created_at, "channel")?,
            updated_at: time_opt(channel.updated_at),
        })
    }
}
