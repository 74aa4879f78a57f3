//! Background work.

pub mod expiry;
