//! A piece of leased work: whose it is, its hold on the lease, and how it takes over what waits beside it. What becomes of it is the
//! worker's.

use uuid::Uuid;

use super::Connection;
use super::due::{self, Claimed};
use crate::{Caller, Error, Identity, ServiceName, TenantId};

/// Lets a worker act for the tenants its work names. Only claimed work has one.
#[derive(Debug, Clone, Copy)]
pub struct WorkScope {
    pub(super) service: ServiceName,
}

impl WorkScope {
    /// This service acting for a tenant that the work, or `routing`, names.
    #[must_use]
    pub const fn caller(&self, tenant: TenantId) -> Caller {
        Caller::proved(Identity::Service { name: self.service, tenant: Some(tenant) }, self.service)
    }
}

/// A piece of leased work.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whose it is.
    pub tenant: Option<TenantId>,
    /// What it is about.
    pub entity: Uuid,
    /// Counted when it was claimed: 1 the first time, so that work which kills the process is bounded too.
    pub attempts: i32,
    /// Passing failures in a row, as far as this process knows. They are not among the attempts.
    pub stumbles: u32,
    /// How late it was started, in milliseconds.
    pub late_by_ms: f64,
    /// The key to the tenants it touches.
    pub scope: WorkScope,
    pub(super) kind: &'static str,
    pub(super) epoch: i64,
    pub(super) version: i64,
    /// What was under way when it was scheduled.
    pub(super) trace: Option<String>,
}

impl Job {
    pub(super) fn claimed(row: &Claimed, kind: &'static str, scope: WorkScope) -> Self {
        debug_assert_eq!(row.kind, kind);
        Self {
            tenant: (!row.tenant_id.is_nil()).then_some(TenantId(row.tenant_id)),
            entity: row.entity_id,
            attempts: row.attempts,
            stumbles: 0,
            late_by_ms: row.late_by_ms,
            scope,
            kind,
            epoch: row.lease_epoch,
            version: row.version,
            trace: row.trace.clone(),
        }
    }

    /// The caller for this job's own tenant.
    pub fn caller(&self) -> Result<Caller, Error> {
        let tenant = self.tenant.ok_or_else(|| Error::internal("this work belongs to no tenant"))?;
        Ok(self.scope.caller(tenant))
    }

    /// Holds the lease until the end of the transaction, or fails when another worker has it. First in every transaction that writes.
    pub async fn fence(&self, connection: &mut Connection) -> Result<(), Error> {
        let held = sqlx::query_scalar!(
            "select 1 from routing.due_work
             where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4 for update",
            self.kind,
            due::tenant_or_nil(self.tenant),
            self.entity,
            self.epoch
        )
        .fetch_optional(connection)
        .await?;
        held.map(|_| ()).ok_or_else(|| Error::internal("the lease was lost; another worker has this work"))
    }

    /// At most `limit` other pieces of work of its kind and tenant that are due and that nobody ever began, the oldest first. They are
    /// held until the end of the transaction, for [`Job::absorb`].
    pub async fn neighbours(&self, connection: &mut Connection, limit: i64) -> Result<Vec<Uuid>, Error> {
        let found = sqlx::query_scalar!(
            "select entity_id from routing.due_work
             where kind = $1 and tenant_id = $2 and entity_id <> $3 and attempts = 0 and lease_until is null and due_at <= now()
             order by due_at limit $4 for update skip locked",
            self.kind,
            due::tenant_or_nil(self.tenant),
            self.entity,
            limit
        )
        .fetch_all(connection)
        .await?;
        Ok(found)
    }

    /// Takes away what [`Job::neighbours`] gave. In the same transaction the caller moves what it stands for to this work's entity.
    pub async fn absorb(&self, connection: &mut Connection, entities: &[Uuid]) -> Result<(), Error> {
        sqlx::query!(
            "delete from routing.due_work where kind = $1 and tenant_id = $2 and entity_id = any($3)",
            self.kind,
            due::tenant_or_nil(self.tenant),
            entities
        )
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Removes finished work; work that was scheduled again meanwhile stays, with its lease ended.
    pub async fn finish(&self, connection: &mut Connection) -> Result<(), Error> {
        let tenant = due::tenant_or_nil(self.tenant);
        let gone = sqlx::query!(
            "delete from routing.due_work
             where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4 and version = $5",
            self.kind,
            tenant,
            self.entity,
            self.epoch,
            self.version
        )
        .execute(&mut *connection)
        .await?;
        if gone.rows_affected() == 0 {
            sqlx::query!(
                "update routing.due_work set lease_until = null, attempts = 0
                 where kind = $1 and tenant_id = $2 and entity_id = $3 and lease_epoch = $4",
                self.kind,
                tenant,
                self.entity,
                self.epoch
            )
            .execute(connection)
            .await?;
        }
        Ok(())
    }
}
