//! Questions that the assistant had no answer to.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, time};

/// What customers asked and the assistant could not answer.
#[derive(Serialize, ToSchema)]
pub struct UnansweredQuestion {
    id: String,
    /// The customer's words when it was last asked, at most 1,000 characters.
    question: String,
    /// Where it was last asked.
    conversation_id: String,
    /// Why it was handed over then, such as `nothing_found` or `guard_blocked`.
    reason: String,
    /// How often it was asked, marks, case and signs aside.
    asked_count: u32,
    first_asked_at: Time,
    last_asked_at: Time,
}

impl TryFrom<pb::UnansweredQuestion> for UnansweredQuestion {
    type Error = Unreadable;

    fn try_from(told: pb::UnansweredQuestion) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            question: told.question,
            conversation_id: told.conversation_id,
            reason: told.reason,
            asked_count: told.asked_count,
            first_asked_at: time(told.first_asked_at, "question")?,
            last_asked_at: time(told.last_asked_at, "question")?,
        })
    }
}
