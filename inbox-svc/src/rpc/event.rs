//! Live events: a tail of the tenant's numbered events, with what they are about as it is now.

use std::collections::HashMap;

use chatdesk_platform::db::TenantTx;
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1::event::Resource;
use chatdesk_proto::inbox::v1::event_service_server::EventService;
use chatdesk_proto::inbox::v1::{
    Event, EventType as WireType, ListEventsRequest, ListEventsResponse, WatchEventsRequest,
};
use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::conversation::cards;
use super::limit;
use crate::desk::Desk;
use crate::encode;
use crate::model::EventType;
use crate::store;
use crate::store::events::Happened;

/// Events that a stream reads at once.
const BATCH: i64 = 500;

/// Serves `EventService`.
pub struct Events {
    desk: Desk,
}

/// A stretch of a tenant's events.
struct Stretch {
    items: Vec<Event>,
    current: i64,
    resync: bool,
}

impl Events {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

/// Events after a number. There are no gaps, so a first one that does not follow says that what lay between is forgotten; a number
/// that was never given out says the same.
async fn stretch(desk: &Desk, caller: &Caller, after: i64, limit: i64) -> Result<Stretch, Error> {
    let mut tx = desk.db.begin(caller).await?;
    let current = store::events::current(&mut tx).await?;
    if after == current {
        tx.commit().await?;
        return Ok(Stretch { items: Vec::new(), current, resync: false });
    }
    let found = store::events::after(&mut tx, after, limit).await?;
    let follows = found.first().is_some_and(|first| first.seq == after + 1);
    let items = if follows { resources(&mut tx, &found, desk.clock.now()).await? } else { Vec::new() };
    tx.commit().await?;
    Ok(Stretch { items, current, resync: !follows })
}

async fn resources(tx: &mut TenantTx, found: &[Happened], now: DateTime<Utc>) -> Result<Vec<Event>, Error> {
    let of = |kinds: &[EventType]| -> Vec<Uuid> {
        let changes = found.iter().map(|one| &one.change);
        changes.filter(|change| kinds.contains(&change.kind)).map(|change| change.entity).collect()
    };
    let messages = of(&[EventType::MessageCreated, EventType::MessageUpdated]);
    let conversations = of(&[EventType::ConversationCreated, EventType::ConversationUpdated]);
    let contacts = of(&[EventType::ContactUpdated]);
    let mut known: HashMap<Uuid, Resource> = HashMap::new();
    if !messages.is_empty() {
        let messages = store::messages::by_ids(tx, &messages).await?;
        known.extend(messages.iter().map(|message| (message.id, Resource::Message(encode::message(message)))));
    }
    for card in cards(tx, &conversations).await? {
        known.insert(card.thread.id, Resource::Conversation(encode::conversation(&card, now)));
    }
    if !contacts.is_empty() {
        let contacts = store::contacts::by_ids(tx, &contacts).await?;
        known.extend(contacts.iter().map(|contact| (contact.id, Resource::Contact(encode::contact(contact)))));
    }
    let events = found.iter().map(|Happened { seq, change, at }| Event {
        seq: u64::try_from(*seq).unwrap_or(0),
        created_at: Some(encode::time(*at)),
        r#type: match change.kind {
            EventType::MessageCreated => WireType::MessageCreated,
            EventType::MessageUpdated => WireType::MessageUpdated,
            EventType::ConversationCreated => WireType::ConversationCreated,
            EventType::ConversationUpdated => WireType::ConversationUpdated,
            EventType::ContactUpdated => WireType::ContactUpdated,
        }
        .into(),
        resource: known.get(&change.entity).cloned(),
    });
    Ok(events.collect())
}

/// Sends what is new until the caller goes away or the process drains.
async fn tail(
    desk: &Desk,
    caller: &Caller,
    mut after: i64,
    out: &mpsc::Sender<Result<Event, Status>>,
) -> Result<(), Error> {
    let tenant = caller.tenant().ok_or(Error::Forbidden)?;
    let mut bell = desk.hub.listen(tenant);
    let stop = desk.shutdown.token();
    loop {
        // Before reading, so that what is written meanwhile rings again.
        bell.mark_unchanged();
        let stretch = match stretch(desk, caller, after, BATCH).await {
            Err(error) if error.is_transient() => {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot read events now");
                None
            }
            read => Some(read?),
        };
        if let Some(stretch) = stretch {
            if stretch.resync {
                return Err(resync());
            }
            let more = !stretch.items.is_empty();
            for event in stretch.items {
                after = i64::try_from(event.seq).unwrap_or(i64::MAX);
                let sent = tokio::select! {
                    sent = out.send(Ok(event)) => sent.is_ok(),
                    () = stop.cancelled() => false,
                };
                if !sent {
                    return Ok(());
                }
            }
            if more {
                continue;
            }
        }
        tokio::select! {
            rung = bell.changed() => if rung.is_err() { bell = desk.hub.listen(tenant) },
            () = tokio::time::sleep(desk.config.event_poll) => {}
            () = out.closed() => return Ok(()),
            () = stop.cancelled() => return Ok(()),
        }
    }
}

fn resync() -> Error {
    let detail = "Events after that point are no longer kept: load everything again.".to_owned();
    Error::Precondition { code: "resync", detail }
}

#[tonic::async_trait]
impl EventService for Events {
    type WatchEventsStream = ReceiverStream<Result<Event, Status>>;

    async fn watch_events(
        &self,
        request: Request<WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let caller = grpc::caller(&request)?;
        let wanted = request.get_ref().after_seq.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let mut tx = self.desk.db.begin(&caller).await?;
        let current = store::events::current(&mut tx).await?;
        tx.commit().await?;
        let (out, events) = mpsc::channel(64);
        let hello = Event { seq: u64::try_from(current).unwrap_or(0), ..Event::default() };
        // The channel is new and has room.
        out.send(Ok(hello)).await.ok();
        let desk = self.desk.clone();
        self.desk.shutdown.spawn(async move {
            if let Err(error) = tail(&desk, &caller, wanted.unwrap_or(current), &out).await {
                out.send(Err(error.into())).await.ok();
            }
        });
        Ok(Response::new(ReceiverStream::new(events)))
    }

    async fn list_events(&self, request: Request<ListEventsRequest>) -> Result<Response<ListEventsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let mut invalid = Invalid::default();
        let limit = limit(&mut invalid, request.get_ref().limit, 500, 1000);
        invalid.finish()?;
        let after = i64::try_from(request.get_ref().after_seq).unwrap_or(i64::MAX);
        let stretch = stretch(&self.desk, &caller, after, i64::from(limit)).await?;
        Ok(Response::new(ListEventsResponse {
            items: stretch.items,
            current_seq: u64::try_from(stretch.current).unwrap_or(0),
            resync: stretch.resync,
        }))
    }
}
