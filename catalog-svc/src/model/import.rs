//! A file that is taken over, and how far it has got.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::sheet::Format;

/// How an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// Waits for its turn.
    Queued,
    /// Is being worked off.
    Running,
    /// Every row has its outcome.
    Done,
    /// The file cannot be taken over.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl ImportState {
    const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more will come of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// What tells that a product of a file is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateBy {
    /// Nothing: products are added only.
    Nothing,
    /// The same sku; where the file has none, the same name.
    Sku,
    /// The same name.
    Name,
}

impl UpdateBy {
    /// The name that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Sku => "sku",
            Self::Name => "name",
        }
    }

    /// The way of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Nothing, Self::Sku, Self::Name].into_iter().find(|way| way.as_str() == name)
    }
}

/// What became of a product of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there.
    Added,
    /// It was there and was changed.
    Updated,
    /// It was there and just so.
    Unchanged,
    /// It cannot be taken.
    Refused,
}

impl Outcome {
    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// The outcome of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Added, Self::Updated, Self::Unchanged, Self::Refused].into_iter().find(|one| one.as_str() == name)
    }
}

/// How many products had which outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Added.
    pub added: i64,
    /// Updated.
    pub updated: i64,
    /// Unchanged.
    pub unchanged: i64,
    /// Refused.
    pub refused: i64,
}

impl Counts {
    /// One more.
    pub const fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Added => self.added += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused => self.refused += 1,
        }
    }
}

/// A file and how far it has got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// UUIDv7.
    pub id: Uuid,
    /// Only shown.
    pub file_name: String,
    /// Seen from its bytes.
    pub format: Format,
    /// Bytes.
    pub size: i64,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Which products are changed instead of added.
    pub update_by: UpdateBy,
    /// How it stands.
    pub state: ImportState,
    /// A stable code when it failed.
    pub failure: String,
    /// Each header of the file with the field it was taken for.
    pub columns: Vec<(String, String)>,
    /// Rows with something in them, once that is known.
    pub rows_total: Option<i64>,
    /// Rows that have their outcome.
    pub rows_done: i64,
    /// Everything up to this line has its outcome.
    pub place: i64,
    /// The outcomes.
    pub counts: Counts,
    /// The user, when it was one.
    pub started_by: Option<Uuid>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it was over.
    pub finished_at: Option<DateTime<Utc>>,
}
