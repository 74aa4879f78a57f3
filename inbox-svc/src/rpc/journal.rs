//! What Meta sent, item by item: found, shown, and worked off again.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_platform::db::{DueItem, Handler as _, schedule, schedule_missing};
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::journal_service_server::JournalService;
use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::limit;
use crate::desk::Desk;
use crate::encode;
use crate::model::{ItemOutcome, NoSpan, Span};
use crate::store;
use crate::store::outcomes::{Key, Narrow};
use crate::work::Redrive;

/// Items that one statement asks to be worked off again, and one call.
const PIECE: i64 = 2_000;
const MOST: usize = 100_000;

/// Serves `JournalService`.
pub struct Items {
    desk: Desk,
}

impl Items {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(&self, caller: &Caller, request: &wire::ListItemsRequest) -> Result<wire::ListItemsResponse, Error> {
        let mut invalid = Invalid::default();
        let after = key(&mut invalid, &request.cursor);
        let limit = limit(&mut invalid, request.limit, 50, 200);
        let narrow = Narrow {
            outcome: outcome(&mut invalid, request.outcome),
            channel: channel(&mut invalid, &request.channel_id),
            from: moment(&mut invalid, "from", request.from),
            to: moment(&mut invalid, "to", request.to),
        };
        invalid.finish()?;
        let mut tx = self.desk.db.begin(caller).await?;
        let mut page = store::outcomes::page(&mut tx, &narrow, after, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let is_more = page.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        page.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = page.last().filter(|_| is_more);
        let next_cursor = last.map(|item| cursor((item.created_at, item.event, item.index))).unwrap_or_default();
        Ok(wire::ListItemsResponse { items: page.iter().map(encode::item).collect(), next_cursor })
    }

    async fn get(&self, caller: &Caller, id: &str) -> Result<wire::JournalItem, Error> {
        let (event, index) = item_id(id)?;
        let mut tx = self.desk.db.begin(caller).await?;
        let item = store::outcomes::get(&mut tx, event, index).await?;
        tx.commit().await?;
        Ok(encode::item(&item.ok_or(Error::NotFound("item"))?))
    }

    async fn redrive_one(&self, caller: &Caller, id: &str) -> Result<u32, Error> {
        let (event, index) = item_id(id)?;
        let mut tx = self.desk.db.begin(caller).await?;
        let item = store::outcomes::get(&mut tx, event, index).await?.ok_or(Error::NotFound("item"))?;
        if !item.is_kept {
            let detail = "What Meta sent is no longer kept, so it cannot be worked off again.".to_owned();
            return Err(Error::Precondition { code: "not_kept", detail });
        }
        let tenant = tx.tenant();
        // The work before its item, as who works it off locks them. Moved to now also when it is there: work under way looks once more afterwards.
        let due = DueItem { kind: Redrive::KIND, tenant: Some(tenant), entity: event };
        schedule(tx.conn(), due, self.desk.clock.now()).await?;
        store::outcomes::want(&mut tx, event, index).await?;
        tx.commit().await?;
        self.desk.wakes.wake(Redrive::KIND);
        Ok(1)
    }

