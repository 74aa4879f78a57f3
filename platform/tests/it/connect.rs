//! Which logins a service takes, and a server that is slow to let them in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chatdesk_platform::db::testing::test_secret;
use chatdesk_platform::db::{Db, DbConfig, DbError, migrate};
use secrecy::{ExposeSecret as _, SecretString};

use super::*;

async fn refused(url: SecretString) -> DbError {
    match Db::connect(&DbConfig { url, connections: 1 }).await {
        Ok(_) => panic!("this login must be refused"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn the_services_own_role_is_taken() {
    let db = TestDb::new().await;
    for role in ["cd_tenants", "cd_inbox", "cd_catalog"] {
        assert!(db.pool(role, 1).await.is_up().await);
    }
}

#[tokio::test]
async fn a_superuser_is_refused() {
    let db = TestDb::new().await;
    assert!(matches!(refused(db.url().into()).await, DbError::Bypasses(_)));
}

#[tokio::test]
async fn the_owner_of_a_table_is_refused() {
    let db = probe().await;
    let pool = db.superuser().await;
    sqlx::raw_sql("alter table catalog.probe owner to cd_catalog").execute(&pool).await.unwrap();
    assert!(matches!(refused(db.role_url("cd_catalog")).await, DbError::Bypasses(role) if role == "cd_catalog"));
}

#[tokio::test]
async fn a_database_that_was_not_set_up_is_refused() {
    let db = TestDb::new().await;
    let own = db.role_url("cd_catalog");
    let (server, _) = own.expose_secret().rsplit_once('/').unwrap();
    // This one is on every server, and nobody sets it up.
    assert!(matches!(refused(format!("{server}/postgres").into()).await, DbError::NotMigrated));
}

#[tokio::test]
async fn a_database_that_an_older_version_set_up_is_refused_and_a_newer_ones_is_taken() {
    let db = TestDb::new().await;
    let pool = db.superuser().await;
    let newest = "(select max(version) from _sqlx_migrations)";
    let also = format!("update _sqlx_migrations set version = version + 1 where version = {newest}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(also)).execute(&pool).await.unwrap();
    assert!(db.pool("cd_catalog", 1).await.is_up().await);
    let older = format!("delete from _sqlx_migrations where version = {newest}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(older)).execute(&pool).await.unwrap();
    assert!(matches!(refused(db.role_url("cd_catalog")).await, DbError::NotMigrated));
}

#[tokio::test]
async fn several_databases_of_one_server_are_set_up_at_once() {
    let (one, other) = (TestDb::new().await, TestDb::new().await);
    let secret = test_secret();
    let all = (0..24).map(|turn| migrate(if turn % 2 == 0 { one.url() } else { other.url() }, &secret));
    for done in futures::future::join_all(all).await {
        done.unwrap();
    }
}

#[tokio::test]
async fn what_an_operator_reads_names_no_password() {
    let error = refused("postgres://cd_catalog:hunter2@127.0.0.1:1/nothing".into()).await;
    assert!(matches!(error, DbError::Unreachable(_)));
    assert!(!error.to_string().contains("hunter2"));
    assert!(matches!(refused("hunter2".into()).await, DbError::Url));
}

/// Longer than a caller waits.
const SLOW: Duration = Duration::from_secs(3);

/// A way to a server on which every connection, once `is_slow`, takes its time before its first byte. Gives its port.
async fn way_to(server: String, is_slow: Arc<AtomicBool>) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let (server, is_slow) = (server.clone(), is_slow.clone());
            tokio::spawn(async move {
                if is_slow.load(Ordering::Relaxed) {
                    tokio::time::sleep(SLOW).await;
                }
                let mut behind = tokio::net::TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut behind).await;
            });
        }
    });
    port
}

#[tokio::test]
async fn a_server_that_is_slow_to_let_anybody_in_lets_us_in() {
    let database = TestDb::new().await;
    let own = database.role_url("cd_catalog");
    let (login, place) = own.expose_secret().rsplit_once('@').unwrap();
    let (server, name) = place.split_once('/').unwrap();
    let is_slow = Arc::new(AtomicBool::new(false));
    let port = way_to(server.to_owned(), is_slow.clone()).await;
    let url = format!("{login}@127.0.0.1:{port}/{name}").into();
    let db = Db::connect(&DbConfig { url, connections: 2 }).await.unwrap();
    let (_taken, lost) = (db.system().await.unwrap(), db.system().await.unwrap());
    is_slow.store(true, Ordering::Relaxed);
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'cd_catalog'";
    sqlx::query(end).execute(&database.superuser().await).await.unwrap();
    drop(lost);
    assert!(db.system().await.is_err(), "nobody waits for a connection that slow");
    let mut tries = 0;
    while db.system().await.is_err() {
        tries += 1;
        assert!(tries < 5, "each try began the connection anew");
    }
}
