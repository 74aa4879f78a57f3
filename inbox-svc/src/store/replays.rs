//! Replays, and the questions they ask.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;
use crate::model::{Replay, ReplayItem, ReplayState, Said};

/// Begins a replay of the last conversations in which the customer wrote words; none while another runs.
pub async fn begin(tx: &mut TenantTx, id: Uuid, limit: i64, now: DateTime<Utc>) -> Result<Option<Replay>, Error> {
    let begun = sqlx::query!(
        "insert into inbox.replays (id, created_at) values ($1, $2) on conflict (tenant_id) where state = 'running' do nothing",
        id,
        now
    )
    .execute(tx.conn())
    .await?;
    if begun.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!(
        "insert into inbox.replay_items (replay_id, no, conversation_id)
         select $1, row_number() over (order by last_message_at desc, id desc)::integer, id from (
             select v.id, v.last_message_at from inbox.conversations v
             where exists (select from inbox.messages m
                 where m.conversation_id = v.id and m.sender_type = 'contact' and m.content <> '')
             order by v.last_message_at desc, v.id desc limit $2) newest",
        id,
        limit
    )
    .execute(tx.conn())
    .await?;
    get(tx, id).await
}

/// A replay.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Option<Replay>, Error> {
    let row = sqlx::query!("select id, state, created_at, ended_at from inbox.replays where id = $1", id)
        .fetch_optional(tx.conn())
        .await?;
    row.map(|row| {
        let state = known(&row.state)?;
        Ok(Replay { id: row.id, state, created_at: row.created_at, ended_at: row.ended_at })
    })
    .transpose()
}

/// The questions of a replay that were asked, in its order, and how many it has.
pub async fn items(tx: &mut TenantTx, replay: Uuid) -> Result<(Vec<ReplayItem>, i64), Error> {
    let rows = sqlx::query!(
        "select conversation_id, message_ids, said_ids, outcome, would_say, reason, verdict, model
         from inbox.replay_items where replay_id = $1 order by no",
        replay
    )
    .fetch_all(tx.conn())
    .await?;
    let total = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let asked = rows.into_iter().filter(|row| !row.outcome.is_empty()).map(|row| ReplayItem {
        conversation: row.conversation_id,
        messages: row.message_ids,
        said: row.said_ids,
        would_say: Said {
            answered: row.outcome == "answered",
            text: row.would_say,
            reason: row.reason,
            verdict: row.verdict,
            model: row.model,
        },
    });
    Ok((asked.collect(), total))
}

/// The next conversation of a replay whose question was not asked: its number and its id.
pub async fn next(tx: &mut TenantTx, replay: Uuid) -> Result<Option<(i32, Uuid)>, Error> {
    let row = sqlx::query!(
        "select no, conversation_id from inbox.replay_items where replay_id = $1 and outcome = '' order by no limit 1",
        replay
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| (row.no, row.conversation_id)))
}

/// Keeps what the assistant would say.
pub async fn keep(tx: &mut TenantTx, replay: Uuid, no: i32, item: &ReplayItem) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.replay_items set message_ids = $3, said_ids = $4, outcome = $5, would_say = $6, reason = $7, verdict = $8,
             model = $9
         where replay_id = $1 and no = $2",
        replay,
        no,
        &item.messages,
        &item.said,
        if item.would_say.answered { "answered" } else { "handover" },
        item.would_say.text,
        item.would_say.reason,
        item.would_say.verdict,
        item.would_say.model
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// There is no question to ask there.
pub async fn skip(tx: &mut TenantTx, replay: Uuid, no: i32) -> Result<(), Error> {
    sqlx::query!("delete from inbox.replay_items where replay_id = $1 and no = $2", replay, no)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ends a running replay.
pub async fn end(tx: &mut TenantTx, id: Uuid, state: ReplayState, now: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.replays set state = $2, ended_at = $3 where id = $1 and state = 'running'",
        id,
        state.as_str(),
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was said in this message is not what it was: what was asked with its words goes.
pub async fn forget_message(tx: &mut TenantTx, conversation: Uuid, message: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "delete from inbox.replay_items where conversation_id = $1 and $2 = any(message_ids)",
        conversation,
        message
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Replays that run since before then.
pub async fn running(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!("select id from inbox.replays where state = 'running' and created_at < $1", before)
        .fetch_all(tx.conn())
        .await?;
    Ok(ids)
}

/// Forgets replays of before then.
pub async fn forget(tx: &mut TenantTx, before: DateTime<Utc>) -> Result<(), Error> {
    sqlx::query!("delete from inbox.replays where created_at < $1", before).execute(tx.conn()).await?;
    Ok(())
}
