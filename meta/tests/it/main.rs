//! The crate as its callers see it: whole webhook bodies, and the Graph client against a real socket.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must fail")]

mod errors;
mod events;
mod fuzz;
mod graph;
mod hostile;
mod login;
mod outgoing;
mod payloads;
mod server;
mod thread;
mod upload;
