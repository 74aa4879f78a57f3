//! Background work: texts that wait for their vectors, and the sweep that finds texts a model has none for and forgets what was deleted.

mod backfill;
mod embeddings;
mod import;
mod leave;

use chatdesk_platform::db::erase::Erase as _;
use chatdesk_platform::db::export::Share as _;
use chrono::TimeDelta;

pub use backfill::Backfill;
pub use embeddings::{Embeddings, Kind, Task};
pub use import::{IMPORT, Importer};
pub use leave::{CatalogShare, EraseCatalog};

/// Due work of this kind: the entity is a product, or an entry, whose vector is missing or of an older text.
pub const EMBED: &str = "embed";

/// Every kind of work of this service.
pub const KINDS: &[&str] = &[EMBED, IMPORT, CatalogShare::KIND, EraseCatalog::KIND];

/// Once set aside, it has shown that it failed.
pub const ENDED: &[&str] = &[IMPORT];
/// These are made anew as long as rows ask for them.
pub const OWED: &[&str] = &[EMBED, CatalogShare::KIND, EraseCatalog::KIND];

/// How long a deleted product can be brought back.
pub const KEPT_ASIDE: TimeDelta = TimeDelta::hours(24);
