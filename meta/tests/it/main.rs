//! The crate as its callers see it: whole webhook bodies, and the Graph client against a real socket.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must fail")]

mod graph;
mod hostile;
mod payloads;
mod server;
mod upload;
