//! Makes platform admins and helps people in who have lost their device, straight on the database: there may be nobody who could log in.

use std::error::Error;
use std::io::{IsTerminal as _, Read as _, stdin};
use std::process::ExitCode;
use std::time::Duration;

use chatdesk_platform::db::migrate;
use chatdesk_platform::grpc::Peer;
use chatdesk_platform::{Clock, Keyring, ServiceName, Shutdown};
use chatdesk_proto::tenants::v1::account_service_client::AccountServiceClient;
use chatdesk_proto::tenants::v1::{ClearTotpRequest, CreateAdminRequest};
use tonic::service::RoutesBuilder;

use crate::cli::{Outcome, say};
use crate::environment::{Environment, random_text};
use crate::serve;

const PATIENCE: Duration = Duration::from_secs(10);

/// Makes one.
pub async fn create(environment: &Environment, email: String) -> Outcome {
    let shutdown = Shutdown::default();
    let mut client = AccountServiceClient::new(tenants(environment, &shutdown).await?.own_client(None, PATIENCE)?);
    let (password, made) = if stdin().is_terminal() {
        (random_text(18), true)
    } else {
        let mut text = String::new();
        stdin().take(4096).read_to_string(&mut text)?;
        match text.trim() {
            "" => (random_text(18), true),
            given => (given.to_owned(), false),
        }
    };
    let request = CreateAdminRequest { email, password: password.clone() };
    let user = client.create_admin(request).await.map_err(|status| serve::in_words(&status))?.into_inner();
    say(format_args!("{} is a platform admin now.", user.email));
    if made {
        say(format_args!("Password: {password}"));
    }
    say("At the first login one-time codes are set up: have an authenticator app at hand.");
    shutdown.drain(Duration::from_secs(5)).await;
    Ok(ExitCode::SUCCESS)
}

/// Takes somebody's one-time codes away.
pub async fn clear_codes(environment: &Environment, email: String) -> Outcome {
    let shutdown = Shutdown::default();
    let mut client = AccountServiceClient::new(tenants(environment, &shutdown).await?.own_client(None, PATIENCE)?);
    client.clear_totp(ClearTotpRequest { email }).await.map_err(|status| serve::in_words(&status))?;
    say("Done: logins need no code, and all sessions have ended.");
    shutdown.drain(Duration::from_secs(5)).await;
    Ok(ExitCode::SUCCESS)
}

/// The tenants service on the database, called as the operator.
async fn tenants(environment: &Environment, shutdown: &Shutdown) -> Result<Peer, Box<dyn Error + Send + Sync>> {
    let url = environment.database_url()?;
    let secret = environment.secret()?;
    migrate(&url, &secret).await?;
    let vars = serve::with_role_urls(&environment.vars, &url, &secret)?;
    let vars = vars.overlaid([("SECRET_KEY", secret.expose().to_owned())]);
    let keyring = Keyring::derived(&secret);
    let config = chatdesk_tenants::Config::from_vars(&vars)?;
    let service = chatdesk_tenants::Service::start(config, &keyring, Clock::system(), shutdown).await?;
    let mut routes = RoutesBuilder::default();
    service.add_to(&mut routes);
    let minter = keyring.minter(ServiceName::Cli).ok_or("the operator's own key is not here")?;
    Ok(Peer::direct(ServiceName::Tenants, routes.routes(), minter, Clock::system()))
}
