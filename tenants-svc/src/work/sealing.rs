//! After the key that seals was replaced: seals anew what others sealed, and forgets them once nothing needs them.

use std::sync::Arc;
use std::time::Duration;

use chatdesk_platform::db::{Claimer, Db, DbConfig, DueItem, Job, Wakes, schedule};
use chatdesk_platform::{Error, ServiceName, Shutdown, TenantId, UserId};
use chrono::TimeDelta;
use uuid::Uuid;

use super::take_turns;
use crate::audit::VerifyError;
use crate::envelope::seal_anew;
use crate::store::{key, sealed, status};
use crate::totp::Holder;
use crate::{State, held};

/// The kind of the work.
pub const KIND: &str = "sealing";
const WORK: DueItem = DueItem { kind: KIND, tenant: None, entity: Uuid::nil() };
/// When it looks again after it found something; also whether what is not sealed anew here is gone: mails and what logins at Meta allowed.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// How long nothing must be found before a key goes: a process that was not started anew yet may seal with it meanwhile.
const SETTLED: TimeDelta = TimeDelta::minutes(15);
/// Long enough for the transactions of many tenants.
const LEASE: Duration = Duration::from_secs(600);
/// The most rows of one transaction.
const AT_ONCE: i64 = 100;

/// Claims this work.
#[must_use]
pub fn claimer(db: Db, wakes: Wakes) -> Claimer {
    Claimer::new(db, wakes, KIND, LEASE, ServiceName::Tenants)
}

/// Runs until the shutdown begins.
pub fn start(state: &Arc<State>, claimer: Claimer, shutdown: &Shutdown) {
    let state = Arc::clone(state);
    take_turns(shutdown, Some(claimer.clone()), "cannot seal anew", move || turn(Arc::clone(&state), claimer.clone()));
}

/// Makes the turn where something may be sealed with another key than the one that seals.
pub async fn plan(state: &State) -> Result<(), Error> {
    let mut tx = state.db.system().await?;
    if key::sealing(&mut tx).await?.iter().any(|id| id != state.keys.sealing_id()) {
        schedule(tx.conn(), WORK, state.clock.now()).await?;
    }
    tx.commit().await
}

/// The ids of the keys that something may be sealed with. For `chatdesk doctor`.
pub async fn sealing_keys(config: &DbConfig) -> Result<Vec<String>, VerifyError> {
    let db = Db::connect(config).await?;
    let mut tx = db.system().await?;
    let found = key::sealing(&mut tx).await;
    drop(tx);
    db.close().await;
    Ok(found?)
}

async fn turn(state: Arc<State>, claimer: Claimer) -> Result<(), Error> {
    for job in claimer.claim(1).await? {
        let ours = state.keys.sealing_id();
        let mut tx = state.db.system().await?;
        // What is sealed anew here needs it.
        key::add_sealing(tx.conn(), ours).await?;
        let others: Vec<_> = key::sealing(&mut tx).await?.into_iter().filter(|id| id != ours).collect();
        tx.commit().await?;
        // Doing it twice harms nobody, so the lease is asked for only at the end.
        let (codes, tokens) = (codes(&state).await?, tenants(&state, &job).await?);
        let now = state.clock.now();
        let mut tx = state.db.system().await?;
        job.fence(tx.conn()).await?;
        if codes && tokens && !sealed::has_mails(&mut tx, ours, now).await? {
            if key::unused(&mut tx, &others, now, now - SETTLED).await? > 0 {
                schedule(tx.conn(), WORK, now + SETTLED).await?;
            } else {
                tracing::info!(keys = ?others, "nothing is sealed with these keys any more");
            }
        } else {
            key::used(&mut tx, &others).await?;
            schedule(tx.conn(), WORK, now + AGAIN).await?;
        }
        job.finish(tx.conn()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Seals secrets of one-time codes anew; whether none needed it.
async fn codes(state: &State) -> Result<bool, Error> {
    let (mut after, mut is_clean) = (UserId(Uuid::nil()), true);
    loop {
        let mut tx = state.db.system().await?;
        let found = sealed::codes(&mut tx, state.keys.sealing_id(), after, AT_ONCE).await?;
        let Some(last) = found.last() else { return Ok(is_clean) };
        (after, is_clean) = (last.user, false);
        for old in &found {
            match Holder::of(old.user, old.tenant).seal_anew(&state.keys, old) {
                Ok(new) => sealed::keep_codes(&mut tx, old, &new).await?,
                Err(error) => {
                    tracing::error!(user = %old.user, error = &error as &dyn std::error::Error, "cannot seal anew");
                }
            }
        }
        tx.commit().await?;
    }
}

/// Seals the tokens of all tenants anew; whether none needed it.
async fn tenants(state: &State, job: &Job) -> Result<bool, Error> {
    let mut tx = state.db.system().await?;
    let tenants = status::all(&mut tx).await?;
    tx.commit().await?;
    let mut is_clean = true;
    for tenant in tenants {
        is_clean &= tokens(state, job, tenant).await?;
    }
    Ok(is_clean)
}

async fn tokens(state: &State, job: &Job, tenant: TenantId) -> Result<bool, Error> {
    let (caller, ours) = (job.scope.caller(tenant), state.keys.sealing_id());
    let (mut after, mut is_clean) = (Uuid::nil(), true);
    loop {
        let mut tx = state.db.begin(&caller).await?;
        let found = sealed::tokens(&mut tx, ours, after, AT_ONCE).await?;
        let Some((last, _)) = found.last() else { return Ok(is_clean && !sealed::has_grants(&mut tx, ours).await?) };
        (after, is_clean) = (*last, false);
        for (id, old) in &found {
            match seal_anew(&state.keys, &held::place(tenant, *id), old) {
                Ok(new) => sealed::keep_token(&mut tx, *id, old, &new).await?,
                Err(error) => {
                    tracing::error!(channel = %id, error = &error as &dyn std::error::Error, "cannot seal anew");
                }
            }
        }
        tx.commit().await?;
    }
}
