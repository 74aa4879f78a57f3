//! Messages: read, and written by people.

use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::message_service_server::MessageService;
use chatdesk_proto::inbox::v1::{
    ListMessagesRequest, ListMessagesResponse, RefreshAttachmentsRequest, ResolveMessageRequest, RetryMessageRequest,
    SendMessageRequest,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::cursor::{Cursor, Way};
use super::{id_of, limit, resolve, send};
use crate::desk::Desk;
use crate::encode;
use crate::model::Message;
use crate::store;

/// Serves `MessageService`.
pub struct Messages {
    desk: Desk,
}

impl Messages {
    /// A handler.
    pub const fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn list(&self, caller: &Caller, request: &ListMessagesRequest) -> Result<ListMessagesResponse, Error> {
        let id = id_of(&request.conversation_id, "conversation")?;
        let mut invalid = Invalid::default();
        let (cursor, way) = Cursor::read_either_way(&mut invalid, &request.cursor);
        let limit = limit(&mut invalid, request.limit, 50, 200);
        let around = match request.around.as_str() {
            "" => None,
            around => Some(id_of(around, "message")?),
        };
        if around.is_some() && !request.cursor.is_empty() {
            invalid.add("around", "exclusive", "goes without a cursor");
        }
        let mut tx = self.desk.db.begin(caller).await?;
        if store::conversations::by_ids(&mut tx, &[id]).await?.is_empty() {
            return Err(Error::NotFound("conversation"));
        }
        let middle = match around {
            Some(around) => {
                let found = store::messages::by_ids(&mut tx, &[around]).await?.pop();
                Some(found.filter(|message| message.conversation_id == id).ok_or(Error::NotFound("message"))?)
            }
            None => None,
        };
        invalid.finish()?;
        // The newer part of a page that has one, and the older part of one that has that: from which messages on, and how many of them.
        let all = i64::from(limit);
        let start = (cursor.at, i64::try_from(cursor.tie).unwrap_or(i64::MAX));
        let (newer, older) = match (&middle, way) {
            (Some(message), _) => {
                let at = (message.platform_at, message.arrival);
                (Some((at, all / 2)), Some(((at.0, at.1 + 1), all - all / 2)))
            }
            (None, Way::Newer) => (Some((start, all)), None),
            (None, Way::Older) => (None, Some((start, all))),
        };
        let (mut items, mut previous_cursor, mut next_cursor) = (Vec::new(), String::new(), String::new());
        if let Some((after, count)) = newer {
            items = store::messages::newer(&mut tx, id, after, count + 1).await?;
            let more = Cursor::cut(&mut items, u32::try_from(count).unwrap_or(limit), key);
            items.reverse();
            if !more.is_empty() {
                previous_cursor = items.first().map(|first| key(first).newer()).unwrap_or_default();
            }
            // Where it comes from there is older.
            next_cursor = items.last().map(|last| key(last).encode()).unwrap_or_default();
        }
        if let Some((after, count)) = older {
            let mut page = store::messages::page(&mut tx, id, after, count + 1).await?;
            next_cursor = Cursor::cut(&mut page, u32::try_from(count).unwrap_or(limit), key);
            items.append(&mut page);
        }
        tx.commit().await?;
        let items = items.iter().map(encode::message).collect();
        Ok(ListMessagesResponse { items, next_cursor, previous_cursor })
    }
}

/// Where a message stands in the list.
fn key(message: &Message) -> Cursor {
    Cursor { at: message.platform_at, tie: u128::try_from(message.arrival).unwrap_or(0) }
}

/// The message of a conversation, by what the caller calls them; the conversation must be the caller's own and is not locked.
pub(super) fn ids_of(conversation: &str, message: &str) -> Result<(Uuid, Uuid), Error> {
    Ok((id_of(conversation, "conversation")?, id_of(message, "message")?))
}

#[tonic::async_trait]
impl MessageService for Messages {
    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.list(&caller, request.get_ref()).await?))
    }

    async fn send_message(&self, request: Request<SendMessageRequest>) -> Result<Response<wire::Message>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(send::send(&self.desk, &caller, request.get_ref()).await?))
    }

    async fn retry_message(&self, request: Request<RetryMessageRequest>) -> Result<Response<wire::Message>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(send::retry(&self.desk, &caller, request.get_ref()).await?))
    }

    async fn resolve_message(
        &self,
        request: Request<ResolveMessageRequest>,
    ) -> Result<Response<wire::Message>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(resolve::resolve(&self.desk, &caller, request.get_ref()).await?))
    }

    async fn refresh_attachments(
        &self,
        request: Request<RefreshAttachmentsRequest>,
    ) -> Result<Response<wire::Message>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(resolve::refresh(&self.desk, &caller, request.get_ref()).await?))
    }
}
