//! The service through its wire: a real model and real gRPC, with the catalogue, the settings and the language model played by this test.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of this crate is tests")]

mod answers;
mod bad_input;
mod deadlines;
mod fakes;
mod hostile;
mod indexing;
mod recheck;
mod retrieval;
mod world;
