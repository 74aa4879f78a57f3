//! What people sort conversations by: labels, notes, filters.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::AI_WINDOW;
use super::names::text_enum;

text_enum! {
    /// How a label is painted.
    LabelColor {
        /// Gray.
        Gray = "gray",
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Green.
        Green = "green",
        /// Blue.
        Blue = "blue",
        /// Purple.
        Purple = "purple",
    }
}

/// A label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Its id.
    pub id: Uuid,
    /// As it was written.
    pub name: String,
    /// How it is painted.
    pub color: LabelColor,
}

/// What somebody wrote about a conversation for colleagues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: Uuid,
    /// About which conversation.
    pub conversation_id: Uuid,
    /// Who wrote it; none when a program did.
    pub author: Option<Uuid>,
    /// What.
    pub text: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// What a list of conversations is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Nothing.
    All,
    /// Not closed.
    Open,
    /// With unread messages.
    Unread,
    /// One member looks after them.
    Mine,
    /// The assistant answers now, and nobody has to act.
    Ai,
    /// Given to a person.
    NeedsHuman,
    /// Unread, not closed, and the assistant's window ends soon.
    ClosingSoon,
    /// Closed.
    Closed,
}

/// How long before its end a window is closing soon.
const SOON: TimeDelta = TimeDelta::hours(4);

/// The customer's last opening event of a window that is closing soon: after the first, and not after the second.
#[must_use]
pub fn closing_soon(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - AI_WINDOW, now - AI_WINDOW + SOON)
}

/// How many conversations each filter would find, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Not closed.
    pub open: u32,
    /// Unread.
    pub unread: u32,
    /// One member's.
    pub mine: u32,
    /// The assistant's.
    pub ai: u32,
    /// Given to a person.
    pub needs_human: u32,
    /// Unread, and the window ends soon.
    pub closing_soon: u32,
}
