//! As the service's own role: no table of its schema shows, takes or loses a row of another tenant.

use std::collections::BTreeSet;

use chatdesk_platform::db::testing::member;
use chatdesk_platform::{Role, ServiceName, TenantId};
use chatdesk_proto::tenants::v1 as pb;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use crate::attachment::{picture, upload};
use crate::house::{House, Shop, account};

/// Tables of the schema that belong to no tenant.
const OURS: [&str; 6] =
    ["directory", "installation_audit", "installation_audit_head", "key_in_use", "platform_admins", "sealing_keys"];
const POLICY: &str = "(tenant_id = ( SELECT app.current_tenant() AS current_tenant))";

/// Two tenants with a row in every table.
async fn two(house: &House) -> (Shop, Shop) {
    let (one, two) = (house.shop("lan@gom.vn").await, house.shop("mai@lua.vn").await);
    for (shop, page) in [(&one, "104"), (&two, "105")] {
        let channel = house.connect(shop, page).await.unwrap().id;
        upload(house, shop.owner(), picture(&channel, 1), b"x").await.unwrap();
        house.graph.allow(vec![account(page, &["MESSAGING"], None)]);
        house.grant(shop.owner(), pb::Platform::Facebook, &format!("9001.{page}")).await.unwrap();
        let reserve = pb::ReserveTokensRequest { tokens: 10 };
        house.usage(shop.service(ServiceName::Ai)).reserve_tokens(reserve).await.unwrap();
        let reply = pb::CreateSavedReplyRequest { shortcut: "ship".into(), text: "30.000đ ạ".into() };
        house.saved_replies(shop.owner()).create_saved_reply(reply).await.unwrap();
    }
    for (shop, page) in [(&one, "105"), (&two, "104")] {
        let ask = pb::RequestTransferRequest {
            platform: pb::Platform::Facebook.into(),
            page_id: page.into(),
            access_token: format!("token-of-{page}"),
            ..Default::default()
        };
        house.connecting(shop.owner()).request_transfer(ask).await.unwrap();
    }
    for shop in [&one, &two] {
        house.enter(shop, "ticket 7").await.unwrap();
    }
    let pool = house.db.superuser().await;
    // What comes through a mail, which this house does not send.
    sqlx::query(
        "insert into tenants.invitations (tenant_id, id, email, role, invited_by, created_at, expires_at)
         select tenant_id, gen_random_uuid(), 'hoa@gom.vn', 'agent', id, now(), now() + interval '7 days' from tenants.users",
    )
    .execute(&pool)
    .await
    .unwrap();
    sqlx::query(
        "insert into tenants.export_parts (tenant_id, export_id, no, file, lines) select tenant_id, id, 0, 'f', '' from tenants.users",
    )
    .execute(&pool)
    .await
    .unwrap();
    (one, two)
}

async fn tables(pool: &PgPool) -> BTreeSet<String> {
    let all: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'tenants' and c.relkind in ('r', 'p', 'v', 'm', 'f')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    all.into_iter().filter(|table| !OURS.contains(&table.as_str())).collect()
}

/// Runs one statement as the role for a tenant and undoes it: the rows it touched, or the error's code.
async fn touch(house: &House, tenant: TenantId, statement: String, row: Option<&Value>) -> Result<u64, String> {
    let db = house.db.pool("cd_tenants", 1).await;
    let mut tx = db.begin(&member(tenant, Role::Owner)).await.unwrap();
    let mut query = sqlx::query(AssertSqlSafe(statement));
    if let Some(row) = row {
        query = query.bind(row);
    }
    let done = query.execute(tx.conn()).await;
    done.map(|done| done.rows_affected()).map_err(|error| {
        error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned()).unwrap_or_default()
    })
}

const DENIED: &str = "42501";

/// What keeps tables of the schema from holding tenants apart.
async fn faults(pool: &PgPool) -> Vec<String> {
    let mut faults = Vec::new();
    for table in tables(pool).await {
        let forced: bool = sqlx::query_scalar(
            "select relrowsecurity and relforcerowsecurity from pg_class where oid = ('tenants.' || $1)::regclass",
        )
        .bind(&table)
        .fetch_one(pool)
        .await
        .unwrap();
        if !forced {
            faults.push(format!("{table}: row security is not forced"));
        }
        let policies: Vec<(String, String, Option<String>, Option<String>)> = sqlx::query_as(
            "select cmd, permissive, qual, with_check from pg_policies where schemaname = 'tenants' and tablename = $1",
        )
        .bind(&table)
        .fetch_all(pool)
        .await
        .unwrap();
        let one = ("ALL".to_owned(), "PERMISSIVE".to_owned(), Some(POLICY.to_owned()), Some(POLICY.to_owned()));
        if policies != [one] {
            faults.push(format!("{table}: not exactly the one policy"));
        }
        let leads: Vec<bool> = sqlx::query_scalar(
            "select a.attname = 'tenant_id' from pg_constraint c
             join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
             where c.conrelid = ('tenants.' || $1)::regclass and c.contype in ('p', 'u', 'f')",
        )
        .bind(&table)
        .fetch_all(pool)
        .await
        .unwrap();
        if leads.is_empty() || leads.contains(&false) {
            faults.push(format!("{table}: a key does not lead with tenant_id"));
        }
    }
    faults
}

