//! What stands before every service, asked over the wire and within one process.

use std::future::pending;
use std::sync::Arc;

use chatdesk_platform::grpc::{Guard, Peer, caller, serve};
use chatdesk_platform::{AccessTable, Allow, Problem, Role, Shutdown, UserId};
use chatdesk_proto::catalog::v1 as proto;
use proto::search_service_client::SearchServiceClient;
use proto::search_service_server::{SearchService, SearchServiceServer};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::service::{Routes, RoutesBuilder};
use tonic::transport::Endpoint;
use tonic::{Code, Request, Response, Status};
use tower::Layer as _;

use super::*;

const SEARCH: AccessTable = &[("/chatdesk.catalog.v1.SearchService/Search", &[Allow::Member(Role::Agent)])];

/// Does what the question says: `panic`, `wait` for ever, or answer.
#[derive(Clone)]
struct Probe {
    calls: UnboundedSender<Caller>,
    dropped: Arc<()>,
}

#[tonic::async_trait]
impl SearchService for Probe {
    async fn search(&self, request: Request<proto::SearchRequest>) -> Result<Response<proto::SearchResponse>, Status> {
        let _running = Arc::clone(&self.dropped);
        let _ = self.calls.send(caller(&request)?);
        match request.get_ref().text.as_str() {
            "panic" => panic!("a defect"),
            "wait" => pending().await,
            _ => Ok(Response::new(proto::SearchResponse::default())),
        }
    }
}

/// A guarded service, reachable both ways.
struct Guarded {
    routes: Routes,
    url: String,
    calls: UnboundedReceiver<Caller>,
    running: Arc<()>,
    _shutdown: Shutdown,
}

impl Guarded {
    async fn new(access: AccessTable, room: usize) -> Self {
        let (calls, seen) = unbounded_channel();
        let running = Arc::new(());
        let probe = Probe { calls, dropped: Arc::clone(&running) };
        let guard = Guard::new(keys().verifier(ServiceName::Catalog), access, room);
        let mut routes = RoutesBuilder::default();
        routes.add_service(guard.layer(SearchServiceServer::new(probe)));
        let (routes, shutdown) = (routes.routes(), Shutdown::default());
        let address = serve(([127, 0, 0, 1], 0).into(), routes.clone(), &Default::default(), &shutdown).await.unwrap();
        Self { routes, url: format!("http://{address}"), calls: seen, running, _shutdown: shutdown }
    }

    /// The same service in this process and over HTTP/2, as somebody who believes it is `audience`.
    fn both(&self, issuer: ServiceName, audience: ServiceName, clock: &Clock) -> [Peer; 2] {
        let minter = || keys().minter(issuer).unwrap();
        let remote = Peer::remote(audience, &self.url, &Default::default(), minter(), clock.clone()).unwrap();
        [Peer::direct(audience, self.routes.clone(), minter(), clock.clone()), remote]
    }

    fn gateway(&self) -> [Peer; 2] {
        self.both(ServiceName::Gateway, ServiceName::Catalog, &Clock::system())
    }
}

fn member(role: Role) -> Identity {
    Identity::Member { tenant: tenant(), user: UserId(new_id()), role }
}

async fn ask(peer: &Peer, who: &Identity, text: &str, deadline: Duration) -> Result<(), Status> {
    let client = peer.client(who, deadline, Some("request-1")).unwrap();
    let request = proto::SearchRequest { text: text.to_owned(), ..Default::default() };
    SearchServiceClient::new(client).search(request).await.map(|_| ())
}

async fn code(peer: &Peer, who: &Identity, text: &str) -> Code {
    ask(peer, who, text, LONG).await.map_or_else(|status| status.code(), |()| Code::Ok)
}

#[tokio::test]
async fn a_proved_caller_reaches_the_method() {
    let mut guarded = Guarded::new(SEARCH, 8).await;
    for peer in guarded.gateway() {
        let who = member(Role::Agent);
        assert_eq!(code(&peer, &who, "").await, Code::Ok);
        let seen = guarded.calls.recv().await.unwrap();
        assert_eq!((seen.identity(), seen.issuer()), (who, ServiceName::Gateway));
    }
}

