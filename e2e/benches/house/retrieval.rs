//! Fused retrieval over 10,000 and over 50,000 products, against the bare vector scan as the same role, for questions of 2 to 12 words.
//! And whether the nearest vectors are exactly those of the bare scan.

use std::time::{Duration, Instant};

use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::grpc::{Client, Peer};
use chatdesk_platform::{Clock, Identity, Keyring, Role, ServiceName, Shutdown, TenantId, UserId, Vars, new_id};
use chatdesk_proto::catalog::v1::index_service_client::IndexServiceClient;
use chatdesk_proto::catalog::v1::product_service_client::ProductServiceClient;
use chatdesk_proto::catalog::v1::search_service_client::SearchServiceClient;
use chatdesk_proto::catalog::v1::{
    ClaimEmbeddingsRequest, CreateProductRequest, Embedding, SearchRequest, StoreEmbeddingsRequest,
};
use futures::StreamExt as _;
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, Row as _};
use tonic::service::RoutesBuilder;
use uuid::Uuid;

use crate::{Row, median};

/// How many products there are, and how much longer than the bare scan an answer may take then.
const SHOPS: [(usize, f64); 2] = [(10_000, 1.3), (50_000, 1.2)];
const SHORTEST: usize = 2;
const LONGEST: usize = 12;
/// Of each length.
const ROUNDS: usize = 30;
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

/// A question of so many words, of which some are in each product, some in one of eight or ten, and some in one alone.
fn question(length: usize, round: usize) -> String {
    let (kind, colour) = (KINDS[round % KINDS.len()], COLOURS[round / 3 % COLOURS.len()]);
    let number = round * 79;
    let whole = match round % 3 {
        0 => format!("{kind} {colour} mẫu {number} chất liệu bền đẹp bảo hành đổi trả trong tuần không shop"),
        1 => format!("{kind} màu {colour} giá bao nhiêu shop có phù hợp đi làm và đi chơi không"),
        _ => format!("{kind} {colour} chất liệu gì giá {}k còn hàng không shop có đổi trả được không", 100 + round),
    };
    whole.to_lowercase().split(' ').take(length).collect::<Vec<_>>().join(" ")
}

/// One shop that grows.
pub async fn measure() -> Vec<Row> {
    let db = TestDb::new().await;
    let keyring = Keyring::derived(&test_secret());
    let shutdown = Shutdown::default();
    let url = db.role_url("cd_catalog");
    // One connection, as the other side has.
    let vars = Vars::fixed([("CATALOG_DATABASE_URL", url.expose_secret()), ("DB_CONNECTIONS", "1")]);
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

    let superuser = db.superuser().await;
    let (mut made, mut embedded) = (0, 0);
    let mut rows = Vec::new();
    for (products, most) in SHOPS {
        futures::stream::iter(made..products)
            .for_each_concurrent(4, |number| {
                let mut products = ProductServiceClient::new(client());
                async move {
                    products.create_product(product(number)).await.expect("it is made");
                }
            })
            .await;
        made = products;
        while embedded < products {
            let mut index = IndexServiceClient::new(peer(ServiceName::Ai).own_client(None, patience).expect("a token"));
            let claim = ClaimEmbeddingsRequest { model: MODEL.to_owned(), limit: 256, wait_ms: 1000 };
            let tasks = index.claim_embeddings(claim).await.expect("texts").into_inner().items;
            let items: Vec<Embedding> = (embedded..)
                .zip(tasks)
                .map(|(seed, task)| Embedding {
                    entity_id: task.entity_id,
                    text_hash: task.text_hash,
                    vector: vector(seed),
                    kind: task.kind,
                })
                .collect();
            embedded += items.len();
            let mut store =
                IndexServiceClient::new(peer(ServiceName::Ai).own_client(Some(tenant), patience).expect("a token"));
            store.store_embeddings(StoreEmbeddingsRequest { model: MODEL.to_owned(), items }).await.expect("kept");
        }
        sqlx::raw_sql("vacuum analyze").execute(&superuser).await.expect("vacuum");
        let connection = sqlx::PgConnection::connect(url.expose_secret()).await.expect("the role connects");
        let (caller, owner) = (peer(ServiceName::Gateway), owner);
        let client = move || caller.client(&owner, patience, None).expect("a token");
        // On a worker's thread, where a service answers.
        let times = tokio::spawn(times(connection, tenant, client)).await.expect("it ends");
        rows.push(row(&times, products, most));
    }
    shutdown.drain(Duration::from_secs(5)).await;
    rows
}

