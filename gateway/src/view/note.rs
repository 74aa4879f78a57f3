//! Notes.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, filled, time};

/// What somebody wrote about a conversation for the others of the business. Never sent, never shown to the assistant.
#[derive(Serialize, ToSchema)]
pub struct Note {
    id: String,
    conversation_id: String,
    /// The member who wrote it; null when a program did.
    author_id: Option<String>,
    text: String,
    created_at: Time,
}

impl TryFrom<pb::Note> for Note {
    type Error = Unreadable;

    fn try_from(note: pb::Note) -> Result<Self, Unreadable> {
        Ok(Self {
            id: note.id,
            conversation_id: note.conversation_id,
            author_id: filled(note.author_id),
            text: note.text,
            created_at: time(note.created_at, "note")?,
        })
    }
}
