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

/// Every tenant.
pub async fn tenants(tx: &mut SystemTx) -> Result<Vec<TenantId>, Error> {
    let ids =
        sqlx::query_scalar!("select tenant_id from routing.tenants order by tenant_id").fetch_all(tx.conn()).await?;
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

/// Whether this transaction's tenant may work, and whether the channel is connected and its own.
pub async fn may_send(tx: &mut TenantTx, channel: Uuid) -> Result<(bool, bool), Error> {
    let tenant = tx.tenant().0;
    let row = sqlx::query!(
        r#"select exists (select from routing.tenants where tenant_id = $1 and state = 'active') as "tenant!",
               exists (select from routing.channels where tenant_id = $1 and channel_id = $2 and is_active) as "channel!""#,
        tenant,
        channel
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.tenant, row.channel))
}
