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

/// How often a role's row is tried for, and the rest in between.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);
/// How long a migration waits for a table that is in use, while all who come after it wait behind it. Shorter than Postgres's
/// `deadlock_timeout`, so that of two who wait for each other the migration gives way. And nobody's rows, so that a login which row security
/// holds can ask: a foreign key's check does.
const SESSION: &str = "set lock_timeout = '500ms'; set app.tenant_id = '00000000-0000-0000-0000-000000000000'";
/// How often it tries, and the rest in between: long enough for those who waited behind it to catch up, where a backup keeps every table for
/// minutes.
const LOCK_TRIES: u32 = 150;
const LOCK_PAUSE: Duration = Duration::from_secs(2);

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

/// Brings the database up to date as the login of `url`, which must be allowed to create roles. Safe to run again, by several processes at
/// once, and while the version before is at work.
pub async fn migrate(url: &str, secret: &SecretKey) -> Result<(), MigrateError> {
    let options: PgConnectOptions = url.parse().map_err(|_| MigrateError::Url)?;
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::raw_sql(SESSION).execute(&mut connection).await?;
    for attempt in 1.. {
        // What was applied stays so; the next try begins with the one that was refused.
        match MIGRATIONS.run(&mut connection).await {
            Err(error) if attempt < LOCK_TRIES && is_held_up(&error) => tokio::time::sleep(LOCK_PAUSE).await,
            done => {
                done?;
                break;
            }
        }
    }
    for role in ROLES {
        set_password(&mut connection, role, &secret.role_password(role)).await?;
    }
    connection.close().await?;
    Ok(())
}

/// Roles belong to the whole server, so no lock of one database keeps those apart who set up two: they collide on the role's row, and the
/// one who was refused tries again.
async fn set_password(connection: &mut PgConnection, role: &str, password: &str) -> Result<(), sqlx::Error> {
    for attempt in 1.. {
        // A role's name is ours and its password is hexadecimal: neither can hold a quote.
        let statement = AssertSqlSafe(format!("alter role {role} with password '{password}'"));
        match sqlx::raw_sql(statement).execute(&mut *connection).await {
            Err(error) if attempt < TRIES && is_collision(&error) => tokio::time::sleep(PAUSE).await,
            done => return done.map(drop),
        }
    }
    Ok(())
}

/// Whether somebody else had what the migration needed.
fn is_held_up(error: &sqlx::migrate::MigrateError) -> bool {
    let (sqlx::migrate::MigrateError::Execute(cause) | sqlx::migrate::MigrateError::ExecuteMigration(cause, _)) = error
    else {
        return false;
    };
    // lock_not_available, deadlock_detected
    cause.as_database_error().and_then(|told| told.code()).is_some_and(|code| matches!(&*code, "55P03" | "40P01"))
}

/// Postgres has no code of its own for it: "tuple concurrently updated".
fn is_collision(error: &sqlx::Error) -> bool {
    let told = error.as_database_error();
    told.is_some_and(|told| told.code().as_deref() == Some("XX000") && told.message().contains("concurrently updated"))
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
