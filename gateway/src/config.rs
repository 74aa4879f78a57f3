//! What the gateway is told at its start. Reads variables once; refuses values it cannot use.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use chatdesk_meta::AppSecrets;
use chatdesk_platform::bus::BusConfig;
use chatdesk_platform::{VarError, Vars};
use secrecy::SecretString;
use url::{Host, Url};

use crate::{AccessKeys, TrustedProxies};

/// The gateway's settings.
#[derive(Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where browsers reach us; none means plain HTTP at the address itself.
    pub public_url: Option<Url>,
    /// Other origins whose pages may call the API and open sockets.
    pub allowed_origins: Vec<String>,
    /// Sign the Facebook webhook; without them every such webhook is refused.
    pub facebook_secrets: Option<AppSecrets>,
    /// Sign the Instagram webhook; without them every such webhook is refused.
    pub instagram_secrets: Option<AppSecrets>,
    /// What Meta must show when a webhook is set up; without it every handshake is refused.
    pub verify_token: Option<SecretString>,
    /// Sign people's access tokens.
    pub access_keys: AccessKeys,
    /// A further origin that pictures may come from, such as the sandbox's.
    pub media_origin: Option<String>,
    /// How often one address may try to register or log in, one session to refresh, and one person to connect, per minute.
    pub auth_per_minute: NonZeroU32,
    /// Whose word on where a request came from is believed.
    pub trusted_proxies: TrustedProxies,
    /// How long requests may take, and how much at once.
    pub limits: Limits,
    /// How sockets behave.
    pub live: LiveConfig,
    /// Where it tells other gateways what their sockets should see.
    pub bus: BusConfig,
}

/// How long requests may take, and how much at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Any request but a webhook.
    pub request: Duration,
    /// A file on its way to Meta, from its first byte to Meta's answer.
    pub upload: Duration,
    /// A webhook; Meta gives up after 20 s (Messenger Platform, "Webhooks").
    pub webhook: Duration,
    /// Requests in flight when the drain begins.
    pub drain: Duration,
    /// A request's head, from the moment its connection is free for it.
    pub head: Duration,
    /// An answer of which the client takes nothing.
    pub untaken: Duration,
    /// Connections, open sockets included. One more waits to be accepted.
    pub connections: usize,
    /// Requests at once, webhooks apart from all others. One more is told to come again.
    pub requests: usize,
    /// Files on their way at once, each with less than a megabyte of it here.
    pub uploads: usize,
    /// Those of one business. One more is told to come again.
    pub uploads_each: usize,
    /// Exports that are fetched at once, each with as much of it here.
    pub exports: usize,
    /// Those of one business. One more is told to come again.
    pub exports_each: usize,
    /// How long nothing of a file may come, and how long it may come slower than it must.
    pub upload_pause: Duration,
    /// Bytes of JSON bodies that are held at once.
    pub json_bytes: usize,
    /// Bytes of webhook bodies that are held at once; must have room for the largest one.
    pub webhook_bytes: usize,
}

/// How sockets behave.
#[derive(Debug, Clone, Copy)]
pub struct LiveConfig {
    /// A ping goes out this often.
    pub ping_every: Duration,
    /// Silence this long means that nobody is there.
    pub dead_after: Duration,
    /// Sessions in use are checked this often, which bounds how long a socket or an access token outlives its session.
    pub check_every: Duration,
    /// How long live frames wait after `hello` for the client to resume, so that what it missed can come first.
    pub resume_grace: Duration,
    /// Frames that may wait for one socket; one more and it is dropped.
    pub queue: usize,
    /// How long one frame may take to leave.
    pub send: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            upload: Duration::from_secs(250),
            webhook: Duration::from_secs(10),
            drain: Duration::from_secs(25),
            head: Duration::from_secs(10),
            untaken: Duration::from_secs(30),
            connections: 16_000,
            requests: 1024,
            uploads: 64,
            uploads_each: 8,
            exports: 32,
            exports_each: 4,
            upload_pause: Duration::from_secs(15),
            json_bytes: 32 * 1024 * 1024,
            webhook_bytes: 64 * 1024 * 1024,
        }
    }
}

