//! Logs and traces. Logs go to standard error, filtered by RUST_LOG, as lines for people or, with LOG_FORMAT=json, for machines. Spans go to
//! OTEL_EXPORTER_OTLP_ENDPOINT (OTLP, http/protobuf) when it is set, and then carry what [`spans`] lets through and nothing else.

mod spans;

use std::io::IsTerminal as _;

use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::{VarError, Vars, trace};

/// What is logged when RUST_LOG does not say. What NATS does is logged by the bus.
const FILTER: &str = "info,sqlx=warn,hyper=warn,h2=warn,tower=warn,async_nats=off";

/// Ends with the process.
#[must_use]
pub struct Telemetry(Option<SdkTracerProvider>);

/// Starts logging, and tracing as the process `name` where it is wanted. A second call changes nothing. Within a runtime, which sends the spans.
pub fn init(vars: &Vars, name: &str) -> Result<Telemetry, VarError> {
    let spans = spans::collector(vars, name)?;
    let filter = EnvFilter::new(vars.get("RUST_LOG").unwrap_or_else(|| FILTER.to_owned()));
    let started = match &spans {
        // Filters of their own: what is not logged is traced all the same, and events are logs and stay here.
        Some(spans) => tracing_subscriber::registry()
            .with(lines(vars).with_filter(filter))
            .with(spans::layer(spans).with_filter(spans::filter()))
            .try_init(),
        None => tracing_subscriber::registry().with(filter).with(lines(vars)).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
        return Ok(Telemetry(None));
    }
    if spans.is_some() {
        trace::collect();
    }
    Ok(Telemetry(spans))
}

fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(vars: &Vars) -> Box<dyn Layer<S> + Send + Sync> {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    if vars.get("LOG_FORMAT").as_deref() == Some("json") { lines.json().boxed() } else { lines.compact().boxed() }
}

impl Telemetry {
    /// Hands over the last spans, for a few seconds at most.
    pub async fn finish(self) {
        if let Some(spans) = self.0 {
            let ended = tokio::task::spawn_blocking(move || spans.shutdown()).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::warn!("the last spans were not handed over");
            }
        }
    }
}
