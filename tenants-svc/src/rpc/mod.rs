//! The gRPC side: who calls, what they mean, one transaction, an answer. One room per proto service.

mod account;
mod admin;
mod attachment;
mod audit;
mod channel;
mod connect;
mod deletion;
mod directory;
mod grant;
mod login;
mod members;
mod notice;
mod own;
mod privacy;
mod reading;
mod reset;
mod saved_reply;
mod sending;
mod settings;
mod team;
mod totp;
mod transfer;
mod usage;
mod wire;
