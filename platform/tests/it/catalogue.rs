//! The database's own catalogue says whether tenants are held apart. A table that is added without its policy turns this red.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::*;

/// Tables outside `routing` that belong to no tenant. A new one must be thought about before it is added here.
const OF_NO_TENANT: &[&str] = &[
    "inbox.webhook_events",
    "public._sqlx_migrations",
    "tenants.directory",
    "tenants.installation_audit",
    "tenants.installation_audit_head",
    "tenants.key_in_use",
    "tenants.platform_admins",
    "tenants.sealing_keys",
];

/// Each query gives what is wrong, one text a row.
const CHECKS: &[&str] = &[
    // A tenant's table without forced row security.
    "select 'not behind forced row security: ' || name from tenant_tables t join pg_class c using (oid)
     where not (c.relrowsecurity and c.relforcerowsecurity)",
    // Anything but the one policy. Permissive policies add up, so a second one opens the table.
    "select 'not behind the one policy: ' || name from tenant_tables t
     where (select count(*) from pg_policy where polrelid = t.oid) <> 1 or not exists (
         select from pg_policy where polrelid = t.oid and polpermissive and polcmd = '*' and polroles = '{0}'
             and pg_get_expr(polqual, polrelid) = '(tenant_id = ( SELECT app.current_tenant() AS current_tenant))'
             and pg_get_expr(polwithcheck, polrelid) = '(tenant_id = ( SELECT app.current_tenant() AS current_tenant))')",
    "select 'tenant_id may be null or is no uuid: ' || name from tenant_tables t
     join pg_attribute a on a.attrelid = t.oid and a.attnum = t.tenant_column
     where not a.attnotnull or a.atttypid <> 'uuid'::regtype",
    "select 'no primary key: ' || name from tenant_tables t
     where not exists (select from pg_index i where i.indrelid = t.oid and i.indisprimary)",
    // A key that does not lead with the tenant tells one tenant what another has.
    "select 'a key that does not lead with tenant_id: ' || i.indexrelid::regclass from tenant_tables t
     join pg_index i on i.indrelid = t.oid where i.indisunique and i.indkey[0] <> t.tenant_column",
    // A foreign key that leads elsewhere can point into another tenant.
    "select 'a foreign key that does not lead with tenant_id: ' || f.conname from tenant_tables t
     join pg_constraint f on f.conrelid = t.oid and f.contype = 'f' and f.conkey[1] <> t.tenant_column",
    "select 'a foreign key that ties tenant_id to something else: ' || f.conname from tenant_tables t
     join tenant_tables r on true join pg_constraint f on f.conrelid = t.oid and f.confrelid = r.oid and f.contype = 'f'
     where f.confkey[1] <> r.tenant_column",
    "select 'of no tenant: ' || c.oid::regclass from pg_class c join own_schemas n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname <> 'routing' and c.oid not in (select oid from tenant_tables)
         and n.nspname || '.' || c.relname <> all($1)",
    "select 'a role that can do too much: ' || rolname from service_roles
     where rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication",
    "select 'a role that can become another: ' || rolname from service_roles r join pg_auth_members m on m.member = r.oid",
    "select 'a role that owns: ' || rolname || ' ' || c.oid::regclass from service_roles r join pg_class c on c.relowner = r.oid",
    "select 'a role that owns: ' || rolname || ' ' || p.oid::regprocedure from service_roles r join pg_proc p on p.proowner = r.oid",
    "select 'a role that owns: ' || rolname || ' ' || n.nspname from service_roles r join pg_namespace n on n.nspowner = r.oid",
    "select 'a role that can create: ' || rolname || ' ' || n.nspname from service_roles r, own_schemas n
     where has_schema_privilege(r.oid, n.oid, 'create')",
    // Truncating and triggers know no row security.
    "select 'too much granted: ' || rolname || ' ' || c.oid::regclass from service_roles r, pg_class c
     join own_schemas n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and has_table_privilege(r.oid, c.oid, 'truncate, references, trigger, maintain')",
    // How far the migrations are is read by all, and written by none.
    "select 'another service''s table granted: ' || rolname || ' ' || c.oid::regclass from service_roles r, pg_class c
     join own_schemas n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not in ('routing', substr(r.rolname, 4))
         and has_table_privilege(r.oid, c.oid, case when (n.nspname, c.relname) = ('public', '_sqlx_migrations')
             then 'insert, update, delete' else 'select, insert, update, delete' end)",
    // Policies of a partitioned table do not hold for a partition that is named directly.
    "select 'a partition granted: ' || rolname || ' ' || c.oid::regclass from service_roles r, pg_class c
     where c.relispartition and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')",
    "select 'security definer: ' || p.oid::regprocedure from pg_proc p join own_schemas n on n.oid = p.pronamespace
     where p.prosecdef",
    "select 'a view with its owner''s eyes: ' || c.oid::regclass from pg_class c join own_schemas n on n.oid = c.relnamespace
     where c.relkind = 'm' or (c.relkind = 'v' and not coalesce('security_invoker=true' = any(c.reloptions), false))",
];

