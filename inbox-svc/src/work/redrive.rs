//! Works items off again that have an outcome: those that somebody asked for, and those that an older version left waiting. What has its
//! outcome comes to the same one: a message is known by its channel and mid, and all else by its time.

use std::collections::HashMap;

use chatdesk_meta::webhook::Item;
use chatdesk_platform::Error;
use chatdesk_platform::db::{Done, Handler, Job};

use crate::desk::Desk;
use crate::intake::{self, Arrival};
use crate::model::ItemOutcome;
use crate::store;
use crate::store::items::{Again, KeptItem};
use crate::timeline::Timeline;

/// Items that share a transaction.
const CHUNK: i64 = 100;

/// The work of kind `redrive`, whose entity is a webhook event.
pub struct Redrive {
    desk: Desk,
}

impl Redrive {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Some items; false when there are no more.
    async fn chunk(&self, job: &Job) -> Result<bool, Error> {
        let caller = job.caller()?;
        // Asked before the transaction: it may take a while.
        let ai_on = match caller.tenant() {
            Some(tenant) => self.desk.defaults.ai_enabled(tenant).await,
            None => None,
        };
        let mut line = Timeline::begin(&self.desk, &caller).await?;
        job.fence(line.tx.conn()).await?;
        let size = if job.attempts <= 1 && job.stumbles == 0 { CHUNK } else { 1 };
        let kept = store::items::wanted(&mut line.tx, job.entity, size).await?;
        if kept.is_empty() {
            return Ok(false);
        }
        let active = store::routing::tenant_is_active(&mut line.tx).await?;
        let now = line.now;
        let mut pages = HashMap::new();
        let mut read = Vec::with_capacity(kept.len());
        for kept in kept {
            let item = intake::read_again(&mut line, &mut pages, &kept).await?;
            read.push((kept, item));
        }
        let is_nameless = |(_, item): &(KeptItem, Option<Item>)| item.as_ref().is_some_and(intake::is_nameless);
        if read.iter().all(is_nameless) {
            read.truncate(1);
        } else {
            // They come when the others are done.
            read.retain(|one| !is_nameless(one));
        }
        // The order of everybody who locks several conversations.
        let order = |(kept, item): &(KeptItem, Option<Item>)| {
            let (person, turn) =
                item.as_ref().map(|item| (intake::person(item).to_owned(), intake::turn(item))).unwrap_or_default();
            (kept.channel_id, person, turn, kept.index)
        };
        read.sort_by_cached_key(order);
        for (kept, item) in read {
            let mut again = Again {
                event: kept.event,
                index: kept.index,
                kind: None,
                outcome: ItemOutcome::Failed,
                reason: "channel_gone".to_owned(),
                waits_for: None,
                message: None,
            };
            if let Some(item) = item {
                let arrival = Arrival { channel: kept.channel_id, item: &item, ai_on, active };
                let given = intake::alone(&mut line, arrival).await?;
                again.kind = Some(item.kind.name());
                again.outcome = kept.outcome.again(given.outcome);
                again.reason = given.reason;
                again.waits_for = given.waits_for;
                again.message = given.message;
            }
            metrics::counter!("chatdesk_inbox_redriven_total", "outcome" => again.outcome.as_str()).increment(1);
            store::items::settle_again(&mut line.tx, &again, Some(now)).await?;
        }
        line.commit().await?;
        Ok(true)
    }
}

impl Handler for Redrive {
    const KIND: &'static str = "redrive";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        while self.chunk(&job).await? {}
        Ok(Done::Finished)
    }

    /// The rows still ask for it, so the sweeper begins it anew.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(event = %job.entity, "items cannot be worked off again now");
    }
}
