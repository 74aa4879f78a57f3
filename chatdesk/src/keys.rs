//! Keys and tokens for operators.

use std::process::ExitCode;

use chatdesk_gateway::AccessKeys;
use chatdesk_platform::{Clock, Identity, Keyring, ServiceName, TenantId};
use secrecy::ExposeSecret as _;

use crate::cli::{Outcome, say};
use crate::environment::Environment;

/// The services a token is for: all that have gRPC.
const AUDIENCE: [ServiceName; 4] = [ServiceName::Tenants, ServiceName::Inbox, ServiceName::Catalog, ServiceName::Ai];

/// Prints a token signed by the operator's key.
pub fn token(environment: &Environment, name: ServiceName, tenant: Option<TenantId>) -> Outcome {
    let keyring = environment.keyring(ServiceName::Cli)?;
    let minter = keyring.minter(ServiceName::Cli).ok_or("the operator's own key is not here")?;
    say(minter.mint(&Identity::Service { name, tenant }, &AUDIENCE, &Clock::system())?);
    Ok(ExitCode::SUCCESS)
}

/// Prints, for each process, the variables that hold its key and its peers'.
pub fn print(environment: &Environment) -> Outcome {
    let secret = environment.secret()?;
    let keyring = Keyring::derived(&secret);
    let exported: Vec<_> =
        ServiceName::ALL.into_iter().filter_map(|name| Some((name, keyring.export(name)?))).collect();
    let peers: Vec<_> = exported.iter().map(|(name, (_, public))| format!("{name}={public}")).collect();
    for (name, (private, _)) in &exported {
        say(format_args!("# {name}\nSIGNING_KEY={}\nPEER_KEYS={}", private.expose_secret(), peers.join(",")));
        match name {
            ServiceName::Tenants => {
                say(format_args!("ENCRYPTION_KEY={}", chatdesk_tenants::encryption_key(&secret).expose_secret()));
            }
            ServiceName::Gateway => {
                say(format_args!("ACCESS_TOKEN_KEY={}", AccessKeys::derived(&secret).export().expose_secret()));
            }
            _ => {}
        }
        say("");
    }
    Ok(ExitCode::SUCCESS)
}
