//! The links of the audit chains, as rows.

use std::collections::HashMap;

use chatdesk_platform::Error;
use chatdesk_platform::db::{Connection, SystemTx, TenantTx};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::audit::{Hash, Link, Record};

/// Where a chain ends, locked until the transaction does.
pub struct Head {
    /// The number that the next link gets.
    pub next: i64,
    /// The hash of the last link; of no bytes when there is none.
    pub hash: Vec<u8>,
    /// The database's time.
    pub at: DateTime<Utc>,
}

/// Takes the next place in the business's chain.
pub async fn next(tx: &mut TenantTx) -> Result<Head, Error> {
    let tenant = tx.tenant();
    let head = sqlx::query_as!(
        Head,
        r#"insert into tenants.audit_heads as h (tenant_id, n, hash) values ($1, 1, '')
           on conflict (tenant_id) do update set n = h.n + 1
           returning n as "next!", hash as "hash!", clock_timestamp() as "at!""#,
        tenant.0
    );
    Ok(head.fetch_one(tx.conn()).await?)
}

/// Puts the link into the place that was taken.
pub async fn add(tx: &mut TenantTx, link: &Link) -> Result<(), Error> {
    let tenant = tx.tenant();
    let Record { n, at, actor_kind, actor, acting_as, action, object, before, after, address } = &link.record;
    sqlx::query!(
        "with added as (
             insert into tenants.audit (tenant_id, n, at, actor_kind, actor, acting_as, action, object, before, after, address,
                 prev_hash, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13))
         update tenants.audit_heads set hash = $13 where tenant_id = $1",
        tenant.0,
        n,
        at,
        actor_kind,
        actor,
        acting_as,
        action,
        object,
        before,
        after,
        address,
        link.prev_hash.as_slice(),
        link.hash.as_slice()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes the next place in the installation's chain.
pub async fn next_of_installation(connection: &mut Connection) -> Result<Head, Error> {
    let head = sqlx::query_as!(
        Head,
        r#"insert into tenants.installation_audit_head as h (n, hash) values (1, '')
           on conflict (one) do update set n = h.n + 1
           returning n as "next!", hash as "hash!", clock_timestamp() as "at!""#
    );
    Ok(head.fetch_one(connection).await?)
}

/// Puts the link into the place that was taken.
pub async fn add_to_installation(connection: &mut Connection, link: &Link) -> Result<(), Error> {
    let Record { n, at, actor_kind, actor, acting_as, action, object, before, after, address } = &link.record;
    sqlx::query!(
        "with added as (
             insert into tenants.installation_audit (n, at, actor_kind, actor, acting_as, action, object, before, after, address,
                 prev_hash, hash)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))
         update tenants.installation_audit_head set hash = $12",
        n,
        at,
        actor_kind,
        actor,
        acting_as,
        action,
        object,
        before,
        after,
        address,
        link.prev_hash.as_slice(),
        link.hash.as_slice()
    )
    .execute(connection)
    .await?;
    Ok(())
}

struct Row {
    n: i64,
    at: DateTime<Utc>,
    actor_kind: String,
    actor: String,
    acting_as: String,
    action: String,
    object: String,
    before: String,
    after: String,
    address: String,
    prev_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl From<Row> for Link {
    fn from(row: Row) -> Self {
        // A hash of another length is nobody's: it breaks the chain, as it should.
        let hash = |bytes: Vec<u8>| Hash::try_from(bytes).unwrap_or([0xff; 32]);
        let record = Record {
            n: row.n,
            at: row.at,
            actor_kind: row.actor_kind,
            actor: row.actor,
            acting_as: row.acting_as,
            action: row.action,
            object: row.object,
            before: row.before,
            after: row.after,
            address: row.address,
        };
        Self { record, prev_hash: hash(row.prev_hash), hash: hash(row.hash) }
    }
}

/// Which links, newest first.
#[derive(Debug)]
pub struct Range<'a> {
    /// With lower numbers than this.
    pub below: i64,
    /// Whose action begins so.
    pub action: &'a str,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub to: Option<DateTime<Utc>>,
    /// The most.
    pub limit: i64,
}

/// Links of the business's chain.
pub async fn page(tx: &mut TenantTx, range: &Range<'_>) -> Result<Vec<Link>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "select n, at, actor_kind, actor, acting_as, action, object, before, after, address, prev_hash, hash
         from tenants.audit
         where tenant_id = $1 and n < $2 and starts_with(action, $3)
           and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
         order by n desc limit $6",
        tenant.0,
        range.below,
        range.action,
        range.from,
        range.to,
        range.limit
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(Link::from).collect())
}

/// Links of the installation's chain.
pub async fn page_of_installation(tx: &mut SystemTx, range: &Range<'_>) -> Result<Vec<Link>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select n, at, actor_kind, actor, acting_as, action, object, before, after, address, prev_hash, hash
         from tenants.installation_audit
         where n < $1 and starts_with(action, $2)
           and ($3::timestamptz is null or at >= $3) and ($4::timestamptz is null or at < $4)
         order by n desc limit $5",
        range.below,
        range.action,
        range.from,
        range.to,
        range.limit
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(Link::from).collect())
}

/// Name and address of the business's people among these, by id; who left too.
pub async fn names(tx: &mut TenantTx, ids: &[Uuid]) -> Result<HashMap<String, (String, String)>, Error> {
    let tenant = tx.tenant();
    let rows =
        sqlx::query!("select id, name, email from tenants.users where tenant_id = $1 and id = any($2)", tenant.0, ids);
    let rows = rows.fetch_all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.id.to_string(), (row.name, row.email))).collect())
}

/// Addresses of the platform admins among these, by id.
pub async fn admin_names(connection: &mut Connection, ids: &[Uuid]) -> Result<HashMap<String, String>, Error> {
    let rows = sqlx::query!("select user_id, email from tenants.platform_admins where user_id = any($1)", ids);
    let rows = rows.fetch_all(connection).await?;
    Ok(rows.into_iter().map(|row| (row.user_id.to_string(), row.email)).collect())
}

/// Links of the business's chain with higher numbers than `after`, in order.
pub async fn onward(tx: &mut TenantTx, after: i64, limit: i64) -> Result<Vec<Link>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "select n, at, actor_kind, actor, acting_as, action, object, before, after, address, prev_hash, hash
         from tenants.audit where tenant_id = $1 and n > $2 order by n limit $3",
        tenant.0,
        after,
        limit
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(Link::from).collect())
}

/// Links of the installation's chain with higher numbers than `after`, in order.
pub async fn onward_of_installation(tx: &mut SystemTx, after: i64, limit: i64) -> Result<Vec<Link>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select n, at, actor_kind, actor, acting_as, action, object, before, after, address, prev_hash, hash
         from tenants.installation_audit where n > $1 order by n limit $2",
        after,
        limit
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(Link::from).collect())
}

/// How many links the business's chain has, and the hash of the last; none when it has not begun.
pub async fn head(tx: &mut TenantTx) -> Result<Option<(i64, Vec<u8>)>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!("select n, hash from tenants.audit_heads where tenant_id = $1", tenant.0);
    Ok(row.fetch_optional(tx.conn()).await?.map(|row| (row.n, row.hash)))
}

/// The same of the installation's chain.
pub async fn head_of_installation(tx: &mut SystemTx) -> Result<Option<(i64, Vec<u8>)>, Error> {
    let row = sqlx::query!("select n, hash from tenants.installation_audit_head");
    Ok(row.fetch_optional(tx.conn()).await?.map(|row| (row.n, row.hash)))
}