/// What the checks are about.
const NAMES: &str = "with own_schemas as (
         select oid, nspname from pg_namespace where nspname <> 'information_schema' and nspname not like 'pg\\_%'),
     tenant_tables as (
         select c.oid, c.oid::regclass::text as name, a.attnum as tenant_column
         from pg_class c join own_schemas n on n.oid = c.relnamespace
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
         where c.relkind in ('r', 'p', 'f') and n.nspname <> 'routing'),
     service_roles as (select * from pg_roles where rolname like 'cd\\_%'),
     allowed as (select $1::text[])";

/// Everything that is wrong with the database, as far as the catalogue shows it.
async fn findings(connection: &mut PgConnection) -> Vec<String> {
    let allowed: Vec<String> = OF_NO_TENANT.iter().map(|&name| name.to_owned()).collect();
    let mut found = Vec::new();
    for check in CHECKS {
        let query = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("{NAMES} {check}"))).bind(&allowed);
        found.extend(query.fetch_all(&mut *connection).await.unwrap());
    }
    found
}

#[tokio::test]
async fn nothing_is_wrong_with_the_migrated_database() {
    let db = TestDb::new().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    assert_eq!(findings(&mut connection).await, Vec::<String>::new());
    let tables = "select count(*) from tenant_tables";
    let tables = sqlx::query_scalar::<_, i64>(AssertSqlSafe(format!("{NAMES} {tables}"))).bind(Vec::<String>::new());
    assert!(tables.fetch_one(&mut connection).await.unwrap() > 0);
}

