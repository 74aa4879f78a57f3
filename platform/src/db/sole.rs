//! The right to think oneself alone on a database.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection};

/// Any number, the same in every process.
const LOCK: i64 = 7_203_303;
/// The server may notice only after a moment that a killed predecessor is gone.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(250);

/// Held by the one process that runs everything on a database. Ends when this is dropped, or with the process.
pub struct Sole {
    _session: PgConnection,
}

/// Why it cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SoleError {
    /// Another process has it.
    #[error(
        "another `chatdesk run` works on this database; stop it first, or run one process per service with `chatdesk serve`"
    )]
    Taken,
    /// No connection.
    #[error("the database cannot be reached")]
    Database(#[from] sqlx::Error),
}

impl Sole {
    /// Takes it with a session lock, waiting a few seconds for a predecessor to be gone.
    pub async fn take(url: &str) -> Result<Self, SoleError> {
        let mut session = PgConnection::connect(url).await?;
        for _ in 0..TRIES {
            if sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "taken!""#, LOCK)
                .fetch_one(&mut session)
                .await?
            {
                return Ok(Self { _session: session });
            }
            tokio::time::sleep(BETWEEN).await;
        }
        Err(SoleError::Taken)
    }
}
