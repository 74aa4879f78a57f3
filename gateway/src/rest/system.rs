//! How the services are, and the work that was set aside: looked at, tried again, given up.

use axum::Json;
use chatdesk_proto::system::v1 as pb;
use chatdesk_proto::tenants::v1::NoteWorkRequest;
use tonic::{Request, Response, Status};
use utoipa::ToSchema;

use crate::app::Calls;
use crate::auth::Session;
use crate::body::{FromFields, Input};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::query::{Query, both};
use crate::view::{FailedWork, List, ServiceHealth, SystemHealth, WorkDecided, work_name, work_named};

/// The services that have due work.
const SERVICES: [&str; 3] = ["inbox", "catalog", "tenants"];
/// The most pieces of work in one decision.
const MOST: usize = 200;

/// Calls one method of one of the services, which speak the same words.
macro_rules! ask {
    ($calls:expr, $service:expr, $method:ident, $request:expr) => {
        match $service {
            "inbox" => $calls.inbox_system()?.$method(Request::new($request)).await,
            "catalog" => $calls.catalog_system()?.$method(Request::new($request)).await,
            _ => $calls.tenants_system()?.$method(Request::new($request)).await,
        }
    };
}

/// How the services are: their queues, the oldest due work, sends of which nobody knows, connections. Platform admins only.
#[utoipa::path(get, path = "/api/admin/system", operation_id = "get_system", tag = "admin", security(("bearer" = [])),
    responses((status = 200, body = SystemHealth)))]
pub async fn get(session: Session) -> Result<Json<SystemHealth>, Problem> {
    let mut services = Vec::with_capacity(SERVICES.len());
    for service in SERVICES {
        let told: Result<Response<pb::System>, Status> =
            ask!(session.calls, service, get_system, pb::GetSystemRequest {});
        services.push(match told {
            Ok(told) => ServiceHealth::up(service, told.into_inner())?,
            // That one does not answer is what this page is for.
            Err(status) if matches!(status.code(), tonic::Code::Unavailable | tonic::Code::DeadlineExceeded) => {
                ServiceHealth::down(service)
            }
            Err(status) => return Err(status.into()),
        });
    }
    Ok(Json(SystemHealth { services }))
}

/// Work that failed too often and waits for a person, service by service. Platform admins only.
#[utoipa::path(get, path = "/api/admin/work", operation_id = "list_failed_work", tag = "admin", security(("bearer" = [])),
    params(("service" = Option<String>, Query, description = "`inbox`, `catalog` or `tenants`; without it the inbox, where most is"),
        ("kind" = Option<String>, Query, description = "Such as `ingest` or `send`"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u32>, Query, minimum = 1, maximum = 200)),
    responses((status = 200, body = List<FailedWork>)))]
pub async fn list(session: Session, query: Query) -> Result<Json<List<FailedWork>>, Problem> {
    let names = SERVICES.map(|name| (name, name));
    let what = both(query.choice_opt("service", &names), query.text_opt("kind", 64));
    let (page, (service, kind)) = both(query.page(), what)?;
    let service = service.unwrap_or(SERVICES[0]);
    let request = pb::ListFailedWorkRequest { kind: kind.unwrap_or_default(), cursor: page.cursor, limit: page.limit };
    let found: Response<pb::ListFailedWorkResponse> = ask!(session.calls, service, list_failed_work, request)?;
    let found = found.into_inner();
    let items = found.items.into_iter().map(|work| FailedWork::of(service, work)).collect::<Result<_, _>>()?;
    Ok(Json(List { items, next_cursor: Some(found.next_cursor).filter(|cursor| !cursor.is_empty()) }))
}

/// What to decide about.
#[derive(ToSchema)]
pub struct WorkDecision {
    /// 1 to 200 ids from the list, all of one service.
    ids: Vec<String>,
    /// True says what would come of it, and changes nothing.
    dry_run: bool,
}

impl FromFields for WorkDecision {
    fn read(fields: &mut Fields) -> Self {
        let ids = fields.texts_opt("ids", 1..=MOST, 1..=200);
        if ids.is_none() && !fields.has_noted("ids") {
            fields.note("ids", "required", "is missing");
        }
        Self { ids: ids.unwrap_or_default(), dry_run: fields.flag("dry_run") }
    }
}

/// Try work again, at once and from the beginning; first with `dry_run`. Platform admins only.
#[utoipa::path(post, path = "/api/admin/work/retry", operation_id = "retry_work", tag = "admin",
    security(("bearer" = [])), request_body = WorkDecision, responses((status = 200, body = WorkDecided)))]
pub async fn retry(session: Session, Input(wish): Input<WorkDecision>) -> Result<Json<WorkDecided>, Problem> {
    decide(&session.calls, wish, false).await
}

/// Give work up; first with `dry_run`. What it was about stays as it is. Platform admins only.
#[utoipa::path(post, path = "/api/admin/work/discard", operation_id = "discard_work", tag = "admin",
    security(("bearer" = [])), request_body = WorkDecision, responses((status = 200, body = WorkDecided)))]
pub async fn discard(session: Session, Input(wish): Input<WorkDecision>) -> Result<Json<WorkDecided>, Problem> {
    decide(&session.calls, wish, true).await
}

async fn decide(calls: &Calls, wish: WorkDecision, discards: bool) -> Result<Json<WorkDecided>, Problem> {
    let named: Option<Vec<_>> = wish.ids.iter().map(|text| work_named(text)).collect();
    let named = named.unwrap_or_default();
    let service =
        named.first().map(|(service, _)| *service).and_then(|name| SERVICES.into_iter().find(|one| *one == name));
    let service = service.filter(|service| named.iter().all(|(name, _)| name == service));
    let Some(service) = service else {
        let detail = "takes ids that the list gave, all of one service".to_owned();
        let error = chatdesk_platform::FieldError { field: "ids".into(), code: "malformed".into(), detail };
        return Err(Problem::invalid(vec![error]));
    };
    let ids: Vec<pb::WorkId> = named.into_iter().map(|(_, id)| id).collect();
    if !wish.dry_run {
        // Before, so that nothing is done of which there is no record.
        let note = NoteWorkRequest { service: service.to_owned(), discards, ids: wish.ids.clone() };
        calls.admin()?.note_work(note).await?;
    }
    let request = pb::DecideWorkRequest { ids, dry_run: wish.dry_run };
    let decided: Response<pb::DecideWorkResponse> = if discards {
        ask!(calls, service, discard_work, request)?
    } else {
        ask!(calls, service, retry_work, request)?
    };
    let decided = decided.into_inner();
    let names = |ids: Vec<pb::WorkId>| ids.iter().map(|id| work_name(service, id)).collect();
    Ok(Json(WorkDecided { done: names(decided.done), gone: names(decided.gone), dry_run: wish.dry_run }))
}
