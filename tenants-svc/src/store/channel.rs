//! Connected pages and accounts: the tenant's rows, and in `routing` whose page it is.

use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Error;
use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{TenantId, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::channel::{Channel, Health};

struct Row {
    id: Uuid,
    platform: String,
    external_id: String,
    login: String,
    page_name: String,
    is_active: bool,
    health: String,
    connected_at: DateTime<Utc>,
    last_webhook_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<Row> for Channel {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            platform: row.platform.parse().map_err(Error::internal)?,
            login: row.login.parse().map_err(Error::internal)?,
            external_id: row.external_id,
            page_name: row.page_name,
            is_active: row.is_active,
            health: Health::of_stored(&row.health).ok_or_else(|| Error::internal("an unknown health is stored"))?,
            connected_at: row.connected_at,
            last_webhook_at: row.last_webhook_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The tenant's channels, newest first, after the one with id `after`.
pub async fn list(tx: &mut TenantTx, after: Option<Uuid>, limit: i64) -> Result<Vec<Channel>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        r#"select c.id, c.platform, c.external_id, c.login, c.page_name, c.is_active, c.health, c.connected_at,
               coalesce(r.last_event_at, c.last_webhook_at) as last_webhook_at, c.created_at, c.updated_at
           from tenants.channels c
           left join routing.channels r on r.tenant_id = c.tenant_id and r.channel_id = c.id
           where c.tenant_id = $1 and ($2::uuid is null or c.id < $2)
           order by c.id desc limit $3"#,
        tenant.0,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Channel::try_from).collect()
}

/// One channel.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Channel, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        r#"select c.id, c.platform, c.external_id, c.login, c.page_name, c.is_active, c.health, c.connected_at,
               coalesce(r.last_event_at, c.last_webhook_at) as last_webhook_at, c.created_at, c.updated_at
           from tenants.channels c
           left join routing.channels r on r.tenant_id = c.tenant_id and r.channel_id = c.id
           where c.tenant_id = $1 and c.id = $2"#,
        tenant.0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.ok_or(Error::NotFound("channel"))?.try_into()
}

/// The sealed token of an active channel.
pub async fn sealed_token(tx: &mut TenantTx, id: Uuid) -> Result<Option<String>, Error> {
    let tenant = tx.tenant();
    let token = sqlx::query_scalar!(
        "select token from tenants.channels where tenant_id = $1 and id = $2 and is_active",
        tenant.0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(token.flatten())
}

/// Whether the page is another tenant's.
pub async fn is_taken(tx: &mut SystemTx, by: TenantId, platform: Platform, external_id: &str) -> Result<bool, Error> {
    let owner = sqlx::query_scalar!(
        "select tenant_id from routing.channels where platform = $1 and external_id = $2",
        platform.as_str(),
        external_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(owner.is_some_and(|owner| owner != by.0))
}

/// Makes the page the transaction's tenant's: the channel's id, which is the old one when the page was theirs before; none when it is another's.
/// The primary key decides between tenants that ask at once.
pub async fn claim(tx: &mut TenantTx, platform: Platform, external_id: &str) -> Result<Option<Uuid>, Error> {
    let tenant = tx.tenant();
    let known = sqlx::query_scalar!(
        "select id from tenants.channels where tenant_id = $1 and platform = $2 and external_id = $3",
        tenant.0,
        platform.as_str(),
        external_id
    )
    .fetch_optional(tx.conn())
    .await?;
    let claimed = sqlx::query_scalar!(
        "insert into routing.channels as c (platform, external_id, tenant_id, channel_id) values ($1, $2, $3, $4)
         on conflict (platform, external_id) do update set is_active = true where c.tenant_id = excluded.tenant_id
         returning channel_id",
        platform.as_str(),
        external_id,
        tenant.0,
        known.unwrap_or_else(new_id)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(claimed)
}

/// A page that was just claimed.
pub struct Connected<'a> {
    /// From [`claim`].
    pub id: Uuid,
    /// Where its customers write.
    pub platform: Platform,
    /// Which login gave the token.
    pub login: Login,
    /// Meta's id of it.
    pub external_id: &'a str,
    /// What it calls itself.
    pub page_name: &'a str,
    /// Its token in its envelope.
    pub sealed: &'a str,
}

/// Keeps a connected channel: active, well, with the new token.
pub async fn put(tx: &mut TenantTx, channel: &Connected<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.channels
             (tenant_id, id, platform, external_id, login, page_name, is_active, token, connected_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, true, $7, $8, $8, $8)
         on conflict (tenant_id, id) do update
         set login = excluded.login, page_name = excluded.page_name, is_active = true, token = excluded.token,
             health = 'ok', connected_at = excluded.connected_at, updated_at = excluded.updated_at",
        tenant.0,
        channel.id,
        channel.platform.as_str(),
        channel.external_id,
        channel.login.as_str(),
        channel.page_name,
        channel.sealed,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Forgets the token, frees the page for others, and keeps the row.
pub async fn disconnect(tx: &mut TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    let freed = sqlx::query_scalar!(
        "delete from routing.channels where tenant_id = $1 and channel_id = $2 returning last_event_at",
        tenant.0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!(
        "update tenants.channels set is_active = false, token = null, health = 'ok', updated_at = $3,
             last_webhook_at = coalesce($4, last_webhook_at)
         where tenant_id = $1 and id = $2 and is_active",
        tenant.0,
        id,
        now,
        freed.flatten()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes what a call told about the channel's health, unless it was connected anew meanwhile: that says nothing about the new token.
pub async fn set_health(
    tx: &mut TenantTx,
    id: Uuid,
    sealed: &str,
    health: Health,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.channels set health = $4, updated_at = $5
         where tenant_id = $1 and id = $2 and token = $3 and health <> $4",
        tenant.0,
        id,
        sealed,
        health.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
