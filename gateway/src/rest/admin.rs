//! What platform admins see of tenants, and do to them.

use axum::Json;
use chatdesk_platform::{Identity, TenantId, UserId};
use chatdesk_proto::tenants::v1 as pb;
use utoipa::ToSchema;

use crate::auth::{Holder, Session};
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::live::Ending;
use crate::problem::Problem;
use crate::query::{Id, Query, both};
use crate::view::{
    AdminView, ChannelHealth, EnteredTenant, HealthState, List, Plan, Tenant, TenantDetail, TenantState, Unreadable,
    UsageReport, Visit, moment, show,
};

/// Why something is done to a tenant.
#[derive(ToSchema)]
pub struct Reason {
    /// 1 to 500 characters. Its people see it.
    reason: String,
}

impl FromFields for Reason {
    fn read(fields: &mut Fields) -> Self {
        Self { reason: fields.name("reason", 1..=500) }
    }
}

/// What a tenant may use of the language model.
#[derive(ToSchema)]
pub struct Cap {
    /// Absent: as it is.
    #[schema(value_type = Option<Plan>)]
    plan: Option<pb::Plan>,
    /// Tokens of a UTC day, at most a million million; 0 for none at all. Null: as many as the plan gives. Absent: as it is.
    #[schema(value_type = Option<u64>, maximum = 1_000_000_000_000i64)]
    tokens_per_day: Option<Option<u64>>,
}

const PLANS: [(&str, pb::Plan); 3] =
    [("trial", pb::Plan::Trial), ("standard", pb::Plan::Standard), ("business", pb::Plan::Business)];
const STATES: [(&str, pb::TenantState); 3] = [
    ("active", pb::TenantState::Active),
    ("suspended", pb::TenantState::Suspended),
    ("deleting", pb::TenantState::Deleting),
];
const HEALTH: [(&str, pb::HealthState); 4] = [
    ("ok", pb::HealthState::Ok),
    ("needs_reconnect", pb::HealthState::NeedsReconnect),
    ("restricted", pb::HealthState::Restricted),
    ("silent", pb::HealthState::Silent),
];
/// The highest cap.
const MOST_TOKENS: i64 = 1_000_000_000_000;

impl FromFields for Cap {
    fn read(fields: &mut Fields) -> Self {
        let tokens = fields.count_or_null("tokens_per_day", MOST_TOKENS);
        Self {
            plan: fields.choice_opt("plan", &PLANS),
            tokens_per_day: tokens.map(|tokens| tokens.and_then(|tokens| u64::try_from(tokens).ok())),
        }
    }
}

/// Tenants, newest first. The conditions combine. Platform admins only.
#[utoipa::path(get, path = "/api/admin/tenants", operation_id = "list_tenants", tag = "admin",
    security(("bearer" = [])),
    params(("q" = Option<String>, Query, description = "Part of the name; or exactly an id, an e-mail of one of its people, or a page's id"),
        ("state" = Option<TenantState>, Query),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<Tenant>)))]
pub async fn list_tenants(session: Session, query: Query) -> Result<Json<List<Tenant>>, Problem> {
    let what = both(query.text_opt("q", 200), query.choice_opt("state", &STATES));
    let (page, (text, state)) = both(query.page(), what)?;
    let request = pb::ListTenantsRequest {
        query: text.unwrap_or_default(),
        state: state.unwrap_or_default().into(),
        cursor: page.cursor,
        limit: page.limit,
    };
    let found = session.calls.admin()?.list_tenants(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// One tenant with its people by role, its channels, its days and the visits of admins. Platform admins only.
#[utoipa::path(get, path = "/api/admin/tenants/{id}", operation_id = "get_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = TenantDetail)))]
pub async fn get_tenant(session: Session, Id(id): Id) -> Result<Json<TenantDetail>, Problem> {
    show(session.calls.admin()?.get_tenant(pb::GetTenantRequest { tenant_id: id.to_string() }).await?)
}

/// Suspend a tenant: no more answers or sends, sockets close; what arrives is still kept. Platform admins only.
#[utoipa::path(post, path = "/api/admin/tenants/{id}/suspend", operation_id = "suspend_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Reason,
    responses((status = 200, body = AdminView)))]
pub async fn suspend(session: Session, Id(id): Id, Input(wish): Input<Reason>) -> Result<Json<AdminView>, Problem> {
    let request = pb::SuspendTenantRequest { tenant_id: id.to_string(), reason: wish.reason };
    let status = session.calls.admin()?.suspend_tenant(request).await?;
    // Here at once; other gateways ask every few seconds.
    let app = session.calls.app();
    app.standings.forget(TenantId(id));
    app.hub.end(TenantId(id), Ending::Suspended);
    show(status)
}

