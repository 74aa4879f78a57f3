//! Figures of a period, in the days of a time zone.

use std::collections::{BTreeMap, HashSet};

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::stats_service_server::StatsService;
use chrono::{Datelike as _, NaiveDate};
use tokio::sync::OnceCell;
use tonic::{Request, Response, Status};

use crate::desk::Desk;
use crate::model::{DayFigures, NoPeriod, Period};
use crate::store;

/// Whose days when nobody says.
const USUAL_ZONE: &str = "Asia/Ho_Chi_Minh";

/// Serves `StatsService`.
pub struct Figures {
    desk: Desk,
    zones: OnceCell<HashSet<String>>,
}

impl Figures {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk, zones: OnceCell::const_new() }
    }

    async fn get(&self, caller: &Caller, request: &wire::GetStatsRequest) -> Result<wire::Stats, Error> {
        let mut invalid = Invalid::default();
        let from = date(&mut invalid, "from", &request.from);
        let to = date(&mut invalid, "to", &request.to);
        let zone = if request.time_zone.is_empty() { USUAL_ZONE } else { request.time_zone.as_str() };
        let mut tx = self.desk.db.begin(caller).await?;
        if !self.zones(&mut tx).await?.contains(zone) {
            invalid.add("time_zone", "unknown", "is not the name of a time zone");
        }
        invalid.finish()?;
        let today = store::stats::day_of(&mut tx, self.desk.clock.now(), zone).await?;
        let period = Period::new(from, to, today).map_err(|wrong| match wrong {
            NoPeriod::Backwards => Error::invalid("to", "out_of_range", "is before the first day"),
            NoPeriod::TooLong => Error::invalid("to", "out_of_range", "is more than 366 days after the first day"),
        })?;
        let conversations = store::stats::conversations(&mut tx, period, zone).await?;
        let known = store::stats::days(&mut tx, period, zone).await?;
        let handovers = store::stats::handovers(&mut tx, period, zone).await?;
        let median_answer_seconds = store::stats::median_answer(&mut tx, period, zone).await?;
        tx.commit().await?;
        let sum = |of: fn(&DayFigures) -> i64| count(known.iter().map(of).sum());
        let known_days: BTreeMap<NaiveDate, &DayFigures> = known.iter().map(|day| (day.date, day)).collect();
        let days = period
            .days()
            .map(|date| known_days.get(&date).map_or_else(|| day(&DayFigures::none(date)), |known| day(known)));
        Ok(wire::Stats {
            from: period.from.to_string(),
            to: period.to.to_string(),
            time_zone: zone.to_owned(),
            conversations: count(conversations),
            messages_in: sum(|day| day.messages_in),
            answers_ai: sum(|day| day.answers_ai),
            answers_human: sum(|day| day.answers_human),
            handovers: handovers
                .into_iter()
                .map(|(reason, times)| wire::HandoverCount { reason, count: count(times) })
                .collect(),
            median_answer_seconds,
            days: days.collect(),
        })
    }

    /// The names do not change while the database runs.
    async fn zones(&self, tx: &mut TenantTx) -> Result<&HashSet<String>, Error> {
        let read = async || Ok(store::stats::time_zones(tx).await?.into_iter().collect());
        self.zones.get_or_try_init(read).await
    }
}

fn count(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn day(day: &DayFigures) -> wire::DayStats {
    wire::DayStats {
        date: day.date.to_string(),
        conversations: count(day.conversations),
        messages_in: count(day.messages_in),
        answers_ai: count(day.answers_ai),
        answers_human: count(day.answers_human),
        handovers: count(day.handovers),
    }
}

/// A day, or none when the text is empty or was refused.
fn date(invalid: &mut Invalid, field: &str, text: &str) -> Option<NaiveDate> {
    if text.is_empty() {
        return None;
    }
    let day = text.parse::<NaiveDate>().ok().filter(|day| (2000..=2999).contains(&day.year()));
    if day.is_none() {
        invalid.add(field, "malformed", "is not a day such as 2026-11-22");
    }
    day
}

#[tonic::async_trait]
impl StatsService for Figures {
    async fn get_stats(&self, request: Request<wire::GetStatsRequest>) -> Result<Response<wire::Stats>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, request.get_ref()).await?))
    }
}
