//! Whose page it is, across tenants. Whoever changes that holds the page first, so that of all who want it one is heard at a time.

use chatdesk_meta::Platform;
use chatdesk_platform::db::{Connection, SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, new_id};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Holds a page until the end of the transaction.
pub async fn lock(connection: &mut Connection, platform: Platform, external_id: &str) -> Result<(), Error> {
    let page = format!("{}/{external_id}", platform.as_str());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1::text, 7203304))", page).execute(connection).await?;
    Ok(())
}

/// Who stands between the page and whoever asks: who has it, or another for whom it is kept after a transfer; in any transaction.
pub async fn owner(
    connection: &mut Connection,
    platform: Platform,
    external_id: &str,
    (asks, now): (TenantId, DateTime<Utc>),
) -> Result<Option<TenantId>, Error> {
    let (platforms, ids) = ([platform.as_str().to_owned()], [external_id.to_owned()]);
    Ok(owners(connection, &platforms, &ids, (asks, now)).await?.into_iter().next().flatten())
}

/// The same for several pages, in their order.
pub async fn owners(
    connection: &mut Connection,
    platforms: &[String],
    external_ids: &[String],
    (asks, now): (TenantId, DateTime<Utc>),
) -> Result<Vec<Option<TenantId>>, Error> {
    let owners = sqlx::query_scalar!(
        r#"select coalesce(
               (select c.tenant_id from routing.channels c where c.platform = page.platform and c.external_id = page.id),
               (select t.asker_tenant_id from routing.channel_transfers t
                where t.platform = page.platform and t.external_id = page.id and t.state = 'accepted'
                    and t.expires_at > $4 and t.asker_tenant_id <> $3)
           ) as owner
           from unnest($1::text[], $2::text[]) with ordinality as page(platform, id, at) order by page.at"#,
        platforms,
        external_ids,
        asks.0,
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(owners.into_iter().map(|owner| owner.map(TenantId)).collect())
}

/// Whether somebody gave the page away and it is kept for whom they gave it to; in any transaction that holds the page.
pub async fn is_reserved(connection: &mut Connection, platform: Platform, external_id: &str) -> Result<bool, Error> {
    let has_owner = sqlx::query_scalar!(
        r#"select exists (select from routing.channels where platform = $1 and external_id = $2) as "is!""#,
        platform.as_str(),
        external_id
    )
    .fetch_one(connection)
    .await?;
    Ok(!has_owner)
}

/// Makes the page the transaction's tenant's: the channel's id, which is the old one when the page was theirs before; none when it is
/// another's, or kept for another. Transfers of the page that this settles are settled.
pub async fn claim(
    tx: &mut TenantTx,
    platform: Platform,
    external_id: &str,
    via_page: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, Error> {
    let tenant = tx.tenant();
    lock(tx.conn(), platform, external_id).await?;
    if owner(tx.conn(), platform, external_id, (tenant, now)).await?.is_some_and(|owner| owner != tenant) {
        return Ok(None);
    }
    let known = super::channel::of_page(tx, platform, external_id).await?;
    // `is_active` and `send_state` start anew; since when it is theirs does not.
    let claimed = sqlx::query_scalar!(
        "insert into routing.channels as c (platform, external_id, tenant_id, channel_id, via_page_id)
         values ($1, $2, $3, $4, $5)
         on conflict (platform, external_id) do update
         set is_active = true, send_state = 'ok', via_page_id = excluded.via_page_id
         where c.tenant_id = excluded.tenant_id
         returning channel_id",
        platform.as_str(),
        external_id,
        tenant.0,
        known.map_or_else(new_id, |(id, _)| id),
        via_page
    )
    .fetch_optional(tx.conn())
    .await?;
    if claimed.is_some() {
        super::transfer::settle(tx, platform, external_id, now).await?;
    }
    Ok(claimed)
}

/// Notes the Page that an account is spoken to through.
pub async fn spoken_through(tx: &mut TenantTx, channel: Uuid, page: &str) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update routing.channels set via_page_id = $3
         where tenant_id = $1 and channel_id = $2 and via_page_id is distinct from $3",
        tenant.0,
        channel,
        page
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether another channel, of whichever business, may live on the same subscription: a Page and the account behind it have one. `behind`
/// is for an account with a Page's token; as long as nobody noted which Page that is, it may be anybody's.
pub async fn shares_subscription(tx: &mut TenantTx, channel: Uuid, behind: bool) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let shares = sqlx::query_scalar!(
        r#"select exists (
               select from routing.channels c
               where c.tenant_id = $1 and c.channel_id = $2 and (
                   ($3 and c.via_page_id is null)
                   or (($3 or c.platform = 'facebook') and exists (
                       select from routing.channels o
                       where o.channel_id <> c.channel_id and (
                           (o.platform = 'facebook' and o.external_id = coalesce(c.via_page_id, c.external_id))
                           or o.via_page_id = coalesce(c.via_page_id, c.external_id)))))
           ) as "shares!""#,
        tenant.0,
        channel,
        behind
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(shares)
}

/// Notes whose login at Meta a channel rests on, in the place of whose it rested on before.
pub async fn rests_on(tx: &mut TenantTx, channel: Uuid, meta_users: &[Vec<u8>]) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!("delete from routing.meta_users where tenant_id = $1 and channel_id = $2", tenant.0, channel)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into routing.meta_users (meta_user_hash, tenant_id, channel_id)
         select distinct hash, $2::uuid, $3::uuid from unnest($1::bytea[]) as t(hash)",
        meta_users,
        tenant.0,
        channel
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The channels that rest on a person's login at Meta.
pub async fn resting_on(tx: &mut SystemTx, meta_user: &[u8]) -> Result<Vec<(TenantId, Uuid)>, Error> {
    let rows = sqlx::query!(
        "select tenant_id, channel_id from routing.meta_users where meta_user_hash = $1 order by channel_id",
        meta_user
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.channel_id)).collect())
}

/// Active channels of which nobody is going to ask Meta.
pub async fn unchecked(tx: &mut SystemTx, kind: &str) -> Result<Vec<(TenantId, Uuid)>, Error> {
    let rows = sqlx::query!(
        "select c.tenant_id, c.channel_id from routing.channels c
         where c.is_active and not exists (
             select from routing.due_work d where d.kind = $1 and d.tenant_id = c.tenant_id and d.entity_id = c.channel_id)",
        kind
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (TenantId(row.tenant_id), row.channel_id)).collect())
}
