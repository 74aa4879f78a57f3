//! Logs. Filtered by RUST_LOG, as lines for people or, with LOG_FORMAT=json, for machines.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::Vars;

/// Starts logging to standard error. A second call changes nothing, so tests may call it freely.
pub fn init(vars: &Vars) {
    let filter = vars.get("RUST_LOG").unwrap_or_else(|| "info,sqlx=warn,hyper=warn,h2=warn,tower=warn".to_owned());
    let builder = fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = if vars.get("LOG_FORMAT").as_deref() == Some("json") {
        builder.json().try_init()
    } else {
        builder.compact().try_init()
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
