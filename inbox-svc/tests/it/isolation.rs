//! No tenant sees, changes or removes another's rows, and a table that would let it turns this red. The tables are read from the
//! database's own catalogue.

use chatdesk_platform::db::Db;
use chatdesk_platform::db::testing::{TestDb, member};
use chatdesk_platform::{Role, TenantId, new_id};
use sqlx::{AssertSqlSafe, PgPool, Row as _};

const WITHOUT_TENANT: [&str; 1] = ["webhook_events"];

async fn tables(admin: &PgPool) -> Vec<String> {
    let names = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'inbox' and c.relkind in ('r', 'p') order by 1",
    );
    names.fetch_all(admin).await.unwrap()
}

async fn as_admin(admin: &PgPool, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await.unwrap();
}

/// One row per table for a tenant.
async fn fill(admin: &PgPool, tenant: TenantId) {
    let (t, c, v, m) = (tenant.0, new_id(), new_id(), new_id());
    as_admin(admin, format!(
        "insert into inbox.contacts (tenant_id, id, channel_id, platform, platform_user_id, created_at)
             values ('{t}', '{c}', '{c}', 'facebook', 'u', now());
         insert into inbox.conversations (tenant_id, id, channel_id, contact_id, platform, ai_mode, last_message_at, created_at)
             values ('{t}', '{v}', '{c}', '{c}', 'facebook', 'active', now(), now());
         insert into inbox.messages (tenant_id, id, conversation_id, channel_id, arrival, sender_type, content, status, platform_at, received_at)
             values ('{t}', '{m}', '{v}', '{c}', 1, 'contact', 'secret', 'received', now(), now());
         insert into inbox.webhook_items (tenant_id, event_id, index, channel_id, kind, outcome, key, item, created_at)
             values ('{t}', '{m}', 0, '{c}', 'message', 'stored', 'k', 'secret', now());
         insert into inbox.tenant_seq (tenant_id, seq) values ('{t}', 1);
         insert into inbox.events (tenant_id, seq, type, entity_id, created_at) values ('{t}', 1, 'message.created', '{m}', now());
         insert into inbox.labels (tenant_id, id, name, name_key, color) values ('{t}', '{c}', 'l', 'l', 'red');
         insert into inbox.conversation_labels (tenant_id, conversation_id, label_id) values ('{t}', '{v}', '{c}');
         insert into inbox.notes (tenant_id, id, conversation_id, text, created_at) values ('{t}', '{m}', '{v}', 'secret', now());
         insert into inbox.unanswered (tenant_id, id, question, folded, digest, conversation_id, message_ids, reason, first_at, last_at)
             values ('{t}', '{m}', 'secret', 'secret', sha256('secret'), '{v}', array['{m}'::uuid], 'nothing_found', now(), now());
         insert into inbox.replays (tenant_id, id, created_at) values ('{t}', '{m}', now());
         insert into inbox.replay_items (tenant_id, replay_id, no, conversation_id)
             values ('{t}', '{m}', 0, '{v}');
         insert into inbox.terms (tenant_id, term, conversation_id, at) values ('{t}', 'secret', '{v}', now());
         insert into inbox.terms_progress (tenant_id) values ('{t}');
         insert into inbox.channel_sync (tenant_id, channel_id, connected_at) values ('{t}', '{v}', now());
         insert into inbox.handovers (tenant_id, id, conversation_id, reason, at) values ('{t}', '{m}', '{v}', 'r', now());
         insert into inbox.idempotency_keys (tenant_id, key, digest, message_id, created_at) values ('{t}', 'k', '', '{m}', now());
         insert into inbox.export_parts (tenant_id, export_id, no, file, lines) values ('{t}', '{m}', 0, 'f', 'secret');
         insert into inbox.erasures (tenant_id, contact_id, channel_id, person, platform_user_id, erased_at)
             values ('{t}', '{m}', '{c}', sha256('u'), 'u', now());
         insert into inbox.erased_messages (tenant_id, contact_id, message_id, mid) values ('{t}', '{m}', '{m}', 'm')"
    )).await;
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned()).unwrap_or_default()
}

