//! What is shown of all businesses together.

use chatdesk_platform::page::cursor;
use chatdesk_platform::{Caller, Error, Invalid, Role, TenantId};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, Days, NaiveDate, Utc};
use uuid::Uuid;

use super::channel::encode_health;
use super::wire;
use crate::Service;
use crate::channel::SILENT_AFTER;
use crate::health::Health;
use crate::model::{self, Email};
use crate::plan::Plan;
use crate::store::directory::{self, ChannelFilter, Filter, Listed, ListedChannel, Sum};
use crate::store::visit::{self, Visit};
use crate::store::{account, audit};

/// The longest query, in characters.
const QUERY: usize = 200;
/// Days of a tenant's page, less one.
const MONTH: Days = Days::new(29);
/// The longest period, in days.
const LONGEST: i64 = 366;
/// The most businesses of a report.
const MOST_TENANTS: i64 = 500;
/// Visits of a tenant's page.
const MOST_VISITS: i64 = 20;
/// Channels of a tenant's page.
const MOST_CHANNELS: i64 = 200;

impl Service {
    /// Businesses, as the console lists them.
    pub(super) async fn listed(&self, request: &pb::ListTenantsRequest) -> Result<pb::ListTenantsResponse, Error> {
        let (after, limit) = wire::page(&request.cursor, request.limit)?;
        let text =
            model::text(&request.query, QUERY).map_err(|(code, detail)| Error::invalid("query", code, detail))?;
        let state = match request.state() {
            pb::TenantState::Unspecified => None,
            pb::TenantState::Active => Some("active"),
            pb::TenantState::Suspended => Some("suspended"),
            pb::TenantState::Deleting => Some("deleting"),
        };
        let mut tx = self.state.db.system().await?;
        let exactly = match (text.parse::<Uuid>(), Email::parse(&text)) {
            (Ok(id), _) => Some(id),
            (Err(_), Ok(email)) => {
                let login = account::find_login(&mut tx, &self.state.keys.email_hash(email.as_str())).await?;
                // Nobody's address finds nothing, and not every business.
                Some(login.and_then(|login| login.tenant).map_or(Uuid::nil(), |tenant| tenant.0))
            }
            (Err(_), Err(_)) => None,
        };
        let filter = Filter { text: &text, exactly, state, only: None, after };
        let mut rows = directory::list(&mut tx, &filter, self.today(), rows_of(limit)).await?;
        tx.commit().await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| cursor(last.tenant_id));
        let items = rows.into_iter().map(|row| self.encode(row)).collect();
        Ok(pb::ListTenantsResponse { items, next_cursor: next.unwrap_or_default() })
    }

    /// One business, as the list has it.
    pub(super) async fn one(&self, tenant: TenantId) -> Result<pb::Tenant, Error> {
        let mut tx = self.state.db.system().await?;
        let filter = Filter { only: Some(tenant.0), ..Filter::default() };
        let found = directory::list(&mut tx, &filter, self.today(), 1).await?.pop();
        tx.commit().await?;
        Ok(self.encode(found.ok_or(Error::NotFound("tenant"))?))
    }

    /// One business with all that is told of it.
    pub(super) async fn detail(&self, caller: &Caller, tenant: TenantId) -> Result<pb::TenantDetail, Error> {
        let shown = self.one(tenant).await?;
        let today = self.today();
        let from = today.checked_sub_days(MONTH).unwrap_or(today);
        let mut tx = self.state.db.system().await?;
        let filter = self.channels_of(None, Some(tenant.0), None);
        let channels = directory::channels(&mut tx, &filter, MOST_CHANNELS).await?;
        let days = directory::days(&mut tx, Some(tenant.0), from, today).await?;
        tx.commit().await?;
        // The business's own rows, as one who looks at it: how many people have which role, and who looked before.
        let mut tx = self.state.db.begin(&caller.visiting(tenant)?).await?;
        let members = account::members(&mut tx).await?;
        let visits = visit::list(&mut tx, None, MOST_VISITS).await?;
        let admins: Vec<Uuid> = visits.iter().map(|one| one.admin_id).collect();
        let admins = audit::admin_names(tx.conn(), &admins).await?;
        tx.commit().await?;
        let of_role = |role: Role| pb::RoleCount {
            role: super::account::encode_role(role).into(),
            count: u32::try_from(members.iter().filter(|member| member.role == role).count()).unwrap_or(u32::MAX),
        };
        let name = shown.name.clone();
        Ok(pb::TenantDetail {
            tenant: Some(shown),
            members: [Role::Owner, Role::Manager, Role::Agent, Role::Viewer].map(of_role).to_vec(),
            channels: channels.into_iter().map(encode_channel).collect::<Result<_, _>>()?,
            days: days.into_iter().map(|(day, sum)| self.encode_day(day, &sum)).collect(),
            visits: visits
                .into_iter()
                .map(|one| {
                    let admin = admins.get(&one.admin_id.to_string());
                    encode_visit(one, tenant, &name, admin)
                })
                .collect(),
        })
    }

    /// Channels of all businesses.
    pub(super) async fn channel_health(
        &self,
        request: &pb::ListChannelHealthRequest,
    ) -> Result<pb::ListChannelHealthResponse, Error> {
        let (after, limit) = wire::page(&request.cursor, request.limit)?;
        let state = match request.state() {
            pb::HealthState::Unspecified => None,
            pb::HealthState::Ok => Some("ok"),
            pb::HealthState::NeedsReconnect => Some("needs_reconnect"),
            pb::HealthState::Restricted => Some("restricted"),
            pb::HealthState::Silent => Some("silent"),
        };
        let mut tx = self.state.db.system().await?;
        let filter = self.channels_of(state, None, after);
        let mut rows = directory::channels(&mut tx, &filter, rows_of(limit)).await?;
        tx.commit().await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| cursor(last.channel_id));
        let items = rows.into_iter().map(encode_channel).collect::<Result<_, _>>()?;
        Ok(pb::ListChannelHealthResponse { items, next_cursor: next.unwrap_or_default() })
    }

    /// What was used in a period.
    pub(super) async fn used(&self, request: &pb::ListUsageRequest) -> Result<pb::ListUsageResponse, Error> {
        let (from, to) = period(request, self.today())?;
        let mut tx = self.state.db.system().await?;
        let (tenants, all) = directory::usage(&mut tx, from, to, MOST_TENANTS).await?;
        let days = directory::days(&mut tx, None, from, to).await?;
        tx.commit().await?;
        let total = days.iter().fold(Sum::default(), |all, (_, day)| Sum {
            prompt: all.prompt + day.prompt,
            completion: all.completion + day.completion,
            calls: all.calls + day.calls,
        });
        let others = tenants.iter().fold(total, |all, (_, _, one)| Sum {
            prompt: all.prompt - one.prompt,
            completion: all.completion - one.completion,
            calls: all.calls - one.calls,
        });
        let other_tenants = u64::try_from(all).unwrap_or_default().saturating_sub(tenants.len() as u64);
        let item = |(id, name, sum): (Uuid, String, Sum)| pb::TenantUsage {
            tenant_id: id.to_string(),
            name,
            usage: Some(self.encode_sum(&sum)),
        };
        Ok(pb::ListUsageResponse {
            items: tenants.into_iter().map(item).collect(),
            total: Some(self.encode_sum(&total)),
            other_tenants,
            others: Some(self.encode_sum(&others)),
            days: days.into_iter().map(|(day, sum)| self.encode_day(day, &sum)).collect(),
        })
    }

    fn today(&self) -> NaiveDate {
        self.state.clock.now().date_naive()
    }

    fn channels_of<'a>(&self, state: Option<&'a str>, tenant: Option<Uuid>, after: Option<Uuid>) -> ChannelFilter<'a> {
        ChannelFilter { state, tenant, silent_since: self.state.clock.now() - SILENT_AFTER, after }
    }

    fn encode(&self, row: Listed) -> pb::Tenant {
        let (id, allowance) = (TenantId(row.tenant_id), row.allowance());
        let plan = match allowance.plan {
            Plan::Trial => pb::Plan::Trial,
            Plan::Standard => pb::Plan::Standard,
            Plan::Business => pb::Plan::Business,
        };
        pb::Tenant {
            status: Some(encode_status(id, &row.state, row.reason, row.changed_at)),
            name: row.name,
            plan: plan.into(),
            tokens_per_day: count(allowance.tokens_per_day(self.state.daily_token_budget)),
            is_capped: allowance.cap.is_some(),
            tokens_today: count(row.today),
            tokens_month: count(row.month),
            channels: u32::try_from(row.channels).unwrap_or_default(),
            troubled_channels: u32::try_from(row.troubled).unwrap_or_default(),
            last_event_at: row.last_event_at.map(wire::timestamp),
            created_at: Some(wire::timestamp(row.created_at)),
        }
    }

    fn encode_day(&self, day: NaiveDate, sum: &Sum) -> pb::UsageDay {
        pb::UsageDay { day: day.to_string(), usage: Some(self.encode_sum(sum)) }
    }

    fn encode_sum(&self, sum: &Sum) -> pb::Usage {
        pb::Usage {
            calls: count(sum.calls),
            prompt_tokens: count(sum.prompt),
            completion_tokens: count(sum.completion),
            spend_micros: self.state.prices.map(|prices| prices.spend_micros(sum.prompt, sum.completion)),
        }
    }
}

