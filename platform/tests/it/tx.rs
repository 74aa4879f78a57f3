//! The tenant transaction, mostly over a pool of one: what one borrower leaves behind is what the next one gets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use super::*;
use chatdesk_platform::db::testing::member;
use chatdesk_platform::db::{Connection, Db, DbConfig, TenantTx};
use chatdesk_platform::{Error, Role};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

async fn insert(tx: &mut TenantTx, tenant: TenantId, id: i64) -> Result<(), sqlx::Error> {
    let query = sqlx::query("insert into catalog.probe values ($1, $2)").bind(tenant.0).bind(id);
    query.execute(tx.conn()).await.map(|_| ())
}

async fn ids(connection: &mut Connection) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar("select id from catalog.probe order by id").fetch_all(connection).await
}

fn code(error: &sqlx::Error) -> String {
    error.as_database_error().unwrap().code().unwrap().into_owned()
}

/// Insufficient privilege (Postgres, appendix A): what the policy and the missing tenant raise.
const REFUSED: &str = "42501";

#[tokio::test]
async fn a_tenant_sees_and_writes_its_own_rows_only() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let (one, two) = (tenant(), tenant());
    for (who, id) in [(one, 1), (two, 2)] {
        let mut tx = db.begin(&member(who, Role::Viewer)).await.unwrap();
        assert_eq!(tx.tenant(), who);
        insert(&mut tx, who, id).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = db.begin(&member(one, Role::Owner)).await.unwrap();
    assert_eq!(ids(tx.conn()).await.unwrap(), [1]);
    let touched = sqlx::query("update catalog.probe set id = 9 where tenant_id = $1").bind(two.0);
    assert_eq!(touched.execute(tx.conn()).await.unwrap().rows_affected(), 0);
    assert_eq!(sqlx::query("delete from catalog.probe").execute(tx.conn()).await.unwrap().rows_affected(), 1);
    assert_eq!(code(&insert(&mut tx, two, 3).await.unwrap_err()), REFUSED);
    drop(tx);
    let mut tx = db.begin(&member(two, Role::Owner)).await.unwrap();
    assert_eq!(ids(tx.conn()).await.unwrap(), [2]);
}

#[tokio::test]
async fn without_a_tenant_there_is_an_error_and_no_empty_answer() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    // Before and after a tenant used the same connection: unset and set to nothing are different things to Postgres.
    for _ in 0..2 {
        let mut tx = db.system().await.unwrap();
        assert_eq!(code(&ids(tx.conn()).await.unwrap_err()), REFUSED);
        drop(tx);
        db.begin(&member(tenant(), Role::Owner)).await.unwrap().commit().await.unwrap();
    }
    assert!(matches!(db.begin(&service_without_tenant()).await, Err(Error::Forbidden)));
}

#[tokio::test]
async fn nobody_of_a_deleted_business_is_let_in_and_whoever_comes_next_is() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let (one, other) = (tenant(), tenant());
    let pool = test.superuser().await;
    let add = "insert into routing.tenants (tenant_id) values ($1)";
    sqlx::query(add).bind(one.0).execute(&pool).await.unwrap();
    let member_of_one = member(one, Role::Owner);
    let mut tx = db.begin(&member_of_one).await.unwrap();
    insert(&mut tx, one, 1).await.unwrap();
    tx.commit().await.unwrap();
    sqlx::query("update routing.tenants set state = 'deleted'").execute(&pool).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(db.begin(&member_of_one).await, Err(Error::Forbidden)));
        let mut tx = db.begin(&member(other, Role::Owner)).await.unwrap();
        assert!(ids(tx.conn()).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_waits_for_the_commit_happens_with_it_and_only_then() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let caller = member(tenant(), Role::Owner);
    let runs = Arc::new(AtomicU32::new(0));
    let run = || {
        let runs = Arc::clone(&runs);
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
        }
    };
    let mut dropped = db.begin(&caller).await.unwrap();
    dropped.after_commit(run());
    drop(dropped);
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    let mut tx = db.begin(&caller).await.unwrap();
    tx.after_commit(run());
    assert_eq!(runs.load(Ordering::SeqCst), 0);
    tx.commit().await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

/// Polls a begin so many times and drops it, wherever it is by then. True when it was cut off.
async fn cut_off(db: &Db, caller: &Caller, polls: u32) -> bool {
    let mut begin = std::pin::pin!(db.begin(caller));
    for _ in 0..polls {
        if let Poll::Ready(begun) = futures::poll!(begin.as_mut()) {
            begun.unwrap();
            return false;
        }
        tokio::task::yield_now().await;
    }
    true
}

/// The tenant of the transaction; a stray one left behind on the connection would still have its own.
async fn tenant_of(connection: &mut Connection) -> Option<String> {
    let tenant = sqlx::query_scalar::<_, Option<String>>("select current_setting('app.tenant_id', true)");
    tenant.fetch_one(connection).await.unwrap().filter(|text| !text.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_begin_that_is_cut_off_leaves_nothing_behind() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let (gone, next) = (member(tenant(), Role::Owner), member(tenant(), Role::Owner));
    let mut random = 7_u32;
    let (mut cut, mut kept) = (0, Vec::new());
    for round in 0..2_000_i64 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        cut += u32::from(cut_off(&db, &gone, (random >> 16) % 400).await);
        if round % 2 == 0 {
            let mut tx = db.system().await.unwrap();
            assert_eq!(tenant_of(tx.conn()).await, None, "round {round}");
        } else {
            let mut tx = db.begin(&next).await.unwrap();
            let tenant = tx.tenant();
            assert_eq!(tenant_of(tx.conn()).await, Some(tenant.to_string()), "round {round}");
            insert(&mut tx, tenant, round).await.unwrap();
            tx.commit().await.unwrap();
            kept.push(round);
        }
    }
    assert!(cut > 100, "only {cut} were cut off");
    let mut tx = db.begin(&next).await.unwrap();
    assert_eq!(ids(tx.conn()).await.unwrap(), kept);
}

