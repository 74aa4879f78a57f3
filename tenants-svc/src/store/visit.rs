//! Platform admins' looks at a business.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// One look.
#[derive(Debug)]
pub struct Visit {
    /// Which.
    pub id: Uuid,
    /// Who.
    pub admin_id: Uuid,
    /// Why.
    pub reason: String,
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when, at the latest.
    pub ends_at: DateTime<Utc>,
    /// The session that it began in and ends with.
    pub session_id: Option<Uuid>,
}

/// Notes a visit that begins.
pub async fn insert(tx: &mut TenantTx, visit: &Visit) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.visits (tenant_id, id, admin_id, reason, started_at, ends_at, session_id)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        visit.id,
        visit.admin_id,
        visit.reason,
        visit.started_at,
        visit.ends_at,
        visit.session_id
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The last visits that end after a moment, newest first.
pub async fn list(tx: &mut TenantTx, ending_after: Option<DateTime<Utc>>, limit: i64) -> Result<Vec<Visit>, Error> {
    let tenant = tx.tenant();
    let found = sqlx::query_as!(
        Visit,
        "select id, admin_id, reason, started_at, ends_at, session_id from tenants.visits
         where tenant_id = $1 and ($2::timestamptz is null or ends_at > $2) order by id desc limit $3",
        tenant.0,
        ending_after,
        limit
    );
    Ok(found.fetch_all(tx.conn()).await?)
}
