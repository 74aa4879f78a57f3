//! The gRPC side: who calls, what they mean, one transaction, an answer. One room per proto service.

mod account;
mod admin;
mod channel;
mod settings;
mod usage;
mod wire;
