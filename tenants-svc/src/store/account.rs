//! Businesses and the people who log in. An e-mail's owner is found through its hash in `routing`; the rest is the tenant's.

use chatdesk_platform::db::{Connection, OnConstraint as _, SystemTx, TenantTx};
use chatdesk_platform::{Error, Role, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::{Business, BusinessChange, Email, Member, Standing, User, shown_name};

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
    taken: &'static str,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into routing.logins (email_hash, user_id, tenant_id) values ($1, $2, $3)",
        &email_hash[..],
        user.0,
        tenant
    )
    .execute(connection)
    .await
    .on_constraint("logins_pkey", || in_use(taken))?;
    Ok(())
}

/// Whether an e-mail is somebody's; in any transaction.
pub async fn is_in_use(connection: &mut Connection, email_hash: &[u8; 32]) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from routing.logins where email_hash = $1) as "found!""#,
        &email_hash[..]
    );
    Ok(found.fetch_one(connection).await?)
}

/// An e-mail that is somebody's, under the code that the caller knows it by.
pub fn in_use(code: &'static str) -> Error {
    Error::Conflict { code, detail: "This e-mail address is already in use.".to_owned() }
}

/// A person to make.
pub struct NewUser<'a> {
    /// Their id.
    pub id: UserId,
    /// Their address.
    pub email: &'a Email,
    /// What colleagues are to call them; empty for what stands before the @ of the address.
    pub name: &'a str,
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
    // Before the rest, so that the loser of a race for the address has done nothing yet.
    claim_email(tx.conn(), owner.email_hash, owner.id, Some(tenant.0), "email_taken").await?;
    sqlx::query!(
        "insert into tenants.businesses (tenant_id, name, description, phone, time_zone, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $6)",
        tenant.0,
        business.name,
        business.description,
        business.phone,
        business.time_zone,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("insert into tenants.assistant_settings (tenant_id, updated_at) values ($1, $2)", tenant.0, now)
        .execute(tx.conn())
        .await?;
    insert_user(tx, owner, Role::Owner, now).await
}

/// Adds a person to the transaction's tenant; false when it has `most` already. Conflict `email_in_use` when the e-mail is someone's.
pub async fn insert_member(
    tx: &mut TenantTx,
    member: &NewUser<'_>,
    role: Role,
    most: i64,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tenant = tx.tenant();
    if !has_room(tx, most).await? {
        return Ok(false);
    }
    claim_email(tx.conn(), member.email_hash, member.id, Some(tenant.0), "email_in_use").await?;
    insert_user(tx, member, role, now).await?;
    Ok(true)
}

/// Whether the tenant has fewer than `most` people.
pub async fn has_room(tx: &mut TenantTx, most: i64) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let there = sqlx::query_scalar!(
        r#"select count(*) as "count!" from tenants.users where tenant_id = $1 and removed_at is null"#,
        tenant.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(there < most)
}

async fn insert_user(tx: &mut TenantTx, user: &NewUser<'_>, role: Role, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.users (tenant_id, id, email, name, password_hash, role, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        user.id.0,
        user.email.as_str(),
        user.name,
        user.password_hash,
        role.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// All people of the tenant, in the order they came.
pub async fn members(tx: &mut TenantTx) -> Result<Vec<Member>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"select id, email, name, role, created_at, exists (
               select from routing.second_factors f where f.user_id = u.id and f.secret is not null) as "has_totp!"
           from tenants.users u where tenant_id = $1 and removed_at is null order by created_at, id"#,
        tenant.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Member {
                id: UserId(row.id),
                name: shown_name(row.name, &row.email),
                email: row.email,
                role: row.role.parse().map_err(Error::internal)?,
                created_at: row.created_at,
                has_totp: row.has_totp,
            })
        })
        .collect()
}

/// A member with their business and password hash; none when they are not of this tenant, or no longer.
pub async fn member(tx: &mut TenantTx, id: UserId) -> Result<Option<(User, String)>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        r#"select u.email, u.name as user_name, u.password_hash, u.role, u.created_at, b.name, b.description, b.phone,
             b.time_zone, coalesce(u.updated_at, u.created_at) as "user_updated_at!", b.updated_at, exists (
                 select from routing.second_factors f where f.user_id = u.id and f.secret is not null) as "has_totp!"
         from tenants.users u join tenants.businesses b on b.tenant_id = u.tenant_id
         where u.tenant_id = $1 and u.id = $2 and u.removed_at is null"#,
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let role: Role = row.role.parse().map_err(Error::internal)?;
    let business =
        Business { name: row.name, description: row.description, phone: row.phone, time_zone: row.time_zone };
    let standing = Standing::Member { tenant, role, business };
    let user = User {
        id,
        name: shown_name(row.user_name, &row.email),
        email: row.email,
        created_at: row.created_at,
        updated_at: row.updated_at.max(row.user_updated_at),
        has_totp: row.has_totp,
        standing,
    };
    Ok(Some((user, row.password_hash)))
}

