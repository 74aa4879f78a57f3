//! The gRPC side: who calls, what they mean, one transaction, an answer. One room per proto service.

mod account;
mod admin;
mod attachment;
mod channel;
mod connect;
mod deletion;
mod grant;
mod login;
mod own;
mod reading;
mod saved_reply;
mod sending;
mod settings;
mod transfer;
mod usage;
mod wire;
