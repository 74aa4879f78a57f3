//! Exports that were asked for, tenants that are to be deleted, and contacts that are to be forgotten: rows of `routing`, by which every service
//! knows its part.

use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An export with the sum of its shares.
pub struct Export {
    /// Its id.
    pub id: Uuid,
    /// The owner who asked.
    pub requested_by: Uuid,
    /// When.
    pub requested_at: DateTime<Utc>,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
    /// A share was taken away: somebody in it was forgotten.
    pub is_withdrawn: bool,
    /// A share could not be written.
    pub is_failed: bool,
    /// A share is being written.
    pub is_running: bool,
    /// Lines written so far.
    pub lines: i64,
    /// Bytes written so far.
    pub size: i64,
}

/// The tenant's exports that are not over, newest first.
pub async fn exports(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<Vec<Export>, Error> {
    let tenant = tx.tenant().0;
    let exports = sqlx::query_as!(
        Export,
        r#"select e.id, e.requested_by, e.requested_at, e.expires_at, bool_or(s.state = 'withdrawn') as "is_withdrawn!",
               bool_or(s.state = 'failed') as "is_failed!", bool_or(s.state = 'running') as "is_running!", sum(s.lines)::bigint as "lines!", sum(s.size)::bigint as "size!"
           from routing.exports e join routing.export_shares s on s.tenant_id = e.tenant_id and s.export_id = e.id
           where e.tenant_id = $1 and e.expires_at > $2 group by e.tenant_id, e.id order by e.id desc"#,
        tenant,
        now
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(exports)
}

/// Holds the tenant's row, so that two who ask for something at once come one after the other.
pub async fn hold(tx: &mut TenantTx) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query_scalar!(r#"select 1 as "held!" from routing.tenants where tenant_id = $1 for update"#, tenant)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// Notes an export, with a share of each of these services.
pub async fn add_export(
    tx: &mut TenantTx,
    id: Uuid,
    by: UserId,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
    services: &[String],
) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query!(
        "insert into routing.exports (tenant_id, id, requested_by, requested_at, expires_at) values ($1, $2, $3, $4, $5)",
        tenant,
        id,
        by.0,
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into routing.export_shares (tenant_id, export_id, service) select $1, $2, service from unnest($3::text[]) as service",
        tenant,
        id,
        services
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets an export.
pub async fn forget_export(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query!("delete from routing.exports where tenant_id = $1 and id = $2", tenant, id).execute(tx.conn()).await?;
    Ok(())
}

/// Every export there is, of whatever tenant.
pub async fn all_exports(tx: &mut SystemTx) -> Result<Vec<(TenantId, Uuid)>, Error> {
    let rows = sqlx::query!("select tenant_id, id from routing.exports").fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.id)).collect())
}

/// A deletion that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct TenantDeletion {
    /// When it is done.
    pub delete_after: DateTime<Utc>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// By whom.
    pub requested_by: Uuid,
}

/// Whether the transaction's tenant is to be deleted.
pub async fn deletion(tx: &mut TenantTx) -> Result<Option<TenantDeletion>, Error> {
    let tenant = tx.tenant().0;
    let deletion = sqlx::query_as!(
        TenantDeletion,
        r#"select delete_after as "delete_after!", deletion_requested_at as "requested_at!",
               deletion_requested_by as "requested_by!"
           from routing.tenants where tenant_id = $1 and state in ('deleting', 'deleted')"#,
        tenant
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(deletion)
}

/// The tenant is to be deleted; false when it is already.
pub async fn request_deletion(tx: &mut TenantTx, asked: TenantDeletion) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let asked = sqlx::query!(
        "update routing.tenants set state_before = state, state = 'deleting', changed_at = $3, delete_after = $2,
             deletion_requested_at = $3, deletion_requested_by = $4
         where tenant_id = $1 and state in ('active', 'suspended')",
        tenant,
        asked.delete_after,
        asked.requested_at,
        asked.requested_by
    )
    .execute(tx.conn())
    .await?;
    Ok(asked.rows_affected() > 0)
}

/// The tenant stays, and is again what it was; false when it is not waiting to be deleted.
pub async fn cancel_deletion(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let cancelled = sqlx::query!(
        "update routing.tenants set state = state_before, state_before = null, changed_at = $2, delete_after = null,
             deletion_requested_at = null, deletion_requested_by = null
         where tenant_id = $1 and state = 'deleting'",
        tenant,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(cancelled.rows_affected() > 0)
}

/// When the transaction's tenant may be deleted; none when it is not to be. Its row is held.
pub async fn delete_after(tx: &mut TenantTx) -> Result<Option<DateTime<Utc>>, Error> {
    let tenant = tx.tenant().0;
    let at = sqlx::query_scalar!(
        "select delete_after from routing.tenants where tenant_id = $1 and state in ('deleting', 'deleted') for update",
        tenant
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(at.flatten())
}

/// The deletion begins, and nobody takes it back; false when it has begun already.
pub async fn begin_deletion(tx: &mut TenantTx) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let begun = sqlx::query!(
        "update routing.tenants set state = 'deleted' where tenant_id = $1 and state = 'deleting'",
        tenant
    )
    .execute(tx.conn())
    .await?;
    Ok(begun.rows_affected() > 0)
}

/// Tenants whose deletion is waited for or under way, as far as anything is left, and that have no work of these kinds.
pub async fn unworked_deletions(tx: &mut SystemTx, kinds: &[&str]) -> Result<Vec<(TenantId, DateTime<Utc>)>, Error> {
    let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let rows = sqlx::query!(
        r#"select tenant_id, delete_after as "delete_after!" from routing.tenants t
           where (state = 'deleting' or (state = 'deleted' and exists (
                   select from tenants.directory d where d.business_id = t.tenant_id)))
               and not exists (select from routing.due_work w
                   where w.tenant_id = t.tenant_id and w.kind = any($1) and w.due_at < 'infinity')"#,
        &kinds
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.delete_after)).collect())
}

/// A contact is to be forgotten; false when they are already.
pub async fn erase_contact(tx: &mut TenantTx, contact: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let noted = sqlx::query!(
        "insert into routing.contact_erasures (tenant_id, contact_id, requested_at) values ($1, $2, $3)
         on conflict do nothing",
        tenant,
        contact,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(noted.rows_affected() > 0)
}
