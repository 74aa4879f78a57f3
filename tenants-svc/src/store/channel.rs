//! Connected pages and accounts: the tenant's rows, and what `routing` says of their sending.

use chatdesk_meta::{Login, Platform};
use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::channel::Channel;
use crate::health::{Health, Trouble};
use crate::policy::Policy;

struct Row {
    id: Uuid,
    platform: String,
    external_id: String,
    login: String,
    page_name: String,
    is_active: bool,
    health: String,
    health_reason: String,
    was_refused: bool,
    may_try: bool,
    policy: String,
    policy_at: Option<DateTime<Utc>>,
    token_expires_at: Option<DateTime<Utc>>,
    token_refreshed_at: Option<DateTime<Utc>>,
    checked_at: Option<DateTime<Utc>>,
    connected_at: DateTime<Utc>,
    last_webhook_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    sealed: Option<String>,
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
            trouble: Trouble::of_stored(&row.health, &row.health_reason)
                .ok_or_else(|| Error::internal("an unknown health is stored"))?,
            was_refused: row.was_refused,
            may_try: row.may_try,
            policy: Policy::of_stored(&row.policy).ok_or_else(|| Error::internal("an unknown policy is stored"))?,
            policy_at: row.policy_at,
            token_expires_at: row.token_expires_at,
            token_since: row.token_refreshed_at.unwrap_or(row.connected_at),
            checked_at: row.checked_at,
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
        r#"select c.id, c.platform, c.external_id, c.login, c.page_name, c.is_active, c.health,
               c.health_reason, c.was_refused, coalesce(r.send_state = 'ok', false) as "may_try!",
               coalesce(r.policy, '') as "policy!", r.policy_at, c.token_expires_at, c.token_refreshed_at, c.checked_at,
               c.connected_at, coalesce(r.last_event_at, c.last_webhook_at) as last_webhook_at, c.created_at, c.updated_at,
               null::text as sealed
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
    Ok(with_token(tx, id).await?.0)
}

/// One channel with its sealed token, if it is active and has one: read as one, so that what is wrong is what is wrong with this token.
pub async fn with_token(tx: &mut TenantTx, id: Uuid) -> Result<(Channel, Option<String>), Error> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        r#"select c.id, c.platform, c.external_id, c.login, c.page_name, c.is_active, c.health,
               c.health_reason, c.was_refused, coalesce(r.send_state = 'ok', false) as "may_try!",
               coalesce(r.policy, '') as "policy!", r.policy_at, c.token_expires_at, c.token_refreshed_at, c.checked_at,
               c.connected_at, coalesce(r.last_event_at, c.last_webhook_at) as last_webhook_at, c.created_at, c.updated_at,
               case when c.is_active then c.token end as sealed
           from tenants.channels c
           left join routing.channels r on r.tenant_id = c.tenant_id and r.channel_id = c.id
           where c.tenant_id = $1 and c.id = $2"#,
        tenant.0,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    let mut row = row.ok_or(Error::NotFound("channel"))?;
    let sealed = row.sealed.take();
    Ok((row.try_into()?, sealed))
}

/// The channel of a page, if the tenant ever had it: its id and whether it is active.
pub async fn of_page(tx: &mut TenantTx, platform: Platform, external_id: &str) -> Result<Option<(Uuid, bool)>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select id, is_active from tenants.channels where tenant_id = $1 and platform = $2 and external_id = $3",
        tenant.0,
        platform.as_str(),
        external_id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.id, row.is_active)))
}

/// A page that was just claimed.
pub struct Connected<'a> {
    /// From [`claim`](super::page::claim).
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
    /// When the token ends, if it is known to end.
    pub token_expires_at: Option<DateTime<Utc>>,
}

