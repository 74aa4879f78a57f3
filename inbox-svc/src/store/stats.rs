//! Figures of a period, in a time zone's days. What was said before a page was connected is nobody's work here and counts for nothing.

use chatdesk_platform::Error;
use chatdesk_platform::db::TenantTx;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::model::{DayFigures, Period};

/// Notes that the assistant gave a conversation to a person.
pub async fn handed_over(
    tx: &mut TenantTx,
    id: Uuid,
    conversation: Uuid,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into inbox.handovers (id, conversation_id, reason, at) values ($1, $2, $3, $4)",
        id,
        conversation,
        reason,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every time zone's name that the database knows. Slow: it reads many files.
pub async fn time_zones(tx: &mut TenantTx) -> Result<Vec<String>, Error> {
    let names = sqlx::query_scalar!(r#"select name as "name!" from pg_timezone_names"#).fetch_all(tx.conn()).await?;
    Ok(names)
}

/// The day that a moment falls on in a time zone.
pub async fn day_of(tx: &mut TenantTx, at: DateTime<Utc>, zone: &str) -> Result<NaiveDate, Error> {
    let day = sqlx::query_scalar!(r#"select ($1::timestamptz at time zone $2)::date as "day!""#, at, zone)
        .fetch_one(tx.conn())
        .await?;
    Ok(day)
}

/// How many conversations had a message of their customer in the period.
pub async fn conversations(tx: &mut TenantTx, period: Period, zone: &str) -> Result<i64, Error> {
    let count = sqlx::query_scalar!(
        r#"select count(distinct conversation_id) as "count!" from inbox.messages
           where sender_type = 'contact' and origin <> 'history' and platform_at >= $1::date::timestamp at time zone $3
               and platform_at < ($2::date + 1)::timestamp at time zone $3"#,
        period.from,
        period.to,
        zone
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// The days on which something happened, in order. What went out counts, on the day it was written; a handover's line is no answer.
pub async fn days(tx: &mut TenantTx, period: Period, zone: &str) -> Result<Vec<DayFigures>, Error> {
    let days = sqlx::query_as!(
        DayFigures,
        r#"with said as (
               select (platform_at at time zone $3)::date as day, conversation_id, sender_type, turn,
                   status in ('sent', 'delivered', 'read') and coalesce(provenance->>'handover_reason', '') = '' as is_answer
               from inbox.messages
               where origin <> 'history' and platform_at >= $1::date::timestamp at time zone $3
                   and platform_at < ($2::date + 1)::timestamp at time zone $3),
           messages as (
               select day, count(distinct conversation_id) filter (where sender_type = 'contact') as conversations,
                   count(*) filter (where sender_type = 'contact') as messages_in,
                   count(distinct turn) filter (where sender_type = 'ai' and is_answer) as answers_ai,
                   count(*) filter (where sender_type = 'business' and is_answer) as answers_human
               from said group by day),
           given as (
               select (at at time zone $3)::date as day, count(*) as handovers from inbox.handovers
               where at >= $1::date::timestamp at time zone $3 and at < ($2::date + 1)::timestamp at time zone $3
               group by 1)
           select coalesce(m.day, g.day) as "date!", coalesce(conversations, 0) as "conversations!",
               coalesce(messages_in, 0) as "messages_in!", coalesce(answers_ai, 0) as "answers_ai!",
               coalesce(answers_human, 0) as "answers_human!", coalesce(handovers, 0) as "handovers!"
           from messages m full join given g on g.day = m.day order by 1"#,
        period.from,
        period.to,
        zone
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(days)
}

/// Handovers by reason, most first.
pub async fn handovers(tx: &mut TenantTx, period: Period, zone: &str) -> Result<Vec<(String, i64)>, Error> {
    let rows = sqlx::query!(
        r#"select reason, count(*) as "count!" from inbox.handovers
           where at >= $1::date::timestamp at time zone $3 and at < ($2::date + 1)::timestamp at time zone $3
           group by reason order by 2 desc, 1"#,
        period.from,
        period.to,
        zone
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.reason, row.count)).collect())
}

/// The median of the seconds from a customer's first unanswered message to the next answer, both in the period.
pub async fn median_answer(tx: &mut TenantTx, period: Period, zone: &str) -> Result<Option<f64>, Error> {
    // Of each run of questions and each run of answers only the first counts; then questions and answers take turns.
    let median = sqlx::query_scalar!(
        "with said as (
             select conversation_id, platform_at, arrival, sender_type = 'contact' as asks
             from inbox.messages
             where origin <> 'history' and platform_at >= $1::date::timestamp at time zone $3
                 and platform_at < ($2::date + 1)::timestamp at time zone $3
                 and (sender_type = 'contact' or (status in ('sent', 'delivered', 'read')
                     and coalesce(provenance->>'handover_reason', '') = ''))),
         marked as (
             select *, lag(asks) over (partition by conversation_id order by platform_at, arrival) as asked from said),
         turns as (
             select asks, lead(platform_at) over (partition by conversation_id order by platform_at, arrival) - platform_at as wait
             from marked where asked is distinct from asks)
         select percentile_cont(0.5) within group (order by extract(epoch from wait)::float8)
         from turns where asks and wait is not null",
        period.from,
        period.to,
        zone
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(median)
}
