//! A stand-in for Meta and Groq: the Graph API on both hosts, signed webhooks, a language model, and a phone page on which a newcomer
//! writes as a customer. For the demo, tests and benches.
//!
//! It speaks the real wire, so that the product sees nothing but other base URLs. It owns made-up pages, customers and messages, in
//! memory and bounded; all is gone when it ends. It refuses real tokens, keeps no secret worth keeping, and must listen on this machine only.
//!
//! - `/graph/{version}/…` and `/instagram/{version}/…`: the Graph API ([`Sandbox::graph_url`], [`Sandbox::instagram_url`]).
//! - `/openai/v1/…`: the model ([`Sandbox::groq_url`]).
//! - `/facebook/{version}/dialog/oauth`, `/oauth/authorize`, `/oauth/access_token`: the login dialogs ([`Sandbox::variables`]).
//! - `/sandbox/…`: control, in JSON: write as a customer or as a person in Meta's own app, see what was sent, order events and faults.
//! - `/` and `/phone`: the phone page; `/mails`: the mail page.
//! - SMTP on a port of its own ([`Sandbox::mail_variables`]): every mail is taken and shown, and none delivered.

mod config;
mod content;
mod control;
mod delivery;
mod demo;
mod fault;
mod graph;
mod groq;
mod letters;
mod line;
mod login;
mod media;
mod payload;
mod phone;
mod signed;
mod smtp;
mod thread;
mod world;

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use chatdesk_meta::AppSecrets;
use chatdesk_platform::{Clock, Shutdown, TotpSecret, http_client};
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use config::{
    APP_ID, APP_SECRET, Config, Customer, Delivery, GROQ_KEY, INSTAGRAM_APP_ID, Page, Person, Role, VERIFY_TOKEN,
};
pub use demo::{connectable_pages, demo_pages, demo_people, view_only_pages};
pub use letters::Letter;

/// The largest body taken, in bytes: a prompt is the largest, files apart.
const LARGEST_BODY: usize = 512 * 1024;

/// A running sandbox. It serves until the shutdown begins, also when this is dropped.
pub struct Sandbox {
    address: SocketAddr,
    mail_address: SocketAddr,
    hub: Shared,
}

pub(crate) type Shared = Arc<Hub>;

/// What the handlers share.
pub(crate) struct Hub {
    world: Mutex<world::World>,
    faults: Mutex<fault::Faults>,
    model: Mutex<groq::Model>,
    media: Mutex<media::Store>,
    logins: Mutex<login::Logins>,
    letters: Mutex<letters::Letters>,
    /// Accounts whose one-time codes the mail page shows.
    authenticator: Mutex<Vec<(String, TotpSecret)>>,
    people: Vec<Person>,
    post: delivery::Post,
    secrets: AppSecrets,
    /// As configured, a comma-separated list.
    app_secret: String,
    verify_token: String,
    app_id: u64,
    instagram_app_id: u64,
    clock: Clock,
    /// The version of the world.
    changed: watch::Sender<u64>,
    shutdown: Shutdown,
    base: String,
    memory: Option<PathBuf>,
}

