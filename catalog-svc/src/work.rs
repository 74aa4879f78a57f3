//! Background work: texts that wait for their vectors, and the sweep that finds texts a model has none for.

mod backfill;
mod embeddings;

pub use backfill::Backfill;
pub use embeddings::{Embeddings, Task};

/// Due work of this kind: the entity is a product whose vector is missing or of an older text.
pub const EMBED: &str = "embed";
