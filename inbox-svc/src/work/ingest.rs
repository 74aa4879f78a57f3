//! Works off a webhook body: finds whose pages its items came to, and gives every item its outcome, tenant by tenant. May be run again
//! at any time: an item with an outcome is left alone, and a message is known by its channel and mid.

use std::collections::{BTreeMap, HashMap, HashSet};

use chatdesk_meta::webhook::{self, Echo, InboundMessage, Item, Kind};
use chatdesk_platform::db::{Done, Handler, Job};
use chatdesk_platform::{Error, TenantId};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::desk::Desk;
use crate::model::{Attachment, FRESH, ItemOutcome, SenderType, Step, platform_time};
use crate::store;
use crate::store::items::Settled;
use crate::store::routing::Route;
use crate::timeline::{Seen, Timeline};
use crate::work::Reply;

/// Items that share a transaction.
const CHUNK: usize = 100;
/// From this size on parsing is moved off the threads that serve.
const LARGE: usize = 64 * 1024;
/// The database says when a page was connected and we say when a body came: a message in the first moment must not be lost to that.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// The work of kind `ingest`, whose entity is a webhook event.
pub struct Ingest {
    desk: Desk,
}

/// An item with the channel it came to.
struct Routed {
    channel: Uuid,
    item: Item,
}

/// What an item became, and why.
type Outcome = (ItemOutcome, String);

impl Ingest {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn routes(&self, items: &[Item]) -> Result<HashMap<(chatdesk_meta::Platform, String), Route>, Error> {
        let pages: HashSet<_> = items.iter().map(|item| (item.platform, item.page_id.clone())).collect();
        let pages: Vec<_> = pages.into_iter().collect();
        let mut tx = self.desk.db.system().await?;
        let routes = store::routing::routes(&mut tx, &pages).await?;
        tx.commit().await?;
        Ok(routes.into_iter().map(|route| ((route.platform, route.page_id.clone()), route)).collect())
    }

