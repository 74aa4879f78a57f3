//! Texts that are sent often.

use chatdesk_platform::Error;
use chatdesk_platform::db::{OnConstraint as _, TenantTx};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::saved_reply::{MOST, SavedReply, Shortcut};

/// A text to keep.
pub struct Wish {
    /// What it is found by.
    pub shortcut: Shortcut,
    /// What it says.
    pub text: String,
}

fn in_use() -> Error {
    let detail = "Another saved reply has this shortcut.".to_owned();
    Error::Conflict { code: "shortcut_in_use", detail }
}

/// All of the tenant's, by shortcut.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<SavedReply>, Error> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        SavedReply,
        "select id, shortcut, text, updated_at from tenants.saved_replies where tenant_id = $1 order by key limit $2",
        tenant.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Keeps a text; none when the tenant has as many as it may. Conflict `shortcut_in_use`.
pub async fn insert(tx: &mut TenantTx, id: Uuid, wish: &Wish, now: DateTime<Utc>) -> Result<Option<SavedReply>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        SavedReply,
        "insert into tenants.saved_replies (tenant_id, id, shortcut, key, text, updated_at)
         select $1, $2, $3, $4, $5, $6 where (select count(*) from tenants.saved_replies where tenant_id = $1) < $7
         returning id, shortcut, text, updated_at",
        tenant.0,
        id,
        wish.shortcut.as_str(),
        wish.shortcut.key(),
        wish.text,
        now,
        MOST
    )
    .fetch_optional(tx.conn())
    .await
    .on_constraint("saved_replies_key", in_use)?;
    Ok(row)
}

/// Replaces a text with its shortcut; none when there is no such. Conflict `shortcut_in_use`.
pub async fn update(tx: &mut TenantTx, id: Uuid, wish: &Wish, now: DateTime<Utc>) -> Result<Option<SavedReply>, Error> {
    let tenant = tx.tenant();
    let row = sqlx::query_as!(
        SavedReply,
        "update tenants.saved_replies set shortcut = $3, key = $4, text = $5, updated_at = $6
         where tenant_id = $1 and id = $2 returning id, shortcut, text, updated_at",
        tenant.0,
        id,
        wish.shortcut.as_str(),
        wish.shortcut.key(),
        wish.text,
        now
    )
    .fetch_optional(tx.conn())
    .await
    .on_constraint("saved_replies_key", in_use)?;
    Ok(row)
}

/// Forgets a text; false when there is no such.
pub async fn delete(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let tenant = tx.tenant();
    let gone = sqlx::query!("delete from tenants.saved_replies where tenant_id = $1 and id = $2", tenant.0, id)
        .execute(tx.conn())
        .await?;
    Ok(gone.rows_affected() > 0)
}
