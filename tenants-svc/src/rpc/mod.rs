//! The gRPC side: who calls, what they mean, one transaction, an answer. One room per proto service.

mod account;
mod admin;
mod attachment;
mod channel;
mod login;
mod own;
mod saved_reply;
mod settings;
mod usage;
mod wire;