impl Sandbox {
    /// Binds and serves.
    ///
    /// # Errors
    /// When the address cannot be bound, the app secret is empty or no HTTP client can be made.
    pub async fn start(config: Config, shutdown: &Shutdown) -> io::Result<Self> {
        let secrets = AppSecrets::parse(&config.app_secret)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
        let client = http_client(config.delivery.timeout).map_err(io::Error::other)?;
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let mail_listener = TcpListener::bind((address.ip(), 0)).await?;
        let mail_address = mail_listener.local_addr()?;
        let hub = Arc::new(Hub {
            world: Mutex::new(world::World::new(&config)),
            faults: Mutex::default(),
            model: Mutex::default(),
            media: Mutex::default(),
            logins: Mutex::default(),
            letters: Mutex::default(),
            authenticator: Mutex::default(),
            people: config.people,
            post: delivery::Post::new(config.webhook_target.as_deref(), config.delivery, client),
            secrets,
            app_secret: config.app_secret,
            verify_token: config.verify_token,
            app_id: config.app_id,
            instagram_app_id: config.instagram_app_id,
            clock: config.clock,
            changed: watch::Sender::new(0),
            shutdown: shutdown.clone(),
            base: format!("http://{address}"),
            memory: config.memory,
        });
        hub.remember();
        smtp::serve(Arc::clone(&hub), mail_listener, shutdown);
        let router = Router::new()
            .route("/", get(phone::page))
            .route("/phone", get(phone::page))
            .route("/mails", get(phone::mails))
            .route("/phone/{file}", get(phone::file))
            .route("/facebook/dialog/oauth", get(login::dialog::facebook))
            .route("/facebook/{version}/dialog/oauth", get(login::dialog::facebook))
            .route("/oauth/authorize", get(login::dialog::instagram))
            .route("/oauth/access_token", post(login::exchange::instagram))
            .nest("/graph", graph::routes(graph::Host::Facebook))
            .nest("/instagram", graph::routes(graph::Host::Instagram))
            .nest("/openai/v1", groq::routes())
            .nest("/sandbox", control::routes())
            .fallback(control::unknown)
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .with_state(Arc::clone(&hub));
        let service = router.into_make_service_with_connect_info::<line::Line>();
        let stop = shutdown.token();
        shutdown.spawn(async move {
            let server = axum::serve(line::Door(listener), service).with_graceful_shutdown(stop.cancelled_owned());
            if let Err(error) = server.await {
                tracing::error!(%error, "the sandbox ended");
            }
        });
        Ok(Self { address, mail_address, hub })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.hub.base.clone()
    }

    /// For GRAPH_BASE_URL.
    #[must_use]
    pub fn graph_url(&self) -> String {
        format!("{}/graph", self.hub.base)
    }

    /// For INSTAGRAM_BASE_URL.
    #[must_use]
    pub fn instagram_url(&self) -> String {
        format!("{}/instagram", self.hub.base)
    }

    /// For GROQ_BASE_URL.
    #[must_use]
    pub fn groq_url(&self) -> String {
        format!("{}/openai/v1", self.hub.base)
    }

    /// The phone page.
    #[must_use]
    pub fn phone_url(&self) -> String {
        format!("{}/phone", self.hub.base)
    }

    /// What the product must know to take this for Meta: base addresses, the dialogs, and the app.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let base = &self.hub.base;
        vec![
            ("GRAPH_BASE_URL", self.graph_url()),
            ("INSTAGRAM_BASE_URL", self.instagram_url()),
            ("FB_DIALOG_URL", format!("{base}/facebook/dialog/oauth")),
            ("IG_OAUTH_URL", format!("{base}/oauth/authorize")),
            ("FB_APP_ID", self.hub.app_id.to_string()),
            ("FB_APP_SECRET", self.hub.app_secret.clone()),
            ("IG_APP_ID", self.hub.instagram_app_id.to_string()),
            ("IG_APP_SECRET", self.hub.app_secret.clone()),
            ("FB_VERIFY_TOKEN", self.hub.verify_token.clone()),
        ]
    }

    /// The mail page.
    #[must_use]
    pub fn mail_url(&self) -> String {
        format!("{}/mails", self.hub.base)
    }

    /// What the product must know to send its mail here.
    #[must_use]
    pub fn mail_variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("SMTP_URL", format!("smtp://{}", self.mail_address)),
            ("MAIL_FROM", "ChatDesk <no-reply@chatdesk.example>".to_owned()),
        ]
    }

    /// Mails that were taken, the newest first.
    #[must_use]
    pub fn letters(&self) -> Vec<Letter> {
        self.hub.letters(|letters| letters.all())
    }

    /// Shows the one-time codes of an account on the mail page, as a person's authenticator app would: nobody in a demo has one at hand.
    pub fn show_codes(&self, account: &str, secret: TotpSecret) {
        self.hub.authenticator(|accounts| {
            accounts.retain(|(known, _)| known != account);
            accounts.push((account.to_owned(), secret));
        });
    }

    /// The demo shop's pages.
    #[must_use]
    pub fn demo_pages(&self) -> Vec<Page> {
        let demo = demo_pages();
        self.pages(|page| demo.iter().any(|one| one.page_id == page.page_id))
    }

    /// All other pages that can be answered in: nobody's yet when the sandbox starts.
    #[must_use]
    pub fn connectable_pages(&self) -> Vec<Page> {
        let others = [demo_pages(), view_only_pages()].concat();
        self.pages(|page| others.iter().all(|one| one.page_id != page.page_id))
    }

    fn pages(&self, wanted: impl Fn(&Page) -> bool) -> Vec<Page> {
        self.hub.read(|world| {
            world.pages(usize::MAX).map(|state| &state.page).filter(|page| wanted(page)).cloned().collect()
        })
    }

    /// Sends webhooks to `{base}/api/webhooks/{facebook|instagram}` from now on, those that waited too.
    pub fn set_webhook_target(&self, base: impl AsRef<str>) {
        self.hub.post.aim(base.as_ref());
    }

    /// Subscribes the app to all of a page's conversations without a call. False when there is no such page.
    #[must_use]
    pub fn subscribe(&self, page_id: &str) -> bool {
        let platform = self.hub.read(|world| world.page(page_id).map(|page| page.page.platform));
        platform.is_some_and(|platform| self.hub.subscribe(page_id, Some(world::all_fields(platform))))
    }
}

