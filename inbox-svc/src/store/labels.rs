//! Labels, and the conversations that have them.

use chatdesk_platform::Error;
use chatdesk_platform::db::{OnConstraint as _, TenantTx};
use uuid::Uuid;

use super::known;
use crate::model::Label;

/// All of a tenant's, by name.
pub async fn all(tx: &mut TenantTx) -> Result<Vec<Label>, Error> {
    let rows = sqlx::query!("select id, name, color from inbox.labels order by name_key").fetch_all(tx.conn()).await?;
    rows.into_iter().map(|row| Ok(Label { id: row.id, name: row.name, color: known(&row.color)? })).collect()
}

/// How many there are.
pub async fn count(tx: &mut TenantTx) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(r#"select count(*) as "count!" from inbox.labels"#).fetch_one(tx.conn()).await?;
    Ok(count)
}

/// Adds a label; false when the name is in use.
pub async fn add(tx: &mut TenantTx, label: &Label) -> Result<bool, Error> {
    let added = sqlx::query!(
        "insert into inbox.labels (id, name, name_key, color) values ($1, $2, normalize($3, nfc), $4)
         on conflict (tenant_id, name_key) do nothing",
        label.id,
        label.name,
        label.name.to_lowercase(),
        label.color.as_str()
    )
    .execute(tx.conn())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Locks a label that is to be changed; false when it is not there.
pub async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let found = sqlx::query_scalar!("select id from inbox.labels where id = $1 for update", id)
        .fetch_optional(tx.conn())
        .await?;
    Ok(found.is_some())
}

/// Changes a label that is locked; gives `in_use`, and the transaction is lost, when another has the name.
pub async fn change(tx: &mut TenantTx, label: &Label, in_use: impl FnOnce() -> Error) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.labels set name = $2, name_key = normalize($3, nfc), color = $4 where id = $1",
        label.id,
        label.name,
        label.name.to_lowercase(),
        label.color.as_str()
    )
    .execute(tx.conn())
    .await
    .on_constraint("labels_name", in_use)?;
    Ok(())
}

/// Removes a label, also from its conversations; false when it is not there.
pub async fn remove(tx: &mut TenantTx, id: Uuid) -> Result<bool, Error> {
    let gone = sqlx::query!("delete from inbox.labels where id = $1", id).execute(tx.conn()).await?;
    Ok(gone.rows_affected() == 1)
}

/// How many of these are labels.
pub async fn known_among(tx: &mut TenantTx, ids: &[Uuid]) -> Result<usize, Error> {
    // Locked, so that none of them goes away before it is put on a conversation.
    let rows = sqlx::query_scalar!("select id from inbox.labels where id = any($1) for key share", ids)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows.len())
}

/// Labels a conversation with these and no others; true when that changed anything.
pub async fn put_on(tx: &mut TenantTx, conversation: Uuid, ids: &[Uuid]) -> Result<bool, Error> {
    let gone = sqlx::query!(
        "delete from inbox.conversation_labels where conversation_id = $1 and label_id <> all($2)",
        conversation,
        ids
    )
    .execute(tx.conn())
    .await?;
    let added = sqlx::query!(
        "insert into inbox.conversation_labels (conversation_id, label_id) select $1, label from unnest($2::uuid[]) as n(label)
         on conflict do nothing",
        conversation,
        ids
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected() + added.rows_affected() > 0)
}

/// The labels of these conversations, each with its conversation, by name.
pub async fn of(tx: &mut TenantTx, conversations: &[Uuid]) -> Result<Vec<(Uuid, Label)>, Error> {
    let rows = sqlx::query!(
        "select c.conversation_id, l.id, l.name, l.color from inbox.conversation_labels c
         join inbox.labels l on l.tenant_id = c.tenant_id and l.id = c.label_id
         where c.conversation_id = any($1) order by l.name_key",
        conversations
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok((row.conversation_id, Label { id: row.id, name: row.name, color: known(&row.color)? })))
        .collect()
}

/// The conversations with a label that were written in last.
pub async fn conversations(tx: &mut TenantTx, label: Uuid, limit: i64) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select v.id from inbox.conversation_labels c
         join inbox.conversations v on v.tenant_id = c.tenant_id and v.id = c.conversation_id
         where c.label_id = $1 order by v.last_message_at desc limit $2",
        label,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}
