//! Which root key this database's secrets were made with.

use chatdesk_platform::Error;
use chatdesk_platform::db::SystemTx;

/// The id of the key in use; the given one from now on when there was none.
pub async fn in_use(tx: &mut SystemTx, key_id: &str) -> Result<String, Error> {
    sqlx::query!("insert into tenants.key_in_use (key_id) values ($1) on conflict (one) do nothing", key_id)
        .execute(tx.conn())
        .await?;
    Ok(sqlx::query_scalar!("select key_id from tenants.key_in_use").fetch_one(tx.conn()).await?)
}
