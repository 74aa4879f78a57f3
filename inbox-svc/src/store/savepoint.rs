//! One item of many may fail without its neighbours.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;

/// Marks the place to return to.
pub async fn set(tx: &mut TenantTx) -> Result<(), Error> {
    sqlx::raw_sql("savepoint item").execute(tx.conn()).await?;
    Ok(())
}

/// Keeps what was done since.
pub async fn release(tx: &mut TenantTx) -> Result<(), Error> {
    sqlx::raw_sql("release savepoint item").execute(tx.conn()).await?;
    Ok(())
}

/// Undoes what was done since.
pub async fn undo(tx: &mut TenantTx) -> Result<(), Error> {
    sqlx::raw_sql("rollback to savepoint item; release savepoint item").execute(tx.conn()).await?;
    Ok(())
}
