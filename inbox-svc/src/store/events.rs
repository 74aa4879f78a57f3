//! Live events: ids in order, without gaps. What they are about is loaded as it is now.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;
use crate::model::Change;

/// Adds events, and gives the number of the last. The last statement of its transaction: the counter's lock makes the order of numbers the
/// order of commits.
pub async fn append(tx: &mut TenantTx, changes: &[Change], now: DateTime<Utc>) -> Result<i64, Error> {
    let kinds: Vec<String> = changes.iter().map(|change| change.kind.as_str().to_owned()).collect();
    let entities: Vec<Uuid> = changes.iter().map(|change| change.entity).collect();
    let seq = sqlx::query_scalar!(
        "with raised as (
             insert into inbox.tenant_seq (seq) values (cardinality($1::text[]))
             on conflict (tenant_id) do update set seq = tenant_seq.seq + excluded.seq returning seq),
         added as (
             insert into inbox.events (seq, type, entity_id, created_at)
             select raised.seq - cardinality($1::text[]) + at, type, entity, $3
             from raised, unnest($1::text[], $2::uuid[]) with ordinality as t(type, entity, at))
         select seq from raised",
        &kinds,
        &entities,
        now
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(seq)
}

/// The tenant's newest number; 0 before the first event.
pub async fn current(tx: &mut TenantTx) -> Result<i64, Error> {
    let seq = sqlx::query_scalar!("select seq from inbox.tenant_seq").fetch_optional(tx.conn()).await?;
    Ok(seq.unwrap_or(0))
}

/// What happened.
pub struct Happened {
    /// Its number.
    pub seq: i64,
    /// What, to what.
    pub change: Change,
    /// When it was written.
    pub at: DateTime<Utc>,
}

/// Events after a number, in order.
pub async fn after(tx: &mut TenantTx, seq: i64, limit: i64) -> Result<Vec<Happened>, Error> {
    let rows = sqlx::query!(
        "select seq, type as kind, entity_id, created_at from inbox.events where seq > $1 order by seq limit $2",
        seq,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let change = Change { kind: known(&row.kind)?, entity: row.entity_id };
            Ok(Happened { seq: row.seq, change, at: row.created_at })
        })
        .collect()
}

/// Forgets at most 10,000 events older than `before`, oldest first so that no gap appears.
pub async fn forget(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from inbox.events where seq in (
             select seq from inbox.events where created_at < $1 order by seq limit 10000)",
        before
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}
