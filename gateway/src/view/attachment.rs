//! Files that were uploaded for messages to come.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Unreadable, names};

names! {
    /// What the customer sees a file as.
    AttachmentKind of pb::AttachmentKind { Image, Audio, Video, File }
}

/// A file that Meta keeps; a message of the same channel can name it.
#[derive(Serialize, ToSchema)]
pub struct Upload {
    id: String,
    kind: AttachmentKind,
    name: String,
    /// Bytes.
    size: u64,
    content_type: String,
}

impl TryFrom<pb::UploadedAttachment> for Upload {
    type Error = Unreadable;

    fn try_from(told: pb::UploadedAttachment) -> Result<Self, Unreadable> {
        let kind = told.kind.try_into()?;
        Ok(Self { id: told.id, kind, name: told.name, size: told.size, content_type: told.content_type })
    }
}
