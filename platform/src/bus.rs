//! What the processes of an installation tell each other, over NATS when there is more than one of a kind. Ids and numbers go through here, and
//! nothing rests on it: what it tells of stands in the database. Whoever heard nothing looks by itself, and whoever was away looks once it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use bytes::Bytes;
use futures::StreamExt as _;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::{mpsc, watch};

use crate::grpc::is_loopback;
use crate::{Shutdown, TenantId, VarError, Vars};

/// What is kept while NATS is away, in this process. What comes beyond is dropped.
const MOST_KEPT: usize = 4096;
/// How long a connection may take to be made.
const CONNECTING: Duration = Duration::from_secs(5);

/// What a word is about; the last part of its subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// A tenant has new events; the payload is the number of the newest.
    Seq,
    /// Something for a tenant's open sockets that has no number.
    Frame,
}

impl Topic {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Seq => "seq",
            Self::Frame => "frame",
        }
    }

    fn subject(self, tenant: TenantId) -> String {
        format!("rt.{}.{}", tenant.0, self.as_str())
    }
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Another process's word.
    Word {
        /// Whose it is about.
        tenant: TenantId,
        /// As it was told.
        payload: Bytes,
    },
    /// NATS is there, for the first time or again. What others said before is not known.
    Back,
}

/// Where NATS is, if there is one, and as whom to go there.
#[derive(Clone, Default)]
pub struct BusConfig {
    server: Option<ServerAddr>,
    login: Option<(String, SecretString)>,
    authority: Option<String>,
}

impl BusConfig {
    /// NATS_URL, with the user and the password in it; TLS_CA_FILE, whose authority its certificate must then come from.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let wrong = |problem: &str| VarError { name: "NATS_URL".to_owned(), problem: problem.to_owned() };
        let Some(url) = vars.get("NATS_URL") else { return Ok(Self::default()) };
        let server: ServerAddr =
            url.parse().map_err(|_| wrong("is not a URL such as tls://user:password@host:4222"))?;
        match server.scheme() {
            "tls" => {}
            // The server could ask for TLS by itself, and so could somebody in between not ask for it.
            "nats" if is_loopback(server.host()) => {}
            "nats" => return Err(wrong("is not on this machine: use tls://")),
            _ => return Err(wrong("begins with tls://, or on this machine with nats://")),
        }
        // The client shows addresses in its log, and takes no login from them.
        let mut url = server.into_inner();
        let login = url.password().map(|password| (url.username().to_owned(), password.to_owned()));
        if login.is_none() && !url.username().is_empty() {
            return Err(wrong("has a user without a password"));
        }
        if login.as_ref().is_some_and(|(user, password)| user.contains('%') || password.contains('%')) {
            return Err(wrong("has a user or a password that needs escaping: use letters and digits"));
        }
        let cleared = url.set_password(None).and_then(|()| url.set_username(""));
        let server = cleared.ok().and_then(|()| ServerAddr::from_url(url).ok());
        let server = server.ok_or_else(|| wrong("is not a URL such as tls://user:password@host:4222"))?;
        let login = login.map(|(user, password)| (user, password.into()));
        Ok(Self { server: Some(server), login, authority: vars.get("TLS_CA_FILE") })
    }
}

/// Speaks to the other processes, or to nobody when there is no NATS. Cheap to clone; all clones are one connection.
#[derive(Clone, Default)]
pub struct Bus(Option<Arc<Link>>);

struct Link {
    client: Client,
    outbox: mpsc::Sender<(String, Bytes)>,
    /// How often NATS was reached.
    reached: watch::Receiver<u64>,
}

impl Bus {
    /// Begins to connect, and goes on trying for as long as the process runs. Nobody waits for it.
    pub async fn start(config: &BusConfig, shutdown: &Shutdown) -> Self {
        let Some(server) = config.server.clone() else { return Self::default() };
        let (count, reached) = watch::channel(0);
        let is_away = AtomicBool::new(false);
        let mut options = ConnectOptions::new()
            .name("chatdesk")
            .retry_on_initial_connect()
            .connection_timeout(CONNECTING)
            // What this process says it knows.
            .no_echo()
            .require_tls(server.tls_required())
            .event_callback(move |event| {
                note(&event, &count, &is_away);
                async {}
            });
        if let Some((user, password)) = &config.login {
            options = options.user_and_password(user.clone(), password.expose_secret().to_owned());
        }
        if let Some(authority) = &config.authority {
            options = options.add_root_certificates(authority.into());
        }
        metrics::gauge!("chatdesk_bus_connected").set(0.0);
        let client = match options.connect(server).await {
            Ok(client) => client,
            // It connects later, so only what could not be read fails here.
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "NATS cannot be used; events come by looking"
                );
                return Self::default();
            }
        };
        let (outbox, mut words) = mpsc::channel::<(String, Bytes)>(MOST_KEPT);
        let (speaker, stop) = (client.clone(), shutdown.token());
        shutdown.spawn(async move {
            loop {
                let (subject, payload) = tokio::select! {
                    word = words.recv() => match word {
                        Some(word) => word,
                        None => return,
                    },
                    () = stop.cancelled() => return,
                };
                // While NATS is away the client keeps some, and then makes this wait.
                let told = tokio::select! {
                    told = speaker.publish(subject, payload) => told,
                    () = stop.cancelled() => return,
                };
                if let Err(error) = told {
                    tracing::debug!(error = &error as &dyn std::error::Error, "the other processes were not told");
                }
            }
        });
        Self(Some(Arc::new(Link { client, outbox, reached })))
    }

    /// Tells the other processes about a tenant; once NATS is there again, when it is away.
    pub fn tell(&self, topic: Topic, tenant: TenantId, payload: impl Into<Bytes>) {
        if let Some(link) = &self.0 {
            // No room is as if nobody had heard: they look by themselves.
            link.outbox.try_send((topic.subject(tenant), payload.into())).ok();
        }
    }

    /// The same, for what is worth nothing a moment later: when NATS is away nobody hears it.
    pub fn tell_now(&self, topic: Topic, tenant: TenantId, payload: impl Into<Bytes>) {
        if self.0.as_ref().is_some_and(|link| link.client.connection_state() == State::Connected) {
            self.tell(topic, tenant, payload);
        }
    }

    /// Calls `hear` with what other processes tell about any tenant, until the process drains. It must not wait.
    pub fn listen(&self, topic: Topic, shutdown: &Shutdown, hear: impl Fn(Heard) + Send + 'static) {
        let Some(link) = self.0.clone() else { return };
        let stop = shutdown.token();
        shutdown.spawn(async move {
            // The client asks for the subject again whenever it was away.
            let mut words = match link.client.subscribe(format!("rt.*.{}", topic.as_str())).await {
                Ok(words) => words,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "cannot listen to NATS");
                    return;
                }
            };
            let mut reached = link.reached.clone();
            loop {
                tokio::select! {
                    heard = next(&mut words, &mut reached) => match heard {
                        Some(heard) => hear(heard),
                        None => return,
                    },
                    () = stop.cancelled() => return,
                }
            }
        });
    }
}

