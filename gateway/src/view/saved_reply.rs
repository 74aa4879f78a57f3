//! Texts that a business's people send often.

use chatdesk_proto::tenants::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, time};

/// A text that is sent often.
#[derive(Serialize, ToSchema)]
pub struct SavedReply {
    id: String,
    /// Unique in the business, whatever the case.
    #[schema(example = "gia-ship")]
    shortcut: String,
    /// `{name}` and `{shop}` stand for the customer's name and the business's.
    text: String,
    updated_at: Time,
}

impl TryFrom<pb::SavedReply> for SavedReply {
    type Error = Unreadable;

    fn try_from(told: pb::SavedReply) -> Result<Self, Unreadable> {
        let updated_at = time(told.updated_at, "saved reply")?;
        Ok(Self { id: told.id, shortcut: told.shortcut, text: told.text, updated_at })
    }
}
