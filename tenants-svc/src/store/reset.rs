//! Links that set a new password, by hash.

use chatdesk_platform::db::{Connection, SystemTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};

use super::account::Login;

/// The most links of one person that work at the same time: whoever asks again and again does not fill their letter box.
const MOST: i64 = 3;

/// Makes a link work until `expires_at`; false when it was used, or enough others work. Made again it is the same one.
pub async fn open(
    tx: &mut SystemTx,
    hash: &[u8],
    login: &Login,
    email_hash: &[u8; 32],
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    sqlx::query!(
        "insert into routing.password_resets (token_hash, user_id, tenant_id, email_hash, expires_at)
         select $1, $2, $3, $4, $5
         where (select count(*) from routing.password_resets where user_id = $2 and used_at is null and expires_at > $6) < $7
         on conflict (token_hash) do nothing",
        hash,
        login.user.0,
        login.tenant.map(|tenant| tenant.0),
        &email_hash[..],
        expires_at,
        now,
        MOST
    )
    .execute(tx.conn())
    .await?;
    Ok(find(tx.conn(), hash, now).await?.is_some())
}

/// Whose password a link sets, when it works: it was not used, is not too old, and its address is still that person's.
pub async fn find(connection: &mut Connection, hash: &[u8], now: DateTime<Utc>) -> Result<Option<Login>, Error> {
    let row = sqlx::query!(
        "select r.user_id, r.tenant_id from routing.password_resets r
         join routing.logins l on l.email_hash = r.email_hash and l.user_id = r.user_id
         where r.token_hash = $1 and r.used_at is null and r.expires_at > $2",
        hash,
        now
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| Login { user: UserId(row.user_id), tenant: row.tenant_id.map(TenantId) }))
}

/// Spends a link; false when somebody else just did.
pub async fn spend(connection: &mut Connection, hash: &[u8], now: DateTime<Utc>) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update routing.password_resets set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2",
        hash,
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Ends all links of a person.
pub async fn end_all(connection: &mut Connection, user: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!("update routing.password_resets set used_at = $2 where user_id = $1 and used_at is null", user.0, now)
        .execute(connection)
        .await?;
    Ok(())
}

/// Forgets links that are over.
pub async fn forget_expired(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!("delete from routing.password_resets where expires_at < $1", before);
    Ok(gone.execute(tx.conn()).await?.rows_affected())
}
