//! Files that Meta keeps for a channel's messages: what each is called there. Rows older than Meta's own are as good as none.

use chatdesk_meta::MediaKind;
use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::attachment::Attachment;

/// Keeps an uploaded file's name at Meta.
pub async fn insert(tx: &mut TenantTx, attachment: &Attachment, now: DateTime<Utc>) -> Result<(), Error> {
    let tenant = tx.tenant();
    sqlx::query!(
        "insert into tenants.attachments
             (tenant_id, id, channel_id, platform_attachment_id, kind, name, size, content_type, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        attachment.id,
        attachment.channel,
        attachment.platform_id,
        attachment.kind.as_str(),
        attachment.name,
        i64::try_from(attachment.size).map_err(Error::internal)?,
        attachment.content_type,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// One that was uploaded at `since` or later.
pub async fn get(tx: &mut TenantTx, id: Uuid, since: DateTime<Utc>) -> Result<Attachment, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query!(
        "select id, channel_id, platform_attachment_id, kind, name, size, content_type from tenants.attachments
         where tenant_id = $1 and id = $2 and created_at >= $3",
        tenant.0,
        id,
        since
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound("attachment"))?;
    Ok(Attachment {
        id: row.id,
        channel: row.channel_id,
        platform_id: row.platform_attachment_id,
        kind: row.kind.parse::<MediaKind>().map_err(Error::internal)?,
        name: row.name,
        size: u64::try_from(row.size).map_err(Error::internal)?,
        content_type: row.content_type,
    })
}

/// Forgets what the tenant uploaded before `before`; how many.
pub async fn forget(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<u64, Error> {
    let tenant = tx.tenant();
    let gone =
        sqlx::query!("delete from tenants.attachments where tenant_id = $1 and created_at < $2", tenant.0, before)
            .execute(tx.conn())
            .await?;
    Ok(gone.rows_affected())
}
