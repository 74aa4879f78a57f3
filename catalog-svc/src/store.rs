//! The schema `catalog`: every SQL statement of the service.

pub mod deleted;
pub mod products;
pub mod search;
pub mod tenants;
pub mod terms;
pub mod vectors;
