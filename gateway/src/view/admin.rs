//! Tenants as platform admins see them: names, counts and states, never what anybody wrote.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::{AdminView, MemberRole};
use super::channel::{HealthState, Platform};
use super::{Time, Unreadable, each, filled, names, one, time, time_opt};

names! {
    /// How much a tenant is meant to use in a day: a tenth of the installation's budget, all of it, or five times as much.
    Plan of pb::Plan { Trial, Standard, Business }
}

/// A tenant in the admins' list.
#[derive(Serialize, ToSchema)]
pub struct Tenant {
    #[serde(flatten)]
    status: AdminView,
    name: String,
    plan: Plan,
    /// Tokens of the language model that it may use in a UTC day.
    tokens_per_day: u64,
    /// Whether that number was set for it, and does not follow from its plan.
    is_capped: bool,
    tokens_today: u64,
    /// In the last 30 days.
    tokens_month: u64,
    /// Connected channels.
    channels: u32,
    /// Of those, the ones with trouble.
    troubled_channels: u32,
    /// When anything last arrived from Meta.
    last_event_at: Option<Time>,
    created_at: Time,
}

impl TryFrom<pb::Tenant> for Tenant {
    type Error = Unreadable;

    fn try_from(told: pb::Tenant) -> Result<Self, Unreadable> {
        Ok(Self {
            status: one(told.status)?.ok_or(Unreadable("tenant"))?,
            name: told.name,
            plan: told.plan.try_into()?,
            tokens_per_day: told.tokens_per_day,
            is_capped: told.is_capped,
            tokens_today: told.tokens_today,
            tokens_month: told.tokens_month,
            channels: told.channels,
            troubled_channels: told.troubled_channels,
            last_event_at: time_opt(told.last_event_at),
            created_at: time(told.created_at, "tenant")?,
        })
    }
}

/// People of a role.
#[derive(Serialize, ToSchema)]
pub struct RoleCount {
    member_role: MemberRole,
    count: u32,
}

impl TryFrom<pb::RoleCount> for RoleCount {
    type Error = Unreadable;

    fn try_from(told: pb::RoleCount) -> Result<Self, Unreadable> {
        Ok(Self { member_role: told.role.try_into()?, count: told.count })
    }
}

/// All that admins are told of a tenant.
#[derive(Serialize, ToSchema)]
pub struct TenantDetail {
    #[serde(flatten)]
    tenant: Tenant,
    /// Its people by role.
    member_counts: Vec<RoleCount>,
    /// Its channels.
    channel_health: Vec<ChannelHealth>,
    /// The last 30 days, oldest first, without those of no use.
    days: Vec<UsageDay>,
    /// Visits of admins, newest first.
    visits: Vec<Visit>,
}

impl TryFrom<pb::TenantDetail> for TenantDetail {
    type Error = Unreadable;

    fn try_from(told: pb::TenantDetail) -> Result<Self, Unreadable> {
        Ok(Self {
            tenant: one(told.tenant)?.ok_or(Unreadable("tenant"))?,
            member_counts: each(told.members)?,
            channel_health: each(told.channels)?,
            days: each(told.days)?,
            visits: each(told.visits)?,
        })
    }
}

/// How a tenant's channel is.
#[derive(Serialize, ToSchema)]
pub struct ChannelHealth {
    id: String,
    business_id: String,
    business_name: String,
    platform: Platform,
    /// Meta's id of the page or account.
    platform_page_id: String,
    state: HealthState,
    /// Why, as a stable code.
    reason: Option<String>,
    connected_at: Time,
    /// When anything last arrived.
    last_event_at: Option<Time>,
}

impl TryFrom<pb::ChannelHealth> for ChannelHealth {
    type Error = Unreadable;

    fn try_from(told: pb::ChannelHealth) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.channel_id,
            business_id: told.tenant_id,
            business_name: told.tenant_name,
            platform: told.platform.try_into()?,
            platform_page_id: told.external_id,
            state: told.state.try_into()?,
            reason: filled(told.reason),
            connected_at: time(told.connected_at, "channel")?,
            last_event_at: time_opt(told.last_event_at),
        })
    }
}