/// What is wrong with the tables' protection, by the catalogue.
async fn holes(admin: &PgPool) -> Vec<String> {
    let rows = sqlx::query(
        "select c.relname::text as name, c.relrowsecurity and c.relforcerowsecurity as forced,
             (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
             (select count(*) from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
                 and pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid)
                 and pg_get_expr(p.polqual, p.polrelid) like '(tenant_id = ( SELECT app.current_tenant()%') as right_ones,
             (select count(*) from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'f')
                 and (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = k.conkey[1]) <> 'tenant_id') as keys
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'inbox' and c.relkind in ('r', 'p')",
    );
    let mut holes = Vec::new();
    for row in rows.fetch_all(admin).await.unwrap() {
        let name: String = row.get("name");
        if WITHOUT_TENANT.contains(&name.as_str()) {
            continue;
        }
        let counts: (i64, i64, i64) = (row.get("policies"), row.get("right_ones"), row.get("keys"));
        if !row.get::<bool, _>("forced") || counts != (1, 1, 0) {
            holes.push(name);
        }
    }
    holes
}

#[tokio::test]
async fn another_tenants_rows_cannot_be_seen_added_changed_or_removed() {
    let db = TestDb::new().await;
    let admin = db.superuser().await;
    let (mine, theirs) = (TenantId(new_id()), TenantId(new_id()));
    fill(&admin, mine).await;
    fill(&admin, theirs).await;
    let inbox: Db = db.pool("cd_inbox", 1).await;
    let tables = tables(&admin).await;
    assert!(tables.len() >= 8);
    for table in tables.iter().filter(|table| !WITHOUT_TENANT.contains(&table.as_str())) {
        let caller = member(mine, Role::Owner);
        let statement = |text: String| AssertSqlSafe(text);
        let mut tx = inbox.begin(&caller).await.unwrap();
        let rows =
            sqlx::query(statement(format!("select tenant_id from inbox.{table}"))).fetch_all(tx.conn()).await.unwrap();
        assert_eq!(rows.len(), 1, "{table}");
        assert_eq!(rows[0].get::<uuid::Uuid, _>("tenant_id"), mine.0, "{table}");
        drop(tx);
        for change in [
            format!("update inbox.{table} set tenant_id = tenant_id where tenant_id = '{}'", theirs.0),
            format!("delete from inbox.{table} where tenant_id = '{}'", theirs.0),
        ] {
            let mut tx = inbox.begin(&caller).await.unwrap();
            match sqlx::query(statement(change.clone())).execute(tx.conn()).await {
                Ok(done) => assert_eq!(done.rows_affected(), 0, "{change}"),
                Err(error) => assert_eq!(code(&error), "42501", "{change}"),
            }
        }
        for smuggled in [
            format!("update inbox.{table} set tenant_id = '{}'", theirs.0),
            format!(
                "insert into inbox.{table} select (jsonb_populate_record(r, jsonb_build_object('tenant_id', '{}'))).* from inbox.{table} r",
                theirs.0
            ),
        ] {
            let mut tx = inbox.begin(&caller).await.unwrap();
            let refused = sqlx::query(statement(smuggled.clone())).execute(tx.conn()).await.unwrap_err();
            assert_eq!(code(&refused), "42501", "{smuggled}: {refused}");
        }
        let mut tx = inbox.system().await.unwrap();
        let blind =
            sqlx::query(statement(format!("select 1 from inbox.{table}"))).fetch_all(tx.conn()).await.unwrap_err();
        assert_eq!(code(&blind), "42501", "{table} without a tenant");
    }
}

#[tokio::test]
async fn a_foreign_key_never_points_into_another_tenant() {
    let db = TestDb::new().await;
    let admin = db.superuser().await;
    let (mine, theirs) = (TenantId(new_id()), TenantId(new_id()));
    fill(&admin, mine).await;
    fill(&admin, theirs).await;
    let foreign: uuid::Uuid = sqlx::query_scalar("select id from inbox.conversations where tenant_id = $1")
        .bind(theirs.0)
        .fetch_one(&admin)
        .await
        .unwrap();
    let inbox = db.pool("cd_inbox", 1).await;
    let mut tx = inbox.begin(&member(mine, Role::Owner)).await.unwrap();
    let refused = sqlx::query("update inbox.messages set conversation_id = $1")
        .bind(foreign)
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "23503");
}

#[tokio::test]
async fn every_table_has_the_one_policy_and_a_hole_is_seen() {
    let db = TestDb::new().await;
    let admin = db.superuser().await;
    assert_eq!(holes(&admin).await, Vec::<String>::new());
    for (hole, table) in [
        ("drop policy tenant on inbox.events", "events"),
        ("alter table inbox.messages no force row level security", "messages"),
        ("create policy more on inbox.contacts using (true)", "contacts"),
        ("alter table inbox.webhook_items add unique (key)", "webhook_items"),
        ("create table inbox.fresh (tenant_id uuid primary key)", "fresh"),
    ] {
        as_admin(&admin, hole.to_owned()).await;
        assert!(holes(&admin).await.contains(&table.to_owned()), "{hole}");
    }
}
