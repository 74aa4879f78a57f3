//! What this service is told at start: its database, its keys, where Meta is and who we are there, the daily budget of model tokens, and
//! where mails go.

use chatdesk_meta::AppSecrets;
use chatdesk_meta::graph::{BadConfig, GraphConfig};
use chatdesk_platform::db::DbConfig;
use chatdesk_platform::{VarError, Vars};

use chrono::TimeDelta;
use url::Url;

use crate::keys::Keys;
use crate::mail::Mailer;
use crate::plan::{NoPrices, Prices};
use crate::work::check::DAILY;

/// Settings of this service.
#[derive(Clone)]
pub struct Config {
    /// Its own login, TENANTS_DATABASE_URL.
    pub database: DbConfig,
    /// From ENCRYPTION_KEY or SECRET_KEY.
    pub keys: Keys,
    /// GRAPH_BASE_URL, INSTAGRAM_BASE_URL, GRAPH_VERSION; the first of FB_APP_SECRET makes the proof that goes with a token. For the logins:
    /// FB_APP_ID, IG_APP_ID, IG_APP_SECRET, FB_DIALOG_URL, IG_OAUTH_URL; without an app's id or secret there is no login with it.
    pub graph: Box<GraphConfig>,
    /// DAILY_TOKEN_BUDGET: tokens per tenant and UTC day, at least 1; 2,000,000 when unset.
    pub daily_token_budget: u32,
    /// MODEL_PRICES: US dollars for a million tokens of prompts and of completions. Without it nobody is told what is spent.
    pub prices: Option<Prices>,
    /// SMTP_URL and MAIL_FROM; without them no mail is sent.
    pub mailer: Option<Mailer>,
    /// PUBLIC_URL: where links of mails lead. None where only the edge of the same process knows; see [`crate::Service::reachable_at`].
    pub public_url: Option<String>,
    /// CHANNEL_CHECK_MS: how often Meta is asked how a channel is; a day when unset.
    pub check_every: TimeDelta,
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
            secrets(vars, "FB_APP_SECRET"),
        );
        let graph = graph.and_then(|graph| apps(graph, vars)).map_err(|why| bad(&why))?;
        let check_every = vars.parse("CHANNEL_CHECK_MS", DAILY.num_milliseconds())?;
        if !(1..=LONGEST).contains(&check_every) {
            let problem = "is 1 to 172800000 milliseconds; unset it for a day".to_owned();
            return Err(VarError { name: "CHANNEL_CHECK_MS".to_owned(), problem });
        }
        let daily_token_budget = vars.parse("DAILY_TOKEN_BUDGET", 2_000_000)?;
        if daily_token_budget == 0 {
            let problem = "needs at least 1 token; unset it for 2,000,000 a day".to_owned();
            return Err(VarError { name: "DAILY_TOKEN_BUDGET".to_owned(), problem });
        }
        let prices = vars.get("MODEL_PRICES").map(|text| text.parse());
        let no_prices = |why: NoPrices| VarError { name: "MODEL_PRICES".to_owned(), problem: why.to_string() };
        Ok(Self {
            prices: prices.transpose().map_err(no_prices)?,
            database: DbConfig::from_vars(vars, "TENANTS_DATABASE_URL")?,
            keys: Keys::from_vars(vars)?,
            graph: Box::new(graph),
            daily_token_budget,
            mailer: Mailer::from_vars(vars)?,
            public_url: vars.get("PUBLIC_URL").map(|url| home(&url)).transpose()?,
            check_every: TimeDelta::milliseconds(check_every),
        })
    }
}

/// The longest interval between two checks, in milliseconds: tokens are renewed by a check, in their last days.
const LONGEST: i64 = 2 * 24 * 60 * 60 * 1000;

/// The address of the app, without a slash at the end.
pub fn home(url: &str) -> Result<String, VarError> {
    let parsed = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let origin = parsed.map(|url| url.origin().ascii_serialization());
    let problem = "must be an address such as https://chat.example.com".to_owned();
    origin.ok_or_else(|| VarError { name: "PUBLIC_URL".to_owned(), problem })
}

fn secrets(vars: &Vars, name: &str) -> Option<AppSecrets> {
    vars.get(name).and_then(|list| AppSecrets::parse(&list).ok())
}

/// The settings with the apps of the two logins, where they are set.
fn apps(mut graph: GraphConfig, vars: &Vars) -> Result<GraphConfig, BadConfig> {
    if let Some(id) = vars.get("FB_APP_ID") {
        graph = graph.with_facebook_app(&id)?;
    }
    if let (Some(id), Some(secrets)) = (vars.get("IG_APP_ID"), secrets(vars, "IG_APP_SECRET")) {
        graph = graph.with_instagram_app(&id, secrets)?;
    }
    graph.with_dialogs(vars.get("FB_DIALOG_URL").as_deref(), vars.get("IG_OAUTH_URL").as_deref())
}

fn bad(why: &BadConfig) -> VarError {
    let name = match why {
        BadConfig::Base(name) | BadConfig::App(name) => name,
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
            ("FB_APP_ID", "my app"),
            ("FB_DIALOG_URL", "javascript:x"),
            ("IG_OAUTH_URL", "x"),
            ("CHANNEL_CHECK_MS", "0"),
            ("CHANNEL_CHECK_MS", "daily"),
            ("CHANNEL_CHECK_MS", "172800001"),
            ("DAILY_TOKEN_BUDGET", "0"),
            ("DAILY_TOKEN_BUDGET", "many"),
            ("MODEL_PRICES", "cheap"),
            ("PUBLIC_URL", "chat.example.com"),
            ("PUBLIC_URL", "javascript:alert(1)"),
            ("SMTP_URL", "smtp://mail.example.com"),
            ("SECRET_KEY", "short"),
        ] {
            let error = Config::from_vars(&vars().overlaid([(name, value)])).err().map(|error| error.name);
            assert_eq!(error.as_deref(), Some(name));
        }
        let nothing = Vars::fixed::<String, String>([]);
        assert_eq!(Config::from_vars(&nothing).err().map(|error| error.name).as_deref(), Some("TENANTS_DATABASE_URL"));
    }
}
