//! The gateway as a running thing: bound to its address, serving until the process drains.

use std::net::SocketAddr;
use std::sync::Arc;

use chatdesk_platform::bus::Bus;
use chatdesk_platform::{Clock, Keyring, ServiceName, Shutdown};
use tokio::net::TcpListener;

use crate::Config;
use crate::app::{App, Peers};
use crate::auth::{AccessTokens, Standings, Throttle};
use crate::body::Budget;
use crate::config::Origins;
use crate::connections;
use crate::live::Hub;
use crate::places::Places;
use crate::rest::page::BuiltApp;
use crate::router::router;

/// Why the gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}; set GATEWAY_ADDR to a free address of this machine")]
    Listen {
        /// As configured.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The services would refuse every call.
    #[error("there is no key to call the services with; set SECRET_KEY, or SIGNING_KEY of the gateway")]
    NoSigningKey,
    /// Nobody could log in.
    #[error(transparent)]
    AccessKey(#[from] crate::auth::BadKey),
}

/// Starts gateways.
pub struct Service;

impl Service {
    /// Binds the address and serves until the shutdown begins; then no connection is taken, sockets are closed with 1001 and
    /// requests in flight have 25 s to end. `keyring` must be able to sign as the gateway, as `peers` do.
    pub async fn start(
        config: Config,
        keyring: &Keyring,
        peers: Peers,
        clock: Clock,
        shutdown: &Shutdown,
    ) -> Result<Gateway, StartError> {
        keyring.minter(ServiceName::Gateway).ok_or(StartError::NoSigningKey)?;
        let tokens = AccessTokens::new(&config.access_keys, clock.clone())?;
        let refused = |source| StartError::Listen { address: config.address, source };
        let listener = TcpListener::bind(config.address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        if config.facebook_secrets.is_none() || config.verify_token.is_none() {
            tracing::warn!("FB_APP_SECRET or FB_VERIFY_TOKEN is not set: Meta's webhooks are refused");
        }
        let bus = Bus::start(&config.bus, shutdown).await;
        let app = Arc::new(App {
            hub: Hub::new(peers.clone(), config.live, bus, clock.clone(), shutdown.clone()),
            peers,
            standings: Standings::new(config.live.check_every, clock.clone()),
            clock,
            shutdown: shutdown.clone(),
            tokens,
            throttle: Throttle::new(config.auth_per_minute),
            origins: Origins::new(&config, address),
            proxies: config.trusted_proxies,
            limits: config.limits,
            json_budget: Budget::new(config.limits.json_bytes),
            places: Places::of_uploads(config.limits.uploads, config.limits.uploads_each),
            export_places: Places::of_exports(config.limits.exports, config.limits.exports_each),
            webhook_budget: Budget::new(config.limits.webhook_bytes),
            facebook_secrets: config.facebook_secrets,
            instagram_secrets: config.instagram_secrets,
            verify_token: config.verify_token,
            built_app: BuiltApp::new(config.media_origin.as_deref()),
        });
        shutdown.spawn(serve(listener, app));
        Ok(Gateway { address })
    }
}

/// A gateway that serves.
#[derive(Debug, Clone, Copy)]
pub struct Gateway {
    address: SocketAddr,
}

impl Gateway {
    /// Where it is reachable.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: TcpListener, app: Arc<App>) {
    let open = connections::accept(listener, router(&app), app.limits, &app.shutdown.token()).await;
    if tokio::time::timeout(app.limits.drain, open.wait()).await.is_err() {
        tracing::warn!("requests were still in flight when the drain ended");
    }
}