    /// Gives the items of one tenant their outcomes. After a first failure each item has a transaction of its own, so that one that
    /// cannot be taken holds up nobody.
    async fn tenant(&self, job: &Job, tenant: TenantId, mut items: Vec<Routed>) -> Result<(), Error> {
        // One order for everybody who locks several conversations, and Meta's order within each.
        items.sort_by(|a, b| {
            (a.channel, person(&a.item), a.item.index).cmp(&(b.channel, person(&b.item), b.item.index))
        });
        let wants_ai = items.iter().any(|routed| matches!(routed.item.kind, Kind::Message(_) | Kind::Echo(_)));
        let ai_on = if wants_ai { self.desk.defaults.ai_enabled(tenant).await } else { None };
        let is_first = job.attempts <= 1 && job.stumbles == 0;
        let chunk = if is_first { CHUNK } else { 1 };
        let mut failed = None;
        for chunk in items.chunks(chunk) {
            if let Err(error) = self.chunk(job, tenant, chunk, ai_on).await {
                failed.get_or_insert(error);
                if is_first {
                    break;
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn chunk(&self, job: &Job, tenant: TenantId, items: &[Routed], ai_on: Option<bool>) -> Result<(), Error> {
        let mut line = Timeline::begin(&self.desk, &job.scope.caller(tenant)).await?;
        job.fence(line.tx.conn()).await?;
        let known: HashSet<i32> = store::journal::settled_items(&mut line.tx, job.entity).await?.into_iter().collect();
        let active = store::routing::tenant_is_active(&mut line.tx).await?;
        let mut settled = Vec::with_capacity(items.len());
        for routed in items {
            let index = i32::try_from(routed.item.index).unwrap_or(i32::MAX);
            if known.contains(&index) {
                continue;
            }
            let (outcome, reason) = self.item(&mut line, routed, ai_on, active).await?;
            settled.push(Settled {
                index,
                channel_id: routed.channel,
                kind: routed.item.kind.name(),
                outcome,
                reason,
                key: routed.item.key.clone(),
                item: routed.item.raw.clone(),
            });
        }
        let counts: Vec<_> = settled.iter().map(|item| (item.kind, item.outcome.as_str())).collect();
        let now = line.now;
        store::items::keep(&mut line.tx, job.entity, settled, now).await?;
        line.commit().await?;
        for (kind, outcome) in counts {
            metrics::counter!("chatdesk_inbox_items_total", "kind" => kind, "outcome" => outcome).increment(1);
        }
        Ok(())
    }

    /// One item behind a savepoint. What the database will not take is noted as failed; what may work later fails the transaction.
    async fn item(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        ai_on: Option<bool>,
        active: bool,
    ) -> Result<Outcome, Error> {
        match &routed.item.kind {
            Kind::Message(_) | Kind::Echo(_) => {}
            Kind::Malformed(reason) => return Ok((ItemOutcome::Ignored, (*reason).to_owned())),
            Kind::Test => return Ok((ItemOutcome::Ignored, String::new())),
            _ => return Ok((ItemOutcome::Waiting, String::new())),
        }
        let noted = line.noted();
        store::savepoint::set(&mut line.tx).await?;
        let done = match &routed.item.kind {
            Kind::Message(message) => self.message(line, routed, message, ai_on, active).await,
            Kind::Echo(echo) => self.echo(line, routed, echo, ai_on).await,
            _ => Ok(ItemOutcome::Waiting),
        };
        match done {
            Ok(outcome) => {
                store::savepoint::release(&mut line.tx).await?;
                Ok((outcome, String::new()))
            }
            Err(error) if error.is_transient() => Err(error),
            Err(error) => {
                store::savepoint::undo(&mut line.tx).await?;
                line.forget_since(noted);
                tracing::error!(
                    index = routed.item.index,
                    error = &error as &dyn std::error::Error,
                    source = ?std::error::Error::source(&error).map(ToString::to_string),
                    "an item cannot be taken"
                );
                Ok((ItemOutcome::Failed, error.to_string()))
            }
        }
    }

    async fn message(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        message: &InboundMessage,
        ai_on: Option<bool>,
        active: bool,
    ) -> Result<ItemOutcome, Error> {
        let mut thread = line.thread_with(routed.channel, routed.item.platform, &message.sender, ai_on).await?;
        let at = platform_time(message.timestamp_ms, line.now);
        let attachments: Vec<Attachment> = message.attachments.iter().map(Attachment::from).collect();
        let text = message.text.as_deref().unwrap_or_default();
        let readable = !text.trim().is_empty() || attachments.iter().any(|attachment| attachment.kind != "sticker");
        let own_words = !routed.item.standby && !message.self_message && !message.is_unsupported;
        let answerable = own_words && readable && line.now - at <= FRESH;
        let seen =
            Seen { mid: &message.mid, sender: SenderType::Contact, text, attachments: &attachments, answerable, at };
        if line.add_seen(&mut thread, &seen).await?.is_none() {
            return Ok(ItemOutcome::Deduplicated);
        }
        if !message.self_message {
            thread.customer_wrote(at);
        }
        if answerable && active && thread.assistant_answers(line.now) {
            let due = thread.owe_reply(line.now, &self.desk.config.quiet);
            line.schedule(Reply::KIND, thread.id, due).await?;
        }
        line.save(&thread).await?;
        Ok(ItemOutcome::Stored)
    }

    /// An echo of ours completes our message. Any other is a person answering elsewhere, and the assistant steps back.
    async fn echo(
        &self,
        line: &mut Timeline,
        routed: &Routed,
        echo: &Echo,
        ai_on: Option<bool>,
    ) -> Result<ItemOutcome, Error> {
        let mut thread = line.thread_with(routed.channel, routed.item.platform, &echo.recipient, ai_on).await?;
        let text = echo.text.as_deref().unwrap_or_default();
        let ours = match echo.metadata.as_deref().and_then(|metadata| metadata.parse::<Uuid>().ok()) {
            Some(id) => store::messages::by_ids(&mut line.tx, &[id]).await?.pop(),
            None => None,
        };
        let ours = ours.filter(|message| message.conversation_id == thread.id && message.sender != SenderType::Contact);
        let known = store::messages::by_mid(&mut line.tx, routed.channel, &echo.mid).await?;
        if ours.is_none() && known.is_some() {
            return Ok(ItemOutcome::Deduplicated);
        }
        let ours = match ours {
            // Instagram was never seen to bring metadata back. Our text, on its way to this customer at this moment, is ours.
            None if echo.metadata.is_none() && routed.item.platform == chatdesk_meta::Platform::Instagram => {
                let sent_at = platform_time(echo.timestamp_ms, line.now);
                store::messages::in_flight(&mut line.tx, thread.id, text, sent_at).await?
            }
            ours => ours,
        };
        if let Some(mut message) = ours {
            if message.mid.is_none() && known.is_none() {
                store::messages::set_mid(&mut line.tx, message.id, &echo.mid).await?;
            }
            line.step(&mut message, Step::Prove, None, None).await?;
            return Ok(ItemOutcome::Deduplicated);
        }
        let attachments: Vec<Attachment> = echo.attachments.iter().map(Attachment::from).collect();
        let at = platform_time(echo.timestamp_ms, line.now);
        let seen = Seen {
            mid: &echo.mid,
            sender: SenderType::Business,
            text,
            attachments: &attachments,
            answerable: false,
            at,
        };
        if line.add_seen(&mut thread, &seen).await?.is_none() {
            return Ok(ItemOutcome::Deduplicated);
        }
        if thread.reply_due_at.is_none() {
            line.unschedule_reply(thread.id).await?;
        }
        line.save(&thread).await?;
        Ok(ItemOutcome::Stored)
    }
}

/// Whose conversation an item is about; nobody's sorts first.
fn person(item: &Item) -> &str {
    match &item.kind {
        Kind::Message(message) => &message.sender,
        Kind::Echo(echo) => &echo.recipient,
        _ => "",
    }
}

impl Handler for Ingest {
    const KIND: &'static str = "ingest";

    async fn handle(&self, job: Job) -> Result<Done, Error> {
        let mut tx = self.desk.db.system().await?;
        let raw = store::journal::waiting(&mut tx, job.entity).await?;
        tx.commit().await?;
        let Some(raw) = raw else { return Ok(Done::Finished) };
        let received_at = raw.received_at;
        let parsed = if raw.body.len() < LARGE {
            webhook::parse(raw.platform, &raw.body)
        } else {
            let parse = tokio::task::spawn_blocking(move || webhook::parse(raw.platform, &raw.body));
            parse.await.map_err(Error::internal)?
        };
        let routes = if parsed.items.is_empty() { HashMap::new() } else { self.routes(&parsed.items).await? };
        let mut tenants: BTreeMap<TenantId, Vec<Routed>> = BTreeMap::new();
        let mut strangers = 0_u64;
        let nothing = parsed.items.is_empty();
        for item in parsed.items {
            match routes.get(&(item.platform, item.page_id.clone())) {
                // What came before the page was theirs is another's, or nobody's.
                Some(route) if route.connected_at - CLOCKS_DIFFER <= received_at => {
                    tenants.entry(route.tenant).or_default().push(Routed { channel: route.channel_id, item });
                }
                _ => strangers += 1,
            }
        }
        if strangers > 0 {
            metrics::counter!("chatdesk_inbox_items_total", "kind" => "any", "outcome" => "unrouted")
                .increment(strangers);
        }
        let channels: HashSet<Uuid> = tenants.values().flatten().map(|routed| routed.channel).collect();
        let channels: Vec<Uuid> = channels.into_iter().collect();
        let mut failed = None;
        for (tenant, items) in tenants {
            // Another tenant's trouble is no reason to wait.
            if let Err(error) = self.tenant(&job, tenant, items).await {
                failed.get_or_insert(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let mut tx = self.desk.db.system().await?;
        job.fence(tx.conn()).await?;
        match parsed.unparsed {
            Some(reason) if nothing => store::journal::fail(&mut tx, job.entity, reason).await?,
            reason => store::journal::finish(&mut tx, job.entity, reason.unwrap_or_default()).await?,
        }
        if !channels.is_empty() {
            store::routing::heard_from(&mut tx, &channels, self.desk.clock.now()).await?;
        }
        tx.commit().await?;
        Ok(Done::Finished)
    }

    /// Only what fails for a reason that does not pass comes here.
    async fn set_aside(&self, job: &Job) {
        tracing::error!(event = %job.entity, "a webhook cannot be worked off and is set aside");
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
