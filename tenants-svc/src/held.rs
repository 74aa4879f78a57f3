//! A channel in hand: what is needed to speak through it, and what the answers tell about it.

use std::time::Duration;

use chatdesk_platform::db::schedule;
use chatdesk_platform::{Caller, Error, TenantId};
use chrono::TimeDelta;
use secrecy::SecretString;
use uuid::Uuid;

use crate::Service;
use crate::channel::{Channel, Outcome};
use crate::envelope::{self, ACCESS_TOKEN, Binding};
use crate::health::{Health, Trouble};
use crate::store::channel as rows;
use crate::store::status;
use crate::work::check;

/// How long storing a channel's health may hold up what it was learned from.
const PATIENCE: Duration = Duration::from_secs(1);
/// After this long a channel that Meta restricts is tried again: Meta does not tell when it relents.
pub const RESTRICTED_FOR: TimeDelta = TimeDelta::minutes(15);
/// After this long one that was just found to need a new connection is asked about again: Meta has been wrong before.
const DOUBTED_FOR: TimeDelta = TimeDelta::hours(1);

/// A channel with what is needed to speak through it.
pub struct Held {
    pub channel: Channel,
    pub is_suspended: bool,
    /// As stored: tells later whether it is still the same token.
    pub sealed: String,
    /// None when the channel is inactive, or its token was taken or does not open.
    pub token: Option<SecretString>,
}

impl Held {
    /// The token of a channel that may be spoken through; else what a send through it comes to.
    pub fn usable_token(&self) -> Result<SecretString, Outcome> {
        if self.is_suspended { Err(Outcome::SUSPENDED) } else { self.token_to_read() }
    }

    /// The token of a channel that can be asked, also for a suspended business: only its sending stops.
    pub fn token_to_read(&self) -> Result<SecretString, Outcome> {
        if !self.channel.is_active {
            return Err(Outcome::DISCONNECTED);
        }
        let trouble = self.channel.trouble;
        if trouble.health() == Health::NeedsReconnect && !self.channel.may_try {
            return Err(Outcome::Refused { code: "needs_reconnect", detail: trouble.detail() });
        }
        self.token.clone().ok_or(Outcome::NEEDS_RECONNECT)
    }
}

impl Service {
    /// One of the caller's channels.
    pub async fn held(&self, caller: &Caller, id: Uuid) -> Result<Held, Error> {
        let mut tx = self.state.db.begin(caller).await?;
        let (channel, sealed) = rows::with_token(&mut tx, id).await?;
        let tenant = tx.tenant();
        let is_suspended = status::is_suspended(tx.conn(), tenant).await?;
        tx.commit().await?;
        let token =
            sealed.as_deref().and_then(|sealed| match envelope::open(&self.state.keys, &place(tenant, id), sealed) {
                Ok(token) => Some(token),
                Err(error) => {
                    tracing::error!(channel = %id, %error, "a stored token cannot be used");
                    None
                }
            });
        Ok(Held { channel, is_suspended, sealed: sealed.unwrap_or_default(), token })
    }

    /// Stores what a call told to be wrong with a channel. That this fails must not change what became of the call.
    pub async fn note(&self, caller: &Caller, held: &Held, trouble: Trouble) {
        let was_refused = trouble.is_met_by_sending();
        if held.channel.is_known(trouble, was_refused) {
            return;
        }
        let id = held.channel.id;
        // Whoever waits for the outcome of a send must have it before their deadline.
        let noted = self.set_trouble(caller, id, &held.sealed, (trouble, was_refused));
        let noted = tokio::time::timeout(PATIENCE, noted).await;
        if let Err(error) = noted.unwrap_or(Err(Error::DeadlineExceeded)) {
            tracing::warn!(channel = %id, error = &error as &dyn std::error::Error, "cannot note a channel's health");
        }
    }

    /// Stores what is wrong with a channel that has this token, and whether a refused message told it; tells whoever sends.
    pub async fn set_trouble(
        &self,
        caller: &Caller,
        id: Uuid,
        sealed: &str,
        (trouble, was_refused): (Trouble, bool),
    ) -> Result<(), Error> {
        let now = self.state.clock.now();
        let mut tx = self.state.db.begin(caller).await?;
        let changed = rows::set_trouble(&mut tx, id, sealed, (trouble, was_refused), now).await?;
        let again = match trouble.health() {
            Health::Restricted => Some(RESTRICTED_FOR),
            Health::NeedsReconnect => Some(DOUBTED_FOR),
            Health::Ok | Health::Silent => None,
        };
        if let Some(again) = again.filter(|_| changed) {
            let work = check::item(tx.tenant(), id);
            schedule(tx.conn(), work, now + again.min(self.state.check_every)).await?;
        }
        tx.commit().await?;
        if changed {
            tracing::info!(channel = %id, trouble = trouble.as_str(), "a channel's health has changed");
        }
        Ok(())
    }

    /// Lets messages try whether a trouble is over that a message met. It stays until one went out; the next that is refused ends the trial.
    pub async fn let_try(&self, caller: &Caller, held: &Held) -> Result<(), Error> {
        let mut tx = self.state.db.begin(caller).await?;
        rows::tell(&mut tx, held.channel.id, &held.sealed, Health::Ok).await?;
        tx.commit().await
    }
}

/// Where a channel's token lies.
pub const fn place(tenant: TenantId, channel: Uuid) -> Binding {
    Binding { tenant, channel, purpose: ACCESS_TOKEN }
}

/// What a send would be refused with, where nothing is sent.
pub fn refusal(outcome: &Outcome) -> Error {
    match outcome {
        Outcome::Refused { code, detail } => Error::Precondition { code, detail: (*detail).to_owned() },
        Outcome::Sent { .. } | Outcome::TryLater { .. } | Outcome::Unknown { .. } => Error::internal("not a refusal"),
    }
}