#[tokio::test]
async fn a_begin_that_failed_does_not_spoil_the_connection() {
    let test = probe().await;
    let pool = test.superuser().await;
    // The begin finds this function before Postgres's own, and it fails as long as the table has a row.
    let name = sqlx::query_scalar::<_, String>("select current_database()").fetch_one(&pool).await.unwrap();
    sqlx::raw_sql(
        "create table public.broken (id bigint); insert into public.broken values (1);
         grant select, delete on public.broken to public;
         create function public.set_config(text, text, boolean) returns text language plpgsql as $$
         begin
             if exists (select from public.broken) then raise exception 'broken'; end if;
             return pg_catalog.set_config($1, $2, $3);
         end $$",
    )
    .execute(&pool)
    .await
    .unwrap();
    let path = format!("alter role cd_catalog in database {name} set search_path = public, pg_catalog");
    sqlx::raw_sql(sqlx::AssertSqlSafe(path)).execute(&pool).await.unwrap();
    let db = test.pool("cd_catalog", 1).await;
    let caller = member(tenant(), Role::Owner);
    for _ in 0..3 {
        assert!(matches!(db.begin(&caller).await, Err(Error::Internal(_))));
        let mut tx = db.system().await.unwrap();
        assert_eq!(tenant_of(tx.conn()).await, None);
        tx.commit().await.unwrap();
    }
    sqlx::query("delete from public.broken").execute(&pool).await.unwrap();
    let mut tx = db.begin(&caller).await.unwrap();
    assert_eq!(ids(tx.conn()).await.unwrap(), Vec::<i64>::new());
}

#[tokio::test]
async fn a_lost_connection_is_replaced() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let caller = member(tenant(), Role::Owner);
    db.begin(&caller).await.unwrap().commit().await.unwrap();
    let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity
               where datname = current_database() and usename = 'cd_catalog'";
    let ended = sqlx::query_scalar::<_, i64>(end).fetch_one(&test.superuser().await).await.unwrap();
    assert_eq!(ended, 1);
    until("a begin on a new connection", || async { db.begin(&caller).await.is_ok() }).await;
    assert!(db.is_up().await);
    db.close().await;
    assert!(matches!(db.begin(&caller).await, Err(Error::Unavailable(_))));
}

/// A line to the test's server. While it is spoiled, whoever connects hears what no Postgres says, and who was connected is cut off.
async fn line(test: &TestDb) -> (DbConfig, watch::Sender<bool>) {
    let mut url = url::Url::parse(test.role_url("cd_catalog").expose_secret()).unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(listener.local_addr().unwrap().port())).unwrap();
    let (spoil, spoiled) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (server, mut spoiled) = (server.clone(), spoiled.clone());
            tokio::spawn(async move {
                if *spoiled.borrow_and_update() {
                    let _ = client.write_all(b"z\0\0\0\x04").await;
                    let _ = client.read_to_end(&mut Vec::new()).await;
                    return;
                }
                let mut server = TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    _ = copy_bidirectional(&mut client, &mut server) => {}
                    _ = spoiled.changed() => {}
                }
            });
        }
    });
    (DbConfig { url: String::from(url).into(), connections: 1 }, spoil)
}

#[tokio::test]
async fn a_connection_that_breaks_while_it_is_made_passes() {
    let test = probe().await;
    let (config, spoil) = line(&test).await;
    let db = Db::connect(&config).await.unwrap();
    let caller = member(tenant(), Role::Owner);
    db.begin(&caller).await.unwrap().commit().await.unwrap();
    spoil.send(true).unwrap();
    until("the line to be cut", || async { db.begin(&caller).await.is_err() }).await;
    for _ in 0..3 {
        assert!(matches!(db.begin(&caller).await, Err(Error::Unavailable(_))));
        assert!(matches!(db.system().await, Err(Error::Unavailable(_))));
        assert!(matches!(db.system_line().await, Err(Error::Unavailable(_))));
    }
    spoil.send(false).unwrap();
    until("a begin on a new connection", || async { db.begin(&caller).await.is_ok() }).await;
}

/// What breaks the protocol in a statement is a defect of the statement: tried again without end, it would never be seen.
#[tokio::test]
async fn a_statement_that_breaks_the_protocol_does_not_pass() {
    let test = probe().await;
    let db = test.pool("cd_catalog", 1).await;
    let mut tx = db.system().await.unwrap();
    let mut statement = sqlx::query("select 1");
    for value in 0..70_000_i32 {
        statement = statement.bind(value);
    }
    let failed = statement.execute(tx.conn()).await.unwrap_err();
    assert!(matches!(failed, sqlx::Error::Protocol(_)), "{failed}");
    assert!(!Error::from(failed).is_transient());
    drop(tx);
    db.system().await.unwrap().commit().await.unwrap();
}