fn product(number: usize) -> CreateProductRequest {
    let name = format!("{} {} mẫu {number}", KINDS[number % KINDS.len()], COLOURS[number / 7 % COLOURS.len()]);
    let description = format!("{name}, chất liệu bền đẹp, phù hợp đi làm và đi chơi, bảo hành đổi trả trong tuần");
    CreateProductRequest { name, description, price_minor: 100_000 + number as i64, ..Default::default() }
}

fn row(times: &[Time], products: usize, most: f64) -> Row {
    let (bare, fused, ratio) = medians(times, |_| true);
    let (_, _, short) = medians(times, |length| length == SHORTEST);
    let (_, _, long) = medians(times, |length| length == LONGEST);
    let is_small = products == SHOPS[0].0;
    Row {
        what: if is_small {
            "fused retrieval, 10,000 products, questions of 2 to 12 words, through gRPC in process (median)"
        } else {
            "the same over 50,000 products"
        },
        ours: format!("{fused:.1} ms"),
        baseline: format!("bare vector scan in SQL {bare:.1} ms"),
        figure: format!("{ratio:.2} × ({SHORTEST} words {short:.2}, {LONGEST} words {long:.2})"),
        budget: if is_small { "≤ 1.3 ×" } else { "≤ 1.2 ×" },
        kept: ratio <= most,
    }
}

/// What one question of a length took, in milliseconds.
struct Time {
    length: usize,
    bare: f64,
    fused: f64,
}

/// Both sides in turn, so that what else the machine does weighs on both.
async fn times(mut connection: sqlx::PgConnection, tenant: TenantId, client: impl Fn() -> Client) -> Vec<Time> {
    let mut times = Vec::new();
    for (round, length) in (0..ROUNDS).flat_map(|round| (SHORTEST..=LONGEST).map(move |length| (round, length))) {
        let seed = 1_000_000 + round * LONGEST + length;
        let meant = vector(seed);
        let start = Instant::now();
        let mut tx = connection
            .begin_with(sqlx::AssertSqlSafe(format!("BEGIN; SELECT set_config('app.tenant_id', '{tenant}', true)")))
            .await
            .expect("begin");
        let nearest = sqlx::query(
            "select product_id from catalog.vectors where tenant_id = $1 and model = $2
             order by e <=> (select $3::real[]::halfvec) limit 5",
        )
        .bind(tenant.0)
        .bind(MODEL)
        .bind(&meant)
        .fetch_all(&mut *tx)
        .await
        .expect("a scan");
        tx.commit().await.expect("commit");
        let bare = start.elapsed().as_secs_f64() * 1000.0;
        let nearest: Vec<Uuid> = nearest.iter().map(|row| row.get(0)).collect();
        assert_eq!(nearest.len(), 5);

        let mut search = SearchServiceClient::new(client());
        let request = SearchRequest {
            text: question(length, round),
            vector: meant,
            model: MODEL.to_owned(),
            limit: 5,
            ..Default::default()
        };
        let start = Instant::now();
        let found = search.search(request).await.expect("an answer").into_inner().items;
        times.push(Time { length, bare, fused: start.elapsed().as_secs_f64() * 1000.0 });
        assert_eq!(found.len(), 5);
        if length == SHORTEST {
            let request =
                SearchRequest { vector: vector(seed), model: MODEL.to_owned(), limit: 5, ..Default::default() };
            let near = search.search(request).await.expect("an answer").into_inner().items;
            let near: Vec<Uuid> =
                near.iter().filter_map(|one| one.product.as_ref()).filter_map(|one| one.id.parse().ok()).collect();
            assert_eq!(near, nearest, "the nearest vectors are exactly those of the bare scan");
        }
    }
    times
}

/// The medians of both sides over questions of these lengths, and their ratio.
fn medians(times: &[Time], lengths: impl Fn(usize) -> bool) -> (f64, f64, f64) {
    let of = |side: fn(&Time) -> f64| {
        median(&mut times.iter().filter(|time| lengths(time.length)).map(side).collect::<Vec<_>>())
    };
    let (bare, fused) = (of(|time| time.bare), of(|time| time.fused));
    (bare, fused, fused / bare)
}
