//! Compares a channel with what Meta keeps of it: first the history of a new connection, then, every so often, what webhooks should have
//! told. One page of Meta's list is a piece of work, and each conversation on it a step: after a crash or a rest it goes on with the next
//! one, and a message that is there already is known by Meta's id. What cannot be read for good ends the pass; the next one comes in time.

mod thread;

use std::collections::HashMap;
use std::error::Error as StdError;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::desk::Desk;
use crate::model::Sync;
use crate::reads::{Listed, Unread};
use crate::store;
use crate::store::routing::Connected;

/// How long to rest after a read that may work next time.
const REST: TimeDelta = TimeDelta::seconds(30);
/// The longest rest that Meta may ask for.
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);
/// So many conversations in a row that cannot be read are Meta's trouble, and not theirs.
const MOST_MISSED: usize = 3;
/// A page at which they were so often is gone through all the same, and they are passed over.
const MOST_STALLS: u32 = 3;
/// Refusals of a conversation that say something of the whole channel.
const CHANNELS: [&str; 4] = ["needs_reconnect", "permission", "restricted", "channel_disconnected"];

/// The work of kind `reconcile`, whose entity is a channel.
pub struct Reconcile {
    desk: Desk,
    /// Of each channel: the page at which its pass stands still, and how often in a row. What a new process does not know, it counts anew.
    stalls: Mutex<HashMap<Uuid, (String, u32)>>,
}

