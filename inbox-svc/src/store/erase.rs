//! A tenant's rows deleted for good, and of the raw bodies what they had of it.

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Error, delete_piece};

/// Deletes at most so many rows of one table; none are left when it gives 0. What points to others goes first.
pub async fn piece(tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
    let items = items(tx, most).await?;
    if items > 0 {
        return Ok(items);
    }
    delete_piece!(
        tx,
        most,
        "inbox.export_parts",
        "inbox.terms",
        "inbox.terms_progress",
        "inbox.replay_items",
        "inbox.replays",
        "inbox.unanswered",
        "inbox.idempotency_keys",
        "inbox.notes",
        "inbox.handovers",
        "inbox.conversation_labels",
        "inbox.labels",
        "inbox.messages",
        "inbox.conversations",
        "inbox.contacts",
        "inbox.erased_messages",
        "inbox.erasures",
        "inbox.channel_sync",
        "inbox.events",
        "inbox.tenant_seq",
    );
    Ok(0)
}

/// Items go with the bodies they came in. A body may hold another tenant's items too: those that were worked off stand for themselves, so only
/// one that was worked off as a whole is emptied.
async fn items(tx: &mut TenantTx, most: i64) -> Result<u64, Error> {
    let gone = sqlx::query_scalar!(
        "with gone as (
             delete from inbox.webhook_items
             where ctid = any(array(select ctid from inbox.webhook_items order by event_id limit $1)) returning event_id),
         emptied as (
             update inbox.webhook_events set body = '' where id in (select event_id from gone) and state = 'done')
         select count(*) from gone",
        most
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(u64::try_from(gone.unwrap_or(0)).unwrap_or(0))
}
