//! How services call each other: the same clients, identities, deadlines and limits in one process as in many.

mod bearer;
mod client;
mod server;
mod tls;

pub(crate) use client::is_loopback;
pub use client::{Attach, Client, ConnectError, Peer, Transport, TransportError};
pub use server::{Guard, Guarded, ServeError, caller, serve};
pub use tls::Tls;

/// Carries the request's id from the edge through every call.
pub const REQUEST_ID: &str = "x-request-id";

/// The largest message in bytes that a service takes: a webhook body of 8 MiB with its envelope.
pub const MAX_MESSAGE: usize = 9 * 1024 * 1024;

/// The largest answer in bytes that is taken from one of our services: 200 messages, each with a text of 20,000 characters and 30 attachments
/// with addresses of 4,000.
pub const MAX_ANSWER: usize = 64 * 1024 * 1024;
