//! Sets the database up: runs the numbered migrations and gives each service's role its password.

use std::time::Duration;

use secrecy::SecretString;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use url::Url;

use super::pool::{DbError, reason};
use crate::SecretKey;

/// Every migration, compiled in.
pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// The login roles, one per service that owns data.
pub(super) const ROLES: [&str; 3] = ["cd_tenants", "cd_inbox", "cd_catalog"];

/// Why the database could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// DATABASE_URL cannot be read.
    #[error("DATABASE_URL cannot be read: it looks like postgres://user:password@host/name")]
    Url,
    /// No connection, or a statement failed.
    #[error("the database cannot be set up: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed or was changed after it ran.
    #[error("a migration cannot be applied: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
}

/// Brings the database up to date as the login of `url`, which must be allowed to create roles. Safe to run again, and by several processes at once.
pub async fn migrate(url: &str, secret: &SecretKey) -> Result<(), MigrateError> {
    let options: PgConnectOptions = url.parse().map_err(|_| MigrateError::Url)?;
    let mut connection = PgConnection::connect_with(&options).await?;
    MIGRATIONS.run(&mut connection).await?;
    // Two processes that set passwords at once would collide on the role's row.
    sqlx::query("select pg_advisory_lock(7203301)").execute(&mut connection).await?;
    for role in ROLES {
        // A role's name is ours and its password is hexadecimal: neither can hold a quote.
        let password = secret.role_password(role);
        sqlx::raw_sql(AssertSqlSafe(format!("alter role {role} with password '{password}'")))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    Ok(())
}

/// The server's version when the login at `url` can set a database up; else what is missing.
pub async fn check_database(url: &str) -> Result<String, DbError> {
    let unreachable = |error: sqlx::Error| DbError::Unreachable(reason(&error));
    url.parse::<PgConnectOptions>().map_err(|_| DbError::Url)?;
    let connect = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect(url));
    let mut connection =
        connect.await.map_err(|_| DbError::Unreachable("no answer in time".into()))?.map_err(unreachable)?;
    let found = sqlx::query!(
        r#"select current_setting('server_version') as "version!", current_setting('server_version_num')::int as "number!",
               exists (select from pg_available_extensions where name = 'vector') as "vector!",
               (select rolcreaterole or rolsuper from pg_roles where rolname = session_user) as "roles!""#
    )
    .fetch_one(&mut connection)
    .await
    .map_err(unreachable)?;
    if found.number < 160_000 || !found.vector || !found.roles {
        return Err(DbError::Unfit(found.version));
    }
    Ok(format!("Postgres {} with pgvector", found.version))
}

/// The same database as another role, with the password that `migrate` gave it.
pub fn role_url(url: &str, role: &str, secret: &SecretKey) -> Result<SecretString, MigrateError> {
    let mut url = Url::parse(url).map_err(|_| MigrateError::Url)?;
    url.set_username(role).map_err(|()| MigrateError::Url)?;
    url.set_password(Some(&secret.role_password(role))).map_err(|()| MigrateError::Url)?;
    Ok(String::from(url).into())
}
