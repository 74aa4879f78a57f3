//! The service's gRPC methods: who calls, what they ask, one transaction, the answer.

mod index;
mod product;
mod search;

use chatdesk_platform::Error;
use uuid::Uuid;

pub use index::Index;
pub use product::Products;
pub use search::Search;

/// The most that one page or one request names.
const MOST: u32 = 200;

/// The id of something looked up: what cannot be an id does not exist.
fn parse_id(id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::NotFound("product"))
}
