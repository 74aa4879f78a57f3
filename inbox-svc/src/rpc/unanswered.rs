//! Questions that the assistant had no answer to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::unanswered_service_server::UnansweredService;
use chrono::{DateTime, Utc};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::model::Unanswered;
use crate::store;

/// What it is called when it is not there.
const NOUN: &str = "question";

/// Serves `UnansweredService`.
pub struct Questions {
    desk: Desk,
}

/// The place of a question in the list: how often it was asked, and the rest as in every list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    asked: i32,
    rest: Cursor,
}

impl Place {
    const START: Self = Self { asked: i32::MAX, rest: Cursor::START };

    fn of(question: &Unanswered) -> Self {
        Self { asked: question.asked, rest: Cursor { at: question.last_at, tie: question.id.as_u128() } }
    }

    /// In base64url as a whole, like every cursor.
    fn encode(self) -> String {
        let mut bytes = [0; 28];
        bytes[..4].copy_from_slice(&self.asked.to_be_bytes());
        bytes[4..12].copy_from_slice(&self.rest.at.timestamp_micros().to_be_bytes());
        bytes[12..].copy_from_slice(&self.rest.tie.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 28] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let asked = i32::from_be_bytes(bytes[..4].try_into().ok()?);
        let mut invalid = Invalid::default();
        let rest = Cursor::read(&mut invalid, &URL_SAFE_NO_PAD.encode(&bytes[4..]));
        invalid.finish().is_ok().then_some(Self { asked, rest })
    }

    fn read(invalid: &mut Invalid, text: &str) -> Self {
        if text.is_empty() {
            return Self::START;
        }
        Self::decode(text).unwrap_or_else(|| {
            invalid.add("cursor", "malformed", "is not a cursor that this list gave");
            Self::START
        })
    }

    const fn key(self) -> (i32, DateTime<Utc>, Uuid) {
        (self.asked, self.rest.at, Uuid::from_u128(self.rest.tie))
    }
}

impl Questions {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(
        &self,
        caller: &Caller,
        request: &wire::ListUnansweredRequest,
    ) -> Result<wire::ListUnansweredResponse, Error> {
        let mut invalid = Invalid::default();
        let place = Place::read(&mut invalid, &request.cursor);
        let limit = limit(&mut invalid, request.limit, 50, 200);
        invalid.finish()?;
        let mut tx = self.desk.db.begin(caller).await?;
        let mut found = store::unanswered::page(&mut tx, place.key(), i64::from(limit) + 1).await?;
        tx.commit().await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| is_more);
        let next_cursor = last.map(|last| Place::of(last).encode()).unwrap_or_default();
        Ok(wire::ListUnansweredResponse { items: found.iter().map(encode::unanswered).collect(), next_cursor })
    }

    async fn get(&self, caller: &Caller, id: &str) -> Result<wire::UnansweredQuestion, Error> {
        let id = id_of(id, NOUN)?;
        let mut tx = self.desk.db.begin(caller).await?;
        let found = store::unanswered::get(&mut tx, id).await?.ok_or(Error::NotFound(NOUN))?;
        tx.commit().await?;
        Ok(encode::unanswered(&found))
    }

    async fn close(&self, caller: &Caller, id: &str, is_answered: bool) -> Result<(), Error> {
        let id = id_of(id, NOUN)?;
        let mut tx = self.desk.db.begin(caller).await?;
        if !store::unanswered::close(&mut tx, id, is_answered, self.desk.clock.now()).await? {
            return Err(Error::NotFound(NOUN));
        }
        tx.commit().await
    }
}

#[tonic::async_trait]
impl UnansweredService for Questions {
    async fn list_unanswered(
        &self,
        request: Request<wire::ListUnansweredRequest>,
    ) -> Result<Response<wire::ListUnansweredResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller, request.get_ref()).await?))
    }

    async fn get_unanswered(
        &self,
        request: Request<wire::GetUnansweredRequest>,
    ) -> Result<Response<wire::UnansweredQuestion>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.get(&caller, &request.get_ref().id).await?))
    }

    async fn close_unanswered(
        &self,
        request: Request<wire::CloseUnansweredRequest>,
    ) -> Result<Response<wire::CloseUnansweredResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.close(&caller, &request.get_ref().id, true).await?;
        Ok(Response::new(wire::CloseUnansweredResponse {}))
    }

    async fn dismiss_unanswered(
        &self,
        request: Request<wire::DismissUnansweredRequest>,
    ) -> Result<Response<wire::DismissUnansweredResponse>, Status> {
        let caller = grpc::caller(&request)?;
        self.close(&caller, &request.get_ref().id, false).await?;
        Ok(Response::new(wire::DismissUnansweredResponse {}))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_place_goes_there_and_back(asked in 1_i32.., micros in 0_i64..4_000_000_000_000_000, tie in any::<u128>()) {
            let rest = Cursor { at: DateTime::from_timestamp_micros(micros).unwrap(), tie };
            let place = Place { asked, rest };
            prop_assert_eq!(Place::decode(&place.encode()), Some(place));
        }

        #[test]
        fn other_text_is_refused_without_a_panic(text in ".{1,64}") {
            let mut invalid = Invalid::default();
            prop_assert_eq!(Place::read(&mut invalid, &text) == Place::START, invalid.finish().is_err());
        }
    }
}
