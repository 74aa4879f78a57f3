//! Businesses and the people who log in. An e-mail's owner is found through its hash in `routing`; the rest is the tenant's.

use chatdesk_platform::db::{Connection, OnConstraint as _, SystemTx, TenantTx};
use chatdesk_platform::{Error, Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{Business, BusinessChange, Email, Standing, User};

/// Whose an e-mail is.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// The person.
    pub user: UserId,
    /// Their business; none for a platform admin.
    pub tenant: Option<TenantId>,
}

/// Whose an e-mail is, if anyone's.
pub async fn find_login(tx: &mut SystemTx, email_hash: &[u8; 32]) -> Result<Option<Login>, Error> {
    let row = sqlx::query!("select user_id, tenant_id from routing.logins where email_hash = $1", &email_hash[..])
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| Login { user: UserId(row.user_id), tenant: row.tenant_id.map(TenantId) }))
}

async fn claim_email(
    connection: &mut Connection,
    email_hash: &[u8; 32],
    user: UserId,
    tenant: Option<Uuid>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.logins (email_hash, user_id, tenant_id) values ($1, $2, $3)",
        &email_hash[..],
        user.0,
        tenant
    )
    .execute(connection)
    .await
    .on_constraint("logins_pkey", || Error::Conflict {
        code: "email_taken",
        detail: "This e-mail address is already in use.".to_owned(),
    })?;
    Ok(())
}

/// A person to make.
pub struct NewUser<'a> {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: &'a Email,
    /// How `routing` knows the address.
    pub email_hash: &'a [u8; 32],
    /// Their password's hash.
    pub password_hash: &'a str,
}

/// Makes the transaction's tenant with its owner and default settings. Conflict `email_taken` when the e-mail is someone's.
pub async fn insert_business(
    tx: &mut TenantTx,
    business: &Business,
    owner: &NewUser<'_>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!("insert into routing.tenants (tenant_id, changed_at, created_at) values ($1, $2, $2)", tenant.0, now)
        .execute(tx.conn())
        .await?;
    claim_email(tx.conn(), owner.email_hash, owner.id, Some(tenant.0)).await?;
    sqlx::query!(
        "insert into tenants.businesses (tenant_id, name, description, phone, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $5)",
        tenant.0,
        business.name,
        business.description,
        business.phone,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("insert into tenants.assistant_settings (tenant_id, updated_at) values ($1, $2)", tenant.0, now)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into tenants.users (tenant_id, id, email, password_hash, role, created_at)
         values ($1, $2, $3, $4, $5, $6)",
        tenant.0,
        owner.id.0,
        owner.email.as_str(),
        owner.password_hash,
        Role::Owner.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A member with their business and password hash; none when they are not of this tenant.
pub async fn member(tx: &mut TenantTx, id: UserId) -> Result<Option<(User, String)>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select u.email, u.password_hash, u.role, u.created_at, b.updated_at, b.name, b.description, b.phone
         from tenants.users u join tenants.businesses b on b.tenant_id = u.tenant_id
         where u.tenant_id = $1 and u.id = $2",
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let role: Role = row.role.parse().map_err(Error::internal)?;
    let business = Business { name: row.name, description: row.description, phone: row.phone };
    let standing = Standing::Member { tenant, role, business };
    let user = User {
        id,
        email: row.email,
        created_at: row.created_at,
        updated_at: row.updated_at.max(row.created_at),
        standing,
    };
    Ok(Some((user, row.password_hash)))
}

/// Replaces a member's password hash, unless it changed meanwhile.
pub async fn rehash_member(tx: &mut TenantTx, id: UserId, old: &str, new: &str) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.users set password_hash = $4 where tenant_id = $1 and id = $2 and password_hash = $3",
        tenant.0,
        id.0,
        old,
        new
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Changes what is given of the business's profile.
pub async fn update_business(tx: &mut TenantTx, change: &BusinessChange, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.businesses set name = coalesce($2, name), description = coalesce($3, description),
             phone = coalesce($4, phone), updated_at = $5
         where tenant_id = $1",
        tenant.0,
        change.name,
        change.description,
        change.phone,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes a platform admin. Conflict `email_taken` when the e-mail is someone's.
pub async fn insert_admin(tx: &mut SystemTx, admin: &NewUser<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    claim_email(tx.conn(), admin.email_hash, admin.id, None).await?;
    sqlx::query!(
        "insert into tenants.platform_admins (user_id, email, password_hash, created_at) values ($1, $2, $3, $4)",
        admin.id.0,
        admin.email.as_str(),
        admin.password_hash,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A platform admin and their password hash.
pub async fn admin(tx: &mut SystemTx, id: UserId) -> Result<Option<(User, String)>, Error> {
    let row =
        sqlx::query!("select email, password_hash, created_at from tenants.platform_admins where user_id = $1", id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|row| {
        let created_at = row.created_at;
        (
            User { id, email: row.email, created_at, updated_at: created_at, standing: Standing::Admin },
            row.password_hash,
        )
    }))
}

/// Replaces a platform admin's password hash, unless it changed meanwhile.
pub async fn rehash_admin(tx: &mut SystemTx, id: UserId, old: &str, new: &str) -> Result<(), Error> {
    sqlx::query!(
        "update tenants.platform_admins set password_hash = $3 where user_id = $1 and password_hash = $2",
        id.0,
        old,
        new
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