/// An amount of money.
#[derive(Serialize, ToSchema)]
pub struct Spend {
    #[schema(example = "0.012345")]
    amount: String,
    #[schema(example = "USD")]
    currency: &'static str,
}

/// Use of the language model.
#[derive(Serialize, ToSchema)]
pub struct Usage {
    calls: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    /// What it cost by the prices that the installation was told; null when it was told none.
    spend: Option<Spend>,
}

impl From<pb::Usage> for Usage {
    fn from(told: pb::Usage) -> Self {
        let dollars = |micros: u64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        Self {
            calls: told.calls,
            prompt_tokens: told.prompt_tokens,
            completion_tokens: told.completion_tokens,
            spend: told.spend_micros.map(|micros| Spend { amount: dollars(micros), currency: "USD" }),
        }
    }
}

/// What was used in a day.
#[derive(Serialize, ToSchema)]
pub struct UsageDay {
    /// The UTC day.
    #[schema(format = Date, example = "2026-11-22")]
    day: String,
    #[serde(flatten)]
    usage: Usage,
}

impl TryFrom<pb::UsageDay> for UsageDay {
    type Error = Unreadable;

    fn try_from(told: pb::UsageDay) -> Result<Self, Unreadable> {
        Ok(Self { day: told.day, usage: told.usage.unwrap_or_default().into() })
    }
}

/// What a tenant used.
#[derive(Serialize, ToSchema)]
pub struct TenantUsage {
    business_id: String,
    business_name: String,
    #[serde(flatten)]
    usage: Usage,
}

impl TryFrom<pb::TenantUsage> for TenantUsage {
    type Error = Unreadable;

    fn try_from(told: pb::TenantUsage) -> Result<Self, Unreadable> {
        Ok(Self { business_id: told.tenant_id, business_name: told.name, usage: told.usage.unwrap_or_default().into() })
    }
}

/// What tenants used that are not named.
#[derive(Serialize, ToSchema)]
pub struct OtherUsage {
    /// How many there are.
    tenants: u64,
    #[serde(flatten)]
    usage: Usage,
}

/// What was used in a period.
#[derive(Serialize, ToSchema)]
pub struct UsageReport {
    /// By tenant, most tokens first; at most 500.
    tenants: Vec<TenantUsage>,
    /// What all others used; null when there are none.
    others: Option<OtherUsage>,
    /// By day, in order, without those of no use.
    days: Vec<UsageDay>,
    total: Usage,
}

impl TryFrom<pb::ListUsageResponse> for UsageReport {
    type Error = Unreadable;

    fn try_from(told: pb::ListUsageResponse) -> Result<Self, Unreadable> {
        let usage = told.others.unwrap_or_default().into();
        Ok(Self {
            tenants: each(told.items)?,
            others: (told.other_tenants > 0).then_some(OtherUsage { tenants: told.other_tenants, usage }),
            days: each(told.days)?,
            total: told.total.unwrap_or_default().into(),
        })
    }
}

/// An admin's look at a tenant.
#[derive(Serialize, ToSchema)]
pub struct Visit {
    id: String,
    business_id: String,
    business_name: String,
    /// The admin.
    admin_id: String,
    /// Only on the tenant's page, and while there is such an admin.
    admin_email: Option<String>,
    reason: String,
    started_at: Time,
    /// When it is over, at the latest.
    ends_at: Time,
}

impl TryFrom<pb::Visit> for Visit {
    type Error = Unreadable;

    fn try_from(told: pb::Visit) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            business_id: told.tenant_id,
            business_name: told.tenant_name,
            admin_id: told.admin_id,
            admin_email: filled(told.admin_email),
            reason: told.reason,
            started_at: time(told.started_at, "visit")?,
            ends_at: time(told.ends_at, "visit")?,
        })
    }
}

/// A visit that begins.
#[derive(Serialize, ToSchema)]
pub struct EnteredTenant {
    /// Works for reading, within this tenant, until the visit ends; there is no renewing it.
    pub access_token: String,
    /// Seconds until then.
    pub expires_in: i64,
    /// What the tenant's people see of it.
    pub visit: Visit,
}
