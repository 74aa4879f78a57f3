//! A tenant who takes its data along, and one who is deleted.

use chatdesk_proto::tenants::v1::ReadExportRequest;
use proto::privacy_service_client::PrivacyServiceClient;
use tonic::Code;
use uuid::Uuid;

use super::*;

async fn execute(world: &World, sql: &'static str, tenant: TenantId, id: Uuid) {
    sqlx::query(sql).bind(tenant.0).bind(id).execute(&world.db.superuser().await).await.unwrap();
}

async fn until(world: &World, what: &'static str, sql: &'static str) {
    let looking = async {
        while world.count(sql).await != 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LONG, looking).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

async fn read(world: &World, tenant: TenantId, role: Role, id: Uuid) -> Result<String, Status> {
    let request = ReadExportRequest { id: id.to_string() };
    let client = world.as_member(tenant, role);
    let mut parts = PrivacyServiceClient::new(client).read_export(request).await?.into_inner();
    let mut text = String::new();
    while let Some(part) = parts.message().await? {
        text += &format!("{}: {}", part.file, String::from_utf8(part.lines).unwrap());
    }
    Ok(text)
}

#[tokio::test]
async fn an_export_has_the_products_and_is_the_owners() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    world.create(tenant, "Áo thun đỏ").await;
    world.create(other, "Nón lá").await;
    let id = new_id();
    for sql in [
        "insert into routing.exports (tenant_id, id, requested_by, requested_at, expires_at)
         values ($1, $2, $2, now(), now() + interval '1 day')",
        "insert into routing.export_shares (tenant_id, export_id, service) values ($1, $2, 'catalog')",
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('export_catalog', $1, $2, now())",
    ] {
        execute(&world, sql, tenant, id).await;
    }
    until(&world, "the share", "select count(*) from routing.export_shares where state <> 'ready'").await;
    let text = read(&world, tenant, Role::Owner, id).await.unwrap();
    assert!(text.contains("products.ndjson: {") && text.contains("Áo thun đỏ") && text.contains("entries.ndjson: "));
    assert!(!text.contains("Nón lá"));
    assert_eq!(read(&world, other, Role::Owner, id).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(read(&world, tenant, Role::Manager, id).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_deleted_business_leaves_nothing_and_its_neighbour_loses_nothing() {
    let world = World::new().await;
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    for tenant in [tenant, other] {
        let product = world.create(tenant, "Áo thun đỏ").await;
        let change = proto::UpdateProductRequest { id: product.id, price_minor: Some(5), ..Default::default() };
        world.products(tenant).update_product(change).await.unwrap();
        let gone = world.create(tenant, "Quần").await;
        world.delete(tenant, &gone.id).await;
    }
    execute(
        &world,
        "update routing.tenants set state = 'deleted' where tenant_id = $1 and $2::uuid is not null",
        tenant,
        tenant.0,
    )
    .await;
    // A browser that is still open: its token is good for a while.
    let request = proto::CreateProductRequest { name: "Áo khoác".to_owned(), ..Default::default() };
    let late = world.products(tenant).create_product(request).await.unwrap_err();
    assert_eq!(late.code(), Code::PermissionDenied);
    let work =
        "insert into routing.due_work (kind, tenant_id, entity_id, due_at) values ('erase_catalog', $1, $2, now())";
    execute(&world, work, tenant, tenant.0).await;
    let pool = world.db.superuser().await;
    let looking = async {
        loop {
            // Nobody waits until it looks once more.
            let now = "update routing.due_work set due_at = least(due_at, now()) where kind = 'erase_catalog'";
            sqlx::query(now).execute(&pool).await.unwrap();
            if world.count("select count(*) from routing.due_work where kind = 'erase_tenants'").await == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONG, looking).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns where table_schema = 'catalog' and column_name = 'tenant_id'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let (mut left, mut others) = (0, 0);
    for table in tables {
        let count = |tenant: TenantId| {
            let sql = format!("select count(*) from catalog.{table} where tenant_id = $1");
            let pool = &pool;
            async move {
                let count = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).bind(tenant.0);
                count.fetch_one(pool).await.unwrap()
            }
        };
        left += count(tenant).await;
        others += count(other).await;
    }
    assert_eq!(left, 0);
    assert!(others > 4, "{others}");
}