/// Each breaks the database in one way, and the finding that must come of it.
const BREAKS: &[(&str, &str)] = &[
    ("create table inbox.loose (tenant_id uuid primary key)", "not behind forced row security: inbox.loose"),
    ("create table public.loose (tenant_id uuid primary key)", "not behind forced row security: loose"),
    ("create table public.nobodys (id bigint primary key)", "of no tenant: nobodys"),
    (
        "create table inbox.loose (tenant_id uuid primary key); alter table inbox.loose enable row level security",
        "not behind forced row security: inbox.loose",
    ),
    ("alter table catalog.probe no force row level security", "not behind forced row security: catalog.probe"),
    ("alter table catalog.probe disable row level security", "not behind forced row security: catalog.probe"),
    ("drop policy tenant on catalog.probe", "not behind the one policy: catalog.probe"),
    ("create policy open on catalog.probe using (true)", "not behind the one policy: catalog.probe"),
    ("alter policy tenant on catalog.probe using (true)", "not behind the one policy: catalog.probe"),
    ("alter policy tenant on catalog.probe with check (true)", "not behind the one policy: catalog.probe"),
    ("alter policy tenant on catalog.probe to cd_catalog", "not behind the one policy: catalog.probe"),
    (
        "drop policy tenant on catalog.probe;
         create policy tenant on catalog.probe for select using (tenant_id = (select app.current_tenant()))",
        "not behind the one policy: catalog.probe",
    ),
    (
        "drop policy tenant on catalog.probe;
         create policy tenant on catalog.probe as restrictive using (tenant_id = (select app.current_tenant()))
         with check (tenant_id = (select app.current_tenant()))",
        "not behind the one policy: catalog.probe",
    ),
    ("create unique index probe_id on catalog.probe (id)", "a key that does not lead with tenant_id: catalog.probe_id"),
    (
        "alter table catalog.probe drop constraint probe_pkey; alter table catalog.probe alter tenant_id drop not null",
        "tenant_id may be null or is no uuid: catalog.probe",
    ),
    ("alter table catalog.probe drop constraint probe_pkey", "no primary key: catalog.probe"),
    (
        "create table catalog.target (id bigint primary key);
         alter table catalog.probe add constraint astray foreign key (id) references catalog.target",
        "a foreign key that does not lead with tenant_id: astray",
    ),
    (
        "create table catalog.target (other uuid, tenant_id uuid, unique (other, tenant_id));
         alter table catalog.probe add column other uuid, add constraint crossed foreign key (tenant_id, other)
         references catalog.target (other, tenant_id)",
        "a foreign key that ties tenant_id to something else: crossed",
    ),
    ("grant truncate on catalog.probe to cd_catalog", "too much granted: cd_catalog catalog.probe"),
    ("grant trigger on catalog.probe to public", "too much granted: cd_inbox catalog.probe"),
    ("grant select on catalog.probe to cd_inbox", "another service's table granted: cd_inbox catalog.probe"),
    ("alter table catalog.probe owner to cd_catalog", "a role that owns: cd_catalog catalog.probe"),
    ("grant create on schema catalog to cd_catalog", "a role that can create: cd_catalog catalog"),
    (
        "create function catalog.open() returns bigint language sql security definer as 'select 1::bigint'",
        "security definer: catalog.open()",
    ),
    ("create view catalog.open as select * from catalog.probe", "a view with its owner's eyes: catalog.open"),
    ("create materialized view catalog.open as select 1", "a view with its owner's eyes: catalog.open"),
    (
        "create table catalog.whole (tenant_id uuid, at date, primary key (tenant_id, at)) partition by range (at);
         create table catalog.part partition of catalog.whole default; grant select on catalog.part to cd_catalog",
        "a partition granted: cd_catalog catalog.part",
    ),
];

#[tokio::test]
async fn each_way_to_break_it_is_found() {
    let db = probe().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    assert_eq!(findings(&mut connection).await, Vec::<String>::new());
    for (breaks, finding) in BREAKS {
        let mut tx = connection.begin().await.unwrap();
        sqlx::raw_sql(*breaks).execute(&mut *tx).await.unwrap();
        let found = findings(&mut tx).await;
        assert!(found.iter().any(|found| found == finding), "{breaks}: {found:?}");
        tx.rollback().await.unwrap();
    }
    assert_eq!(findings(&mut connection).await, Vec::<String>::new());
}

/// Roles are the whole server's, so these are made under a name of their own, and never committed.
#[tokio::test]
async fn a_role_that_can_do_too_much_is_found() {
    let db = TestDb::new().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    for can in ["superuser", "bypassrls", "createrole", "createdb", "replication", "in role pg_read_all_data"] {
        let mut tx = connection.begin().await.unwrap();
        let name = format!("cd_{}", new_id().simple());
        sqlx::raw_sql(AssertSqlSafe(format!("create role {name} {can}"))).execute(&mut *tx).await.unwrap();
        let found = findings(&mut tx).await;
        assert!(
            found.iter().any(|found| found.starts_with("a role that can") && found.ends_with(&name)),
            "{can}: {found:?}"
        );
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn a_view_that_keeps_the_callers_eyes_is_no_finding() {
    let db = probe().await;
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    sqlx::raw_sql("create view catalog.seen with (security_invoker = true) as select * from catalog.probe")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(findings(&mut connection).await, Vec::<String>::new());
}
