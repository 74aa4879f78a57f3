//! The catalogue as a file that somebody reads slowly, or not at all.

use chatdesk_platform::Role;
use tonic::{Code, Streaming};

use super::files::imports;
use super::*;

/// More text than fits on the way.
async fn full_shop(world: &World, products: i32) -> TenantId {
    let tenant = world.tenant().await;
    sqlx::query(
        "insert into catalog.products (tenant_id, product_id, name, description, price_minor, currency, status, extra_info,
             text_hash, created_at, updated_at)
         select $1, uuidv7(), 'Áo ' || n, repeat('x', 8000), 0, 'VND', 'available', '{}', '', now(), now()
         from generate_series(1, $2) n",
    )
    .bind(tenant.0)
    .bind(products)
    .execute(&world.db.superuser().await)
    .await
    .unwrap();
    tenant
}

async fn begin(world: &World, tenant: TenantId) -> Result<Streaming<proto::ExportProductsResponse>, Status> {
    let request = proto::ExportProductsRequest::default();
    Ok(imports(world, tenant, Role::Viewer).export_products(request).await?.into_inner())
}

/// How a file ends that is read from now on: its bytes, or why there are no more.
async fn read(mut chunks: Streaming<proto::ExportProductsResponse>) -> Result<usize, Code> {
    let mut bytes = 0;
    while let Some(next) = chunks.message().await.map_err(|status| status.code())? {
        bytes += next.chunk.len();
    }
    Ok(bytes)
}

#[tokio::test]
async fn a_reader_who_goes_away_leaves_the_place_to_others() {
    let world = World::new().await;
    let tenant = full_shop(&world, 400).await;
    let mut stopped = Vec::new();
    for _ in 0..4 {
        stopped.push(begin(&world, tenant).await.unwrap());
    }
    let full = begin(&world, tenant).await.unwrap_err();
    assert_eq!((full.code(), Problem::from(&full).code.as_str()), (Code::ResourceExhausted, "too_many_exports"));
    stopped.pop();
    let next = async {
        loop {
            match begin(&world, tenant).await {
                Ok(chunks) => return chunks,
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let next = tokio::time::timeout(LONG, next).await.unwrap();
    assert!(read(next).await.unwrap() > 400 * 8_000);
    assert!(read(stopped.remove(0)).await.unwrap() > 400 * 8_000, "and whoever reads on late gets all of it");
}

#[tokio::test]
async fn a_reader_who_stops_holds_a_place_for_a_while_only() {
    let world = World::with(Limits { export_limit: Duration::from_millis(1), ..LIMITS }).await;
    let tenant = full_shop(&world, 400).await;
    let begun = async {
        // None of them is read, so of eight at least four had to be given up.
        let mut stopped = Vec::new();
        while stopped.len() < 8 {
            match begin(&world, tenant).await {
                Ok(chunks) => stopped.push(chunks),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        stopped
    };
    let mut stopped = tokio::time::timeout(LONG, begun).await.unwrap();
    // What was cut off does not look whole.
    assert_eq!(read(stopped.remove(0)).await, Err(Code::DeadlineExceeded));
}

#[tokio::test]
async fn a_reader_who_is_slow_gets_no_more_time_than_one_who_stops() {
    let world = World::with(Limits { export_limit: Duration::from_millis(300), ..LIMITS }).await;
    let tenant = full_shop(&world, 4_000).await;
    let mut chunks = begin(&world, tenant).await.unwrap();
    // Takes every piece long before the limit, and all of them in many times the limit.
    let end = loop {
        match chunks.message().await {
            Ok(Some(_)) => tokio::time::sleep(Duration::from_millis(30)).await,
            Ok(None) => break Ok(()),
            Err(status) => break Err(status.code()),
        }
    };
    assert_eq!(end, Err(Code::DeadlineExceeded));
}
