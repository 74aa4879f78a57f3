//! Which root key this database's secrets were made with, and which keys something may be sealed with.

use chatdesk_platform::Error;
use chatdesk_platform::db::{Connection, SystemTx};
use chrono::{DateTime, Utc};

/// The id of the key in use; the given one from now on when there was none.
pub async fn in_use(tx: &mut SystemTx, key_id: &str) -> Result<String, Error> {
    sqlx::query!("insert into tenants.key_in_use (key_id) values ($1) on conflict (one) do nothing", key_id)
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query_scalar!("select key_id from tenants.key_in_use").fetch_one(tx.conn()).await?)
}

/// The ids of all keys that something may be sealed with.
pub async fn sealing(tx: &mut SystemTx) -> Result<Vec<String>, Error> {
    let ids = sqlx::query_scalar!("select key_id from tenants.sealing_keys order by key_id");
    Ok(ids.fetch_all(tx.conn()).await?)
}

/// Something may be sealed with this key from now on; in any transaction, before it is sealed.
pub async fn add_sealing(connection: &mut Connection, key_id: &str) -> Result<(), Error> {
    // Most find the key there and in use, and hold up nobody.
    sqlx::query!(
        "update tenants.sealing_keys set unused_since = null where key_id = $1 and unused_since is not null",
        key_id
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("insert into tenants.sealing_keys (key_id) values ($1) on conflict (key_id) do nothing", key_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Something sealed with these keys was found.
pub async fn used(tx: &mut SystemTx, key_ids: &[String]) -> Result<(), Error> {
    sqlx::query!("update tenants.sealing_keys set unused_since = null where key_id = any($1)", key_ids)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Nothing sealed with these keys was found. Forgets those of which the same was so at `before`, and ever since; gives what is left.
pub async fn unused(
    tx: &mut SystemTx,
    key_ids: &[String],
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<u64, Error> {
    sqlx::query!("delete from tenants.sealing_keys where key_id = any($1) and unused_since <= $2", key_ids, before)
        .execute(tx.conn())
        .await?;
    let left = sqlx::query!(
        "update tenants.sealing_keys set unused_since = coalesce(unused_since, $2) where key_id = any($1)",
        key_ids,
        now
    );
    Ok(left.execute(tx.conn()).await?.rows_affected())
}
