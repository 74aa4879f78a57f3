//! Whether this process lives, and whether it and what it needs can work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chatdesk_platform::grpc::Peer;
use futures::future::join_all;
use serde::Serialize;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use utoipa::ToSchema;

use crate::app::App;

/// How long a service may take to say that it is well.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether requests can be served.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`, `waiting` for a service, or `draining`.
    status: &'static str,
    services: Vec<ServiceReadiness>,
}

/// Whether one service can be asked.
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
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let checks = app
        .peers
        .all()
        .map(|(name, peer)| async move { ServiceReadiness { name: name.as_str(), ready: serving(peer).await } });
    let services = join_all(checks).await;
    let status = match (app.shutdown.has_begun(), services.iter().all(|service| service.ready)) {
        (true, _) => "draining",
        (false, true) => "ready",
        (false, false) => "waiting",
    };
    let code = if status == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(Readiness { status, services }))
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
