//! A connection of the test's own that holds locks: so that it can be seen who waits for them, and what they hold meanwhile.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use uuid::Uuid;

use crate::house::{House, until};

/// A superuser's transaction.
pub struct Locks {
    pub connection: PgConnection,
    pid: i32,
}

impl Locks {
    pub async fn new(house: &House) -> Self {
        let mut connection = PgConnection::connect(house.db.url()).await.unwrap();
        let pid = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut connection).await.unwrap();
        let mut locks = Self { connection, pid };
        // Whoever is in a deadlock with it is the one to find out.
        locks.run("set deadlock_timeout = '1h'").await;
        locks.run("begin").await;
        locks
    }

    pub async fn run(&mut self, statement: impl Into<String>) {
        sqlx::raw_sql(AssertSqlSafe(statement.into())).execute(&mut self.connection).await.unwrap();
    }

    /// Locks a conversation as who changes it does.
    pub async fn conversation(&mut self, id: &str) {
        self.run(format!("select from inbox.conversations where id = '{id}' for no key update")).await;
    }

    /// Whether nobody has a row of these now; then it is locked here.
    pub async fn is_free(&mut self, rows: String) -> bool {
        let statement = format!("{rows} for no key update nowait");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut self.connection).await.is_ok()
    }

    pub async fn is_conversation_free(&mut self, id: &str) -> bool {
        self.is_free(format!("select from inbox.conversations where id = '{id}'")).await
    }

    /// Waits until so many wait for what is held here.
    pub async fn awaited(&self, house: &House, by: i64) {
        until("somebody to wait for a lock", || async {
            let waiting: i64 = sqlx::query_scalar(
                "select count(*) from pg_stat_activity where datname = current_database() and $1 = any(pg_blocking_pids(pid))",
            )
            .bind(self.pid)
            .fetch_one(&house.admin)
            .await
            .unwrap();
            (waiting >= by).then_some(())
        })
        .await;
    }

    /// Its process in the server, for those who see it wait.
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// Lets everything go.
    pub async fn end(mut self) {
        self.run("commit").await;
        self.connection.close().await.unwrap();
    }
}

/// Waits until a process of the server waits for a lock.
pub async fn waits(house: &House, pid: i32) {
    until("the lock to be asked for", || async {
        let waits: bool = sqlx::query_scalar("select cardinality(pg_blocking_pids($1)) > 0")
            .bind(pid)
            .fetch_one(&house.admin)
            .await
            .unwrap();
        waits.then_some(())
    })
    .await;
}

/// The conversation with a customer.
pub async fn conversation_with(house: &House, user: &str) -> String {
    let id: Uuid = sqlx::query_scalar(
        "select v.id from inbox.conversations v join inbox.contacts c on c.id = v.contact_id where c.platform_user_id = $1",
    )
    .bind(user)
    .fetch_one(&house.admin)
    .await
    .unwrap();
    id.to_string()
}
