//! Which logins a service takes.

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
