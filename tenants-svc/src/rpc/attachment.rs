//! Files on their way to Meta: streamed through, never held. No transaction is open while Meta is asked.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use chatdesk_meta::MediaKind;
use chatdesk_meta::graph::UploadOutcome;
use chatdesk_platform::{Caller, Error, Invalid, new_id};
use chatdesk_proto::tenants::v1 as pb;
use chatdesk_proto::tenants::v1::upload_attachment_request::Part;
use futures::Stream;
use tonic::Streaming;

use super::reading::CUSTOMER;
use super::sending::{METADATA, Message, tag};
use super::wire;
use crate::Service;
use crate::attachment::{self, Attachment, KEPT, LARGEST_CHUNK};
use crate::channel::Outcome;
use crate::health::Trouble;
use crate::held::refusal;
use crate::model;
use crate::store::attachment as rows;

impl Service {
    pub(super) async fn upload(
        &self,
        caller: &Caller,
        mut parts: Streaming<pb::UploadAttachmentRequest>,
    ) -> Result<Attachment, Error> {
        let first = parts.message().await.map_err(|_| broken())?.and_then(|request| request.part);
        let Some(Part::Start(start)) = first else {
            return Err(Error::invalid("start", "required", "comes first"));
        };
        let id = wire::id(&start.channel_id, "channel")?;
        let held = self.held(caller, id).await?;
        let file = attachment::announced(held.channel.platform, &start.file_name, &start.content_type, start.size)?;
        let token = held.usable_token().map_err(|refused| refusal(&refused))?;
        let account = held.channel.account(token);
        let platform_id = match self.state.graph.upload(&account, &file, Chunks(parts)).await {
            UploadOutcome::Kept { attachment_id } => attachment_id,
            UploadOutcome::Refused { reason, code, subcode, fbtrace_id } => {
                tracing::info!(channel = %id, reason = reason.as_str(), code, subcode, fbtrace_id, "Meta refused a file");
                if let Some(trouble) = Trouble::of_refusal(reason, code, subcode) {
                    self.note(caller, &held, trouble).await;
                }
                return Err(attachment::refused(reason));
            }
            UploadOutcome::TryLater { after } => {
                return Err(Error::Exhausted { code: "rate_limited", retry_after: Some(after) });
            }
            UploadOutcome::Unavailable => return Err(Error::Unavailable("Meta")),
            UploadOutcome::Broken => return Err(broken()),
        };
        let uploaded = Attachment {
            id: new_id(),
            channel: id,
            platform_id,
            kind: file.kind,
            name: file.name,
            size: file.size,
            content_type: file.content_type,
        };
        let mut tx = self.state.db.begin(caller).await?;
        rows::insert(&mut tx, &uploaded, self.state.clock.now()).await?;
        tx.commit().await?;
        Ok(uploaded)
    }

    pub(super) async fn uploaded(&self, caller: &Caller, id: &str) -> Result<Attachment, Error> {
        let id = wire::id(id, "attachment")?;
        let mut tx = self.state.db.begin(caller).await?;
        let attachment = rows::get(&mut tx, id, self.state.clock.now() - KEPT).await?;
        tx.commit().await?;
        Ok(attachment)
    }

    pub(super) async fn send_uploaded(
        &self,
        caller: &Caller,
        request: &pb::SendAttachmentRequest,
    ) -> Result<Outcome, Error> {
        let channel = wire::id(&request.channel_id, "channel")?;
        let mut invalid = Invalid::default();
        let recipient = invalid.check("recipient_id", model::needed_text(&request.recipient_id, CUSTOMER));
        let metadata = invalid.check("metadata", model::text(&request.metadata, METADATA));
        let tag = invalid.check("tag", tag(request.tag()));
        let ((recipient, metadata), tag) = invalid.into_result(recipient.zip(metadata).zip(tag))?;
        let held = self.held(caller, channel).await?;
        let attachment = self.uploaded(caller, &request.attachment_id).await?;
        if attachment.channel != channel {
            return Err(Error::NotFound("attachment"));
        }
        let message = Message::Attachment(attachment.kind, &attachment.platform_id);
        self.deliver(caller, held, &recipient, message, &metadata, tag).await
    }
}

fn broken() -> Error {
    Error::invalid("chunk", "broken", "the file did not come whole")
}

/// An uploaded file on the wire.
pub fn encode(attachment: Attachment) -> pb::UploadedAttachment {
    let kind = match attachment.kind {
        MediaKind::Image => pb::AttachmentKind::Image,
        MediaKind::Audio => pb::AttachmentKind::Audio,
        MediaKind::Video => pb::AttachmentKind::Video,
        MediaKind::File => pb::AttachmentKind::File,
    };
    pb::UploadedAttachment {
        id: attachment.id.to_string(),
        channel_id: attachment.channel.to_string(),
        kind: kind.into(),
        name: attachment.name,
        size: attachment.size,
        content_type: attachment.content_type,
    }
}

/// The bytes behind the first message. Whatever else comes breaks the file off.
struct Chunks(Streaming<pb::UploadAttachmentRequest>);

impl Stream for Chunks {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        Poll::Ready(match ready!(Pin::new(&mut self.0).poll_next(context)) {
            None => None,
            Some(Ok(pb::UploadAttachmentRequest { part: Some(Part::Chunk(chunk)) }))
                if chunk.len() <= LARGEST_CHUNK =>
            {
                Some(Ok(chunk.into()))
            }
            Some(Ok(_)) => Some(Err(io::ErrorKind::InvalidData.into())),
            Some(Err(status)) => Some(Err(io::Error::other(status))),
        })
    }
}
