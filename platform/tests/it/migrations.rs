//! Migrations of a database that is in use.

use chatdesk_platform::db::migrate;
use sqlx::PgPool;

use super::*;

/// Which migration comes before the one that changes due work.
const BEFORE_DUE_WORK: i64 = 28;
/// And before there was a console.
const BEFORE_CONSOLE: i64 = 25;

async fn waits(pool: &PgPool) -> bool {
    let waiting = "select exists (select from pg_locks where relation = 'routing.due_work'::regclass and not granted)";
    sqlx::query_scalar(waiting).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_migration_gives_way_to_who_is_at_work() {
    let db = TestDb::of_version(BEFORE_DUE_WORK).await;
    let pool = db.superuser().await;
    let mut at_work = pool.begin().await.unwrap();
    sqlx::query("select from routing.due_work").execute(&mut *at_work).await.unwrap();
    let secret = test_secret();
    let others = async {
        until("the migration waits", || waits(&pool)).await;
        // Who comes after it does not wait for as long as the one that is at work.
        let schedule =
            "insert into routing.due_work (kind, entity_id, due_at) values ('probe', gen_random_uuid(), now())";
        let scheduled = tokio::time::timeout(LONG, sqlx::query(schedule).execute(&pool)).await;
        scheduled.expect("nobody waits that long").unwrap();
        at_work.commit().await.unwrap();
    };
    let (migrated, ()) = tokio::join!(migrate(db.url(), &secret), others);
    migrated.unwrap();
    let there = "select failed_at is null and trace is null from routing.due_work";
    assert!(sqlx::query_scalar::<_, bool>(there).fetch_one(&pool).await.unwrap());
}

/// As most who rent a Postgres have it: the database is theirs, and row security holds them.
#[tokio::test]
async fn the_owner_of_the_database_need_be_no_superuser() {
    let db = TestDb::of_version(0).await;
    let mut url = url::Url::parse(db.url()).unwrap();
    let (name, owner) = (url.path().trim_start_matches('/').to_owned(), format!("owner_{}", new_id().simple()));
    let given = format!(
        "drop table _sqlx_migrations; create extension vector;
         create role {owner} login createrole password 'x'; alter database {name} owner to {owner};
         grant cd_tenants, cd_inbox, cd_catalog to {owner} with admin option"
    );
    // The template's migrations made the roles.
    TestDb::new().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(given)).execute(&db.superuser().await).await.unwrap();
    url.set_username(&owner).unwrap();
    url.set_password(Some("x")).unwrap();
    migrate(url.as_str(), &test_secret()).await.unwrap();
}

#[tokio::test]
async fn what_there_was_before_the_console_is_in_it() {
    let db = TestDb::of_version(BEFORE_CONSOLE).await;
    let pool = db.superuser().await;
    sqlx::raw_sql(
        "insert into routing.tenants (tenant_id) values ('00000000-0000-7000-8000-000000000001'), ('00000000-0000-7000-8000-000000000002');
         insert into tenants.businesses (tenant_id, name, created_at, updated_at)
             select tenant_id, 'Tiệm ' || right(tenant_id::text, 1), now(), now() from routing.tenants;
         insert into tenants.usage_days (tenant_id, day, reserved, prompt_tokens, completion_tokens, calls)
             select tenant_id, '2026-01-02', 5, 30, 4, 2 from routing.tenants;
         insert into tenants.channels (tenant_id, id, platform, external_id, login, page_name, is_active, token, health, health_reason,
             connected_at, created_at, updated_at)
             select tenant_id, tenant_id, 'facebook', right(tenant_id::text, 1), 'facebook', 'x', true, 'x',
                 case right(tenant_id::text, 1) when '1' then 'ok' else 'restricted' end, '', now(), now(), now()
             from routing.tenants;
         insert into routing.channels (platform, external_id, tenant_id, channel_id)
             select platform, external_id, tenant_id, id from tenants.channels",
    )
    .execute(&pool)
    .await
    .unwrap();
    migrate(db.url(), &test_secret()).await.unwrap();
    let seen = "select d.name, u.prompt_tokens, u.completion_tokens, u.calls, c.health
         from tenants.directory d join routing.usage_days u on u.tenant_id = d.business_id
             join routing.channels c on c.tenant_id = d.business_id order by d.name";
    type Row = (String, i64, i64, i64, String);
    let row = |name: &str, health: &str| (name.to_owned(), 30, 4, 2, health.to_owned());
    let rows: Vec<Row> = sqlx::query_as(seen).fetch_all(&pool).await.unwrap();
    assert_eq!(rows, [row("Tiệm 1", "ok"), row("Tiệm 2", "restricted")]);
    // And what the version before goes on writing.
    sqlx::raw_sql(
        "update tenants.usage_days set prompt_tokens = prompt_tokens + 10, calls = calls + 1;
         update tenants.businesses set name = 'Tiệm mới';
         update tenants.channels set health = 'needs_reconnect'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let rows: Vec<Row> = sqlx::query_as(seen).fetch_all(&pool).await.unwrap();
    assert_eq!(rows[0], ("Tiệm mới".to_owned(), 40, 4, 3, "needs_reconnect".to_owned()));
}
