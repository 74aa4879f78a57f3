//! The truth that due work is rebuilt from: what a tenant's rows say should have happened.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Conversations whose reply was due before then.
pub async fn replies(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from inbox.conversations where reply_due_at < $1 order by id limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Conversations with messages that should have been sent before then, or whose sending began before then.
pub async fn sends(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select distinct conversation_id from inbox.messages
         where status in ('queued', 'sending') and coalesce(sending_at, send_after, received_at) < $1
             and coalesce(send_after, $1) <= $1
         order by conversation_id limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Contacts of the last day whose profile nobody asked for.
pub async fn profiles(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from inbox.contacts
         where profile_at is null and created_at < $1 and created_at > $1 - interval '1 day' order by id limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Messages of which nobody knows what became, since before then, and of which no person was asked.
pub async fn settles(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "select id from inbox.messages where status = 'unknown' and not needs_decision and coalesce(unknown_at, $1) <= $1
         order by id limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}
