//! What happened, in figures.

use axum::Json;
use chatdesk_proto::inbox::v1 as pb;
use chatdesk_proto::tenants::v1::GetProfileRequest;

use crate::auth::Session;
use crate::problem::Problem;
use crate::query::{Query, both};
use crate::view::{Dashboard, show};

/// The figures of a period of at most 366 days.
#[utoipa::path(get, path = "/api/dashboard", operation_id = "get_dashboard", tag = "dashboard",
    security(("bearer" = [])),
    params(("from" = Option<String>, Query, format = Date, description = "The first day; without it six days before the last"),
        ("to" = Option<String>, Query, format = Date, description = "The last day; without it today"),
        ("time_zone" = Option<String>, Query, description = "An IANA name; without it the business's")),
    responses((status = 200, body = Dashboard)))]
pub async fn get(session: Session, query: Query) -> Result<Json<Dashboard>, Problem> {
    let days = both(query.text_opt("from", 10), query.text_opt("to", 10));
    let ((from, to), time_zone) = both(days, query.text_opt("time_zone", 64))?;
    let time_zone = match time_zone.filter(|zone| !zone.is_empty()) {
        Some(zone) => zone,
        None => session.calls.accounts()?.get_profile(GetProfileRequest {}).await?.into_inner().time_zone,
    };
    let request = pb::GetStatsRequest { from: from.unwrap_or_default(), to: to.unwrap_or_default(), time_zone };
    show(session.calls.stats()?.get_stats(request).await?)
}
