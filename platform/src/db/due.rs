//! Due work: one table of ids and times. The truth is in the rows it points to; losing this table loses no message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{Error, TenantId, trace};

/// Something to do for one entity. Scheduling it twice keeps one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueItem {
    /// Which worker takes it: `ingest`, `reply`, `send`, `embed` and so on.
    pub kind: &'static str,
    /// Whose it is; none for work that is not a tenant's.
    pub tenant: Option<TenantId>,
    /// What it is about.
    pub entity: Uuid,
}

/// Puts work into the table, or moves the work that is there to the new time. Call [`Wakes::wake`] after the commit.
/// Work that is being done right now is done once more afterwards.
pub async fn schedule(connection: &mut PgConnection, item: DueItem, due_at: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at, trace) values ($1, $2, $3, $4, $5)
         on conflict (kind, tenant_id, entity_id) do update
         set due_at = excluded.due_at, version = due_work.version + 1, attempts = 0, last_error = '', trace = excluded.trace",
        item.kind,
        tenant_or_nil(item.tenant),
        item.entity,
        due_at,
        trace::here()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts work of one tenant into the table where it is missing; what is there keeps its time and its attempts. For sweepers, whose rows
/// say that the work is still owed: work that was set aside, and could not say so in its rows, is begun anew. Gives how much was made.
pub async fn schedule_missing(
    connection: &mut PgConnection,
    kind: &'static str,
    tenant: TenantId,
    entities: &[Uuid],
    due_at: DateTime<Utc>,
) -> Result<u64, Error> {
    // Locked rows are skipped, not waited for: the sweeper takes many, in no order that others keep.
    let revived = sqlx::query!(
        "update routing.due_work d set due_at = $4, attempts = 0, version = d.version + 1
         from (select entity_id from routing.due_work
               where kind = $1 and tenant_id = $2 and entity_id = any($3) and due_at = 'infinity' and lease_until is null
               for update skip locked) as aside
         where d.kind = $1 and d.tenant_id = $2 and d.entity_id = aside.entity_id",
        kind,
        tenant.0,
        entities,
        due_at
    )
    .execute(&mut *connection)
    .await?;
    let added = sqlx::query!(
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at)
         select $1, $2, entity, $4 from unnest($3::uuid[]) as t(entity)
         on conflict (kind, tenant_id, entity_id) do nothing",
        kind,
        tenant.0,
        entities,
        due_at
    )
    .execute(connection)
    .await?;
    Ok(revived.rows_affected() + added.rows_affected())
}

/// Takes work out of the table, if it is there.
pub async fn unschedule(connection: &mut PgConnection, item: DueItem) -> Result<(), Error> {
    sqlx::query!(
        "delete from routing.due_work where kind = $1 and tenant_id = $2 and entity_id = $3",
        item.kind,
        tenant_or_nil(item.tenant),
        item.entity
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends every lease. For a process that knows it is the only one: its predecessor holds nothing any more.
pub async fn void_leases(connection: &mut PgConnection) -> Result<u64, Error> {
    let ended = sqlx::query!(
        "update routing.due_work set lease_until = null, lease_epoch = lease_epoch + 1 where lease_until is not null"
    )
    .execute(connection)
    .await?;
    Ok(ended.rows_affected())
}

pub(super) const fn tenant_or_nil(tenant: Option<TenantId>) -> Uuid {
    match tenant {
        Some(tenant) => tenant.0,
        None => Uuid::nil(),
    }
}

pub(super) struct Claimed {
    pub kind: String,
    pub tenant_id: Uuid,
    pub entity_id: Uuid,
    pub attempts: i32,
    pub lease_epoch: i64,
    pub version: i64,
    pub late_by_ms: f64,
    pub trace: Option<String>,
}

/// Leases what is due, oldest first. Another worker's rows are skipped, not waited for.
pub(super) async fn claim(
    connection: &mut PgConnection,
    kind: &str,
    limit: i64,
    lease: Duration,
) -> Result<Vec<Claimed>, Error> {
    let claimed = sqlx::query_as!(
        Claimed,
        r#"with picked as (
               select kind, tenant_id, entity_id from routing.due_work
               where kind = $1 and due_at <= now() and (lease_until is null or lease_until < now())
               order by due_at limit $2 for update skip locked)
           update routing.due_work d
           set attempts = d.attempts + 1, lease_epoch = d.lease_epoch + 1, lease_until = now() + make_interval(secs => $3)
           from picked p where (d.kind, d.tenant_id, d.entity_id) = (p.kind, p.tenant_id, p.entity_id)
           returning d.kind, d.tenant_id, d.entity_id, d.attempts, d.lease_epoch, d.version,
               (extract(epoch from now() - d.due_at) * 1000)::float8 as "late_by_ms!", d.trace"#,
        kind,
        limit,
        lease.as_secs_f64()
    )
    .fetch_all(connection)
    .await?;
    Ok(claimed)
}

/// How long until something of this kind is due, by the database's clock; none when nothing waits.
pub(super) async fn next_due(connection: &mut PgConnection, kind: &str) -> Result<Option<Duration>, Error> {
    let seconds = sqlx::query_scalar!(
        r#"select extract(epoch from min(greatest(due_at, coalesce(lease_until, due_at))) - now())::float8
           from routing.due_work where kind = $1 and due_at < 'infinity'"#,
        kind
    )
    .fetch_one(connection)
    .await?;
    Ok(seconds.map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)))
}

/// Wakes the workers of this process. Other processes notice at their next poll.
#[derive(Clone, Default)]
pub struct Wakes(Arc<Mutex<HashMap<&'static str, Arc<Notify>>>>);

impl Wakes {
    /// Wakes the worker of a kind, to look for what is due and when the next is.
    pub fn wake(&self, kind: &'static str) {
        self.of(kind).notify_one();
    }

    pub(super) fn of(&self, kind: &'static str) -> Arc<Notify> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(kind).or_default())
    }
}