/// A pass under way.
struct Pass {
    sync: Sync,
    channel: Connected,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// What was added.
#[derive(Debug, Clone, Copy, Default)]
struct Added {
    history: i64,
    recovered: i64,
    /// Something may be our own message of which nobody knows, and was left.
    is_unsettled: bool,
}

/// Why a page was not gone through.
enum Stopped {
    /// The channel may not be read.
    Refused(String),
    /// Not now.
    Until(DateTime<Utc>, String),
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Reconcile {
    /// A handler.
    pub fn new(desk: Desk) -> Self {
        Self { desk, stalls: Mutex::default() }
    }

    /// Where the pass stands, begun if need be; none when there is nothing to compare.
    async fn begin(&self, job: &Job) -> Result<Option<Pass>, Error> {
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        let Some(channel) = store::routing::channel(&mut tx, job.entity).await? else { return Ok(None) };
        if !store::routing::tenant_is_active(&mut tx).await? {
            return Ok(None);
        }
        let known = store::sync::lock(&mut tx, job.entity).await?;
        // Another connection starts anew.
        let known = known.filter(|sync| sync.connected_at == channel.connected_at);
        let mut sync = known.unwrap_or_else(|| Sync::new(channel.connected_at));
        let (from, to) = sync.pass(self.desk.clock.now() - self.desk.config.reconcile_grace);
        store::sync::save(&mut tx, job.entity, &sync, None).await?;
        tx.commit().await?;
        Ok(Some(Pass { sync, channel, from, to }))
    }

    /// Goes through one page of Meta's list. Gives the next, empty after the last.
    async fn page(&self, job: &Job, pass: &mut Pass) -> Result<String, Stopped> {
        let reads = &self.desk.reads;
        let page = reads.threads(job.tenant, job.entity, pass.from, &pass.sync.pass_cursor).await;
        let page = page.map_err(|unread| self.stopped(unread))?;
        let (mut missed, mut is_stuck) = (0, false);
        // Kept with the page only: when that is put off, these are looked at again.
        let mut passed_over: Option<String> = None;
        for listed in &page.items {
            let is_old = listed.updated_at.is_some_and(|at| at < pass.from);
            if listed.user.is_empty() || is_old || pass.sync.is_past(&listed.user) {
                continue;
            }
            match self.thread(job, pass, listed).await {
                Ok(added) => {
                    missed = 0;
                    if added.is_unsettled {
                        passed_over = Some("unsettled".to_owned());
                        continue;
                    }
                }
                // One that is gone, or that only Meta knows why, costs no other its turn.
                Err(Stopped::Refused(code)) if code == "not_found" => {}
                Err(Stopped::Refused(code)) if !CHANNELS.contains(&code.as_str()) => pass.sync.miss(&code),
                Err(Stopped::Until(again, code)) if code != RATE_LIMITED => {
                    missed += 1;
                    if missed >= MOST_MISSED && !is_stuck {
                        is_stuck = self.stall(job.entity, &pass.sync.pass_cursor);
                        if !is_stuck {
                            return Err(Stopped::Until(again, code));
                        }
                    }
                    passed_over = Some(code);
                    continue;
                }
                Err(Stopped::Failed(error)) if !error.is_transient() => {
                    tracing::error!(
                        error = &error as &dyn StdError,
                        "a conversation cannot be compared and is passed over"
                    );
                    pass.sync.miss("internal");
                }
                Err(stopped) => return Err(stopped),
            }
            pass.sync.go_past(&listed.user);
            self.save(job, &pass.sync, false).await?;
        }
        if let Some(code) = passed_over {
            pass.sync.miss(&code);
        }
        self.stalls().remove(&job.entity);
        Ok(page.next)
    }

    fn stalls(&self) -> MutexGuard<'_, HashMap<Uuid, (String, u32)>> {
        self.stalls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel's pass stands still at a page; true when it did so for long enough.
    fn stall(&self, channel: Uuid, cursor: &str) -> bool {
        let mut stalls = self.stalls();
        let (page, times) = stalls.entry(channel).or_default();
        if page != cursor {
            (*page, *times) = (cursor.to_owned(), 0);
        }
        *times += 1;
        *times >= MOST_STALLS
    }

    fn stopped(&self, unread: Unread) -> Stopped {
        let now = self.desk.clock.now();
        match unread {
            Unread::Refused(code) => Stopped::Refused(code),
            Unread::Passing(code) => Stopped::Until(now + REST, code),
            Unread::Crowded(_) => Stopped::Until(now + REST, RATE_LIMITED.to_owned()),
            Unread::Later(rest) => {
                let rest = TimeDelta::from_std(rest).unwrap_or(LONGEST_REST).min(LONGEST_REST);
                Stopped::Until(now + rest, RATE_LIMITED.to_owned())
            }
        }
    }

    async fn save(&self, job: &Job, sync: &Sync, is_over: bool) -> Result<(), Error> {
        chatdesk_platform::fail_point("reconcile.page");
        let mut tx = self.desk.db.begin(&job.caller()?).await?;
        job.fence(tx.conn()).await?;
        let checked_at = is_over.then(|| self.desk.clock.now());
        store::sync::save(&mut tx, job.entity, sync, checked_at).await?;
        tx.commit().await
    }
}

/// What is noted when Meta asks to wait.
const RATE_LIMITED: &str = "rate_limited";

impl Handler for Reconcile {
    const KIND: &'static str = "reconcile";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let Some(mut pass) = self.begin(&job).await? else { return Ok(Done::Finished) };
        match self.page(&job, &mut pass).await {
            Ok(next) if next.is_empty() => {
                pass.sync.finish();
                self.save(&job, &pass.sync, true).await?;
                Ok(Done::Finished)
            }
            Ok(next) => {
                pass.sync.turn_page(next);
                self.save(&job, &pass.sync, false).await?;
                Ok(Done::At(self.desk.clock.now()))
            }
            Err(Stopped::Refused(code)) => {
                tracing::info!(channel = %job.entity, code, "a channel cannot be compared with what Meta keeps");
                pass.sync.give_up(&code);
                self.save(&job, &pass.sync, true).await?;
                Ok(Done::Finished)
            }
            Err(Stopped::Until(again, code)) => {
                tracing::warn!(channel = %job.entity, code, "comparing a channel with what Meta keeps goes on later");
                pass.sync.rest(&code);
                self.save(&job, &pass.sync, false).await?;
                Ok(Done::At(again))
            }
            Err(Stopped::Failed(error)) => Err(error),
        }
    }
}
