//! Where a piece of work stands in a trace, as one line of text that goes through calls and through due work (W3C Trace Context, `traceparent`).
//! Nothing at all unless traces are collected.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The name it goes by in a call's metadata.
pub const TRACEPARENT: &str = "traceparent";

/// Whether anybody collects; without, every call would be asked for nothing.
static COLLECTED: AtomicBool = AtomicBool::new(false);

/// Traces are collected from now on.
pub(crate) fn collect() {
    COLLECTED.store(true, Ordering::Relaxed);
}

/// The present span, for what goes on elsewhere or later; none when nothing is collected.
#[must_use]
pub fn here() -> Option<String> {
    if !COLLECTED.load(Ordering::Relaxed) {
        return None;
    }
    let context = Span::current().context();
    let span = context.span();
    write(span.span_context())
}

/// Makes a span, which nobody has entered yet, go on with what was under way there. What is not a `traceparent` is nothing.
pub fn go_on(span: &Span, traceparent: Option<&str>) {
    if let Some(there) = traceparent.filter(|_| COLLECTED.load(Ordering::Relaxed)).and_then(read)
        && let Err(error) = span.set_parent(Context::new().with_remote_span_context(there))
    {
        tracing::debug!(error = &error as &dyn std::error::Error, "a span begins a trace of its own");
    }
}

fn write(span: &SpanContext) -> Option<String> {
    let flags = (span.trace_flags() & TraceFlags::SAMPLED).to_u8();
    span.is_valid().then(|| format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()))
}

/// Version 00; later ones begin like it and are read as if they were it (W3C Trace Context §4.3).
fn read(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if !is_hex(version, 2) || version == "ff" || !is_hex(trace, 32) || !is_hex(span, 16) || !is_hex(flags, 2) {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_rest_is_nothing() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(read(text).and_then(|span| write(&span)).as_deref(), Some(text));
        let unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        assert_eq!(read(unsampled).and_then(|span| write(&span)).as_deref(), Some(unsampled));
        for nothing in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
            "a customer's words",
        ] {
            assert!(read(nothing).is_none(), "{nothing}");
        }
    }
}
