//! Invitations: the business's rows, and their links' tokens by hash in `routing`.

use chatdesk_platform::db::{SystemTx, TenantTx};
use chatdesk_platform::{Error, TenantId, UserId};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::team::Invitation;

/// Keeps an invitation and its link's token.
pub async fn insert(
    tx: &mut TenantTx,
    invitation: &Invitation,
    hash: &[u8],
    email_hash: &[u8; 32],
) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.invitations (tenant_id, id, email, role, invited_by, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        invitation.id,
        invitation.email,
        invitation.role.as_str(),
        invitation.invited_by.0,
        invitation.created_at,
        invitation.expires_at
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into routing.invitation_tokens (token_hash, tenant_id, invitation_id, expires_at, email_hash)
         values ($1, $2, $3, $4, $5)",
        hash,
        tenant.0,
        invitation.id,
        invitation.expires_at,
        &email_hash[..]
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    email: String,
    role: String,
    invited_by: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl TryFrom<Row> for Invitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id,
            email: row.email,
            role: row.role.parse().map_err(Error::internal)?,
            invited_by: UserId(row.invited_by),
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

/// Invitations that were neither accepted nor revoked, the newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Invitation>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "select id, email, role, invited_by, created_at, expires_at from tenants.invitations
         where tenant_id = $1 and ended_at is null order by created_at desc, id desc",
        tenant.0
    );
    rows.fetch_all(tx.conn()).await?.into_iter().map(Invitation::try_from).collect()
}

/// How many invitations the business made since `since`, whatever became of them, and when the first of them was.
pub async fn made_since(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<(i64, Option<DateTime<Utc>>), Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(created_at) as first from tenants.invitations
           where tenant_id = $1 and created_at > $2"#,
        tenant.0,
        since
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.count, row.first))
}

/// How many links were sent to an address, by whichever business, that work until after `after`, and until when the first of them does.
pub async fn sent_to(
    tx: &mut TenantTx,
    email_hash: &[u8; 32],
    after: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>), Error> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(expires_at) as first from routing.invitation_tokens
           where email_hash = $1 and expires_at > $2"#,
        &email_hash[..],
        after
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((row.count, row.first))
}

/// An invitation that was neither accepted nor revoked, locked until the end of the transaction.
pub async fn hold(tx: &mut TenantTx, id: Uuid) -> Result<Option<Invitation>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        Row,
        "select id, email, role, invited_by, created_at, expires_at from tenants.invitations
         where tenant_id = $1 and id = $2 and ended_at is null for update",
        tenant.0,
        id
    );
    row.fetch_optional(tx.conn()).await?.map(Invitation::try_from).transpose()
}

/// The open invitation of an address, if there is one.
pub async fn of_email(tx: &mut TenantTx, email: &str) -> Result<Option<Uuid>, Error> {
    let tenant = tx.tenant();
    let id = sqlx::query_scalar!(
        "select id from tenants.invitations where tenant_id = $1 and email = $2 and ended_at is null",
        tenant.0,
        email
    );
    Ok(id.fetch_optional(tx.conn()).await?)
}

/// Ends an invitation, and so its link: it was accepted or revoked. False when it was over.
pub async fn end(tx: &mut TenantTx, id: Uuid, now: DateTime<Utc>) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let done = sqlx::query!(
        "update tenants.invitations set ended_at = $3 where tenant_id = $1 and id = $2 and ended_at is null",
        tenant.0,
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Which invitation a link's token belongs to, while it works.
pub async fn of_token(tx: &mut SystemTx, hash: &[u8], now: DateTime<Utc>) -> Result<Option<(TenantId, Uuid)>, Error> {
    let row = sqlx::query!(
        "select tenant_id, invitation_id from routing.invitation_tokens where token_hash = $1 and expires_at > $2",
        hash,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (TenantId(row.tenant_id), row.invitation_id)))
}

/// Forgets tokens that are over.
pub async fn forget_expired(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!("delete from routing.invitation_tokens where expires_at < $1", before);
    Ok(gone.execute(tx.conn()).await?.rows_affected())
}