/// Let a tenant work again. Platform admins only.
#[utoipa::path(post, path = "/api/admin/tenants/{id}/resume", operation_id = "resume_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), responses((status = 200, body = AdminView)))]
pub async fn resume(session: Session, Id(id): Id) -> Result<Json<AdminView>, Problem> {
    let status = session.calls.admin()?.resume_tenant(pb::ResumeTenantRequest { tenant_id: id.to_string() }).await?;
    session.calls.app().standings.forget(TenantId(id));
    show(status)
}

/// Set a tenant's plan, its cap, or both. Platform admins only.
#[utoipa::path(put, path = "/api/admin/tenants/{id}/cap", operation_id = "set_tenant_cap", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Cap,
    responses((status = 200, body = Tenant)))]
pub async fn set_cap(session: Session, Id(id): Id, Input(wish): Input<Cap>) -> Result<Json<Tenant>, Problem> {
    let request = pb::SetCapRequest {
        tenant_id: id.to_string(),
        plan: wish.plan.unwrap_or_default().into(),
        tokens_per_day: wish.tokens_per_day.flatten(),
        lifts_cap: wish.tokens_per_day == Some(None),
    };
    show(session.calls.admin()?.set_cap(request).await?)
}

/// Look at a tenant as a viewer would, for a quarter of an hour. Its people see that and why, its owners get a mail, and its audit log
/// keeps it. Platform admins only.
#[utoipa::path(post, path = "/api/admin/tenants/{id}/enter", operation_id = "enter_tenant", tag = "admin",
    security(("bearer" = [])), params(("id" = uuid::Uuid, Path)), request_body = Reason,
    responses((status = 200, body = EnteredTenant)))]
pub async fn enter(session: Session, Id(id): Id, Input(wish): Input<Reason>) -> Result<Json<EnteredTenant>, Problem> {
    let session_id = session.id.to_string();
    let request = pb::EnterTenantRequest { tenant_id: id.to_string(), reason: wish.reason, session_id };
    let visit = session.calls.admin()?.enter_tenant(request).await?.into_inner();
    let admin: UserId = visit.admin_id.parse().map_err(|_| Unreadable("visit"))?;
    let ends_at = moment(visit.ends_at).ok_or(Unreadable("visit"))?;
    let holder = Holder { identity: Identity::Visitor { tenant: TenantId(id), admin }, session: session.id };
    let app = session.calls.app();
    let access_token = app.tokens.issue_until(&holder, ends_at.timestamp()).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "cannot sign an access token");
        Problem::internal()
    })?;
    let expires_in = (ends_at - app.clock.now()).num_seconds();
    Ok(Json(EnteredTenant { access_token, expires_in, visit: Visit::try_from(visit)? }))
}

/// Channels of all tenants, newest first. Platform admins only.
#[utoipa::path(get, path = "/api/admin/channels", operation_id = "list_channel_health", tag = "admin",
    security(("bearer" = [])),
    params(("state" = Option<HealthState>, Query), ("cursor" = Option<String>, Query),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<ChannelHealth>)))]
pub async fn list_channels(session: Session, query: Query) -> Result<Json<List<ChannelHealth>>, Problem> {
    let (page, state) = both(query.page(), query.choice_opt("state", &HEALTH))?;
    let state = state.unwrap_or_default().into();
    let request = pb::ListChannelHealthRequest { state, cursor: page.cursor, limit: page.limit };
    let found = session.calls.admin()?.list_channel_health(request).await?.into_inner();
    List::show(found.items, found.next_cursor)
}

/// What tenants used of the language model. Platform admins only.
#[utoipa::path(get, path = "/api/admin/usage", operation_id = "get_usage", tag = "admin", security(("bearer" = [])),
    params(("from" = Option<String>, Query, format = Date, description = "The first UTC day; without it 29 days before the last"),
        ("to" = Option<String>, Query, format = Date, description = "The last UTC day; without it today")),
    responses((status = 200, body = UsageReport)))]
pub async fn usage(session: Session, query: Query) -> Result<Json<UsageReport>, Problem> {
    let (from, to) = both(query.text_opt("from", 10), query.text_opt("to", 10))?;
    let request = pb::ListUsageRequest { from: from.unwrap_or_default(), to: to.unwrap_or_default() };
    show(session.calls.admin()?.list_usage(request).await?)
}
