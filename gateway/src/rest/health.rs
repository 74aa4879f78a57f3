//! Whether this process lives, and whether it and what it needs can work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatdesk_platform::ServiceName;
use chatdesk_platform::grpc::Peer;
use futures::future::join_all;
use serde::Serialize;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use utoipa::ToSchema;

use crate::app::App;
use crate::problem::Problem;
use crate::query::Query;

/// How long a service may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(1);

/// What must be there.
#[derive(Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum ReadyFor {
    /// Every service.
    All,
    /// What takes webhooks and lets people in. For a balancer: a gateway that lacks the rest must still acknowledge.
    Webhooks,
}

const READY_FOR: [(&str, ReadyFor); 2] = [("all", ReadyFor::All), ("webhooks", ReadyFor::Webhooks)];

impl ReadyFor {
    const fn needs(self, name: ServiceName) -> bool {
        matches!((self, name), (Self::All, _) | (Self::Webhooks, ServiceName::Inbox | ServiceName::Tenants))
    }
}

/// Whether requests can be served.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, `waiting` for a service, or `draining`.
    status: &'static str,
    services: Vec<ServiceReadiness>,
}

/// Whether one of the services that are needed can be asked.
#[derive(Serialize, ToSchema)]
pub struct ServiceReadiness {
    name: &'static str,
    ready: bool,
}

/// Whether the process answers at all. Depends on nothing else, so that nothing else gets it restarted.
#[utoipa::path(get, path = "/livez", operation_id = "livez", tag = "health", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn live() -> &'static str {
    "ok"
}

/// Whether the process and the services behind it can work.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "health",
    params(("for" = Option<ReadyFor>, Query, description = "What must be there; without it every service")),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn ready(State(app): State<Arc<App>>, query: Query) -> Result<(StatusCode, Json<Readiness>), Problem> {
    let what = query.choice_opt("for", &READY_FOR)?.unwrap_or(ReadyFor::All);
    let needed = app.peers.all().into_iter().filter(|(name, _)| what.needs(*name));
    let checks =
        needed.map(|(name, peer)| async move { ServiceReadiness { name: name.as_str(), ready: serving(peer).await } });
    let services = join_all(checks).await;
    let status = match (app.shutdown.has_begun(), services.iter().all(|service| service.ready)) {
        (true, _) => "draining",
        (false, true) => "ready",
        (false, false) => "waiting",
    };
    let code = if status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((code, Json(Readiness { status, services })))
}

async fn serving(peer: &Peer) -> bool {
    let Ok(client) = peer.own_client(None, PATIENCE) else { return false };
    let mut client = HealthClient::new(client);
    let check = client.check(HealthCheckRequest { service: String::new() });
    match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
        Ok(Err(_)) | Err(_) => false,
    }
}
