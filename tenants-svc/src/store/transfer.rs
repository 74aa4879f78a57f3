//! Pages that one business asks of another. They stand in `routing`, because both must see them; what a page is called stays with its tenant.

use chatdesk_meta::Platform;
use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::transfer::{State, Transfer};

/// The most that are listed.
const MOST: i64 = 500;

struct Row {
    id: Uuid,
    platform: String,
    external_id: String,
    page_name: String,
    owner_tenant_id: Uuid,
    asker_tenant_id: Uuid,
    state: String,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Transfer {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            platform: row.platform.parse().map_err(Error::internal)?,
            external_id: row.external_id,
            page_name: row.page_name,
            owner: TenantId(row.owner_tenant_id),
            asker: TenantId(row.asker_tenant_id),
            state: State::of_stored(&row.state).ok_or_else(|| Error::internal("an unknown state is stored"))?,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

/// Those of the transaction's tenant, either side, one by id or all since a moment, newest first.
async fn select(tx: &mut TenantTx, id: Option<Uuid>, since: Option<DateTime<Utc>>) -> Result<Vec<Transfer>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        r#"select t.id, t.platform, t.external_id, coalesce(c.page_name, w.page_name, '') as "page_name!",
               t.owner_tenant_id, t.asker_tenant_id, t.state, t.created_at, t.expires_at
           from routing.channel_transfers t
           left join tenants.channels c
               on c.tenant_id = $1 and c.platform = t.platform and c.external_id = t.external_id
           left join tenants.wanted_pages w on w.tenant_id = $1 and w.transfer_id = t.id
           where $1 in (t.owner_tenant_id, t.asker_tenant_id)
               and ($2::uuid is null or t.id = $2) and ($3::timestamptz is null or t.created_at >= $3)
           order by t.id desc limit $4"#,
        tenant.0,
        id,
        since,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Transfer::try_from).collect()
}

/// What the tenant is asked and asks since a moment, newest first.
pub async fn list(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<Vec<Transfer>, Error> {
    select(tx, None, Some(since)).await
}

/// One that the tenant is asked or asks.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Transfer, Error> {
    select(tx, Some(id), None).await?.pop().ok_or(Error::NotFound("transfer"))
}

/// The tenant's own request for a page that still waits for its answer.
pub async fn asked(
    tx: &mut TenantTx,
    platform: Platform,
    external_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<Uuid>, Error> {
    let tenant = tx.tenant();
    // What nobody answered in time makes room.
    sqlx::query!(
        "update routing.channel_transfers set state = 'cancelled', decided_at = $4
         where platform = $1 and external_id = $2 and asker_tenant_id = $3 and state = 'pending' and expires_at <= $4",
        platform.as_str(),
        external_id,
        tenant.0,
        now
    )
    .execute(tx.conn())
    .await?;
    let waiting = sqlx::query_scalar!(
        "select id from routing.channel_transfers
         where platform = $1 and external_id = $2 and asker_tenant_id = $3 and state = 'pending'",
        platform.as_str(),
        external_id,
        tenant.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(waiting)
}

/// Keeps a new request of the transaction's tenant.
pub async fn insert(tx: &mut TenantTx, transfer: &Transfer) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into routing.channel_transfers
             (id, platform, external_id, owner_tenant_id, asker_tenant_id, state, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        transfer.id,
        transfer.platform.as_str(),
        transfer.external_id,
        transfer.owner.0,
        tenant.0,
        transfer.state.as_str(),
        transfer.created_at,
        transfer.expires_at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into tenants.wanted_pages (tenant_id, transfer_id, page_name) values ($1, $2, $3)",
        tenant.0,
        transfer.id,
        transfer.page_name
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes an answer. Whoever calls this holds the page and has judged the transfer since.
pub async fn decided(
    tx: &mut TenantTx,
    transfer: &Transfer,
    state: State,
    expires_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if state == State::Accepted {
        // One business gets it: what others asked of this owner, and what was kept for others too long, is over.
        sqlx::query!(
            "update routing.channel_transfers set state = 'cancelled', decided_at = $4
             where platform = $1 and external_id = $2 and id <> $3 and state in ('pending', 'accepted')",
            transfer.platform.as_str(),
            transfer.external_id,
            transfer.id,
            now
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!(
        "update routing.channel_transfers set state = $2, decided_at = $3, expires_at = $4 where id = $1",
        transfer.id,
        state.as_str(),
        now,
        expires_at
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Settles the transfers of a page that the transaction's tenant has just connected: its own are done, and those between others are over.
/// What others ask of this tenant goes on.
pub async fn settle(tx: &mut TenantTx, platform: Platform, external_id: &str, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update routing.channel_transfers
         set state = case when asker_tenant_id = $3 then 'done' else 'cancelled' end, decided_at = $4
         where platform = $1 and external_id = $2 and state in ('pending', 'accepted') and owner_tenant_id <> $3",
        platform.as_str(),
        external_id,
        tenant.0,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
