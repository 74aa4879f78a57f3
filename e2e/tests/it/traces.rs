//! Traces as a collector gets them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::fleet::Fleet;
use crate::process::eventually;
use crate::shop::{GOODS, register};

/// What processes handed over, and the bytes they sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<(Vec<ExportTraceServiceRequest>, Vec<u8>)>>);

impl Collector {
    /// Listens until the test is over, and gives where.
    async fn start() -> (Self, String) {
        let collector = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let kept = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(kept.clone().take(stream));
            }
        });
        (collector, url)
    }

    /// Takes what one connection brings, as far as HTTP is needed for it.
    async fn take(self, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        while stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.expect("a length").parse().expect("a number");
            if bytes.len() < end + 4 + length {
                continue;
            }
            let body: Vec<u8> = bytes.drain(..end + 4 + length).skip(end + 4).collect();
            let request = ExportTraceServiceRequest::decode(&*body).expect("spans");
            {
                let mut kept = self.0.lock().expect("nobody panics here");
                kept.0.push(request);
                kept.1.extend(body);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("it is still there");
        }
    }

    /// The spans by their trace: each as its process and its name.
    fn traces(&self) -> HashMap<Vec<u8>, BTreeSet<(String, String)>> {
        let mut traces = HashMap::<_, BTreeSet<_>>::new();
        for resource in self.0.lock().expect("nobody panics here").0.iter().flat_map(|request| &request.resource_spans)
        {
            let named = resource.resource.iter().flat_map(|resource| &resource.attributes);
            let process =
                named.filter(|pair| pair.key == "service.name").map(|pair| format!("{:?}", pair.value)).collect();
            let process: String = process;
            let process = ["gateway", "tenants", "inbox", "catalog", "ai"]
                .into_iter()
                .find(|name| process.contains(&format!("chatdesk-{name}")));
            for span in resource.scope_spans.iter().flat_map(|scope| &scope.spans) {
                let process = process.expect("every process says which it is").to_owned();
                traces.entry(span.trace_id.clone()).or_default().insert((process, span.name.clone()));
            }
        }
        traces
    }
}

#[tokio::test]
async fn a_message_has_one_trace_from_its_webhook_to_its_answer() {
    let (collector, url) = Collector::start().await;
    let mut fleet = Fleet::prepare(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_BSP_SCHEDULE_DELAY", "100")]).await;
    let mut processes = Vec::new();
    for service in ["tenants", "catalog", "ai", "inbox"] {
        processes.push(fleet.serve(service).await);
    }
    let (_gateway, api) = fleet.gateway().await;
    fleet.sandbox.set_webhook_target(api.base());
    let shop = register(&api, "Tiệm Dấu").await;
    for (product, price, status) in GOODS {
        shop.product(product, price, status).await;
    }
    let page = fleet.page(chatdesk_meta::Platform::Facebook);
    shop.connect(&page).await.expect(201);
    fleet.write(&page, "67000000000021", "Quần jean xanh giá bao nhiêu?").await;

    let way = [
        ("gateway", "POST /api/webhooks/facebook"),
        ("inbox", "chatdesk.inbox.v1.WebhookService/Ingest"),
        ("inbox", "work ingest"),
        ("inbox", "work reply"),
        ("ai", "chatdesk.ai.v1.AnswerService/Answer"),
        ("catalog", "chatdesk.catalog.v1.SearchService/Search"),
        ("inbox", "work send"),
        ("tenants", "chatdesk.tenants.v1.ChannelService/SendText"),
    ];
    let way: BTreeSet<_> = way.iter().map(|(process, span)| ((*process).to_owned(), (*span).to_owned())).collect();
    eventually("one trace holds the whole way", || async {
        collector.traces().values().any(|spans| spans.is_superset(&way)).then_some(())
    })
    .await;

    let bytes = collector.0.lock().expect("nobody panics here").1.clone();
    let sent = String::from_utf8_lossy(&bytes);
    let token = page["access_token"].as_str().expect("a token");
    for never in ["jean", "giá", "420000", "420.000", "Tiệm Dấu", token, shop.token.as_str(), "67000000000021"] {
        assert!(!sent.contains(never), "{never} got into a trace");
    }
}
