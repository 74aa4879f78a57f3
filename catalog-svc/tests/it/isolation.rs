//! Postgres itself keeps tenants apart, asked as the service's own role for every table the service has.

use chatdesk_platform::db::testing::member;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool, Postgres, Transaction};

use super::*;

struct Two {
    world: World,
    service: PgPool,
    own: TenantId,
    other: TenantId,
}

impl Two {
    /// Two tenants with rows in every table.
    async fn new() -> Self {
        use secrecy::ExposeSecret as _;
        let world = World::new().await;
        let (own, other) = (world.tenant().await, world.tenant().await);
        for tenant in [own, other] {
            let made = world.create(tenant, "Áo thun đỏ").await;
            let dearer = proto::UpdateProductRequest { id: made.id, price_minor: Some(5), ..Default::default() };
            world.products(tenant).update_product(dearer).await.unwrap();
            let manager = world.as_member(tenant, Role::Manager);
            let entry = proto::CreateEntryRequest {
                kind: proto::EntryKind::Faq.into(),
                title: "Phí ship?".to_owned(),
                body: "30k".to_owned(),
                ..Default::default()
            };
            proto::entry_service_client::EntryServiceClient::new(manager).create_entry(entry).await.unwrap();
            super::files::import(&world, tenant, "Tên,Giá\nMũ,1\n".as_bytes()).await;
            let gone = world.create(tenant, "Áo len").await;
            world.delete(tenant, &gone.id).await;
        }
        for task in world.claim(MODEL, 0).await {
            assert_eq!(world.store(MODEL, &task, leaning(1)).await, 1);
        }
        // Files are let go when they are worked off.
        let files = "insert into catalog.import_files (tenant_id, import_id, body) select tenant_id, id, '' from catalog.imports";
        sqlx::query(files).execute(&world.db.superuser().await).await.unwrap();
        // It takes hundreds of products to make a word common.
        let common = "insert into catalog.common_terms (tenant_id, term) select tenant_id, term from catalog.terms";
        sqlx::query(common).execute(&world.db.superuser().await).await.unwrap();
        let parts = "insert into catalog.export_parts (tenant_id, export_id, no, file, lines)
             select tenant_id, product_id, 0, 'f', '' from catalog.products";
        sqlx::query(parts).execute(&world.db.superuser().await).await.unwrap();
        let url = world.db.role_url("cd_catalog");
        let service = PgPoolOptions::new().max_connections(1).connect(url.expose_secret()).await.unwrap();
        Self { world, service, own, other }
    }

    async fn tables(&self) -> Vec<String> {
        let tables = sqlx::query_scalar::<_, String>(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'catalog' order by 1",
        );
        let tables = tables.fetch_all(&self.world.db.superuser().await).await.unwrap();
        assert!(tables.len() >= 4);
        tables
    }

    async fn tx(&self, tenant: Option<TenantId>) -> Transaction<'static, Postgres> {
        let mut tx = self.service.begin().await.unwrap();
        if let Some(tenant) = tenant {
            let set = sqlx::query("select set_config('app.tenant_id', $1, true)").bind(tenant.to_string());
            set.execute(&mut *tx).await.unwrap();
        }
        tx
    }

    /// The rows a statement touched, or the code it failed with.
    async fn run(&self, tenant: Option<TenantId>, sql: String) -> Result<u64, String> {
        let mut tx = self.tx(tenant).await;
        let done = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
        tx.rollback().await.unwrap();
        done.map(|done| done.rows_affected())
            .map_err(|error| error.as_database_error().unwrap().code().unwrap().into_owned())
    }

    /// A row of the other tenant as JSON.
    async fn their_row(&self, table: &str) -> String {
        let sql = format!("select row_to_json(t)::text from {table} t where tenant_id = $1 limit 1");
        let row = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(self.other.0);
        row.fetch_one(&self.world.db.superuser().await).await.unwrap().replace('\'', "''")
    }
}

const REFUSED: &str = "42501";

