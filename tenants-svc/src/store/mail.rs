//! Mails to send: sealed rows, which go when they are sent.

use chatdesk_platform::db::{Connection, SystemTx};
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A mail as it lies there.
#[derive(Debug)]
pub struct Sealed {
    /// To be opened for its business.
    pub sealed: String,
    /// After this it is not worth sending.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a mail.
pub async fn insert(
    connection: &mut Connection,
    id: Uuid,
    tenant: Option<TenantId>,
    sealed: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.mails (id, tenant_id, sealed, expires_at) values ($1, $2, $3, $4)",
        id,
        tenant.map(|tenant| tenant.0),
        sealed,
        expires_at
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A mail that was not sent yet.
pub async fn get(tx: &mut SystemTx, id: Uuid) -> Result<Option<Sealed>, Error> {
    let found = sqlx::query_as!(Sealed, "select sealed, expires_at from routing.mails where id = $1", id);
    Ok(found.fetch_optional(tx.conn()).await?)
}

/// Forgets mails that are not worth sending any more; how many.
pub async fn forget_expired(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!("delete from routing.mails where expires_at < $1", before);
    Ok(gone.execute(tx.conn()).await?.rows_affected())
}

/// Forgets a mail.
pub async fn delete(tx: &mut SystemTx, id: Uuid) -> Result<(), Error> {
    sqlx::query!("delete from routing.mails where id = $1", id).execute(tx.conn()).await?;
    Ok(())
}