impl Hub {
    /// Reads the world.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&world::World) -> T) -> T {
        look(&self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the world and wakes those who wait for a change.
    pub(crate) fn change<T>(&self, act: impl FnOnce(&mut world::World) -> T) -> T {
        let (result, version) = {
            let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
            (act(&mut world), world.version())
        };
        self.changed.send_modify(|known| *known = version.max(*known));
        result
    }

    /// Subscribes the app to a page, or ends that, and keeps it over a restart.
    pub(crate) fn subscribe(&self, page_id: &str, fields: Option<HashSet<String>>) -> bool {
        let (known, subscribed) = self.change(|world| (world.subscribe(page_id, fields), world.subscribed()));
        let Some(path) = &self.memory else { return known };
        let kept = serde_json::to_vec(&subscribed).map_err(io::Error::other).and_then(|text| fs::write(path, text));
        if let Err(error) = kept {
            tracing::warn!(%error, "the sandbox will forget this subscription when it stops");
        }
        known
    }

    /// Takes up the subscriptions that an earlier sandbox kept.
    fn remember(&self) {
        let Some(text) = self.memory.as_ref().and_then(|path| fs::read(path).ok()) else { return };
        let Ok(kept) = serde_json::from_slice::<HashMap<String, HashSet<String>>>(&text) else { return };
        self.change(|world| {
            for (page_id, fields) in kept {
                world.subscribe(&page_id, Some(fields));
            }
        });
    }

    pub(crate) fn faults<T>(&self, act: impl FnOnce(&mut fault::Faults) -> T) -> T {
        act(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn model<T>(&self, act: impl FnOnce(&mut groq::Model) -> T) -> T {
        act(&mut self.model.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn logins<T>(&self, act: impl FnOnce(&mut login::Logins) -> T) -> T {
        act(&mut self.logins.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn letters<T>(&self, act: impl FnOnce(&mut letters::Letters) -> T) -> T {
        act(&mut self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn authenticator<T>(&self, act: impl FnOnce(&mut Vec<(String, TotpSecret)>) -> T) -> T {
        act(&mut self.authenticator.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether this is the app's secret, or one of them.
    pub(crate) fn is_secret(&self, secret: &str) -> bool {
        // Known to everybody: it needs no constant time.
        self.app_secret.split(',').map(str::trim).any(|known| !known.is_empty() && known == secret)
    }

    /// The address of a file that is kept, good now.
    pub(crate) fn file_url(&self, id: &str) -> String {
        let url = format!("{}/sandbox/media/{id}", self.base);
        self.media(|store| store.fresh(&url))
    }

    pub(crate) fn media<T>(&self, act: impl FnOnce(&mut media::Store) -> T) -> T {
        act(&mut self.media.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
