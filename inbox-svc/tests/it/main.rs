//! The inbox through gRPC, on a real Postgres as its own role, with stand-ins for the assistant and for Meta's side.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod api;
mod desk;
mod echo;
mod event;
mod group;
mod house;
mod ingest;
mod isolation;
mod journal;
mod load;
mod reply;
mod search;
mod send;
mod stats;
mod sweep;
mod upload;
mod vendors;
