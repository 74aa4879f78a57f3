//! The inbox through gRPC, on a real Postgres as its own role, with stand-ins for the assistant and for Meta's side.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod api;
mod content;
mod desk;
mod disorder;
mod echo;
mod event;
mod group;
mod held;
mod house;
mod ingest;
mod instances;
mod isolation;
mod items;
mod journal;
mod load;
mod locks;
mod order;
mod payloads;
mod place;
mod reconcile;
mod reply;
mod revision;
mod rough;
mod search;
mod send;
mod settle;
mod shelf;
mod standing;
mod stats;
mod sweep;
mod upload;
mod vendors;
