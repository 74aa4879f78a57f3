//! What is known of all businesses together: names, plans, states, counts. Nothing that anybody wrote.

use chatdesk_platform::db::{Connection, SystemTx};
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::plan::{Allowance, Plan};

/// Days of which the console shows the sum.
const MONTH: chrono::Days = chrono::Days::new(29);

/// A business as admins see it.
#[derive(Debug)]
pub struct Listed {
    /// Which.
    pub tenant_id: Uuid,
    /// `active`, `suspended` or `deleting`.
    pub state: String,
    /// Why it is suspended.
    pub reason: String,
    /// Since when it is as it is.
    pub changed_at: DateTime<Utc>,
    /// Since when it is here.
    pub created_at: DateTime<Utc>,
    /// What it is called.
    pub name: String,
    /// As stored.
    pub plan: String,
    /// As stored.
    pub tokens_per_day: Option<i64>,
    /// Tokens of today.
    pub today: i64,
    /// Tokens of 30 days.
    pub month: i64,
    /// Active channels.
    pub channels: i64,
    /// Of those, the ones whose health is not well.
    pub troubled: i64,
    /// When anything last arrived.
    pub last_event_at: Option<DateTime<Utc>>,
}

impl Listed {
    /// What it may use.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        allowance(&self.plan, self.tokens_per_day)
    }
}

fn allowance(plan: &str, cap: Option<i64>) -> Allowance {
    Allowance { plan: Plan::of_stored(plan).unwrap_or(Plan::Standard), cap }
}

/// Which businesses.
#[derive(Debug, Default)]
pub struct Filter<'a> {
    /// Part of the name, or exactly a page's id.
    pub text: &'a str,
    /// Or exactly this one: the text as an id, or as somebody's e-mail.
    pub exactly: Option<Uuid>,
    /// Only of this state.
    pub state: Option<&'a str>,
    /// Only this one.
    pub only: Option<Uuid>,
    /// After this one.
    pub after: Option<Uuid>,
}