/// What comes next that can be understood; none when nothing more will come.
async fn next(words: &mut Subscriber, reached: &mut watch::Receiver<u64>) -> Option<Heard> {
    loop {
        tokio::select! {
            word = words.next() => {
                let word = word?;
                if let Some(tenant) = tenant_of(&word.subject) {
                    return Some(Heard::Word { tenant, payload: word.payload });
                }
            }
            changed = reached.changed() => return changed.ok().map(|()| Heard::Back),
        }
    }
}

fn tenant_of(subject: &str) -> Option<TenantId> {
    subject.split('.').nth(1)?.parse().ok().map(TenantId)
}

/// Says once that NATS is there, or is not.
fn note(event: &Event, count: &watch::Sender<u64>, is_away: &AtomicBool) {
    match event {
        Event::Connected => {
            metrics::gauge!("chatdesk_bus_connected").set(1.0);
            tracing::info!("NATS is there");
            is_away.store(false, Ordering::Relaxed);
            count.send_modify(|count| *count += 1);
        }
        Event::Disconnected | Event::ClientError(_) => {
            metrics::gauge!("chatdesk_bus_connected").set(0.0);
            if !is_away.swap(true, Ordering::Relaxed) {
                tracing::warn!(why = %event, "NATS is away; events come by looking");
            }
        }
        Event::ServerError(error) => tracing::warn!(%error, "NATS refuses something"),
        event => tracing::debug!(%event, "NATS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_id;

    fn read(url: &str) -> Result<BusConfig, VarError> {
        BusConfig::from_vars(&Vars::fixed([("NATS_URL", url)]))
    }

    #[test]
    fn passwords_and_wake_ups_cross_a_network_in_tls_only() {
        for good in ["nats://127.0.0.1:4222", "nats://u:p@localhost:1", "tls://inbox:secret@nats:4222"] {
            assert!(read(good).is_ok_and(|config| config.server.is_some()), "{good}");
        }
        let config = read("tls://inbox:hunter2@nats:4222").unwrap_or_else(|error| panic!("{error}"));
        let (user, password) = config.login.unwrap_or_else(|| panic!("a login"));
        assert_eq!((user.as_str(), password.expose_secret()), ("inbox", "hunter2"));
        assert!(!format!("{:?}", config.server).contains("hunter2"), "the client logs it");
        for bad in [
            "nats://inbox:hunter2@nats:4222",
            "tls://inbox:hunter2%40@nats",
            "tls://hunter2@nats",
            "nats://10.0.0.1",
            "ws://127.0.0.1",
            "http://x",
            "tls://[",
            "hunter2",
        ] {
            let error = read(bad).err().unwrap_or_else(|| panic!("{bad}"));
            assert!(error.name == "NATS_URL" && !error.problem.contains("hunter2"), "{error}");
        }
        assert!(read("").is_ok_and(|config| config.server.is_none()));
    }

    #[test]
    fn a_subject_says_whose_it_is() {
        let tenant = TenantId(new_id());
        assert_eq!(tenant_of(&Topic::Seq.subject(tenant)), Some(tenant));
        for other in ["rt", "rt.x.seq", "", "rt..seq"] {
            assert_eq!(tenant_of(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn without_nats_nobody_is_told_and_nobody_waits() {
        let bus = Bus::start(&BusConfig::default(), &Shutdown::default()).await;
        bus.tell(Topic::Seq, TenantId(new_id()), "1");
        bus.tell_now(Topic::Frame, TenantId(new_id()), "{}");
        bus.listen(Topic::Seq, &Shutdown::default(), |_| panic!("nobody speaks"));
    }
}
