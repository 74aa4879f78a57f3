//! What logins at Meta allow to connect, until it expires. A grant is its user's.

use chatdesk_meta::{Login, Platform};
use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::grant::{Granted, Offer};

/// A grant to keep.
pub struct Grant<'a> {
    /// Ours.
    pub id: Uuid,
    /// Who logged in here.
    pub user: UserId,
    /// At which login.
    pub login: Login,
    /// The person at Meta by keyed hash, under each id that Meta may call them.
    pub meta_users: &'a [Vec<u8>],
    /// When it is over.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a grant without its pages.
pub async fn insert(tx: &mut TenantTx, grant: &Grant<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.connect_grants (tenant_id, id, user_id, login, meta_user_hashes, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        grant.id,
        grant.user.0,
        grant.login.as_str(),
        grant.meta_users,
        now,
        grant.expires_at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into routing.meta_grants (meta_user_hash, tenant_id, grant_id)
         select distinct hash, $2::uuid, $3::uuid from unnest($1::bytea[]) as t(hash)",
        grant.meta_users,
        tenant.0,
        grant.id
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps a page of a grant; one that Meta names twice is kept once.
pub async fn insert_page(
    tx: &mut TenantTx,
    grant: Uuid,
    id: Uuid,
    offer: &Offer,
    sealed: Option<&str>,
) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.granted_pages
             (tenant_id, grant_id, id, platform, external_id, page_name, token, token_expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, grant_id, platform, external_id) do nothing",
        tenant.0,
        grant,
        id,
        offer.platform.as_str(),
        offer.external_id,
        offer.name,
        sealed,
        offer.token_expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A page of a grant of this user that is not over.
pub async fn page(
    tx: &mut TenantTx,
    grant: Uuid,
    user: UserId,
    (platform, external_id): (Platform, &str),
    now: DateTime<Utc>,
) -> Result<Granted, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select g.login, g.meta_user_hashes, p.id as \"id?\", p.page_name as \"page_name?\", p.token, p.token_expires_at
         from tenants.connect_grants g
         left join tenants.granted_pages p on p.tenant_id = g.tenant_id and p.grant_id = g.id
             and p.platform = $4 and p.external_id = $5
         where g.tenant_id = $1 and g.id = $2 and g.user_id = $3 and g.expires_at > $6",
        tenant.0,
        grant,
        user.0,
        platform.as_str(),
        external_id,
        now
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound("grant"))?;
    let (Some(id), Some(name)) = (row.id, row.page_name) else { return Err(Error::NotFound("page")) };
    Ok(Granted {
        id,
        login: row.login.parse().map_err(Error::internal)?,
        name,
        sealed: row.token,
        token_expires_at: row.token_expires_at,
        meta_users: row.meta_user_hashes,
    })
}

/// Forgets a grant with its pages and their tokens.
pub async fn forget(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!("delete from tenants.connect_grants where tenant_id = $1 and id = $2", tenant.0, id)
        .execute(tx.conn())
        .await?;
    forget_person(tx, id).await
}

/// The grants of a person at Meta, in every business.
pub async fn of_person(tx: &mut SystemTx, meta_user: &[u8]) -> Result<Vec<(TenantId, Uuid)>, Error> {
    let rows = sqlx::query!(
        "select tenant_id, grant_id from routing.meta_grants where meta_user_hash = $1 order by grant_id",
        meta_user
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.grant_id)).collect())
}

/// Forgets a grant unless it was given after `before`.
pub async fn take(tx: &mut TenantTx, id: Uuid, before: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    let taken = sqlx::query!(
        "delete from tenants.connect_grants where tenant_id = $1 and id = $2 and created_at <= $3",
        tenant.0,
        id,
        before
    )
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 0 {
        return Ok(());
    }
    forget_person(tx, id).await
}

async fn forget_person(tx: &mut TenantTx, id: Uuid) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!("delete from routing.meta_grants where tenant_id = $1 and grant_id = $2", tenant.0, id)
        .execute(tx.conn())
        .await?;
    Ok(())
}
