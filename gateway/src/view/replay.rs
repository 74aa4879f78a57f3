//! What the assistant would say today.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::assistant::Outcome;
use super::{Time, Unreadable, each, filled, names, time, time_opt};

names! {
    /// How far a replay is.
    ReplayState of pb::ReplayState {
        /// Questions are being asked.
        Running,
        /// Every question was asked.
        Done,
        /// It was given up; what it found until then is there.
        Failed,
    }
}

/// One question asked anew.
#[derive(Serialize, ToSchema)]
pub struct ReplayItem {
    conversation_id: String,
    /// The customer's words.
    question: String,
    /// What the customer would get to read.
    ai_would_say: String,
    outcome: Outcome,
    /// Why it would be handed over; null when it would be answered.
    reason: Option<String>,
    /// What the guard said: `passed`, or the rule that blocked.
    verdict: String,
    /// What was really said after the question; null when nobody answered.
    what_was_said: Option<String>,
    /// The model, or `catalogue` for the answerer that needs none.
    model: String,
}

impl TryFrom<pb::ReplayItem> for ReplayItem {
    type Error = Unreadable;

    fn try_from(told: pb::ReplayItem) -> Result<Self, Unreadable> {
        Ok(Self {
            conversation_id: told.conversation_id,
            question: told.question,
            ai_would_say: told.ai_would_say,
            outcome: told.outcome.try_into()?,
            reason: filled(told.reason),
            verdict: told.verdict,
            what_was_said: filled(told.what_was_said),
            model: told.model,
        })
    }
}

/// What the assistant would say to questions that customers asked. Nothing of it was sent.
#[derive(Serialize, ToSchema)]
pub struct Replay {
    id: String,
    state: ReplayState,
    /// Questions that it will have asked.
    total: u32,
    /// Those that were asked, the newest conversation first. One whose words were taken back is left out.
    items: Vec<ReplayItem>,
    created_at: Time,
    /// Null while it runs.
    ended_at: Option<Time>,
}

impl TryFrom<pb::Replay> for Replay {
    type Error = Unreadable;

    fn try_from(told: pb::Replay) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            state: told.state.try_into()?,
            total: told.total,
            items: each(told.items)?,
            created_at: time(told.created_at, "replay")?,
            ended_at: time_opt(told.ended_at),
        })
    }
}
