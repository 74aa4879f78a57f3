//! Live events: numbered without gaps, followed as they happen, and resumed after a break.

use std::time::Duration;

use chatdesk_platform::grpc::{self, Peer};
use chatdesk_platform::{Clock, Problem, Role, ServiceName};
use chatdesk_proto::inbox::v1::event::Resource;
use chatdesk_proto::inbox::v1::event_service_client::EventServiceClient;
use chatdesk_proto::inbox::v1::webhook_service_client::WebhookServiceClient;
use chatdesk_proto::inbox::v1::{Event, EventType, IngestRequest, WatchEventsRequest};
use chatdesk_proto::tenants::v1::Platform;
use tonic::{Code, Status, Streaming};

use crate::house::{House, keyring, message, now_ms, page};

async fn watch(house: &House, after_seq: Option<u64>) -> Streaming<Event> {
    let client = &mut EventServiceClient::new(house.as_role(Role::Viewer));
    client.watch_events(WatchEventsRequest { after_seq }).await.unwrap().into_inner()
}

async fn next(stream: &mut Streaming<Event>) -> Result<Option<Event>, Status> {
    tokio::time::timeout(Duration::from_secs(20), stream.message()).await.expect("no event came")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_says_hello_and_then_everything_in_order() {
    let house = House::new().await;
    let mut stream = watch(&house, None).await;
    let hello = next(&mut stream).await.unwrap().unwrap();
    assert_eq!((hello.seq, hello.r#type(), hello.resource), (0, EventType::Unspecified, None));
    house.writes("c1", "one").await;
    let mut kinds = Vec::new();
    let mut last = 0;
    loop {
        let event = next(&mut stream).await.unwrap().unwrap();
        assert_eq!(event.seq, last + 1);
        last = event.seq;
        kinds.push(event.r#type());
        if let Some(Resource::Message(message)) = &event.resource
            && message.content == "re: one"
            && message.status() == chatdesk_proto::inbox::v1::MessageStatus::Sent
        {
            break;
        }
    }
    assert_eq!(kinds[..2], [EventType::ConversationCreated, EventType::MessageCreated]);
    assert!(kinds.contains(&EventType::ConversationUpdated));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_network_it_is_the_same() {
    let house = House::new().await;
    let mut builder = tonic::service::Routes::builder();
    house.service.add_to(&mut builder);
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let address = grpc::serve(any, builder.routes(), &Default::default(), &house.shutdown).await.unwrap();
    let minter = keyring().minter(ServiceName::Gateway).unwrap();
    let remote =
        Peer::remote(ServiceName::Inbox, &format!("http://{address}"), &Default::default(), minter, Clock::system())
            .unwrap();
    let long = Duration::from_secs(20);
    let watcher = remote.own_client(Some(house.shop.tenant), long).unwrap();
    let request = WatchEventsRequest { after_seq: None };
    let mut stream = EventServiceClient::new(watcher).watch_events(request).await.unwrap().into_inner();
    assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, 0);
    // As large as a body may be, with spaces that mean nothing.
    let mut body = page(&house.shop, vec![message("c1", "m1", "one", now_ms())]).to_string().into_bytes();
    body.resize(8 * 1024 * 1024, b' ');
    let request = IngestRequest { platform: Platform::Facebook.into(), body };
    WebhookServiceClient::new(remote.own_client(None, long).unwrap()).ingest(request).await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, 1);
    house.shutdown.begin();
    while let Ok(Some(_)) = next(&mut stream).await {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gaps_whoever_writes_at_once() {
    let house = House::new().await;
    let mut stream = watch(&house, Some(0)).await;
    next(&mut stream).await.unwrap();
    let users: Vec<String> = (0..10).map(|n| format!("c{n}")).collect();
    let writes = (0..60).map(|n| house.writes(&users[n % 10], "hello"));
    futures::future::join_all(writes).await;
    house.idle().await;
    let page = house.events(0).await;
    let seqs: Vec<u64> = page.items.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=page.current_seq).collect::<Vec<_>>());
    assert!(!page.resync);
    for want in 1..=page.current_seq {
        assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, want);
    }
    let created = page.items.iter().filter(|event| event.r#type() == EventType::MessageCreated).count();
    assert_eq!(created, 60 + house.sent().len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_stream_gets_what_it_missed_and_nothing_twice() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.idle().await;
    let all = house.events(0).await.items;
    let mut stream = watch(&house, Some(2)).await;
    assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, all.len() as u64);
    for want in 3..=all.len() as u64 {
        assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, want);
    }
    assert_eq!(house.events(2).await.items[0].seq, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_point_that_is_forgotten_or_never_was_is_a_resync() {
    let house = House::new().await;
    house.writes("c1", "one").await;
    house.idle().await;
    let current = house.events(0).await.current_seq;
    house.sql("delete from inbox.events where seq <= 2").await;
    assert!(house.events(1).await.resync);
    assert!(!house.events(2).await.resync);
    assert!(house.events(current + 10).await.resync);
    assert!(!house.events(current).await.resync);
    for after in [1, current + 10] {
        let mut stream = watch(&house, Some(after)).await;
        next(&mut stream).await.unwrap();
        let error = next(&mut stream).await.unwrap_err();
        assert_eq!((error.code(), Problem::from(&error).code.as_str()), (Code::FailedPrecondition, "resync"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_hears_only_its_own_tenant_and_ends_with_the_process() {
    let house = House::new().await;
    let client = &mut EventServiceClient::new(house.stranger());
    let mut stream = client.watch_events(WatchEventsRequest { after_seq: Some(0) }).await.unwrap().into_inner();
    assert_eq!(next(&mut stream).await.unwrap().unwrap().seq, 0);
    house.writes("c1", "one").await;
    house.idle().await;
    house.shutdown.begin();
    assert_eq!(next(&mut stream).await.unwrap(), None);
}
