//! The service's gRPC methods: who calls, what they ask, one transaction, the answer.

mod entry;
mod export;
mod import;
mod index;
mod privacy;
mod product;
mod search;

use chatdesk_platform::Error;
use uuid::Uuid;

pub use entry::Entries;
pub use export::Export;
pub use import::Imports;
pub use index::Index;
pub use privacy::Privacy;
pub use product::Products;
pub use search::Search;

/// The most that one page or one request names.
const MOST: u32 = 200;

/// The id of something looked up: what cannot be an id does not exist.
fn parse_id(id: &str) -> Result<Uuid, Error> {
    parse_id_of("product", id)
}

fn parse_id_of(noun: &'static str, id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::NotFound(noun))
}