#[tokio::test]
async fn every_table_is_forced_behind_exactly_the_one_policy() {
    let house = House::new().await;
    let pool = house.db.superuser().await;
    assert!(tables(&pool).await.len() >= 6);
    assert_eq!(faults(&pool).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_careless_change_of_the_schema_is_noticed() {
    let house = House::new().await;
    let pool = house.db.superuser().await;
    for (change, fault) in [
        ("alter table tenants.users no force row level security", "users: row security is not forced"),
        ("alter table tenants.channels disable row level security", "channels: row security is not forced"),
        ("drop policy tenant on tenants.usage_days", "usage_days: not exactly the one policy"),
        ("create policy more on tenants.businesses using (true)", "businesses: not exactly the one policy"),
        (
            "create table tenants.notes (tenant_id uuid, id uuid primary key); select app.isolate('tenants.notes')",
            "notes: a key does not lead with tenant_id",
        ),
    ] {
        sqlx::raw_sql(change).execute(&pool).await.unwrap();
        assert!(faults(&pool).await.iter().any(|found| found == fault), "{change}");
    }
}

#[tokio::test]
async fn another_tenants_rows_cannot_be_seen_made_changed_or_deleted() {
    let house = House::new().await;
    let (one, two) = two(&house).await;
    let pool = house.db.superuser().await;
    for table in tables(&pool).await {
        let of = |tenant: TenantId| format!("from tenants.{table} where tenant_id = '{tenant}'");
        let run = async |statement: String, row: Option<&Value>| touch(&house, one.tenant, statement, row).await;

        let own = run(format!("select 1 {}", of(one.tenant)), None).await;
        assert!(own.is_ok_and(|rows| rows >= 1), "{table}: the tenant's own rows must show, or the test shows nothing");
        assert_eq!(run(format!("select 1 {}", of(two.tenant)), None).await, Ok(0), "{table}");
        let all = run(format!("select 1 from tenants.{table}"), None).await;
        assert_eq!(all, run(format!("select 1 {}", of(one.tenant)), None).await, "{table}");

        let set = format!("update tenants.{table} set tenant_id = tenant_id where tenant_id = '{}'", two.tenant);
        let changed = run(set, None).await;
        assert!(changed == Ok(0) || changed == Err(DENIED.to_owned()), "{table}: {changed:?}");
        let give = format!("update tenants.{table} set tenant_id = '{}'", two.tenant);
        assert_eq!(run(give, None).await, Err(DENIED.to_owned()), "{table}");
        let gone = run(format!("delete {}", of(two.tenant)), None).await;
        assert!(gone == Ok(0) || gone == Err(DENIED.to_owned()), "{table}: {gone:?}");
        assert_eq!(run(format!("truncate tenants.{table}"), None).await, Err(DENIED.to_owned()), "{table}");

        let sql = format!("select to_jsonb(t) from tenants.{table} t where tenant_id = '{}' limit 1", two.tenant);
        let row: Value = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&pool).await.unwrap();
        let make =
            format!("insert into tenants.{table} select * from jsonb_populate_record(null::tenants.{table}, $1)");
        assert_eq!(run(make.clone(), Some(&row)).await, Err(DENIED.to_owned()), "{table}");
        let merge = format!("{make} on conflict do nothing");
        assert_eq!(run(merge, Some(&row)).await, Err(DENIED.to_owned()), "{table}");
    }
}

#[tokio::test]
async fn without_a_tenant_a_table_raises() {
    let house = House::new().await;
    let (one, _) = two(&house).await;
    let pool = house.db.superuser().await;
    let db = house.db.pool("cd_tenants", 1).await;
    for table in tables(&pool).await {
        // Also on a connection that was a tenant's a moment ago.
        drop(db.begin(&member(one.tenant, Role::Owner)).await.unwrap());
        let mut tx = db.system().await.unwrap();
        let sql = format!("select 1 from tenants.{table}");
        let error = sqlx::query(AssertSqlSafe(sql)).execute(tx.conn()).await.unwrap_err();
        assert_eq!(error.as_database_error().and_then(|error| error.code()).as_deref(), Some(DENIED), "{table}");
        assert!(error.to_string().contains("tenant context missing"), "{table}: {error}");
    }
}

#[tokio::test]
async fn other_services_reach_nothing_here() {
    let house = House::new().await;
    let pool = house.db.superuser().await;
    let mut all = tables(&pool).await;
    all.extend(OURS.map(str::to_owned));
    for role in ["cd_inbox", "cd_catalog"] {
        let db = house.db.pool(role, 1).await;
        for table in &all {
            let mut tx = db.system().await.unwrap();
            let sql = format!("select 1 from tenants.{table}");
            let error = sqlx::query(AssertSqlSafe(sql)).execute(tx.conn()).await.unwrap_err();
            assert_eq!(
                error.as_database_error().and_then(|error| error.code()).as_deref(),
                Some(DENIED),
                "{role} {table}"
            );
        }
    }
}