/// Keeps a connected channel: active, well, with the new token.
pub async fn put(tx: &mut TenantTx, channel: &Connected<'_>, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.channels
             (tenant_id, id, platform, external_id, login, page_name, is_active, token, token_expires_at, token_refreshed_at,
              checked_at, connected_at, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, true, $7, $8, $9, $9, $9, $9, $9)
         on conflict (tenant_id, id) do update
         set login = excluded.login, page_name = excluded.page_name, is_active = true, token = excluded.token,
             token_expires_at = excluded.token_expires_at, token_refreshed_at = excluded.token_refreshed_at,
             checked_at = excluded.checked_at, health = 'ok', health_reason = '', was_refused = false,
             connected_at = excluded.connected_at,
             updated_at = excluded.updated_at",
        tenant.0,
        channel.id,
        channel.platform.as_str(),
        channel.external_id,
        channel.login.as_str(),
        channel.page_name,
        channel.sealed,
        channel.token_expires_at,
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
        "update tenants.channels set is_active = false, token = null, token_expires_at = null, health = 'ok',
             health_reason = '', was_refused = false, updated_at = $3, last_webhook_at = coalesce($4, last_webhook_at)
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

/// Notes what a call told about the channel, and whether a refused message told it, unless it was connected anew meanwhile: that says nothing
/// about the new token. Gives whether anything changed, for whoever sends too.
pub async fn set_trouble(
    tx: &mut TenantTx,
    id: Uuid,
    sealed: &str,
    (trouble, was_refused): (Trouble, bool),
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let changed = sqlx::query!(
        "update tenants.channels set health = $4, health_reason = $5, was_refused = $6, updated_at = $7
         where tenant_id = $1 and id = $2 and token = $3 and (health, health_reason, was_refused) <> ($4, $5, $6)",
        tenant.0,
        id,
        sealed,
        trouble.health().as_str(),
        trouble.as_str(),
        was_refused,
        now
    )
    .execute(tx.conn())
    .await?;
    let told = tell(tx, id, sealed, trouble.health()).await?;
    Ok(told || changed.rows_affected() > 0)
}

/// Tells whoever sends through a channel that has this token whether it has a point: well where there is no trouble, and where a message is
/// to prove that it is over. Gives whether that is new to them.
pub async fn tell(tx: &mut TenantTx, id: Uuid, sealed: &str, health: Health) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let told = sqlx::query!(
        "update routing.channels set send_state = $3
         where tenant_id = $1 and channel_id = $2 and send_state <> $3
             and exists (select from tenants.channels c where c.tenant_id = $1 and c.id = $2 and c.token = $4)",
        tenant.0,
        id,
        health.as_str(),
        sealed
    )
    .execute(tx.conn())
    .await?;
    Ok(told.rows_affected() > 0)
}

/// Keeps a renewed token in the place of the old one; false when the channel got another meanwhile.
pub async fn renew(
    tx: &mut TenantTx,
    id: Uuid,
    old: &str,
    new: &str,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let kept = sqlx::query!(
        "update tenants.channels set token = $4, token_expires_at = $5, token_refreshed_at = $6, updated_at = $6
         where tenant_id = $1 and id = $2 and token = $3",
        tenant.0,
        id,
        old,
        new,
        expires_at,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// Notes that Meta was asked about it.
pub async fn checked(tx: &mut TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!("update tenants.channels set checked_at = $3 where tenant_id = $1 and id = $2", tenant.0, id, now)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Tells whoever sends that there is no point in it.
async fn set_send_state(tx: &mut TenantTx, id: Uuid, trouble: Trouble) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update routing.channels set send_state = $3 where tenant_id = $1 and channel_id = $2 and send_state <> $3",
        tenant.0,
        id,
        trouble.health().as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the token of a channel whose person took our rights away, unless it was connected after `before`: then it rests on rights that
/// were given since. Gives whether it was taken.
pub async fn deauthorize(
    tx: &mut TenantTx,
    id: Uuid,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let trouble = Trouble::Deauthorized;
    let taken = sqlx::query!(
        "update tenants.channels set token = null, token_expires_at = null, health = $4, health_reason = $5,
             was_refused = false, updated_at = $6
         where tenant_id = $1 and id = $2 and is_active and token is not null and connected_at <= $3",
        tenant.0,
        id,
        before,
        trouble.health().as_str(),
        trouble.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    if taken.rows_affected() == 0 {
        return Ok(false);
    }
    set_send_state(tx, id, trouble).await?;
    Ok(true)
}