#[tokio::test]
async fn the_other_tenants_rows_cannot_be_read_or_written() {
    let two = Two::new().await;
    let (own, other) = (Some(two.own), two.other);
    for table in two.tables().await {
        let seen = two.run(own, format!("select from {table}")).await.unwrap();
        let theirs = two.run(own, format!("select from {table} where tenant_id = '{other}'")).await;
        assert!(seen > 0, "{table} has rows to lose");
        assert_eq!(theirs, Ok(0), "{table}");
        for sql in [
            format!("update {table} set tenant_id = tenant_id where tenant_id = '{other}'"),
            format!("delete from {table} where tenant_id = '{other}'"),
        ] {
            let touched = two.run(own, sql.clone()).await;
            assert!(touched == Ok(0) || touched == Err(REFUSED.to_owned()), "{sql}: {touched:?}");
        }
        let row = two.their_row(&table).await;
        for sql in [
            format!("insert into {table} select * from json_populate_record(null::{table}, '{row}')"),
            format!("update {table} set tenant_id = '{other}'"),
            format!("truncate {table}"),
        ] {
            assert_eq!(two.run(own, sql.clone()).await, Err(REFUSED.to_owned()), "{sql}");
        }
    }
}

#[tokio::test]
async fn without_a_tenant_there_is_an_error_and_no_empty_answer() {
    let two = Two::new().await;
    for table in two.tables().await {
        let row = two.their_row(&table).await;
        for sql in [
            format!("select from {table}"),
            format!("delete from {table}"),
            format!("insert into {table} select * from json_populate_record(null::{table}, '{row}')"),
        ] {
            assert_eq!(two.run(None, sql.clone()).await, Err(REFUSED.to_owned()), "{sql}");
        }
    }
}

#[tokio::test]
async fn row_security_is_forced_with_the_one_policy() {
    let two = Two::new().await;
    let pool = two.world.db.superuser().await;
    let good = sqlx::query_scalar::<_, String>(
        "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'catalog' and c.relkind = 'r' and c.relrowsecurity and c.relforcerowsecurity and (
             select count(*) = 1 and bool_and(polpermissive and polcmd = '*' and polroles = '{0}'
                 and pg_get_expr(polqual, polrelid) = '(tenant_id = ( SELECT app.current_tenant() AS current_tenant))'
                 and pg_get_expr(polwithcheck, polrelid) = pg_get_expr(polqual, polrelid))
             from pg_policy where polrelid = c.oid)
         order by 1",
    );
    assert_eq!(good.fetch_all(&pool).await.unwrap(), two.tables().await);
}

#[tokio::test]
async fn a_row_cannot_point_into_another_tenant() {
    let two = Two::new().await;
    let theirs = sqlx::query_scalar::<_, String>("select product_id::text from catalog.products where tenant_id = $1");
    let theirs = theirs.bind(two.other.0).fetch_one(&two.world.db.superuser().await).await.unwrap();
    for sql in [
        format!("insert into catalog.terms values ('{}', 'x', '{theirs}', 1)", two.own),
        format!("insert into catalog.vectors values ('{}', '{theirs}', 'm', 'h', null)", two.own),
        format!("insert into catalog.entry_vectors values ('{}', '{theirs}', 'm', 'h', null)", two.own),
        format!("insert into catalog.import_files values ('{}', '{theirs}', '')", two.own),
    ] {
        // A foreign key violation (Postgres, appendix A).
        assert_eq!(two.run(Some(two.own), sql.clone()).await, Err("23503".to_owned()), "{sql}");
    }
}

#[tokio::test]
async fn a_caller_without_a_tenant_opens_no_transaction() {
    let two = Two::new().await;
    let db = two.world.db.pool("cd_catalog", 1).await;
    assert!(db.begin(&member(two.own, Role::Viewer)).await.is_ok());
    let mut tx = db.system().await.unwrap();
    let read = sqlx::query("select from catalog.products").execute(tx.conn()).await.unwrap_err();
    assert_eq!(read.as_database_error().unwrap().code().as_deref(), Some(REFUSED));
}
