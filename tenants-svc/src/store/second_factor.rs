//! One-time codes and recovery codes of members and platform admins. Secrets are sealed, recovery codes hashed.

use chatdesk_platform::db::Connection;
use chatdesk_platform::{Error, TenantId, UserId};

/// What there is of a person.
#[derive(Debug)]
pub struct Factor {
    /// In force; sealed.
    pub secret: Option<String>,
    /// Shown and not confirmed yet; sealed.
    pub pending: Option<String>,
}

/// A person's, held until the end of the transaction.
pub async fn hold(connection: &mut Connection, user: UserId) -> Result<Option<Factor>, Error> {
    let found = sqlx::query_as!(
        Factor,
        "select secret, pending from routing.second_factors where user_id = $1 for update",
        user.0
    );
    Ok(found.fetch_optional(connection).await?)
}

/// Whether one-time codes are in force for a person.
pub async fn is_on(connection: &mut Connection, user: UserId) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from routing.second_factors where user_id = $1 and secret is not null) as "found!""#,
        user.0
    );
    Ok(found.fetch_one(connection).await?)
}

/// Keeps a secret that is to be confirmed, instead of one before it; false when one is in force.
pub async fn propose(
    connection: &mut Connection,
    user: UserId,
    tenant: Option<TenantId>,
    sealed: &str,
) -> Result<bool, Error> {
    let done = sqlx::query!(
        "insert into routing.second_factors as f (user_id, tenant_id, pending) values ($1, $2, $3)
         on conflict (user_id) do update set pending = excluded.pending where f.secret is null",
        user.0,
        tenant.map(|tenant| tenant.0),
        sealed
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Puts the pending secret in force; the code of this step is used.
pub async fn confirm(connection: &mut Connection, user: UserId, step: i64) -> Result<(), Error> {
    sqlx::query!(
        "update routing.second_factors set secret = pending, pending = null, last_step = $2
         where user_id = $1 and pending is not null",
        user.0,
        step
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses the code of a step; false when it, or a later one, was used.
pub async fn spend(connection: &mut Connection, user: UserId, step: i64) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update routing.second_factors set last_step = $2 where user_id = $1 and last_step < $2",
        user.0,
        step
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets all of it.
pub async fn remove(connection: &mut Connection, user: UserId) -> Result<(), Error> {
    sqlx::query!("delete from routing.second_factors where user_id = $1", user.0).execute(connection).await?;
    Ok(())
}

/// Replaces a person's recovery codes.
pub async fn keep_recovery(connection: &mut Connection, user: UserId, hashes: &[Vec<u8>]) -> Result<(), Error> {
    sqlx::query!("delete from routing.recovery_codes where user_id = $1", user.0).execute(&mut *connection).await?;
    sqlx::query!(
        "insert into routing.recovery_codes (user_id, code_hash) select $1, hash from unnest($2::bytea[]) as t(hash)",
        user.0,
        hashes
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a recovery code: how many are left; none when it is not one of theirs.
pub async fn spend_recovery(connection: &mut Connection, user: UserId, hash: &[u8]) -> Result<Option<usize>, Error> {
    let gone = sqlx::query!("delete from routing.recovery_codes where user_id = $1 and code_hash = $2", user.0, hash)
        .execute(&mut *connection)
        .await?;
    if gone.rows_affected() == 0 {
        return Ok(None);
    }
    let left =
        sqlx::query_scalar!(r#"select count(*) as "count!" from routing.recovery_codes where user_id = $1"#, user.0);
    Ok(usize::try_from(left.fetch_one(connection).await?).ok())
}
