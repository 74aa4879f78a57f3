//! The pool of one service's role.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool};

use super::migrate::MIGRATIONS;
use super::tx::{SystemLine, SystemTx, TenantTx};
use crate::{Caller, Error, VarError, Vars};

/// Where the database is and how many connections to hold.
#[derive(Clone)]
pub struct DbConfig {
    /// With the role's name and password.
    pub url: SecretString,
    /// The most connections.
    pub connections: u32,
}

impl DbConfig {
    /// `var`, for example INBOX_DATABASE_URL, and DB_CONNECTIONS (default 10).
    pub fn from_vars(vars: &Vars, var: &str) -> Result<Self, VarError> {
        let url = vars.require(var, "it is this service's own login, which `chatdesk migrate` makes")?;
        Ok(Self { url: url.into(), connections: vars.parse("DB_CONNECTIONS", 10)? })
    }
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Not a URL.
    #[error("the database URL cannot be read: it looks like postgres://user:password@host/name")]
    Url,
    /// No connection.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// It would not hold tenants apart.
    #[error("the role {0} could bypass row security; use the service's own role, which `chatdesk migrate` makes")]
    Bypasses(String),
    /// Too old, without pgvector, or a login that cannot make roles.
    #[error(
        "Postgres {0} cannot be used: it takes version 16 or newer, the extension pgvector, and a login that may create roles"
    )]
    Unfit(String),
    /// Tables that this version needs are missing.
    #[error("the database is not set up for this version; run `chatdesk migrate`")]
    NotMigrated,
}

/// How long a connection may take to be made. Longer than [`WAIT`]: given up with each caller, a server that is slow to let anybody in would
/// never let anybody in again.
const CONNECTING: Duration = Duration::from_secs(10);
/// How long a caller waits for a connection.
const WAIT: Duration = Duration::from_secs(2);

/// The database as one service's role. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: PgPool,
}

impl Db {
    /// Connects, and refuses a role that is a superuser, bypasses row security or owns tables.
    pub async fn connect(config: &DbConfig) -> Result<Self, DbError> {
        Self::connect_with(config, &[]).await
    }

    /// The same, with these settings of Postgres on every connection.
    pub async fn connect_with(config: &DbConfig, settings: &[(&str, &str)]) -> Result<Self, DbError> {
        let options: PgConnectOptions = config.url.expose_secret().parse().map_err(|_| DbError::Url)?;
        let options = options.options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "3s"),
            ("idle_in_transaction_session_timeout", "15s"),
        ]);
        let options = options.options(settings.iter().copied());
        let role = options.get_username().to_owned();
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(CONNECTING)
            .idle_timeout(Duration::from_secs(300))
            // A begin that failed, or was dropped before its shield, must not be the next borrower's transaction
            // (transact-rs/sqlx#4393). BEGIN first, because ROLLBACK alone warns in the server's log each time.
            .after_release(|connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql("BEGIN; ROLLBACK").execute(connection).await?;
                    Ok(true)
                })
            })
            .connect_with(options)
            .await
            .map_err(|error| DbError::Unreachable(reason(&error)))?;
        let db = Self { pool };
        db.refuse_bypass(&role).await?;
        Ok(db)
    }

    async fn refuse_bypass(&self, role: &str) -> Result<(), DbError> {
        let unreachable = |error: sqlx::Error| DbError::Unreachable(reason(&error));
        let mut connection = self.pool.acquire().await.map_err(unreachable)?;
        let bypasses = sqlx::query_scalar!(
            r#"select (r.rolsuper or r.rolbypassrls or exists (
                   select 1 from pg_class c where c.relowner = r.oid and c.relkind in ('r', 'p'))) as "bypasses!"
               from pg_roles r where r.rolname = session_user"#
        )
        .fetch_one(&mut *connection)
        .await
        .map_err(unreachable)?;
        if bypasses {
            return Err(DbError::Bypasses(role.to_owned()));
        }
        // Not checked against a database: the table is the migrator's own. An older one lacks it, or our right to read it.
        let there = sqlx::query_scalar::<_, Option<i64>>("select max(version) from _sqlx_migrations where success");
        match there.fetch_one(&mut *connection).await {
            Ok(there) if there >= MIGRATIONS.iter().map(|migration| migration.version).max() => Ok(()),
            Ok(_) | Err(sqlx::Error::Database(_)) => Err(DbError::NotMigrated),
            Err(error) => Err(unreachable(error)),
        }
    }

    /// Begins a transaction that sees the caller's tenant and no other. A caller without a tenant is refused, and so is a person whose
    /// business is deleted, however long their token lasts.
    pub async fn begin(&self, caller: &Caller) -> Result<TenantTx, Error> {
        let is_person = caller.user().or(caller.acting()).is_some();
        TenantTx::begin(&self.pool, caller.tenant().ok_or(Error::Forbidden)?, is_person).await
    }

    /// The same for a platform admin inside a business that may be deleted. For what outlasts it: its audit log.
    pub async fn begin_even_deleted(&self, caller: &Caller) -> Result<TenantTx, Error> {
        caller.acting().ok_or(Error::Forbidden)?;
        TenantTx::begin(&self.pool, caller.tenant().ok_or(Error::Forbidden)?, false).await
    }

    /// Begins a transaction without a tenant: it sees `routing` and other tables without tenants; a tenant's table raises.
    pub async fn system(&self) -> Result<SystemTx, Error> {
        SystemTx::begin(&self.pool).await
    }

    /// A connection without a tenant that commits each statement, and is the caller's until it is dropped. It is asked whether it lives
    /// when it is taken, so one that was held idle for long is better exchanged than trusted.
    pub async fn system_line(&self) -> Result<SystemLine, Error> {
        SystemLine::open(&self.pool).await
    }

    /// Whether the database answers within a second.
    pub async fn is_up(&self) -> bool {
        let ping = async { self.pool.acquire().await?.ping().await };
        matches!(tokio::time::timeout(Duration::from_secs(1), ping).await, Ok(Ok(())))
    }

    /// Connections that are in use, and how many more may be.
    pub(super) fn connections(&self) -> (u32, u32) {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let used = self.pool.size().saturating_sub(idle);
        (used, self.pool.options().get_max_connections().saturating_sub(used))
    }

    /// What the pool holds right now.
    #[must_use]
    pub fn pool(&self) -> Connections {
        let (open, idle) = self.connections();
        Connections { most: self.pool.options().get_max_connections(), open, idle }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Connections of a pool.
#[derive(Debug, Clone, Copy)]
pub struct Connections {
    /// The most there may be.
    pub most: u32,
    /// Open ones.
    pub open: u32,
    /// Open ones that nobody uses.
    pub idle: u32,
}

/// What is not available.
const DATABASE: &str = "the database";

/// What to tell an operator about a failed connection: the server's words, never the URL.
pub(super) fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        sqlx::Error::Io(io) => io.to_string(),
        sqlx::Error::PoolTimedOut => "no answer in time".to_owned(),
        _ => "the connection failed".to_owned(),
    }
}

