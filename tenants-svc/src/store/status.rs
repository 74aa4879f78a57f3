//! Whether a tenant may work: its row in `routing`.

use chatdesk_platform::db::{Connection, SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};

/// Every tenant that is not deleted.
pub async fn all(tx: &mut SystemTx) -> Result<Vec<TenantId>, Error> {
    let tenants = sqlx::query_scalar!("select tenant_id from routing.tenants where state <> 'deleted'")
        .fetch_all(tx.conn())
        .await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// Every tenant there ever was: what they did stays, though they are deleted.
pub async fn ever(tx: &mut SystemTx) -> Result<Vec<TenantId>, Error> {
    let tenants = sqlx::query_scalar!("select tenant_id from routing.tenants").fetch_all(tx.conn()).await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// Suspends with a reason, or resumes without one. `changed_at` stays when nothing changes but the reason: what came since then is what waits.
/// One that is to be deleted stays so, since when it was, and is what it is told once that is taken back.
pub async fn set(
    connection: &mut Connection,
    tenant: TenantId,
    suspend: Option<&str>,
    by: UserId,
    now: DateTime<Utc>,
) -> Result<Standing, Error> {
    let state = if suspend.is_some() { "suspended" } else { "active" };
    let set = sqlx::query_as!(
        Standing,
        "update routing.tenants
         set changed_at = case when state in ($2, 'deleting') then changed_at else $5 end,
             changed_by = case when state = $2 and $2 = 'active' then changed_by else $4 end,
             state = case when state = 'deleting' then state else $2 end,
             state_before = case when state = 'deleting' then $2 end, reason = $3
         where tenant_id = $1 and state <> 'deleted'
         returning state, reason, changed_at, delete_after",
        tenant.0,
        state,
        suspend.unwrap_or_default(),
        by.0,
        now
    )
    .fetch_optional(&mut *connection)
    .await?;
    set.ok_or(Error::NotFound("tenant"))
}

/// What is known of whether a tenant may work.
#[derive(Debug)]
pub struct Standing {
    /// As stored.
    pub state: String,
    /// Why it is suspended.
    pub reason: String,
    /// Since when it is as it is.
    pub changed_at: DateTime<Utc>,
    /// When it is deleted, if it is.
    pub delete_after: Option<DateTime<Utc>>,
}

/// Whether a tenant may work and why not; none when there is no such tenant.
pub async fn standing(connection: &mut Connection, tenant: TenantId) -> Result<Option<Standing>, Error> {
    let found = sqlx::query_as!(
        Standing,
        "select state, reason, changed_at, delete_after from routing.tenants where tenant_id = $1",
        tenant.0
    );
    Ok(found.fetch_optional(connection).await?)
}

/// Refuses when the transaction's tenant may not work.
pub async fn needs_work(tx: &mut TenantTx) -> Result<(), Error> {
    let tenant = tx.tenant();
    let (code, detail) = match standing(tx.conn(), tenant).await?.map(|standing| standing.state).as_deref() {
        Some("active") => return Ok(()),
        Some("deleting") => ("tenant_deleting", "The business is being deleted."),
        _ => ("tenant_suspended", "The business is suspended."),
    };
    Err(Error::Precondition { code, detail: detail.to_owned() })
}

/// Whether the tenant may not work; in any transaction. One that does not exist may not.
pub async fn is_suspended(connection: &mut Connection, tenant: TenantId) -> Result<bool, Error> {
    let state = sqlx::query_scalar!("select state from routing.tenants where tenant_id = $1", tenant.0)
        .fetch_optional(connection)
        .await?;
    Ok(state.as_deref() != Some("active"))
}
