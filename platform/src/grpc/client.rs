//! The calling side: a transport that is either the service itself or a connection to it, and who is calling.

use std::net::IpAddr;
use std::time::Duration;

use tonic::body::Body;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt as _, service_fn};

use super::bearer::Bearers;
use super::{REQUEST_ID, Tls};
use crate::{Clock, Identity, Minter, ServiceName, trace};

/// Why a request did not get an answer.
#[derive(Debug, thiserror::Error)]
#[error("the service did not answer")]
pub struct TransportError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Takes requests to one service, wherever it runs.
pub type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, TransportError>;

/// What generated clients are made over: `XClient<Client>`.
pub type Client = InterceptedService<Transport, Attach>;

/// An address that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Not a URL.
    #[error("{0} is not a URL such as http://127.0.0.1:8082")]
    Malformed(String),
    /// Plain HTTP would carry tokens over a network.
    #[error("{0} is not on this machine: use https")]
    PlainText(String),
    /// The TLS settings were refused.
    #[error("TLS cannot be set up")]
    Tls(#[from] tonic::transport::Error),
}

/// One service as seen by another: where it is, and how to vouch for a caller.
#[derive(Clone)]
pub struct Peer {
    transport: Transport,
    bearers: Bearers,
}

impl Peer {
    /// The service in this process: requests go straight into its routes, without HTTP/2 in between.
    #[must_use]
    pub fn direct(audience: ServiceName, routes: tonic::service::Routes, minter: Minter, clock: Clock) -> Self {
        let routes = routes.prepare();
        let transport = service_fn(move |request: http::Request<Body>| {
            let routes = routes.clone();
            async move { routes.oneshot(request).await.map_err(|never| match never {}) }
        });
        Self { transport: BoxCloneSyncService::new(transport), bearers: Bearers::new(audience, minter, clock) }
    }

    /// The service at an address. Connects when it is first called and again whenever the connection was lost.
    pub fn remote(
        audience: ServiceName,
        url: &str,
        tls: &Tls,
        minter: Minter,
        clock: Clock,
    ) -> Result<Self, ConnectError> {
        let malformed = || ConnectError::Malformed(url.to_owned());
        let uri: http::Uri = url.parse().map_err(|_| malformed())?;
        let host = uri.host().ok_or_else(malformed)?;
        let mut endpoint = Endpoint::from(uri.clone())
            .connect_timeout(Duration::from_secs(3))
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        match uri.scheme_str() {
            Some("https") => endpoint = endpoint.tls_config(tls.client())?,
            Some("http") if is_loopback(host) => {}
            Some("http") => return Err(ConnectError::PlainText(url.to_owned())),
            _ => return Err(malformed()),
        }
        let channel: Channel = endpoint.connect_lazy();
        let transport = channel.map_err(|error| TransportError(error.into()));
        let bearers = Bearers::new(audience, minter, clock);
        Ok(Self { transport: BoxCloneSyncService::new(transport), bearers })
    }

    /// A client's foundation that calls as `identity`, for at most `deadline`, within the request of this id.
    pub fn client(&self, identity: &Identity, deadline: Duration, request_id: Option<&str>) -> Result<Client, Status> {
        self.client_from(identity, None, deadline, request_id)
    }

    /// The same for a person whose request came from `address`.
    pub fn client_from(
        &self,
        identity: &Identity,
        address: Option<IpAddr>,
        deadline: Duration,
        request_id: Option<&str>,
    ) -> Result<Client, Status> {
        let request_id = request_id.and_then(|id| MetadataValue::try_from(id).ok());
        let attach = Attach { bearer: self.bearers.of(identity, address)?, deadline, request_id };
        Ok(InterceptedService::new(self.transport.clone(), attach))
    }

    /// A client's foundation for this service's own work, for a tenant or for none.
    pub fn own_client(&self, tenant: Option<crate::TenantId>, deadline: Duration) -> Result<Client, Status> {
        self.client(&Identity::Service { name: self.bearers.issuer(), tenant }, deadline, None)
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Adds the caller's token, the deadline, the request id and the present span to every call.
#[derive(Clone)]
pub struct Attach {
    bearer: MetadataValue<Ascii>,
    deadline: Duration,
    request_id: Option<MetadataValue<Ascii>>,
}

impl Interceptor for Attach {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.bearer.clone());
        if let Some(id) = &self.request_id {
            request.metadata_mut().insert(REQUEST_ID, id.clone());
        }
        if let Some(here) = trace::here().and_then(|here| MetadataValue::try_from(here).ok()) {
            request.metadata_mut().insert(trace::TRACEPARENT, here);
        }
        request.set_timeout(self.deadline);
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["10.0.0.1", "example.com", "localhost.example.com", "[::2]", "0.0.0.0"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
