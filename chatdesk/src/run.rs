//! Everything in one process: Postgres when none is given, migrations, the services, and with `--sandbox` Meta's stand-in and a demo shop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use chatdesk_gateway as gateway;
use chatdesk_platform::db::{Db, DbConfig, Sole, migrate, void_leases};
use chatdesk_platform::grpc::{self, Peer, Tls};
use chatdesk_platform::{Clock, Keyring, ServiceName, Shutdown, Vars};
use chatdesk_sandbox::Sandbox;
use tonic::service::{Routes, RoutesBuilder};

use crate::cli::{Outcome, say};
use crate::demo::{self, Demo};
use crate::embedded::Embedded;
use crate::environment::Environment;
use crate::home::Home;
use crate::runfile::RunFile;
use crate::serve::{self, ask};
use crate::{health, signals};

/// How long work in flight may take after the wish to stop.
const GRACE: Duration = Duration::from_secs(25);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs until it is asked to stop.
pub async fn run(environment: Environment, with_sandbox: bool) -> Outcome {
    let shutdown = Shutdown::default();
    let metrics = serve::record_metrics()?;
    let _alone = environment.home.lock()?;
    // One that was killed left its file behind, and nothing in it is true any more.
    RunFile::remove(&environment.home);
    let postgres = match environment.vars.get("DATABASE_URL") {
        Some(_) => None,
        None => Some(Embedded::for_running(&environment.home).await?),
    };
    let url = postgres.as_ref().map(|postgres| postgres.url.clone()).or_else(|| environment.vars.get("DATABASE_URL"));
    let url = url.ok_or("DATABASE_URL is not set")?;
    let mut postgres = postgres;
    let running = Box::pin(run_on(&environment, &url, with_sandbox, metrics, &shutdown));
    let ended = match &mut postgres {
        Some(postgres) => tokio::select! {
            ended = running => ended,
            () = postgres.keep_running() => Ok(()),
        },
        None => running.await,
    };
    if !shutdown.drain(GRACE).await {
        tracing::warn!("some work did not end in time; it goes on after the next start");
    }
    RunFile::remove(&environment.home);
    if let Some(postgres) = postgres {
        postgres.stop().await;
    }
    ended.map(|()| ExitCode::SUCCESS)
}

async fn run_on(
    environment: &Environment,
    url: &str,
    with_sandbox: bool,
    metrics: serve::Metrics,
    shutdown: &Shutdown,
) -> Result<(), Failure> {
    let secret = environment.secret()?;
    migrate(url, &secret).await?;
    let mut vars = serve::with_role_urls(&environment.vars, url, &secret)?;
    vars = vars
        .overlaid([("SECRET_KEY", secret.expose().to_owned()), ("EMBEDDING_MODEL", serve::model_folder(environment))]);
    let sandbox = if with_sandbox && environment.vars.get("FB_APP_SECRET").is_none() {
        let sandbox = Sandbox::start(demo::sandbox_config(&vars, &environment.home)?, shutdown).await?;
        vars = vars.overlaid(sandbox.variables());
        if vars.get("SMTP_URL").is_none() {
            vars = vars.overlaid(sandbox.mail_variables());
        }
        Some(sandbox)
    } else {
        if with_sandbox {
            say("FB_APP_SECRET is set: the real Meta is used and no sandbox started.");
        }
        None
    };
    // Held as long as this runs: only one process may think that whatever is leased is its own.
    let _sole = Sole::take(url).await?;
    end_old_leases(&vars).await?;

    let keyring = Keyring::derived(&secret);
    let house = House::start(&vars, &keyring, shutdown).await?;
    let grpc_address: SocketAddr = vars.parse("GRPC_ADDR", SocketAddr::from(([127, 0, 0, 1], 8081)))?;
    let grpc_address = grpc::serve(grpc_address, house.all(shutdown)?, &Tls::from_vars(&vars)?, shutdown).await?;
    let mut config = gateway::Config::from_vars(&vars)?;
    config.media_origin = sandbox.as_ref().map(|sandbox| format!("http://{}", sandbox.address()));
    let edge = gateway::Service::start(config, &keyring, house.peers.clone(), Clock::system(), shutdown).await?;
    house.tenants.reachable_at(&format!("http://{}", edge.address()));
    let metrics_address = serve::serve_metrics(&vars, metrics, shutdown).await?;

    let demo = match &sandbox {
        Some(sandbox) => {
            sandbox.set_webhook_target(format!("http://{}", edge.address()));
            Some(Demo::seed(environment, sandbox, &house.peers, &house.operator).await?)
        }
        None => None,
    };
    let file = describe(url, &edge, grpc_address, metrics_address, sandbox.as_ref(), demo);
    file.write(&environment.home)?;
    welcome(&file, &environment.home);
    signals::stop_wished().await;
    say("Stopping.");
    Ok(())
}

/// This process is the only one, so whatever its predecessor leased is free.
async fn end_old_leases(vars: &Vars) -> Result<(), Failure> {
    let mut config = DbConfig::from_vars(vars, "INBOX_DATABASE_URL")?;
    config.connections = 1;
    let db = Db::connect(&config).await?;
    let mut tx = db.system().await?;
    void_leases(tx.conn()).await?;
    tx.commit().await?;
    db.close().await;
    Ok(())
}

/// The four services of this process.
struct House {
    tenants: chatdesk_tenants::Service,
    inbox: chatdesk_inbox::Service,
    catalog: chatdesk_catalog::Service,
    ai: chatdesk_ai::Service,
    peers: gateway::Peers,
    /// The operator's own way in.
    operator: Peer,
}

