//! Live sockets: one stream of a tenant's events, fanned out to all sockets of that tenant.
//!
//! Owns: frames, who sits where, order and gaps. A socket sees every `seq` at most once and in order; where that cannot be kept it
//! is told to load everything again. Refuses: anything about another tenant, and slow or noisy clients.

mod follow;
mod frame;
mod hub;
mod inbound;
mod shared;
mod socket;

pub use hub::{Ending, Hub, Member};
pub use shared::{Changed, Note};
pub use socket::serve;
