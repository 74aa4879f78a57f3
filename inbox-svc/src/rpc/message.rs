//! Messages: read, and written by people.

use aws_lc_rs::digest;
use chatdesk_meta::{Platform, split_text};
use chatdesk_platform::db::Handler as _;
use chatdesk_platform::{Caller, Error, Invalid, grpc};
use chatdesk_proto::inbox::v1 as wire;
use chatdesk_proto::inbox::v1::message_service_server::MessageService;
use chatdesk_proto::inbox::v1::{ListMessagesRequest, ListMessagesResponse, RetryMessageRequest, SendMessageRequest};
use chatdesk_proto::tenants::v1::channel_service_client::ChannelServiceClient;
use chatdesk_proto::tenants::v1::{AttachmentKind, GetAttachmentRequest};
use tonic::{Code, Request, Response, Status};
use uuid::Uuid;

use super::cursor::Cursor;
use super::{id_of, limit};
use crate::desk::Desk;
use crate::encode;
use crate::model::{Attachment, Author, Cause, MessageStatus, SenderType, Step, Tag, Thread};
use crate::store;
use crate::timeline::{Timeline, Written};
use crate::work::Send;

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
        // Asked outside of the transaction; what is wrong with it is told after it is known whose conversation it is.
        let upload = match request.attachment_id.as_str() {
            "" => None,
            upload => Some(self.upload(caller, upload).await?),
        };
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let body = check(request, &thread, upload)?;
        let key = request.idempotency_key.as_str();
        let said = match &body {
            Body::Text(text) => format!("{id}\n{text}"),
            // No text holds NUL.
            Body::Upload(upload) => format!("{id}\n\0{}", upload.id),
        };
        let print = digest::digest(&digest::SHA256, said.as_bytes());
        if !key.is_empty()
            && let Some((known, message)) = store::idempotency::find(&mut line.tx, key).await?
        {
            if known != print.as_ref() {
                return Err(reused());
            }
            return load(&mut line, message).await;
        }
        may_write(&mut line, &thread).await?;
        let author = caller.user().map(|user| user.0);
        let (text, upload) = match &body {
            Body::Text(text) => (text.as_str(), None),
            Body::Upload(upload) => ("", Some((upload.id, upload.shown.clone()))),
        };
        let written = Written { text, upload, author, key };
        let message = line.queue_persons(&mut thread, &written).await?;
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

    /// An upload of the tenant, as tenants-svc knows it.
    async fn upload(&self, caller: &Caller, id: &str) -> Result<Option<Upload>, Error> {
        let deadline = self.desk.config.ask_deadline;
        let asked = async {
            let client = self.desk.tenants.own_client(caller.tenant(), deadline)?;
            ChannelServiceClient::new(client).get_attachment(GetAttachmentRequest { id: id.to_owned() }).await
        };
        match tokio::time::timeout(deadline, asked).await {
            Ok(Ok(found)) => {
                let found = found.into_inner();
                let kind = match found.kind() {
                    AttachmentKind::Image => "image",
                    AttachmentKind::Audio => "audio",
                    AttachmentKind::Video => "video",
                    AttachmentKind::File | AttachmentKind::Unspecified => "file",
                };
                let ids = found.id.parse().ok().zip(found.channel_id.parse().ok());
                let shown = Attachment { kind: kind.to_owned(), url: String::new(), title: found.name };
                Ok(ids.map(|(id, channel)| Upload { id, channel, shown }))
            }
            Ok(Err(status)) if matches!(status.code(), Code::NotFound | Code::InvalidArgument) => Ok(None),
            failed => {
                let code = failed.map(|answer| answer.map_err(|status| status.code()).err());
                tracing::warn!(?code, "cannot look an upload up");
                Err(Error::Unavailable("the uploads"))
            }
        }
    }

    async fn retry(&self, caller: &Caller, request: &RetryMessageRequest) -> Result<wire::Message, Error> {
        let id = id_of(&request.conversation_id, "conversation")?;
        let message = id_of(&request.message_id, "message")?;
        let mut line = Timeline::begin(&self.desk, caller).await?;
        let thread = store::conversations::lock(&mut line.tx, id).await?;
        let mut thread = thread.ok_or(Error::NotFound("conversation"))?;
        let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
        let message = message.filter(|message| message.conversation_id == id);
        let mut message = message.ok_or(Error::NotFound("message"))?;
        if message.sender != SenderType::Business || message.status != MessageStatus::Failed {
            let detail = "Only a person's message that failed can be sent again.".to_owned();
            return Err(Error::Precondition { code: "not_failed", detail });
        }
        may_write(&mut line, &thread).await?;
        let now = line.now;
        line.step(&mut message, Step::Retry, None, None).await?;
        store::messages::set_waiting(&mut line.tx, message.id, now).await?;
        thread.person_retried(self.desk.config.ai_pause, now);
        thread.added(message.id, now);
        if thread.reply_due_at.is_none() {
            line.unschedule_reply(id).await?;
        }
        line.save(&thread).await?;
        line.schedule(Send::KIND, id, now).await?;
        let answer = load(&mut line, message.id).await?;
        line.commit().await?;
        Ok(answer)
    }
}

/// A file that can be sent.
struct Upload {
    id: Uuid,
    channel: Uuid,
    shown: Attachment,
}

/// What a message says.
enum Body {
    Text(String),
    Upload(Upload),
}

/// Whether a person may write here now; the cause when not.
async fn may_write(line: &mut Timeline, thread: &Thread) -> Result<(), Error> {
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
    Ok(())
}

async fn load(line: &mut Timeline, message: Uuid) -> Result<wire::Message, Error> {
    let message = store::messages::by_ids(&mut line.tx, &[message]).await?.pop();
    message.as_ref().map(encode::message).ok_or(Error::NotFound("message"))
}

/// What to send, as one message the platform takes. `upload` is none without an attachment, and holds none when there is no such upload.
fn check(request: &SendMessageRequest, thread: &Thread, upload: Option<Option<Upload>>) -> Result<Body, Error> {
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
    if let Some(upload) = upload {
        if !request.text.is_empty() {
            invalid.add("attachment_id", "exclusive", "goes without a text");
        }
        let upload = upload.filter(|upload| upload.channel == thread.channel_id);
        if upload.is_none() {
            invalid.add("attachment_id", "unknown", "is no upload of this conversation's channel");
        }
        return invalid.into_result(upload.map(Body::Upload));
    }
    let mut parts = split_text(thread.platform, &request.text);
    match parts.len() {
        0 => invalid.add("text", "required", "must not be empty"),
        1 => {}
        _ => invalid.add(
            "text",
            "too_long",
            match thread.platform {
                Platform::Facebook => "has more than 2,000 characters",
                Platform::Instagram => "has more than 1,000 bytes of UTF-8",
            },
        ),
    }
    invalid.into_result(parts.pop().map(Body::Text))
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

    async fn retry_message(&self, request: Request<RetryMessageRequest>) -> Result<Response<wire::Message>, Status> {
        let caller = grpc::caller(&request)?;
        Ok(Response::new(self.retry(&caller, request.get_ref()).await?))
    }
}