/// What comes on a connection, or an error once the caller has waited for [`WAIT`]. It goes on without the caller, on a task of its own: a
/// connection that is being made is there for whoever comes next, and a transaction that is begun is never left half begun on a pooled one.
pub(super) async fn within<T: Send + 'static>(
    coming: impl Future<Output = Result<T, sqlx::Error>> + Send + 'static,
) -> Result<T, Error> {
    match tokio::time::timeout(WAIT, tokio::spawn(coming)).await {
        Ok(came) => came.map_err(Error::internal)?.map_err(not_begun),
        Err(_) => Err(Error::Unavailable(DATABASE)),
    }
}

/// What a failure to get a connection, or to begin on it, means. A connection that ends while it is made, at a proxy or a server that stops,
/// breaks the protocol first: that passes. Within a statement of ours the same is a defect, such as more values than a statement takes.
fn not_begun(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Protocol(_) => Error::Unavailable(DATABASE),
        other => other.into(),
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                Self::Unavailable(DATABASE)
            }
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // Serialization failure, deadlock, lock and statement timeout; a full disk, too many connections; the server or the
                // database being shut down, started, closed or gone; the login refused (Postgres, appendix A).
                Some(
                    "40001" | "40P01" | "55P03" | "57014" | "53100" | "53300" | "57P01" | "57P02" | "57P03" | "57P04"
                    | "08006" | "55000" | "3D000" | "28000" | "28P01",
                ) => Self::Unavailable(DATABASE),
                // What `app.admit` raises.
                Some("CD001") => Self::Forbidden,
                _ => Self::internal(error),
            },
            _ => Self::internal(error),
        }
    }
}

/// Names what a violated constraint means, beside the query that can violate it.
pub trait OnConstraint<T> {
    /// The given error when exactly this constraint was violated.
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T, Error>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T, Error> {
        self.map_err(|failed| match failed.as_database_error().and_then(|database| database.constraint()) {
            Some(violated) if violated == name => error(),
            _ => failed.into(),
        })
    }
}

/// Lets `PgConnection` stay out of other crates' signatures.
pub type Connection = PgConnection;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_breaks_while_it_is_made_is_no_defect_of_ours_and_a_statement_that_does_is() {
        let broken = || sqlx::Error::Protocol("unexpected response from SSLRequest: 0x00".to_owned());
        assert!(not_begun(broken()).is_transient());
        assert!(!Error::from(broken()).is_transient());
        for error in [sqlx::Error::RowNotFound, sqlx::Error::WorkerCrashed] {
            assert!(!not_begun(error).is_transient());
        }
        assert!(not_begun(sqlx::Error::PoolTimedOut).is_transient());
    }
}
