//! The platform on a real Postgres and over the wire: what holds tenants apart, what hands work out, what stands before a service.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aside;
mod catalogue;
mod connect;
mod due;
mod guard;
mod migrations;
mod streaming;
mod tx;
mod worker;

use std::future::Future;
use std::time::Duration;

use chatdesk_platform::db::testing::{TestDb, test_secret};
use chatdesk_platform::{Caller, Clock, Identity, Keyring, ServiceName, TenantId, new_id};

/// No wait in a test is longer than this.
const LONG: Duration = Duration::from_secs(20);

fn keys() -> Keyring {
    Keyring::derived(&test_secret())
}

fn tenant() -> TenantId {
    TenantId(new_id())
}

/// A service that acts for nobody, proved the way it is in life.
fn service_without_tenant() -> Caller {
    let who = Identity::Service { name: ServiceName::Ai, tenant: None };
    let token = keys().minter(ServiceName::Ai).unwrap().mint(&who, &[ServiceName::Catalog], &Clock::system()).unwrap();
    keys().verifier(ServiceName::Catalog).verify(&token).unwrap()
}

/// Waits until something holds.
async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(LONG, wait).await.is_ok(), "in vain: {what}");
}

/// A database with a tenants' table of its own, `catalog.probe (tenant_id, id)`.
async fn probe() -> TestDb {
    let db = TestDb::new().await;
    sqlx::raw_sql(
        "create table catalog.probe (tenant_id uuid not null, id bigint not null, primary key (tenant_id, id));
         select app.isolate('catalog.probe');
         grant select, insert, update, delete on catalog.probe to cd_catalog",
    )
    .execute(&db.superuser().await)
    .await
    .unwrap();
    db
}
