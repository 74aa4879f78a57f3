//! Measurements for Prometheus, on an address of their own that is not for the public.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use chatdesk_platform::Shutdown;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;

/// How often the recorder tidies up; without it histograms grow until they are read.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves /metrics and /livez until the shutdown begins, and returns the address.
pub async fn serve_metrics(
    address: SocketAddr,
    handle: PrometheusHandle,
    shutdown: &Shutdown,
) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    let rendered = handle.clone();
    let page = async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], rendered.render());
    let routes = Router::new().route("/metrics", get(page)).route("/livez", get(async || "ok"));
    let stop = shutdown.token();
    shutdown.spawn(async move {
        let server = axum::serve(listener, routes).with_graceful_shutdown(stop.clone().cancelled_owned());
        let mut ticks = tokio::time::interval(UPKEEP);
        let upkeep = async {
            loop {
                ticks.tick().await;
                handle.run_upkeep();
            }
        };
        tokio::select! {
            ended = async { server.await } => {
                if let Err(error) = ended {
                    tracing::error!(error = &error as &dyn std::error::Error, "the metrics server ended");
                }
            }
            () = upkeep => {}
        }
    });
    Ok(bound)
}
