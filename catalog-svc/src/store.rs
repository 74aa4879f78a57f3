//! The schema `catalog`: every SQL statement of the service.

pub mod deleted;
pub mod entries;
pub mod entry_vectors;
pub mod erase;
pub mod export;
pub mod imports;
pub mod prices;
pub mod products;
pub mod search;
pub mod serving;
pub mod spellings;
pub mod tenants;
pub mod terms;
pub mod vectors;
