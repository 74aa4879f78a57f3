//! Works off the webhook bodies that shared a commit: finds whose pages their items came to, and gives every item its outcome, tenant by
//! tenant. May be run again at any time: an item with an outcome is left alone, and a message is known by its channel and mid.
//!
//! Bodies are together only as long as all goes well. After a failure, or a process that ended over them, each is on its own, so that
//! one that cannot be taken costs no other.

use std::collections::{BTreeMap, HashMap, HashSet};

use chatdesk_meta::Platform;
use chatdesk_meta::webhook::{self, Item, Parsed};
use chatdesk_platform::db::{Done, Handler, Job, schedule_missing};
use chatdesk_platform::{Error, TenantId};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::desk::Desk;
use crate::intake::{self, Arrival, Given};
use crate::store;
use crate::store::items::Settled;
use crate::store::journal::{Ended, Kept};
use crate::store::routing::Route;
use crate::timeline::Timeline;

/// Items that share a transaction.
const CHUNK: usize = 100;
/// From this many bytes on parsing is moved off the threads that serve.
const LARGE: usize = 64 * 1024;
/// The database says when a page was connected and we say when a body came: a message in the first moment must not be lost to that.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);
/// Work that is started so late, in milliseconds, is behind: what waits beside it is taken together.
const BEHIND_MS: f64 = 100.0;
/// At most so many groups are taken together, and so many bytes: what large groups save is saved by then.
const MOST_GROUPS: i64 = 32;
const MOST_BYTES: i64 = 1024 * 1024;
/// Webhooks are no tenant's work.
const NOBODY: TenantId = TenantId(Uuid::nil());

/// The work of kind `ingest`, whose entity is a group of webhook events.
pub struct Ingest {
    desk: Desk,
}

/// A body that was parsed.
struct Read {
    event: Uuid,
    received_at: DateTime<Utc>,
    parsed: Parsed,
}

/// An item with the event it is of and the channel it came to.
struct Routed {
    event: Uuid,
    channel: Uuid,
    item: Item,
}

impl Routed {
    fn index(&self) -> i32 {
        i32::try_from(self.item.index).unwrap_or(i32::MAX)
    }

    fn settled(&self, given: Given) -> Settled {
        let Item { section, entry_ms, kind, key, raw, .. } = &self.item;
        let item = if given.reason == intake::ERASED { String::new() } else { raw.clone() };
        Settled {
            event: self.event,
            index: self.index(),
            channel_id: self.channel,
            kind: kind.name(),
            outcome: given.outcome,
            reason: given.reason,
            waits_for: given.waits_for,
            message: given.message,
            key: key.clone(),
            section: section.as_str(),
            entry_at: entry_ms.and_then(DateTime::from_timestamp_millis),
            item,
        }
    }
}

impl Ingest {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Gives each body of a group work of its own.
    async fn part(&self, job: &Job) -> Result<Done, Error> {
        let mut tx = self.desk.db.system().await?;
        job.fence(tx.conn()).await?;
        let alone = store::journal::part(&mut tx, job.entity).await?;
        schedule_missing(tx.conn(), Self::KIND, NOBODY, &alone, self.desk.clock.now()).await?;
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        self.desk.wakes.wake(Self::KIND);
        Ok(Done::Settled)
    }

    /// Takes over groups that wait beside this one. One after the other, each with commits of its own, a backlog of small ones would
    /// last as long as the load that made it.
    async fn absorb(&self, job: &Job) -> Result<(), Error> {
        let mut tx = self.desk.db.system().await?;
        job.fence(tx.conn()).await?;
        let mut groups = job.neighbours(tx.conn(), MOST_GROUPS).await?;
        let sizes = store::journal::sizes(&mut tx, &groups).await?;
        let mut room = MOST_BYTES;
        groups.retain(|group| {
            room -= sizes.get(group).copied().unwrap_or_default();
            room >= 0
        });
        if !groups.is_empty() {
            job.absorb(tx.conn(), &groups).await?;
            store::journal::join(&mut tx, job.entity, &groups).await?;
        }
        tx.commit().await
    }

    async fn routes(&self, bodies: &[Read]) -> Result<HashMap<(Platform, String), Route>, Error> {
        let items = bodies.iter().flat_map(|body| &body.parsed.items);
        let pages: HashSet<_> = items.map(|item| (item.platform, item.page_id.clone())).collect();
        if pages.is_empty() {
            return Ok(HashMap::new());
        }
        let pages: Vec<_> = pages.into_iter().collect();
        let mut tx = self.desk.db.system().await?;
        let routes = store::routing::routes(&mut tx, &pages).await?;
        tx.commit().await?;
        Ok(routes.into_iter().map(|route| ((route.platform, route.page_id.clone()), route)).collect())
    }

