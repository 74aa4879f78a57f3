//! Transactions. A tenant's is begun and bound to the tenant in one round trip.

use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, Transaction};

use super::pool::within;
use crate::{Error, TenantId};

/// What to do once the transaction is durable, such as waking a worker.
type AfterCommit = Box<dyn FnOnce() + Send>;

/// A transaction in which exactly one tenant's rows exist.
pub struct TenantTx {
    inner: Transaction<'static, Postgres>,
    tenant: TenantId,
    after_commit: Vec<AfterCommit>,
}

/// A transaction in which no tenant's rows can be touched.
pub struct SystemTx {
    inner: Transaction<'static, Postgres>,
}

/// A connection on which no tenant's rows can be touched and every statement is a transaction of its own. For one statement that somebody
/// waits for: it is durable after one round trip, where a transaction takes three. A statement that is abandoned leaves nothing open.
pub struct SystemLine {
    inner: PoolConnection<Postgres>,
}

async fn begin(pool: &PgPool, statement: String) -> Result<Transaction<'static, Postgres>, Error> {
    let pool = pool.clone();
    within(async move { pool.begin_with(AssertSqlSafe(statement)).await }).await
}

impl TenantTx {
    pub(super) async fn begin(pool: &PgPool, tenant: TenantId, is_person: bool) -> Result<Self, Error> {
        // A UUID's own text is the only thing ever put into this statement. Who is refused is refused before the transaction, so that
        // none is left open.
        let admit = if is_person { format!("SELECT app.admit('{}'); ", tenant.0) } else { String::new() };
        let statement = format!("{admit}BEGIN; SELECT set_config('app.tenant_id', '{}', true)", tenant.0);
        Ok(Self { inner: begin(pool, statement).await?, tenant, after_commit: Vec::new() })
    }

    /// Whose rows these are.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The connection, for queries in `store/`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Runs `action` once the transaction is durable; never when it is rolled back.
    pub fn after_commit(&mut self, action: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(action));
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), Error> {
        self.inner.commit().await?;
        self.after_commit.into_iter().for_each(|action| action());
        Ok(())
    }
}

impl SystemTx {
    pub(super) async fn begin(pool: &PgPool) -> Result<Self, Error> {
        Ok(Self { inner: begin(pool, "BEGIN".to_owned()).await? })
    }

    /// The connection, for queries in `store/`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.inner.commit().await?)
    }
}

impl SystemLine {
    pub(super) async fn open(pool: &PgPool) -> Result<Self, Error> {
        Ok(Self { inner: within(pool.acquire()).await? })
    }

    /// The connection, for queries in `store/`.
    pub fn conn(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