#[tokio::test]
async fn without_a_token_nobody_is_let_in() {
    let mut guarded = Guarded::new(SEARCH, 8).await;
    let channel = Endpoint::from_shared(guarded.url.clone()).unwrap().connect().await.unwrap();
    for header in [None, Some(""), Some("Bearer "), Some("Bearer x.y.z"), Some("Basic eDp5")] {
        let mut request = Request::new(proto::SearchRequest::default());
        if let Some(header) = header {
            request.metadata_mut().insert("authorization", header.parse().unwrap());
        }
        let status = SearchServiceClient::new(channel.clone()).search(request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::Unauthenticated, "not authenticated"), "{header:?}");
    }
    assert!(guarded.calls.try_recv().is_err());
}

#[tokio::test]
async fn a_token_for_others_from_others_or_of_yesterday_is_refused() {
    let mut guarded = Guarded::new(SEARCH, 8).await;
    let who = member(Role::Owner);
    let (old, _) = Clock::manual(Clock::system().now() - chrono::TimeDelta::minutes(5));
    let (early, _) = Clock::manual(Clock::system().now() + chrono::TimeDelta::minutes(5));
    let now = Clock::system();
    let wrong = [
        guarded.both(ServiceName::Gateway, ServiceName::Inbox, &now),
        guarded.both(ServiceName::Inbox, ServiceName::Catalog, &now),
        guarded.both(ServiceName::Ai, ServiceName::Catalog, &now),
        guarded.both(ServiceName::Gateway, ServiceName::Catalog, &old),
        guarded.both(ServiceName::Gateway, ServiceName::Catalog, &early),
    ];
    for peer in wrong.as_flattened() {
        assert_eq!(code(peer, &who, "").await, Code::Unauthenticated);
    }
    assert!(guarded.calls.try_recv().is_err());
}

#[tokio::test]
async fn who_may_not_is_refused_and_so_is_a_method_that_is_not_listed() {
    let mut guarded = Guarded::new(SEARCH, 8).await;
    let mut closed = Guarded::new(&[], 8).await;
    for (peer, closed) in guarded.gateway().iter().zip(&closed.gateway()) {
        assert_eq!(code(peer, &member(Role::Viewer), "").await, Code::PermissionDenied);
        assert_eq!(code(peer, &Identity::PlatformAdmin { user: UserId(new_id()) }, "").await, Code::PermissionDenied);
        assert_eq!(code(closed, &member(Role::Owner), "").await, Code::PermissionDenied);
    }
    for peer in guarded.both(ServiceName::Ai, ServiceName::Catalog, &Clock::system()) {
        let who = Identity::Service { name: ServiceName::Ai, tenant: Some(tenant()) };
        assert_eq!(code(&peer, &who, "").await, Code::PermissionDenied);
    }
    assert!(guarded.calls.try_recv().is_err() && closed.calls.try_recv().is_err());
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_and_so_does_its_work() {
    let mut guarded = Guarded::new(SEARCH, 1).await;
    for peer in guarded.gateway() {
        let late = ask(&peer, &member(Role::Agent), "wait", Duration::from_millis(50)).await.unwrap_err();
        // Over HTTP/2 either side may notice first: tonic's client calls its own deadline cancelled.
        assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
        guarded.calls.recv().await.unwrap();
        // The probe's own hold and this test's are left: the handler is gone, and its room is free.
        let handlers = || async { Arc::strong_count(&guarded.running) };
        until("the handler is dropped", || async { handlers().await <= 2 }).await;
        until("there is room", || async { code(&peer, &member(Role::Agent), "").await == Code::Ok }).await;
        while guarded.calls.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn one_call_too_many_is_refused_at_once() {
    let mut guarded = Guarded::new(SEARCH, 1).await;
    for peer in guarded.gateway() {
        let who = member(Role::Agent);
        let held = tokio::spawn({
            let peer = peer.clone();
            async move { ask(&peer, &who, "wait", LONG).await }
        });
        guarded.calls.recv().await.unwrap();
        let refused = ask(&peer, &who, "", LONG).await.unwrap_err();
        let problem = Problem::from(&refused);
        assert_eq!((problem.status, problem.code.as_str()), (Code::ResourceExhausted, "overloaded"));
        held.abort();
        until("there is room again", || async { code(&peer, &who, "").await == Code::Ok }).await;
        while guarded.calls.try_recv().is_ok() {}
    }
}

#[tokio::test]
async fn a_panic_is_an_internal_error_and_the_service_lives() {
    let guarded = Guarded::new(SEARCH, 1).await;
    for peer in guarded.gateway() {
        let who = member(Role::Agent);
        for _ in 0..3 {
            let status = ask(&peer, &who, "panic", LONG).await.unwrap_err();
            assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
        }
        assert_eq!(code(&peer, &who, "").await, Code::Ok);
    }
}