impl Default for LiveConfig {
    fn default() -> Self {
        Self {
            ping_every: Duration::from_secs(25),
            dead_after: Duration::from_secs(60),
            // Suspended and ended sessions' sockets are closed within five seconds, the question's way included.
            check_every: Duration::from_secs(3),
            resume_grace: Duration::from_millis(500),
            queue: 256,
            send: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// Reads GATEWAY_ADDR, PUBLIC_URL, ALLOWED_ORIGINS, FB_APP_SECRET, IG_APP_SECRET, FB_VERIFY_TOKEN, AUTH_PER_MINUTE,
    /// TRUSTED_PROXIES, NATS_URL, TLS_CA_FILE, and ACCESS_TOKEN_KEY or else SECRET_KEY.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let facebook = secrets(vars, "FB_APP_SECRET")?;
        // Which of the two apps signs Instagram's webhooks depends on the login, so both are taken.
        let instagram = match (secrets(vars, "IG_APP_SECRET")?, &facebook) {
            (Some(own), Some(other)) => Some(own.and(other)),
            (own, other) => own.or_else(|| other.clone()),
        };
        Ok(Self {
            address: vars.parse("GATEWAY_ADDR", SocketAddr::from(([127, 0, 0, 1], 8080)))?,
            public_url: vars.get("PUBLIC_URL").map(|text| web_url("PUBLIC_URL", &text)).transpose()?,
            allowed_origins: allowed_origins(vars)?,
            facebook_secrets: facebook,
            instagram_secrets: instagram,
            verify_token: vars.get("FB_VERIFY_TOKEN").map(SecretString::from),
            access_keys: AccessKeys::from_vars(vars)?,
            media_origin: None,
            auth_per_minute: vars.parse("AUTH_PER_MINUTE", NonZeroU32::MIN.saturating_add(119))?,
            trusted_proxies: vars.parse("TRUSTED_PROXIES", TrustedProxies::default())?,
            limits: Limits::default(),
            live: LiveConfig::default(),
            bus: BusConfig::from_vars(vars)?,
        })
    }
}

/// Where our own pages come from, and which others may talk to us.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    own: Vec<String>,
    allowed: Vec<String>,
    secure: bool,
}

impl Origins {
    /// From the configuration and the address that was bound.
    pub(crate) fn new(config: &Config, bound: SocketAddr) -> Self {
        let fallback = format!("http://{bound}");
        let url = config.public_url.clone().or_else(|| Url::parse(&fallback).ok());
        let own = url.as_ref().map(own_origins).unwrap_or_else(|| vec![fallback]);
        let secure = url.is_some_and(|url| url.scheme() == "https");
        Self { own, allowed: config.allowed_origins.clone(), secure }
    }

    /// Whether a page of this origin may open a socket or use the refresh cookie.
    pub(crate) fn takes(&self, origin: &str) -> bool {
        self.own.iter().chain(&self.allowed).any(|known| known == origin)
    }

    /// Whether a page of this origin is ours.
    pub(crate) fn is_own(&self, origin: &str) -> bool {
        self.own.iter().any(|known| known == origin)
    }

    /// Where our own pages are.
    pub(crate) fn home(&self) -> &str {
        self.own.first().map_or("", String::as_str)
    }

    /// The others, for CORS.
    pub(crate) fn allowed(&self) -> &[String] {
        &self.allowed
    }

    /// Whether browsers reach us over TLS.
    pub(crate) const fn secure(&self) -> bool {
        self.secure
    }
}

/// A machine's own names are one origin to its user: 127.0.0.1 in the configuration, localhost in the address bar.
fn own_origins(url: &Url) -> Vec<String> {
    let mut own = vec![url.origin().ascii_serialization()];
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if loopback {
        for name in ["localhost", "127.0.0.1", "[::1]"] {
            let mut twin = url.clone();
            if twin.set_host(Some(name)).is_ok() {
                own.push(twin.origin().ascii_serialization());
            }
        }
    }
    own
}

