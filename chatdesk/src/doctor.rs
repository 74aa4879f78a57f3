//! Looks at what an installation needs, one by one, and says what to do about what is missing.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use chatdesk_meta::graph::GraphConfig;
use chatdesk_platform::db::{Db, DbConfig, check_database};
use chatdesk_platform::{Keyring, SecretKey, Vars, http_client};
use chatdesk_tenants::Keys;
use secrecy::{ExposeSecret as _, SecretString};

use crate::cli::{Outcome, say};
use crate::environment::Environment;
use crate::serve;

/// What came of one look.
enum Finding {
    Good(String),
    /// It works, but not as it could.
    Note(String),
    /// It does not work; the text says what to do.
    Bad(String),
}

use Finding::{Bad, Good, Note};

/// Looks at everything. Exit code 1 when something is bad.
pub async fn doctor(environment: &Environment) -> Outcome {
    let vars = &environment.vars;
    let mut findings = variables(vars);
    findings.push(("secret key", secret(environment)));
    findings.push(("model", model(&serve::model_folder(environment))));
    findings.extend(database(environment).await);
    let graph = vars.get("GRAPH_BASE_URL").unwrap_or_else(|| GraphConfig::FACEBOOK_BASE.to_owned());
    let instagram = vars.get("INSTAGRAM_BASE_URL").unwrap_or_else(|| GraphConfig::INSTAGRAM_BASE.to_owned());
    // Without the app's secret nothing is sent there, and a machine that only tries the sandbox need not reach it.
    let needed = |finding| match finding {
        Bad(text) if vars.get("FB_APP_SECRET").is_none() => Note(text),
        finding => finding,
    };
    findings.push(("Facebook's Graph API", needed(reachable(&graph, None).await)));
    findings.push(("Instagram's Graph API", needed(reachable(&instagram, None).await)));
    findings.push(("Groq", groq(vars).await));

    let mut bad = 0;
    for (what, finding) in findings {
        match finding {
            Good(text) => say(format_args!("  ok    {what}: {text}")),
            Note(text) => say(format_args!("  note  {what}: {text}")),
            Bad(text) => {
                bad += 1;
                say(format_args!("  BAD   {what}: {text}"));
            }
        }
    }
    Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn variables(vars: &Vars) -> Vec<(&'static str, Finding)> {
    let needed_for_meta = [
        (
            "FB_APP_SECRET",
            "webhooks are refused without it; copy it from the app's settings at Meta, or run with --sandbox",
        ),
        ("FB_VERIFY_TOKEN", "Meta's handshake is refused without it; make up a text and enter the same at Meta"),
    ];
    let mut findings: Vec<_> = needed_for_meta
        .into_iter()
        .map(|(name, why)| {
            (name, if vars.get(name).is_some() { Good("set".into()) } else { Note(format!("not set: {why}")) })
        })
        .collect();
    let public = match vars.get("PUBLIC_URL") {
        None => Note("not set: Meta needs a public https address; set it to the one people open".into()),
        Some(url) if url.starts_with("https://") => Good(url),
        Some(url) => Note(format!("{url} is not https: Meta calls https only, and cookies are not marked Secure")),
    };
    findings.push(("PUBLIC_URL", public));
    findings
}

fn secret(environment: &Environment) -> Finding {
    match (environment.secret(), environment.vars.get("SECRET_KEY")) {
        (Ok(_), Some(_)) => Good("set".into()),
        (Ok(_), None) => Note("kept in .chatdesk/secret_key; set SECRET_KEY where more than one machine runs".into()),
        (Err(error), _) => Bad(error.to_string()),
    }
}

fn model(folder: &str) -> Finding {
    let missing: Vec<_> = ["model.safetensors", "tokenizer.json", "config.json"]
        .into_iter()
        .filter(|name| !Path::new(folder).join(name).is_file())
        .collect();
    if missing.is_empty() {
        Good(folder.to_owned())
    } else {
        Bad(format!(
            "{} missing in {folder}: run `make run` once, or set EMBEDDING_MODEL to a folder with the weights",
            missing.join(", ")
        ))
    }
}

async fn database(environment: &Environment) -> Vec<(&'static str, Finding)> {
    let url = match environment.database_url() {
        Ok(url) => url,
        Err(_) => {
            return vec![("database", Note("DATABASE_URL is not set: `chatdesk run` brings its own Postgres".into()))];
        }
    };
    let mut findings = vec![match check_database(&url).await {
        Ok(version) => ("database", Good(version)),
        Err(error) => return vec![("database", Bad(error.to_string()))],
    }];
    let Ok(secret) = environment.secret() else { return findings };
    let vars = match serve::with_role_urls(&environment.vars, &url, &secret) {
        Ok(vars) => vars,
        Err(error) => return vec![("database", Bad(error.to_string()))],
    };
    for (what, variable) in [
        ("role cd_tenants", "TENANTS_DATABASE_URL"),
        ("role cd_inbox", "INBOX_DATABASE_URL"),
        ("role cd_catalog", "CATALOG_DATABASE_URL"),
    ] {
        findings.push((what, role(&vars, variable).await));
    }
    findings.push(("audit log", audit(&vars, &secret).await));
    findings.push(("sealed secrets", sealed(&vars.overlaid([("SECRET_KEY", secret.expose())])).await));
    findings
}

/// Whether every record still is what it was.
async fn audit(vars: &Vars, secret: &SecretKey) -> Finding {
    let config = match DbConfig::from_vars(vars, "TENANTS_DATABASE_URL") {
        Ok(config) => config,
        Err(error) => return Bad(error.to_string()),
    };
    match chatdesk_tenants::verify_audit(&config, &Keyring::derived(secret)).await {
        Ok(found) if found.broken.is_empty() => {
            Good(format!("{} records in {} chains are what they were", found.links, found.chains))
        }
        Ok(found) => {
            let broken = found.broken.iter().map(|broken| format!("{} from record {}", broken.chain, broken.at));
            Bad(format!(
                "records were changed or taken out: {}; compare with a backup, and find out who could write there",
                broken.collect::<Vec<_>>().join(", ")
            ))
        }
        Err(error) => Bad(error.to_string()),
    }
}

/// Whether the keys are here that stored secrets are sealed with.
async fn sealed(vars: &Vars) -> Finding {
    let (config, keys) = match (DbConfig::from_vars(vars, "TENANTS_DATABASE_URL"), Keys::from_vars(vars)) {
        (Ok(config), Ok(keys)) => (config, keys),
        (Err(error), _) | (_, Err(error)) => return Bad(error.to_string()),
    };
    let ids = match chatdesk_tenants::sealing_keys(&config).await {
        Ok(ids) => ids,
        Err(error) => return Bad(error.to_string()),
    };
    let others: Vec<_> = ids.iter().map(String::as_str).filter(|id| *id != keys.sealing_id()).collect();
    match others.iter().find(|id| !keys.opens(id)) {
        Some(missing) => Bad(format!("the key with the id {missing} is needed and not given: add it to SEALING_KEY")),
        None if others.is_empty() => Good(format!("all with the key {}", keys.sealing_id())),
        None => {
            Note(format!("some still with {}: keep these keys in SEALING_KEY until that is over", others.join(", ")))
        }
    }
}

async fn role(vars: &Vars, variable: &str) -> Finding {
    let url: SecretString = match vars.require(variable, "run `chatdesk migrate`") {
        Ok(url) => url.into(),
        Err(error) => return Bad(error.to_string()),
    };
    match Db::connect(&DbConfig { url, connections: 1 }).await {
        Ok(db) => {
            db.close().await;
            Good("can log in and is held by row security".into())
        }
        Err(error) => Bad(format!("{error}; `chatdesk migrate` makes the roles and their passwords")),
    }
}

/// Whether anything answers there. What it answers does not matter.
async fn reachable(url: &str, key: Option<&SecretString>) -> Finding {
    let client = match http_client(Duration::from_secs(5)) {
        Ok(client) => client,
        Err(error) => return Bad(format!("no HTTP client can be made: {error}")),
    };
    let mut request = client.get(url);
    if let Some(key) = key {
        request = request.bearer_auth(key.expose_secret());
    }
    match request.send().await {
        Ok(answer) if key.is_some() && answer.status() == 401 => {
            Bad(format!("{url} refuses the key: make a new one and set GROQ_API_KEY"))
        }
        Ok(_) => Good(format!("{url} answers")),
        Err(_) => Bad(format!("{url} does not answer: check the network, a proxy or a firewall")),
    }
}

async fn groq(vars: &Vars) -> Finding {
    let Some(key) = vars.get("GROQ_API_KEY") else {
        return Note(
            "GROQ_API_KEY is not set: answers are written from the catalogue, without a language model".into(),
        );
    };
    let base = vars.get("GROQ_BASE_URL").unwrap_or_else(|| "https://api.groq.com/openai/v1".to_owned());
    reachable(&format!("{}/models", base.trim_end_matches('/')), Some(&key.into())).await
}
