//! A tenant's rows deleted for good, service after service, in pieces that nobody else waits for. Only for a tenant that `routing` calls
//! deleted. Each service hands on to the next when it finds nothing any more.

use std::future::Future;

use chrono::TimeDelta;

use super::{Db, Done, DueItem, Handler, Job, TenantTx, schedule};
use crate::{Clock, Error};

/// Rows that are deleted together, at first.
const PIECE: i64 = 5000;
/// How long to wait before a service whose rows are gone looks once more: longer than a transaction that was under way can take. Of a deleted
/// tenant no person begins another one ([`Db::begin`]), and no service is asked for one.
pub const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(90);

/// What one service deletes.
pub trait Erase: Send + Sync + 'static {
    /// The kind of its due work, whose entity is the tenant.
    const KIND: &'static str;
    /// The kind that comes after it.
    const NEXT: Option<&'static str>;

    /// Deletes at most so many rows of one table; how many. None are left when it gives 0.
    fn piece(&self, tx: &mut TenantTx, most: i64) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// `delete_piece!(tx, most, "inbox.notes", "inbox.messages")`: deletes at most so many rows of the first of these tables that has any of the
/// tenant's, and gives their number; goes on when none has any.
#[macro_export]
macro_rules! delete_piece {
    ($tx:expr, $most:expr, $($table:tt),+ $(,)?) => {
        $(
            let gone = sqlx::query!(
                "delete from " + $table + " where ctid = any(array(select ctid from " + $table + " limit $1))",
                $most
            )
            .execute($tx.conn())
            .await?
            .rows_affected();
            if gone > 0 {
                return Ok(gone);
            }
        )+
    };
}

/// Deletes.
pub struct Eraser<E> {
    db: Db,
    clock: Clock,
    erase: E,
}

impl<E: Erase> Eraser<E> {
    /// A handler of the due work.
    pub const fn new(db: Db, clock: Clock, erase: E) -> Self {
        Self { db, clock, erase }
    }

    async fn begin(&self, job: &Job) -> Result<TenantTx, Error> {
        let mut tx = self.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        Ok(tx)
    }
}

impl<E: Erase> Handler for Eraser<E> {
    const KIND: &'static str = E::KIND;

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.begin(&job).await?;
        if !is_deleted(&mut tx).await? {
            return Ok(Done::Finished);
        }
        tx.commit().await?;
        // What takes too long at once must not be tried at once for ever.
        let failures = u32::try_from(job.attempts - 1).unwrap_or(0).saturating_add(job.stumbles);
        let most = PIECE.checked_shr(failures).unwrap_or(1).max(1);
        let mut found = false;
        loop {
            let mut tx = self.begin(&job).await?;
            let gone = self.erase.piece(&mut tx, most).await?;
            if gone == 0 && !found {
                // Nothing was there from the start: what was under way when it all began has ended.
                if let Some(next) = E::NEXT {
                    let next = DueItem { kind: next, tenant: job.tenant, entity: job.entity };
                    schedule(tx.conn(), next, self.clock.now()).await?;
                }
                job.finish(tx.conn()).await?;
                tx.commit().await?;
                return Ok(Done::Settled);
            }
            tx.commit().await?;
            if gone == 0 {
                return Ok(Done::At(self.clock.now() + LOOK_AGAIN));
            }
            found = true;
        }
    }
}

/// Whether the transaction's tenant is one to be deleted now.
async fn is_deleted(tx: &mut TenantTx) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let state = sqlx::query_scalar!("select state from routing.tenants where tenant_id = $1", tenant)
        .fetch_optional(tx.conn())
        .await?;
    Ok(state.as_deref() == Some("deleted"))
}