fn secrets(vars: &Vars, name: &str) -> Result<Option<AppSecrets>, VarError> {
    let parse = |text: String| AppSecrets::parse(&text).map_err(|why| refused(name, why.to_string()));
    vars.get(name).map(parse).transpose()
}

fn allowed_origins(vars: &Vars) -> Result<Vec<String>, VarError> {
    let origin = |text: String| Ok(web_url("ALLOWED_ORIGINS", &text)?.origin().ascii_serialization());
    vars.list("ALLOWED_ORIGINS").into_iter().map(origin).collect()
}

fn web_url(name: &str, text: &str) -> Result<Url, VarError> {
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| refused(name, "must be a web address such as https://chat.example.com".to_owned()))
}

fn refused(name: &str, problem: String) -> VarError {
    VarError { name: name.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: (&str, &str) = ("SECRET_KEY", "a secret of at least thirty-two characters");

    fn read(pairs: &[(&'static str, &'static str)]) -> Result<Config, VarError> {
        Config::from_vars(&Vars::fixed(pairs.iter().copied().chain([SECRET])))
    }

    #[test]
    fn defaults_need_only_a_key() {
        let config = read(&[]).unwrap();
        assert_eq!(config.address.to_string(), "127.0.0.1:8080");
        assert!(config.facebook_secrets.is_none() && config.allowed_origins.is_empty());
        assert!(Config::from_vars(&Vars::fixed([("A", "b")])).is_err_and(|error| error.name == "SECRET_KEY"));
    }

    #[test]
    fn instagram_also_takes_the_facebook_apps_secret() {
        let config = read(&[("FB_APP_SECRET", "fb"), ("IG_APP_SECRET", "ig")]).unwrap();
        let fb = AppSecrets::parse("fb").unwrap();
        assert!(config.instagram_secrets.unwrap().verify(Some(fb.sign(b"x")), b"x"));
        let ig = AppSecrets::parse("ig").unwrap();
        assert!(!config.facebook_secrets.unwrap().verify(Some(ig.sign(b"x")), b"x"));
        let only = read(&[("FB_APP_SECRET", "fb")]).unwrap();
        assert!(only.instagram_secrets.unwrap().verify(Some(fb.sign(b"x")), b"x"));
    }

    #[test]
    fn origins_are_compared_whole() {
        let config = read(&[("PUBLIC_URL", "https://chat.example.com/"), ("ALLOWED_ORIGINS", "http://a.test:5173")]);
        let origins = Origins::new(&config.unwrap(), ([127, 0, 0, 1], 1).into());
        assert!(origins.secure());
        for good in ["https://chat.example.com", "http://a.test:5173"] {
            assert!(origins.takes(good), "{good}");
        }
        for bad in ["http://chat.example.com", "https://chat.example.com.evil.test", "http://a.test", "null", ""] {
            assert!(!origins.takes(bad), "{bad}");
        }
    }

    #[test]
    fn a_loopback_address_goes_by_all_its_names() {
        let origins = Origins::new(&read(&[]).unwrap(), ([127, 0, 0, 1], 8080).into());
        assert!(!origins.secure());
        assert!(origins.takes("http://localhost:8080") && origins.takes("http://127.0.0.1:8080"));
        assert!(!origins.takes("http://localhost:8081"));
    }

    #[test]
    fn nobody_is_a_trusted_proxy_unless_listed() {
        assert_eq!(read(&[]).unwrap().trusted_proxies, TrustedProxies::default());
        let listed = read(&[("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).unwrap().trusted_proxies;
        assert_eq!(listed, "127.0.0.1,10.0.0.0/8".parse().unwrap());
        let error = read(&[("TRUSTED_PROXIES", "proxy.internal")]).err().unwrap();
        assert!(error.name == "TRUSTED_PROXIES" && !error.to_string().contains("internal"), "{error}");
    }

    #[test]
    fn what_is_no_web_address_is_refused_by_name() {
        for name in ["PUBLIC_URL", "ALLOWED_ORIGINS"] {
            for value in ["*", "chat.example.com", "ftp://x.test", "data:,x"] {
                assert_eq!(read(&[(name, value)]).err().map(|error| error.name).as_deref(), Some(name), "{value}");
            }
        }
    }
}
