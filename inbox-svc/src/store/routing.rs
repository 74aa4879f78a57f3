//! What the inbox reads of the tables without tenants: whose page it is, and who may work.

use chatdesk_meta::Platform;
use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;

/// A connected page or account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    /// Facebook or Instagram.
    pub platform: Platform,
    /// Meta's id of it.
    pub page_id: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// Our id of it.
    pub channel_id: Uuid,
    /// Since when it is theirs.
    pub connected_at: DateTime<Utc>,
}

/// The owners of these pages; pages nobody connected are left out.
pub async fn routes(tx: &mut SystemTx, pages: &[(Platform, String)]) -> Result<Vec<Route>, Error> {
    let platforms: Vec<String> = pages.iter().map(|(platform, _)| platform.as_str().to_owned()).collect();
    let ids: Vec<String> = pages.iter().map(|(_, id)| id.replace('\0', "")).collect();
    let rows = sqlx::query!(
        "select c.platform, c.external_id, c.tenant_id, c.channel_id, c.connected_at from routing.channels c
         join unnest($1::text[], $2::text[]) as p(platform, external_id) using (platform, external_id)
         where c.is_active",
        &platforms,
        &ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Route {
                platform: known(&row.platform)?,
                page_id: row.external_id,
                tenant: TenantId(row.tenant_id),
                channel_id: row.channel_id,
                connected_at: row.connected_at,
            })
        })
        .collect()
}

/// Notes that something came for these channels. To the nearest ten seconds, and never waiting for a neighbour who notes the same.
pub async fn heard_from(tx: &mut SystemTx, channels: &[Uuid], now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update routing.channels set last_event_at = $2::timestamptz where channel_id in (
             select channel_id from routing.channels
             where channel_id = any($1) and (last_event_at is null or last_event_at < $2::timestamptz - interval '10 seconds')
             for no key update skip locked)",
        channels,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which page one of this transaction's tenant's channels is; none when it is theirs no more.
pub async fn page_of(tx: &mut TenantTx, channel: Uuid) -> Result<Option<(Platform, String)>, Error> {
    let tenant = tx.tenant().0;
    let row = sqlx::query!(
        "select platform, external_id from routing.channels where tenant_id = $1 and channel_id = $2",
        tenant,
        channel
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok((known(&row.platform)?, row.external_id))).transpose()
}

/// All pages of this transaction's tenant.
pub async fn pages(tx: &mut TenantTx) -> Result<Vec<(Platform, String)>, Error> {
    let tenant = tx.tenant().0;
    let rows = sqlx::query!("select platform, external_id from routing.channels where tenant_id = $1", tenant)
        .fetch_all(tx.conn())
        .await?;
    rows.into_iter().map(|row| Ok((known(&row.platform)?, row.external_id))).collect()
}

/// Notes what Meta thinks of one of this transaction's tenant's channels, and since when. What is newer stays; of two at the same moment
/// always the same one.
pub async fn set_policy(tx: &mut TenantTx, channel: Uuid, policy: &str, at: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant().0;
    sqlx::query!(
        "update routing.channels set policy = $3, policy_at = $4
         where tenant_id = $1 and channel_id = $2 and (policy_at is null or (policy_at, policy) < ($4, $3))",
        tenant,
        channel,
        policy,
        at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every tenant that is not deleted.
pub async fn tenants(tx: &mut SystemTx) -> Result<Vec<TenantId>, Error> {
    let ids = sqlx::query_scalar!("select tenant_id from routing.tenants where state <> 'deleted' order by tenant_id")
        .fetch_all(tx.conn())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Whether this transaction's tenant may work. One that is not listed may not.
pub async fn tenant_is_active(tx: &mut TenantTx) -> Result<bool, Error> {
    let tenant = tx.tenant().0;
    let active = sqlx::query_scalar!(
        r#"select exists (select from routing.tenants where tenant_id = $1 and state = 'active') as "active!""#,
        tenant
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(active)
}

/// What a send of a channel needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// The tenant may work.
    pub tenant_active: bool,
    /// The channel is connected, and the tenant's own.
    pub channel_active: bool,
    /// It must be connected anew, or Meta holds it back.
    pub is_held: bool,
}

impl Gate {
    /// Whether something may go out now.
    pub const fn is_open(self) -> bool {
        self.tenant_active && self.channel_active && !self.is_held
    }
}

/// Whether a channel of this transaction's tenant may send now.
pub async fn gate(tx: &mut TenantTx, channel: Uuid) -> Result<Gate, Error> {
    let tenant = tx.tenant().0;
    let row = sqlx::query!(
        r#"select exists (select from routing.tenants where tenant_id = $1 and state = 'active') as "tenant!",
               c.channel_id is not null as "channel!",
               coalesce(c.send_state <> 'ok' or c.policy = 'block', false) as "held!"
           from (select $2::uuid as id) wanted
           left join routing.channels c on c.channel_id = wanted.id and c.tenant_id = $1 and c.is_active"#,
        tenant,
        channel
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Gate { tenant_active: row.tenant, channel_active: row.channel, is_held: row.held })
}

/// This tenant's connected channels, while it may work, that were never compared with what Meta keeps, are being compared, were connected anew since, or were
/// last compared before then.
pub async fn uncompared(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let tenant = tx.tenant().0;
    let ids = sqlx::query_scalar!(
        "select c.channel_id from routing.channels c left join inbox.channel_sync s on s.channel_id = c.channel_id
         where c.tenant_id = $1 and c.is_active
             and exists (select from routing.tenants t where t.tenant_id = $1 and t.state = 'active')
             and (s.channel_id is null or s.connected_at <> c.connected_at or s.pass_from is not null
                 or s.checked_at is null or s.checked_at < $2)
         order by c.channel_id",
        tenant,
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// A connected channel of this transaction's tenant; none when it is not connected, or another's.
pub async fn channel(tx: &mut TenantTx, id: Uuid) -> Result<Option<Connected>, Error> {
    let tenant = tx.tenant().0;
    let row = sqlx::query!(
        "select platform, connected_at from routing.channels where tenant_id = $1 and channel_id = $2 and is_active",
        tenant,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| Ok(Connected { platform: known(&row.platform)?, connected_at: row.connected_at })).transpose()
}

/// What a comparison needs to know of a channel.
#[derive(Debug, Clone, Copy)]
pub struct Connected {
    /// Facebook or Instagram.
    pub platform: Platform,
    /// Since when it is this owner's.
    pub connected_at: DateTime<Utc>,
}