    /// A period may hold much, so it is asked for piece by piece. What one call leaves, the next one takes.
    async fn redrive_all(&self, caller: &Caller, narrow: &Narrow) -> Result<u32, Error> {
        let (mut count, begun) = (0, self.desk.clock.now());
        while count < MOST {
            let mut tx = self.desk.db.begin(caller).await?;
            let events = store::outcomes::want_all(&mut tx, narrow, begun, PIECE).await?;
            let entities: Vec<Uuid> = events.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
            let tenant = tx.tenant();
            schedule_missing(tx.conn(), Redrive::KIND, tenant, &entities, self.desk.clock.now()).await?;
            tx.commit().await?;
            self.desk.wakes.wake(Redrive::KIND);
            count += events.len();
            if events.is_empty() {
                break;
            }
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn begin(&self, caller: &Caller, request: &wire::RedriveRequest) -> Result<u32, Error> {
        if !request.id.is_empty() {
            return self.redrive_one(caller, &request.id).await;
        }
        let mut invalid = Invalid::default();
        let outcome = outcome(&mut invalid, request.outcome);
        let channel = channel(&mut invalid, &request.channel_id);
        let from = moment(&mut invalid, "from", request.from);
        let to = moment(&mut invalid, "to", request.to);
        for (name, given) in [("from", request.from), ("to", request.to)] {
            if given.is_none() {
                invalid.add(name, "required", "is missing");
            }
        }
        invalid.finish()?;
        let span = self.span(from, to)?;
        self.redrive_all(caller, &Narrow { outcome, channel, from: Some(span.from), to: Some(span.to) }).await
    }

    async fn summarize(
        &self,
        caller: &Caller,
        request: &wire::SummarizeJournalRequest,
    ) -> Result<wire::JournalSummary, Error> {
        let mut invalid = Invalid::default();
        let from = moment(&mut invalid, "from", request.from);
        let to = moment(&mut invalid, "to", request.to);
        invalid.finish()?;
        let span = self.span(from, to)?;
        let mut tx = self.desk.db.begin(caller).await?;
        let counts = store::outcomes::counts(&mut tx, span.from, span.to).await?;
        let channels = store::outcomes::channels(&mut tx).await?;
        tx.commit().await?;
        let outcomes = counts.into_iter().map(|(outcome, count)| wire::OutcomeCount {
            outcome: encode::outcome(outcome).into(),
            count: u64::try_from(count).unwrap_or(0),
        });
        Ok(wire::JournalSummary {
            outcomes: outcomes.collect(),
            channels: channels.iter().map(encode::channel_sync).collect(),
        })
    }

    fn span(&self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Result<Span, Error> {
        Span::new(from, to, self.desk.clock.now()).map_err(|wrong| match wrong {
            NoSpan::Backwards => Error::invalid("to", "out_of_range", "is not after the beginning"),
            NoSpan::TooLong => Error::invalid("to", "out_of_range", "is more than 31 days after the beginning"),
        })
    }
}

/// An event and a place in it.
fn item_id(text: &str) -> Result<(Uuid, i32), Error> {
    let parts = text.split_once('.').and_then(|(event, index)| Some((event.parse().ok()?, index.parse().ok()?)));
    parts.ok_or(Error::NotFound("item"))
}

fn outcome(invalid: &mut Invalid, given: i32) -> Option<ItemOutcome> {
    use wire::ItemOutcome as Wire;
    match Wire::try_from(given) {
        Ok(Wire::Unspecified) => None,
        Ok(Wire::Stored) => Some(ItemOutcome::Stored),
        Ok(Wire::Status) => Some(ItemOutcome::Status),
        Ok(Wire::Parked) => Some(ItemOutcome::Parked),
        Ok(Wire::Ignored) => Some(ItemOutcome::Ignored),
        Ok(Wire::Deduplicated) => Some(ItemOutcome::Deduplicated),
        Ok(Wire::Failed) => Some(ItemOutcome::Failed),
        Ok(Wire::Waiting) => Some(ItemOutcome::Waiting),
        Err(_) => {
            invalid.add("outcome", "unknown_value", "is not a known outcome");
            None
        }
    }
}

fn channel(invalid: &mut Invalid, text: &str) -> Option<Uuid> {
    let id = text.parse().ok();
    if id.is_none() && !text.is_empty() {
        invalid.add("channel_id", "malformed", "is not an id");
    }
    id
}

/// A moment that Postgres knows, too.
fn moment(invalid: &mut Invalid, field: &str, given: Option<Timestamp>) -> Option<DateTime<Utc>> {
    let given = given?;
    let nanos = u32::try_from(given.nanos).ok();
    let at = nanos.and_then(|nanos| DateTime::from_timestamp(given.seconds, nanos));
    let at = at.filter(|at| (1970..=9999).contains(&chrono::Datelike::year(at)));
    if at.is_none() {
        invalid.add(field, "malformed", "is not a moment of the years 1970 to 9999");
    }
    at
}

/// Where a page ends, as the caller gets it.
fn cursor((at, event, index): Key) -> String {
    let mut bytes = [0; 28];
    bytes[..8].copy_from_slice(&at.timestamp_micros().to_be_bytes());
    bytes[8..24].copy_from_slice(event.as_bytes());
    bytes[24..].copy_from_slice(&index.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place after which a page begins; before every item when the text is empty or was refused.
fn key(invalid: &mut Invalid, text: &str) -> Key {
    let start = (DateTime::from_timestamp_nanos(i64::MAX), Uuid::max(), i32::MAX);
    if text.is_empty() {
        return start;
    }
    decode(text).unwrap_or_else(|| {
        invalid.add("cursor", "malformed", "is not a cursor that this list gave");
        start
    })
}

fn decode(text: &str) -> Option<Key> {
    let bytes: [u8; 28] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let at = DateTime::from_timestamp_micros(i64::from_be_bytes(bytes[..8].try_into().ok()?))?;
    let known = (0..=9999).contains(&chrono::Datelike::year(&at));
    let event = Uuid::from_slice(&bytes[8..24]).ok()?;
    known.then_some((at, event, i32::from_be_bytes(bytes[24..].try_into().ok()?)))
}

#[tonic::async_trait]
impl JournalService for Items {
    async fn list_items(
        &self,
        request: Request<wire::ListItemsRequest>,
    ) -> Result<Response<wire::ListItemsResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller, request.get_ref()).await?))
    }

    async fn get_item(&self, request: Request<wire::GetItemRequest>) -> Result<Response<wire::JournalItem>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, &request.get_ref().id).await?))
    }

    async fn redrive(&self, request: Request<wire::RedriveRequest>) -> Result<Response<wire::RedriveResponse>, Status> {
        let caller = grpc::caller(&request)?;
        let count = self.begin(&caller, request.get_ref()).await?;
        Ok(Response::new(wire::RedriveResponse { count }))
    }

    async fn summarize_journal(
        &self,
        request: Request<wire::SummarizeJournalRequest>,
    ) -> Result<Response<wire::JournalSummary>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.summarize(&caller, request.get_ref()).await?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_goes_there_and_back(micros in 0_i64..4_000_000_000_000_000, event in any::<u128>(), index in any::<i32>()) {
            let key = (DateTime::from_timestamp_micros(micros).unwrap(), Uuid::from_u128(event), index);
            prop_assert_eq!(decode(&cursor(key)), Some(key));
        }

        #[test]
        fn other_text_is_refused_without_a_panic(text in ".{1,64}") {
            let mut invalid = Invalid::default();
            let read = key(&mut invalid, &text);
            prop_assert_eq!(read.2 == i32::MAX, invalid.finish().is_err());
            prop_assert!(item_id(&text).is_err());
        }
    }
}
