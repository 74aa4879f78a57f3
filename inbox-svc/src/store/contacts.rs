//! The people who write.

use chatdesk_meta::Platform;
use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;
use crate::model::Contact;

/// Adds a customer of a channel unless they are there, and gives their id and whether they are new.
pub async fn ensure(
    tx: &mut TenantTx,
    fresh_id: Uuid,
    channel: Uuid,
    platform: Platform,
    user: &str,
    now: DateTime<Utc>,
) -> Result<(Uuid, bool), Error> {
    let made = sqlx::query_scalar!(
        "insert into inbox.contacts (id, channel_id, platform, platform_user_id, created_at) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, channel_id, platform_user_id) do nothing returning id",
        fresh_id,
        channel,
        platform.as_str(),
        user,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(id) = made {
        return Ok((id, true));
    }
    let id = sqlx::query_scalar!(
        "select id from inbox.contacts where channel_id = $1 and platform_user_id = $2",
        channel,
        user
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((id, false))
}

/// These contacts, in no order.
pub async fn by_ids(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Contact>, Error> {
    let rows = sqlx::query!(
        "select id, platform, platform_user_id, display_name, profile_pic_url, created_at
         from inbox.contacts where id = any($1)",
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Contact {
                id: row.id,
                platform: known(&row.platform)?,
                platform_user_id: row.platform_user_id,
                display_name: row.display_name,
                profile_pic_url: row.profile_pic_url,
                created_at: row.created_at,
            })
        })
        .collect()
}

/// Ids of the page of the list after a key, newest first, with the time that orders them.
pub async fn page(
    tx: &mut TenantTx,
    (at, id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> Result<Vec<(DateTime<Utc>, Uuid)>, Error> {
    let rows = sqlx::query!(
        "select id, created_at from inbox.contacts
         where (created_at, id) < ($1, $2)
         order by created_at desc, id desc limit $3",
        at,
        id,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.created_at, row.id)).collect())
}

/// Where to ask for a contact's profile: the channel and Meta's id. None when it was asked for, or there is no such contact.
pub async fn unprofiled(tx: &mut TenantTx, id: Uuid) -> Result<Option<(Uuid, String)>, Error> {
    let row = sqlx::query!(
        "select channel_id, platform_user_id from inbox.contacts where id = $1 and profile_at is null",
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.channel_id, row.platform_user_id)))
}

/// Keeps what Meta told of a contact; true when that changed what is shown. Empty text changes nothing.
pub async fn set_profile(
    tx: &mut TenantTx,
    id: Uuid,
    name: &str,
    picture: &str,
    now: DateTime<Utc>,
) -> Result<bool, Error> {
    let changed = sqlx::query_scalar!(
        r#"with old as (select display_name, profile_pic_url from inbox.contacts where id = $1)
           update inbox.contacts c set profile_at = $4,
               display_name = case when $2 = '' then c.display_name else $2 end,
               profile_pic_url = case when $3 = '' then c.profile_pic_url else $3 end
           from old where c.id = $1
           returning (c.display_name, c.profile_pic_url) is distinct from (old.display_name, old.profile_pic_url) as "changed!""#,
        id,
        name,
        picture,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(changed.unwrap_or(false))
}

/// Keeps what a customer is called until their profile is there.
pub async fn set_name(tx: &mut TenantTx, id: Uuid, name: &str) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.contacts set display_name = left($2, 2000) where id = $1 and profile_at is null",
        id,
        name
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
