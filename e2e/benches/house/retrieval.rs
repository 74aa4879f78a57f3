//! Fused retrieval over 10,000 products, against the bare vector scan as the same role.

use std::time::{Duration, Instant};

use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Identity, Keyring, Role, ServiceName, Shutdown, TenantId, UserId, Vars, new_id};
use chatdesk_proto::catalog::v1::index_service_client::IndexServiceClient;
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::search_service_client::SearchServiceClient;
use chatdesk_proto::catalog::v1::{
    ClaimEmbeddingsRequest, CreateProductRequest, Embedding, SearchRequest, StoreEmbeddingsRequest,
};
use futures::StreamExt as _;
use secrecy::ExposeSecret as _;
use sqlx::Connection as _;
use tonic::service::RoutesBuilder;

use crate::{Row, median};

const PRODUCTS: usize = 10_000;
const ROUNDS: usize = 120;
const MODEL: &str = "all-MiniLM-L6-v2";
const KINDS: [&str; 8] =
    ["Áo thun", "Quần jean", "Váy hoa", "Bình giữ nhiệt", "Túi vải", "Giày thể thao", "Nón lá", "Khăn lụa"];
const COLOURS: [&str; 10] = ["đỏ", "xanh", "đen", "trắng", "vàng", "hồng", "nâu", "xám", "tím", "kem"];

/// Deterministic unit vectors.
fn vector(seed: usize) -> Vec<f32> {
    let mut state = seed as u64 ^ 0x9e37_79b9_7f4a_7c15;
    let raw: Vec<f32> = (0..384)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / 16_777_216.0) - 0.5
        })
        .collect();
    let length = raw.iter().map(|value| value * value).sum::<f32>().sqrt();
    raw.into_iter().map(|value| value / length).collect()
}

pub async fn measure() -> Row {
    let db = TestDb::new().await;
    let keyring = Keyring::derived(&test_secret());
    let shutdown = Shutdown::default();
    let url = db.role_url("cd_catalog");
    // One connection, so that both sides use the same.
    let vars = Vars::fixed([("CATALOG_DATABASE_URL", url.expose_secret()), ("DB_CONNECTIONS", "4")]);
    let config = chatdesk_catalog::Config::from_vars(&vars).expect("a configuration");
    let service =
        chatdesk_catalog::Service::start(config, &keyring, Clock::system(), &shutdown).await.expect("it starts");
    let mut routes = RoutesBuilder::default();
    service.add_to(&mut routes);
    let routes = routes.routes();
    let peer = |from: ServiceName| {
        Peer::direct(ServiceName::Catalog, routes.clone(), keyring.minter(from).expect("a key"), Clock::system())
    };
    let tenant = TenantId(new_id());
    let owner = Identity::Member { tenant, user: UserId(new_id()), role: Role::Owner };
    let patience = Duration::from_secs(55);
    let client = || peer(ServiceName::Gateway).client(&owner, patience, None).expect("a token");

    futures::stream::iter(0..PRODUCTS)
        .for_each_concurrent(4, |number| {
            let mut products = ProductServiceClient::new(client());
            async move {
                let name =
                    format!("{} {} mẫu {number}", KINDS[number % KINDS.len()], COLOURS[number / 7 % COLOURS.len()]);
                let description =
                    format!("{name}, chất liệu bền đẹp, phù hợp đi làm và đi chơi, bảo hành đổi trả trong tuần");
                let request = CreateProductRequest {
                    name,
                    description,
                    price_minor: 100_000 + number as i64,
                    ..Default::default()
                };
                products.create_product(request).await.expect("it is made");
            }
        })
        .await;
    let mut embedded = 0;
    while embedded < PRODUCTS {
        let mut index = IndexServiceClient::new(peer(ServiceName::Ai).own_client(None, patience).expect("a token"));
        let claim = ClaimEmbeddingsRequest { model: MODEL.to_owned(), limit: 256, wait_ms: 1000 };
        let tasks = index.claim_embeddings(claim).await.expect("texts").into_inner().items;
        let items: Vec<Embedding> = (embedded..)
            .zip(tasks)
            .map(|(seed, task)| Embedding {
                product_id: task.product_id,
                text_hash: task.text_hash,
                vector: vector(seed),
            })
            .collect();
        embedded += items.len();
        let mut store =
            IndexServiceClient::new(peer(ServiceName::Ai).own_client(Some(tenant), patience).expect("a token"));
        store.store_embeddings(StoreEmbeddingsRequest { model: MODEL.to_owned(), items }).await.expect("kept");
    }
    let superuser = db.superuser().await;
    sqlx::raw_sql("vacuum analyze").execute(&superuser).await.expect("vacuum");

    let mut connection = sqlx::PgConnection::connect(url.expose_secret()).await.expect("the role connects");
    let (mut bare, mut fused) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let question = vector(1_000_000 + round);
        let literal = format!("[{}]", question.iter().map(ToString::to_string).collect::<Vec<_>>().join(","));
        let start = Instant::now();
        let mut tx = connection
            .begin_with(sqlx::AssertSqlSafe(format!("BEGIN; SELECT set_config('app.tenant_id', '{tenant}', true)")))
            .await
            .expect("begin");
        let nearest = sqlx::query("select product_id from catalog.vectors where tenant_id = $1 and model = $2 order by e <=> $3::text::halfvec limit 5")
            .bind(tenant.0)
            .bind(MODEL)
            .bind(literal)
            .fetch_all(&mut *tx)
            .await
            .expect("a scan");
        tx.commit().await.expect("commit");
        bare.push(start.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(nearest.len(), 5);

        let mut search = SearchServiceClient::new(client());
        let text = format!("{} {} giá bao nhiêu shop", KINDS[round % KINDS.len()], COLOURS[round % COLOURS.len()])
            .to_lowercase();
        let request = SearchRequest { text, vector: question, model: MODEL.to_owned(), limit: 5 };
        let start = Instant::now();
        let found = search.search(request).await.expect("an answer").into_inner().items;
        fused.push(start.elapsed().as_secs_f64() * 1000.0);
        assert_eq!(found.len(), 5);
    }
    shutdown.drain(Duration::from_secs(5)).await;
    let (bare, fused) = (median(&mut bare), median(&mut fused));
    let ratio = fused / bare;
    Row {
        what: "fused retrieval, 10,000 products, through gRPC in process (median)",
        ours: format!("{fused:.1} ms"),
        baseline: format!("bare vector scan in SQL {bare:.1} ms"),
        figure: format!("{ratio:.2} ×"),
        budget: "≤ 1.5 ×",
        kept: ratio <= 1.5,
    }
}
