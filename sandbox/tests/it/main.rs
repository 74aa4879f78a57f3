//! The sandbox over its own wire, with a small webhook receiver in the product's place.

#![expect(clippy::expect_used, reason = "a test that cannot set itself up must fail")]

mod control;
mod desk;
mod events;
mod faults;
mod files;
mod graph;
mod groq;
mod login;
mod mail;
mod outgoing;
mod reading;
mod webhooks;
