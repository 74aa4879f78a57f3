//! What can be set. Every duration is here, so that tests need not wait.

use std::time::Duration;

use chatdesk_platform::bus::BusConfig;
use chatdesk_platform::db::{DbConfig, WorkerConfig};
use chatdesk_platform::{VarError, Vars};
use chrono::TimeDelta;

use crate::model::Quiet;

/// The settings of the service.
#[derive(Clone)]
pub struct Config {
    /// Its own login.
    pub db: DbConfig,
    /// Where it tells others of its kind that something happened.
    pub bus: BusConfig,
    /// How long to wait for a customer to finish.
    pub quiet: Quiet,
    /// How long the assistant is silent after a person answered.
    pub ai_pause: TimeDelta,
    /// Works off webhooks.
    pub ingest: WorkerConfig,
    /// Writes replies.
    pub reply: WorkerConfig,
    /// Hands messages over.
    pub send: WorkerConfig,
    /// Asks for profiles.
    pub profile: WorkerConfig,
    /// How often what is overdue is looked for.
    pub sweep_every: Duration,
    /// For how long after it was due something is left to its own work.
    pub sweep_grace: TimeDelta,
    /// How long an answer may take.
    pub answer_deadline: Duration,
    /// How long a send may take; longer than tenants-svc gives Meta.
    pub send_deadline: Duration,
    /// The first wait of a message that Meta puts off; each further one may be twice as long.
    pub send_base_wait: Duration,
    /// How often a message is looked at again whose channel must be connected anew, or is held back.
    pub hold: TimeDelta,
    /// For how long the echo of a message is waited for of which nobody knows, before Meta is asked.
    pub settle_wait: TimeDelta,
    /// The least time between two looks at Meta's record of it.
    pub settle_read: TimeDelta,
    /// After so long without an answer a person must say what became of it.
    pub settle_give_up: TimeDelta,
    /// Asks Meta about them.
    pub settle: WorkerConfig,
    /// How often a channel is compared with what Meta keeps.
    pub reconcile_every: TimeDelta,
    /// A webhook may be under way for so long; what is newer is left to it.
    pub reconcile_grace: TimeDelta,
    /// The least time between two reads of one channel's conversations (Conversations API: 2 a second).
    pub read_every: Duration,
    /// Whether customers are shown that somebody types, or has read.
    pub sender_actions: bool,
    /// How long small questions to other services may take.
    pub ask_deadline: Duration,
    /// How long a webhook's messages may wait for their business's settings.
    pub settings_deadline: Duration,
    /// How often a stream of events looks by itself.
    pub event_poll: Duration,
    /// How long events are kept.
    pub keep_events: TimeDelta,
    /// How long bodies of webhooks that were worked off are kept, and the words of their items.
    pub keep_bodies: TimeDelta,
    /// How long it is kept what became of each item, and bodies that could not be worked off.
    pub keep_outcomes: TimeDelta,
    /// Meta's ids of our own apps: what they sent, and conversations they have, are ours.
    pub app_ids: Vec<String>,
    /// More replies than this in ten minutes are no conversation with a person, but with another bot.
    pub most_turns: i64,
}