/// One more than is shown, to know whether there are more.
fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// The days that are meant: without any the last 30, with one of them 30 that end or begin there.
fn period(request: &pb::ListUsageRequest, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Error> {
    let mut invalid = Invalid::default();
    let mut day = |name: &str, text: &str| {
        let read = (!text.is_empty()).then(|| text.parse::<NaiveDate>());
        invalid.check(name, read.transpose().map_err(|_| ("malformed", "is a day such as 2026-11-22".to_owned())))
    };
    let (from, to) = (day("from", &request.from).flatten(), day("to", &request.to).flatten());
    invalid.finish()?;
    let to = to.unwrap_or(today);
    let from = from.or_else(|| to.checked_sub_days(MONTH)).unwrap_or(to);
    if from > to || (to - from).num_days() >= LONGEST {
        return Err(Error::invalid(
            "from",
            "out_of_range",
            format!("is before the last day, by less than {LONGEST} days"),
        ));
    }
    Ok((from, to))
}

/// The plan of a request; none when it is to stay.
pub(super) fn plan(number: i32) -> Result<Option<Plan>, Error> {
    match pb::Plan::try_from(number) {
        Ok(pb::Plan::Unspecified) => Ok(None),
        Ok(pb::Plan::Trial) => Ok(Some(Plan::Trial)),
        Ok(pb::Plan::Standard) => Ok(Some(Plan::Standard)),
        Ok(pb::Plan::Business) => Ok(Some(Plan::Business)),
        Err(_) => Err(Error::invalid("plan", "unknown_value", "is trial, standard or business")),
    }
}

pub(super) fn encode_status(
    tenant: TenantId,
    state: &str,
    reason: String,
    changed_at: DateTime<Utc>,
) -> pb::TenantStatus {
    let state = match state {
        "suspended" => pb::TenantState::Suspended,
        "deleting" => pb::TenantState::Deleting,
        _ => pb::TenantState::Active,
    };
    let changed_at = Some(wire::timestamp(changed_at));
    pb::TenantStatus { tenant_id: tenant.to_string(), state: state.into(), reason, changed_at }
}

/// A visit, with the admin's address for admins.
pub(super) fn encode_visit(visit: Visit, tenant: TenantId, name: &str, admin: Option<&String>) -> pb::Visit {
    pb::Visit {
        id: visit.id.to_string(),
        tenant_id: tenant.to_string(),
        tenant_name: name.to_owned(),
        admin_id: visit.admin_id.to_string(),
        reason: visit.reason,
        started_at: Some(wire::timestamp(visit.started_at)),
        ends_at: Some(wire::timestamp(visit.ends_at)),
        admin_email: admin.cloned().unwrap_or_default(),
    }
}

fn encode_channel(row: ListedChannel) -> Result<pb::ChannelHealth, Error> {
    let health = match row.state.as_str() {
        "silent" => Health::Silent,
        "needs_reconnect" => Health::NeedsReconnect,
        "restricted" => Health::Restricted,
        _ => Health::Ok,
    };
    let platform = row.platform.parse().map_err(Error::internal)?;
    Ok(pb::ChannelHealth {
        channel_id: row.channel_id.to_string(),
        tenant_id: row.tenant_id.to_string(),
        tenant_name: row.name,
        platform: super::channel::encode_platform(platform).into(),
        external_id: row.external_id,
        state: encode_health(health).into(),
        reason: row.reason,
        connected_at: Some(wire::timestamp(row.connected_at)),
        last_event_at: row.last_event_at.map(wire::timestamp),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_two_ends_and_is_no_longer_than_a_year() {
        let today: NaiveDate = "2026-11-23".parse().unwrap();
        let read = |from: &str, to: &str| {
            let request = pb::ListUsageRequest { from: from.into(), to: to.into() };
            period(&request, today).map(|(from, to)| (from.to_string(), to.to_string())).ok()
        };
        let some = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(read("", ""), some("2026-10-25", "2026-11-23"));
        assert_eq!(read("2026-11-01", ""), some("2026-11-01", "2026-11-23"));
        assert_eq!(read("2026-01-01", "2026-12-31"), some("2026-01-01", "2026-12-31"));
        for (from, to) in [("2025-11-22", "2026-11-23"), ("2026-11-24", ""), ("x", ""), ("", "2026-02-30")] {
            assert_eq!(read(from, to), None, "{from} {to}");
        }
    }
}