    /// Gives the items of one tenant their outcomes, and notes in `open` the events of which some have none. After a first failure each item
    /// has a transaction of its own, so that one that cannot be taken holds up nobody.
    async fn tenant(
        &self,
        job: &Job,
        tenant: TenantId,
        mut items: Vec<Routed>,
        open: &mut HashSet<Uuid>,
    ) -> Result<(), Error> {
        // One order for everybody who locks several conversations, and within each what is said before what changes it.
        items.sort_by(|a, b| {
            (a.channel, intake::person(&a.item), intake::turn(&a.item), a.event, a.item.index).cmp(&(
                b.channel,
                intake::person(&b.item),
                intake::turn(&b.item),
                b.event,
                b.item.index,
            ))
        });
        let wants_ai = items.iter().any(|routed| intake::may_begin(&routed.item));
        let ai_on = if wants_ai { self.desk.defaults.ai_enabled(tenant).await } else { None };
        let is_first = is_first(job);
        let size = if is_first { CHUNK } else { 1 };
        let mut failed = None;
        let (nameless, items): (Vec<_>, Vec<_>) =
            items.into_iter().partition(|routed| intake::is_nameless(&routed.item));
        for chunk in items.chunks(size).chain(nameless.chunks(1)) {
            if is_first && failed.is_some() {
                open.extend(chunk.iter().map(|routed| routed.event));
            } else if let Err(error) = self.chunk(job, tenant, chunk, ai_on).await {
                open.extend(chunk.iter().map(|routed| routed.event));
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Nearly always every item can be taken, and savepoints would be a third of the work: they are set once something could not.
    async fn chunk(&self, job: &Job, tenant: TenantId, items: &[Routed], ai_on: Option<bool>) -> Result<(), Error> {
        match self.try_chunk(job, tenant, items, ai_on, false).await {
            Err(error) if !error.is_transient() => self.try_chunk(job, tenant, items, ai_on, true).await,
            done => done,
        }
    }

    async fn try_chunk(
        &self,
        job: &Job,
        tenant: TenantId,
        items: &[Routed],
        ai_on: Option<bool>,
        savepoints: bool,
    ) -> Result<(), Error> {
        let mut line = Timeline::begin(&self.desk, &job.scope.caller(tenant)).await?;
        job.fence(line.tx.conn()).await?;
        let events: HashSet<Uuid> = items.iter().map(|routed| routed.event).collect();
        let events: Vec<Uuid> = events.into_iter().collect();
        let known = store::journal::settled_items(&mut line.tx, &events).await?;
        let known: HashSet<(Uuid, i32)> = known.into_iter().collect();
        let active = store::routing::tenant_is_active(&mut line.tx).await?;
        let open: Vec<&Routed> =
            items.iter().filter(|routed| !known.contains(&(routed.event, routed.index()))).collect();
        let mut settled = Vec::with_capacity(open.len());
        let together = |a: &&Routed, b: &&Routed| !savepoints && are_one_statement(a, b);
        for group in open.chunk_by(together) {
            let given = match group {
                [first, ..] if intake::is_receipt(&first.item) && !savepoints => {
                    let items: Vec<&Item> = group.iter().map(|routed| &routed.item).collect();
                    intake::receipts(&mut line, first.channel, &items).await?
                }
                [only] => {
                    let arrival = Arrival { channel: only.channel, item: &only.item, ai_on, active };
                    let given = if savepoints {
                        intake::alone(&mut line, arrival).await?
                    } else {
                        intake::give(&mut line, arrival).await?
                    };
                    vec![given]
                }
                _ => return Err(Error::internal("only receipts are taken together")),
            };
            settled.extend(group.iter().zip(given).map(|(routed, given)| routed.settled(given)));
        }
        let counts: Vec<_> = settled.iter().map(|item| (item.kind, item.outcome.as_str())).collect();
        let now = line.now;
        store::items::keep(&mut line.tx, settled, now).await?;
        chatdesk_platform::fail_point("ingest.commit");
        line.commit().await?;
        for (kind, outcome) in counts {
            metrics::counter!("chatdesk_inbox_items_total", "kind" => kind, "outcome" => outcome).increment(1);
        }
        Ok(())
    }
}

/// Whether two items that follow each other are receipts of one conversation, which change its messages together.
fn are_one_statement(a: &Routed, b: &Routed) -> bool {
    let is_same = a.channel == b.channel && intake::person(&a.item) == intake::person(&b.item);
    is_same && intake::is_receipt(&a.item) && intake::is_receipt(&b.item)
}

/// Whether nothing has gone wrong with this work yet, as far as anybody knows.
const fn is_first(job: &Job) -> bool {
    job.attempts <= 1 && job.stumbles == 0
}

async fn read(bodies: Vec<Kept>) -> Result<Vec<Read>, Error> {
    let bytes: usize = bodies.iter().map(|body| body.body.len()).sum();
    let read = move || {
        let one = |body: Kept| Read {
            event: body.id,
            received_at: body.received_at,
            parsed: webhook::parse(body.platform, &body.body),
        };
        bodies.into_iter().map(one).collect()
    };
    if bytes < LARGE { Ok(read()) } else { tokio::task::spawn_blocking(read).await.map_err(Error::internal) }
}

impl Handler for Ingest {
    const KIND: &'static str = "ingest";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let _turn = self.desk.pressure.turn().await;
        if is_first(&job) && job.late_by_ms > BEHIND_MS {
            self.absorb(&job).await?;
        }
        let mut tx = self.desk.db.system().await?;
        let bodies = store::journal::waiting(&mut tx, job.entity).await?;
        tx.commit().await?;
        match bodies.len() {
            0 => return Ok(Done::Finished),
            2.. if !is_first(&job) => return self.part(&job).await,
            _ => {}
        }
        let bodies = read(bodies).await?;
        let routes = self.routes(&bodies).await?;
        let mut tenants: BTreeMap<TenantId, Vec<Routed>> = BTreeMap::new();
        let mut ended = Vec::with_capacity(bodies.len());
        let mut strangers = 0_u64;
        for Read { event, received_at, parsed } in bodies {
            let reason = parsed.unparsed.unwrap_or_default();
            let is_readable = parsed.unparsed.is_none() || !parsed.items.is_empty();
            ended.push(Ended { id: event, is_readable, reason });
            for item in parsed.items {
                match routes.get(&(item.platform, item.page_id.clone())) {
                    // What came before the page was theirs is another's, or nobody's.
                    Some(route) if route.connected_at - CLOCKS_DIFFER <= received_at => {
                        let routed = Routed { event, channel: route.channel_id, item };
                        tenants.entry(route.tenant).or_default().push(routed);
                    }
                    _ => strangers += 1,
                }
            }
        }
        if strangers > 0 {
            metrics::counter!("chatdesk_inbox_items_total", "kind" => "any", "outcome" => "unrouted")
                .increment(strangers);
        }
        let channels: HashSet<Uuid> = tenants.values().flatten().map(|routed| routed.channel).collect();
        let channels: Vec<Uuid> = channels.into_iter().collect();
        let (mut failed, mut open) = (None, HashSet::new());
        for (tenant, items) in tenants {
            // Another tenant's trouble is no reason to wait.
            if let Err(error) = self.tenant(&job, tenant, items, &mut open).await {
                failed.get_or_insert(error);
            }
        }
        ended.retain(|body| !open.contains(&body.id));
        let mut tx = self.desk.db.system().await?;
        job.fence(tx.conn()).await?;
        store::journal::end(&mut tx, job.entity, &ended).await?;
        if !channels.is_empty() {
            store::routing::heard_from(&mut tx, &channels, self.desk.clock.now()).await?;
        }
        if let Some(error) = failed {
            tx.commit().await?;
            return Err(error);
        }
        job.finish(tx.conn()).await?;
        tx.commit().await?;
        Ok(Done::Settled)
    }

    /// Only what fails for a reason that does not pass comes here.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(group = %job.entity, "a webhook cannot be worked off and is set aside");
        metrics::counter!("chatdesk_inbox_webhook_events_set_aside_total").increment(1);
        let noted = async {
            let mut tx = self.desk.db.system().await?;
            job.fence(tx.conn()).await?;
            store::journal::fail(&mut tx, job.entity, "attempts_exhausted").await?;
            tx.commit().await
        };
        if let Err(error) = noted.await {
            tracing::error!(error = &error as &dyn std::error::Error, "cannot note that a webhook was set aside");
        }
    }
}
