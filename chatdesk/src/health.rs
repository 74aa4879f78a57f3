//! A service's gRPC beside the standard health service.

use std::future::Future;
use std::time::Duration;

use chatdesk_platform::Shutdown;
use tonic::service::{Routes, RoutesBuilder};
use tonic_health::ServingStatus;

/// How often a service is asked whether it is ready.
const EVERY: Duration = Duration::from_secs(1);

/// Routes with what `add` adds and `grpc.health.v1`, which follows `ready` and says NOT_SERVING while the process drains.
pub fn routes<F>(
    add: impl FnOnce(&mut RoutesBuilder),
    ready: impl Fn() -> F + Send + Sync + 'static,
    shutdown: &Shutdown,
) -> Routes
where
    F: Future<Output = bool> + Send,
{
    let (reporter, health) = tonic_health::server::health_reporter();
    let stop = shutdown.token();
    shutdown.spawn(async move {
        loop {
            let status = if ready().await { ServingStatus::Serving } else { ServingStatus::NotServing };
            reporter.set_service_status("", status).await;
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => break,
            }
        }
        reporter.set_service_status("", ServingStatus::NotServing).await;
    });
    let mut builder = RoutesBuilder::default();
    builder.add_service(health);
    add(&mut builder);
    builder.routes()
}
