//! Who did what, for the people of a business and for platform admins; and what people should know right now.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use chatdesk_proto::tenants::v1 as pb;
use chrono::{DateTime, Utc};
use futures::stream;
use prost_types::Timestamp;
use uuid::Uuid;

use crate::app::Calls;
use crate::auth::Session;
use crate::problem::Problem;
use crate::query::{Query, both};
use crate::view::{AuditRecord, List, Notice};

/// Records of one page of an export.
const PAGE: u32 = 200;

/// Who did what in one's own business, newest first. With `export=ndjson` all of it, one record in each line. Owners and managers only.
#[utoipa::path(get, path = "/api/audit", operation_id = "list_audit", tag = "audit", security(("bearer" = [])),
    params(("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("action" = Option<String>, Query, description = "Only actions that begin so, such as `channel.`; 422 when none does"),
        ("from" = Option<String>, Query, format = DateTime), ("to" = Option<String>, Query, format = DateTime, description = "Up to and without"),
        ("export" = Option<String>, Query, description = "`ndjson` for a file of all of it")),
    responses((status = 200, body = List<AuditRecord>)))]
pub async fn list(session: Session, query: Query) -> Result<Response, Problem> {
    answer(&session, &query, Whose::Own).await
}

/// Who did what in the installation, or in one business, newest first. With `export=ndjson` all of it. Platform admins only.
#[utoipa::path(get, path = "/api/admin/audit", operation_id = "list_admin_audit", tag = "admin", security(("bearer" = [])),
    params(("business_id" = Option<Uuid>, Query, description = "Without it the installation's own"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200),
        ("action" = Option<String>, Query, description = "Only actions that begin so, such as `tenant.`; 422 when none does"),
        ("from" = Option<String>, Query, format = DateTime), ("to" = Option<String>, Query, format = DateTime, description = "Up to and without"),
        ("export" = Option<String>, Query, description = "`ndjson` for a file of all of it")),
    responses((status = 200, body = List<AuditRecord>)))]
pub async fn list_for_admins(session: Session, query: Query) -> Result<Response, Problem> {
    let whose = query.id_opt("business_id")?;
    answer(&session, &query, Whose::Admins(whose)).await
}

/// Whose records are asked for, and by whom.
#[derive(Clone, Copy)]
enum Whose {
    /// One's own business's.
    Own,
    /// The installation's or a business's, by an admin.
    Admins(Option<Uuid>),
}

async fn answer(session: &Session, query: &Query, whose: Whose) -> Result<Response, Problem> {
    let period = both(query.moment_opt("from"), query.moment_opt("to"));
    let how = both(query.text_opt("action", 64), query.choice_opt("export", &[("ndjson", ())]));
    let (page, ((from, to), (action, export))) = both(query.page(), both(period, how))?;
    let tenant_id = match whose {
        Whose::Admins(Some(id)) => id.to_string(),
        Whose::Admins(None) | Whose::Own => String::new(),
    };
    let request = pb::ListAuditRequest {
        tenant_id,
        action: action.unwrap_or_default(),
        from: from.map(stamp),
        to: to.map(stamp),
        cursor: page.cursor,
        limit: page.limit,
    };
    if export.is_some() {
        let request = pb::ListAuditRequest { cursor: String::new(), limit: PAGE, ..request };
        return file(session.calls.clone(), whose, request).await;
    }
    let found = ask(&session.calls, whose, request).await?;
    Ok(List::<AuditRecord>::show(found.items, found.next_cursor)?.into_response())
}

/// All records, page by page, as they are asked for. What fails before the first page is an answer; later the file breaks off.
async fn file(calls: Calls, whose: Whose, request: pb::ListAuditRequest) -> Result<Response, Problem> {
    let of = match whose {
        Whose::Own => calls.identity().tenant().map(|tenant| tenant.0),
        Whose::Admins(of) => of,
    };
    let name = of.map_or_else(|| "installation".to_owned(), |of| of.to_string());
    let (first, next) = lines(&calls, whose, request).await?;
    let rest = stream::try_unfold((calls, next), move |(calls, next)| async move {
        match next {
            None => Ok::<_, std::io::Error>(None),
            Some(request) => {
                let page = lines(&calls, whose, request).await;
                let (text, next) = page.map_err(|problem| std::io::Error::other(problem.code().to_owned()))?;
                Ok(Some((text, (calls, next))))
            }
        }
    });
    let all = futures::StreamExt::chain(stream::iter([Ok(first)]), rest);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"audit-{name}.ndjson\"")),
    ];
    Ok((headers, Body::from_stream(all)).into_response())
}

/// One page as lines, and what to ask for the next.
async fn lines(
    calls: &Calls,
    whose: Whose,
    request: pb::ListAuditRequest,
) -> Result<(Bytes, Option<pb::ListAuditRequest>), Problem> {
    let found = ask(calls, whose, request.clone()).await?;
    let mut text = Vec::new();
    for record in found.items {
        let record = AuditRecord::try_from(record)?;
        serde_json::to_writer(&mut text, &record).map_err(|_| Problem::internal())?;
        text.push(b'\n');
    }
    let more = !found.next_cursor.is_empty();
    Ok((text.into(), more.then_some(pb::ListAuditRequest { cursor: found.next_cursor, ..request })))
}

async fn ask(calls: &Calls, whose: Whose, request: pb::ListAuditRequest) -> Result<pb::ListAuditResponse, Problem> {
    let mut audit = calls.audit()?;
    let found = match whose {
        Whose::Own => audit.list_audit(request).await?,
        Whose::Admins(_) => audit.list_admin_audit(request).await?,
    };
    Ok(found.into_inner())
}

fn stamp(at: DateTime<Utc>) -> Timestamp {
    Timestamp { seconds: at.timestamp(), nanos: i32::try_from(at.timestamp_subsec_nanos()).unwrap_or(0) }
}

/// What the people of one's own business should know right now: a visit of an admin, a suspension, a deletion that is under way.
#[utoipa::path(get, path = "/api/notices", operation_id = "list_notices", tag = "audit", security(("bearer" = [])),
    responses((status = 200, body = List<Notice>)))]
pub async fn notices(session: Session) -> Result<Json<List<Notice>>, Problem> {
    let found = session.calls.notices()?.list_notices(pb::ListNoticesRequest {}).await?.into_inner();
    List::show(found.items, String::new())
}
