//! Messages: read, and written by people.

use aws_lc_rs::digest;
use chatdesk_meta::{Platform, split_text};
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::message_service_server::MessageService;
use chatdesk_proto::inbox::v1::{ListMessagesRequest, ListMessagesResponse, SendMessageRequest};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::model::{Author, Cause, Tag};
use crate::store;
use crate::timeline::Timeline;

/// The longest idempotency key, in characters.
const LONGEST_KEY: usize = 200;

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
        let cursor = Cursor::read(&mut invalid, &request.cursor);
        let after = (cursor.at, i64::try_from(cursor.tie).unwrap_or(i64::MAX));
        let limit = limit(&mut invalid, request.limit, 50, 200);
        let mut tx = self.desk.db.begin(caller).await?;
        if store::conversations::by_ids(&mut tx, &[id]).await?.is_empty() {
            return Err(Error::NotFound("conversation"));
        }
        invalid.finish()?;
        let mut page = store::messages::page(&mut tx, id, after, i64::from(limit) + 1).await?;
        tx.commit().await?;
        let next_cursor = Cursor::cut(&mut page, limit, |message| Cursor {
            at: message.platform_at,
            tie: u128::try_from(message.arrival).unwrap_or(0),
        });
        Ok(ListMessagesResponse { items: page.iter().map(encode::message).collect(), next_cursor })
    }

    async fn send(&self, caller: &Caller, request: &SendMessageRequest) -> Result<wire::Message, Error> {
        let id = id_of(&request.conversation_id, "conversation")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let text = check(request, thread.platform)?;
        let key = request.idempotency_key.as_str();
        let print = digest::digest(&digest::SHA256, format!("{id}\n{text}").as_bytes());
        if !key.is_empty()
            && let Some((known, message)) = store::idempotency::find(&mut line.tx, key).await?
        {
            if known != print.as_ref() {
                return Err(reused());
            }
            return load(&mut line, message).await;
        }
        let (tenant, channel) = store::routing::may_send(&mut line.tx, thread.channel_id).await?;
        if !tenant {
            return Err(refused(Cause::TenantSuspended));
        }
        if !channel {
            return Err(refused(Cause::ChannelDisconnected));
        }
        if Tag::allowed(Author::Person, thread.last_opening_at, line.now).is_none() {
            return Err(refused(Cause::WindowClosed));
        }
        let author = caller.user().map(|user| user.0);
        let message = line.queue_persons(&mut thread, &text, author).await?;
        line.save(&thread).await?;
        let now = line.now;
        // The same key in another conversation at the same moment: only one of them was first.
        if !key.is_empty() && !store::idempotency::keep(&mut line.tx, key, print.as_ref(), message, now).await? {
            return Err(reused());
        }
        let answer = load(&mut line, message).await?;
        line.commit().await?;
        Ok(answer)
    }
}

async fn load(line: &mut Timeline, message: Uuid) -> Result<wire::Message, Error> {
    let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
    message.as_ref().map(encode::message).ok_or(Error::NotFound("message"))
}

/// The text to send, as one message the platform takes.
fn check(request: &SendMessageRequest, platform: Platform) -> Result<String, Error> {
    let mut invalid = Invalid::default();
    let key = &request.idempotency_key;
    if key.chars().count() > LONGEST_KEY {
        invalid.add("idempotency_key", "too_long", "has more than 200 characters");
    }
    if key.contains('\0') {
        invalid.add("idempotency_key", "malformed", "must not contain the character U+0000");
    }
    if request.text.contains('\0') {
        invalid.add("text", "malformed", "must not contain the character U+0000");
    }
    let mut parts = split_text(platform, &request.text);
    match parts.len() {
        0 => invalid.add("text", "required", "must not be empty"),
        1 => {}
        _ => invalid.add(
            "text",
            "too_long",
            match platform {
                Platform::Facebook => "has more than 2,000 characters",
                Platform::Instagram => "has more than 1,000 bytes of UTF-8",
            },
        ),
    }
    invalid.into_result(parts.pop())
}

fn refused(cause: Cause) -> Error {
    Error::Precondition { code: cause.as_str(), detail: cause.detail().to_owned() }
}

fn reused() -> Error {
    let detail = "This idempotency key was used for another message.".to_owned();
    Error::Conflict { code: "idempotency_key_reused", detail }
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
        Ok(Response::new(self.send(&caller, request.get_ref()).await?))
    }
}
