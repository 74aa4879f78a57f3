//! Spans on their way out. Only what is listed here leaves the process: a field that somebody adds to a span stays in the logs until it is added
//! here too, so no customer's word and no secret gets into a trace by accident.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::{VarError, Vars, http_client};

/// How long the collector may take to take spans.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields that leave: names of methods and of kinds of work, addresses as they stand in the API's description, counts, and our own ids.
const FIELDS: [&str; 8] = ["request_id", "rpc.method", "method", "path", "kind", "entity", "attempt", "channel"];

/// What collects the spans of the process `name`; none without OTEL_EXPORTER_OTLP_ENDPOINT.
pub fn collector(vars: &Vars, name: &str) -> Result<Option<SdkTracerProvider>, VarError> {
    let variable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let wrong = |problem: String| VarError { name: variable.to_owned(), problem };
    let Some(base) = vars.get(variable) else { return Ok(None) };
    if !base.starts_with("http://") && !base.starts_with("https://") {
        return Err(wrong("must be a URL such as http://127.0.0.1:4318".to_owned()));
    }
    let client = http_client(PATIENCE).map_err(|error| wrong(error.to_string()))?;
    let sender = Sender { client, runtime: Handle::current(), failed: AtomicBool::new(false) };
    let exporter = OtlpExporter::builder()
        .with_http()
        .with_http_client(sender)
        // As the protocol has it (OTLP/HTTP, "Request").
        .with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')))
        .with_timeout(PATIENCE)
        .build()
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Some(provider(exporter, name)))
}

fn provider(exporter: impl SpanExporter + 'static, name: &str) -> SdkTracerProvider {
    let resource = Resource::builder().with_service_name(name.to_owned()).build();
    SdkTracerProvider::builder().with_batch_exporter(Listed(exporter)).with_resource(resource).build()
}

/// Makes the spans of this program those of a trace.
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>(spans: &SdkTracerProvider) -> OpenTelemetryLayer<S, SdkTracer> {
    tracing_opentelemetry::layer()
        .with_tracer(spans.tracer("chatdesk"))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
}

/// Our own spans. It must be asked for each one: somebody who asks whether an event is wanted and then makes none, as sqlx does, leaves his answer
/// behind for the next span that nobody is asked about.
pub fn filter<S>() -> impl Filter<S> {
    dynamic_filter_fn(|data: &Metadata<'_>, _: &Context<'_, S>| is_ours(data))
        .with_callsite_filter(|data| if is_ours(data) { Interest::sometimes() } else { Interest::never() })
}

fn is_ours(data: &Metadata<'_>) -> bool {
    data.is_span() && data.target().starts_with("chatdesk")
}

/// Lets only [`FIELDS`] through, and names spans after what was done.
#[derive(Debug)]
struct Listed<E>(E);

impl<E: SpanExporter> SpanExporter for Listed<E> {
    fn export(&self, mut batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        batch.iter_mut().for_each(list);
        self.0.export(batch)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn list(span: &mut SpanData) {
    span.attributes.retain(|field| FIELDS.contains(&field.key.as_str()));
    span.events = Default::default();
    let said = |name: &str| {
        let value = &span.attributes.iter().find(|field| field.key.as_str() == name)?.value;
        if let Value::String(text) = value { Some(text.as_str().to_owned()) } else { None }
    };
    let (name, kind) = match &*span.name {
        "http" => (said("method").zip(said("path")).map(|(method, path)| format!("{method} {path}")), SpanKind::Server),
        "grpc" => (said("rpc.method").map(|method| method.trim_start_matches('/').to_owned()), SpanKind::Server),
        "work" => (said("kind").map(|kind| format!("work {kind}")), SpanKind::Consumer),
        _ => return,
    };
    span.span_kind = kind;
    if let Some(name) = name {
        span.name = name.into();
    }
}

/// Sends for the thread that gathers spans, which has no runtime of its own.
struct Sender {
    client: reqwest::Client,
    runtime: Handle,
    /// Whether the last attempt did: one line when it begins to, and one when it is over.
    failed: AtomicBool,
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sender")
    }
}

impl HttpClient for Sender {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let client = self.client.clone();
            let sent = self.runtime.spawn(async move {
                let answer = client.execute(request.try_into()?).await?;
                let mut response = Response::builder().status(answer.status());
                if let Some(headers) = response.headers_mut() {
                    headers.clone_from(answer.headers());
                }
                Ok::<_, HttpError>(response.body(answer.bytes().await?)?)
            });
            let sent = sent.await?;
            let failed = !sent.as_ref().is_ok_and(|answer| answer.status().is_success());
            match (self.failed.swap(failed, Ordering::Relaxed), failed) {
                (false, true) => tracing::warn!("the collector of traces takes none; they are lost until it does"),
                (true, false) => tracing::info!("the collector of traces takes them again"),
                _ => {}
            }
            sent
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::{EnvFilter, Layer as _};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Kept(Arc<Mutex<Vec<SpanData>>>);

    impl SpanExporter for Kept {
        fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
            self.0.lock().unwrap().extend(batch);
            std::future::ready(Ok(()))
        }
    }

    #[test]
    fn only_what_is_listed_leaves() {
        let kept = Kept::default();
        let spans = provider(kept.clone(), "chatdesk-inbox");
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer(&spans)), || {
            let span = tracing::info_span!("work", kind = "reply", attempt = 2, text = "áo thun đỏ", token = "EAAG");
            span.in_scope(|| tracing::error!(error = "áo thun đỏ", "it failed"));
            tracing::info_span!("grpc", rpc.method = "/chatdesk.inbox.v1.WebhookService/Ingest").in_scope(|| {});
            tracing::info_span!("http", method = "POST", path = "/api/webhooks/{platform}").in_scope(|| {});
        });
        spans.force_flush().unwrap();
        let kept = kept.0.lock().unwrap();
        let names: Vec<_> = kept.iter().map(|span| span.name.to_string()).collect();
        assert_eq!(names, ["chatdesk.inbox.v1.WebhookService/Ingest", "POST /api/webhooks/{platform}", "work reply"]);
        let whole = format!("{kept:?}");
        assert!(whole.contains("attempt"), "{whole}");
        for never in ["áo thun", "EAAG", "it failed"] {
            assert!(!whole.contains(never), "{whole}");
        }
    }

    #[test]
    fn a_span_is_traced_whoever_asked_for_something_before() {
        let kept = Kept::default();
        let spans = provider(kept.clone(), "chatdesk-inbox");
        let logged = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(EnvFilter::new("info"));
        let subscriber = tracing_subscriber::registry().with(logged).with(layer(&spans).with_filter(filter()));
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..3 {
                // Asked for, and not made.
                let _ = tracing::event_enabled!(target: "sqlx::query", tracing::Level::WARN);
                tracing::info_span!(target: "chatdesk_platform", "work", kind = "send").in_scope(|| {});
            }
        });
        spans.force_flush().unwrap();
        assert_eq!(kept.0.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn traces_go_where_they_are_wanted() {
        assert!(collector(&Vars::fixed([("A", "b")]), "chatdesk").unwrap().is_none());
        let at = |url: &'static str| collector(&Vars::fixed([("OTEL_EXPORTER_OTLP_ENDPOINT", url)]), "chatdesk");
        assert!(at("http://127.0.0.1:1").unwrap().is_some());
        assert_eq!(at("127.0.0.1:4318").unwrap_err().name, "OTEL_EXPORTER_OTLP_ENDPOINT");
    }
}