/// Businesses, newest first. Those that are deleted are not there.
pub async fn list(tx: &mut SystemTx, filter: &Filter<'_>, today: NaiveDate, limit: i64) -> Result<Vec<Listed>, Error> {
    let since = today.checked_sub_days(MONTH).unwrap_or(today);
    let found = sqlx::query_as!(
        Listed,
        r#"select t.tenant_id, t.state, t.reason, t.changed_at, t.created_at, coalesce(d.name, '') as "name!",
               coalesce(d.plan, 'standard') as "plan!", d.tokens_per_day,
               coalesce(u.today, 0)::bigint as "today!", coalesce(u.month, 0)::bigint as "month!",
               coalesce(c.channels, 0) as "channels!", coalesce(c.troubled, 0) as "troubled!", c.last_event_at
           from routing.tenants t
           left join tenants.directory d on d.business_id = t.tenant_id
           left join lateral (
               select sum(prompt_tokens + completion_tokens) filter (where day = $7) as today,
                   sum(prompt_tokens + completion_tokens) as month
               from routing.usage_days where tenant_id = t.tenant_id and day between $8 and $7) u on true
           left join lateral (
               select count(*) filter (where is_active) as channels,
                   count(*) filter (where is_active and health <> 'ok') as troubled, max(last_event_at) as last_event_at
               from routing.channels where tenant_id = t.tenant_id) c on true
           where t.state <> 'deleted'
             and ($1 = '' or position(app.fold($1) in d.folded) > 0 or t.tenant_id = $2
                  or exists (select from routing.channels where tenant_id = t.tenant_id and external_id = $1))
             and ($3::text is null or t.state = $3)
             and ($4::uuid is null or t.tenant_id = $4)
             and ($5::uuid is null or t.tenant_id < $5)
           order by t.tenant_id desc limit $6"#,
        filter.text,
        filter.exactly,
        filter.state,
        filter.only,
        filter.after,
        limit,
        today,
        since
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// What a business may use; in any transaction.
pub async fn allowed(connection: &mut Connection, tenant: TenantId) -> Result<Allowance, Error> {
    let row = sqlx::query!("select plan, tokens_per_day from tenants.directory where business_id = $1", tenant.0);
    let row = row.fetch_optional(connection).await?;
    Ok(row.map_or(Allowance::USUAL, |row| allowance(&row.plan, row.tokens_per_day)))
}

/// Sets what a business may use; false when there is no such business.
pub async fn allow(connection: &mut Connection, tenant: TenantId, given: Allowance) -> Result<bool, Error> {
    let done = sqlx::query!(
        "update tenants.directory set plan = $2, tokens_per_day = $3 where business_id = $1",
        tenant.0,
        given.plan.as_str(),
        given.cap
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What a business is called; none when there is no such business, or none any more.
pub async fn name(connection: &mut Connection, tenant: TenantId) -> Result<Option<String>, Error> {
    let name = sqlx::query_scalar!(
        "select d.name from tenants.directory d join routing.tenants t on t.tenant_id = d.business_id
         where d.business_id = $1 and t.state <> 'deleted'",
        tenant.0
    );
    Ok(name.fetch_optional(connection).await?)
}

/// A channel as admins see it.
#[derive(Debug)]
pub struct ListedChannel {
    /// Which.
    pub channel_id: Uuid,
    /// Whose.
    pub tenant_id: Uuid,
    /// What that is called.
    pub name: String,
    /// As stored.
    pub platform: String,
    /// Meta's id of it.
    pub external_id: String,
    /// `ok`, `needs_reconnect`, `restricted` or `silent`.
    pub state: String,
    /// As stored.
    pub reason: String,
    /// Since when it is connected.
    pub connected_at: DateTime<Utc>,
    /// When anything last arrived.
    pub last_event_at: Option<DateTime<Utc>>,
}

/// Which channels.
#[derive(Debug)]
pub struct ChannelFilter<'a> {
    /// Only of this state.
    pub state: Option<&'a str>,
    /// Only of this business.
    pub tenant: Option<Uuid>,
    /// What brought nothing since then is silent, if nothing else is wrong.
    pub silent_since: DateTime<Utc>,
    /// After this one.
    pub after: Option<Uuid>,
}

/// Active channels, newest first.
pub async fn channels(tx: &mut SystemTx, filter: &ChannelFilter<'_>, limit: i64) -> Result<Vec<ListedChannel>, Error> {
    let found = sqlx::query_as!(
        ListedChannel,
        r#"select channel_id, tenant_id, name as "name!", platform, external_id, state as "state!", reason as "reason!",
               connected_at, last_event_at
           from (select r.channel_id, r.tenant_id, coalesce(d.name, '') as name, r.platform, r.external_id,
                     case when r.health = 'ok' and greatest(r.connected_at, r.last_event_at) <= $3 then 'silent'
                          else r.health end as state,
                     r.health_reason as reason, r.connected_at, r.last_event_at
                 from routing.channels r left join tenants.directory d on d.business_id = r.tenant_id
                 where r.is_active) as c
           where ($1::text is null or state = $1) and ($2::uuid is null or tenant_id = $2)
             and ($4::uuid is null or channel_id < $4)
           order by channel_id desc limit $5"#,
        filter.state,
        filter.tenant,
        filter.silent_since,
        filter.after,
        limit
    );
    Ok(found.fetch_all(tx.conn()).await?)
}

/// Use of the language model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum {
    /// Tokens of prompts.
    pub prompt: i64,
    /// Tokens of completions.
    pub completion: i64,
    /// Calls.
    pub calls: i64,
}

/// What each day used, of one business or of all, in order; days without use are left out.
pub async fn days(
    tx: &mut SystemTx,
    tenant: Option<Uuid>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(NaiveDate, Sum)>, Error> {
    let rows = sqlx::query!(
        r#"select day, sum(prompt_tokens)::bigint as "prompt!", sum(completion_tokens)::bigint as "completion!",
               sum(calls)::bigint as "calls!"
           from routing.usage_days where day between $1 and $2 and ($3::uuid is null or tenant_id = $3)
           group by day order by day"#,
        from,
        to,
        tenant
    )
    .fetch_all(tx.conn())
    .await?;
    let sum = |prompt, completion, calls| Sum { prompt, completion, calls };
    Ok(rows.into_iter().map(|row| (row.day, sum(row.prompt, row.completion, row.calls))).collect())
}

/// What each business used, most tokens first.
pub async fn usage(
    tx: &mut SystemTx,
    from: NaiveDate,
    to: NaiveDate,
    limit: i64,
) -> Result<(Vec<(Uuid, String, Sum)>, i64), Error> {
    let rows = sqlx::query!(
        r#"select u.tenant_id, coalesce(d.name, '') as "name!", count(*) over () as "all!", sum(u.prompt_tokens)::bigint as "prompt!",
               sum(u.completion_tokens)::bigint as "completion!", sum(u.calls)::bigint as "calls!"
           from routing.usage_days u left join tenants.directory d on d.business_id = u.tenant_id
           where u.day between $1 and $2 group by u.tenant_id, d.name
           order by sum(u.prompt_tokens + u.completion_tokens) desc, u.tenant_id limit $3"#,
        from,
        to,
        limit
    )
    .fetch_all(tx.conn())
    .await?;
    let all = rows.first().map_or(0, |row| row.all);
    let each = rows
        .into_iter()
        .map(|row| (row.tenant_id, row.name, Sum { prompt: row.prompt, completion: row.completion, calls: row.calls }));
    Ok((each.collect(), all))
}
