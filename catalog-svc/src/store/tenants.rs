//! Which tenants there are, as `routing` knows them.

use chatdesk_platform::db::SystemTx;
use chatdesk_platform::{Error, TenantId};

/// Those that may work, in the order of their ids, after the given one.
pub async fn active(tx: &mut SystemTx, after: Option<TenantId>, limit: i64) -> Result<Vec<TenantId>, Error> {
    let ids = sqlx::query_scalar!(
        "select tenant_id from routing.tenants
         where state = 'active' and tenant_id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
         order by tenant_id limit $2",
        after.map(|tenant| tenant.0),
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}
