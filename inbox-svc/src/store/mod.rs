//! SQL and nothing else, by noun. Row security names the tenant, so no statement here does.

pub mod contacts;
pub mod conversations;
pub mod erase;
pub mod erasures;
pub mod events;
pub mod export;
pub mod idempotency;
pub mod items;
pub mod journal;
pub mod labels;
pub mod lists;
pub mod messages;
pub mod notes;
pub mod outcomes;
pub mod overdue;
pub mod people;
pub mod replays;
pub mod routing;
pub mod savepoint;
pub mod stats;
pub mod sync;
pub mod terms;
pub mod unanswered;

use std::str::FromStr;

use chatdesk_platform::Error;

/// A stored name as its enum. A name we do not know is a newer version's, or a defect.
fn known<T: FromStr>(text: &str) -> Result<T, Error>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.parse().map_err(Error::internal)
}
