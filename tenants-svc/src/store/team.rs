//! Who is in a business's team, and as what.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, Role, UserId};
use chrono::{DateTime, Utc};

/// Holds the team still until the end of the transaction: who judges by the others' roles must not be overtaken by another who does.
pub async fn hold(tx: &mut TenantTx) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar!("select 1 from tenants.businesses where tenant_id = $1 for no key update", tenant.0)
        .fetch_one(tx.conn())
        .await?;
    Ok(())
}

/// The role of a person who is in the team.
pub async fn role(tx: &mut TenantTx, id: UserId) -> Result<Option<Role>, Error> {
    let tenant = tx.tenant();
    let role = sqlx::query_scalar!(
        "select role from tenants.users where tenant_id = $1 and id = $2 and removed_at is null",
        tenant.0,
        id.0
    );
    role.fetch_optional(tx.conn()).await?.map(|role| role.parse().map_err(Error::internal)).transpose()
}

/// How many owners there are.
pub async fn owners(tx: &mut TenantTx) -> Result<i64, Error> {
    let tenant = tx.tenant();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from tenants.users where tenant_id = $1 and role = 'owner' and removed_at is null"#,
        tenant.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// Gives a person another role.
pub async fn set_role(tx: &mut TenantTx, id: UserId, role: Role, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.users set role = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        role.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes a person out: their name stays, nothing they could log in with does, and their address is free.
pub async fn remove(tx: &mut TenantTx, id: UserId, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.users set removed_at = $3, updated_at = $3, password_hash = '' where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from tenants.sessions where tenant_id = $1 and user_id = $2", tenant.0, id.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from routing.second_factors where user_id = $1", id.0).execute(tx.conn()).await?;
    sqlx::query!("delete from routing.password_resets where user_id = $1", id.0).execute(tx.conn()).await?;
    sqlx::query!("delete from routing.logins where user_id = $1", id.0).execute(tx.conn()).await?;
    Ok(())
}
