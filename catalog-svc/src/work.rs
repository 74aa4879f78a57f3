//! Background work: texts that wait for their vectors, and the sweep that finds texts a model has none for and forgets what was deleted.

mod backfill;
mod embeddings;
mod import;

use chrono::TimeDelta;

pub use backfill::Backfill;
pub use embeddings::{Embeddings, Kind, Task};
pub use import::{IMPORT, Importer};

/// Due work of this kind: the entity is a product, or an entry, whose vector is missing or of an older text.
pub const EMBED: &str = "embed";

/// How long a deleted product can be brought back.
pub const KEPT_ASIDE: TimeDelta = TimeDelta::hours(24);
