//! What this service is told at start: its database, its keys, where Meta is, and the daily budget of model tokens.

use chatdesk_meta::AppSecrets;
use chatdesk_meta::graph::{BadConfig, GraphConfig};
use chatdesk_platform::db::DbConfig;
use chatdesk_platform::{VarError, Vars};

use crate::keys::Keys;

/// Settings of this service.
#[derive(Clone)]
pub struct Config {
    /// Its own login, TENANTS_DATABASE_URL.
    pub database: DbConfig,
    /// From ENCRYPTION_KEY or SECRET_KEY.
    pub keys: Keys,
    /// GRAPH_BASE_URL, INSTAGRAM_BASE_URL, GRAPH_VERSION; the first of FB_APP_SECRET makes the proof that goes with a token.
    pub graph: GraphConfig,
    /// DAILY_TOKEN_BUDGET: tokens per tenant and UTC day, at least 1; 2,000,000 when unset.
    pub daily_token_budget: u32,
}

impl Config {
    /// Reads the variables; the error names the one that cannot be used.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let or = |name: &str, default: &str| vars.get(name).unwrap_or_else(|| default.to_owned());
        let graph = GraphConfig::new(
            &or("GRAPH_BASE_URL", GraphConfig::FACEBOOK_BASE),
            &or("INSTAGRAM_BASE_URL", GraphConfig::INSTAGRAM_BASE),
            &or("GRAPH_VERSION", GraphConfig::VERSION),
            // Whether Instagram's host knows the proof is not documented, so IG_APP_SECRET is not asked for here.
            vars.get("FB_APP_SECRET").and_then(|list| AppSecrets::parse(&list).ok()),
        );
        let daily_token_budget = vars.parse("DAILY_TOKEN_BUDGET", 2_000_000)?;
        if daily_token_budget == 0 {
            let problem = "needs at least 1 token; unset it for 2,000,000 a day".to_owned();
            return Err(VarError { name: "DAILY_TOKEN_BUDGET".to_owned(), problem });
        }
        Ok(Self {
            database: DbConfig::from_vars(vars, "TENANTS_DATABASE_URL")?,
            keys: Keys::from_vars(vars)?,
            graph: graph.map_err(|why| bad(&why))?,
            daily_token_budget,
        })
    }
}

fn bad(why: &BadConfig) -> VarError {
    let name = match why {
        BadConfig::Base(name) => name,
        BadConfig::Version => "GRAPH_VERSION",
    };
    VarError { name: name.to_owned(), problem: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars() -> Vars {
        Vars::fixed([
            ("TENANTS_DATABASE_URL", "postgres://cd_tenants:x@127.0.0.1/x"),
            ("SECRET_KEY", "a secret of at least thirty-two characters"),
        ])
    }

    #[test]
    fn the_defaults_do_and_bad_values_are_named() {
        assert_eq!(Config::from_vars(&vars()).map(|config| config.daily_token_budget).ok(), Some(2_000_000));
        for (name, value) in [
            ("GRAPH_BASE_URL", "ftp://x"),
            ("INSTAGRAM_BASE_URL", "x"),
            ("GRAPH_VERSION", "25"),
            ("DAILY_TOKEN_BUDGET", "0"),
            ("DAILY_TOKEN_BUDGET", "many"),
            ("SECRET_KEY", "short"),
        ] {
            let error = Config::from_vars(&vars().overlaid([(name, value)])).err().map(|error| error.name);
            assert_eq!(error.as_deref(), Some(name));
        }
        let nothing = Vars::fixed::<String, String>([]);
        assert_eq!(Config::from_vars(&nothing).err().map(|error| error.name).as_deref(), Some("TENANTS_DATABASE_URL"));
    }
}
