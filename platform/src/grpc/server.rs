//! The called side. Every request passes one guard: who is it, may they, is there room, how long may it take.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::{Request, Status};
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::{REQUEST_ID, Tls};
use crate::{AccessTable, Caller, Error, Shutdown, Verifier, access, trace};

/// The longest a call may take when the caller names no deadline, or a longer one. A stream from the service is a call until it begins.
const LONGEST: Duration = Duration::from_secs(60);

/// Who called, as the guard proved it. Without a guard in front there is no caller, and that is refused.
pub fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request.extensions().get::<Caller>().copied().ok_or_else(|| Error::Unauthenticated.into())
}

/// Stands before a service's methods: `routes.add_service(guard.layer(XServer::new(..)))`.
#[derive(Clone)]
pub struct Guard {
    verifier: Verifier,
    access: AccessTable,
    room: Arc<Semaphore>,
    lasting: &'static [(&'static str, Duration)],
}

impl Guard {
    /// At most `concurrent` calls run at once; one more is refused at once with RESOURCE_EXHAUSTED.
    #[must_use]
    pub fn new(verifier: Verifier, access: AccessTable, concurrent: usize) -> Self {
        Self { verifier, access, room: Arc::new(Semaphore::new(concurrent)), lasting: &[] }
    }

    /// The same, with methods that may take longer than a minute, and how long: those that a stream comes in through.
    #[must_use]
    pub const fn lasting(mut self, methods: &'static [(&'static str, Duration)]) -> Self {
        self.lasting = methods;
        self
    }

    fn longest(&self, method: &str) -> Duration {
        self.lasting.iter().find(|(name, _)| *name == method).map_or(LONGEST, |(_, longest)| *longest)
    }

    fn admit<B>(&self, request: &http::Request<B>) -> Result<Caller, Status> {
        let header = request.headers().get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|text| text.strip_prefix("Bearer ")).ok_or(Error::Unauthenticated)?;
        let caller = self.verifier.verify(token).ok_or(Error::Unauthenticated)?;
        if access::allowed(self.access, request.uri().path(), &caller) {
            Ok(caller)
        } else if caller.acting().is_some() {
            Err(Error::ReadOnly.into())
        } else {
            Err(Error::Forbidden.into())
        }
    }
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;
    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, guard: self.clone() }
    }
}

/// A service behind the guard. Still a named gRPC service, so several can share one address.
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    guard: Guard,
}

impl<S: NamedService> NamedService for Guarded<S> {
    const NAME: &'static str = S::NAME;
}

impl<S, B, R> Service<http::Request<B>> for Guarded<S>
where
    S: Service<http::Request<B>, Response = http::Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default + Send,
{
    type Response = http::Response<R>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        // The instance that was ready is the one to call (tower's `Service` contract).
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let guard = self.guard.clone();
        let method = request.uri().path().to_owned();
        let request_id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-").to_owned();
        let span = tracing::info_span!("grpc", rpc.method = %method, request_id = %request_id);
        let there = request.headers().get(trace::TRACEPARENT).and_then(|there| there.to_str().ok());
        trace::go_on(&span, there);
        let run = async move {
            let caller = match guard.admit(&request) {
                Ok(caller) => caller,
                Err(status) => return Ok(status.into_http()),
            };
            let Ok(_permit) = guard.room.clone().try_acquire_owned() else {
                return Ok(Status::from(Error::Exhausted { code: "overloaded", retry_after: None }).into_http());
            };
            let longest = guard.longest(request.uri().path());
            let limit = deadline(request.headers()).unwrap_or(longest).min(longest);
            request.extensions_mut().insert(caller);
            let answer = AssertUnwindSafe(inner.call(request)).catch_unwind();
            match tokio::time::timeout(limit, answer).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(_panic)) => Ok(Status::from(Error::internal("a handler panicked")).into_http()),
                Err(_elapsed) => Ok(Status::from(Error::DeadlineExceeded).into_http()),
            }
        };
        Box::pin(run.instrument(span))
    }
}

/// The caller's deadline, as the gRPC protocol writes it: digits and a unit (grpc.io, "gRPC over HTTP2", Timeout).
fn deadline(headers: &http::HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let unit = text.chars().last().filter(char::is_ascii)?;
    let digits = &text[..text.len() - 1];
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        'H' => Some(Duration::from_secs(amount * 3600)),
        'M' => Some(Duration::from_secs(amount * 60)),
        'S' => Some(Duration::from_secs(amount)),
        'm' => Some(Duration::from_millis(amount)),
        'u' => Some(Duration::from_micros(amount)),
        'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Tokens would cross a network in the clear.
    #[error("{0} is not on this machine: set TLS_CERT_FILE and TLS_KEY_FILE, or listen on 127.0.0.1")]
    PlainText(SocketAddr),
    /// The certificate or the key cannot be used.
    #[error("TLS_CERT_FILE or TLS_KEY_FILE cannot be used")]
    Tls(#[from] tonic::transport::Error),
    /// The address cannot be had.
    #[error("cannot listen on {0} ({1}): stop what uses it, or set another address in the environment")]
    Address(SocketAddr, std::io::Error),
}

/// Serves routes over HTTP/2 until the shutdown begins, and returns the address they are reachable at.
pub async fn serve(
    address: SocketAddr,
    routes: Routes,
    tls: &Tls,
    shutdown: &Shutdown,
) -> Result<SocketAddr, ServeError> {
    let mut server = Server::builder()
        .tcp_nodelay(true)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .max_concurrent_streams(1024);
    match tls.server() {
        Some(config) => server = server.tls_config(config)?,
        None if address.ip().is_loopback() => {}
        None => return Err(ServeError::PlainText(address)),
    }
    let listener = TcpListener::bind(address).await.map_err(|error| ServeError::Address(address, error))?;
    let bound = listener.local_addr().map_err(|error| ServeError::Address(address, error))?;
    let stop = shutdown.token().cancelled_owned();
    let serving = server.add_routes(routes).serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop);
    shutdown.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the gRPC server ended");
        }
    });
    Ok(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_deadlines_as_the_protocol_writes_them() {
        let read = |text: &str| {
            let mut headers = http::HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            deadline(&headers)
        };
        assert_eq!(read("1500m"), Some(Duration::from_millis(1500)));
        assert_eq!(read("2S"), Some(Duration::from_secs(2)));
        for bad in ["", "S", "9999999999S", "-1S", "5x", "1.5S"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
