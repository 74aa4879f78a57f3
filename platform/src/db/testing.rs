//! One database per test, cloned from a migrated template, and reached as a service's own role.

use secrecy::SecretString;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use super::migrate::{MIGRATIONS, migrate, role_url};
use super::{Db, DbConfig};
use crate::{Caller, Identity, Role, SecretKey, ServiceName, TenantId, UserId, Vars, new_id};

/// A migrated database of its own, gone with the test. Needs TEST_DATABASE_URL, a superuser's login on a server made for tests.
pub struct TestDb {
    server: String,
    name: String,
    url: String,
}

/// The secret that test databases' roles get their passwords from.
#[must_use]
#[expect(clippy::expect_used, reason = "a constant that is long enough")]
pub fn test_secret() -> SecretKey {
    SecretKey::parse("a secret for tests, of more than 32 characters").expect("long enough")
}

/// A member of a tenant, as if the gateway had vouched for them.
#[must_use]
pub fn member(tenant: TenantId, role: Role) -> Caller {
    Caller::proved(Identity::Member { tenant, user: UserId(new_id()), role }, ServiceName::Gateway)
}

#[expect(clippy::expect_used, reason = "a test without its database cannot go on")]
impl TestDb {
    /// Clones the template, which the first test makes.
    pub async fn new() -> Self {
        let server =
            Vars::process().require("TEST_DATABASE_URL", "run the tests with: make test").expect("a test server");
        let versions: Vec<u8> = MIGRATIONS.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &versions);
        let template = format!("template_{}", hex::encode(&digest.as_ref()[..8]));
        let mut connection = PgConnection::connect(&server).await.expect("the test server answers");
        sqlx::query("select pg_advisory_lock(7203302)").execute(&mut connection).await.expect("a lock");
        let there = sqlx::query_scalar::<_, bool>("select exists (select from pg_database where datname = $1)")
            .bind(&template)
            .fetch_one(&mut connection)
            .await
            .expect("the catalogue answers");
        if !there {
            let draft = format!("{template}_draft");
            run(&mut connection, format!("drop database if exists {draft}")).await;
            run(&mut connection, format!("create database {draft}")).await;
            migrate(&at(&server, &draft), &test_secret()).await.expect("the migrations apply");
            run(&mut connection, format!("alter database {draft} rename to {template}")).await;
        }
        let name = format!("test_{}", Uuid::new_v4().simple());
        run(&mut connection, format!("create database {name} template {template}")).await;
        sqlx::query("select pg_advisory_unlock(7203302)").execute(&mut connection).await.expect("the lock is ours");
        let url = at(&server, &name);
        Self { server, name, url }
    }

    /// One that only has the migrations up to this version, for [`migrate`] to go on from.
    pub async fn of_version(version: i64) -> Self {
        let server =
            Vars::process().require("TEST_DATABASE_URL", "run the tests with: make test").expect("a test server");
        let name = format!("test_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await.expect("the test server answers");
        run(&mut connection, format!("create database {name}")).await;
        let url = at(&server, &name);
        let mut connection = PgConnection::connect(&url).await.expect("the test database answers");
        MIGRATIONS.run_to(version, &mut connection).await.expect("the migrations apply");
        Self { server, name, url }
    }

    /// As the superuser, for what only a test may do: breaking things, and looking past row security.
    pub async fn superuser(&self) -> PgPool {
        PgPoolOptions::new().max_connections(2).connect(&self.url).await.expect("the test database answers")
    }

    /// The superuser's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL of a service's role.
    #[must_use]
    pub fn role_url(&self, role: &str) -> SecretString {
        role_url(&self.url, role, &test_secret()).expect("a URL")
    }

    /// A pool as a service's role, of at most `connections`.
    pub async fn pool(&self, role: &str, connections: u32) -> Db {
        Db::connect(&DbConfig { url: self.role_url(role), connections }).await.expect("the role can connect")
    }
}

/// Hundreds of databases of a run would fill a small disk, and Postgres ends on a full one. Nobody waits for it: the test's runtime must
/// go on and end first, for the server waits for connections that it has half open.
impl Drop for TestDb {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), self.name.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await.ok()?;
                let drop = format!("drop database if exists {name} with (force)");
                sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.ok()
            })
        });
    }
}

fn at(server: &str, database: &str) -> String {
    let mut url = url::Url::parse(server).unwrap_or_else(|_| unreachable!("sqlx took this URL"));
    url.set_path(database);
    url.into()
}

#[expect(clippy::expect_used, reason = "a test without its database cannot go on")]
async fn run(connection: &mut PgConnection, statement: String) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await.expect("the server takes it");
}