impl Config {
    /// INBOX_DATABASE_URL, DB_CONNECTIONS, QUIET_WINDOW_MS (2500), QUIET_CAP_MS (8000), LEASE_MS (30000), AI_PAUSE_MS (1800000),
    /// SWEEP_MS (30000), SETTLE_WAIT_MS (90000), SETTLE_READ_MS (10000), SETTLE_GIVE_UP_MS (120000), RECONCILE_MS (900000), FB_APP_ID, IG_APP_ID,
    /// SENDER_ACTIONS (on), EVENT_POLL_MS (1000), NATS_URL, TLS_CA_FILE.
    pub fn from_vars(vars: &Vars) -> Result<Self, VarError> {
        let lease = vars.millis("LEASE_MS", Duration::from_secs(30))?;
        if lease < Duration::from_millis(100) {
            let problem = "must be at least 100".to_owned();
            return Err(VarError { name: "LEASE_MS".to_owned(), problem });
        }
        let span = |name: &str, default: u64| -> Result<TimeDelta, VarError> {
            let span = vars.millis(name, Duration::from_millis(default))?;
            let too_long = || VarError { name: name.to_owned(), problem: "is more than a year".to_owned() };
            TimeDelta::from_std(span).ok().filter(|span| *span <= TimeDelta::days(366)).ok_or_else(too_long)
        };
        let sender_actions = match vars.get("SENDER_ACTIONS").as_deref() {
            None | Some("on") => true,
            Some("off") => false,
            Some(_) => {
                let problem = "must be on or off".to_owned();
                return Err(VarError { name: "SENDER_ACTIONS".to_owned(), problem });
            }
        };
        let worker = |concurrency, max_attempts| WorkerConfig {
            concurrency,
            lease,
            max_attempts,
            base_wait: Duration::from_secs(1),
        };
        Ok(Self {
            db: DbConfig::from_vars(vars, "INBOX_DATABASE_URL")?,
            bus: BusConfig::from_vars(vars)?,
            quiet: Quiet { window: span("QUIET_WINDOW_MS", 2500)?, cap: span("QUIET_CAP_MS", 8000)? },
            ai_pause: span("AI_PAUSE_MS", 1_800_000)?,
            ingest: worker(4, 8),
            reply: worker(32, 10),
            send: worker(16, 10),
            profile: worker(2, 5),
            sweep_every: vars.millis("SWEEP_MS", Duration::from_secs(30))?,
            sweep_grace: TimeDelta::seconds(10),
            answer_deadline: Duration::from_secs(30),
            send_deadline: Duration::from_secs(25),
            send_base_wait: Duration::from_secs(1),
            hold: TimeDelta::seconds(30),
            settle_wait: span("SETTLE_WAIT_MS", 90_000)?,
            settle_read: span("SETTLE_READ_MS", 10_000)?,
            settle_give_up: span("SETTLE_GIVE_UP_MS", 120_000)?,
            settle: worker(4, 10),
            reconcile_every: span("RECONCILE_MS", 900_000)?,
            reconcile_grace: TimeDelta::seconds(60),
            read_every: Duration::from_millis(500),
            sender_actions,
            ask_deadline: Duration::from_secs(5),
            settings_deadline: Duration::from_secs(2),
            event_poll: vars.millis("EVENT_POLL_MS", Duration::from_secs(1))?,
            keep_events: TimeDelta::days(7),
            keep_bodies: TimeDelta::days(7),
            keep_outcomes: TimeDelta::days(30),
            app_ids: ["FB_APP_ID", "IG_APP_ID"].into_iter().filter_map(|name| vars.get(name)).collect(),
            most_turns: 30,
        })
    }

    /// How old messages' words are collected.
    pub(crate) const fn terms(&self) -> WorkerConfig {
        WorkerConfig { concurrency: 1, ..self.profile }
    }

    /// How channels are compared with what Meta keeps: few at once, because each may read for long.
    pub(crate) const fn reconcile(&self) -> WorkerConfig {
        WorkerConfig { concurrency: 4, ..self.profile }
    }

    /// How one pass of the sweeper is worked off.
    pub(crate) const fn sweep(&self) -> WorkerConfig {
        WorkerConfig {
            concurrency: 1,
            lease: self.ingest.lease,
            max_attempts: i32::MAX,
            base_wait: Duration::from_secs(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_documented_ones_and_nonsense_is_refused() {
        let url = ("INBOX_DATABASE_URL", "postgres://cd_inbox@localhost/chatdesk");
        let config = Config::from_vars(&Vars::fixed([url])).unwrap();
        assert_eq!((config.quiet.window, config.quiet.cap), (TimeDelta::milliseconds(2500), TimeDelta::seconds(8)));
        assert_eq!(config.ai_pause, TimeDelta::minutes(30));
        assert_eq!((config.settle_wait, config.reconcile_every), (TimeDelta::seconds(90), TimeDelta::minutes(15)));
        assert!(config.sender_actions);
        for bad in
            [("SENDER_ACTIONS", "maybe"), ("LEASE_MS", "5"), ("QUIET_CAP_MS", "-1"), ("AI_PAUSE_MS", "99999999999999")]
        {
            let Err(error) = Config::from_vars(&Vars::fixed([url, bad])) else { panic!("{bad:?} was taken") };
            assert_eq!(error.name, bad.0);
        }
        assert!(Config::from_vars(&Vars::fixed([("A", "1")])).is_err());
    }
}
