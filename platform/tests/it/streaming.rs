//! A call that streams in, through the guard, over the wire and within one process: whole, no faster than it is read, and over when either
//! side goes.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use chatdesk_platform::grpc::{Guard, Peer, caller, serve};
use chatdesk_platform::{AccessTable, Allow, Role, Shutdown, UserId};
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use chatdesk_proto::tenants::v1::{UploadAttachmentRequest, UploadedAttachment};
use futures::{Stream, StreamExt as _, stream};
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::{ClientStreamingService, NamedService};
use tonic::service::RoutesBuilder;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_prost::ProstCodec;
use tower::{Layer as _, Service};

use super::*;

const METHOD: &str = "/test.v1.Taking/Take";
const ACCESS: AccessTable = &[(METHOD, &[Allow::Member(Role::Agent)])];
const CHUNK: usize = 256 * 1024;

/// Takes bytes and says how many. A first byte of 1 makes it wait for ever instead.
#[derive(Clone, Default)]
struct Taking {
    /// Messages read, all in all.
    read: Arc<AtomicUsize>,
    /// The most messages that were made and not yet read.
    ahead: Arc<AtomicUsize>,
    /// Messages that clients made.
    made: Arc<AtomicUsize>,
}

impl NamedService for Taking {
    const NAME: &'static str = "test.v1.Taking";
}

impl ClientStreamingService<UploadAttachmentRequest> for Taking {
    type Response = UploadedAttachment;
    type Future = Pin<Box<dyn Future<Output = Result<Response<UploadedAttachment>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<UploadAttachmentRequest>>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let name = caller(&request)?.tenant().map(|tenant| tenant.to_string()).unwrap_or_default();
            let (mut parts, mut size) = (request.into_inner(), 0);
            while let Some(UploadAttachmentRequest { part }) = parts.message().await? {
                let Some(Part::Chunk(chunk)) = part else { return Err(Status::invalid_argument("not a chunk")) };
                let read = this.read.fetch_add(1, Ordering::SeqCst) + 1;
                let ahead = this.made.load(Ordering::SeqCst).saturating_sub(read);
                this.ahead.fetch_max(ahead, Ordering::SeqCst);
                if chunk.first() == Some(&1) {
                    pending::<()>().await;
                }
                size += chunk.len() as u64;
            }
            Ok(Response::new(UploadedAttachment { name, size, ..Default::default() }))
        })
    }
}

impl Service<http::Request<Body>> for Taking {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let method = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::<UploadedAttachment, UploadAttachmentRequest>::default();
            Ok(tonic::server::Grpc::new(codec).client_streaming(method, request).await)
        })
    }
}

/// The service, and both ways to it.
async fn world(lasting: &'static [(&'static str, Duration)]) -> (Taking, [Peer; 2], Shutdown) {
    let (taking, shutdown) = (Taking::default(), Shutdown::default());
    let guard = Guard::new(keys().verifier(ServiceName::Tenants), ACCESS, 1).lasting(lasting);
    let mut routes = RoutesBuilder::default();
    routes.add_service(guard.layer(taking.clone()));
    let routes = routes.routes();
    let address = serve(([127, 0, 0, 1], 0).into(), routes.clone(), &Default::default(), &shutdown).await.unwrap();
    let minter = || keys().minter(ServiceName::Gateway).unwrap();
    let (to, url, clock) = (ServiceName::Tenants, format!("http://{address}"), Clock::system());
    let remote = Peer::remote(to, &url, &Default::default(), minter(), clock.clone()).unwrap();
    (taking, [Peer::direct(to, routes, minter(), clock), remote], shutdown)
}

async fn take(
    peer: &Peer,
    who: &Identity,
    parts: impl Stream<Item = UploadAttachmentRequest> + Send + 'static,
) -> Result<UploadedAttachment, Status> {
    let mut client = tonic::client::Grpc::new(peer.client(who, LONG, None).unwrap());
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = ProstCodec::<UploadAttachmentRequest, UploadedAttachment>::default();
    let path = http::uri::PathAndQuery::from_static(METHOD);
    Ok(client.client_streaming(Request::new(parts), path, codec).await?.into_inner())
}

fn member(role: Role) -> Identity {
    Identity::Member { tenant: tenant(), user: UserId(new_id()), role }
}

fn chunk(first: u8) -> UploadAttachmentRequest {
    let mut bytes = vec![0; CHUNK];
    bytes[0] = first;
    UploadAttachmentRequest { part: Some(Part::Chunk(bytes)) }
}

#[tokio::test]
async fn all_of_it_arrives_no_faster_than_it_is_read() {
    let (taking, peers, _shutdown) = world(&[]).await;
    for peer in &peers {
        taking.made.store(0, Ordering::SeqCst);
        taking.read.store(0, Ordering::SeqCst);
        let (who, made) = (member(Role::Agent), Arc::clone(&taking.made));
        let parts = stream::iter(0..100).map(move |_| {
            made.fetch_add(1, Ordering::SeqCst);
            chunk(0)
        });
        let taken = take(peer, &who, parts).await.unwrap();
        assert_eq!((taken.size, taken.name), (100 * CHUNK as u64, who.tenant().unwrap().to_string()));
    }
    // 100 messages of 256 KiB: what waits on the way is a few of them.
    let ahead = taking.ahead.load(Ordering::SeqCst);
    assert!(ahead <= 8, "{ahead}");
}

#[tokio::test]
async fn whoever_may_not_is_refused_before_anything_is_read() {
    let (taking, peers, _shutdown) = world(&[]).await;
    for peer in &peers {
        let endless = stream::repeat_with(|| chunk(0));
        let refused = take(peer, &member(Role::Viewer), endless).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    }
    assert_eq!(taking.read.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_the_call_along() {
    let (taking, peers, _shutdown) = world(&[]).await;
    for peer in &peers {
        taking.read.store(0, Ordering::SeqCst);
        // One chunk, and then nothing more without an end.
        let parts = stream::once(async { chunk(0) }).chain(stream::pending());
        let call = tokio::spawn({
            let (peer, who) = (peer.clone(), member(Role::Agent));
            async move { take(&peer, &who, parts).await }
        });
        until("the first chunk", || async { taking.read.load(Ordering::SeqCst) == 1 }).await;
        call.abort();
        // There is room for one call: the next gets in when this one is over.
        until("room", || async { take(peer, &member(Role::Agent), stream::iter([chunk(0)])).await.is_ok() }).await;
    }
}

#[tokio::test]
async fn a_method_may_have_a_limit_of_its_own() {
    const SHORT: &[(&str, Duration)] = &[(METHOD, Duration::from_millis(50))];
    let (_, peers, _shutdown) = world(SHORT).await;
    for peer in &peers {
        let late = take(peer, &member(Role::Agent), stream::iter([chunk(1)])).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
    }
}