/// A member's password hash, which nobody replaces until the end of the transaction.
pub async fn hold_password(tx: &mut TenantTx, id: UserId) -> Result<Option<String>, Error> {
    let tenant = tx.tenant();
    let hash = sqlx::query_scalar!(
        "select password_hash from tenants.users where tenant_id = $1 and id = $2 and removed_at is null for share",
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(hash)
}

/// Holds a member until the end of the transaction: whoever begins a session of theirs waits, and whoever was beginning one has.
pub async fn hold_member(tx: &mut TenantTx, id: UserId) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query_scalar!(
        "select 1 from tenants.users where tenant_id = $1 and id = $2 for no key update",
        tenant.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(())
}

/// Replaces a member's password hash; false when it changed meanwhile.
pub async fn rehash_member(tx: &mut TenantTx, id: UserId, old: &str, new: &str) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "update tenants.users set password_hash = $4 where tenant_id = $1 and id = $2 and password_hash = $3",
        tenant.0,
        id.0,
        old,
        new
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Changes what colleagues call a member.
pub async fn rename(tx: &mut TenantTx, id: UserId, name: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.users set name = $3, updated_at = $4 where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        name,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether the database knows a time zone of exactly this name, and browsers may too: what names only this machine's is none.
pub async fn knows_time_zone(tx: &mut TenantTx, name: &str) -> Result<bool, Error> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from pg_timezone_names where name = $1)
               and $1 !~ '^(posix|right)/' and $1 not in ('Factory', 'localtime', 'posixrules') as "known!""#,
        name
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(known)
}

/// Changes what is given of the business's profile.
pub async fn update_business(tx: &mut TenantTx, change: &BusinessChange, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.businesses set name = coalesce($2, name), description = coalesce($3, description),
             phone = coalesce($4, phone), time_zone = coalesce($5, time_zone), updated_at = $6
         where tenant_id = $1",
        tenant.0,
        change.name,
        change.description,
        change.phone,
        change.time_zone,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes a platform admin. Conflict `email_taken` when the e-mail is someone's.
pub async fn insert_admin(tx: &mut SystemTx, admin: &NewUser<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    claim_email(tx.conn(), admin.email_hash, admin.id, None, "email_taken").await?;
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
        sqlx::query!(
            r#"select email, password_hash, created_at, exists (
                   select from routing.second_factors f where f.user_id = a.user_id and f.secret is not null) as "has_totp!"
               from tenants.platform_admins a where user_id = $1"#,
            id.0
        )
        .fetch_optional(tx.conn())
        .await?;
    Ok(row.map(|row| {
        let (created_at, name) = (row.created_at, shown_name(String::new(), &row.email));
        let (email, has_totp) = (row.email, row.has_totp);
        let standing = Standing::Admin;
        let user = User { id, email, name, created_at, updated_at: created_at, has_totp, standing };
        (user, row.password_hash)
    }))
}

/// A platform admin's password hash, which nobody replaces until the end of the transaction.
pub async fn hold_admin_password(tx: &mut SystemTx, id: UserId) -> Result<Option<String>, Error> {
    let hash =
        sqlx::query_scalar!("select password_hash from tenants.platform_admins where user_id = $1 for share", id.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(hash)
}

/// Holds a platform admin, as [`hold_member`] a member.
pub async fn hold_admin(tx: &mut SystemTx, id: UserId) -> Result<(), Error> {
    sqlx::query_scalar!("select 1 from tenants.platform_admins where user_id = $1 for no key update", id.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(())
}

/// Replaces a platform admin's password hash; false when it changed meanwhile.
pub async fn rehash_admin(tx: &mut SystemTx, id: UserId, old: &str, new: &str) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update tenants.platform_admins set password_hash = $3 where user_id = $1 and password_hash = $2",
        id.0,
        old,
        new
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
