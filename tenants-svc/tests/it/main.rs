//! The service through its own gRPC, on a real Postgres as its own role, with a stand-in for Meta.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of this crate is tests")]

mod account;
mod admin;
mod attachment;
mod channel;
mod check;
mod connect;
mod deauthorize;
mod graph;
mod house;
mod isolation;
mod member;
mod own;
mod reading;
mod saved_reply;
mod sending;
mod session;
mod settings;
mod start;
mod transfer;
mod usage;
