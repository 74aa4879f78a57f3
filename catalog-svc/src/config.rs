//! What the service needs to be told.

use std::time::Duration;

use chatdesk_platform::db::DbConfig;
use chatdesk_platform::{VarError, Vars};

/// The service's settings.
#[derive(Clone)]
pub struct Config {
    /// Its own login, from CATALOG_DATABASE_URL.
    pub db: DbConfig,
    /// How long a text handed out stays with the one who took it.
    pub embed_lease: Duration,
    /// How long a file of all products may take, however slowly it is read.
    pub export_limit: Duration,
}

impl Config {
    /// Reads CATALOG_DATABASE_URL and DB_CONNECTIONS.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        Ok(Self {
            db: DbConfig::from_vars(vars, "CATALOG_DATABASE_URL")?,
            // A batch takes seconds to embed; a crash may cost a minute.
            embed_lease: Duration::from_secs(60),
            export_limit: Duration::from_secs(600),
        })
    }
}
