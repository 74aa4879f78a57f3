//! The service through its own gRPC, on a real Postgres as its own role, with a stand-in for Meta.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of this crate is tests")]

mod account;
mod admin;
mod attachment;
mod audit;
mod channel;
mod check;
mod connect;
mod deauthorize;
mod directory;
mod graph;
mod house;
mod invitation;
mod isolation;
mod member;
mod own;
mod post;
mod privacy;
mod reading;
mod reset;
mod saved_reply;
mod sealing;
mod sending;
mod session;
mod settings;
mod start;
mod team;
mod throttle;
mod totp;
mod transfer;
mod usage;
mod visit;
mod work;