impl House {
    /// Starts them in the order of the calls they make.
    async fn start(vars: &Vars, keyring: &Keyring, shutdown: &Shutdown) -> Result<Self, Failure> {
        let clock = Clock::system();
        let peer = |from: ServiceName, to: ServiceName, routes: &Routes| {
            let minter = keyring.minter(from).ok_or("a signing key is missing")?;
            Ok::<_, Failure>(Peer::direct(to, routes.clone(), minter, clock.clone()))
        };
        use ServiceName::{Ai, Catalog, Gateway, Inbox, Tenants};

        let config = chatdesk_tenants::Config::from_vars(vars)?;
        let tenants = chatdesk_tenants::Service::start(config, keyring, clock.clone(), shutdown).await?;
        let (service, ready) = (tenants.clone(), tenants.clone());
        let tenants_routes = health::routes(|b| service.add_to(b), move || ask!(ready), shutdown);

        let config = chatdesk_catalog::Config::from_vars(vars)?;
        let catalog = chatdesk_catalog::Service::start(config, keyring, clock.clone(), shutdown).await?;
        let (service, ready) = (catalog.clone(), catalog.clone());
        let catalog_routes = health::routes(|b| service.add_to(b), move || ask!(ready), shutdown);

        let config = chatdesk_ai::Config::from_vars(vars)?;
        let (to_catalog, to_tenants) = (peer(Ai, Catalog, &catalog_routes)?, peer(Ai, Tenants, &tenants_routes)?);
        let ai = chatdesk_ai::Service::start(config, keyring, to_catalog, to_tenants, clock.clone(), shutdown).await?;
        let (service, ready) = (ai.clone(), ai.clone());
        let ai_routes = health::routes(|b| service.add_to(b), move || ask!(ready), shutdown);

        let config = chatdesk_inbox::Config::from_vars(vars)?;
        let (to_ai, to_tenants) = (peer(Inbox, Ai, &ai_routes)?, peer(Inbox, Tenants, &tenants_routes)?);
        let inbox = chatdesk_inbox::Service::start(config, keyring, to_ai, to_tenants, clock.clone(), shutdown).await?;
        let (service, ready) = (inbox.clone(), inbox.clone());
        let inbox_routes = health::routes(|b| service.add_to(b), move || ask!(ready), shutdown);

        let peers = gateway::Peers {
            tenants: peer(Gateway, Tenants, &tenants_routes)?,
            inbox: peer(Gateway, Inbox, &inbox_routes)?,
            catalog: peer(Gateway, Catalog, &catalog_routes)?,
            ai: peer(Gateway, Ai, &ai_routes)?,
        };
        let operator = peer(ServiceName::Cli, Tenants, &tenants_routes)?;
        Ok(Self { tenants, inbox, catalog, ai, peers, operator })
    }

    /// All of them at one address, with reflection, for internal clients.
    fn all(&self, shutdown: &Shutdown) -> Result<Routes, Failure> {
        let reflect = serve::reflection()?;
        let add = |builder: &mut RoutesBuilder| {
            self.tenants.add_to(builder);
            self.inbox.add_to(builder);
            self.catalog.add_to(builder);
            self.ai.add_to(builder);
            reflect(builder);
        };
        let (tenants, inbox, catalog) = (self.tenants.clone(), self.inbox.clone(), self.catalog.clone());
        let ready = move || {
            let (tenants, inbox, catalog) = (tenants.clone(), inbox.clone(), catalog.clone());
            async move { tenants.is_ready().await && inbox.is_ready().await && catalog.is_ready().await }
        };
        Ok(health::routes(add, ready, shutdown))
    }
}

fn describe(
    database_url: &str,
    edge: &gateway::Gateway,
    grpc: SocketAddr,
    metrics: SocketAddr,
    sandbox: Option<&Sandbox>,
    demo: Option<Demo>,
) -> RunFile {
    let api_url = format!("http://{}", edge.address());
    let sandbox_url = sandbox.map(|sandbox| format!("http://{}", sandbox.address()));
    let demo = demo.unwrap_or_default();
    RunFile {
        spa_url: api_url.clone(),
        api_url,
        grpc_url: format!("http://{grpc}"),
        metrics_url: format!("http://{metrics}"),
        database_url: database_url.to_owned(),
        app_secret: sandbox.map(|_| chatdesk_sandbox::APP_SECRET.to_owned()),
        verify_token: sandbox.map(|_| chatdesk_sandbox::VERIFY_TOKEN.to_owned()),
        sandbox_url,
        logins: demo.logins,
        pages: demo.pages,
        connectable: demo.connectable,
    }
}

fn welcome(file: &RunFile, home: &Home) {
    say("\nChatDesk is running. Ctrl-C stops it.\n");
    say(format_args!("  The app, for the shop's people:       {}", file.spa_url));
    if let Some(sandbox) = &file.sandbox_url {
        say(format_args!("  Chat as a customer of the demo shop:  {sandbox}"));
        say(format_args!("  Mails, and the admin's login codes:   {sandbox}/mails"));
    }
    say(format_args!("  The API, to browse and try:           {}/api/docs", file.api_url));
    say(format_args!("  gRPC, with reflection:                {}", file.grpc_url));
    say(format_args!("  Metrics:                              {}/metrics", file.metrics_url));
    for login in &file.logins {
        let who = if login.member_role.is_empty() { &login.role } else { &login.member_role };
        say(format_args!("  Login ({who}):  {}  {}", login.email, login.password));
    }
    say(format_args!("\n  All of this for scripts: {}\n", home.own.join("run.json").display()));
}
