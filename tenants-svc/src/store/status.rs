//! Whether a tenant may work: its row in `routing`.

use chatdesk_platform::db::{Connection, SystemTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};

/// A tenant's state.
#[derive(Debug, Clone)]
pub struct Status {
    /// Whether it may not work.
    pub is_suspended: bool,
    /// Why; empty when it may.
    pub reason: String,
    /// Since when.
    pub changed_at: DateTime<Utc>,
}

/// Every tenant there is.
pub async fn all(tx: &mut SystemTx) -> Result<Vec<TenantId>, Error> {
    let tenants = sqlx::query_scalar!("select tenant_id from routing.tenants").fetch_all(tx.conn()).await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// Suspends with a reason, or resumes without one; none when there is no such tenant. `changed_at` stays when nothing changes but the reason:
/// what came since then is what waits.
pub async fn set(
    tx: &mut SystemTx,
    tenant: TenantId,
    suspend: Option<&str>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Status>, Error> {
    let state = if suspend.is_some() { "suspended" } else { "active" };
    let row = sqlx::query!(
        r#"update routing.tenants
           set changed_at = case when state = $2 then changed_at else $5 end,
               changed_by = case when state = $2 and $2 = 'active' then changed_by else $4 end,
               state = $2, reason = $3
           where tenant_id = $1 returning state = 'suspended' as "is_suspended!", reason, changed_at"#,
        tenant.0,
        state,
        suspend.unwrap_or_default(),
        by.0,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Status { is_suspended: row.is_suspended, reason: row.reason, changed_at: row.changed_at }))
}

/// Whether the tenant may not work; in any transaction. One that does not exist may not.
pub async fn is_suspended(connection: &mut Connection, tenant: TenantId) -> Result<bool, Error> {
    let state = sqlx::query_scalar!("select state from routing.tenants where tenant_id = $1", tenant.0)
        .fetch_optional(connection)
        .await?;
    Ok(state.as_deref() != Some("active"))
}
