//! What Meta sent, item by item, and what became of each.

use chatdesk_proto::inbox::v1 as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Time, Unreadable, each, filled, names, time, time_opt};

names! {
    /// What became of an item.
    ItemOutcome of pb::ItemOutcome {
        /// A message of its own.
        Stored,
        /// It changed what was there: a receipt, reaction, edit, unsend or handover.
        Status,
        /// It waits for the message it speaks of, for 36 hours.
        Parked,
        /// Nothing to do; the reason says why.
        Ignored,
        /// Already known.
        Deduplicated,
        /// Could not be taken; the reason says why.
        Failed,
        /// Kept for a newer version.
        Waiting,
    }
}

/// One item of a webhook.
#[derive(Serialize, ToSchema)]
pub struct JournalItem {
    /// Opaque.
    id: String,
    channel_id: String,
    /// Such as `message`, `echo`, `reaction`, `read` or `changes.feed`.
    kind: String,
    outcome: ItemOutcome,
    /// Why, as a fixed word or an error's text.
    reason: Option<String>,
    created_at: Time,
    /// The message it made or changed.
    message_id: Option<String>,
    /// That message's conversation.
    conversation_id: Option<String>,
    /// When it was last worked off again.
    redriven_at: Option<Time>,
    /// What Meta sent is still kept, so it can be worked off again.
    can_redrive: bool,
    /// What Meta sent, as JSON text. Only when one item is asked for, and while it is kept.
    raw: Option<String>,
}

impl TryFrom<pb::JournalItem> for JournalItem {
    type Error = Unreadable;

    fn try_from(told: pb::JournalItem) -> Result<Self, Unreadable> {
        Ok(Self {
            id: told.id,
            channel_id: told.channel_id,
            kind: told.kind,
            outcome: told.outcome.try_into()?,
            reason: filled(told.reason),
            created_at: time(told.created_at, "journal item")?,
            message_id: filled(told.message_id),
            conversation_id: filled(told.conversation_id),
            redriven_at: time_opt(told.redriven_at),
            can_redrive: told.can_redrive,
            raw: filled(told.raw),
        })
    }
}

/// What was begun.
#[derive(Serialize, ToSchema)]
pub struct Redriven {
    /// Items that will be worked off again, in the background.
    count: u32,
}

impl TryFrom<pb::RedriveResponse> for Redriven {
    type Error = Unreadable;

    fn try_from(told: pb::RedriveResponse) -> Result<Self, Unreadable> {
        Ok(Self { count: told.count })
    }
}

/// How many items came to an outcome.
#[derive(Serialize, ToSchema)]
pub struct OutcomeCount {
    outcome: ItemOutcome,
    count: u64,
}

impl TryFrom<pb::OutcomeCount> for OutcomeCount {
    type Error = Unreadable;

    fn try_from(told: pb::OutcomeCount) -> Result<Self, Unreadable> {
        Ok(Self { outcome: told.outcome.try_into()?, count: told.count })
    }
}

/// How a channel compares with what Meta keeps.
#[derive(Serialize, ToSchema)]
pub struct ChannelSync {
    channel_id: String,
    /// Everything up to then was compared; null while the history is still being fetched.
    synced_to: Option<Time>,
    /// When it was last compared, or tried.
    checked_at: Option<Time>,
    /// Messages from before the page was connected.
    history_count: u64,
    /// Messages that Meta never told us of.
    recovered_count: u64,
    /// Why the last comparison did not end.
    last_error: Option<String>,
}

impl TryFrom<pb::ChannelSync> for ChannelSync {
    type Error = Unreadable;

    fn try_from(told: pb::ChannelSync) -> Result<Self, Unreadable> {
        Ok(Self {
            channel_id: told.channel_id,
            synced_to: time_opt(told.synced_to),
            checked_at: time_opt(told.checked_at),
            history_count: told.history_count,
            recovered_count: told.recovered_count,
            // What was passed over, and not what ended it: the same words for people.
            last_error: filled(told.last_error.trim_start_matches("missed_").to_owned()),
        })
    }
}

/// What came of a period.
#[derive(Serialize, ToSchema)]
pub struct JournalSummary {
    /// Those that occurred.
    outcomes: Vec<OutcomeCount>,
    /// One per channel that was ever compared with Meta.
    channels: Vec<ChannelSync>,
}

impl TryFrom<pb::JournalSummary> for JournalSummary {
    type Error = Unreadable;

    fn try_from(told: pb::JournalSummary) -> Result<Self, Unreadable> {
        Ok(Self { outcomes: each(told.outcomes)?, channels: each(told.channels)? })
    }
}
