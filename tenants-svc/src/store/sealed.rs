//! What is sealed, and with which key: the second part of its text is the key's id.

use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Tokens of the tenant's channels that another key sealed, in order after the channel `after`.
pub async fn tokens(tx: &mut TenantTx, key_id: &str, after: Uuid, limit: i64) -> Result<Vec<(Uuid, String)>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query!(
        r#"select id, token as "token!" from tenants.channels
           where tenant_id = $1 and id > $3 and split_part(token, '.', 2) <> $2 order by id limit $4"#,
        tenant.0,
        key_id,
        after,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.token)).collect())
}

/// Keeps a channel's token as it is sealed now, unless the channel has another meanwhile.
pub async fn keep_token(tx: &mut TenantTx, id: Uuid, old: &str, new: &str) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "update tenants.channels set token = $4 where tenant_id = $1 and id = $2 and token = $3",
        tenant.0,
        id,
        old,
        new
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether another key sealed tokens that nobody connected yet.
pub async fn has_grants(tx: &mut TenantTx, key_id: &str) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let found = sqlx::query_scalar!(
        r#"select exists (select from tenants.granted_pages
               where tenant_id = $1 and split_part(token, '.', 2) <> $2) as "found!""#,
        tenant.0,
        key_id
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

/// Whether another key sealed mails that are still worth sending.
pub async fn has_mails(tx: &mut SystemTx, key_id: &str, now: DateTime<Utc>) -> Result<bool, Error> {
    let found = sqlx::query_scalar!(
        r#"select exists (select from routing.mails
               where expires_at > $2 and split_part(sealed, '.', 2) <> $1) as "found!""#,
        key_id,
        now
    );
    Ok(found.fetch_one(tx.conn()).await?)
}

/// A person's secrets of one-time codes.
#[derive(Debug)]
pub struct Codes {
    /// Whose.
    pub user: UserId,
    /// Their business; none for a platform admin.
    pub tenant: Option<TenantId>,
    /// The one in force.
    pub secret: Option<String>,
    /// One that is to be confirmed.
    pub pending: Option<String>,
}

/// Secrets of one-time codes that another key sealed, in order after those of `after`.
pub async fn codes(tx: &mut SystemTx, key_id: &str, after: UserId, limit: i64) -> Result<Vec<Codes>, Error> {
    let rows = sqlx::query!(
        "select user_id, tenant_id, secret, pending from routing.second_factors
         where user_id > $2 and (split_part(secret, '.', 2) <> $1 or split_part(pending, '.', 2) <> $1)
         order by user_id limit $3",
        key_id,
        after.0,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| Codes {
        user: UserId(row.user_id),
        tenant: row.tenant_id.map(TenantId),
        secret: row.secret,
        pending: row.pending,
    });
    Ok(read.collect())
}

/// Keeps a person's secrets as they are sealed now, unless they have others meanwhile.
pub async fn keep_codes(tx: &mut SystemTx, old: &Codes, new: &Codes) -> Result<(), Error> {
    sqlx::query!(
        "update routing.second_factors set secret = $4, pending = $5
         where user_id = $1 and secret is not distinct from $2 and pending is not distinct from $3",
        old.user.0,
        old.secret.as_deref(),
        old.pending.as_deref(),
        new.secret.as_deref(),
        new.pending.as_deref()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
