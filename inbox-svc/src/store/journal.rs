//! The journal of raw webhook bodies.

use std::collections::HashMap;

use chatdesk_meta::Platform;
use chatdesk_platform::Error;
use chatdesk_platform::db::{SystemLine, SystemTx, TenantTx};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::known;

/// A body as it came.
pub struct Raw {
    /// Its id.
    pub id: Uuid,
    /// Whose endpoint took it.
    pub platform: Platform,
    /// The bytes.
    pub body: Vec<u8>,
    /// What was under way when it came.
    pub trace: Option<String>,
}

/// A body that is to be worked off.
pub struct Kept {
    /// Its id.
    pub id: Uuid,
    /// Whose endpoint took it.
    pub platform: Platform,
    /// The bytes.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What became of a body that was worked off.
pub struct Ended {
    /// Which.
    pub id: Uuid,
    /// Whether anything in it could be read.
    pub is_readable: bool,
    /// What of it could not be read; empty when everything could.
    pub reason: &'static str,
}

/// Keeps bodies as a group, and makes the one piece of work they mean, in one statement. They are durable when it returns. The work goes on
/// with the trace of the first: it can go on with one only.
pub async fn keep(
    line: &mut SystemLine,
    kind: &str,
    group: Uuid,
    events: Vec<Raw>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
    let platforms: Vec<String> = events.iter().map(|event| event.platform.as_str().to_owned()).collect();
    let trace = events.first().and_then(|event| event.trace.clone());
    let bodies: Vec<Vec<u8>> = events.into_iter().map(|event| event.body).collect();
    sqlx::query!(
        "with kept as (
             insert into inbox.webhook_events (id, group_id, platform, body, received_at)
             select id, $6, platform, body, $4 from unnest($1::uuid[], $2::text[], $3::bytea[]) as t(id, platform, body))
         insert into routing.due_work (kind, entity_id, due_at, trace) values ($5, $6, now(), $7)",
        &ids,
        &platforms,
        &bodies,
        now,
        kind,
        group,
        trace
    )
    .execute(line.conn())
    .await?;
    Ok(())
}

/// The bodies of a group that wait to be worked off, in the order they came.
pub async fn waiting(tx: &mut SystemTx, group: Uuid) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query!(
        "select id, platform, body, received_at from inbox.webhook_events where group_id = $1 and state = 'new' order by id",
        group
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept { id: row.id, platform: known(&row.platform)?, body: row.body, received_at: row.received_at })
        })
        .collect()
}

/// How many bytes of each group wait to be worked off.
pub async fn sizes(tx: &mut SystemTx, groups: &[Uuid]) -> Result<HashMap<Uuid, i64>, Error> {
    let rows = sqlx::query!(
        r#"select group_id, sum(octet_length(body))::bigint as "bytes!" from inbox.webhook_events
           where group_id = any($1) and state = 'new' group by group_id"#,
        groups
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.group_id, row.bytes)).collect())
}

/// Puts the waiting bodies of other groups into this one.
pub async fn join(tx: &mut SystemTx, group: Uuid, others: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_events set group_id = $1 where group_id = any($2) and state = 'new'",
        group,
        others
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Makes each of a group's waiting bodies a group of its own, under its own id, and gives them.
pub async fn part(tx: &mut SystemTx, group: Uuid) -> Result<Vec<Uuid>, Error> {
    let ids = sqlx::query_scalar!(
        "update inbox.webhook_events set group_id = id where group_id = $1 and state = 'new' returning id",
        group
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Everything in these bodies of a group was worked off, or nothing of them could be read. One that was worked off meanwhile is left alone.
pub async fn end(tx: &mut SystemTx, group: Uuid, ended: &[Ended]) -> Result<(), Error> {
    let ids: Vec<Uuid> = ended.iter().map(|body| body.id).collect();
    let readable: Vec<bool> = ended.iter().map(|body| body.is_readable).collect();
    let reasons: Vec<String> = ended.iter().map(|body| body.reason.to_owned()).collect();
    sqlx::query!(
        "update inbox.webhook_events e set state = case when t.readable then 'done' else 'failed' end, reason = t.reason
         from unnest($1::uuid[], $2::boolean[], $3::text[]) as t(id, readable, reason)
         where e.id = t.id and e.state = 'new' and e.group_id = $4",
        &ids,
        &readable,
        &reasons,
        group
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What is left of a group could not be worked off. It stays for a while, for a person to look at.
pub async fn fail(tx: &mut SystemTx, group: Uuid, reason: &str) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_events set state = 'failed', reason = $2 where group_id = $1 and state = 'new'",
        group,
        reason
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Bodies that were set aside and in which one of these texts stands, after one, in the order they came, at most 20. They are held until the
/// end of the transaction.
pub async fn failed_with(tx: &mut TenantTx, texts: &[String], after: Uuid) -> Result<Vec<Kept>, Error> {
    let rows = sqlx::query!(
        "select id, platform, body, received_at from inbox.webhook_events
         where state = 'failed' and id > $2
             and exists (select from unnest($1::text[]) as wanted where position(convert_to(wanted, 'UTF8') in body) > 0)
         order by id limit 20 for update",
        texts,
        after
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept { id: row.id, platform: known(&row.platform)?, body: row.body, received_at: row.received_at })
        })
        .collect()
}

/// Gives a body that was set aside other bytes.
pub async fn rewrite(tx: &mut TenantTx, id: Uuid, body: &[u8]) -> Result<(), Error> {
    sqlx::query!("update inbox.webhook_events set body = $2 where id = $1 and state = 'failed'", id, body)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Bodies of a group that were set aside with their work wait again. Those that are no webhooks stay as they are.
pub async fn reopen(tx: &mut SystemTx, group: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "update inbox.webhook_events set state = 'new', reason = ''
         where group_id = $1 and state = 'failed' and reason = 'attempts_exhausted'",
        group
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Groups with bodies that came before `before` and were not worked off, oldest first, at most 1,000.
pub async fn overdue(tx: &mut SystemTx, before: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let groups = sqlx::query_scalar!(
        "select distinct group_id from inbox.webhook_events where state = 'new' and received_at < $1
         order by group_id limit 1000",
        before
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(groups)
}

/// Forgets at most 1,000 bodies: those that were worked off and came before `done`, and those that could not be and came before `failed`.
pub async fn forget(tx: &mut SystemTx, done: DateTime<Utc>, failed: DateTime<Utc>) -> Result<u64, Error> {
    let gone = sqlx::query!(
        "delete from inbox.webhook_events where id in (
             select id from inbox.webhook_events
             where (state = 'done' and received_at < $1) or (state = 'failed' and received_at < $2) limit 1000)",
        done,
        failed
    )
    .execute(tx.conn())
    .await?;
    Ok(gone.rows_affected())
}

/// Which items of these events have an outcome.
pub async fn settled_items(tx: &mut TenantTx, events: &[Uuid]) -> Result<Vec<(Uuid, i32)>, Error> {
    let seen = sqlx::query!("select event_id, index from inbox.webhook_items where event_id = any($1)", events)
        .fetch_all(tx.conn())
        .await?;
    Ok(seen.into_iter().map(|row| (row.event_id, row.index)).collect())
}
